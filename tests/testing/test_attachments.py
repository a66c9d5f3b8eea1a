"""Attachments, photos and other files of records, as the fake answers about them."""

import io
from typing import Any

import aiohttp
import pytest

from aiozcrm.testing import FakeZoho

MIB = 1024 * 1024
PNG = b"\x89PNG"


def form(*contents: bytes, **fields: str) -> aiohttp.FormData:
    """Return a form with files and fields."""
    data = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, text in fields.items():
        data.add_field(name, text)
    for content in contents:
        data.add_field("file", io.BytesIO(content), filename="a.txt")
    return data


@pytest.fixture
def lead(fake: FakeZoho) -> str:
    """Return the id of a lead."""
    return fake.records("Leads").add(Last_Name="Halden")


@pytest.fixture
def send(fake: FakeZoho, caller: Any, token: str) -> Any:
    """Return what sends a form, and returns status and data."""

    async def send(path: str, data: aiohttp.FormData) -> tuple[int, Any]:
        reply = await caller.call(fake, "POST", path, token=token, data=data)
        return reply.status, reply.json

    return send


async def test_attaches_links_by_form_and_by_query(
    fake: FakeZoho, send: Any, ask: Any, lead: str
) -> None:
    """Zoho's sources know both. Without a title the end of the address is the name."""
    path = f"Leads/{lead}/Attachments"
    url = "https://example.org/prices.pdf"
    by_form = await send(path, form(attachmentUrl=url, title="Prices"))
    by_query = await ask(f"POST {path}", attachmentUrl=url)
    listed = await ask(f"GET {path}", fields="File_Name,Size,$link_url,$attachment_type")

    assert by_form[0] == by_query[0] == 200
    assert by_form[1]["data"][0]["details"]["id"] == fake.attachments.ids[0]
    assert [row["File_Name"] for row in listed[1]["data"]] == ["prices.pdf", "Prices"]
    assert listed[1]["data"][0]["$link_url"] == url
    assert listed[1]["info"]["more_records"] is False


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (form(), 400, "failure_in_attachment_handling"),
        (form(b""), 400, "failure_in_attachment_handling"),
        (form(b"x", b"x"), 400, "INVALID_REQUEST"),
        (form(bytes(100 * MIB)), 413, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE"),
        (form(attachmentUrl="prices"), 400, "INVALID_URL_PATTERN"),
    ],
    ids=["none", "empty", "several", "large", "no address"],
)
async def test_rejects_what_cannot_be_attached(
    fake: FakeZoho, send: Any, lead: str, data: Any, status: int, code: str
) -> None:
    """One file, or one link."""
    told, answer = await send(f"Leads/{lead}/Attachments", data)

    assert (told, answer["code"]) == (status, code)
    assert fake.attachments.ids == []


@pytest.mark.parametrize(
    ("line", "status", "index"),
    [
        ("GET Leads/7/Attachments", 400, 1),
        ("POST Leads/7/Attachments", 400, 1),
        ("GET Leads/{lead}/Attachments/7", 404, 3),
        ("DELETE Leads/{lead}/Attachments/7", 400, 3),
        ("GET Nothing/7/Attachments", 400, 0),
        ("GET Leads/7/photo", 400, 1),
    ],
)
async def test_tells_what_it_does_not_know(
    ask: Any, lead: str, line: str, status: int, index: int
) -> None:
    """The place in the path of the unknown module, record or attachment."""
    told, answer = await ask(line.format(lead=lead), fields="File_Name")

    if answer["code"] != "UNKNOWN_PARAMETER":
        assert told == status
        assert answer["details"] == {"resource_path_index": index}


async def test_deletes_several_attachments(fake: FakeZoho, ask: Any, lead: str) -> None:
    """Each by itself; what somebody else has removed is unknown."""
    first, second = fake.attachments.add(lead), fake.attachments.add(lead)
    fake.attachments.remove(second)
    status, answer = await ask(f"DELETE Leads/{lead}/Attachments", ids=f"{first},{second}")

    assert status == 207
    assert [item["code"] for item in answer["data"]] == ["SUCCESS", "INVALID_DATA"]
    assert await ask(f"GET Leads/{lead}/Attachments", fields="File_Name") == (204, None)


@pytest.mark.parametrize(
    ("path", "data", "status", "code"),
    [
        (
            "Leads/{lead}/photo",
            form(PNG + bytes(10 * MIB)),
            415,
            "FILE_SIZE_MORE_THAN_ALLOWED_SIZE",
        ),
        ("org/photo", form(PNG + bytes(MIB)), 415, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE"),
        ("org/photo", form(PNG, PNG), 400, "INVALID_DATA"),
        ("org/photo", form(), 400, "INVALID_DATA"),
        ("Leads/{lead}/photo", form(b"text"), 415, "INVALID_DATA"),
    ],
    ids=["large", "large for the org", "two", "none", "text"],
)
async def test_rejects_what_is_no_photo(
    fake: FakeZoho, send: Any, lead: str, path: str, data: Any, status: int, code: str
) -> None:
    """One image, not too large."""
    told, answer = await send(path.format(lead=lead), data)

    assert (told, answer["code"]) == (status, code)
    with pytest.raises(KeyError):
        fake.photos.get()


async def test_shows_what_tests_have_put_there(fake: FakeZoho, ask: Any, lead: str) -> None:
    """Photos and attachments, of the org and of records."""
    fake.photos.add(content=PNG)
    fake.photos.add(lead, PNG + b"2")
    attachment = fake.attachments.add(lead, "a.txt", b"x")

    assert fake.photos.get().content == PNG
    assert fake.photos.get(lead).content == PNG + b"2"
    assert fake.attachments.get(attachment).size == 1
    assert fake.attachments.of(lead) == [attachment]
    assert (await ask("DELETE org/photo"))[1]["message"] == "Photo deleted"


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("text", "EXPECTED_FIELD_MISSING"),
        ({"mail_merge_template": "x"}, "EXPECTED_FIELD_MISSING"),
        ({"mail_merge_template": {"name": "none"}}, "INVALID_DATA"),
        ({"mail_merge_template": {"name": []}}, "INVALID_DATA"),
        (
            {"mail_merge_template": {"name": "Welcome letter"}, "output_format": "exe"},
            "INVALID_DATA",
        ),
    ],
)
async def test_merges_only_templates_that_it_has(ask: Any, lead: str, item: Any, code: str) -> None:
    """Named by their name."""
    path = f"POST Leads/{lead}/actions/download_mail_merge"
    status, answer = await ask(path, {"download_mail_merge": [item]})

    assert (status, answer["code"]) == (400, code)


async def test_a_file_in_a_mail_has_a_name(fake: FakeZoho, ask: Any, lead: str) -> None:
    """Another name is another file."""
    file_id = fake.record_files.add(lead, message_id="c0ffee")
    path = f"GET Leads/{lead}/Emails/actions/download_attachments"

    assert await ask(path, user_id="1", message_id="c0ffee", id=file_id, name="x") == (204, None)
