"""Tags, owners and territories of records, one and many."""

import json

import pytest

from aiozcrm.errors import (
    ConnectionLostError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    NotFoundError,
    RecordLockedError,
)
from aiozcrm.testing import Fault

UNKNOWN = "4150868999999999999"


@pytest.fixture
def ids(fake):
    """The ids of three leads."""
    return fake.records("Leads").add_many(3)


def tags_of(fake, lead):
    """Return the names of the tags of a lead."""
    return [tag["name"] for tag in fake.records("Leads").get(lead)["Tag"]]


async def test_tags_are_put_on_records_and_taken_off(crm, fake, ids):
    """Names or objects; the outcome tells which tags a record has afterwards."""
    leads = crm.records("Leads")
    known = fake.tags.add("Leads", name="callback")
    one = await leads.add_tags(ids[0], tags=["fair", {"id": known}])
    assert (one.status, one.id) == ("updated", ids[0])
    assert [tag["name"] for tag in one.details["tags"]] == ["fair", "callback"]

    many = await leads.add_tags_many(
        [*ids, UNKNOWN], tags=[{"name": "new", "color_code": "#57B1FD"}]
    )
    assert many.counts == {"updated": 3, "failed": 1}
    assert type(many.outcomes[3].error) is NotFoundError
    assert tags_of(fake, ids[0]) == ["fair", "callback", "new"]

    over = await leads.add_tags_many(ids[:1], tags=["only"], over_write=True)
    assert [tag["name"] for tag in over.outcomes[0].details["tags"]] == ["only"]
    left = await leads.remove_tags(ids[0], tags=["only"])
    assert left.details["tags"] == []
    assert (await leads.remove_tags_many(ids, tags=["new"])).counts == {"updated": 3}
    assert tags_of(fake, ids[1]) == []


async def test_more_records_than_a_call_takes_are_tagged_by_several(crm, fake):
    """500 a call; one that is given twice is tagged once."""
    ids = fake.records("Leads").add_many(501)
    fake.stats.clear()
    found = [
        each async for each in crm.records("Leads").iter_add_tags_many([*ids, ids[0]], tags=["a"])
    ]
    assert {outcome.status for outcome in found} == {"updated"}
    assert len(found) == 502
    assert len([line for line in fake.stats.requests if "add_tags" in line[1]]) == 2
    gone = [each async for each in crm.records("Leads").iter_remove_tags_many(ids[:2], tags=["a"])]
    assert [outcome.status for outcome in gone] == ["updated", "updated"]


async def test_a_locked_record_keeps_its_tags_and_its_owner(crm, fake, ids):
    """The others are changed all the same."""
    fake.records("Leads").lock(ids[1])
    leads, user = crm.records("Leads"), fake.users.current_id
    with pytest.raises(RecordLockedError):
        await leads.add_tags(ids[1], tags=["a"])
    for report in (
        await leads.add_tags_many(ids, tags=["a"]),
        await leads.change_owner_many(ids, owner=user),
    ):
        assert [outcome.status for outcome in report.outcomes] == ["updated", "failed", "updated"]
        assert type(report.outcomes[1].error) is RecordLockedError


async def test_owners_are_changed(crm, fake, ids):
    """One or many, by the id of the user or an object with it."""
    leads, user = crm.records("Leads"), fake.users.add(last_name="Reyl")
    one = await leads.change_owner(ids[0], owner=user, notify=False)
    assert (one.status, one.id) == ("updated", ids[0])
    many = await leads.change_owner_many([*ids[1:], UNKNOWN], owner={"id": user})
    assert many.counts == {"updated": 2, "failed": 1}
    streamed = [each async for each in leads.iter_change_owner_many(ids, owner=int(user))]
    assert {outcome.status for outcome in streamed} == {"updated"}
    assert {lead["Owner"]["id"] for lead in fake.records("Leads").all()} == {user}
    with pytest.raises(InvalidDataError):
        await leads.change_owner(ids[0], owner=UNKNOWN)


async def test_tags_and_owners_are_sent_again_after_a_lost_answer(crm, fake, ids):
    """A second send changes nothing."""
    leads, user = crm.records("Leads"), fake.users.current_id
    for call in (
        lambda: leads.add_tags(ids[0], tags=["a"]),
        lambda: leads.remove_tags(ids[0], tags=["a"]),
        lambda: leads.change_owner(ids[0], owner=user),
    ):
        fake.faults.script(Fault.RESET_AFTER)
        assert (await call()).attempts == 2
    fake.faults.script(Fault.RESET_AFTER)
    report = await leads.add_tags_many(ids, tags=["a"])
    assert report.counts == {"updated": 3}


async def test_an_answer_that_leaves_records_out_puts_all_in_doubt(crm, fake, ids):
    """It is not known which of them it leaves out."""
    fake.faults.script(Fault.SHORT_ANSWER)
    report = await crm.records("Leads").add_tags_many(ids, tags=["a"])
    assert report.counts == {"in_doubt": 3}


async def test_an_answer_about_another_record_is_in_doubt(zoho, script):
    """It may be the late answer to another call."""
    item = {"code": "SUCCESS", "status": "success", "message": "", "details": {"id": "99"}}
    script.add(script.response(200, {"data": [item]}), script.response(200, {"data": [item]}))
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.records("Leads").add_tags("7", tags=["a"])
    assert caught.value.maybe_done
    report = await zoho.records("Leads").add_tags_many(["7"], tags=["a"])
    assert report.counts == {"in_doubt": 1}


async def test_bodies_are_as_zohos_pages_have_them(zoho, script):
    """Ids in an array beside the rest; one record has its id in the path."""
    leads = zoho.records("Leads")
    await leads.add_tags_many(
        ["7", "8"], tags=[{"name": "a", "color_code": "#57B1FD"}, "b"], over_write=False
    )
    await leads.change_owner_many(
        ["7"], owner="5", notify=True, related_modules=[{"api_name": "Tasks"}]
    )
    await leads.remove_tags_many(["7"], tags=["a"])
    assert [json.loads(request.body) for request in script.requests] == [
        {
            "ids": ["7", "8"],
            "tags": [{"name": "a", "color_code": "#57B1FD"}, {"name": "b"}],
            "over_write": False,
        },
        {
            "ids": ["7"],
            "owner": {"id": "5"},
            "notify": True,
            "related_modules": [{"api_name": "Tasks"}],
        },
        {"ids": ["7"], "tags": [{"name": "a"}]},
    ]


@pytest.mark.parametrize("tags", [[], [""], ["  "], [{}], [{"color_code": "#57B1FD"}]])
async def test_a_tag_needs_a_name_or_an_id(zoho, script, tags):
    """One that has neither is told before anything is sent."""
    for call in (
        zoho.records("Leads").add_tags("7", tags=tags),
        zoho.records("Leads").remove_tags_many(["7"], tags=tags),
    ):
        with pytest.raises(InvalidInputError):
            await call
    assert script.requests == []


@pytest.mark.parametrize("tags", ["fair", b"fair", {"name": "fair"}, [5], [None]])
async def test_tags_are_a_list_of_names_or_objects(zoho, script, tags):
    """A text would be put on letter by letter."""
    with pytest.raises(TypeError):
        await zoho.records("Leads").add_tags("7", tags=tags)
    assert script.requests == []


@pytest.mark.parametrize("owner", [None, {}, True, 1.5, "x"])
async def test_an_owner_needs_an_id(zoho, script, owner):
    """By the rule for all record ids."""
    with pytest.raises((InvalidInputError, TypeError)):
        await zoho.records("Leads").change_owner("7", owner=owner)
    assert script.requests == []


async def test_territories_are_assigned_and_removed_in_the_background(zoho, script):
    """One record has its id in the path, several have it in their items."""
    given = {"Territories": [{"id": "5"}]}

    def scheduled(*own):
        details = [{"id": each, "job_id": "1"} for each in own]
        items = [{"code": "SCHEDULED", "status": "success", "details": each} for each in details]
        return script.response(200, {"data": items})

    script.add(scheduled("7"), scheduled("7", "8"), scheduled("7"), scheduled("8"))
    leads = zoho.records("Leads")
    one = await leads.assign_territories("7", given, trigger=[])
    assert (one.status, one.id, one.details["job_id"]) == ("done", "7", "1")
    many = await leads.assign_territories_many([{"id": "7", **given}, {"id": "8", **given}])
    assert many.counts == {"done": 2}
    assert (await leads.remove_territories("7", given)).status == "done"
    removed = await leads.remove_territories_many([{"id": "8", **given}], wf_trigger=False)
    assert removed.counts == {"done": 1}
    assert [json.loads(request.body) for request in script.requests] == [
        {"data": [given], "trigger": []},
        {"data": [{"id": "7", **given}, {"id": "8", **given}]},
        {"data": [given]},
        {"data": [{"id": "8", **given}], "wf_trigger": False},
    ]
    with pytest.raises(TypeError):
        await leads.assign_territories("7", given, triger=[])


async def test_an_assignment_of_territories_is_not_sent_again(zoho, script):
    """After a lost answer it may be under way, and a second one would be rejected."""
    script.add(ConnectionLostError("lost"), ConnectionLostError("lost"))
    given = {"Territories": [{"id": "5"}]}
    with pytest.raises(ConnectionLostError):
        await zoho.records("Leads").assign_territories("7", given)
    report = await zoho.records("Leads").assign_territories_many([{"id": "7", **given}])
    assert report.counts == {"in_doubt": 1}
    assert len(script.requests) == 2
