"""Downloads of programs that are killed, and large files in little memory."""

import asyncio
import contextlib
import hashlib
import os
import time
import tracemalloc

import attrs
import pytest
from forking import starting

from aiozcrm import ZohoCRM
from aiozcrm.resources.files import Files
from aiozcrm.testing import FakeZoho, TokenLimits

pytestmark = pytest.mark.system

MIB = 1024 * 1024
MOMENTS = 30

#: Downloads a file again and again if need be, as a program of a user's would.
PROGRAM = """
import asyncio
import aiozcrm.resources.files
from aiozcrm import Credentials, ZohoCRM

def main(file_id, target):
    asyncio.run(download(file_id, target))

async def download(file_id, target):
    async with ZohoCRM(Credentials.from_env()) as zoho:
        await zoho.files.download(file_id, target)
"""


def digest(path):
    """Return a hash of what a file holds."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def large(tmp_path):
    """A file in which no two pieces are alike."""
    path = tmp_path / "source"
    path.write_bytes(os.urandom(40 * MIB))
    return path


async def until_written(program, target, size):
    """Wait until a program has written so much of a file, or has ended."""
    part = target.with_name(f"{target.name}.part")
    while not program.has_ended() and not target.exists():
        if part.exists() and part.stat().st_size >= size:
            return
        await asyncio.sleep(0.001)


@pytest.fixture
async def fake():
    """A local Zoho that gives a token to each of many programs."""
    async with FakeZoho(tokens=TokenLimits(made=1000)) as running:
        yield running


async def test_a_program_that_is_killed_again_and_again_ends_with_the_whole_file(
    fake, large, tmp_path
):
    """Whenever it is killed, nothing half-written has the file's name; the next run goes on."""
    file_id = fake.files.add("large", large)
    folder = tmp_path / "target"
    folder.mkdir()
    target, killed, went_on = folder / "large", 0, False
    with starting(PROGRAM) as starter:
        for moment in range(MOMENTS):
            program = starter.start(file_id, str(target), environ=fake.environ())
            await until_written(program, target, moment * large.stat().st_size // MOMENTS)
            if not program.has_ended():
                program.kill()
                killed += 1
            else:
                program.wait()
            went_on = went_on or "Range" in fake.stats.last_headers
            if target.exists():
                assert digest(large) == digest(target)
                target.unlink()
        assert killed > MOMENTS // 2
        last = starter.start(file_id, str(target), environ=fake.environ())
        assert 0 == await asyncio.to_thread(last.wait)

    assert digest(large) == digest(target)
    assert ["large"] == [path.name for path in folder.iterdir()]
    assert went_on


class AnySize(Files):
    """Files beyond what Zoho takes."""

    most_bytes = 1 << 50


@contextlib.asynccontextmanager
async def watched():
    """Yield what tells, at the end, the peak of memory and the longest step of the event loop."""
    told, busy = {}, [0.0]

    async def watch():
        while True:
            cpu = time.thread_time()
            await asyncio.sleep(0.001)
            busy.append(time.thread_time() - cpu)

    watching = asyncio.create_task(watch())
    tracemalloc.start()
    try:
        yield told
        told["peak"] = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        watching.cancel()
    told["busy"] = max(busy)


async def serve_uploads(reader, writer):
    """Take an upload and keep nothing of it."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    left = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    while left:
        left -= len(await reader.read(min(left, MIB)))
    done = b'{"data": [{"code": "SUCCESS", "status": "success", "details": {"id": "f1"}}]}'
    body = b'{"access_token": "1000.a.b", "expires_in": 3600}' if "/oauth/" in head else done
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n")
    writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    writer.close()


@pytest.fixture
def sparse(tmp_path):
    """A file of 300 MB that takes no room."""
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(300 * MIB)
    return tmp_path / "sparse"


async def test_a_large_file_comes_in_little_memory(fake, quick, sparse, tmp_path):
    """And never keeps the event loop from other things for long."""
    file_id = fake.files.add("large", sparse)
    async with ZohoCRM(fake.credentials(), retries=quick) as zoho, watched() as told:
        await zoho.files.download(file_id, tmp_path / "target")

    assert 300 * MIB == (tmp_path / "target").stat().st_size
    assert told["peak"] < 16 * MIB
    assert told["busy"] < 0.1


async def test_a_large_file_goes_in_little_memory(credentials, sparse):
    """The other way as well."""
    server = await asyncio.start_server(serve_uploads, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    settings = attrs.evolve(credentials, accounts_url=origin, api_url=origin)
    async with ZohoCRM(settings) as zoho, watched() as told:
        uploaded = await AnySize(zoho._api).upload(sparse)
    server.close()

    assert "f1" == uploaded.id
    assert told["peak"] < 16 * MIB
    assert told["busy"] < 0.1
