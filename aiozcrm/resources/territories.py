"""Territories."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.batch import GONE, BatchReport, Inputs, OnOutcome, Outcome
from aiozcrm.errors import DuplicateDataError
from aiozcrm.resources._behaviours import (
    Creating,
    Deleting,
    Getting,
    Joining,
    Listing,
    Pages,
    Removing,
    Updating,
    check_record_id,
    draft,
    filters_text,
)

__all__ = ["Territories", "Territory", "TerritoryDraft", "TerritoryUsers"]


class Territory(TypedDict):
    """A part of the org's customers. Criteria are there only if their rule is on."""

    id: str
    name: str
    api_name: NotRequired[str]
    description: NotRequired[str | None]
    manager: NotRequired[dict[str, str] | None]
    reporting_to: NotRequired[dict[str, str] | None]
    permission_type: NotRequired[str]
    lead_rule_criteria: NotRequired[dict[str, Any] | None]
    account_rule_criteria: NotRequired[dict[str, Any] | None]
    deal_rule_criteria: NotRequired[dict[str, Any] | None]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]
    modified_by: NotRequired[dict[str, str]]


class TerritoryDraft(TypedDict, total=False):
    """What can be set on a territory; an update in bulk needs the ``id``, too.

    A new one needs ``name``, ``reporting_to`` and ``permission_type``. A criterion has up to 25
    rules.
    """

    id: str
    name: str
    description: str | None
    manager: dict[str, str] | None
    reporting_to: dict[str, str]
    permission_type: Literal["read_only", "read_write_delete"]
    lead_rule_criteria: dict[str, Any] | None
    account_rule_criteria: dict[str, Any] | None
    deal_rule_criteria: dict[str, Any] | None


class TerritoryUsers(Joining, Listing[dict[str, Any]], Getting[dict[str, Any]], Deleting):
    """The users of a territory.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-user-territory.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/associate-users-territory.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/disassociate-users-territory.html

    ``update`` adds a user, ``delete`` takes one out of the territory.
    Calls need the scopes ``ZohoCRM.settings.territories.ALL`` and ``ZohoCRM.users.ALL``.
    """

    path = "settings/territories/{territory_id}/users"
    key = "users"
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.settings.territories.{operation}",
        "ZohoCRM.users.{operation}",
    )
    per_delete: ClassVar[int | None] = 100

    async def update(self, id: str | int, /) -> Outcome:
        """Add a user to the territory.

        Args:
            id: The user.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.DuplicateDataError: If the user is in it.
            aiozcrm.errors.ZohoError: If the user was not added, or that is not known
                (``maybe_done``).
        """
        own = check_record_id(id)
        return await self._act(
            "PUT", own, status="updated", done=(DuplicateDataError,), own=own, repeatable=True
        )

    async def update_many(
        self,
        items: Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Add many users to the territory, 100 a call, and account for every one.

        Args:
            items: ``{"id": ...}`` for each user.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the items.
        """
        batch = self._rows_with_ids(
            "PUT",
            status="updated",
            per_call=100,
            concurrency=concurrency,
            on_outcome=on_outcome,
            repeatable=True,
        )
        return await batch.report(items)


class Territories(Getting[Territory], Creating[TerritoryDraft], Updating[TerritoryDraft], Removing):
    """The parts that the org has divided its customers into.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/territories.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/add-territories.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-territories.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-territories.html
    - transfer_and_delete:
      https://www.zoho.com/crm/developer/docs/api/v7/transfer-delete-territories.html
    - child_territories: https://www.zoho.com/crm/developer/docs/api/v7/get-child-territories.html
    - associated_users_count:
      https://www.zoho.com/crm/developer/docs/api/v7/associated-user-count.html

    Zoho takes up to 10 territories a call. One with others below it cannot be deleted. To put
    records into territories, see ``zoho.records(module).assign_territories``.
    Calls need the scope ``ZohoCRM.settings.territories.ALL``, or the one of the operation.
    """

    path = "settings/territories"
    key = "territories"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.territories.{operation}",)
    per_create: ClassVar[int] = 10
    per_update: ClassVar[int | None] = 10
    per_delete: ClassVar[int | None] = 10

    def users(self, territory_id: str | int, /) -> TerritoryUsers:
        """Return the users of a territory.

        Args:
            territory_id: The territory.
        """
        return TerritoryUsers(self._api, territory_id=check_record_id(territory_id))

    def iter(
        self,
        *,
        filters: str | Mapping[str, Any] | None = None,
        include: str | Sequence[str] | None = None,
    ) -> Pages[Territory]:
        """Yield one territory after the other, and read the next page meanwhile.

        Args:
            filters: Only those that meet these criteria, as Zoho's page writes them.
            include: What else to tell, such as ``lead_rule_criteria``.

        Returns:
            An async iterator; its ``pages()`` yields one list a page.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return self._iter(query={"filters": filters_text(filters), "include": include})

    async def list(
        self,
        *,
        filters: str | Mapping[str, Any] | None = None,
        include: str | Sequence[str] | None = None,
    ) -> Sequence[Territory]:
        """Return all territories that match, from as many pages as it takes.

        Args:
            filters: As for :meth:`iter`.
            include: As for :meth:`iter`.

        Returns:
            The territories, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [territory async for territory in self.iter(filters=filters, include=include)]

    async def delete(self, id: str | int, /, *, delete_previous_forecasts: bool = False) -> Outcome:
        """Delete a territory.

        Args:
            id: The territory.
            delete_previous_forecasts: Whether to delete its forecasts, too.

        Returns:
            The outcome, ``deleted`` or ``already_gone``.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such territory.
            aiozcrm.errors.NotAllowedError: If there are others below it.
            aiozcrm.errors.ZohoError: If it was not deleted, or that is not known
                (``maybe_done``).
        """
        query = {"delete_previous_forecasts": delete_previous_forecasts}
        return await self._delete(check_record_id(id), query=query)

    async def delete_many(
        self,
        ids: Inputs,
        /,
        *,
        delete_previous_forecasts: bool = False,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Delete many territories, 10 a call, and account for every one.

        Args:
            ids: The ids. One that is given twice is deleted once.
            delete_previous_forecasts: Whether to delete their forecasts, too.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the ids.
        """
        query = {"delete_previous_forecasts": delete_previous_forecasts}
        return await self._deletion(concurrency, on_outcome, query=query).report(ids)

    def iter_delete_many(
        self,
        ids: Inputs,
        /,
        *,
        delete_previous_forecasts: bool = False,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Delete many territories and yield each outcome as soon as it is there.

        Args:
            ids: As for :meth:`delete_many`.
            delete_previous_forecasts: As for :meth:`delete_many`.
            concurrency: As for :meth:`delete_many`.
            on_outcome: As for :meth:`delete_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        query = {"delete_previous_forecasts": delete_previous_forecasts}
        return self._deletion(concurrency, on_outcome, query=query).stream(ids)

    async def transfer_and_delete(self, id: str | int, item: Mapping[str, Any], /) -> Outcome:
        """Hand over what a territory has to another one, then delete it.

        Args:
            id: The territory to delete.
            item: ``{"transfer_to_id": ..., "delete_previous_forecasts": False}``.

        Returns:
            The outcome, ``deleted`` or ``already_gone``.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such territory.
            aiozcrm.errors.ZohoError: If it was not deleted, or that is not known
                (``maybe_done``).
        """
        own, action = check_record_id(id), "transfer_and_delete"
        return await self._act(
            "POST",
            own,
            "actions",
            action,
            items=[draft(item)],
            status="deleted",
            done=GONE,
            done_as="already_gone",
            own=own,
            # A second send finds that there is nothing left to delete.
            repeatable=True,
        )

    async def transfer_and_delete_many(
        self,
        items: Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Hand over and delete many territories, 10 a call, and account for every one.

        Args:
            items: As for :meth:`transfer_and_delete`, each with the ``id`` of the territory.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the items.
        """
        batch = self._rows_with_ids(
            "POST",
            "actions",
            "transfer_and_delete",
            status="deleted",
            per_call=10,
            concurrency=concurrency,
            on_outcome=on_outcome,
            repeatable=True,
        )
        return await batch.report(items)

    def iter_child_territories(
        self, id: str | int, /, *, filters: str | Mapping[str, Any] | None = None
    ) -> Pages[Territory]:
        """Yield the territories below another one, one after the other.

        Args:
            id: The territory above.
            filters: Only those that meet these criteria, as Zoho's page writes them.

        Returns:
            An async iterator.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        query = {"filters": filters_text(filters)}
        return self._iter(check_record_id(id), "__child_territories", query=query)

    async def child_territories(
        self, id: str | int, /, *, filters: str | Mapping[str, Any] | None = None
    ) -> Sequence[Territory]:
        """Return the territories below another one.

        Args:
            id: The territory above.
            filters: As for :meth:`iter_child_territories`.

        Returns:
            The territories, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [one async for one in self.iter_child_territories(id, filters=filters)]

    async def associated_users_count(self) -> Sequence[dict[str, Any]]:
        """Return for each territory how many users it has.

        Returns:
            Dicts with ``territory`` and ``count``, a text, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        key = "associated_users_count"
        return await self._list("actions", key, key=key)
