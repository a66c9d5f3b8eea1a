"""Every call of the catalogue, answered in ways that no reference knows."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from aiozcrm import Credentials, RetryPolicy, ZohoCRM
from aiozcrm._protocol import Request, Response
from aiozcrm.errors import ZohoError

_ROWS: Final = json.loads(Path(__file__).with_name("catalogue.json").read_text())

_ODD_ITEM: Final = {"code": {"a": 1}, "status": "error", "details": [1], "message": {}}
_ODD_SUCCESS: Final = {"code": "SUCCESS", "status": "success", "details": None, "message": 5}

#: What stands under the key of the answer, and beside it.
_ODD: Final = {
    "an odd item": ([_ODD_ITEM], {}),
    "a success without details": ([_ODD_SUCCESS], {}),
    "lists in a list": ([[], None], {}),
    "a number": (5, {}),
    "odd pages": ([{"id": 1.5e18}], {"info": {"more_records": "x", "next_page_token": 5}}),
}


class _OddSender:
    """Answers each call in the same odd way.

    Args:
        wrapper: The key of the answer.
        odd: What stands under it, and beside it.
    """

    def __init__(self, wrapper: str, odd: tuple[Any, Mapping[str, Any]]) -> None:
        self._wrapper = wrapper
        self._body = {wrapper: odd[0], **odd[1]}

    async def send(self, request: Request) -> Response:
        """Answer."""
        body: Any = self._body
        if request.path.startswith("/oauth/"):
            body = {"access_token": "1000.a.b", "expires_in": 3600}
        elif request.path.endswith("/settings/fields") and self._wrapper != "fields":
            body = {"fields": []}
        elif request.path.endswith("/org") and self._wrapper != "org":
            body = {"org": [{"id": "1", "zgid": "7"}]}
        return Response(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


@pytest.mark.system
@pytest.mark.parametrize("odd", _ODD)
async def test_an_odd_answer_is_a_result_or_an_error_of_ours(odd, tmp_path, make_call):
    """Whatever a proxy or a newer version answers, no call ends with a bug."""
    credentials = Credentials(client_id="1000.c", client_secret="s", refresh_token="1000.r.r")
    bugs = []
    for row in _ROWS:
        sender = _OddSender(row["wrapper"] or "data", _ODD[odd])
        async with ZohoCRM(credentials, sender=sender, retries=RetryPolicy(attempts=1)) as zoho:
            try:
                with contextlib.suppress(ZohoError):
                    await make_call(zoho, row, tmp_path)
            except Exception as error:  # noqa: BLE001  # that is what is looked for
                bugs.append((row["id"], error))
    assert not bugs
