"""How JSON is read, whatever reads it."""

import gc
import json
from collections.abc import Iterator

import pytest

from aiozcrm._protocol import json_of

PAGE = [
    {"id": str(number), "Owner": {"id": "7"}, "Description": "x" * 20} for number in range(2000)
]


@pytest.fixture
def collections() -> Iterator[list[int]]:
    """The generations that Python's collector looks through meanwhile."""
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def test_the_collector_rests_while_a_long_text_is_decoded(collections: list[int]) -> None:
    """Nothing of what is decoded is garbage."""
    raw = json.dumps(PAGE).encode()
    gc.collect()
    collections.clear()
    page = json_of(raw)
    assert collections == []
    assert page == PAGE
    assert gc.isenabled()


def test_the_collector_works_again_after_a_long_text_that_is_no_json() -> None:
    """However decoding it ended."""
    assert json_of(json.dumps(PAGE).encode()[:-1]) is None
    assert gc.isenabled()


def test_a_collector_that_is_switched_off_stays_so() -> None:
    """It is the program's."""
    gc.disable()
    try:
        assert json_of(json.dumps(PAGE).encode()) == PAGE
        assert not gc.isenabled()
    finally:
        gc.enable()
