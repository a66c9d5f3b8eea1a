"""The unsubscribe links of the fake."""

from typing import Any

import pytest

from aiozcrm.testing import Clock, Dialect, FakeZoho

LINKS = "settings/unsubscribe_links"
ASSOCIATIONS = "settings/unsubscribe_link/actions/associations"
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
NEW = {
    "name": "Spring offers",
    "page_type": "custom",
    "custom_location_url": "https://mail.example.org/leave",
    "submission_action_type": "display_message",
    "submission_message": "<p>You are off the list.</p>",
}


async def test_deletes_a_link(fake: FakeZoho, caller: Any, token: str) -> None:
    """A deleted link is gone, and the answer names it."""
    link_id = fake.unsubscribe_links.add("Spring offers")
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
    assert link_id not in fake.unsubscribe_links.ids
    assert (fake.stats.attempts, fake.stats.effects) == ({link_id: 1}, {link_id: 1})


async def test_does_not_know_a_link_that_is_gone(fake: FakeZoho, caller: Any, token: str) -> None:
    """Deleting twice removes once; the second answer is that of an unknown id."""
    link_id = fake.unsubscribe_links.ids[-1]
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
    reply = await caller.delete(fake, fake.unsubscribe_links.default_id, token=token)

    assert reply.status == 400
    assert reply.json == {
        "code": "NOT_ALLOWED",
        "details": {"resource_path_index": 2},
        "message": "The given Unsubscribe Link id is Default",
        "status": "error",
    }
    assert fake.unsubscribe_links.default_id in fake.unsubscribe_links.ids
    assert not fake.stats.effects


@pytest.mark.parametrize("link_id", ["abc", "12a", "", "1/2", "%D9%A1"])
async def test_takes_digits_only_as_id(
    fake: FakeZoho, caller: Any, token: str, link_id: str
) -> None:
    """Anything but digits in the place of the id is no known path."""
    reply = await caller.delete(fake, link_id, token=token)

    assert (reply.status, reply.json["code"]) == (404, "INVALID_URL_PATTERN")


async def test_a_link_that_somebody_else_removed_is_unknown(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """It is gone for every call, and counts as nobody's effect."""
    link_id = fake.unsubscribe_links.add("Spring offers")
    fake.unsubscribe_links.remove(link_id)
    reply = await caller.delete(fake, link_id, token=token)

    assert reply.status == 400
    assert link_id not in fake.unsubscribe_links.ids
    assert not fake.stats.effects
    with pytest.raises(KeyError):
        fake.unsubscribe_links.remove(link_id)


async def test_lists_the_links(fake: FakeZoho, caller: Any, token: str) -> None:
    """The list has every link with the documented keys, the Default link first."""
    name_id = fake.unsubscribe_links.add("Spring offers")
    reply = await caller.call(fake, "GET", LINKS, token=token)

    links = reply.json["unsubscribe_links"]
    assert reply.status == 200
    assert [link["id"] for link in links] == fake.unsubscribe_links.ids
    assert all(set(link) == KEYS for link in links)
    assert (links[0]["id"], links[0]["name"]) == (fake.unsubscribe_links.default_id, "Default")
    assert links[0]["submission_redirect_url"] == ""
    assert links[1]["submission_redirect_url"] is None
    assert (links[-1]["id"], links[-1]["name"]) == (name_id, "Spring offers")


async def test_gets_one_link(fake: FakeZoho, caller: Any, token: str) -> None:
    """One link comes in the same wrapper."""
    link_id = fake.unsubscribe_links.add("Spring offers")
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

    assert one.unsubscribe_links.ids == [
        two.unsubscribe_links.default_id,
        *two.unsubscribe_links.add_many(2),
    ]
    assert len(set(one.unsubscribe_links.ids)) == 3
    assert all(len(link_id) == 19 and link_id.isdigit() for link_id in one.unsubscribe_links.ids)


def success(link_id: str, message: str) -> dict[str, Any]:
    """Return the answer to a call that changed one link."""
    item = {"code": "SUCCESS", "details": {"id": link_id}, "message": message, "status": "success"}
    return {"unsubscribe_links": [item]}


async def test_creates_a_link(fake: FakeZoho, caller: Any, token: str) -> None:
    """A created link is shown like the others, with nulls for what it lacks."""
    sent = NEW | {"standard_page_message": "", "id": "7", "colour": "blue"}
    body = {"unsubscribe_links": [sent]}
    reply = await caller.call(fake, "POST", LINKS, token=token, json=body)

    link_id = fake.unsubscribe_links.ids[-1]
    shown = await caller.call(fake, "GET", f"{LINKS}/{link_id}", token=token)
    assert (reply.status, reply.json) == (
        201,
        success(link_id, "Unsubscribe Link created successfully"),
    )
    [link] = shown.json["unsubscribe_links"]
    assert set(link) == KEYS
    assert link == fake.unsubscribe_links.get(link_id)
    assert NEW.items() <= link.items()
    assert (link["standard_page_message"], link["submission_redirect_url"]) == (None, None)
    assert fake.stats.created == {"Spring offers": 1}


@pytest.mark.parametrize("form", ["path", "body", "number"])
async def test_updates_what_is_given(fake: FakeZoho, caller: Any, token: str, form: str) -> None:
    """Keys that are left out keep their values, whether the id is in the path or in the body."""
    link_id = fake.unsubscribe_links.add("Spring offers")
    before = fake.unsubscribe_links.get(link_id)
    item = {"submission_message": "Farewell.", "custom_location_url": None}
    ids = {"path": {}, "body": {"id": link_id}, "number": {"id": int(link_id)}}
    path = f"{LINKS}/{link_id}" if form == "path" else LINKS
    body = {"unsubscribe_links": [item | ids[form]]}
    reply = await caller.call(fake, "PUT", path, token=token, json=body)

    assert (reply.status, reply.json) == (
        200,
        success(link_id, "Unsubscribe Link updated successfully"),
    )
    after = fake.unsubscribe_links.get(link_id)
    # It may be changed in the next second only.
    assert after == before | item | {"modified_time": after["modified_time"]}


async def test_lets_the_path_decide_which_link_is_updated(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """An id in the body does not lead elsewhere."""
    one, two = fake.unsubscribe_links.add_many(2)
    body = {"unsubscribe_links": [{"id": two, "name": "Spring offers"}]}
    reply = await caller.call(fake, "PUT", f"{LINKS}/{one}", token=token, json=body)

    assert reply.status == 200
    assert fake.unsubscribe_links.get(one)["name"] == "Spring offers"
    assert fake.unsubscribe_links.get(two)["name"] != "Spring offers"


async def test_tells_when_and_by_whom_a_link_was_changed(caller: Any, clock: Any) -> None:
    """Times have whole seconds and an offset; an update moves the second of them."""
    clock.now = 1_760_000_000.9
    async with FakeZoho(clock=Clock(wall=clock)) as fake:
        token = await caller.token(fake)
        link_id = fake.unsubscribe_links.add()
        created = fake.unsubscribe_links.get(link_id)
        clock.advance(59.3)
        body = {"unsubscribe_links": [{"name": "Spring offers"}]}
        await caller.call(fake, "PUT", f"{LINKS}/{link_id}", token=token, json=body)
        updated = fake.unsubscribe_links.get(link_id)

    assert created["created_time"] == created["modified_time"] == "2025-10-09T09:53:20+01:00"
    assert updated["created_time"] == created["created_time"]
    assert updated["modified_time"] == "2025-10-09T09:54:20+01:00"
    assert set(created["created_by"]) == set(created["modified_by"]) == {"name", "id"}


async def test_shows_a_copy(fake: FakeZoho) -> None:
    """What a test does to the link it is shown does nothing to the link."""
    link = fake.unsubscribe_links.get(fake.unsubscribe_links.default_id)
    link["created_by"]["name"] = link["name"] = "Nobody"

    assert "Nobody" not in str(fake.unsubscribe_links.get(fake.unsubscribe_links.default_id))


async def test_knows_no_link_that_is_not_there(fake: FakeZoho) -> None:
    """A test that asks for an unknown link is told so."""
    with pytest.raises(KeyError):
        fake.unsubscribe_links.get("7")
    with pytest.raises(KeyError):
        fake.unsubscribe_links.add_association("7", "April digest")


async def test_has_no_associations_at_first(fake: FakeZoho, caller: Any, token: str) -> None:
    """Links that are not in use have no content."""
    reply = await caller.call(fake, "GET", ASSOCIATIONS, token=token)

    assert (reply.status, reply.text) == (204, "")
    assert "Content-Type" not in reply.headers


async def test_lists_where_links_are_in_use(fake: FakeZoho, caller: Any, token: str) -> None:
    """Each link that is in use comes once, with all its places; a module keeps its id."""
    one, _, three = fake.unsubscribe_links.ids[1:]
    digest = fake.unsubscribe_links.add_association(three, "April digest")
    footer = fake.unsubscribe_links.add_association(one, "Sales", place="email_footer", module=None)
    renewal = fake.unsubscribe_links.add_association(three, "Renewal", module="Deals")
    welcome = fake.unsubscribe_links.add_association(three, "Welcome")
    reply = await caller.call(fake, "GET", ASSOCIATIONS, token=token)

    first, second = reply.json["associations"]
    contacts, deals, again = [place.pop("details") for place in second["associated_places"]]
    assert reply.status == 200
    assert first == {
        "id": one,
        "associated_places": [
            {
                "type": "email_footer",
                "resource": {"name": "Sales", "id": footer},
                "details": {"module": None},
            }
        ],
    }
    assert second == {
        "id": three,
        "associated_places": [
            {"type": "email_templates", "resource": {"name": "April digest", "id": digest}},
            {"type": "email_templates", "resource": {"name": "Renewal", "id": renewal}},
            {"type": "email_templates", "resource": {"name": "Welcome", "id": welcome}},
        ],
    }
    assert contacts["module"]["api_name"] == "Contacts"
    assert deals["module"]["api_name"] == "Deals"
    assert contacts == again
    assert contacts["module"]["id"] != deals["module"]["id"]


async def test_deletes_a_link_in_use(fake: FakeZoho, caller: Any, token: str) -> None:
    """The associations go with their link."""
    link_id = fake.unsubscribe_links.ids[-1]
    fake.unsubscribe_links.add_association(link_id, "April digest")
    reply = await caller.delete(fake, link_id, token=token)

    assert reply.status == 200
    assert (await caller.call(fake, "GET", ASSOCIATIONS, token=token)).status == 204


async def test_keeps_links_in_use_if_told_so(caller: Any) -> None:
    """A fake can refuse to delete a link in use; others it deletes as ever."""
    async with FakeZoho(links=2, dialect=Dialect(keep_links_in_use=True)) as fake:
        token = await caller.token(fake)
        used, unused = fake.unsubscribe_links.ids[1:]
        fake.unsubscribe_links.add_association(used, "April digest")
        refused, deleted = [
            await caller.delete(fake, link_id, token=token) for link_id in (used, unused)
        ]

    assert (refused.status, refused.json["code"]) == (400, "ALREADY_USED")
    assert refused.json["details"] == {"resource_path_index": 2}
    assert deleted.status == 200
    assert fake.stats.effects == {unused: 1}


async def test_shows_empty_strings_if_told_so(caller: Any) -> None:
    """What is not set can be an empty string."""
    async with FakeZoho(links=1, dialect=Dialect(unset_as="empty")) as fake:
        default, link = map(fake.unsubscribe_links.get, fake.unsubscribe_links.ids)

    assert default["standard_page_message"] == default["custom_location_url"] == ""
    assert link["standard_page_message"] == link["custom_location_url"] == ""


@pytest.mark.parametrize("status", [200, 201])
async def test_succeeds_with_the_status_it_is_told(caller: Any, status: int) -> None:
    """Updates and deletions can succeed with 201."""
    dialect = Dialect(update_status=status, delete_status=status)
    async with FakeZoho(links=1, dialect=dialect) as fake:
        token = await caller.token(fake)
        link_id = fake.unsubscribe_links.ids[-1]
        body = {"unsubscribe_links": [{"name": "Spring offers"}]}
        update = await caller.call(fake, "PUT", f"{LINKS}/{link_id}", token=token, json=body)
        deletion = await caller.delete(fake, link_id, token=token)

    assert (update.status, deletion.status) == (status, status)
    assert update.json == success(link_id, "Unsubscribe Link updated successfully")


def test_speaks_no_other_dialect() -> None:
    """A reading that nobody has published is a mistake of the test."""
    with pytest.raises(ValueError, match="unset_as"):
        Dialect(unset_as="nil")  # type: ignore[arg-type]


async def test_shows_what_only_some_sources_name(caller: Any) -> None:
    """Three more keys, if told so."""
    async with FakeZoho(links=1, dialect=Dialect(extra_keys=True)) as fake:
        link = fake.unsubscribe_links.get(fake.unsubscribe_links.ids[-1])

    assert (link["landing_url"], link["location_url_type"], link["action_on_unsubscribe"]) == (
        None,
        "standard",
        "display_message",
    )
