"""``aiozcrm demo --records``: everything goes wrong, and every row is accounted for."""

import io
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from rich.console import Console
from typer.testing import Result

from aiozcrm.batch import BatchReport, Outcome
from aiozcrm.cli.local._records import Evidence, account_of, problems_of, show_result
from aiozcrm.testing import Stats

Invoke = Callable[..., Result]

A, B = {"Email": "a@x", "City": "1"}, {"Email": "b@x", "City": "2"}
A_AGAIN = {"Email": "a@x", "City": "3"}
HELD = ({"id": "11", **A_AGAIN}, {"id": "12", **B})
GOOD = (Outcome("11", "created", 1), Outcome("12", "created", 2), Outcome("11", "updated", 1))


@pytest.fixture
def evidence() -> Evidence:
    """Return evidence that adds up."""
    return Evidence(
        rows=[A, B, A_AGAIN],
        report=BatchReport(GOOD),
        read=HELD,
        held=HELD,
        stats=Stats(),
        faults={},
        retries=0,
    )


@pytest.mark.parametrize("options", [(), ("--calm", "--concurrency", "10")])
def test_accounts_for_every_row(options: tuple[str, ...], invoke: Invoke) -> None:
    """Each lead is created once, whatever goes wrong, and read back as its last row says."""
    result = invoke("demo", "--records", *options)

    assert result.exit_code == 0, result.stdout
    assert result.stderr == ""
    assert (
        "2000 rows: 1900 created + 100 updated = 2000; each of the 1900 leads is there exactly "
        "once, as its last row says, and was read back." in result.stdout
    )


def test_finds_nothing_wrong_with_the_truth(evidence: Evidence) -> None:
    """Evidence that adds up has no problems, and its sentence says the sum."""
    assert [*problems_of(evidence)] == []
    assert account_of(evidence) == (
        "3 rows: 2 created + 1 updated = 3; each of the 2 leads is there exactly once, as its "
        "last row says, and was read back."
    )


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        (
            {"report": BatchReport(GOOD[:2])},
            ["2 outcomes for 3 rows"],
        ),
        (
            {"report": BatchReport((*GOOD[:2], Outcome("11", "in_doubt", 1)))},
            ["in doubt: 1 row (11)"],
        ),
        (
            {"held": HELD[:1], "read": HELD[:1]},
            ["not there: 1 lead (b@x)", "told of another lead: 1 row (12)"],
        ),
        (
            {"held": (*HELD, {"id": "13", **B})},
            [
                "there more than once: 1 lead (b@x)",
                "not told to be created exactly once: 1 lead (13)",
                "2 leads were read, 3 are there",
            ],
        ),
        (
            {"report": BatchReport((*GOOD[:2], Outcome("11", "created", 1)))},
            ["not told to be created exactly once: 1 lead (11)"],
        ),
        (
            {"read": (HELD[0], {"id": "12", **B, "City": "9"})},
            ["not as the last row says: 1 lead (b@x)"],
        ),
        (
            {"read": (*HELD, {"id": "14", "Email": "c@x", "City": "1"})},
            ["3 leads were read, 2 are there", "not as the last row says: 1 lead (c@x)"],
        ),
    ],
)
def test_a_lie_costs_the_exit_code(
    evidence: Evidence, changes: dict[str, Any], problems: list[str]
) -> None:
    """What does not add up is said, and no sentence says that all is well."""
    changed = attrs.evolve(evidence, **changes)
    assert [*problems_of(changed)] == problems

    file = io.StringIO()
    assert show_result(Console(file=file), changed) == 1
    assert file.getvalue().endswith(f"This does not add up: {'; '.join(problems)}.\n")
