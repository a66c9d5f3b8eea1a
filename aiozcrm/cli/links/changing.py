"""``aiozcrm links create`` and ``update``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli.links._link_views import show_link
from aiozcrm.cli.profiles._orgs import ask_org
from aiozcrm.cli.profiles._profile_options import JsonOption, ProfileOption
from aiozcrm.resources import UnsubscribeLink

__all__ = ["create", "update"]


def _completing(*choices: str) -> Callable[[str], list[str]]:
    return lambda incomplete: [choice for choice in choices if choice.startswith(incomplete)]


_PAGE_TYPE = typer.Option(
    metavar="standard|custom",
    help="Zoho's page, or one of yours.",
    autocompletion=_completing("standard", "custom"),
    show_default=False,
)
_SUBMISSION_ACTION_TYPE = typer.Option(
    metavar="display_message|redirect",
    help="What happens afterwards.",
    autocompletion=_completing("display_message", "redirect"),
    show_default=False,
)

_CustomLocationUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where the page of yours is.", show_default=False),
]
_StandardPageMessage = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="What Zoho's page says, text or HTML.", show_default=False),
]
_SubmissionMessage = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="The message displayed afterwards.", show_default=False),
]
_SubmissionRedirectUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where the redirect leads.", show_default=False),
]


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="1 to 50 characters, unique.")],
    *,
    page_type: Annotated[str, _PAGE_TYPE],
    submission_action_type: Annotated[str, _SUBMISSION_ACTION_TYPE],
    custom_location_url: _CustomLocationUrl = None,
    standard_page_message: _StandardPageMessage = None,
    submission_message: _SubmissionMessage = None,
    submission_redirect_url: _SubmissionRedirectUrl = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a link, and show it.

    A custom page needs --custom-location-url, display_message needs --submission-message,
    redirect needs --submission-redirect-url.
    """

    async def make(zoho: ZohoCRM) -> UnsubscribeLink:
        return await zoho.unsubscribe_links.create(
            name=name,
            page_type=page_type,
            submission_action_type=submission_action_type,
            custom_location_url=custom_location_url,
            standard_page_message=standard_page_message,
            submission_message=submission_message,
            submission_redirect_url=submission_redirect_url,
        )

    link = ask_org(make, profile)
    typer.echo(f"Created link {link.id}.", err=True)
    show_link(link, as_json=as_json)


def update(
    link_id: Annotated[str, typer.Argument(metavar="ID", help="The link's id.")],
    *,
    name: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="1 to 50 characters, unique.", show_default=False),
    ] = None,
    page_type: Annotated[str | None, _PAGE_TYPE] = None,
    submission_action_type: Annotated[str | None, _SUBMISSION_ACTION_TYPE] = None,
    custom_location_url: _CustomLocationUrl = None,
    standard_page_message: _StandardPageMessage = None,
    submission_message: _SubmissionMessage = None,
    submission_redirect_url: _SubmissionRedirectUrl = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a link, and show what it is now.

    Only what is given is sent; an empty value, such as --submission-message '', empties a field.
    """
    given = {
        "name": name,
        "page_type": page_type,
        "submission_action_type": submission_action_type,
        "custom_location_url": custom_location_url,
        "standard_page_message": standard_page_message,
        "submission_message": submission_message,
        "submission_redirect_url": submission_redirect_url,
    }
    fields: dict[str, Any] = {
        key: value or None for key, value in given.items() if value is not None
    }

    async def change(zoho: ZohoCRM) -> UnsubscribeLink:
        await zoho.unsubscribe_links.update(link_id, **fields)
        # Told at once: what comes next may fail, and the change is made all the same.
        typer.echo(f"Changed link {link_id}.", err=True)
        return await zoho.unsubscribe_links.get(link_id)

    show_link(ask_org(change, profile), as_json=as_json)
