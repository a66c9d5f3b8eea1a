"""How often things go wrong: the share of requests that each fault takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiozcrm.testing import Fault

__all__ = ["BRUTAL", "BRUTAL_TOKENS", "NOTHING", "REALISTIC", "REALISTIC_TOKENS", "STORM"]

Rates = Mapping[Fault, float]

NOTHING: Final[Rates] = {}

#: All but the answer that comes twice: where calls follow each other within milliseconds, the
#: second one is read as that of the next call, as in any client of HTTP.
_FAULTS: Final = [fault for fault in Fault if fault is not Fault.ANSWERED_TWICE]

#: A bad day: one call in seventy goes wrong.
REALISTIC: Final[Rates] = {
    **dict.fromkeys(_FAULTS, 0.001),
    Fault.RESET_BEFORE: 0.002,
    Fault.RESET_AFTER: 0.002,
    Fault.TOO_MANY: 0.0003,
    Fault.TOO_MANY_RETRY_AFTER: 0.0003,
    Fault.HANG: 0.0003,
    Fault.HANG_AFTER: 0.0003,
    Fault.TOKEN_REVOKED: 0.0002,
}

#: No day that anybody has seen: almost every second call goes wrong.
BRUTAL: Final[Rates] = {
    **dict.fromkeys(_FAULTS, 0.05),
    # More of these would make the soak wait more than it asks.
    Fault.TOO_MANY: 0.005,
    Fault.TOO_MANY_RETRY_AFTER: 0.005,
    Fault.HANG: 0.01,
    Fault.HANG_AFTER: 0.01,
    Fault.SLOW: 0.02,
    Fault.SLOW_BODY: 0.02,
    Fault.SHORT_ANSWER: 0.02,
    Fault.HIDDEN_ERROR: 0.03,
    Fault.TOKEN_REVOKED: 0.003,
}

#: "Too many", again and again.
STORM: Final[Rates] = {Fault.TOO_MANY: 0.03, Fault.TOO_MANY_RETRY_AFTER: 0.03}

_OF_TOKENS: Final = [fault for fault in _FAULTS if fault is not Fault.TOKEN_REVOKED]

REALISTIC_TOKENS: Final[Rates] = dict.fromkeys(_OF_TOKENS, 0.01)
BRUTAL_TOKENS: Final[Rates] = dict.fromkeys(_OF_TOKENS, 0.04)
