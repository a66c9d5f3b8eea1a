"""A client of the local Zoho."""

import pytest

from aiozcrm import ZohoCRM


@pytest.fixture
async def crm(fake, quick):
    """A client of the local Zoho."""
    async with ZohoCRM(fake.credentials(), retries=quick) as client:
        yield client
