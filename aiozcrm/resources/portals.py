"""Portals, their types of users, and their users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm._protocol import check_record_id
from aiozcrm.batch import Batch, BatchReport, Chunk, Inputs, OnOutcome, Outcome, Rows
from aiozcrm.errors import NotFoundError
from aiozcrm.resources._behaviours import (
    Creating,
    Deleting,
    DeletingMany,
    Getting,
    Listing,
    Updating,
    filters_text,
)

__all__ = [
    "Portal",
    "PortalDraft",
    "PortalUser",
    "PortalUserKind",
    "PortalUserType",
    "PortalUserTypeDraft",
    "PortalUserTypes",
    "PortalUsers",
    "Portals",
]

PortalUserKind = Literal[
    "AllUsers",
    "AllActiveUsers",
    "ActiveUsers",
    "DeactiveUsers",
    "NotConfirmedUsers",
    "ConfirmedUsers",
    "ActiveConfirmedUsers",
]


class Portal(TypedDict):
    """A portal for the org's customers. It has a name and no id."""

    name: str
    active: bool
    zaid: NotRequired[str]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]
    modified_by: NotRequired[dict[str, str]]


class PortalDraft(TypedDict, total=False):
    """What can be set on a portal: its name, of letters and digits."""

    name: str
    active: bool


class PortalUserType(TypedDict):
    """What a kind of users of a portal sees, and may do."""

    id: str
    name: str
    active: bool
    personality_module: dict[str, str]
    default: NotRequired[bool]
    no_of_users: NotRequired[int]
    modules: NotRequired[list[dict[str, Any]]]


class PortalUserTypeDraft(TypedDict, total=False):
    """What can be set on a type of users. Notes have to be among the modules."""

    name: str
    active: bool
    personality_module: dict[str, str]
    modules: list[dict[str, Any]]


class PortalUser(TypedDict):
    """A customer with access to a portal."""

    personality_id: str
    name: str
    email: str
    active: bool
    confirm: bool
    module: NotRequired[str]
    invited_time: NotRequired[str]
    status_reason__s: NotRequired[str | None]


class PortalUsers(DeletingMany):
    """The users of one type of a portal. They are named by their ``personality_id``.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/get-users-user-type.html
    - transfer: https://www.zoho.com/crm/developer/docs/api/v7/transfer-users-del-user-type.html
    - change_status:
      https://www.zoho.com/crm/developer/docs/api/v7/change-user-status-portal.html
    - delete_many: https://www.zoho.com/crm/developer/docs/api/v7/delete-user-from-portal.html

    To invite customers, see ``zoho.records(module).portal_invite``.
    Calls need the scope ``ZohoCRM.settings.clientportal.ALL``, or the one of the operation.
    """

    path = "settings/portals/{portal}/user_type/{user_type_id}/users"
    key = "users"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.clientportal.{operation}",)
    per_delete: ClassVar[int | None] = 100
    ids_as: ClassVar[str] = "personality_ids"

    async def list(
        self,
        *,
        type: PortalUserKind,
        filters: str | Mapping[str, Any] | None = None,
    ) -> Sequence[PortalUser]:
        """Return all users that match.

        Args:
            type: Which ones, such as ``AllUsers``. Zoho demands it.
            filters: Only those that meet these criteria, as Zoho's page writes them.

        Returns:
            The users, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"type": type, "filters": filters_text(filters)})

    async def transfer(
        self,
        ids: Inputs,
        /,
        *,
        transfer_to: str | int,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Give users another type, and account for every one.

        Args:
            ids: The users.
            transfer_to: The id of the type that they get.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the ids.
        """
        heir = check_record_id(transfer_to)

        async def send(chunk: Chunk[str]) -> list[Outcome]:
            # So spelt by Zoho, the path as well.
            query = {"personality_ids": chunk.rows, "transfer_To": heir}
            outcomes = await self._send_chunk(
                "POST",
                chunk.rows,
                "action",
                "transfer",
                query=query,
                status="updated",
                repeatable=True,
            )
            return [
                # An earlier send, whose answer was lost, may have transferred this user.
                Outcome(user.id, "in_doubt", user.attempts, user.error)
                if isinstance(user.error, NotFoundError) and user.error.maybe_done
                else user
                for user in outcomes
            ]

        rows = Rows(read=check_record_id, once=True, per_call=100)
        about = f"POST {self._path}/action/transfer"
        batch: Batch[str] = self._batch(
            send, rows, about=about, concurrency=concurrency, on_outcome=on_outcome
        )
        return await batch.report(ids)

    async def change_status(self, id: str | int, /, *, active: bool) -> Outcome:
        """Let a user into the portal, or keep one out.

        Args:
            id: The user.
            active: Whether the user may come in.

        Returns:
            The outcome, ``done``.

        Raises:
            aiozcrm.errors.AlreadyDoneError: If that is so already.
            aiozcrm.errors.ZohoError: If it was not changed, or that is not known
                (``maybe_done``).
        """
        action = "change_status"
        return await self._switch(
            "PUT", check_record_id(id), "actions", action, key=action, query={"active": active}
        )


class PortalUserTypes(
    Getting[PortalUserType],
    Creating[PortalUserTypeDraft],
    Updating[PortalUserTypeDraft],
    Deleting,
):
    """The types of users of a portal, at most 5 in the org.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-user-types.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-user-type.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-user-type.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-user-type.html

    Zoho names no number of types for a call, so one is sent at a time. A type with users cannot
    be deleted: transfer them first.
    Calls need the scope ``ZohoCRM.settings.clientportal.ALL``, or the one of the operation.
    """

    path = "settings/portals/{portal}/user_type"
    key = "user_type"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.clientportal.{operation}",)
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = None

    async def list(self, *, include: str | Sequence[str] | None = None) -> Sequence[PortalUserType]:
        """Return all types.

        Args:
            include: What else to tell.

        Returns:
            The types, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"include": include})

    def users(self, user_type_id: str | int, /) -> PortalUsers:
        """Return the users of a type.

        Args:
            user_type_id: The type.
        """
        own = check_record_id(user_type_id)
        return PortalUsers(self._api, **self._bound, user_type_id=own)


class Portals(Listing[Portal], Getting[Portal], Creating[PortalDraft], Updating[PortalDraft]):
    """The portals for the org's customers. Zoho cannot delete one.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-portals.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-portal.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-portal.html

    A portal is named by its name alone: that is the ``id`` of calls and outcomes. Zoho changes
    one a call.
    Calls need the scope ``ZohoCRM.settings.clientportal.ALL``, or the one of the operation.
    """

    path = "settings/portals"
    key = "portals"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.clientportal.{operation}",)
    named: bool = True
    named_as: ClassVar[str] = "name"
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = None

    def user_types(self, portal: str, /) -> PortalUserTypes:
        """Return the types of users of a portal.

        Args:
            portal: The name of the portal.

        Raises:
            aiozcrm.errors.InvalidInputError: If that cannot be a name.
        """
        return PortalUserTypes(self._api, portal=self._id(portal))
