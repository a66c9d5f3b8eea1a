"""Groups of users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.resources._behaviours import (
    Creating,
    Deleting,
    Getting,
    Pages,
    Updating,
    check_record_id,
    filters_text,
)

__all__ = ["UserGroup", "UserGroupDraft", "UserGroups"]


class UserGroup(TypedDict):
    """A group of users. Its sources come only when it is read alone."""

    id: str
    name: str
    description: NotRequired[str | None]
    sources_count: NotRequired[dict[str, Any]]
    sources: NotRequired[list[dict[str, Any]]]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]
    modified_by: NotRequired[dict[str, str]]


class UserGroupDraft(TypedDict, total=False):
    """What can be set on a group; an update in bulk needs the ``id``, too.

    A source is ``{"type": "users", "source": {"id": ...}}``; its type is ``users``, ``roles``,
    ``groups`` or ``territories``. ``"_delete": True`` takes one away.
    """

    id: str
    name: str
    description: str | None
    sources: list[dict[str, Any]]


class UserGroups(Getting[UserGroup], Creating[UserGroupDraft], Updating[UserGroupDraft], Deleting):
    """The groups of users.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-user-groups.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-user-group.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-user-group.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-user-group.html
    - sources: https://www.zoho.com/crm/developer/docs/api/v7/get-sources-by-type.html
    - sources_count: https://www.zoho.com/crm/developer/docs/api/v7/get-sources-count.html
    - associated_users_count:
      https://www.zoho.com/crm/developer/docs/api/v7/associated-user-count-user-group.html
    - associations: https://www.zoho.com/crm/developer/docs/api/v7/user-groups-associations.html

    Zoho names no number of groups for a call, so one is sent at a time. For the groups of a user,
    see ``zoho.users.associated_groups``.
    Calls need the scope ``ZohoCRM.settings.user_groups.ALL``, or the one of the operation.
    """

    path = "settings/user_groups"
    key = "user_groups"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.user_groups.{operation}",)
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = 1

    def iter(
        self,
        *,
        include: str | None = None,
        name: str | None = None,
        filters: str | Mapping[str, Any] | None = None,
    ) -> Pages[UserGroup]:
        """Yield one group after the other, and read the next page meanwhile.

        Args:
            include: What else to tell, such as ``sources_count``.
            name: Only those of this name.
            filters: Only those that meet these criteria, as Zoho's page writes them.

        Returns:
            An async iterator; its ``pages()`` yields one list a page.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        query = {"include": include, "name": name, "filters": filters_text(filters)}
        return self._iter(query=query)

    async def list(
        self,
        *,
        include: str | None = None,
        name: str | None = None,
        filters: str | Mapping[str, Any] | None = None,
    ) -> Sequence[UserGroup]:
        """Return all groups that match, from as many pages as it takes.

        Args:
            include: As for :meth:`iter`.
            name: As for :meth:`iter`.
            filters: As for :meth:`iter`.

        Returns:
            The groups, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [group async for group in self.iter(include=include, name=name, filters=filters)]

    def iter_sources(
        self,
        id: str | int,
        /,
        *,
        type: Literal["users", "roles", "groups", "territories"] | None = None,
        user_type: str | None = None,
    ) -> Pages[dict[str, Any]]:
        """Yield what a group consists of, one after the other.

        Args:
            id: The group.
            type: Only users, roles, groups or territories.
            user_type: Of users, only these, as for ``zoho.users.list``.

        Returns:
            An async iterator.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        query = {"type": type, "user_type": user_type}
        return self._iter(check_record_id(id), "sources", key="sources", query=query)

    async def sources(
        self,
        id: str | int,
        /,
        *,
        type: Literal["users", "roles", "groups", "territories"] | None = None,
        user_type: str | None = None,
    ) -> Sequence[dict[str, Any]]:
        """Return all that a group consists of.

        Args:
            id: The group.
            type: As for :meth:`iter_sources`.
            user_type: As for :meth:`iter_sources`.

        Returns:
            The sources, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [one async for one in self.iter_sources(id, type=type, user_type=user_type)]

    async def sources_count(self, id: str | int, /) -> Mapping[str, Any]:
        """Return how many users, roles, groups and territories a group consists of.

        Args:
            id: The group.

        Returns:
            A number for each type; for ``users`` one each for ``active``, ``inactive`` and
            ``deleted``. Nothing if Zoho tells of none.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        own = check_record_id(id)
        counts = await self._list(own, "actions", "sources_count", key="sources_count")
        return counts[0] if counts else {}

    def iter_associated_users_count(
        self, *, filters: str | Mapping[str, Any] | None = None
    ) -> Pages[dict[str, Any]]:
        """Yield for one group after the other how many users it has.

        Args:
            filters: Only for those that meet these criteria, as Zoho's page writes them.

        Returns:
            An async iterator.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        key = "associated_users_count"
        return self._iter("actions", key, key=key, query={"filters": filters_text(filters)})

    async def associated_users_count(
        self, *, filters: str | Mapping[str, Any] | None = None
    ) -> Sequence[dict[str, Any]]:
        """Return for each group how many users it has.

        Args:
            filters: As for :meth:`iter_associated_users_count`.

        Returns:
            Dicts with ``user_group`` and ``count``, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [one async for one in self.iter_associated_users_count(filters=filters)]

    async def associations(self, id: str | int, /) -> Sequence[dict[str, Any]]:
        """Return where a group is used, such as in rules.

        Args:
            id: The group.

        Returns:
            Dicts with ``type``, ``resource`` and details, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        own = check_record_id(id)
        return await self._list(own, "actions", "associations", key="associations")
