"""Compares what clients were told with what the server did. Pure: no network, no clock."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from ledger import Ask, Truth

__all__ = [
    "UNKNOWN",
    "Claim",
    "Creation",
    "RowClaim",
    "judge_account",
    "judge_asks",
    "judge_creations",
    "judge_deletions",
    "judge_doubt",
    "judge_rows",
    "missing",
]

#: The status of an input about which a killed process or a cancelled call could tell nothing.
UNKNOWN: Final = "unknown"

#: Says that a call of ours has removed the link.
_GONE: Final = frozenset({"deleted", "already_gone"})
#: Says that this call did not remove the link.
_NOT_BY_US: Final = frozenset({"failed", "not_attempted", "protected", "not_found"})
#: Says that a record was not written.
_NOT_DONE: Final = frozenset({"failed", "not_attempted"})
#: Says which record was written.
_WRITTEN: Final = frozenset({"created", "updated", "deleted", "already_gone"})
#: Leaves open whether this call removed the link.
_OPEN: Final = frozenset({"in_doubt", UNKNOWN})

#: The faults after which the client cannot tell whether a token was made.
_LOST_ANSWERS: Final = frozenset(
    {"reset_before", "reset_after", "truncated_body", "hang", "hang_after"}
)
#: The errors of a call whose client was closed before the answer.
_CLOSED: Final = frozenset({"CallCancelledError", "ClientClosedError"})
#: The faults with which the answer comes all the same.
_ANSWERED: Final = frozenset({"", "slow", "slow_body", "short_answer"})


class Claim(NamedTuple):
    """What one call said of one link.

    Attributes:
        status: The outcome's status, or `UNKNOWN`.
        attempts: How often it was sent.
        cause: The class of its error; empty without one, or if nobody told.
    """

    status: str
    attempts: int
    cause: str = ""


class Creation(NamedTuple):
    """What one create said.

    Attributes:
        link_id: The id of the link; None if it raised.
        maybe_done: Whether its error leaves open that it was created.
    """

    link_id: str | None
    maybe_done: bool


class RowClaim(NamedTuple):
    """What one call said of one row of records.

    Attributes:
        verb: What was asked: ``create``, ``upsert``, ``update`` or ``delete``.
        address: The lead's, by which it is known.
        lead_id: Its id; empty where nobody was told.
        status: The outcome's status.
        attempts: How often it was sent.
        cause: The class of its error; empty without one.
        by_job: Whether a bulk job was to write it.
    """

    verb: str
    address: str
    lead_id: str
    status: str
    attempts: int
    cause: str = ""
    by_job: bool = False


def judge_account(
    inputs: Sequence[str], outcomes: Sequence[str], *, ordered: bool
) -> Iterator[str]:
    """Complain unless every input has exactly one outcome."""
    if Counter(inputs) != Counter(outcomes):
        yield f"{len(inputs)} inputs, but {len(outcomes)} outcomes, or of other inputs"
    elif ordered and list(inputs) != list(outcomes):
        yield "the outcomes of a report are not in the order of its inputs"


def judge_deletions(
    claims: Mapping[str, Sequence[Claim]], truth: Truth, *, default: str
) -> Iterator[str]:
    """Complain about every claim that the ledger does not bear out.

    Args:
        claims: By id, what each call that was asked to delete it said, in their order.
        truth: What the ledger says.
        default: The id of the Default link.
    """
    known = set(truth.links)
    for link_id, number in truth.removed.items():
        if number != 1:
            yield f"{link_id} was removed {number} times"
        if link_id not in claims:
            yield f"{link_id} was removed, and nobody had asked for it"
    for link_id, said in claims.items():
        if link_id == default:
            complaints = _judge_default(said)
        elif link_id in known:
            complaints = _judge_known(said, removed=truth.removed[link_id] > 0)
        else:
            complaints = _judge_unknown(said)
        for complaint in complaints:
            yield f"{link_id}: {complaint}; calls said {[tuple(claim) for claim in said]}"


def _judge_known(said: Sequence[Claim], *, removed: bool) -> Iterator[str]:
    statuses = [claim.status for claim in said]
    if not removed and not {*_GONE, "not_found"}.isdisjoint(statuses):
        yield "said to be gone, but the server did not remove it"
    if removed and _NOT_BY_US.issuperset(statuses):
        yield "said not to be removed, but the server did remove it"
    if statuses.count("deleted") > 1:
        yield "said to be deleted more than once"
    if "protected" in statuses:
        yield "said to be protected, which it never was"
    for number, claim in enumerate(said):
        if claim.status == "not_found" and _OPEN.isdisjoint(statuses[:number]):
            yield "said not to be found, though nobody had removed it before"
        if claim.status == "not_attempted" and claim.attempts:
            yield "said not to be attempted, but was sent"


def _judge_default(said: Sequence[Claim]) -> Iterator[str]:
    lies = {claim.status for claim in said} & {*_GONE, "not_found"}
    if lies:
        yield "the Default link was said to be gone"


def _judge_unknown(said: Sequence[Claim]) -> Iterator[str]:
    # One that never was there looks like one that is gone if its first answer was lost.
    for claim in said:
        if claim.status in {"deleted", "protected"}:
            yield f"said to be {claim.status}, but it never was there"
        if claim.status == "already_gone" and claim.attempts < 2:
            yield "said to be already gone after one send, but it never was there"


def judge_creations(creations: Mapping[str, Creation], truth: Truth) -> Iterator[str]:
    """Complain about every create that the ledger does not bear out, by name."""
    for name, number in truth.created.items():
        if number != 1:
            yield f"{name} was created {number} times"
        if name not in creations:
            yield f"{name} was created, and nobody had asked for it"
    for name, (link_id, maybe_done) in creations.items():
        created = truth.created_ids.get(name)
        if link_id is not None and link_id != created:
            yield f"{name} was said to be {link_id}, but the server says {created}"
        if link_id is None and not maybe_done and created is not None:
            yield f"{name} was said not to be created, but the server created {created}"


def judge_rows(claims: Sequence[RowClaim], truth: Truth) -> Iterator[str]:
    """Complain about every row of records that the ledger does not bear out."""
    said: dict[str, list[RowClaim]] = {}
    for claim in claims:
        said.setdefault(claim.address, []).append(claim)
    for address, ids in truth.leads.items():
        if len(ids) > 1:
            yield f"{address} was created {len(ids)} times"
        if address not in said:
            yield f"{address} was created, and nobody had asked for it"
    for own, number in truth.gone.items():
        if number > 1:
            yield f"lead {own} was deleted {number} times"
    for address, its in said.items():
        own = (truth.leads.get(address) or [""])[0]
        told = [f"{claim.verb}: {claim.status}" for claim in its]
        for complaint in _judge_lead(its, own, truth):
            yield f"{address}: {complaint}; calls said {told}"


def _judge_lead(said: Sequence[RowClaim], own: str, truth: Truth) -> Iterator[str]:
    makers = [claim for claim in said if claim.verb in {"create", "upsert"}]
    if [claim.status for claim in said].count("created") > 1:
        yield "said to be created more than once"
    if own and _NOT_DONE.issuperset(claim.status for claim in makers):
        yield "said not to be created, but it is there"
    for claim in said:
        if claim.status in _WRITTEN and claim.lead_id != own:
            yield f"said to be {claim.lead_id}, but the server says {own or 'it never was'}"
        if claim.status == "updated" and not truth.changed[own]:
            yield "said to be updated, but the server has not changed it"
        if claim.status in _GONE and not truth.gone[own]:
            yield "said to be gone, but the server has not deleted it"
        if claim.status == "not_attempted" and claim.attempts:
            yield "said not to be attempted, but was sent"
        if claim.verb == "update" and claim.status in _NOT_DONE and truth.changed[own]:
            yield "said not to be updated, but the server has changed it"
        if claim.verb == "delete" and claim.status in _NOT_BY_US and truth.gone[own]:
            yield "said not to be deleted, but the server has deleted it"


def judge_doubt(
    claims: Mapping[str, Sequence[Claim]], rows: Sequence[RowClaim], truth: Truth
) -> Iterator[str]:
    """Complain about what is in doubt although no answer about it was lost.

    It holds only where all answers that were lost were lost on purpose.

    Args:
        claims: By id, what each call that was asked to delete a link said.
        rows: What calls said of each row of records.
        truth: What the ledger says.
    """
    for link_id, said in claims.items():
        for claim in said:
            if claim.status != "in_doubt":
                continue
            if not claim.attempts:
                yield f"{link_id}: in doubt after {claim.cause}, but it was not sent"
            if claim.cause not in _CLOSED and link_id not in truth.lost:
                yield f"{link_id}: in doubt after {claim.cause}, but no answer about it was lost"
    for row in rows:
        # Calls about jobs name no row.
        names = {"job"} if row.by_job else {row.address, row.lead_id}
        if row.status == "in_doubt" and truth.lost.isdisjoint(names):
            yield f"{row.address}: in doubt after {row.cause}, but no answer about it was lost"


def judge_asks(
    asks: Sequence[Ask], *, limit: int, window: float, slack: float, forgotten: int
) -> Iterator[str]:
    """Complain about requests for tokens that clients who share a store knew to be too many.

    Args:
        asks: The requests, in their order.
        limit: How many may be made within the window.
        window: How many seconds it has; a refusal silences for as many.
        slack: By how many seconds a request may reach the server later than the client's clock
            told when it was sent.
        forgotten: How many asks nobody could know of, because who asked was killed.
    """
    counted = [ask.at for ask in asks if _counts(ask)]
    allowed = limit + forgotten
    for first, last in zip(counted, counted[allowed:], strict=False):
        if last - first < window - slack:
            yield f"{allowed + 1} tokens were asked for within {last - first:.0f} s"
    too_early = 0
    for ask, following in itertools.pairwise(asks):
        refused = ask.outcome == "throttled" and not ask.fault
        too_early += refused and following.at - ask.at < window
    if too_early > forgotten:
        yield f"{too_early} times a token was asked for during the silence after a refusal"


def _counts(ask: Ask) -> bool:
    """Return whether the client knows that this ask has made a token, or may have."""
    return ask.fault in _LOST_ANSWERS or (ask.outcome == "made" and ask.fault in _ANSWERED)


def missing(claims: Mapping[str, Sequence[Claim]], ids: Collection[str]) -> list[str]:
    """Return those of *ids* about which the last word is not that they are gone."""
    finished = _GONE | {"not_found", "protected"}
    return [one for one in ids if not claims.get(one) or claims[one][-1].status not in finished]
