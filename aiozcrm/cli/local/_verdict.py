"""Checks whether the client's report of a batch agrees with what the server did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from aiozcrm.batch import BatchReport, OutcomeKind
from aiozcrm.cli._words import in_words, plural
from aiozcrm.cli.runs._counts import MEANINGS, UNFINISHED, Counts

__all__ = ["Evidence", "account_of", "examples", "problems_of"]

#: How many ids make an example.
_EXAMPLES: Final = 3


@attrs.frozen(kw_only=True)
class Evidence:
    """What was asked for, what the client reports, and what the server did.

    Attributes:
        ids: What was to be deleted.
        report: What the client says.
        links: The links among the ids that had to go.
        removed: How often each was really removed, by id.
        left: The links that had to go and are still there.
    """

    ids: Sequence[str]
    report: BatchReport
    links: Sequence[str]
    removed: Mapping[str, int]
    left: Sequence[str]


def account_of(evidence: Evidence) -> str:
    """Return the sum of all outcomes as a sentence; it is true only if there are no problems."""
    counts = Counts(evidence.report.outcomes)
    terms = " + ".join(map(str, counts)) or "nothing"
    ids = plural(len(evidence.ids), "id")
    return f"{ids}: {terms} = {counts.total}; {_all_removed(evidence.links)}."


def problems_of(evidence: Evidence) -> list[str]:
    """Return a clause for each thing that does not add up."""
    return [*_outcome_problems(evidence), *_removal_problems(evidence)]


def _all_removed(links: Sequence[str]) -> str:
    match len(links):
        case 0:
            return "there was no link to remove"
        case 1:
            return "the only link was removed exactly once"
        case count:
            return f"each of the {count} links was removed exactly once"


def _outcome_problems(evidence: Evidence) -> Iterator[str]:
    given = Counter(evidence.ids)
    reported = Counter(outcome.id for outcome in evidence.report.outcomes)
    if missing := given - reported:
        yield f"no outcome for {examples(missing.elements())}"
    if surplus := reported - given:
        yield f"outcomes nobody asked for: {examples(surplus.elements())}"
    for kind in MEANINGS:
        if kind in UNFINISHED and (ids := _ids_of(evidence.report, kind)):
            yield f"{in_words(kind)}: {examples(ids)}"


def _removal_problems(evidence: Evidence) -> Iterator[str]:
    removed, report = evidence.removed, evidence.report
    if never := [link for link in evidence.links if not removed.get(link)]:
        yield f"never removed: {examples(never)}"
    if twice := [link for link, times in removed.items() if times > 1]:
        yield f"removed more than once: {examples(twice)}"
    if wrong := sorted(removed.keys() - set(evidence.links)):
        yield f"removed although it had to stay: {examples(wrong)}"
    if evidence.left:
        yield f"still there: {examples(evidence.left)}"
    deleted = [outcome.id for outcome in report.outcomes if outcome.status == "deleted"]
    if lies := [link for link in deleted if not removed.get(link)]:
        yield f"reported as deleted, but never removed: {examples(lies)}"
    if lies := [link for link in _ids_of(report, "kept") if removed.get(link)]:
        yield f"reported as not deleted, but removed: {examples(lies)}"


def _ids_of(report: BatchReport, kind: OutcomeKind) -> list[str]:
    return [outcome.id for outcome in report.outcomes if outcome.kind == kind]


def examples(ids: Iterable[str], noun: str = "id") -> str:
    """Return how many there are, and the first few of them."""
    found = list(ids)
    shown, rest = ", ".join(found[:_EXAMPLES]), len(found) - _EXAMPLES
    return f"{plural(len(found), noun)} ({shown}{f' and {rest} more' if rest > 0 else ''})"
