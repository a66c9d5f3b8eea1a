"""Schemas: read once, checked against, compared and kept."""

import asyncio
import datetime as dt
import json
from decimal import Decimal

import attrs
import pytest

from aiozcrm.errors import (
    AuthenticationError,
    InvalidInputError,
    NotFoundError,
    ServerError,
    ZohoError,
)
from aiozcrm.resources.schema import Problem, Schema, SchemaChange

WHEN = dt.datetime(2026, 11, 30, 9, 15, tzinfo=dt.UTC)


def described(*fields, **module):
    """Return the schema of a module with these fields."""
    return Schema(
        module={"api_name": "Leads", **module},
        fields={field["api_name"]: field for field in fields},
    )


def field(data_type="text", **facts):
    """Return a field as Zoho describes it."""
    return {"api_name": "X", "data_type": data_type, **facts}


def choices(*values):
    """Return the values of a picklist as Zoho describes them."""
    return [
        {"display_value": value, "actual_value": f"{value}_1", "reference_value": None}
        for value in values
    ]


async def test_a_schema_tells_what_the_records_of_a_module_consist_of(crm, fake):
    """Module, fields in Zoho's order, picklists, layouts, and the rows of subforms."""
    fake.fields.add("Leads", "Visits", type="subform", rows={"Place": "text"})
    fake.layouts.add(module="Leads", name="Short", fields=["Email"], required=["Email"])

    schema = await crm.schema("Leads")

    assert (schema.api_name, schema.module["singular_label"]) == ("Leads", "Lead")
    assert list(schema.fields) == list(fake.fields.ids("Leads"))
    assert schema.picklists["Rating"][:2] == ("-None-", "Acquired")
    assert [layout["name"] for layout in schema.layouts] == ["Standard", "Short"]
    assert list(schema.subforms) == ["Visits"]
    assert list(schema.subforms["Visits"]) == ["Place"]


async def test_a_schema_is_read_once_for_all_that_need_it(crm, fake):
    """Lists of all fields, upserts, and however many ask at once."""
    first, *others = await asyncio.gather(*(crm.schema("Leads") for _ in range(5)))
    leads = crm.records("Leads")
    await leads.upsert_many([{"Last_Name": "Halden", "Email": "a@b.example"}])
    assert len(await leads.list()) == 1
    again = await crm.with_options(timeout=30).schema("Leads")

    assert all(each is first for each in (*others, again))
    read = [path for _, path in fake.stats.requests if "/settings/" in path]
    assert sorted(path.rpartition("/settings/")[2] for path in read) == [
        "fields",
        "layouts",
        "modules/Leads",
    ]


async def test_a_schema_is_read_again_when_told_to_or_after_a_change_of_fields(crm, fake):
    """A field that somebody else adds is seen at a refresh, one of our own at once."""
    assert "Badge" not in (await crm.schema("Leads")).fields
    fake.fields.add("Leads", "Badge")
    assert "Badge" not in (await crm.schema("Leads")).fields
    assert "Badge" in (await crm.schema("Leads", refresh=True)).fields

    draft = {"field_label": "Shade", "data_type": "text"}
    await crm.fields("Leads").create(draft)
    assert "Shade" in (await crm.schema("Leads")).fields


async def test_a_schema_that_could_not_be_read_is_read_by_the_next_caller(make_zoho, script):
    """A failure is not kept."""
    script.add(script.error(400, "INVALID_MODULE"), script.response(204))
    async with make_zoho() as zoho:
        for error in (ZohoError, NotFoundError):
            with pytest.raises(error):
                await zoho.schema("Nothing")


async def test_a_caller_that_is_cancelled_takes_the_schema_from_nobody_else(make_zoho, script):
    """The next one that waits reads it."""
    started = asyncio.Event()

    async def hang(_request):
        started.set()
        await asyncio.Event().wait()

    script.add(hang)
    script.add(script.response(200, {"modules": [{"api_name": "Leads"}]}))
    script.add(script.response(200, {"fields": [field()]}), script.response(204))
    async with make_zoho() as zoho:
        first = asyncio.create_task(zoho.schema("Leads"))
        await started.wait()
        second = asyncio.create_task(zoho.schema("Leads"))
        await asyncio.sleep(0)
        first.cancel()
        assert list((await second).fields) == ["X"]


async def test_odd_fields_hide_neither_the_module_nor_the_others(make_zoho, script):
    """Unknown types, missing keys, and what is no name."""
    told = [
        *({"api_name": "A"}, {"data_type": "text"}, {"api_name": None, "data_type": "text"}),
        *(field("hologram", json_type=None), {"api_name": "B", "data_type": 5, "json_type": []}),
        {"api_name": "S", "data_type": "subform", "subform": {"module": 5}},
        {"api_name": "P", "data_type": "picklist", "pick_list_values": [5, {"display_value": []}]},
    ]
    script.add(script.response(200, {"modules": [{"api_name": "Leads"}]}))
    script.add(script.response(200, {"fields": told}))
    script.add(script.error(403, "NO_PERMISSION"))
    async with make_zoho() as zoho:
        schema = await zoho.schema("Leads")

    assert list(schema.fields) == ["A", "X", "B", "S", "P"]
    assert schema.layouts is None
    assert schema.check({"A": 1, "X": object(), "B": [None], "S": []}) == []
    assert [problem.allowed for problem in schema.check({"P": "x"})] == [""]
    assert "X: Any | None" in schema.to_source()


async def test_rows_of_subforms_are_known_where_zoho_shows_them(make_zoho, script):
    """Under either of its names for their module; otherwise anything may stand in them."""
    told = [
        {"api_name": "A", "data_type": "subform", "subform": {"module": "Rows_A"}},
        {
            "api_name": "B",
            "data_type": "subform",
            "associated_module": {"module": {"api_name": "Rows_B"}},
        },
    ]
    script.add(script.response(200, {"modules": [{"api_name": "Leads"}]}))
    script.add(script.response(200, {"fields": told}), script.response(204))
    script.add(script.response(200, {"fields": [field("integer")]}))
    script.add(script.error(400, "INVALID_MODULE"))
    async with make_zoho() as zoho:
        schema = await zoho.schema("Leads", refresh=True)

    assert list(schema.subforms) == ["A"]
    assert [request.query for request in script.requests[3:]] == ["module=Rows_A", "module=Rows_B"]
    assert [problem.path for problem in schema.check({"A": [{"X": "1"}], "B": [{"X": "1"}]})] == [
        "A[0].X"
    ]


@pytest.mark.parametrize("place", ["layouts", "subforms"])
async def test_trouble_is_not_taken_for_a_no(make_zoho, script, place):
    """A schema is complete, or raises why it is not."""
    script.add(script.response(200, {"modules": [{"api_name": "Leads"}]}))
    script.add(script.response(200, {"fields": [field("subform", subform={"module": "Rows"})]}))
    if place == "subforms":
        script.add(script.response(204))
    script.add(*[script.error(500, "INTERNAL_ERROR")] * 9)
    async with make_zoho() as zoho:
        with pytest.raises((ServerError, AuthenticationError)):
            await zoho.schema("Leads")


@pytest.mark.parametrize(
    ("facts", "right", "wrong", "allowed"),
    [
        (field(length=3), ["", "abc"], ["abcd", 5, ["a"]], "text of at most 3 characters"),
        (field(), ["x" * 999], [5], "text"),
        (
            field("email"),
            ["a@b.example"],
            ["a", "a@b", "a b@c.example"],
            "an address such as a@b.example",
        ),
        (
            field("website"),
            ["b.example", "https://www.b.example/x"],
            ["b", "x y.example"],
            "an address such as https://www.b.example",
        ),
        (field("picklist", pick_list_values=choices("A", "B")), ["A", "B_1"], ["C", 5], ("A", "B")),
        (field("picklist", pick_list_values=[]), ["anything"], [5], "text"),
        (
            field("multiselectpicklist", pick_list_values=choices("A", "B")),
            [[], ["A"], ("A", "B")],
            [["A", "C"], ["A", None]],
            ("A", "B"),
        ),
        (field("multiselectpicklist"), [["x"]], ["A"], "a list of texts"),
        (
            field("integer", length=3),
            [0, -999],
            [1000, 10**5000, "1", 1.5, True],
            "a whole number of at most 3 digits",
        ),
        (field("integer"), [10**20], ["x"], "a whole number"),
        (
            field("bigint", length=18),
            [10**17, "-123456789012345678"],
            ["1.5", "9" * 19, "9" * 200, 1.5],
            "a whole number of at most 18 digits",
        ),
        (
            field("currency", length=3, decimal_place=2),
            [999.99, 1, Decimal("1.50"), Decimal("1.500")],
            [1000, 0.125, Decimal("0.001"), "1", True, float("nan"), float("inf")],
            "a number with at most 3 digits before the point and at most 2 decimals",
        ),
        (
            field("double", decimal_place=1),
            [10**9],
            [1.25],
            "a number with at most 1 decimals",
        ),
        (field("double"), [1.23456789], [None.__class__], "a number"),
        (field("boolean"), [True, False], ["true", 1], "True or False"),
        (
            field("date"),
            [WHEN.date(), "2026-11-30"],
            [WHEN, "2026-02-30", "30.11.2026", 5],
            "a date, or text such as 2026-11-30",
        ),
        (
            field("datetime"),
            [WHEN, "2026-11-30T09:15:00Z"],
            [WHEN.replace(tzinfo=None), WHEN.date(), "2026-11-30T09:15:00", "2026-13-30T09:15:00Z"],
            "a datetime with an offset, or text such as 2026-11-30T09:15:00+01:00",
        ),
        (
            field("lookup"),
            [{"id": "5725767000000411001"}, {"id": 7, "name": "x"}],
            ["5725767000000411001", {}, {"id": None}, {"id": "x"}],
            'the id of a record or user, as {"id": "5725767000000411001"}',
        ),
        (field("fileupload"), [[], [{"File_Id__s": "x"}]], ["x", [None]], "a list of objects"),
    ],
)
def test_a_check_names_the_field_the_reason_and_what_is_allowed(facts, right, wrong, allowed):
    """For each type of field; None empties any of them."""
    schema = described(facts)

    for value in [*right, None]:
        assert schema.check({"X": value}, "update") == [], value
    for value in wrong:
        [problem] = schema.check({"X": value})
        assert (problem.field, problem.path, problem.code) == ("X", "X", "INVALID_DATA")
        assert problem.allowed == allowed, value
        assert problem.reason
        assert problem.rejected


def test_a_check_returns_all_problems_of_a_row():
    """Missing fields first, then what is wrong in the order of the row."""
    schema = described(
        {"api_name": "Last_Name", "data_type": "text", "system_mandatory": True, "length": 80},
        {
            "api_name": "Stage",
            "data_type": "picklist",
            "system_mandatory": True,
            "pick_list_values": choices("Won", "Lost"),
        },
        {"api_name": "Email", "data_type": "email"},
        {"api_name": "Total", "data_type": "formula", "json_type": "double"},
        {"api_name": "Seen", "data_type": "date", "field_read_only": True},
        {"api_name": "Chance", "data_type": "hologram", "system_mandatory": True},
    )

    problems = schema.check({"Email": "x", "Emial": "y", "Total": 5, "Seen": 5, "$approved": False})

    assert problems == [
        Problem(
            "Last_Name",
            "is missing",
            "text of at most 80 characters",
            "MANDATORY_NOT_FOUND",
            path="Last_Name",
        ),
        Problem("Stage", "is missing", ("Won", "Lost"), "MANDATORY_NOT_FOUND", path="Stage"),
        Problem("Chance", "is missing", "a value", "MANDATORY_NOT_FOUND", path="Chance"),
        Problem("Email", "has another form", "an address such as a@b.example", path="Email"),
        Problem("Emial", "is no field of Leads, so Zoho ignores it", ("Email",), "", path="Emial"),
        Problem("Total", "is set by Zoho alone, so Zoho ignores it", "", "", path="Total"),
        Problem("Seen", "is set by Zoho alone, so Zoho ignores it", "", "", path="Seen"),
    ]
    assert [problem.rejected for problem in problems] == [True] * 4 + [False] * 3
    assert [str(problem) for problem in problems[1:5:3]] == [
        "Stage is missing; allowed: Won, Lost",
        "Emial is no field of Leads, so Zoho ignores it; allowed: Email",
    ]
    assert str(problems[-1]) == "Seen is set by Zoho alone, so Zoho ignores it"


def test_a_check_looks_at_what_is_to_be_done():
    """An update need not have what is mandatory, but must not empty it."""
    operations = {"api_create": True, "api_update": False}
    schema = described(
        field(system_mandatory=True, operation_type=operations),
        {"api_name": "Y", "data_type": "text", "system_mandatory": True},
        editable=False,
    )
    row = {"id": "7", "X": "a"}

    assert [problem.field for problem in schema.check(row, "create")] == ["Y"]
    assert [problem.field for problem in schema.check(row, "upsert")] == ["Y"]
    assert [problem.field for problem in schema.check(row, "update")] == ["", "X"]
    for empty in (None, "", [], {}):
        found = schema.check({"Y": empty}, "update")
        assert [problem.reason for problem in found[1:]] == ["is missing"]
    told = str(schema.check({}, "update")[0])
    assert told == "cannot be written: records of Leads allow no update"
    [problem] = schema.check({"id": "x", "Y": "a"}, "update")[1:]
    assert (problem.field, problem.allowed) == ("id", "the id of a record")
    assert schema.check({"id": "x", "X": "a", "Y": "a"}) == []
    tasks = described(api_name="Tasks")
    assert [problem.code for problem in tasks.check({}, "upsert")] == ["NOT_ALLOWED"]
    with pytest.raises(InvalidInputError, match="'insert' is no way"):
        schema.check({}, "insert")
    with pytest.raises(TypeError, match="a record is a mapping, not list"):
        schema.check([])
    with pytest.raises(TypeError, match="the name of a field is a str, not int"):
        schema.check({5: 1})


def test_a_check_leaves_alone_what_is_no_value():
    """The id and the layout of a row, and names with a dollar sign, whatever Zoho says of them."""
    schema = described({"api_name": "Layout", "data_type": "layout", "read_only": True})

    row = {"id": 7, "Layout": {"id": "8"}, "Wizard": "9", "$append_values": {"X": True}}
    assert schema.check(row) == []


def test_a_check_knows_the_range_of_a_probability():
    """The only one that Zoho's descriptions of fields do not tell."""
    schema = described({"api_name": "Probability", "data_type": "percent"})

    assert schema.check({"Probability": 100}) == []
    [problem] = schema.check({"Probability": 101})
    assert (problem.reason, problem.allowed) == ("101 is out of range", "a number from 0 to 100")


async def test_a_check_looks_at_the_layout_that_a_row_names(crm, fake):
    """It requires fields of its own, and what is not on it is ignored, as the local Zoho does."""
    fake.fields.add("Leads", "Total", type="formula")
    on = ["Company", "Email", "Total", "Industry"]
    layout = fake.layouts.add(
        module="Leads", name="Short", fields=on, required=["Company", "Total"]
    )
    fake.layouts.add(module="Leads", name="Long", required=["Phone"])
    schema = await crm.schema("Leads")
    row = {"Last_Name": "Halden", "Layout": {"id": layout}, "City": 5, "Email": "x"}

    problems = schema.check(row)

    assert [(problem.field, problem.code) for problem in problems] == [
        ("Company", "MANDATORY_NOT_FOUND"),
        ("City", ""),
        ("Email", "INVALID_DATA"),
    ]
    assert problems[0].reason == "is missing, and the layout Short requires it"
    assert [problem.field for problem in schema.check(row, "update")] == ["City", "Email"]
    [problem] = schema.check({"Last_Name": "Halden", "Layout": {"id": "7"}})
    assert (problem.field, len(problem.allowed)) == ("Layout", 3)
    assert [p.field for p in schema.check({"Last_Name": "H", "Layout": "Short"})] == ["Layout"]
    unknown = attrs.evolve(schema, layouts=None)
    assert unknown.check({"Last_Name": "Halden", "Layout": {"id": "7"}}) == []


async def test_a_check_looks_into_the_rows_of_subforms(crm, fake):
    """New rows need what is mandatory, others not; those that are removed need nothing."""
    rows = {"Skill": {"mandatory": True}, "Years": "integer"}
    fake.fields.add("Leads", "Skills", type="subform", rows=rows)
    fake.fields.add("Leads", "Jobs", type="subform", rows=rows, read_only=True)
    schema = await crm.schema("Leads")
    skills = [{"Years": "x"}, {"id": "1", "Years": 2}, {"id": "2", "_delete": None}, {"Skill": "a"}]

    problems = schema.check({"Skills": skills, "Jobs": skills}, "update")

    assert [(problem.field, problem.path) for problem in problems] == [
        ("Jobs", "Jobs"),
        ("Skills", "Skills[0].Skill"),
        ("Skills", "Skills[0].Years"),
    ]


async def test_a_diff_tells_what_has_changed(crm, fake):
    """Of fields, picklists and layouts, in words; ids, labels and times do not count."""
    add = fake.fields.add
    add("Leads", "Gone")
    add("Leads", "Shade", type="picklist", values=("Red", "Green"))
    fake.layouts.add(module="Leads", name="Short", required=["Company"])
    before = await crm.schema("Leads")
    del fake._context.schema.modules["Leads"].fields["Gone"]
    fields = fake._context.schema.modules["Leads"].fields
    fields["Shade"] = attrs.evolve(fields["Shade"], values=("Red", "Blue"), label="Hue")
    fields["City"] = attrs.evolve(fields["City"], length=50, mandatory=True, unique=True)
    add("Leads", "Firm", type="lookup", lookup="Accounts")
    fake.layouts.add(module="Leads", name="Long", required=["Company"])

    after = await crm.schema("Leads", refresh=True)
    changes = before.diff(after)

    assert changes == [
        SchemaChange("Gone", "field", "text", None),
        SchemaChange("City", "length", 100, 50),
        SchemaChange("City", "system_mandatory", False, True),
        SchemaChange("City", "unique", False, True),
        SchemaChange("Shade", "pick_list_values", ("Green",), ("Blue",)),
        SchemaChange("Firm", "field", None, "lookup"),
        SchemaChange("", "layouts", (), ("Long",)),
        SchemaChange("City", "required by Standard", False, True),
        SchemaChange("City", "required by Short", False, True),
    ]
    assert [change.kind for change in changes] == [
        "removed",
        *["changed"] * 4,
        "added",
        *["changed"] * 3,
    ]
    assert [str(change) for change in changes[::5]] == [
        "Gone: removed (text)",
        "Firm: added (lookup)",
    ]
    assert str(changes[1]) == "City: length was 100, is 50"
    assert before.diff(before) == []


async def test_a_diff_looks_into_the_rows_of_subforms(crm, fake):
    """Where both schemas know them."""
    fake.fields.add("Leads", "Skills", type="subform", rows={"Skill": "text", "Years": "integer"})
    before = await crm.schema("Leads")
    rows = {"Skill": before.subforms["Skills"]["Skill"] | {"length": 20}}
    after = attrs.evolve(before, subforms={"Skills": rows, "Jobs": rows})

    assert before.diff(after) == [
        SchemaChange("Skills.Years", "field", "integer", None),
        SchemaChange("Skills.Skill", "length", 255, 20),
    ]
    assert before.diff(attrs.evolve(before, subforms={})) == []


def test_a_diff_tells_of_odd_fields_and_of_the_module():
    """Whatever is in the descriptions; layouts count only where both have them."""
    before = described({"api_name": "A", "lookup": 5}, {"api_name": "B"}, creatable=True)
    after = described(
        {"api_name": "A", "lookup": {"module": {"api_name": "Deals"}}, "operation_type": None},
        {"api_name": "C"},
        creatable=False,
    )
    changes = before.diff(attrs.evolve(after, layouts=[{"sections": 5}]))

    assert changes == [
        SchemaChange("", "creatable", True, False),
        SchemaChange("B", "field", "unknown", None),
        SchemaChange("A", "lookup", None, "Deals"),
        SchemaChange("C", "field", None, "unknown"),
    ]
    assert str(changes[0]) == "the module: creatable was True, is False"


async def test_a_schema_can_be_kept_in_a_file(crm, fake, tmp_path):
    """All of it comes back, in JSON that other programs can read."""
    fake.fields.add("Leads", "Visits", type="subform", rows={"Place": "text"})
    schema = await crm.schema("Leads")
    path = tmp_path / "leads.json"

    schema.save(path)

    assert Schema.load(path) == schema
    assert list(Schema.load(str(path)).fields) == list(schema.fields)
    assert json.loads(path.read_text("utf-8"))["module"]["api_name"] == "Leads"
    assert Schema.from_json(described(field()).to_json()) == described(field())


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "5", "{}", '{"version": 2}', '{"version": 1, "fields": []}'),
        '{"version": 1, "module": {}, "fields": {"A": 5}, "layouts": null, "subforms": {}}',
        '{"version": 1, "module": {}, "fields": {}, "layouts": 5, "subforms": {}}',
        '{"version": 1, "module": {}, "fields": {}, "layouts": [], "subforms": {}, "more": 1}',
        "\xff",
    ],
)
def test_what_is_no_saved_schema_is_said_so(tmp_path, text):
    """Whatever is wrong with the file."""
    path = tmp_path / "leads.json"
    path.write_text(text, "latin-1")

    with pytest.raises(InvalidInputError, match="no schema that was saved"):
        Schema.load(path)
