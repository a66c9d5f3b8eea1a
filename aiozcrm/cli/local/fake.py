"""``aiozcrm fake``: a local Zoho to develop against."""

from __future__ import annotations

import asyncio
import contextlib
import math
import shlex
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import typer

from aiozcrm.cli._exits import ExitCode, exit_with
from aiozcrm.cli._help import examples
from aiozcrm.cli._signals import on_stop_signal
from aiozcrm.cli._words import plural
from aiozcrm.datacenters import is_loopback
from aiozcrm.testing import FakeZoho, Fault, Limits, TokenLimits

__all__ = ["fake"]

#: How many link ids are worth reading.
_IDS_SHOWN: Final = 10

fake: Final = typer.Typer(
    name="fake",
    help="Run a local Zoho, which needs no account and no network.",
    no_args_is_help=True,
)


@fake.callback()
def _group() -> None:
    # Without it, typer would make the only command the group itself.
    pass


def _check_host(host: str) -> str:
    if ":" in host:
        raise typer.BadParameter("Give a name or an IPv4 address, without a port.")
    return host


@fake.command(
    epilog=examples("fake serve", "fake serve --links 100 --faults 0.1", "fake serve --org Globex")
)
def serve(
    *,
    host: Annotated[
        str,
        typer.Option(
            metavar="HOST",
            help="Host to listen on: a name or an IPv4 address.",
            callback=_check_host,
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, metavar="PORT", help="Port to listen on; 0 for any free one."
        ),
    ] = 0,
    links: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="Unsubscribe links to begin with, besides the Default link."
        ),
    ] = 10,
    link_limit: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="How many links an org can have; 0 for no limit."),
    ] = None,
    orgs: Annotated[
        list[str] | None,
        typer.Option(
            "--org", metavar="NAME", help="Name of another org; may be given several times."
        ),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(
            metavar="SCOPES", help="Scopes of the tokens, separated by commas; by default, all."
        ),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Its address as others see it, such as another container."
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="How many API calls an org can have at once."),
    ] = None,
    credit: Annotated[
        int | None,
        typer.Option(
            "--credits", min=0, metavar="N", help="How many API calls an org has left today."
        ),
    ] = None,
    latency: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long an API answer takes.")
    ] = 0.0,
    loose: Annotated[
        bool,
        typer.Option(
            "--loose",
            help="Ignore parameters that Zoho does not document, and answer calls that it cannot "
            "carry out with a plain success.",
        ),
    ] = False,
    token_lifetime: Annotated[
        int,
        typer.Option(min=1, metavar="SECONDS", help="How long an access token lives."),
    ] = 3600,
    faults: Annotated[
        float,
        typer.Option(
            min=0, max=1, metavar="SHARE", help="Share of API calls that fail, from 0 to 1."
        ),
    ] = 0.0,
    seed: Annotated[
        int,
        typer.Option(metavar="N", help="Seed of the faults: the same one gives the same faults."),
    ] = 0,
) -> None:
    """Run a local Zoho until Ctrl-C.

    Prints environment variables. Paste them into another terminal: the command aiozcrm, and
    programs that use aiozcrm.Credentials.from_env(), then use this local Zoho.
    """
    _warn_unless_loopback(host)
    limits = Limits(
        concurrency=concurrency,
        credits=credit,
        unsubscribe_links=math.inf if link_limit == 0 else link_limit,
    )
    try:
        zoho = FakeZoho(
            links=links,
            scope=scope,
            limits=limits,
            host=host,
            port=port,
            public_url=public_url,
            latency=latency,
            strict=not loose,
            loose=loose,
            tokens=TokenLimits(lifetime=token_lifetime),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--scope") from None
    for name in orgs or ():
        zoho.add_org(name, links=links, scope=scope, limits=limits)
    zoho.faults.mix(even_mix(faults), seed=seed)
    # A Ctrl-C that comes before it serves ends it just as well.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(zoho))


def even_mix(share: float) -> dict[Fault, float]:
    """Return rates with which all faults together take *share* of the calls."""
    return dict.fromkeys(Fault, share / len(Fault))


def export_lines(environ: Mapping[str, str]) -> str:
    """Return *environ* as lines for a shell."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environ.items())


def link_lines(default_id: str, others: Sequence[str]) -> str:
    """Say which links there are."""
    shown = ", ".join(others[:_IDS_SHOWN]) or "none"
    rest = len(others) - _IDS_SHOWN
    more = f" and {rest} more" if rest > 0 else ""
    return f"Default link: {default_id}\nOther links: {shown}{more}"


def _warn_unless_loopback(host: str) -> None:
    if not is_loopback(host):
        typer.echo(
            f"Warning: {host} is not a loopback address, so other machines may reach this Zoho. "
            "aiozcrm itself uses plain http for loopback addresses only.",
            err=True,
        )


async def _serve(zoho: FakeZoho) -> None:
    told = asyncio.Event()
    with on_stop_signal(told.set):
        await _start(zoho)
        try:
            _, *others = zoho.unsubscribe_links.ids
            typer.echo(export_lines(zoho.environ()))
            typer.echo(f"A local Zoho runs at {zoho.url}; Ctrl-C ends it.", err=True)
            typer.echo(link_lines(zoho.unsubscribe_links.default_id, others), err=True)
            for org in zoho.orgs[1:]:
                place = f"{zoho.url}/__fake__/orgs"
                typer.echo(f"Org {org.name}: its variables are at {place}.", err=True)
            await told.wait()
        finally:
            await zoho.close()
    calls = plural(zoho.stats.api_requests, "API call")
    typer.echo(f"Ended: {calls}, {plural(zoho.stats.tokens_made, 'token')} made.", err=True)


async def _start(zoho: FakeZoho) -> None:
    try:
        await zoho.start()
    except OSError as error:
        raise exit_with(f"Cannot listen there: {error.strerror}.", ExitCode.FAILED) from None
