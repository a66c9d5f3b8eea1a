"""Uploads, and the files of an org that wait to be used."""

import asyncio
import io
import os
from pathlib import Path

import pytest

from aiozcrm.errors import (
    ConnectionLostError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    ServerError,
)
from aiozcrm.testing import Fault

MIB = 1024 * 1024


async def stream(*pieces):
    """Yield pieces of a file."""
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece


async def test_a_file_is_uploaded_and_downloaded(crm, fake, tmp_path):
    """From a path, an open file, bytes or a stream, under its own name or another."""
    path = tmp_path / "offer ä.pdf"
    path.write_bytes(b"%PDF-")
    made = [
        await crm.files.upload(path),
        await crm.files.upload(str(path), name="other.pdf"),
        await crm.files.upload(b"%PDF-", name="bytes", content_type="text/plain"),
        await crm.files.upload(stream(b"%PD", b"F-"), name="stream", type="inline"),
    ]
    with path.open("rb") as file:
        made.append(await crm.files.upload(file))

    assert ["created"] * 5 == [outcome.status for outcome in made]
    assert fake.files.ids == [outcome.id for outcome in made]
    names = ["offer ä.pdf", "other.pdf", "bytes", "stream", "offer ä.pdf"]
    assert names == [fake.files.get(outcome.id).name for outcome in made]
    for outcome in made:
        assert b"%PDF-" == (await crm.files.download(outcome.id, tmp_path / "x")).read_bytes()


@pytest.mark.parametrize(
    ("file", "options", "kind"),
    [
        (b"x", {}, InvalidInputError),
        (stream(b"x"), {}, InvalidInputError),
        (bytes(20 * MIB + 1), {"name": "a"}, InvalidInputError),
        (io.BytesIO(bytes(20 * MIB + 1)), {"name": "a"}, InvalidInputError),
        ("missing.pdf", {}, OSError),
        (".", {}, InvalidInputError),
        (["a.pdf"], {}, TypeError),
        (io.StringIO("x"), {"name": "a"}, TypeError),
        (None, {"name": "a"}, TypeError),
        (b"x", {"name": 5}, TypeError),
        (b"x", {"name": "a", "content_type": 5}, TypeError),
        (b"x", {"name": "a", "content_type": "text/plain\r\nX: y"}, InvalidInputError),
        (b"x", {"name": "a", "content_type": "t\u00e9xt/plain"}, InvalidInputError),
    ],
)
async def test_what_cannot_be_uploaded_is_not_sent(crm, fake, file, options, kind):
    """Without a name, too large, not there, no file at all, or of a media type that is none."""
    with pytest.raises(kind):
        await crm.files.upload(file, **options)

    assert [] == list(fake.stats.requests)


async def test_a_name_that_cannot_be_sent_is_told(crm, fake, tmp_path):
    """Bytes that are no text, as some file systems allow them."""
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.pdf")
    with open(path, "wb") as file:  # noqa: ASYNC230, PTH123  # no Path has it
        file.write(b"x")
    with pytest.raises(InvalidInputError, match="cannot be sent"):
        await crm.files.upload(path)

    assert [] == list(fake.stats.requests)
    assert "created" == (await crm.files.upload(path, name="x.pdf")).status


async def test_a_file_may_be_as_large_as_zoho_takes(crm, fake):
    """And not a byte larger; a stream ends when it is too long."""
    await crm.files.upload(bytes(20 * MIB), name="a")
    with pytest.raises(InvalidInputError, match="at most 20 MB"):
        await crm.files.upload(stream(*[bytes(MIB)] * 21), name="b")

    assert 1 == len(fake.files.ids)


async def test_a_file_that_shrinks_while_it_is_sent_is_told(crm, fake, tmp_path):
    """It is neither cut nor tried again, and the client goes on."""
    path = tmp_path / "log"
    path.write_bytes(bytes(3 * MIB))
    real = asyncio.to_thread

    async def shrink():
        async def to_thread(function, *args):
            path.write_bytes(b"x")
            return await real(function, *args)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(asyncio, "to_thread", to_thread)
            await crm.files.upload(path)

    with pytest.raises(InvalidInputError, match="became shorter"):
        await shrink()
    assert [] == fake.files.ids
    assert (await crm.org.get())["zgid"] == fake.id


async def test_many_files_go_ten_a_call(crm, fake, tmp_path):
    """Each with an outcome and an id of its own, in the order of the files."""
    paths = [tmp_path / f"{number}.txt" for number in range(23)]
    for path in paths:
        path.write_bytes(path.name.encode())
    report = await crm.files.upload_many(paths)
    streamed = [outcome async for outcome in crm.files.iter_upload_many(iter(paths[:2]))]

    assert ({"created": 23}, True) == (report.counts, report.ok)
    assert 3 + 1 == fake.stats.asked.of("upload", "files")
    for path, outcome in zip(paths, report.outcomes, strict=True):
        assert path.name == fake.files.get(outcome.id).name
    assert ["created"] * 2 == [outcome.status for outcome in streamed]


async def test_a_file_that_cannot_be_sent_stops_no_other(crm, tmp_path, monkeypatch):
    """One that is missing, too large, no file, or gone by the time it is sent."""
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    real = open

    def vanish(path, *args):
        if Path(path).name == "b":
            raise FileNotFoundError(2, "gone", str(path))
        return real(path, *args)

    with monkeypatch.context() as patched:
        patched.setattr("builtins.open", vanish)
        given = iter([tmp_path / "a", tmp_path / "missing", 5, tmp_path / "b", tmp_path])
        report = await crm.files.upload_many(given)

    told = [outcome.status for outcome in report.outcomes]
    assert ["created", "failed", "failed", "failed", "failed"] == told
    with pytest.raises(InvalidInputError, match=r"inputs\[1\]: A file cannot be read"):
        await crm.files.upload_many([tmp_path / "a", tmp_path / "missing"])


async def test_an_upload_whose_answer_is_lost_is_sent_again(crm, fake, tmp_path):
    """A second file that nobody uses does no harm; a stream cannot be read again."""
    (tmp_path / "a").write_bytes(b"x")
    for fault in (Fault.RESET_AFTER, Fault.HIDDEN_ERROR, Fault.BAD_GATEWAY):
        fake.faults.script(fault)
        assert "created" == (await crm.files.upload(tmp_path / "a")).status
        fake.faults.script(fault)
        with pytest.raises((ConnectionLostError, ServerError)):
            await crm.files.upload(stream(b"x"), name="a")
    fake.faults.script(Fault.RESET_AFTER)
    assert (await crm.files.upload_many([tmp_path / "a"])).ok
    fake.faults.script(*[Fault.RESET_AFTER] * 5)
    assert {"in_doubt": 1} == (await crm.files.upload_many([tmp_path / "a"])).counts


async def test_a_rejected_upload_is_an_error(crm, zoho, script):
    """Of its own class; a virus is no retry."""
    with pytest.raises(InvalidDataError):
        await crm.files.upload(b"", name="a")
    script.add(script.error(400, "VIRUS_DETECTED"))
    with pytest.raises(InvalidDataError):
        await zoho.files.upload(b"x", name="a")
    assert 1 == len(script.requests)


async def test_an_answer_that_came_once_before_is_not_taken_for_that_of_an_upload(zoho, script):
    """It names the file of another upload: the file is sent again, if it can be."""

    def answer(own):
        item = {"code": "SUCCESS", "status": "success", "details": {"id": own}}
        return script.response(200, {"data": [item]})

    script.add(answer("f1"), answer("f1"), answer("f2"), answer("f2"))
    first = await zoho.files.upload(b"x", name="a")
    second = await zoho.files.upload(b"y", name="b")
    with pytest.raises(InvalidResponseError, match="another upload"):
        await zoho.files.upload(stream(b"z"), name="c")

    assert ("f1", "f2") == (first.id, second.id)
    assert 4 == len(script.requests)


@pytest.mark.parametrize("status", ["", "success"])
async def test_an_upload_of_which_nothing_is_told_is_an_error(zoho, script, status):
    """Neither a success nor an error, or a success without the id of the file."""
    script.add(*[script.response(200, {"data": [{"status": status, "details": {}}]})] * 10)
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.files.upload(b"x", name="a")
    assert caught.value.maybe_done
    assert (await zoho.files.upload_many([("a", b"x")])).counts == {"in_doubt": 1}
