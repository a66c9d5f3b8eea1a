"""The photos of records and of the org."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiozcrm.testing._families._items import succeeded
from aiozcrm.testing._records._attachments import check_parent
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, error_answer
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._stored_file import StoredFile, hand_out

__all__ = ["Photos"]

_MIB: Final = 1024 * 1024
_RECORD: Final = "/{module}/{id}/photo"
_ORG: Final = "/org/photo"

_KINDS: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")
_TOO_LARGE: Final = error_answer(
    415,
    "FILE_SIZE_MORE_THAN_ALLOWED_SIZE",
    "please check if the file size is in the correct range",
)
_NONE: Final = error_answer(400, "INVALID_DATA", "The request contains no file")
_SEVERAL: Final = error_answer(400, "INVALID_DATA", "The request contains more than one file")
_NO_PHOTO: Final = error_answer(415, "INVALID_DATA", "The file is of a wrong type")


class Photos(Family):
    """The photos of an org: one for each record, and its own.

    Args:
        database: All records.
    """

    _kept = ("_photos",)

    def __init__(self, database: Database) -> None:
        self._database = database
        self._photos: dict[str, StoredFile] = {}

    def add(self, record_id: str = "", content: bytes | Path = _KINDS[0]) -> str:
        """Put a photo there, as somebody else would, and return the id of its record.

        Args:
            record_id: The record; empty for the org.
            content: What is in it: bytes, or where it lies on this machine.
        """
        self._photos[record_id] = StoredFile(name="photo.png", content=content)
        return record_id

    def get(self, record_id: str = "") -> StoredFile:
        """Return a photo.

        Raises:
            KeyError: If there is none.
        """
        return self._photos[record_id]

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about photos."""
        return tuple(
            Operation(line=f"{method} {path}", run=run, verb=verb, family="photo")
            for path in (_RECORD, _ORG)
            for method, run, verb in (
                ("POST", self._upload, "upload"),
                ("GET", self._download, "download"),
                ("DELETE", self._delete, "delete"),
            )
        )

    def _upload(self, call: Call) -> Answer:
        owner = self._owner_of(call)
        files = call.files()
        if len(files) != 1:
            return _SEVERAL if files else _NONE
        content = files[0].content
        if len(content) > (10 * _MIB if owner else _MIB):
            return _TOO_LARGE
        if not content.startswith(_KINDS):
            return _NO_PHOTO
        self.add(owner, content)
        self._database.context.stats.note_done("upload", "photo", owner)
        return Answer(200, succeeded("photo uploaded successfully", {}))

    def _download(self, call: Call) -> Answer:
        photo = self._photos.get(self._owner_of(call))
        if photo is None:
            return NO_CONTENT
        return hand_out(photo, call.headers, ranges=self._database.context.dialect.ranges)

    def _delete(self, call: Call) -> Answer:
        owner = self._owner_of(call)
        if self._photos.pop(owner, None) is None:
            return error_answer(400, "INVALID_DATA", "There is no photo")
        self._database.context.stats.note_done("delete", "photo", owner)
        return Answer(200, succeeded("Photo deleted", {}))

    def _owner_of(self, call: Call) -> str:
        return check_parent(self._database, call) if "id" in call.params else ""
