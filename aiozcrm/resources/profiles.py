"""Profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import Getting, Replacing, Updating, check_record_id, draft

__all__ = ["Profile", "ProfileDraft", "Profiles"]


class Profile(TypedDict):
    """What users may do. The permissions come only when it is read alone."""

    id: str
    name: str
    display_label: str
    custom: NotRequired[bool]
    type: NotRequired[str]
    description: NotRequired[str | None]
    permissions_details: NotRequired[list[dict[str, Any]]]
    sections: NotRequired[list[dict[str, Any]]]
    created_time: NotRequired[str | None]
    modified_time: NotRequired[str | None]
    created_by: NotRequired[dict[str, str] | None]
    modified_by: NotRequired[dict[str, str] | None]


class ProfileDraft(TypedDict, total=False):
    """What can be set on a profile; a clone takes name and description."""

    id: str
    name: str
    description: str | None
    permissions_details: list[dict[str, Any]]


class Profiles(Getting[Profile], Updating[ProfileDraft], Replacing):
    """What users may do. A new profile is a clone of another one.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-profiles.html
    - clone: https://www.zoho.com/crm/developer/docs/api/v7/create-profile.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-profile-permission.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/transfer-delete-profile.html

    Zoho changes one profile a call; users of a deleted one get the one in ``transfer_to``.
    Calls need the scope ``ZohoCRM.settings.profiles.ALL``, or the one of the operation.
    """

    path = "settings/profiles"
    key = "profiles"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.profiles.{operation}",)
    per_update: ClassVar[int | None] = None

    async def list(self, *, include_lite_profile: bool | None = None) -> Sequence[Profile]:
        """Return all profiles, without their permissions.

        Args:
            include_lite_profile: Whether to return those of lite users, too.

        Returns:
            The profiles, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"include_lite_profile": include_lite_profile})

    async def clone(self, id: str | int, item: ProfileDraft, /) -> Outcome:
        """Make a new profile with the permissions of another one.

        It is sent once: after a lost answer, look whether it is there.

        Args:
            id: The profile to copy.
            item: ``name`` and ``description`` of the new one.

        Returns:
            The outcome, ``created``, with the id of the new one.

        Raises:
            aiozcrm.errors.DuplicateDataError: If the name is taken.
            aiozcrm.errors.LimitExceededError: If the org has all the profiles that it may have.
            aiozcrm.errors.ZohoError: If it was not made, or that is not known (``maybe_done``).
        """
        return await self._act(
            "POST", check_record_id(id), "actions", "clone", items=[draft(item)], status="created"
        )
