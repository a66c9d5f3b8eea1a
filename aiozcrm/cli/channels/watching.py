"""``aiozcrm notifications watch``: what Zoho tells, as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import ExitCode, describe, exit_with, run, say_error
from aiozcrm.cli._output import JsonOption, in_cell, print_lines
from aiozcrm.cli._signals import on_stop_signal
from aiozcrm.cli._words import duration, listed
from aiozcrm.cli.channels.notifications import EventsArgument
from aiozcrm.cli.profiles._clients import client_for
from aiozcrm.cli.profiles._profile_options import ProfileOption
from aiozcrm.cli.profiles._profiles import Profile, Profiles
from aiozcrm.errors import ZohoError
from aiozcrm.events import ChannelRenewalFailed, Event
from aiozcrm.notifications import Notification, NotificationRejected

if TYPE_CHECKING:
    from aiozcrm.resources.channel import Channel

__all__ = ["tell_of", "watch"]

#: How many seconds the channel lives. It is renewed in time; if the command is killed, Zoho does
#: not go on for long.
_LIFETIME: Final = 3_600.0


def watch(
    events: EventsArgument,
    *,
    url: Annotated[
        str,
        typer.Option(
            metavar="URL", help="The public address that leads here, through a tunnel or a proxy."
        ),
    ],
    port: Annotated[
        int, typer.Option(min=1, max=65535, metavar="N", help="The port to listen on.")
    ],
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The address to listen on.")
    ] = "127.0.0.1",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the changes that Zoho reports, until Ctrl-C.

    The command opens a channel of its own, with a token that only it and Zoho know, and listens
    for what arrives at the public address. Anything without that token is rejected. The channel is
    renewed in time, and ended when the command ends.
    """
    profiles = Profiles.of_user()
    (chosen,) = profiles.select([] if profile is None else [profile])
    run(_watch(events, url, chosen, profiles, host=host, port=port, as_json=as_json))


async def _watch(
    events: list[str],
    url: str,
    profile: Profile,
    profiles: Profiles,
    *,
    host: str,
    port: int,
    as_json: bool,
) -> None:
    # Not the one that a service with the same address has.
    channel_id = str(10**17 + secrets.randbelow(9 * 10**17))
    failure: ZohoError | OSError | None = None
    async with client_for(profile, profiles, on_event=tell_of) as zoho:
        channel = zoho.channel(events, url=url, channel_id=channel_id, lifetime=_LIFETIME)
        tasks = [asyncio.create_task(_receive(channel, host, port, as_json=as_json))]

        def stop() -> None:
            # The first signal ends the watch; another one, what that takes.
            tasks[-1].cancel()

        with on_stop_signal(stop):
            try:
                await tasks[0]
            except asyncio.CancelledError:
                pass
            except (ZohoError, OSError) as error:
                failure = error
            if channel.id or getattr(failure, "maybe_done", True):
                tasks.append(asyncio.create_task(_end(zoho, channel_id)))
                await tasks[-1]
    if failure is not None:
        raise failure


async def _receive(channel: Channel, host: str, port: int, *, as_json: bool) -> None:
    """Print what comes, each before it is answered, until that breaks or is cancelled."""
    # Login needs it, too, but no other command does.
    from aiozcrm.cli.channels._hook_listener import listen_for_posts  # noqa: PLC0415

    opened = asyncio.Event()
    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def take(body: bytes) -> bool:
        # What comes in the moment in which the channel opens is for it.
        await opened.wait()
        try:
            _show(channel.verify(body), as_json=as_json)
        except NotificationRejected as error:
            typer.echo(f"Rejected: {error.message}", err=True)
            return False
        except OSError as error:
            with contextlib.suppress(asyncio.InvalidStateError):
                broken.set_exception(error)
            return False
        return True

    async with listen_for_posts(take, host=host, port=port), channel:
        opened.set()
        typer.echo(f"Channel {channel.id} is open; Ctrl-C ends it.", err=True)
        await broken


async def _end(zoho: ZohoCRM, channel_id: str) -> None:
    left = (
        f"channel {channel_id} was not ended, and ends by itself within {duration(_LIFETIME)}. "
        f"End it now with: aiozcrm notifications disable {channel_id}"
    )
    try:
        [outcome] = (await zoho.notifications.disable_many([channel_id])).outcomes
    except asyncio.CancelledError:
        raise exit_with(left, ExitCode.INTERRUPTED) from None
    if outcome.error is not None and outcome.kind != "kept":
        say_error(left)
        raise outcome.error
    typer.echo(f"Channel {channel_id} has ended.", err=True)


def tell_of(event: Event) -> None:
    """Say on stderr that the channel could not be renewed."""
    if isinstance(event, ChannelRenewalFailed):
        left = f"ends in {duration(event.left)}" if event.left > 0 else "has ended"
        told = f"The channel was not renewed, and {left}: {describe(event.error)}"
        typer.echo(in_cell(told), err=True)


def _show(notification: Notification, *, as_json: bool) -> None:
    if as_json:
        print_lines([_facts_of(notification)])
        return
    names = {name: None for names in notification.affected_fields.values() for name in names}
    fields = f" ({listed(names)})" if names else ""
    what = f"{notification.module} {notification.operation}: {listed(notification.ids)}{fields}"
    typer.echo(in_cell(f"{notification.time.astimezone():%Y-%m-%d %H:%M:%S}  {what}"))


def _facts_of(notification: Notification) -> dict[str, Any]:
    """Return a notification for programs, without the query of the address it came to."""
    return {
        "time": notification.time.isoformat(),
        "module": notification.module,
        "operation": notification.operation,
        "ids": notification.ids,
        "channel_id": notification.channel_id,
        "affected_fields": dict(notification.affected_fields),
    }
