"""Async tests as pytest-asyncio runs them in auto mode: without any mark."""

import pytest

from aiozcrm.testing import Fault


@pytest.mark.fake_zoho(links=10)
async def test_clean_up_survives_lost_answers(fake_zoho, zoho):
    """Links are deleted although the server fails after the work is done."""
    fake_zoho.faults.script(Fault.SERVER_ERROR_AFTER, Fault.RESET_AFTER)
    ids = [
        link
        for link in fake_zoho.unsubscribe_links.ids
        if link != fake_zoho.unsubscribe_links.default_id
    ]

    report = await zoho.delete_unsubscribe_links(ids)

    assert {"already_gone": 2, "deleted": 8} == report.counts
    assert [fake_zoho.unsubscribe_links.default_id] == fake_zoho.unsubscribe_links.ids


@pytest.fixture
async def link(zoho):
    """Yield a link that an async fixture makes and, after the test, deletes."""
    created = await zoho.unsubscribe_links.create(
        name="Digest",
        page_type="standard",
        submission_action_type="display_message",
        submission_message="You are off the list.",
    )
    yield created
    await zoho.delete_unsubscribe_link(created.id)


async def test_shares_the_client_with_its_fixtures(link, zoho):
    """A fixture of the project's own may use the client before and after the test."""
    links = await zoho.unsubscribe_links.list()

    assert link.id in {found.id for found in links}


async def test_goes_on_when_zoho_is_gone(fake_zoho, zoho):
    """The local Zoho can be closed in the middle of a test."""
    link = fake_zoho.unsubscribe_links.add()
    await zoho.unsubscribe_links.list()
    await fake_zoho.close()

    report = await zoho.delete_unsubscribe_links([link])

    assert {"failed": 1} == report.counts
    assert link in fake_zoho.unsubscribe_links.ids
