"""Variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import Creating, Deleting, Updating

__all__ = ["Variable", "VariableDraft", "Variables"]


class Variable(TypedDict):
    """A value that the whole org shares."""

    id: str
    api_name: str
    name: str
    type: str
    value: str
    description: NotRequired[str | None]
    variable_group: NotRequired[dict[str, str]]
    source: NotRequired[str]
    read_only: NotRequired[bool]


class VariableDraft(TypedDict, total=False):
    """What can be set on a variable; type and group only when it is created.

    An update in bulk needs the ``id``, too.
    """

    id: str
    api_name: str
    name: str
    type: str
    value: Any
    description: str | None
    variable_group: dict[str, str]


class Variables(Creating[VariableDraft], Updating[VariableDraft], Deleting):
    """Values that the whole org shares, such as a tax rate.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-variables.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-variables.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-variables.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-variable.html

    Where one variable is meant, its API name serves as well as its id.
    Calls need the scope ``ZohoCRM.settings.variables.ALL``, or the one of the operation.
    """

    path = "settings/variables"
    key = "variables"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.variables.{operation}",)
    named: bool = True
    per_delete: ClassVar[int | None] = 100

    async def list(self, *, group: str | int | None = None) -> Sequence[Variable]:
        """Return all variables.

        Args:
            group: Only those of this group: its id or API name.

        Returns:
            The variables, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"group": group})

    async def get(self, id: str | int, /, *, group: str | int | None = None) -> Variable:
        """Return one variable.

        Args:
            id: Its id or API name.
            group: The id or API name of its group. Zoho's page demands it, its SDK does not.

        Returns:
            The variable, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such variable.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        variable: Variable = await self._get(id, query={"group": group})
        return variable

    async def update(
        self,
        id: str | int,
        changes: VariableDraft,
        /,
        *,
        group: str | int | None = None,
    ) -> Outcome:
        """Change one variable.

        Args:
            id: Its id or API name.
            changes: What to change.
            group: The id or API name of its group.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such variable.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._update(id, changes, query={"group": group})
