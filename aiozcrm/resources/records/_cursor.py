"""Where a feed of changes has come to, as text that programs keep."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
from typing import Final

import attrs

from aiozcrm.errors import InvalidInputError

__all__ = ["Cursor"]

#: The form of the text. Versions of this package that write another one still read this.
_FORM: Final = "1"

_HINT: Final = "Each module of each org has its own cursor; None begins from nothing."


@attrs.frozen
class Cursor:
    """Where a feed has come to.

    Attributes:
        module: The API name of the module.
        api_url: The host of the API.
        account: A digest of whose tokens the calls carried.
        time: Zoho's time when the feed began.
    """

    module: str
    api_url: str
    account: str
    time: dt.datetime

    def to_text(self) -> str:
        """Return the cursor as one word of ASCII."""
        told = {**attrs.asdict(self), "time": self.time.isoformat()}
        held = base64.urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode())
        payload = f"{_FORM}.{held.decode().rstrip('=')}"
        return f"{payload}.{_check_of(payload)}"

    @classmethod
    def from_text(cls, text: str) -> Cursor:
        """Return the cursor that a text is.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is none, or not all of it.
        """
        payload, _, check = text.strip().rpartition(".")
        form, _, held = payload.partition(".")
        if not held or check != _check_of(payload):
            raise InvalidInputError(
                "This is no cursor of a feed of changes, or it is damaged.",
                hint="Give what feed.cursor was, or None to begin from nothing.",
            )
        try:
            told = json.loads(base64.urlsafe_b64decode(held + "=" * (-len(held) % 4)))
            time = dt.datetime.fromisoformat(told["time"])
            return cls(told["module"], told["api_url"], told["account"], time)
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise InvalidInputError(
                f"This cursor has a form ({form}) that this version of aiozcrm does not know.",
                hint="Use the version that made it, or None to begin from nothing.",
            ) from None

    def check_place(self, own: Cursor) -> None:
        """Check that this is a cursor of the same records.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is not.
        """
        for theirs, ours in ((self.module, own.module), (self.api_url, own.api_url)):
            if theirs != ours:
                raise InvalidInputError(f"The cursor is of {theirs}, not of {ours}.", hint=_HINT)
        if self.account != own.account:
            raise InvalidInputError(
                "The cursor is of another org, or of other credentials.", hint=_HINT
            )


def _check_of(payload: str) -> str:
    """Return what tells a payload from a damaged one."""
    return hashlib.sha256(payload.encode()).hexdigest()[:8]
