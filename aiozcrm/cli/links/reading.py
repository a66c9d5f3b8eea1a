"""``aiozcrm links list``, ``get`` and ``associations``: they change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from aiozcrm import ZohoCRM, check_record_id
from aiozcrm.cli._exits import exit_with
from aiozcrm.cli._output import JsonOption
from aiozcrm.cli.links._link_views import show_associations, show_link, show_links
from aiozcrm.cli.profiles._orgs import ask_org, ask_orgs
from aiozcrm.cli.profiles._profile_options import (
    AllProfilesOption,
    ProfileOption,
    ProfilesOption,
)
from aiozcrm.resources import Association, UnsubscribeLink

__all__ = ["associations", "get", "list_links"]


def list_links(
    *,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show all links of one org or of many, the Default link among them."""

    async def read(zoho: ZohoCRM) -> Sequence[UnsubscribeLink]:
        return await zoho.unsubscribe_links.list()

    answers = ask_orgs(read, profiles, every=all_profiles)
    show_links(answers, as_json=as_json)
    raise typer.Exit(answers.exit_code)


def get(
    link_id: Annotated[str, typer.Argument(metavar="ID", help="The link's id.")],
    *,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one link with all its fields."""

    async def read(zoho: ZohoCRM) -> UnsubscribeLink:
        return await zoho.unsubscribe_links.get(link_id)

    show_link(ask_org(read, profile), as_json=as_json)


def associations(
    link_id: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Show only what uses this link.", show_default=False),
    ] = None,
    *,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show which email templates and footers use a link, or any link."""
    if link_id is not None:
        check_record_id(link_id)
        if all_profiles or len(profiles or ()) > 1:
            raise exit_with("An id belongs to one org: give one --profile.")

    async def read(zoho: ZohoCRM) -> Sequence[Association]:
        found = [used for used in await zoho.unsubscribe_links.associations() if used.places]
        return found if link_id is None else await _only(link_id, found, zoho)

    answers = ask_orgs(read, profiles, every=all_profiles)
    show_associations(answers, as_json=as_json)
    if answers.by_profile and not any(answers.by_profile.values()):
        what = "any link" if link_id is None else f"link {link_id}"
        typer.echo(f"Nothing uses {what}.", err=True)
    raise typer.Exit(answers.exit_code)


async def _only(
    link_id: str,
    found: Sequence[Association],
    zoho: ZohoCRM,
) -> Sequence[Association]:
    chosen = [used for used in found if int(used.id) == int(link_id)]
    if not chosen:
        # Zoho leaves out links that nothing uses, and ids that do not exist.
        await zoho.unsubscribe_links.get(link_id)
    return chosen
