"""Async client for Zoho CRM v7."""

from aiozcrm import errors, events
from aiozcrm._unset import UNSET
from aiozcrm.auth import (
    AuthorizationRequest,
    ClientCredentials,
    Credentials,
    Grant,
    OAuthClient,
)
from aiozcrm.batch import BatchReport, Outcome
from aiozcrm.client import ZohoCRM
from aiozcrm.errors import ZohoError
from aiozcrm.retries import RetryPolicy
from aiozcrm.timeouts import Timeouts
from aiozcrm.token_stores import FileTokenStore, MemoryTokenStore, TokenStore

__all__ = [
    "UNSET",
    "AuthorizationRequest",
    "BatchReport",
    "ClientCredentials",
    "Credentials",
    "FileTokenStore",
    "Grant",
    "MemoryTokenStore",
    "OAuthClient",
    "Outcome",
    "RetryPolicy",
    "Timeouts",
    "TokenStore",
    "ZohoCRM",
    "ZohoError",
    "errors",
    "events",
]
