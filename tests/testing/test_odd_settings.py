"""Bodies about settings in which one thing is odd: the fake has an answer to each."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from aiozcrm.testing import FakeZoho
from aiozcrm.testing._wire._answer import RejectedError
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing._wire._known_calls import CRM, known_calls

LEADS_LAYOUT = "4150868000000091055"
#: What stands in the place of what is right.
ODD: list[Any] = [
    *(None, True, -1, 1.5, "", "x", "Leads", "x" * 3000, "4150868000000225013"),
    *([], {}, [None], [[]], [{}], {"id": None}, {"id": 5}, {"api_name": 5}, [{"id": []}]),
]


def filled() -> FakeZoho:
    """Return a fake with one of everything."""
    fake = FakeZoho()
    fake.portals.add(name="Acme")
    fake.portal_user_types.add(portal="Acme")
    for name in ("Kind", "Shade"):
        fake.fields.add("Leads", name, type="picklist", values=("A", "B"))
    for family in (
        *(fake.layouts, fake.global_picklists, fake.territories, fake.scoring_rules),
        *(fake.custom_views, fake.user_groups, fake.users),
    ):
        family.add()
    return fake


def cases(fake: FakeZoho) -> dict[str, Any]:
    """Return what is right for each call: a line with its ids, and a body."""
    user, role, profile = fake.users.current_id, fake.roles.ids, fake.profiles.ids[0]
    group, territory = fake.user_groups.ids[0], fake.territories.ids[1]
    fields = fake.fields.ids("Leads")
    layout, picklist = fake.layouts.ids[0], fake.global_picklists.ids[0]
    [old, new] = fake.global_picklists.get(picklist)["pick_list_values"]
    stages = [{"id": stage} for stage in fake.pipelines.stages]
    picklists = "settings/global_picklists"
    sections = [
        {
            "display_label": "A",
            "fields": [
                {"id": fields["Email"], "required": True},
                {"field_label": "Zone", "data_type": "text", "length": 5, "unique": {}},
            ],
        },
        {"id": fake.layouts.get(layout)["sections"][0]["id"], "fields": [{"id": fields["Phone"]}]},
    ]
    sources = [
        {"type": "users", "source": {"id": user}},
        {"type": "groups", "source": {"id": group}},
    ]
    shift = {"shift_days": ["Monday"], "same_as_everyday": True, "daily_timing": ["10:00", "17:00"]}
    lock = {
        "lock_type": "both",
        "locked_for": "all_profiles_except_excluded_profiles",
        "lock_excluded_profiles": [{"id": profile}],
        "restricted_actions": ["update"],
        "locking_rules": [{"name": "x"}],
    }
    away = {"from": "2026-05-01T09:00:00+01:00", "to": "2026-05-02T09:00:00+01:00"}
    rule = {
        "name": "A",
        "module": {"api_name": "Leads"},
        "layout": {"id": LEADS_LAYOUT},
        "field_rules": [{"score": 5}],
        "signal_rules": [{"score": 1, "signal": {"id": "1"}}],
    }
    ends = {"parent": {"id": fields["Kind"]}, "child": {"id": fields["Shade"]}}
    values = [{**old, "display_value": "b"}, {"id": new["id"], "_delete": True}]
    return {
        "POST settings/roles": [{"name": "A", "reporting_to": {"id": role[0]}}],
        f"PUT settings/roles/{role[1]}": [{"name": "A", "reporting_to": role[0]}],
        f"POST settings/profiles/{profile}/actions/clone": [{"name": "A", "description": "x"}],
        f"PUT settings/profiles/{profile}": [
            {"permissions_details": [{"id": "7", "enabled": False}]}
        ],
        f"PATCH settings/layouts/{layout}": [{"sections": sections}],
        f"POST settings/layouts/{layout}/actions/activate": [{"profiles": [{"id": profile}]}],
        "POST settings/business_hours/shift_hours": [{"name": "A", **shift, "users": [{}]}],
        "POST settings/business_hours": {"type": "24*7", "week_starts_on": "Monday"},
        "PUT settings/fiscal_year": {"start_month": "April", "display_based_on": "end_month"},
        "POST settings/duplicate_check_preference": {
            "type": "mapped_module_records",
            "type_configurations": [{"field_mappings": [{}]}],
        },
        "POST settings/record_locking_configurations": [lock],
        "POST settings/users_unavailability": [{"user": {"id": user}, **away}],
        "POST settings/territories": [
            {"name": "A", "reporting_to": {"id": territory}, "permission_type": "read_only"}
        ],
        f"PUT settings/territories/{territory}/users": [{"id": user}],
        f"PUT users/{fake.users.ids[1]}/territories": [{"id": territory}],
        "POST settings/territories/actions/transfer_and_delete": [
            {"id": territory, "transfer_to_id": fake.territories.first_id}
        ],
        "POST settings/user_groups": [{"name": "A", "sources": sources}],
        f"PUT settings/user_groups/{group}": [{"sources": sources[:1]}],
        "POST settings/automation/scoring_rules": [rule],
        "POST settings/pipeline": [{"display_value": "A", "maps": [*stages, {"_delete": True}]}],
        "POST settings/pipeline/actions/transfer": [
            {"pipeline": {"from": fake.pipelines.ids[0], "to": "7"}}
        ],
        f"POST settings/layouts/{LEADS_LAYOUT}/map_dependency": [
            {**ends, "pick_list_values": [{"id": "1", "maps": [{"id": "2", "_delete": None}]}]}
        ],
        f"POST {picklists}": [{"display_label": "A", "pick_list_values": [{"display_value": "a"}]}],
        f"PATCH {picklists}/{picklist}": [{"pick_list_values": values}],
        f"POST {picklists}/{picklist}/actions/replace_picklist_values": [
            {"old_value": {"id": old["id"]}, "new_value": {"display_value": "Two"}}
        ],
        f"PUT settings/custom_views/{fake.custom_views.ids[0]}/actions/change_sort": [
            {"sort_by": {"api_name": "Company"}, "sort_order": "asc"}
        ],
        "POST settings/portals": [{"name": "Beta", "active": True}],
        "POST settings/portals/Acme/user_type": [
            {
                "name": "A",
                "personality_module": {"api_name": "Contacts"},
                "modules": [{"api_name": "Notes"}],
            }
        ],
        "POST __zia_org_enrichment": [{"enrich_based_on": {"name": "Orchid"}}],
    }


def odd_ones(body: Any) -> Iterator[Any]:
    """Yield the body with each of its parts replaced by each odd thing."""
    yield from copy.deepcopy(ODD)
    parts = body.items() if isinstance(body, dict) else enumerate(body)
    for key, part in [*parts] if isinstance(body, (dict, list)) else ():
        for other in odd_ones(part) if isinstance(part, (dict, list)) else ODD:
            changed = copy.deepcopy(body)
            changed[key] = copy.deepcopy(other)
            yield changed


def answer(fake: FakeZoho, method: str, path: str, body: Any = None) -> int:
    """Make a call in the fake, without a network, and return the status of its answer."""
    found = known_calls().find(CRM, f"/{path}")[method]
    query = {"module": "Leads", "layout_id": fake.pipelines.layout_id}
    known = found.known
    sent = {"transfer_pipeline": body} if "pipeline/actions" in path else {known.key: body}
    call = Call(
        method=method,
        path=f"/{path}",
        version="v7",
        params=found.params,
        query={name: value for name, value in query.items() if name in known.query},
        headers={},
        body=json.dumps(sent).encode(),
    )
    try:
        given = fake.operations[known.line].run(call)
    except RejectedError as rejected:
        given = rejected.answer
    json.dumps(given.data)
    return given.status


@pytest.mark.system
@pytest.mark.parametrize("line", cases(filled()))
def test_an_odd_body_is_answered(line: str) -> None:
    """With a success or a rejection; and lists can be read afterwards."""
    method, path = line.split(" ")
    fake = filled()
    for body in [*odd_ones(cases(fake)[line])]:
        assert answer(fake, method, path, body) < 500
        collection = path.partition("/actions/")[0]
        if method != "POST":
            collection = collection.rpartition("/")[0]
        if "users" not in path and "fiscal" not in path:
            assert answer(fake, "GET", collection) < 500
