"""What can be wrong with a profile, each looked at in turn."""

from __future__ import annotations

import asyncio
import email.utils
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import Final, Literal, NamedTuple

import attrs

from aiozcrm import Credentials, ZohoCRM
from aiozcrm._http import AiohttpSender
from aiozcrm._protocol import (
    Request,
    Response,
    Sender,
    read_token_answer,
)
from aiozcrm.cli._exits import ExitCode, describe, exit_code_for
from aiozcrm.cli._words import duration, listed, plural
from aiozcrm.cli.profiles._clients import client_for
from aiozcrm.cli.profiles._profiles import Profile, Profiles
from aiozcrm.datacenters import DATA_CENTERS
from aiozcrm.errors import (
    ClientRejectedError,
    PermissionDeniedError,
    TokenEndpointError,
    TokenError,
    TokenThrottledError,
    TransportError,
    ZohoError,
)
from aiozcrm.events import Event, TokenRefreshed, TokenRefreshFailed, TokenStoreFailed
from aiozcrm.timeouts import Timeouts

__all__ = ["Check", "Verdict", "check_environment", "check_files", "check_profile"]

Verdict = Literal["good", "look", "wrong"]

#: How many seconds this machine's clock may be off. Moments are shared with other processes.
_CLOCK_TOLERANCE: Final = 30.0

_CREDITS: Final = "X-API-CREDITS-REMAINING"

_TIMEOUTS: Final = Timeouts(connect=5, request=15, call=45)

#: What of a scope says that it is about links, and what commands do with those.
_LINKS: Final = "ZohoCRM.settings.unsubscribe"
_OPERATIONS: Final = ("read", "create", "update", "delete")

#: All variables that are read.
_VARIABLES: Final = frozenset(f"ZOHO_{field.name.upper()}" for field in attrs.fields(Credentials))


class Check(NamedTuple):
    """What was found out.

    Attributes:
        about: What was looked at.
        verdict: Whether it is as it should be, worth a look, or wrong.
        found: What was found, in a sentence.
        code: How a command ends that finds this.
    """

    about: str
    verdict: Verdict
    found: str
    code: ExitCode = ExitCode.DONE


def _wrong(about: str, error: ZohoError) -> Check:
    return Check(about, "wrong", describe(error), exit_code_for(error))


# ---- this machine ------------------------------------------------------------------------------


def check_environment(environ: Mapping[str, str] | None = None) -> Iterator[Check]:
    """Look at the versions, and at the environment variables."""
    environ = os.environ if environ is None else environ
    yield Check(
        "versions",
        "good",
        f"aiozcrm {version('aiozcrm')}, aiohttp {version('aiohttp')}, "
        f"Python {platform.python_version()}.",
    )
    present = sorted(name for name in environ if name.startswith("ZOHO_"))
    unknown = [name for name in present if name not in _VARIABLES]
    if unknown:
        yield Check(
            "variables",
            "look",
            f"{listed(unknown)} is not read; what is read: {listed(sorted(_VARIABLES))}.",
        )
    known = [name for name in present if name in _VARIABLES]
    if environ.get("ZOHO_CLIENT_ID"):
        yield Check(
            "variables",
            "good",
            f"{listed(known)} is set; without --profile, commands use the environment.",
        )
    elif known:
        yield Check(
            "variables",
            "look",
            f"{listed(known)} is set, but not ZOHO_CLIENT_ID: commands use profiles.",
        )


def check_files(profiles: Profiles) -> Iterator[Check]:
    """Look at the files of the profiles and of the access tokens."""
    try:
        names = profiles.names()
    except (ZohoError, OSError) as error:
        yield Check("profiles", "wrong", str(error), ExitCode.USAGE)
    else:
        yield Check("profiles", "good", f"{profiles.path}: {listed(names)}.")
    try:
        profiles.token_store()
    except (ZohoError, OSError) as error:
        yield Check("tokens", "wrong", str(error), ExitCode.USAGE)
    else:
        there = "" if profiles.tokens_path.exists() else " (not there yet)"
        yield Check("tokens", "good", f"{profiles.tokens_path}{there}.")


# ---- one org -----------------------------------------------------------------------------------


class _Listener:
    """Sends requests, and remembers what the answers tell beside their bodies."""

    def __init__(self, sender: Sender, wall: Callable[[], float]) -> None:
        self._sender = sender
        self._wall = wall
        self.credits: str | None = None
        self.seconds_ahead: float | None = None

    async def send(self, request: Request) -> Response:
        """Send *request* and listen."""
        response = await self._sender.send(request)
        self.credits = response.headers.get(_CREDITS, self.credits)
        moment = email.utils.parsedate_tz(response.headers.get("Date"))
        if moment:
            self.seconds_ahead = self._wall() - email.utils.mktime_tz(moment)
        return response


async def check_profile(
    profile: Profile,
    profiles: Profiles,
    *,
    sender: Sender | None = None,
    wall: Callable[[], float] = time.time,
) -> list[Check]:
    """Look at the token, the org, the links, the scopes, the clock and the credits.

    Args:
        profile: Whose org to ask.
        profiles: Knows where access tokens are kept.
        sender: Sends in aiohttp's place, for tests.
        wall: Tells the time in seconds since 1970.
    """
    http = AiohttpSender(timeouts=_TIMEOUTS, connections=1)
    listener = _Listener(sender or http, wall)
    events: list[Event] = []
    try:
        async with client_for(
            profile, profiles, timeout=_TIMEOUTS, sender=listener, on_event=events.append
        ) as zoho:
            checks = await _check_calls(zoho, events)
        # Nothing else that can go wrong with a token says anything about the place.
        if any(_is_client_rejected(event) for event in events):
            checks += await _check_other_data_centers(profile.credentials, listener)
    finally:
        await http.close()
    return [*checks, *_check_store(events), *_check_scopes(profile), *_check_answers(listener)]


async def _check_calls(zoho: ZohoCRM, events: list[Event]) -> list[Check]:
    checks = []
    try:
        org = await zoho.org.get()
    except TokenError as error:
        return [_wrong("token", error)]
    except PermissionDeniedError as error:
        # The links may be allowed all the same.
        checks.append(Check("org", "look", f"Its name is not known. {describe(error)}"))
    except ZohoError as error:
        return [_wrong("org", error)]
    else:
        kind = (org.type or "environment not told").lower()
        checks.append(Check("org", "good", f"{org.company_name or org.id}, {kind}."))
    checks.insert(0, Check("token", "good", _origin_of_token(events)))
    try:
        links = await zoho.unsubscribe_links.list()
    except ZohoError as error:
        return [*checks, _wrong("links", error)]
    return [*checks, Check("links", "good", f"{plural(len(links), 'unsubscribe link')}.")]


def _origin_of_token(events: list[Event]) -> str:
    refreshed = next(event for event in events if isinstance(event, TokenRefreshed))
    if refreshed.from_store:
        return f"Kept by an earlier command, good for {duration(refreshed.lifetime)}."
    return f"Made now, good for {duration(refreshed.lifetime)}."


def _is_client_rejected(event: Event) -> bool:
    return isinstance(event, TokenRefreshFailed) and isinstance(event.error, ClientRejectedError)


async def _check_other_data_centers(credentials: Credentials, sender: Sender) -> list[Check]:
    """Look where the client is known, if it is not where the profile says."""
    if credentials.accounts_url:
        return []
    others = [code for code in DATA_CENTERS if code != credentials.data_center]
    found = await asyncio.gather(*(_knows(credentials, code, sender) for code in others))
    knowing: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for code, knows in zip(others, found, strict=True):
        knowing[knows].append(code)
    fitting, silent = knowing[True], knowing[None]
    unknown = f" No answer from: {listed(silent)}." if silent else ""
    if not fitting:
        known = "No other data centre knows this client, either."
        return [Check("data centre", "look", f"{known if knowing[False] else ''}{unknown}".strip())]
    return [
        Check(
            "data centre",
            "wrong",
            f"The client is known in: {listed(fitting)}. If the org lives there: "
            f"aiozcrm login --data-center {fitting[0]}, or ZOHO_DATA_CENTER={fitting[0]}.{unknown}",
            ExitCode.CREDENTIALS,
        )
    ]


async def _knows(credentials: Credentials, code: str, sender: Sender) -> bool | None:
    """Return whether the accounts server of a data centre knows the client, None if unknown."""
    request = attrs.evolve(credentials, data_center=code).token_request()
    try:
        read_token_answer(request, await sender.send(request))
    except ClientRejectedError:
        return False
    except (TokenEndpointError, TokenThrottledError, TransportError):
        return None
    except TokenError:
        # It found something to say against the refresh token, after it had found the client.
        return True
    return True


def _check_store(events: Iterable[Event]) -> Iterator[Check]:
    """Look whether the next command will find the token of this one."""
    failure = next((event for event in events if isinstance(event, TokenStoreFailed)), None)
    if failure:
        yield Check(
            "tokens",
            "look",
            f"Cannot be shared ({failure.step}: {failure.error}), so each command makes its own, "
            f"of which there are few.",
        )


def _check_scopes(profile: Profile) -> Iterator[Check]:
    if not profile.scopes:
        return
    missing = [operation for operation in _OPERATIONS if not _covers(profile.scopes, operation)]
    said = f"Authorized for {listed(profile.scopes)}."
    if missing:
        yield Check(
            "scopes",
            "look",
            f"{said} Links cannot be used to {listed(missing)}: log in again with "
            f"--scope {_LINKS}.ALL.",
        )
    else:
        yield Check("scopes", "good", said)


def _covers(scopes: Iterable[str], operation: str) -> bool:
    return not {f"{_LINKS}.ALL", f"{_LINKS}.{operation.upper()}"}.isdisjoint(scopes)


def _check_answers(listener: _Listener) -> Iterator[Check]:
    """Look at what every answer tells."""
    if listener.seconds_ahead is not None:
        off = abs(listener.seconds_ahead)
        side = "ahead of" if listener.seconds_ahead > 0 else "behind"
        if off > _CLOCK_TOLERANCE:
            yield Check(
                "clock",
                "look",
                f"This machine's clock is {duration(off)} {side} Zoho's: processes that share "
                f"tokens misjudge their ends. Set it by NTP.",
            )
        else:
            yield Check("clock", "good", f"Within {_CLOCK_TOLERANCE:.0f} s of Zoho's.")
    if listener.credits is not None:
        verdict: Verdict = "good" if listener.credits.strip("0") else "look"
        yield Check("credits", verdict, f"{listener.credits} API credits left for today.")
