"""Async client for Zoho CRM v7."""

from typing import TYPE_CHECKING, Any

from aiozcrm import auth, errors, events
from aiozcrm._call_facts import CallFacts
from aiozcrm._clock import Clock
from aiozcrm._protocol import Request, Response, Sender, check_record_id
from aiozcrm._unset import UNSET
from aiozcrm.auth import Credentials
from aiozcrm.batch import BatchReport, Outcome
from aiozcrm.client import ZohoCRM
from aiozcrm.errors import ZohoError
from aiozcrm.retries import RetryPolicy
from aiozcrm.timeouts import Timeouts
from aiozcrm.token_stores import FileTokenStore, MemoryTokenStore, RedisTokenStore, TokenStore

__all__ = [
    "UNSET",
    "AuthorizationRequest",
    "BatchReport",
    "CallFacts",
    "ClientCredentials",
    "Clock",
    "Credentials",
    "FileTokenStore",
    "Grant",
    "MemoryTokenStore",
    "OAuthClient",
    "Outcome",
    "RedisTokenStore",
    "Request",
    "Response",
    "RetryPolicy",
    "Sender",
    "Timeouts",
    "TokenStore",
    "ZohoCRM",
    "ZohoError",
    "check_record_id",
    "errors",
    "events",
]

# Imported when first used, as in their own room.
if TYPE_CHECKING:
    from aiozcrm.auth import AuthorizationRequest, ClientCredentials, Grant, OAuthClient
else:

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(auth, name)
