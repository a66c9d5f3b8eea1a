"""Every call that Zoho knows, and which of them a method and a path are.

``known_calls.json`` holds them: a line for each method and path of Zoho's API reference for v7.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Final
from urllib.parse import unquote

import attrs

from aiozcrm.testing._wire._call import is_number

__all__ = ["CRM", "FILES", "Found", "KnownCall", "find_base", "known_calls", "nearest_of"]

CRM: Final = "crm"
FILES: Final = "files"

# Of the versions side by side under their own prefix, these have the same calls.
_SHARED: Final = frozenset({"v6", "v7", "v8"})
_BASES: Final = (
    ("bulk", re.compile(r"/crm/bulk/(v[2-9](?:\.\d+)?)(?=/.)")),
    (CRM, re.compile(r"/crm/(v[2-9](?:\.\d+)?)(?=/.)")),
    # The host of files that are ready for download has a base of its own.
    (FILES, re.compile(r"/(v2)/crm(?=/.)")),
)
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
# Zoho begins the names of modules with a capital; all else is something of its own.
_MODULE: Final = re.compile(r"[A-Z][A-Za-z0-9_]*")
# Parameters that are no number; the names of all others are those of ids.
_TEXTS: Final = frozenset(
    {
        "draft_id",
        "external_value",
        "feature",
        "file_name",
        "function",
        "id_or_api_name",
        "message_id",
        "module_api_name",
        "module_id_or_api_name",
        "portal",
        "related_external_value",
        "related_list",
    }
)


@attrs.frozen(kw_only=True)
class KnownCall:
    """A call of the API reference.

    Attributes:
        line: Method and path.
        base: Which of Zoho's bases the path is below.
        query: The names of the parameters of its query, and whether it cannot do without.
        headers: The headers that it cannot do without.
        body: What kind of body it takes: ``json``, ``multipart``, or ``none``.
        key: The key of the body and of the answer that holds the items; empty if there is none.
        wrapper: What is under that key: ``array``, ``object`` or ``scalar``.
        scopes: OAuth scopes: of each group one is needed.
        success: The HTTP status of a success, the usual one first.
    """

    line: str
    base: str
    query: Mapping[str, bool]
    headers: Sequence[str]
    body: str
    key: str
    wrapper: str
    scopes: Sequence[Sequence[str]]
    success: Sequence[int]

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.line.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path, with its parameters in braces."""
        return self.line.partition(" ")[2]


@attrs.frozen
class Found:
    """A known call, and what stands in the variable segments of its path."""

    known: KnownCall
    params: Mapping[str, str]


class _Node:
    """A segment of paths: what follows it, and which calls end with it."""

    __slots__ = ("calls", "follow")

    def __init__(self) -> None:
        self.follow: dict[str, _Node] = {}
        self.calls: dict[str, KnownCall] = {}


class _KnownCalls:
    """Finds calls by method and path.

    Args:
        calls: All of them.
    """

    def __init__(self, calls: Iterable[KnownCall]) -> None:
        self.all: tuple[KnownCall, ...] = tuple(calls)
        self._roots: dict[str, _Node] = {}
        for known in self.all:
            node = self._roots.setdefault(known.base, _Node())
            for segment in known.path.split("/")[1:]:
                node = node.follow.setdefault(_kind(segment), _Node())
            node.calls[known.method] = known

    def find(self, base: str, path: str) -> Mapping[str, Found]:
        """Return the calls of *path* as sent, by method; it is a wrong URL if there are none."""
        found: dict[str, Found] = {}
        segments = [unquote(segment) for segment in path.split("/")[1:]]
        for node, values in self._walk(self._roots[base], segments, ()):
            for method, known in node.calls.items():
                names = _PARAMETER.findall(known.path)
                found.setdefault(method, Found(known, dict(zip(names, values, strict=True))))
        return found

    def _walk(
        self, node: _Node, segments: Sequence[str], values: tuple[str, ...]
    ) -> Iterator[tuple[_Node, tuple[str, ...]]]:
        if not segments:
            yield node, values
            return
        first, *rest = segments
        if first in node.follow:
            yield from self._walk(node.follow[first], rest, values)
        for kind in ("{id}", "{module}", "{text}"):
            if kind in node.follow and _fits(kind, first):
                yield from self._walk(node.follow[kind], rest, (*values, first))


@functools.cache
def known_calls() -> _KnownCalls:
    """Return all calls; they are read when first needed."""
    text = resources.files(__package__).joinpath("known_calls.json").read_text(encoding="utf-8")
    return _KnownCalls(
        KnownCall(
            line=row["call"],
            base=row.get("base", CRM),
            query={name.rstrip("!"): name.endswith("!") for name in row.get("query", ())},
            headers=[name[:-1] for name in row.get("headers", ()) if name.endswith("!")],
            body=row.get("body", "none"),
            key=row.get("key", ""),
            wrapper=row.get("wrapper", "array"),
            scopes=row["scopes"],
            success=row.get("success", [200]),
        )
        for row in json.loads(text)
    )


def find_base(path: str) -> tuple[str, str, str] | None:
    """Return the base of *path*, the version in it and the path below it, None if it is not one."""
    for base, pattern in _BASES:
        if match := pattern.match(path):
            # The paths of files are known whole.
            return base, match[1], path if base == FILES else path[match.end() :]
    return None


def is_shared(version: str) -> bool:
    """Return whether the calls are the same in this version."""
    return version in _SHARED


def nearest_of(line: str, lines: Iterable[str]) -> str:
    """Return the one of *lines* that is most like *line*, with the same method if there is one."""
    method, _, _ = line.partition(" ")
    every = list(lines)
    alike = [other for other in every if other.partition(" ")[0] == method] or every
    return difflib.get_close_matches(line, alike, n=1, cutoff=0.0)[0]


def _fits(kind: str, segment: str) -> bool:
    if kind == "{id}":
        return is_number(segment)
    return segment != "" if kind == "{text}" else _MODULE.fullmatch(segment) is not None


def _kind(segment: str) -> str:
    if match := _PARAMETER.fullmatch(segment):
        name = match[1]
        return f"{{{name}}}" if name == "module" else "{text}" if name in _TEXTS else "{id}"
    return segment
