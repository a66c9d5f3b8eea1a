"""Watches over a process: what leaks, what is logged, and what nobody handled."""

from __future__ import annotations

import asyncio
import gc
import logging
import re
import sys
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["Watch", "memory"]

_STATUS: Final = Path("/proc/self/status")
_DESCRIPTORS: Final = Path("/proc/self/fd")

#: What the local Zoho's tokens look like; the secrets of its client are told to the watch.
_TOKEN: Final = re.compile(r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}")

#: How many complaints are worth reading.
_COMPLAINTS_KEPT: Final = 200


class Watch(logging.Handler):
    """Keeps complaints about what must never happen.

    Attributes:
        complaints: What has happened all the same.
        records: How many records were logged and searched.
        secrets: What must never be seen.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.complaints: list[str] = []
        self.records = 0
        self.secrets: set[str] = set()
        self._descriptors = 0

    def begin(self) -> None:
        """Listen to the log, to the event loop and to the interpreter."""
        root = logging.getLogger()
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        logging.captureWarnings(capture=True)
        warnings.simplefilter("always")
        asyncio.get_running_loop().set_exception_handler(self._unhandled)
        sys.unraisablehook = lambda told: self.complain(
            f"unraisable: {told.exc_value!r} in {told.object!r}"
        )
        self._descriptors = _open_descriptors()

    def end(self) -> None:
        """Stop listening."""
        logging.getLogger().removeHandler(self)
        logging.captureWarnings(capture=False)
        sys.unraisablehook = sys.__unraisablehook__

    def complain(self, complaint: str) -> None:
        """Note what must not happen."""
        if len(self.complaints) < _COMPLAINTS_KEPT:
            self.complaints.append(complaint)

    def emit(self, record: logging.LogRecord) -> None:
        """Search one record of the log."""
        self.records += 1
        told = self.format(record)
        self.search(told, "the log")
        if record.name == "py.warnings" or record.levelno >= logging.ERROR:
            self.complain(f"logged: {told}")

    def search(self, text: str, where: str) -> None:
        """Complain if a secret stands in *text*."""
        if _TOKEN.search(text) or any(secret in text for secret in self.secrets):
            self.complain(f"a secret stands in {where}")

    def search_error(self, error: BaseException) -> None:
        """Complain if an error shows a secret, or so does its traceback."""
        self.search("".join(traceback.format_exception(error)), f"a {type(error).__name__}")
        self.search(repr(vars(error)), f"the attributes of a {type(error).__name__}")

    def _unhandled(self, _loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        self.complain(f"unhandled: {context.get('message')}: {context.get('exception')!r}")

    async def expect_nothing_left(self, where: str) -> None:
        """Complain if tasks or file descriptors are left over from *where*."""
        # What was closed a moment ago is given the time to be gone.
        for _ in range(50):
            gc.collect()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            more = _open_descriptors() - self._descriptors
            if not tasks and more <= 0:
                return
            await asyncio.sleep(0.02)
        if tasks:
            self.complain(f"{where}: tasks are left: {sorted(t.get_name() for t in tasks)}")
        if more > 0:
            self.complain(f"{where}: {more} file descriptors are left")


def memory() -> float:
    """Return how much memory this process holds, in MiB."""
    [line] = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _open_descriptors() -> int:
    return sum(1 for _ in _DESCRIPTORS.iterdir())
