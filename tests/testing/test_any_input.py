"""Whatever a client sends, the fake has an answer to it."""

import json
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiozcrm.testing import FakeZoho
from aiozcrm.testing._wire._answer import Answer, RejectedError
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing._wire._known_calls import known_calls

KEYS = [
    *("id", "name", "api_name", "module", "ids", "tags", "data", "type", "unique", "length"),
    *("Last_Name", "Email", "Owner", "Account_Name", "What_Id", "Skills", "Languages", "Badge"),
    *("duplicate_check_fields", "$append_values", "variable_group", "value", "role", "profile"),
    *("field_label", "data_type", "pick_list_values", "lookup", "external", "format"),
    *("exchange_rate", "iso_code", "date", "shift_hour", "transfer", "conflict_id", "profiles"),
    *("plural_label", "singular_label", "status", "select_query", "over_write", "page_type"),
    *("from", "to", "email", "rich_text", "unblock_fields", "Emails", "__email_drafts", "owner"),
    *("original_message_id", "subject", "content", "date_time", "sent", "job_sheet_enabled"),
    *("cvid", "criteria", "assign_to", "convert_to", "carry_over_tags", "territory"),
]
#: What Python, SQLite or a calendar cannot take as it is.
ODD = ["\ud800", "9" * 5000, "[" * 2000, "1e999", "0001-01-01T00:00:00+23:59", "²", "((" * 99]
WORDS = st.one_of(
    st.sampled_from(ODD),
    st.sampled_from(
        [*KEYS, "Leads", "Deals", "text", "picklist", "active", "2026-01-01", "General"]
    ),
    st.text(string.printable, max_size=8),
    st.text(max_size=4),
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        WORDS,
        st.integers(4150868000000000000, 4150868000001000020).map(str),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
KNOWN = {known.line: known for known in known_calls().all}
IDS = [
    *(f"41508680000010000{number:02}" for number in range(1, 6)),
    *("4150868000000221001", "4150868000000225013", "4150868000000623001", "7"),
]


def busy_fake() -> FakeZoho:
    """Return a fake in which there is something of everything."""
    fake = FakeZoho(links=1)
    fake.fields.add("Leads", "Badge", unique=True, external="org")
    fake.fields.add("Leads", "Languages", type="multiselectpicklist", values=("Danish",))
    fake.fields.add("Leads", "Skills", type="subform")
    fake.records("Leads").add_many(3, Badge=None)
    for family in (fake.tags, fake.variables, fake.holidays):
        family.add()
    return fake


LINES = sorted(busy_fake().operations)
LEAD = {
    "Last_Name": "Halden",
    "Email": "a@x.example",
    "Owner": {"id": "4150868000000225013"},
    "Languages": ["Danish"],
    "$append_values": {"Languages": True},
    "Skills": [{"id": "1", "Skill": "Oak", "_delete": None}],
    "Badge": "B1",
}
FIELD = {
    "field_label": "Shade",
    "data_type": "picklist",
    "length": 20,
    "unique": {"case_sensitive": False},
    "external": {"type": "org"},
    "pick_list_values": [{"display_value": "Red"}],
    "lookup": {"module": {"api_name": "Accounts"}},
}
#: What is right for each call, to be spoilt in one place.
RIGHT = {
    "/{module}": {"data": [{**LEAD, "id": IDS[0]}]},
    "/{module}/upsert": {"data": [LEAD], "duplicate_check_fields": ["Email"]},
    "/Notes": {
        "data": [
            {
                "Note_Content": "x",
                "Parent_Id": {"module": {"api_name": "Leads"}, "id": IDS[0]},
                "$se_module": "Leads",
            }
        ]
    },
    "add_tags": {"tags": [{"name": "fair", "id": IDS[5]}], "ids": IDS[:2], "over_write": True},
    "/settings/fields": {"fields": [{**FIELD, "id": "7"}]},
    "/settings/modules": {
        "modules": [
            {
                "plural_label": "Projects",
                "singular_label": "Project",
                "api_name": "Projects",
                "profiles": [{"id": "1"}],
            }
        ]
    },
    "/settings/variables": {
        "variables": [
            {
                "id": IDS[7],
                "name": "A",
                "api_name": "A",
                "type": "text",
                "value": "x",
                "variable_group": {"name": "General"},
            }
        ]
    },
    "/settings/holidays": {
        "holidays": [
            {
                "id": "4150868000000612001",
                "name": "A",
                "date": "2026-01-01",
                "type": "shift_holiday",
                "shift_hour": "7",
            }
        ]
    },
    "/org/currencies": {
        "currencies": [
            {
                "id": "4150868000000618001",
                "name": "A",
                "iso_code": "AAA",
                "exchange_rate": "1",
                "is_active": True,
                "format": {"decimal_separator": "Comma", "decimal_places": "2"},
            }
        ]
    },
    "/org/currencies/actions/enable": {"base_currency": {"id": "4150868000000618001"}},
    "/users": {
        "users": [
            {
                "id": IDS[6],
                "last_name": "A",
                "email": "a@x.example",
                "role": {"id": "4150868000000226101"},
                "profile": "4150868000000226202",
                "status": "active",
            }
        ]
    },
    "transfer_and_delete": {"transfer_and_delete": [{"id": "7", "transfer": {"id": IDS[6]}}]},
    "/settings/tags": {"tags": [{"id": IDS[5], "name": "A", "conflict_id": "7"}]},
    "/settings/tags/actions/mass_delete": {"mass_delete": [{"tags": [{"id": IDS[5]}]}]},
    "/settings/unsubscribe_links": {"unsubscribe_links": [{"id": "7", "name": "A"}]},
    "/Products": {"data": [{"id": "7", "Rank": 1}]},
    "/Contact_Roles": {"data": [{"id": "7", "Contact_Role": {"id": "4150868000000006871"}}]},
    "/Locking_Information__s": {"data": [{"Locked_Reason__s": "audit"}]},
    "/actions/share": {
        "share": [
            {
                "shared_with": {"id": IDS[6], "type": "users"},
                "permission": "read_only",
                "type": "private",
            }
        ]
    },
    "/actions/blueprint": {"blueprint": [{"transition_id": "7", "data": {"Phone": "1"}}]},
    "/actions/change_owner": {"ids": IDS[:2], "owner": {"id": IDS[6]}},
    "/actions/merge": {
        "merge": [
            {
                "master_record_fields": [{"api_name": "Skills", "_data": [{"id": "1"}]}],
                "data": [{"id": IDS[1], "_fields": [{"api_name": "Phone", "_data": None}]}],
            }
        ]
    },
    "/actions/convert": {
        "data": [
            {
                "Deals": {"Deal_Name": "A", "Closing_Date": "2026-01-01", "Stage": "Qualification"},
                "assign_to": {"id": IDS[6]},
                "carry_over_tags": {"Contacts": ["fair"]},
                "convert_to": [{"module": {"api_name": "Invoices"}}],
            }
        ]
    },
    "/coql": {"select_query": "select id from Leads where id is not null"},
}


def spoilt(draw: Any, body: Any) -> Any:
    """Return a body in which one thing is replaced by anything."""
    if isinstance(body, dict) and body and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(body)))
        return {**body, key: spoilt(draw, body[key])}
    if isinstance(body, list) and body and draw(st.integers(0, 3)):
        return [spoilt(draw, body[0]), *body[1:]]
    return draw(VALUES)


def right_for(line: str) -> Any:
    """Return a body that is right for a call, or for one like it."""
    path = line.partition(" ")[2].replace("/{id}", "").replace("/{external_value}", "")
    return next(
        (body for end, body in sorted(RIGHT.items(), reverse=True) if path.endswith(end)),
        RIGHT["/{module}"],
    )


@pytest.mark.system
@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_call_answers_any_input(data: Any) -> None:
    """Any body, any parameters, any ids: an answer, or a rejection, and always JSON."""
    line = data.draw(st.sampled_from(LINES))
    known, operation = KNOWN[line], busy_fake().operations[line]
    params = {}
    path = known.path
    for part in known.path.split("/"):
        if part.startswith("{"):
            name = part[1:-1]
            text = {"module": "Leads"}.get(name) or data.draw(st.sampled_from(IDS))
            params[name] = text
            path = path.replace(part, text)
    query = {
        name: data.draw(WORDS) if name != "module" else "Leads"
        for name in known.query
        if known.query[name] or data.draw(st.booleans())
    }
    body = spoilt(data.draw, right_for(line))
    call = Call(
        method=known.method,
        path=path,
        version="v7",
        params=params,
        query=query,
        headers={"If-Modified-Since": data.draw(WORDS), "X-EXTERNAL": data.draw(WORDS)},
        body=json.dumps(body).encode(),
    )
    try:
        answer = operation.run(call)
    except RejectedError as rejected:
        answer = rejected.answer

    assert isinstance(answer, Answer)
    assert 200 <= answer.status < 500 or answer.status == 501
    json.dumps(answer.data)
