"""Waits on this machine for the browser to come back from the consent page."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import html
import logging
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Final

from aiohttp import web

from aiozcrm.errors import ConfigurationError

__all__ = ["RedirectListener", "listen_for_redirect", "redirect_uri"]

_PATH: Final = "/callback"

#: How long a request may take that comes while the command ends, in seconds.
_SHUTDOWN_TIMEOUT: Final = 2.0

#: The errors of machines without IPv6, such as most containers.
_NO_IPV6: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})

#: Logs nothing.
_SILENT: Final = logging.Logger("aiozcrm.cli", logging.CRITICAL + 1)  # noqa: LOG001  # no parent

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>aiozcrm: {title}</title>
<style>body {{ font: 1.2em/1.5 system-ui, sans-serif; max-width: 32em; margin: 15vh auto }}</style>
<h1>{title}</h1>
<p>{text}</p>
</html>
"""

#: The address of the page holds a code, which no cache and no other page should get.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}


class RedirectListener:
    """The page that the browser is redirected to.

    Args:
        state: The state of the authorization request, which nobody else knows.
        port: The port to listen on.
    """

    def __init__(self, *, state: str, port: int) -> None:
        self._state = state
        self._port = port
        loop = asyncio.get_running_loop()
        self._redirected: asyncio.Future[str] = loop.create_future()
        self._words: asyncio.Future[tuple[str, str]] = loop.create_future()

    async def redirected(self) -> str:
        """Wait for the browser, and return the URL that it was redirected to."""
        return await asyncio.shield(self._redirected)

    def say(self, title: str, text: str) -> None:
        """Show the result in the waiting browser."""
        self._words.set_result((title, text))

    def hang_up(self) -> None:
        """Answer a browser that still waits."""
        if not self._words.done():
            self.say("Interrupted", "You can close this tab. See the terminal for details.")

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer the browser."""
        if request.path != _PATH or request.method != "GET":
            return _page(404, "Not found", "There is nothing here.")
        # Any page that is open in the browser can send requests here.
        if not secrets.compare_digest(
            request.query.get("state", "").encode(), self._state.encode()
        ):
            return _page(
                400,
                "Not from here",
                "This consent does not belong to the login that waits here. If you declined it, "
                "press Ctrl-C in the terminal. Otherwise log in again.",
            )
        if not self._redirected.done():
            self._redirected.set_result(f"{redirect_uri(self._port)}?{request.query_string}")
        # A tab that is loaded twice gets the same answer twice.
        return _page(200, *await asyncio.shield(self._words))


def redirect_uri(port: int) -> str:
    """Return the redirect URI, which has to be registered in the API console."""
    return f"http://localhost:{port}{_PATH}"


@contextlib.asynccontextmanager
async def listen_for_redirect(*, state: str, port: int) -> AsyncIterator[RedirectListener]:
    """Listen on the loopback addresses of this machine, and on no other.

    Raises:
        aiozcrm.errors.ConfigurationError: If the port is taken.
    """
    listener = RedirectListener(state=state, port=port)
    # Broken requests are not worth logging, and may hold a code.
    server = web.Server(listener.handle, access_log=None, logger=_SILENT)
    runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_TIMEOUT)
    await runner.setup()
    try:
        try:
            for listening in _listening(port):
                await web.SockSite(runner, listening).start()
        except OSError as error:
            raise ConfigurationError(
                f"Cannot listen on port {port}: {error.strerror}.",
                hint="Choose another one with --port, and register its redirect URI.",
            ) from None
        yield listener
    finally:
        listener.hang_up()
        await runner.cleanup()


def _listening(port: int) -> Iterator[socket.socket]:
    """Listen on every loopback address, since browsers choose among them for localhost."""
    yield socket.create_server(("127.0.0.1", port))
    try:
        yield socket.create_server(("::1", port), family=socket.AF_INET6)
    except OSError as error:
        if error.errno not in _NO_IPV6:
            raise


def _page(status: int, title: str, text: str) -> web.Response:
    body = _PAGE.format(title=html.escape(title), text=html.escape(text))
    return web.Response(status=status, text=body, content_type="text/html", headers=_HEADERS)
