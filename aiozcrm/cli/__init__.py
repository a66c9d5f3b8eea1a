"""The command line; it needs the extra ``cli``."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Final

__all__ = ["main"]

#: What the extra brings.
_EXTRA: Final = frozenset({"click", "filelock", "platformdirs", "rich", "tomlkit", "typer"})


def main() -> None:
    """Run the command ``aiozcrm``."""
    _open_missing_streams()
    with _interrupted_by_any_signal_to_stop():
        _run()


def _run() -> None:
    try:
        _load()()
    except ModuleNotFoundError as error:
        # A command loads more of the extra.
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        sys.stderr.write("The command line needs an extra: pip install 'aiozcrm[cli]'\n")
        raise SystemExit(2) from None


def _load() -> Callable[[], None]:
    try:
        from aiozcrm.cli._app import app  # noqa: PLC0415  # a plain install gets here, too
    except KeyboardInterrupt:
        # Loading takes long enough to be interrupted, before anything else can handle that.
        raise SystemExit(130) from None
    return app


@contextlib.contextmanager
def _interrupted_by_any_signal_to_stop() -> Iterator[None]:
    """Let ``kill`` and a closed terminal do what Ctrl-C does, so that nothing is left half done.

    Commands that have something to finish first take these signals for themselves. One that is
    ignored, as with ``nohup``, stays ignored.
    """
    found = (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP"))
    numbers = [one for one in found if one and signal.getsignal(one) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _open_missing_streams() -> None:
    """Replace each standard stream that the shell has closed, as ``<&-`` does, by an empty one.

    Otherwise the journal would get its number, and what is printed would be written there.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115  # for good
