"""The call that a query in COQL is, whoever asks."""

from __future__ import annotations

from typing import Any, Final

from aiozcrm._protocol import ApiCall, Json, Reply
from aiozcrm.resources._api import Api
from aiozcrm.resources._results import check_value, value_of

__all__ = ["ROWS_A_CALL", "SCOPES", "read_rows"]

#: The most rows that one call hands out.
#: https://www.zoho.com/crm/developer/docs/api/v7/COQL-Limitations.html
ROWS_A_CALL: Final = 2_000

#: A query reads and does nothing else.
SCOPES: Final = ("ZohoCRM.coql.READ", "ZohoCRM.modules.READ")


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
