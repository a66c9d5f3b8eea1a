"""The organization, through real HTTP against a local Zoho."""

import pytest

from aiozcrm.errors import InvalidResponseError


async def test_the_org_tells_who_it_is(crm):
    """One call tells which org the credentials belong to, in Zoho's own words."""
    org = await crm.org.get()

    assert org["company_name"]
    assert org["id"].isdigit()
    assert org["zgid"].isdigit()
    assert "enterprise" == org["license_details"]["paid_type"]
    assert "EUR" == org["iso_code"]


async def test_what_nobody_knows_of_an_org_survives(zoho, script):
    """The answer is handed on as it is."""
    org = {"id": "5", "company_name": None, "what_is_this": [1]}
    script.add(script.response(200, {"org": [org]}))

    assert org == await zoho.org.get()


@pytest.mark.parametrize("status", [200, 204])
async def test_an_answer_without_an_org_is_an_error(zoho, script, status):
    """Every token belongs to an org."""
    script.add(script.response(status, {"org": []} if status == 200 else b""))
    with pytest.raises(InvalidResponseError, match="no org"):
        await zoho.org.get()


@pytest.mark.parametrize("body", [b"", {"org": None}, {"org": {}}, {"org": [5]}, {}])
async def test_an_answer_of_another_form_is_an_error(zoho, script, body):
    """A reader never meets a KeyError."""
    script.add(script.response(200, body))
    with pytest.raises(InvalidResponseError, match="/org was answered 200"):
        await zoho.org.get()
