"""The orgs of a run: a plan for each, and a check that its profile still leads there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence

import attrs

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import log_traceback
from aiozcrm.cli.profiles._clients import client_for
from aiozcrm.cli.profiles._modules import naming_module
from aiozcrm.cli.profiles._orgs import ORGS_AT_ONCE, read_org
from aiozcrm.cli.profiles._profiles import Profile, Profiles
from aiozcrm.cli.runs._plans import OrgPlan
from aiozcrm.cli.runs._results import Failure, Target
from aiozcrm.errors import ConfigurationError, PermissionDeniedError, ZohoError

__all__ = ["Planner", "check_target", "plan_orgs", "target_of"]

#: Reads an org and plans for it, given the ids that somebody has named there.
Planner = Callable[[ZohoCRM, Target, Sequence[str]], Awaitable[OrgPlan]]


async def plan_orgs(
    named: Mapping[str, Sequence[str]],
    profiles: Profiles,
    planner: Planner,
    *,
    module: str | None = None,
) -> list[OrgPlan]:
    """Return what is planned for the org of each profile; one that fails stops no other.

    Args:
        named: The profiles, with the ids that somebody has named for each.
        profiles: Knows the credentials.
        planner: Plans for an org.
        module: The module that it is about, for errors; None for none.
    """
    slots = asyncio.Semaphore(ORGS_AT_ONCE)

    async def plan(name: str) -> OrgPlan:
        target = Target(profile=name, data_center="unknown", environment="unknown")
        async with slots:
            try:
                profile = profiles.load(name)
                target = target_of(profile)
                async with client_for(profile, profiles) as zoho:
                    async with naming_module(zoho, module):
                        made = await planner(zoho, target, named[name])
                    # Where the scopes do not let it be read, the org has no name.
                    with contextlib.suppress(PermissionDeniedError):
                        org = await read_org(zoho)
                        target = attrs.evolve(target, org_id=org.id, org_name=org.name)
                    return attrs.evolve(made, target=target)
            except (ZohoError, OSError) as error:
                log_traceback(name, error)
                return OrgPlan(target=target, named=tuple(named[name]), failure=Failure.of(error))

    return await asyncio.gather(*map(plan, named))


async def check_target(zoho: ZohoCRM, target: Target) -> None:
    """Check that a client works for the org that the plan was made for.

    Args:
        zoho: The client.
        target: The org of the plan.

    Raises:
        aiozcrm.errors.ConfigurationError: If it works for another org.
        aiozcrm.errors.ZohoError: If that could not be found out.
    """
    if target.org_id is not None and (await read_org(zoho)).id != target.org_id:
        raise _moved(target)


def target_of(profile: Profile, *, expected: Target | None = None) -> Target:
    """Return where a profile leads to, as far as its credentials tell.

    Args:
        profile: The profile.
        expected: Where it led to when the plan was made.

    Raises:
        aiozcrm.errors.ConfigurationError: If it leads elsewhere now.
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


def _moved(target: Target) -> ConfigurationError:
    return ConfigurationError(
        f"Profile {target.profile!r} leads to another org than when the plan was made.",
        hint="Make a new plan, or let the profile lead to that org again.",
    )
