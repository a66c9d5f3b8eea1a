"""The organization, through real HTTP against a local Zoho."""

import pytest

from aiozcrm.errors import InvalidResponseError
from aiozcrm.resources import Organization


async def test_the_org_tells_who_it_is(crm):
    """One call tells which org the credentials belong to."""
    org = await crm.org.get()

    assert org.company_name
    assert org.id.isdigit()
    assert "enterprise" == org.paid_type
    assert "EUR" == org.iso_code


def test_an_org_needs_no_more_than_an_id():
    """What is missing, null or empty is None."""
    org = Organization.from_api({"id": "5", "company_name": "", "license_details": None})

    assert ("5", None, None, None) == (org.id, org.company_name, org.paid_type, org.type)


@pytest.mark.parametrize("status", [200, 204])
async def test_an_answer_without_an_org_is_an_error(zoho, script, status):
    """Every token belongs to an org."""
    script.add(script.response(status, {"org": []} if status == 200 else b""))
    with pytest.raises(InvalidResponseError, match="no org"):
        await zoho.org.get()
