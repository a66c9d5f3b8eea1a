"""Checks of a machine and of a profile."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

import attrs

from aiozcrm import Credentials, OAuthClient, Sender, ZohoCRM, __version__
from aiozcrm.cli._exits import ExitCode, describe, exit_code_for
from aiozcrm.cli._help import version_of
from aiozcrm.cli._words import duration, listed, plural
from aiozcrm.cli.profiles._clients import client_for, proxy_for
from aiozcrm.cli.profiles._orgs import read_org
from aiozcrm.cli.profiles._profiles import Profile, Profiles
from aiozcrm.cli.profiles._scopes import (
    FOR_ALL,
    NEEDS,
    RECORD_COMMANDS,
    RECORD_SCOPES,
    SCOPES,
    lacking,
)
from aiozcrm.datacenters import DATA_CENTERS
from aiozcrm.errors import (
    ClientRejectedError,
    PermissionDeniedError,
    TokenEndpointError,
    TokenError,
    TokenThrottledError,
    ZohoError,
)
from aiozcrm.events import Event, TokenRefreshed, TokenRefreshFailed, TokenStoreFailed
from aiozcrm.timeouts import Timeouts

__all__ = ["Check", "Verdict", "check_environment", "check_files", "check_profile"]

Verdict = Literal["good", "look", "wrong"]

#: How many seconds this machine's clock may be off. Moments are shared with other processes.
_CLOCK_TOLERANCE: Final = 30.0

_TIMEOUTS: Final = Timeouts(connect=5, request=15, call=45)

#: All variables that are read, and those that credentials cannot do without.
_VARIABLES: Final = frozenset(f"ZOHO_{field.name.upper()}" for field in attrs.fields(Credentials))
_NEEDED: Final = ("ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN")

#: Stands for secrets where none may be sent.
_MADE_UP: Final = "made-up-by-aiozcrm-doctor"


class Check(NamedTuple):
    """The result of a check.

    Attributes:
        about: What was checked.
        verdict: Whether it is as it should be, worth a look, or wrong.
        found: What was found, in a sentence.
        code: The exit code of a command that finds this.
    """

    about: str
    verdict: Verdict
    found: str
    code: ExitCode = ExitCode.DONE


def _wrong(about: str, error: ZohoError) -> Check:
    return Check(about, "wrong", describe(error), exit_code_for(error))


def check_environment(environ: Mapping[str, str] | None = None) -> Iterator[Check]:
    """Check the versions and the environment variables."""
    environ = os.environ if environ is None else environ
    yield Check(
        "versions",
        "good",
        f"aiozcrm {__version__}, aiohttp {version_of('aiohttp')}, "
        f"Python {platform.python_version()}.",
    )
    present = sorted(name for name in environ if name.startswith("ZOHO_"))
    if unknown := [name for name in present if name not in _VARIABLES]:
        known = listed(sorted(_VARIABLES))
        yield Check("variables", "look", f"Not used: {listed(unknown)}. These would be: {known}.")
    known_set = [name for name in present if environ[name] and name in _VARIABLES]
    missing = [name for name in _NEEDED if not environ.get(name)]
    if not known_set:
        return
    told = f"Set: {listed(known_set)}."
    if "ZOHO_CLIENT_ID" in missing:
        yield Check("variables", "look", f"{told} Without ZOHO_CLIENT_ID, commands use profiles.")
    elif missing:
        yield Check(
            "variables",
            "wrong",
            f"{told} {listed(missing)} must be set as well for commands to use them.",
            ExitCode.USAGE,
        )
    else:
        yield Check("variables", "good", f"{told} Commands without --profile use them.")


def check_files(profiles: Profiles, *, needed: bool) -> Iterator[Check]:
    """Check the files of the profiles and of the access tokens.

    Args:
        profiles: Knows where they are.
        needed: Whether a profile is going to be used.
    """
    try:
        names = profiles.names()
    except (ZohoError, OSError) as error:
        verdict: Verdict = "wrong" if needed else "look"
        yield Check("profiles", verdict, str(error), ExitCode.USAGE if needed else ExitCode.DONE)
    else:
        yield Check("profiles", "good", f"{profiles.path}: {listed(names)}.")
    try:
        profiles.check_tokens()
    except (ZohoError, OSError) as error:
        # Commands work without tokens of earlier commands.
        yield Check("tokens", "look", f"{error} Commands make new ones instead.")
    else:
        there = "" if profiles.tokens_path.exists() else " (not there yet)"
        yield Check("tokens", "good", f"{profiles.tokens_path}{there}.")


async def check_profile(
    profile: Profile,
    profiles: Profiles,
    *,
    sender: Sender | None = None,
    wall: Callable[[], float] = time.time,
) -> list[Check]:
    """Check the token, the org, the links, the scopes, the clock and the credits.

    Args:
        profile: The profile.
        profiles: Knows where access tokens are kept.
        sender: Sends in aiohttp's place, for tests.
        wall: Tells the time in seconds since 1970.
    """
    events: list[Event] = []
    async with client_for(
        profile, profiles, timeout=_TIMEOUTS, sender=sender, on_event=events.append
    ) as zoho:
        checks = await _check_calls(zoho, events)
        said = [*_check_clock(zoho, wall), *_check_credits(zoho)]
    # No other error says anything about the data centre.
    failures = (event.error for event in events if isinstance(event, TokenRefreshFailed))
    if any(isinstance(error, ClientRejectedError) for error in failures):
        checks += await _check_other_data_centers(profile.credentials, sender)
    return [*checks, *_check_store(events), *_check_scopes(profile), *said]


async def _check_calls(zoho: ZohoCRM, events: list[Event]) -> list[Check]:
    checks = []
    try:
        org = await read_org(zoho)
    except TokenError as error:
        return [_wrong("token", error)]
    except PermissionDeniedError as error:
        # Links may still be allowed.
        checks.append(Check("org", "look", f"Its name cannot be read. {describe(error)}"))
    except ZohoError as error:
        return [_wrong("org", error)]
    else:
        environment = (org.environment or "environment unknown").lower()
        checks.append(Check("org", "good", f"{org.name or org.id}, {environment}."))
    token = next(event for event in events if isinstance(event, TokenRefreshed))
    origin = "Kept by an earlier command" if token.from_store else "Made now"
    told = f"{origin}, good for {duration(token.lifetime)}."
    checks.insert(0, Check("token", "good", told))
    try:
        links = await zoho.unsubscribe_links.list()
    except ZohoError as error:
        return [*checks, _wrong("links", error)]
    return [*checks, Check("links", "good", f"{plural(len(links), 'unsubscribe link')}.")]


async def _check_other_data_centers(
    credentials: Credentials, sender: Sender | None
) -> Iterable[Check]:
    """Find out in which other data centre the client is registered.

    Only the client id is sent, which is no secret.
    """
    if credentials.accounts_url:
        return []
    others = [code for code in DATA_CENTERS if code != credentials.data_center]
    found = await asyncio.gather(*(_knows(credentials.client_id, code, sender) for code in others))
    by_answer: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for code, knows in zip(others, found, strict=True):
        by_answer[knows].append(code)
    silent = f" No answer from: {listed(by_answer[None])}." if by_answer[None] else ""
    if not by_answer[True]:
        known = "No other data centre knows this client id." if by_answer[False] else ""
        return [Check("data centre", "look", f"{known}{silent}".strip())]
    first = by_answer[True][0]
    return [
        Check(
            "data centre",
            "wrong",
            f"The client id is known in: {listed(by_answer[True])}. If the org lives there: "
            f"aiozcrm login --data-center {first}, or ZOHO_DATA_CENTER={first}.{silent}",
            ExitCode.CREDENTIALS,
        )
    ]


async def _knows(client_id: str, code: str, sender: Sender | None) -> bool | None:
    """Return whether the accounts server of a data centre knows a client, None if unknown."""
    client = OAuthClient(client_id=client_id, client_secret=_MADE_UP, data_center=code)
    client = attrs.evolve(client, proxy=proxy_for(client))
    try:
        await client.exchange_code(_MADE_UP, sender=sender, timeout=_TIMEOUTS.request)
    except ClientRejectedError as error:
        # Only of a client that it knows can it say that the secret is wrong.
        return "secret" in error.message
    except (TokenEndpointError, TokenThrottledError):
        return None
    except TokenError:
        # It rejected the code, so it had found the client.
        return True
    return True


def _check_store(events: Iterable[Event]) -> Iterator[Check]:
    """Check whether the next command will find the token of this one."""
    failure = next((event for event in events if isinstance(event, TokenStoreFailed)), None)
    if failure:
        yield Check(
            "tokens",
            "look",
            f"They cannot be kept ({failure.step}: {failure.error}), so each command makes one; "
            "Zoho allows ten in ten minutes.",
        )


def _check_scopes(profile: Profile) -> Iterator[Check]:
    if not profile.scopes:
        yield Check(
            "scopes",
            "good",
            f"Zoho does not say which ones these have. Links commands need: {listed(SCOPES)}; "
            f"{RECORD_COMMANDS}: {listed(RECORD_SCOPES)}.",
        )
        return
    told = f"Authorized for: {listed(profile.scopes)}."
    missing = {
        need.noun: operations for need in NEEDS if (operations := need.missing(profile.scopes))
    }
    if missing:
        lacks = "; ".join(f"{noun}: {listed(operations)}" for noun, operations in missing.items())
        yield Check(
            "scopes",
            "look",
            f"{told} Not allowed: {lacks}. To allow it: aiozcrm login --profile {profile.name}",
        )
    elif more := lacking(RECORD_SCOPES, profile.scopes):
        # Whoever only cleans up links needs no more.
        yield Check(
            "scopes",
            "good",
            f"{told} For all modules, {RECORD_COMMANDS} need these, too: {listed(more)}. To allow "
            f"them: aiozcrm login --profile {profile.name} --for {FOR_ALL}",
        )
    else:
        yield Check("scopes", "good", told)


def _check_clock(zoho: ZohoCRM, wall: Callable[[], float]) -> Iterator[Check]:
    moment = zoho.server_time
    if moment is None:
        return
    ahead = wall() - moment
    if abs(ahead) > _CLOCK_TOLERANCE:
        side = "ahead of" if ahead > 0 else "behind"
        yield Check(
            "clock",
            "look",
            f"This machine's clock is {duration(abs(ahead))} {side} Zoho's, so machines that share "
            "tokens misjudge when they end. Set the clock, for example by NTP.",
        )
    else:
        yield Check("clock", "good", f"Within {_CLOCK_TOLERANCE:.0f} s of Zoho's.")


def _check_credits(zoho: ZohoCRM) -> Iterator[Check]:
    left = zoho.credits_left
    if left is not None:
        yield Check("credits", "good" if left else "look", f"{left} API credits left for today.")
    elif zoho.server_time is not None:
        told = "At least half of today's are left; Zoho tells the number below half."
        yield Check("credits", "good", told)
