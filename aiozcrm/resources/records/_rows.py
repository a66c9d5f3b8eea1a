"""Rows of records on their way to Zoho: checked, encoded once, and sorted into calls."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Final

from aiozcrm._protocol import Json, check_record_id, json_bytes
from aiozcrm.errors import InvalidInputError

__all__ = [
    "ONCE",
    "REPEATABLE",
    "Row",
    "UpsertRows",
    "body_of",
    "check_value",
    "has_new_parts",
    "reader_of_new",
    "reader_of_updates",
    "record_of",
]

_NOTHING: Final[Mapping[str, Any]] = {}
_LISTS: Final = frozenset({list, tuple})

#: Rows of these lanes may be sent again after a lost answer; others may not.
REPEATABLE: Final = "repeatable"
ONCE: Final = "once"


class Row:
    """One row of a write.

    Attributes:
        content: The row, encoded.
        name: The id or external id that it names; empty where it has none.
        value: What it can be found again by, after a lost answer; None where there is nothing.
        keys: What it shares with rows that must not travel with it; None until that is known.
        lane: Which rows may share a call with it; None if it travels alone.
        record: What it was made of, if that is needed later.
    """

    __slots__ = ("content", "keys", "lane", "name", "record", "value")

    def __init__(
        self,
        content: bytes,
        *,
        name: str = "",
        value: str | None = None,
        keys: Sequence[Hashable] | None = None,
        lane: Hashable = ONCE,
        record: Mapping[str, Any] = _NOTHING,
    ) -> None:
        self.content = content
        self.name = name
        self.value = value
        self.keys = keys
        self.lane = lane
        self.record = record


def body_of(rows: Iterable[Row], options: bytes) -> Json:
    """Return the body of a call for these rows.

    Args:
        rows: The rows.
        options: What stands beside them, as the encoded inside of an object.
    """
    data = b", ".join([row.content for row in rows])
    return Json.encoded(b'{"data": [%b]%b}' % (data, b", " + options if options else b""))


def check_value(value: object) -> str | None:
    """Return a value as Zoho compares it where values are to be unique; None for an empty one."""
    text = str(value).strip().casefold() if isinstance(value, (str, int, float)) else ""
    return text or None


def reader_of_new(key: str | None) -> Callable[[object], Row]:
    """Return what makes rows of records that are to be created.

    Args:
        key: The field by which a row is found again after a lost answer.
    """

    def read(raw: object) -> Row:
        record = record_of(raw)
        value = None
        if key is not None:
            value = check_value(record.get(key))
            if value is None:
                raise InvalidInputError(
                    f"A row has no {key}, by which it could be found again.",
                    hint="Give each row a value for the field that key= names.",
                )
        return Row(json_bytes(record), value=value, lane=_lane(record, ONCE))

    return read


def reader_of_updates(external_id: str | None) -> Callable[[object], Row]:
    """Return what makes rows of changes.

    Args:
        external_id: The field that stands for the id.
    """

    def read(raw: object) -> Row:
        record = record_of(raw)
        if external_id is not None:
            name = str(record.get(external_id) or "")
            if not name:
                raise InvalidInputError(f"A row has no {external_id}, which stands for its id.")
        elif "id" not in record:
            raise InvalidInputError("A row has no id.", hint="Say which record it changes.")
        else:
            name = check_record_id(record["id"])
            record = {**record, "id": name}
        lane = ONCE if has_new_parts(record) else REPEATABLE
        return Row(json_bytes(record), name=name, keys=(name,), lane=_lane(record, lane))

    return read


class UpsertRows:
    """Reads rows of upserts, and knows what they share.

    Args:
        named: The fields that the caller wants compared; none for the module's own.
    """

    def __init__(self, named: Sequence[str]) -> None:
        self.fields: list[str] = list(named)

    def read(self, raw: object) -> Row:
        """Return the row of a record."""
        record = record_of(raw)
        return Row(json_bytes(record), record=record)

    def keys(self, row: Row) -> Sequence[Hashable]:
        """Return the values by which Zoho takes a row for the same record as another."""
        if row.keys is None:
            record = row.record
            pairs = [(field, check_value(record.get(field))) for field in self.fields]
            row.keys = [pair for pair in pairs if pair[1] is not None]
            if "id" in record:
                row.keys = [*row.keys, ("id", str(record["id"]))]
        return row.keys

    def lane(self, row: Row) -> Hashable:
        """Return which rows may share a call with this one.

        A row without a value to compare is an insert, which must not be sent again.
        """
        repeatable = bool(self.keys(row)) and not has_new_parts(row.record)
        return _lane(row.record, REPEATABLE if repeatable else ONCE)


def record_of(raw: object) -> Mapping[str, Any]:
    """Return what is given as a record.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is empty.
        TypeError: If it is no mapping, or a name is no text.
    """
    if not isinstance(raw, Mapping):
        raise TypeError(f"a record is a mapping, not {type(raw).__name__}")
    if not raw:
        raise InvalidInputError("A record must not be empty.")
    for kind in set(map(type, raw)):
        if not issubclass(kind, str):
            raise TypeError(f"the name of a field is a str, not {kind.__name__}")
    return raw


def _lane(record: Mapping[str, Any], lane: str) -> str | None:
    """Return the lane of a row; None for an event that recurs, of which Zoho makes several.

    https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html
    """
    return None if record.get("Recurring_Activity") else lane


def has_new_parts(record: Mapping[str, Any]) -> bool:
    """Return whether a second send would append the same rows to a subform again.

    https://www.zoho.com/crm/developer/docs/api/v7/update-subforms.html
    """
    # Most rows have no list at all, which is seen at once.
    if _LISTS.isdisjoint(map(type, record.values())):
        return False
    return any(
        isinstance(part, Mapping) and "id" not in part
        for value in record.values()
        if type(value) in _LISTS
        for part in value
    )
