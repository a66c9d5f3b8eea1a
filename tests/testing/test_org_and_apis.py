"""What the fake tells about itself: its org, and the calls that it knows."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho


async def test_shows_its_org(fake: FakeZoho, caller: Any, token: str) -> None:
    """There is one org, with what Zoho tells of an org."""
    reply = await caller.call(fake, "GET", "org", token=token)

    [org] = reply.json["org"]
    assert reply.status == 200
    assert org["type"] == "Production"
    assert org["id"].isdigit()
    assert {"company_name", "zgid", "primary_email", "time_zone", "license_details"} <= set(org)


@pytest.mark.parametrize("environment", ["sandbox", "developer"])
async def test_shows_which_environment_it_is(caller: Any, environment: str) -> None:
    """The org of a sandbox is a sandbox."""
    async with FakeZoho(environment=environment) as fake:
        reply = await caller.call(fake, "GET", "org", token=await caller.token(fake))

    assert reply.json["org"][0]["type"] == environment.capitalize()


@pytest.mark.parametrize("path", ["org", "__apis"])
async def test_refuses_users_without_access(
    fake: FakeZoho, caller: Any, token: str, path: str
) -> None:
    """A user who lacks every permission lacks access to the API."""
    fake.permission_denied = True
    reply = await caller.call(fake, "GET", path, token=token)

    assert (reply.status, reply.json["code"]) == (403, "NO_PERMISSION")
    assert reply.json["details"] == {"permissions": ["Crm_Implied_Api_Access"]}


async def test_lists_every_call_that_it_knows(fake: FakeZoho, caller: Any, token: str) -> None:
    """The list has each path once, with methods, scopes and prices, and is in it."""
    reply = await caller.call(fake, "GET", "__apis", token=token)

    entries = reply.json["__apis"]
    calls = {
        (entry["path"], operation["method"]): operation["oauth_scope"]
        for entry in entries
        for operation in entry["operation_types"]
    }
    links = "/crm/v7/settings/unsubscribe_links"
    assert reply.status == 200
    assert len({entry["path"] for entry in entries}) == len(entries)
    assert calls == {
        (links, "GET"): "ZohoCRM.settings.unsubscribe.READ",
        (links, "POST"): "ZohoCRM.settings.unsubscribe.CREATE",
        (links, "PUT"): "ZohoCRM.settings.unsubscribe.UPDATE",
        (f"{links}/{{{{id}}}}", "GET"): "ZohoCRM.settings.unsubscribe.READ",
        (f"{links}/{{{{id}}}}", "PUT"): "ZohoCRM.settings.unsubscribe.UPDATE",
        (f"{links}/{{{{id}}}}", "DELETE"): "ZohoCRM.settings.unsubscribe.DELETE",
        (
            "/crm/v7/settings/unsubscribe_link/actions/associations",
            "GET",
        ): "ZohoCRM.settings.unsubscribe.READ",
        ("/crm/v7/org", "GET"): "ZohoCRM.org.READ",
        ("/crm/v7/__apis", "GET"): "ZohoCRM.apis.READ",
    }
    assert all(
        (operation["max_credits"], operation["min_credits"]) == (1, 1)
        for entry in entries
        for operation in entry["operation_types"]
    )
