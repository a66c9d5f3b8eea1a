"""How JSON is read, whatever reads it."""

import gc
import json
from typing import Any

import pytest

from aiozcrm._protocol import _json, json_of

ROWS = [
    {"id": str(number), "Owner": {"id": "7"}, "Description": "x" * 20} for number in range(2000)
]
LONG, SHORT = json.dumps(ROWS).encode(), json.dumps(ROWS[:2]).encode()


def test_the_collector_rests_while_a_long_text_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of what is decoded is garbage."""
    decoded, works = _json._value_of, []

    def value_of(raw: bytes) -> Any:
        works.append(gc.isenabled())
        return decoded(raw)

    monkeypatch.setattr(_json, "_value_of", value_of)
    assert [json_of(LONG), json_of(SHORT)] == [ROWS, ROWS[:2]]
    assert works == [False, True]
    assert gc.isenabled()


def test_the_collector_works_again_after_a_long_text_that_is_no_json() -> None:
    """However decoding it ended."""
    assert json_of(LONG[:-1]) is None
    assert gc.isenabled()


def test_a_collector_that_is_switched_off_stays_so() -> None:
    """It is the program's."""
    gc.disable()
    try:
        assert json_of(LONG) == ROWS
        assert not gc.isenabled()
    finally:
        gc.enable()
