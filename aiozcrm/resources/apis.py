"""The calls of the API, as it tells about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypedDict

from aiozcrm.resources._behaviours import Resource, filters_text

__all__ = ["Apis", "Endpoint", "Operation"]


class Operation(TypedDict):
    """One method of an endpoint, with the scope that it needs and the credits that it costs."""

    method: str
    oauth_scope: str
    min_credits: int
    max_credits: int


class Endpoint(TypedDict):
    """A path of the API, such as ``/crm/v7/org``, and what can be done there."""

    path: str
    operation_types: list[Operation]


class Apis(Resource):
    """What can be called, with which scope, and for how many credits.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/list-available-rest-apis.html

    The call needs the scope ``ZohoCRM.apis.READ``.
    """

    path = "__apis"
    key = "__apis"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.apis.READ",)

    async def list(self, *, filters: str | Mapping[str, Any] | None = None) -> Sequence[Endpoint]:
        """Return the endpoints that the API tells of.

        Args:
            filters: Only those that meet these criteria, as Zoho's page writes them: a mapping,
                or JSON in a text.

        Returns:
            The endpoints, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"filters": filters_text(filters)})
