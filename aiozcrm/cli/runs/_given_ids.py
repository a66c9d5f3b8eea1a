"""Options that give ids, and whose those ids are."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import attrs
import typer

from aiozcrm.cli._paths import expanded
from aiozcrm.cli._words import plural, printable
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.cli.runs._id_files import (
    ARGUMENT,
    STDIN,
    GivenId,
    looks_rounded,
    read_arguments,
    read_file,
    rounded_error,
)
from aiozcrm.errors import InvalidInputError

__all__ = ["IdOptions", "RecordIdsArgument"]

RecordIdsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="ID", help="Ids of records.", show_default=False)
]

#: How many duplicates are worth naming.
_EXAMPLES: Final = 3


@attrs.frozen(kw_only=True)
class IdOptions:
    """Where a command reads ids, beside its arguments.

    Attributes:
        source: The file, as it was given; ``-`` is standard input, None for none.
        column: The column or key of that file.
    """

    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Read ids from a file: text, CSV, JSON or JSON Lines; - is standard input.",
            show_default=False,
        ),
    ] = None
    column: Annotated[
        str, typer.Option(metavar="NAME", help="The column or key of that file that holds the ids.")
    ] = "id"

    @property
    def file(self) -> Path | None:
        """The path of the file; None for none, and for standard input."""
        return None if self.source in {None, STDIN} else expanded(Path(self.source))

    def by_profile(
        self,
        ids: Sequence[str] | None,
        names: Sequence[str] | None,
        *,
        every: bool,
        profiles: Profiles,
    ) -> Mapping[str, Sequence[str]]:
        """Return the ids that were given for the org of each profile, in their order.

        Duplicates are left out; a message on stderr counts them.

        Args:
            ids: The ids that were given as arguments; those of the file come after them.
            names: The profiles that were named.
            every: Whether all profiles are meant.
            profiles: Knows which profiles there are.

        Raises:
            aiozcrm.errors.InvalidInputError: If there is no id, or it is not clear whose one is.
            aiozcrm.errors.ConfigurationError: If a profile cannot be used.
        """
        read = read_file(self.file or STDIN, column=self.column) if self.source else ()
        given = itertools.chain(read_arguments(ids or ()), read)
        return _by_profile(given, names or (), every=every, profiles=profiles)


def _by_profile(
    given: Iterable[GivenId], names: Sequence[str], *, every: bool, profiles: Profiles
) -> Mapping[str, Sequence[str]]:
    only = names[0] if len(set(names)) == 1 and not every else None
    found: dict[str | None, dict[str, None]] = {}
    firsts: dict[str | None, GivenId] = {}
    duplicates = _Duplicates()
    for one in given:
        name = one.profile or only
        if name not in found:
            found[name], firsts[name] = {}, one
        ids = found[name]
        if one.id in ids:
            duplicates.note(one)
        else:
            ids[one.id] = None
    if not found:
        raise InvalidInputError("There is no id.", hint="Give ids, or a file with --from.")
    named = sorted(filter(None, found))
    allowed = profiles.choose(names, every=every) if names or every or not named else named
    _check_owners(firsts, allowed, every=every)
    if ids := found.pop(None, {}):
        # Without a profile beside them, they belong to the only one there is.
        others = found.get(allowed[0], {})
        for one_id in ids.keys() & others.keys():
            duplicates.note(firsts[None]._replace(id=one_id))
        found[allowed[0]] = ids | others
    duplicates.report()
    if not every:
        # One wrong name among those that were given stops the command before it begins.
        profiles.select(list(filter(None, found)))
    return {name: tuple(ids) for name, ids in found.items() if name}


def _check_owners(
    firsts: Mapping[str | None, GivenId],
    allowed: Sequence[str],
    *,
    every: bool,
) -> None:
    """Check that it is clear which org each id belongs to.

    Args:
        firsts: The first id that was given for each profile, and without one.
        allowed: The profiles that were chosen.
        every: Whether all profiles are meant.
    """
    for name, first in firsts.items():
        if name is None and (len(allowed) != 1 or every):
            raise InvalidInputError(
                f"{first.place}: nothing says which org {first.id} belongs to.",
                hint="Give one --profile, or a file with a column 'profile'.",
            )
        if name is not None and name not in allowed:
            raise InvalidInputError(
                f"{first.place}: profile {name!r} is not among those that were chosen.",
                hint="Name it with --profile, or leave --profile out.",
            )


class _Duplicates:
    """The ids that were given more than once."""

    def __init__(self) -> None:
        self._count = 0
        self._rounded = 0
        self._first_rounded: GivenId | None = None
        self._examples: list[GivenId] = []

    def note(self, one: GivenId) -> None:
        """Count one more."""
        self._count += 1
        if len(self._examples) < _EXAMPLES:
            self._examples.append(one)
        if one.source != ARGUMENT and looks_rounded(one.id):
            self._rounded += 1
            self._first_rounded = self._first_rounded or one

    def report(self) -> None:
        """Write to stderr how many there are.

        Raises:
            aiozcrm.errors.InvalidInputError: If it seems that different ids became one.
        """
        if self._first_rounded and 2 * self._rounded > self._count:
            raise rounded_error(
                self._first_rounded,
                f"{plural(self._rounded, 'row')} became the same id as an earlier one",
            )
        if self._count:
            shown = ", ".join(f"{one.id} ({one.place})" for one in self._examples)
            more = ", ..." if self._count > _EXAMPLES else ""
            told = f"{plural(self._count, 'duplicate')} left out: {shown}{more}"
            typer.echo(printable(told), err=True)
