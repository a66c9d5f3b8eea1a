"""References from one part of a composite call to the answer of another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import unquote

from aiozcrm.errors import InvalidInputError

__all__ = ["ANSWERS", "NAME", "Reference", "parts_in", "ref", "resolved", "shown_in_path"]

#: What a part may be called.
#: https://www.zoho.com/crm/developer/docs/api/v7/composite-api.html
NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_]*")

#: The answers of the parts of a composite call, by name, for the tasks that are its parts.
ANSWERS: Final[ContextVar[Mapping[str, Any]]] = ContextVar("aiozcrm_composite_answers")

_PATH: Final = re.compile(r"\$(?:\.\w+|\[\d+\])+")
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_REFERENCE: Final = re.compile(r"@\{([a-zA-Z0-9_]+):(\$[^{}]*)\}")
_QUOTED: Final = re.compile(r"%40%7B(?:(?!%7D).)*%7D", re.IGNORECASE)


class Reference(str):
    """Stands for a value of another part's answer, which is known only at Zoho.

    It equals that value once the answer is there, so that an id is compared with the id that it
    stood for.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return False
        value = resolved(str(self))
        if value != str(self) or not ANSWERS.get({}):
            return str(other) in {str(self), value}
        # The other part was rolled back, and nobody knows which id it had.
        return str(other) == str(self) or other.isdigit()

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def ref(part: str | int, path: str) -> str:
    """Return what stands for a value of another part of a composite call.

    .. code-block:: python

        from aiozcrm import composite

        await zoho.composite({
            "lead": zoho.records("Leads").create({"Last_Name": "Berg"}),
            "note": zoho.records("Notes").create({
                "Note_Title": "Called",
                "Parent_Id": {"id": composite.ref("lead", "$.data[0].details.id")},
            }),
        })

    Use it as an id, or as a value in what you send.

    Args:
        part: The name of the other part; in a list its number, from 1.
        path: The way to the value in its answer, such as ``$.data[0].details.id``.

    Raises:
        aiozcrm.errors.InvalidInputError: If a part cannot have that name, or it is no such way.
    """
    if not NAME.fullmatch(str(part)):
        raise InvalidInputError(
            f"{part!r} is not the name of a part.", hint="It has letters, digits and underscores."
        )
    if not _PATH.fullmatch(str(path)):
        raise InvalidInputError(
            f"{path!r} is no way to a value.", hint="It looks like $.data[0].details.id."
        )
    return Reference(f"@{{{part}:{path}}}")


def parts_in(text: str) -> set[str]:
    """Return the names of the parts to which references in a text lead."""
    return {match[1] for match in _REFERENCE.finditer(text)}


def resolved(text: str) -> str:
    """Return a text with the values of its references, as far as they are known here."""
    return _REFERENCE.sub(_value_of, text)


def shown_in_path(path: str) -> str:
    """Return an encoded path with its references as they are written."""
    return _QUOTED.sub(lambda match: unquote(match[0]), path)


def _value_of(match: re.Match[str]) -> str:
    value: Any = ANSWERS.get({}).get(match[1])
    for name, index in _STEP.findall(match[2]):
        try:
            value = value[name] if name else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return match[0]
    return str(value)
