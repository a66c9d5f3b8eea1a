"""What a schema says of a row, beside what the local Zoho answers to it."""

from __future__ import annotations

import json
import string
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiozcrm.resources.schema import Schema
from aiozcrm.testing import FakeZoho
from aiozcrm.testing._schema._standard import SYSTEM
from aiozcrm.testing._schema._types import TYPES
from aiozcrm.testing._wire._answer import WRONG_ID
from aiozcrm.testing._wire._call import Call

_TAKEN = {"id", "Layout", "Wizard", "Name", *(field.api_name for field in SYSTEM)}
_NAMES = st.text(string.ascii_letters + string.digits + "_ü", min_size=1, max_size=12).filter(
    lambda name: name not in _TAKEN
)
_LETTERS = st.text(string.printable + "üß漢", max_size=14)
_CHOICES = st.lists(_LETTERS.filter(bool), max_size=3, unique=True).map(tuple)
_ADDRESSES = st.sampled_from(
    ["a@b.example", "a@b", "a b@c.example", "https://www.b.example/x?y#z", "b.example", "http://x"]
)
_MOMENTS = st.sampled_from(
    [
        *("2026-11-30", "2026-02-30", "30.11.2026", "2026-11-30T09:15:00+01:00"),
        *("2026-11-30T09:15:00", "2026-11-30T09:15:00.5Z", "2026-11-30T09:15:00Z"),
    ]
)
_NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-(10**6), 10**6, places=3).map(float),
    st.decimals(-(10**6), 10**6, places=2).map(float),
)
#: Those of a user and a record, and what can be no id.
_IDS = st.sampled_from(["user", "lead", "x", "", None, True])
_PLAIN = st.one_of(st.none(), st.booleans(), _LETTERS, _ADDRESSES, _MOMENTS, _NUMBERS)
_VALUES = st.one_of(
    _PLAIN,
    st.lists(_PLAIN, max_size=2),
    st.dictionaries(st.sampled_from(["id", "name"]), _IDS, max_size=2),
    st.lists(st.dictionaries(_NAMES, _PLAIN, max_size=2), max_size=2),
)
_PLACES = st.one_of(st.none(), st.integers(0, 4))


@st.composite
def _fields(draw: Any, depth: int = 1) -> dict[str, dict[str, Any]]:
    """Draw the fields of a module, or of the rows of a subform."""
    kinds = sorted(TYPES.keys() - {"layout", *(["subform"] if depth == 0 else [])})
    fields = {}
    for name in draw(st.lists(_NAMES, max_size=5, unique=True)):
        kind = draw(st.sampled_from(kinds))
        options: dict[str, Any] = {"type": kind, "mandatory": draw(st.booleans())}
        if kind == "subform":
            options["rows"] = draw(_fields(depth=0))
        elif "picklist" in kind:
            options["values"] = draw(_CHOICES)
        elif kind == "lookup":
            options["lookup"] = "Leads"
        elif TYPES[kind].decimals is not None:
            options["decimals"] = draw(_PLACES)
        if TYPES[kind].length is not None and draw(st.booleans()):
            options["length"] = draw(st.integers(1, 12))
        options["read_only"] = draw(st.sampled_from([False, False, False, True]))
        fields[name] = options
    return fields


def _value_for(draw: Any, options: dict[str, Any], ids: dict[str, str]) -> Any:
    """Draw a value that is often of the right type."""
    likely = {
        "boolean": st.booleans(),
        "lookup": st.just({"id": "lead"}),
        "multi_module_lookup": st.just({"id": "lead", "module": {"api_name": "Leads"}}),
        "ownerlookup": st.just({"id": "user"}),
        "userlookup": st.just({"id": "user"}),
    }
    kind = options["type"]
    if options.get("values"):
        likely[kind] = st.sampled_from(options["values"])
        if kind == "multiselectpicklist":
            likely[kind] = st.lists(likely[kind], max_size=2)
    if kind == "subform" and options["rows"]:
        rows = options["rows"]
        row = {name: _value_for(draw, each, ids) for name, each in rows.items()}
        likely[kind] = st.just([row, row])
    value = draw(st.one_of(likely.get(kind, _VALUES), _VALUES))
    if isinstance(value, dict) and value.get("id") in ids:
        return {**value, "id": ids[value["id"]]}
    return value


def _call(fake: FakeZoho, line: str, path: str, body: Any, **query: str) -> Any:
    """Return what the local Zoho answers to a call."""
    call = Call(
        method=line.split(maxsplit=1)[0],
        path=path,
        version="v7",
        params={},
        query=query,
        headers={},
        body=json.dumps(body).encode(),
    )
    return json.loads(json.dumps(fake.operations[line].run(call).data))


def _schema_of(fake: FakeZoho, module: str) -> Schema:
    def fields_of(name: str) -> dict[str, Any]:
        told = _call(fake, "GET /settings/fields", "/settings/fields", None, module=name)
        return {field["api_name"]: field for field in told["fields"]}

    fields = fields_of(module)
    subforms = {
        name: fields_of(name)
        for name, field in fields.items()
        if field["data_type"] == "subform" and fake._context.schema.rows_of(name)
    }
    layouts = _call(fake, "GET /settings/layouts", "/settings/layouts", None, module=module)
    return Schema(
        module=fake.modules.get(module),
        fields=fields,
        layouts=layouts["layouts"],
        subforms=subforms,
    )


def _fields_in(item: dict[str, Any]) -> set[str]:
    """Return the fields of the row that an answer rejects it for."""
    path = item["details"]["json_path"].removeprefix("$.data[0].")
    return {path.partition(".")[0].partition("[")[0]}


@given(st.data())
def test_what_a_schema_takes_the_local_zoho_takes(data: Any) -> None:
    """Of any row of any module: what Zoho rejects for a field, a check says of that field."""
    draw = data.draw
    fake = FakeZoho()
    fields = draw(_fields())
    fake.modules.add("Parts", fields=fields)
    ids = {"user": fake.users.current_id, "lead": fake.records("Leads").add(Last_Name="Halden")}
    names = [name for name in fields if draw(st.integers(0, 5))]
    layout = fake.layouts.add(module="Parts", name="Short", fields=names[:2], required=names[:1])
    schema = _schema_of(fake, "Parts")
    row: dict[str, Any] = {name: _value_for(draw, fields[name], ids) for name in names}
    row |= {"Name": draw(st.sampled_from(["A", "A", "", "x" * 121]))}
    if draw(st.booleans()):
        row["Layout"] = {"id": draw(st.sampled_from([layout, "7"]))}
    verb = draw(st.sampled_from(["create", "update", "upsert"]))
    lines = {
        "create": ("POST /{module}", "/Parts"),
        "update": ("PUT /{module}", "/Parts"),
        "upsert": ("POST /{module}/upsert", "/Parts/upsert"),
    }
    sent = row
    if verb == "update":
        old = fake.records("Parts").add(**dict.fromkeys(fields), Name="Old")
        sent = {**row, "id": old}

    problems = schema.check(sent, verb)
    answer = _call(fake, *lines[verb], {"data": [sent]})

    [item] = answer["data"]
    rejected = {problem.field for problem in problems if problem.rejected}
    if item["status"] == "success":
        assert not rejected, problems
    elif item["message"] == WRONG_ID and any(own in json.dumps(row) for own in ids.values()):
        pass  # It is an id of something else, which only Zoho knows.
    else:
        assert _fields_in(item) <= rejected, (item, problems)
