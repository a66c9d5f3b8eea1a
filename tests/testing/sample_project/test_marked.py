"""Async tests that are marked for pytest-asyncio, in both of its modes."""

import pytest

from aiozcrm.testing import Limits

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.fake_zoho(links=3)]


async def test_finds_the_links_that_the_module_asked_for(zoho):
    """The marker of a module counts for each of its tests."""
    assert 4 == len(await zoho.unsubscribe_links.list())


@pytest.mark.fake_zoho(links=7, limits=Limits(credits=100))
async def test_finds_the_links_that_it_asked_for_itself(fake_zoho, zoho):
    """The marker of a test is nearer than that of its module."""
    assert 8 == len(await zoho.unsubscribe_links.list())
    assert 99 == fake_zoho.credits
