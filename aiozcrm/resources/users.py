"""Users."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.resources._behaviours import (
    Creating,
    Deleting,
    Getting,
    Joining,
    Listing,
    Pages,
    Running,
    Updating,
    check_record_id,
)
from aiozcrm.resources.jobs import Job

__all__ = ["User", "UserDraft", "UserTerritories", "UserTerritory", "UserType", "Users"]

UserType = Literal[
    "AllUsers",
    "ActiveUsers",
    "DeactiveUsers",
    "ConfirmedUsers",
    "NotConfirmedUsers",
    "DeletedUsers",
    "ActiveConfirmedUsers",
    "AdminUsers",
    "ActiveConfirmedAdmins",
    "CurrentUser",
]


class User(TypedDict):
    """A user of the org. Zoho sends more keys than these, and mixes their capitals."""

    id: str
    email: str
    full_name: str
    last_name: str
    first_name: NotRequired[str | None]
    role: NotRequired[dict[str, str]]
    profile: NotRequired[dict[str, str]]
    status: NotRequired[str]
    zuid: NotRequired[str | None]
    confirm: NotRequired[bool]
    time_zone: NotRequired[str | None]
    locale: NotRequired[str | None]
    language: NotRequired[str | None]
    created_time: NotRequired[str]
    Modified_Time: NotRequired[str]
    Reporting_To: NotRequired[dict[str, str] | None]


class UserDraft(TypedDict, total=False):
    """What can be set on a user; an update in bulk needs the ``id``, too."""

    id: str
    first_name: str
    last_name: str
    email: str
    role: str | dict[str, str]
    profile: str | dict[str, str]
    status: Literal["active", "inactive"]
    phone: str
    mobile: str
    website: str
    time_zone: str
    locale: str
    language: str
    Reporting_To: str | dict[str, str]


class UserTerritory(TypedDict):
    """A territory of a user, with capitals unlike those of other territories."""

    id: str
    Name: NotRequired[str]
    Manager: NotRequired[Any]
    Reporting_To: NotRequired[dict[str, str] | None]


class UserTerritories(
    Joining,
    Listing[UserTerritory],
    Getting[UserTerritory],
    Updating[dict[str, Any]],
    Deleting,
):
    """The territories of a user.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-user-territories.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/add-update-user-territories.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/remove-territories-from-user.html

    ``update_many`` adds the user to territories; nobody can change their own.
    Calls need the scopes ``ZohoCRM.users.ALL`` and ``ZohoCRM.settings.territories.ALL``.
    """

    path = "users/{user_id}/territories"
    key = "territories"
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.users.{operation}",
        "ZohoCRM.settings.territories.{operation}",
    )
    per_delete: ClassVar[int | None] = 100


class Users(Getting[User], Creating[UserDraft], Updating[UserDraft], Deleting, Running):
    """The users of the org.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-users.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/add-user.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-user.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-user.html
    - count: https://www.zoho.com/crm/developer/docs/api/v7/users-count.html
    - associated_groups:
      https://www.zoho.com/crm/developer/docs/api/v7/associated-groups-of-a-user.html
    - transfer_and_delete:
      https://www.zoho.com/crm/developer/docs/api/v7/transfer_records-delete_user.html
    - its state:
      https://www.zoho.com/crm/developer/docs/api/v7/transfer-records-delete-user-status.html

    Zoho creates and changes one user a call, and sends a new one an invitation.
    Calls need the scope ``ZohoCRM.users.ALL``, or the one of the operation.
    """

    path = "users"
    key = "users"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.users.{operation}",)
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = 1

    def iter(
        self,
        *,
        type: UserType | None = None,
        ids: Iterable[str | int] | None = None,
    ) -> Pages[User]:
        """Yield one user after the other, and read the next page meanwhile.

        Args:
            type: Only those of this type. ``CurrentUser`` is the user behind the token.
            ids: Only these, at most 100.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200 users.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        wanted = None if ids is None else [check_record_id(user) for user in ids]
        return self._iter(query={"type": type, "ids": wanted})

    async def list(
        self,
        *,
        type: UserType | None = None,
        ids: Iterable[str | int] | None = None,
    ) -> Sequence[User]:
        """Return all users that match, from as many pages as it takes.

        Args:
            type: As for :meth:`iter`.
            ids: As for :meth:`iter`.

        Returns:
            The users, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [user async for user in self.iter(type=type, ids=ids)]

    async def count(self, *, type: UserType | None = None) -> int:
        """Return how many users there are.

        Args:
            type: Only those of this type.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._count("actions", "count", query={"type": type})

    async def associated_groups(
        self, id: str | int, /, *, include: str | None = None
    ) -> Sequence[dict[str, Any]]:
        """Return all groups that a user is in.

        Args:
            id: The user.
            include: What else to tell.

        Returns:
            The groups, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        pages = self.iter_associated_groups(id, include=include)
        return [group async for group in pages]

    def iter_associated_groups(
        self, id: str | int, /, *, include: str | None = None
    ) -> Pages[dict[str, Any]]:
        """Yield one group of a user after the other.

        Args:
            id: The user.
            include: What else to tell.

        Returns:
            An async iterator.
        """
        return self._iter(
            check_record_id(id),
            "actions",
            "associated_groups",
            key="user_groups",
            query={"include": include},
        )

    def territories(self, user_id: str | int, /) -> UserTerritories:
        """Return the territories of a user.

        Args:
            user_id: The user.
        """
        return UserTerritories(self._api, user_id=check_record_id(user_id))

    async def transfer_and_delete(self, id: str | int, item: Mapping[str, Any], /) -> Job:
        """Hand over what a user owns, then delete the user, in the background.

        Args:
            id: The user to delete.
            item: Who gets what: ``transfer`` and ``move_subordinate``, as the page has them.

        Returns:
            The job.

        Raises:
            aiozcrm.errors.ZohoError: If the job could not be started; the class says why.
        """
        return await self._start_job("transfer_and_delete", [item], check_record_id(id))

    async def transfer_and_delete_many(self, items: Iterable[Mapping[str, Any]], /) -> Job:
        """Do the same with the user's id in the item. Zoho takes one item a call.

        Args:
            items: As for :meth:`transfer_and_delete`, with ``id``.

        Returns:
            The job.

        Raises:
            aiozcrm.errors.ZohoError: If the job could not be started; the class says why.
        """
        return await self._start_job("transfer_and_delete", [*items])

    def transfer_and_delete_job(self, job_id: str | int, /) -> Job:
        """Return a job that was started before, perhaps in another process."""
        return self._job("transfer_and_delete", job_id, key="transfer_and_delete")
