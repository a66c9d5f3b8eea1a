"""Signals that ask a command to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import Final

__all__ = ["on_stop_signal"]

#: Ctrl-C, ``kill``, and a terminal or an ssh session that has been closed.
_STOP_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


@contextlib.contextmanager
def on_stop_signal(act: Callable[[], object]) -> Iterator[None]:
    """Call *act* in the event loop for each signal that asks to stop, instead of stopping.

    A signal that is ignored, as with ``nohup``, stays ignored.
    """
    loop = asyncio.get_running_loop()
    handlers = {number: signal.getsignal(number) for number in _STOP_SIGNALS}
    before = {number: old for number, old in handlers.items() if old is not signal.SIG_IGN}
    for number in before:
        # Unlike `signal.signal`, this is sure to wake the loop. Windows does not have it: there,
        # Ctrl-C interrupts the run as usual.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, act)
    try:
        yield
    finally:
        for number, handler in before.items():
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)
