"""What can be written of the records of a module: an account of every row."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from operator import attrgetter
from typing import Final, Unpack

from aiozcrm.batch import Batch, BatchReport, OnOutcome, Outcome, Rows
from aiozcrm.resources.records._deletions import DeletingRecords
from aiozcrm.resources.records._lists import names_of
from aiozcrm.resources.records._queries import RecordT, WriteOptions
from aiozcrm.resources.records._rows import (
    REPEATABLE,
    Row,
    UpsertRows,
    has_new_parts,
    reader_of_new,
    reader_of_updates,
    record_of,
)
from aiozcrm.resources.records._writes import ROWS_A_WRITE, Write

__all__ = ["WritingRecords"]

#: The field by which Zoho looks for the same record where none is named.
#: https://www.zoho.com/crm/developer/docs/api/v7/upsert-records.html
_SYSTEM_FIELDS: Final = {
    "Leads": "Email",
    "Contacts": "Email",
    "Accounts": "Account_Name",
    "Deals": "Deal_Name",
    "Campaigns": "Campaign_Name",
    "Cases": "Subject",
    "Quotes": "Subject",
    "Sales_Orders": "Subject",
    "Purchase_Orders": "Subject",
    "Invoices": "Subject",
    "Solutions": "Solution_Title",
    "Products": "Product_Name",
    "Vendors": "Vendor_Name",
    "Price_Books": "Price_Book_Name",
}

_name = attrgetter("name")
_keys = attrgetter("keys")
_lane = attrgetter("lane")


class WritingRecords(DeletingRecords[RecordT]):
    """What can be written of the records of a module."""

    external_id: str | None = None

    async def create(
        self, item: RecordT, /, *, key: str | None = None, **options: Unpack[WriteOptions]
    ) -> Outcome:
        """Create a record.

        Args:
            item: Its fields by their API names.
            key: As for :meth:`create_many`.
            options: What goes along with the call.

        Returns:
            The outcome, ``created``, with the new id.

        Raises:
            aiozcrm.errors.InvalidDataError: If Zoho rejects a field, which the error names.
            aiozcrm.errors.DuplicateDataError: If a unique value exists already.
            aiozcrm.errors.ZohoError: If it was not created, or that is not known
                (``maybe_done``).
            TypeError: If it is no mapping, or holds what JSON does not know; nothing is sent.
            ValueError: If it holds NaN or a datetime without an offset; nothing is sent.
        """
        row = reader_of_new(key)(item)
        write = Write("POST", "created", options, key=key)
        if key is not None:
            write.is_unique = key in await self._unique_fields()
        return await self._one_row(write, row)

    async def create_many(
        self,
        items: Iterable[RecordT] | AsyncIterable[RecordT],
        /,
        *,
        key: str | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
        **options: Unpack[WriteOptions],
    ) -> BatchReport:
        """Create many records, 100 a call, and account for every row.

        A call whose answer is lost is not sent again, since that could create its rows twice:
        they are ``in_doubt``, unless you name a *key*.

        Args:
            items: The records, from any iterable or async iterable.
            key: A field that has another value in each row. After a lost answer rows are looked
                up by it; where Zoho itself keeps the field unique, they are sent again.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.
            options: What goes along with every call.

        Returns:
            What became of each row, in their order.

        Raises:
            aiozcrm.errors.InvalidInputError: If a row of a list cannot be right; nothing is sent.
            TypeError: If a row of a list is no mapping; nothing is sent.
            ValueError: If a row of a list holds NaN or a datetime without an offset; nothing is
                sent.
        """
        return await self._creation(key, concurrency, on_outcome, options).report(items)

    def iter_create_many(
        self,
        items: Iterable[RecordT] | AsyncIterable[RecordT],
        /,
        *,
        key: str | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
        **options: Unpack[WriteOptions],
    ) -> AsyncGenerator[Outcome, None]:
        """Create many records and yield each outcome as soon as it is there.

        Args:
            items: As for :meth:`create_many`.
            key: As for :meth:`create_many`.
            concurrency: As for :meth:`create_many`.
            on_outcome: As for :meth:`create_many`.
            options: As for :meth:`create_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        return self._creation(key, concurrency, on_outcome, options).stream(items)

    def _creation(
        self,
        key: str | None,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
        options: WriteOptions,
    ) -> Batch[Row]:
        write = Write("POST", "created", options, key=key)

        async def prepare() -> None:
            if key is not None:
                write.is_unique = key in await self._unique_fields()

        rows = Rows(
            read=reader_of_new(key),
            name=_name,
            keys=None if key is None else _keys,
            lane=_lane,
            per_call=ROWS_A_WRITE,
        )
        return self._write_batch(write, rows, concurrency, on_outcome, prepare)

    async def update(
        self, id: str | int, changes: RecordT, /, **options: Unpack[WriteOptions]
    ) -> Outcome:
        """Change a record. Fields that are not given stay as they are.

        Args:
            id: Its id; its external id where records are bound to one.
            changes: Fields by their API names; None empties one. Rows of a subform without an id
                are appended to it.
            options: What goes along with the call.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such record.
            aiozcrm.errors.InvalidDataError: If Zoho rejects a field, which the error names.
            aiozcrm.errors.ConflictError: If it has changed since *if_unmodified_since*.
            aiozcrm.errors.ZohoError: If it was not changed, or that is not known
                (``maybe_done``).
        """
        own = self._id(id)
        given = {name: value for name, value in record_of(changes).items() if name != "id"}
        row = reader_of_new(None)(given)
        row.name = own
        if row.lane is not None and not has_new_parts(given):
            row.lane = REPEATABLE
        return await self._one_row(Write("PUT", "updated", options, own), row)

    async def update_many(
        self,
        items: Iterable[RecordT] | AsyncIterable[RecordT],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
        **options: Unpack[WriteOptions],
    ) -> BatchReport:
        """Change many records, 100 a call, and account for every row.

        Args:
            items: What to change, each with the ``id`` of its record. Those with the same id keep
                their order.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.
            options: What goes along with every call.

        Returns:
            What became of each row, in their order.

        Raises:
            aiozcrm.errors.InvalidInputError: If a row of a list has no id; nothing is sent.
        """
        return await self._change(concurrency, on_outcome, options).report(items)

    def iter_update_many(
        self,
        items: Iterable[RecordT] | AsyncIterable[RecordT],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
        **options: Unpack[WriteOptions],
    ) -> AsyncGenerator[Outcome, None]:
        """Change many records and yield each outcome as soon as it is there.

        Args:
            items: As for :meth:`update_many`.
            concurrency: As for :meth:`update_many`.
            on_outcome: As for :meth:`update_many`.
            options: As for :meth:`update_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        return self._change(concurrency, on_outcome, options).stream(items)

    def _change(
        self,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
        options: WriteOptions,
    ) -> Batch[Row]:
        rows = Rows(
            read=reader_of_updates(self.external_id),
            name=_name,
            keys=_keys,
            lane=_lane,
            per_call=ROWS_A_WRITE,
        )
        return self._write_batch(Write("PUT", "updated", options), rows, concurrency, on_outcome)

    async def upsert(
        self,
        item: RecordT,
        /,
        *,
        duplicate_check_fields: Sequence[str] | None = None,
        **options: Unpack[WriteOptions],
    ) -> Outcome:
        """Create a record, or change the one that is the same.

        Args:
            item: Its fields by their API names.
            duplicate_check_fields: As for :meth:`upsert_many`.
            options: What goes along with the call.

        Returns:
            The outcome, ``created`` or ``updated``.

        Raises:
            aiozcrm.errors.ZohoError: If neither was done, or that is not known
                (``maybe_done``).
        """
        rows = self._upsert_rows(duplicate_check_fields)
        row = rows.read(item)
        await rows.complete()
        write = Write("POST", None, options, "upsert", check_fields=duplicate_check_fields)
        return await self._one_row(write, row)

    async def upsert_many(
        self,
        items: Iterable[RecordT] | AsyncIterable[RecordT],
        /,
        *,
        duplicate_check_fields: Sequence[str] | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
        **options: Unpack[WriteOptions],
    ) -> BatchReport:
        """Create or change many records, 100 a call, and account for every row.

        Rows that share a value of a check field, or of another field that Zoho keeps unique,
        never travel together, and keep their order.

        Args:
            items: The records, from any iterable or async iterable.
            duplicate_check_fields: API names of the fields that tell which records are the same,
                in their order; None for the field that the module has for that.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.
            options: What goes along with every call.

        Returns:
            What became of each row, in their order; ``created``, ``updated`` or why not.

        Raises:
            aiozcrm.errors.InvalidInputError: If a row of a list cannot be right; nothing is sent.
        """
        batch = self._upsertion(duplicate_check_fields, concurrency, on_outcome, options)
        return await batch.report(items)

    def iter_upsert_many(
        self,
        items: Iterable[RecordT] | AsyncIterable[RecordT],
        /,
        *,
        duplicate_check_fields: Sequence[str] | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
        **options: Unpack[WriteOptions],
    ) -> AsyncGenerator[Outcome, None]:
        """Create or change many records and yield each outcome as soon as it is there.

        Args:
            items: As for :meth:`upsert_many`.
            duplicate_check_fields: As for :meth:`upsert_many`.
            concurrency: As for :meth:`upsert_many`.
            on_outcome: As for :meth:`upsert_many`.
            options: As for :meth:`upsert_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        batch = self._upsertion(duplicate_check_fields, concurrency, on_outcome, options)
        return batch.stream(items)

    def _upsert_rows(self, named: Sequence[str] | None) -> UpsertRows:
        if named is not None:
            return UpsertRows(names_of(named))
        return UpsertRows([_SYSTEM_FIELDS.get(self.module, "Name")])

    def _upsertion(
        self,
        named: Sequence[str] | None,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
        options: WriteOptions,
    ) -> Batch[Row]:
        known = self._upsert_rows(named)
        write = Write("POST", None, options, "upsert", check_fields=named)

        async def prepare() -> None:
            await known.complete(await self._unique_fields())

        rows = Rows(read=known.read, name=_name, keys=_keys, lane=_lane, per_call=ROWS_A_WRITE)
        return self._write_batch(write, rows, concurrency, on_outcome, prepare)

    async def clone(self, id: str | int, item: RecordT | None = None, /) -> Outcome:
        """Copy a record.

        https://www.zoho.com/crm/developer/docs/api/v7/record-clone.html

        Args:
            id: The record.
            item: Fields of the copy that are to differ. Unique ones have to.

        Returns:
            The outcome, ``created``, with the id of the copy.

        Raises:
            aiozcrm.errors.ZohoError: If it was not copied, or that is not known
                (``maybe_done``): it is never sent again after a lost answer.
        """
        items = None if item is None else [record_of(item)]
        return await self._act(
            "POST", self._id(id), "actions", "clone", items=items, status="created"
        )
