"""What an answer of the API means: its data, its items, and which error it is."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from wire import (
    NOW,
    PAGE,
    SAMPLES,
    SECRET,
    answer,
    bodies,
    call_of,
    outcome,
    request,
    sample,
    statuses,
)

from aiozcrm._protocol import (
    ApiCall,
    Json,
    Reply,
    Request,
    Response,
    api_error,
    decode,
    error_of,
    is_success,
    results_of,
    retry_after,
)
from aiozcrm.errors import (
    AlreadyDoneError,
    ApiError,
    AuthenticationError,
    ConflictError,
    CreditsExhaustedError,
    DependentFieldError,
    DependentServiceError,
    DuplicateDataError,
    FeatureUnavailableError,
    InvalidDataError,
    InvalidQueryError,
    InvalidRequestError,
    InvalidResponseError,
    LimitExceededError,
    MissingFieldError,
    NoRecordsError,
    NotAllowedError,
    NotFoundError,
    NotModifiedError,
    NotReadyError,
    PaginationLimitError,
    PermissionDeniedError,
    RateLimitError,
    RecordLockedError,
    Result,
    RolledBackError,
    ScopeError,
    ServerError,
    TooLargeError,
)


def read(response: Response, method: str = "DELETE") -> Any:
    """Read an answer of the API."""
    asked = request(method)
    if not is_success(asked, response):
        raise api_error(asked, response, NOW)
    data = decode(asked, response)
    path = asked.path.removeprefix("/crm/v7/")
    body = None if asked.body is None else Json(json.loads(asked.body))
    reply = Reply(response.status, response.headers, data, 1, asked.url)
    for result in results_of(data, None if method == "GET" else "unsubscribe_links"):
        if result.failed:
            raise error_of(result, ApiCall(method, path, body=body), reply)
    return data


def rejection_of(response: Response, method: str = "DELETE") -> Any:
    """Return the error that an answer of the API is."""
    with pytest.raises(ApiError) as caught:
        read(response, method)
    return caught.value


def http_date(seconds: float) -> str:
    """Return a moment in the form of HTTP headers."""
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


@pytest.mark.parametrize("status", [200, 201, 202, 207])
@pytest.mark.parametrize(
    ("method", "name"),
    [
        pytest.param("DELETE", "delete_ok", id="delete"),
        pytest.param("POST", "create_ok", id="create"),
        pytest.param("PUT", "update_ok", id="update"),
        pytest.param("GET", "links", id="list"),
        pytest.param("GET", "link", id="get"),
        pytest.param("GET", "associations", id="associations"),
    ],
)
def test_returns_successes_as_they_are(status: int, method: str, name: str) -> None:
    """Any 2xx is a success, and its body comes back whole."""
    assert read(answer(status, sample(name)), method) == json.loads(sample(name))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_reads_204_as_nothing(method: str) -> None:
    """204 has no body, whatever was asked."""
    assert read(answer(204), method) is None


def test_reads_an_empty_page_as_nothing() -> None:
    """A read may end with an empty body instead of an empty list."""
    assert read(answer(200), "GET") is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_doubts_an_empty_answer_to_a_write(method: str) -> None:
    """Only 204 says that a write worked without saying how."""
    with pytest.raises(InvalidResponseError):
        read(answer(200), method)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"data": [{"status": "success"}, {"status": "error", "code": "X"}]}, id="two"),
        pytest.param({"data": []}, id="none"),
        pytest.param({"data": ["error"]}, id="no-object"),
        pytest.param({"data": {"id": "7"}}, id="no-list"),
        pytest.param({"data": [{"id": "7"}], "info": {"count": 1}}, id="with-info"),
        pytest.param({}, id="empty-object"),
    ],
)
def test_returns_what_is_not_about_one_item(body: dict[str, Any]) -> None:
    """An answer about several items, or about none, is left to whoever asked."""
    assert read(answer(200, body), "PUT") == body


def test_takes_no_record_for_an_error() -> None:
    """A record that was read may have a field called status, and say error in it."""
    body = {"data": [{"id": "7", "status": "error", "code": "E-12", "message": "engine"}]}

    assert read(answer(200, body), "GET") == body


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(PAGE, id="html"),
        pytest.param(b"OK", id="text"),
        pytest.param(b" ", id="blank"),
        pytest.param(sample("links")[:-40], id="truncated"),
        pytest.param(b'{"data": "\xe9"}', id="not-utf-8"),
        pytest.param("{}".encode("utf-16"), id="utf-16"),
        pytest.param(b"[" * 100_000, id="bottomless"),
        pytest.param(b"9" * 5_000, id="endless-number"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'"done"', id="string"),
        pytest.param(b"null", id="null"),
        pytest.param(b"true", id="boolean"),
        pytest.param(b"7", id="number"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_doubts_a_success_that_cannot_be_read(method: str, body: bytes) -> None:
    """A success that is no JSON object is an error that says so: it may have happened."""
    with pytest.raises(InvalidResponseError, match=f"{method} .* was answered 200") as caught:
        read(answer(200, body), method)

    assert caught.value.status == 200
    assert caught.value.maybe_done
    assert len(caught.value.excerpt) <= 300
    assert len(str(caught.value)) < 1_000


def test_quotes_the_beginning_of_an_unreadable_success() -> None:
    """The excerpt is the beginning of the body, with its white space made plain."""
    with pytest.raises(InvalidResponseError) as caught:
        read(answer(200, PAGE))

    assert caught.value.excerpt == "<html> <body>Under maintenance</body> </html>"
    assert caught.value.excerpt in str(caught.value)


@pytest.mark.parametrize(
    ("body", "excerpt"),
    [
        pytest.param(b"x" * 301, "x" * 300, id="long"),
        pytest.param(("\u20ac" * 5_000).encode(), "\u20ac" * 300, id="three-bytes-each"),
        pytest.param(("\U0001f980" * 5_000).encode(), "\U0001f980" * 300, id="four-bytes-each"),
        pytest.param(b"a\xffb", "a\ufffdb", id="not-utf-8"),
    ],
)
def test_quotes_at_most_300_characters(body: bytes, excerpt: str) -> None:
    """An excerpt is short whatever the bytes are."""
    with pytest.raises(InvalidResponseError) as caught:
        read(answer(200, body))

    assert caught.value.excerpt == excerpt


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("create_duplicate_name", DuplicateDataError, id="wrapped"),
        pytest.param("update_many_default", NotAllowedError, id="wrapped-default"),
        pytest.param("delete_not_part_of_org", NotFoundError, id="top"),
        pytest.param("internal_error", ServerError, id="top-server-error"),
    ],
)
def test_sees_the_error_inside_a_success(status: int, name: str, kind: type[ApiError]) -> None:
    """A write may be answered 2xx and yet be rejected: the item's own status counts."""
    error = rejection_of(answer(status, sample(name)))

    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize(
    ("method", "status", "name", "kind", "code"),
    [
        pytest.param(*row, id=f"{row[0]}-{row[2]}")
        for row in (
            ("DELETE", 400, "delete_not_part_of_org", NotFoundError, "INVALID_DATA"),
            ("PUT", 400, "delete_not_part_of_org", NotFoundError, "INVALID_DATA"),
            ("DELETE", 400, "delete_default", NotAllowedError, "NOT_ALLOWED"),
            ("PUT", 400, "update_many_not_part_of_org", NotFoundError, "INVALID_DATA"),
            ("PUT", 400, "update_many_default", NotAllowedError, "NOT_ALLOWED"),
            ("PUT", 400, "update_id_missing", MissingFieldError, "MANDATORY_NOT_FOUND"),
            ("POST", 400, "create_duplicate_name", DuplicateDataError, "DUPLICATE_DATA"),
            ("PUT", 400, "create_duplicate_name", DuplicateDataError, "DUPLICATE_DATA"),
            ("POST", 400, "create_limit_exceeded", LimitExceededError, "LIMIT_EXCEEDED"),
            ("POST", 400, "create_field_missing", MissingFieldError, "MANDATORY_NOT_FOUND"),
            ("POST", 400, "create_wrapper_missing", MissingFieldError, "MANDATORY_NOT_FOUND"),
            (
                "POST",
                400,
                "create_dependent_missing",
                DependentFieldError,
                "DEPENDENT_FIELD_MISSING",
            ),
            ("POST", 400, "create_wrong_type", InvalidDataError, "INVALID_DATA"),
            ("POST", 400, "create_too_long", InvalidDataError, "INVALID_DATA"),
            ("POST", 400, "create_too_short", InvalidDataError, "INVALID_DATA"),
            ("POST", 400, "create_value_not_allowed", InvalidDataError, "INVALID_DATA"),
            ("POST", 400, "create_two_items", InvalidDataError, "INVALID_DATA"),
            ("POST", 400, "create_body_not_object", InvalidDataError, "INVALID_DATA"),
            ("DELETE", 403, "no_permission", PermissionDeniedError, "NO_PERMISSION"),
            ("GET", 403, "no_api_access", PermissionDeniedError, "NO_PERMISSION"),
            ("GET", 404, "invalid_url_pattern", InvalidRequestError, "INVALID_URL_PATTERN"),
            ("POST", 400, "invalid_request_method", InvalidRequestError, "INVALID_REQUEST_METHOD"),
            ("GET", 400, "api_not_supported", InvalidRequestError, "API_NOT_SUPPORTED"),
            ("GET", 401, "scope_mismatch", ScopeError, "OAUTH_SCOPE_MISMATCH"),
            ("DELETE", 403, "scope_mismatch_details", ScopeError, "OAUTH_SCOPE_MISMATCH"),
            ("DELETE", 401, "invalid_token", AuthenticationError, "INVALID_TOKEN"),
            ("GET", 401, "authentication_failure", AuthenticationError, "AUTHENTICATION_FAILURE"),
            ("DELETE", 500, "internal_error", ServerError, "INTERNAL_ERROR"),
            ("DELETE", 429, "too_many_requests", RateLimitError, "TOO_MANY_REQUESTS"),
            ("GET", 429, "too_many_requests_details", RateLimitError, "TOO_MANY_REQUESTS"),
            ("DELETE", 429, "too_many_requests_legacy", RateLimitError, "TOO_MANY_REQUESTS"),
        )
    ],
)
def test_reads_documented_rejections(
    method: str, status: int, name: str, kind: type[ApiError], code: str
) -> None:
    """Every documented rejection_of becomes its class, with all that Zoho says about it."""
    body = json.loads(sample(name))
    item = next(iter(body.values()))[0] if "code" not in body else body

    error = rejection_of(answer(status, sample(name)), method)

    assert type(error) is kind
    assert (error.status, error.code, error.method) == (status, code, method)
    assert error.url == request().url
    assert error.details == (item["details"] or {})
    assert (item.get("message") or item["error_info"]) in str(error)
    assert SECRET not in str(error)


@pytest.mark.parametrize(
    ("code", "kind", "usual_statuses"),
    [
        pytest.param(code, kind, statuses, id=code)
        for code, kind, statuses in (
            ("INVALID_TOKEN", AuthenticationError, (401, 400)),
            ("INVALID_OAUTHTOKEN", AuthenticationError, (401,)),
            ("AUTHENTICATION_FAILURE", AuthenticationError, (401,)),
            ("AUTHENTICATION_FAILED", AuthenticationError, (401,)),
            ("OAUTH_SCOPE_MISMATCH", ScopeError, (401, 403)),
            ("NO_PERMISSION", PermissionDeniedError, (403,)),
            ("PERMISSION_DENIED", PermissionDeniedError, (403, 401)),
            ("AUTHORIZATION_FAILED", PermissionDeniedError, (400, 401)),
            ("AUTHORIZATION_ERROR", PermissionDeniedError, (401,)),
            ("FEATURE_NOT_SUPPORTED", FeatureUnavailableError, (400, 403)),
            ("FEATURE_NOT_ENABLED", FeatureUnavailableError, (400, 403)),
            ("NOT_SUPPORTED", NotAllowedError, (400, 403)),
            ("NOT_ALLOWED", NotAllowedError, (400, 403)),
            ("ALREADY_USED", NotAllowedError, (400,)),
            ("INVALID_URL_PATTERN", InvalidRequestError, (404,)),
            ("INVALID_REQUEST_METHOD", InvalidRequestError, (400, 403, 405)),
            ("API_NOT_SUPPORTED", InvalidRequestError, (400, 404)),
            ("INVALID_MODULE", InvalidRequestError, (400,)),
            ("REQUIRED_PARAM_MISSING", InvalidRequestError, (400,)),
            ("BAD_REQUEST", InvalidRequestError, (400,)),
            ("INVALID_DATA", InvalidDataError, (400, 202)),
            ("MANDATORY_NOT_FOUND", MissingFieldError, (400, 403)),
            ("DUPLICATE_DATA", DuplicateDataError, (400,)),
            ("DEPENDENT_FIELD_MISSING", DependentFieldError, (400,)),
            ("DEPENDENT_MISMATCH", InvalidDataError, (400,)),
            ("EXPECTED_FIELD_MISSING", MissingFieldError, (400,)),
            ("AMBIGUITY_DURING_PROCESSING", InvalidDataError, (400,)),
            ("REQUIRED_DATA_NOT_FOUND", InvalidDataError, (400,)),
            ("PATTERN_NOT_MATCHED", InvalidDataError, (400,)),
            ("LIMIT_EXCEEDED", LimitExceededError, (400, 403)),
            ("LIMIT_REACHED", LimitExceededError, (400, 403)),
            ("LICENSE_LIMIT_EXCEEDED", LimitExceededError, (400, 403)),
            ("TOO_MANY_REQUESTS", RateLimitError, (429, 400)),
            ("RATE_LIMIT_EXCEEDED", RateLimitError, (429,)),
            ("INTERNAL_ERROR", ServerError, (500, 400)),
            ("INTERNAL_SERVER_ERROR", ServerError, (500,)),
            ("SERVICE_UNAVAILABLE", ServerError, (503,)),
        )
    ],
)
def test_lets_the_code_decide_first(
    code: str, kind: type[ApiError], usual_statuses: tuple[int, ...]
) -> None:
    """One code means one thing, under each of its usual statuses and under any other."""
    body = {"code": code, "details": {}, "message": "no", "status": "error"}

    for status in (*usual_statuses, 418):
        assert type(rejection_of(answer(status, body))) is kind


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(PAGE, id="html"),
        pytest.param(b"[]", id="list"),
        pytest.param({"code": "NEW_IN_V9", "status": "error"}, id="unknown-code"),
        pytest.param({"code": 4401, "status": "error"}, id="number-as-code"),
        pytest.param({"data": [{"code": "SUCCESS", "status": "success"}]}, id="only-successes"),
    ],
)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (300, ApiError),
        (302, ApiError),
        (304, NotModifiedError),
        (400, ApiError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, InvalidRequestError),
        (405, InvalidRequestError),
        (408, ServerError),
        (409, ConflictError),
        (412, ConflictError),
        (413, TooLargeError),
        (415, InvalidRequestError),
        (429, RateLimitError),
        (500, ServerError),
        (501, ServerError),
        (502, ServerError),
        (503, ServerError),
        (504, ServerError),
        (599, ServerError),
    ],
)
def test_falls_back_to_the_status(status: int, kind: type[ApiError], body: Any) -> None:
    """Without a code that is known, the HTTP status says what it was."""
    error = rejection_of(answer(status, body))

    assert type(error) is kind
    assert error.status == status


def test_finds_the_rejected_item_among_others() -> None:
    """In a rejection_of of several items the first that failed speaks for all."""
    body = {
        "data": [
            {"code": "SUCCESS", "status": "success"},
            {"code": "DUPLICATE_DATA", "status": "error", "details": {"api_name": "name"}},
            {"code": "INVALID_DATA", "status": "error"},
        ],
    }

    error = rejection_of(answer(400, body), "POST")

    assert error.code == "DUPLICATE_DATA"
    assert error.details == {"api_name": "name"}


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"details": []}, id="list"),
        pytest.param({"details": None}, id="null"),
        pytest.param({"details": "name"}, id="text"),
        pytest.param({}, id="missing"),
    ],
)
def test_survives_odd_details(facts: dict[str, Any]) -> None:
    """Details that are no object count as none."""
    error = rejection_of(answer(400, {"code": "INVALID_DATA", "message": "no"} | facts))

    assert type(error) is InvalidDataError
    assert error.details == {}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"code": "NOT_ALLOWED", "message": "It is in use"}, "It is in use", id="own"),
        pytest.param({"code": "NOT_ALLOWED", "error_info": "in use"}, "in use", id="older"),
        pytest.param({"code": "NOT_ALLOWED"}, '{"code": "NOT_ALLOWED"}', id="missing"),
        pytest.param({"code": "NOT_ALLOWED", "message": None}, "NOT_ALLOWED", id="null"),
        pytest.param({"code": "NOT_ALLOWED", "message": ["in", "use"]}, "use", id="list"),
        pytest.param(PAGE, "<body>Under maintenance</body>", id="html"),
        pytest.param(b"", "no explanation", id="empty"),
    ],
)
def test_explains_a_rejection(body: Any, words: str) -> None:
    """The message is Zoho's, or else the beginning of the body."""
    assert words in rejection_of(answer(400, body)).message


def test_explains_a_long_page_in_short() -> None:
    """A whole HTML page does not end up in the message."""
    assert len(rejection_of(answer(502, b"<p>" * 10_000)).message) <= 301


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("30", 30.0, id="seconds"),
        pytest.param("1.5", 1.5, id="fraction"),
        pytest.param("0", 0.0, id="zero"),
        pytest.param("-5", 0.0, id="negative"),
        pytest.param("86400", 86_400.0, id="a-day"),
        pytest.param(http_date(NOW + 90), 90.0, id="date"),
        pytest.param(http_date(NOW - 90), 0.0, id="past-date"),
        pytest.param(http_date(NOW + 90).replace(" GMT", ""), 90.0, id="date-without-zone"),
        pytest.param(http_date(NOW + 90).replace("GMT", "-0000"), 90.0, id="date-of-unknown-zone"),
        pytest.param(http_date(NOW + 7290).replace("GMT", "+0200"), 90.0, id="date-elsewhere"),
        pytest.param("inf", None, id="infinite"),
        pytest.param("-inf", None, id="negative-infinite"),
        pytest.param("nan", None, id="nan"),
        pytest.param("1e400", None, id="past-any-float"),
        pytest.param("", None, id="empty"),
        pytest.param("soon", None, id="words"),
        pytest.param("Wed, 31 Feb 2027 07:28:00 GMT", None, id="date-that-never-comes"),
        pytest.param("Wed, 21 Oct 100000 07:28:00 GMT", None, id="year-100000"),
        pytest.param(f"Wed, 21 Oct {'9' * 40} 07:28:00 GMT", None, id="endless-year"),
        pytest.param("Wed, 21 Oct 2026 07:28:00 +9999", None, id="impossible-zone"),
    ],
)
def test_reads_when_to_come_back(status: int, value: str, seconds: float | None) -> None:
    """Retry-After is a number or a date; nonsense counts as none and hides nothing."""
    error = rejection_of(answer(status, PAGE, {"Retry-After": value}))

    assert error.status == status
    assert error.retry_after == seconds


@pytest.mark.parametrize("status", [429, 500])
def test_knows_no_moment_without_a_header(status: int) -> None:
    """Where Zoho does not say when to come back, we do not either."""
    assert rejection_of(answer(status)).retry_after is None


@given(
    st.text(max_size=40)
    | st.lists(
        st.sampled_from(["Wed,", "21", "Oct", "2015", "07:28:00", "GMT", "-9999", "9e9", ":", "("]),
        max_size=9,
    ).map(" ".join)
)
def test_reads_any_retry_after(value: str) -> None:
    """Whatever the header holds, the wait is finite and not negative, or unknown."""
    seconds = rejection_of(answer(429, b"", {"Retry-After": value})).retry_after

    assert seconds is None or 0 <= seconds < math.inf


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        pytest.param({"X-API-CREDITS-REMAINING": "0"}, CreditsExhaustedError, id="none-left"),
        pytest.param({"X-API-CREDITS-REMAINING": "3"}, RateLimitError, id="three-left"),
        pytest.param({"X-API-CREDITS-REMAINING": ""}, RateLimitError, id="empty"),
        pytest.param({"X-API-CREDITS-REMAINING": "none"}, RateLimitError, id="words"),
        pytest.param({}, RateLimitError, id="not-said"),
    ],
)
def test_tells_used_up_credits_from_a_burst(
    headers: dict[str, str], kind: type[RateLimitError]
) -> None:
    """One code stands for both; the credits that are left tell which it is."""
    error = rejection_of(answer(429, sample("too_many_requests"), headers | {"Retry-After": "9"}))

    assert type(error) is kind
    assert error.retry_after == 9.0


def test_blames_no_credits_for_other_rejections() -> None:
    """The last credit may have been spent on a call that is rejected for another reason."""
    response = answer(403, sample("no_permission"), {"X-API-CREDITS-REMAINING": "0"})

    assert type(rejection_of(response)) is PermissionDeniedError


@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    statuses,
    bodies,
    st.dictionaries(st.sampled_from(["Retry-After", "X-API-CREDITS-REMAINING"]), st.text()),
)
def test_reads_any_answer(method: str, status: int, body: bytes, headers: dict[str, str]) -> None:
    """Whatever comes back is data or an error of ours, and only 2xx is data."""
    result = outcome(read, answer(status, body, headers), method)

    if isinstance(result, ApiError):
        assert str(result)
        assert isinstance(result.details, dict)
        assert isinstance(result.code, str)
    else:
        assert 200 <= status < 300
        assert result is None or isinstance(result, (dict, InvalidResponseError))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            {"unsubscribe_links": [{"code": "INVALID_DATA", "status": "error"}], "info": {}},
            id="beside other keys",
        ),
        pytest.param({"unsubscribe_links": [{"status": "error", "message": "x"}]}, id="no code"),
        pytest.param({"code": "INVALID_DATA", "status": "error", "details": {}}, id="not wrapped"),
    ],
)
def test_sees_every_form_of_an_error_inside_a_success(body: dict[str, Any]) -> None:
    """A write that was rejected is never taken for a success."""
    assert rejection_of(answer(200, body)).status == 200


def test_sees_an_error_in_place_of_what_was_read() -> None:
    """A read may be rejected with a 2xx as well."""
    body = {"code": "INTERNAL_ERROR", "details": {}, "message": "x", "status": "error"}

    assert isinstance(rejection_of(answer(200, body), "GET"), ServerError)


@pytest.mark.parametrize(
    ("message", "ends"),
    [("Try again.", "Try again."), ("Why?", "Why?"), ("no", "no."), ("\ud800", "?")],
)
def test_makes_a_sentence_of_foreign_words(message: str, ends: str) -> None:
    """Zoho's words end once, and can be printed anywhere."""
    error = rejection_of(answer(400, {"code": "X", "message": message}))

    assert error.message == ends
    assert error.message.encode()


def test_takes_overdrawn_credits_for_used_up_ones() -> None:
    """Fewer than none are none."""
    headers = {"X-API-CREDITS-REMAINING": "-3"}
    error = rejection_of(answer(429, {"code": "TOO_MANY_REQUESTS"}, headers))

    assert isinstance(error, CreditsExhaustedError)


@pytest.mark.parametrize("key", ["code", "error"])
@pytest.mark.parametrize("words", ["upstream failed, trace=4f1c\n", "x" * 65, ""])
def test_a_gateways_sentence_is_no_code(key: str, words: str) -> None:
    """Codes are names of which there are few: logs and metrics rely on that."""
    error = rejection_of(answer(502, {key: words}))

    assert type(error) is ServerError
    assert error.code == ""


def test_control_characters_of_others_reach_no_terminal() -> None:
    """What a server says may be printed anywhere."""
    error = rejection_of(answer(400, {"code": "X", "message": "\x1b[2Jgone\u202e"}))

    assert str(error.message).isprintable()
    assert "gone" in error.message


def failed_item(number: int, code: str = "INVALID_DATA") -> dict[str, Any]:
    """Return what Zoho says of a row that it rejects."""
    return {
        "code": code,
        "details": {"api_name": f"F{number}", "json_path": f"$.data[{number}].F{number}"},
        "message": f"m{number}",
        "status": "error",
    }


def rejection(call: Request, body: Any, status: int = 400) -> ApiError:
    """Return the error for an answer to *call*."""
    return api_error(call, answer(status, body), NOW)


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda items: {"data": items}, id="list"),
        pytest.param(lambda items: {"any_name": items}, id="list-of-any-name"),
        pytest.param(lambda items: {"data": items, "wf_scheduler": []}, id="beside-a-list"),
        pytest.param(lambda items: {"info": {"count": 3}, "data": items}, id="beside-an-object"),
        pytest.param(lambda items: {"a": items[:1], "b": items[1:]}, id="two-lists"),
        pytest.param(lambda items: {f"k{n}": item for n, item in enumerate(items)}, id="objects"),
        pytest.param(lambda items: {"a": items[0], "b": items[1:]}, id="object-and-list"),
        pytest.param(lambda items: {**items[0], "data": items[1:]}, id="flat-and-list"),
    ],
)
@pytest.mark.parametrize("status", [400, 403, 412, 500])
def test_keeps_every_item_of_a_rejected_write(
    wrap: Callable[[list[dict[str, Any]]], dict[str, Any]], status: int
) -> None:
    """Whatever the envelope, each item is in the error, and the first that failed speaks."""
    items = [
        {"code": "SUCCESS", "details": {"id": "7"}, "message": "m0", "status": "success"},
        failed_item(1, "DUPLICATE_DATA"),
        failed_item(2, "MANDATORY_NOT_FOUND"),
    ]
    body = wrap(items)

    error = rejection(request("POST"), body, status)

    assert type(error) is DuplicateDataError
    assert error.data == body
    assert (error.code, error.details) == ("DUPLICATE_DATA", items[1]["details"])
    assert error.message == "m1."
    assert error.results == tuple(Result(**item) for item in items)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(failed_item(0), id="flat"),
        pytest.param({"business_hours": failed_item(0)}, id="object"),
        pytest.param({"data": [failed_item(0)]}, id="list"),
        pytest.param({"data": [failed_item(0)], "scheduler": [], "info": {}}, id="beside-others"),
        pytest.param({"a": None, "b": ["x", 7, None], "data": [failed_item(0)]}, id="odd-others"),
    ],
)
def test_finds_a_single_item_in_every_envelope(body: dict[str, Any]) -> None:
    """An error is found flat, in an object, in a list, and beside other things."""
    error = rejection(request("PUT"), body)

    assert (error.code, error.message) == ("INVALID_DATA", "m0.")
    assert len(error.results) == 1


@pytest.mark.parametrize("body", [b"", PAGE, b"[]", b'"x"', b"null"])
def test_a_rejection_may_say_nothing(body: bytes) -> None:
    """Without items there are no results, and the data is what was read, if anything was."""
    error = rejection(request(), body)

    assert error.results == ()
    assert error.code == ""
    assert error.data in (None, [], "x")


def test_takes_no_details_for_an_item() -> None:
    """Details may have a code of their own."""
    body = failed_item(0) | {"details": {"code": "E", "status": "error"}}

    assert len(rejection(request(), body).results) == 1


@pytest.mark.parametrize(
    ("item", "code"),
    [
        pytest.param({"code": 4401}, "4401", id="number"),
        pytest.param({"code": 429, "error": "TOO_MANY_REQUESTS"}, "TOO_MANY_REQUESTS", id="older"),
        pytest.param({"code": "No Content", "status": "error"}, "No Content", id="two-words"),
        pytest.param({"ERROR_CODE": 404, "ERROR_MESSAGE": "Bad"}, "404", id="file-server"),
        pytest.param({"code": None, "status": "error"}, "", id="null"),
        pytest.param({"code": ["X"], "status": "error"}, "", id="list"),
        pytest.param({"code": "You may not", "status": "error"}, "", id="sentence"),
        pytest.param({"code": "X" * 65, "status": "error"}, "", id="long"),
    ],
)
def test_reads_codes_of_every_form(item: dict[str, Any], code: str) -> None:
    """A code is a name or a number; somebody's sentence is none."""
    assert rejection(request(), item).code == code


@pytest.mark.parametrize("code", (SAMPLES / "error_codes.txt").read_text().splitlines())
def test_gives_every_documented_code_a_class(code: str) -> None:
    """No documented code is a bare ApiError, whatever status it comes with, in any spelling."""
    body = {"code": code, "details": {}, "message": "no", "status": "error"}

    kinds = {
        type(rejection(request(), {"data": [body | {"code": spelt}]}, status))
        for spelt in (code, code.lower())
        for status in (400, 403, 404, 418)
    }

    assert len(kinds) == 1
    assert kinds != {ApiError}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ALREADY_MODIFIED", ConflictError),
        ("ALREADY_SCHEDULED", NotReadyError),
        ("DEPENDENT_SERVICE_ERROR", DependentServiceError),
        ("DUPLICATE_LINKING_DATA", DuplicateDataError),
        ("EXPECTED_PARAM_MISSING", InvalidRequestError),
        ("FILE_SIZE_MORE_THAN_ALLOWED_SIZE", TooLargeError),
        ("ID_ALREADY_CONVERTED", AlreadyDoneError),
        ("INVALID_OAUTHSCOPE", ScopeError),
        ("NO_RECORDS_FOUND", NoRecordsError),
        ("Not Modified", NotModifiedError),
        ("PAGINATION_LIMIT_EXCEEDED", PaginationLimitError),
        ("RECORD_LOCKED", RecordLockedError),
        ("ROLLBACK_PERFORMED", RolledBackError),
        ("SYNTAX_ERROR", InvalidQueryError),
        ("failure_in_attachment_handling", InvalidDataError),
    ],
)
def test_tells_kinds_of_errors_apart(code: str, kind: type[ApiError]) -> None:
    """Each kind of trouble has a class that says what to do about it."""
    assert type(rejection(request(), {"code": code, "status": "error"})) is kind


def test_a_missing_feature_is_no_missing_permission() -> None:
    """No administrator can give what the edition does not have."""
    error = rejection(request(), {"code": "FEATURE_NOT_SUPPORTED", "status": "error"})

    assert not isinstance(error, PermissionDeniedError)
    assert "edition" in error.hint


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ([failed_item(1, "DUPLICATE_DATA"), failed_item(2)], DuplicateDataError),
        ([failed_item(1, "MANDATORY_NOT_FOUND")], MissingFieldError),
        ([failed_item(1, "NO_PERMISSION")], InvalidDataError),
        ([], InvalidDataError),
        ("odd", InvalidDataError),
        ([None], InvalidDataError),
    ],
)
def test_several_errors_of_one_item_are_of_the_first_kind(
    errors: Any, kind: type[ApiError]
) -> None:
    """An item with several errors is of the class of the first."""
    body = failed_item(0, "MULTIPLE_OR_MULTI_ERRORS") | {"details": {"errors": errors}}

    error = rejection(request(), {"data": [body]})

    assert type(error) is kind
    assert error.code == "MULTIPLE_OR_MULTI_ERRORS"


@pytest.mark.parametrize(
    ("data", "key", "codes"),
    [
        pytest.param({"data": [failed_item(0), failed_item(1, "X")]}, "data", "INVALID_DATA X"),
        pytest.param({"share": failed_item(0)}, "share", "INVALID_DATA", id="object"),
        pytest.param(failed_item(0, "SCHEDULED"), "data", "SCHEDULED", id="flat"),
        pytest.param(failed_item(0, "X"), None, "X", id="flat-without-key"),
        pytest.param({"data": [], "a": [failed_item(0)]}, "data", "", id="other-list"),
        pytest.param({"a": [failed_item(0)]}, "data", "", id="no-such-key"),
        pytest.param({"data": None}, "data", "", id="null"),
        pytest.param({"data": "x"}, "data", "", id="text"),
        pytest.param(None, "data", "", id="no-body"),
        pytest.param([failed_item(0)], "data", "", id="bare-list"),
    ],
)
def test_reads_what_is_said_of_each_item(data: Any, key: str | None, codes: str) -> None:
    """Items are read from a list, an object or the top level, and from nothing else."""
    assert [result.code for result in results_of(data, key)] == codes.split()


def test_keeps_the_place_of_odd_items() -> None:
    """Rows are matched by position, so an item that is no object keeps its place."""
    odd, good = results_of({"data": [None, failed_item(1)]}, "data")

    assert (odd.code, odd.status, odd.failed) == ("", "", False)
    assert good.failed


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({"code": "INVALID_DATA"}, "error"),
        ({"code": "SUCCESS"}, ""),
        ({"code": "NEW_IN_V9"}, ""),
        ({"code": "X", "status": "ERROR"}, "error"),
        ({"code": "X", "status": 7}, ""),
        ({"id": "7"}, ""),
    ],
)
def test_knows_a_failure_without_a_status_by_its_code(item: dict[str, Any], status: str) -> None:
    """A code that stands for an error is one, even where the status is missing."""
    (result,) = results_of({"x": item}, "x")

    assert result.status == status


def failure(call: ApiCall, item: dict[str, Any], own_id: str | None = None) -> ApiError:
    """Return the error for an item of a success."""
    reply = Reply(207, {"Retry-After": "9"}, {"data": [item]}, 3, "https://a.example/crm/v7/Leads")
    return error_of(results_of(reply.data, "data")[0], call, reply, own_id=own_id)


def test_a_failed_item_of_a_success_is_an_error_with_all_its_facts() -> None:
    """What a resource raises for an item is what a rejected call raises."""
    call = ApiCall("POST", "Leads", body=Json({"data": [{}]}))

    error = failure(call, failed_item(0, "DUPLICATE_DATA"))

    assert type(error) is DuplicateDataError
    assert (error.status, error.code, error.method) == (207, "DUPLICATE_DATA", "POST")
    assert (error.url, error.attempts) == ("https://a.example/crm/v7/Leads", 3)
    assert error.details["api_name"] == "F0"
    assert error.data == failed_item(0, "DUPLICATE_DATA")
    assert [result.code for result in error.results] == ["DUPLICATE_DATA"]
    assert error.message == "m0."


def test_a_server_error_of_an_item_knows_when_to_come_back() -> None:
    """The headers of the whole answer hold for its items."""
    error = failure(ApiCall("GET", "x"), failed_item(0, "INTERNAL_ERROR"))

    assert isinstance(error, ServerError)
    assert error.retry_after == 9.0


def test_the_error_of_a_whole_call_has_all_items() -> None:
    """Where one item stands for a call, the others are in its error as well."""
    items = [failed_item(0), {"code": "SUCCESS", "status": "success"}, failed_item(2)]
    reply = Reply(207, {}, {"data": items}, 1)
    results = results_of(reply.data, "data")

    error = error_of(results[0], ApiCall("POST", "Leads"), reply, results=results)

    assert error.results == results
    assert error.data == {"data": items}


@pytest.mark.parametrize(
    ("status", "headers", "success"),
    [
        (200, {}, True),
        (204, {}, True),
        (207, {}, True),
        (304, {"If-Modified-Since": "x"}, True),
        (304, {"if-modified-since": "x"}, True),
        (304, {}, False),
        (302, {}, False),
        (199, {}, False),
        (400, {"If-Modified-Since": "x"}, False),
    ],
)
def test_knows_a_success(
    status: int,
    headers: dict[str, str],
    success: bool,  # a table
) -> None:
    """304 is a success for a call that asked for what has changed."""
    assert is_success(call_of("Leads", "GET", headers=headers), answer(status)) is success


@pytest.mark.parametrize("status", [204, 304])
def test_a_success_may_have_no_body(status: int) -> None:
    """Nothing is there, or nothing has changed."""
    assert decode(call_of("Leads", "POST"), answer(status)) is None


def test_decoding_looks_into_no_item() -> None:
    """Only the resource knows what an item is: a record may have a status of its own."""
    body = {"data": [{"id": "7", "status": "error", "code": "E"}], "info": {}}

    assert decode(call_of("coql", "POST"), answer(200, body)) == body


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        pytest.param(["5", "10"], 10.0, id="longest"),
        pytest.param(["5, 10, 7"], 10.0, id="joined"),
        pytest.param(["5", "soon"], 5.0, id="nonsense-beside"),
        pytest.param(["5", "1e300"], 5.0, id="senseless-beside"),
        pytest.param(["-5", "-7"], 0.0, id="negative"),
        pytest.param(["1e300"], 86_400.0, id="huge"),
        pytest.param(["1000000000000"], 86_400.0, id="large"),
        pytest.param(["86401"], 86_400.0, id="a-day-and-a-second"),
        pytest.param(["Fri, 31 Dec 9999 23:59:59 GMT"], 86_400.0, id="year-9999"),
        pytest.param([http_date(NOW + 30), "7"], 30.0, id="moment-beside"),
        pytest.param([f"7, {http_date(NOW + 30)}"], 30.0, id="moment-joined"),
        pytest.param([], None, id="none"),
    ],
)
def test_waits_for_the_longest_sensible_time(values: list[str], seconds: float | None) -> None:
    """Of several headers the longest counts, and never more than a day."""
    headers = CIMultiDict([("retry-after", value) for value in values])

    assert retry_after(headers, NOW) == seconds
    if len(values) == 1:
        assert retry_after({"Retry-After": values[0]}, NOW) == seconds


def test_reads_no_moment_without_a_clock() -> None:
    """Without the present moment only a number tells how long to wait."""
    assert retry_after({"Retry-After": http_date(NOW + 30)}, None) is None
    assert retry_after({"Retry-After": "30"}, None) == 30.0
