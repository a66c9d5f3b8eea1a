"""Zoho's own client reads and writes the records and settings of the fake."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

with warnings.catch_warnings():
    # What it warns of is between it and Python.
    warnings.simplefilter("ignore")
    from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
    from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
    from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, ParameterMap
    from zohocrmsdk.src.com.zoho.crm.api.currencies import CurrenciesOperations
    from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
    from zohocrmsdk.src.com.zoho.crm.api.fields import FieldsOperations, GetFieldsParam
    from zohocrmsdk.src.com.zoho.crm.api.holidays import HolidaysOperations
    from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer
    from zohocrmsdk.src.com.zoho.crm.api.modules import ModulesOperations
    from zohocrmsdk.src.com.zoho.crm.api.record import (
        BodyWrapper,
        DeleteRecordsParam,
        Field,
        GetRecordsParam,
        RecordOperations,
        SearchRecordsParam,
    )
    from zohocrmsdk.src.com.zoho.crm.api.record import Record as SdkRecord
    from zohocrmsdk.src.com.zoho.crm.api.tags import GetTagsParam, TagsOperations
    from zohocrmsdk.src.com.zoho.crm.api.users import GetUsersParam, UsersOperations
    from zohocrmsdk.src.com.zoho.crm.api.util import Choice
    from zohocrmsdk.src.com.zoho.crm.api.variables import VariablesOperations

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeZoho]:
    """Run a fake and lead Zoho's client to it, which looks for its user and its org first."""
    with FakeZoho() as fake:
        credentials = fake.credentials()
        token = OAuthToken(
            client_id=credentials.client_id,
            client_secret=credentials.client_secret,
            refresh_token=credentials.refresh_token,
            find_user=True,
        )
        # Initialized anew, it would ask for the token where it last asked.
        Initializer.LOCAL.init = None
        Initializer.initialize(
            DataCenter.Environment(fake.url, f"{fake.url}/oauth/v2/token", fake.url),
            token,
            store=FileStore(str(tmp_path / "tokens.csv")),
            resource_path=str(tmp_path),
        )
        yield fake


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
        "module_of_fields": GetFieldsParam.module,
        "module_of_tags": GetTagsParam.module,
        "type": GetUsersParam.type,
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


def test_reads_the_settings(fake: FakeZoho) -> None:
    """Users, modules, fields, tags, holidays, variables, currencies."""
    fake.tags.add("Leads", name="fair")
    fake.holidays.add(name="Harvest")
    fake.variables.add(name="Discount")
    users = UsersOperations().get_users(params(type=Choice("CurrentUser"))).get_object().get_users()
    modules = ModulesOperations().get_modules(ParameterMap(), HeaderMap()).get_object()
    fields = FieldsOperations().get_fields(params(module_of_fields="Leads")).get_object()
    tags = TagsOperations().get_tags(params(module_of_tags="Leads")).get_object()
    holidays = HolidaysOperations("1").get_holidays(ParameterMap()).get_object()
    variables = VariablesOperations().get_variables(ParameterMap()).get_object()
    currencies = CurrenciesOperations().get_currencies().get_object()

    assert [user.get_full_name() for user in users] == ["Mira Oldenkamp"]
    assert {module.get_api_name() for module in modules.get_modules()} == set(fake.modules.names)
    assert {field.get_api_name() for field in fields.get_fields()} == set(fake.fields.ids("Leads"))
    assert [tag.get_name() for tag in tags.get_tags()] == ["fair"]
    assert [holiday.get_name() for holiday in holidays.get_holidays()] == ["Harvest"]
    assert [variable.get_name() for variable in variables.get_variables()] == ["Discount"]
    assert [money.get_iso_code() for money in currencies.get_currencies()] == ["EUR"]
