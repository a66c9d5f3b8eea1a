"""A server that answers every call at once, so that what is measured is the client.

It deletes links, lists leads, queries and upserts them. A list has as many leads as its parameter
``uid`` says, and a query as many as its condition ``Annual_Revenue < `` names. Prints the ports of
its faces as JSON and runs until its standard input is closed. What it has seen on a face,
``GET /stats`` tells there, and begins to count anew.
"""

from __future__ import annotations

import asyncio
import functools
import json
import re
import ssl
import sys
from typing import Any, Final
from urllib.parse import parse_qs

from watching import TOKEN

#: Made-up values in the form of the cookies and headers that Zoho's replies carry.
ZOHO_HEADERS: Final = (
    "Set-Cookie: 8ae64e9492=5c8a6fcd01a2b3c4d5e6f708192a3b4c; Path=/\r\n"
    "Set-Cookie: JSESSIONID=4E1F7A60B2C35D8899AA00112233445F; Path=/; Secure; HttpOnly\r\n"
    "Set-Cookie: _zcsr_tmp=0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9; path=/; SameSite=Strict\r\n"
    "Set-Cookie: crmcsr=0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9; path=/; Secure; priority=high\r\n"
    "Server: ZGS\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-XSS-Protection: 1\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: private,no-cache,no-store,max-age=0,must-revalidate\r\n"
    "Expires: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
    "X-Frame-Options: SAMEORIGIN\r\n"
    "clientVersion: 7412345\r\n"
    "clientsubVersion: 5f0e1d2c3b4a\r\n"
    "X-ACCESSTOKEN-RESET: 2027-01-01T00:00:00+01:00\r\n"
    "Content-Disposition: attachment; filename=response.json\r\n"
    "X-Download-Options: noopen\r\n"
    "Strict-Transport-Security: max-age=63072000\r\n"
)

ROWS_ON_A_PAGE: Final = 200
PAGE_MARK: Final = "#page#"
FIRST_ID: Final = 4150868000000000000
#: Twenty fields, with lookups and times, as they are in any list of leads.
FIELDS: Final[dict[str, Any]] = {
    "Owner": {"name": "Mira Oldenkamp", "id": "4150868000000225013", "email": "mira@example.org"},
    "Company": "Oakfield & Sons",
    "Last_Name": "Halden",
    "First_Name": "Ines",
    "Email": "ines.halden@oakfield.example",
    "Phone": "+31 20 555 01 00",
    "Mobile": None,
    "Street": "Keizersgracht 120",
    "City": "Amsterdam",
    "State": None,
    "Zip_Code": "1015 CW",
    "Country": "Netherlands",
    "Lead_Source": "Trade Show",
    "Lead_Status": "Contacted",
    "Industry": "Manufacturing",
    "Annual_Revenue": 1250000,
    "No_of_Employees": 84,
    "Email_Opt_Out": False,
    "Created_Time": "2026-04-18T09:30:00+02:00",
    "Modified_Time": "2026-11-02T16:05:41+01:00",
}


@functools.cache
def leads_on_page(count: int) -> str:
    """Return so many leads, the highest id first, with a mark for the number of their page."""
    ids = (f"41508680{PAGE_MARK}{row:04}" for row in range(count, 0, -1))
    return json.dumps([{"id": lead_id, **FIELDS} for lead_id in ids])


def page_of_leads(number: int, count: int) -> str:
    """Return a page of a list of so many leads."""
    left = count - (number - 1) * ROWS_ON_A_PAGE
    more = left > ROWS_ON_A_PAGE
    rows = min(left, ROWS_ON_A_PAGE)
    info = {
        "per_page": ROWS_ON_A_PAGE,
        "count": rows,
        "page": 1,
        "more_records": more,
        "next_page_token": f"{number + 1}" if more else None,
    }
    leads = leads_on_page(rows).replace(PAGE_MARK, f"{9_999_999 - number:07}")
    return f'{{"data": {leads}, "info": {json.dumps(info)}}}'


ROWS_OF_A_QUERY: Final = 2000


@functools.cache
def leads_of_query(number: int, count: int) -> str:
    """Return the answer to a query of so many leads: a page of them, the lowest id first."""
    first = number * ROWS_OF_A_QUERY
    rows = range(first, min(first + ROWS_OF_A_QUERY, count))
    found = [{"id": str(FIRST_ID + row), **FIELDS} for row in rows]
    info = {"count": len(found), "more_records": first + len(found) < count}
    return json.dumps({"data": found, "info": info})


def answer_to_query(sent: bytes) -> str:
    """Return the page that a query asks for."""
    query = json.loads(sent)["select_query"]
    count = int(re.search(r"Annual_Revenue < (\d+)", query)[1])
    last = re.search(r"id > '(\d+)'", query)
    number = (int(last[1]) - FIRST_ID + 1) // ROWS_OF_A_QUERY if last else 0
    return leads_of_query(number, count)


@functools.cache
def upserted(rows: int, *, is_mixed: bool) -> str:
    """Return the answer to a call that upserts so many rows.

    Args:
        rows: How many.
        is_mixed: Whether the records are those of several users.
    """
    user = {"name": "Mira Oldenkamp", "id": "4150868000000225013"}
    users = [user, {"name": "Ines Brandholm", "id": "4150868000000225099"}]
    time = "2026-11-26T10:00:00+01:00"
    stamps = {"Modified_Time": time, "Modified_By": user, "Created_Time": time, "Created_By": user}
    items = [
        {
            "code": "SUCCESS",
            "duplicate_field": None,
            "action": "insert",
            "details": {
                **stamps,
                "Created_By": users[row % 2 if is_mixed else 0],
                "id": str(FIRST_ID + row),
                "$approval_state": "approved",
            },
            "message": "record added",
            "status": "success",
        }
        for row in range(rows)
    ]
    return json.dumps({"data": items})


class Face:
    """One way to look: its replies, its latency, http or TLS; and what it has seen."""

    def __init__(self, replies: str, latency: float) -> None:
        headers = ZOHO_HEADERS if replies == "zoho" else ""
        self.head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\n"
            f"{headers}Content-Length: "
        )
        self.is_mixed = replies == "mixed"
        self.latency = latency
        self.origin = ""
        self.stats = {"connections": 0, "token_requests": 0}

    def tell(self) -> dict[str, int]:
        """Return what was seen since the last time."""
        told, self.stats = self.stats, dict.fromkeys(self.stats, 0)
        return told


class Connection(asyncio.Protocol):
    """Answers requests that come one after the other on a connection."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._received = b""
        self._counted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].decode("latin-1")
            length = 0
            for line in head.split("\r\n")[1:]:
                if line.lower().startswith("content-length:"):
                    length = int(line[15:])
            if len(self._received) < end + 4 + length:
                return
            body = self._received[end + 4 : end + 4 + length]
            self._received = self._received[end + 4 + length :]
            self._answer(head.split(" ", 2)[1], body)

    def _answer(self, target: str, sent: bytes) -> None:
        path, _, query = target.partition("?")
        face = self._face
        if path == "/stats":
            self._write(json.dumps(face.tell()))
            return
        if not self._counted:
            face.stats["connections"] += 1
            self._counted = True
        if path.startswith("/oauth/"):
            face.stats["token_requests"] += 1
            token = {"access_token": TOKEN, "expires_in": 3600, "api_domain": face.origin}
            self._write(json.dumps(token))
            return
        if path.endswith("/settings/fields"):
            body = json.dumps({"fields": [{"api_name": "Email", "unique": {"casesensitive": ""}}]})
        elif path.endswith("/coql"):
            body = answer_to_query(sent)
        elif path.endswith("/upsert"):
            body = upserted(sent.count(b'"Last_Name"'), is_mixed=face.is_mixed)
        elif path.endswith("/Leads"):
            asked = parse_qs(query)
            number = int(asked.get("page_token", ["1"])[0])
            body = page_of_leads(number, int(asked["uid"][0]))
        else:
            body = self._deleted(path.rpartition("/")[2])
        if face.latency:
            asyncio.get_running_loop().call_later(face.latency, self._write, body)
        else:
            self._write(body)

    @staticmethod
    def _deleted(link_id: str) -> str:
        return (
            '{"unsubscribe_links":[{"code":"SUCCESS","details":{"id":"' + link_id + '"},'
            '"message":"Unsubscribe Link deleted successfully","status":"success"}]}'
        )

    def _write(self, body: str) -> None:
        if not self._transport.is_closing():
            self._transport.write(f"{self._face.head}{len(body)}\r\n\r\n{body}".encode())


async def main() -> None:
    """Serve the faces that the command line asks for until standard input is closed."""
    asked: dict[str, dict[str, Any]] = json.loads(sys.argv[1])
    certificate = sys.argv[2]
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate != "-":
        context.load_cert_chain(certificate)
    origins = {}
    for name, how in asked.items():
        face = Face(how["replies"], how["latency"])
        server = await loop.create_server(
            lambda face=face: Connection(face),
            "127.0.0.1",
            0,
            ssl=context if how["tls"] else None,
            backlog=1000,
        )
        port = server.sockets[0].getsockname()[1]
        face.origin = f"{'https' if how['tls'] else 'http'}://localhost:{port}"
        origins[name] = face.origin
    print(json.dumps(origins), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
