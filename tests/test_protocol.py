"""What goes over the wire and what comes back, without a wire."""

import enum
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict

from aiozcrm._protocol import (
    ApiCall,
    Json,
    Reply,
    Request,
    Response,
    Token,
    TokenGrant,
    api_error,
    check_headers,
    check_path,
    check_record_id,
    decode,
    encode_query,
    error_of,
    is_success,
    known_id,
    path_of,
    read_token_answer,
    refresh_request,
    results_of,
    retry_after,
)
from aiozcrm.errors import (
    AlreadyDoneError,
    ApiError,
    AuthenticationError,
    ClientRejectedError,
    ConflictError,
    CreditsExhaustedError,
    DependentFieldError,
    DependentServiceError,
    DuplicateDataError,
    FeatureUnavailableError,
    InvalidDataError,
    InvalidInputError,
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
    RefreshTokenRejectedError,
    Result,
    RolledBackError,
    ScopeError,
    ServerError,
    TokenEndpointError,
    TokenError,
    TokenThrottledError,
    TooLargeError,
    ZohoError,
)

SAMPLES = Path(__file__).parent / "samples"

#: Seconds since 1970, whole, because HTTP dates are.
NOW = 1_790_000_000.0

SECRET = "1000.made0up1secret.made2up3secret"

PAGE = b"<html>\n  <body>Under maintenance</body>\n</html>"


class Named(enum.StrEnum):
    """An id with a name, as users keep them."""

    NEWSLETTER = "4518230000000512033"


class OldNamed(str, enum.Enum):  # noqa: UP042  # its str() is not its value
    """The same, in the older way."""

    NEWSLETTER = "4518230000000512033"


class Whole:
    """A whole number of another library, such as numpy's."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __index__(self) -> Any:
        """Return its value."""
        return self.value


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


def answer(status: int, body: Any = b"", headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer; a body that is not bytes is written as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, headers or {}, raw)


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


def refusal(response: Response, method: str = "DELETE") -> Any:
    """Return the error that an answer of the API is."""
    with pytest.raises(ApiError) as caught:
        read(response, method)
    return caught.value


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns, or the error of ours that it raises."""
    try:
        return function(*arguments)
    except ZohoError as error:
        return error


def http_date(seconds: float) -> str:
    """Return a moment in the form of HTTP headers."""
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


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


# ---- values --------------------------------------------------------------------------------


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


# ---- ids -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        pytest.param("7", "7", id="one-digit"),
        pytest.param("451823000000051203", "451823000000051203", id="18-digits"),
        pytest.param("4518230000000512033", "4518230000000512033", id="19-digits"),
        pytest.param("0004518230000000512", "4518230000000512", id="leading-zeros"),
        pytest.param("07", "7", id="one-leading-zero"),
        pytest.param("000", "0", id="only-zeros"),
        pytest.param(Whole(7), "7", id="whole-number-of-another-library"),
        pytest.param(OldNamed.NEWSLETTER, "4518230000000512033", id="enum-of-texts"),
        pytest.param(4518230000000512033, "4518230000000512033", id="int"),
        pytest.param(9999999999999999999, "9" * 19, id="largest-int"),
        pytest.param(Named.NEWSLETTER, "4518230000000512033", id="enum"),
    ],
)
def test_accepts_ids(value: object, digits: str) -> None:
    """Up to 19 digits are an id, as text or as int, and come back as plain text."""
    checked = check_record_id(value)

    assert checked == digits
    assert type(checked) is str


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param(" ", id="blank"),
        pytest.param(" 4518230000000512033", id="leading-space"),
        pytest.param("4518230000000512033\n", id="line-end"),
        pytest.param("45182 30000", id="space-inside"),
        pytest.param("../users", id="climbing"),
        pytest.param("12/13", id="slash"),
        pytest.param("12?x=1", id="query"),
        pytest.param("12%2F13", id="encoded"),
        pytest.param("12,13", id="two-ids"),
        pytest.param("abc", id="letters"),
        pytest.param("0x1f", id="hexadecimal"),
        pytest.param("1e18", id="exponent"),
        pytest.param("+12", id="plus"),
        pytest.param("-12", id="minus"),
        pytest.param("12.0", id="fraction"),
        pytest.param("1_000", id="underscore"),
        pytest.param("\u0661\u0662\u0663", id="arabic-digits"),
        pytest.param("\uff11\uff12", id="full-width-digits"),
        pytest.param("12\u00b2", id="superscript"),
        pytest.param("1" * 20, id="20-digits"),
        pytest.param("1" * 40, id="40-digits"),
        pytest.param(-1, id="negative"),
        pytest.param(10**19, id="20-digit-int"),
        pytest.param(10**40, id="41-digit-int"),
        pytest.param(Whole(-1), id="negative-of-another-library"),
    ],
)
def test_refuses_what_is_no_id(value: object) -> None:
    """Anything but 1 to 19 ASCII digits is refused as a ValueError that tells what an id is."""
    with pytest.raises(InvalidInputError, match="is not an id") as caught:
        check_record_id(value)

    assert isinstance(caught.value, ValueError)
    assert "1 to 19" in caught.value.hint


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(4518230000000512033.0, id="float"),
        pytest.param(7.0, id="whole-float"),
        pytest.param(math.nan, id="nan"),
        pytest.param(True, id="true"),
        pytest.param(False, id="false"),
        pytest.param(None, id="none"),
        pytest.param(b"4518230000000512033", id="bytes"),
        pytest.param(["4518230000000512033"], id="list"),
        pytest.param(Whole(7.0), id="fraction-of-another-library"),
    ],
)
def test_refuses_ids_of_other_types(value: object) -> None:
    """A float would have lost digits, and nothing else is an id either."""
    with pytest.raises(TypeError, match=type(value).__name__):
        check_record_id(value)


def test_quotes_only_the_beginning_of_a_long_id() -> None:
    """A whole file pasted as an id does not end up in the error."""
    with pytest.raises(InvalidInputError) as caught:
        check_record_id("z" * 100_000)

    assert len(str(caught.value)) < 200


@given(st.text() | st.text("0123456789", max_size=25))
def test_accepts_exactly_the_digits(text: str) -> None:
    """A text either is 1 to 19 ASCII digits and loses its leading zeros, or is rejected."""
    if re.fullmatch(r"[0-9]{1,19}", text):
        assert check_record_id(text) == str(int(text))
    else:
        with pytest.raises(InvalidInputError):
            check_record_id(text)


@given(st.integers(min_value=1) | st.integers(max_value=-1))
def test_accepts_exactly_the_numbers_of_19_digits(number: int) -> None:
    """An int either is positive and short enough, or is refused."""
    if 0 < number < 10**19:
        assert int(check_record_id(number)) == number
    else:
        with pytest.raises(InvalidInputError):
            check_record_id(number)


# ---- paths ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(
            "settings/unsubscribe_links", "settings/unsubscribe_links", id="as-documented"
        ),
        pytest.param("/settings/unsubscribe_links", "settings/unsubscribe_links", id="slash"),
        pytest.param("__apis", "__apis", id="underscores"),
        pytest.param("Leads/12/actions/assign:now", "Leads/12/actions/assign:now", id="colon"),
        pytest.param("Leads/a+b=c,d@e", "Leads/a+b=c,d@e", id="marks"),
        pytest.param("Caf\u00e9s/12", "Caf%C3%A9s/12", id="non-ascii"),
        pytest.param("Caf%C3%A9s/12", "Caf%C3%A9s/12", id="already-quoted"),
        pytest.param('a"b', "a%22b", id="quotation-mark"),
        pytest.param("a<b>", "a%3Cb%3E", id="brackets"),
        pytest.param(".hidden/..twice/...", ".hidden/..twice/...", id="dots-in-names"),
        pytest.param("CRM/views", "CRM/views", id="module-called-crm"),
        pytest.param("crmviews", "crmviews", id="name-that-begins-with-crm"),
    ],
)
def test_accepts_paths(path: str, expected: str) -> None:
    """A path is what stands behind the version, quoted where it has to be."""
    assert check_path(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("", id="empty"),
        pytest.param("/", id="slash"),
        pytest.param("//evil.example/x", id="other-host"),
        pytest.param("https://evil.example/x", id="url"),
        pytest.param("Leads//12", id="empty-segment"),
        pytest.param("Leads/", id="slash-behind"),
        pytest.param("..", id="climbing"),
        pytest.param("../../oauth/v2/token", id="climbing-far"),
        pytest.param("Leads/../../x", id="climbing-inside"),
        pytest.param("Leads/./x", id="staying"),
        pytest.param("Leads/%2e%2e/x", id="encoded-climbing"),
        pytest.param("Leads/%2E%2e/x", id="encoded-climbing-upper-case"),
        pytest.param("Leads/.%2e/x", id="half-encoded-climbing"),
        pytest.param("Leads/%2e/x", id="encoded-staying"),
        pytest.param("Leads?page=2", id="query"),
        pytest.param("Leads#top", id="fragment"),
        pytest.param("Leads\\12", id="backslash"),
        pytest.param("Leads/a b", id="space"),
        pytest.param("Leads\n", id="line-end"),
        pytest.param("Leads\r\nX-Evil: 1", id="header-injection"),
        pytest.param("Leads\x00", id="null"),
        pytest.param("Leads\x7f", id="delete"),
        pytest.param("Leads\u2028", id="line-separator"),
        pytest.param("Leads\u00a0", id="no-break-space"),
        pytest.param("Leads/\ud800", id="surrogate"),
        pytest.param("crm/v7/Leads", id="version-repeated"),
        pytest.param("/crm/v2.1/Leads", id="other-version-repeated"),
        pytest.param("crm/bulk/v7/read", id="bulk-base"),
        pytest.param("CRM/Bulk/v7/read", id="bulk-base-in-capitals"),
        pytest.param("crm/Leads", id="base-without-version"),
        pytest.param("crm", id="base-alone"),
        pytest.param("Leads/..;/x", id="climbing-with-a-parameter"),
        pytest.param("settings/..;x/..;x/oauth", id="climbing-with-parameters"),
        pytest.param("Leads/..%3bx", id="encoded-semicolon"),
        pytest.param("Leads;v=1/12", id="parameter-of-a-segment"),
    ],
)
def test_refuses_paths(path: str) -> None:
    """A path that is empty, climbs, holds a query or repeats the version is refused."""
    with pytest.raises(InvalidInputError) as caught:
        check_path(path)

    assert "/crm/v7/" in caught.value.hint


@pytest.mark.parametrize("path", [None, 7, b"Leads", ["Leads"]])
def test_rejects_paths_of_other_types(path: Any) -> None:
    """A path is text."""
    with pytest.raises(TypeError):
        check_path(path)


pieces = st.sampled_from(["/", ".", "%2e", "%2E", "?", "#", "\\", "\u00e9", "%", "a", "v7", "crm"])


@given(st.text() | st.lists(pieces, max_size=8).map("".join))
@example("crm/v7")
def test_keeps_every_path_below_the_version(path: str) -> None:
    """Whatever is accepted stays one plain path below the version, however it is written."""
    try:
        checked = check_path(path)
    except InvalidInputError:
        return
    parts = urlsplit(f"https://www.zohoapis.eu/crm/v7/{checked}")
    segments = [unquote(segment) for segment in parts.path.split("/")[1:]]

    assert parts.netloc == "www.zohoapis.eu"
    assert parts.path == f"/crm/v7/{checked}"
    assert segments[:2] == ["crm", "v7"]
    assert not {"", ".", ".."} & set(segments)
    assert checked.isascii()
    assert check_path(checked) == checked


@pytest.mark.parametrize(
    ("segments", "path"),
    [
        pytest.param(("Leads", "A/1", "photo"), "Leads/A%2F1/photo", id="slash"),
        pytest.param(("Leads", "50%"), "Leads/50%25", id="percent"),
        pytest.param(("Leads", "a b?c#d;e\n"), "Leads/a%20b%3Fc%23d%3Be%0A", id="marks"),
        pytest.param(("Leads", "...", "\u00e9"), "Leads/.../%C3%A9", id="dots"),
        pytest.param(("Leads", 7, Whole(8)), "Leads/7/8", id="numbers"),
    ],
)
def test_keeps_each_segment_one_segment(segments: tuple[object, ...], path: str) -> None:
    """The value of an external id may hold what else has a meaning in a path."""
    assert path_of(*segments) == path


@pytest.mark.parametrize("segment", ["", ".", "..", "\ud800"])
def test_rejects_segments_that_cannot_be_sent(segment: str) -> None:
    """A segment that is empty or climbs would lead elsewhere."""
    with pytest.raises(InvalidInputError):
        path_of("Leads", segment)


@pytest.mark.parametrize("segment", [None, True, 7.0, b"x", ["x"]])
def test_rejects_segments_of_other_types(segment: object) -> None:
    """A segment is text or a whole number."""
    with pytest.raises(TypeError):
        path_of("Leads", segment)


# ---- queries and headers -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "text"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"a": "x y&z", "b": "\u00e9"}, "a=x+y%26z&b=%C3%A9", id="text"),
        pytest.param({"page": 2, "id": Whole(7)}, "page=2&id=7", id="whole-numbers"),
        pytest.param({"a": True, "b": False}, "a=true&b=false", id="booleans"),
        pytest.param({"ids": ["1", 2], "f": ("A", "B")}, "ids=1%2C2&f=A%2CB", id="lists"),
        pytest.param({"a": None, "b": 0, "c": ""}, "b=0&c=", id="none-is-left-out"),
        pytest.param({"from": date(2026, 2, 28)}, "from=2026-02-28", id="date"),
        pytest.param(
            {"at": datetime(2026, 2, 28, 9, 5, 7, tzinfo=UTC)},
            "at=2026-02-28T09%3A05%3A07%2B00%3A00",
            id="datetime",
        ),
        pytest.param({"id": OldNamed.NEWSLETTER}, "id=4518230000000512033", id="enum"),
    ],
)
def test_writes_queries(query: dict[str, Any], text: str) -> None:
    """Values are written as Zoho reads them; None is left out."""
    assert encode_query(query) == text


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"a": 1.5}, id="float"),
        pytest.param({"a": Decimal(1)}, id="decimal"),
        pytest.param({"a": {"b": 1}}, id="object"),
        pytest.param({"a": {1}}, id="set"),
        pytest.param({"a": b"x"}, id="bytes"),
        pytest.param({"a": [["x"]]}, id="list-in-list"),
        pytest.param({"a": [None]}, id="none-in-list"),
        pytest.param({"a": object()}, id="object-of-python"),
        pytest.param({1: "x"}, id="number-as-name"),
        pytest.param({None: None}, id="none-as-name"),
        pytest.param([("a", "x")], id="pairs"),
        pytest.param("a=x", id="text"),
    ],
)
def test_rejects_queries_of_other_types(query: Any) -> None:
    """A value whose text would be Python's own is a TypeError."""
    with pytest.raises(TypeError):
        encode_query(query)


def test_rejects_moments_without_an_offset() -> None:
    """Nobody could know which moment is meant."""
    with pytest.raises(ValueError, match="offset"):
        encode_query({"at": datetime(2026, 2, 28)})  # noqa: DTZ001


def test_accepts_headers() -> None:
    """Headers may hold what HTTP allows."""
    check_headers(
        {"X-EXTERNAL": "Leads.Ext__c", "feature": "bulk-write", "X": "", "Y": "caf\u00e9"}
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"X": "a\r\nY: b"},
        {"X": "a\x00"},
        {"X": "\x7f"},
        {"X": "\u20ac"},
        {"X Y": "a"},
        {"": "a"},
        {"X:": "a"},
        {"Authorization": "a"},
        {"content-length": "1"},
    ],
    ids=repr,
)
def test_rejects_headers_that_would_write_others(headers: dict[str, str]) -> None:
    """Neither control characters nor what the client sets itself may be given."""
    with pytest.raises(InvalidInputError) as caught:
        check_headers(headers)

    assert "a\\r" not in str(caught.value)


@pytest.mark.parametrize("headers", [{"X": 1}, {1: "a"}, {"X": None}], ids=repr)
def test_rejects_headers_of_other_types(headers: Any) -> None:
    """Names and values are text."""
    with pytest.raises(TypeError):
        check_headers(headers)


# ---- asking for a token --------------------------------------------------------------------


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


# ---- token answers -------------------------------------------------------------------------

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
def test_refuses_a_token_that_no_header_may_hold(token: str) -> None:
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


# ---- successes -----------------------------------------------------------------------------


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


# ---- refusals ------------------------------------------------------------------------------


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
    """A write may be answered 2xx and yet be refused: the item's own status counts."""
    error = refusal(answer(status, sample(name)))

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
def test_reads_documented_refusals(
    method: str, status: int, name: str, kind: type[ApiError], code: str
) -> None:
    """Every documented refusal becomes its class, with all that Zoho says about it."""
    body = json.loads(sample(name))
    item = next(iter(body.values()))[0] if "code" not in body else body

    error = refusal(answer(status, sample(name)), method)

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
        assert type(refusal(answer(status, body))) is kind


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
    error = refusal(answer(status, body))

    assert type(error) is kind
    assert error.status == status


def test_finds_the_refused_item_among_others() -> None:
    """In a refusal of several items the first that failed speaks for all."""
    body = {
        "data": [
            {"code": "SUCCESS", "status": "success"},
            {"code": "DUPLICATE_DATA", "status": "error", "details": {"api_name": "name"}},
            {"code": "INVALID_DATA", "status": "error"},
        ],
    }

    error = refusal(answer(400, body), "POST")

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
    error = refusal(answer(400, {"code": "INVALID_DATA", "message": "no"} | facts))

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
def test_explains_a_refusal(body: Any, words: str) -> None:
    """The message is Zoho's, or else the beginning of the body."""
    assert words in refusal(answer(400, body)).message


def test_explains_a_long_page_in_short() -> None:
    """A whole HTML page does not end up in the message."""
    assert len(refusal(answer(502, b"<p>" * 10_000)).message) <= 301


# ---- when to come back ---------------------------------------------------------------------


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
    error = refusal(answer(status, PAGE, {"Retry-After": value}))

    assert error.status == status
    assert error.retry_after == seconds


@pytest.mark.parametrize("status", [429, 500])
def test_knows_no_moment_without_a_header(status: int) -> None:
    """Where Zoho does not say when to come back, we do not either."""
    assert refusal(answer(status)).retry_after is None


@given(
    st.text(max_size=40)
    | st.lists(
        st.sampled_from(["Wed,", "21", "Oct", "2015", "07:28:00", "GMT", "-9999", "9e9", ":", "("]),
        max_size=9,
    ).map(" ".join)
)
def test_reads_any_retry_after(value: str) -> None:
    """Whatever the header holds, the wait is finite and not negative, or unknown."""
    seconds = refusal(answer(429, b"", {"Retry-After": value})).retry_after

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
    error = refusal(answer(429, sample("too_many_requests"), headers | {"Retry-After": "9"}))

    assert type(error) is kind
    assert error.retry_after == 9.0


def test_blames_no_credits_for_other_refusals() -> None:
    """The last credit may have been spent on a call that is refused for another reason."""
    response = answer(403, sample("no_permission"), {"X-API-CREDITS-REMAINING": "0"})

    assert type(refusal(response)) is PermissionDeniedError


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
    """A write that was refused is never taken for a success."""
    assert refusal(answer(200, body)).status == 200


def test_sees_an_error_in_place_of_what_was_read() -> None:
    """A read may be refused with a 2xx as well."""
    body = {"code": "INTERNAL_ERROR", "details": {}, "message": "x", "status": "error"}

    assert isinstance(refusal(answer(200, body), "GET"), ServerError)


@pytest.mark.parametrize(
    "path",
    ["..%2f..%2foauth", "a%2F..%2Fx", "a%5c..", "a%00b", "a%0d%0ab", "a%3fb", "%252e", "a%zz", "%"],
)
def test_refuses_escapes_that_a_server_may_decode_to_another_path(path: str) -> None:
    """What looks like one segment stays one."""
    with pytest.raises(InvalidInputError):
        check_path(path)


def test_refuses_a_repeated_version_in_any_case() -> None:
    """The version is the client's to add."""
    with pytest.raises(InvalidInputError, match="begins with /crm/"):
        check_path("CRM/V7/org")


@pytest.mark.parametrize("number", [10**19, 10**5000, -(10**5000)], ids=["20", "5001", "minus"])
def test_refuses_numbers_of_any_size(number: int) -> None:
    """A number that cannot even be shown is refused as every other one."""
    with pytest.raises(InvalidInputError):
        check_record_id(number)


@pytest.mark.parametrize(
    ("message", "ends"),
    [("Try again.", "Try again."), ("Why?", "Why?"), ("no", "no."), ("\ud800", "?")],
)
def test_makes_a_sentence_of_foreign_words(message: str, ends: str) -> None:
    """Zoho's words end once, and can be printed anywhere."""
    error = refusal(answer(400, {"code": "X", "message": message}))

    assert error.message == ends
    assert error.message.encode()


def test_takes_overdrawn_credits_for_used_up_ones() -> None:
    """Fewer than none are none."""
    headers = {"X-API-CREDITS-REMAINING": "-3"}
    error = refusal(answer(429, {"code": "TOO_MANY_REQUESTS"}, headers))

    assert isinstance(error, CreditsExhaustedError)


@pytest.mark.parametrize("key", ["code", "error"])
@pytest.mark.parametrize("words", ["upstream failed, trace=4f1c\n", "x" * 65, ""])
def test_a_gateways_sentence_is_no_code(key: str, words: str) -> None:
    """Codes are names of which there are few: logs and metrics rely on that."""
    error = refusal(answer(502, {key: words}))

    assert type(error) is ServerError
    assert error.code == ""


def test_control_characters_of_others_reach_no_terminal() -> None:
    """What a server says may be printed anywhere."""
    error = refusal(answer(400, {"code": "X", "message": "\x1b[2Jgone\u202e"}))

    assert str(error.message).isprintable()
    assert "gone" in error.message


@pytest.mark.parametrize(
    ("value", "known"),
    [
        pytest.param(2309216000000582097, "2309216000000582097", id="number"),
        pytest.param("0007", "7", id="leading-zeros"),
        pytest.param("a1b2", "a1b2", id="id-of-a-file"),
        pytest.param("9" * 40, "9" * 40, id="long"),
        pytest.param(2309216000000582097.0, None, id="float"),
        pytest.param(-7, None, id="negative"),
        pytest.param(True, None, id="boolean"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="null"),
        pytest.param({"id": "7"}, None, id="object"),
    ],
)
def test_reads_ids_of_answers_by_the_same_rule(value: object, known: str | None) -> None:
    """A number keeps all its digits, and what may have lost some is no id."""
    assert known_id(value) == known


# Every item, every code, and the id that is the call's own


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


@pytest.mark.parametrize(
    ("call", "details", "own"),
    [
        pytest.param(call, details, own, id=name)
        for name, call, details, own in (
            ("id", call_of("a/b/7"), {"resource_path_index": 2}, True),
            ("id-of-a-record", call_of("Leads/7"), {"resource_path_index": 1}, True),
            ("index-as-text", call_of("Leads/7"), {"resource_path_index": "1"}, True),
            ("module", call_of("Leads/7"), {"resource_path_index": 0}, False),
            ("beyond", call_of("Leads/7"), {"resource_path_index": 7}, False),
            ("negative", call_of("Leads/7"), {"resource_path_index": -1}, False),
            ("boolean", call_of("Leads/7"), {"resource_path_index": True}, False),
            ("null", call_of("Leads/7"), {"resource_path_index": None}, False),
            ("no-id", call_of("settings/x"), {"resource_path_index": 1}, False),
            ("no-id-null", call_of("settings/x"), {"resource_path_index": None}, False),
            ("action", call_of("Leads/7/actions/lock"), {"resource_path_index": 1}, True),
            ("own-of-two", call_of("Leads/7/Notes/8"), {"resource_path_index": 3}, True),
            ("parent", call_of("Leads/7/Notes/8"), {"resource_path_index": 1}, False),
            ("related-list", call_of("Leads/7/Notes/8"), {"resource_path_index": 2}, False),
            (
                "parent-of-many",
                call_of("Leads/7/Notes", query="ids=8%2C9"),
                {"resource_path_index": 1},
                False,
            ),
            (
                "parent-of-rows",
                call_of("Leads/7/Products", "PUT", body={"data": [{"id": "8"}]}),
                {"resource_path_index": 1},
                False,
            ),
            (
                "version-with-point",
                call_of("Leads/7", base="/crm/v2.1/"),
                {"resource_path_index": 1},
                True,
            ),
            ("bulk", call_of("read/7", base="/crm/bulk/v7/"), {"resource_path_index": 1}, True),
            (
                "external-id",
                call_of("Leads/A%2F1", headers={"X-EXTERNAL": "Leads.Ext"}),
                {"resource_path_index": 1},
                True,
            ),
            (
                "external-id-of-the-other-module",
                call_of("Leads/A/Products/B", headers={"x-external": "Leads.E,Products.E"}),
                {"resource_path_index": 3},
                True,
            ),
            (
                "external-id-and-action",
                call_of("Leads/A/actions/lock", headers={"X-EXTERNAL": "Leads.Ext"}),
                {"resource_path_index": 1},
                True,
            ),
            ("name-without-header", call_of("Leads/A"), {"resource_path_index": 1}, False),
            ("id-named", call_of("Leads/7"), {"id": "7"}, True),
            ("id-with-zeros", call_of("Leads/7"), {"id": "007"}, True),
            ("id-as-number", call_of("Leads/7"), {"id": 7}, True),
            ("other-id", call_of("Leads/7"), {"id": "8"}, False),
            (
                "index-and-other-id",
                call_of("Leads/7"),
                {"resource_path_index": 1, "id": "8"},
                False,
            ),
            ("one-of-many", call_of("Leads", query="ids=7%2C8"), {"id": "8"}, True),
            ("none-of-many", call_of("Leads", query="ids=7%2C8"), {"id": "9"}, False),
            (
                "id-in-the-body",
                call_of("Leads", "PUT", body={"data": [{"id": "7"}, {"id": 8}]}),
                {"api_name": "id", "json_path": "$.data[1].id"},
                True,
            ),
            (
                "id-in-an-object",
                call_of("settings/x", "PUT", body={"x": {"id": "7"}}),
                {"api_name": "id", "json_path": "$.x.id"},
                True,
            ),
            (
                "row-without-id-below-the-path",
                call_of("Leads/7", "PUT", body={"data": [{"a": 1}]}),
                {"api_name": "id", "json_path": "$.data[0].id"},
                True,
            ),
            (
                "owner",
                call_of("Leads", "POST", body={"data": [{"Owner": {"id": "7"}}]}),
                {"api_name": "id", "json_path": "$.data[0].Owner.id"},
                False,
            ),
            (
                "owner-beside-an-id",
                call_of("Leads", "PUT", body={"data": [{"id": "7", "Owner": {"id": "8"}}]}),
                {"api_name": "id", "json_path": "$.data[0].Owner.id"},
                False,
            ),
            (
                "field-with-the-id-in-the-path",
                call_of("Leads/7", "PUT", body={"data": [{"Owner": {"id": "8"}}]}),
                {"api_name": "Owner", "json_path": "$.data[0].Owner"},
                False,
            ),
            (
                "other-row",
                call_of("Leads", "PUT", body={"data": [{"id": "7"}]}),
                {"api_name": "id", "json_path": "$.data[1].id"},
                False,
            ),
            (
                "other-key",
                call_of("Leads", "PUT", body={"data": [{"id": "7"}]}),
                {"api_name": "id", "json_path": "$.rows[0].id"},
                False,
            ),
            (
                "row-and-id-of-another",
                call_of("Leads", "PUT", body={"data": [{"id": "7"}]}),
                {"api_name": "id", "json_path": "$.data[0].id", "id": "8"},
                False,
            ),
            (
                "wrong-type",
                call_of("Leads", "PUT", body={"data": [{"id": "7"}]}),
                {"api_name": "id", "json_path": "$.data[0].id", "expected_data_type": "bigint"},
                False,
            ),
            ("no-place", call_of("Leads/7"), {"api_name": "id"}, False),
            ("odd-place", call_of("Leads/7"), {"api_name": "id", "json_path": ["$"]}, False),
            ("other-field", call_of("Leads/7"), {"api_name": "Email"}, False),
            ("parameter", call_of("Leads", query="ids=7"), {"param_name": "ids"}, False),
            ("nothing-said", call_of("Leads/7"), {}, False),
            ("listed", call_of("x", "POST", body={"ids": ["7", 8]}), {"id": "8"}, True),
            ("not-listed", call_of("x", "POST", body={"ids": ["7"]}), {"id": "8"}, False),
            ("odd-rows", call_of("Leads", "PUT", body={"data": ["x", {}]}), {"id": "x"}, False),
            ("body-is-a-list", call_of("Leads/7", "PUT", body=[{"id": "8"}]), {"id": "7"}, True),
        )
    ],
)
def test_only_its_own_id_is_not_found(
    call: Request,
    details: dict[str, Any],
    own: bool,  # a table
) -> None:
    """An unknown module, owner or parent is wrong data; the call's own id is not found."""
    body = {"code": "INVALID_DATA", "details": details, "message": "no", "status": "error"}

    for wrapped in (body, {"data": [body]}):
        error = rejection(call, wrapped)

        assert type(error) is (NotFoundError if own else InvalidDataError)


@pytest.mark.parametrize(
    ("call", "details", "kind"),
    [
        pytest.param(
            call_of("read/7", base="/crm/bulk/v7/"), {"resource": "job_id"}, NotFoundError, id="job"
        ),
        pytest.param(call_of("read/7"), {}, NotFoundError, id="nothing-said"),
        pytest.param(
            call_of("Leads/actions/x", query="job_id=7"), {}, NotFoundError, id="job-in-the-query"
        ),
        pytest.param(call_of("read", "POST"), {}, InvalidRequestError, id="no-id"),
        pytest.param(
            call_of("Leads/7"), {"resource_path_index": 0}, InvalidRequestError, id="module"
        ),
    ],
)
@pytest.mark.parametrize("status", [400, 404])
def test_a_resource_is_not_found_if_the_call_has_an_id(
    call: Request, details: dict[str, Any], kind: type[ApiError], status: int
) -> None:
    """Zoho's RESOURCE_NOT_FOUND is about an id; a call without one has a wrong path."""
    body = {"code": "RESOURCE_NOT_FOUND", "details": details, "status": "error"}

    assert type(rejection(call, body, status)) is kind


@pytest.mark.parametrize("code", ["INVALID_MODULE", "INVALID_URL_PATTERN", "API_NOT_SUPPORTED"])
def test_a_wrong_module_is_not_an_unknown_id(code: str) -> None:
    """Nothing was looked up, so nothing is known about the id."""
    body = {"code": code, "details": {"resource_path_index": 1}, "status": "error"}

    assert type(rejection(call_of("Leads/7"), body)) is InvalidRequestError


# What an answer says of each item


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


@pytest.mark.parametrize(
    ("call", "details", "own_id", "own"),
    [
        (ApiCall("DELETE", "Leads/7"), {"resource_path_index": 1}, None, True),
        (ApiCall("DELETE", "Leads", query={"ids": ["7", "8"]}), {"id": "8"}, None, True),
        (ApiCall("DELETE", "Leads", query={"ids": ["7", "8"]}), {"id": "8"}, "8", True),
        (ApiCall("DELETE", "Leads", query={"ids": ["7", "8"]}), {"id": "8"}, "7", False),
        (
            ApiCall("PUT", "Leads", body=Json({"data": [{"id": "7"}, {"id": "8"}]})),
            {"api_name": "id", "json_path": "$.data[1].id"},
            "8",
            True,
        ),
        (
            ApiCall("PUT", "Leads", body=Json({"data": ({"id": "7"}, {"id": "8"})})),
            {"api_name": "id", "json_path": "$.data[0].id"},
            "8",
            False,
        ),
    ],
)
def test_an_item_is_not_found_by_its_own_id(
    call: ApiCall,
    details: dict[str, Any],
    own_id: str | None,
    own: bool,  # a table
) -> None:
    """Of a call with several ids, each item has its own."""
    item = {"code": "INVALID_DATA", "details": details, "message": "no", "status": "error"}

    assert type(failure(call, item, own_id)) is (NotFoundError if own else InvalidDataError)


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


# Successes


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


# Several moments to come back


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
