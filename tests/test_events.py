"""What the client tells while it works."""

import logging
from collections.abc import Callable

import pytest

from aiozcrm.events import ConcurrencyChanged, Event, receiver_that_cannot_fail

EVENT = ConcurrencyChanged(limit=2, delay=0.5)


def raising(error: BaseException) -> Callable[[Event], None]:
    """Return a receiver that raises."""

    def receive(event: Event) -> None:
        raise error

    return receive


def test_hands_events_over() -> None:
    """A receiver gets each event, in order."""
    received: list[Event] = []
    later = ConcurrencyChanged(limit=1, delay=1.0)
    receive = receiver_that_cannot_fail(received.append)

    receive(EVENT)
    receive(later)

    assert received == [EVENT, later]


def test_survives_a_receiver_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    """An error in a receiver is logged with its traceback and disturbs nothing."""
    receive = receiver_that_cannot_fail(raising(RuntimeError("broken display")))

    receive(EVENT)

    (record,) = caplog.records
    assert (record.name, record.levelno) == ("aiozcrm", logging.ERROR)
    assert "ConcurrencyChanged" in record.getMessage()
    assert "broken display" in caplog.text


def test_lets_a_receiver_end_the_program() -> None:
    """What is meant to end the program is not taken for an error of the receiver."""
    with pytest.raises(KeyboardInterrupt):
        receiver_that_cannot_fail(raising(KeyboardInterrupt()))(EVENT)
