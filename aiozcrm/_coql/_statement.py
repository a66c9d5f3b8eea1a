"""A bound statement: what it asks for, the text of each of its pages, and places in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import attr as attrs

from aiozcrm._coql._pairing import count_conditions, joined, pair
from aiozcrm._coql._tokens import Token, added, text_of, trimmed

__all__ = ["Place", "Sent", "Statement"]

_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,18}")

#: https://www.zoho.com/crm/developer/docs/api/v7/COQL-Limitations.html
_MOST_CONDITIONS: Final = 25
_MOST_KEYS: Final = 10

#: How much of the text is shown on either side of a place.
_AROUND: Final = 40

_CLAUSES: Final = {"group": "group by", "order": "order by"}


class Place(NamedTuple):
    """Where something stands in the caller's text.

    Attributes:
        line: The line, from 1.
        column: The column, from 1.
        clause: The clause around it, such as ``order by``.
        excerpt: The text around it, with ``>>>`` right before it.
    """

    line: int
    column: int
    clause: str
    excerpt: str


@attrs.frozen(eq=False, repr=False)
class Sent:
    """The text of a page, with where its parts come from.

    Attributes:
        text: What is sent.
    """

    _tokens: Sequence[Token] = attrs.field(repr=False)
    _source: str = attrs.field(repr=False)

    @property
    def text(self) -> str:
        """What is sent."""
        return text_of(self._tokens)

    def place(self, details: Mapping[str, Any]) -> Place | None:
        """Return where in the caller's text the place is that an error of Zoho names.

        Args:
            details: The details of the error.

        Returns:
            None if they name no place, or one in what was added.
        """
        found = self._by_position(details) or self._by_name(details)
        if found is None or found.at is None:
            return None
        before = self._source[: found.at]
        line_start = before.rfind("\n") + 1
        start, end = max(found.at - _AROUND, 0), found.at + _AROUND
        excerpt = f"{self._source[start : found.at]}>>>{self._source[found.at : end]}"
        return Place(
            line=before.count("\n") + 1,
            column=found.at - line_start + 1,
            clause=_CLAUSES.get(found.clause, found.clause),
            excerpt=" ".join(excerpt.split()),
        )

    def _by_position(self, details: Mapping[str, Any]) -> Token | None:
        """Return the token at the line and column that are named, if it is the one named."""
        line, column, near = (details.get(name) for name in ("line", "column", "near"))
        if not isinstance(line, int) or not isinstance(column, int):
            return None
        text = self.text
        lines = text.split("\n")
        if not 0 < line <= len(lines):
            return None
        place = sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
        named, start = str(near or ""), 0
        for token in self._tokens:
            if start <= place < start + len(token.text):
                right = text.startswith(named, place) or named in token.text
                return token if right else None
            start += len(token.text)
        return None

    def _by_name(self, details: Mapping[str, Any]) -> Token | None:
        """Return the first token that is what is named."""
        kinds = {"string", "word", "sign"}
        own = [token for token in self._tokens if token.at is not None and token.kind in kinds]
        for name in ("near", "column_name", "column", "operator", "alias", "limit"):
            named = details.get(name)
            for wanted in named if isinstance(named, list) else [named]:
                for token in own:
                    unquoted = token.text[1:-1] if token.kind == "string" else token.text
                    if wanted and str(wanted) in {token.text, unquoted}:
                        return token
        return None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Statement:
    """A bound statement, with brackets around its conditions in pairs and with a ``where``.

    Attributes:
        limit: How many rows it asks for at most; None if it does not say.
        offset: How many rows it leaves out.
        is_readable: Whether it can be cut into pages: it has a FROM, and no LIMIT of unknown form.
        has_ids: Whether each row has the id of its record: it is no aggregate, and nothing else is
            called so.
        by_id: ``asc`` or ``desc`` if its rows can be read on behind the id of the last one, else
            empty.
    """

    limit: int | None
    offset: int
    is_readable: bool
    has_ids: bool
    by_id: str
    _source: str = attrs.field(repr=False)
    _clauses: Mapping[str, Sequence[Token]] = attrs.field(repr=False)

    @classmethod
    def of(cls, tokens: Sequence[Token], source: str) -> Statement:
        """Return the statement that is made of tokens.

        Args:
            tokens: The tokens, with values instead of placeholders.
            source: The caller's text.
        """
        clauses = _cut(tokens)
        has_from = any(token.role == "from" and token.depth == 0 for token in tokens)
        where = clauses["where"]
        condition = pair(where[1:]) if where else [added(" id is not null")]
        if has_from:
            clauses["where"] = [where[0] if where else added("where"), *condition]
        select = [token for token in clauses["select"] if token.clause == "select"]
        is_aggregate = bool(clauses["group"]) or any(token.word == "(" for token in select)
        limit, offset = _limit_of(clauses["limit"])
        items = [[key.text.strip("'\"") for key in item] for item in _split(_words(select)[1:])]
        # Then the key ``id`` of a row is not the id of its record.
        renames_id = any(
            len(names) > 1 and "id" in {names[0], names[-1]} and "(" not in names for names in items
        )
        has_ids = not (is_aggregate or renames_id)
        may_add = count_conditions(condition) < _MOST_CONDITIONS
        return cls(
            limit=limit,
            offset=offset,
            is_readable=has_from and (limit is not None or not clauses["limit"]),
            has_ids=has_ids,
            by_id=_order_by_id(clauses["order"]) if has_ids and may_add else "",
            source=source,
            clauses=clauses,
        )

    @property
    def whole(self) -> Sent:
        """The statement with its own order and LIMIT."""
        return self._sent(*self._clauses.values())

    def page(self, *, rows: int, offset: int = 0, after: str = "") -> Sent:
        """Return the statement for one of its pages.

        Args:
            rows: How many rows the page has at most.
            offset: How many rows come before it.
            after: The id of the row before it, instead of an offset.
        """
        clauses = dict(self._clauses)
        if after:
            where, *condition = clauses["where"]
            sign = ">" if self.by_id == "asc" else "<"
            both = joined(trimmed(condition), f"id {sign} '{after}'")
            clauses["where"] = [where, added(" "), *both]
        # No two rows are equal in it, so that pages do not overlap.
        order = clauses["order"]
        keys = _keys_of(order)
        if self.has_ids and not order:
            clauses["order"] = [added("order by id")]
        elif self.has_ids and len(keys) < _MOST_KEYS:
            named = {key[0].text.strip("'\"") for key in keys if key}
            clauses["order"] = order if "id" in named else [*trimmed(order), added(", id")]
        clauses["limit"] = [added(f"limit {offset}, {rows}" if offset else f"limit {rows}")]
        return self._sent(*clauses.values())

    def _sent(self, *clauses: Sequence[Token]) -> Sent:
        tokens: list[Token] = []
        for clause in filter(None, map(trimmed, clauses)):
            tokens += [added(" "), *clause] if tokens else [*clause]
        return Sent(tokens, self._source)


def _cut(tokens: Sequence[Token]) -> dict[str, Sequence[Token]]:
    """Return the clauses of a statement, each from its keyword on; FROM belongs to SELECT."""
    clauses: dict[str, list[Token]] = {
        name: [] for name in ("select", "where", "group", "order", "limit")
    }
    clause = "select"
    for token in tokens:
        if token.depth == 0 and token.role in clauses:
            clause = token.role
        clauses[clause].append(token)
    return dict(clauses)


def _words(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.kind != "space"]


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return what stands between the commas of the outermost level, without blanks."""
    parts: list[list[Token]] = [[]]
    for token in _words(tokens):
        if token.word == "," and token.depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _keys_of(order: Sequence[Token]) -> list[list[Token]]:
    """Return the keys of an ORDER BY."""
    return _split(_words(order)[2:])


def _order_by_id(order: Sequence[Token]) -> str:
    """Return which way an order by id goes; empty for another order."""
    if not order:
        return "asc"
    first, *others = _keys_of(order)
    words = [first[0].text.strip("'\""), *(token.word for token in first[1:])] if first else []
    if others or words[:1] != ["id"] or len(words) > 2 or words[1:] not in ([], ["asc"], ["desc"]):
        return ""
    return "desc" if words[1:] == ["desc"] else "asc"


def _limit_of(clause: Sequence[Token]) -> tuple[int | None, int]:
    """Return how many rows a LIMIT asks for, and how many it leaves out.

    ``limit rows``, ``limit offset, rows`` and ``limit rows offset offset`` are known.
    """
    words = [token.text.lower() for token in _words(clause)[1:]]
    numbers = [int(word) for word in words[::2] if _WHOLE_NUMBER.fullmatch(word)]
    match words[1::2], numbers:
        case [], [int(rows)]:
            offset = 0
        case [","], [int(offset), int(rows)]:
            pass
        case ["offset"], [int(rows), int(offset)]:
            pass
        case _:
            return None, 0
    return (rows, offset) if rows else (None, 0)
