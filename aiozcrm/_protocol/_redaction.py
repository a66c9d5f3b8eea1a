"""Keeps the secrets of a request out of what is said about its answer.

Gateways and servers may quote the request that they reject, whole or cut off, and in the escapes
of whatever they answer with. What is found is replaced where bytes of theirs become text of ours.
"""

from __future__ import annotations

import binascii
import re
from array import array
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import parse_qsl

from aiozcrm._protocol._messages import Request, Response
from aiozcrm.errors import ZohoError

__all__ = ["harmless", "quotes", "redact", "redact_error", "redacted", "secrets_of"]

_REDACTED: Final = b"[redacted]"

#: The parameters of a form that are secret.
_SECRET_PARAMETERS: Final = frozenset(
    {"client_secret", "code", "code_verifier", "refresh_token", "token"}
)

#: How many bytes of a secret make it known, or all of them if it has fewer.
_PART: Final = 12
#: What is shorter than this is a placeholder, and may be a common word.
_PIECE: Final = 6

#: How much is kept of a body that is no JSON.
_LONGEST_PAGE: Final = 8192

#: A character as HTML, JSON, JavaScript, Python or a URL may write it. The pattern is compiled
#: when the first error needs it: importing this package is to cost next to nothing.
_ESCAPED: Final = rb"""(?xi)
    %(?P<url>[0-9a-f]{2})
    | \\u(?P<json>[0-9a-f]{4})
    | \\x(?P<python>[0-9a-f]{2})
    | &\#x(?P<html>[0-9a-f]{1,5});?
    | &\#(?P<decimal>[0-9]{1,5});?
    | &(?P<name>amp|apos|gt|lt|quot);
    | \\(?P<quoted>["'/\\<>&])"""
_NAMED: Final = {b"amp": b"&", b"apos": b"'", b"gt": b">", b"lt": b"<", b"quot": b'"'}
#: How many times a text may have been escaped, one upon the other.
_LAYERS: Final = 3

_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


def secrets_of(request: Request) -> tuple[str, ...]:
    """Return the secrets that *request* carries: its token, or those of its form."""
    token = request.headers.get("Authorization", "").rpartition(" ")[2]
    found = [token] if token else []
    if isinstance(request.body, bytes) and "urlencoded" in request.headers.get("Content-Type", ""):
        form = parse_qsl(request.body.decode("ascii", errors="replace"))
        found += [value for name, value in form if name in _SECRET_PARAMETERS]
    return tuple(found)


def quotes(request: Request, response: Response) -> bool:
    """Return whether *response* shows the token of *request* as it is."""
    token = request.headers.get("Authorization", "").rpartition(" ")[2]
    return bool(token) and token.encode() in response.body


def redacted(response: Response, secrets: Iterable[str], *, whole: bool = False) -> Response:
    """Return *response* with a body that shows none of *secrets*.

    JSON objects and arrays stay whole. Of anything else only the beginning is kept, since no more
    of it is ever shown, unless it is what the caller has asked for (*whole*).
    """
    body = response.body
    if not whole and not body.lstrip().startswith((b"{", b"[")):
        body = body[:_LONGEST_PAGE]
    return Response(response.status, response.headers, _redact(body, secrets))


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return *text* without *secrets*, whatever their case, and however they are escaped.

    A part of a secret is one, too, if it is long enough to tell it. What is shorter than six
    characters is not looked for.
    """
    shown = _redact(text.encode("utf-8", errors="surrogatepass"), secrets)
    return shown.decode("utf-8", errors="surrogatepass")


def _redact(text: bytes, secrets: Iterable[str]) -> bytes:
    wanted = [secret.encode("utf-8", errors="replace") for secret in secrets]
    plain = text
    # Where each byte of the plain text begins in the text that was given.
    origins: Sequence[int] = range(len(text) + 1)
    for _ in range(_LAYERS):
        if not any(mark in plain for mark in (b"%", b"&", b"\\")):
            break
        plain, origins = _unescaped(plain, origins)
        # What looks like an escape may be part of a secret.
        wanted += [_unescaped(secret, range(len(secret) + 1))[0] for secret in wanted]
    lowered, encoded = plain.lower(), plain.translate(_URL_SAFE)
    spans = []
    for secret in set(wanted):
        spans += _parts(lowered, secret.lower())
        # In base64 it has three forms, by what stands before it.
        for shift, first in enumerate((0, 2, 3)):
            form = binascii.b2a_base64(bytes(shift) + secret, newline=False)
            spans += _parts(encoded, form[first : (shift + len(secret)) * 8 // 6])
    pieces, done = [], 0
    for start, end in sorted(spans):
        if origins[start] >= done:
            pieces += [text[done : origins[start]], _REDACTED]
        done = max(done, origins[end])
    return b"".join([*pieces, text[done:]])


def _parts(text: bytes, secret: bytes) -> list[tuple[int, int]]:
    """Return where *text* shows *secret*, or enough of it."""
    enough = min(_PART, len(secret))
    found = []
    # What is long enough holds one of these pieces whole.
    for offset in range(0, len(secret) - _PIECE + 1, _PIECE):
        piece = secret[offset : offset + _PIECE]
        at = text.find(piece)
        while at >= 0:
            before = _same(text[max(0, at - offset) : at][::-1], secret[:offset][::-1])
            after = _same(text[at : at + len(secret) - offset], secret[offset:])
            if before + after >= enough:
                found.append((at - before, at + after))
            at = text.find(piece, at + after)
    return found


def _same(one: bytes, other: bytes) -> int:
    """Return with how many bytes both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _unescaped(text: bytes, origins: Sequence[int]) -> tuple[bytes, Sequence[int]]:
    """Return *text* with one layer of escapes undone, and where its bytes come from."""
    pieces: list[bytes] = []
    # Numbers of eight bytes each: a list of as many takes five times as much.
    places = array("q")
    done = 0
    for escape in re.finditer(_ESCAPED, text):
        kind, value = escape.lastgroup, escape[escape.lastgroup or 0]
        if kind == "name":
            character = _NAMED[value.lower()]
        elif kind == "quoted":
            character = value
        else:
            code = int(value, 10 if kind == "decimal" else 16)
            is_byte = kind in {"url", "python"}
            character = bytes([code]) if is_byte else chr(code).encode(errors="replace")
        start = escape.start()
        pieces += text[done:start], character
        places.extend(origins[done:start])
        places.extend([origins[start]] * len(character))
        done = escape.end()
    places.extend(origins[done:])
    return b"".join([*pieces, text[done:]]), places


def redact_error(error: ZohoError, request: Request) -> None:
    """Take the secrets of *request* out of the words of an error that a sender has raised.

    Its causes stay as they are: they belong to the sender.
    """
    error.message = redact(error.message, secrets_of(request))
    error.args = (error.message, *error.args[1:])


def harmless(error: BaseException | None, secrets: Sequence[str]) -> BaseException | None:
    """Return *error* for chaining: without frames, and without errors in its chain that show one.

    If it shows one of *secrets* itself, the error that caused it takes its place.
    """
    if error is None:
        return None
    cause = harmless(error.__cause__ or error.__context__, secrets)
    words = f"{error!r} {error}"
    if redact(words, secrets) != words:
        return cause
    error.__cause__, error.__context__ = cause, None
    return error.with_traceback(None)
