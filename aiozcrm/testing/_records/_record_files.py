"""Files of a record that are no attachments: in fields, in mails, and made by mail merge."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiozcrm.testing._families._items import read_items
from aiozcrm.testing._records._attachments import check_parent
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._json import value_at
from aiozcrm.testing._wire._stored_file import StoredFile, hand_out

__all__ = ["RecordFiles"]

_MERGE: Final = "download_mail_merge"
_FORMATS: Final = ("pdf", "docx", "html")


class RecordFiles(Family):
    """Files in fields and mails of records.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._files: dict[tuple[str, ...], StoredFile] = {}
        #: The names of the templates for mail merge.
        self.templates: set[str] = {"Welcome letter"}

    def add(
        self,
        record_id: str,
        name: str = "offer.pdf",
        content: bytes | Path = b"%PDF-",
        *,
        message_id: str = "",
    ) -> str:
        """Put a file into a field or a mail, as somebody else would, and return its id.

        Args:
            record_id: The record.
            name: What the file is called.
            content: What is in it: bytes, or where it lies on this machine, for big ones.
            message_id: The mail; empty for a field.
        """
        file_id = self._database.new_id()
        self._files[record_id, message_id, file_id] = StoredFile(name=name, content=content)
        return file_id

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about these files."""
        mails = "/{module}/{id}/Emails/actions"
        lines = {
            "GET /{module}/{id}/actions/download_fields_attachment": self._from_field,
            f"GET {mails}/download_attachments": self._from_mail,
            f"GET {mails}/download_inline_images": self._from_mail,
            f"POST /{{module}}/{{id}}/actions/{_MERGE}": self._merge,
        }
        return tuple(
            Operation(line=line, run=run, verb="download", family="record_files")
            for line, run in lines.items()
        )

    def _from_field(self, call: Call) -> Answer:
        return self._hand_out(call, "", call.query["fields_attachment_id"])

    def _from_mail(self, call: Call) -> Answer:
        return self._hand_out(call, call.query["message_id"], call.query["id"])

    def _hand_out(self, call: Call, message_id: str, file_id: str) -> Answer:
        record_id = check_parent(self._database, call)
        file = self._files.get((record_id, message_id, file_id))
        if file is None or call.query.get("name", file.name) != file.name:
            return NO_CONTENT
        return hand_out(file, call.headers, ranges=self._database.context.dialect.ranges)

    def _merge(self, call: Call) -> Answer:
        record_id = check_parent(self._database, call)
        [item] = read_items(call, _MERGE, most=1)
        name = value_at(item, "mail_merge_template", "name")
        place = f"$.{_MERGE}[0].mail_merge_template.name"
        if name is None:
            message = "One of the expected fields is missing"
            raise rejected(400, "EXPECTED_FIELD_MISSING", message, json_path=place)
        kind = item.get("output_format", "pdf")
        if not isinstance(name, str) or name not in self.templates or kind not in _FORMATS:
            raise rejected(400, "INVALID_DATA", "invalid data", json_path=place)
        content = f"{name} for {record_id}".encode()
        file = StoredFile(name=f"{item.get('file_name', 'download')}.{kind}", content=content)
        return hand_out(file, {}, ranges=False)
