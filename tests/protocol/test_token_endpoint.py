"""Requests to the accounts server, and what its answers mean."""

import math
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from wire import PAGE, SECRET, answer, bodies, outcome, request, sample, statuses

from aiozcrm._protocol import (
    TokenGrant,
    read_token_answer,
    refresh_request,
)
from aiozcrm.errors import (
    ClientRejectedError,
    RefreshTokenRejectedError,
    TokenEndpointError,
    TokenError,
    TokenThrottledError,
)


def test_asks_for_a_token_with_the_secrets_in_the_body() -> None:
    """All secrets stand in the form, and nowhere else."""
    secrets = {
        "client_id": "1000.ID",
        "client_secret": "s+c&r=t/%",
        "refresh_token": "1000.refresh.\u00e9",
    }

    made = refresh_request("https://accounts.zohocloud.ca", **secrets)

    assert made.method == "POST"
    assert made.url == "https://accounts.zohocloud.ca/oauth/v2/token"
    assert made.query == ""
    assert made.headers == {"Content-Type": "application/x-www-form-urlencoded"}
    assert made.body is not None
    assert parse_qs(made.body.decode("ascii"), strict_parsing=True) == {
        "grant_type": ["refresh_token"],
        **{name: [value] for name, value in secrets.items()},
    }


SCOPES = ("ZohoCRM.settings.unsubscribe.ALL",)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        pytest.param("token_ok", {"scopes": SCOPES}, id="documented"),
        pytest.param(
            "token_sandbox",
            {"scopes": SCOPES, "api_domain": "https://sandbox.zohoapis.in"},
            id="sandbox",
        ),
        pytest.param("token_minimal", {}, id="without-scope"),
        pytest.param("token_legacy", {"lifetime": 3540.0}, id="milliseconds"),
        pytest.param(
            "token_with_refresh_token",
            {
                "scopes": SCOPES,
                "refresh_token": "1000.madeup5refresh7one.madeup5refresh7two",
            },
            id="exchange",
        ),
    ],
)
def test_reads_tokens(name: str, facts: dict[str, Any]) -> None:
    """Every documented form of a success is read."""
    grant = read_token_answer(request(), answer(200, sample(name)))

    plain = {
        "access_token": "1000.madeup5access7one.madeup5access7two",
        "lifetime": 3600.0,
        "api_domain": "https://www.zohoapis.in",
        "refresh_token": None,
        "scopes": (),
    }
    assert {name: getattr(grant, name) for name in plain} == plain | facts


@pytest.mark.parametrize("status", [200, 201, 400, 500])
def test_takes_a_token_whatever_the_status(status: int) -> None:
    """The status decides nothing that the body can decide."""
    grant = read_token_answer(request(), answer(status, {"access_token": SECRET}))

    assert grant.access_token == SECRET


@pytest.mark.parametrize(
    ("facts", "lifetime"),
    [
        pytest.param({"expires_in": 3599}, 3599.0, id="seconds"),
        pytest.param({"expires_in": "1800"}, 1800.0, id="text"),
        pytest.param({"expires_in": 0.5}, 0.5, id="fraction"),
        pytest.param({"expires_in": 86_400}, 86_400.0, id="a-day"),
        pytest.param({}, 3600.0, id="missing"),
        pytest.param({"expires_in": None}, 3600.0, id="null"),
        pytest.param({"expires_in": 0}, 3600.0, id="zero"),
        pytest.param({"expires_in": -60}, 3600.0, id="negative"),
        pytest.param({"expires_in": 86_401}, 3600.0, id="more-than-a-day"),
        pytest.param({"expires_in": 3_600_000}, 3600.0, id="milliseconds-alone"),
        pytest.param({"expires_in": 10**400}, 3600.0, id="past-any-float"),
        pytest.param({"expires_in": math.inf}, 3600.0, id="infinite"),
        pytest.param({"expires_in": math.nan}, 3600.0, id="nan"),
        pytest.param({"expires_in": True}, 3600.0, id="boolean"),
        pytest.param({"expires_in": "soon"}, 3600.0, id="words"),
        pytest.param({"expires_in": [3600]}, 3600.0, id="list"),
        pytest.param({"expires_in_sec": 1200, "expires_in": 1_200_000}, 1200.0, id="both"),
        pytest.param({"expires_in_sec": 0, "expires_in": 900}, 900.0, id="absurd-seconds"),
        pytest.param({"expires_in_sec": 1200}, 1200.0, id="only-expires-in-sec"),
    ],
)
def test_reads_how_long_a_token_lives(facts: dict[str, Any], lifetime: float) -> None:
    """A lifetime that is missing or absurd counts as the documented hour."""
    grant = read_token_answer(request(), answer(200, {"access_token": SECRET} | facts))

    assert grant.lifetime == lifetime


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({}, id="missing"),
        pytest.param({"api_domain": ""}, id="empty"),
        pytest.param({"api_domain": None}, id="null"),
        pytest.param({"api_domain": ["https://www.zohoapis.eu"]}, id="list"),
    ],
)
def test_takes_a_token_without_a_domain(facts: dict[str, Any]) -> None:
    """A token answer need not say where its token is used."""
    assert (
        read_token_answer(request(), answer(200, {"access_token": SECRET} | facts)).api_domain
        is None
    )


@pytest.mark.parametrize("status", [200, 400, 401, 500])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(sample("token_invalid_code"), RefreshTokenRejectedError, id="invalid-code"),
        pytest.param({"error": "invalid_grant"}, RefreshTokenRejectedError, id="invalid-grant"),
        pytest.param({"error": "invalid_token"}, RefreshTokenRejectedError, id="invalid-token"),
        pytest.param({"error": "INVALID_CODE"}, RefreshTokenRejectedError, id="upper-case"),
        pytest.param(sample("token_invalid_client"), ClientRejectedError, id="invalid-client"),
        pytest.param(
            sample("token_invalid_client_secret"), ClientRejectedError, id="invalid-client-secret"
        ),
        pytest.param({"error": "unauthorized_client"}, ClientRejectedError, id="unauthorized"),
        pytest.param(sample("token_access_denied"), TokenThrottledError, id="throttled"),
        pytest.param(sample("token_access_denied_grants"), TokenThrottledError, id="access-denied"),
        pytest.param(
            {"error": "Zugriff verweigert", "error_description": "Zu oft.", "status": "failure"},
            TokenThrottledError,
            id="throttled-in-german",
        ),
        pytest.param(
            {"error": "拒绝访问", "error_description": "请稍后再试。", "status": "failure"},
            TokenThrottledError,
            id="throttled-in-chinese",
        ),
        pytest.param(
            {"error_description": "", "status": "failure"},
            TokenThrottledError,
            id="throttled-without-error",
        ),
        pytest.param(
            {"error": "invalid_code", "error_description": "", "status": "failure"},
            RefreshTokenRejectedError,
            id="known-error-in-the-shape-of-the-throttle",
        ),
        pytest.param(sample("token_invalid_redirect_uri"), TokenEndpointError, id="redirect-uri"),
        pytest.param({"error": "general_error"}, TokenEndpointError, id="general-error"),
        pytest.param({"error": {"code": 7}}, TokenEndpointError, id="error-object"),
        pytest.param({"status": "failure"}, TokenEndpointError, id="failure-alone"),
        pytest.param(sample("revoke_ok"), TokenEndpointError, id="answer-to-something-else"),
        pytest.param({"access_token": ""}, TokenEndpointError, id="empty-token"),
        pytest.param({"access_token": 7}, TokenEndpointError, id="token-of-wrong-type"),
        pytest.param(PAGE, TokenEndpointError, id="html"),
        pytest.param(b"", TokenEndpointError, id="empty"),
        pytest.param(b'{"access_token": "1000.', TokenEndpointError, id="truncated"),
        pytest.param(b'{"access_token": "\xff"}', TokenEndpointError, id="not-utf-8"),
        pytest.param(b"[" * 100_000, TokenEndpointError, id="bottomless"),
        pytest.param([{"access_token": SECRET}], TokenEndpointError, id="list"),
        pytest.param("invalid_code", TokenEndpointError, id="text"),
        pytest.param(None, TokenEndpointError, id="null"),
        pytest.param(3600, TokenEndpointError, id="number"),
    ],
)
def test_tells_token_errors_apart(status: int, body: Any, kind: type[TokenError]) -> None:
    """The body says what went wrong, also under status 200 and in any language."""
    with pytest.raises(TokenError) as caught:
        read_token_answer(request(), answer(status, body))

    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(PAGE, id="html"),
        pytest.param({"error": "too_fast"}, id="unknown-error"),
    ],
)
def test_takes_429_for_the_throttle(body: Any) -> None:
    """Too many tokens is also what status 429 says."""
    with pytest.raises(TokenThrottledError):
        read_token_answer(request(), answer(429, body))


@pytest.mark.parametrize("status", [200, 502])
def test_a_web_page_in_place_of_a_token_is_called_one(status: int) -> None:
    """A proxy, or the login page of a network, is what usually writes them."""
    with pytest.raises(TokenEndpointError, match=r"a web page \(\d+ bytes\).*proxy"):
        read_token_answer(request(), answer(status, PAGE))


def test_names_the_error_of_the_token_endpoint() -> None:
    """Zoho's own word for what went wrong stands in the message."""
    with pytest.raises(ClientRejectedError, match="invalid_client"):
        read_token_answer(request(), answer(200, sample("token_invalid_client")))


def test_names_the_status_of_an_unusable_token_answer() -> None:
    """Where the body says nothing, the status and the size do."""
    with pytest.raises(TokenEndpointError, match=r"502 with no usable .* \(\d+ b") as caught:
        read_token_answer(request(), answer(502, b"nothing"))

    assert caught.value.status == 502


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(f"{SECRET}\r\nX-Evil: 1", id="header-injection"),
        pytest.param(f"{SECRET}\x00", id="null"),
        pytest.param(f"{SECRET}\u00e9", id="non-ascii"),
    ],
)
def test_rejects_a_token_that_no_header_may_hold(token: str) -> None:
    """A token that could write headers of its own is not used, and not shown either."""
    with pytest.raises(TokenEndpointError) as caught:
        read_token_answer(request(), answer(200, {"access_token": token}))

    assert SECRET not in str(caught.value)


@given(statuses, bodies)
def test_reads_any_token_answer(status: int, body: bytes) -> None:
    """Whatever comes back is a token or an error of ours."""
    result = outcome(read_token_answer, request(), answer(status, body))

    if isinstance(result, TokenGrant):
        assert result.access_token
        assert 0 < result.lifetime <= 86_400
    else:
        assert isinstance(result, TokenError)
        assert str(result)
