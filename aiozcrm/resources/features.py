"""Features of the org's edition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Pages, Resource

__all__ = ["Feature", "Features"]


class Feature(TypedDict):
    """What the edition of the org allows of something; ``details`` hold the numbers."""

    api_name: str
    feature_label: str
    module_supported: bool
    details: dict[str, dict[str, int]]
    parent_feature: NotRequired[dict[str, Any] | None]
    components: NotRequired[list[dict[str, Any]] | None]


class Features(Resource):
    """What the edition of the org allows, and how much of it.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-features.html
    - user_licenses: https://www.zoho.com/crm/developer/docs/api/v7/get-user-licenses.html

    A feature is named by its API name. Calls need the scope ``ZohoCRM.features.READ``.
    """

    path = "__features"
    key = "__features"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.features.READ",)
    named: bool = True

    def iter(
        self, *, module: str | None = None, api_names: Iterable[str] | None = None
    ) -> Pages[Feature]:
        """Yield one feature after the other, and read the next page meanwhile.

        Args:
            module: What is allowed for this module: its API name.
            api_names: Only these features.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200 features.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        names = None if api_names is None else [*api_names]
        return self._iter(query={"module": module, "api_names": names})

    async def list(
        self, *, module: str | None = None, api_names: Iterable[str] | None = None
    ) -> Sequence[Feature]:
        """Return all features that match, from as many pages as it takes.

        Args:
            module: As for :meth:`iter`.
            api_names: As for :meth:`iter`.

        Returns:
            The features, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [feature async for feature in self.iter(module=module, api_names=api_names)]

    async def get(self, id: str, /, *, module: str | None = None) -> Feature:
        """Return one feature.

        Args:
            id: Its API name.
            module: As for :meth:`iter`.

        Returns:
            The feature, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such feature.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        feature: Feature = await self._get(id, query={"module": module})
        return feature

    async def user_licenses(self) -> Feature:
        """Return how many licences for users there are, are used and are left.

        Returns:
            The feature whose ``details`` hold the numbers, as Zoho sent it.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        licenses: Feature = await self._get("user_licenses")
        return licenses
