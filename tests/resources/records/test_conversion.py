"""Leads that become customers, quotes that become orders, and records that are merged."""

import datetime as dt
import json

import pytest

from aiozcrm import BatchReport
from aiozcrm.errors import (
    AlreadyDoneError,
    ConnectionLostError,
    DuplicateDataError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    JobFailedError,
    MissingFieldError,
    NotFoundError,
    RecordLockedError,
)
from aiozcrm.testing import Fault

UNKNOWN = "4150868999999999999"
DEAL = {"Deal_Name": "North stair", "Closing_Date": "2026-12-31", "Stage": "Qualification"}


@pytest.fixture
def lead(fake):
    """The id of a lead with a company."""
    return fake.records("Leads").add(
        Last_Name="Halden", Company="Oakfield", Email="halden@oakfield.example", City="Delft"
    )


async def test_a_lead_becomes_a_contact_an_account_and_a_deal(crm, fake, lead):
    """They lead to one another, and the lead is converted."""
    role, user = fake.contact_roles.ids[0], fake.users.add(last_name="Reyl")
    note = fake.records("Notes").add(Parent_Id={"id": lead, "module": "Leads"})
    outcome = await crm.records("Leads").convert(
        lead,
        {
            "Deals": {**DEAL, "Contact_Role": role},
            "assign_to": {"id": user},
            "carry_over_tags": {"Contacts": ["fair"]},
        },
    )
    assert (outcome.status, outcome.id, outcome.kind) == ("done", lead, "done")
    made = {module: outcome.details[module]["id"] for module in ("Contacts", "Accounts", "Deals")}
    contact = fake.records("Contacts").get(made["Contacts"])
    deal = fake.records("Deals").get(made["Deals"])
    account = fake.records("Accounts").get(made["Accounts"])
    assert (contact["Last_Name"], contact["Mailing_City"]) == ("Halden", "Delft")
    assert contact["Account_Name"] == {"name": "Oakfield", "id": made["Accounts"]}
    assert [tag["name"] for tag in contact["Tag"]] == ["fair"]
    assert {each["Owner"]["id"] for each in (contact, deal, account)} == {user}
    assert (deal["Deal_Name"], deal["Contact_Name"]["id"]) == ("North stair", contact["id"])
    assert fake.records("Notes").get(note)["Parent_Id"]["id"] == contact["id"]
    roles = await crm.records("Deals").related(deal["id"], "Contact_Roles").list(fields=["Email"])
    assert [each["id"] for each in roles] == [contact["id"]]
    assert fake.records("Leads").get(lead)["$converted"]
    assert await crm.records("Leads").list(fields=["Company"]) == []
    assert len(await crm.records("Leads").list(fields=["Company"], converted="true")) == 1


async def test_a_lead_joins_what_is_there(crm, fake, lead):
    """Named by id; what was not made is None."""
    contact = fake.records("Contacts").add(Last_Name="Halden", Phone="1")
    account = fake.records("Accounts").add(Account_Name="Oakfield", Website="oakfield.example")
    joined = {"Contacts": {"id": contact}, "Accounts": {"id": account}, "overwrite": True}
    outcome = await crm.records("Leads").convert(lead, joined)
    assert outcome.details["Deals"] is None
    assert outcome.details["Contacts"]["id"] == contact
    assert outcome.details["Accounts"] == {"name": "Oakfield", "id": account}
    assert fake.records("Contacts").ids == [contact]
    merged = fake.records("Contacts").get(contact)
    assert (merged["Email"], merged["Phone"]) == ("halden@oakfield.example", "1")


async def test_a_lead_without_a_company_has_no_account(crm, fake):
    """And all else may be left out."""
    lead = fake.records("Leads").add(Last_Name="Halden")
    outcome = await crm.records("Leads").convert(lead)
    assert (outcome.details["Accounts"], outcome.details["Deals"]) == (None, None)
    assert fake.records("Contacts").ids == [outcome.details["Contacts"]["id"]]


async def test_options_tell_which_records_match_a_lead(crm, fake, lead):
    """None where nothing matches, and nothing if nothing does."""
    leads = crm.records("Leads")
    assert await leads.conversion_options(lead) == {}
    account = fake.records("Accounts").add(Account_Name="oakfield")
    options = await leads.conversion_options(lead)
    assert [each["id"] for each in options["Accounts"]] == [account]
    assert options["Contacts"] is None
    assert options["module_preference"]["api_name"] == "Accounts"
    [matched] = options["preference_field_matched_value"]["Accounts"]
    assert matched["matched_lead_value"] == "Oakfield"
    fake.records("Contacts").add(Email="halden@oakfield.example")
    assert len((await leads.conversion_options(lead))["Contacts"]) == 1


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ({"Deals": {}}, MissingFieldError),
        ({"Deals": {"Deal_Name": "North stair", "Stage": "Qualification"}}, MissingFieldError),
        ({"Deals": "North stair"}, InvalidDataError),
        ({"Deals": {**DEAL, "Amount": "much"}}, InvalidDataError),
        ({"Deals": {**DEAL, "Contact_Role": UNKNOWN}}, InvalidDataError),
        ({"Accounts": {"id": UNKNOWN}}, InvalidDataError),
        ({"Contacts": "Halden"}, InvalidDataError),
        ({"assign_to": {"id": UNKNOWN}}, InvalidDataError),
        ({"assign_to": UNKNOWN}, InvalidDataError),
    ],
)
async def test_a_conversion_that_zoho_rejects_makes_nothing(crm, fake, lead, item, error):
    """Not even the part of it that would be right."""
    with pytest.raises(error):
        await crm.records("Leads").convert(lead, item)
    modules = ("Contacts", "Accounts", "Deals")
    assert [fake.records(module).ids for module in modules] == [[], [], []]
    assert not fake.records("Leads").get(lead)["$converted"]


async def test_what_cannot_be_converted_is_told_apart(crm, fake, lead):
    """Unknown, locked, and converted before."""
    leads = crm.records("Leads")
    with pytest.raises(NotFoundError):
        await leads.convert(UNKNOWN)
    fake.records("Leads").lock(lead)
    for call in (leads.convert, leads.conversion_options):
        with pytest.raises(RecordLockedError):
            await call(lead)
    fake.records("Leads").lock(lead, locked=False)
    await leads.convert(lead)
    with pytest.raises(AlreadyDoneError) as caught:
        await leads.convert(lead)
    assert not caught.value.maybe_done


async def test_a_conversion_whose_answer_is_lost_is_found_done(crm, fake, lead):
    """It is sent again; Zoho then says that the lead is converted, but not into what."""
    fake.faults.script(Fault.RESET_AFTER)
    outcome = await crm.records("Leads").convert(lead, {"Deals": DEAL})
    assert (outcome.status, outcome.id, outcome.attempts) == ("done", lead, 2)
    assert outcome.details == {}
    assert len(fake.records("Deals").ids) == 1


async def test_a_duplicate_under_401_says_nothing_about_the_token(zoho, script):
    """Zoho answers so if the new record would have a unique value that another one has."""
    error = {"code": "DUPLICATE_DATA", "details": {}, "message": "no", "status": "error"}
    script.add(script.response(401, {"data": [error]}))
    with pytest.raises(DuplicateDataError):
        await zoho.records("Quotes").convert("7", {"convert_to": []})
    assert (len(script.requests), len(script.token_requests)) == (1, 1)


@pytest.mark.parametrize("wrapped", [True, False])
async def test_a_conversion_that_zoho_puts_off_has_a_job(zoho, script, wrapped):
    """Its details name it, in the place of the new records."""
    item = {"code": "SCHEDULED", "details": {"job_id": "9"}, "message": "", "status": "success"}
    script.add(script.response(202, {"data": [item]} if wrapped else item))
    outcome = await zoho.records("Leads").convert("7")
    assert (outcome.status, outcome.id, outcome.details) == ("done", "7", {"job_id": "9"})


async def test_conversions_are_among_the_heavy_calls(crm, fake, lead):
    """Zoho allows ten of them at once."""
    await crm.records("Leads").convert(lead)
    assert fake.stats.highest_heavy == 1


@pytest.mark.parametrize("item", [None, "Deals", [{}]])
async def test_how_to_convert_is_a_mapping(zoho, script, item):
    """Anything else is told before anything is sent."""
    with pytest.raises(TypeError):
        await zoho.records("Leads").convert("7", item)
    assert script.requests == []


async def test_options_that_are_no_object_are_an_invalid_answer(zoho, script):
    """Though their status is that of a success."""
    script.add(script.response(200, {"__conversion_options": []}))
    with pytest.raises(InvalidResponseError):
        await zoho.records("Leads").conversion_options("7")


@pytest.mark.parametrize(
    ("module", "target", "lines", "copied"),
    [
        ("Quotes", "Sales_Orders", "Quoted_Items", "Ordered_Items"),
        ("Quotes", "Invoices", "Quoted_Items", "Invoiced_Items"),
        ("Sales_Orders", "Invoices", "Ordered_Items", "Invoiced_Items"),
    ],
)
async def test_goods_are_converted_with_their_lines(crm, fake, module, target, lines, copied):
    """The key of the answer is the module of the new record."""
    own = fake.records(module).add(Subject="North stair", **{lines: [{"Quantity": 3}]})
    convert_to = {"convert_to": [{"module": {"api_name": target}}]}
    outcome = await crm.records(module).convert(own, convert_to)
    assert (outcome.status, outcome.id) == ("done", own)
    [made] = fake.records(target).all()
    assert outcome.details == {target: {"name": "North stair", "id": made["id"]}}
    assert [line["Quantity"] for line in made[copied]] == [3]
    with pytest.raises(AlreadyDoneError):
        await crm.records(module).convert(own, convert_to)


async def test_a_merge_takes_fields_and_all_that_leads_to_the_others(crm, fake):
    """The others are deleted; done at once, its result is a report."""
    leads = fake.records("Leads")
    master, *children = (leads.add(Last_Name=f"Lead {n}", Phone=str(n)) for n in range(3))
    note = fake.records("Notes").add(Parent_Id={"id": children[0], "module": "Leads"})
    product = fake.records("Products").add()
    await crm.records("Leads").related(children[1], "Products").update(product, {"Rank": 1})
    job = await crm.records("Leads").merge(
        master,
        {"data": [{"id": children[0], "_fields": [{"api_name": "Phone"}]}, {"id": children[1]}]},
    )
    assert job.id is None
    report = await job.wait()
    assert isinstance(report, BatchReport)
    assert report is job.result
    assert [(each.id, each.status, each.index) for each in report.outcomes] == [(master, "done", 0)]
    assert leads.ids == [master]
    assert leads.get(master)["Phone"] == "1"
    assert fake.records("Notes").get(note)["Parent_Id"]["id"] == master
    linked = await crm.records("Leads").related(master, "Products").list(fields=["Rank"])
    back = await crm.records("Products").related(product, "Leads").list(fields=["Phone"])
    assert ([each["Rank"] for each in linked], [each["id"] for each in back]) == ([1], [master])
    deleted = await crm.records("Leads").deleted.list()
    assert {each["id"] for each in deleted} == {*children}


async def test_a_merge_that_takes_long_is_a_job(crm, fake):
    """It is asked for until it has ended, also by another process."""
    master, child = fake.records("Leads").add_many(2)
    fake.records("Notes").add_many(1001, Parent_Id={"id": child, "module": "Leads"})
    job = await crm.records("Leads").merge(master, {"data": [{"id": child}]})
    assert job.id is not None
    assert (await job.state())["status"] == "RUNNING"
    same = crm.records("Leads").merge_job(master, job.id)
    assert (await same.wait())["status"] == "COMPLETED"
    with pytest.raises(NotFoundError):
        await crm.records("Leads").merge_job(master, UNKNOWN).state()


@pytest.mark.parametrize("job", [None, "x", 1.5])
async def test_a_merge_without_an_id_is_in_doubt(zoho, script, job):
    """It has been scheduled, but nobody can ask for it."""
    item = {"code": "SCHEDULED", "details": {"job_id": job}, "message": "", "status": "success"}
    script.add(script.response(201, {"merge": [item]}))
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.records("Leads").merge("7", {"data": [{"id": "8"}]})
    assert caught.value.maybe_done


async def test_a_merge_that_fails_raises(zoho, script):
    """Zoho writes the word for it in several ways."""
    script.add(script.response(200, {"merge": [{"job_id": "1", "status": "FAILURE"}]}))
    with pytest.raises(JobFailedError):
        await zoho.records("Leads").merge_job("7", "1").wait()


async def test_a_merge_is_not_sent_again_after_a_lost_answer(crm, fake):
    """The other record would be unknown by then."""
    master, child = fake.records("Leads").add_many(2)
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await crm.records("Leads").merge(master, {"data": [{"id": child}]})
    assert caught.value.maybe_done
    assert fake.records("Leads").ids == [master]


@pytest.mark.parametrize(("item", "error"), [({}, InvalidInputError), (None, TypeError)])
async def test_a_merge_needs_to_know_what_to_merge(zoho, script, item, error):
    """It is told before anything is sent."""
    with pytest.raises(error):
        await zoho.records("Leads").merge("7", item)
    assert script.requests == []


async def test_dates_of_a_new_deal_are_written_as_zoho_writes_them(zoho, script):
    """As in all bodies."""
    details = {"Contacts": {"id": "5", "name": "Halden"}}
    item = {"code": "SUCCESS", "status": "success", "message": "", "details": details}
    script.add(script.response(200, {"data": [item]}))
    await zoho.records("Leads").convert("7", {"Deals": {"Closing_Date": dt.date(2026, 12, 31)}})
    [request] = script.requests
    assert json.loads(request.body) == {"data": [{"Deals": {"Closing_Date": "2026-12-31"}}]}
