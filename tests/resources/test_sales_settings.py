"""Rules, pipelines, picklists, views and enrichments, against a local Zoho."""

import pytest

from aiozcrm import ZohoCRM
from aiozcrm.errors import (
    AlreadyDoneError,
    DuplicateDataError,
    FeatureUnavailableError,
    InvalidDataError,
    InvalidRequestError,
    InvalidResponseError,
    LimitExceededError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
    ZohoError,
)
from aiozcrm.testing import FakeZoho, Fault, Limits

UNKNOWN = "4150868999999999999"
LEADS_LAYOUT = "4150868000000091055"
RULE = {"name": "Warm", "module": {"api_name": "Leads"}}


async def test_a_scoring_rule_is_activated_cloned_and_deactivated(crm, fake):
    """The copy is another rule, and not active; after a lost answer the state tells."""
    rule = fake.scoring_rules.add(**RULE)
    assert (await crm.scoring_rules.activate(rule)).status == "done"
    assert (await crm.scoring_rules.get(rule, active=True))["active"]
    with pytest.raises(AlreadyDoneError):
        await crm.scoring_rules.activate(rule)
    copy = await crm.scoring_rules.clone(rule)
    assert copy.status == "created"
    assert copy.id not in {rule, ""}
    fake.faults.script(Fault.RESET_AFTER)
    done = await crm.scoring_rules.deactivate(rule)
    assert (done.status, done.id, done.attempts) == ("done", rule, 2)
    with pytest.raises(AlreadyDoneError):
        await crm.scoring_rules.deactivate(copy.id)
    assert (await crm.scoring_rules.delete_many([rule, copy.id])).counts == {"deleted": 2}


async def test_a_clone_is_made_once(crm, fake):
    """After a lost answer it is in doubt: a second send would make a second copy."""
    rule = fake.scoring_rules.add(**RULE)
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ZohoError) as caught:
        await crm.scoring_rules.clone(rule)
    assert caught.value.maybe_done
    assert len(fake.scoring_rules.ids) == 2


async def test_scoring_rules_are_found(crm, fake):
    """By module, layout, state and name."""
    one = fake.scoring_rules.add(**RULE)
    fake.scoring_rules.add(name="Cold", module="Deals", active=True)
    lists = [
        await crm.scoring_rules.list(module="Leads"),
        await crm.scoring_rules.list(layout_id=LEADS_LAYOUT),
        await crm.scoring_rules.list(active=True),
        await crm.scoring_rules.list(name="Warm", active=False),
    ]
    assert [[rule["name"] for rule in found] for found in lists] == [
        ["Warm"],
        ["Warm"],
        ["Cold"],
        ["Warm"],
    ]
    assert (await crm.scoring_rules.get(one, layout_id=LEADS_LAYOUT, name="Warm"))["id"] == one


async def test_parts_of_a_scoring_rule_come_and_go(crm, fake):
    """Each gets an id, and one that is deleted is gone."""
    parts = [{"score": 5, "criteria": {}}, {"score": -10, "criteria": {}}]
    signals = [{"score": 1, "signal": {"id": fake.signals.ids[0]}}]
    draft = {**RULE, "field_rules": parts, "signal_rules": signals}
    made = await crm.scoring_rules.create(draft)
    first, second = (await crm.scoring_rules.get(made.id))["field_rules"]
    changed = [{**first, "_delete": None}, second]
    assert (await crm.scoring_rules.update(made.id, {"field_rules": changed})).status == "updated"
    assert (await crm.scoring_rules.get(made.id))["field_rules"] == [second]


async def test_new_parts_of_a_rule_are_sent_once(crm, fake):
    """Those that have an id are only changed, which a second send does not spoil."""
    rule_id = fake.scoring_rules.add(name="A", module="Leads")
    part = {"score": 5, "criteria": {}}
    fake.faults.script(Fault.RESET_AFTER)
    report = await crm.scoring_rules.update_many([{"id": rule_id, "field_rules": [part]}])
    assert report.counts == {"in_doubt": 1}
    [shown] = (await crm.scoring_rules.get(rule_id))["field_rules"]
    fake.faults.script(Fault.RESET_AFTER)
    report = await crm.scoring_rules.update_many([{"id": rule_id, "field_rules": [shown]}])
    assert report.counts == {"updated": 1}
    assert len((await crm.scoring_rules.get(rule_id))["field_rules"]) == 1


async def test_a_pipeline_is_transferred_in_the_background(crm, fake):
    """Zoho tells the id of the job and no state."""
    pipelines = crm.pipelines(fake.pipelines.layout_id)
    [standard] = await pipelines.list()
    stages = [{"id": stage["id"]} for stage in standard["maps"][:2]]
    made = await pipelines.create({"display_value": "Short", "maps": stages})
    item = {"pipeline": {"from": made.id, "to": standard["id"]}, "stages": []}
    done = await pipelines.transfer(item)
    assert (done.status, list(done.details)) == ("done", ["job_id"])
    assert [pipeline["id"] for pipeline in await pipelines.list()] == [standard["id"]]
    with pytest.raises(NotFoundError):
        await pipelines.get(made.id)
    with pytest.raises(InvalidDataError):
        await pipelines.transfer(item)


async def test_stages_leave_a_pipeline(crm, fake):
    """All but the last one."""
    pipelines = crm.pipelines(fake.pipelines.layout_id)
    [standard] = await pipelines.list()
    first, *others = standard["maps"]
    gone = [{"id": stage["id"], "_delete": True} for stage in others]
    report = await pipelines.update_many([{"id": standard["id"], "maps": [first, *gone]}])
    assert report.ok
    [kept] = (await pipelines.get(standard["id"]))["maps"]
    assert kept["display_value"] == "Qualification"
    assert await crm.pipelines(LEADS_LAYOUT).list() == []


@pytest.fixture
def picklists(fake):
    """The ids of three picklist fields of leads."""
    return [
        fake.fields.add("Leads", name, type="picklist", values=("A", "B"))
        for name in ("Kind", "Shade", "Tone")
    ]


async def test_a_map_dependency_from_its_creation_to_its_end(crm, picklists):
    """Values of the child are mapped, and taken away."""
    parent, child, other = ({"id": own} for own in picklists)
    dependencies = crm.map_dependencies("Leads", LEADS_LAYOUT)
    mapped = {"id": "1", "display_value": "A", "maps": [{"id": "2"}, {"id": "3"}]}
    made = await dependencies.create(
        {"parent": parent, "child": child, "pick_list_values": [mapped]}
    )
    report = await dependencies.create_many(
        [{"parent": parent, "child": other}, {"parent": parent, "child": child}]
    )
    assert [outcome.status for outcome in report.outcomes] == ["created", "failed"]
    assert type(report.outcomes[1].error) is AlreadyDoneError
    wanted = {"comparator": "equal", "field": {"api_name": "child"}, "value": child["id"]}
    assert [one["id"] for one in await dependencies.list(filters=wanted)] == [made.id]
    changed = {**mapped, "maps": [{"id": "2"}, {"id": "3", "_delete": None}]}
    assert (await dependencies.update(made.id, {"pick_list_values": [changed]})).id == made.id
    shown = await dependencies.get(made.id)
    assert shown["pick_list_values"] == [{**mapped, "maps": [{"id": "2"}]}]
    assert await crm.map_dependencies("Leads", UNKNOWN).list() == []
    assert (await dependencies.delete(made.id)).status == "deleted"


async def test_a_global_picklist_is_deleted_in_the_background(crm, fake):
    """The outcome has the id of the job; a second send finds nothing."""
    one, other = fake.global_picklists.add_many(2)
    deleted = await crm.global_picklists.delete(one)
    assert (deleted.status, deleted.id) == ("deleted", one)
    assert list(deleted.details) == ["job_id"]
    fake.faults.script(Fault.RESET_AFTER)
    assert (await crm.global_picklists.delete(other)).status == "already_gone"


async def test_values_of_a_global_picklist_change_come_and_go(crm, fake):
    """Lists tell them only if they are to be included."""
    own = fake.global_picklists.add()
    picklists = crm.global_picklists
    one, two = (await picklists.get(own, include="pick_list_values"))["pick_list_values"]
    values = [
        {**one, "display_value": "First"},
        {**two, "_delete": True},
        {"display_value": "Three"},
    ]
    assert (await picklists.update(own, {"pick_list_values": values})).status == "updated"
    [listed] = await picklists.list(include=["pick_list_values", "used_in_modules"])
    assert [v["display_value"] for v in listed["pick_list_values"]] == ["First", "Three"]
    assert listed["used_in_modules"] == []
    assert "pick_list_values" not in (await picklists.list())[0]


async def test_a_value_of_a_global_picklist_is_replaced(crm, fake):
    """By id or by what it is called; Zoho tells what was replaced, and no state of the job."""
    own = fake.global_picklists.add()
    picklists = crm.global_picklists
    one, _ = (await picklists.get(own, include="pick_list_values"))["pick_list_values"]
    assert await picklists.replaced_values(own) == []
    item = {"old_value": {"id": one["id"]}, "new_value": {"display_value": "Two"}}
    job = await picklists.replace_picklist_values(own, item)
    assert job.id
    with pytest.raises(ZohoError, match="no call that tells the state"):
        await job.state()
    shown = {"display_value": "One", "actual_value": "One"}
    assert await picklists.replaced_values(own) == [shown]


async def test_it_is_told_where_a_global_picklist_is_used(crm, fake):
    """In fields, page by page, and its values in rules."""
    own = fake.global_picklists.add()
    assert await crm.global_picklists.associations(own) == []
    assert await crm.global_picklists.pick_list_values_associations(own) == []
    uses = [{"field": {"id": str(n)}, "module": {"api_name": "Leads"}} for n in range(201)]
    fake.global_picklists.used_by[own] = uses
    rules = [{"picklist_value_id": value, "type": "layout_rules"} for value in ("1", "2")]
    fake.global_picklists.values_used_by[own] = rules
    assert await crm.global_picklists.associations(own) == uses
    found = crm.global_picklists.pick_list_values_associations
    assert await found(own, picklist_value_id="2") == rules[1:]
    [listed] = await crm.global_picklists.list(
        include="used_in_modules", include_inner_details="used_in_modules.plural_label"
    )
    assert listed["used_in_modules"][0] == {"api_name": "Leads"}


async def test_views_are_listed_read_and_sorted(crm, fake):
    """Each module has one of all records; a view that is read alone tells more."""
    views = crm.custom_views("Leads")
    [every] = await views.list()
    assert (every["name"], every["default"]) == ("All Leads", True)
    mine = fake.custom_views.add(module="Leads", name="Mine")
    company = fake.fields.ids("Leads")["Company"]
    item = {"sort_by": {"api_name": "Company"}, "sort_order": "desc"}
    done = await views.change_sort(mine, item)
    assert (done.status, done.id) == ("updated", mine)
    shown = await views.get(mine)
    assert (shown["sort_by"], shown["sort_order"]) == (
        {"api_name": "Company", "id": company},
        "desc",
    )
    assert shown.keys() - every.keys() >= {"criteria", "fields", "sort_by", "module"}
    report = await views.change_sort_many(
        [
            {"id": every["id"], "sort_by": {"id": company}},
            {"id": mine, "sort_by": {"api_name": "Nothing"}},
            {"id": UNKNOWN, **item},
        ]
    )
    assert [outcome.status for outcome in report.outcomes] == ["updated", "failed", "failed"]
    assert (await views.get(every["id"]))["sort_order"] == "asc"
    with pytest.raises(NotFoundError):
        await crm.custom_views("Deals").get(mine)


async def test_views_are_found_on_many_pages(crm, fake):
    """Though the size of a page is told as the number of views on it."""
    for number in range(201):
        fake.custom_views.add(module="Leads", name=f"View {number}")
    assert len(await crm.custom_views("Leads").list()) == 201
    pages = [page async for page in crm.custom_views("Leads").iter().pages()]
    assert [len(page) for page in pages] == [200, 1]


@pytest.mark.parametrize("kind", ["zia_org_enrichments", "zia_people_enrichments"])
async def test_an_enrichment_is_waited_for(clock, kind):
    """The job is done when Zia has found something, or nothing."""
    limits = Limits(polls=2)
    async with (
        FakeZoho(limits=limits) as fake,
        ZohoCRM(fake.credentials(), clock=clock.clock) as crm,
    ):
        zia = getattr(crm, kind)
        job = await zia.create({"enrich_based_on": {"name": "Orchid"}}, module="Leads")
        assert (await job.state())["status"] == "SCHEDULED"
        found = await zia.job(job.id).wait()
        assert (found["status"], found["enriched_data"]["name"]) == ("COMPLETED", "Orchid")
        none = {"enrich_based_on": {"name": "Nobody", "email": "a@example.org"}}
        other = await zia.create(none, module="Leads", record_id=UNKNOWN)
        assert (await other.wait())["status"] == "DATA_NOT_FOUND"
        listed = await zia.list(status="COMPLETED", sort_by="created_time", sort_order="asc")
        assert [one["id"] for one in listed] == [job.id]
        assert "enriched_data" not in listed[0]


async def test_enrichments_have_pages_of_a_hundred(crm, fake):
    """People may be counted, too."""
    for family in (fake.zia_org_enrichments, fake.zia_people_enrichments):
        family.add_many(101)
    assert len(await crm.zia_org_enrichments.list()) == 101
    assert len(await crm.zia_people_enrichments.list(count=True)) == 101
    with pytest.raises(NotFoundError):
        await crm.zia_org_enrichments.get(UNKNOWN)


async def test_an_enrichment_is_asked_for_once(crm, fake):
    """Every send counts: after a lost answer it is in doubt."""
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ZohoError) as caught:
        await crm.zia_org_enrichments.create(
            {"enrich_based_on": {"website": "orchid.example"}}, module="Leads"
        )
    assert caught.value.maybe_done
    assert len(fake.zia_org_enrichments.ids) == 1


def rule(**changes):
    """Return a call that creates a scoring rule."""
    return lambda crm, _: crm.scoring_rules.create({**RULE, **changes})


def enrich(**known):
    """Return a call that asks about an organization."""
    return lambda crm, _: crm.zia_org_enrichments.create({"enrich_based_on": known}, module="Leads")


async def without_zia(crm, fake):
    """Ask about an organization in an org without Zia."""
    fake.zia_org_enrichments.enabled = False
    return await enrich(name="Orchid")(crm, fake)


async def a_sixth_active_rule(crm, fake):
    """Activate a rule beside five others."""
    for number in range(5):
        fake.scoring_rules.add(name=f"Rule {number}", module="Leads", active=True)
    return await crm.scoring_rules.activate(fake.scoring_rules.add(**RULE))


async def replace(crm, fake, old, new):
    """Replace a value of a picklist."""
    item = {"old_value": old, "new_value": new}
    return await crm.global_picklists.replace_picklist_values(fake.global_picklists.add(), item)


async def change_values(crm, fake, *values):
    """Change the values of a picklist."""
    own = fake.global_picklists.add()
    return await crm.global_picklists.update(own, {"pick_list_values": list(values)})


async def delete_two_values(crm, fake):
    """Take two values away in a call."""
    own = fake.global_picklists.add()
    shown = await crm.global_picklists.get(own, include="pick_list_values")
    gone = [{**value, "_delete": True} for value in shown["pick_list_values"]]
    return await crm.global_picklists.update(own, {"pick_list_values": gone})


async def take_all_stages(crm, fake):
    """Take every stage out of a pipeline."""
    pipelines = crm.pipelines(fake.pipelines.layout_id)
    [standard] = await pipelines.list()
    gone = [{**stage, "_delete": True} for stage in standard["maps"]]
    return await pipelines.update(standard["id"], {"maps": gone})


async def depend(crm, fake, parent, child):
    """Let one field of leads depend on another."""
    ids = fake.fields.ids("Leads")
    fields = {"parent": {"id": ids.get(parent)}, "child": {"id": ids.get(child)}}
    return await crm.map_dependencies("Leads", LEADS_LAYOUT).create(fields)


async def sort(crm, fake, **item):
    """Sort a view of leads."""
    view = fake.custom_views.add(module="Leads", name="Mine")
    return await crm.custom_views("Leads").change_sort(view, item)


ERRORS = {
    "a score beyond ten": (
        rule(signal_rules=[{"score": 11}]),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "signals for deals": (
        rule(module={"api_name": "Deals"}, signal_rules=[{"score": 1}]),
        (NotAllowedError, "NOT_SUPPORTED", 400),
    ),
    "a rule for no module": (
        rule(module={"api_name": "Nothing"}),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a rule with a name that is taken": (
        lambda crm, fake: fake.scoring_rules.add(**RULE) and rule()(crm, fake),
        (DuplicateDataError, "DUPLICATE_DATA", 400),
    ),
    "a sixth active rule": (
        a_sixth_active_rule,
        (LimitExceededError, "ACTIVE_STATE_LIMIT_EXCEEDED", 400),
    ),
    "a stage that is not there": (
        lambda crm, fake: crm.pipelines(fake.pipelines.layout_id).create(
            {"display_value": "A", "maps": [{"id": UNKNOWN}]}
        ),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a pipeline without stages": (take_all_stages, (NotAllowedError, "CANNOT_DELETE", 400)),
    "a transfer from nowhere": (
        lambda crm, fake: crm.pipelines(fake.pipelines.layout_id).transfer({"stages": []}),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a field that depends on a text": (
        lambda crm, fake: depend(crm, fake, "Company", "Lead_Status"),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a field that depends on itself": (
        lambda crm, fake: depend(crm, fake, "Lead_Status", "Lead_Status"),
        (NotAllowedError, "NOT_ALLOWED", 400),
    ),
    "dependencies of an unknown module": (
        lambda crm, _: crm.map_dependencies("Nothing", LEADS_LAYOUT).list(),
        (InvalidRequestError, "INVALID_MODULE", 400),
    ),
    "the eleventh picklist": (
        lambda crm, fake: (
            fake.global_picklists.add_many(10)
            and crm.global_picklists.create(
                {"display_label": "A", "pick_list_values": [{"display_value": "a"}]}
            )
        ),
        (LimitExceededError, "LIMIT_EXCEEDED", 400),
    ),
    "a picklist without values": (
        lambda crm, _: crm.global_picklists.create({"display_label": "A"}),
        (MissingFieldError, "MANDATORY_NOT_FOUND", 400),
    ),
    "a value without a name": (
        lambda crm, fake: change_values(crm, fake, {"actual_value": "a"}),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a value that is not there": (
        lambda crm, fake: change_values(crm, fake, {"id": UNKNOWN}),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "two values at once": (delete_two_values, (InvalidDataError, "INVALID_DATA", 400)),
    "a value that is no object": (
        lambda crm, fake: replace(crm, fake, "One", "Two"),
        (InvalidDataError, "UNABLE_TO_PARSE_DATA_TYPE", 401),
    ),
    "a value that nothing has": (
        lambda crm, fake: replace(crm, fake, {"id": UNKNOWN}, {"display_value": "Two"}),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a value by itself": (
        lambda crm, fake: replace(crm, fake, {"display_value": "Two"}, {"display_value": "Two"}),
        (NotAllowedError, "NOT_ALLOWED", 400),
    ),
    "an order by nothing": (
        lambda crm, fake: sort(crm, fake, sort_order="asc"),
        (MissingFieldError, "MANDATORY_NOT_FOUND", 400),
    ),
    "an order in no direction": (
        lambda crm, fake: sort(crm, fake, sort_by={"api_name": "Company"}, sort_order="up"),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "an organization of which nothing is known": (
        enrich(city="Oslo"),
        (MissingFieldError, "EXPECTED_FIELD_MISSING", 400),
    ),
    "an organization with a short name": (
        enrich(name="ab"),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "an organization without Zia": (
        without_zia,
        (FeatureUnavailableError, "FEATURE_NOT_ENABLED", 400),
    ),
}


@pytest.mark.parametrize(("call", "error"), ERRORS.values(), ids=ERRORS)
async def test_a_rule_of_sales_has_its_error(crm, fake, call, error):
    """Class, code and status, however odd the status is."""
    with pytest.raises(error[0]) as caught:
        await call(crm, fake)
    assert (type(caught.value), caught.value.code, caught.value.status) == error


async def test_a_page_of_views_behind_the_last_one_is_empty(crm):
    """It has no content."""
    params = {"module": "Leads", "page": 2}
    assert await crm.request("GET", "settings/custom_views", params=params) is None


@pytest.mark.parametrize("details", [{}, {"job_id": None, "id": None}, {"job_id": "", "id": ""}])
@pytest.mark.parametrize(
    "start",
    [
        lambda zoho: zoho.tags("Leads").mass_delete(["1"]),
        lambda zoho: zoho.users.transfer_and_delete("1", {"transfer": {}}),
        lambda zoho: zoho.global_picklists.replace_picklist_values("1", {"old_value": {}}),
        lambda zoho: zoho.zia_org_enrichments.create({"enrich_based_on": {}}, module="Leads"),
    ],
)
async def test_a_job_without_an_id_may_run(zoho, script, start, details):
    """The answer is no account of what was started: look before you start it again."""
    item = {"code": "SCHEDULED", "status": "success", "message": "x", "details": details}
    script.add(script.response(200, item))
    with pytest.raises(InvalidResponseError, match="without the id of the job") as caught:
        await start(zoho)
    assert caught.value.maybe_done
    assert len(script.requests) == 1
