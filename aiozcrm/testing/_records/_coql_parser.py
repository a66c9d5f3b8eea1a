"""Reads COQL in a first form: columns, conditions, an order and a limit.

Source: https://www.zoho.com/crm/developer/docs/api/v7/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from aiozcrm.testing._wire._answer import RejectedError, rejected

__all__ = ["Comparison", "Condition", "Pair", "Query", "parse_query"]

_Part = TypeVar("_Part")

_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    |(?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    |(?P<name>!?[A-Za-z_$][\w$]*(?:(?:\.|->)[\w$]+)*(?:\#\d+)?)
    |(?P<sign>!=|>=|<=|[=<>(),])
    |(?P<other>\S)
    )""",
    re.VERBOSE,
)
_AGGREGATE: Final = re.compile(r"\b(SUM|MIN|MAX|AVG|COUNT)\s*\(|\bgroup\s+by\b", re.IGNORECASE)
_SUBQUERY: Final = re.compile(r"\(\s*select\b", re.IGNORECASE)
_OPERATORS: Final = (
    *("is not null", "is null", "not in", "in", "not between", "between", "not like", "like"),
    *("=", "!=", ">=", "<=", ">", "<"),
)
_DEEPEST: Final = 50
_MOST_CRITERIA: Final = 25


@attrs.frozen
class Comparison:
    """A column, how it is compared, and with what."""

    column: str
    operator: str
    values: tuple[str, ...] = ()


@attrs.frozen
class Pair:
    """Two conditions of which both, or one, has to be."""

    word: str
    left: Condition
    right: Condition


Condition: TypeAlias = Comparison | Pair


@attrs.frozen(kw_only=True)
class Query:
    """A query.

    Attributes:
        columns: The columns, and what each is called in the rows.
        module: The module, and perhaps the id of one of its views behind ``#``.
        where: The condition.
        order: The columns of the order, and whether each descends.
        limit: How many rows at most.
        offset: How many rows are left out first.
    """

    columns: Sequence[tuple[str, str]]
    module: str
    where: Condition
    order: Sequence[tuple[str, bool]] = ()
    limit: int = 200
    offset: int = 0


@attrs.frozen
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """What it is as a keyword; empty for what is none."""
        return self.text.lower() if self.kind == "name" else ""


def parse_query(text: str) -> Query:
    """Return what a query says.

    Raises:
        RejectedError: If it is none, or one of another form.
    """
    if _AGGREGATE.search(_without_strings(text)) or _SUBQUERY.search(_without_strings(text)):
        message = "known to Zoho, not to this fake: aggregates, GROUP BY and subqueries in COQL"
        raise rejected(501, "NOT_IN_THIS_FAKE", message)
    return _Parser(text).query()


def _without_strings(text: str) -> str:
    return re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", "''", text)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [
            _Token(kind, found[kind], found.start(kind))
            for found in _TOKEN.finditer(text)
            if (kind := found.lastgroup)
        ]
        self._tokens.append(_Token("end", "", len(text)))
        self._next = 0
        self._criteria = 0

    def query(self) -> Query:
        if self._peek().word != "select":
            raise _syntax("given coql query not supported")
        self._next += 1
        columns = self._listed(self._column)
        self._clause("from")
        module = self._name()
        self._clause("where")
        where = self._condition(0)
        order = self._listed(self._ordered) if self._take("order", "by") else []
        limit, offset = self._limit()
        if self._peek().kind != "end":
            raise self._unexpected()
        return Query(
            columns=columns, module=module, where=where, order=order, limit=limit, offset=offset
        )

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *words: str) -> bool:
        """Step over keywords or a sign, if they come next."""
        tokens = self._tokens[self._next : self._next + len(words)]
        if [token.word or token.text for token in tokens] != list(words):
            return False
        self._next += len(words)
        return True

    def _clause(self, word: str) -> None:
        if not self._take(word):
            if any(token.word == word for token in self._tokens[self._next :]):
                raise self._unexpected()
            raise _syntax("missing clause", clause=word)

    def _listed(self, one: Callable[[], _Part]) -> list[_Part]:
        found = [one()]
        while self._take(","):
            found.append(one())
        return found

    def _column(self) -> tuple[str, str]:
        name = self._name()
        if not self._take("as"):
            return name, name
        return name, self._name()

    def _name(self) -> str:
        token = self._peek()
        if token.kind not in {"name", "text"} or token.word in _KEYWORDS:
            raise self._unexpected()
        self._next += 1
        return token.text if token.kind == "name" else _unquoted(token.text)

    def _condition(self, depth: int) -> Condition:
        """Return a condition: one, or two that are joined. More need brackets."""
        left = self._bracketed(depth)
        word = self._peek().word
        if word not in {"and", "or"}:
            return left
        self._next += 1
        right = self._bracketed(depth)
        if self._peek().word in {"and", "or"}:
            raise _syntax("error occured while parsing the query", near="where")
        return Pair(word, left, right)

    def _bracketed(self, depth: int) -> Condition:
        if self._peek().word == "not":
            raise _syntax("operator not supported", operator="not")
        if not self._take("("):
            return self._comparison()
        if depth >= _DEEPEST:
            raise _syntax("given coql query not supported")
        inner = self._condition(depth + 1)
        if not self._take(")"):
            raise _syntax("given coql query not supported")
        return inner

    def _comparison(self) -> Comparison:
        self._criteria += 1
        if self._criteria > _MOST_CRITERIA:
            raise rejected(400, "LIMIT_EXCEEDED", "limit exceeded", limit=_MOST_CRITERIA)
        column = self._name()
        for operator in _OPERATORS:
            if self._take(*operator.split()):
                return Comparison(column, operator, self._values(operator))
        raise self._unexpected()

    def _values(self, operator: str) -> tuple[str, ...]:
        """Return what stands behind an operator."""
        if operator.endswith("null"):
            return ()
        if operator.endswith("between"):
            return self._value(), self._value_behind("and")
        if operator.endswith("in"):
            values = self._value_behind("("), *self._more_values()
            self._expect(")")
            return values
        return (self._value(),)

    def _more_values(self) -> list[str]:
        values = []
        while self._take(","):
            values.append(self._value())
        return values

    def _value_behind(self, word: str) -> str:
        self._expect(word)
        return self._value()

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise self._unexpected()

    def _value(self) -> str:
        token = self._peek()
        if token.kind not in {"text", "number", "name"}:
            raise self._unexpected()
        self._next += 1
        return _unquoted(token.text) if token.kind == "text" else token.text

    def _ordered(self) -> tuple[str, bool]:
        name = self._name()
        if self._take("desc"):
            return name, True
        self._take("asc")
        return name, False

    def _limit(self) -> tuple[int, int]:
        if not self._take("limit"):
            return 200, 0
        first = self._number()
        if self._take(","):
            return self._number(), first
        if self._take("offset"):
            return first, self._number()
        return first, 0

    def _number(self) -> int:
        token = self._peek()
        if not re.fullmatch(r"-?\d+", token.text):
            message = "limit given seems to be invalid"
            raise rejected(400, "INVALID_QUERY", message, limit=token.text)
        self._next += 1
        return int(token.text)

    def _unexpected(self) -> RejectedError:
        token = self._peek()
        before = self._text[: token.at]
        line, column = before.count("\n") + 1, token.at - before.rfind("\n")
        return _syntax("unexpected token", line=line, column=column, near=token.text)


_KEYWORDS: Final = frozenset(
    {
        "and",
        "as",
        "by",
        "external",
        "from",
        "in",
        "is",
        "limit",
        "not",
        "null",
        "or",
        "order",
        "where",
    }
)


def _unquoted(text: str) -> str:
    quote = text[0]
    return text[1:-1].replace(quote * 2, quote)


def _syntax(message: str, **details: Any) -> RejectedError:
    return rejected(400, "SYNTAX_ERROR", message, **details)
