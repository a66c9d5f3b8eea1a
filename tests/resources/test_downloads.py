"""Downloads: to a path, a folder, an open file or into memory, and what breaks on the way."""

import asyncio
import io
import os
import threading
from pathlib import Path

import pytest

from aiozcrm import RetryPolicy, ZohoCRM
from aiozcrm._protocol import Streamed
from aiozcrm.errors import (
    ApiError,
    ClientClosedError,
    ConnectionLostError,
    ForeignHostError,
    InvalidInputError,
    InvalidResponseError,
    NotFoundError,
    ScopeError,
    ServerError,
)
from aiozcrm.resources._behaviours._transfers import Downloading
from aiozcrm.testing import Dialect, FakeZoho, Fault
from aiozcrm.testing._families import _files
from aiozcrm.testing._wire import _stored_file

CONTENT = bytes(range(256)) * 12_000


class Somewhere(Downloading):
    """A family that downloads from addresses."""

    path = "files"
    key = "data"

    def download(self, url, to=None):
        """Download from an address."""
        return self._download_from(url, to=to)


@pytest.fixture
def file_id(fake):
    """The id of a file of three megabytes."""
    return fake.files.add("offer ä.pdf", CONTENT)


def names_in(folder):
    """Return the names of the files in a folder."""
    return {path.name for path in folder.iterdir()}


def size_of(path):
    """Return how many bytes a file has, if it is there."""
    return path.exists() and path.stat().st_size


async def until(condition):
    """Wait until something is true."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0)


def asked(fake):
    """Return how often the local Zoho was asked for a file."""
    return sum(request == ("GET", "/crm/v7/files") for request in fake.stats.requests)


async def test_a_download_goes_to_a_path(crm, file_id, tmp_path):
    """The file that was there is replaced, and nothing else is left in the folder."""
    (tmp_path / "mine.pdf").write_bytes(b"old")

    assert tmp_path / "mine.pdf" == await crm.files.download(file_id, tmp_path / "mine.pdf")
    assert (tmp_path / "other.pdf") == await crm.files.download(file_id, f"{tmp_path}/other.pdf")
    assert {"mine.pdf", "other.pdf"} == names_in(tmp_path)
    assert CONTENT == (tmp_path / "mine.pdf").read_bytes() == (tmp_path / "other.pdf").read_bytes()


async def test_a_download_to_a_folder_has_the_name_that_zoho_gives_it(crm, fake, tmp_path):
    """As far as it is harmless."""
    evil = fake.files.add("../../\x1b[31mevil\n.sh", b"x")

    assert tmp_path / "[31mevil.sh" == await crm.files.download(evil, tmp_path)
    assert {"[31mevil.sh"} == names_in(tmp_path)


async def test_a_download_goes_to_an_open_file(crm, file_id, tmp_path):
    """From where it stands; it stays open."""
    file = io.BytesIO()
    file.write(b"head")
    with (tmp_path / "open").open("wb") as on_disk:
        assert Path() == await crm.files.download(file_id, file)
        assert tmp_path / "open" == await crm.files.download(file_id, on_disk)
        assert not on_disk.closed

    assert b"head" + CONTENT == file.getvalue()
    assert CONTENT == (tmp_path / "open").read_bytes()


async def test_a_download_comes_as_it_comes(crm, file_id):
    """Without a target it is a context manager of the bytes, with the name that Zoho gives."""
    async with crm.files.download(file_id) as file:
        pieces = [piece async for piece in file]

    assert CONTENT == b"".join(pieces)
    assert len(pieces) > 1
    assert ("offer ä.pdf", len(CONTENT), "application/pdf") == (
        file.name,
        file.length,
        file.content_type,
    )


async def test_a_download_may_be_left_early(crm, fake, file_id):
    """The rest is not read, and the client goes on."""
    async with crm.files.download(file_id) as file:
        async for _ in file:
            break

    assert (await crm.org.get())["zgid"] == fake.id


async def test_an_empty_path_is_told(crm, fake):
    """It would be the folder in which the program runs."""
    with pytest.raises(InvalidInputError, match="empty"):
        await crm.files.download("x", "")

    assert [] == list(fake.stats.requests)


@pytest.mark.parametrize("to", ["missing/a.pdf", "missing/", "a folder", "pipe", "a\0b"])
async def test_a_place_that_cannot_be_is_told_before_anything_is_sent(crm, fake, tmp_path, to):
    """A folder that is not there, something that is no file, and a name that none can have."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a folder").write_bytes(b"a file")
    place = f"{tmp_path}/{to}" if to != "a folder" else f"{tmp_path}/{to}/"

    with pytest.raises(InvalidInputError, match=r"There is no folder|is not a file|not the name"):
        await crm.files.download("x", place)

    assert [] == list(fake.stats.requests)


@pytest.mark.parametrize("to", [io.StringIO(), 5, b"a.pdf"], ids=["text", "number", "bytes"])
async def test_what_is_no_target_is_a_type_error(crm, fake, to):
    """A file of text, or none at all; nothing is sent."""
    with pytest.raises(TypeError, match="a path or an open binary file"):
        await crm.files.download("x", to)

    assert [] == list(fake.stats.requests)


@pytest.mark.parametrize("id", ["", " ", None, 1.5])
async def test_what_is_no_id_of_a_file_is_not_sent(crm, fake, id):
    """Neither with nor without a target."""
    with pytest.raises((InvalidInputError, TypeError)):
        crm.files.download(id)

    assert [] == list(fake.stats.requests)


async def test_what_is_not_there_is_not_found(crm, tmp_path):
    """And leaves no file."""
    with pytest.raises(NotFoundError):
        await crm.files.download("ffff", tmp_path / "a")
    with pytest.raises(NotFoundError):
        await crm.files.download("ffff", tmp_path)
    with pytest.raises(NotFoundError):
        async with crm.files.download("ffff"):
            pass

    assert set() == names_in(tmp_path)


@pytest.mark.parametrize("folder", [False, True])
async def test_a_download_that_breaks_goes_on_where_it_broke(crm, fake, file_id, tmp_path, folder):
    """If the server tells that the file is still the same. It may break any number of times."""
    fake.faults.script(*[Fault.TRUNCATED_BODY] * 8)

    path = await crm.files.download(file_id, tmp_path if folder else tmp_path / "offer ä.pdf")

    assert CONTENT == path.read_bytes()
    assert {"offer ä.pdf"} == names_in(tmp_path)
    assert fake.stats.last_headers["Range"].startswith("bytes=30")
    assert "If-Range" in fake.stats.last_headers
    assert 9 == asked(fake)


async def test_a_download_that_breaks_begins_again_where_nothing_tells_that_it_may_go_on(
    quick, tmp_path
):
    """To a path and to a file that can be sought; as often as the policy says."""
    async with (
        FakeZoho(dialect=Dialect(ranges=False)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        file_id = fake.files.add("a", CONTENT)
        fake.faults.script(Fault.TRUNCATED_BODY, Fault.TRUNCATED_BODY)
        await crm.files.download(file_id, tmp_path / "a")
        fake.faults.script(Fault.TRUNCATED_BODY)
        await crm.files.download(file_id, file := io.BytesIO())
        fake.faults.script(*[Fault.TRUNCATED_BODY] * 5)
        with pytest.raises(ConnectionLostError):
            await crm.files.download(file_id, tmp_path / "b")

    assert CONTENT == (tmp_path / "a").read_bytes() == file.getvalue()
    assert {"a"} == names_in(tmp_path)


async def test_a_server_that_only_pretends_to_go_on_is_not_asked_for_ever(zoho, script, tmp_path):
    """It tells that the file is the same, and sends it from the beginning each time."""
    short = script.response(200, b"abc", Content_Length="5", ETag='"x"')
    script.add(*[short] * 20)
    with pytest.raises(ConnectionLostError):
        await zoho.files.download("f1", tmp_path / "a")

    assert len(script.requests) < 10


async def test_a_connection_that_breaks_at_the_same_place_is_given_up(crm, quick, tmp_path):
    """Where the answers have an ETag, and ranges are ignored."""
    async with FakeZoho() as fake, ZohoCRM(fake.credentials(), retries=quick) as zoho:
        # So little that a half of it comes at once: of more, some breaks come later than others.
        file_id = fake.files.add("a", CONTENT[:20_000])
        real = _stored_file.hand_out
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(
                _files, "hand_out", lambda file, _, ranges: real(file, {}, ranges=ranges)
            )
            fake.faults.mix({Fault.TRUNCATED_BODY: 1.0}, seed=1)
            with pytest.raises(ConnectionLostError):
                await zoho.files.download(file_id, tmp_path / "a")
    assert asked(fake) < 10


async def test_a_download_to_what_cannot_go_back_is_not_begun_again(quick):
    """An open file that cannot be sought, such as a pipe."""

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    async with (
        FakeZoho(dialect=Dialect(ranges=False)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        file_id = fake.files.add("a", CONTENT)
        await crm.files.download(file_id, pipe := Pipe())
        fake.faults.script(Fault.TRUNCATED_BODY)
        with pytest.raises(InvalidInputError, match="cannot go back"):
            await crm.files.download(file_id, Pipe())

    assert CONTENT == pipe.getvalue()


async def test_a_file_that_changes_meanwhile_is_read_again(crm, fake, file_id, tmp_path):
    """Halves of two files are never put together."""
    new = b"new" + CONTENT
    fake.faults.script(Fault.TRUNCATED_BODY)
    fake.faults.slow = 0.01

    async def change():
        await until(lambda: asked(fake))
        fake.files.replace(file_id, new)

    changing = asyncio.create_task(change())
    await crm.files.download(file_id, tmp_path / "a")
    await changing

    assert new == (tmp_path / "a").read_bytes()


async def test_a_part_of_an_earlier_run_is_gone_on_with(crm, fake, file_id, tmp_path):
    """After a failure that the client gave up on, and of the same file only."""
    other = fake.files.add("other", CONTENT[::-1])
    async with ZohoCRM(fake.credentials(), retries=RetryPolicy(attempts=1)) as hasty:
        fake.faults.script(Fault.TRUNCATED_BODY)
        with pytest.raises(ConnectionLostError):
            await hasty.files.download(file_id, tmp_path / "a")
        assert {"a.part", "a.part.json"} == names_in(tmp_path)
        await crm.files.download(file_id, tmp_path / "a")
        assert "Range" in fake.stats.last_headers
        fake.faults.script(Fault.TRUNCATED_BODY)
        with pytest.raises(ConnectionLostError):
            await hasty.files.download(file_id, tmp_path / "b")
        await crm.files.download(other, tmp_path / "b")
        assert "Range" not in fake.stats.last_headers

    assert CONTENT == (tmp_path / "a").read_bytes()
    assert CONTENT[::-1] == (tmp_path / "b").read_bytes()
    assert {"a", "b"} == names_in(tmp_path)


async def test_a_part_in_a_folder_is_gone_on_with(crm, fake, file_id, tmp_path):
    """Its name is known only when the answer has come: then the rest is asked for."""
    async with ZohoCRM(fake.credentials(), retries=RetryPolicy(attempts=1)) as hasty:
        fake.faults.script(Fault.TRUNCATED_BODY)
        with pytest.raises(ConnectionLostError):
            await hasty.files.download(file_id, tmp_path)
    path = await crm.files.download(file_id, tmp_path)

    assert CONTENT == path.read_bytes()
    assert fake.stats.last_headers["Range"].startswith("bytes=")
    assert {"offer ä.pdf"} == names_in(tmp_path)


@pytest.mark.parametrize("note", [None, "{", "[]", '{"source": 1}'])
async def test_a_part_of_which_nothing_is_known_is_not_used(crm, file_id, tmp_path, note):
    """What a killed process left behind without a note, or with half of one."""
    (tmp_path / "a.part").write_bytes(b"something else")
    if note is not None:
        (tmp_path / "a.part.json").write_text(note)

    await crm.files.download(file_id, tmp_path / "a")

    assert CONTENT == (tmp_path / "a").read_bytes()
    assert {"a"} == names_in(tmp_path)


async def test_a_part_that_is_whole_is_taken_for_what_it_is_not(crm, fake, file_id, tmp_path):
    """Killed between the last byte and the move, the file is asked for once more."""
    async with ZohoCRM(fake.credentials(), retries=RetryPolicy(attempts=1)) as hasty:
        fake.faults.script(Fault.TRUNCATED_BODY)
        with pytest.raises(ConnectionLostError):
            await hasty.files.download(file_id, tmp_path / "a")
    (tmp_path / "a.part").write_bytes(CONTENT)

    await crm.files.download(file_id, tmp_path / "a")

    assert CONTENT == (tmp_path / "a").read_bytes()


async def test_two_downloads_do_not_write_the_same_file(crm, fake, file_id, tmp_path):
    """The second one is told; the first one goes on."""
    fake.faults.slow = 0.2
    fake.faults.script(Fault.SLOW_BODY)
    first = asyncio.create_task(crm.files.download(file_id, tmp_path / "a"))
    await until((tmp_path / "a.part").exists)

    with pytest.raises(InvalidInputError, match="Another download"):
        await crm.files.download(file_id, tmp_path / "a")

    await first
    assert CONTENT == (tmp_path / "a").read_bytes()


async def test_a_part_that_another_download_has_just_finished_is_not_written(
    crm, file_id, tmp_path, monkeypatch
):
    """It has been moved to its place between opening and locking."""
    (tmp_path / "a.part").write_bytes(b"finished")
    real, moved = os.fstat, []

    def fstat(number):
        if not moved and threading.current_thread() is not threading.main_thread():
            moved.append((tmp_path / "a.part").rename(tmp_path / "finished"))
        return real(number)

    monkeypatch.setattr(os, "fstat", fstat)
    await crm.files.download(file_id, tmp_path / "a")

    assert b"finished" == (tmp_path / "finished").read_bytes()
    assert CONTENT == (tmp_path / "a").read_bytes()


async def test_a_cancelled_download_leaves_nothing_under_its_name(crm, fake, file_id, tmp_path):
    """At whatever moment; the next one is whole."""
    fake.faults.slow = 5
    for turns in range(0, 60, 3):
        fake.faults.script(Fault.SLOW_BODY)
        task = asyncio.create_task(crm.files.download(file_id, tmp_path / "a"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not (tmp_path / "a").exists()
        fake.faults.clear()

    await crm.files.download(file_id, tmp_path / "a")
    assert CONTENT == (tmp_path / "a").read_bytes()
    assert {"a"} == names_in(tmp_path)


async def test_the_end_of_an_event_loop_leaves_no_write_behind(crm, file_id):
    """It cancels all tasks there are; a write under way ends before anything else happens."""
    writing, go_on = [], threading.Event()

    class SlowFile(io.BytesIO):
        def write(self, piece):
            writing.append(piece)
            assert go_on.wait(60)
            return super().write(piece)

    file = SlowFile()
    before = asyncio.all_tasks()
    task = asyncio.create_task(crm.files.download(file_id, file))
    await until(lambda: writing)
    for each in asyncio.all_tasks() - before:
        each.cancel()
    await asyncio.wait([task], timeout=0.2)
    assert len(writing) == 1
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert file.getvalue()
    assert CONTENT.startswith(file.getvalue())


async def test_no_call_waits_for_downloads_that_go_on(crm, fake, file_id, tmp_path):
    """However many there are: a call finds a connection at once."""
    fake.faults.slow = 30
    fake.faults.script(*[Fault.SLOW_BODY] * 40)
    tasks = [
        asyncio.create_task(crm.files.download(file_id, tmp_path / f"{number}"))
        for number in range(40)
    ]
    await until(lambda: not fake.faults.unused)
    async with asyncio.timeout(5):
        assert fake.id == (await crm.org.get())["zgid"]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_closing_the_client_ends_a_download(fake, file_id, tmp_path, quick):
    """While the body comes, and while it waits to go on."""
    crm = ZohoCRM(fake.credentials(), retries=quick)
    fake.faults.slow = 30
    fake.faults.script(Fault.SLOW_BODY)
    task = asyncio.create_task(crm.files.download(file_id, tmp_path / "a"))
    await until(lambda: size_of(tmp_path / "a.part"))
    await crm.close()
    with pytest.raises(ClientClosedError):
        await task

    waiting = ZohoCRM(fake.credentials(), retries=RetryPolicy(first_delay=60, max_delay=60))
    fake.faults.script(Fault.TRUNCATED_BODY)
    task = asyncio.create_task(waiting.files.download(file_id, tmp_path / "b"))
    await until(lambda: fake.faults.injected[Fault.TRUNCATED_BODY])
    await asyncio.sleep(0.1)
    await waiting.close()
    with pytest.raises(ClientClosedError):
        await task
    assert not {"a", "b"} & names_in(tmp_path)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"code": "NO_PERMISSION", "status": "error", "message": "no"}, ApiError),
        (200, {"code": "OAUTH_SCOPE_MISMATCH", "status": "error"}, ScopeError),
        (200, {"data": [{"code": "INVALID_DATA", "status": "error"}]}, ApiError),
        (200, {"x-error": "Link not valid", "status": "error", "http_status": "403"}, ApiError),
        (200, {"code": "SUCCESS", "status": "success"}, InvalidResponseError),
        (200, {"a": 1}, InvalidResponseError),
        (400, {"code": "DOWNLOAD_NOT_ALLOWED", "status": "error"}, ApiError),
    ],
)
async def test_an_error_that_comes_as_json_is_an_error(zoho, script, tmp_path, status, body, kind):
    """Whatever its status; nothing is written."""
    for _ in range(10):
        script.add(script.response(status, body, Content_Type="application/json;charset=UTF-8"))

    with pytest.raises(kind):
        await zoho.files.download("f1", tmp_path / "a")
    with pytest.raises(kind):
        async with zoho.files.download("f1"):
            pass
    assert set() == names_in(tmp_path)


async def test_trouble_that_comes_as_json_under_200_heals(zoho, script, tmp_path):
    """It is asked for again, as after a status of 500; so is what a proxy answers."""
    trouble = {"code": "INTERNAL_ERROR", "status": "error", "message": "x", "details": {}}
    script.add(script.response(200, trouble, Content_Type="application/json"))
    script.add(script.response(200, b"<html>", Content_Type="text/html"))
    script.add(script.response(200, b'{"a": 1}', Content_Disposition="x; filename=a.json"))

    path = await zoho.files.download("f1", tmp_path)

    assert (tmp_path / "a.json", b'{"a": 1}') == (path, path.read_bytes())
    script.add(*[script.response(200, trouble, Content_Type="application/json")] * 5)
    with pytest.raises(ServerError):
        await zoho.files.download("f1", tmp_path)


async def test_an_answer_that_is_too_short_is_no_file(zoho, script, tmp_path):
    """Whoever has sent it. It is asked for again, then told."""
    short = script.response(200, b"abc", Content_Length="5", ETag='"x"')
    script.add(short, script.response(200, b"abcde", Content_Length="5"))
    path = await zoho.files.download("f1", tmp_path / "a")
    assert b"abcde" == path.read_bytes()

    script.add(short)
    with pytest.raises(ConnectionLostError, match="3 of 5 bytes"):
        async with zoho.files.download("f1") as file:
            _ = [piece async for piece in file]
    script.add(*[short] * 10)
    with pytest.raises(ConnectionLostError, match="3 of 5 bytes"):
        await zoho.files.download("f1", tmp_path / "b")


async def test_a_part_that_does_not_fit_is_not_taken(zoho, script, tmp_path):
    """Another place, another file, or a part that nobody has asked for."""
    first = script.response(200, b"abc", Content_Length="5", ETag='"x"')
    elsewhere = script.response(206, b"e", Content_Range="bytes 4-4/5", ETag='"x"')
    another = script.response(206, b"de", Content_Range="bytes 3-4/5", ETag='"y"')
    longer = script.response(206, b"def", Content_Range="bytes 3-5/6")
    nowhere = script.response(206, b"de")
    whole = script.response(200, b"abcde", Content_Length="5")
    for misfit in (elsewhere, another, longer, nowhere):
        script.add(first, misfit, whole)
        path = await zoho.files.download("f1", tmp_path / "a")
        assert b"abcde" == path.read_bytes()

    for misfit in (another, nowhere, script.response(206, b"ab", Content_Range="bytes 0-1/*")):
        script.add(misfit)
        with pytest.raises(InvalidResponseError, match="was not asked for"):
            await zoho.files.download("f1", tmp_path / "b")
        script.add(misfit)
        with pytest.raises(InvalidResponseError, match="was not asked for"):
            async with zoho.files.download("f1"):
                pass
    assert {"a"} == names_in(tmp_path)


async def test_an_open_file_without_a_buffer_gets_every_byte(zoho, script):
    """It may take a part of what it is given; if it takes nothing, the download fails."""

    class Pipe(io.RawIOBase):
        def __init__(self, room):
            self.taken, self.room = b"", room

        def writable(self):
            return True

        def write(self, data):
            part = bytes(data)[: min(3, self.room - len(self.taken))]
            self.taken += part
            return len(part) or None

    content = bytes(range(100))
    script.add(*[script.response(200, content)] * 2)
    pipe = Pipe(len(content))
    await zoho.files.download("f1", pipe)
    assert pipe.taken == content
    with pytest.raises(BlockingIOError):
        await zoho.files.download("f1", Pipe(10))


async def test_an_open_file_need_not_say_how_much_it_takes(zoho, script):
    """As those that count or hash what passes through them."""

    class Counting(io.BytesIO):
        def write(self, data):
            super().write(data)

    file = Counting()
    script.add(script.response(200, b"abc"))
    await zoho.files.download("f1", file)
    assert file.getvalue() == b"abc"


@pytest.mark.parametrize("length", [245, 246, 255])
async def test_a_name_may_be_as_long_as_a_file_system_takes(crm, fake, file_id, tmp_path, length):
    """The part has another one then, and is gone on with as any other."""
    place = tmp_path / ("a" * length)
    fake.faults.script(Fault.TRUNCATED_BODY)
    await crm.files.download(file_id, place)
    assert place.read_bytes() == CONTENT
    assert names_in(tmp_path) == {place.name}


async def test_a_part_that_cannot_be_removed_blocks_no_later_download(
    zoho, script, tmp_path, monkeypatch
):
    """It is closed in any case, which unlocks it."""

    def refuse(*_, **__):
        raise PermissionError("no")

    script.add(script.response(403, {"code": "NO_PERMISSION", "status": "error"}))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        with pytest.raises(PermissionError) as caught:
            await zoho.files.download("f1", tmp_path / "a")
    script.add(script.response(200, b"abc"))
    assert (await zoho.files.download("f1", tmp_path / "a")).read_bytes() == b"abc"
    assert isinstance(caught.value.__context__, ApiError)


async def test_a_file_that_cannot_be_moved_to_its_place_is_an_error(
    crm, file_id, tmp_path, monkeypatch
):
    """What was read stays for the next attempt."""
    with monkeypatch.context() as patched:

        def refuse(*_):
            raise PermissionError("no")

        patched.setattr(Path, "replace", refuse)
        with pytest.raises(PermissionError):
            await crm.files.download(file_id, tmp_path / "a")
    assert "a" not in names_in(tmp_path)
    await crm.files.download(file_id, tmp_path / "a")

    assert CONTENT == (tmp_path / "a").read_bytes()
    assert {"a"} == names_in(tmp_path)


async def test_a_file_on_a_foreign_host_gets_no_token(zoho, script, tmp_path):
    """It is not even asked for."""
    somewhere = Somewhere(zoho._api)
    for url in (
        "https://files.example.com/v2/crm/1/a.zip",
        "https://download-accl.zoho.eu.example.com/a.zip",
        "http://download-accl.zoho.eu/a.zip",
        "https://user@download-accl.zoho.eu/a.zip",
        "https://download-accl.zoho.com/a.zip",  # another data centre
    ):
        with pytest.raises(ForeignHostError):
            await somewhere.download(url, tmp_path)
        with pytest.raises(ForeignHostError):
            async with somewhere.download(url):
                pass

    assert [] == script.requests


async def test_a_file_on_a_host_of_zohos_is_downloaded(zoho, script, tmp_path):
    """By its address, or by a path at the host for downloads."""
    for url, sent in {
        "https://download-accl.zoho.eu/v2/crm/1/a.zip?x=1&y=%20": "https://download-accl.zoho.eu",
        "https://download2.zoho.eu/v2/crm/1/a.zip?x=1&y=%20": "https://download2.zoho.eu",
        "/v2/crm/1/a.zip?x=1&y=%20": "https://download-accl.zoho.eu",
    }.items():
        script.add(script.response(200, b"PK"))
        path = await Somewhere(zoho._api).download(url, tmp_path / "a.zip")
        request = script.requests[-1]
        assert b"PK" == path.read_bytes()
        assert (sent, "/v2/crm/1/a.zip") == (request.origin, request.path)
        assert request.query in {"x=1&y=%20", "x=1&y=+"}
        assert "Zoho-oauthtoken 1000.secret" in request.headers["Authorization"]


@pytest.mark.parametrize(
    "url",
    ["", "a.zip", "ftp://download.zoho.eu/a", "https://download.zoho.eu", None, 5, "/a?x", "/.."],
)
async def test_what_is_no_address_of_a_file_is_not_asked_for(zoho, script, url, tmp_path):
    """Nothing is sent."""
    with pytest.raises((InvalidInputError, TypeError)):
        Somewhere(zoho._api).download(url, tmp_path)

    assert [] == script.requests


async def test_a_bug_of_a_sender_passes_through_a_download(make_zoho, script, tmp_path):
    """And leaves no file."""

    class Streaming:
        send = script.send

        def stream(self, request):
            return self

        async def __aenter__(self):
            return Streamed(200, {}, self.pieces())

        async def __aexit__(self, *_):
            pass

        async def pieces(self):
            yield b"abc"
            raise KeyError("bug")

    async with make_zoho(sender=Streaming()) as zoho:
        with pytest.raises(KeyError):
            await zoho.files.download("f1", tmp_path / "a")

    assert set() == names_in(tmp_path)
