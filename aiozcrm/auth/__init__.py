"""Credentials, and the access token that looks after itself."""

from aiozcrm.auth._credentials import Credentials
from aiozcrm.auth._oauth import OAuth

__all__ = ["Credentials", "OAuth"]
