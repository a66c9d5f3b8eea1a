"""The list of the calls that a fake Zoho answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from aiozcrm.testing._families._filters import read_filters
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._known_calls import known_calls

__all__ = ["Apis"]

_CREDITS: Final = 1


class Apis(Family):
    """What there is to call, this list included.

    Args:
        operations: Returns all that the org answers.
    """

    def __init__(self, operations: Callable[[], Iterable[Operation]]) -> None:
        self._operations = operations

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about the list."""
        return (Operation(line="GET /__apis", run=self._list, verb="list", family="apis"),)

    def _list(self, call: Call) -> Answer:
        by_line = {known.line: known for known in known_calls().all}
        entries: dict[str, dict[str, Any]] = {}
        for operation in self._operations():
            known = by_line[operation.line]
            # Zoho writes an id with two braces on each side.
            path = known.path.replace("{", "{{").replace("}", "}}")
            full = f"/crm/{'bulk/' if known.base == 'bulk' else ''}{call.version}{path}"
            entry = entries.setdefault(full, {"path": full, "operation_types": []})
            scopes = operation.scopes or known.scopes[0]
            entry["operation_types"].append(
                {
                    "method": known.method,
                    "oauth_scope": next((s for s in scopes if not s.endswith(".ALL")), scopes[0]),
                    "max_credits": _CREDITS,
                    "min_credits": _CREDITS,
                }
            )
        shown = list(entries.values())
        passes = read_filters(call)
        shown = [
            entry
            for entry in shown
            if any(passes({**entry, **kind}) for kind in entry["operation_types"])
        ]
        return Answer(200, {"__apis": shown}) if shown else NO_CONTENT
