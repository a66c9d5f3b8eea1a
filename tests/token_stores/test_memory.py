"""The store for one process."""

import pytest

from aiozcrm.testing.token_store_contract import TokenStoreContract
from aiozcrm.token_stores import MemoryTokenStore


class TestMemoryTokenStore(TokenStoreContract):
    """It does what every store has to do."""

    @pytest.fixture(autouse=True)
    def store(self):
        """One store for the test, because nothing else knows its tokens."""
        self._store = MemoryTokenStore()

    def make_store(self):
        """Return that store."""
        return self._store
