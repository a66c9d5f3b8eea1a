"""A test that wants nothing of aiozcrm."""

import sys


def test_nothing_of_aiozcrm_is_loaded():
    """Having it installed costs nothing."""
    assert "_aiozcrm_pytest_plugin" in sys.modules
    assert {"aiozcrm", "aiohttp"}.isdisjoint(sys.modules)
