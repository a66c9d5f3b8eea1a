"""The calls of the API, as it tells about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import attrs

from aiozcrm.resources._base import Resource
from aiozcrm.resources._parsing import models_of, objects_of, text_of

__all__ = ["Apis", "Endpoint", "Operation"]


@attrs.frozen(kw_only=True)
class Operation:
    """One method of an endpoint, with its scope and its price.

    Attributes:
        method: Such as ``DELETE``.
        oauth_scope: The scope that a token needs.
        min_credits: How many API credits it costs at least.
        max_credits: How many it costs at most.
    """

    method: str
    oauth_scope: str | None
    min_credits: int | None
    max_credits: int | None

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Return the model of a JSON object; keys that are not known are ignored."""
        return cls(
            method=data["method"],
            oauth_scope=text_of(data.get("oauth_scope")),
            min_credits=data.get("min_credits"),
            max_credits=data.get("max_credits"),
        )


@attrs.frozen(kw_only=True)
class Endpoint:
    """A path of the API and what can be done there.

    Attributes:
        path: Such as ``/crm/v7/settings/unsubscribe_links/{{id}}``.
        operations: The methods that it takes.
    """

    path: str
    operations: tuple[Operation, ...]

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Return the model of a JSON object; keys that are not known are ignored."""
        operations = map(Operation.from_api, objects_of(data.get("operation_types") or []))
        return cls(path=data["path"], operations=tuple(operations))


class Apis(Resource):
    """What can be called, with which scope, and for how many credits.

    The call needs the OAuth scope ``ZohoCRM.apis.READ``.
    """

    scopes = ("ZohoCRM.apis.{operation}",)

    async def list(self) -> Sequence[Endpoint]:
        """Return every endpoint that the API tells of.

        https://www.zoho.com/crm/developer/docs/api/v7/list-available-rest-apis.html

        Returns:
            The endpoints, each with its methods.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return models_of(await self._read("__apis"), "__apis", Endpoint.from_api)
