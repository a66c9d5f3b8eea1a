"""The grant codes of a fake Zoho."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import attrs

from aiozcrm.testing._oauth._access_tokens import made_up_token
from aiozcrm.testing.stats import Stats

__all__ = ["Code", "Codes"]


@attrs.frozen(kw_only=True)
class Code:
    """What a grant code stands for.

    Attributes:
        org_id: The org that its tokens are for.
        client_id: The client that may exchange it.
        scopes: What its tokens may do.
        redirect_uri: Where it was sent; None for a self client's.
        challenge: What the code verifier has to come to; empty asks for none.
        method: How it comes to that, ``S256`` or ``plain``.
        offline: Whether a refresh token was asked for.
        consent: Whether the user was to be asked in any case.
    """

    org_id: str
    client_id: str
    scopes: tuple[str, ...]
    redirect_uri: str | None = None
    challenge: str = ""
    method: str = "plain"
    offline: bool = True
    consent: bool = True

    def is_proved_by(self, verifier: str) -> bool:
        """Return whether *verifier* proves that the client is the one that asked (RFC 7636)."""
        if not self.challenge:
            return True
        if self.method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return verifier == self.challenge


class Codes:
    """The codes that can still be exchanged.

    Args:
        lifetime: How many seconds a code lives.
        clock: Tells the time in seconds.
        stats: Where it counts.
    """

    def __init__(self, *, lifetime: float, clock: Callable[[], float], stats: Stats) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._stats = stats
        self._codes: dict[str, tuple[Code, float]] = {}

    def add(self, code: Code) -> str:
        """Return a new code that stands for *code*."""
        name = made_up_token()
        self._stats.codes_made += 1
        self._codes[name] = (code, self._clock() + self._lifetime)
        return name

    def find(self, name: str) -> Code | None:
        """Return what the code stands for, None if it cannot be exchanged."""
        code, end = self._codes.get(name, (None, 0.0))
        return code if self._clock() < end else None

    def use_up(self, name: str) -> None:
        """Let the code be exchanged no more."""
        del self._codes[name]
