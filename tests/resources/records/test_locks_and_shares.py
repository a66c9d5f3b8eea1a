"""Locks, shares, processes, and the recycle bin."""

import json
from urllib.parse import parse_qs

import pytest

from aiozcrm.errors import (
    ApiError,
    ConnectionLostError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    LimitExceededError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
    RecordLockedError,
    ZohoError,
)
from aiozcrm.testing import Fault

UNKNOWN = "4150868999999999999"
#: What Zoho's clock shows in scripted answers.
NOW = "Thu, 26 Nov 2026 10:00:00 GMT"
EARLIER, LATER = "2020-01-01T00:00:00+00:00", "2036-01-01T00:00:00+00:00"


@pytest.fixture
def lead(fake):
    """The id of a lead."""
    return fake.records("Leads").add(Last_Name="Halden", Lead_Status="Not Contacted")


def private(user, permission="read_only"):
    """Return an item that shares a record with a user."""
    return {
        "shared_with": {"id": user, "type": "users"},
        "permission": permission,
        "type": "private",
    }


def failed(code, message="no", **details):
    """Return an error that stands alone."""
    return {"code": code, "details": details, "message": message, "status": "error"}


async def test_a_record_is_unlocked_by_the_id_of_its_lock(crm, fake, lead):
    """That is what a creation returns and a list tells; the record's own id is no lock."""
    leads = crm.records("Leads")
    locks = leads.locking_information(lead)
    assert await locks.list(fields=["Locked_Reason__s"]) == []
    locked = await locks.create({"Locked_Reason__s": "audit"})
    assert (locked.status, locked.id != lead) == ("created", True)
    with pytest.raises(RecordLockedError):
        await leads.update(lead, {"City": "Delft"})
    [lock] = await locks.list(fields=["Locked_Reason__s", "Lock_Source__s"])
    assert lock == {"Locked_Reason__s": "audit", "Lock_Source__s": "Manual", "id": locked.id}
    changed = await locks.update(locked.id, {"Locked_Reason__s": "tax"})
    assert (changed.status, changed.id) == ("updated", locked.id)
    assert (await locks.get(locked.id))["Locked_Reason__s"] == "tax"
    assert await locks.get(locked.id, fields=["Lock_Source__s"]) == {
        "Lock_Source__s": "Manual",
        "id": locked.id,
    }
    with pytest.raises(NotFoundError):
        await locks.delete(lead)
    assert (await locks.delete(locked.id)).status == "deleted"
    await leads.update(lead, {"City": "Delft"})
    with pytest.raises(NotFoundError):
        await locks.get(locked.id)


async def test_a_record_is_locked_only_once(crm, fake, lead):
    """The second one fails, and a lock without a reason, too."""
    locks = crm.records("Leads").locking_information(lead)
    report = await locks.create_many(
        [{"Locked_Reason__s": "a"}, {"Locked_Reason__s": "b"}], concurrency=1
    )
    assert report.counts == {"created": 1, "failed": 1}
    with pytest.raises(NotAllowedError):
        await locks.create({"Locked_Reason__s": "c"})
    with pytest.raises(MissingFieldError):
        await locks.update(report.outcomes[0].id, {"Locked_Reason__s": ""})
    with pytest.raises(InvalidInputError):
        await locks.create({})


async def test_a_rule_locks_for_good(crm, fake, lead):
    """Its lock cannot be deleted."""
    fake.records("Leads").lock(lead, by_rule=True)
    locks = crm.records("Leads").locking_information(lead)
    [lock] = await locks.list(fields=["Locked_By__s", "Lock_Source__s"])
    assert (lock["Locked_By__s"], lock["Lock_Source__s"]) == (None, "Automatic")
    with pytest.raises(NotAllowedError):
        await locks.delete(lock["id"])


async def test_a_lock_whose_answer_is_lost_is_found(crm, fake, lead):
    """It is sent again, found to be there, and looked up for its id."""
    locks = crm.records("Leads").locking_information(lead)
    await crm.org.get()  # tells Zoho's time
    fake.faults.script(Fault.RESET_AFTER)
    locked = await locks.create({"Locked_Reason__s": "audit"})
    [lock] = await locks.list(fields=["Locked_Reason__s"])
    assert (locked.status, locked.id, locked.attempts) == ("created", lock["id"], 2)
    fake.faults.script(Fault.RESET_AFTER)
    assert (await locks.delete(locked.id)).status == "already_gone"


@pytest.mark.parametrize(
    "found",
    [
        {"data": [{"id": "9", "Locked_Reason__s": "other", "Locked_Time__s": LATER}]},
        {"data": [{"id": "9", "Locked_Reason__s": "audit", "Locked_Time__s": EARLIER}]},
        {"data": [{"id": "9", "Locked_Reason__s": "audit", "Locked_Time__s": "soon"}]},
        {"data": [{"id": "9", "Locked_Reason__s": "audit"}]},
        {"data": [{"Locked_Reason__s": "audit", "Locked_Time__s": LATER}]},
        {"data": [{"id": 9.5, "Locked_Reason__s": "audit", "Locked_Time__s": LATER}]},
        None,
        failed("INTERNAL_ERROR"),
    ],
)
async def test_a_lock_of_somebody_else_is_not_taken_for_ours(zoho, script, found):
    """If that is not certain, the error of the second send is raised."""
    script.add(
        script.response(200, {"org": [{"id": "1"}]}, Date=NOW),
        script.response(502),
        script.response(403, {"data": [failed("NOT_ALLOWED", "record is already locked")]}),
    )
    wrong = found is not None and "data" not in found
    script.add(*[script.response(500 if wrong else 200 if found else 204, found or b"")] * 9)
    await zoho.org.get()
    with pytest.raises(NotAllowedError) as caught:
        await zoho.records("Leads").locking_information("7").create({"Locked_Reason__s": "audit"})
    assert caught.value.maybe_done
    assert ("could not be looked up" in (caught.value.hint or "")) == wrong


async def test_a_lock_is_ours_if_it_has_our_reason_and_is_not_older(zoho, script):
    """Zoho's own clock tells."""
    lock = {"id": "9", "Locked_Reason__s": "audit", "Locked_Time__s": LATER}
    already = {"data": [failed("NOT_ALLOWED", "record is already locked")]}
    locked = script.response(403, already)
    info = {"more_records": False}
    script.add(script.response(502), locked)
    with pytest.raises(NotAllowedError):  # Zoho's time is not known yet
        await zoho.records("Leads").locking_information("7").create({"Locked_Reason__s": "audit"})
    script.add(
        script.response(200, {"org": [{"id": "1"}]}, Date=NOW),
        script.response(502),
        locked,
        script.response(200, {"data": [lock], "info": info}),
    )
    await zoho.org.get()
    made = (
        await zoho.records("Leads").locking_information("7").create({"Locked_Reason__s": "audit"})
    )
    assert (made.id, made.status) == ("9", "created")


@pytest.mark.parametrize(("time", "is_ours"), [(LATER, True), (EARLIER, False)])
async def test_the_answers_to_a_lock_tell_the_time_if_nothing_did_before(
    zoho, script, time, is_ours
):
    """It is reckoned back to the moment of the first send."""
    lock = {"id": "9", "Locked_Reason__s": "audit", "Locked_Time__s": time}
    already = {"data": [failed("NOT_ALLOWED", "record is already locked")]}
    found = {"data": [lock], "info": {"more_records": False}}
    script.add(
        script.response(502), script.response(403, already, Date=NOW), script.response(200, found)
    )
    locks = zoho.records("Leads").locking_information("7")
    if is_ours:
        assert (await locks.create({"Locked_Reason__s": "audit"})).id == "9"
    else:
        with pytest.raises(NotAllowedError):
            await locks.create({"Locked_Reason__s": "audit"})


async def test_a_share_that_is_replaced_ends_for_all_others(crm, fake, lead):
    """An update names all who keep their access; a creation adds."""
    one, two = fake.users.add(last_name="Reyl"), fake.users.add(last_name="Bram")
    share = crm.records("Leads").share(lead)
    assert await share.get() == []
    shared = await share.create(
        private(one), notify_shared_members=False, notify_on_completion=True
    )
    assert (shared.status, shared.id) == ("created", lead)
    await share.create([private(two, "full_access")])
    assert [each["shared_with"]["id"] for each in await share.get()] == [one, two]
    assert [each["permission"] for each in await share.get(shared_to=two)] == ["full_access"]

    replaced = await share.update(private(two), notify=False)
    assert (replaced.status, replaced.id) == ("updated", lead)
    assert [each["shared_with"]["id"] for each in await share.get(view="summary")] == [two]
    both = await share.update([private(one), private(two)])
    assert both.status == "updated"
    assert len(await share.get()) == 2

    revoked = await share.delete()
    assert (revoked.status, revoked.id) == ("deleted", lead)
    assert await share.get() == []
    with pytest.raises(ApiError):
        await share.delete()


async def test_a_share_that_zoho_rejects_raises(crm, fake, lead):
    """Of several, each has its result."""
    user = fake.users.add(last_name="Reyl")
    share = crm.records("Leads").share(lead)
    with pytest.raises(InvalidDataError):
        await share.create([private(user), private(UNKNOWN)])
    with pytest.raises(InvalidDataError):
        await share.update({"type": "public"})
    with pytest.raises(LimitExceededError):
        await share.update([private(fake.users.add(last_name=f"R{n}")) for n in range(11)])
    with pytest.raises(NotFoundError):
        await crm.records("Leads").share(UNKNOWN).delete()
    with pytest.raises(TypeError):
        await share.create("all")


async def test_a_share_is_replaced_again_after_a_lost_answer_and_created_once(crm, fake, lead):
    """A creation may be rejected the second time, since Zoho works on the first."""
    user = fake.users.add(last_name="Reyl")
    share = crm.records("Leads").share(lead)
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await share.create(private(user))
    assert caught.value.maybe_done
    fake.faults.script(Fault.RESET_AFTER)
    assert (await share.update(private(user))).attempts == 2
    fake.faults.script(Fault.RESET_AFTER)
    assert (await share.delete()).status == "already_gone"


@pytest.mark.parametrize("code", ["CANNOT_PROCESS", "BAD_REQUEST"])
async def test_a_revocation_waits_for_what_zoho_works_on(zoho, script, code):
    """That says nothing about an earlier one."""
    script.add(script.response(502), script.response(400, failed(code, "Scheduler is running")))
    with pytest.raises(ApiError):
        await zoho.records("Leads").share("7").delete()


async def test_trouble_of_zoho_in_a_success_is_tried_again(zoho, script):
    """As under its own status."""
    trouble = {"share": [failed("INTERNAL_ERROR")]}
    done = {"share": [{"code": "SUCCESS", "details": {}, "message": "", "status": "success"}]}
    script.add(script.response(200, trouble), script.response(200, done))
    assert (await zoho.records("Leads").share("7").update(private("5"))).attempts == 2


async def test_an_answer_about_another_number_of_shares_is_in_doubt(zoho, script):
    """It is not known which of them it leaves out."""
    script.add(script.response(200, {"share": []}))
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.records("Leads").share("7").update([private("5"), private("6")])
    assert caught.value.maybe_done


async def test_a_record_goes_through_its_process(crm, fake, lead):
    """A step that lacks something saves what it was given."""
    steps = fake.records("Leads").add_blueprint(
        "Lead_Status",
        [
            ("Call made", "Not Contacted", "Contacted", ["Phone"]),
            ("Qualify", "Contacted", "Pre-Qualified", []),
        ],
    )
    place = crm.records("Leads").blueprint(lead)
    told = await place.get()
    assert told["process_info"]["field_value"] == "Not Contacted"
    [step] = told["transitions"]
    assert (step["id"], step["next_field_value"]) == (steps["Call made"], "Contacted")
    assert [field["api_name"] for field in step["fields"]] == ["Phone"]
    assert [later["name"] for later in step["next_transitions"]] == ["Qualify"]

    part = await place.update({"transition_id": steps["Call made"], "data": {"City": "Delft"}})
    assert (part.status, part.kind, part.id) == ("done", "done", lead)
    assert part.details["message"] == "transition saved partially"
    assert fake.records("Leads").get(lead)["Lead_Status"] == "Not Contacted"
    taken = await place.update({"transition_id": steps["Call made"], "data": {"Phone": "1"}})
    assert (taken.status, taken.details["message"]) == (
        "updated",
        "transition updated successfully",
    )
    assert [step["name"] for step in (await place.get())["transitions"]] == ["Qualify"]
    await place.update({"transition_id": steps["Qualify"]})
    with pytest.raises(NotAllowedError):
        await place.get()


async def test_a_step_is_not_sent_again_after_a_lost_answer(crm, fake, lead):
    """The record may be elsewhere by then."""
    steps = fake.records("Leads").add_blueprint(
        "Lead_Status", [("Call made", "Not Contacted", "Contacted", [])]
    )
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await crm.records("Leads").blueprint(lead).update({"transition_id": steps["Call made"]})
    assert caught.value.maybe_done
    assert fake.records("Leads").get(lead)["Lead_Status"] == "Contacted"
    assert len([line for line in fake.stats.requests if line[0] == "PUT"]) == 1


@pytest.mark.parametrize("body", [{"blueprint": []}, {"blueprint": 5}])
async def test_a_process_that_is_no_object_is_an_invalid_answer(zoho, script, body):
    """Of a read as of a write."""
    script.add(script.response(200, body), script.response(200, {"blueprint": [{}, {}]}))
    place = zoho.records("Leads").blueprint("7")
    with pytest.raises(InvalidResponseError):
        await place.get()
    with pytest.raises(InvalidResponseError) as caught:
        await place.update({"transition_id": "5"})
    assert caught.value.maybe_done


async def test_a_record_may_be_named_by_an_external_id(zoho, script):
    """Answers about its share and its process tell its id, and outcomes what was given."""
    done = {"code": "SUCCESS", "details": {"id": "7"}, "message": "ok", "status": "success"}
    script.add(script.response(200, {"share": [done]}), script.response(200, {"blueprint": [done]}))
    leads = zoho.records("Leads", external_id="Ext")
    revoked = await leads.share("abc").delete()
    assert (revoked.id, revoked.status) == ("abc", "deleted")
    stepped = await leads.blueprint("abc").update({"transition_id": "5"})
    assert (stepped.id, stepped.status) == ("abc", "updated")


@pytest.mark.parametrize("key", ["share", "blueprint"])
async def test_an_answer_about_another_record_is_in_doubt(zoho, script, key):
    """Where the id of the record is known."""
    done = {"code": "SUCCESS", "details": {"id": "8"}, "message": "ok", "status": "success"}
    script.add(script.response(200, {key: [done]}))
    leads = zoho.records("Leads")
    work = (
        leads.share("7").delete()
        if key == "share"
        else leads.blueprint("7").update({"transition_id": "5"})
    )
    with pytest.raises(InvalidResponseError, match="it is about 8, not about 7") as caught:
        await work
    assert caught.value.maybe_done


async def test_what_is_deleted_is_in_the_recycle_bin_until_it_is_deleted_there(crm, fake):
    """One or many, of any module."""
    leads = fake.records("Leads").add_many(3)
    task = fake.records("Tasks").add(Subject="Call")
    assert await crm.recycle_bin.list() == []
    await crm.records("Leads").delete_many(leads)
    await crm.records("Tasks").delete(task)

    found = await crm.recycle_bin.list(sort_by="display_name", sort_order="asc")
    assert [each["display_name"] for each in found] == ["Call", "Lead 1", "Lead 2", "Lead 3"]
    assert (await crm.recycle_bin.get(task))["module"]["api_name"] == "Tasks"
    module = {"field": {"api_name": "module"}, "comparator": "equal", "value": "Leads"}
    assert len(await crm.recycle_bin.list(filters=module)) == 3
    assert [each["id"] for each in await crm.recycle_bin.list(ids=[task])] == [task]

    gone = await crm.recycle_bin.delete(task)
    assert (gone.status, gone.id) == ("deleted", task)
    report = await crm.recycle_bin.delete_many([*leads[:2], UNKNOWN])
    assert report.counts == {"deleted": 2, "not_found": 1}
    job = await crm.recycle_bin.delete_many(filters=module)
    with pytest.raises(ZohoError):
        await job.state()
    assert await crm.recycle_bin.list() == []
    with pytest.raises(NotFoundError):
        await crm.recycle_bin.get(task)
    with pytest.raises(NotFoundError):
        await crm.recycle_bin.delete(task)
    kinds = {each["type"] for each in await crm.records("Leads").deleted.list()}
    assert kinds == {"permanent"}


async def test_a_deletion_from_the_bin_is_sent_again_after_a_lost_answer(crm, fake):
    """What is gone then was our doing."""
    leads = fake.records("Leads").add_many(2)
    await crm.records("Leads").delete_many(leads)
    fake.faults.script(Fault.RESET_AFTER)
    assert (await crm.recycle_bin.delete(leads[0])).status == "already_gone"
    fake.faults.script(Fault.RESET_AFTER)
    assert (await crm.recycle_bin.delete_many(leads[1:])).counts == {"already_gone": 1}


async def test_a_deletion_that_zoho_puts_off_is_answered_once_for_all(zoho, script):
    """As it does with more than 1,000 records and what belongs to them."""
    item = {"code": "SCHEDULED", "details": {"id": "99"}, "message": "", "status": "success"}
    script.add(script.response(202, {"recycle_bin": [item]}))
    report = await zoho.recycle_bin.delete_many(["7", "8"])
    assert [(each.id, each.status) for each in report.outcomes] == [
        ("7", "deleted"),
        ("8", "deleted"),
    ]


async def test_a_short_answer_about_the_bin_is_in_doubt(zoho, script):
    """Unless it says that Zoho puts it off."""
    item = {"code": "SUCCESS", "details": {"id": "7"}, "message": "", "status": "success"}
    script.add(script.response(200, {"recycle_bin": [item]}))
    assert (await zoho.recycle_bin.delete_many(["7", "8"])).counts == {"in_doubt": 2}


async def test_what_is_to_be_deleted_from_the_bin_is_named_in_one_way(zoho, script):
    """By ids or by filters, and never by nothing."""
    for given, filters in (([], {}), (["7"], {"group": []}), ([], None)):
        if not given and filters is None:
            with pytest.raises(InvalidInputError):
                await zoho.recycle_bin.delete_many()
        else:
            with pytest.raises(InvalidInputError):
                await zoho.recycle_bin.delete_many(given, filters=filters)
    with pytest.raises(InvalidInputError):
        await zoho.recycle_bin.delete_many(filters={})
    assert script.requests == []


async def test_filters_of_the_bin_are_sent_as_json(zoho, script):
    """In the query of a list and of a deletion."""
    filters = {"field": {"api_name": "module"}, "comparator": "equal", "value": "Leads"}
    item = {"code": "SCHEDULED", "details": {}, "message": "", "status": "success"}
    script.add(script.response(204), script.response(202, {"recycle_bin": [item]}))
    await zoho.recycle_bin.list(filters=filters)
    job = await zoho.recycle_bin.delete_many(filters=filters)
    assert job.id is not None
    for request in script.requests:
        assert json.loads(parse_qs(request.query)["filters"][0]) == filters
