"""Uploads and downloads as a user types them; checked by the type checker, never run."""

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import assert_type

from aiozcrm import Outcome, ZohoCRM


async def upload(zoho: ZohoCRM, pieces: AsyncIterator[bytes]) -> None:
    """Upload from everywhere."""
    assert_type(await zoho.files.upload("a.pdf"), Outcome)
    await zoho.files.upload(Path("a.pdf"), type="inline")
    await zoho.files.upload(b"x", name="a.txt", content_type="text/plain")
    await zoho.files.upload_many(["a.pdf", ("b.txt", b"x")])
    attachments = zoho.records("Leads").attachments("1")
    await attachments.upload(pieces, name="a")
    with open("a", "rb") as file:  # noqa: ASYNC230, PTH123  # never run
        await attachments.upload(file)
    await zoho.org.photo.upload("logo.png")
    await zoho.files.upload(5)  # type: ignore[arg-type]
    await zoho.files.upload("a.pdf", type="attached")  # type: ignore[arg-type]


async def download(zoho: ZohoCRM) -> None:
    """Download to everywhere."""
    leads = zoho.records("Leads")
    assert_type(await zoho.files.download("f", "a.pdf"), Path)
    assert_type(await leads.attachments(1).download(2, io.BytesIO()), Path)
    assert_type(await leads.photo(1).download(Path("photos")), Path)
    async with leads.emails(1).download_inline_images("a", user_id=1, message_id="b") as file:
        assert_type((file.name, file.length), tuple[str, int | None])
        async for piece in file:
            assert_type(piece, bytes)
    task = asyncio.create_task(leads.download_mail_merge(1, {}, "letter.pdf"))
    assert_type(await task, Path)
    outcomes = leads.iter_download_attachments([1, "2"], "folder")
    assert_type(outcomes, AsyncGenerator[Outcome, None])
    await zoho.files.download("f", 5)  # type: ignore[call-overload]
    await leads.emails(1).download_attachments("a")  # type: ignore[call-overload]
