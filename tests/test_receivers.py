"""What the client tells while it works, and to whom."""

import asyncio
import contextlib
import gc
import logging
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from aiozcrm._protocol import ApiCall
from aiozcrm._receivers import Receiver
from aiozcrm.errors import ClientClosedError, DeadlineExceededError
from aiozcrm.events import ConcurrencyChanged, Event, RequestFinished

EVENT = ConcurrencyChanged(limit=2, delay=0.5)
LATER = ConcurrencyChanged(limit=1, delay=1.0)


class OddError(BaseException):
    """An error that no ``except Exception`` catches."""


def raising(error: BaseException) -> Callable[[Event], None]:
    """Return a receiver that raises."""

    def receive(event: Event) -> None:
        raise error

    return receive


def raising_later(error: BaseException) -> Callable[[Event], Any]:
    """Return an async receiver that raises."""

    async def receive(event: Event) -> None:
        await asyncio.sleep(0)
        raise error

    return receive


def test_hands_events_over() -> None:
    """A receiver gets each event, in order."""
    received: list[Event] = []
    receive = Receiver(received.append)

    receive(EVENT)
    receive(LATER)

    assert received == [EVENT, LATER]


@pytest.mark.parametrize(
    "error", [RuntimeError("broken display"), asyncio.CancelledError(), OddError(), GeneratorExit()]
)
def test_survives_a_receiver_that_raises(
    caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    """An error in a receiver is logged with its traceback and disturbs nothing."""
    Receiver(raising(error))(EVENT)

    (record,) = caplog.records
    assert (record.name, record.levelno) == ("aiozcrm", logging.ERROR)
    assert "ConcurrencyChanged" in record.getMessage()
    assert type(error).__name__ in caplog.text


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_lets_a_receiver_end_the_program(error: type[BaseException]) -> None:
    """What is meant to end the program is not taken for an error of the receiver."""
    with pytest.raises(error):
        Receiver(raising(error()))(EVENT)


async def test_awaits_async_receivers_in_the_order_of_the_events() -> None:
    """An event that takes long is not overtaken by the next one, and closing waits for both."""
    received: list[Event] = []

    async def receive(event: Event) -> None:
        await asyncio.sleep(0.01 if event is EVENT else 0)
        received.append(event)

    receiver = Receiver(receive)
    receiver(EVENT)
    receiver(LATER)
    assert received == []

    await receiver.close()

    assert received == [EVENT, LATER]


async def test_goes_on_awaiting_after_a_pause() -> None:
    """An event that comes when all others have been received is received, too."""
    received: list[Event] = []

    async def receive(event: Event) -> None:
        received.append(event)

    receiver = Receiver(receive)
    await receiver.close()
    for event in (EVENT, LATER):
        receiver(event)
        await receiver.close()

    assert received == [EVENT, LATER]


async def test_awaits_whatever_a_receiver_returns() -> None:
    """A lambda or an object with an async call is as good as an async function."""
    received = asyncio.get_running_loop().create_future()
    receiver = Receiver(lambda _: received)

    receiver(EVENT)
    received.set_result(None)

    await receiver.close()


@pytest.mark.parametrize("error", [RuntimeError("broken"), asyncio.CancelledError(), OddError()])
async def test_survives_an_async_receiver_that_raises(
    caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    """It is logged, and the next event is received all the same."""
    receiver = Receiver(raising_later(error))

    receiver(EVENT)
    receiver(LATER)
    await receiver.close()

    assert len(caplog.records) == 2


def test_lets_an_async_receiver_end_the_program() -> None:
    """What is meant to end the program gets out of the background, too."""

    async def main() -> None:
        receiver = Receiver(raising_later(KeyboardInterrupt()))
        receiver(EVENT)
        await receiver.close()

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())


async def test_a_close_that_is_cancelled_leaves_no_receiver_behind() -> None:
    """A receiver that hangs is cancelled with whatever waits for it, without a warning."""

    async def hang(event: Event) -> None:
        await asyncio.Event().wait()

    receiver = Receiver(hang)
    receiver(EVENT)
    receiver(LATER)
    receiver._unawaited.append((LATER, asyncio.get_running_loop().create_future()))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await receiver.close()
    await asyncio.sleep(0)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gc.collect()
    await receiver.close()


async def test_a_receiver_may_close_the_client(make_zoho: Any, script: Any) -> None:
    """It does not wait for itself."""
    closed = asyncio.Event()

    async def close(event: Event) -> None:
        await zoho.close()
        closed.set()

    zoho = make_zoho(on_event=close)
    with contextlib.suppress(ClientClosedError):
        await zoho.delete_unsubscribe_link(1)

    async with asyncio.timeout(1):
        await closed.wait()


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_client_tells_async_receivers_as_others(make_zoho: Any, is_async: bool) -> None:
    """One rule for on_event and on_outcome: either may be async."""
    seen: list[object] = []

    async def note(event: object) -> None:
        await asyncio.sleep(0)
        seen.append(event)

    async with make_zoho(on_event=note if is_async else seen.append) as zoho:
        await zoho.delete_unsubscribe_links(["1"], on_outcome=note if is_async else seen.append)

    assert sum(isinstance(event, RequestFinished) for event in seen) == 1
    assert len(seen) == 4  # a token, a request, the progress of the batch, and the outcome


@pytest.mark.parametrize("error", [asyncio.CancelledError(), OddError(), ValueError()])
async def test_a_receiver_never_changes_an_outcome(make_zoho: Any, error: BaseException) -> None:
    """What was deleted is told as deleted, whatever becomes of those who are told."""
    async with make_zoho(on_event=raising(error)) as zoho:
        report = await zoho.delete_unsubscribe_links(["1", "2"])
        assert (await zoho.delete_unsubscribe_link("3")).status == "deleted"

    assert report.counts == {"deleted": 2}


def test_nothing_appears_on_stderr_without_logging() -> None:
    """A program that has set up no logging does not find this package's warnings there."""
    program = "from aiozcrm.events import logger; logger.warning('retry')"
    done = subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )

    assert (done.stdout, done.stderr) == ("", "")


def test_events_are_compared_by_their_values():
    """So they can be counted, put into sets and shown."""
    once, again = ConcurrencyChanged(limit=5, delay=0.0), ConcurrencyChanged(limit=5, delay=0.0)
    assert {once} == {again}
    assert once != ConcurrencyChanged(limit=4, delay=0.0)
    assert once != (5, 0.0)
    assert repr(once) == "ConcurrencyChanged(delay=0.0, limit=5)"


async def test_a_receiver_that_is_too_slow_loses_the_oldest_events(monkeypatch, caplog) -> None:
    """Memory does not grow with all that it has not received yet, and the log says so once."""
    monkeypatch.setattr("aiozcrm._receivers._MOST_WAITING", 2)
    received: list[Event] = []

    async def receive(event: Event) -> None:
        await asyncio.sleep(0)
        received.append(event)

    receiver = Receiver(receive)
    events = [ConcurrencyChanged(limit=number, delay=0.0) for number in range(5)]
    for event in events:
        receiver(event)
    await receiver.close()

    assert received == events[-2:]
    assert sum("slower than the calls" in message for message in caplog.messages) == 1


async def test_a_send_that_the_deadline_cuts_off_is_told(make_zoho: Any, script: Any) -> None:
    """Each send has an event, also one that nobody answers in time."""
    seen: list[Event] = []

    async def never(_request: object) -> None:
        await asyncio.Event().wait()

    script.add(script.response(503), never)
    async with make_zoho(on_event=seen.append) as zoho:
        with pytest.raises(DeadlineExceededError) as caught:
            await zoho._transport.call(ApiCall("GET", "org", timeout=5))

    ends = [event for event in seen if isinstance(event, RequestFinished)]
    assert [(1, 503), (2, None)] == [(each.attempt, each.status) for each in ends]
    assert ends[-1].error is caught.value
