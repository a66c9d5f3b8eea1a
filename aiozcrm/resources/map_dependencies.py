"""Which values of a picklist go with those of another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import (
    Creating,
    Deleting,
    Getting,
    Pages,
    Updating,
    filters_text,
)

__all__ = ["MapDependencies", "MapDependency", "MapDependencyDraft"]


class MapDependency(TypedDict):
    """Which values of the child field may be chosen with each value of the parent field."""

    id: str
    parent: dict[str, str]
    child: dict[str, str]
    pick_list_values: NotRequired[list[dict[str, Any]]]
    active: NotRequired[bool]
    internal: NotRequired[bool]
    source: NotRequired[int]
    category: NotRequired[int]
    sub_module: NotRequired[dict[str, str] | None]


class MapDependencyDraft(TypedDict, total=False):
    """What can be set: both fields, and for each parent value the child values in ``maps``.

    ``"_delete": None`` takes one of these away.
    """

    id: str
    parent: dict[str, str]
    child: dict[str, str]
    pick_list_values: list[dict[str, Any]]


class MapDependencies(
    Getting[MapDependency], Creating[MapDependencyDraft], Updating[MapDependencyDraft], Deleting
):
    """Which values of picklists go together in a layout. A child field has one parent.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-map-dependency.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/map-dependency.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-map-dependency.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-map-dependency.html

    Zoho creates and changes one a call.
    Calls need the scope ``ZohoCRM.settings.map_dependency.ALL``, or the one of the operation.
    """

    path = "settings/layouts/{layout_id}/map_dependency"
    key = "map_dependency"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.map_dependency.{operation}",)
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = None

    def iter(self, *, filters: str | Mapping[str, Any] | None = None) -> Pages[MapDependency]:
        """Yield one dependency after the other, and read the next page meanwhile.

        Args:
            filters: Only those that meet these criteria, as Zoho's page writes them.

        Returns:
            An async iterator; its ``pages()`` yields one list a page.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return self._iter(query={"filters": filters_text(filters)})

    async def list(
        self, *, filters: str | Mapping[str, Any] | None = None
    ) -> Sequence[MapDependency]:
        """Return all dependencies that match, from as many pages as it takes.

        Args:
            filters: As for :meth:`iter`.

        Returns:
            The dependencies, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [one async for one in self.iter(filters=filters)]
