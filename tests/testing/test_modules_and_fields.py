"""Modules and fields, as settings tell of them; records have the same."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho
from aiozcrm.testing._schema._types import TYPES

MODULES = "settings/modules"
FIELDS = "settings/fields"
PROJECT = {"plural_label": "Projects", "singular_label": "Project", "profiles": [{"id": "1"}]}


async def test_lists_the_modules(ask: Any, fake: FakeZoho) -> None:
    """Those that every org has, each to be had by name or id."""
    status, data = await ask(f"GET {MODULES}")

    names = [module["api_name"] for module in data["modules"]]
    leads = data["modules"][0]
    assert status == 200
    assert {"Leads", "Accounts", "Contacts", "Deals", "Tasks", "Notes"} <= set(names)
    assert (leads["singular_label"], leads["generated_type"], leads["convertable"]) == (
        "Lead",
        "default",
        True,
    )
    assert names == fake.modules.names
    for name in ("Leads", leads["id"]):
        assert (await ask(f"GET {MODULES}/{name}"))[1]["modules"] == [leads]
        assert fake.modules.get(name) == leads
    assert await ask(f"GET {MODULES}/Nothing") == (204, None)
    assert await ask(f"GET {MODULES}", status="user_hidden") == (204, None)
    assert (await ask(f"GET {MODULES}", status="visible,user_hidden"))[0] == 200
    with pytest.raises(KeyError):
        fake.modules.get("Nothing")


async def test_adds_modules(ask: Any, fake: FakeZoho) -> None:
    """By a test, with fields, or by a call."""
    module_id = fake.modules.add(
        "Site_Visits", fields={"Cost": "currency", "Code": {"unique": True, "external": "org"}}
    )
    created = await ask(f"POST {MODULES}", {"modules": [PROJECT]})
    shown = fake.modules.get("Site_Visits")
    fields = (await ask(f"GET {FIELDS}", module="Site_Visits"))[1]["fields"]
    by_name = {field["api_name"]: field for field in fields}

    assert (shown["id"], shown["singular_label"], shown["plural_label"]) == (
        module_id,
        "Site Visit",
        "Site Visits",
    )
    assert (shown["generated_type"], shown["convertable"]) == ("custom", False)
    assert by_name["Name"]["system_mandatory"]
    assert by_name["Cost"]["data_type"] == "currency"
    assert by_name["Code"]["unique"] == {"case_sensitive": False}
    assert by_name["Code"]["external"] == {"type": "org", "show": True}
    assert created[1]["modules"][0]["details"] == {"id": fake.modules.get("Projects")["id"]}
    assert created[0] == 200
    with pytest.raises(ValueError, match="'Leads' is taken"):
        fake.modules.add("Leads")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"plural_label": None}, 400, "INVALID_DATA"),
        ({"singular_label": "x" * 26}, 400, "INVALID_DATA"),
        ({"profiles": []}, 400, "MINIMUM_DATA_NOT_FOUND"),
        ({"api_name": "Users"}, 403, "RESERVED_KEYWORD_NOT_ALLOWED"),
        ({"api_name": "a__b"}, 400, "INVALID_DATA"),
        ({"api_name": "Leads"}, 400, "DUPLICATE_DATA"),
        ({"api_name": "projects"}, 200, "SUCCESS"),
    ],
)
async def test_checks_new_modules(
    ask: Any, changes: dict[str, Any], status: int, code: str
) -> None:
    """Labels, profiles and the API name."""
    answer = await ask(f"POST {MODULES}", {"modules": [PROJECT | changes]})

    assert (answer[0], answer[1]["modules"][0]["code"]) == (status, code)


@pytest.mark.parametrize("item", [5, {"profiles": [{"id": "1"}]}])
async def test_rejects_what_is_no_module(ask: Any, item: Any) -> None:
    """Something has to be said of it."""
    assert (await ask(f"POST {MODULES}", {"modules": [item]}))[0] == 400


async def test_renames_modules(ask: Any, fake: FakeZoho) -> None:
    """Labels can be changed, the API name cannot."""
    renamed = await ask(f"PUT {MODULES}/Leads", {"modules": [{"plural_label": "Prospects"}]})
    name = await ask(f"PUT {MODULES}/Leads", {"modules": [{"api_name": "Prospects"}]})
    unknown = await ask(f"PUT {MODULES}/Nothing", {"modules": [{}]})

    assert renamed[0] == 200
    assert fake.modules.get("Leads")["plural_label"] == "Prospects"
    assert name[1]["modules"][0]["code"] == "NOT_ALLOWED"
    assert (unknown[0], unknown[1]["details"]) == (400, {"resource_path_index": 2})


async def test_lists_the_fields_of_a_module(ask: Any, fake: FakeZoho) -> None:
    """With types, lengths and choices; a module has to be named, and to be there."""
    status, data = await ask(f"GET {FIELDS}", module="Leads")
    fields = {field["api_name"]: field for field in data["fields"]}
    named = await ask(f"GET {FIELDS}/{fields['Email']['id']}", module="Leads")
    emails = await ask(f"GET {FIELDS}", module="Leads", data_type="email")
    missing = await ask(f"GET {FIELDS}")
    unknown = await ask(f"GET {FIELDS}", module="Nothing")

    last_name, source = fields["Last_Name"], fields["Lead_Source"]
    assert status == 200
    assert (last_name["data_type"], last_name["length"], last_name["system_mandatory"]) == (
        "text",
        80,
        True,
    )
    assert (source["data_type"], source["pick_list_values"][0]["display_value"]) == (
        "picklist",
        "-None-",
    )
    assert fields["Owner"]["json_type"] == "jsonobject"
    assert fields["Full_Name"]["read_only"]
    assert fake.fields.ids("Leads")["Email"] == fields["Email"]["id"]
    assert named[1]["fields"] == [fields["Email"]]
    assert {field["data_type"] for field in emails[1]["fields"]} == {"email"}
    assert missing[1]["code"] == "REQUIRED_PARAM_MISSING"
    assert unknown[1]["code"] == "INVALID_MODULE"
    assert await ask(f"GET {FIELDS}/7", module="Leads") == (204, None)
    assert await ask(f"GET {FIELDS}", module="Leads", type="unused") == (204, None)


async def test_every_id_is_its_own(ask: Any, fake: FakeZoho) -> None:
    """No two fields or choices of a module share an id, and types are known ones."""
    for module in fake.modules.names:
        fields = (await ask(f"GET {FIELDS}", module=module))[1]["fields"]
        ids = [field["id"] for field in fields]
        ids += [value["id"] for field in fields for value in field["pick_list_values"]]
        assert len(set(ids)) == len(ids)
        assert {field["data_type"] for field in fields} <= set(TYPES)


async def test_lists_the_choices_of_a_field(ask: Any, fake: FakeZoho) -> None:
    """A field without choices has no content."""
    ids = fake.fields.ids("Deals")
    values = await ask(f"GET {FIELDS}/{ids['Stage']}/pick_list_values", module="Deals")
    none = await ask(f"GET {FIELDS}/{ids['Amount']}/pick_list_values", module="Deals")
    unknown = await ask(f"GET {FIELDS}/7/pick_list_values", module="Deals")

    names = [value["display_value"] for value in values[1]["pick_list_values"]]
    assert "Closed Won" in names
    assert (none, unknown) == ((204, None), (204, None))


async def test_creates_changes_and_deletes_fields(ask: Any, fake: FakeZoho) -> None:
    """A label makes the API name; fields of the system stay."""
    new = [
        {"field_label": "Badge No.", "data_type": "text", "length": 20, "unique": {}},
        {
            "field_label": "Shade",
            "data_type": "picklist",
            "pick_list_values": [{"display_value": "Red"}],
        },
        {
            "field_label": "Partner",
            "data_type": "lookup",
            "lookup": {"module": {"api_name": "Accounts"}},
            "external": {"type": "user"},
        },
    ]
    created = await ask(f"POST {FIELDS}", {"fields": new}, module="Leads")
    ids = fake.fields.ids("Leads")
    badge, shade = ids["Badge_No"], ids["Shade"]
    items = [
        {"id": badge, "field_label": "Badge", "unique": {"case_sensitive": False}},
        {"id": 7},
        5,
    ]
    updated = await ask(f"PATCH {FIELDS}", {"fields": items}, module="Leads")
    one = await ask(f"PATCH {FIELDS}/{badge}", {"fields": [{"length": 30}]}, module="Leads")
    shown = (await ask(f"GET {FIELDS}/{badge}", module="Leads"))[1]["fields"][0]
    partner = (await ask(f"GET {FIELDS}/{ids['Partner']}", module="Leads"))[1]["fields"][0]
    deleted = await ask(f"DELETE {FIELDS}/{shade}", module="Leads")
    system = await ask(f"DELETE {FIELDS}/{ids['Email']}", module="Leads")
    unknown = await ask(f"DELETE {FIELDS}/7", module="Leads")

    assert created[0] == 201
    assert updated[0] == 207
    assert one[0] == 200
    assert (shown["field_label"], shown["length"], shown["custom_field"]) == ("Badge", 30, True)
    assert shown["unique"] == {"case_sensitive": False}
    assert partner["lookup"]["module"]["api_name"] == "Accounts"
    assert deleted[0] == 200
    assert "Shade" not in fake.fields.ids("Leads")
    assert (system[0], system[1]["code"]) == (400, "NOT_ALLOWED")
    assert (unknown[0], unknown[1]["code"]) == (400, "INVALID_DATA")


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (5, "INVALID_DATA"),
        ({"data_type": "text"}, "MANDATORY_NOT_FOUND"),
        ({"field_label": "A"}, "MANDATORY_NOT_FOUND"),
        ({"field_label": "A", "data_type": "colour"}, "INVALID_DATA"),
        ({"field_label": "A", "data_type": "text", "length": 256}, "DEPENDENT_MISMATCH"),
        ({"field_label": "A", "data_type": "text", "length": "x"}, "DEPENDENT_MISMATCH"),
        ({"field_label": "A", "data_type": "picklist"}, "EXPECTED_DEPENDENT_FIELD_MISSING"),
        ({"field_label": "Email", "data_type": "email"}, "DUPLICATE_DATA"),
    ],
)
async def test_rejects_what_is_no_field(ask: Any, item: Any, code: str) -> None:
    """Each error has a code of its own."""
    status, answer = await ask(f"POST {FIELDS}", {"fields": [item]}, module="Leads")

    assert (status, answer["fields"][0]["code"]) == (400, code)


async def test_a_field_keeps_its_type(ask: Any, fake: FakeZoho) -> None:
    """Uniqueness can be switched off, the type cannot be changed."""
    field_id = fake.fields.add("Leads", "Badge", unique=True)
    off = {"fields": [{"unique": {"_disable": None}}]}
    switched = await ask(f"PATCH {FIELDS}/{field_id}", off, module="Leads")
    typed = await ask(
        f"PATCH {FIELDS}/{field_id}", {"fields": [{"data_type": "integer"}]}, module="Leads"
    )
    shown = (await ask(f"GET {FIELDS}/{field_id}", module="Leads"))[1]["fields"][0]

    assert switched[0] == 200
    assert shown["unique"] == {}
    assert (typed[0], typed[1]["fields"][0]["code"]) == (400, "INVALID_DATA")
    with pytest.raises(ValueError, match="has a field Badge already"):
        fake.fields.add("Leads", "Badge")
    with pytest.raises(KeyError):
        fake.fields.add("Nothing", "Badge")


async def test_makes_up_values_of_the_right_type(ask: Any, fake: FakeZoho) -> None:
    """A call would have taken what is made up, too; references stay empty."""
    fields: dict[str, Any] = {
        f"F_{kind}": {"type": kind, "mandatory": True} for kind in TYPES if kind != "layout"
    }
    fields["F_several"] = {
        "type": "multiselectpicklist",
        "mandatory": True,
        "values": ("Red", "Green"),
    }
    fake.modules.add("Parts", fields=fields)
    made = fake.records("Parts").get(fake.records("Parts").add())

    given = {name: made[name] for name in fields if made[name]}
    answer = (await ask("PUT Parts", {"data": [{**given, "id": made["id"]}]}))[1]

    assert answer["data"][0]["code"] == "SUCCESS"
    assert made["F_several"] == ["Green"]
    assert {"F_email", "F_date", "F_currency", "F_userlookup", "F_any"} <= given.keys()
    assert made["F_lookup"] is None


def test_a_field_of_an_unknown_type_is_told_at_once():
    """Not by calls that fail later; in a new module and in the rows of a subform, too."""
    fake = FakeZoho()
    with pytest.raises(ValueError, match="'number' is no type of a field; there are text, "):
        fake.fields.add("Leads", "Score", type="number")
    with pytest.raises(ValueError, match="'number' is no type"):
        fake.fields.add("Leads", "Skills", type="subform", rows={"Score": "number"})
    with pytest.raises(ValueError, match="'number' is no type"):
        fake.modules.add("Teams", fields={"Score": "number"})
    assert "Score" not in fake.fields.ids("Leads")
