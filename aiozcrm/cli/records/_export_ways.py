"""The ways in which an export can read a module, and what each costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, Literal, get_args

import attrs

from aiozcrm.cli._words import duration, listed, plural
from aiozcrm.errors import InvalidInputError

__all__ = ["ONLY_IN_FULL", "Source", "Via", "Way", "check_condition"]

#: How rows are read.
Via = Literal["list", "coql", "bulk-read"]

#: Types of fields that Zoho shows only where a record is read by itself.
#: https://www.zoho.com/crm/developer/docs/api/v7/get-records.html
ONLY_IN_FULL: Final = frozenset({"subform", "multiselectlookup", "multiuserlookup"})

#: Types of fields that neither queries nor files of bulk reads can hold.
_FILES: Final = ONLY_IN_FULL | {"fileupload", "imageupload"}

#: What each way cannot read at all.
_UNREADABLE: Final[Mapping[Via, frozenset[str]]] = {
    "list": frozenset(),
    "coql": _FILES | {"layout"},
    "bulk-read": _FILES,
}

#: How many fields each takes at most; a list takes more by more calls.
_MOST_FIELDS: Final[Mapping[Via, float]] = {"list": math.inf, "coql": 500, "bulk-read": 200}

#: https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/limitations.html
_NOT_IN_BULK: Final = frozenset({"Notes", "Attachments", "Emails"})

#: Where a list ends that is to have converted and unapproved records, too.
_END_OF_LIST: Final = 100_000

# https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html has the prices. Most calls cost
# one credit; a query for more than 1,000 rows costs three, and the start of a bulk read fifty.
_ROWS_A_PAGE: Final = 200
_IDS_A_CALL: Final = 100
_FIELDS_A_CALL: Final = 50
_ROWS_A_QUERY: Final = 2_000
_CREDITS_A_QUERY: Final = 3
_ROWS_A_JOB: Final = 200_000
_CREDITS_A_START: Final = 50
#: About as many calls ask for the state of a job and fetch its file.
_CALLS_A_JOB: Final = 8

# How long they take, in seconds: what is usual at Zoho, to compare ways and to know whether to
# wait. A job waits for its turn.
_SECONDS_A_CALL: Final = 0.5
_SECONDS_A_QUERY: Final = 1.0
_SECONDS_A_JOB: Final = 60.0
_FILE_ROWS_A_SECOND: Final = 20_000


@attrs.frozen(kw_only=True)
class Way:
    """A way to read rows, and what it costs.

    Attributes:
        via: What it is called.
        credits: How many API credits it costs.
        seconds: How long it takes.
        made_of: What it consists of, for people.
    """

    via: Via
    credits: int
    seconds: float
    made_of: str


@attrs.frozen(kw_only=True)
class Source:
    """What an export reads.

    Attributes:
        module: The module.
        fields: The fields that become columns beside the id, by their API names.
        condition: Which rows, in COQL; None for all.
        rows: How many rows there are.
    """

    module: str
    fields: Mapping[str, Mapping[str, Any]]
    condition: str | None
    rows: int

    @property
    def in_full(self) -> bool:
        """Whether each record has to be read by a call of its own."""
        return bool(self.of_types(ONLY_IN_FULL))

    def of_types(self, types: Collection[str]) -> list[str]:
        """Return the fields that are of some types."""
        return [name for name, field in self.fields.items() if field.get("data_type") in types]

    def ways(self) -> list[Way]:
        """Return the ways that can read it: the fewest credits first, then the least time."""
        ways = [self.way(via) for via in get_args(Via) if not self.why_not(via)]
        return sorted(ways, key=lambda way: (way.credits, way.seconds))

    def why_not(self, via: Via) -> str:
        """Return why a way cannot read it; empty if it can."""
        if unreadable := self.of_types(_UNREADABLE[via]):
            return f"it cannot read {listed(unreadable)}"
        if len(self.fields) > _MOST_FIELDS[via]:
            return f"it takes {_MOST_FIELDS[via]} fields at most, and these are {len(self.fields)}"
        if self.condition is not None and via != "coql":
            return "--where is a condition of COQL"
        if via == "list" and self.rows > _END_OF_LIST:
            return f"a list ends at {_END_OF_LIST:,} records"
        if via == "bulk-read" and self.module in _NOT_IN_BULK:
            return f"Zoho has no bulk read of {self.module}"
        return ""

    def way(self, via: Via) -> Way:
        """Return what a way costs."""
        return _WAYS[via](self)

    def rest(self, rows: int) -> Way:
        """Return what it costs to go on with a bulk read that has read some rows."""
        way = _bulk_read(attrs.evolve(self, rows=max(self.rows - rows, 0)))
        return attrs.evolve(
            way, credits=way.credits - _CREDITS_A_START, made_of="the rest of what was started"
        )

    def chosen(self, via: Via | None) -> list[Way]:
        """Return the ways to try, the best first: the one that somebody named, or all that can.

        Raises:
            aiozcrm.errors.InvalidInputError: If there is none.
        """
        if via is None and (ways := self.ways()):
            return ways
        wanted = get_args(Via) if via is None else (via,)
        reasons = {each: self.why_not(each) for each in wanted}
        if not any(reasons.values()):
            return [self.way(each) for each in wanted]
        told = "; ".join(f"{each}: {reason}" for each, reason in reasons.items())
        raise InvalidInputError(
            f"{self.module} cannot be read in that way. {told}.",
            hint="Name other fields with --fields, or another way with --via.",
        )

    def summary(self, ways: Sequence[Way], *, place: object, named: bool) -> tuple[str, ...]:
        """Return the sentences of the plan.

        Args:
            ways: The ways to try.
            place: The file.
            named: Whether somebody named the way.
        """
        way, *others = ways
        why = "as --via says" if named else "the fewest credits"
        told = [
            f"Module: {self.module}, {plural(len(self.fields) + 1, 'column')}",
            f"Rows: about {self.rows:,}",
            f"Way: {way.via} ({why})",
            f"Credits: about {way.credits:,} ({way.made_of})",
            f"Time: about {duration(max(way.seconds, 1))}",
            f"File: {place}",
        ]
        if others:
            costs = (f"{other.via} {plural(other.credits, 'credit')}" for other in others)
            told.insert(4, f"Other ways: {listed(costs)}")
        return tuple(told)


def check_condition(text: str) -> None:
    """Check that a text can be nothing but one condition within brackets.

    Raises:
        aiozcrm.errors.InvalidInputError: If it ends the brackets or the query around it.
    """
    quote, depth, is_one = "", 0, True
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        else:
            depth += {"(": 1, ")": -1}.get(char, 0)
            is_one = is_one and depth >= 0 and char not in "{};"
    if quote or depth or not is_one or not text.strip():
        raise InvalidInputError(
            f"--where {text!r} is no condition of COQL.",
            hint="Give one such as \"Lead_Source = 'Web Download'\", with all quotes and brackets "
            "closed.",
        )


def _list(source: Source) -> Way:
    rows = source.rows
    pages = max(1, math.ceil(rows / _ROWS_A_PAGE))
    listed_fields = len(source.fields) - len(source.of_types(ONLY_IN_FULL))
    more_sets = max(0, math.ceil(listed_fields / _FIELDS_A_CALL) - 1)
    calls = pages + more_sets * math.ceil(rows / _IDS_A_CALL) + (rows if source.in_full else 0)
    made_of = f"{plural(calls, 'call')}, {plural(pages, 'page')} of up to {_ROWS_A_PAGE} rows"
    return Way(via="list", credits=calls, seconds=calls * _SECONDS_A_CALL, made_of=made_of)


def _coql(source: Source) -> Way:
    calls = max(1, math.ceil(source.rows / _ROWS_A_QUERY))
    queries = "query" if calls == 1 else "queries"
    return Way(
        via="coql",
        credits=calls * _CREDITS_A_QUERY,
        seconds=calls * _SECONDS_A_QUERY,
        made_of=f"{calls} {queries} of up to {_ROWS_A_QUERY:,} rows",
    )


def _bulk_read(source: Source) -> Way:
    jobs = max(1, math.ceil(source.rows / _ROWS_A_JOB))
    return Way(
        via="bulk-read",
        credits=jobs * (_CREDITS_A_START + _CALLS_A_JOB),
        seconds=jobs * _SECONDS_A_JOB + source.rows / _FILE_ROWS_A_SECOND,
        made_of=f"{plural(jobs, 'job')} of up to {_ROWS_A_JOB:,} rows",
    )


_WAYS: Final[Mapping[Via, Callable[[Source], Way]]] = {
    "list": _list,
    "coql": _coql,
    "bulk-read": _bulk_read,
}
