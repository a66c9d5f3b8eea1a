"""What the fake tells about itself: its org, and the calls that it knows."""

import json
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
    assert calls.items() >= {
        ((links, "GET"), "ZohoCRM.settings.unsubscribe.READ"),
        ((links, "POST"), "ZohoCRM.settings.unsubscribe.CREATE"),
        ((f"{links}/{{{{id}}}}", "DELETE"), "ZohoCRM.settings.unsubscribe.DELETE"),
        (("/crm/v7/org", "GET"), "ZohoCRM.org.READ"),
        (("/crm/v7/__apis", "GET"), "ZohoCRM.apis.READ"),
    }
    assert all(
        (operation["max_credits"], operation["min_credits"]) == (1, 1)
        for entry in entries
        for operation in entry["operation_types"]
    )


@pytest.mark.parametrize(
    ("comparator", "name", "value", "paths"),
    [
        ("equal", "path", "/crm/v7/org", {"/crm/v7/org"}),
        ("equals", "oauth_scope", "ZohoCRM.apis.READ", {"/crm/v7/__apis"}),
        ("contains", "path", "/__ap", {"/crm/v7/__apis"}),
        ("starts_with", "path", "/crm/v7/__api", {"/crm/v7/__apis"}),
        ("equal", "path", "/crm/v7/nothing", set()),
        ("equal", "colour", "red", set()),
    ],
)
async def test_filters_the_list(
    fake: FakeZoho,
    caller: Any,
    token: str,
    comparator: str,
    name: str,
    value: str,
    paths: set[str],
) -> None:
    """A filter is JSON in the query; where nothing passes there is no content."""
    filters = {"field": {"api_name": name}, "comparator": comparator, "value": value}
    params = {"filters": json.dumps(filters)}
    reply = await caller.call(fake, "GET", "__apis", token=token, params=params)

    assert reply.status == (200 if paths else 204)
    shown = reply.json["__apis"] if paths else []
    assert {entry["path"] for entry in shown} == paths


@pytest.mark.parametrize(
    "filters",
    ["x", "[]", "{}", '{"field":{"api_name":"path"},"comparator":"like","value":"x"}', "[" * 9999],
)
async def test_rejects_filters_that_are_none(
    fake: FakeZoho, caller: Any, token: str, filters: str
) -> None:
    """What is no filter is invalid data."""
    params = {"filters": filters}
    reply = await caller.call(fake, "GET", "__apis", token=token, params=params)

    assert (reply.status, reply.json["code"]) == (400, "INVALID_DATA")
    assert reply.json["details"] == {"param_name": "filters"}
