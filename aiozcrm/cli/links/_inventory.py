"""Reads the orgs that a clean-up is about, and plans for each."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs

from aiozcrm.cli.links._links_plan import Inventory
from aiozcrm.cli.profiles._clients import client_for
from aiozcrm.cli.profiles._orgs import ORGS_AT_ONCE
from aiozcrm.cli.profiles._profiles import Profile, Profiles
from aiozcrm.cli.runs._plans import OrgPlan
from aiozcrm.cli.runs._results import Failure, Target
from aiozcrm.client import ZohoCRM
from aiozcrm.errors import ConfigurationError, PermissionDeniedError, ZohoError
from aiozcrm.events import logger

__all__ = ["Planner", "check_target", "plan_orgs", "target_of"]

Planner = Callable[[Inventory], OrgPlan]

#: Of an org whose profile cannot be read.
_UNKNOWN: Final = "unknown"


async def plan_orgs(
    named: Mapping[str, Sequence[str]],
    profiles: Profiles,
    planner: Planner,
) -> list[OrgPlan]:
    """Return what is planned for the org of each profile; one that fails stops no other.

    Args:
        named: The profiles, with the ids that somebody has named for each.
        profiles: Knows the credentials.
        planner: Returns the plan for an org.
    """
    room = asyncio.Semaphore(ORGS_AT_ONCE)

    async def plan(name: str) -> OrgPlan:
        async with room:
            return attrs.evolve(
                await _plan_org(name, profiles, planner),
                named=tuple(named[name]),
            )

    return await asyncio.gather(*map(plan, named))


async def check_target(zoho: ZohoCRM, target: Target) -> None:
    """Refuse to work where the profile leads to another org than it did for the plan.

    Raises:
        aiozcrm.errors.ConfigurationError: If it does.
        aiozcrm.errors.ZohoError: If that could not be found out.
    """
    if target.org_id is not None and (await zoho.org.get()).zgid != target.org_id:
        raise _moved(target)


def target_of(profile: Profile, *, expected: Target | None = None) -> Target:
    """Return where a profile leads to, as far as its credentials tell.

    Args:
        profile: The profile.
        expected: Where it led to when the plan was made.

    Raises:
        aiozcrm.errors.ConfigurationError: If it leads to elsewhere now.
    """
    credentials = profile.credentials
    target = Target(
        profile=profile.name,
        data_center=credentials.data_center,
        environment=credentials.environment,
    )
    if expected and target != attrs.evolve(expected, org_id=None, org_name=None):
        raise _moved(expected)
    return target


async def _plan_org(name: str, profiles: Profiles, planner: Planner) -> OrgPlan:
    target = Target(profile=name, data_center=_UNKNOWN, environment=_UNKNOWN)
    try:
        profile = profiles.load(name)
        target = target_of(profile)
        async with client_for(profile, profiles) as zoho:
            return planner(await _read(zoho, target))
    except (ZohoError, OSError) as error:
        logger.debug("Traceback of profile %s:", name, exc_info=error)
        return OrgPlan(target=target, failure=Failure.of(error))


async def _read(zoho: ZohoCRM, target: Target) -> Inventory:
    links = await zoho.unsubscribe_links.list()
    # Read afterwards, so that a link that was put to use meanwhile counts as used.
    associations = await zoho.unsubscribe_links.associations()
    # Credentials for links alone do not tell whose they are, and need not.
    with contextlib.suppress(PermissionDeniedError):
        org = await zoho.org.get()
        target = attrs.evolve(target, org_id=org.zgid, org_name=org.company_name)
    places = {found.id: found.places for found in associations}
    return Inventory(target=target, links=tuple(links), places=places)


def _moved(target: Target) -> ConfigurationError:
    return ConfigurationError(
        f"Profile {target.profile!r} leads to another org than when the plan was made.",
        hint="Make a new plan, or let the profile lead to the org of then.",
    )
