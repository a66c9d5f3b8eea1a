"""The file system of an org: files that wait to be attached to something."""

from __future__ import annotations

import hashlib
from itertools import count
from pathlib import Path
from typing import Final

import attrs

from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import succeeded
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, error_answer
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._stored_file import StoredFile, hand_out

__all__ = ["TOO_LARGE", "UPLOAD_FAILED", "Files"]

_LARGEST: Final = 20 * 1024 * 1024
_MOST: Final = 10

UPLOAD_FAILED: Final = error_answer(
    400,
    "failure_in_attachment_handling",
    "Problem in uploading attachment. kindly upload the file properly",
)
TOO_LARGE: Final = error_answer(
    415,
    "FILE_SIZE_MORE_THAN_ALLOWED_SIZE",
    "Please check if the size of the file is in the correct range",
)
_TOO_MANY: Final = error_answer(
    400,
    "INVALID_REQUEST",
    "unable to process your request. please verify whether you have entered proper method name, "
    "parameter and parameter values.",
)


class Files(Family):
    """The files of an org that were uploaded for a later use.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        self._context = context
        self._files: dict[str, StoredFile] = {}
        self._numbers = count(1)

    @property
    def ids(self) -> list[str]:
        """The ids of the files that exist now, oldest first."""
        return list(self._files)

    def add(self, name: str = "offer.pdf", content: bytes | Path = b"%PDF-") -> str:
        """Add a file and return its id.

        Args:
            name: What it is called.
            content: What is in it: bytes, or where it lies on this machine, for big ones.
        """
        # No record id, but a long text.
        seed = f"{self._context.number}/{next(self._numbers)}"
        file_id = hashlib.sha256(seed.encode()).hexdigest()[:40]
        self._files[file_id] = StoredFile(name=name, content=content)
        return file_id

    def replace(self, file_id: str, content: bytes | Path) -> None:
        """Put something else into a file.

        Raises:
            KeyError: If there is none.
        """
        self._files[file_id] = attrs.evolve(self._files[file_id], content=content)

    def get(self, file_id: str) -> StoredFile:
        """Return a file.

        Raises:
            KeyError: If there is none.
        """
        return self._files[file_id]

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about files."""
        return (
            Operation(line="POST /files", run=self._upload, verb="upload", family="files"),
            Operation(line="GET /files", run=self._download, verb="download", family="files"),
        )

    def _upload(self, call: Call) -> Answer:
        files = call.files()
        if not files or not all(file.content for file in files):
            return UPLOAD_FAILED
        if len(files) > _MOST:
            return _TOO_MANY
        if any(len(file.content) > _LARGEST for file in files):
            return TOO_LARGE
        results = []
        for file in files:
            name = file.filename or ""
            details = {"name": name, "id": self.add(name, file.content)}
            results.append(succeeded(f"{name} uploaded Succeessfully", details))
            self._context.stats.note_done("upload", "files", details["id"])
        return Answer(200, {"data": results})

    def _download(self, call: Call) -> Answer:
        file = self._files.get(call.query["id"])
        if file is None:
            return NO_CONTENT
        return hand_out(file, call.headers, ranges=self._context.dialect.ranges)
