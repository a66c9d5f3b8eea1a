"""What the headers of a download say: its name, its place in the file, whether it is a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

__all__ = [
    "clean_name",
    "file_name",
    "holds_file",
    "is_file",
    "length_of",
    "start_of",
    "validator_of",
]

#: ``filename*=UTF-8''offer%20%C3%A4.pdf``, ``filename="offer.pdf"`` or ``filename=offer.pdf``.
_EXTENDED_NAME: Final = re.compile(r"filename\*\s*=\s*\"?[\w-]*'[\w-]*'([^;\"]*)", re.IGNORECASE)
_QUOTED_NAME: Final = re.compile(r'filename\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_BARE_NAME: Final = re.compile(r"filename\s*=\s*([^;]*)", re.IGNORECASE)

#: What Zoho calls each of its answers that is no file:
#: https://www.zoho.com/crm/developer/docs/api/v7/response-headers.html
_NAME_OF_JSON: Final = "response.json"

_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")

#: What no name of a file may hold on Windows, beside the control characters.
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')
#: Names of devices there.
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
#: How many bytes a name may have: file systems take 255, some of which a temporary name needs.
_LONGEST_NAME: Final = 230
_LONGEST_SUFFIX: Final = 20


def file_name(headers: Mapping[str, str]) -> str:
    """Return what an answer calls its file, as it came; empty if it does not say."""
    disposition = headers.get("Content-Disposition", "")
    if found := _EXTENDED_NAME.search(disposition):
        return unquote(found[1], errors="replace")
    if found := _QUOTED_NAME.search(disposition):
        return re.sub(r"\\(.)", r"\1", found[1])
    found = _BARE_NAME.search(disposition)
    return found[1].strip() if found else ""


def holds_file(headers: Mapping[str, str]) -> bool:
    """Return whether the answer to a download may be a file, and not a message in its place.

    Zoho sends some errors as JSON with the status of a success. A file may be JSON as well: then
    it has a name. A web page without a name comes from something between Zoho and this machine.
    """
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    name = file_name(headers)
    if kind.endswith(("/json", "+json")):
        return name not in {"", _NAME_OF_JSON}
    return name != "" or kind != "text/html"


def is_file(headers: Mapping[str, str]) -> bool:
    """Return whether an answer that is no JSON, to a call that expects some, is a file."""
    kind = headers.get("Content-Type", "").strip().lower()
    return file_name(headers) != "" or kind.startswith("image/")


def validator_of(headers: Mapping[str, str]) -> str:
    """Return what tells later whether the file is still the same; empty if nothing does."""
    if _is_coded(headers):
        # Places in the file are not those in what is sent.
        return ""
    etag = headers.get("ETag", "")
    # A weak one says only that the meaning is the same.
    return etag if etag and not etag.startswith("W/") else headers.get("Last-Modified", "")


def start_of(status: int, headers: Mapping[str, str]) -> int | None:
    """Return which byte of the file is the first one of an answer.

    None for a part that does not say so, or that begins the file and does not say how long it is.
    """
    if status != 206:
        return 0
    found = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
    start = int(found[1]) if found else None
    return None if start == 0 and length_of(status, headers) is None else start


def length_of(status: int, headers: Mapping[str, str]) -> int | None:
    """Return how many bytes the whole file has; None if an answer does not say."""
    if status == 206:
        found = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
        return int(found[3]) if found and found[3] != "*" else None
    length = headers.get("Content-Length", "")
    plain = length.isascii() and length.isdigit() and not _is_coded(headers)
    return int(length) if plain else None


def _is_coded(headers: Mapping[str, str]) -> bool:
    return headers.get("Content-Encoding", "identity").lower() != "identity"


def clean_name(name: str) -> str:
    """Return *name* such that it is harmless as the name of a file, in any file system.

    It has no path, no control characters, nothing that has a meaning to Windows, and no more
    bytes than a file system takes; the suffix stays. A name of which nothing is left is ``file``.
    """
    last = re.split(r"[/\\]", name)[-1]
    # Letters that are put together from two are told apart by some file systems only.
    plain = unicodedata.normalize("NFC", last)
    visible = "".join(c for c in plain if not unicodedata.category(c).startswith("C"))
    safe = _FORBIDDEN.sub("_", visible).strip().rstrip(". ")
    if _DEVICES.fullmatch(safe):
        safe = f"_{safe}"
    if len(safe.encode()) > _LONGEST_NAME:
        stem, dot, suffix = safe.rpartition(".")
        if len(suffix.encode()) > _LONGEST_SUFFIX:
            stem, dot, suffix = safe, "", ""
        room = _LONGEST_NAME - len((dot + suffix).encode())
        safe = stem.encode()[:room].decode(errors="ignore").rstrip(". ") + dot + suffix
    return safe or "file"
