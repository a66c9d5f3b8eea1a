"""Tests that are not async, of code that may bring an event loop of its own."""

import asyncio

import pytest

from aiozcrm import Credentials, ZohoCRM


async def clean_up():
    """Delete all links, as a program does that reads the environment."""
    async with ZohoCRM(Credentials.from_env()) as zoho:
        links = await zoho.unsubscribe_links.list()
        return await zoho.delete_unsubscribe_links([link.id for link in links])


@pytest.mark.fake_zoho(links=2)
def test_a_program_with_a_loop_of_its_own(fake_zoho, monkeypatch):
    """The environment leads any program to the local Zoho."""
    for name, value in fake_zoho.environ().items():
        monkeypatch.setenv(name, value)

    report = asyncio.run(clean_up())

    assert {"deleted": 2, "protected": 1} == report.counts


@pytest.mark.fake_zoho(links=1)
def test_one_loop_after_another(zoho):
    """The client belongs to none of them."""
    found = [len(asyncio.run(zoho.unsubscribe_links.list())) for _ in range(2)]

    assert [2, 2] == found
