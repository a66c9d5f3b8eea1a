# pyright: reportUnnecessaryTypeIgnoreComment=true
"""Settings as a user types them; checked by the type checkers, never run.

Each mistake is marked with the error that mypy has to find there, and pyright has to find one,
too; a mark without a mistake is an error of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_type

from aiozcrm import BatchReport, Outcome, ZohoCRM
from aiozcrm.resources.business_hours import OfficeHours
from aiozcrm.resources.custom_views import CustomView
from aiozcrm.resources.fields import Fields
from aiozcrm.resources.jobs import Job
from aiozcrm.resources.layouts import Layout
from aiozcrm.resources.pipelines import Pipeline
from aiozcrm.resources.portals import Portal, PortalUser
from aiozcrm.resources.roles import Role
from aiozcrm.resources.scoring_rules import ScoringRule
from aiozcrm.resources.territories import Territory
from aiozcrm.resources.users_unavailability import Unavailability


async def read(zoho: ZohoCRM) -> None:
    """Read settings of every kind."""
    assert_type(zoho.fields("Leads"), Fields)
    assert_type(await zoho.roles.list(), Sequence[Role])
    assert_type(await zoho.layouts("Leads").get("1"), Layout)
    assert_type(await zoho.business_hours.get(), OfficeHours)
    assert_type(await zoho.pipelines(1).list(), Sequence[Pipeline])
    assert_type([view async for view in zoho.custom_views("Leads").iter()], list[CustomView])
    assert_type([rule async for rule in zoho.scoring_rules.iter()], list[ScoringRule])
    assert_type(await zoho.territories.child_territories("1"), Sequence[Territory])
    assert_type(await zoho.portals.get("Acme"), Portal)
    users = zoho.portals.user_types("Acme").users("1")
    assert_type(await users.list(type="AllUsers"), Sequence[PortalUser])
    [away] = await zoho.users_unavailability.list()
    assert_type(away, Unavailability)
    assert_type(away["from"], str)


async def write(zoho: ZohoCRM) -> None:
    """Write settings of every kind."""
    assert_type(await zoho.roles.create({"name": "Seller", "reporting_to": "1"}), Outcome)
    assert_type(await zoho.roles.delete_many(["1"], transfer_to_id="2"), BatchReport)
    assert_type(await zoho.fiscal_year.update({"start_month": "April"}), Outcome)
    assert_type(await zoho.territories.transfer_and_delete_many([{"id": "1"}]), BatchReport)
    item: dict[str, Any] = {"enrich_based_on": {"name": "Orchid"}}
    assert_type(await zoho.zia_org_enrichments.create(item, module="Leads"), Job)
    await zoho.users_unavailability.create({"user": {"id": "1"}, "from": "x", "to": "y"})


async def make_mistakes(zoho: ZohoCRM) -> None:
    """Make mistakes, each of which has to be found."""
    await zoho.roles.delete("1")  # type: ignore[call-arg]
    await zoho.profiles.delete_many(["1"])  # type: ignore[call-arg]
    await zoho.roles.create({"nmae": "Seller"})  # type: ignore[typeddict-unknown-key]
    await zoho.business_hours.create({"type": "always"})  # type: ignore[typeddict-item]
    await zoho.wizards.get("1")  # type: ignore[call-arg]
    await zoho.portals.user_types("Acme").users("1").list()  # type: ignore[call-arg]
    await zoho.email_templates.list(sort_by="size")  # type: ignore[arg-type]
    await zoho.layouts()  # type: ignore[call-arg, misc]
    zoho.pipelines([])  # type: ignore[arg-type]
    (await zoho.roles.get("1"))["nmae"]  # type: ignore[typeddict-item]
    await zoho.wizards.create({})  # type: ignore[attr-defined]
