"""What servers say is shown without the secrets of the request that they quote."""

import base64
import html
import json
import re
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiozcrm._protocol import Request, Response, harmless, redact, redacted, secrets_of

TOKEN = "1000.0a1b2c3d4e5f60718293a4b5c6d7e8f9.9f8e7d6c5b4a39281706f5e4d3c2b1a0"
ODD = "s3cret&<\"'\\/%41 +?"


def percent(text: str) -> str:
    """Return *text* with each byte percent-encoded."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def entities(text: str) -> str:
    """Return *text* as numbered entities of HTML."""
    return "".join(f"&#{ord(c)};" if i % 2 else f"&#x{ord(c):x};" for i, c in enumerate(text))


def json_escapes(text: str) -> str:
    """Return *text* as escapes of JSON."""
    return "".join(f"\\u{ord(c):04x}" for c in text)


def python_escapes(text: str) -> str:
    """Return *text* as escapes of Python's bytes."""
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def in_base64(text: str) -> str:
    """Return *text* in base64."""
    return base64.b64encode(text.encode()).decode()


FORMS = [
    pytest.param(str, id="plain"),
    pytest.param(lambda text: text.encode().upper().decode(), id="upper-case"),
    pytest.param(percent, id="url"),
    pytest.param(lambda text: percent(percent(text)), id="url-twice"),
    pytest.param(urllib.parse.quote, id="url-where-needed"),
    pytest.param(lambda text: urllib.parse.quote(text, safe=""), id="url-of-a-form"),
    pytest.param(html.escape, id="html"),
    pytest.param(entities, id="html-numbers"),
    pytest.param(lambda text: json.dumps(text)[1:-1], id="json"),
    pytest.param(lambda text: json.dumps(json.dumps(text))[1:-1], id="json-in-json"),
    pytest.param(json_escapes, id="json-escapes"),
    pytest.param(lambda text: repr(text.encode())[2:-1], id="python"),
    pytest.param(
        lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()), id="python-escapes"
    ),
    pytest.param(in_base64, id="base64"),
    pytest.param(lambda text: in_base64(f"Zoho-oauthtoken {text}"), id="base64-of-header"),
    pytest.param(lambda text: in_base64(f"x{text}").replace("+", "-"), id="base64-shifted"),
    pytest.param(lambda text: f"/a/{in_base64(text)}", id="base64-in-a-path"),
    pytest.param(lambda text: percent(in_base64(text)), id="url-of-base64"),
    pytest.param(lambda text: html.escape(percent(text)), id="html-of-url"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", [TOKEN, ODD, "1000.SECRET", "pässwört"])
def test_a_secret_is_replaced_however_it_is_written(form, secret):
    """Gateways quote requests in pages, messages and dumps."""
    shown = redact(f"<p>blocked: {form(secret)}</p> (id 4518230000000512033)", [secret, "other"])

    start, end = "<p>blocked: ", "</p> (id 4518230000000512033)"
    assert shown.startswith(start)
    assert shown.endswith(end)
    left = shown.removeprefix(start).removesuffix(end)
    assert "[redacted]" in left
    # What stood before it in base64, and the last bits of its last byte.
    rest = left.removeprefix(in_base64("Zoho-oauthtoken")[:20])
    assert len(rest) <= len("/a/") + len("[redacted]") + len("%41%3D%3D")


@pytest.mark.parametrize("part", [TOKEN[:20], TOKEN[-20:], TOKEN[20:40], percent(TOKEN[:30])])
def test_a_part_of_a_secret_is_one(part):
    """A server or a limit may have cut it off."""
    assert "quoted: [redacted]..." == redact(f"quoted: {part}...", [TOKEN])


@pytest.mark.parametrize(
    "text",
    [
        "the related id given seems to be invalid",
        "<p>100 %41 &amp; \\u0041 &#x110000 &#99999; \\\\</p>",
        '{"code": "INVALID_DATA", "details": {"resource_path_index": 2}}',
        "1000.other token of somebody else, and YWJjZGVmZ2hpamtsbW5vcA==",
        "\ud800 \x00 é",
        "",
    ],
)
def test_other_text_stays_as_it_is(text):
    """Escapes, too, are only read."""
    assert text == redact(text, [TOKEN, ODD])


def test_a_placeholder_is_not_looked_for():
    """Programs that test with short secrets keep readable messages."""
    assert "s, cs and 12345 are here" == redact("s, cs and 12345 are here", ["s", "cs", "12345"])


@pytest.mark.parametrize("beginning", ["", " \n"])
def test_pages_are_cut_off_and_json_is_not(beginning):
    """Of a page only the beginning is ever shown."""
    page = f"{beginning}<p>{'%20' * 50_000}".encode()
    data = f'{beginning}["{"x" * 50_000}"]'.encode()

    assert page[:8192] == redacted(Response(502, {}, page), [TOKEN]).body
    assert data == redacted(Response(502, {}, data), [TOKEN]).body


def test_several_secrets_are_replaced_each():
    """Also where they touch."""
    shown = redact(f"{TOKEN}{ODD} and {ODD}{ODD}", [TOKEN, ODD])
    assert "[redacted][redacted] and [redacted][redacted]" == shown


def escaped_as(draw, character):
    """Return *character* as one of the ways to write it in a JSON text."""
    code = ord(character)
    ways = [character, f"\\u{code:04x}", f"\\u{code:04X}", f"%{code:02x}", f"&#{code};"]
    return draw(st.sampled_from(ways if character not in '"\\' else ways[1:]))


@given(st.data(), st.text("0123456789abcdef.-_", min_size=12, max_size=40))
def test_json_stays_json(data, secret):
    """Whatever is replaced lies within one of its texts."""
    written = "".join(escaped_as(data.draw, character) for character in secret)
    around = st.text(st.characters(codec="utf-8"), max_size=8).map(json.dumps)
    before, after = data.draw(around)[:-1], data.draw(around)[1:]
    body = f'{{"code": "INVALID_DATA", "message": {before}{written}{after}}}'.encode()

    shown = redacted(Response(400, {}, body), [secret])

    read = json.loads(shown.body)
    assert {"code", "message"} == set(read)
    assert "[redacted]" in read["message"]
    assert secret not in read["message"]


@given(st.binary(max_size=200), st.text(max_size=30))
def test_any_body_and_any_secret_can_be_had(body, secret):
    """Also what is no text at all."""
    shown = redacted(Response(500, {}, body), [secret])
    assert 500 == shown.status
    assert secret not in redact(secret, [secret]) or len(secret.encode("utf-8", "replace")) < 6


def test_the_secrets_of_a_request_are_those_of_its_header_and_form():
    """Its other values are none."""
    call = Request("GET", "https://a", "/", {"Authorization": f"Zoho-oauthtoken {TOKEN}"})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    query = {
        "grant_type": "refresh_token",
        "client_id": "1000.ID",
        "client_secret": ODD,
        "refresh_token": "r+t",
    }
    asked = Request("POST", "https://a", "/", form, body=urllib.parse.urlencode(query).encode())
    posted = Request("POST", "https://a", "/", {**call.headers, "Content-Type": "x"}, "", b"{}")

    assert (TOKEN,) == secrets_of(call) == secrets_of(posted)
    assert (ODD, "r+t") == secrets_of(asked)
    assert () == secrets_of(Request("GET", "https://a", "/", {}))


def chained(*messages: str) -> BaseException:
    """Return an error that was caused by another one, and so on."""

    def fail(message: str, *causes: str) -> None:
        if causes:
            try:
                fail(*causes)
            except ValueError as error:
                raise ValueError(message) from error
        raise ValueError(message)

    with pytest.raises(ValueError, match=re.escape(messages[0])) as caught:
        fail(*messages)
    return caught.value


def test_an_error_without_secrets_is_chained_without_its_frames():
    """Its frames are those of whatever handled the request."""
    error = harmless(chained("one", "two"), [TOKEN])

    assert "one" == str(error)
    assert "two" == str(error.__cause__)
    assert error.__traceback__ is error.__cause__.__traceback__ is None


def test_an_error_that_shows_a_secret_gives_way_to_what_caused_it():
    """Only what is shown is left out."""
    error = harmless(chained("one", f"two {TOKEN}", "three", percent(TOKEN)), [TOKEN])

    assert "one" == str(error)
    assert "three" == str(error.__cause__)
    assert error.__cause__.__cause__ is None
    assert harmless(chained(TOKEN), [TOKEN]) is None
