"""Work for one org, or for several at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

import attrs

from aiozcrm import ZohoCRM
from aiozcrm.cli._exits import (
    ExitCode,
    describe,
    exit_code_for,
    log_traceback,
    run,
    say_error,
    worst_of,
)
from aiozcrm.cli._output import facts_of, print_lines, print_table
from aiozcrm.cli.profiles._clients import client_for
from aiozcrm.cli.profiles._modules import naming_module
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.errors import ZohoError

__all__ = ["ORGS_AT_ONCE", "Answers", "ask_org", "ask_orgs", "read_org", "show_answers"]

_T = TypeVar("_T")
_Work = Callable[[ZohoCRM], Awaitable[_T]]

#: How many orgs are worked for at the same time. Each has limits of its own at Zoho; this one is
#: for the sake of this machine.
ORGS_AT_ONCE: Final = 10


@attrs.frozen(kw_only=True)
class Answers(Generic[_T]):
    """The results of several orgs.

    Attributes:
        by_profile: By the name of the profile, in its order, without those that failed.
        exit_code: The exit code of the command.
        several: Whether several orgs were asked, so that each result has to name its org.
    """

    by_profile: Mapping[str, _T]
    exit_code: ExitCode = ExitCode.DONE
    several: bool = False


class OrgFacts(NamedTuple):
    """What tells one org from another.

    Attributes:
        id: Its id; None where Zoho does not tell it.
        name: Its name, likewise.
        environment: Its environment, likewise.
    """

    id: str | None
    name: str | None
    environment: str | None


async def read_org(zoho: ZohoCRM) -> OrgFacts:
    """Return which org a client works for.

    Raises:
        aiozcrm.errors.ZohoError: If the call failed; the class says why.
    """
    org = await zoho.org.get()
    # Zoho sends what it likes: another type than text is nothing that could be shown.
    told = {name: value for name, value in org.items() if value and isinstance(value, str)}
    return OrgFacts(
        id=told.get("zgid") or told.get("id"),
        name=told.get("company_name"),
        environment=told.get("type"),
    )


def ask_org(work: _Work[_T], profile: str | None, *, module: str | None = None) -> _T:
    """Return the result of *work* for the org of a profile; None is the default profile.

    Args:
        work: Called with the client of the org.
        profile: The profile.
        module: The module that it is about, for errors; None for none.
    """
    answers = ask_orgs(work, [] if profile is None else [profile], module=module)
    (answer,) = answers.by_profile.values()
    return answer


def ask_orgs(
    work: _Work[_T],
    names: Sequence[str] | None,
    *,
    every: bool = False,
    module: str | None = None,
) -> Answers[_T]:
    """Return the results of *work* for the org of each profile; all run at the same time.

    An error of one does not stop the others: it is written to stderr. If there is only one, its
    error ends the command.

    Args:
        work: Called with the client of each org.
        names: The profiles that were named.
        every: Whether to ask the orgs of all profiles.
        module: The module that it is about, for errors; None for none.
    """

    async def named(zoho: ZohoCRM) -> _T:
        async with naming_module(zoho, module):
            return await work(zoho)

    return run(_ask_orgs(named, names or (), every))


async def _ask_orgs(work: _Work[_T], names: Sequence[str], every: bool) -> Answers[_T]:
    profiles = Profiles.of_user()
    chosen = profiles.choose(names, every=every)
    if not every and len(chosen) == 1:
        return Answers(by_profile={chosen[0]: await _ask(work, chosen[0], profiles)})
    slots = asyncio.Semaphore(ORGS_AT_ONCE)
    answers: dict[str, _T] = {}
    errors: dict[str, ZohoError | OSError] = {}

    async def attempt(name: str) -> None:
        async with slots:
            try:
                answers[name] = await _ask(work, name, profiles)
            except (ZohoError, OSError) as error:
                errors[name] = error

    async with asyncio.TaskGroup() as group:
        for name in chosen:
            group.create_task(attempt(name))
    for name in sorted(errors, key=chosen.index):
        log_traceback(name, errors[name])
        say_error(f"{name}: {describe(errors[name])}")
    return Answers(
        by_profile={name: answers[name] for name in chosen if name in answers},
        exit_code=worst_of(map(exit_code_for, errors.values())),
        several=True,
    )


async def _ask(work: _Work[_T], name: str, profiles: Profiles) -> _T:
    async with client_for(profiles.load(name), profiles) as zoho:
        return await work(zoho)


def show_answers(
    answers: Answers[Sequence[_T]],
    *,
    columns: Sequence[str],
    rows_of: Callable[[_T], Iterable[Sequence[object]]],
    facts: Callable[[_T], Mapping[str, Any]] = facts_of,
    as_json: bool,
) -> None:
    """Write the results of orgs, org by org; if there are several, each row names its profile.

    Args:
        answers: What there is in each org.
        columns: The heads of the table.
        rows_of: Returns the rows of the table for one of those.
        facts: Returns it for programs.
        as_json: Whether programs are to read it.
    """
    found = [(name, item) for name, items in answers.by_profile.items() for item in items]
    if as_json:
        print_lines(
            {**({"profile": name} if answers.several else {}), **facts(item)}
            for name, item in found
        )
        return
    rows = [(name, *row) for name, item in found for row in rows_of(item)]
    first = 0 if answers.several else 1
    if rows:
        print_table(("Profile", *columns)[first:], (row[first:] for row in rows))
