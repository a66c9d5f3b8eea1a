"""What callers give: ids, paths, queries and headers."""

import enum
import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aiozcrm._protocol import (
    check_headers,
    check_path,
    check_record_id,
    encode_query,
    known_id,
    path_of,
)
from aiozcrm.errors import (
    InvalidInputError,
)


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
def test_rejects_what_is_no_id(value: object) -> None:
    """Anything but 1 to 19 ASCII digits is rejected as a ValueError that tells what an id is."""
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
def test_rejects_ids_of_other_types(value: object) -> None:
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
    """An int either is positive and short enough, or is rejected."""
    if 0 < number < 10**19:
        assert int(check_record_id(number)) == number
    else:
        with pytest.raises(InvalidInputError):
            check_record_id(number)


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
def test_rejects_paths(path: str) -> None:
    """A path that is empty, climbs, holds a query or repeats the version is rejected."""
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


@pytest.mark.parametrize(
    "path",
    ["..%2f..%2foauth", "a%2F..%2Fx", "a%5c..", "a%00b", "a%0d%0ab", "a%3fb", "%252e", "a%zz", "%"],
)
def test_rejects_escapes_that_a_server_may_decode_to_another_path(path: str) -> None:
    """What looks like one segment stays one."""
    with pytest.raises(InvalidInputError):
        check_path(path)


def test_rejects_a_repeated_version_in_any_case() -> None:
    """The version is the client's to add."""
    with pytest.raises(InvalidInputError, match="begins with /crm/"):
        check_path("CRM/V7/org")


@pytest.mark.parametrize("number", [10**19, 10**5000, -(10**5000)], ids=["20", "5001", "minus"])
def test_rejects_numbers_of_any_size(number: int) -> None:
    """A number that cannot even be shown is rejected as every other one."""
    with pytest.raises(InvalidInputError):
        check_record_id(number)


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
