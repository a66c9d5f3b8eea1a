"""Downloads: the bytes of a file as they come, into memory of yours or into a file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final, overload

from aiozcrm._protocol import (
    ApiCall,
    Streamed,
    clean_name,
    encode_query,
    file_name,
    length_of,
    start_of,
    validator_of,
)
from aiozcrm._transport import Transport
from aiozcrm._waiting import in_a_thread
from aiozcrm.errors import (
    ApiError,
    ConnectionLostError,
    InvalidInputError,
    InvalidResponseError,
    NotFoundError,
    TransportError,
)
from aiozcrm.resources._download_targets import (
    PartFile,
    Target,
    TargetFile,
    check_place,
    open_file,
)

__all__ = ["FileStream", "download"]

#: How many bytes are written at once.
_PIECE: Final = 1024 * 1024

_RANGE_NOT_SATISFIABLE: Final = 416


@overload
def download(
    transport: Transport, call: ApiCall, to: None
) -> AbstractAsyncContextManager[FileStream]: ...
@overload
def download(
    transport: Transport, call: ApiCall, to: TargetFile, *, size: int | None = ...
) -> Coroutine[Any, Any, Path]: ...
@overload
def download(
    transport: Transport, call: ApiCall, to: TargetFile | None
) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]: ...
def download(
    transport: Transport, call: ApiCall, to: TargetFile | None, *, size: int | None = None
) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
    """Return what makes a call whose answer is a file.

    A download that breaks goes on where it broke if Zoho's answers tell that the file is still
    the same; otherwise it begins again. One that is handed out as it comes does neither.

    Args:
        transport: Makes the call.
        call: What is asked.
        to: Where the file goes; None to hand it out as it comes.
        size: How many bytes Zoho has told of it before. A file of another size is asked for once
            more, since it may be the late answer to another call.

    Raises:
        aiozcrm.errors.InvalidInputError: If it cannot go there; nothing is sent.
        aiozcrm.errors.NotFoundError: If there is no file.
        aiozcrm.errors.ZohoError: If the call failed, or the download broke too often.
        OSError: If the file cannot be written.
        TypeError: If *to* is something else.
    """
    return _open(transport, call) if to is None else _save(transport, call, to, size)


class FileStream:
    """A file as it comes. Iterate over it once: ``async for piece in file``.

    Attributes:
        name: What Zoho calls it, without a path and other traps; empty if it has no name.
        length: How many bytes it has; None if that is not known.
        content_type: Its media type, as Zoho has it.
    """

    def __init__(self, call: ApiCall, streamed: Streamed) -> None:
        headers: Mapping[str, str] = streamed.headers
        name = file_name(headers)
        self.name: str = clean_name(name) if name else ""
        self.length: int | None = length_of(streamed.status, headers)
        self.content_type: str = headers.get("Content-Type", "")
        self._call = call
        self._streamed = streamed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the bytes in pieces.

        Raises:
            aiozcrm.errors.TransportError: If the connection broke before the end.
        """
        size = 0
        async for piece in self._streamed.chunks:
            size += len(piece)
            yield piece
        _check_whole(self._call, size, self.length)


@contextlib.asynccontextmanager
async def _open(transport: Transport, call: ApiCall) -> AsyncGenerator[FileStream, None]:
    async with transport.stream(call) as streamed:
        _check_there(call, streamed)
        if start_of(streamed.status, streamed.headers) != 0:
            raise _not_asked_for(call, streamed)
        yield FileStream(call, streamed)


async def _save(transport: Transport, call: ApiCall, to: TargetFile, size: int | None) -> Path:
    saving = _Saving(transport, call, size)
    try:
        await saving.aim(to)
        breaks = 0
        while True:
            try:
                if await saving.receive():
                    return await in_a_thread(saving.finish)
            except TransportError as error:
                if not saving.began:  # The transport has sent it as often as makes sense.
                    raise
                breaks = 1 if saving.got_on else breaks + 1
                await transport.wait_to_go_on(call, error, breaks)
    finally:
        await in_a_thread(saving.give_up)


class _Saving:
    """A download to a file, while it lasts.

    Attributes:
        began: Whether the last answer has begun to be written.
        got_on: Whether it has brought the file nearer to its end.

    Args:
        transport: Makes the call.
        call: What is asked.
        size: How many bytes the file should have; None if that is not known.
    """

    def __init__(self, transport: Transport, call: ApiCall, size: int | None) -> None:
        self._transport = transport
        self._size = size
        self._call = call
        self._folder = Path()
        self._target: Target | None = None
        self._length: int | None = None
        self._farthest = 0
        self.began = False
        self.got_on = False

    async def aim(self, to: TargetFile) -> None:
        """Find out where the file goes."""
        if not isinstance(to, (str, os.PathLike)):
            self._target = open_file(to)
            return
        if not os.fspath(to):
            raise InvalidInputError("The path of a download is empty.")
        place, is_folder = Path(to), os.fspath(to).endswith(("/", os.sep))
        if await in_a_thread(check_place, place, is_folder=is_folder):
            self._folder = place
        else:
            await in_a_thread(self._begin, place)

    async def receive(self) -> bool:
        """Ask for what is missing and write it; return whether the file is whole.

        If it is not, another call may bring what this one could not.
        """
        self.began = self.got_on = False
        target, asked = self._target, {}
        if target is not None and target.size and target.validator:
            asked = {"Range": f"bytes={target.size}-", "If-Range": target.validator}
        call = self._call.replace(headers={**self._call.headers, **asked})
        try:
            async with self._transport.stream(call) as streamed:
                return await self._take(streamed)
        except ApiError as error:
            if target is None or not asked or error.status != _RANGE_NOT_SATISFIABLE:
                raise
            await in_a_thread(target.restart, "")
            return False

    def finish(self) -> Path:
        """Keep the file, and return where it is."""
        target, self._target = self._target, None
        try:
            return target.finish()  # type: ignore[union-attr]  # it has received the file
        except BaseException:
            self._target = target
            raise

    def give_up(self) -> None:
        """Leave nothing behind that is of no use; after the end, do nothing."""
        if self._target is not None:
            self._target.give_up()

    async def _take(self, streamed: Streamed) -> bool:
        _check_there(self._call, streamed)
        length = length_of(streamed.status, streamed.headers)
        if self._size is not None and length not in {None, self._size}:
            self._size = None  # If the answer is the same again, it is the right one.
            self._transport.distrust_connections()
            return False
        validator = validator_of(streamed.headers)
        target = self._target
        if target is None:
            place = self._folder / clean_name(file_name(streamed.headers))
            target = await in_a_thread(self._begin, place)
            if target.size and target.validator == validator:
                return False  # A part of it is there: only the rest is asked for.
        start = start_of(streamed.status, streamed.headers)
        if start == 0:
            await in_a_thread(target.restart, validator)
            self._length = length
        elif not target.size:
            raise _not_asked_for(self._call, streamed)
        elif (
            start != target.size
            or validator not in {"", target.validator}
            or (None not in {length, self._length} and length != self._length)
        ):
            # It is part of another file, or not the part that is missing.
            await in_a_thread(target.restart, "")
            return False
        self.began = True
        try:
            await _pour(streamed.chunks, target)
        finally:
            # Not if it begins again each time, although it says that it need not.
            self.got_on = target.size > self._farthest and bool(target.validator)
            self._farthest = max(self._farthest, target.size)
        try:
            _check_whole(self._call, target.size, length)
        except ConnectionLostError:
            self.got_on = False
            raise
        return True

    def _begin(self, place: Path) -> Target:
        source = f"{self._call.path}?{encode_query(self._call.query)}"
        # In the thread that opens it, so that a cancellation leaves no open file behind.
        self._target = target = PartFile(place, source)
        return target


async def _pour(pieces: AsyncIterator[bytes], target: Target) -> None:
    """Write pieces as they come, a number of them at once; whatever happens, those that came."""
    held: list[bytes] = []
    size = 0
    try:
        async for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= _PIECE:
                full, held, size = held, [], 0
                await in_a_thread(target.write, full)
    finally:
        await in_a_thread(target.write, held)


def _check_there(call: ApiCall, streamed: Streamed) -> None:
    if streamed.status == 204:
        raise NotFoundError("There is no such file.", status=204, method=call.method, url=call.path)


def _not_asked_for(call: ApiCall, streamed: Streamed) -> InvalidResponseError:
    return InvalidResponseError(
        f"{call.method} {call.path} was answered with a part of the file that was not asked for.",
        status=streamed.status,
        excerpt="",
    )


def _check_whole(call: ApiCall, size: int, length: int | None) -> None:
    if length is not None and size != length:
        raise ConnectionLostError(
            f"{call.method} {call.path} ended after {size} of {length} bytes."
        )
