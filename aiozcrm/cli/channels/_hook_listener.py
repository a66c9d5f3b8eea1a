"""Listens on this machine for what Zoho posts."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from aiohttp import web

from aiozcrm.errors import ConfigurationError

__all__ = ["listen_for_posts"]

#: How long a request may take that comes while the command ends, in seconds.
_SHUTDOWN_TIMEOUT: Final = 2.0

#: Logs nothing: a broken request may hold the token.
_SILENT: Final = logging.Logger("aiozcrm.cli", logging.CRITICAL + 1)  # noqa: LOG001  # no parent


@contextlib.asynccontextmanager
async def listen_for_posts(
    take: Callable[[bytes], Awaitable[bool]], *, host: str, port: int
) -> AsyncIterator[None]:
    """Listen, whatever the path is, since what stands between may change it.

    Args:
        take: Is called with each body, and returns whether it is one that is waited for.
        host: The address to listen on.
        port: The port there.

    Raises:
        aiozcrm.errors.ConfigurationError: If that is not possible.
    """

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        return web.Response(status=200 if await take(await request.read()) else 403)

    runner = web.ServerRunner(
        web.Server(handle, access_log=None, logger=_SILENT), shutdown_timeout=_SHUTDOWN_TIMEOUT
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise ConfigurationError(
                f"Cannot listen on port {port} of {host}: {error.strerror}.",
                hint="Choose another one with --port, and let the public address lead there.",
            ) from None
        yield
    finally:
        await runner.cleanup()
