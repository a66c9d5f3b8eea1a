"""Related lists and notes: from the client to a local Zoho, and what is sent of them."""

import json
from urllib.parse import parse_qs

import pytest

from aiozcrm.errors import (
    ConnectionLostError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
)
from aiozcrm.testing import Fault

UNKNOWN = "4150868999999999999"


@pytest.fixture
def lead(fake):
    """The id of a lead."""
    return fake.records("Leads").add(Last_Name="Halden")


@pytest.fixture
def products(fake):
    """The ids of three products."""
    return fake.records("Products").add_many(3)


async def test_products_are_linked_listed_and_unlinked(crm, fake, lead, products):
    """One or many; the products stay where they are, and see the lead as well."""
    related = crm.records("Leads").related(lead, "Products")
    assert await related.list(fields=["Product_Name"]) == []

    report = await related.update_many([{"id": each} for each in [*products[:2], UNKNOWN]])
    assert report.counts == {"linked": 2, "failed": 1}
    assert type(report.outcomes[2].error) is NotFoundError
    one = await related.update(products[2], {"Rank": 3})
    assert (one.status, one.id) == ("linked", products[2])

    listed = await related.list(fields=["Product_Name", "Rank"], sort_order="asc")
    assert [row["id"] for row in listed] == products
    assert listed[2]["Rank"] == 3
    assert {"id", "Created_Time", "Modified_Time"} == listed[0]["$member_info"].keys()
    assert (await related.get(products[0], fields=["Product_Name"]))["id"] == products[0]
    back = await crm.records("Products").related(products[0], "Leads").list(fields=["Last_Name"])
    assert [row["Last_Name"] for row in back] == ["Halden"]

    gone = await related.delete(products[0])
    assert (gone.status, gone.id) == ("deleted", products[0])
    rest = await related.delete_many([*products])
    assert rest.counts == {"not_found": 1, "deleted": 2}
    assert fake.records("Products").ids == products


async def test_records_that_lead_to_another_are_its_related_list(crm, fake):
    """They are listed page by page, and cannot be unlinked."""
    account = fake.records("Accounts").add(Account_Name="Oakfield")
    contacts = fake.records("Contacts").add_many(201, Account_Name={"id": account})
    fake.records("Contacts").add()
    related = crm.records("Accounts").related(account, "Contacts")

    listed = await related.list(fields=["Last_Name"])
    assert [row["id"] for row in listed] == contacts[::-1]
    some = await related.list(fields=["Last_Name"], ids=contacts[:2], sort_order="asc")
    assert [row["id"] for row in some] == contacts[:2]
    with pytest.raises(NotAllowedError):
        await related.delete(contacts[0])


async def test_a_related_list_of_a_deleted_record_can_be_read(crm, fake):
    """As long as the record is in the recycle bin."""
    account = fake.records("Accounts").add()
    contact = fake.records("Contacts").add(Account_Name={"id": account})
    related = crm.records("Accounts").deleted.related(account, "Contacts")
    with pytest.raises(NotFoundError):
        await related.list(fields=["Last_Name"])
    fake.records("Accounts").remove(account)
    assert [row["id"] for row in await related.list(fields=["Last_Name"])] == [contact]
    assert await related.list(fields=["Last_Name"], ids=[UNKNOWN]) == []


async def test_contacts_have_roles_in_a_deal(crm, fake):
    """The id of a row is that of the contact."""
    deal, contact = fake.records("Deals").add(), fake.records("Contacts").add(Email="a@b.example")
    role = (await crm.contact_roles.create({"name": "Site owner"})).id
    roles = crm.records("Deals").related(deal, "Contact_Roles")

    given = await roles.update(contact, {"Contact_Role": {"id": role}})
    assert (given.status, given.id) == ("linked", contact)
    [row] = await roles.list(fields=["Email", "Contact_Role"])
    assert (row["id"], row["Email"]) == (contact, "a@b.example")
    assert row["Contact_Role"] == {"name": "Site owner", "id": role}
    with pytest.raises(MissingFieldError):
        await roles.update(contact, {"Contact_Role": {}})
    with pytest.raises(InvalidDataError):
        await roles.update(contact, {"Contact_Role": {"id": UNKNOWN}})
    assert (await roles.delete_many([contact])).counts == {"deleted": 1}
    with pytest.raises(NotFoundError):
        await roles.get(contact)


async def test_the_id_in_the_answer_about_a_role_is_not_compared(zoho, script):
    """Zoho may name the role or the link there; the outcome is about what it names."""
    item = {"code": "SUCCESS", "status": "success", "message": "", "details": {"id": "99"}}
    script.add(script.response(200, {"data": [item]}))
    roles = zoho.records("Deals").related("1", "Contact_Roles")
    assert (await roles.update("7", {"Contact_Role": {"id": "5"}})).status == "linked"


async def test_an_answer_about_another_related_record_is_in_doubt(zoho, script):
    """It may be the late answer to another call."""
    item = {"code": "SUCCESS", "status": "success", "message": "", "details": {"id": "99"}}
    script.add(script.response(200, {"data": [item]}))
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.records("Leads").related("1", "Products").update("7", {"Rank": 1})
    assert caught.value.maybe_done


@pytest.mark.parametrize("code", ["INVALID_DATA", "MANDATORY_NOT_FOUND"])
async def test_a_role_that_is_gone_after_a_lost_answer_was_removed(zoho, script, code):
    """Zoho has two words for that; without a lost answer both are errors."""
    details = {"resource_path_index": 3} if code == "INVALID_DATA" else {}
    body = {"code": code, "details": details, "message": "relation not found", "status": "error"}
    roles = zoho.records("Deals").related("1", "Contact_Roles")
    script.add(script.response(502), script.response(400, body), script.response(400, body))
    gone = await roles.delete("7")
    assert (gone.status, gone.id, gone.attempts) == ("already_gone", "7", 2)
    with pytest.raises((NotFoundError, MissingFieldError)):
        await roles.delete("7")


async def test_external_ids_stand_on_both_sides_of_a_link(crm, fake):
    """Each row has the external field of its module in the place of an id."""
    for module in ("Leads", "Products"):
        fake.fields.add(module, api_name="Ext", type="text", unique=True, external="org")
    fake.records("Leads").add(Ext="L/1")
    products = [fake.records("Products").add(Ext=f"P {n}%") for n in range(2)]
    leads = crm.records("Leads", external_id="Ext")
    related = leads.related("L/1", "Products", external_id="Ext")

    linked = await related.update_many([{"Ext": "P 0%"}, {"Ext": "P 1%"}, {"Ext": "none"}])
    assert [outcome.status for outcome in linked.outcomes] == ["linked", "linked", "failed"]
    assert [outcome.id for outcome in linked.outcomes] == [*products, "none"]
    assert linked.outcomes[0].details["Ext"] == "P 0%"
    by_id = await leads.related("L/1", "Products").list(fields=["Ext"], ids=products[:1])
    assert [row["Ext"] for row in by_id] == ["P 0%"]
    assert (await related.get("P 1%"))["id"] == products[1]
    assert (await related.delete("P 1%")).status == "deleted"
    assert (await related.delete_many(["P 0%", "P 1%"])).counts == {"deleted": 1, "not_found": 1}
    with pytest.raises(InvalidInputError):
        await related.update_many([{"id": products[0]}])


async def test_notes_are_read_by_the_id_of_another_system(crm, fake, lead):
    """That of the record they belong to."""
    fake.fields.add("Leads", api_name="Ext", type="text", unique=True, external="org")
    fake.records("Leads").change(lead, Ext="L/1")
    note = fake.records("Notes").add(Parent_Id={"id": lead, "module": "Leads"})
    notes = crm.records("Leads", external_id="Ext").notes("L/1")
    assert [each["id"] for each in await notes.list(fields=["Owner"])] == [note]


async def test_a_note_is_read_with_all_its_fields(crm, fake):
    """Zoho shows no note without their names; other records are read by one call."""
    lead = fake.records("Leads").add(Last_Name="Ames")
    note = fake.records("Notes").add(Note_Content="Call", Parent_Id={"id": lead, "module": "Leads"})
    read = await crm.records("Notes").get(note)
    assert (read["Note_Content"], read["Parent_Id"]["id"]) == ("Call", lead)
    assert [row async for row in crm.records("Notes").iter(fields=["id"], full=True)] == [read]
    assert set(await crm.records("Notes").get(note, fields=["Note_Content"])) == {
        "id",
        "Note_Content",
    }


async def test_several_external_fields_are_sent_as_they_are_given(zoho, script):
    """Then one of them may belong to the list."""
    leads = zoho.records("Leads", external_id=["Leads.Ext", "Products.Code"])
    script.add(script.response(204))
    with pytest.raises(NotFoundError):
        await leads.related("L/1", "Products").get("P/1")
    [request] = script.requests
    assert request.path == "/crm/v7/Leads/L%2F1/Products/P%2F1"
    assert request.headers["X-EXTERNAL"] == "Leads.Ext,Products.Code"


@pytest.mark.parametrize("name", ["", "  ", "a\nb"])
def test_a_related_list_needs_a_name(zoho, name):
    """One that cannot be right is told before anything is sent."""
    with pytest.raises(InvalidInputError):
        zoho.records("Leads").related("1", name)


def test_a_related_list_has_a_name_that_is_text(zoho):
    """Anything else is a TypeError, and so is a field that is none."""
    with pytest.raises(TypeError):
        zoho.records("Leads").related("1", 5)
    with pytest.raises(TypeError):
        zoho.records("Leads").related("1", "Products", external_id=5)
    for wrong in ("", " ", "Products."):
        with pytest.raises(InvalidInputError):
            zoho.records("Leads").related("1", "Products", external_id=wrong)


async def test_a_link_needs_no_fields_of_its_own(crm, fake, lead, products):
    """An update without changes links all the same."""
    related = crm.records("Leads").related(lead, "Products")
    assert (await related.update(products[0], {})).status == "linked"
    assert [row["id"] for row in await related.list(fields=["Owner"])] == products[:1]
    with pytest.raises(TypeError):
        await related.update(products[0], None)


async def test_a_name_with_a_slash_stays_one_segment(zoho, script):
    """Whatever stands for a list or an id."""
    script.add(script.response(204))
    related = zoho.records("Deals", external_id="No").related("../1", "a/b")
    assert await related.list(fields=["Owner"]) == []
    assert script.requests[0].path == "/crm/v7/Deals/..%2F1/a%2Fb"


@pytest.mark.parametrize("own", [True, 1.5, "x", ""])
def test_what_belongs_to_a_record_needs_its_id(zoho, own):
    """By the rule for all record ids."""
    for place in ("notes", "related"):
        with pytest.raises((InvalidInputError, TypeError)):
            getattr(zoho.records("Leads"), place)(own, *(["Notes"] if place == "related" else []))


async def test_a_related_list_of_text_is_no_list_of_fields(zoho, script):
    """It would be read letter by letter."""
    with pytest.raises(TypeError):
        await zoho.records("Leads").related("1", "Notes").list(fields="Owner")
    assert script.requests == []


async def test_if_modified_since_goes_into_the_header(zoho, script):
    """304 then means that there is nothing newer."""
    script.add(script.response(304))
    related = zoho.records("Leads").related("1", "Products")
    found = await related.list(
        fields=["Owner"], converted=True, if_modified_since="2026-01-01T00:00:00+00:00"
    )
    [request] = script.requests
    assert found == []
    assert request.headers["If-Modified-Since"] == "2026-01-01T00:00:00+00:00"
    assert parse_qs(request.query)["converted"] == ["true"]


async def test_notes_of_a_record_are_created_listed_changed_and_deleted(crm, fake, lead):
    """Each note belongs to the record of its path, the oldest first."""
    notes = crm.records("Leads").notes(lead)
    report = await notes.create_many([{"Note_Content": f"Visit {n}"} for n in range(3)])
    ids = [outcome.id for outcome in report.outcomes]
    assert report.counts == {"created": 3}
    assert "$approval_state" not in report.outcomes[0].details
    fake.records("Notes").add(Parent_Id={"id": fake.records("Leads").add(), "module": "Leads"})

    listed = await notes.list(fields=["Note_Content", "Parent_Id"])
    assert [note["Note_Content"] for note in listed] == ["Visit 0", "Visit 1", "Visit 2"]
    assert {note["Parent_Id"]["id"] for note in listed} == {lead}
    assert [note["id"] for note in await notes.list(fields=["Owner"], ids=[ids[1]])] == [ids[1]]

    changed = await notes.update(ids[0], {"Note_Title": "North stair"})
    assert (changed.status, changed.id) == ("updated", ids[0])
    assert "modified_time" in changed.details
    many = await notes.update_many(
        [{"id": ids[1], "Note_Title": "A"}, {"id": UNKNOWN, "Note_Title": "B"}]
    )
    assert many.counts == {"updated": 1, "failed": 1}
    assert fake.records("Notes").get(ids[0])["Note_Title"] == "North stair"

    assert (await notes.delete(ids[0])).status == "deleted"
    assert (await notes.delete_many(ids)).counts == {"not_found": 1, "deleted": 2}
    with pytest.raises(NotFoundError):
        await crm.records("Leads").notes(UNKNOWN).list(fields=["Owner"])


async def test_a_note_is_not_sent_again_after_a_lost_answer(crm, fake, lead):
    """It would be there twice; an update and a deletion are sent again."""
    notes = crm.records("Leads").notes(lead)
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await notes.create({"Note_Content": "Once"})
    assert caught.value.maybe_done
    [note] = fake.records("Notes").ids
    fake.faults.script(Fault.RESET_AFTER)
    [doubtful] = (await notes.create_many([{"Note_Content": "Twice"}])).outcomes
    assert doubtful.status == "in_doubt"

    fake.faults.script(Fault.RESET_AFTER)
    assert (await notes.update(note, {"Note_Title": "A"})).attempts == 2
    fake.faults.script(Fault.RESET_AFTER)
    assert (await notes.delete(note)).status == "already_gone"


async def test_an_account_under_a_servers_error_is_not_relied_on(zoho, script):
    """Whatever it says, it is not known what has become of the rows."""
    item = {"code": "SUCCESS", "status": "success", "message": "", "details": {"id": "5"}}
    script.add(script.response(500, {"data": [item, item]}))
    notes = zoho.records("Leads").notes("1")
    report = await notes.create_many([{"Note_Content": "a"}, {"Note_Content": "b"}])
    assert report.counts == {"in_doubt": 2}


async def test_a_link_is_sent_again_after_a_lost_answer(crm, fake, lead, products):
    """To link what is linked changes nothing, and what is unlinked already was our doing."""
    related = crm.records("Leads").related(lead, "Products")
    fake.faults.script(Fault.RESET_AFTER)
    report = await related.update_many([{"id": each} for each in products])
    assert report.counts == {"linked": 3}
    assert report.outcomes[0].attempts == 2
    fake.faults.script(Fault.RESET_AFTER)
    assert (await related.delete_many(products)).counts == {"already_gone": 3}


async def test_an_update_of_a_note_is_one_item_with_its_id(zoho, script):
    """Zoho has no path for one note of a record."""
    item = {"code": "SUCCESS", "status": "success", "message": "", "details": {"id": "7"}}
    script.add(script.response(200, {"data": [item]}))
    await zoho.records("Leads").notes("1").update("007", {"Note_Title": "A"})
    [request] = script.requests
    assert (request.method, request.path) == ("PUT", "/crm/v7/Leads/1/Notes")
    assert json.loads(request.body) == {"data": [{"Note_Title": "A", "id": "7"}]}
