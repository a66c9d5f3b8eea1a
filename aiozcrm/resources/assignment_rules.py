"""Assignment rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Resource

__all__ = ["AssignmentRule", "AssignmentRules"]


class AssignmentRule(TypedDict):
    """A rule that says which user gets a new record."""

    id: str
    name: str
    module: dict[str, str]
    description: NotRequired[str | None]
    api_name: NotRequired[str]
    default_assignee: NotRequired[dict[str, str] | None]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, Any]]
    modified_by: NotRequired[dict[str, Any]]


class AssignmentRules(Resource):
    """The rules that say which user gets a new record. They can only be read.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-assignment-rules.html

    To apply one, give its id as ``lar_id`` when you create or change records.
    Calls need the scope ``ZohoCRM.settings.assignment_rules.READ`` or ``.ALL``.
    """

    path = "settings/automation/assignment_rules"
    key = "assignment_rules"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.assignment_rules.{operation}",)

    async def list(self, *, module: str | None = None) -> Sequence[AssignmentRule]:
        """Return all rules.

        Args:
            module: Only those of this module: its API name.

        Returns:
            The rules, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"module": module})

    async def get(self, id: str | int, /, *, module: str) -> AssignmentRule:
        """Return one rule.

        Args:
            id: Its id.
            module: The API name of its module, which Zoho demands.

        Returns:
            The rule, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such rule.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        rule: AssignmentRule = await self._get(id, query={"module": module})
        return rule
