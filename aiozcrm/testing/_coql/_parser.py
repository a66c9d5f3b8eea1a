"""The grammar of COQL, and what Zoho says of a text that is none.

https://www.zoho.com/crm/developer/docs/api/v7/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import lark

from aiozcrm.testing._coql._tree import Comparison, Condition, Item, Key, Pair, Query, Value
from aiozcrm.testing._wire._answer import RejectedError, rejected

__all__ = ["parse"]

_GRAMMAR: Final = r"""
    start: query
    query: _SELECT items _FROM table _WHERE condition [group] [order] [limit]
    items: item ("," item)*
    item: (name | function) [_AS alias | string]
    alias: word | string
    function: WORD "(" name ")"
    name: BANG? WORD | string
    table: WORD VIEW?

    ?condition: _test | pair
    pair: _test (AND | OR) _test
    _test: comparison | "(" condition ")"
    comparison: name OPERATOR value        -> compared
        | name OPERATOR "(" query ")"      -> compared
        | name NOT? LIKE value             -> compared
        | name NOT? IN values              -> compared
        | name NOT? IN "(" query ")"       -> compared
        | name NOT? BETWEEN value AND value -> compared
        | name IS NOT? NULL                -> compared
    values: "(" value ("," value)* ")"
    value: STRING | NUMBER | WORD | NULL

    group: _GROUP _BY name ("," name)*
    order: _ORDER _BY key ("," key)*
    key: (name | function) (ASC | DESC)?
    limit: _LIMIT count -> limit
        | _LIMIT count "," count -> offset_first
        | _LIMIT count _OFFSET count -> limit
    count: NUMBER | WORD
    string: STRING
    word: WORD

    _SELECT.2: /select(?![\w.$])/i
    _FROM.2: /from(?![\w.$])/i
    _WHERE.2: /where(?![\w.$])/i
    _GROUP.2: /group(?![\w.$])/i
    _ORDER.2: /order(?![\w.$])/i
    _BY.2: /by(?![\w.$])/i
    _LIMIT.2: /limit(?![\w.$])/i
    _OFFSET.2: /offset(?![\w.$])/i
    _AS.2: /as(?![\w.$])/i
    AND.2: /and(?![\w.$])/i
    OR.2: /or(?![\w.$])/i
    NOT.2: /not(?![\w.$])/i
    LIKE.2: /like(?![\w.$])/i
    IN.2: /in(?![\w.$])/i
    BETWEEN.2: /between(?![\w.$])/i
    IS.2: /is(?![\w.$])/i
    NULL.2: /null(?![\w.$])/i
    ASC.2: /asc(?![\w.$])/i
    DESC.2: /desc(?![\w.$])/i

    STRING: /'(?:[^']|'')*'|"(?:[^"]|"")*"/
    NUMBER: /-?\d+(\.\d+)?/
    WORD: /(?!(?:distinct|External)(?![\w.$]))[^\W\d][\w$]*(?:\.[\w$]+)*/
    VIEW: /#\d+/
    OPERATOR: /<=|>=|!=|[=<>]/
    BANG: "!"
    %ignore /\s+/
"""

_PARSER: Final = lark.Lark(_GRAMMAR, parser="lalr", lexer="basic", maybe_placeholders=False)

_STRINGS: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_NEXT: Final = re.compile(r"->|[^\W\d]\w*|.", re.DOTALL)
_DEEPEST: Final = 50


def parse(text: str) -> Query:
    """Return a query.

    Raises:
        RejectedError: If it is none.
    """
    if not re.match(r"\s*select(?![\w.$])", text, re.IGNORECASE):
        raise _wrong("given coql query not supported")
    _check_brackets(text)
    try:
        tree = _PARSER.parse(text)
    except lark.UnexpectedInput as problem:
        raise _error_of(problem, text) from None
    return _query(tree.children[0])


def _check_brackets(text: str) -> None:
    """Check that each bracket is closed, and that there are not too many in one another."""
    outside = _STRINGS.sub("", text)
    depth = 0
    for character in outside:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not 0 <= depth <= _DEEPEST:
            raise _wrong("given coql query not supported")
    if depth and not {"'", '"'} & set(outside):
        raise _wrong("given coql query not supported")


def _error_of(problem: Any, text: str) -> RejectedError:
    """Return what Zoho says of a text that does not fit the grammar."""
    if isinstance(problem, lark.UnexpectedCharacters):
        place: Any = problem.pos_in_stream
        found = _NEXT.match(text, place)
        return _unexpected(problem.line, problem.column, found[0] if found else "")
    token, expected = problem.token, problem.accepts
    if details := _details_of(token.type, expected, text):
        return _wrong("missing clause" if "clause" in details else "not supported", **details)
    if token.type == "$END":
        lines = text.split("\n")
        return _unexpected(len(lines), len(lines[-1]) + 1, "")
    return _unexpected(token.line, token.column, str(token))


def _details_of(kind: str, expected: Collection[str], text: str) -> Mapping[str, str]:
    """Return what Zoho tells where it does not tell a place; nothing where it does."""
    ended = kind in {"$END", "_ORDER", "_GROUP", "_LIMIT"}
    if "_FROM" in expected and (ended or kind == "_WHERE"):
        return {"clause": "from"}
    if ("_WHERE" in expected and ended) or re.search(r"\bwhere\s*$", text, re.IGNORECASE):
        return {"clause": "where"}
    if kind == "NOT":
        return {"operator": "not"}
    # A third condition, behind two.
    is_third = kind in {"AND", "OR"} and not {"$END", "RPAR"}.isdisjoint(expected)
    return {"near": "where"} if is_third else {}


def _unexpected(line: int, column: int, near: str) -> RejectedError:
    return _wrong("unexpected token", line=line, column=column, near=near)


def _wrong(message: str, **details: Any) -> RejectedError:
    return rejected(400, "SYNTAX_ERROR", message, **details)


def _query(tree: Any) -> Query:
    items, table, where, *others = tree.children
    clauses = {other.data: other.children for other in others}
    counts = [str(count.children[0]) for count in clauses.get("limit", ())]
    if "offset_first" in clauses:
        counts = [str(count.children[0]) for count in reversed(clauses["offset_first"])]
    module, *view = map(str, table.children)
    return Query(
        items=[_item(item) for item in items.children],
        module=module,
        view=view[0].removeprefix("#") if view else "",
        where=_condition(where),
        group=[_name(name) for name in clauses.get("group", ())],
        order=[_key(key) for key in clauses.get("order", ())],
        limit=counts[0] if counts else "200",
        offset=counts[1] if len(counts) > 1 else "0",
    )


def _item(tree: Any) -> Item:
    column, *alias = tree.children
    named = alias[0] if alias else None
    if named is not None and named.data == "alias":
        named = named.children[0]
    text = None if named is None else _unquoted(named.children[0])
    return _column(column, alias=text)


def _column(tree: Any, *, alias: str | None = None) -> Item:
    if tree.data == "function":
        function, name = tree.children
        return Item(_name(name), str(function), alias)
    return Item(_name(tree), alias=alias)


def _name(tree: Any) -> str:
    first, *others = tree.children
    if others:
        return f"!{others[0]}"
    return str(first) if isinstance(first, lark.Token) else _unquoted(first.children[0])


def _key(tree: Any) -> Key:
    column, *direction = tree.children
    return Key(_column(column), bool(direction) and direction[0].type == "DESC")


def _condition(tree: Any) -> Condition:
    if tree.data == "pair":
        left, word, right = tree.children
        return Pair("and" if word.type == "AND" else "or", _condition(left), _condition(right))
    name, *others = tree.children
    words = [str(each).lower() for each in others if isinstance(each, lark.Token)]
    operator = " ".join(words).removesuffix(" and")
    parts = [each for each in others if not isinstance(each, lark.Token)]
    if parts and parts[0].data == "query":
        return Comparison(_name(name), operator, query=_query(parts[0]))
    if parts and parts[0].data == "values":
        parts = parts[0].children
    return Comparison(_name(name), operator, [_literal(part.children[0]) for part in parts])


def _literal(token: Any) -> Value:
    return Value(_unquoted(token), is_null=token.type == "NULL")


def _unquoted(token: Any) -> str:
    if token.type != "STRING":
        return str(token)
    quote = token[0]
    return str(token[1:-1]).replace(quote * 2, quote)
