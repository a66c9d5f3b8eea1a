"""Modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Creating, Getting, Updating

__all__ = ["Module", "ModuleDraft", "ModuleStatus", "Modules"]

ModuleStatus = Literal["visible", "user_hidden", "system_hidden", "scheduled_for_deletion"]


class Module(TypedDict):
    """A module: a kind of record. Zoho sends more keys than these."""

    id: str
    api_name: str
    module_name: str
    singular_label: str
    plural_label: str
    generated_type: str
    api_supported: bool
    status: NotRequired[str]
    creatable: NotRequired[bool]
    editable: NotRequired[bool]
    deletable: NotRequired[bool]
    viewable: NotRequired[bool]
    visibility: NotRequired[int]
    profiles: NotRequired[list[dict[str, str]]]
    parent_module: NotRequired[dict[str, Any]]
    modified_time: NotRequired[str | None]
    modified_by: NotRequired[dict[str, str] | None]


class ModuleDraft(TypedDict, total=False):
    """What can be set on a module of the org's own."""

    id: str
    singular_label: str
    plural_label: str
    api_name: str
    profiles: list[dict[str, Any]]
    display_field: dict[str, Any]


class Modules(Getting[Module], Creating[ModuleDraft], Updating[ModuleDraft]):
    """The modules of the org. Zoho cannot delete one.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/modules-api.html
    - get: https://www.zoho.com/crm/developer/docs/api/v7/module-meta.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-custom-module-api.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-custom-module-api.html

    A module is named by its id or its API name. Zoho creates and changes one a call.
    Calls need the scope ``ZohoCRM.settings.modules.ALL``, or the one of the operation.
    """

    path = "settings/modules"
    key = "modules"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.modules.{operation}",)
    named: bool = True
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = None

    async def list(
        self, *, status: ModuleStatus | Sequence[ModuleStatus] | None = None
    ) -> Sequence[Module]:
        """Return all modules, also those that the API does not reach.

        Args:
            status: Only those with this status, or one of these.

        Returns:
            The modules, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"status": status})
