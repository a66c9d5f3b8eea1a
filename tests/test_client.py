"""The client's own settings."""

import math

import attrs
import pytest

from aiozcrm import Credentials, MemoryTokenStore, RetryPolicy, Timeouts, ZohoCRM
from aiozcrm.errors import (
    ConfigurationError,
    DuplicateDataError,
    InvalidInputError,
    ZohoError,
)


@pytest.mark.parametrize(
    "options",
    [
        *(
            pytest.param({name: value}, id=f"{name} {value}")
            for name in ("max_in_flight", "max_response_size")
            for value in (0, -1, 2.5, 5.0, math.inf, math.nan, True, "5", None)
        ),
        *(
            pytest.param({"timeout": value}, id=f"timeout {value}")
            for value in (0, -1, math.inf, math.nan, True, "5", None)
        ),
        pytest.param({"api_version": "../oauth"}, id="version that climbs"),
        pytest.param({"session": object()}, id="session and sender"),
    ],
)
def test_settings_that_cannot_work_are_refused(make_zoho, options):
    """A mistake is told when it is made, not with the first call."""
    with pytest.raises(ValueError, match=r"\.") as caught:
        make_zoho(**options)
    assert isinstance(caught.value, ZohoError)


@pytest.mark.parametrize("method", ["", "FETCH", "delete "])
async def test_an_unknown_method_is_refused(zoho, script, method):
    """Nothing is sent."""
    with pytest.raises(InvalidInputError, match="DELETE"):
        await zoho.request(method, "org")
    assert [] == script.token_requests


@pytest.mark.parametrize(
    "path", ["", "/", "../oauth/v2/token", "org?x=1", "https://evil.example/x"]
)
async def test_a_path_that_leaves_the_api_is_refused(zoho, script, path):
    """Nothing is sent."""
    with pytest.raises(InvalidInputError):
        await zoho.request("GET", path)
    assert [] == script.token_requests


async def test_clients_may_share_a_token_store(make_zoho, script):
    """Two clients of one org make one token request."""
    store = MemoryTokenStore()
    async with make_zoho(token_store=store) as one, make_zoho(token_store=store) as two:
        await one.delete_unsubscribe_link(1)
        await two.delete_unsubscribe_link(2)

    assert 1 == len(script.token_requests)


async def test_clients_of_two_orgs_do_not_share_a_token(make_zoho, script, credentials):
    """A store keeps the tokens of each refresh token apart."""
    other = Credentials(
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        refresh_token="1000.other.org",
        data_center="eu",
    )
    store = MemoryTokenStore()
    async with (
        make_zoho(token_store=store) as one,
        make_zoho(token_store=store, credentials=other) as two,
    ):
        await one.delete_unsubscribe_link(1)
        await two.delete_unsubscribe_link(1)

    assert 2 == len(script.token_requests)


async def test_a_number_as_timeout_is_for_the_whole_call(make_zoho):
    """The limits of a single request stay as they are."""
    async with make_zoho(timeout=7) as zoho:
        assert Timeouts(call=7) == zoho._transport.timeouts
    assert Timeouts(call=7) == Timeouts(connect=10, request=30, call=7)


async def test_the_client_can_be_made_before_the_loop_runs(credentials):
    """Making a client opens nothing, so there is nothing to close."""
    ZohoCRM(credentials)


def test_a_client_takes_no_credentials_it_cannot_use():
    """What is wrong is named."""
    with pytest.raises(ConfigurationError, match="ZOHO_CLIENT_ID"):
        ZohoCRM(Credentials.from_env({}))


@pytest.mark.parametrize("name", ["data_center", "environment"])
def test_a_setting_of_none_is_refused_as_any_other(credentials, name):
    """None is no data centre and no environment."""
    with pytest.raises(ConfigurationError, match="None"):
        attrs.evolve(credentials, **{name: None})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://my_proxy:8443", "https://my_proxy:8443"),
        ("http://127.0.0.2:80", "http://127.0.0.2"),
        ("https://www.zohoapis.com:443", "https://www.zohoapis.com"),
    ],
)
def test_hosts_that_containers_use_are_taken(credentials, given, kept):
    """Underscores, every loopback address, and a default port that changes nothing."""
    assert kept == attrs.evolve(credentials, api_url=given).api_url


@pytest.mark.parametrize("given", ["https://h:", "https://h:0", "https://..", "https://-"])
def test_hosts_that_cannot_be_are_refused(credentials, given):
    """What names no host is told when it is set."""
    with pytest.raises(ConfigurationError, match="api_url"):
        attrs.evolve(credentials, api_url=given)


def test_a_policy_that_cannot_work_is_an_error_of_ours():
    """Every setting that cannot work raises the same kind of error."""
    with pytest.raises(ConfigurationError, match="attempts"):
        RetryPolicy(attempts=0)


async def test_a_call_with_a_key_raises_the_error_of_its_items(zoho, script):
    """Where the caller names the key, items of a success are read, and none is lost."""
    items = [
        {"code": "SUCCESS", "details": {"id": "7"}, "message": "ok", "status": "success"},
        {
            "code": "DUPLICATE_DATA",
            "details": {"api_name": "A"},
            "message": "no",
            "status": "error",
        },
        {"code": "INVALID_DATA", "details": {"api_name": "B"}, "status": "error"},
    ]
    script.add(*[script.response(207, {"data": items})] * 2)

    assert {"data": items} == await zoho.request("POST", "Leads", json={"data": [{}, {}, {}]})
    with pytest.raises(DuplicateDataError) as caught:
        await zoho.request("POST", "Leads", json={"data": [{}, {}, {}]}, key="data")

    assert ["SUCCESS", "DUPLICATE_DATA", "INVALID_DATA"] == [r.code for r in caught.value.results]
    assert {"data": items} == caught.value.data


@pytest.mark.parametrize("is_list", [False, True])
async def test_what_came_too_soon_is_sent_again_where_the_answer_is_read(zoho, script, is_list):
    """With a key an error under a success is one, also of the kind that passes."""
    item = {"code": "TOO_MANY_REQUESTS", "details": {}, "message": "no", "status": "error"}
    done = {"code": "SUCCESS", "details": {"id": "7"}, "message": "ok", "status": "success"}
    script.add(
        script.response(200, {"data": [item]} if is_list else item),
        script.response(200, {"data": [done]}),
    )
    answer = await zoho.request("POST", "Leads", json={"data": [{}]}, key="data")
    assert answer == {"data": [done]}
