"""Where access tokens are kept: clients that share a store share a token."""

from typing import TYPE_CHECKING

from aiozcrm._lazy import lazy
from aiozcrm.token_stores._base import StoredToken, StoreLockedError, TokenState, TokenStore
from aiozcrm.token_stores._memory import MemoryTokenStore

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

if TYPE_CHECKING:
    from aiozcrm._private_file import PrivateFile
    from aiozcrm.token_stores._file import FileTokenStore
    from aiozcrm.token_stores._redis import RedisTokenStore
else:
    __getattr__ = lazy(
        __name__,
        {"FileTokenStore": "_file", "PrivateFile": "_file", "RedisTokenStore": "_redis"},
    )
