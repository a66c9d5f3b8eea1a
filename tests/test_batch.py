"""One call over many inputs, on canned answers and a clock that does not wait."""

import asyncio
import copy
import gc
import pickle
from collections.abc import Mapping

import anyio
import attrs
import pytest

from aiozcrm import BatchReport, Outcome, RetryPolicy
from aiozcrm._clock import Clock
from aiozcrm.batch import Successes
from aiozcrm.errors import (
    CallCancelledError,
    ConnectionLostError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from aiozcrm.events import BatchProgress


def ids(count):
    """Return so many ids."""
    return [str(number) for number in range(1, count + 1)]


async def streamed(items):
    """Yield *items* asynchronously."""
    for item in items:
        await asyncio.sleep(0)
        yield item


def statuses(outcomes):
    """Return status by id."""
    return {outcome.id: outcome.status for outcome in outcomes}


async def never(_request):
    """Answer nothing, for as long as anybody waits."""
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param(lambda: ids(7), id="list"),
        pytest.param(lambda: tuple(map(int, ids(7))), id="tuple of int"),
        pytest.param(lambda: dict.fromkeys(ids(7)), id="keys"),
        pytest.param(lambda: iter(ids(7)), id="generator"),
        pytest.param(lambda: streamed(ids(7)), id="async generator"),
    ],
)
async def test_every_kind_of_iterable_is_taken(zoho, inputs):
    """One outcome for each input, in the order of the inputs."""
    report = await zoho.delete_unsubscribe_links(inputs())

    assert ids(7) == [outcome.id for outcome in report.outcomes]
    assert {"deleted": 7} == report.counts
    assert report.ok
    assert report.raise_for_failures() is None


@pytest.mark.parametrize("inputs", [[], (), iter([])])
async def test_nothing_to_do_is_done(zoho, script, inputs):
    """An empty batch sends nothing, not even a token request."""
    report = await zoho.delete_unsubscribe_links(inputs)

    assert ((), {}, True) == (report.outcomes, report.counts, report.ok)
    assert [] == script.token_requests


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        pytest.param("", ValueError, id="empty"),
        pytest.param(" 1", ValueError, id="space"),
        pytest.param("1/../2", ValueError, id="path"),
        pytest.param("abc", ValueError, id="letters"),
        pytest.param("-1", ValueError, id="sign"),
        pytest.param(-1, ValueError, id="negative"),
        pytest.param("٣", ValueError, id="other digits"),
        pytest.param("1" * 40, ValueError, id="40 digits"),
        pytest.param(1.0, TypeError, id="float"),
        pytest.param(True, TypeError, id="bool"),
        pytest.param(None, TypeError, id="None"),
        pytest.param(b"1", TypeError, id="bytes"),
    ],
)
async def test_a_bad_id_in_a_list_is_refused_before_anything_is_sent(zoho, script, bad, error):
    """The error names the place, and nothing was sent."""
    for call in (
        lambda: zoho.delete_unsubscribe_links(["1", bad]),
        lambda: anext(zoho.iter_delete_unsubscribe_links(["1", bad])),
    ):
        with pytest.raises(error, match=r"inputs\[1\]"):
            await call()
    with pytest.raises(error):
        await zoho.delete_unsubscribe_link(bad)
    assert [] == script.requests + script.token_requests


async def test_a_bad_id_out_of_a_generator_is_an_outcome(zoho, script):
    """What is read on the way cannot be refused before, and loses nobody else's outcome."""
    report = await zoho.delete_unsubscribe_links(iter(["1", "abc", 2.0, "2"]))

    assert ["deleted", "failed", "failed", "deleted"] == [o.status for o in report.outcomes]
    assert ["1", "abc", "2.0", "2"] == [outcome.id for outcome in report.outcomes]
    assert isinstance(report.outcomes[1].error, InvalidInputError)
    assert isinstance(report.outcomes[2].error, TypeError)
    assert 2 == len(script.requests)


@pytest.mark.parametrize("inputs", ["6240019000000731004", b"1", bytearray(b"1"), 5, None])
async def test_one_id_is_not_many(zoho, script, inputs):
    """A single string would be taken for its digits."""
    with pytest.raises(TypeError, match="inputs"):
        await zoho.delete_unsubscribe_links(inputs)
    assert [] == script.token_requests


@pytest.mark.parametrize("concurrency", [0, -1])
async def test_no_concurrency_is_refused(zoho, concurrency):
    """A batch needs at least one worker."""
    with pytest.raises(InvalidInputError, match="concurrency must be at least 1"):
        await zoho.delete_unsubscribe_links(["1"], concurrency=concurrency)


async def test_duplicates_run_once_and_share_their_outcome(zoho, script):
    """Each input has an outcome, each link one delete."""
    report = await zoho.delete_unsubscribe_links(["1", "2", 1, "1", "2"])

    assert 2 == len(script.requests)
    assert ["1", "2", "1", "1", "2"] == [outcome.id for outcome in report.outcomes]
    assert {"deleted": 5} == report.counts


async def test_duplicates_in_a_stream_run_once(zoho, script):
    """Duplicates of what is on its way and of what is done both share the outcome."""
    outcomes = [o async for o in zoho.iter_delete_unsubscribe_links(iter(["1", "1", "2", "1"]))]

    assert 2 == len(script.requests)
    assert ["1", "1", "1", "2"] == sorted(outcome.id for outcome in outcomes)


async def test_a_stream_remembers_the_latest_inputs_only(zoho, script, monkeypatch):
    """Memory stays flat, so a duplicate far behind is run again and tells the truth."""
    monkeypatch.setattr("aiozcrm.batch._batch._STREAM_MEMORY", 3)

    async def gone(_request):
        return script.gone()

    inputs = [*ids(10), "10", "1"]
    seen = []
    async for outcome in zoho.iter_delete_unsubscribe_links(iter(inputs), concurrency=1):
        seen.append((outcome.id, outcome.status))
        if len(seen) == 10:
            script.add(gone)

    assert 11 == len(script.requests)
    assert [("10", "deleted"), ("1", "not_found")] == seen[-2:]


async def test_an_input_on_its_way_is_not_forgotten(zoho, script, monkeypatch):
    """The oldest input may be the slowest."""
    monkeypatch.setattr("aiozcrm.batch._batch._STREAM_MEMORY", 2)
    gate = asyncio.Event()

    async def slowly(request):
        await gate.wait()
        return script._success(request)

    script.add(slowly)
    seen = []
    async for outcome in zoho.iter_delete_unsubscribe_links(iter(ids(9)), concurrency=2):
        seen.append(outcome.id)
        if len(seen) == 8:
            gate.set()

    assert "1" == seen[-1]
    assert ids(9) == sorted(seen)


async def test_workers_stay_within_the_clients_limit(make_zoho, script):
    """A batch's concurrency works within the cap of the client."""
    async with make_zoho(max_in_flight=3) as zoho:
        await zoho.delete_unsubscribe_links(ids(30), concurrency=50)
        assert 3 == script.most_in_flight
        script.most_in_flight = 0
        await zoho.delete_unsubscribe_links(ids(30), concurrency=2)
        assert 2 == script.most_in_flight


async def test_inputs_are_read_as_they_are_needed(zoho):
    """The first call leaves before the second page of ids is read."""
    read = 0

    def endless():
        nonlocal read
        for number in range(1, 1000):
            read += 1
            yield number

    stream = zoho.iter_delete_unsubscribe_links(endless(), concurrency=2)
    await anext(stream)
    assert read < 10
    await stream.aclose()


async def test_a_slow_reader_slows_the_calls_down(zoho, script):
    """Outcomes do not pile up behind a reader that takes its time."""
    stream = zoho.iter_delete_unsubscribe_links(ids(100), concurrency=3)
    await anext(stream)
    for _ in range(200):
        await asyncio.sleep(0)

    assert len(script.requests) <= 8
    await stream.aclose()


async def test_a_stream_comes_in_order_of_completion(zoho, script):
    """Who is done first is told first."""
    gate = asyncio.Event()

    async def slowly(request):
        await gate.wait()
        return script._success(request)

    script.add(slowly)
    seen = []
    async for outcome in zoho.iter_delete_unsubscribe_links(ids(4), concurrency=2):
        seen.append(outcome.id)
        if len(seen) == 3:
            gate.set()

    assert ["2", "3", "4", "1"] == seen


async def test_each_ending_has_its_status(make_zoho, script):
    """Deleted, already gone, not found, protected, failed, in doubt: each is told apart."""
    policy = RetryPolicy(attempts=2)
    async with make_zoho(retries=policy) as zoho:
        script.add(
            script.response(200, {"unsubscribe_links": [{"code": "SUCCESS", "status": "success"}]}),
            script.response(500),
            script.gone(),
            script.gone(),
            script.error(400, "NOT_ALLOWED", details={"resource_path_index": 2}),
            script.error(400, "INVALID_DATA"),
            ConnectionLostError("lost"),
            ConnectionLostError("lost"),
        )
        report = await zoho.delete_unsubscribe_links(ids(6), concurrency=1)

    assert {
        "1": "deleted",
        "2": "already_gone",
        "3": "not_found",
        "4": "protected",
        "5": "failed",
        "6": "in_doubt",
    } == statuses(report.outcomes)
    assert [1, 2, 1, 1, 1, 2] == [outcome.attempts for outcome in report.outcomes]
    assert not report.ok
    with pytest.raises(ExceptionGroup, match="2 of 6") as caught:
        report.raise_for_failures()
    assert [report.outcomes[4].error, report.outcomes[5].error] == list(caught.value.exceptions)


async def test_one_failing_input_cancels_no_other(zoho, script):
    """The batch goes on."""
    script.add(script.error(400, "INVALID_DATA"))

    report = await zoho.delete_unsubscribe_links(ids(20))

    assert {"failed": 1, "deleted": 19} == report.counts


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        pytest.param(lambda s: s.error(403, "NO_PERMISSION"), "failed", id="permission"),
        pytest.param(lambda s: s.error(401, "OAUTH_SCOPE_MISMATCH"), "failed", id="scope"),
        pytest.param(lambda s: s.error(400, "FEATURE_NOT_SUPPORTED"), "failed", id="feature"),
        pytest.param(
            lambda s: s.error(429, "TOO_MANY_REQUESTS", X_API_CREDITS_REMAINING="0"),
            "failed",
            id="credits",
        ),
        pytest.param(
            lambda s: s.error(429, "TOO_MANY_REQUESTS", Retry_After="3600"),
            "failed",
            id="come back in an hour",
        ),
    ],
)
async def test_what_cannot_heal_stops_the_batch(zoho, script, answer, first):
    """The rest is not attempted, and each of those outcomes says why."""
    script.add(answer(script))

    report = await zoho.delete_unsubscribe_links(ids(50), concurrency=1)

    assert {first: 1, "not_attempted": 49} == report.counts
    assert 1 == len(script.requests)
    assert {id(report.outcomes[0].error)} == {id(outcome.error) for outcome in report.outcomes}
    with pytest.raises(ExceptionGroup, match="50 of 50") as caught:
        report.raise_for_failures()
    assert 1 == len(caught.value.exceptions)


@pytest.mark.parametrize("code", ["invalid_code", "invalid_client"])
async def test_a_dead_token_stops_the_batch(zoho, script, code):
    """A rejected refresh token fails the rest of the batch at once."""
    script.add_token(script.response(200, {"error": code}))

    report = await zoho.delete_unsubscribe_links(iter(ids(50)))

    assert {"not_attempted": 50} == report.counts
    assert (1, []) == (len(script.token_requests), script.requests)


async def test_a_call_that_was_on_its_way_when_the_batch_stopped_is_told(zoho, script):
    """Stopping starts nothing new, and lets what is on its way end."""
    script.add(script.error(403, "NO_PERMISSION"))

    report = await zoho.delete_unsubscribe_links(ids(10), concurrency=3)

    assert {"failed": 1, "deleted": 2, "not_attempted": 7} == report.counts


def test_a_report_counts_by_itself():
    """A report can be put together by hand, for tests of what is done with it."""
    error = NotFoundError("no", status=400)
    report = BatchReport((Outcome("1", "deleted", 1), Outcome("2", "not_found", 1, error)))

    assert ({"deleted": 1, "not_found": 1}, True) == (report.counts, report.ok)


async def test_counts_come_in_one_order(zoho, script):
    """That of the inputs, in whatever order the calls end."""
    ended = asyncio.Event()

    async def late(_request):
        await ended.wait()
        return script.error(400, "INVALID_DATA")

    async def early(request):
        ended.set()
        return script._success(request)

    script.add(late, early)
    report = await zoho.delete_unsubscribe_links(ids(3), concurrency=3)

    assert [("failed", 1), ("deleted", 2)] == [*report.counts.items()]
    assert report.counts == BatchReport(report.outcomes).counts


@pytest.mark.parametrize("first", ["outcomes", "copy", "pickle", "asdict"])
async def test_a_report_is_data_whatever_is_asked_of_it_first(zoho, first):
    """Its outcomes are made as soon as anything needs them."""
    report = await zoho.delete_unsubscribe_links(ids(3), concurrency=2)
    if first == "copy":
        report = copy.deepcopy(report)
    elif first == "pickle":
        report = pickle.loads(pickle.dumps(report))  # noqa: S301  # our own
    elif first == "asdict":
        told = attrs.asdict(report)
        assert {"outcomes", "counts", "ok"} == told.keys()
        assert ids(3) == [outcome["id"] for outcome in told["outcomes"]]

    assert ids(3) == [outcome.id for outcome in report.outcomes]
    assert repr(report).startswith("BatchReport(outcomes=(Outcome(id='1', ")
    with pytest.raises(AttributeError, match="'BatchReport' has no attribute 'total'"):
        report.total  # noqa: B018
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        report.ok = False


async def test_a_report_is_equal_to_one_with_the_same_outcomes(zoho):
    """Whether it was put together by a batch or by hand."""
    report = await zoho.delete_unsubscribe_links(ids(3), concurrency=2)

    assert BatchReport(tuple(Outcome(own, "deleted", 1) for own in ids(3))) == report
    assert BatchReport((Outcome("1", "deleted", 1),)) != report
    assert report.outcomes is report.outcomes


def test_outcomes_of_successes_are_made_when_they_are_asked_for():
    """One by its place, some, or all; each with its own id, status and place."""
    told = (("id",), (None,))
    outcomes = Successes(ids(3), ["created", "updated", "created"], 2, [7, 8, 9], [told] * 3)

    assert [
        Outcome("1", "created", 2, None, 7),
        Outcome("2", "updated", 2, None, 8),
        Outcome("3", "created", 2, None, 9),
    ] == list(outcomes)
    assert ("2", "updated", 8, {"id": "2"}) == (
        outcomes[1].id,
        outcomes[1].status,
        outcomes[1].index,
        outcomes[1].details,
    )
    assert (3, ["2", "3"]) == (len(outcomes), [outcome.id for outcome in outcomes[1:]])


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("created", "done"),
        ("updated", "done"),
        ("deleted", "done"),
        ("linked", "done"),
        ("done", "done"),
        ("already_gone", "done"),
        ("not_found", "kept"),
        ("protected", "kept"),
        ("failed", "failed"),
        ("in_doubt", "in_doubt"),
        ("not_attempted", "not_attempted"),
    ],
)
def test_the_kind_of_an_outcome_says_what_its_status_means(status, kind):
    """Whatever the verb, there are five kinds, and a report is ok by kind."""
    outcome = Outcome("1", status, 1, index=4, details={"id": "1"})

    assert (kind, 4, {"id": "1"}) == (outcome.kind, outcome.index, outcome.details)
    assert ({}, None) == (Outcome("1", status, 1).details, Outcome("1", status, 1).index)
    assert (kind in {"done", "kept"}) is BatchReport((outcome,)).ok


def test_a_word_of_another_status_is_in_doubt():
    """What cannot be understood is no success."""
    assert "in_doubt" == Outcome("1", "dancing", 1).kind


def test_outcomes_without_an_error_can_be_raised():
    """A report that was put together by hand need not hold errors."""
    shared = NotFoundError("no", status=400)
    report = BatchReport(
        (
            Outcome("1", "failed", 1),
            Outcome("2", "in_doubt", 1, shared),
            Outcome("3", "failed", 1, shared),
            Outcome("4", "deleted", 1),
        ),
    )

    with pytest.raises(ExceptionGroup, match="3 of 4") as caught:
        report.raise_for_failures()
    assert ["Input '1' is failed.", "no"] == [error.message for error in caught.value.exceptions]


async def test_errors_of_outcomes_keep_no_frames(zoho, script):
    """An error that is kept as data does not keep memory alive."""
    script.add(script.error(400, "INVALID_DATA"))

    report = await zoho.delete_unsubscribe_links(["1"])

    assert report.outcomes[0].error.__traceback__ is None


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_each_outcome_is_handed_on_before_the_next_call_starts(zoho, script, kind):
    """Nothing finished is ever lost: the journal is written first."""
    log = []

    def note(outcome):
        log.append((outcome.id, len(script.requests)))

    async def note_later(outcome):
        await asyncio.sleep(0)
        note(outcome)

    report = await zoho.delete_unsubscribe_links(
        ids(5),
        concurrency=1,
        on_outcome=note if kind == "plain" else note_later,
    )

    assert [(str(number), number) for number in range(1, 6)] == log
    assert {"deleted": 5} == report.counts


async def test_progress_is_told_as_events(make_zoho):
    """A listener can follow a batch."""
    events = []
    async with make_zoho(on_event=events.append) as zoho:
        await zoho.delete_unsubscribe_links(["1", "2", "2"], concurrency=1)

    told = [event for event in events if isinstance(event, BatchProgress)]
    assert [("1", 1), ("2", 2), ("2", 3)] == [(event.id, event.finished) for event in told]


async def test_an_error_in_on_outcome_ends_the_batch_after_what_is_on_its_way(zoho, script):
    """The caller's own error is raised as it is; no call is cut off for it."""
    handed = []

    def note(outcome):
        handed.append(outcome.id)
        if len(handed) == 1:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await zoho.delete_unsubscribe_links(ids(50), concurrency=3, on_outcome=note)

    assert 3 == len(script.requests) == len(handed)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_an_error_in_the_callers_generator_is_raised_after_what_is_on_its_way(
    zoho,
    script,
    asynchronous,
):
    """The outcomes before it have been handed on."""
    handed = []

    def broken():
        yield from ids(3)
        raise LookupError("cursor lost")

    async def broken_async():
        for number in ids(3):
            yield number
        raise LookupError("cursor lost")

    inputs = broken_async() if asynchronous else broken()
    with pytest.raises(LookupError, match="cursor lost"):
        await zoho.delete_unsubscribe_links(inputs, on_outcome=handed.append)

    assert ids(3) == sorted(outcome.id for outcome in handed)
    assert 3 == len(script.requests)


async def test_a_stream_raises_what_crashed_it_after_the_outcomes_so_far(zoho):
    """A reader of a stream gets all that was finished, then the error."""

    def broken():
        yield from ids(3)
        raise LookupError("cursor lost")

    seen = []
    stream = zoho.iter_delete_unsubscribe_links(broken())
    for _ in range(3):
        seen.append((await anext(stream)).id)  # noqa: PERF401  # one after the other

    with pytest.raises(LookupError, match="cursor lost"):
        await anext(stream)
    assert ids(3) == sorted(seen)


async def test_cancelling_a_batch_tells_what_is_in_doubt_and_sends_no_more(zoho, script):
    """No new sends, no task left, and what was on its way is told as such."""
    handed = []

    script.add(*[never] * 3)
    batch = asyncio.create_task(
        zoho.delete_unsubscribe_links(ids(50), concurrency=3, on_outcome=handed.append),
    )
    for _ in range(20):
        await asyncio.sleep(0)
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch

    assert {"1": "in_doubt", "2": "in_doubt", "3": "in_doubt"} == statuses(handed)
    assert {CallCancelledError} == {type(outcome.error) for outcome in handed}
    assert 3 == len(script.requests)
    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert "deleted" == (await zoho.delete_unsubscribe_link(4)).status


async def test_leaving_a_stream_early_leaves_nothing_behind(zoho, script):
    """A reader may stop at any time."""
    async for outcome in zoho.iter_delete_unsubscribe_links(ids(50)):
        assert "deleted" == outcome.status
        break
    gc.collect()
    for _ in range(20):
        await asyncio.sleep(0)

    assert {asyncio.current_task()} == asyncio.all_tasks()
    sent = len(script.requests)
    await asyncio.sleep(0)
    assert sent == len(script.requests)


async def test_closing_a_stream_tells_what_is_in_doubt(zoho, script):
    """What is cut off by closing a stream is handed to on_outcome."""
    handed = []

    script.add(lambda request: asyncio.sleep(0, script._success(request)), *[never] * 5)
    stream = zoho.iter_delete_unsubscribe_links(ids(9), concurrency=2, on_outcome=handed.append)
    await anext(stream)
    for _ in range(10):
        await asyncio.sleep(0)
    await stream.aclose()

    assert ["deleted", "in_doubt", "in_doubt"] == [outcome.status for outcome in handed]


async def test_permission_errors_are_of_their_class(zoho, script):
    """The error of an outcome is the one that the single call would have raised."""
    script.add(script.error(403, "NO_PERMISSION"))

    report = await zoho.delete_unsubscribe_links(["1"])

    assert isinstance(report.outcomes[0].error, PermissionDeniedError)


async def test_a_cancelled_batch_tells_what_was_sent_and_what_was_not(make_zoho, script):
    """A call that waited for its moment is not in doubt."""
    handed = []
    pause = asyncio.Event()

    async def sleep(_seconds):
        await pause.wait()

    script.add(script.error(429, "TOO_MANY_REQUESTS"), never)
    async with make_zoho(clock=Clock(sleep=sleep), max_in_flight=2) as zoho:
        batch = asyncio.create_task(
            zoho.delete_unsubscribe_links(ids(9), on_outcome=handed.append),
        )
        for _ in range(30):
            await asyncio.sleep(0)
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch

    told = {outcome.id: (outcome.status, outcome.attempts) for outcome in handed}
    assert {"1": ("failed", 1), "2": ("in_doubt", 1)} == told


async def test_an_async_on_outcome_comes_to_its_end_before_the_batch_is_cancelled(zoho, script):
    """A journal that is being written is written."""
    written, gate = [], asyncio.Event()

    async def write(outcome):
        await gate.wait()
        written.append(outcome.id)

    batch = asyncio.create_task(
        zoho.delete_unsubscribe_links(ids(5), concurrency=1, on_outcome=write),
    )
    for _ in range(20):
        await asyncio.sleep(0)
    batch.cancel()
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await batch

    assert ["1"] == written
    assert 1 == len(script.requests)


async def test_an_on_outcome_that_fails_during_a_cancellation_is_logged(zoho, script, caplog):
    """Its error cannot be raised, since the cancellation is."""
    gate = asyncio.Event()

    async def write(_outcome):
        await gate.wait()
        raise OSError("disk full")

    batch = asyncio.create_task(zoho.delete_unsubscribe_links(["1"], on_outcome=write))
    for _ in range(20):
        await asyncio.sleep(0)
    batch.cancel()
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await batch

    assert "disk full" in caplog.text


@pytest.mark.parametrize("kind", ["report", "stream"])
async def test_waiting_for_an_on_outcome_leaves_the_event_loop_alone(zoho, monkeypatch, kind):
    """Without a shield, anyio would cancel again and again, as fast as it can."""
    loop, scheduled, written = asyncio.get_running_loop(), [], []
    schedule = loop.call_soon
    monkeypatch.setattr(
        loop, "call_soon", lambda *args, **kw: scheduled.append(1) or schedule(*args, **kw)
    )

    async def write(outcome):
        await asyncio.sleep(0.05)
        written.append(outcome.id)

    async def read():
        if kind == "report":
            await zoho.delete_unsubscribe_links(["1"], on_outcome=write)
        async for _ in zoho.iter_delete_unsubscribe_links(["1"], on_outcome=write):
            raise AssertionError("it was cancelled before")

    with anyio.move_on_after(0.01) as scope:
        await read()

    assert scope.cancelled_caught
    assert ["1"] == written
    assert len(scheduled) < 200


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_an_on_outcome_that_fails_for_what_is_in_doubt_is_logged(zoho, script, caplog, kind):
    """The one record of a delete that was cut off is not lost in silence."""

    def write(outcome):
        raise OSError(f"no room for {outcome.id}")

    async def write_later(outcome):
        write(outcome)

    script.add(never)
    on_outcome = write if kind == "plain" else write_later
    batch = asyncio.create_task(zoho.delete_unsubscribe_links(["7"], on_outcome=on_outcome))
    for _ in range(20):
        await asyncio.sleep(0)
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch

    assert "no room for 7" in caplog.text


@pytest.mark.parametrize("victim", ["aiozcrm: batch", "aiozcrm: batch worker"])
@pytest.mark.parametrize("streamed", [True, False])
async def test_a_batch_whose_tasks_others_cancel_ends_with_an_error(zoho, script, victim, streamed):
    """Whoever cancels all tasks of a loop leaves no reader waiting, and no input without a word."""

    async def read():
        if streamed:
            return [outcome async for outcome in zoho.iter_delete_unsubscribe_links(ids(9))]
        return await zoho.delete_unsubscribe_links(ids(9))

    script.add(*[never] * 5)
    reading = asyncio.create_task(read())
    for _ in range(20):
        await asyncio.sleep(0)
    found = [task for task in asyncio.all_tasks() if task.get_name() == victim]
    for task in found:
        task.cancel()
    if not found:
        reading.cancel()

    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError if found else asyncio.CancelledError):
            await reading


async def test_a_second_cancellation_waits_for_the_batch_too(zoho):
    """However impatient the reader is, no task is left behind."""
    written, gate = [], asyncio.Event()

    async def write(outcome):
        await gate.wait()
        written.append(outcome.id)

    async def read():
        async for _ in zoho.iter_delete_unsubscribe_links(["1"], on_outcome=write):
            raise AssertionError("it cannot have been handed on")

    reading = asyncio.create_task(read())
    for _ in range(3):
        for _ in range(20):
            await asyncio.sleep(0)
        reading.cancel()
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert ["1"] == written
    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_after_an_error_no_worker_begins(zoho, script):
    """Where the journal fails at once, nothing is deleted behind its back."""

    def write(_outcome):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await zoho.delete_unsubscribe_links(iter(["no id", *ids(9)]), on_outcome=write)

    assert [] == script.requests


class Unspeakable:
    """Something that cannot even be shown."""

    def __repr__(self):
        """Fail."""
        raise LookupError("nothing to show")


async def test_an_input_that_cannot_be_shown_is_an_outcome(zoho):
    """It ends as any other bad id out of a generator."""
    report = await zoho.delete_unsubscribe_links(iter(["1", Unspeakable(), 10**5000, "2"]))

    assert ["1", "<Unspeakable>", "<int>", "2"] == [outcome.id for outcome in report.outcomes]
    assert {"deleted": 2, "failed": 2} == report.counts


async def test_a_cancellation_from_elsewhere_loses_no_input_in_silence(zoho):
    """Whatever the batch waits for may be cancelled by others; that is an error."""

    async def write(_outcome):
        task = asyncio.create_task(asyncio.sleep(60))
        task.cancel()
        await task

    with pytest.raises(RuntimeError, match="was cancelled"):
        await zoho.delete_unsubscribe_links(ids(20), concurrency=2, on_outcome=write)


async def test_a_crash_wakes_those_who_wait_for_input(zoho):
    """A source that never ends does not hide an error."""

    async def endless():
        yield "1"
        await asyncio.Event().wait()

    def fail(_outcome):
        raise KeyError("bug")

    async with asyncio.timeout(5):
        with pytest.raises(KeyError, match="bug"):
            await zoho.delete_unsubscribe_links(endless(), on_outcome=fail)


async def test_nothing_is_read_after_the_source_failed(zoho, script):
    """What follows a lost page is not deleted."""

    class Pages:
        def __init__(self):
            self.read = 0

        def __aiter__(self):
            return self

        async def __anext__(self):
            self.read += 1
            await asyncio.sleep(0)
            if self.read == 2:
                raise KeyError("page lost")
            return str(self.read)

    with pytest.raises(KeyError, match="page lost"):
        await zoho.delete_unsubscribe_links(Pages(), concurrency=4)
    assert ["1"] == [request.path.rpartition("/")[2] for request in script.requests]


async def test_a_stopped_batch_lets_others_run(zoho, script):
    """However many inputs are left, the event loop gets its turn."""
    script.add(script.error(403, "NO_PERMISSION"))
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(count())
    report = await zoho.delete_unsubscribe_links(iter(ids(20_000)), concurrency=1)
    others.cancel()

    assert {"failed": 1, "not_attempted": 19_999} == report.counts
    assert turns > 20


async def test_a_list_that_changes_under_way_is_run_as_it_was(zoho):
    """What was checked is what is run."""
    todo = ids(20)

    report = await zoho.delete_unsubscribe_links(
        todo,
        on_outcome=lambda outcome: todo.remove(outcome.id),
    )

    assert ids(20) == [outcome.id for outcome in report.outcomes]
    assert [] == todo


async def test_a_429_without_a_moment_to_come_back_ends_no_batch(make_zoho, script):
    """Nobody asked for a pause, so the pause that is taken is not compared with what is allowed."""
    busy = script.error(429, "TOO_MANY_REQUESTS")
    script.add(busy, busy, busy)
    async with make_zoho(retries=RetryPolicy(max_retry_after=0)) as zoho:
        report = await zoho.delete_unsubscribe_links(ids(100))

    assert {"deleted": 100} == report.counts


async def test_one_endpoint_that_rejects_its_token_now_and_then_ends_no_batch(zoho, script):
    """The token is accepted elsewhere, so the call is at fault, and others are not."""

    async def answer(request):
        link_id = request.path.rpartition("/")[2]
        if request.method == "GET":
            return script.response(200, {"org": [{"id": "1"}]})
        if link_id.endswith("0"):
            return script.error(401, "INVALID_TOKEN")
        return script._success(request)

    script.add(*[answer] * 100)
    report = await zoho.delete_unsubscribe_links(ids(40))

    assert {"deleted": 36, "failed": 4} == report.counts
    assert 1 == len(script.token_requests)


async def test_equal_ids_are_deleted_once_however_they_are_written(zoho, script):
    """Zeros in front and the type do not make another id."""
    report = await zoho.delete_unsubscribe_links(iter(["7", "07", 7, "007", "8"]))

    assert [("7", index) for index in range(4)] == [(o.id, o.index) for o in report.outcomes[:4]]
    assert 2 == len(script.requests)


async def test_an_input_that_is_not_valid_silences_no_good_one(zoho, script):
    """What it is shown as may be the id of another input."""

    class Number:
        def __repr__(self):
            return "123"

    inputs = [Number(), "123", Number(), 123]
    report = await zoho.delete_unsubscribe_links(iter(inputs))

    assert ["failed", "deleted", "failed", "deleted"] == [o.status for o in report.outcomes]
    assert 1 == len(script.requests)


class Ended(Mapping):
    """A record that stops an iteration where it should hold a value."""

    def __getitem__(self, name):
        """Fail as a careless program does."""
        return next(iter(()))

    def __iter__(self):
        """Yield the one name."""
        return iter(["Last_Name"])

    def __len__(self):
        """Count it."""
        return 1


@pytest.mark.parametrize("kind", [list, iter])
@pytest.mark.parametrize("verb", ["create_many", "upsert_many", "update_many"])
async def test_no_input_ends_the_others_in_silence(zoho, kind, verb):
    """A StopIteration would look like the end of them."""
    rows = [{"id": "1", "Last_Name": "a"}, Ended(), {"id": "2", "Last_Name": "b"}]
    with pytest.raises(RuntimeError, match="StopIteration"):
        await getattr(zoho.records("Leads"), verb)(kind(rows))
