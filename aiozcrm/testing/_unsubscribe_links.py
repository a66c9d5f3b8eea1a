"""Unsubscribe links, as a fake Zoho keeps them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import Any, Final

import attrs

from aiozcrm.testing._answers import NO_CONTENT, Answer, answer, refusal
from aiozcrm.testing._operations import Call, Operation

__all__ = ["UnsubscribeLinks"]

_FIRST_ID: Final = 4150868000000731001
_PERMISSION: Final = "Crm_Implied_Manage_Unsubscribe_Form"
_SCOPE: Final = "ZohoCRM.settings.unsubscribe"
# Zoho's pages name two scopes for reading; the fake takes either.
_READ_SCOPES: Final = frozenset(
    {f"{_SCOPE}.ALL", f"{_SCOPE}.READ", "ZohoCRM.settings.unsubscribe_links.READ"}
)
_DELETE_SCOPES: Final = frozenset({f"{_SCOPE}.ALL", f"{_SCOPE}.DELETE"})
_USER: Final = {"name": "Mira Oldenkamp", "id": "4150868000000225013"}
_TIME: Final = "2025-03-11T14:05:32+01:00"

# Where in the path the id stands, as Zoho counts.
_ID_AT: Final = 2
_UNKNOWN: Final = refusal(
    400,
    "INVALID_DATA",
    "The given Unsubscribe Link id is not part of Org",
    resource_path_index=_ID_AT,
)
_IS_DEFAULT: Final = refusal(
    400, "NOT_ALLOWED", "The given Unsubscribe Link id is Default", resource_path_index=_ID_AT
)


@attrs.frozen(kw_only=True)
class _Link:
    id: str
    name: str
    # The Default link has empty strings where others have nulls.
    unset: str | None = None

    def to_api(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "page_type": "standard",
            "custom_location_url": self.unset,
            "standard_page_message": None,
            "submission_action_type": "display_message",
            "submission_message": self.unset,
            "submission_redirect_url": self.unset,
            "created_by": _USER,
            "created_time": _TIME,
            "modified_by": _USER,
            "modified_time": _TIME,
        }


class UnsubscribeLinks:
    """The unsubscribe links of one org; it starts with the Default link alone.

    Args:
        effects: Where removals are counted, by id.
    """

    def __init__(self, *, effects: Counter[str]) -> None:
        self._effects = effects
        self._ids = count(_FIRST_ID)
        self._links: dict[str, _Link] = {}
        self.default_id = self._keep("Default", unset="")

    @property
    def ids(self) -> list[str]:
        """The ids of the links that exist, oldest first."""
        return list(self._links)

    def add(self, name: str | None = None) -> str:
        """Add a link and return its id; without a *name* it is called after the id."""
        return self._keep(name)

    def operations(self) -> Mapping[str, Mapping[str, Operation]]:
        """Return what can be done with unsubscribe links."""
        return {
            "settings/unsubscribe_links": {
                "GET": Operation(run=self._list, scopes=_READ_SCOPES, permission=_PERMISSION),
            },
            "settings/unsubscribe_links/{id}": {
                "GET": Operation(run=self._get, scopes=_READ_SCOPES, permission=_PERMISSION),
                "DELETE": Operation(
                    run=self._delete, scopes=_DELETE_SCOPES, permission=_PERMISSION
                ),
            },
        }

    def _keep(self, name: str | None, *, unset: str | None = None) -> str:
        link_id = str(next(self._ids))
        self._links[link_id] = _Link(id=link_id, name=name or f"Link {link_id}", unset=unset)
        return link_id

    def _list(self, _call: Call) -> Answer:
        return _wrapped(*(link.to_api() for link in self._links.values()))

    def _get(self, call: Call) -> Answer:
        link = self._links.get(call.ids[0])
        return NO_CONTENT if link is None else _wrapped(link.to_api())

    def _delete(self, call: Call) -> Answer:
        link_id = call.ids[0]
        if link_id == self.default_id:
            return _IS_DEFAULT
        if self._links.pop(link_id, None) is None:
            return _UNKNOWN
        self._effects[link_id] += 1
        return _wrapped(
            {
                "code": "SUCCESS",
                "details": {"id": link_id},
                "message": "Unsubscribe Link deleted successfully",
                "status": "success",
            }
        )


def _wrapped(*items: Mapping[str, Any]) -> Answer:
    return answer(200, {"unsubscribe_links": items})
