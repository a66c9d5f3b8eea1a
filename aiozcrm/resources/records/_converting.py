"""Leads that become customers, quotes that become orders, and orders that become invoices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypedDict

import attr as attrs

from aiozcrm.batch import Outcome
from aiozcrm.errors import AlreadyDoneError
from aiozcrm.resources._results import object_of
from aiozcrm.resources.jobs import Job
from aiozcrm.resources.records._acting import few_ids
from aiozcrm.resources.records._mass import MassWriting
from aiozcrm.resources.records._queries import RecordT

__all__ = ["ConversionOptions", "ConvertingRecords"]

_NOTHING: Final[Mapping[str, Any]] = {}


class ConversionOptions(TypedDict, total=False):
    """What a lead may be joined with when it is converted.

    Attributes:
        Contacts: Contacts that match it.
        Accounts: Accounts that match it.
        module_preference: Which of the two Zoho would take.
        preference_field_matched_value: By which fields they match.
        modules_with_multiple_layouts: Modules of which the new records may have one of several
            layouts.
    """

    Contacts: list[dict[str, Any]] | None
    Accounts: list[dict[str, Any]] | None
    module_preference: dict[str, Any] | None
    preference_field_matched_value: dict[str, Any] | None
    modules_with_multiple_layouts: list[dict[str, Any]] | None


class ConvertingRecords(MassWriting[RecordT]):
    """Converts records."""

    async def conversion_options(self, id: str | int, /) -> ConversionOptions:
        """Return which contacts and accounts match a lead.

        https://www.zoho.com/crm/developer/docs/api/v7/lead-conversion-options.html

        Args:
            id: The lead.

        Returns:
            What there is, as Zoho sent it; empty if nothing matches.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such lead.
            aiozcrm.errors.RecordLockedError: If it is locked or not approved.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        name = "__conversion_options"
        found, reply = await self._read(self._id(id), name, key=name)
        if found is None:
            return {}
        options: ConversionOptions = object_of(found, reply, name)
        return options

    async def convert(self, id: str | int, item: Mapping[str, Any] = _NOTHING, /) -> Outcome:
        """Convert a lead into a contact, an account and a deal; or a quote or sales order.

        https://www.zoho.com/crm/developer/docs/api/v7/convert-lead.html and
        https://www.zoho.com/crm/developer/docs/api/v7/inventory-convert.html

        A lead that has been converted cannot be converted again, so the call is sent again after
        a lost answer. If it has worked by then, the outcome has no ``details``, since Zoho tells
        no more.

        Args:
            id: The lead, quote or sales order.
            item: How to convert it. Of a lead, all of it may be left out: ``Accounts`` and
                ``Contacts`` with the ``id`` of those to join, ``overwrite``, ``Deals`` with the
                fields of a new deal, ``assign_to``, ``carry_over_tags``, ``move_attachments_to``,
                ``notify_lead_owner``, ``notify_new_entity_owner``. Of a quote or sales order,
                ``convert_to``, as in ``{"convert_to": [{"module": {"api_name": "Invoices"}}]}``.

        Returns:
            The outcome, ``done``, with the id that was given. ``details`` have an object with
            ``id`` and ``name`` for each new record, by its module, and None for what was not
            made; or a ``job_id``, if Zoho has put it off.

        Raises:
            aiozcrm.errors.AlreadyDoneError: If it was converted before.
            aiozcrm.errors.DuplicateDataError: If a unique value exists already.
            aiozcrm.errors.InvalidDataError: If Zoho rejects a field, which the error names.
            aiozcrm.errors.RecordLockedError: If it is locked, or waits for approval or review.
            aiozcrm.errors.ZohoError: If it was not converted, or that is not known
                (``maybe_done``).
            TypeError: If *item* is no mapping, or holds what JSON does not know; nothing is sent.
        """
        if not isinstance(item, Mapping):
            raise TypeError(f"how to convert is a mapping, not {type(item).__name__}")
        own = self._id(id)
        outcome = await self._act(
            "POST",
            own,
            "actions",
            "convert",
            items=[item],
            done=(AlreadyDoneError,),
            repeatable=True,
            heavy=True,
        )
        return attrs.evolve(outcome, id=own)

    async def mass_convert(
        self,
        ids: Iterable[str | int],
        /,
        *,
        assign_to: Mapping[str, Any] | None = None,
        convert_to: Sequence[Mapping[str, Any]] | None = None,
        deals: Mapping[str, Any] | None = None,
        apply_assignment_threshold: bool | None = None,
        carry_over_tags: Sequence[Mapping[str, Any]] | None = None,
        move_attachments_to: Mapping[str, Any] | None = None,
        portal_user_type: Mapping[str, Any] | None = None,
        related_modules: Sequence[Mapping[str, Any]] | None = None,
    ) -> Job:
        """Convert up to 50 leads, quotes or sales orders in the background.

        https://www.zoho.com/crm/developer/docs/api/v7/mass-convert-lead.html and
        https://www.zoho.com/crm/developer/docs/api/v7/mass-inventory-convert.html

        It is sent once: after a lost answer nothing tells the job's id. Scope:
        ``ZohoCRM.mass_convert.CREATE``, or that of the module.

        Args:
            ids: The records.
            assign_to: Who gets what is made: ``{"id": ...}``. Leads need it.
            convert_to: Quotes and sales orders only: what they become, such as
                ``[{"module": {"api_name": "Invoices"}, "carry_over_tags": True}]``.
            deals: Leads only: the fields of the deal that each gets, such as ``Deal_Name``,
                ``Closing_Date`` and ``Stage``.
            apply_assignment_threshold: Leads only: whether limits of assignment rules count.
            carry_over_tags: Leads only: to which modules tags go along.
            move_attachments_to: Leads only: to which module attachments go along.
            portal_user_type: Leads only: the user type of the portal they are invited to.
            related_modules: Whose records go along.

        Returns:
            The job. One that has ended may have failed for some records. ``Failed_Count`` tells
            how many, or ``failed_count`` of quotes and sales orders.

        Raises:
            aiozcrm.errors.InvalidInputError: If there are none, more than 50, or an id is none;
                nothing is sent.
            aiozcrm.errors.ZohoError: If it was not started, or that is not known
                (``maybe_done``).
            TypeError: If the ids are one text; nothing is sent.
        """
        body = {
            "ids": few_ids("ids", ids, most=50),
            "assign_to": assign_to,
            "convert_to": convert_to,
            "Deals": deals,
            "apply_assignment_threshold": apply_assignment_threshold,
            "carry_over_tags": carry_over_tags,
            "move_attachments_to": move_attachments_to,
            "portal_user_type": portal_user_type,
            "related_modules": related_modules,
        }
        return await self._start_mass("mass_convert", body)

    def mass_convert_job(self, job_id: str | int, /) -> Job:
        """Return a job that :meth:`mass_convert` has started, perhaps in another process.

        https://www.zoho.com/crm/developer/docs/api/v7/mass-convert-status.html and
        https://www.zoho.com/crm/developer/docs/api/v7/mass-inventory-conversion-status-api.html

        Args:
            job_id: The ``id`` of the job.
        """
        return self._job("mass_convert", job_id)
