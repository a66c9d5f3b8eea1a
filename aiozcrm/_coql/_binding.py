"""Values in the places of a statement's placeholders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from operator import index
from typing import Any, Final

from aiozcrm._coql._statement import Statement
from aiozcrm._coql._tokens import Token, read_tokens
from aiozcrm._protocol import iso_text
from aiozcrm.errors import InvalidInputError

__all__ = ["bind"]

_MOST_VALUES: Final = 100


def bind(text: str, values: Mapping[str, Any]) -> Statement:
    """Return a statement with its values in the places of ``{name}``.

    A value is quoted by its type and becomes one literal, whatever it holds: what is put in is
    never read again.

    Args:
        text: One SELECT. Braces within quotes stand for themselves.
        values: A value by each name: text, a number, a boolean, a date, a datetime with an
            offset (its fraction of a second is dropped), or a list of 1 to 100 of those for
            ``in {name}``; a whole number behind ``limit`` and ``offset``.

    Raises:
        KeyError: If a name has no value, or a value has no place.
        TypeError: If a value is of a type that cannot stand there.
        ValueError: If the text is no single SELECT, if a placeholder stands for a name of a
            field or module, or if COQL cannot hold a value.
    """
    tokens = read_tokens(text)
    places = {token.text[1:-1] for token in tokens if token.kind == "place"}
    for name in sorted(places - values.keys()):
        raise KeyError(f"{name!r} has no value")
    for name in sorted(values.keys() - places):
        raise KeyError(f"{name!r} has no place in the query; write {{{name}}} without quotes")
    bound: list[Token] = []
    for token in tokens:
        if bound and _would_merge(bound[-1], token):
            bound.append(Token("space", " ", None, token.depth))
        if token.kind == "place":
            name = token.text[1:-1]
            literal = _literal_at(token, name, values[name])
            token = token._replace(kind="value", text=literal)  # noqa: PLW2901  # bound by now
        bound.append(token)
    return Statement.of(bound, text)


def _would_merge(last: Token, token: Token) -> bool:
    """Return whether two tokens, one of them a value, would be read as one side by side."""
    if last.kind == "value":
        return token.kind != "space" and token.word not in {")", ","}
    return token.kind == "place" and last.kind in {"string", "word"}


def _literal_at(place: Token, name: str, value: Any) -> str:
    """Return the text for a value, as it has to be in this place."""
    if place.role == "count":
        return _count(name, value)
    if place.role == "value":
        if isinstance(value, (list, tuple)):
            raise TypeError(f"{{{name}}} takes one value here; a list stands behind 'in'")
        return _literal(name, value)
    if place.role == "list":
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"{{{name}}} takes a list, not a {type(value).__name__}")
        return f"({_joined(name, value)})"
    if place.role == "member":
        return _joined(name, value if isinstance(value, (list, tuple)) else [value])
    raise InvalidInputError(
        f"{{{name}}} stands where the query takes no value.",
        hint="Names of fields and modules are part of the text; a value follows an operator.",
    )


def _joined(name: str, values: list[Any] | tuple[Any, ...]) -> str:
    if not 0 < len(values) <= _MOST_VALUES:
        raise InvalidInputError(
            f"{{{name}}} has {len(values)} values, and a list has 1 to {_MOST_VALUES}.",
            hint="Make several queries, or leave the condition out where nothing is listed.",
        )
    return ", ".join([_literal(name, value) for value in values])


def _count(name: str, value: Any) -> str:
    if isinstance(value, (bool, str)) or not hasattr(value, "__index__"):
        raise TypeError(f"{{{name}}} takes a whole number, not a {type(value).__name__}")
    number = index(value)
    if number < 0:
        raise InvalidInputError(f"{{{name}}} takes a whole number that is not negative.")
    return str(number)


def _literal(name: str, value: Any) -> str:
    """Return a value as COQL writes it."""
    if isinstance(value, str):
        return _quoted(name, value)
    if isinstance(value, bool):
        return "'true'" if value else "'false'"
    if isinstance(value, date):
        try:
            return f"'{iso_text(value)}'"
        except ValueError as problem:
            raise InvalidInputError(f"{{{name}}} is {problem}.") from None
    if isinstance(value, (float, Decimal)):
        number = Decimal(repr(float(value))) if isinstance(value, float) else value
        if not number.is_finite():
            raise InvalidInputError(f"{{{name}}} is {value}, which COQL cannot hold.")
        return format(number, "f")
    if value is None:
        raise TypeError(f"{{{name}}} is None: write 'is null' into the query instead")
    if hasattr(value, "__index__"):
        return str(index(value))
    raise TypeError(f"{{{name}}}: COQL cannot hold a {type(value).__name__}")


def _quoted(name: str, value: str) -> str:
    # The str() of an Enum would be its name.
    text = str.__str__(value)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInputError(f"{{{name}}} holds half a character (a surrogate).")
    return "'" + text.replace("'", "''") + "'"
