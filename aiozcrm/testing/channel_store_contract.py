"""What every channel store has to do, as tests for any of them."""

from __future__ import annotations

from typing import ClassVar, Final

import attrs

from aiozcrm.channel_stores import ChannelState, ChannelStore
from aiozcrm.testing._store_contract import StoreContract

__all__ = ["ChannelStoreContract"]

_SECRET: Final = "chan-aaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb"  # noqa: S105 (made up)
_STATE: Final = ChannelState(
    channel_id="880001",
    token=_SECRET,
    url="https://hooks.example.com/zoho?tenant=7",
    events=("Deals.all", "Contacts.create"),
    options={"notify_on_related_action": False, "notification_condition": [{"type": "a"}]},
    # In the far future, so that no store has reason to forget it.
    expires_at=32_503_680_000.123_456,
    renew_at=32_503_600_000.5,
    cursors={"Deals": "1.abc", "Contacts": "1.def"},
)


class ChannelStoreContract(StoreContract[ChannelState]):
    """The tests that every channel store has to pass: subclass it and say how to make a store.

    .. code-block:: python

        @pytest.mark.asyncio  # not needed where pytest-asyncio runs in auto mode
        class TestMyStore(ChannelStoreContract):
            @pytest.fixture(autouse=True)
            def place(self, tmp_path):
                self.path = tmp_path / "channels"

            def make_store(self):
                return MyStore(self.path)

    Within a test every store made must work on the same channels, as stores of several processes
    would; each test must begin with none. It works with `unittest.IsolatedAsyncioTestCase`, too.

    Attributes:
        patience: For how many seconds a store that answers slowly is waited for.
    """

    patience: ClassVar[float] = 10.0

    _secret = _SECRET
    _states = (
        _STATE,
        attrs.evolve(_STATE, events=(), options={}, cursors={}),
        ChannelState(),
    )

    def make_store(self) -> ChannelStore:
        """Return a store on the channels of this test, a new one each time if that can be."""
        raise NotImplementedError(f"{type(self).__name__} must define make_store().")

    def _numbered(self, *numbers: int) -> ChannelState:
        return attrs.evolve(_STATE, events=tuple(map(str, numbers)))

    def _numbers_in(self, state: ChannelState) -> list[int]:
        return list(map(int, state.events))
