"""Zoho's own client reads and writes the records and settings of the fake."""

import importlib
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

with warnings.catch_warnings():
    # What it warns of is between it and Python.
    warnings.simplefilter("ignore")
    from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, ParameterMap
    from zohocrmsdk.src.com.zoho.crm.api.record import (
        BodyWrapper,
        DeleteRecordsParam,
        Field,
        GetRecordsParam,
        RecordOperations,
        SearchRecordsParam,
    )
    from zohocrmsdk.src.com.zoho.crm.api.record import Record as SdkRecord
    from zohocrmsdk.src.com.zoho.crm.api.util import Choice
    from zohocrmsdk.src.com.zoho.crm.api.variables import BodyWrapper as VariablesBody
    from zohocrmsdk.src.com.zoho.crm.api.variables import (
        Variable,
        VariableGroup,
        VariablesOperations,
    )

pytestmark = pytest.mark.filterwarnings("ignore")


#: How the client calls a list of settings, unless `get_` and the family, and shows its items,
#: unless by `name`.
LISTS = {"contact_roles": "get_roles", "user_groups": "get_groups"}
SHOWN = {
    "currencies": "iso_code",
    "custom_views": "display_value",
    "fields": "api_name",
    "fiscal_year": "start_month",
    "global_picklists": "display_label",
    "modules": "api_name",
    "related_lists": "api_name",
    "users": "full_name",
}
#: Lists of a module.
OF_A_MODULE = {"custom_views", "fields", "layouts", "related_lists", "tags"}


@pytest.fixture
def fake(org: FakeZoho, initialize: Callable[..., Any]) -> FakeZoho:
    """Lead Zoho's client to a fake; it looks for its user and its org first."""
    initialize(org, find_user=True)
    return org


def lead(**values: Any) -> BodyWrapper:
    """Return a body with one lead."""
    record = SdkRecord()
    for name, value in values.items():
        record.add_field_value(getattr(Field.Leads, name)(), value)
    body = BodyWrapper()
    body.set_data([record])
    return body


def params(**values: Any) -> ParameterMap:
    """Return parameters, each named by the class that the client has for it."""
    known = {
        "fields": GetRecordsParam.fields,
        "page_token": GetRecordsParam.page_token,
        "ids": DeleteRecordsParam.ids,
        "criteria": SearchRecordsParam.criteria,
    }
    given = ParameterMap()
    for name, value in values.items():
        given.add(known[name], value)
    return given


def items_of(answer: Any) -> list[tuple[str, Any]]:
    """Return code and details of the items of a write."""
    items = answer.get_object().get_data()
    return [(item.get_code().get_value(), item.get_details()) for item in items]


def test_writes_and_reads_a_lead(fake: FakeZoho) -> None:
    """Insert, list, update, upsert, get, search, delete: each is understood on both sides."""
    leads = RecordOperations("Leads")
    values = {"last_name": "Halden", "company": "Oakfield", "email": "a@x.example"}
    [(created, details)] = items_of(leads.create_records(lead(**values), HeaderMap()))
    lead_id = int(details["id"])
    listed = leads.get_records(params(fields="Last_Name,Email,Owner"), HeaderMap()).get_object()
    updated = items_of(leads.update_record(lead_id, lead(city="Delft"), HeaderMap()))
    body = lead(**values, phone="1")
    body.set_duplicate_check_fields(["Email"])
    [upserted] = leads.upsert_records(body, HeaderMap()).get_object().get_data()
    got = leads.get_record(lead_id, ParameterMap(), HeaderMap()).get_object().get_data()[0]
    criteria = params(criteria="(Last_Name:equals:Halden)")
    found = leads.search_records(criteria, HeaderMap()).get_object().get_data()
    deleted = items_of(leads.delete_records(params(ids=str(lead_id)), HeaderMap()))

    assert created == updated[0][0] == deleted[0][0] == "SUCCESS"
    assert [record.get_key_value("Last_Name") for record in listed.get_data()] == ["Halden"]
    assert listed.get_data()[0].get_key_value("Owner").get_name() == "Mira Oldenkamp"
    assert not listed.get_info().get_more_records()
    assert upserted.get_action().get_value() == "update"
    assert upserted.get_duplicate_field() == "Email"
    assert (got.get_key_value("City"), got.get_key_value("Phone")) == ("Delft", "1")
    assert [record.get_id() for record in found] == [lead_id]
    assert fake.records("Leads").ids == []
    assert fake.stats.unsupported == {}


def test_writes_and_reads_many_leads(fake: FakeZoho) -> None:
    """Pages by their tokens; an upsert that inserts beside one that updates; a row that fails."""
    ids = fake.records("Leads").add_many(250)
    known = fake.records("Leads").add(Last_Name="Halden", Company="Oakfield", Email="a@x.example")
    leads = RecordOperations("Leads")
    first = leads.get_records(params(fields="Last_Name"), HeaderMap()).get_object()
    token = first.get_info().get_next_page_token()
    second = leads.get_records(params(fields="Last_Name", page_token=token), HeaderMap())
    listed = [*first.get_data(), *second.get_object().get_data()]

    body = lead(last_name="Halden", company="Oakfield", email="a@x.example")
    new = lead(last_name="Brink", company="Oakfield", email="b@x.example").get_data()
    body.set_data([*body.get_data(), *new])
    body.set_duplicate_check_fields(["Email"])
    upserted = leads.upsert_records(body, HeaderMap()).get_object().get_data()
    body = BodyWrapper()
    for own in (ids[0], "1"):
        record = SdkRecord()
        record.set_id(int(own))
        record.add_field_value(Field.Leads.city(), "Delft")
        body.set_data([*(body.get_data() or []), record])
    updated = items_of(leads.update_records(body, HeaderMap()))
    gone = items_of(leads.delete_record(int(ids[1]), ParameterMap(), HeaderMap()))

    assert sorted(str(record.get_id()) for record in listed) == sorted([*ids, known])
    assert not second.get_object().get_info().get_more_records()
    assert [item.get_action().get_value() for item in upserted] == ["update", "insert"]
    assert [code for code, _ in updated] == ["SUCCESS", "INVALID_DATA"]
    assert fake.records("Leads").get(ids[0])["City"] == "Delft"
    assert [code for code, _ in gone] == ["SUCCESS"]
    assert ids[1] not in fake.records("Leads").ids


def test_understands_what_is_wrong_with_a_row(fake: FakeZoho) -> None:
    """A row that Zoho would not take comes back as an error of the client."""
    fake.fields.add("Leads", "Badge", unique=True)
    wrong = lead(last_name="x" * 81)
    answer = RecordOperations("Leads").create_records(wrong, HeaderMap())

    [(code, details)] = items_of(answer)
    assert (answer.get_status_code(), code) == (400, "INVALID_DATA")
    assert str(details["maximum_length"]) == "80"


def read(family: str) -> list[str]:
    """Return the names of what the list of a family of settings shows, in order."""
    package = importlib.import_module(f"zohocrmsdk.src.com.zoho.crm.api.{family}")
    classes = family.title().replace("_", "")
    given = ParameterMap()
    if family in OF_A_MODULE:
        given.add(getattr(package, f"Get{classes}Param").module, "Leads")
    operations = getattr(package, f"{classes}Operations")()
    arguments = [given] if family in OF_A_MODULE else []
    answer = getattr(operations, LISTS.get(family, f"get_{family}"))(*arguments)
    shown = getattr(answer.get_object(), f"get_{family}")()
    values = [
        getattr(one, f"get_{SHOWN.get(family, 'name')}")()
        for one in (shown if isinstance(shown, list) else [shown])
    ]
    return sorted(one.get_value() if isinstance(one, Choice) else one for one in values)


def test_reads_twenty_families_of_settings(fake: FakeZoho, names: dict[str, list[str]]) -> None:
    """The lists show what is there."""
    assert {family: read(family) for family in names} == names
    assert len(names) == 20
    assert fake.stats.unsupported == {}


def variable(name: str, api_name: str | None = None) -> VariablesBody:
    """Return a body with a variable, a new one if it has an API name."""
    one = Variable()
    one.set_name(name)
    if api_name:
        group = VariableGroup()
        group.set_name("General")
        one.set_variable_group(group)
        one.set_api_name(api_name)
        one.set_type(Choice("text"))
    body = VariablesBody()
    body.set_variables([one])
    return body


def test_creates_renames_and_deletes_a_variable(fake: FakeZoho) -> None:
    """What the client changes in the settings is changed."""
    operations = VariablesOperations()
    answers = [
        operations.create_variables(variable(name, name.lower())) for name in ("Brief", "Rebate")
    ]
    gone, kept = (int(fake.variables.ids[n]) for n in (-2, -1))
    answers.append(operations.update_variable_by_id(kept, variable("Reduction")))
    answers.append(operations.delete_variable(gone))

    items = [item for answer in answers for item in answer.get_object().get_variables()]
    assert [item.get_code().get_value() for item in items] == ["SUCCESS"] * 4
    variables = [fake.variables.get(own) for own in fake.variables.ids]
    assert [(one["name"], one["api_name"]) for one in variables[1:]] == [("Reduction", "rebate")]
