"""The families of settings that the API only tells of, through real HTTP against a local Zoho."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest

from aiozcrm import ZohoCRM
from aiozcrm.errors import (
    FeatureUnavailableError,
    InvalidDataError,
    InvalidRequestError,
    NotFoundError,
)

UNKNOWN = "4150868999999999999"
LAYOUT = "4150868000000091055"


@attrs.frozen(kw_only=True)
class Family:
    """What a test has to know of a family.

    Attributes:
        of: Returns it for a client.
        values: What one member is.
        options: What getting one needs besides its id; None if none is read alone.
        alone: What is told only of a member that is read alone.
    """

    of: Callable[[ZohoCRM], Any]
    values: Mapping[str, Any]
    options: Mapping[str, Any] | None
    alone: tuple[str, ...] = ()


FAMILIES = {
    "variable_groups": Family(
        of=lambda crm: crm.variable_groups,
        values={"name": "Rates", "api_name": "Rates"},
        options={},
    ),
    "wizards": Family(
        of=lambda crm: crm.wizards,
        values={"name": "Intake"},
        options={"layout_id": LAYOUT},
        alone=("portal_user_types", "exempted_portal_user_types"),
    ),
    "assignment_rules": Family(
        of=lambda crm: crm.assignment_rules,
        values={"name": "By country"},
        options={"module": "Leads"},
    ),
    "email_templates": Family(
        of=lambda crm: crm.email_templates,
        values={"name": "Welcome", "subject": "Hello"},
        options={},
        alone=("content",),
    ),
    "inventory_templates": Family(
        of=lambda crm: crm.inventory_templates,
        values={"name": "Invoice"},
        options={},
        alone=("content",),
    ),
    "signals": Family(
        of=lambda crm: crm.signals, values={"namespace": "Shop__order"}, options=None
    ),
    "cadences": Family(of=lambda crm: crm.cadences, values={"name": "Spring"}, options=None),
    "data_enrichment": Family(
        of=lambda crm: crm.data_enrichment, values={"type": "people"}, options=None
    ),
}


@pytest.fixture(params=FAMILIES)
def name(request) -> str:
    """One family after the other."""
    return request.param


async def test_a_family_is_listed_and_read(crm, fake, name):
    """The list has every member, and one is read by its id; nothing else can be done."""
    family = FAMILIES[name]
    members, added = family.of(crm), getattr(fake, name).add(**family.values)
    [listed] = [member for member in await members.list() if member["id"] == added]
    assert family.values.items() <= listed.items()
    assert not any(hasattr(members, verb) for verb in ("create", "update", "delete"))
    if family.options is None:
        assert not hasattr(members, "get")
        return
    alone = await members.get(added, **family.options)
    assert listed.items() <= alone.items()
    assert alone.keys() - listed.keys() == set(family.alone)
    with pytest.raises(NotFoundError):
        await members.get(UNKNOWN, **family.options)


async def test_an_org_may_have_none(crm, fake, name):
    """Then the list is empty."""
    for member in getattr(fake, name).ids:
        getattr(fake, name).remove(member)
    assert await FAMILIES[name].of(crm).list() == []


async def test_variable_groups_are_read_by_their_names(crm):
    """An API name serves as an id."""
    assert (await crm.variable_groups.get("General"))["name"] == "General"


async def test_templates_and_rules_are_found_by_their_module(crm, fake):
    """Filters may be a mapping or Zoho's text."""
    fake.email_templates.add(name="Welcome", module="Leads")
    fake.email_templates.add(name="Offer", module="Deals", category="favorite")
    fake.assignment_rules.add(name="All", module="Contacts")
    wanted = {"comparator": "equal", "field": {"api_name": "name"}, "value": "Offer"}
    either = {"group_operator": "OR", "group": [wanted, {**wanted, "value": "Welcome"}]}
    lists = [
        await crm.email_templates.list(module="Leads"),
        await crm.email_templates.list(category="favorite", sort_by="name", sort_order="asc"),
        await crm.email_templates.list(filters=wanted),
        await crm.email_templates.list(filters='{"group_operator": "and", "group": []}'),
        await crm.email_templates.list(filters=either),
    ]
    assert [[template["name"] for template in found] for found in lists] == [
        ["Welcome"],
        ["Offer"],
        ["Offer"],
        ["Welcome", "Offer"],
        ["Welcome", "Offer"],
    ]
    assert await crm.assignment_rules.list(module="Deals") == []
    assert len(await crm.assignment_rules.list(module="Contacts")) == 1


async def test_features_are_named_and_counted(crm, fake):
    """One by its name, several by theirs, and more than a page holds."""
    for number in range(201):
        limits = {"limits": {"total": number}}
        fake.features.add(api_name=f"feature_{number}", details=limits)
    every = await crm.features.list()
    some = await crm.features.list(api_names=["feature_3", "custom_modules"], module="Leads")
    assert len(every) == 203
    assert {feature["api_name"] for feature in some} == {"feature_3", "custom_modules"}
    assert (await crm.features.get("feature_7"))["details"] == {"limits": {"total": 7}}
    with pytest.raises(NotFoundError):
        await crm.features.get("feature_x", module="Leads")


async def test_licenses_are_counted(crm, fake):
    """As many are used as there are active users."""
    fake.users.add_many(3)
    details = (await crm.features.user_licenses())["details"]
    assert details == {
        "available_count": {"total": 6},
        "used_count": {"total": 4},
        "limits": {"total": 10},
    }


async def test_related_lists_tell_what_a_module_has(crm, fake):
    """Those that every module has, and one for each module that looks it up."""
    fake.modules.add("Plots", fields={"Owner_Account": {"type": "lookup", "lookup": "Accounts"}})
    lists = await crm.related_lists("Accounts").list(layout_id=LAYOUT)
    names = [one["api_name"] for one in lists]
    plots = await crm.related_lists("Accounts").get(lists[names.index("Plots")]["id"])
    assert {"Notes", "Attachments", "Contacts", "Plots"} <= set(names)
    assert plots["href"] == "Accounts/{ENTITYID}/Plots"
    assert len({one["id"] for one in lists + await crm.related_lists("Plots").list()}) == (
        len(names) + 2
    )
    with pytest.raises(NotFoundError):
        await crm.related_lists("Plots").get(plots["id"])
    with pytest.raises(InvalidRequestError):
        await crm.related_lists("Nothing").list()


async def test_an_edition_without_inventory_says_so(zoho, script):
    """It is about the edition, not about the user's permission."""
    error = {"code": "FEATURE_NOT_SUPPORTED", "details": {}, "message": "no", "status": "error"}
    script.add(script.response(403, error))
    with pytest.raises(FeatureUnavailableError):
        await zoho.inventory_templates.list()


@pytest.mark.parametrize("filters", ["[", "[]", '{"field": 5}', '{"group": [5]}', "[" * 5000])
async def test_filters_that_are_none_are_rejected(crm, filters):
    """Nothing is left out of a list in silence."""
    with pytest.raises(InvalidDataError):
        await crm.email_templates.list(filters=filters)


async def test_filters_hold_only_what_json_knows(zoho, script):
    """Nothing is sent otherwise."""
    with pytest.raises(TypeError):
        await zoho.email_templates.list(filters={"value": {1, 2}})
    assert script.requests == []


COMPARED = {
    ("equal", "b1"): "b1",
    ("not_equal", "b1"): "a1 b2 true",
    ("in", ("a1", "b2")): "a1 b2",
    ("not_in", ("a1", "b2")): "b1 true",
    ("contains", "1"): "a1 b1",
    ("starts_with", "b"): "b1 b2",
    ("ends_with", "2"): "b2",
    ("equal", True): "true",
}


@pytest.mark.parametrize(("comparator", "value"), COMPARED)
async def test_the_local_zoho_compares_as_criteria_say(crm, fake, comparator, value):
    """Texts, booleans, and one of several."""
    for name in ("a1", "b1", "b2", "true"):
        fake.email_templates.add(name=name)
    given = list(value) if isinstance(value, tuple) else value
    criteria = {"comparator": comparator, "field": {"api_name": "name"}, "value": given}
    found = await crm.email_templates.list(filters=criteria)
    assert " ".join(template["name"] for template in found) == COMPARED[comparator, value]
    inside = {"comparator": "equal", "field": {"api_name": "module.api_name"}, "value": "Leads"}
    assert len(await crm.email_templates.list(filters=inside)) == 4
