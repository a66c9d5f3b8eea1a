"""The notes of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, NotRequired, TypedDict

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import Creating, Deleting, Updating
from aiozcrm.resources.pages import Pages
from aiozcrm.resources.records._lists import names_of
from aiozcrm.resources.records._rows import record_of

__all__ = ["Note", "NoteDraft", "RecordNotes"]

_NOTHING: Final[Mapping[str, Any]] = {}


class Note(TypedDict):
    """A note, with the fields that were asked for."""

    id: str
    Note_Title: NotRequired[str | None]
    Note_Content: NotRequired[str | None]
    Parent_Id: NotRequired[dict[str, Any]]
    Owner: NotRequired[dict[str, str]]
    Created_Time: NotRequired[str]
    Modified_Time: NotRequired[str]


class NoteDraft(TypedDict, total=False):
    """What can be set on a note; an update in bulk needs the ``id``, too."""

    id: str
    Note_Title: str
    Note_Content: str


class RecordNotes(Creating[NoteDraft], Updating[NoteDraft], Deleting):
    """The notes of a record. Those of all records are ``zoho.records("Notes")``.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/get-notes.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-notes.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-notes.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-notes.html

    A call creates or changes 100 notes and deletes one. What an update answers in ``details`` has
    its keys in lower case, such as ``modified_time``.
    Calls need the scopes of the module and of notes, or ``ZohoCRM.modules.ALL``.
    """

    path = "{module}/{record_id}/Notes"
    key = "data"
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.modules.{operation}",
        "ZohoCRM.modules.notes.{operation}",
    )

    async def list(
        self, *, fields: Sequence[str], ids: Sequence[str | int] | None = None
    ) -> Sequence[Note]:
        """Return all notes of the record, from as many pages as it takes.

        Args:
            fields: As for :meth:`iter`.
            ids: As for :meth:`iter`.

        Returns:
            The notes, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [note async for note in self.iter(fields=fields, ids=ids)]

    def iter(self, *, fields: Sequence[str], ids: Sequence[str | int] | None = None) -> Pages[Note]:
        """Yield one note after the other, the oldest first unless the user has it otherwise.

        Args:
            fields: API names of the fields to read; Zoho insists on some.
            ids: Only these notes.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200 notes.

        Raises:
            aiozcrm.errors.InvalidInputError: If an argument cannot be right; nothing is sent.
            aiozcrm.errors.NotFoundError: If there is no such record.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        wanted = None if ids is None else [self._id(own) for own in ids]
        return self._iter(query={"fields": names_of(fields), "ids": wanted})

    async def _update(
        self, id: object, changes: object, *, query: Mapping[str, Any] = _NOTHING
    ) -> Outcome:
        own = self._id(id)
        # Zoho has no call for one note of a record, but this one.
        items = [{**record_of(changes), "id": own}]
        return await self._act(
            "PUT", items=items, status="updated", own=own, query=query, repeatable=True
        )
