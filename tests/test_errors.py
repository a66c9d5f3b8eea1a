"""The tree of errors: its drawing, its facts, its words."""

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest

from aiozcrm import errors
from aiozcrm.errors import (
    ApiError,
    ConfigurationError,
    ConnectError,
    InvalidResponseError,
    NotFoundError,
    RateLimitError,
    Result,
    ServerError,
    TokenEndpointError,
    TokenThrottledError,
    ZohoError,
)

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ZohoError) and kind.__module__ == errors.__name__
]

each_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])


def example_of(kind: type[ZohoError]) -> ZohoError:
    """Return an error of this class with all its facts set."""
    facts: dict[str, Any] = {"hint": "Look again."}
    if issubclass(kind, ApiError):
        facts |= {
            "status": 418,
            "code": "TEAPOT",
            "details": {"api_name": "name", "limit_due_to": [{"api_name": "links"}]},
            "method": "PUT",
            "url": "https://www.zohoapis.eu/crm/v7/x",
            "data": {"x": [{"code": "TEAPOT"}]},
            "results": [Result(code="TEAPOT", status="error", message="no", details={})],
        }
    if issubclass(kind, (RateLimitError, ServerError, TokenThrottledError)):
        facts["retry_after"] = 12.5
    if issubclass(kind, TokenEndpointError):
        facts["status"] = 502
    if issubclass(kind, InvalidResponseError):
        facts |= {"status": 200, "excerpt": "<html>"}
    error = kind("It went wrong.", **facts)
    error.attempts = 3
    error.maybe_done = not kind.maybe_done
    return error


def drawn_tree() -> dict[str, tuple[str, str]]:
    """Read the drawing: the parent of each error, and the built-in class named beside it."""
    drawn: dict[str, tuple[str, str]] = {}
    branch: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.fullmatch(r"    ([│├└─ ]*)(\w+Error)\b(?: +\(also (\w+)\))?.*", line)
        if match:
            depth = len(match[1]) // 4
            branch[depth:] = [match[2]]
            drawn[match[2]] = (branch[depth - 1] if depth else "Exception", match[3] or "")
    return drawn


def test_is_drawn_as_it_is() -> None:
    """The drawing in the module's docstring shows every class in its place."""
    real = {
        kind.__name__: (
            kind.__bases__[0].__name__,
            kind.__bases__[1].__name__ if len(kind.__bases__) > 1 else "",
        )
        for kind in KINDS
    }

    assert drawn_tree() == real


def test_promises_every_error() -> None:
    """Each class may be caught by name, and the names are sorted."""
    assert errors.__all__ == sorted([*(kind.__name__ for kind in KINDS), "Result"])


@pytest.mark.parametrize(
    ("builtin", "names"),
    [
        (ValueError, {"ConfigurationError", "InvalidInputError"}),
        (TimeoutError, {"RequestTimeoutError", "DeadlineExceededError"}),
    ],
)
def test_can_be_caught_as_the_built_in(builtin: type[Exception], names: set[str]) -> None:
    """Refused values are ValueErrors, times that ran out are TimeoutErrors, nothing else is."""
    assert {kind.__name__ for kind in KINDS if issubclass(kind, builtin)} == names


def test_knows_which_errors_leave_doubt() -> None:
    """What was sent and not answered with a no may have happened at Zoho."""
    assert {kind.__name__ for kind in KINDS if kind.maybe_done} == {
        "CallCancelledError",
        "ConnectionLostError",
        "InvalidResponseError",
        "RequestTimeoutError",
        "ServerError",
    }


def test_knows_which_errors_meet_every_call() -> None:
    """A batch stops at what the next call would meet as well."""
    assert {kind.__name__ for kind in KINDS if kind.stops_batch} == {
        "AuthenticationError",
        "AuthorizationDeniedError",
        "AuthorizationError",
        "ClientClosedError",
        "ClientRejectedError",
        "CreditsExhaustedError",
        "EnvironmentMismatchError",
        "FeatureUnavailableError",
        "ForeignHostError",
        "GrantCodeRejectedError",
        "PermissionDeniedError",
        "RefreshTokenMissingError",
        "RefreshTokenRejectedError",
        "ScopeError",
        "TokenEndpointError",
        "TokenError",
        "TokenThrottledError",
    }


@each_kind
@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(copy.copy, id="copy"),
        pytest.param(copy.deepcopy, id="deep-copy"),
        pytest.param(lambda error: pickle.loads(pickle.dumps(error)), id="pickle"),  # noqa: S301
    ],
)
def test_keeps_its_facts_when_copied(
    kind: type[ZohoError], duplicate: Callable[[ZohoError], ZohoError]
) -> None:
    """A copy, also one for another process, is an error of the same class with the same facts."""
    error = example_of(kind)

    twin = duplicate(error)

    assert twin is not error
    assert type(twin) is kind
    assert vars(twin) == vars(error)
    assert twin.args == error.args
    assert str(twin) == str(error)


@each_kind
def test_speaks_in_sentences(kind: type[ZohoError]) -> None:
    """The advice of a class is a sentence, so that it can follow the message."""
    assert kind.__doc__
    assert not kind.default_hint or re.fullmatch(r"[A-Z].*[^.]\.", kind.default_hint)


def test_shares_no_traceback_with_another_caller() -> None:
    """Tasks that share a failure do not see where the others met it."""
    with pytest.raises(ConnectError) as caught:
        raise ConnectError("No way.")
    first = caught.value
    seen = first.__traceback__

    second = first.for_another_caller()

    assert seen is not None
    assert second.__traceback__ is None
    with pytest.raises(ConnectError):
        raise second
    assert first.__traceback__ is seen


def test_counts_no_sends_of_what_was_never_sent() -> None:
    """Until somebody says otherwise, nothing was sent and nothing can have happened."""
    error = ZohoError("No way.")

    assert (error.attempts, error.maybe_done, error.stops_batch) == (0, False, False)


@pytest.mark.parametrize(
    ("attempts", "hint", "words"),
    [
        pytest.param(0, "", "No way.", id="never-sent"),
        pytest.param(1, "", "No way.", id="sent-once"),
        pytest.param(2, "", "No way. (sent 2 times)", id="sent-again"),
        pytest.param(1, "Look.", "No way. Look.", id="hint"),
        pytest.param(4, "Look.", "No way. (sent 4 times) Look.", id="sent-again-hint"),
    ],
)
def test_tells_what_happened_in_one_line(attempts: int, hint: str, words: str) -> None:
    """An error says what happened, how often it was tried, and what to do next."""
    error = ConfigurationError("No way.", hint=hint)
    error.attempts = attempts

    assert str(error) == words


def test_gives_the_advice_of_its_class() -> None:
    """Without advice of its own an error gives that of its class."""
    assert str(ConnectError("No way.")) == "No way. Check the network, the proxy and the host name."


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param(
            "NO_SUCH", "PUT https://a.example/x was answered 404 NO_SUCH: Gone.", id="code"
        ),
        pytest.param("", "PUT https://a.example/x was answered 404: Gone.", id="no-code"),
    ],
)
def test_tells_what_was_asked_and_answered(code: str, words: str) -> None:
    """Zoho's refusals name the request, the status and the code."""
    error = NotFoundError(
        "Gone.", status=404, code=code, method="PUT", url="https://a.example/x", hint=""
    )

    assert str(error) == words


def test_tells_how_often_a_refused_call_was_sent() -> None:
    """The number of sends stands in Zoho's refusals too."""
    error = ServerError("Ouch.", status=503, method="GET", url="https://a.example/x", retry_after=9)
    error.attempts = 5

    assert str(error) == (
        "GET https://a.example/x was answered 503: Ouch. (sent 5 times) Try again later."
    )


def test_what_happened_to_one_call_is_not_told_of_another() -> None:
    """The copy for another caller has neither sends nor doubts nor frames."""
    error = RateLimitError("no", status=429, retry_after=5.0)
    error.attempts, error.maybe_done = 3, True

    twin = error.for_another_caller()

    assert (twin.attempts, twin.maybe_done) == (0, False)
    assert (twin.retry_after, twin.status) == (5.0, 429)
    assert (error.attempts, error.maybe_done) == (3, True)
