"""A statement as tokens, each with its part in the statement."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from aiozcrm.errors import InvalidInputError

__all__ = ["Kind", "Role", "Token", "added", "read_tokens", "text_of", "trimmed"]

Kind: TypeAlias = Literal["space", "string", "place", "word", "sign", "value"]

#: What a token is in the statement: the start of a clause, a joint of conditions, or what may
#: stand in its place if it is a placeholder.
Role: TypeAlias = Literal[
    "", "from", "where", "group", "order", "limit", "join", "value", "list", "member", "count"
]


class Token(NamedTuple):
    """A part of a statement.

    Attributes:
        kind: What it is.
        text: Its text.
        at: Where it stands in the caller's text; None if it was added.
        depth: How many brackets are open around it.
        role: What it is in the statement.
        clause: The clause that it belongs to.
    """

    kind: Kind
    text: str
    at: int | None
    depth: int = 0
    role: Role = ""
    clause: str = ""

    @property
    def word(self) -> str:
        """Its text in small letters if it is a word or sign; empty if it is quoted or a value."""
        return self.text.lower() if self.kind in {"word", "sign"} else ""


_TOKENS: Final = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<string>'(?:[^']|'')*' | "(?:[^"]|"")*")
    | (?P<place>\{\w+\})
    | (?P<word>\w+(?:\.\w+)*(?:\#\d+)?)
    | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_CLAUSES_BEFORE: Final = {
    "from": {"select"},
    "where": {"from"},
    "group": {"from", "where"},
    "order": {"from", "where", "group"},
    "limit": {"from", "where", "group", "order"},
}
#: What a placeholder stands for, by its clause and the word before it.
_PLACES: Final[Mapping[str, Mapping[str, Role]]] = {
    "where": {
        "=": "value",
        "<": "value",
        ">": "value",
        "like": "value",
        "between": "value",
        "in": "list",
    },
    "limit": {"limit": "count", "offset": "count", ",": "count"},
}
_COMPARES: Final = frozenset({"=", "<", ">", "!", "in", "is", "like", "not", "between"})

_WRONG: Final = {
    "'": "A quote of the query is never closed.",
    '"': "A quote of the query is never closed.",
    "{": "A placeholder is a name in braces, such as {name}.",
    ";": "A query has to be one SELECT, without anything behind it.",
}

#: Statements may be nested this deep. Zoho takes 25 conditions, so no useful one is deeper.
_DEEPEST: Final = 100


class _Frame:
    """What is known within a pair of brackets."""

    def __init__(self, clause: str, *, in_list: bool = False) -> None:
        self.clause = clause
        self.in_list = in_list
        self.is_query = False
        self.in_between = False
        self.before: Token | None = None


def read_tokens(text: str) -> list[Token]:
    """Return the tokens of a statement.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is no single SELECT, or a quote or a bracket is
            not closed.
        TypeError: If it is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"a query is text, not a {type(text).__name__}")
    raw = [
        Token(found.lastgroup, found[0], found.start())  # type: ignore[arg-type]  # the groups
        for found in _TOKENS.finditer(text)
    ]
    words = [token for token in raw if token.kind != "space"]
    if not words or words[0].word != "select":
        raise InvalidInputError("A query has to be one SELECT.")
    tokens: list[Token] = []
    frames = [_Frame("")]
    following = iter([*words[1:], None])
    for token in raw:
        if token.kind == "space":
            tokens.append(token._replace(depth=len(frames) - 1))
        else:
            tokens.append(_placed(token, next(following), frames))
    if len(frames) > 1:
        raise InvalidInputError("A bracket of the query is never closed.")
    return tokens


def _placed(token: Token, following: Token | None, frames: list[_Frame]) -> Token:
    """Return a token with its part in the statement, and note what it opens or closes."""
    frame = frames[-1]
    before = frame.before
    word, last = token.word, before.word if before is not None else ""
    if word in _WRONG:
        raise InvalidInputError(_WRONG[word])
    depth = len(frames) - 1
    role: Role = ""
    if word == ")":
        if not depth:
            raise InvalidInputError("A bracket of the query was never opened.")
        frames.pop()
        frame, depth = frames[-1], depth - 1
    elif word == "(":
        if depth == _DEEPEST:
            raise InvalidInputError(f"The query has more than {_DEEPEST} brackets in another.")
        frames.append(_Frame(frame.clause, in_list=last == "in"))
    elif word == "select" and last != "as":
        if before is not None:
            raise InvalidInputError(_WRONG[";"])
        frame.clause = "select"
        frame.is_query = True
    elif frame.clause in _CLAUSES_BEFORE.get(word, ()) and _starts(word, last, following):
        if depth and not frame.is_query:
            raise InvalidInputError(f"The query has {word!r} where it can begin no clause.")
        role = word  # type: ignore[assignment]  # a key of that table
        frame.clause = word
    else:
        role = _role_within(token, frame, last)
    frame.before = token._replace(depth=depth, role=role, clause=frame.clause)
    return frame.before


def _starts(word: str, last: str, following: Token | None) -> bool:
    """Return whether a word that could start a clause does, and is no name of a field."""
    if last in {"as", "!"} or (word != "from" and last == ","):
        return False
    if word in {"group", "order"}:
        return following is not None and following.word == "by"
    return word != "limit" or following is None or following.word not in _COMPARES


def _role_within(token: Token, frame: _Frame, last: str) -> Role:
    """Return what a token is within its clause."""
    word, in_where = token.word, frame.clause == "where"
    if in_where and word == "between":
        frame.in_between = True
    elif in_where and word == "and" and frame.in_between:
        frame.in_between = False
        return "value"
    elif in_where and word in {"and", "or"}:
        return "join"
    if token.kind != "place":
        return ""
    # Behind "between" stand two values, with an "and" that joins no conditions.
    if in_where and last == "and" and frame.before is not None and frame.before.role == "value":
        return "value"
    if in_where and frame.in_list and (frame.before is None or last == ","):
        return "member"
    return _PLACES.get(frame.clause, {}).get(last, "")


def added(text: str) -> Token:
    """Return a token of ours."""
    return Token("sign", text, None)


def text_of(tokens: Sequence[Token]) -> str:
    """Return the text of tokens."""
    return "".join(token.text for token in tokens)


def trimmed(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return tokens without the blanks around them."""
    start, end = 0, len(tokens)
    while start < end and tokens[start].kind == "space":
        start += 1
    while end > start and tokens[end - 1].kind == "space":
        end -= 1
    return tokens[start:end]
