"""Roles."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.batch import BatchReport, Inputs, OnOutcome, Outcome
from aiozcrm.resources._behaviours import (
    Creating,
    Getting,
    Listing,
    Removing,
    Updating,
    check_record_id,
)

__all__ = ["Role", "RoleDraft", "Roles"]


class Role(TypedDict):
    """A role in the org's hierarchy."""

    id: str
    name: str
    display_label: str
    reporting_to: dict[str, str] | None
    share_with_peers: bool
    description: NotRequired[str | None]
    forecast_manager: NotRequired[dict[str, str] | None]
    created_by__s: NotRequired[dict[str, Any] | None]
    modified_by__s: NotRequired[dict[str, Any] | None]
    created_time__s: NotRequired[str | None]
    modified_time__s: NotRequired[str | None]


class RoleDraft(TypedDict, total=False):
    """What can be set on a role; an update in bulk needs the ``id``, too.

    ``reporting_to`` is the id of the role above, or an object with it.
    """

    id: str
    name: str
    reporting_to: str | dict[str, str]
    description: str | None
    share_with_peers: bool
    forecast_manager: dict[str, str]


class Roles(Listing[Role], Getting[Role], Creating[RoleDraft], Updating[RoleDraft], Removing):
    """The roles of the org's hierarchy.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-roles.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-role.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-role.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/transfer-users-and-delete-role.html

    Zoho creates and changes one role a call. Users of a deleted role get another one.
    Calls need the scope ``ZohoCRM.settings.roles.ALL``, or the one of the operation.
    """

    path = "settings/roles"
    key = "roles"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.roles.{operation}",)
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = 1

    async def delete(self, id: str | int, /, *, transfer_to_id: str | int) -> Outcome:
        """Delete a role.

        Args:
            id: Its id.
            transfer_to_id: The id of the role that its users get.

        Returns:
            The outcome, ``deleted`` or ``already_gone``.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such role.
            aiozcrm.errors.ZohoError: If it was not deleted, or that is not known
                (``maybe_done``).
        """
        query = {"transfer_to_id": check_record_id(transfer_to_id)}
        return await self._delete(self._id(id), query=query)

    async def delete_many(
        self,
        ids: Inputs,
        /,
        *,
        transfer_to_id: str | int,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Delete many roles, one a call, and account for every one.

        Args:
            ids: The ids. One that is given twice is deleted once.
            transfer_to_id: The id of the role that their users get.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the ids.
        """
        query = {"transfer_to_id": check_record_id(transfer_to_id)}
        return await self._deletion(concurrency, on_outcome, query=query).report(ids)

    def iter_delete_many(
        self,
        ids: Inputs,
        /,
        *,
        transfer_to_id: str | int,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Delete many roles and yield each outcome as soon as it is there.

        Args:
            ids: As for :meth:`delete_many`.
            transfer_to_id: As for :meth:`delete_many`.
            concurrency: As for :meth:`delete_many`.
            on_outcome: As for :meth:`delete_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        query = {"transfer_to_id": check_record_id(transfer_to_id)}
        return self._deletion(concurrency, on_outcome, query=query).stream(ids)
