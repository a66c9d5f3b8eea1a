"""The verdict: what adds up, and every way in which it may not."""

from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from aiozcrm.batch import BatchReport, Outcome, OutcomeStatus
from aiozcrm.cli.local._verdict import Evidence, account_of, problems_of


def with_status(evidence: Evidence, link_id: str, status: OutcomeStatus) -> Evidence:
    """Return *evidence* with another outcome for one id."""
    outcomes = [
        attrs.evolve(outcome, status=status) if outcome.id == link_id else outcome
        for outcome in evidence.report.outcomes
    ]
    return attrs.evolve(evidence, report=BatchReport(tuple(outcomes)))


def test_finds_nothing_wrong_with_the_truth(evidence: Evidence) -> None:
    """Evidence that adds up has no problems, and its sentence says the sum."""
    assert problems_of(evidence) == []
    assert account_of(evidence) == (
        "4 ids: 1 deleted + 1 already gone + 1 protected + 1 not found = 4; "
        "each of the 2 links was removed exactly once."
    )


def test_has_a_sentence_for_one_link() -> None:
    """One link, one id: no plural."""
    evidence = Evidence(
        ids=["2"],
        report=BatchReport((Outcome("2", "deleted", 1),)),
        links=["2"],
        removed={"2": 1},
        left=[],
    )

    assert problems_of(evidence) == []
    assert account_of(evidence) == "1 id: 1 deleted = 1; the only link was removed exactly once."


def test_has_a_sentence_for_nothing() -> None:
    """Nothing to do adds up, too."""
    evidence = Evidence(ids=[], report=BatchReport(()), links=[], removed={}, left=[])

    assert problems_of(evidence) == []
    assert account_of(evidence) == "0 ids: nothing = 0; there was no link to remove."


def test_accepts_that_an_unknown_id_is_called_gone(evidence: Evidence) -> None:
    """After a lost answer nobody can tell an unknown id from one that was just removed."""
    assert problems_of(with_status(evidence, "9", "already_gone")) == []


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        ("failed", "failed: 1 id (9)"),
        ("in_doubt", "in doubt: 1 id (9)"),
        ("not_attempted", "not attempted: 1 id (9)"),
        ("deleted", "reported as deleted, but never removed: 1 id (9)"),
    ],
)
def test_finds_an_outcome_that_cannot_stand(
    status: OutcomeStatus,
    problem: str,
    evidence: Evidence,
) -> None:
    """Whatever is unfinished, or claimed without having happened, is found."""
    assert problems_of(with_status(evidence, "9", status)) == [problem]


@pytest.mark.parametrize("status", ["protected", "not_found"])
def test_finds_a_deletion_that_is_denied(status: OutcomeStatus, evidence: Evidence) -> None:
    """A link that was removed must not be reported as if it were not."""
    problems = problems_of(with_status(evidence, "2", status))

    assert problems == ["reported as not deleted, but removed: 1 id (2)"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ids": ("1", "9", "2", "3", "4")}, "no outcome for 1 id (4)"),
        ({"ids": ("1", "9", "2", "3", "3")}, "no outcome for 1 id (3)"),
        ({"ids": ("1", "9", "2")}, "outcomes nobody asked for: 1 id (3)"),
        ({"removed": {"2": 1}}, "never removed: 1 id (3)"),
        ({"removed": {"2": 1, "3": 2}}, "removed more than once: 1 id (3)"),
        (
            {"removed": {"2": 1, "3": 1, "5": 1}},
            "removed although it had to stay: 1 id (5)",
        ),
        ({"left": ("2", "3")}, "still there: 2 ids (2, 3)"),
        ({"left": ("2", "3", "4", "5", "6")}, "still there: 5 ids (2, 3, 4 and 2 more)"),
    ],
)
def test_finds_what_the_server_contradicts(
    changes: Mapping[str, Any],
    problem: str,
    evidence: Evidence,
) -> None:
    """Every difference between the client's account and the server's is found, and named."""
    assert problems_of(attrs.evolve(evidence, **changes)) == [problem]


def test_finds_all_problems_at_once(evidence: Evidence) -> None:
    """One problem does not hide another."""
    bad = attrs.evolve(with_status(evidence, "9", "failed"), removed={"3": 2}, left=["2"])

    assert problems_of(bad) == [
        "failed: 1 id (9)",
        "never removed: 1 id (2)",
        "removed more than once: 1 id (3)",
        "still there: 1 id (2)",
        "reported as deleted, but never removed: 1 id (2)",
    ]
