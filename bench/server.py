"""A server that answers every delete at once, so that what is measured is the client.

Prints the ports of its two faces, one with bare replies and one with the header block that
Zoho's replies carry, and runs until its standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Final

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


class Face(asyncio.Protocol):
    """Answers requests that come one after the other on a connection."""

    def __init__(self, extra_headers: str, origin: str) -> None:
        self._head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\n"
            f"{extra_headers}Content-Length: "
        )
        self._origin = origin
        self._received = b""

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
            self._received = self._received[end + 4 + length :]
            body = self._answer(head)
            self._transport.write(f"{self._head}{len(body)}\r\n\r\n{body}".encode())

    def _answer(self, head: str) -> str:
        path = head.split(" ", 2)[1]
        if path.startswith("/oauth/"):
            token = {"access_token": "1000.b.e", "expires_in": 3600, "api_domain": self._origin}
            return json.dumps(token)
        link_id = path.rpartition("/")[2]
        return (
            '{"unsubscribe_links":[{"code":"SUCCESS","details":{"id":"' + link_id + '"},'
            '"message":"Unsubscribe Link deleted successfully","status":"success"}]}'
        )


async def main() -> None:
    """Serve until standard input is closed."""
    loop = asyncio.get_running_loop()
    ports = []
    for extra_headers in ("", ZOHO_HEADERS):
        origin = ["http://localhost"]
        server = await loop.create_server(
            lambda extra=extra_headers, origin=origin: Face(extra, origin[0]),  # type: ignore[misc]
            "127.0.0.1",
            0,
        )
        port = server.sockets[0].getsockname()[1]
        origin[0] = f"http://localhost:{port}"
        ports.append(port)
    print(*ports, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
