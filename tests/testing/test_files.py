"""Files of a fake Zoho: forms that come in, streams that go out, whole or in part."""

import asyncio
import io
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from aiozcrm.testing import Dialect, FakeZoho, Fault
from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Operation
from aiozcrm.testing._wire._stored_file import StoredFile

MIB = 1024 * 1024
UPLOAD = Operation(
    line="POST /upload",
    run=lambda call: Answer(200, {"files": [file.filename for file in call.files()]}),
    verb="upload",
    family="bulk_write",
)


def form(*files: tuple[str, bytes], field: str = "file") -> aiohttp.FormData:
    """Return a form with files."""
    data = aiohttp.FormData(quote_fields=False)
    for name, content in files:
        data.add_field(field, io.BytesIO(content), filename=name)
    return data


@pytest.fixture
def download(fake: FakeZoho, caller: Any, token: str) -> Any:
    """Return what downloads a file of the fake, and returns status, headers and bytes."""

    async def download(file_id: str, **headers: str) -> tuple[int, Any, bytes]:
        sent = {"Authorization": f"Zoho-oauthtoken {token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{fake.url}/crm/v7/files?id={file_id}"
        async with caller.session.get(url, headers=sent) as response:
            return response.status, response.headers, await response.read()

    return download


async def test_keeps_what_a_form_brings(
    fake: FakeZoho, caller: Any, token: str, download: Any
) -> None:
    """Each part called file is kept under an id of its own, whatever bytes it holds."""
    content = b"\r\n--\r\n\x00\xff" * 3
    files = form(("offer ä.pdf", content), ("plan.png", b"x"))
    reply = await caller.call(fake, "POST", "files", token=token, data=files)

    first, second = [item["details"] for item in reply.json["data"]]
    assert (first["name"], second["name"]) == ("offer ä.pdf", "plan.png")
    assert fake.files.ids == [first["id"], second["id"]]
    assert fake.files.get(first["id"]).content == content
    status, headers, body = await download(first["id"])
    assert (status, body) == (200, content)
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''offer%20%C3%A4.pdf"
    assert headers["Content-Length"] == str(len(content))
    assert fake.stats.done.of("upload", "files") == 2


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        (form(("a", b"x"), field="files"), 400, "failure_in_attachment_handling"),
        (form(("a", b"")), 400, "failure_in_attachment_handling"),
        (form(*[("a", b"x")] * 11), 400, "INVALID_REQUEST"),
        (form(("a", bytes(20 * MIB + 1))), 415, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE"),
        (b"no form", 400, "failure_in_attachment_handling"),
    ],
    ids=["no part", "empty", "too many", "too large", "no form"],
)
async def test_rejects_forms_that_zoho_rejects(
    fake: FakeZoho, caller: Any, token: str, files: Any, status: int, code: str
) -> None:
    """Without a file, with an empty one, with too many or too large ones."""
    reply = await caller.call(fake, "POST", "files", token=token, data=files)

    assert (reply.status, reply.json["code"]) == (status, code)
    assert fake.files.ids == []


async def test_knows_no_other_file(download: Any) -> None:
    """An unknown id is answered with nothing."""
    status, _, body = await download("ffff")

    assert (status, body) == (204, b"")


@pytest.mark.parametrize("big", [False, True])
async def test_hands_out_what_is_asked_for(
    fake: FakeZoho, download: Any, tmp_path: Path, big: bool
) -> None:
    """A range of a file that is still the same; otherwise all of it."""
    content: bytes | Path = bytes(range(200))
    if big:
        content = tmp_path / "big"
        content.write_bytes(bytes(range(200)))
    file_id = fake.files.add("a.bin", content)
    etag = (await download(file_id))[1]["ETag"]
    rest = await download(file_id, Range="bytes=150-", If_Range=etag)
    some = await download(file_id, Range="bytes=10-19")
    other = await download(file_id, Range="bytes=150-", If_Range='"old"')
    beyond = await download(file_id, Range="bytes=200-")
    odd = await download(file_id, Range="lines=1-2")
    long = await download(file_id, Range=f"bytes={'1' * 5000}-")

    assert (rest[0], rest[2]) == (206, bytes(range(150, 200)))
    assert rest[1]["Content-Range"] == "bytes 150-199/200"
    assert (some[0], some[2]) == (206, bytes(range(10, 20)))
    assert (other[0], other[2]) == (odd[0], odd[2]) == (200, bytes(range(200)))
    assert (long[0], long[2]) == (200, bytes(range(200)))
    assert (beyond[0], beyond[1]["Content-Range"]) == (416, "bytes */200")


async def test_another_reading_knows_no_ranges(caller: Any) -> None:
    """Then a file comes whole, without an ETag."""
    async with FakeZoho(dialect=Dialect(ranges=False)) as fake:
        file_id = fake.files.add(content=b"0123456789")
        headers = {
            "Authorization": f"Zoho-oauthtoken {await caller.token(fake)}",
            "Range": "bytes=5-",
        }
        reply = await caller.send("GET", f"{fake.url}/crm/v7/files?id={file_id}", headers=headers)

    assert (reply.status, reply.text) == (200, "0123456789")
    assert "ETag" not in reply.headers


async def test_breaks_off_a_file_in_the_middle(fake: FakeZoho, download: Any) -> None:
    """A truncated stream has the length of the whole and half of the bytes."""
    file_id = fake.files.add(content=bytes(3 * MIB))
    fake.faults.script(Fault.TRUNCATED_BODY)

    with pytest.raises(aiohttp.ClientPayloadError):
        await download(file_id)


async def test_pauses_in_the_middle_of_a_file(fake: FakeZoho, download: Any) -> None:
    """A slow body is whole in the end, and a client that will not wait finds half of it."""
    content = bytes(range(256)) * 4000
    file_id = fake.files.add(content=content)
    fake.faults.slow = 0.05
    fake.faults.script(Fault.SLOW_BODY, Fault.SLOW_BODY)

    assert (await download(file_id))[2] == content
    fake.faults.slow = 60
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await download(file_id)


async def test_hands_out_a_file_a_second_time_unasked(fake: FakeZoho, token: str) -> None:
    """The late answer is the same file once more, on the connection that was kept alive."""
    file_id = fake.files.add(content=b"a file")
    fake.faults.script(Fault.ANSWERED_TWICE)
    host, _, port = fake.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"GET /crm/v7/files?id={file_id} HTTP/1.1\r\nHost: x\r\n"
    writer.write(f"{head}Authorization: Zoho-oauthtoken {token}\r\n\r\n".encode())
    answers = [await reader.readuntil(b"a file") for _ in range(2)]
    writer.close()

    assert answers[0] == answers[1]
    assert answers[0].lower().count(b"content-length: 6\r\n") == 1


async def test_pauses_in_the_middle_of_any_answer(fake: FakeZoho, caller: Any, token: str) -> None:
    """Not of files alone; an answer without a body has no middle."""
    fake.faults.slow = 0.01
    fake.faults.script(Fault.SLOW_BODY, Fault.SLOW_BODY)

    assert (await caller.call(fake, "GET", "org", token=token)).json["org"]
    assert (await caller.call(fake, "GET", "files?id=f", token=token)).status == 204


@pytest.mark.parametrize(
    "headers",
    [{}, {"feature": "bulk-write"}, {"feature": "bulk-write", "X-CRM-ORG": "1"}],
    ids=["none", "no org", "another org"],
)
async def test_the_host_for_uploads_wants_to_know_which_org(
    fake: FakeZoho, caller: Any, token: str, headers: Any
) -> None:
    """A call to it has headers of its own; without them the error has a shape of its own."""
    fake.operations = {**fake.operations, "POST /upload": UPLOAD}
    sent = {"Authorization": f"Zoho-oauthtoken {token}"}
    url = f"{fake.url}/crm/v7/upload"
    reply = await caller.send("POST", url, headers=sent | headers, data=form(("a.zip", b"x")))
    right = {"feature": "bulk-write", "X-CRM-ORG": fake.id}
    accepted = await caller.send("POST", url, headers=sent | right, data=form(("a.zip", b"x")))

    assert reply.status == 400
    assert reply.json["x-error"] == "check if headers [feature, X-CRM-ORG] are present and valid"
    assert (accepted.status, accepted.json) == (200, {"files": ["a.zip"]})


def test_a_file_has_the_type_of_its_name() -> None:
    """As far as the name tells it."""
    kinds = [StoredFile(name=name, content=b"").content_type for name in ("a.png", "a", "b.json")]

    assert kinds == ["image/png", "application/x-download", "application/json"]
