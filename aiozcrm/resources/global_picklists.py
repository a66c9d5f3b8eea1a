"""Picklists that fields share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import (
    Creating,
    Deleting,
    Pages,
    Updating,
    check_record_id,
    draft,
)
from aiozcrm.resources._results import started_job
from aiozcrm.resources.jobs import Job

__all__ = ["GlobalPicklist", "GlobalPicklistDraft", "GlobalPicklists"]


class GlobalPicklist(TypedDict):
    """A picklist that fields share. Lists tell its values if they are to include them."""

    id: str
    api_name: str
    display_label: str
    actual_label: NotRequired[str]
    description: NotRequired[str | None]
    presence: NotRequired[bool]
    pick_list_values_sorted_lexically: NotRequired[bool]
    pick_list_values: NotRequired[list[dict[str, Any]]]
    used_in_modules: NotRequired[list[dict[str, Any]]]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]
    modified_by: NotRequired[dict[str, str]]


class GlobalPicklistDraft(TypedDict, total=False):
    """What can be set on a picklist. In an update, values with an ``id`` change.

    A picklist has up to 1,000 values that are used and 500 that are not; an update takes away
    one of them at most.
    """

    id: str
    display_label: str
    description: str | None
    pick_list_values_sorted_lexically: bool
    pick_list_values: list[dict[str, Any]]


class GlobalPicklists(Creating[GlobalPicklistDraft], Updating[GlobalPicklistDraft], Deleting):
    """Picklists that fields share. Zoho creates, changes and deletes one a call.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-global-picklist.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-global-picklists.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-global-picklist.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-global-picklist.html
    - replace_picklist_values:
      https://www.zoho.com/crm/developer/docs/api/v7/replace-global-picklist-options.html
    - replaced_values: https://www.zoho.com/crm/developer/docs/api/v7/gpl-replace-status.html
    - pick_list_values_associations:
      https://www.zoho.com/crm/developer/docs/api/v7/global-picklist-associations.html
    - associations:
      https://www.zoho.com/crm/developer/docs/api/v7/global-picklist-field-association.html

    Zoho deletes in the background: an outcome says ``deleted`` as soon as that is scheduled, with
    the ``job_id`` in its ``details``. No call tells the state of this job.
    Calls need the scope ``ZohoCRM.settings.global_picklist.ALL``, or the one of the operation.
    """

    path = "settings/global_picklists"
    key = "global_picklists"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.global_picklist.{operation}",)
    parts: ClassVar[tuple[str, ...]] = ("pick_list_values",)
    update_method = "PATCH"
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = None

    async def list(
        self,
        *,
        include: str | Sequence[str] | None = None,
        include_inner_details: str | None = None,
    ) -> Sequence[GlobalPicklist]:
        """Return all picklists.

        Args:
            include: What else to tell: ``pick_list_values``, ``used_in_modules`` or both.
            include_inner_details: What else to tell of modules, such as
                ``used_in_modules.plural_label``.

        Returns:
            The picklists, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        query = {"include": include, "include_inner_details": include_inner_details}
        return await self._list(query=query)

    async def get(
        self,
        id: str | int,
        /,
        *,
        include: str | Sequence[str] | None = None,
        include_inner_details: str | None = None,
    ) -> GlobalPicklist:
        """Return one picklist.

        Args:
            id: Its id.
            include: As for :meth:`list`.
            include_inner_details: As for :meth:`list`.

        Returns:
            The picklist, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such picklist.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        query = {"include": include, "include_inner_details": include_inner_details}
        picklist: GlobalPicklist = await self._get(id, query=query)
        return picklist

    async def replace_picklist_values(self, id: str | int, item: Mapping[str, Any], /) -> Job:
        """Replace a value by another one in all records, in the background.

        Args:
            id: The picklist.
            item: ``{"old_value": {"id": ...}, "new_value": {"id": ...}}``; a ``display_value``
                does as well as an id.

        Returns:
            The job. Zoho does not tell its state; :meth:`replaced_values` shows what it did.

        Raises:
            aiozcrm.errors.ZohoError: If it was not started, or that is not known
                (``maybe_done``).
        """
        action = "replace_picklist_values"
        outcome = await self._act(
            "POST",
            check_record_id(id),
            "actions",
            action,
            key=action,
            items=[draft(item)],
            # Once a value is replaced, nothing has it any more.
            repeatable=True,
        )
        job_id = started_job(outcome.details.get("job_id"), self._path)
        return Job(job_id, clock=self._api.clock)

    async def replaced_values(self, id: str | int, /) -> Sequence[dict[str, str]]:
        """Return which values of a picklist were replaced; none if there was no job.

        Args:
            id: The picklist.

        Returns:
            Dicts with ``display_value`` and ``actual_value``, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        own = check_record_id(id)
        return await self._list(own, "actions", "replaced_values", key="replaced_values")

    async def pick_list_values_associations(
        self, id: str | int, /, *, picklist_value_id: str | int | None = None
    ) -> Sequence[dict[str, Any]]:
        """Return where values of a picklist are used, such as in rules.

        Args:
            id: The picklist.
            picklist_value_id: Only where this value is used.

        Returns:
            Dicts with ``type`` and ``resources``, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        key = "pick_list_values_associations"
        query = {"picklist_value_id": picklist_value_id}
        return await self._list(check_record_id(id), "actions", key, key=key, query=query)

    def iter_associations(
        self, id: str | int, /, *, include_inner_details: str | None = None
    ) -> Pages[dict[str, Any]]:
        """Yield which fields use a picklist, one after the other.

        Args:
            id: The picklist.
            include_inner_details: What else to tell of modules.

        Returns:
            An async iterator.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        query = {"include_inner_details": include_inner_details}
        own = check_record_id(id)
        return self._iter(own, "actions", "associations", key="associations", query=query)

    async def associations(
        self, id: str | int, /, *, include_inner_details: str | None = None
    ) -> Sequence[dict[str, Any]]:
        """Return which fields use a picklist.

        Args:
            id: The picklist.
            include_inner_details: As for :meth:`iter_associations`.

        Returns:
            Dicts with ``field``, ``module`` and ``layouts``, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        pages = self.iter_associations(id, include_inner_details=include_inner_details)
        return [field async for field in pages]
