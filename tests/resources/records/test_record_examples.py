"""Bodies of Zoho's pages about what belongs to records: what comes back of each."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from aiozcrm.errors import (
    AlreadyDoneError,
    ApiError,
    NotAllowedError,
    NotFoundError,
)

EXAMPLES = Path(__file__).parents[2] / "samples" / "examples" / "records"

LEAD, CONTACT, DEAL = "7100000000500011", "7100000000450001", "7100000000460001"
PRODUCT, OTHER, NOTE = "7100000000330001", "7100000000330009", "7100000000810001"
LOCK, MEETING, VIEW = "7100000000820001", "7100000000890001", "7100000000091515"
MAIL = {"from": {"email": "ines@a.example"}, "to": [{"email": "mara@b.example"}]}
CADENCE, ENROLLED = "6100001000000234001", "6100001000000300001"
ROLE, LEAD_2, USER = "7100000000006875", "7100000000500012", "7100000000210007"


def example(name: str) -> Any:
    """Return the body of an example."""
    return json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))


def leads(zoho):
    """Return the records that most examples are about."""
    return zoho.records("Leads")


def roles(zoho):
    """Return the contact roles of a deal."""
    return zoho.records("Deals").related(DEAL, "Contact_Roles")


#: What reads return: the example, the call, and the key whose value comes back as it is.
READS = {
    "related_list_ok": (lambda z: leads(z).related(LEAD, "Tasks").list(fields=["Owner"]), "data"),
    "related_deleted_ok": (
        lambda z: leads(z).deleted.related(LEAD, "Tasks").list(fields=["Owner"]),
        "data",
    ),
    "notes_list_ok": (lambda z: leads(z).notes(LEAD).list(fields=["Note_Title"]), "data"),
    "deal_contact_roles_list": (lambda z: roles(z).list(fields=["Email"]), "data"),
    "lock_info_ok": (
        lambda z: leads(z).locking_information(LEAD).list(fields=["Locked_Reason__s"]),
        "data",
    ),
    "share_list_ok": (lambda z: leads(z).share(LEAD).get(view="summary"), "share"),
    "blueprint_get_ok": (lambda z: leads(z).blueprint(LEAD).get(), "blueprint"),
    "recycle_bin_list": (lambda z: z.recycle_bin.list(), "recycle_bin"),
    "conversion_options_ok": (
        lambda z: leads(z).conversion_options(LEAD),
        "__conversion_options",
    ),
    "contact_roles_list": (lambda z: z.contact_roles.list(), "contact_roles"),
    "emails_sharing_details_ok": (
        lambda z: leads(z).emails_sharing_details(LEAD),
        "__emails_sharing_details",
    ),
}

#: What writes return: the example, its HTTP status, the call, and status and id of each outcome.
WRITES = {
    "related_update_ok": (
        200,
        lambda z: (
            leads(z)
            .related(LEAD, "Products")
            .update_many([{"id": PRODUCT}, {"id": "7100000000330002"}])
        ),
        [("linked", PRODUCT), ("linked", "7100000000330002")],
    ),
    "related_delink_mixed_207": (
        207,
        lambda z: leads(z).related(LEAD, "Products").delete_many([PRODUCT, OTHER]),
        [("deleted", PRODUCT), ("not_found", OTHER)],
    ),
    "notes_create_ok_201": (
        201,
        lambda z: leads(z).notes(LEAD).create({"Note_Content": "Measured."}),
        [("created", NOTE)],
    ),
    "notes_create_mixed_207": (
        207,
        lambda z: leads(z).notes(LEAD).create_many([{"Note_Content": "Measured."}, {"Owner": {}}]),
        [("created", NOTE), ("failed", "")],
    ),
    "tags_add_one_ok": (
        200,
        lambda z: leads(z).add_tags(LEAD, tags=["spring-fair", "callback"]),
        [("updated", LEAD)],
    ),
    "tags_add_many_ok": (
        200,
        lambda z: leads(z).add_tags_many([LEAD, LEAD_2], tags=["callback"], over_write=False),
        [("updated", LEAD), ("updated", LEAD_2)],
    ),
    "tags_add_many_partial": (
        207,
        lambda z: leads(z).add_tags_many([LEAD, LEAD_2], tags=["callback"]),
        [("updated", LEAD), ("failed", LEAD_2)],
    ),
    "tags_remove_many_ok": (
        200,
        lambda z: leads(z).remove_tags_many([LEAD, LEAD_2], tags=["spring-fair"]),
        [("updated", LEAD), ("updated", LEAD_2)],
    ),
    "change_owner_ok": (
        200,
        lambda z: leads(z).change_owner_many([LEAD, LEAD_2], owner=USER),
        [("updated", LEAD), ("updated", LEAD_2)],
    ),
    "change_owner_mixed": (
        202,
        lambda z: leads(z).change_owner_many([LEAD, LEAD_2], owner={"id": USER}),
        [("updated", LEAD), ("failed", LEAD_2)],
    ),
    "territory_assign_scheduled": (
        200,
        lambda z: leads(z).assign_territories(
            "6100001000000300001", {"Territories": [{"id": "6100001000000217001"}]}
        ),
        [("done", "6100001000000300001")],
    ),
    "convert_lead_ok": (200, lambda z: leads(z).convert(LEAD), [("done", LEAD)]),
    "convert_lead_no_deal_ok": (200, lambda z: leads(z).convert(LEAD), [("done", LEAD)]),
    "inventory_convert_ok": (
        200,
        lambda z: z.records("Quotes").convert(LEAD, {"convert_to": []}),
        [("done", LEAD)],
    ),
    "meeting_cancel_ok": (
        200,
        lambda z: z.records("Events").cancel(MEETING, {"send_cancelling_mail": False}),
        [("done", MEETING)],
    ),
    "lock_ok_201": (
        201,
        lambda z: leads(z).locking_information(LEAD).create({"Locked_Reason__s": "audit"}),
        [("created", LOCK)],
    ),
    "unlock_ok": (
        200,
        lambda z: leads(z).locking_information(LEAD).delete(LOCK),
        [("deleted", LOCK)],
    ),
    "share_revoked": (
        200,
        lambda z: z.records("Contacts").share(CONTACT).delete(),
        [("deleted", CONTACT)],
    ),
    "recycle_bin_delete_ok": (
        200,
        lambda z: z.recycle_bin.delete(LEAD_2),
        [("deleted", LEAD_2)],
    ),
    "deal_contact_role_put_ok": (
        200,
        lambda z: roles(z).update(CONTACT, {"Contact_Role": {"id": ROLE}}),
        [("linked", CONTACT)],
    ),
    "contact_roles_create_ok": (
        200,
        lambda z: z.contact_roles.create({"name": "Site owner"}),
        [("created", "7100000000006891")],
    ),
    "send_mail_ok": (200, lambda z: leads(z).send_mail(LEAD, MAIL), [("done", LEAD)]),
    "send_mail_sent": (200, lambda z: leads(z).send_mail(LEAD, MAIL), [("done", LEAD)]),
    "associate_email_ok": (200, lambda z: leads(z).associate_email(LEAD, MAIL), [("done", LEAD)]),
    "unblock_email_ok": (
        200,
        lambda z: leads(z).unblock_email(LEAD, unblock_fields=["Email"]),
        [("updated", LEAD)],
    ),
    "unblock_ok": (
        200,
        lambda z: leads(z).unblock_email_many([ENROLLED], unblock_fields=["Email"]),
        [("updated", ENROLLED)],
    ),
    "cadence_enrolled": (
        200,
        lambda z: leads(z).enrol_in_cadences([ENROLLED], cadences_ids=[CADENCE]),
        [("done", ENROLLED)],
    ),
    "scoring_run_rules": (
        200,
        lambda z: leads(z).run_scoring_rules(scoring_rules=[ROLE]),
        [("done", "")],
    ),
    "draft_created": (
        201,
        lambda z: leads(z).email_drafts(LEAD).create({"from": "ines@a.example", "rich_text": True}),
        [("created", "4f8efdcbaf23fd33c939217d4e14222d2b151e840926b794ac5cfa907b76bc12")],
    ),
}

#: What answers without a list return: the example, its HTTP status, the call, status and id.
FLAT = {
    "mail_merge_sent_flat": (
        200,
        lambda z: leads(z).send_mail_merge(LEAD, {"mail_merge_template": {"name": "Quote"}}),
        ("done", LEAD),
    ),
    "scoring_run_layout_flat": (
        200,
        lambda z: leads(z).run_scoring_rules(layout={"id": ROLE}),
        ("done", ""),
    ),
}

#: What starts of jobs return: the example, its HTTP status, the call, and the example of a state.
JOBS = {
    "mass_update_scheduled": (
        200,
        lambda z: leads(z).mass_update({"City": "Delft"}, cvid=VIEW),
        "mass_update_status_running",
    ),
    "mass_delete_scheduled": (
        200,
        lambda z: leads(z).mass_delete(cvid=VIEW),
        "mass_delete_status",
    ),
    "mass_change_owner_scheduled": (
        200,
        lambda z: leads(z).mass_change_owner(cvid=VIEW, owner=USER),
        "mass_change_owner_status",
    ),
    "mass_convert_scheduled": (
        202,
        lambda z: leads(z).mass_convert([LEAD], assign_to={"id": USER}),
        "mass_convert_status",
    ),
    "mass_inventory_convert_scheduled": (
        202,
        lambda z: z.records("Quotes").mass_convert([LEAD], convert_to=[]),
        "mass_inventory_convert_status",
    ),
}

#: What jobs that are done at once return: the example, the call, and each outcome.
AT_ONCE = {
    "mass_update_ids_mixed_207": (
        lambda z: leads(z).mass_update({"Lead_Source": "Fair"}, ids=[LEAD, "7100000000599999"]),
        [("updated", LEAD), ("failed", "7100000000599999")],
    ),
    "mass_delete_ids_mixed_207": (
        lambda z: leads(z).mass_delete(ids=[LEAD, LEAD_2]),
        [("deleted", LEAD), ("not_found", LEAD_2)],
    ),
}

#: What requests carry: the example, and the call that is given its parts.
REQUESTS = {
    "related_update_request": lambda z, body: (
        leads(z).related(LEAD, "Products").update_many(body["data"])
    ),
    "notes_create_request": lambda z, body: leads(z).notes(LEAD).create(body["data"][0]),
    "tags_add_many_request": lambda z, body: leads(z).add_tags_many(
        body["ids"], tags=body["tags"], over_write=body["over_write"]
    ),
    "meeting_cancel_request": lambda z, body: z.records("Events").cancel(MEETING, body["data"][0]),
    "lock_request": lambda z, body: leads(z).locking_information(LEAD).create(body["data"][0]),
    "share_request": lambda z, body: (
        leads(z)
        .share(LEAD)
        .create(
            body["share"],
            notify_shared_members=body["notify_shared_members"],
            notify_on_completion=body["notify_on_completion"],
        )
    ),
    "blueprint_update_request": lambda z, body: (
        leads(z).blueprint(LEAD).update(body["blueprint"][0])
    ),
    "convert_lead_request": lambda z, body: leads(z).convert(LEAD, body["data"][0]),
    "inventory_convert_request": lambda z, body: z.records("Quotes").convert(LEAD, body["data"][0]),
    "merge_request": lambda z, body: leads(z).merge(LEAD, body["merge"][0]),
    "mass_update_cvid_request": lambda z, body: leads(z).mass_update(
        body["data"][0], cvid=body["cvid"], territory=body["territory"]
    ),
    "mass_update_ids_request": lambda z, body: leads(z).mass_update(
        body["data"][0], ids=body["ids"], over_write=body["over_write"]
    ),
    "mass_delete_ids_request": lambda z, body: leads(z).mass_delete(ids=body["ids"]),
    "mass_change_owner_request": lambda z, body: leads(z).mass_change_owner(**body),
    "mass_convert_request": lambda z, body: leads(z).mass_convert(
        body["ids"],
        deals=body["Deals"],
        **{name: value for name, value in body.items() if name not in {"ids", "Deals"}},
    ),
    "mass_inventory_convert_request": lambda z, body: z.records("Quotes").mass_convert(
        body["ids"], **{name: value for name, value in body.items() if name != "ids"}
    ),
    "change_owner_request": lambda z, body: leads(z).change_owner_many(
        body["ids"],
        owner=body["owner"],
        notify=body["notify"],
        related_modules=body["related_modules"],
    ),
}

#: Examples with a test of their own below.
OTHERS = {
    "blueprint_not_in_process_400",
    "blueprint_partial_ok",
    "blueprint_update_ok",
    "convert_lead_already_400",
    "email_one_ok",
    "emails_list_page1",
    "ext_get_ok",
    "linking_create_request",
    "linking_duplicate_400",
    "mass_convert_limit_400",
    "mass_update_already_scheduled",
    "portal_invite_status",
    "lock_already_403",
    "meeting_cancel_again_400",
    "merge_ok",
    "merge_scheduled",
    "merge_status",
    "recycle_bin_delete_scheduled",
    "share_ok_201",
    "subform_rows_ok",
    "subform_update_request",
}


def test_every_example_about_records_has_its_call():
    """None lies there unused."""
    assert {file.stem for file in EXAMPLES.glob("*.json")} == {
        *READS,
        *WRITES,
        *REQUESTS,
        *FLAT,
        *JOBS,
        *(state for _, _, state in JOBS.values()),
        *AT_ONCE,
        *OTHERS,
    }


@pytest.mark.parametrize(("name", "call", "key"), [(name, *row) for name, row in READS.items()])
async def test_a_read_returns_what_the_example_about_records_holds(zoho, script, name, call, key):
    """Every key of it, as Zoho sent it."""
    script.add(script.response(200, example(name)))
    assert await call(zoho) == example(name)[key]
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("name", "http", "call", "told"), [(name, *row) for name, row in WRITES.items()]
)
async def test_a_write_accounts_for_each_item_of_the_example(zoho, script, name, http, call, told):
    """With status, id and what Zoho says of it."""
    script.add(script.response(http, example(name)))
    done = await call(zoho)
    outcomes = getattr(done, "outcomes", (done,))
    assert [(outcome.status, outcome.id) for outcome in outcomes] == told
    answered = next(iter(example(name).values()))
    items = answered if isinstance(answered, list) else [answered]
    for outcome, item in zip(outcomes, items, strict=True):
        said = outcome.details if outcome.error is None else outcome.error.details
        assert said == item["details"]
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("name", "http", "call", "told"), [(name, *row) for name, row in FLAT.items()]
)
async def test_an_answer_without_a_list_is_read_the_same(zoho, script, name, http, call, told):
    """Though the request was sent under a key."""
    script.add(script.response(http, example(name)))
    outcome = await call(zoho)
    assert (outcome.status, outcome.id) == told
    assert outcome.details == example(name)["details"]


@pytest.mark.parametrize(
    ("name", "http", "call", "state"), [(name, *row) for name, row in JOBS.items()]
)
async def test_a_job_is_started_once_and_asked_for_by_its_id(zoho, script, name, http, call, state):
    """Its answer has a list or none, and the keys of its state are upper or lower case."""
    script.add(script.response(http, example(name)), script.response(200, example(state)))
    job = await call(zoho)
    started = example(name)
    item = started if "code" in started else started["data"][0]
    assert job.id == item["details"]["job_id"]
    assert job.result is None
    assert await job.state() == example(state)["data"][0]
    start, asked = script.requests
    assert (asked.method, asked.path) == ("GET", start.path)
    assert asked.query == f"job_id={job.id}"


@pytest.mark.parametrize(("name", "call", "told"), [(name, *row) for name, row in AT_ONCE.items()])
async def test_what_is_done_to_ids_is_done_at_once(zoho, script, name, call, told):
    """The result of such a job is a report, there from the start."""
    script.add(script.response(207, example(name)))
    job = await call(zoho)
    assert job.id is None
    report = await job.wait()
    assert [(outcome.status, outcome.id) for outcome in report.outcomes] == told
    assert isinstance(report.outcomes[1].error, NotFoundError)
    assert len(script.requests) == 1


@pytest.mark.parametrize(("name", "call"), REQUESTS.items())
async def test_a_request_carries_what_the_example_about_records_holds(zoho, script, name, call):
    """Nothing more, and nothing less."""
    script.add(script.error(400, "INVALID_DATA"))
    with contextlib.suppress(ApiError):
        await call(zoho, example(name))
    [request] = script.requests
    assert json.loads(request.body) == example(name)


async def test_a_lead_that_was_converted_says_so_without_a_list(zoho, script):
    """After a lost answer that means that it has worked."""
    already = script.response(400, example("convert_lead_already_400"))
    script.add(already, script.response(502), already)
    with pytest.raises(AlreadyDoneError):
        await leads(zoho).convert(LEAD)
    outcome = await leads(zoho).convert(LEAD)
    assert (outcome.status, outcome.attempts, outcome.details) == ("done", 2, {})


async def test_what_a_record_does_not_allow_is_told(zoho, script):
    """Under the key, or alone."""
    script.add(
        script.response(403, example("lock_already_403")),
        script.response(400, example("blueprint_not_in_process_400")),
    )
    with pytest.raises(NotAllowedError, match="already locked"):
        await leads(zoho).locking_information(LEAD).create({"Locked_Reason__s": "audit"})
    with pytest.raises(NotAllowedError, match="not in process"):
        await leads(zoho).blueprint(LEAD).get()


async def test_the_sentence_of_an_answer_tells_whether_a_step_is_taken(zoho, script):
    """It stands alone, and has no details."""
    for name in ("blueprint_update_ok", "blueprint_partial_ok"):
        script.add(script.response(200, example(name)))
    place = leads(zoho).blueprint(LEAD)
    outcomes = [await place.update({"transition_id": LOCK}) for _ in range(2)]
    assert [(each.status, each.id, each.kind) for each in outcomes] == [
        ("updated", LEAD, "done"),
        ("done", LEAD, "done"),
    ]
    assert outcomes[1].details == {"message": "transition saved partially"}


async def test_what_zoho_does_later_is_done_for_us(zoho, script):
    """The answers have no ids."""
    script.add(
        script.response(201, example("share_ok_201")),
        script.response(202, example("recycle_bin_delete_scheduled")),
    )
    shared = await leads(zoho).share(LEAD).create({"permission": "read_only", "type": "public"})
    assert (shared.status, shared.id) == ("created", LEAD)
    job = await zoho.recycle_bin.delete_many(filters={"group": []})
    assert job.id is not None


async def test_a_meeting_that_is_cancelled_already_after_a_lost_answer_was_cancelled(zoho, script):
    """Without a lost answer it is an error, as are all other reasons."""
    again = script.response(400, example("meeting_cancel_again_400"))
    script.add(again, script.response(502), again, script.response(502))
    script.add(script.error(400, "NOT_ALLOWED"))
    cancel = zoho.records("Events").cancel
    with pytest.raises(NotAllowedError):
        await cancel(MEETING, {"send_cancelling_mail": True})
    outcome = await cancel(MEETING, {"send_cancelling_mail": True})
    assert (outcome.status, outcome.id, outcome.attempts) == ("done", MEETING, 2)
    with pytest.raises(NotAllowedError):
        await cancel(MEETING, {"send_cancelling_mail": True})


async def test_a_merge_is_done_at_once_or_a_job(zoho, script):
    """Which of the two, its answer tells."""
    script.add(
        script.response(201, example("merge_ok")),
        script.response(201, example("merge_scheduled")),
        script.response(200, example("merge_status")),
    )
    done = await leads(zoho).merge(LEAD, {"data": [{"id": LEAD_2}]})
    job = await leads(zoho).merge(LEAD, {"data": [{"id": LEAD_2}]})
    assert (done.id, done.result.counts) == (None, {"done": 1})
    assert job.id == "7100000000900006"
    assert await job.state() == example("merge_status")["merge"][0]


async def test_a_related_record_is_read_by_the_id_of_another_system(zoho, script):
    """The header names the fields of both modules; the answer may have any id."""
    script.add(script.response(200, example("ext_get_ok")))
    deals = zoho.records("Deals", external_id="Deal_No")
    found = await deals.related("D/1 50%", "Contacts", external_id="Ledger_No").get("L-0042")
    [request] = script.requests
    assert found == example("ext_get_ok")["data"][0]
    assert request.path == "/crm/v7/Deals/D%2F1%2050%25/Contacts/L-0042"
    assert request.headers["X-EXTERNAL"] == "Deals.Deal_No,Contacts.Ledger_No"


@pytest.mark.parametrize("name", ["notes_list_ok", "related_list_ok"])
async def test_what_a_list_does_not_hold_is_not_found(zoho, script, name):
    """Zoho says so with an answer without content."""
    script.add(script.response(204))
    with pytest.raises(NotFoundError):
        await leads(zoho).related(LEAD, "Notes").get(NOTE)
