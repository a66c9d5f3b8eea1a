"""The unsubscribe links of the fake."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

LINKS = "settings/unsubscribe_links"
KEYS = {
    "created_by",
    "created_time",
    "custom_location_url",
    "id",
    "modified_by",
    "modified_time",
    "name",
    "page_type",
    "standard_page_message",
    "submission_action_type",
    "submission_message",
    "submission_redirect_url",
}


async def test_deletes_a_link(fake: FakeZoho, caller: Any, token: str) -> None:
    """A deleted link is gone, and the answer names it."""
    link_id = fake.add_link("Spring offers")
    reply = await caller.delete(fake, link_id, token=token)

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert reply.json == {
        "unsubscribe_links": [
            {
                "code": "SUCCESS",
                "details": {"id": link_id},
                "message": "Unsubscribe Link deleted successfully",
                "status": "success",
            }
        ]
    }
    assert link_id not in fake.link_ids
    assert (fake.stats.attempts, fake.stats.effects) == ({link_id: 1}, {link_id: 1})


async def test_does_not_know_a_link_that_is_gone(fake: FakeZoho, caller: Any, token: str) -> None:
    """Deleting twice removes once; the second answer is that of an unknown id."""
    link_id = fake.link_ids[-1]
    await caller.delete(fake, link_id, token=token)
    reply = await caller.delete(fake, link_id, token=token)

    assert reply.status == 400
    assert reply.json == {
        "code": "INVALID_DATA",
        "details": {"resource_path_index": 2},
        "message": "The given Unsubscribe Link id is not part of Org",
        "status": "error",
    }
    assert (fake.stats.attempts[link_id], fake.stats.effects[link_id]) == (2, 1)


async def test_keeps_the_default_link(fake: FakeZoho, caller: Any, token: str) -> None:
    """The Default link cannot be deleted."""
    reply = await caller.delete(fake, fake.default_link_id, token=token)

    assert reply.status == 400
    assert reply.json == {
        "code": "NOT_ALLOWED",
        "details": {"resource_path_index": 2},
        "message": "The given Unsubscribe Link id is Default",
        "status": "error",
    }
    assert fake.default_link_id in fake.link_ids
    assert not fake.stats.effects


@pytest.mark.parametrize("link_id", ["abc", "12a", "", "1/2", "%D9%A1"])
async def test_takes_digits_only_as_id(
    fake: FakeZoho, caller: Any, token: str, link_id: str
) -> None:
    """Anything but digits in the place of the id is no known path."""
    reply = await caller.delete(fake, link_id, token=token)

    assert (reply.status, reply.json["code"]) == (404, "INVALID_URL_PATTERN")


async def test_lists_the_links(fake: FakeZoho, caller: Any, token: str) -> None:
    """The list has every link with the documented keys, the Default link first."""
    name_id = fake.add_link("Spring offers")
    reply = await caller.call(fake, "GET", LINKS, token=token)

    links = reply.json["unsubscribe_links"]
    assert reply.status == 200
    assert [link["id"] for link in links] == fake.link_ids
    assert all(set(link) == KEYS for link in links)
    assert (links[0]["id"], links[0]["name"]) == (fake.default_link_id, "Default")
    assert links[0]["submission_redirect_url"] == ""
    assert links[1]["submission_redirect_url"] is None
    assert (links[-1]["id"], links[-1]["name"]) == (name_id, "Spring offers")


async def test_gets_one_link(fake: FakeZoho, caller: Any, token: str) -> None:
    """One link comes in the same wrapper."""
    link_id = fake.add_link("Spring offers")
    reply = await caller.call(fake, "GET", f"{LINKS}/{link_id}", token=token)

    [link] = reply.json["unsubscribe_links"]
    assert reply.status == 200
    assert (link["id"], link["name"], set(link)) == (link_id, "Spring offers", KEYS)


async def test_has_no_content_for_an_unknown_link(fake: FakeZoho, caller: Any, token: str) -> None:
    """Getting an unknown id is a 204 without body or type."""
    reply = await caller.call(fake, "GET", f"{LINKS}/9", token=token)

    assert (reply.status, reply.text) == (204, "")
    assert "Content-Type" not in reply.headers


async def test_makes_the_same_ids_each_time() -> None:
    """Ids have 19 digits, follow one another and are the same in every fake."""
    one, two = FakeZoho(links=2), FakeZoho()

    assert one.link_ids == [two.default_link_id, *two.add_links(2)]
    assert len(set(one.link_ids)) == 3
    assert all(len(link_id) == 19 and link_id.isdigit() for link_id in one.link_ids)
