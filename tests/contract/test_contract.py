"""Every call of the catalogue, made through a recording sender and compared with its row."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import pytest

from aiozcrm import Credentials, ZohoCRM
from aiozcrm._protocol import Request, Response

_HERE: Final = Path(__file__).parent
_ROWS: Final[list[dict[str, Any]]] = json.loads((_HERE / "catalogue.json").read_text())

_API: Final = "https://www.zohoapis.com"

#: Parameters of pages, which a complete list adds by itself.
_PAGING: Final = {"page", "page_token", "per_page"}


class RecordingSender:
    """Answers each call as its row of the catalogue would, and keeps the requests."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        """Answer as the row would."""
        if request.path.startswith("/oauth/"):
            token = {"access_token": "1000.a.b", "expires_in": 3600, "api_domain": _API}
            return Response(200, {}, json.dumps(token).encode())
        self.requests.append(request)
        status, body = (self._row["success"] or [200])[0], self._answer(request)
        if request.path.endswith("/settings/fields") and "fields" != self._row["wrapper"]:
            # Upserts ask which fields are unique.
            status, body = 200, {"fields": []}
        if request.path.endswith("/org") and "org" != self._row["wrapper"]:
            # The servers of files know an org by another id.
            status, body = 200, {"org": [{"id": "1000000000101", "zgid": "700123456"}]}
        return Response(status, {}, json.dumps(body).encode())

    def _answer(self, request: Request) -> Any:
        row = self._row
        query = dict(parse_qsl(request.query))
        named = query.get("ids", "").split(",") if "ids" in query else [_id_in(request.path)]
        ids = [i for i in named if i] or ["1000000000101"]
        if row["wrapper_type"] == "scalar":
            return {row["wrapper"]: "28"}
        if request.method == "GET":
            item: Any = {
                "id": ids[0],
                "name": "Example",
                "path": "/crm/v7/org",
                "associated_places": [],
                "status": "COMPLETED",
            }
            body: Any = item if row["wrapper_type"] == "object" else [item]
            return {row["wrapper"]: body, "info": {"more_records": False, "count": 1}}
        is_form = self._row["body"] == "multipart"
        sent = {} if is_form else json.loads(request.body or b"{}")
        items = sent.get((row["request_keys"] or [""])[0])
        count = len(items) if isinstance(items, list) else len(ids)
        done = [
            {
                "code": "SUCCESS",
                "status": "success",
                "message": "done",
                "details": {"id": _id_of(items, n) or ids[min(n, len(ids) - 1)], "job_id": "1"},
            }
            for n in range(count)
        ]
        if not row["wrapper"]:
            return done[0]
        return {row["wrapper"]: done[0] if row["wrapper_type"] == "object" else done}


def _id_in(path: str) -> str:
    found = re.findall(r"/(\d{10,19})(?=/|$)", path)
    return found[-1] if found else ""


def _id_of(items: Any, number: int) -> str | None:
    item = items[number] if isinstance(items, list) and number < len(items) else None
    return item.get("id") if isinstance(item, dict) else None


def _pattern(row: Mapping[str, Any]) -> str:
    path = f"{row['base']}/{row['path'].lstrip('/')}"
    parts = re.split(r"(\{[^}]+\})", path)
    # An address comes from an earlier answer.
    wild = {"{download_url}": ".+"}
    return "".join(
        wild.get(part, "[^/]+") if part.startswith("{") else re.escape(part) for part in parts
    )


def _calls() -> list[Any]:
    return [pytest.param(row, id=row["id"]) for row in _ROWS]


def _client(row: Mapping[str, Any]) -> tuple[ZohoCRM, RecordingSender]:
    sender = RecordingSender(row)
    credentials = Credentials(client_id="1000.c", client_secret="s", refresh_token="1000.r.r")
    return ZohoCRM(credentials, sender=sender), sender


@pytest.mark.parametrize("row", _calls())
async def test_a_call_sends_what_its_row_says(row, tmp_path, make_call):
    """One request goes out, with the method, path, query, headers and body of the catalogue.

    Only the fields of a module, and the org, may be asked for before it.
    """
    zoho, sender = _client(row)
    async with zoho:
        await make_call(zoho, row, tmp_path)
    *before, request = sender.requests
    assert {"/crm/v7/settings/fields", "/crm/v7/org"} >= {earlier.path for earlier in before}
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    known = {parameter["name"] for parameter in row["query"]}
    required = {parameter["name"] for parameter in row["query"] if parameter["required"]}
    assert request.method == row["method"]
    assert re.fullmatch(_pattern(row), request.path, re.IGNORECASE), unquote(request.path)
    assert required <= query.keys()
    assert query.keys() <= known | _PAGING
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert {h["name"].lower() for h in row["headers"] if h["required"]} <= headers.keys()
    if row["body"] == "none":
        assert not request.body
    if row["body"] == "json":
        sent = json.loads(request.body)
        assert sent.keys() <= set(row["request_keys"] or sent)
    if row["body"] == "multipart":
        assert headers["content-type"].startswith("multipart/form-data; boundary=")
        form = b"".join([piece async for piece in request.body.chunks(asyncio.to_thread)])
        assert set(re.findall(rb'name="(\w+)"; filename=', form)) == {b"file"}
        assert form.count(b"example") == 1
    if row["host"] == "api":
        assert request.origin == _API


@pytest.mark.parametrize("row", _calls())
def test_the_docstring_of_a_class_names_the_pages_that_it_serves(row, method_of):
    """Whoever knows a page of Zoho's finds the class by it; a query is no class but a method."""
    zoho, _ = _client(row)
    method = method_of(zoho, row)
    documented = method if isinstance(method.__self__, ZohoCRM) else type(method.__self__)
    assert re.search(rf"(?<![\w-]){row['slug']}(?![\w-])", inspect.getdoc(documented) or "")


def test_no_row_is_without_a_call():
    """The catalogue holds each call of the documentation once, and the client has all of them."""
    ids = [row["id"] for row in _ROWS]
    assert len(ids) == len(set(ids)) == 405
    assert [] == [row["id"] for row in _ROWS if not row["call"].startswith("zoho.")]
