"""The call that a query in COQL is, whoever asks."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiozcrm._protocol import ApiCall, Json, Reply
from aiozcrm.resources._api import Api
from aiozcrm.resources._results import check_value, unreadable, value_of

__all__ = ["ROWS_A_CALL", "SCOPES", "check_order", "read_rows"]

#: The most rows that one call hands out.
#: https://www.zoho.com/crm/developer/docs/api/v7/COQL-Limitations.html
ROWS_A_CALL: Final = 2_000

#: A query reads and does nothing else.
SCOPES: Final = ("ZohoCRM.coql.READ", "ZohoCRM.modules.READ")

_IS_BEHIND: Final = {"asc": operator.gt, "desc": operator.lt}


async def read_rows(api: Api, statement: str) -> tuple[Any, Reply]:
    """Return what one call hands out of a statement's rows, not checked yet, and its answer.

    Raises:
        aiozcrm.errors.ZohoError: If the call failed; the class says why.
    """

    def check(reply: Reply) -> None:
        check_value(call, reply, "data")

    call = ApiCall(
        "POST",
        "coql",
        body=Json({"select_query": statement}),
        repeatable=True,
        heavy=True,
        check=check,
        scopes=SCOPES,
    )
    reply = await api.transport.call(call)
    return value_of(call, reply, "data"), reply


def check_order(rows: Sequence[Mapping[str, Any]], order: str, after: str, reply: Reply) -> None:
    """Check that each row is behind the one before it, in the order of their ids.

    Args:
        rows: The rows of a page.
        order: ``asc`` or ``desc``.
        after: The id behind which the page begins; empty for the first page.
        reply: What came back.

    Raises:
        aiozcrm.errors.InvalidResponseError: If one comes again or too early, or has no id.
    """
    try:
        ids = list(map(int, map(operator.itemgetter("id"), rows)))
    except (KeyError, TypeError, ValueError):
        raise unreadable(reply, "its rows lack the ids that tell their order") from None
    if after:
        ids.insert(0, int(after))
    if not all(map(_IS_BEHIND[order], ids[1:], ids)):
        raise unreadable(reply, "its records do not come in the order of their ids")
