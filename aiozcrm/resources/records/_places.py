"""What belongs to one record of a module, each with calls of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from aiozcrm.resources._resource import Resource
from aiozcrm.resources.records._queries import RecordT
from aiozcrm.resources.records._reading import ReadingRecords

if TYPE_CHECKING:
    from aiozcrm.resources.records.attachments import Attachments
    from aiozcrm.resources.records.blueprint import RecordBlueprint
    from aiozcrm.resources.records.email_drafts import EmailDrafts
    from aiozcrm.resources.records.emails import RecordEmails
    from aiozcrm.resources.records.locking_information import LockingInformation
    from aiozcrm.resources.records.notes import RecordNotes
    from aiozcrm.resources.records.photo import RecordPhoto
    from aiozcrm.resources.records.related import RelatedRecords
    from aiozcrm.resources.records.share import RecordShare

__all__ = ["RecordPlaces"]

P = TypeVar("P", bound=Resource)


class RecordPlaces(ReadingRecords[RecordT]):
    """What belongs to one record of the module."""

    def related(
        self,
        record_id: str | int,
        related_list: str,
        /,
        *,
        external_id: str | None = None,
    ) -> RelatedRecords:
        """Return a related list of a record.

        Args:
            record_id: The record; its external id where records are bound to one.
            related_list: The API name of the list, such as ``Products`` or ``Contact_Roles``.
                It is not always that of a module.
            external_id: The field of the related module whose values are to stand for the ids of
                related records, with its module, as ``Products.External_Id``.

        Raises:
            aiozcrm.errors.InvalidInputError: If the record or the list cannot be named so.
        """
        from aiozcrm.resources.records.related import RelatedRecords  # noqa: PLC0415

        return RelatedRecords(
            self._api,
            module=self.module,
            record_id=self._id(record_id),
            related_list=related_list,
            headers=self.headers,
            external_id=external_id,
        )

    def notes(self, record_id: str | int, /) -> RecordNotes:
        """Return the notes of a record.

        Args:
            record_id: The record; its external id where records are bound to one.
        """
        from aiozcrm.resources.records.notes import RecordNotes  # noqa: PLC0415

        return self._at(RecordNotes, record_id)

    def attachments(self, record_id: str | int, /) -> Attachments:
        """Return the attachments of a record.

        Args:
            record_id: The record; its external id where records are bound to one.
        """
        from aiozcrm.resources.records.attachments import Attachments  # noqa: PLC0415

        return self._at(Attachments, record_id)

    def photo(self, record_id: str | int, /) -> RecordPhoto:
        """Return the photo of a record.

        Args:
            record_id: The record; its external id where records are bound to one.
        """
        from aiozcrm.resources.records.photo import RecordPhoto  # noqa: PLC0415

        return self._at(RecordPhoto, record_id, is_single=True)

    def email_drafts(self, record_id: str | int, /) -> EmailDrafts:
        """Return the drafts of emails of a record.

        Args:
            record_id: The record; its external id where records are bound to one.
        """
        from aiozcrm.resources.records.email_drafts import EmailDrafts  # noqa: PLC0415

        return self._at(EmailDrafts, record_id)

    def emails(self, record_id: str | int, /) -> RecordEmails:
        """Return the emails of a record.

        Args:
            record_id: The record; its external id where records are bound to one.
        """
        from aiozcrm.resources.records.emails import RecordEmails  # noqa: PLC0415

        return self._at(RecordEmails, record_id)

    def locking_information(self, record_id: str | int, /) -> LockingInformation:
        """Return the lock of a record.

        Args:
            record_id: The record; its external id where records are bound to one.
        """
        from aiozcrm.resources.records.locking_information import (  # noqa: PLC0415
            LockingInformation,
        )

        return self._at(LockingInformation, record_id)

    def share(self, record_id: str | int, /) -> RecordShare:
        """Return with whom a record is shared.

        Args:
            record_id: The record; its external id where records are bound to one.
        """
        from aiozcrm.resources.records.share import RecordShare  # noqa: PLC0415

        return self._at(RecordShare, record_id, is_single=True)

    def blueprint(self, record_id: str | int, /) -> RecordBlueprint:
        """Return where a record is in its process.

        Args:
            record_id: The record; its external id where records are bound to one.
        """
        from aiozcrm.resources.records.blueprint import RecordBlueprint  # noqa: PLC0415

        return self._at(RecordBlueprint, record_id, is_single=True)

    def _at(self, place: type[P], record_id: object, *, is_single: bool = False) -> P:
        """Return what belongs to a record.

        Args:
            place: What it is.
            record_id: The record.
            is_single: Whether a record has just one. Answers then name the record, by its id even
                where it was named by its external id.
        """
        made = place(self._api, module=self.module, record_id=self._id(record_id))
        if is_single:
            made.named = self.named
        made.headers = self.headers
        return made
