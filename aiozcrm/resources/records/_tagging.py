"""Tags of records."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from aiozcrm.batch import BatchReport, Inputs, OnOutcome, Outcome
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources.records._acting import ActingRecords
from aiozcrm.resources.records._queries import RecordT

__all__ = ["TaggingRecords"]


class TaggingRecords(ActingRecords[RecordT]):
    """Puts tags on records, and takes them off."""

    async def add_tags(
        self,
        id: str | int,
        /,
        *,
        tags: Sequence[str | Mapping[str, Any]],
        over_write: bool | None = None,
    ) -> Outcome:
        """Put tags on a record.

        https://www.zoho.com/crm/developer/docs/api/v7/add-tags.html

        Args:
            id: The record.
            tags: Names of tags; or objects with ``name`` or ``id``, and with ``color_code`` for a
                new one.
            over_write: Whether the tags that it has are taken off.

        Returns:
            The outcome, ``updated``; ``details["tags"]`` are all tags of the record afterwards.

        Raises:
            aiozcrm.errors.RecordLockedError: If the record is locked.
            aiozcrm.errors.ZohoError: If it was not tagged, or that is not known (``maybe_done``).
        """
        return await self._act_on_one("add_tags", id, _body(tags, over_write))

    async def add_tags_many(
        self,
        ids: Inputs,
        /,
        *,
        tags: Sequence[str | Mapping[str, Any]],
        over_write: bool | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Put tags on many records, 500 a call, and account for every one.

        Args:
            ids: The records. One that is given twice is tagged once.
            tags: As for :meth:`add_tags`.
            over_write: As for :meth:`add_tags`.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each record, in the order of the ids.

        Raises:
            aiozcrm.errors.InvalidInputError: If an id or tag cannot be one; nothing is sent.
        """
        batch = self._acting(
            "add_tags", _body(tags, over_write), concurrency=concurrency, on_outcome=on_outcome
        )
        return await batch.report(ids)

    def iter_add_tags_many(
        self,
        ids: Inputs,
        /,
        *,
        tags: Sequence[str | Mapping[str, Any]],
        over_write: bool | None = None,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Put tags on many records and yield each outcome as soon as it is there.

        Args:
            ids: As for :meth:`add_tags_many`.
            tags: As for :meth:`add_tags`.
            over_write: As for :meth:`add_tags`.
            concurrency: As for :meth:`add_tags_many`.
            on_outcome: As for :meth:`add_tags_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        batch = self._acting(
            "add_tags", _body(tags, over_write), concurrency=concurrency, on_outcome=on_outcome
        )
        return batch.stream(ids)

    async def remove_tags(
        self, id: str | int, /, *, tags: Sequence[str | Mapping[str, Any]]
    ) -> Outcome:
        """Take tags off a record.

        https://www.zoho.com/crm/developer/docs/api/v7/remove-tags.html

        Args:
            id: The record.
            tags: Names of tags, or objects with ``name`` or ``id``.

        Returns:
            The outcome, ``updated``; ``details["tags"]`` are the tags that are left.

        Raises:
            aiozcrm.errors.RecordLockedError: If the record is locked.
            aiozcrm.errors.ZohoError: If they were not taken off, or that is not known
                (``maybe_done``).
        """
        return await self._act_on_one("remove_tags", id, _body(tags))

    async def remove_tags_many(
        self,
        ids: Inputs,
        /,
        *,
        tags: Sequence[str | Mapping[str, Any]],
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Take tags off many records, 500 a call, and account for every one.

        Args:
            ids: The records. One that is given twice counts once.
            tags: As for :meth:`remove_tags`.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each record, in the order of the ids.

        Raises:
            aiozcrm.errors.InvalidInputError: If an id or tag cannot be one; nothing is sent.
        """
        batch = self._acting(
            "remove_tags", _body(tags), concurrency=concurrency, on_outcome=on_outcome
        )
        return await batch.report(ids)

    def iter_remove_tags_many(
        self,
        ids: Inputs,
        /,
        *,
        tags: Sequence[str | Mapping[str, Any]],
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Take tags off many records and yield each outcome as soon as it is there.

        Args:
            ids: As for :meth:`remove_tags_many`.
            tags: As for :meth:`remove_tags`.
            concurrency: As for :meth:`remove_tags_many`.
            on_outcome: As for :meth:`remove_tags_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        batch = self._acting(
            "remove_tags", _body(tags), concurrency=concurrency, on_outcome=on_outcome
        )
        return batch.stream(ids)


def _body(tags: Sequence[object], over_write: bool | None = None) -> dict[str, Any]:
    """Return what a call sends of tags.

    Raises:
        aiozcrm.errors.InvalidInputError: If there are none, or one cannot be a tag.
        TypeError: If one is of a wrong type.
    """
    if isinstance(tags, (str, bytes, Mapping)):
        raise TypeError(f"tags are many, not one {type(tags).__name__}: use a list")
    items = [{"name": tag} if isinstance(tag, str) else tag for tag in tags]
    for item in items:
        if not isinstance(item, Mapping):
            raise TypeError(f"a tag is text or a mapping, not {type(item).__name__}")
        if not str(item.get("id") or item.get("name") or "").strip():
            raise InvalidInputError("A tag has neither a name nor an id.")
    if not items:
        raise InvalidInputError("Name at least one tag.")
    return {"tags": items, **({} if over_write is None else {"over_write": over_write})}
