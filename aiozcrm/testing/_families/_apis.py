"""The list of the calls that a fake Zoho answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._known_calls import known_calls

__all__ = ["Apis"]

_CREDITS: Final = 1
_COMPARATORS: Final[dict[str, Callable[[str, str], bool]]] = {
    "equal": str.__eq__,
    "equals": str.__eq__,
    "contains": str.__contains__,
    "starts_with": str.startswith,
}


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
        if filters := call.query.get("filters"):
            shown = [entry for entry in shown if _passes(entry, filters)]
        return Answer(200, {"__apis": shown}) if shown else NO_CONTENT


def _passes(entry: dict[str, Any], filters: str) -> bool:
    """Return whether an entry passes a filter, which is JSON text."""
    try:
        wanted = json.loads(filters)
        name = wanted["field"]["api_name"]
        compare = _COMPARATORS[wanted["comparator"]]
        value = str(wanted["value"])
    except (ValueError, TypeError, LookupError, RecursionError):
        raise rejected(400, "INVALID_DATA", "invalid data", param_name="filters") from None
    values = [str(kind.get(name, "")) for kind in entry["operation_types"]]
    return any(compare(shown, value) for shown in [str(entry.get(name, "")), *values])
