"""Whether the client's account of a batch agrees with what its server did. No input, no output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from aiozcrm.batch import BatchReport
from aiozcrm.cli._words import in_words, plural
from aiozcrm.cli.runs._statuses import MEANINGS

__all__ = ["Evidence", "account_of", "problems_of"]

_UNFINISHED: Final = ("failed", "in_doubt", "not_attempted")

#: What says that nothing was removed.
_NOT_REMOVED: Final = frozenset({"protected", "not_found"})

#: How many ids make an example.
_EXAMPLES: Final = 3


@attrs.frozen(kw_only=True)
class Evidence:
    """What went in, what the client says, and what its server knows.

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
    """Return the sentence that adds up; true only where there are no problems."""
    counts = evidence.report.counts
    terms = [
        f"{counts[status]} {in_words(status)}" for status in MEANINGS if counts.get(status)
    ] or ["nothing"]
    ids = plural(len(evidence.ids), "id")
    return f"{ids}: {' + '.join(terms)} = {sum(counts.values())}; {_all_removed(evidence.links)}."


def problems_of(evidence: Evidence) -> list[str]:
    """Return what does not add up, a clause for each problem."""
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
        yield f"no outcome for {_examples(missing.elements())}"
    if surplus := reported - given:
        yield f"outcomes nobody asked for: {_examples(surplus.elements())}"
    for status in _UNFINISHED:
        if ids := _ids_with(evidence.report, {status}):
            yield f"{in_words(status)}: {_examples(ids)}"


def _removal_problems(evidence: Evidence) -> Iterator[str]:
    removed, report = evidence.removed, evidence.report
    if never := [link for link in evidence.links if not removed.get(link)]:
        yield f"never removed: {_examples(never)}"
    if twice := [link for link, times in removed.items() if times > 1]:
        yield f"removed more than once: {_examples(twice)}"
    if wrong := sorted(removed.keys() - set(evidence.links)):
        yield f"removed although it had to stay: {_examples(wrong)}"
    if evidence.left:
        yield f"still there: {_examples(evidence.left)}"
    if lies := [link for link in _ids_with(report, {"deleted"}) if not removed.get(link)]:
        yield f"reported as deleted, but never removed: {_examples(lies)}"
    if lies := [link for link in _ids_with(report, _NOT_REMOVED) if removed.get(link)]:
        yield f"reported as not deleted, but removed: {_examples(lies)}"


def _ids_with(report: BatchReport, statuses: Iterable[str]) -> list[str]:
    wanted = frozenset(statuses)
    return [outcome.id for outcome in report.outcomes if outcome.status in wanted]


def _examples(ids: Iterable[str]) -> str:
    found = list(ids)
    shown, rest = ", ".join(found[:_EXAMPLES]), len(found) - _EXAMPLES
    return f"{plural(len(found), 'id')} ({shown}{f' and {rest} more' if rest > 0 else ''})"
