"""Many rows in calls of several: which rows travel together, in which order, and what is told."""

import asyncio
import json
import tracemalloc

import pytest

from aiozcrm.batch import Batch, Outcome, Rows
from aiozcrm.errors import (
    ApiError,
    AuthenticationError,
    CallCancelledError,
    ClientClosedError,
    ConnectionLostError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    PermissionDeniedError,
)
from aiozcrm.events import BatchProgress


class Calls:
    """Calls that take some turns of the loop, and what was under way together."""

    def __init__(self):
        self.chunks = []
        self.under_way = []
        self.busy = set()
        self.together = []
        self.errors = {}
        self.turns = {}

    async def send(self, chunk):
        """Make one call."""
        self.chunks.append(list(chunk.rows))
        self.under_way.append(chunk.rows)
        self.busy.add(asyncio.current_task())
        self.together.append([row for rows in self.under_way for row in rows])
        try:
            for _ in range(self.turns.get(chunk.rows[0], 1)):
                await asyncio.sleep(0)
            if error := self.errors.get(chunk.rows[0]):
                raise error
        finally:
            self.under_way.remove(chunk.rows)
            self.busy.discard(asyncio.current_task())
        return [
            Outcome(row, "updated", 1, None, index)
            for row, index in zip(chunk.rows, chunk.indexes, strict=True)
        ]


@pytest.fixture
def calls():
    """Calls without a network."""
    return Calls()


@pytest.fixture
def batch_of(calls):
    """Make a batch over those calls; a row is a text, and valid if it is one."""

    def read(raw):
        if not isinstance(raw, str):
            raise TypeError(f"a row is a str, not {type(raw).__name__}")
        if raw == "bad":
            raise ValueError("a bad row")
        return raw

    def make(*, concurrency=2, rows=(), **options):
        how = Rows(**{"read": read, "per_call": 3} | dict(rows))
        given = {"send": calls.send, "rows": how, "concurrency": concurrency, "highest": 100}
        return Batch(**given | options)

    return make


def texts(count):
    """Return so many different rows."""
    return [f"row {number}" for number in range(count)]


async def streamed(items):
    """Yield *items* asynchronously."""
    for item in items:
        await asyncio.sleep(0)
        yield item


KINDS = [
    pytest.param(list, id="list"),
    pytest.param(iter, id="generator"),
    pytest.param(streamed, id="async generator"),
]


@pytest.mark.parametrize("kind", KINDS)
async def test_rows_travel_in_calls_of_so_many(batch_of, calls, kind):
    """The last call has what is left, and the report is in the order of the rows."""
    report = await batch_of().report(kind(texts(8)))

    assert [3, 3, 2] == [len(rows) for rows in calls.chunks]
    assert texts(8) == [outcome.id for outcome in report.outcomes]
    assert list(range(8)) == [outcome.index for outcome in report.outcomes]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stream_yields_in_the_order_of_completion(batch_of, calls, kind):
    """A slow call holds back nobody."""
    calls.turns["row 0"] = 50

    seen = [outcome.index async for outcome in batch_of().stream(kind(texts(9)))]

    assert [3, 4, 5, 6, 7, 8, 0, 1, 2] == seen


@pytest.mark.parametrize("kind", KINDS)
async def test_rows_that_share_a_key_are_never_under_way_together(batch_of, calls, kind):
    """They keep their order, whatever else goes on at the same time."""
    rows = [f"{letter} {number}" for number in range(5) for letter in "abc"] + texts(7)
    batch = batch_of(concurrency=5, rows={"keys": lambda row: row.split()[:1]})

    report = await batch.report(kind(rows))

    assert rows == [outcome.id for outcome in report.outcomes]
    for together in calls.together:
        keys = [row.split()[0] for row in together if row[0] in "abc"]
        assert len(keys) == len(set(keys))
    sent = [row for chunk in calls.chunks for row in chunk]
    for letter in "abc":
        assert [f"{letter} {number}" for number in range(5)] == [r for r in sent if r[0] == letter]


async def test_a_row_waits_for_all_earlier_rows_that_it_shares_a_key_with(batch_of, calls):
    """A row with two keys goes when both are free, and later ones line up behind it."""
    calls.turns["ab 1"] = 9
    rows = ["a 0", "b 0", "ab 1", "b 2", "a 2", "c 0"]
    batch = batch_of(concurrency=6, rows={"per_call": 1, "keys": lambda row: row.split()[0]})

    await batch.report(rows)

    assert [["a 0"], ["b 0"], ["c 0"], ["ab 1"], ["b 2"], ["a 2"]] == calls.chunks
    for together in calls.together:
        assert "ab 1" not in together or not {"a 0", "b 0", "a 2", "b 2"} & set(together)


@pytest.mark.parametrize("kind", [iter, streamed])
@pytest.mark.parametrize("per_call", [1, 3])
async def test_no_more_than_a_thousand_rows_wait_for_an_earlier_one(
    batch_of, calls, kind, per_call
):
    """Then the input is not read further, and what is there goes in smaller calls."""
    read = 0

    def inputs():
        nonlocal read
        for number in range(3000):
            read = number
            yield f"same {number}"

    async def send(chunk):
        if len(calls.chunks) == 5:
            assert read <= 1010
        return await calls.send(chunk)

    rows = {"keys": lambda row: row.split()[:1], "per_call": per_call}
    batch = batch_of(send=send, rows=rows)
    report = await batch.report(inputs() if kind is iter else streamed(inputs()))

    assert {"updated": 3000} == report.counts
    assert [[f"same {number}"] for number in range(3000)] == calls.chunks


async def test_rows_without_a_key_wait_for_nobody(batch_of, calls):
    """An empty value is no shared value."""
    batch = batch_of(concurrency=1, rows={"keys": lambda row: ()})

    await batch.report(["x"] * 6)

    assert [["x"] * 3] * 2 == calls.chunks


async def test_rows_of_different_lanes_never_share_a_call(batch_of, calls):
    """A row whose lane is None travels alone."""
    batch = batch_of(concurrency=1, rows={"lane": lambda row: {"!": None}.get(row[0], row[0])})

    await batch.report(["a1", "b1", "a2", "!1", "a3", "b2", "!2", "a4"])

    assert [["!1"], ["a1", "a2", "a3"], ["!2"], ["b1", "b2"], ["a4"]] == calls.chunks


async def test_a_call_that_fails_is_the_outcome_of_all_its_rows(batch_of, calls):
    """They share the error, and other calls are not touched."""
    error = ApiError("no", status=400)
    error.attempts = 1
    calls.errors["row 3"] = error

    report = await batch_of().report(texts(9))

    assert {"updated": 6, "failed": 3} == report.counts
    assert [error] * 3 == [outcome.error for outcome in report.outcomes[3:6]]


@pytest.mark.parametrize(
    ("error", "attempts", "status", "of_a_deletion"),
    [
        (NotFoundError("no", status=400), 1, "failed", "not_found"),
        (NotAllowedError("no", status=400), 1, "failed", "protected"),
        (ConnectionLostError("no"), 1, "in_doubt", "in_doubt"),
        (PermissionDeniedError("no", status=403), 1, "failed", "failed"),
        (ConnectionLostError("no"), 0, "in_doubt", "in_doubt"),
        (InvalidInputError("no"), 0, "failed", "failed"),
        (ClientClosedError("no"), 0, "not_attempted", "not_attempted"),
    ],
)
async def test_what_an_error_means_depends_on_the_verb(
    batch_of, calls, error, attempts, status, of_a_deletion
):
    """Only a deletion can find nothing to do."""
    error.attempts = attempts
    calls.errors["row 0"] = error

    for deletes, expected in ((False, status), (True, of_a_deletion)):
        report = await batch_of(deletes=deletes).report(["row 0"])
        assert {expected: 1} == report.counts


@pytest.mark.parametrize("error", [InvalidInputError, TypeError, ValueError])
async def test_a_row_that_keeps_a_call_from_being_made_fails_alone(batch_of, calls, error):
    """Nothing was sent, so the other rows are sent without it."""

    async def send(chunk):
        if "unfit" in chunk.rows:
            raise error("a set is no JSON")
        return await calls.send(chunk)

    rows = {"per_call": 100, "keys": lambda row: [row]}
    report = await batch_of(send=send, rows=rows).report([*texts(40), "unfit", *texts(20)])

    assert {"updated": 60, "failed": 1} == report.counts
    assert ("failed", 0, error) == (
        report.outcomes[40].status,
        report.outcomes[40].attempts,
        type(report.outcomes[40].error),
    )
    assert 60 == sum(map(len, calls.chunks))


async def test_a_call_that_does_not_account_for_each_row_is_a_bug(batch_of):
    """It is raised, since no outcome could be trusted."""

    async def send(_chunk):
        return []

    with pytest.raises(RuntimeError, match="0 outcomes for 3 rows"):
        await batch_of(send=send).report(texts(5))


@pytest.mark.parametrize("kind", [iter, streamed])
async def test_an_invalid_row_out_of_a_generator_fails_alone(batch_of, calls, kind):
    """The rows around it travel together as if it were not there."""
    report = await batch_of().report(kind(["row 0", "bad", "row 1", 5, "row 2"]))

    assert [["row 0", "row 1", "row 2"]] == calls.chunks
    assert [("row 0", "updated"), ("bad", "failed"), ("row 1", "updated")] == [
        (outcome.id, outcome.status) for outcome in report.outcomes[:3]
    ]
    assert ["bad", "5"] == [o.id for o in report.outcomes if o.status == "failed"]


@pytest.mark.parametrize(("row", "error"), [("bad", ValueError), (5, TypeError)])
async def test_an_invalid_row_in_a_list_is_an_error_before_anything_is_sent(
    batch_of, calls, row, error
):
    """The error names its place."""
    with pytest.raises(error, match=r"inputs\[1\]"):
        await batch_of().report(["row 0", row])
    assert [] == calls.chunks


@pytest.mark.parametrize("kind", KINDS)
async def test_what_ends_a_batch_leaves_nothing_out_of_the_account(batch_of, calls, kind):
    """What waits in a chunk, or for an earlier row, is not attempted, as is the rest."""
    error = AuthenticationError("no", status=401)
    error.attempts = 1
    calls.errors["a 0"] = error
    calls.turns["a 0"] = 9
    rows = [f"a {number}" for number in range(20)] + texts(5)
    batch = batch_of(concurrency=1, rows={"keys": lambda row: [row[0]] if row[0] == "a" else ()})

    report = await batch.report(kind(rows))

    assert {"failed": 3, "not_attempted": 22} == report.counts
    assert rows == [outcome.id for outcome in report.outcomes]
    assert {error} == {outcome.error for outcome in report.outcomes}


async def test_the_caller_decides_what_ends_a_batch(batch_of, calls):
    """An error about one record ends no batch; one that no input can avoid does."""
    error = PermissionDeniedError("no", status=403)
    error.attempts = 1
    calls.errors["row 0"] = error

    usual = await batch_of(concurrency=1).report(texts(9))
    strict = await batch_of(concurrency=1, ends=lambda _: True).report(texts(9))

    assert {"failed": 3, "updated": 6} == usual.counts
    assert {"failed": 3, "not_attempted": 6} == strict.counts


async def test_each_outcome_of_a_call_is_told_before_the_next_call(batch_of, calls):
    """Events name what the batch does, and count on."""
    log, events = [], []
    batch = batch_of(
        concurrency=1,
        on_outcome=lambda outcome: log.append((outcome.index, len(calls.chunks))),
        emit=events.append,
        about="PUT settings/rows",
    )

    await batch.report(texts(5))

    assert [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2)] == log
    assert BatchProgress("row 4", "updated", 1, 5, "PUT settings/rows", "done") == events[-1]


@pytest.mark.parametrize(
    "failure",
    [OSError("disk full"), asyncio.CancelledError(), KeyboardInterrupt(), SystemExit(3)],
    ids=lambda failure: type(failure).__name__,
)
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_listener_that_fails_changes_no_outcome(batch_of, calls, failure, asynchronous):
    """Every row of each call that was made is told, with what really became of it."""
    told = []

    def note(outcome):
        told.append((outcome.id, outcome.status))
        if len(told) == 2:
            raise failure

    async def note_later(outcome):
        await asyncio.sleep(0)
        note(outcome)

    batch = batch_of(concurrency=2, on_outcome=note_later if asynchronous else note)
    expected = RuntimeError if isinstance(failure, asyncio.CancelledError) else type(failure)
    with pytest.raises(expected):
        await batch.report(texts(60))

    assert sorted(told) == sorted((row, "updated") for rows in calls.chunks for row in rows)
    assert len(calls.chunks) <= 3


async def test_a_cancelled_batch_tells_all_rows_of_the_calls_under_way(batch_of, calls):
    """Each of them may have been done."""
    told = []
    calls.turns = dict.fromkeys(texts(90), 1000)
    batch = asyncio.create_task(batch_of(on_outcome=told.append).report(texts(90)))
    for _ in range(20):
        await asyncio.sleep(0)
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch

    assert texts(6) == sorted(outcome.id for outcome in told)
    assert {CallCancelledError} == {type(outcome.error) for outcome in told}


def written(number, **changes):
    """Return what Zoho tells about a record that it has written."""
    user = '{"name": "Mira Berg", "id": "4150868000000225013"}'
    raw = (
        '{"Modified_Time": "2025-04-17T16:02:41+02:00", "Modified_By": %s, "id": "%d", '
        '"Created_Time": "2025-04-17T16:02:41+02:00", "Created_By": %s}'
    )
    return json.loads(raw % (user, 4150868000000000000 + number, user)) | changes


@pytest.mark.system
async def test_a_report_keeps_what_rows_tell_alike_once(batch_of):
    """Each outcome still has all that Zoho sent about it, in little memory."""
    count = 20_000

    async def send(chunk):
        await asyncio.sleep(0)
        found = map(written, chunk.indexes)
        return [Outcome(told["id"], "created", 1, details=told) for told in found]

    batch = batch_of(send=send, concurrency=10, rows={"per_call": 100, "name": lambda _: ""})
    tracemalloc.start()
    report = await batch.report(str(number) for number in range(count))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert used / count < 250
    for number in (0, 1, 99, 100, count - 1):
        assert written(number) == report.outcomes[number].details
        assert list(written(number)) == list(report.outcomes[number].details)


async def test_details_that_differ_stay_apart(batch_of):
    """Other keys, other values and the id of another record survive."""
    told = [
        written(0),
        written(1, Created_Time="2019-01-01T00:00:00+01:00"),
        {"id": "7"},
        {"id": "8", "permissions": ["Crm_Implied_View_Leads"]},
        {},
        written(5) | {"id": "another"},
        {"id": "9", "Modified_By": None},
        {"job_id": "1"},
        written(8, Modified_By={"name": "Someone", "id": "1"}),
    ]

    async def send(chunk):
        own = [str(4150868000000000000 + index) for index in chunk.indexes]
        pairs = zip(own, chunk.indexes, strict=True)
        return [Outcome(name, "done", 1, details=told[index]) for name, index in pairs]

    report = await batch_of(send=send, concurrency=1).report(texts(len(told)))
    streamed_outcomes = [o async for o in batch_of(send=send).stream(texts(len(told)))]

    assert told == [outcome.details for outcome in report.outcomes]
    by_index = sorted(streamed_outcomes, key=lambda outcome: outcome.index)
    assert told == [outcome.details for outcome in by_index]


@pytest.mark.parametrize("concurrency", [2.5, "5", None, True, float("nan"), 1 + 0j])
def test_a_concurrency_of_another_type_is_an_error(batch_of, concurrency):
    """It is found before anything is sent."""
    with pytest.raises(InvalidInputError, match="concurrency must be an int"):
        batch_of(concurrency=concurrency)


async def test_workers_take_turns_at_a_slow_source(batch_of, calls):
    """While one waits for an input, the others wait for it, and all of them get work."""
    gates = [asyncio.Event() for _ in range(6)]

    async def slowly():
        for number, gate in enumerate(gates):
            await gate.wait()
            yield f"row {number}"

    calls.turns = {f"row {number}": 40 for number in range(6)}
    batch = asyncio.create_task(batch_of(concurrency=3, rows={"per_call": 1}).report(slowly()))
    for gate in gates:
        for _ in range(5):
            await asyncio.sleep(0)
        gate.set()
    report = await batch

    assert {"updated": 6} == report.counts
    assert 3 == max(map(len, calls.together))


async def test_rows_that_become_free_are_sent_while_the_source_is_slow(batch_of, calls):
    """Nothing waits for an input that it does not need."""
    over = asyncio.Event()

    async def source():
        yield "same 0"
        yield "same 1"
        await over.wait()

    def note(outcome):
        if outcome.id == "same 1":
            over.set()

    rows = {"per_call": 1, "keys": lambda row: row.split()[:1]}
    async with asyncio.timeout(5):
        report = await batch_of(rows=rows, on_outcome=note).report(source())
    assert {"updated": 2} == report.counts


@pytest.mark.parametrize("kind", [iter, streamed])
async def test_a_thousand_duplicates_let_others_run(batch_of, calls, kind):
    """However many inputs need no call, the event loop gets its turn."""
    calls.turns["row 0"] = 30
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(count())
    rows = {"per_call": 1, "once": True}
    report = await batch_of(rows=rows).report(kind(["row 0"] * 3000))
    others.cancel()

    assert {"updated": 3000} == report.counts
    assert [["row 0"]] == calls.chunks
    assert turns > 5


async def test_an_error_of_the_keys_of_a_row_is_raised(batch_of, calls):
    """It is a mistake of the program, not of the row."""

    def keys(row):
        raise KeyError(row)

    for kind in (list, iter, streamed):
        with pytest.raises(KeyError):
            await batch_of(rows={"keys": keys}).report(kind(texts(5)))
    assert [] == calls.chunks


async def test_what_goes_wrong_after_a_send_is_blamed_on_no_row(zoho, script, monkeypatch):
    """A row whose call was made is never said to have failed for its type."""

    def misread(*_args, **_kwargs):
        raise TypeError("a bug")

    monkeypatch.setattr("aiozcrm.resources._behaviours._writing.outcomes_of", misread)
    item = {"code": "SUCCESS", "status": "success", "message": "", "details": {"id": "1"}}
    script.add(script.response(200, {"holidays": [item]}))
    with pytest.raises(TypeError, match="a bug"):
        await zoho.holidays.update_many([{"id": "1", "name": "x"}])
    assert 1 == len(script.requests)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_stream_waits_for_a_slow_reader(batch_of, calls, asynchronous):
    """No more calls are made than somebody reads, with and without a listener."""
    told = []
    options = {"on_outcome": told.append} if asynchronous else {}
    stream = batch_of(concurrency=2, **options).stream(iter(texts(300)))
    first = await anext(stream)
    for _ in range(100):
        await asyncio.sleep(0)

    assert len(calls.chunks) <= 6
    rest = [outcome.id async for outcome in stream]
    assert sorted(texts(300)) == sorted([first.id, *rest])


async def test_rows_that_became_free_go_before_the_source_is_asked_again(batch_of, calls):
    """A later row that has to wait does not hold them back."""
    gate = asyncio.Event()

    async def source():
        for row in ("ab 0", "a 1", "b 2"):
            yield row
        await gate.wait()
        yield "b 3"

    calls.turns = {"ab 0": 5, "a 1": 60, "b 2": 5}
    rows = {"per_call": 1, "keys": lambda row: row.split()[0]}
    batch = asyncio.create_task(batch_of(concurrency=2, rows=rows).report(source()))
    for _ in range(20):
        await asyncio.sleep(0)
    gate.set()
    report = await batch

    assert {"updated": 4} == report.counts
    assert [["ab 0"], ["a 1"], ["b 2"], ["b 3"]] == calls.chunks


async def test_a_call_that_is_cancelled_from_elsewhere_is_an_error(batch_of):
    """Its rows are in doubt, and no reader is left waiting."""
    told = []

    async def send(_chunk):
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="was cancelled by somebody else"):
        await batch_of(send=send, concurrency=1, on_outcome=told.append).report(texts(2))
    assert ["row 0", "row 1"] == [outcome.id for outcome in told]


def idle_worker(calls):
    """Return a task that makes calls, but is waiting now."""
    workers = (task for task in asyncio.all_tasks() if task.get_name() == "aiozcrm: batch worker")
    return next(task for task in workers if task not in calls.busy)


async def test_a_worker_that_is_cancelled_while_it_waits_for_a_row_is_told_of(batch_of, calls):
    """The others finish, and then the batch says that it is not complete."""
    calls.turns["same 0"] = 30
    rows = {"per_call": 1, "keys": lambda row: row.split()[:1]}
    batch = asyncio.create_task(
        batch_of(concurrency=3, rows=rows).report([f"same {number}" for number in range(9)]),
    )
    for _ in range(10):
        await asyncio.sleep(0)
    idle_worker(calls).cancel()

    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError, match="a worker of the batch was cancelled"):
            await batch
    assert 9 == len(calls.chunks)


async def test_a_worker_that_is_cancelled_while_it_waits_for_the_reader_is_told_of(batch_of, calls):
    """The reader gets what the others did, then the error."""
    stream = batch_of(concurrency=2).stream(iter(texts(60)))
    seen = [await anext(stream)]

    async def read():
        async for outcome in stream:
            seen.append(outcome)  # noqa: PERF401  # what came before the error

    for _ in range(30):
        await asyncio.sleep(0)
    idle_worker(calls).cancel()

    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError, match="was cancelled"):
            await read()
    assert len(seen) > 3


async def test_a_long_list_is_read_without_holding_up_others(batch_of):
    """Reading it before the first call takes turns, too."""
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def never():
        raise LookupError("nothing was to be sent")

    others = asyncio.create_task(count())
    with pytest.raises(LookupError):
        await batch_of(prepare=never).report(texts(5000))
    others.cancel()
    assert turns >= 9


async def test_rows_before_an_error_of_the_inputs_are_told(calls, batch_of):
    """Calls that are full are made, and what is not valid is told, before it is raised."""

    def rows():
        yield from texts(4)
        yield "bad"
        raise OSError("the disk is gone")

    outcomes = []
    with pytest.raises(OSError, match="the disk"):
        await batch_of(on_outcome=outcomes.append).report(rows())
    assert [texts(3)] == calls.chunks
    assert ["failed"] + ["updated"] * 3 == sorted(outcome.status for outcome in outcomes)


async def test_a_source_is_read_no_further_than_a_call_has_room(calls, batch_of):
    """While a call is under way, no more than the rows of the next are read."""
    read = []

    def rows():
        for text in texts(30):
            read.append(text)
            yield text

    stream = batch_of(concurrency=1).stream(rows())
    await anext(stream)
    assert len(read) <= 9
    await stream.aclose()


async def test_what_is_not_attempted_is_told_of_each_row(calls, batch_of):
    """Also of rows that are read later, among them those that are not valid."""
    calls.errors["row 0"] = ClientClosedError("closed")
    rows = [*texts(4), "bad", *texts(8)[5:]]
    report = await batch_of(concurrency=1).report(iter(rows))
    statuses = [outcome.status for outcome in report.outcomes]
    assert ["not_attempted"] * 4 + ["failed"] + ["not_attempted"] * 3 == statuses


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ApiError("one of them", status=400, method="POST", url="/x"), "failed"),
        (InvalidInputError("one of them"), "not_attempted"),
    ],
)
async def test_a_stopped_batch_sends_no_halves(calls, error, status):
    """What would be split to find the row at fault stays as it is, since nothing more is sent."""
    calls.errors = {1: ClientClosedError("closed"), 3: error}
    calls.turns = {3: 5}
    if isinstance(error, ApiError):
        error.attempts = 1
    batch = Batch(
        send=calls.send,
        rows=Rows(read=lambda row: row, name=str, per_call=2),
        concurrency=2,
        splits=lambda _: True,
    )

    report = await batch.report([1, 2, 3, 4, 5])

    assert [[1, 2], [3, 4]] == calls.chunks
    assert ["not_attempted"] * 2 + [status] * 2 + ["not_attempted"] == [
        outcome.status for outcome in report.outcomes
    ]
