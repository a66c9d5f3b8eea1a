"""Which OAuth scopes the attributes of the client need."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aiozcrm.errors import InvalidInputError
from aiozcrm.resources._attributes import Imported, OfModule, resource_class

__all__ = ["scopes_of"]

_OPERATIONS: Final = ("ALL", "READ", "CREATE", "UPDATE", "DELETE")

#: What is no family of calls but one call, and where its scopes are.
_METHODS: Final = {
    "channel": "channel",
    "composite": "composite_requests",
    "query": "_coql_calls",
}

#: What the methods take that return a family.
_BOUND: Final = frozenset({"module", "layout_id"})


def scopes_of(
    contents: Mapping[str, Any], names: Iterable[object], *, operation: str
) -> tuple[str, ...]:
    """Return the scopes that attributes need, each once, in the order of the names.

    Args:
        contents: What the client has, by name.
        names: The attributes; a module may stand behind.
        operation: What is done with them.

    Raises:
        aiozcrm.errors.InvalidInputError: If the client has no such attribute, or there is no such
            operation.
        TypeError: If a name is no text.
    """
    if operation not in _OPERATIONS:
        raise InvalidInputError(
            f"{operation!r} is no operation.", hint=f"Scopes have {', '.join(_OPERATIONS)}."
        )
    scopes = (scope for name in names for scope in _scopes_of(contents, name))
    return tuple(dict.fromkeys(scope.format(operation=operation) for scope in scopes))


def _scopes_of(contents: Mapping[str, Any], name: object) -> Sequence[str]:
    """Return the scopes of one attribute, with their placeholders."""
    if not isinstance(name, str):
        raise TypeError(f"a name is text, not {type(name).__name__}")
    family, dot, behind = name.partition(".")
    module, of_action, action = behind.partition(".")
    rows = {
        known: row
        for known, row in contents.items()
        if isinstance(row, Imported) or _BOUND & getattr(row, "__annotations__", {}).keys()
    }
    if family in _METHODS and not dot:
        return resource_class(_METHODS[family], "SCOPES")  # type: ignore[no-any-return]
    row = rows.get(family)
    of_module = isinstance(row, OfModule) or "module" in getattr(row, "__annotations__", ())
    scopes = _scopes_of_action(family, action)
    if (
        row is None
        or (dot and not (of_module and module.isidentifier()))
        or (of_action and not scopes)
    ):
        [nearest] = difflib.get_close_matches(family, [*rows, *_METHODS], n=1, cutoff=0.0)
        raise InvalidInputError(f"A client has no {name!r}.", hint=f"Did you mean {nearest!r}?")
    if of_action:
        return scopes
    # A method tells its class by what it returns.
    found = (
        row.load()
        if isinstance(row, Imported)
        else resource_class(family, row.__annotations__["return"].partition("[")[0])
    )
    return found.scopes  # type: ignore[no-any-return]


def _scopes_of_action(family: str, action: str) -> Sequence[str]:
    """Return the scopes of an action that needs others than its family; nothing for all others."""
    if family != "records":
        return ()
    known: Mapping[tuple[str, str], Sequence[str]] = resource_class(family, "Records").action_scopes
    return [
        scope.format(operation={"GET": "READ", "PUT": "UPDATE"}.get(method, "CREATE"))
        for (method, segment), scopes in known.items()
        if segment.lstrip("_") == action
        for scope in scopes
    ]
