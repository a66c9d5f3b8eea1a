"""Async tests that anyio runs."""

import pytest

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    """Choose the event loop that aiohttp knows."""
    return "asyncio"


@pytest.fixture
async def deleted(fake_zoho, zoho):
    """Return the id of a link that an async fixture has deleted."""
    link = fake_zoho.unsubscribe_links.add()
    await zoho.delete_unsubscribe_link(link)
    return link


@pytest.mark.fake_zoho(links=2)
async def test_deletes_one_link_of_two(deleted, fake_zoho, zoho):
    """Fixture and test share the client."""
    await zoho.delete_unsubscribe_link(fake_zoho.unsubscribe_links.ids[-1])

    assert deleted not in fake_zoho.unsubscribe_links.ids
    assert 2 == len(fake_zoho.unsubscribe_links.ids)
