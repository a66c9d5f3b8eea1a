"""Rows of subforms, and records that link two others."""

import json

import pytest

from aiozcrm.errors import ConnectionLostError, DuplicateDataError, MissingFieldError
from aiozcrm.testing import Fault


@pytest.fixture
def lead(fake):
    """The id of a lead with two rows in its subform."""
    fake.fields.add("Leads", "Skill_Rows", type="subform")
    lead = fake.records("Leads").add(Last_Name="Halden")
    rows = [{"id": "101", "Skill": "Oak"}, {"id": "102", "Skill": "Varnish"}]
    fake.records("Leads").change(lead, Skill_Rows=rows)
    return lead


def skills(fake, lead):
    """Return the rows of a lead's subform."""
    return {row["id"]: row.get("Skill") for row in fake.records("Leads").get(lead)["Skill_Rows"]}


async def test_rows_without_an_id_are_appended_to_a_subform(crm, fake, lead):
    """Rows with an id are changed or removed, and those that are not named stay."""
    rows = [{"id": "101", "Skill": "Ash"}, {"Skill": "Gilding"}, {"id": "102", "_delete": None}]
    await crm.records("Leads").update(lead, {"Skill_Rows": rows})
    assert list(skills(fake, lead).values()) == ["Ash", "Gilding"]
    await crm.records("Leads").update(lead, {"Skill_Rows": [{"Skill": "Varnish"}]})
    assert list(skills(fake, lead).values()) == ["Ash", "Gilding", "Varnish"]
    await crm.records("Leads").update(lead, {"Skill_Rows": []})
    assert skills(fake, lead) == {}


async def test_new_rows_of_a_subform_are_not_sent_again(crm, fake, lead):
    """A second send would append them twice; without new rows it changes nothing."""
    leads = crm.records("Leads")
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await leads.update(lead, {"Skill_Rows": [{"Skill": "Gilding"}]})
    assert caught.value.maybe_done
    assert list(skills(fake, lead).values()) == ["Oak", "Varnish", "Gilding"]
    fake.faults.script(Fault.RESET_AFTER)
    item = {"id": lead, "Skill_Rows": [{"Skill": "Twice"}]}
    assert (await leads.update_many([item])).counts == {"in_doubt": 1}
    fake.faults.script(Fault.RESET_AFTER)
    changed = await leads.update(lead, {"Skill_Rows": [{"id": "101", "Skill": "Ash"}]})
    assert (changed.status, changed.attempts) == ("updated", 2)
    assert list(skills(fake, lead).values()) == ["Ash", "Varnish", "Gilding", "Twice"]


async def test_rows_of_a_subform_are_read_with_their_record_or_by_themselves(crm, fake, lead):
    """As if the subform were a module; each row names its record."""
    assert (await crm.records("Leads").get(lead))["Skill_Rows"][0]["Skill"] == "Oak"
    rows = await crm.records("Skill_Rows").list(fields=["Skill"])
    parent = {"name": "Halden", "id": lead}
    assert rows == [
        {"id": "101", "Skill": "Oak", "Parent_Id": parent},
        {"id": "102", "Skill": "Varnish", "Parent_Id": parent},
    ]
    one = await crm.records("Skill_Rows").list(fields=["Skill"], ids=["102"])
    assert [row["id"] for row in one] == ["102"]
    assert await crm.records("Skill_Rows").list(fields=["Skill"], ids=["103"]) == []
    [full] = await crm.records("Leads").list(fields=["Last_Name"], full=True)
    assert len(full["Skill_Rows"]) == 2


async def test_a_linking_module_links_two_records_once(crm, fake):
    """Its rows are records; to delete one is to end the link."""
    fake.modules.add("Listings")
    fake.modules.add_linking("Lead_Listings", Lead_Side="Leads", Listing="Listings")
    lead, listing = fake.records("Leads").add(), fake.records("Listings").add()
    links = crm.records("Lead_Listings")
    pair = {"Lead_Side": {"id": lead}, "Listing": {"id": listing}}

    made = await links.create(pair)
    with pytest.raises(DuplicateDataError) as caught:
        await links.create(pair)
    assert (caught.value.code, caught.value.existing_id) == ("DUPLICATE_LINKING_DATA", made.id)
    with pytest.raises(MissingFieldError):
        await links.create({"Lead_Side": {"id": lead}})
    other = await links.create({**pair, "Listing": {"id": fake.records("Listings").add()}})
    with pytest.raises(DuplicateDataError):
        await links.update(other.id, {"Listing": {"id": listing}})
    listed = await crm.records("Leads").related(lead, "Lead_Listings").list(fields=["Listing"])
    assert [row["id"] for row in listed] == [other.id, made.id]
    await links.delete(made.id)
    assert (await links.create(pair)).status == "created"


async def test_a_link_that_is_there_names_the_record_in_the_way(zoho, script, example):
    """As a duplicate does; the body is what Zoho's page shows."""
    body = example("linking_create_request")["data"][0]
    script.add(script.response(400, example("linking_duplicate_400")))
    with pytest.raises(DuplicateDataError) as caught:
        await zoho.records("Lead_Listings").create(body)
    assert caught.value.existing_id == "7100000000610900"
    assert json.loads(script.requests[0].body) == example("linking_create_request")


async def test_an_update_of_a_subform_carries_what_the_page_shows(zoho, script, example):
    """Rows of every kind; one answer stands for the record."""
    item = example("subform_update_request")["data"][0]
    done = {"code": "SUCCESS", "status": "success", "message": "", "details": {"id": item["id"]}}
    script.add(script.response(200, {"data": [done]}))
    report = await zoho.records("Leads").update_many([item])
    assert report.counts == {"updated": 1}
    assert json.loads(script.requests[0].body) == example("subform_update_request")


async def test_rows_of_a_subform_come_as_the_page_shows_them(zoho, script, example):
    """Every key of each."""
    script.add(script.response(200, example("subform_rows_ok")))
    found = await zoho.records("Skill_Rows").list(fields=["Skill"])
    assert found == example("subform_rows_ok")["data"]
