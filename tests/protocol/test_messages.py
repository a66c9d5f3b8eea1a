"""Requests, answers and tokens, as values."""

from collections.abc import Callable, Iterable

import pytest
from wire import PAGE, SECRET, answer, request

from aiozcrm._protocol import (
    Request,
    Token,
    TokenGrant,
)

HOLDERS = [
    pytest.param(
        Request("POST", "https://accounts.zoho.eu", "/", {}, f"a={SECRET}", SECRET.encode()),
        id="request",
    ),
    pytest.param(answer(200, {"access_token": SECRET}, {"Set-Cookie": SECRET}), id="response"),
    pytest.param(Token(access_token=SECRET, api_url="https://www.zohoapis.eu"), id="token"),
    pytest.param(TokenGrant(access_token=SECRET, lifetime=3600.0, api_domain=None), id="grant"),
]


@pytest.mark.parametrize("show", [repr, str])
@pytest.mark.parametrize("value", HOLDERS)
def test_shows_no_secret(show: Callable[[object], str], value: object) -> None:
    """What is printed or logged of a value on the wire holds no secret."""
    assert SECRET not in show(value)


@pytest.mark.parametrize("value", HOLDERS)
def test_holds_secrets_in_nothing_that_can_be_walked(value: object) -> None:
    """Tools that collect errors look into tuples and mappings, whatever their repr."""
    assert not isinstance(value, Iterable)


def test_shows_where_a_request_goes() -> None:
    """A request is shown by its method and URL."""
    assert repr(request()) == (
        "Request(DELETE https://www.zohoapis.in"
        "/crm/v7/settings/unsubscribe_links/4518230000000512033)"
    )


def test_shows_what_came_back() -> None:
    """A response is shown by its status and size."""
    assert repr(answer(502, PAGE)) == f"Response(502, {len(PAGE)} bytes)"


def test_authorizes_in_zohos_own_way() -> None:
    """A token is sent under Zoho's own scheme, although its type is called Bearer."""
    token = Token(access_token=SECRET, api_url="https://www.zohoapis.eu")

    assert token.headers == {"Authorization": f"Zoho-oauthtoken {SECRET}"}


def test_tells_tokens_apart_that_look_alike() -> None:
    """Two tokens are equal only if they are one."""
    token, twin = (Token(access_token=SECRET, api_url="https://a.example") for _ in range(2))

    assert token == token  # noqa: PLR0124
    assert token != twin
