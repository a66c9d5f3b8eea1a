"""How the rows of a write are sent: what is the same in each of its calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiozcrm._protocol import json_bytes
from aiozcrm.batch import OutcomeStatus
from aiozcrm.resources.records._lists import moment_of, names_of
from aiozcrm.resources.records._queries import WriteOptions

__all__ = ["ROWS_A_WRITE", "Write"]

#: https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html
ROWS_A_WRITE: Final = 100

_NOTHING: Final[Mapping[str, Any]] = {}


class Write:
    """How the rows of one write are sent.

    Args:
        method: The method.
        status: The word for a success; None for an upsert, of which each row says what it was.
        options: What goes along with every call.
        behind: What stands behind the module.
        key: The field by which rows are found again after a lost answer.
        check_fields: The fields by which an upsert looks for the same record.
        query: The query.

    Attributes:
        headers: What is sent besides.
        beside: What stands beside the rows, as the inside of a JSON object.
        repeatable: Whether a second send does no more than the first, if the rows agree.
        is_unique: Whether Zoho itself keeps *key* unique.
        is_looked_up: Whether it may have to be told what a call has created whose answer was lost.
        clock: A moment of the monotonic clock and the same of Zoho's; None if that is not known.
    """

    def __init__(
        self,
        method: str,
        status: OutcomeStatus | None,
        options: WriteOptions,
        *behind: str,
        key: str | None = None,
        check_fields: Sequence[str] | None = None,
        query: Mapping[str, Any] = _NOTHING,
    ) -> None:
        unknown = options.keys() - WriteOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"a write of records takes no {', '.join(sorted(unknown))}")
        beside: dict[str, Any] = {
            name: value for name, value in options.items() if value is not None
        }
        since = beside.pop("if_unmodified_since", None)
        if check_fields is not None:
            beside["duplicate_check_fields"] = names_of(check_fields)
        self.method = method
        self.status = status
        self.behind = behind
        self.query = query
        self.headers: Mapping[str, str] = (
            {} if since is None else {"If-Unmodified-Since": moment_of(since)}
        )
        self.beside = json_bytes(beside)[1:-1]
        self.key = None if key is None else names_of([key])[0]
        self.is_unique = False
        # After a change of our own, a second send would find the record changed.
        self.repeatable = since is None and status != "created"
        self.clock: tuple[float, float] | None = None
        self.is_looked_up = key is not None or status is None
