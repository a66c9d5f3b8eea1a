"""A store for the processes of one host."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import math
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from aiozcrm._clock import SYSTEM_CLOCK, Clock
from aiozcrm._hiding import HidingFrames
from aiozcrm._private_file import ExposedFileError, PrivateFile
from aiozcrm._stores._documents import KEPT_FOR, DamagedError, Kind, read_document
from aiozcrm._stores._locking import take_lock
from aiozcrm._waiting import in_a_thread
from aiozcrm.errors import ConfigurationError
from aiozcrm.events import logger

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["FileStore"]

S = TypeVar("S")

#: What files may hold; one may hold several.
_PARTS: Final = ("tokens", "channels")

#: Grows when an older version could misread the file; what is merely new is ignored by it.
_VERSION: Final = 1
#: An entry takes a few hundred bytes; what is larger is no such file.
_MAX_BYTES: Final = 16 * 2**20
#: The file is written in milliseconds, so a wait this long for it means that it is broken.
_WRITE_TIMEOUT: Final = 10.0
_WRITE_POLL: Final = 0.002


class FileStore(Generic[S]):
    """Keeps states in a file, for all processes of one host that name the same file.

    It is readable by its owner only and always replaced as a whole, so that a process killed at
    any moment leaves it readable. Beside it lie small lock files, which stay there: one for the
    moment in which the file is rewritten, and one for each key. The operating system frees the
    locks of a process that ends in any way.

    Args:
        path: The file.
        lock_timeout: How many seconds to wait for another process that holds a lock.
        clock: What tells the time.

    Raises:
        aiozcrm.errors.ConfigurationError: If filelock is not installed, or if the file or its
            folder is not safe.
    """

    #: What it keeps.
    _kind: Kind[S]

    def __init__(
        self,
        path: str | Path,
        *,
        lock_timeout: float = 120.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._part = f"{self._kind.name}s"
        self._file = PrivateFile(path, holds=self._part, max_bytes=_MAX_BYTES)
        try:
            from filelock import FileLock, Timeout  # noqa: PLC0415  # it is an extra
        except ModuleNotFoundError as error:
            if error.name != "filelock":
                raise
            raise ConfigurationError(
                f"{type(self).__name__} needs filelock.",
                hint="pip install 'aiozcrm[file]'",
            ) from None
        self._make_lock: Callable[[str], BaseFileLock] = partial(
            FileLock,
            mode=0o600,
            # It is taken in a worker thread and given back in the event loop's.
            thread_local=False,
        )
        self._held_by_another = Timeout
        self._lock_timeout = lock_timeout
        self._clock = clock
        self._queues: weakref.WeakKeyDictionary[
            asyncio.AbstractEventLoop,
            dict[str, asyncio.Lock],
        ] = weakref.WeakKeyDictionary()
        self._warned = False
        # A place that is not safe from the beginning is an error at once, not a warning later.
        with contextlib.suppress(ExposedFileError):
            self._file.check()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._file.path)!r})"

    async def load(self, key: str) -> S:
        """Return what is kept under *key*, an empty state if nothing is.

        A file that cannot be understood is set aside under another name and reported in the log.

        Raises:
            aiozcrm.errors.ConfigurationError: If the file is not safe, or newer than this code.
            OSError: If it cannot be read.
        """
        with HidingFrames():
            return await in_a_thread(self._load, key)

    async def save(self, key: str, state: S) -> None:
        """Keep *state* under *key*, and forget what ended more than a day ago.

        Raises:
            aiozcrm.errors.ConfigurationError: If the file is not safe, or newer than this code.
            OSError: If it cannot be written.
        """
        with HidingFrames():
            await in_a_thread(self._save, key, state)

    @contextlib.asynccontextmanager
    async def lock(self, key: str) -> AsyncIterator[None]:
        """Hold the lock of *key*: tasks of a loop in the order in which they came.

        Raises:
            aiozcrm.errors.StoreLockedError: If another process holds it for too long.
            OSError: If the lock file cannot be used.
        """
        fingerprint = hashlib.sha256(key.encode()).hexdigest()[:16]
        # The tasks of this event loop line up here; other loops meet at the file.
        queues = self._queues.setdefault(asyncio.get_running_loop(), {})
        async with queues.setdefault(key, asyncio.Lock()):
            lock = self._make_lock(f"{self._file.path}.{fingerprint}.lock")
            try:
                await take_lock(
                    lambda: in_a_thread(self._try_to_acquire, lock),
                    name=lock.lock_file,
                    timeout=self._lock_timeout,
                    clock=self._clock,
                )
                yield
            finally:
                # Two quick system calls. In a thread they could be cancelled before they began.
                lock.release()

    def _try_to_acquire(self, lock: BaseFileLock) -> bool:
        self._file.make_folder()
        try:
            lock.acquire(blocking=False)
        except self._held_by_another:
            return False
        return True

    @contextlib.contextmanager
    def _rewriting(self) -> Iterator[None]:
        """Keep everybody else from replacing the file."""
        self._file.make_folder()
        lock = self._make_lock(f"{self._file.path}.lock")
        with lock.acquire(timeout=_WRITE_TIMEOUT, poll_interval=_WRITE_POLL):
            yield

    def _read(self) -> bytes:
        """Return what the file holds; nothing if others could have written that."""
        try:
            return self._file.read()
        except ExposedFileError as error:
            # The mode of a volume must not keep a service from starting.
            if not self._warned:
                self._warned = True
                logger.warning("%s They are not used, and replaced by new ones.", error)
            return b""

    def _load(self, key: str) -> S:
        try:
            kept = self._kept(self._document())
        except DamagedError:
            with self._rewriting():
                kept = self._kept(self._document_or_set_aside())
        if key not in kept:
            return self._kind.empty
        try:
            return self._kind.read(kept[key])
        except DamagedError:
            logger.warning("the entry of %s in %s is damaged and not used", key, self._file.path)
            return self._kind.empty

    def _save(self, key: str, state: S) -> None:
        with self._rewriting():
            document = self._document_or_set_aside()
            now = self._clock.wall()
            # What a newer version added to the entries of others stays there.
            kept = {
                other: entry
                for other, entry in self._kept(document).items()
                if self._last_moment(entry) > now - KEPT_FOR
            }
            kept[key] = self._kind.entry(state)
            document |= {"version": _VERSION, self._part: kept}
            self._file.replace(json.dumps(document, allow_nan=False, indent=1).encode())

    def _document_or_set_aside(self) -> dict[str, Any]:
        """Read the file; one that cannot be understood gets another name. Within `_rewriting`."""
        try:
            return self._document()
        except DamagedError:
            moment = datetime.fromtimestamp(self._clock.wall(), UTC)
            path, what = self._file.path, self._kind.name
            aside = f"{path}.damaged-{moment:%Y%m%dT%H%M%S.%fZ}"
            path.replace(aside)
            logger.warning("the %s file %s was damaged; it is now %s", what, path, aside)
            return {}

    def _document(self) -> dict[str, Any]:
        """Return the file's content, decoded and found whole.

        Raises:
            DamagedError: If it is not.
            aiozcrm.errors.ConfigurationError: If it is whole, but from a newer version.
        """
        content = self._read()
        if not content:
            return {}
        if len(content) > _MAX_BYTES:
            raise DamagedError
        where = f"The {self._kind.name} file"
        document = read_document(content, version=_VERSION, where=where)
        parts = [document[name] for name in _PARTS if name in document]
        if not parts or not all(isinstance(part, dict) for part in parts):
            raise DamagedError
        return document

    def _kept(self, document: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = document.get(self._part, {})
        return kept

    def _last_moment(self, entry: Any) -> float:
        """Return the last moment at which an entry matters; for a damaged one, one long ago."""
        try:
            return self._kind.last_moment(self._kind.read(entry))
        except DamagedError:
            return -math.inf
