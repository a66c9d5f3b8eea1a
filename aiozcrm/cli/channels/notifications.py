"""``aiozcrm notifications list``, ``enable`` and ``disable``."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit, urlunsplit

import typer

from aiozcrm import Outcome, ZohoCRM, check_record_id
from aiozcrm.cli._exits import worst_of
from aiozcrm.cli._output import JsonOption
from aiozcrm.cli._words import listed
from aiozcrm.cli.profiles._orgs import Answers, ask_orgs, show_answers
from aiozcrm.cli.profiles._profile_options import AllProfilesOption, ProfilesOption
from aiozcrm.cli.profiles._prompts import ask_secret
from aiozcrm.cli.runs._results import Result
from aiozcrm.errors import InvalidInputError

if TYPE_CHECKING:
    from aiozcrm.resources.notifications import ChannelDraft

__all__ = ["EventsArgument", "disable", "enable", "list_channels", "opened_in"]

EventsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="EVENT",
        help="The changes to report: a module's API name, a dot, and create, edit, delete or all.",
    ),
]

#: Where the token of a channel may be.
_TOKEN: Final = "ZOHO_CHANNEL_TOKEN"  # noqa: S105  # no secret, a name

#: What has become of a channel that was to end.
_WORDS: Final = {"done": "ended", "kept": "not found"}

#: What a table shows of a channel, by its head.
_COLUMNS: Final = {
    "Channel id": "channel_id",
    "Module": "resource_name",
    "Events": "events",
    "Ends": "channel_expiry",
    "Address": "notify_url",
}

_Facts = Mapping[str, Any]


def list_channels(
    *,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the channels of one user or of many, with a row for each of their modules.

    Channels belong to the user who has logged in. Tokens are never shown.
    """

    async def read(zoho: ZohoCRM) -> Sequence[_Facts]:
        return [_without_secrets(one) for one in await zoho.notifications.list()]

    _show(ask_orgs(read, profiles, every=all_profiles), as_json=as_json)


def enable(
    events: EventsArgument,
    *,
    url: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="The address that Zoho sends notifications to, with no secret in it.",
        ),
    ],
    channel_id: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="The number of the channel. Without it, one derived from the events and URL.",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT",
            help="When the channel ends, at most a week from now, such as "
            "2026-12-01T12:00:00+01:00. Without it, after an hour.",
            show_default=False,
        ),
    ] = None,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Open a channel, or reopen it, in one org or in many.

    The token that comes with each notification is read from ZOHO_CHANNEL_TOKEN; if that is not
    set, you are asked for it. It has up to 50 characters, and is never shown. The command does not
    renew the channel, and prints when it ends.
    """
    own = _made_up(events, url) if channel_id is None else check_record_id(channel_id)
    draft: ChannelDraft = {
        "channel_id": own,
        "events": events,
        "notify_url": url,
        "token": os.environ.get(_TOKEN)
        or ask_secret("Token of the channel", instead=f"Set {_TOKEN}, or pipe it in."),
        "notify_on_related_action": False,
    }
    if until is not None:
        draft["channel_expiry"] = until

    async def open_channel(zoho: ZohoCRM) -> Sequence[_Facts]:
        try:
            [outcome] = (await zoho.notifications.enable_many([draft])).outcomes
        except InvalidInputError as error:
            told = error.message.removeprefix("inputs[0]: ").replace("channel_expiry", "--until")
            raise InvalidInputError(told, hint=error.hint) from None
        return [_without_secrets(one) for one in opened_in(outcome)]

    _show(ask_orgs(open_channel, profiles, every=all_profiles), as_json=as_json)


def disable(
    ids: Annotated[
        list[str], typer.Argument(metavar="CHANNEL-ID", help="The numbers of the channels.")
    ],
    *,
    profiles: ProfilesOption = None,
    all_profiles: AllProfilesOption = False,
    as_json: JsonOption = False,
) -> None:
    """End channels, in one org or in many.

    A channel that is not there, or has ended by itself, is reported as not found, which is no
    failure.
    """
    own = [check_record_id(one) for one in ids]

    async def end(zoho: ZohoCRM) -> Sequence[Outcome]:
        return (await zoho.notifications.disable_many(own)).outcomes

    answers = ask_orgs(end, profiles, every=all_profiles)
    ended: Answers[Sequence[Result]] = Answers(
        by_profile={
            name: [
                Result.of(outcome, profile=name, name=None, doubtful=False) for outcome in outcomes
            ]
            for name, outcomes in answers.by_profile.items()
        },
        exit_code=answers.exit_code,
        several=answers.several,
    )
    show_answers(
        ended,
        columns=("Channel id", "Outcome"),
        rows_of=lambda one: [(one.id, _WORDS.get(one.kind) or f"{one.status}: {one.error}")],
        facts=lambda one: {
            "channel_id": one.id,
            "status": one.status,
            "kind": one.kind,
            "error": one.error,
        },
        as_json=as_json,
    )
    codes = (one.code for results in ended.by_profile.values() for one in results)
    raise typer.Exit(worst_of((ended.exit_code, *codes)))


def opened_in(outcome: Outcome) -> Sequence[_Facts]:
    """Return what Zoho tells of a channel that was opened, for each module.

    Raises:
        Exception: What kept it from being opened.
    """
    if outcome.error is not None:
        raise outcome.error
    entries = outcome.details.get("events")
    told = [one for one in entries if isinstance(one, Mapping)] if isinstance(entries, list) else []
    return told or [{"channel_id": outcome.id}]


def _made_up(events: Sequence[str], url: str) -> str:
    """Return a number that is the same whenever the same is asked for."""
    wanted = "\n".join((url, *sorted(set(events))))
    return str(int(hashlib.sha256(wanted.encode()).hexdigest()[:15], 16))


def _show(answers: Answers[Sequence[_Facts]], *, as_json: bool) -> None:
    """Write channels, a line for each of their modules, and end the command."""
    found = list(itertools.chain.from_iterable(answers.by_profile.values()))
    # An answer to a call tells less than a list.
    columns = {head: key for head, key in _COLUMNS.items() if any(one.get(key) for one in found)}
    show_answers(
        answers,
        columns=tuple(columns),
        rows_of=lambda one: [[_cell(one.get(key)) for key in columns.values()]],
        facts=dict,
        as_json=as_json,
    )
    raise typer.Exit(answers.exit_code)


def _cell(value: object) -> object:
    return listed(map(str, value)) if isinstance(value, list) else value


def _without_secrets(channel: _Facts) -> dict[str, Any]:
    """Return a channel without its token, and without what others have hidden in its address."""
    facts = {name: value for name, value in channel.items() if name != "token"}
    if isinstance(url := facts.get("notify_url"), str):
        facts["notify_url"] = _address(url)
    return facts


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "***"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "***" if parts.query else "", ""))
