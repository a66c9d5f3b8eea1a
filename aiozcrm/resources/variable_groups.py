"""Groups of variables."""

from __future__ import annotations

from typing import ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Getting, Listing

__all__ = ["VariableGroup", "VariableGroups"]


class VariableGroup(TypedDict):
    """A group of variables."""

    id: str
    api_name: str
    name: str
    display_label: NotRequired[str]
    description: NotRequired[str | None]
    source: NotRequired[str]


class VariableGroups(Listing[VariableGroup], Getting[VariableGroup]):
    """The groups that the variables of the org are in. They can only be read.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-variable-group.html

    A group is named by its id or its API name.
    Calls need the scope ``ZohoCRM.settings.variable_groups.READ`` or ``.ALL``.
    """

    path = "settings/variable_groups"
    key = "variable_groups"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.variable_groups.{operation}",)
    named: bool = True
