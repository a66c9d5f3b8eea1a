"""Requests and answers on the wire, for tests of what they mean."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from aiozcrm._protocol import Request, Response
from aiozcrm.errors import ZohoError

SAMPLES = Path(__file__).parent.parent / "samples"

#: Seconds since 1970, whole, because HTTP dates are.
NOW = 1_790_000_000.0

SECRET = "1000.made0up1secret.made2up3secret"

PAGE = b"<html>\n  <body>Under maintenance</body>\n</html>"


def sample(name: str) -> bytes:
    """Return an answer of the API reference."""
    return (SAMPLES / f"{name}.json").read_bytes()


def request(method: str = "DELETE") -> Request:
    """Return a request for one unsubscribe link."""
    return Request(
        method,
        "https://www.zohoapis.in",
        "/crm/v7/settings/unsubscribe_links/4518230000000512033",
        {"Authorization": f"Zoho-oauthtoken {SECRET}"},
        query="page=2",
        body=(
            b'{"unsubscribe_links": [{"id": "4518230000000512033"}]}' if method == "PUT" else None
        ),
    )


def call_of(
    path: str,
    method: str = "DELETE",
    *,
    query: str = "",
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    base: str = "/crm/v7/",
) -> Request:
    """Return a request for any path."""
    raw = None if body is None else json.dumps(body).encode()
    return Request(method, "https://www.zohoapis.in", base + path, headers or {}, query, raw)


def answer(status: int, body: Any = b"", headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer; a body that is not bytes is written as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, headers or {}, raw)


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns, or the error of ours that it raises."""
    try:
        return function(*arguments)
    except ZohoError as error:
        return error


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "code",
                    "status",
                    "details",
                    "message",
                    "error",
                    "error_info",
                    "error_description",
                    "access_token",
                    "expires_in",
                    "expires_in_sec",
                    "api_domain",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)

bodies = st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode())

statuses = st.integers(min_value=100, max_value=599)
