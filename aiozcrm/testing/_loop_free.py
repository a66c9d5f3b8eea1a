"""A client that belongs to no event loop."""

from __future__ import annotations

from typing import Final

from aiozcrm._http import OneTimeSender
from aiozcrm.auth import Credentials
from aiozcrm.client import ZohoCRM
from aiozcrm.retries import RetryPolicy
from aiozcrm.timeouts import Timeouts

__all__ = ["loop_free_client"]

#: Waiting proves nothing where the server is a fake.
_HARDLY_WAITING: Final = RetryPolicy(first_delay=0.001, max_delay=0.01)


def loop_free_client(credentials: Credentials) -> ZohoCRM:
    """Return a client that need not be closed and may be used in one event loop after another.

    It hardly waits before it sends again.
    """
    return ZohoCRM(credentials, sender=OneTimeSender(Timeouts()), retries=_HARDLY_WAITING)
