"""Layouts of the fake, as settings tell of them; rows that name one have to fit it."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

LAYOUTS = "settings/layouts"


def fields_on(layout: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields on a layout by their API names."""
    return {field["api_name"]: field for field in layout["sections"][0]["fields"]}


async def test_every_module_has_a_standard_layout(ask: Any, fake: FakeZoho) -> None:
    """With all its fields, which requires what the module requires."""
    status, answer = await ask(f"GET {LAYOUTS}", module="Leads")

    [layout] = answer["layouts"]
    fields = fields_on(layout)
    assert status == 200
    assert (layout["name"], layout["api_name"], layout["status"]) == (
        "Standard",
        "Standard__s",
        "active",
    )
    assert list(fields) == list(fake.fields.ids("Leads"))
    assert [name for name, field in fields.items() if field["required"]] == ["Last_Name"]
    [told] = fields["City"]["layout_associations"]
    assert told == {"api_name": "Standard__s", "name": "Standard", "id": layout["id"]}
    assert (await ask(f"GET {LAYOUTS}/{layout['id']}", module="Leads"))[1] == answer
    assert await ask(f"GET {LAYOUTS}/7", module="Leads") == (204, None)
    assert (await ask(f"GET {LAYOUTS}", module="Nothing"))[1]["code"] == "INVALID_MODULE"


async def test_a_layout_can_be_added(ask: Any, fake: FakeZoho) -> None:
    """With some fields, which say so, or with all."""
    short = fake.layouts.add(
        module="Leads", name="Short form", fields=["Email"], required=["Email"]
    )
    fake.layouts.add(module="Leads", name="Long")

    answer = (await ask(f"GET {LAYOUTS}/{short}", module="Leads"))[1]
    told = (await ask("GET settings/fields", module="Leads"))[1]["fields"]

    fields = fields_on(answer["layouts"][0])
    assert {name: field["required"] for name, field in fields.items()} == {
        "Last_Name": True,
        "Email": True,
    }
    on = {
        field["api_name"]: [each["name"] for each in field["layout_associations"]] for field in told
    }
    assert (on["Email"], on["City"]) == (["Standard", "Short form", "Long"], ["Standard", "Long"])
    with pytest.raises(KeyError):
        fake.layouts.add(module="Leads", name="Other", required=["Colour"])


async def test_a_row_that_names_a_layout_has_to_fit_it(ask: Any, fake: FakeZoho) -> None:
    """It requires fields of its own; what is not on it is ignored."""
    layout = {
        "id": fake.layouts.add(module="Leads", name="Short", fields=["Email"], required=["Email"])
    }

    async def insert(**values: Any) -> Any:
        return (await ask("POST Leads", {"data": [{"Last_Name": "Halden", **values}]}))[1]["data"][
            0
        ]

    lacking = await insert(Layout=layout)
    unknown = await insert(Layout={"id": "7"})
    odd = await insert(Layout="Short")
    done = await insert(Layout=layout, Email="a@b.example", City=5)

    assert (lacking["code"], lacking["details"]["api_name"]) == ("MANDATORY_NOT_FOUND", "Email")
    for item in (unknown, odd):
        details = {"api_name": "Layout", "json_path": "$.data[0].Layout"}
        assert (item["code"], item["details"]) == ("INVALID_DATA", details)
    assert done["code"] == "SUCCESS"
    assert fake.records("Leads").get(done["details"]["id"])["City"] is None
    changed = {"data": [{"id": done["details"]["id"], "Layout": layout, "Email": None}]}
    [item] = (await ask("PUT Leads", changed))[1]["data"]
    assert (item["code"], item["details"]["id"]) == (
        "MANDATORY_NOT_FOUND",
        done["details"]["id"],
    )


async def test_a_wrong_field_of_a_section_is_told_by_its_place(ask: Any, fake: FakeZoho) -> None:
    """In the section, and not as if fields had been sent alone."""
    own = fake.layouts.add(module="Leads", name="Short")
    fields = [{"field_label": "Shade", "data_type": "text"}, {"data_type": "text"}]
    section = {"display_label": "More", "fields": fields}
    _, told = await ask(
        f"PATCH {LAYOUTS}/{own}", {"layouts": [{"sections": [section]}]}, module="Leads"
    )

    path = "$.layouts[0].sections[0].fields[1].field_label"
    assert told["layouts"][0]["details"] == {"api_name": "field_label", "json_path": path}


async def test_rows_of_a_subform_are_checked(ask: Any, fake: FakeZoho) -> None:
    """Their fields can be read like those of a module, and errors name the row."""
    rows = {"Skill": {"mandatory": True}, "Years": "integer"}
    fake.fields.add("Leads", "Skills", type="subform", rows=rows)

    told = (await ask("GET settings/fields", module="Skills"))[1]["fields"]
    field = (await ask("GET settings/fields", module="Leads"))[1]["fields"][-1]
    wrong = [{"Skill": "Oak", "Years": 3}, {"Skill": "Pine", "Years": "x"}]
    answer = (await ask("POST Leads", {"data": [{"Last_Name": "H", "Skills": wrong}]}))[1]
    lacking = [{"Years": 3}]
    missing = (await ask("POST Leads", {"data": [{"Last_Name": "H", "Skills": lacking}]}))[1]

    assert [each["api_name"] for each in told] == ["Skill", "Years"]
    assert (field["api_name"], field["subform"]["module"]) == ("Skills", "Skills")
    assert answer["data"][0]["details"] == {
        "expected_data_type": "integer",
        "api_name": "Years",
        "json_path": "$.data[0].Skills[1].Years",
    }
    assert missing["data"][0]["code"] == "MANDATORY_NOT_FOUND"
    assert fake.records("Leads").ids == []


async def test_numbers_have_as_many_digits_behind_the_point_as_their_field(
    ask: Any, fake: FakeZoho
) -> None:
    """Two, unless the field says otherwise, when it is made or later."""
    fake.fields.add("Leads", "Share", type="percent", decimals=0)
    draft = {"field_label": "Rate", "data_type": "double", "decimal_place": 4}
    await ask("POST settings/fields", {"fields": [draft]}, module="Leads")
    told = (await ask("GET settings/fields", module="Leads"))[1]["fields"]

    values = {"Annual_Revenue": 1.125, "Share": 0.5, "Rate": 0.12345}
    rows = [{"Last_Name": "H", name: value} for name, value in values.items()]
    answer = (await ask("POST Leads", {"data": rows}))[1]["data"]

    assert [item["details"]["maximum_decimal_place"] for item in answer] == [2, 0, 4]
    assert {each["api_name"]: each["decimal_place"] for each in told}["Rate"] == 4
    right = [{"Last_Name": "H", "Annual_Revenue": 1.25, "Share": 1, "Rate": 1e-4}]
    assert (await ask("POST Leads", {"data": right}))[0] == 201
