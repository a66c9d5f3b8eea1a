"""The related lists of a record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Literal

from aiozcrm._protocol import check_headers, check_record_id, plain_text
from aiozcrm.batch import Outcome, OutcomeStatus
from aiozcrm.errors import InvalidInputError, MissingFieldError
from aiozcrm.resources._api import Api
from aiozcrm.resources._behaviours import Deleting, Updating
from aiozcrm.resources.pages import Pages
from aiozcrm.resources.records._lists import names_of, since_header
from aiozcrm.resources.records._queries import Record

__all__ = ["RelatedRecords"]

#: The list whose rows are contacts with a role; what its answers name is not always the contact.
_ROLES: Final = "Contact_Roles"

_NOTHING: Final[Mapping[str, Any]] = {}


class RelatedRecords(Updating[Record], Deleting):
    """A related list of a record: to update one is to link it, to delete one is to unlink it.

    - list, get: https://www.zoho.com/crm/developer/docs/api/v7/get-related-records.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-related-records.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delink.html

    The same calls serve what has pages of its own behind
    https://www.zoho.com/crm/developer/docs/api/v7/:

    - external ids: get-related-records-ext, update-related-records-ext, delete-related-records-ext
    - ``Contact_Roles`` of a deal: get-contact-roles-of-a-specific-deal,
      add-contact-roles-to-a-specific-deal, remove-contact-role-from-a-specific-deal
    - ``Entity_Scores__s``: get-entity-scores
    - ``Appointments_Rescheduled_History__s``: get-appointments-rescheduled-history

    Zoho links and unlinks in a few lists only: campaigns with leads and contacts; products with
    leads, accounts, contacts, deals and price books; appointments with services; and the contact
    roles of a deal, whose rows have the ``id`` of the contact. The records themselves stay. A
    call takes 100.
    Calls need the scopes of both modules, or ``ZohoCRM.modules.ALL``.
    """

    path = "{module}/{record_id}/{related_list}"
    key = "data"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.modules.{operation}",)
    per_update: ClassVar[int | None] = 100
    per_delete: ClassVar[int | None] = 100
    updated_is: ClassVar[OutcomeStatus] = "linked"
    lists_names: ClassVar[bool] = True

    def __init__(
        self,
        api: Api,
        *,
        headers: Mapping[str, str],
        external_id: str | None = None,
        **bound: str,
    ) -> None:
        related_list = bound["related_list"]
        for name in (related_list, external_id or ""):
            if not isinstance(name, str):
                raise TypeError(f"a related list and a field have names, not {name!r}")
        if not related_list.strip() or not related_list.isprintable():
            raise InvalidInputError(f"{related_list!r} is not the API name of a related list.")
        related_list = plain_text(related_list)
        super().__init__(api, **bound)
        self.headers: Mapping[str, str] = headers
        named = headers.get("X-EXTERNAL", "")
        if external_id is not None:
            external_id = plain_text(external_id)
            dotted = external_id if "." in external_id else f"{related_list}.{external_id}"
            if not dotted.rpartition(".")[2].strip():
                raise InvalidInputError(f"{external_id!r} is not the API name of a field.")
            named = f"{named},{dotted}" if named else dotted
            self.headers = check_headers({"X-EXTERNAL": named})
            self.id_key: str = dotted.rpartition(".")[2]
        # With several names, or one of its own, the field of the other module is among them.
        self._external: bool = external_id is not None or "," in named
        self.named: bool = self._external or related_list == _ROLES

    def _id(self, id: object) -> str:
        return super()._id(id) if self._external else check_record_id(id)

    async def list(
        self,
        *,
        fields: Sequence[str],
        ids: Sequence[str | int] | None = None,
        sort_by: Literal["id", "Created_Time", "Modified_Time"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        converted: Literal["true", "false", "both"] | bool | None = None,
        if_modified_since: str | dt.datetime | None = None,
    ) -> Sequence[Record]:
        """Return all records of the list, from as many pages as it takes.

        Args:
            fields: As for :meth:`iter`.
            ids: As for :meth:`iter`.
            sort_by: As for :meth:`iter`.
            sort_order: As for :meth:`iter`.
            converted: As for :meth:`iter`.
            if_modified_since: As for :meth:`iter`.

        Returns:
            The records, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        found = self.iter(
            fields=fields,
            ids=ids,
            sort_by=sort_by,
            sort_order=sort_order,
            converted=converted,
            if_modified_since=if_modified_since,
        )
        return [record async for record in found]

    def iter(
        self,
        *,
        fields: Sequence[str],
        ids: Sequence[str | int] | None = None,
        sort_by: Literal["id", "Created_Time", "Modified_Time"] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        converted: Literal["true", "false", "both"] | bool | None = None,
        if_modified_since: str | dt.datetime | None = None,
    ) -> Pages[Record]:
        """Yield one record of the list after the other, and read the next page meanwhile.

        Args:
            fields: API names of the fields to read, at most 50; Zoho insists on some.
            ids: Only these records.
            sort_by: ``id``, ``Created_Time`` or ``Modified_Time``.
            sort_order: ``asc`` or ``desc``.
            converted: Leads only: ``false`` (the default), ``true`` or ``both``.
            if_modified_since: Only what has changed since this moment: an aware datetime, or text
                as Zoho writes it.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200 records. Where the list
            links many records with many, each has ``$member_info``, which tells of the link.

        Raises:
            aiozcrm.errors.InvalidInputError: If an argument cannot be right; nothing is sent.
            aiozcrm.errors.NotFoundError: If there is no such record.
            aiozcrm.errors.PaginationLimitError: If the list is longer than Zoho hands out.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        query = {
            "fields": names_of(fields),
            "ids": None if ids is None else [self._id(own) for own in ids],
            "sort_by": sort_by,
            "sort_order": sort_order,
            "converted": converted,
        }
        return self._iter(query=query, headers=since_header(if_modified_since))

    async def get(self, id: str | int, /, *, fields: Sequence[str] | None = None) -> Record:
        """Return one record of the list.

        Args:
            id: The related record; its external id if the list is bound to one.
            fields: API names of the fields to read; None for all.

        Returns:
            The record, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If the list has no such record.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        wanted = None if fields is None else names_of(fields)
        record: Record = await self._get(id, query={"fields": wanted})
        return record

    async def _update(
        self, id: object, changes: object, *, query: Mapping[str, Any] = _NOTHING
    ) -> Outcome:
        if changes == {}:
            # Many links have no fields of their own.
            changes = {self.id_key: self._id(id)}
        return await super()._update(id, changes, query=query)

    async def _delete(self, own: str, *, query: Mapping[str, Any] = _NOTHING) -> Outcome:
        try:
            return await super()._delete(own, query=query)
        except MissingFieldError as error:
            # That is how a deal says that a contact has no role there (any more).
            if error.maybe_done and "relation not found" in error.message.lower():
                return Outcome(own, "already_gone", error.attempts)
            raise
