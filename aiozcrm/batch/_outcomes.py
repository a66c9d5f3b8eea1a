"""What became of each row, and of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeVar, cast, overload

import attr as attrs

from aiozcrm.errors import (
    AlreadyDoneError,
    InUseError,
    NotAllowedError,
    NotFoundError,
    ZohoError,
)

__all__ = [
    "GONE",
    "ONLY_ID",
    "BatchReport",
    "CompactDetails",
    "DetailColumns",
    "Outcome",
    "OutcomeKind",
    "OutcomeStatus",
    "RowDetails",
    "SharedDetails",
    "Successes",
    "details_of_alike",
    "kept_status",
    "report_of",
    "without_frames",
]

_E = TypeVar("_E", bound=BaseException)

OutcomeStatus = Literal[
    "created",
    "updated",
    "deleted",
    "linked",
    "done",
    "already_gone",
    "protected",
    "not_found",
    "failed",
    "in_doubt",
    "not_attempted",
]

OutcomeKind = Literal["done", "kept", "failed", "in_doubt", "not_attempted"]

_KINDS: Final[Mapping[str, OutcomeKind]] = {
    "created": "done",
    "updated": "done",
    "deleted": "done",
    "linked": "done",
    "done": "done",
    "already_gone": "done",
    "not_found": "kept",
    "protected": "kept",
    "failed": "failed",
    "in_doubt": "in_doubt",
    "not_attempted": "not_attempted",
}

#: The errors of a delete that say: it is not there.
GONE: Final = (AlreadyDoneError, NotFoundError)

#: The kinds that leave something to be done.
_UNFINISHED: Final = frozenset({"failed", "in_doubt", "not_attempted"})


#: The keys of details and their values; an id of None is that of the outcome.
CompactDetails = tuple[tuple[str, ...], tuple[Any, ...]]

#: The details of a record, as Zoho sent them or compact.
Details = Mapping[str, Any] | CompactDetails

#: The details of an answer that names the record and nothing else.
ONLY_ID: Final[CompactDetails] = (("id",), (None,))


# Without room for weak references, since a report may hold millions.
@attrs.frozen(weakref_slot=False)
class Outcome:
    """What became of one input.

    Decide by ``kind``, which has five values; ``status`` says it in the words of the verb.

    Attributes:
        id: The id of the record, as far as it is known.
        status: ``created``, ``updated``, ``deleted``, ``linked``, ``done``: a success was seen.
            ``already_gone``: the record to delete is not there, and an earlier send of this call,
            whose answer was lost, has probably removed it. ``not_found``: the record to delete is
            not part of the org, or deleted already. ``protected``: it was kept, because the org
            does not allow its deletion, as for the Default link, or because it is in use.
            ``failed``: it surely did not happen: Zoho rejected it, no send has reached Zoho, or the
            input was not valid. ``in_doubt``: it may have happened: answers were lost, or told of a
            server error, or the deadline or a cancellation came first. ``not_attempted``: nothing
            was sent, because the batch had stopped, or because there was no token.
        attempts: How many times the request was sent.
        error: Why it was not done; None for ``done``.
        index: The place of the input, from 0; None outside of a batch.
    """

    id: str
    status: OutcomeStatus
    attempts: int
    error: Exception | None = None
    index: int | None = attrs.field(default=None, eq=False)
    _details: Details | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def kind(self) -> OutcomeKind:
        """What the status means, whatever the verb.

        ``done``; ``kept`` (``protected``, or ``not_found`` by a delete); ``failed``;
        ``in_doubt``; or ``not_attempted``.
        """
        return _KINDS.get(self.status, "in_doubt")

    @property
    def details(self) -> Mapping[str, Any]:
        """What Zoho sent about the record; empty where it sent nothing."""
        if not isinstance(self._details, tuple):
            return self._details or {}
        details = dict(zip(*self._details, strict=True))
        if details.get("id", "") is None:
            details["id"] = self.id
        return details


class SharedDetails:
    """Keeps once what Zoho tells alike of many records, such as who wrote them and when.

    Each record is compared with the one before it alone.
    """

    def __init__(self) -> None:
        self._told: dict[str, Any] = {}
        self._shared = ONLY_ID

    def of(self, details: Mapping[str, Any], own: str) -> CompactDetails:
        """Return the details of a record.

        Args:
            details: What Zoho told of it.
            own: Its id.
        """
        told = self._told
        # Most differ from those before in the id alone.
        told["id"] = own
        if details != told:
            if details.get("id") != own:
                # What follows is not to be compared with it.
                return (*details,), (*details.values(),)
            self._told = {**details}
            compact = {**details, "id": None}
            names, before = self._shared
            if (*compact,) == names:
                pairs = zip(before, compact.values(), strict=True)
                self._shared = names, (*[old if old == new else new for old, new in pairs],)
            else:
                self._shared = (*compact,), (*compact.values(),)
        return self._shared


class DetailColumns:
    """The details of the rows of a call, with a list for each of their names.

    There are far fewer objects for Python's collector to look through than with one for each row.

    Args:
        names: The names, the same in all rows; one at least.
        columns: For each name the values of all rows; an id of None is that of the outcome.
    """

    __slots__ = ("_names", "columns")

    def __init__(self, names: tuple[str, ...], columns: Sequence[Sequence[Any]]) -> None:
        self._names = names
        self.columns: Sequence[Sequence[Any]] = columns

    def __getitem__(self, number: int) -> CompactDetails:
        return self._names, tuple([column[number] for column in self.columns])

    def __iter__(self) -> Iterator[CompactDetails]:
        return zip(repeat(self._names), zip(*self.columns, strict=True), strict=False)


#: The details of the rows of a call, in their order.
RowDetails = Sequence[Details] | DetailColumns


def details_of_alike(first: Mapping[str, Any], texts: Mapping[str, Sequence[str]]) -> RowDetails:
    """Return the details of rows that differ in texts alone.

    Args:
        first: Those of the first row.
        texts: For the name of each text that differs: this text of all rows. One is the id.
    """
    number = len(texts["id"])
    same = {**first, "id": None}
    if len(texts) == 1:
        return [((*same,), (*same.values(),))] * number
    columns: dict[str, Sequence[Any]] = {name: [value] * number for name, value in same.items()}
    columns |= {name: column for name, column in texts.items() if name != "id"}
    return DetailColumns((*columns,), [*columns.values()])


class _Success:
    """Becomes an outcome when it is made: attrs takes twice as long for a frozen one."""

    __slots__ = tuple(field.name for field in attrs.fields(Outcome))

    def __init__(
        self,
        id: str,
        status: OutcomeStatus,
        attempts: int,
        index: int | None,
        details: Details | None,
    ) -> None:
        self.id = id
        self.status = status
        self.attempts = attempts
        self.error = None
        self.index = index
        self._details = details
        self.__class__ = Outcome  # type: ignore[assignment]


#: Returns the outcome of a row that succeeded: that of most rows, so it is made quickly.
_success: Final[Callable[[str, OutcomeStatus, int, int | None, Details | None], Outcome]] = cast(
    "Any", _Success
)


class Successes(Sequence[Outcome]):
    """The outcomes of a call of which all rows succeeded.

    Each is made when it is asked for, so where they are handed on one by one, no more than one is
    there at a time.

    Args:
        ids: The id of each record.
        statuses: The status of each.
        attempts: How many times the request was sent.
        places: The place of each row in the input; None outside of a batch.
        details: What Zoho told of each.
    """

    __slots__ = ("_attempts", "details", "ids", "places", "statuses")

    def __init__(
        self,
        ids: Sequence[str],
        statuses: Sequence[OutcomeStatus],
        attempts: int,
        places: Sequence[int | None],
        details: RowDetails,
    ) -> None:
        self.ids: Sequence[str] = ids
        self.statuses: Sequence[OutcomeStatus] = statuses
        self.places: Sequence[int | None] = places
        self.details: RowDetails = details
        self._attempts = attempts

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, number: int) -> Outcome: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Outcome]: ...
    def __getitem__(self, number: int | slice) -> Outcome | Sequence[Outcome]:
        if isinstance(number, slice):
            return [*self][number]
        return _success(
            self.ids[number],
            self.statuses[number],
            self._attempts,
            self.places[number],
            self.details[number],
        )

    def __iter__(self) -> Iterator[Outcome]:
        attempts = repeat(self._attempts)
        return map(_success, self.ids, self.statuses, attempts, self.places, self.details)


class Outcomes(Protocol):
    """The outcomes of a batch, not all of which are made yet."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many inputs ended in each status."""

    def __iter__(self) -> Iterator[Outcome]:
        """Make them, in the order of the inputs."""


class _MadeLater:
    """Makes the outcomes of a report when they are first asked for."""

    __slots__ = ("_source",)

    if not TYPE_CHECKING:  # pragma: no branch  # to type checkers it would have any attribute

        def __getattr__(self, name: str) -> Any:
            # Only called for what is not there yet.
            if name != "outcomes":
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
            made = tuple(self._source)
            for own in ("outcomes", "_source"):
                object.__setattr__(self, own, made)
            return made


@attrs.frozen
class BatchReport(_MadeLater):
    """What became of each input of a batch.

    Attributes:
        outcomes: One for each input, in the order of the inputs. Where duplicates are sent only
            once, as by a deletion, a duplicate has the outcome of its first appearance. Of a long
            report most are made when you first ask for them.
        counts: How many inputs ended in each status; statuses without any are left out.
        ok: Whether nothing failed, is in doubt or was not attempted.
    """

    outcomes: tuple[Outcome, ...]
    counts: Mapping[str, int] = attrs.field(init=False)
    ok: bool = attrs.field(init=False)

    @counts.default
    def _count(self) -> Mapping[str, int]:
        return dict(Counter(map(attrgetter("status"), self.outcomes)))

    @ok.default
    def _nothing_unfinished(self) -> bool:
        return _is_ok(self.counts)

    def raise_for_failures(self) -> None:
        """Raise if anything failed, is in doubt or was not attempted.

        Raises:
            ExceptionGroup: With the error of each such outcome, an error shared by several once.
        """
        if self.ok:
            return
        unfinished = [outcome for outcome in self.outcomes if outcome.kind in _UNFINISHED]
        errors: dict[int, Exception] = {}
        for outcome in unfinished:
            error = outcome.error or ZohoError(f"Input {outcome.id!r} is {outcome.status}.")
            errors[id(outcome.error or outcome)] = error
        raise ExceptionGroup(
            f"{len(unfinished)} of {len(self.outcomes)} inputs are not finished: "
            f"{dict(self.counts)}",
            list(errors.values()),
        )


def report_of(outcomes: Outcomes) -> BatchReport:
    """Return the report of a batch."""
    report = object.__new__(BatchReport)
    for name, value in (
        ("_source", outcomes),
        ("counts", dict(outcomes.counts)),
        ("ok", _is_ok(outcomes.counts)),
    ):
        object.__setattr__(report, name, value)
    return report


def _is_ok(counts: Mapping[str, int]) -> bool:
    return all(_KINDS.get(status, "in_doubt") not in _UNFINISHED for status in counts)


def kept_status(error: Exception) -> OutcomeStatus | None:
    """Return the word for what a delete has left alone; None if the error is about other things."""
    if isinstance(error, GONE):
        return "not_found"
    return "protected" if isinstance(error, (InUseError, NotAllowedError)) else None


def without_frames(error: _E) -> _E:
    """Return an error that is kept as data: its frames would keep memory alive."""
    error.__context__ = None
    return error.with_traceback(None)
