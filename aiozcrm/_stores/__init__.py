"""What stores of every kind share: files, places in Redis, locks, and the way they write things."""

from typing import TYPE_CHECKING

from aiozcrm._lazy import lazy
from aiozcrm._stores._guarded import Guarded, Step
from aiozcrm._stores._memory import MemoryStore

__all__ = [
    "KEPT_FOR",
    "DamagedError",
    "FileStore",
    "Guarded",
    "Kind",
    "MemoryStore",
    "RedisPlace",
    "Step",
    "number_in",
    "text_in",
    "with_version",
]

if TYPE_CHECKING:
    from aiozcrm._stores._documents import KEPT_FOR, DamagedError, Kind, number_in, text_in
    from aiozcrm._stores._file import FileStore
    from aiozcrm._stores._redis import RedisPlace, with_version
else:
    # Most programs keep what they know in memory.
    __getattr__ = lazy(
        __name__,
        {
            "KEPT_FOR": "_documents",
            "DamagedError": "_documents",
            "FileStore": "_file",
            "Kind": "_documents",
            "RedisPlace": "_redis",
            "number_in": "_documents",
            "text_in": "_documents",
            "with_version": "_redis",
        },
    )
