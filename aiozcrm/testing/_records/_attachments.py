"""The attachments of records, and other files that belong to one.

Source: https://www.zoho.com/crm/developer/docs/api/v7/upload-attachment.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from aiozcrm.testing._families._files import UPLOAD_FAILED
from aiozcrm.testing._families._items import answer_items, read_ids, succeeded
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._reading import Reading, asked_fields
from aiozcrm.testing._schema._field import ItemError
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, error_answer, rejected
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._stored_file import StoredFile, hand_out

__all__ = ["Attachments", "check_parent"]

_LARGEST: Final = 100 * 1024 * 1024
_MANY: Final = "/{module}/{id}/Attachments"
_ONE: Final = f"{_MANY}/{{attachment_id}}"
_LINK: Final = 3
_WRONG: Final = "the related id given seems to be invalid"

_TOO_LARGE: Final = error_answer(
    413,
    "FILE_SIZE_MORE_THAN_ALLOWED_SIZE",
    "Please check if the size of the file is in the correct range",
)
_BAD_URL: Final = error_answer(400, "INVALID_URL_PATTERN", "the given attachment URL is incorrect")
_IS_LINK: Final = error_answer(
    400, "DOWNLOAD_NOT_ALLOWED", "As it is a linked attachment, you can not download it"
)
_TOO_MANY: Final = error_answer(400, "INVALID_REQUEST", "unable to process your request.")


def check_parent(database: Database, call: Call) -> str:
    """Return the id of the record that a call is about.

    Raises:
        RejectedError: If there is no such module or record.
    """
    return database.record_of(call, said=_WRONG)[1]


@attrs.frozen(kw_only=True)
class _Attachment:
    """An attachment: a file, or a link.

    Attributes:
        id: Its id.
        module: The API name of the record's module.
        record_id: The record.
        file: What it holds; empty of a link.
        url: Where the link leads; None of a file.
        time: When it was attached.
    """

    id: str
    module: str
    record_id: str
    file: StoredFile
    url: str | None
    time: str


class Attachments(Family):
    """The attachments of all records of an org.

    Args:
        database: All records.
        reading: What reads pages.
    """

    _kept = ("_attachments",)

    def __init__(self, database: Database, reading: Reading) -> None:
        self._database = database
        self._reading = reading
        self._attachments: dict[str, _Attachment] = {}

    @property
    def ids(self) -> list[str]:
        """The ids of the attachments that exist now, oldest first."""
        return list(self._attachments)

    def add(
        self,
        record_id: str,
        name: str = "offer.pdf",
        content: bytes | Path = b"%PDF-",
        *,
        module: str = "Leads",
        url: str | None = None,
    ) -> str:
        """Attach a file or a link to a record, as somebody else would, and return its id.

        Args:
            record_id: The record.
            name: What it is called.
            content: What is in it: bytes, or where it lies on this machine, for big ones.
            module: The module of the record.
            url: Where it leads, if it is a link.
        """
        attachment = _Attachment(
            id=self._database.new_id(),
            module=module,
            record_id=record_id,
            file=StoredFile(name=name, content=content),
            url=url,
            time=self._database.context.now(),
        )
        self._attachments[attachment.id] = attachment
        return attachment.id

    def get(self, attachment_id: str) -> StoredFile:
        """Return the file of an attachment.

        Raises:
            KeyError: If there is none.
        """
        return self._attachments[attachment_id].file

    def of(self, record_id: str) -> list[str]:
        """Return the ids of the attachments of a record, oldest first."""
        return [each.id for each in self._attachments.values() if each.record_id == record_id]

    def remove(self, attachment_id: str) -> None:
        """Remove an attachment as somebody else would.

        Raises:
            KeyError: If there is none.
        """
        del self._attachments[attachment_id]

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about attachments."""
        lines = {
            f"GET {_MANY}": (self._list, "list"),
            f"POST {_MANY}": (self._upload, "upload"),
            f"DELETE {_MANY}": (self._delete_many, "delete"),
            f"GET {_ONE}": (self._download, "download"),
            f"DELETE {_ONE}": (self._delete, "delete"),
        }
        return tuple(
            Operation(line=line, run=run, verb=verb, family="attachments")
            for line, (run, verb) in lines.items()
        )

    def _list(self, call: Call) -> Answer:
        record_id = check_parent(self._database, call)
        fields, place = asked_fields(call, needed=True), self._reading.place_of(call)
        ids = self.of(record_id)[::-1]
        if named := call.query.get("ids"):
            ids = [each for each in ids if each in named.split(",")]
        shown = ids[place.start : place.start + place.size]
        if not shown:
            return NO_CONTENT
        data = [self._show(self._attachments[each], fields) for each in shown]
        more = place.start + place.size < len(ids)
        info = self._reading.info_of(call, place, len(shown), more=more)
        return Answer(200, {"data": data, "info": info})

    def _show(self, attachment: _Attachment, fields: Sequence[str]) -> Mapping[str, Any]:
        user, is_link = self._database.context.user, attachment.url is not None
        known = {
            "Owner": {**user, "email": "mira@bindery.example"},
            "Modified_Time": attachment.time,
            "File_Name": attachment.file.name,
            "Created_Time": attachment.time,
            # A text, whatever the page says.
            "Size": None if is_link else str(attachment.file.size),
            "Parent_Id": self._database.reference(attachment.module, attachment.record_id),
            "Modified_By": user,
            "Created_By": user,
            "$editable": True,
            "$file_id": None if is_link else attachment.file.etag.strip('"'),
            "$type": "Attachment",
            "$se_module": attachment.module,
            "$attachment_type": _LINK if is_link else 1,
            "$state": "save",
            "$link_url": attachment.url,
        }
        return {name: known[name] for name in fields if name in known} | {"id": attachment.id}

    def _upload(self, call: Call) -> Answer:
        record_id = check_parent(self._database, call)
        texts = {part.name: part.text for part in call.parts if part.filename is None}
        url = call.query.get("attachmentUrl") or texts.get("attachmentUrl")
        if url:
            if urlsplit(url).scheme not in {"http", "https"}:
                return _BAD_URL
            title = call.query.get("title") or texts.get("title")
            name, content = title or urlsplit(url).path.rpartition("/")[2] or url, b""
        else:
            files = call.files()
            if len(files) > 1:
                return _TOO_MANY
            if not files or not files[0].content:
                return UPLOAD_FAILED
            if len(call.body) > _LARGEST:
                return _TOO_LARGE
            name, content = files[0].filename or "", files[0].content
        made = self.add(record_id, name, content, module=call.params["module"], url=url)
        self._database.context.stats.note_done("create", "attachments", made, name)
        user, time = self._database.context.user, self._attachments[made].time
        details = {
            "Modified_Time": time,
            "Modified_By": user,
            "Created_Time": time,
            "id": made,
            "Created_By": user,
        }
        return Answer(200, {"data": [succeeded("attachment uploaded successfully", details)]})

    def _download(self, call: Call) -> Answer:
        attachment = self._find(call)
        if attachment.url is not None:
            return _IS_LINK
        ranges = self._database.context.dialect.ranges
        return hand_out(attachment.file, call.headers, ranges=ranges)

    def _find(self, call: Call) -> _Attachment:
        record_id = check_parent(self._database, call)
        found = self._attachments.get(call.params["attachment_id"])
        if found is None or found.record_id != record_id:
            status = 404 if call.method == "GET" else 400
            raise rejected(status, "INVALID_DATA", _WRONG, resource_path_index=3)
        return found

    def _delete(self, call: Call) -> Answer:
        return Answer(200, {"data": [self._drop(self._find(call).id)]})

    def _delete_many(self, call: Call) -> Answer:
        record_id = check_parent(self._database, call)

        def drop(_index: int, own: str) -> Mapping[str, Any]:
            if own not in self.of(record_id):
                raise ItemError("INVALID_DATA", _WRONG, {"id": own})
            return self._drop(own)

        return answer_items("data", read_ids(call, most=100), drop)

    def _drop(self, own: str) -> Mapping[str, Any]:
        self.remove(own)
        self._database.context.stats.note_done("delete", "attachments", own)
        return succeeded("record deleted", {"id": own})
