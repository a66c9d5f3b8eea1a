"""Async client for Zoho CRM v7."""

from typing import TYPE_CHECKING

from aiozcrm import errors, events
from aiozcrm._call_facts import CallFacts
from aiozcrm._clock import Clock
from aiozcrm._lazy import lazy
from aiozcrm._protocol import Request, Response, Sender, check_record_id
from aiozcrm._unset import UNSET
from aiozcrm._version import __version__
from aiozcrm.auth import Credentials
from aiozcrm.client import ZohoCRM
from aiozcrm.errors import ZohoError
from aiozcrm.retries import RetryPolicy
from aiozcrm.timeouts import Timeouts
from aiozcrm.token_stores import MemoryTokenStore, TokenStore

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
    "__version__",
    "check_record_id",
    "composite",
    "errors",
    "events",
    "notifications",
]

if TYPE_CHECKING:
    from aiozcrm import composite, notifications
    from aiozcrm.auth import AuthorizationRequest, ClientCredentials, Grant, OAuthClient
    from aiozcrm.batch import BatchReport, Outcome
    from aiozcrm.token_stores import FileTokenStore, RedisTokenStore
else:
    # A program that makes no batch, authorizes nobody and shares no token pays for none of these.
    __getattr__ = lazy(
        __name__,
        {
            "AuthorizationRequest": "auth",
            "BatchReport": "batch",
            "ClientCredentials": "auth",
            "FileTokenStore": "token_stores",
            "Grant": "auth",
            "OAuthClient": "auth",
            "Outcome": "batch",
            "RedisTokenStore": "token_stores",
            "composite": "composite",
            "notifications": "notifications",
        },
    )
