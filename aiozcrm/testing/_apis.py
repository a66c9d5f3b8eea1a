"""The list of the calls that a fake Zoho knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._answers import Answer, answer
from aiozcrm.testing._operations import API_ACCESS, API_ROOT, Call, Operation, Resource

__all__ = ["Apis"]

_SCOPES: Final = ("ZohoCRM.apis.READ",)
_CREDITS: Final = 1


class Apis:
    """What there is to call, this list included.

    Args:
        others: The other resources.
    """

    def __init__(self, *others: Resource) -> None:
        self._resources: tuple[Resource, ...] = (*others, self)

    def operations(self) -> Mapping[str, Mapping[str, Operation]]:
        """Return what can be done with the list."""
        return {"__apis": {"GET": Operation(run=self._list, scopes=_SCOPES, permission=API_ACCESS)}}

    def _list(self, _call: Call) -> Answer:
        entries = [
            _entry(path, by_method)
            for resource in self._resources
            for path, by_method in resource.operations().items()
        ]
        return answer(200, {"__apis": entries})


def _entry(path: str, by_method: Mapping[str, Operation]) -> dict[str, Any]:
    return {
        # Zoho writes an id with two braces on each side.
        "path": API_ROOT + path.replace("{", "{{").replace("}", "}}"),
        "operation_types": [
            {
                "method": method,
                "oauth_scope": operation.scopes[0],
                "max_credits": _CREDITS,
                "min_credits": _CREDITS,
            }
            for method, operation in by_method.items()
        ],
    }
