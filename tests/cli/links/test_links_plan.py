"""The plan: what goes, what stays, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.links._links_plan import Criteria, Inventory, plan_named, plan_unused
from aiozcrm.cli.runs._plans import OrgPlan
from aiozcrm.cli.runs._results import Failure, Target
from aiozcrm.resources import Place, UnsubscribeLink

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TARGET = Target(profile="acme", data_center="eu", environment="production")


def link(link_id: str, name: str, **facts: Any) -> UnsubscribeLink:
    """Return a link, ten days old and made by Mira unless told otherwise."""
    usual = {
        "created_time": (NOW - timedelta(days=10)).isoformat(),
        "created_by": {"name": "Mira", "id": "77"},
    }
    return UnsubscribeLink.from_api({"id": link_id, "name": name, **usual, **facts})


@pytest.fixture
def inventory() -> Inventory:
    """Return an org with the Default link, one that is used, and two that are not."""
    place = Place(
        type="email_templates",
        resource_id="9",
        resource_name="Welcome",
        module=None,
        module_id=None,
    )
    return Inventory(
        target=TARGET,
        links=(
            link("1", "Default"),
            link("2", "News"),
            link("3", "Test old"),
            link("4", "test new", created_time=NOW.isoformat(), created_by=None),
            link("5", "Ageless", created_time=None),
        ),
        places={"2": (place,), "3": ()},
    )


def fates(plan: OrgPlan) -> list[tuple[str, str, str]]:
    """Return what happens to each id."""
    return [(link.id, link.fate, link.reason) for link in plan.items]


def test_named_links_go_unless_zoho_keeps_them(inventory: Inventory) -> None:
    """A use is a warning, an id that is not in the org a fact."""
    plan = plan_named(inventory, ["3", "2", "1", "99"], protect_used=False)

    assert fates(plan) == [
        ("3", "goes", ""),
        ("2", "goes", "although used by Welcome (email_templates)"),
        ("1", "stays", "the Default link, which Zoho keeps"),
    ]
    assert plan.unknown == ["99"]


def test_named_links_that_are_used_stay_if_asked(inventory: Inventory) -> None:
    """With protection a use is a reason to stay."""
    plan = plan_named(inventory, ["2"], protect_used=True)

    assert fates(plan) == [("2", "stays", "used by Welcome (email_templates)")]


@pytest.mark.parametrize(
    ("criteria", "going"),
    [
        (Criteria(), ["3", "4", "5"]),
        (Criteria(created_before=NOW - timedelta(days=9)), ["3"]),
        (Criteria(created_before=NOW - timedelta(days=10)), []),
        (Criteria(name="TEST*"), ["3", "4"]),
        (Criteria(name="test ol?"), ["3"]),
        (Criteria(created_by="mira"), ["3", "5"]),
        (Criteria(created_by="77"), ["3", "5"]),
        (Criteria(created_by="7"), []),
    ],
)
def test_unused_links_go_if_they_are_meant(
    criteria: Criteria,
    going: list[str],
    inventory: Inventory,
) -> None:
    """Only what every criterion allows goes; never the Default link, never what is used."""
    plan = plan_unused(inventory, criteria)

    assert [link.id for link in plan.going] == going
    assert len(plan.items) == 5


def test_says_why_a_link_is_not_meant(inventory: Inventory) -> None:
    """Each link that stays has its reason."""
    reasons = {
        link.id: link.reason
        for criteria in (
            Criteria(created_before=NOW - timedelta(days=10), name="test*", created_by="Mira"),
        )
        for link in plan_unused(inventory, criteria).items
    }

    assert reasons == {
        "1": "the Default link, which Zoho keeps",
        "2": "used by Welcome (email_templates)",
        "3": "not created before 2026-11-10 12:00 UTC",
        "4": "not created before 2026-11-10 12:00 UTC",
        "5": "Zoho does not say when it was created",
    }


def test_accounts_for_what_was_named() -> None:
    """An org that could not be read leaves each named id with the reason."""
    failure = Failure(message="no", code=ExitCode.CREDENTIALS)
    plan = OrgPlan(target=TARGET, named=("7", "8"), failure=failure)

    report = plan.report_on_failure(failure)

    assert [(one.id, one.status, one.code) for one in report.results] == [
        ("7", "not_attempted", ExitCode.CREDENTIALS),
        ("8", "not_attempted", ExitCode.CREDENTIALS),
    ]
