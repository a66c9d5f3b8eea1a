"""Tags, on the side of settings."""

from typing import Any

import pytest

from aiozcrm.testing import Dialect, FakeZoho

PATH = "settings/tags"


async def test_keeps_the_tags_of_a_module(ask: Any, fake: FakeZoho) -> None:
    """Each module has its own; the list tells how many there may be, and may be empty."""
    empty = await ask(f"GET {PATH}", module="Leads")
    items = [{"name": "Pharma", "color_code": "#57B1FD"}, {"name": "Agro"}]
    created = await ask(f"POST {PATH}", {"tags": items}, module="Leads")
    listed = await ask(f"GET {PATH}", module="Leads")
    other = await ask(f"POST {PATH}", {"tags": items[:1]}, module="Deals")

    assert empty == (200, {"tags": [], "info": {"count": 0, "allowed_count": 200}})
    assert created[0] == 201
    assert created[1]["tags"][0]["details"]["color_code"] == "#57B1FD"
    assert [(tag["name"], tag["color_code"]) for tag in listed[1]["tags"]] == [
        ("Pharma", "#57B1FD"),
        ("Agro", None),
    ]
    assert listed[1]["info"] == {"count": 2, "allowed_count": 200}
    assert other[0] == 201
    assert fake.tags.reference(fake.tags.ids[0]) == {
        "name": "Pharma",
        "id": fake.tags.ids[0],
        "color_code": "#57B1FD",
    }


async def test_tells_which_tag_has_the_name(ask: Any, fake: FakeZoho) -> None:
    """A name that is taken comes with the id of the tag that has it."""
    tag_id = fake.tags.add("Leads", name="Pharma")
    status, answer = await ask(
        f"POST {PATH}", {"tags": [{"name": "Pharma"}, {"name": "Agro"}]}, module="Leads"
    )

    assert status == 207
    assert answer["tags"][0]["code"] == "DUPLICATE_DATA"
    assert answer["tags"][0]["details"]["id"] == tag_id


@pytest.mark.parametrize("name", ["x" * 26, "a,b", "<b>", " ", 5])
async def test_rejects_names_that_no_tag_has(ask: Any, name: Any) -> None:
    """Too long, blank, or with a character that separates."""
    status, answer = await ask(f"POST {PATH}", {"tags": [{"name": name}]}, module="Leads")

    assert (status, answer["tags"][0]["code"]) == (400, "INVALID_DATA")


@pytest.mark.parametrize("line", [f"GET {PATH}", f"POST {PATH}"])
async def test_needs_a_module(ask: Any, line: str) -> None:
    """One has to be named, and to be there."""
    body = {"tags": [{"name": "a"}]} if line.startswith("POST") else None
    missing = await ask(line, body)
    unknown = await ask(line, body, module="Nothing")

    assert missing[1]["code"] == "REQUIRED_PARAM_MISSING"
    assert unknown[1]["code"] == "INVALID_MODULE"


async def test_an_update_takes_the_colour_that_is_left_out(ask: Any, fake: FakeZoho) -> None:
    """By the id in the path or in the body."""
    tag_id = fake.tags.add("Leads", name="Pharma", color_code="#57B1FD")
    await ask(f"PUT {PATH}/{tag_id}", {"tags": [{"name": "Chemistry"}]}, module="Leads")
    tag = fake.tags.get(tag_id)
    wrong = await ask(f"PUT {PATH}/{tag_id}", {"tags": [5]}, module="Leads")

    assert (tag["name"], tag["color_code"]) == ("Chemistry", None)
    assert wrong[0] == 400


async def test_deletes_a_tag(ask: Any, fake: FakeZoho) -> None:
    """Without a module; the answer is an object, and an unknown id is named."""
    tag_id = fake.tags.add()
    status, answer = await ask(f"DELETE {PATH}/{tag_id}")
    again = await ask(f"DELETE {PATH}/{tag_id}")

    assert status == 200
    assert answer["tags"]["details"] == {"id": tag_id}
    assert (again[0], again[1]["message"]) == (400, "tags not found")
    assert again[1]["details"] == {"id": tag_id}


async def test_deletes_a_tag_in_a_list_if_told_so(caller: Any) -> None:
    """The other reading has an array."""
    async with FakeZoho(dialect=Dialect(tag_deleted_as="array")) as fake:
        token = await caller.token(fake)
        tag_id = fake.tags.add()
        reply = await caller.call(fake, "DELETE", f"{PATH}/{tag_id}", token=token)

    assert reply.json["tags"][0]["details"] == {"id": tag_id}


async def test_merges_tags(ask: Any, fake: FakeZoho) -> None:
    """The other one vanishes; merging with nothing, or with itself, is wrong."""
    one, two = fake.tags.add_many(2)
    path = f"POST {PATH}/{one}/actions/merge"
    merged = await ask(path, {"tags": [{"conflict_id": two}]})
    wrong = [await ask(path, {"tags": [item]}) for item in ({"conflict_id": one}, {}, 5)]

    assert (merged[0], merged[1]["tags"][0]["details"]) == (200, {"id": one})
    assert fake.tags.ids == [one]
    assert [answer["tags"][0]["code"] for _, answer in wrong] == ["INVALID_DATA"] * 3


async def test_deletes_many_tags_by_a_job(ask: Any, fake: FakeZoho) -> None:
    """The job tells how many there were, and how many could not be found."""
    one, two = fake.tags.add_many(2)
    body = {
        "mass_delete": [{"module": {"api_name": "Leads"}, "tags": [{"id": one}, {"id": "7"}, 5]}]
    }
    status, answer = await ask(f"POST {PATH}/actions/mass_delete", body)
    job_id = answer["details"]["job_id"]
    states = [await ask(f"GET {PATH}/actions/mass_delete", job_id=job_id) for _ in range(2)]
    unknown = await ask(f"GET {PATH}/actions/mass_delete", job_id="7")
    empty = await ask(f"POST {PATH}/actions/mass_delete", {"mass_delete": [{}]})

    assert (status, answer["code"]) == (202, "SCHEDULED")
    assert [state[1]["mass_delete"][0]["status"] for state in states] == ["RUNNING", "COMPLETED"]
    assert states[1][1]["mass_delete"][0] == {
        "job_id": job_id,
        "total_count": 3,
        "failed_count": 2,
        "deleted_count": 1,
        "status": "COMPLETED",
    }
    assert fake.tags.ids == [two]
    assert (unknown[0], unknown[1]["code"]) == (400, "INVALID_DATA")
    assert (empty[0], empty[1]["code"]) == (400, "MANDATORY_NOT_FOUND")


async def test_counts_the_records_of_no_tag_that_is_unknown(ask: Any, fake: FakeZoho) -> None:
    """As Zoho answers an id that it does not have."""
    tag_id = fake.tags.add("Leads", name="Pharma")
    path = f"GET {PATH}/{{}}/actions/records_count"

    known = await ask(path.format(tag_id), module="Leads")
    unknown = await ask(path.format("4150868000009999999"), module="Leads")

    assert known == (200, {"count": "0"})
    assert unknown[0] == 400
    assert unknown[1]["code"] == "INVALID_DATA"
