"""Async client for Zoho CRM v7."""

import importlib
from typing import TYPE_CHECKING, Any

from aiozcrm import errors, events
from aiozcrm._call_facts import CallFacts
from aiozcrm._clock import Clock
from aiozcrm._protocol import Request, Response, Sender, check_record_id
from aiozcrm._unset import UNSET
from aiozcrm.auth import Credentials
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
    "composite",
    "errors",
    "events",
]

# Imported when first used: a program that makes no batch and authorizes nobody pays for neither.
if TYPE_CHECKING:
    from aiozcrm import composite
    from aiozcrm.auth import AuthorizationRequest, ClientCredentials, Grant, OAuthClient
    from aiozcrm.batch import BatchReport, Outcome
else:

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if name == "composite":
            return importlib.import_module(f"{__name__}.{name}")
        room = "batch" if name in {"BatchReport", "Outcome"} else "auth"
        return getattr(importlib.import_module(f"{__name__}.{room}"), name)
