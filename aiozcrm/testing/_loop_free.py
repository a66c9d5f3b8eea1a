"""A client that belongs to no event loop."""

from __future__ import annotations

from typing import Final

from aiozcrm._http import AiohttpSender
from aiozcrm._protocol import Request, Response
from aiozcrm.auth import Credentials
from aiozcrm.client import ZohoCRM
from aiozcrm.retries import RetryPolicy
from aiozcrm.timeouts import Timeouts

__all__ = ["loop_free_client"]

#: Waiting proves nothing where the server is a fake.
_HARDLY_WAITING: Final = RetryPolicy(first_delay=0.001, max_delay=0.01)


class _ConnectionPerRequest:
    """Sends each request on a connection of its own, in whatever event loop asks for it."""

    async def send(self, request: Request) -> Response:
        """Send *request* exactly once and return the whole answer."""
        sender = AiohttpSender(timeouts=Timeouts(), connections=1)
        try:
            return await sender.send(request)
        finally:
            await sender.close()


def loop_free_client(credentials: Credentials) -> ZohoCRM:
    """Return a client that need not be closed and may be used in one event loop after another.

    It hardly waits before it sends again.
    """
    return ZohoCRM(credentials, sender=_ConnectionPerRequest(), retries=_HARDLY_WAITING)
