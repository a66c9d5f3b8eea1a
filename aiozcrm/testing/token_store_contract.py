"""What every token store has to do, as tests for any of them."""

from __future__ import annotations

from typing import ClassVar, Final

import attrs

from aiozcrm.testing._store_contract import StoreContract
from aiozcrm.token_stores import StoredToken, TokenState, TokenStore

__all__ = ["TokenStoreContract"]

_SECRET: Final = "1000.aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbb"  # noqa: S105 (made up)
_TOKEN: Final = StoredToken(
    access_token=_SECRET,
    # In the far future, so that no store has reason to forget it.
    expires_at=32_503_680_000.123_456,
    lifetime=3600.5,
    api_domain="https://www.zohoapis.eu",
)
_STATE: Final = TokenState(
    token=_TOKEN,
    made_at=(1_790_000_000.25, 1_790_000_001.000_001),
    blocked_until=1_790_000_600.75,
    refusals=2,
    lost_at=(1_790_000_001.000_001,),
    outages=3,
    outage_until=1_790_000_021.5,
    spare_at=1_790_000_000.25,
    spare_pause=600.0,
)


class TokenStoreContract(StoreContract[TokenState]):
    """The tests that every token store has to pass: subclass it and say how to make a store.

    .. code-block:: python

        @pytest.mark.asyncio  # not needed where pytest-asyncio runs in auto mode
        class TestMyStore(TokenStoreContract):
            @pytest.fixture(autouse=True)
            def place(self, tmp_path):
                self.path = tmp_path / "tokens"

            def make_store(self):
                return MyStore(self.path)

    Within a test every store made must work on the same tokens, as stores of several processes
    would; each test must begin with none. It works with `unittest.IsolatedAsyncioTestCase`, too.

    Attributes:
        patience: For how many seconds a store that answers slowly is waited for.
    """

    patience: ClassVar[float] = 10.0

    _secret = _SECRET
    _states = (
        _STATE,
        attrs.evolve(_STATE, token=None),
        attrs.evolve(_STATE, token=attrs.evolve(_TOKEN, api_domain=None)),
        attrs.evolve(_STATE, made_at=(), lost_at=(), blocked_until=0.0, refusals=0),
        attrs.evolve(_STATE, outages=0, outage_until=0.0, spare_at=0.0, spare_pause=0.0),
        TokenState(),
    )

    def make_store(self) -> TokenStore:
        """Return a store on the tokens of this test, a new one each time if that can be."""
        raise NotImplementedError(f"{type(self).__name__} must define make_store().")

    def _numbered(self, *numbers: int) -> TokenState:
        return attrs.evolve(_STATE, made_at=tuple(map(float, numbers)))

    def _numbers_in(self, state: TokenState) -> list[int]:
        return list(map(int, state.made_at))
