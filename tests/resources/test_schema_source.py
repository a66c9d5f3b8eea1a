"""Source code that is written of a schema: what type checkers, Python and SQL say of it."""

from __future__ import annotations

import contextlib
import inspect
import keyword
import sqlite3
import string
import sys
import types
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from mypy import api as mypy

from aiozcrm.errors import InvalidInputError
from aiozcrm.resources.schema import Reference, Schema

_HARD = [
    *keyword.kwlist,
    *keyword.softkwlist,
    *("str", "int", "float", "bool", "list", "dict", "classmethod", "self", "cls", "id", "type"),
    *("Any", "ClassVar", "Mapping", "Reference", "Self", "TypedDict", "define", "dataclass"),
    *("fields", "field", "API_NAMES", "from_row", "to_row", "getattr", "Record", "object"),
    *(
        "keys",
        "items",
        "values",
        "get",
        "pop",
        "copy",
        "update",
        "__x",
        "__init__",
        "_",
        "__slots__",
    ),
    *(
        "1st",
        "x-y",
        "x y",
        "\u017f",
        "\ufb01eld",
        "field",
        "class_",
        "\xfc",
        '"',
        "'",
        "\\",
        "\n",
        "{}",
    ),
    *("{name}", "$layout_id", "Owner.role", "", "%s", "\0", "field_1st", "Name", "name", "NAME"),
]
_NAMES = st.one_of(st.sampled_from(_HARD), st.text(max_size=6), st.text(string.ascii_letters + "_"))
_TYPES = st.one_of(
    st.sampled_from(
        [
            *("text", "textarea", "email", "phone", "website", "picklist", "multiselectpicklist"),
            *("integer", "bigint", "double", "currency", "percent", "boolean", "date", "datetime"),
            *("lookup", "ownerlookup", "multi_module_lookup", "subform", "multiselectlookup"),
            *("fileupload", "autonumber", "formula", "rollup_summary", "profileimage", "ALARM"),
        ]
    ),
    st.none(),
    st.integers(),
    st.text(max_size=5),
)
_JSON_TYPES = st.sampled_from(
    ["string", "integer", "double", "boolean", "jsonobject", "jsonarray", "whatever", None, 5]
)
_FIELDS = st.fixed_dictionaries(
    {"data_type": _TYPES, "json_type": _JSON_TYPES},
    optional={
        "system_mandatory": st.booleans(),
        "formula": st.sampled_from([{}, None, {"return_type": "date"}, {"return_type": []}]),
    },
)
_SCHEMAS = st.builds(
    lambda module, label, fields: Schema(
        module={"api_name": module, "singular_label": label},
        fields={name: {"api_name": name, **field} for name, field in fields.items()},
    ),
    _NAMES,
    st.one_of(_NAMES, st.none()),
    st.dictionaries(_NAMES, _FIELDS, max_size=8),
)
_FORMS = ["typeddict", "attrs", "dataclass"]

#: Whose names are all the same, once they can be attributes and columns.
_ALIKE = Schema(
    module={"api_name": "Class", "singular_label": "class"},
    fields={
        name: {"api_name": name, "data_type": "text", "json_type": "string"}
        for name in ("x-y", "x y", "x_y", "X_Y", "class", "class_")
    },
)

#: The folder is shared by all examples on purpose.
_together = settings(
    max_examples=60,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def check_types(folder: Any) -> str:
    """Return what mypy says of a folder in strict mode."""
    # All that the sources import of the package; mypy would read the whole of it besides, as it
    # does for `tests/typing`, where the name comes from its real home.
    home = folder / "aiozcrm" / "resources"
    home.mkdir(parents=True)
    for package in (home.parent, home):
        (package / "__init__.py").touch()
    needed = "from typing import Any, NotRequired, TypedDict\n\n\n"
    (home / "schema.py").write_text(needed + inspect.getsource(Reference), "utf-8")
    options = ["--strict", "--no-error-summary", "--cache-dir", str(folder / "cache")]
    told, trouble, _ = mypy.run([*options, "--python-executable", sys.executable, str(folder)])
    return told + trouble


def class_in(source: str) -> Any:
    """Return the class that a source defines."""
    made = sys.modules["made"] = types.ModuleType("made")
    try:
        exec(compile(source, "made.py", "exec"), vars(made))  # noqa: S102  # ours
    finally:
        del sys.modules["made"]
    classes = [thing for thing in vars(made).values() if isinstance(thing, type)]
    return next(thing for thing in classes if thing.__module__ == "made")


@pytest.mark.system
def test_any_schema_becomes_sources_that_mypy_takes_in_strict_mode(tmp_path):
    """Whatever modules and fields are called: keywords, numbers, names of types, or nothing."""
    number = 0

    @_together
    @given(_SCHEMAS)
    def write(schema):
        nonlocal number
        for form in _FORMS:
            source = schema.to_source(form)
            compile(source, "made.py", "exec")
            (tmp_path / f"made_{number}.py").write_text(source, "utf-8")
            number += 1

    write()

    assert check_types(tmp_path) == ""
    assert number > 100


@given(_SCHEMAS, st.sampled_from(["attrs", "dataclass"]))
@example(_ALIKE, "attrs")
def test_a_class_holds_a_row_and_gives_it_back(schema, form):
    """Every field has an attribute of its own, and keeps its API name."""
    cls = class_in(schema.to_source(form))
    row = {name: f"value of {name}" for name in ("id", *schema.fields)}

    assert cls.from_row(row).to_row() == row
    assert cls.from_row({}).to_row() == {}


@given(_SCHEMAS)
def test_a_typed_dict_has_every_field_under_its_own_name(schema):
    """Also where the name cannot be an attribute; none has to be there."""
    cls = class_in(schema.to_source())

    assert cls.__annotations__.keys() == {"id", *schema.fields}
    assert cls.__required_keys__ == frozenset()


@given(_SCHEMAS)
@example(_ALIKE)
def test_a_table_has_a_column_for_every_field(schema):
    """SQLite takes it, and the id is its key."""
    source = schema.to_source("sql")
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.executescript(source)
        [(table,)] = database.execute("select name from sqlite_master where type = 'table'")
        escaped = table.replace('"', '""')
        columns = list(database.execute(f'pragma table_info("{escaped}")'))
    database.close()

    assert len(columns) == len({"id", *schema.fields})
    assert [column[1] for column in columns if column[5]] == ["id"]


SOURCES = {
    "typeddict": '''"""The records of Site_Visits, as Zoho CRM describes them."""

from typing import Any, TypedDict

from aiozcrm.resources.schema import Reference


class Visit(TypedDict, total=False):
    """A record of Site_Visits."""

    id: str
    Owner: Reference | None
    Tag: list[Any] | None
    Name: str
    Cost: float | None
    Number: str | None
    Parts: list[dict[str, Any]] | None
    Total: float | None
''',
    "sql": """CREATE TABLE "Site_Visits" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "Owner" TEXT,
  "Tag" TEXT,
  "Name" TEXT,
  "Cost" REAL,
  "Number" INTEGER,
  "Parts" TEXT,
  "Total" REAL
);
""",
}


@pytest.mark.parametrize("form", SOURCES)
async def test_writes_what_a_reader_would_write(crm, fake, form):
    """Types as Zoho sends them, None where a field may be empty."""
    fields = {"Cost": "currency", "Number": "bigint", "Parts": "subform", "Total": "formula"}
    fake.modules.add("Site_Visits", fields=fields)
    schema = await crm.schema("Site_Visits")
    shown = {"Owner", "Tag", "Name", *fields}
    known = {name: field for name, field in schema.fields.items() if name in shown}

    source = attrs.evolve(schema, fields=known).to_source(form, name="Visit")

    assert source == SOURCES[form]


async def test_a_class_is_called_as_one_record_of_the_module(crm):
    """Unless it is told otherwise, or cannot be."""
    schema = await crm.schema("Leads")

    assert "class Lead(TypedDict" in schema.to_source()
    assert "class Prospect:" in schema.to_source("dataclass", name="Prospect")
    assert "class not_a_name:" in schema.to_source("attrs", name="not a name?")
    assert "class Leads:" in schema.to_source("attrs", name="class")


async def test_there_is_no_other_form_of_source(crm):
    """The error names those that there are."""
    with pytest.raises(InvalidInputError, match="'java' is no form") as caught:
        (await crm.schema("Leads")).to_source("java")

    assert caught.value.hint == "Use one of: typeddict, attrs, dataclass, sql."
