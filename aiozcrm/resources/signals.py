"""Signals."""

from __future__ import annotations

from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Listing

__all__ = ["Signal", "Signals"]


class Signal(TypedDict):
    """A kind of news about records that Zoho notices."""

    id: str
    namespace: str
    display_label: str
    enabled: NotRequired[bool]
    chat_enabled: NotRequired[bool]
    extension: NotRequired[dict[str, Any] | None]
    feature_availability: NotRequired[dict[str, bool]]


class Signals(Listing[Signal]):
    """What Zoho notices about records, such as an opened mail. Scoring rules can use it.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/get-signals.html

    The call needs the scope ``ZohoCRM.settings.signals.READ`` or ``.ALL``.
    """

    path = "settings/signals"
    key = "signals"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.signals.{operation}",)
