"""The tree of errors: its drawing, its facts, its words."""

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiozcrm import errors
from aiozcrm.batch import no_input_avoids
from aiozcrm.errors import (
    ApiError,
    ConfigurationError,
    ConnectError,
    DependentFieldError,
    DuplicateDataError,
    InvalidDataError,
    InvalidRequestError,
    InvalidResponseError,
    JobFailedError,
    LimitExceededError,
    MissingFieldError,
    MultipleFoundError,
    NotFoundError,
    PermissionDeniedError,
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

API_KINDS = [kind for kind in KINDS if issubclass(kind, ApiError)]

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
    if issubclass(kind, MultipleFoundError):
        facts["records"] = [{"id": "7"}, {"id": "8"}]
    if issubclass(kind, JobFailedError):
        facts["state"] = {"state": "FAILED"}
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
        match = re.fullmatch(
            r"    ([│├└─ ]*)(\w+(?:Error|Rejected))\b(?: +\(also (\w+)\))?.*", line
        )
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
    """A batch stops at what the next call would meet as well, whatever its rows are."""
    assert {kind.__name__ for kind in KINDS if no_input_avoids(kind.__new__(kind))} == {
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
        "RefreshTokenMissingError",
        "RefreshTokenRejectedError",
        "ScopeError",
        "TokenEndpointError",
        "TokenError",
        "TokenThrottledError",
        "WrongEventLoopError",
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

    assert (error.attempts, error.maybe_done) == (0, False)


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


def test_what_never_left_was_tried_and_not_sent() -> None:
    """Without a connection, nothing was sent, however often that was tried."""
    error = ConnectError("No way.", hint="")
    error.attempts = 5

    assert str(error) == "No way. (tried 5 times)"


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


def rejected(kind: type[ApiError] = InvalidDataError, **details: Any) -> Any:
    """Return an error with these details."""
    return kind("no.", status=400, code="X", details=details, hint="")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\nb\r\nc", id="line-ends"),
        pytest.param("a\x1b[31mb\x1b]0;c\x07", id="terminal-escapes"),
        pytest.param("a\u202eb\u2066c\u200b", id="direction-of-writing"),
        pytest.param("a\x00b\x7f\x9bc", id="control-characters"),
        pytest.param("a\ud800b", id="surrogate"),
        pytest.param("a\u2028b\u2029c", id="other-line-ends"),
        pytest.param("x" * 150_000, id="long"),
    ],
)
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ZohoError, id="message"),
        pytest.param(lambda text: ZohoError("no", hint=text), id="hint"),
        pytest.param(lambda text: ApiError("no", status=400, code=text, url=text), id="code"),
        pytest.param(lambda text: rejected(api_name=text), id="field"),
        pytest.param(lambda text: rejected(supported_values=[text] * 9), id="values"),
        pytest.param(lambda text: rejected(errors=[{"details": {"api_name": text}}]), id="errors"),
        pytest.param(lambda text: rejected(LimitExceededError, param_name=text), id="parameter"),
        pytest.param(
            lambda text: rejected(DuplicateDataError, duplicate_record={"id": text}), id="record"
        ),
        pytest.param(
            lambda text: rejected(PermissionDeniedError, permissions=[text]), id="permission"
        ),
    ],
)
def test_shows_one_short_line_whatever_it_holds(
    error: Callable[[str], ZohoError], text: str
) -> None:
    """What others wrote moves no cursor, ends no line, and fills no screen."""
    shown = str(error(text))

    assert shown.isprintable()
    assert len(shown) <= 2_000
    shown.encode()


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "api_name",
                    "code",
                    "dependee",
                    "details",
                    "duplicate_record",
                    "errors",
                    "expected_fields",
                    "id",
                    "limit",
                    "maximum_length",
                    "module",
                    "param_name",
                    "param_names",
                    "permissions",
                    "supported_values",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.sampled_from(API_KINDS), st.dictionaries(st.text(max_size=5), odd) | odd)
def test_can_always_be_shown(kind: type[ApiError], details: Any) -> None:
    """Details of any form are shown or passed over; showing an error is never an error."""
    details = details if isinstance(details, dict) else {"errors": details, "id": details}
    error = kind("no.", status=400, details=details)

    assert str(error)
    assert all(hasattr(error, name) for name in dir(error))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(
            rejected(
                api_name="Email",
                expected_data_type="email",
                maximum_length=100,
                supported_values=["a", 7],
            ),
            "(field: Email; expected type: email; at most: 100; one of: a, 7)",
            id="field",
        ),
        pytest.param(
            rejected(MissingFieldError, expected_fields=[{"api_name": "A"}, {"api_name": "B"}]),
            "(field: A, B)",
            id="one-of-several-fields",
        ),
        pytest.param(
            rejected(
                DependentFieldError, api_name="path", dependee={"api_name": "Wizard"}, json_path="$"
            ),
            "(needed with: Wizard; field: path)",
            id="other-field",
        ),
        pytest.param(
            rejected(
                DuplicateDataError,
                api_name="Email",
                duplicate_record={"id": "12", "module": {"api_name": "Leads"}},
            ),
            "(field: Email; existing record: Leads 12)",
            id="record-in-the-way",
        ),
        pytest.param(
            rejected(DuplicateDataError, linking_fields=["A", "B"], id=12),
            "(field: A, B; existing record: 12)",
            id="association-in-the-way",
        ),
        pytest.param(
            rejected(
                errors=[
                    {"details": {"api_name": "Email"}},
                    {"details": "odd"},
                    {"details": {"api_name": "Badge"}},
                ]
            ),
            "(field: Email, Badge)",
            id="several-errors-of-one-item",
        ),
        pytest.param(
            rejected(LimitExceededError, limit=50, param_name="fields"),
            "(limited: fields; at most: 50)",
            id="limit",
        ),
        pytest.param(
            rejected(InvalidRequestError, param_names=["criteria", "word"]),
            "(parameter: criteria, word)",
            id="parameters",
        ),
        pytest.param(
            rejected(PermissionDeniedError, permissions=["Crm_Implied_View_Leads"]),
            "(permission: Crm_Implied_View_Leads)",
            id="permission",
        ),
    ],
)
def test_names_what_the_details_tell(error: ApiError, words: str) -> None:
    """What is needed to correct the call stands in its error."""
    assert str(error).endswith(words)


def test_shows_no_endless_number() -> None:
    """A number of thousands of digits could not be turned into text."""
    error = rejected(maximum_length=10**5000, supported_values=[10**5000, 7], id=10**5000)

    assert str(error).endswith("(one of: 7)")


def test_tells_how_many_items_failed() -> None:
    """The first of several errors does not hide that there are others."""
    results = [Result(code="X", status=s, message="", details={}) for s in ("error", "success")]

    assert "failed" not in str(ApiError("no.", status=400, results=results))
    assert "(items that failed: 2)" in str(ApiError("no.", status=400, results=results * 2))


def test_names_the_record_in_the_way() -> None:
    """A duplicate tells which record has the value, also among several errors of one item."""
    details = {"duplicate_record": {"id": "12", "module": {"api_name": "Leads"}}, "id": "13"}

    for error in (
        rejected(DuplicateDataError, **details),
        rejected(DuplicateDataError, errors=[{"details": details}]),
    ):
        assert (error.existing_id, error.module) == ("12", "Leads")
    assert rejected(DuplicateDataError, id="13").existing_id == "13"
    assert rejected(DuplicateDataError).existing_id is None
    assert rejected(DuplicateDataError, duplicate_record="12").module is None


@pytest.mark.parametrize(
    ("status", "failed"), [("success", False), ("error", True), ("failure", True), ("", False)]
)
def test_a_result_knows_whether_it_failed(
    status: str,
    failed: bool,  # a table
) -> None:
    """Any status but success is a failure; without one it is not known."""
    assert Result(code="", status=status, message="", details={}).failed is failed
