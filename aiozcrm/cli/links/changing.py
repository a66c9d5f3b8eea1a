"""``aiozcrm links create`` and ``update``."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Annotated, Any, Final

import attrs
import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._option_groups import completing, with_option_groups
from aiozcrm.cli._output import JsonOption
from aiozcrm.cli.links._link_views import show_link
from aiozcrm.cli.profiles._orgs import ask_org
from aiozcrm.cli.profiles._profile_options import ProfileOption
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources import UnsubscribeLink

__all__ = ["create", "update"]


#: The names of the fields that cannot be taken for words.
_FIELD: Final = re.compile(
    r"\b(page_type|submission_action_type|custom_location_url|standard_page_message|"
    r"submission_message|submission_redirect_url)\b"
)


_PAGE_TYPE = typer.Option(
    metavar="standard|custom",
    help="Use Zoho's page, or one of your own.",
    autocompletion=completing("standard", "custom"),
    show_default=False,
)
_SUBMISSION_ACTION_TYPE = typer.Option(
    metavar="display_message|redirect",
    help="What happens after somebody has unsubscribed.",
    autocompletion=completing("display_message", "redirect"),
    show_default=False,
)


def _text(metavar: str, told: str) -> Any:
    return typer.Option(metavar=metavar, help=told, show_default=False)


@attrs.frozen(kw_only=True)
class _Texts:
    """The fields of a link that hold a text; None for those that were not given."""

    custom_location_url: Annotated[str | None, _text("URL", "Where your own page is.")] = None
    standard_page_message: Annotated[
        str | None, _text("TEXT", "What Zoho's page says, as text or HTML.")
    ] = None
    submission_message: Annotated[
        str | None, _text("TEXT", "The message that is displayed afterwards.")
    ] = None
    submission_redirect_url: Annotated[str | None, _text("URL", "Where the redirect leads.")] = None


@contextlib.contextmanager
def _naming_options() -> Iterator[None]:
    """Let errors about fields name the options that set them."""
    try:
        yield
    except InvalidInputError as error:
        message, hint = (
            _FIELD.sub(lambda found: f"--{found[0].replace('_', '-')}", text)
            for text in (error.message, error.hint)
        )
        raise InvalidInputError(message, hint=hint) from None


@with_option_groups
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="1 to 50 characters, unique.")],
    *,
    page_type: Annotated[str, _PAGE_TYPE],
    submission_action_type: Annotated[str, _SUBMISSION_ACTION_TYPE],
    texts: _Texts,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a link, and show it.

    A custom page needs --custom-location-url, display_message needs --submission-message, and
    redirect needs --submission-redirect-url.
    """

    async def make(zoho: ZohoCRM) -> UnsubscribeLink:
        with _naming_options():
            return await zoho.unsubscribe_links.create(
                name=name,
                page_type=page_type,
                submission_action_type=submission_action_type,
                **attrs.asdict(texts),
            )

    link = ask_org(make, profile)
    typer.echo(f"Created link {link.id}.", err=True)
    show_link(link, as_json=as_json)


@with_option_groups
def update(
    link_id: Annotated[str, typer.Argument(metavar="ID", help="The link's id.")],
    *,
    name: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="1 to 50 characters, unique.", show_default=False),
    ] = None,
    page_type: Annotated[str | None, _PAGE_TYPE] = None,
    submission_action_type: Annotated[str | None, _SUBMISSION_ACTION_TYPE] = None,
    texts: _Texts,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a link, and show what it is now.

    Only the options that you give are sent. An empty value, such as --submission-message '',
    empties a field.
    """
    given = {
        "name": name,
        "page_type": page_type,
        "submission_action_type": submission_action_type,
        **attrs.asdict(texts),
    }
    fields: dict[str, Any] = {
        key: value or None for key, value in given.items() if value is not None
    }

    async def change(zoho: ZohoCRM) -> UnsubscribeLink:
        with _naming_options():
            await zoho.unsubscribe_links.update(link_id, **fields)
        # Said at once: even if reading the link fails, the change is made.
        typer.echo(f"Changed link {link_id}.", err=True)
        return await zoho.unsubscribe_links.get(link_id)

    show_link(ask_org(change, profile), as_json=as_json)
