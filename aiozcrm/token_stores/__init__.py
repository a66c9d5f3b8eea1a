"""Where access tokens are kept: clients that share a store share a token."""

from aiozcrm._private_file import PrivateFile
from aiozcrm.token_stores._base import StoredToken, StoreLockedError, TokenState, TokenStore
from aiozcrm.token_stores._file import FileTokenStore
from aiozcrm.token_stores._memory import MemoryTokenStore
from aiozcrm.token_stores._redis import RedisTokenStore

__all__ = [
    "FileTokenStore",
    "MemoryTokenStore",
    "PrivateFile",
    "RedisTokenStore",
    "StoreLockedError",
    "StoredToken",
    "TokenState",
    "TokenStore",
]
