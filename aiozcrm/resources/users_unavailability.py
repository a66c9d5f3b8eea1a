"""When users are away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import (
    Creating,
    Deleting,
    Updating,
    check_record_id,
    filters_text,
)

__all__ = ["Unavailability", "UnavailabilityDraft", "UsersUnavailability"]

Filters = str | Mapping[str, Any]


# "from" is a word of Python's, so no class can have it.
_From = TypedDict("_From", {"from": str})
_FromDraft = TypedDict("_FromDraft", {"from": str}, total=False)


class Unavailability(_From):
    """A time in which a user is away, from ``from`` to ``to``."""

    id: str
    user: dict[str, Any]
    to: str
    comments: NotRequired[str | None]
    service: NotRequired[str | None]
    title: NotRequired[str | None]
    all_day: NotRequired[bool]


class UnavailabilityDraft(_FromDraft, total=False):
    """What can be set; an update in bulk needs the ``id``, too.

    ``from`` and ``to`` are moments with an offset.
    """

    id: str
    user: dict[str, Any]
    to: str
    comments: str | None


class UsersUnavailability(Creating[UnavailabilityDraft], Updating[UnavailabilityDraft], Deleting):
    """When users are away.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-user-unavailability.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/post-user-unavailability.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-user-unavailability.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/del-user-unavailability.html

    Calls need the scope ``ZohoCRM.settings.users_unavailability.ALL``.
    """

    path = "settings/users_unavailability"
    key = "users_unavailability"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.users_unavailability.ALL",)

    async def list(
        self,
        *,
        include_inner_details: str | None = None,
        group_ids: Iterable[str | int] | None = None,
        role_ids: Iterable[str | int] | None = None,
        territory_ids: Iterable[str | int] | None = None,
        filters: Filters | None = None,
    ) -> Sequence[Unavailability]:
        """Return all times in which users are away.

        Args:
            include_inner_details: What else to tell of the user, such as ``user.zuid``.
            group_ids: Only users of these groups.
            role_ids: Only users with these roles.
            territory_ids: Only users of these territories.
            filters: Only those that meet these criteria, as Zoho's page writes them.

        Returns:
            What there is, as Zoho sent it.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(
            query={
                "include_inner_details": include_inner_details,
                "group_ids": _ids(group_ids),
                "role_ids": _ids(role_ids),
                "territory_ids": _ids(territory_ids),
                "filters": filters_text(filters),
            }
        )

    async def get(
        self,
        id: str | int,
        /,
        *,
        include_inner_details: str | None = None,
        filters: Filters | None = None,
    ) -> Unavailability:
        """Return one of them.

        Args:
            id: Its id.
            include_inner_details: As for :meth:`list`.
            filters: As for :meth:`list`.

        Returns:
            What there is, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is none.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        found: Unavailability = await self._get(
            id,
            query={
                "include_inner_details": include_inner_details,
                "filters": filters_text(filters),
            },
        )
        return found


def _ids(ids: Iterable[str | int] | None) -> list[str] | None:
    return None if ids is None else [check_record_id(each) for each in ids]
