"""The soak itself: a short one loses nothing, and a client that lies is found out."""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from aiozcrm.testing import Fault

SOAK = Path(__file__).parents[1] / "soak"

#: All kinds of trouble, in groups that take about the same time.
GROUPS = {
    "calls": ("calm", "brutal", "mixed", "too many", "credits", "clocks"),
    "tokens": ("tokens", "cancelled", "records", "reads", "bulk"),
    "processes": ("restarts", "killed", "killed rows", "channels"),
}

#: A client that forgets that a call may have done its work although its answer was lost.
LIAR = f"""
import runpy, sys
from aiozcrm import errors

for kind in (errors.ServerError, errors.ConnectionLostError, errors.InvalidResponseError):
    kind.maybe_done = False
sys.argv[0] = {str(SOAK)!r}
runpy.run_path(sys.argv[0], run_name="__main__")
"""


async def run_soak(path, *phases, size, program=(str(SOAK),)):
    """Run one short round; return how it ended, what it printed and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *program,
        *("--minutes", "0", "--seed", "7", "--size", str(size), "--json", str(path)),
        *("--phases", *phases),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, errors = await process.communicate()
    assert b"" == errors
    return process.returncode, printed.decode(), json.loads(path.read_text())


@pytest.mark.system
async def test_a_short_soak_loses_nothing(tmp_path):
    """Every kind of trouble comes up, thousands of calls are made, and no invariant breaks."""
    soaks = await asyncio.gather(
        *(run_soak(tmp_path / name, *GROUPS[name], size=60) for name in GROUPS)
    )

    assert [[]] * 3 == [told["complaints"] for _, _, told in soaks]
    assert [0] * 3 == [code for code, _, _ in soaks]
    assert all("lost: nothing" in printed for _, printed, _ in soaks)
    calls, tokens, processes = (told for _, _, told in soaks)
    assert calls["calls"] > 500
    assert {fault.value for fault in Fault} >= {*calls["totals"]["faults"]} - {
        f"token: {fault}" for fault in Fault
    }
    outcomes = calls["totals"]["outcomes"]
    assert 500 < outcomes["deleted"] <= calls["totals"]["removed"]
    assert {"creates", "updates", "lists", "gets", "associations"} <= set(outcomes)
    assert calls["totals"]["events"]["retries"] > 5
    assert tokens["totals"]["asks"] >= 2
    assert 10 == tokens["totals"]["outcomes"]["clients cut off"]
    assert 200 < sum(n for name, n in tokens["totals"]["outcomes"].items() if "rows " in name)
    assert 1 == processes["totals"]["restarts"]
    assert processes["totals"]["outcomes"]["processes killed"] >= 1
    assert {"queries", "searches", "bulk writes", "bulk reads"} <= {*tokens["totals"]["outcomes"]}
    assert processes["totals"]["outcomes"]["catching up"] >= 1
    assert processes["totals"]["events"]["channels opened"] >= 2


@pytest.mark.system
async def test_a_client_that_lies_is_found_out(tmp_path):
    """A link said never to have been there, although an own send removed it, breaks the soak."""
    code, printed, told = await run_soak(
        tmp_path / "told", "brutal", size=100, program=("-c", LIAR)
    )

    assert 1 == code
    assert "said not to be found, though nobody had removed it before" in printed
    assert told["complaints"]
    assert "repeat with: --seed 7 --size 100 --minutes 0" in printed


@pytest.mark.system
async def test_a_process_with_nothing_left_to_do_comes_to_its_end(tmp_path, monkeypatch, fake):
    """It tells that it counted nothing, and is not taken for one that was killed."""
    monkeypatch.syspath_prepend(str(SOAK))
    from processes import WorkerProcess  # noqa: PLC0415  # it can be found only now

    job = {
        "ids": [],
        "environ": fake.environ(),
        "store": "memory:",
        "origin": 0.0,
        "concurrency": 1,
        "request_timeout": 1.0,
        "call_timeout": 1.0,
    }
    with (tmp_path / "errors").open("wb") as errors:
        assert await WorkerProcess().run(errors, job)


def test_a_line_that_a_kill_has_cut_counts_as_not_written(tmp_path, monkeypatch):
    """Its answer was never sent, and the next process begins a line of its own."""
    monkeypatch.syspath_prepend(str(SOAK))
    from ledger import Ledger  # noqa: PLC0415  # it can be found only now

    path = tmp_path / "ledger"
    path.write_text("link 1\nlink 2\nremoved 1\nremov", encoding="utf-8")
    ledger = Ledger(path)
    assert {"2"} == ledger.truth().alive

    ledger.drop_cut_line()
    ledger.write("removed", "2")
    assert set() == ledger.truth().alive
    ledger.close()


@pytest.fixture
def judge(monkeypatch):
    """Return the module that judges."""
    monkeypatch.syspath_prepend(str(SOAK))
    import judge  # noqa: PLC0415  # it can be found only now

    return judge


@pytest.fixture
def truth(judge):
    """Return a ledger in which link 1 is removed and link 2 is there; 9 is the Default link."""
    from ledger import Truth  # noqa: PLC0415  # it can be found only now

    return Truth(
        links=["1", "2"],
        removed=Counter({"1": 1}),
        created=Counter({"new": 1}),
        created_ids={"new": "3"},
    )


def complaints_about(judge, truth, claims):
    """Return what the judge says about claims given as words."""
    said = {
        link_id: [judge.Claim(*claim) for claim in claims] for link_id, claims in claims.items()
    }
    # The ledger may hold nothing that is not asked for.
    for link_id in said.keys() | {"1"}:
        said.setdefault(link_id, [judge.Claim("in_doubt", 1)])
    return list(judge.judge_deletions(said, truth, default="9"))


@pytest.mark.parametrize(
    ("link_id", "claims"),
    [
        ("1", [("deleted", 1)]),
        ("1", [("already_gone", 2)]),
        ("1", [("in_doubt", 5), ("not_found", 1)]),
        ("1", [("unknown", 0), ("already_gone", 2)]),
        ("2", [("failed", 1), ("not_attempted", 0)]),
        ("2", [("in_doubt", 5)]),
        ("9", [("protected", 1)]),
        ("404", [("not_found", 1)]),
        ("404", [("already_gone", 2)]),
    ],
)
def test_the_judge_accepts_what_is_true(judge, truth, link_id, claims):
    """What the ledger bears out, or leaves open, is no complaint."""
    assert [] == complaints_about(judge, truth, {link_id: claims})


@pytest.mark.parametrize(
    ("link_id", "claims"),
    [
        ("1", [("failed", 1)]),
        ("1", [("not_found", 1)]),
        ("1", [("protected", 1)]),
        ("1", [("deleted", 1), ("deleted", 1)]),
        ("2", [("deleted", 1)]),
        ("2", [("already_gone", 2)]),
        ("2", [("in_doubt", 5), ("not_found", 1)]),
        ("2", [("not_attempted", 1)]),
        ("9", [("deleted", 1)]),
        ("404", [("deleted", 1)]),
        ("404", [("already_gone", 1)]),
    ],
)
def test_the_judge_finds_every_lie(judge, truth, link_id, claims):
    """What the ledger contradicts is a complaint that names the link."""
    complaints = complaints_about(judge, truth, {link_id: claims})

    assert complaints
    assert {link_id} == {complaint.split(":")[0] for complaint in complaints}


def test_the_judge_finds_what_nobody_asked_for(judge, truth):
    """A removal or creation without a call that asked for it is a complaint."""
    [removed] = judge.judge_deletions({}, truth, default="9")
    [created] = judge.judge_creations({}, truth)

    assert "1 was removed, and nobody had asked for it" == removed
    assert "new was created, and nobody had asked for it" == created


@pytest.mark.parametrize(
    ("link_id", "maybe_done", "fine"),
    [("3", False, True), (None, True, True), (None, False, False), ("4", False, False)],
)
def test_the_judge_compares_creations(judge, truth, link_id, maybe_done, fine):
    """A create says which link it made, or truly that it made none."""
    complaints = list(
        judge.judge_creations({"new": judge.Creation(link_id, maybe_done=maybe_done)}, truth)
    )

    assert fine is (complaints == [])


@pytest.fixture
def leads(judge):
    """Return a ledger in which lead 7 was created and changed, and lead 8 created and deleted."""
    from ledger import Truth  # noqa: PLC0415  # it can be found only now

    return Truth(
        leads={"a": ["7"], "b": ["8"], "c": ["9"]},
        changed=Counter({"7": 2}),
        gone=Counter({"8": 1}),
    )


def complaints_about_rows(judge, leads, *claims):
    """Return what the judge says about claims of one address; of the others it knows enough."""
    known = {claim[1] for claim in claims}
    others = [("create", each, "", "in_doubt", 1) for each in leads.leads if each not in known]
    return list(judge.judge_rows([judge.RowClaim(*claim) for claim in (*claims, *others)], leads))


@pytest.mark.parametrize(
    "claims",
    [
        [("upsert", "a", "7", "created", 1), ("upsert", "a", "7", "updated", 2)],
        [("create", "a", "", "in_doubt", 2), ("update", "a", "7", "updated", 1)],
        [("create", "b", "8", "created", 1), ("delete", "b", "8", "already_gone", 2)],
        [("create", "c", "", "failed", 1), ("upsert", "c", "9", "created", 1)],
        [("create", "d", "", "failed", 1)],
        [("create", "d", "", "not_attempted", 0)],
        [("create", "c", "9", "created", 1), ("delete", "c", "9", "failed", 1)],
    ],
)
def test_the_judge_accepts_what_is_true_of_rows(judge, leads, claims):
    """What the ledger bears out, or leaves open, is no complaint."""
    assert [] == complaints_about_rows(judge, leads, *claims)


@pytest.mark.parametrize(
    "claims",
    [
        [("create", "a", "", "failed", 1)],
        [("create", "a", "9", "created", 1)],
        [("create", "d", "10", "created", 1)],
        [("upsert", "a", "7", "created", 1), ("upsert", "a", "7", "created", 1)],
        [("create", "c", "9", "created", 1), ("update", "c", "9", "updated", 1)],
        [("create", "a", "7", "created", 1), ("update", "a", "7", "failed", 1)],
        [("create", "c", "9", "created", 1), ("delete", "c", "9", "deleted", 1)],
        [("create", "b", "8", "created", 1), ("delete", "b", "8", "failed", 1)],
        [("create", "d", "", "not_attempted", 1)],
    ],
)
def test_the_judge_finds_every_lie_about_rows(judge, leads, claims):
    """What the ledger contradicts is a complaint that names the address."""
    complaints = complaints_about_rows(judge, leads, *claims)

    assert complaints
    assert {claims[0][1]} == {complaint.split(":")[0] for complaint in complaints}


def test_the_judge_finds_rows_that_nobody_asked_for(judge, leads):
    """Nor may a lead be created or deleted twice."""
    leads.leads = {"a": ["7", "8"]}
    leads.gone = Counter({"8": 2})

    assert [
        "a was created 2 times",
        "a was created, and nobody had asked for it",
        "lead 8 was deleted 2 times",
    ] == list(judge.judge_rows([], leads))


def test_the_judge_wants_a_reason_for_doubt(judge, leads):
    """An answer that was lost, about the link, the row, or the job that was to write it."""
    links = {"1": [judge.Claim("in_doubt", 5, "ServerError")], "2": [judge.Claim("deleted", 1)]}
    rows = [
        judge.RowClaim("create", "a", "", "in_doubt", 1, "ServerError"),
        judge.RowClaim("update", "b", "8", "in_doubt", 1, "ServerError"),
        judge.RowClaim("create", "c", "", "in_doubt", 1, "ServerError", by_job=True),
        judge.RowClaim("create", "d", "10", "created", 1),
    ]

    links["3"] = [judge.Claim("in_doubt", 2, "ClientClosedError")]

    assert 4 == len(list(judge.judge_doubt(links, rows, leads)))
    assert 1 == len(
        list(judge.judge_doubt({"3": [judge.Claim("in_doubt", 0, "ClientClosedError")]}, [], leads))
    )
    leads.lost = {"1", "a", "8", "job"}
    assert [] == list(judge.judge_doubt(links, rows, leads))


def test_a_soak_of_minutes_begins_with_each_trouble_once(monkeypatch):
    """Then come rounds until its end; one without an end ends with the first round."""
    monkeypatch.syspath_prepend(str(SOAK))
    import rounds  # noqa: PLC0415  # it can be found only now

    now = iter(range(100))
    monkeypatch.setattr(rounds.time, "monotonic", lambda: next(now))
    each, both = {"a": None, "b": None}, {"calm": None, "c": None}

    assert [(0, "a"), (0, "b")] == [told[:2] for told in rounds._rounds_until(None, each, both)]
    assert ["a", "b", "calm", "c", "calm"] == [
        name for _, name, _ in rounds._rounds_until(5, each, both)
    ]


def test_the_judge_counts_requests_for_tokens(judge):
    """Eleven tokens in ten minutes, and an ask too soon after a refusal, are complaints."""
    from ledger import Ask  # noqa: PLC0415  # it can be found only now

    limits = {"limit": 10, "window": 600.0, "slack": 0.0, "forgotten": 0}
    made = [Ask(at=50.0 * number, outcome="made") for number in range(11)]
    lost = [*made[:10], Ask(at=500.0, fault="reset_after", outcome="made")]
    slow = [*made[:10], Ask(at=500.0, fault="slow", outcome="made")]
    spread = [Ask(at=60.0 * number, outcome="made") for number in range(11)]
    refused = [Ask(at=0.0, outcome="throttled"), Ask(at=599.0, outcome="made")]

    assert [1, 1, 1, 0, 1] == [
        len(list(judge.judge_asks(asks, **limits))) for asks in (made, lost, slow, spread, refused)
    ]


def test_a_batch_has_one_outcome_for_each_input(judge):
    """An outcome too few, too many or in the wrong place is a complaint."""
    outcomes = (["1", "2"], ["2", "1"], ["1"], ["1", "2", "2"])

    assert [0, 1, 1, 1] == [
        len(list(judge.judge_account(["1", "2"], each, ordered=True))) for each in outcomes
    ]
