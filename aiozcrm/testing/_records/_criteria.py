"""Search criteria: ``((Last_Name:equals:Burns)and(City:in:Delft,Gouda))``.

Source: https://www.zoho.com/crm/developer/docs/api/v7/search-records.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._store import Row, folded
from aiozcrm.testing._records._values import ID, parse_value, value_in
from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._schema._types import REFERENCES
from aiozcrm.testing._wire._answer import RejectedError, rejected

__all__ = ["Criteria", "Matches"]

Matches = Callable[[Row], bool]

_MOST_CRITERIA: Final = 10
_MOST_VALUES: Final = 100
_MOST_BRACKETS: Final = 20
_ORDER: Final = ("greater_equal", "greater_than", "less_equal", "less_than", "between")
_CHOICE: Final = frozenset({"equals", "not_equal", "in"})
_OPERATORS: Final[Mapping[str, frozenset[str]]] = {
    "boolean": frozenset({"equals", "not_equal"}),
    "textarea": frozenset({"equals", "not_equal", "starts_with"}),
    **dict.fromkeys(
        ("date", "datetime", "integer", "currency", "double", "bigint", "percent", "formula"),
        _CHOICE.union(_ORDER),
    ),
    **dict.fromkeys((*REFERENCES, "picklist", "autonumber"), _CHOICE),
    **dict.fromkeys(
        ("text", "email", "phone", "website", "multiselectpicklist"), _CHOICE | {"starts_with"}
    ),
}
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "greater_equal": lambda a, b: a >= b,
    "greater_than": lambda a, b: a > b,
    "less_equal": lambda a, b: a <= b,
    "less_than": lambda a, b: a < b,
}
_JOINT: Final = re.compile(r"\s*(and|or)\s*", re.IGNORECASE)
# A part of a criterion ends at one of these, unless a backslash comes before it.
_PART: Final = re.compile(r"((?:\\.|[^\\:(),])*)")
_VALUE: Final = re.compile(r"((?:\\.|[^\\(),])*)", re.DOTALL)
# Backslashes count only before what is special, and at the end of a value.
_ESCAPED: Final = re.compile(r"(\\+)([(),]|\Z)")


class Criteria:
    """Reads criteria about the records of a module.

    Args:
        database: All records.
        module: The module.
        text: The criteria.
    """

    def __init__(self, database: Database, module: Module, text: str) -> None:
        self._database = database
        self._module = module
        self._text = text
        self._at = 0
        self._count = 0

    def parse(self) -> Matches:
        """Return whether a record fits.

        Raises:
            RejectedError: If the text says nothing that Zoho understands.
        """
        # More of them would only be nested deeper than anything can be read.
        if "(" * _MOST_BRACKETS in self._text:
            raise _invalid(reason="invalid criteria")
        matches = self._joined()
        if self._at < len(self._text):
            raise _invalid(reason="invalid criteria")
        return matches

    def _joined(self) -> Matches:
        left = self._single()
        while joint := _JOINT.match(self._text, self._at):
            self._at = joint.end()
            left = _join(joint[1].lower(), left, self._single())
        return left

    def _single(self) -> Matches:
        if not self._take("("):
            return self._criterion()
        inner = self._joined() if self._text.startswith("(", self._at) else self._criterion()
        if not self._take(")"):
            raise _invalid(reason="invalid criteria")
        return inner

    def _criterion(self) -> Matches:
        self._count += 1
        if self._count > _MOST_CRITERIA:
            raise rejected(400, "CRITERIA_LIMIT_EXCEEDED", "criteria limit exceeded")
        name, operator = self._part(), self._part()
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        field = ID if name == "id" else self._module.fields.get(name)
        if field is None:
            raise _invalid(reason="invalid field name", api_name=name)
        if operator not in _OPERATORS.get(field.type, ()):
            raise _invalid(reason="invalid operator found", api_name=name, operator=operator)
        if len(values) > _MOST_VALUES:
            raise _invalid(reason="too many values", api_name=name)
        return self._compare(field, operator, values)

    def _compare(self, field: Field, operator: str, values: Sequence[str]) -> Matches:
        if field.type in REFERENCES:
            return self._compare_reference(field, operator, values)
        try:
            wanted = [parse_value(field, value) for value in values]
        except ValueError:
            details = {"expected_data_type": field.type, "reason": "invalid value for search"}
            raise _invalid(**details, api_name=field.api_name, value=values[0]) from None

        def matches(row: Row) -> bool:
            value = value_in(self._database, self._module, row, field)
            if operator == "not_equal":
                return not _equals(value, wanted[0])
            if value is None:
                return False
            if operator == "between":
                return bool(wanted[0] <= value <= wanted[-1])
            if operator == "starts_with":
                return folded(value).startswith(folded(wanted[0]))
            if operator == "in":
                return any(_is_same(value, each) for each in wanted)
            compare = _COMPARE.get(operator, _equals)
            return compare(value, wanted[0])

        return matches

    def _compare_reference(self, field: Field, operator: str, values: Sequence[str]) -> Matches:
        """Compare what a value leads to: by its id, or by its name."""

        def matches(row: Row) -> bool:
            shown = self._database.value_of(row, field, self._module) or {}
            found = any(value in {shown.get("id"), shown.get("name")} for value in values)
            return found != (operator == "not_equal")

        return matches

    def _part(self) -> str:
        part = _PART.match(self._text, self._at)
        text = part[1] if part else ""
        self._at += len(text)
        if not self._take(":"):
            raise _invalid(reason="invalid criteria")
        return text.strip()

    def _value(self) -> str:
        value = _VALUE.match(self._text, self._at)
        text = value[1] if value else ""
        self._at += len(text)
        return _ESCAPED.sub(lambda found: "\\" * (len(found[1]) // 2) + found[2], text)

    def _take(self, character: str) -> bool:
        """Step over a character, if it is the next one."""
        if not self._text.startswith(character, self._at):
            return False
        self._at += 1
        return True


def _join(word: str, left: Matches, right: Matches) -> Matches:
    if word == "and":
        return lambda row: left(row) and right(row)
    return lambda row: left(row) or right(row)


def _equals(value: Any, wanted: Any) -> bool:
    """Compare as Zoho does: of a text it is enough to contain what is wanted."""
    if isinstance(value, list):
        return any(_is_same(each, wanted) for each in value)
    if isinstance(value, str):
        return folded(wanted) in folded(value)
    return bool(value == wanted)


def _is_same(value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return any(_is_same(each, wanted) for each in value)
    return folded(value) == folded(wanted) if isinstance(value, str) else bool(value == wanted)


def _invalid(**details: Any) -> RejectedError:
    return rejected(400, "INVALID_QUERY", "Invalid query formed", **details)
