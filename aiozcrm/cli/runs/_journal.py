"""The journal of a run: what was confirmed, and each outcome as soon as it is known.

A journal is a file of JSON Lines. Its first line is the order: what is to be done, for whom, and
to which ids. Then comes a line before an id is sent, and a line with its outcome before the
worker that sent it goes on to its next id. So a run that was killed at any moment can be resumed:
what has an outcome is done, what was only begun may be done, and the rest was not sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self, get_args

import attrs
from filelock import FileLock, Timeout

from aiozcrm import __version__
from aiozcrm.batch import Outcome, OutcomeStatus
from aiozcrm.cli._paths import nearest_folder, why_not_writable
from aiozcrm.cli.runs._counts import MEANINGS, UNFINISHED
from aiozcrm.cli.runs._lines import APPEND, Lines, open_new, sync_folder
from aiozcrm.cli.runs._results import Assignment, Result, Subject, Target
from aiozcrm.errors import ConfigurationError
from aiozcrm.token_stores import PrivateFile

__all__ = ["Journal", "Order", "check_journal_path", "is_journal"]

_FORMAT: Final = 1
_FORMAT_KEY: Final = "aiozcrm_journal"

#: What a journal begins with.
_MARK: Final = f'{{"{_FORMAT_KEY}":'.encode()

#: The kind of each status that this version knows.
_KINDS: Final = {status: Outcome("", status, 0).kind for status in get_args(OutcomeStatus)}

_Key = tuple[str, str]


@attrs.frozen(kw_only=True)
class Order:
    """What was confirmed.

    Attributes:
        command: Such as ``links clean``.
        options: How it is to be done.
        began: When.
        assignments: What is to be done in each org.
    """

    command: str
    options: Mapping[str, Any]
    began: datetime
    assignments: tuple[Assignment, ...]


def check_journal_path(path: Path, *, new_folder: bool) -> None:
    """Check that a new journal could be written, before anything is done.

    Args:
        path: Where it is to be.
        new_folder: Whether its folder is made if it is not there.

    Raises:
        aiozcrm.errors.ConfigurationError: If it could not.
    """
    path = path.absolute()
    if os.path.lexists(path):
        raise _taken(path)
    folder = nearest_folder(path) if new_folder else path.parent
    if reason := why_not_writable(folder):
        raise _unwritable(path, reason)


def is_journal(path: Path) -> bool:
    """Return whether the file at *path* is a journal."""
    return _head_of(path) == _MARK


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_MARK))


class Journal:
    """An open journal; `create` and `reopen` make one.

    Args:
        path: The file.
        order: What was confirmed.
        lines: Where lines are appended.
        settled: The results that need no further run.
        doubtful: Profile and id of what an earlier run may have done.

    Attributes:
        path: The file.
        order: What was confirmed.
        settled: The results that need no further run, by profile and id.
        doubtful: Profile and id of what an earlier run may have done.
    """

    def __init__(
        self,
        path: Path,
        order: Order,
        lines: Lines,
        *,
        settled: Iterable[Result] = (),
        doubtful: Iterable[_Key] = (),
    ) -> None:
        self.path = path
        self.order = order
        self.settled: Mapping[_Key, Result] = {
            (result.profile, result.id): result for result in settled
        }
        self.doubtful: AbstractSet[_Key] = frozenset(doubtful)
        self._lines = lines

    @classmethod
    @contextlib.contextmanager
    def create(cls, path: Path, order: Order, settled: Iterable[Result] = ()) -> Iterator[Self]:
        """Begin a journal, and put on the disk what is to be done.

        Args:
            path: The file.
            order: What was confirmed.
            settled: The results that need no call.

        Raises:
            aiozcrm.errors.ConfigurationError: If the file exists.
            OSError: If it cannot be written.
        """
        path = path.absolute()
        # The lock is beside it.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(path), Lines(_opened_new(path)) as lines:
            lines.append(_order_to_json(order))
            kept = list(settled)
            for result in kept:
                lines.append(_result_to_json(result))
            lines.sync()
            sync_folder(path.parent)
            yield cls(path, order, lines, settled=kept)

    @classmethod
    @contextlib.contextmanager
    def reopen(cls, path: Path) -> Iterator[Self]:
        """Open the journal of a run that has ended in any way, to continue it.

        Raises:
            aiozcrm.errors.ConfigurationError: If it is not a journal, is damaged, or is in use.
            OSError: If it cannot be read or written.
        """
        path = path.absolute()
        if not path.is_file():
            raise ConfigurationError(
                f"There is no journal {path}.",
                hint="Give the path that the run printed when it was stopped.",
            )
        # It may be cut off. Whose content is no order needs no other mode, but another path.
        if not _MARK.startswith(_head_of(path)):
            raise ConfigurationError(
                f"{path} is not a journal of aiozcrm.",
                hint="Give the path that the run printed behind 'Journal:'.",
            )
        with _locked(path):
            size = path.stat().st_size
            content = PrivateFile(path, holds="orders", max_bytes=size).read()
            # The last line has no end if the run was killed while writing it.
            whole = content[: content.rfind(b"\n") + 1]
            order, memory = _recall(path, whole)
            with Lines(os.open(path, APPEND)) as lines:
                lines.cut(len(whole))
                lines.append({"resumed": _now(), "version": __version__})
                yield cls(
                    path,
                    order,
                    lines,
                    settled=memory.settled.values(),
                    doubtful=memory.doubtful,
                )

    def begin(self, profile: str, subject_id: str) -> None:
        """Note that an id is about to be sent.

        Raises:
            OSError: If that cannot be written.
        """
        self._lines.append({"begin": subject_id, "profile": profile, "at": _now()})

    async def keep(self, result: Result) -> None:
        """Note a result, and return when it is safe.

        It survives a crash of the process at once, and one of the machine when this returns. The
        disk is waited for in a thread, so that only the worker that awaits this is held up.

        Raises:
            OSError: If it cannot be written.
        """
        self._lines.append(_result_to_json(result))
        await asyncio.to_thread(self._lines.sync)


@attrs.define(eq=False)
class _Memory:
    """The content of a journal.

    Attributes:
        names: The name of each subject.
        settled: The results that need no further run.
        doubtful: Those that may have been done.
    """

    names: Mapping[_Key, str | None]
    settled: dict[_Key, Result] = attrs.field(init=False, factory=dict)
    doubtful: set[_Key] = attrs.field(init=False, factory=set)

    def note(self, line: Mapping[str, Any]) -> None:
        """Read one line."""
        if "begin" in line:
            # In doubt until there is an outcome.
            self.doubtful.add(self._known((line["profile"], line["begin"])))
        elif "resumed" not in line:
            key = self._known((line["profile"], line["id"]))
            result = _result_from_json(line, self.names[key])
            if result.kind not in UNFINISHED:
                self.settled[key] = result
            if result.kind != "in_doubt":
                self.doubtful.discard(key)

    def _known(self, key: _Key) -> _Key:
        if key not in self.names:
            raise KeyError(key)
        return key


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = FileLock(f"{path}.lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except (Timeout, FileNotFoundError):  # which one hangs on the filelock
        if not os.path.exists(lock.lock_file):  # noqa: PTH110  # as above
            raise _unwritable(path, "no lock can be made beside it") from None
        raise ConfigurationError(
            f"Another run is writing to {path}.",
            hint="Wait until it has ended.",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _opened_new(path: Path) -> int:
    try:
        return open_new(path)
    except FileExistsError:
        raise _taken(path) from None


def _unwritable(path: Path, reason: str | None) -> ConfigurationError:
    return ConfigurationError(
        f"The journal {path} cannot be written: {reason}.",
        hint="Name a file in another folder with --journal.",
    )


def _taken(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path} exists already.",
        hint="Resume it with --resume, or name another file.",
    )


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def _recall(path: Path, content: bytes) -> tuple[Order, _Memory]:
    first, *lines = _read_lines(path, content)
    order: Order = _understood(path, 1, _order_from_json, first)
    memory = _Memory(
        {
            (assignment.target.profile, subject.id): subject.name
            for assignment in order.assignments
            for subject in assignment.subjects
        },
    )
    for number, line in enumerate(lines, start=2):
        _understood(path, number, memory.note, line)
    return order, memory


def _read_lines(path: Path, content: bytes) -> list[Mapping[str, Any]]:
    raws = content.split(b"\n")[:-1]
    if not raws:
        raise ConfigurationError(
            f"{path} is empty: the run ended before anything was sent.",
            hint="Start a new run.",
        )
    return [_understood(path, number, _object, raw) for number, raw in enumerate(raws, start=1)]


def _object(raw: bytes) -> Mapping[str, Any]:
    read = json.loads(raw)
    if not isinstance(read, dict):
        raise TypeError
    return read


def _understood(path: Path, number: int, read: Callable[..., Any], *arguments: Any) -> Any:
    """Return what *read* returns; if it fails, raise an error that names the line."""
    try:
        return read(*arguments)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise ConfigurationError(
            f"{path}, line {number}, cannot be understood: it is not a journal of this version of "
            "aiozcrm, or it was changed.",
            hint="Name another file, or start a new run.",
        ) from None


def _order_to_json(order: Order) -> Mapping[str, Any]:
    return {
        _FORMAT_KEY: _FORMAT,
        "version": __version__,
        "command": order.command,
        "options": order.options,
        "began": order.began.isoformat(),
        "assignments": [
            {
                "target": attrs.asdict(assignment.target),
                "subjects": [{"id": one.id, "name": one.name} for one in assignment.subjects],
            }
            for assignment in order.assignments
        ],
    }


def _order_from_json(line: Mapping[str, Any]) -> Order:
    if line[_FORMAT_KEY] != _FORMAT:
        raise ValueError
    return Order(
        command=_text(line["command"]),
        options=dict(line["options"]),
        began=datetime.fromisoformat(line["began"]),
        assignments=tuple(
            Assignment(
                target=Target(**found["target"]),
                subjects=tuple(
                    Subject(id=_text(subject["id"]), name=_text_or_none(subject["name"]))
                    for subject in found["subjects"]
                ),
            )
            for found in line["assignments"]
        ),
    )


def _result_to_json(result: Result) -> Mapping[str, Any]:
    return {
        "profile": result.profile,
        "id": result.id,
        "status": result.status,
        "kind": result.kind,
        "attempts": result.attempts,
        "error": result.error,
        **({} if result.record_id is None else {"record": result.record_id}),
        "at": _now(),
    }


def _result_from_json(line: Mapping[str, Any], name: str | None) -> Result:
    attempts = line["attempts"]
    # Journals of 0.1 do not have the kind.
    kind = line["kind"] if "kind" in line else _KINDS[line["status"]]
    if kind not in MEANINGS or type(attempts) is not int:
        raise ValueError
    return Result(
        profile=line["profile"],
        id=line["id"],
        name=name,
        status=_text(line["status"]),
        kind=kind,
        attempts=attempts,
        error=_text_or_none(line["error"]),
        record_id=_text_or_none(line.get("record")),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
