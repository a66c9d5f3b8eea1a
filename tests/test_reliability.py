"""What each fault does to each kind of call, and the page that tells of it."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from aiozcrm.testing import Fault

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "reliability.md"
FIGURES = json.loads(PAGE.with_suffix(".json").read_text(encoding="utf-8"))

READING = {"read", "list page", "query", "download"}
#: A second send could do it twice, and nothing tells whether the first one has.
ONCE = {"create", "bulk write"}
#: A second send does it again, and changes nothing by it.
TWICE = {"update", "upload", "bulk read"}

#: What says that nothing was done.
REFUSED = {Fault.TOO_MANY, Fault.TOO_MANY_RETRY_AFTER, Fault.TOKEN_REVOKED}
#: What harms nobody.
HARMLESS = {Fault.SLOW, Fault.SLOW_BODY, Fault.ANSWERED_TWICE}

#: The errors of calls that are not sent again.
ERRORS = {
    Fault.SERVER_ERROR_BEFORE: "ServerError",
    Fault.SERVER_ERROR_AFTER: "ServerError",
    Fault.BAD_GATEWAY: "ServerError",
    Fault.UNAVAILABLE: "ServerError",
    Fault.HIDDEN_ERROR: "ServerError",
    Fault.RESET_BEFORE: "ConnectionLostError",
    Fault.RESET_AFTER: "ConnectionLostError",
    Fault.TRUNCATED_BODY: "ConnectionLostError",
    Fault.NOT_JSON: "InvalidResponseError",
    Fault.SHORT_ANSWER: "InvalidResponseError",
    Fault.HANG: "RequestTimeoutError",
    Fault.HANG_AFTER: "RequestTimeoutError",
}


@pytest.fixture(scope="module")
def soak():
    """Return the module that makes the calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "soak"))
        import matrix  # noqa: PLC0415  # it can be found only now

        yield matrix
        for name in ("matrix", "fast_time"):
            sys.modules.pop(name)


def expected(soak, fault, kind):
    """Return what has to come of a call."""
    seen = {"sends": 1, "tokens": 0, "lookups": 0, "error": "", "maybe_done": False, "effects": 1}
    if fault in REFUSED:
        seen |= {"sends": 2, "tokens": int(fault is Fault.TOKEN_REVOKED)}
    elif fault in HARMLESS or (fault is Fault.SHORT_ANSWER and kind in {*READING, "bulk write"}):
        pass
    elif kind in ONCE or is_unreadable(fault, kind):
        error = "InvalidResponseError" if is_unreadable(fault, kind) else ERRORS[fault]
        seen |= {"error": error, "maybe_done": True, "effects": int(fault.has_effect)}
    else:
        seen["sends"] = 2
        if fault.has_effect:
            seen |= {"effects": 2} if kind in TWICE else {}
            seen |= {"lookups": 1} if kind == "create with a key" else {}
    return soak.Seen(**seen, follows=True)


def is_unreadable(fault, kind):
    """Return whether the answer has no account of what was done."""
    return (fault is Fault.SHORT_ANSWER and kind in {"upload", "bulk read", "channel"}) or (
        fault is Fault.HIDDEN_ERROR and kind == "bulk read"
    )


@pytest.mark.system
async def test_one_fault_does_to_each_call_what_it_has_to(soak):
    """How often it was sent, what was looked up, the error, and what the server did.

    The page tells of it in words: the command that makes its figures has seen the same.
    """
    seen = await soak.observe_all()

    assert seen == {
        fault: {kind: expected(soak, fault, kind) for kind in soak.KINDS} for fault in Fault
    }
    assert FIGURES["matrix"] == {
        fault.value: {kind: one.word for kind, one in row.items()} for fault, row in seen.items()
    }


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        ({}, "as usual"),
        ({"sends": 2}, "again"),
        ({"sends": 3, "tokens": 1}, "new token, again, again"),
        ({"lookups": 2, "error": "ServerError", "maybe_done": True}, "looked up, in doubt"),
        ({"error": "RateLimitError"}, "raised `RateLimitError`"),
    ],
)
def test_what_came_of_a_call_has_a_word(soak, seen, word):
    """It names each step."""
    usual = {"sends": 1, "tokens": 0, "lookups": 0, "error": "", "maybe_done": False}

    assert word == soak.Seen(**{**usual, **seen}, effects=1, follows=True).word


def test_the_page_has_all_figures():
    """Of the soak, and of each fault."""
    spec = importlib.util.spec_from_file_location("_reliability", ROOT / "docs" / "_reliability.py")
    filling = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(filling)
    text = filling.filled(PAGE.read_text(encoding="utf-8"), FIGURES)

    assert "<!-- matrix -->" not in text
    assert all(f"| `{fault}` |" in text for fault in Fault)
    assert "| **lost** | **nothing** |" in text
