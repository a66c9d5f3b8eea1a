"""Bulk read: the records of a module as a file.

Source: https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/create-job.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final

import attrs

from aiozcrm.testing._bulk._criteria import matcher_of
from aiozcrm.testing._bulk._jobs import BulkJob, BulkJobs, JobsFamily, check_callback
from aiozcrm.testing._bulk._table import zip_of
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import succeeded
from aiozcrm.testing._records import Records
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._store import Row
from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._schema._types import TO_USERS
from aiozcrm.testing._wire._answer import TOO_MANY_REQUESTS, Answer, RejectedError, error, rejected
from aiozcrm.testing._wire._call import Call, Operation
from aiozcrm.testing._wire._json import value_at
from aiozcrm.testing._wire._stored_file import StoredFile, hand_out

__all__ = ["BulkRead"]

_MOST_PAGES: Final = 500
_MOST_FIELDS: Final = 200
_MINUTE: Final = 60.0
#: What no bulk read takes.
_UNSUPPORTED: Final = frozenset({"Notes", "Attachments"})
_NOT_IN_FILES: Final = frozenset({"subform", "multiselectlookup", "fileupload", "imageupload"})
_TOKEN: Final = "bca6fba106357ae3b1ec{:06}"  # noqa: S105 (of pages)


@attrs.frozen(kw_only=True)
class _Rest:
    """What a page token stands for.

    Attributes:
        query: What was asked for.
        module: Of which module.
        fields: The columns.
        ids: The records that are left.
        page: The number of their page.
        until: When the token ends, in seconds since 1970.
    """

    query: Mapping[str, Any]
    module: Module
    fields: Sequence[str]
    ids: Sequence[str]
    page: int
    until: float


class BulkRead(JobsFamily):
    """The bulk reads of an org.

    Args:
        context: The org.
        records: Its records.
    """

    def __init__(self, context: OrgContext, records: Records) -> None:
        words = ("ADDED", "QUEUED", "IN PROGRESS")
        super().__init__(context, BulkJobs(context, context.ids(501001), words))
        self._database: Database = records.database
        self._rests: dict[str, _Rest] = {}
        self._tokens = count(1)
        self._downloads: list[float] = []

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about bulk reads."""
        scopes = ("ZohoCRM.bulk.READ", "ZohoCRM.bulk.ALL")
        return tuple(
            Operation(line=line, run=run, verb=verb, family="bulk_read", scopes=scopes)
            for line, run, verb in (
                ("POST /read", self._create, "create"),
                ("GET /read/{job_id}", self._get, "get"),
                ("GET /read/{job_id}/result", self._download, "download"),
            )
        )

    def _create(self, call: Call) -> Answer:
        if "json" not in call.headers.get("Content-Type", ""):
            raise rejected(415, "MEDIA_TYPE_NOT_SUPPORTED", "Media type is not supported.")
        given = call.data
        query = value_at(given, "query")
        if not isinstance(query, dict):
            raise rejected(400, "REQUEST_BODY_NOT_READABLE", "The body cannot be read")
        callback = check_callback(given)
        file_type = given.get("file_type", "csv")
        rest = self._rest_of(query) if "page_token" in query else self._read(query, file_type)
        job = self._run(rest, file_type, callback)
        self._context.stats.note_done("create", "bulk_read", job.id)
        names = ("id", "operation", "created_by", "created_time")
        details = {**{name: job.told[name] for name in names}, "state": "ADDED"}
        told = succeeded("Added successfully.", details, code="ADDED_SUCCESSFULLY")
        return Answer(201, {"data": [told], "info": {}})

    def _rest_of(self, query: Mapping[str, Any]) -> _Rest:
        rest = self._rests.get(str(query["page_token"]))
        if rest is None or rest.until < self._context.wall() or len(query) > 1:
            raise rejected(400, "INVALID_REQUEST", "The page token is not valid", name="page_token")
        return rest

    def _read(self, query: Mapping[str, Any], file_type: object) -> _Rest:
        """Return what is asked for, from the page that is asked for."""
        name = value_at(query, "module", "api_name")
        module = self._context.schema.find(str(name))
        if module is None or module.api_name in _UNSUPPORTED:
            code = "MODULE_NOT_AVAILABLE" if module is None else "MODULE_NOT_SUPPORTED"
            raise rejected(400, code, "The module is not supported", api_name=name)
        if file_type not in ("csv", "ics") or (file_type == "ics" and name != "Events"):
            raise rejected(400, "INVALID_REQUEST", "The file type is not supported")
        page = query.get("page", 1)
        if not isinstance(page, int) or isinstance(page, bool) or not 1 <= page <= _MOST_PAGES:
            raise rejected(400, "PAGE_RANGE_EXCEEDED", "Page range exceeded", max_limit=_MOST_PAGES)
        ids = [row["id"] for row in self._rows(query, module)]
        return _Rest(
            query=self._told_query(query, module),
            module=module,
            fields=self._columns(query, module),
            ids=ids[(page - 1) * self._context.limits.bulk_rows :],
            page=page,
            until=0.0,
        )

    def _rows(self, query: Mapping[str, Any], module: Module) -> Iterator[Row]:
        store = self._database.store(module.api_name)
        matches: list[Callable[[Row], bool]] = []
        if "criteria" in query:
            matches.append(matcher_of(self._database, module, query["criteria"]))
        if "cvid" in query:
            view = store.views.get(str(query["cvid"]))
            if view is None:
                raise rejected(400, "CVID_NOT_SUPPORTED", "The view is not supported")
            matches.append(view)
        return (row for row in store.all() if all(fits(row) for fits in matches))

    def _columns(self, query: Mapping[str, Any], module: Module) -> list[str]:
        fields = query.get("fields")
        everything = [
            name for name, field in module.fields.items() if field.type not in _NOT_IN_FILES
        ]
        if not isinstance(fields, list | None):
            raise rejected(400, "INVALID_REQUEST", "The fields are no list", name="fields")
        # More than so many are everything, and nobody says so.
        if fields is None or len(fields) > _MOST_FIELDS:
            return everything
        for name in fields:
            first, dot, inner = str(name).partition(".")
            field = module.fields.get(first)
            known = first == "id" or (field is not None and field.type not in _NOT_IN_FILES)
            if not known or (dot and not self._leads_to(field, inner)):
                raise rejected(400, "FIELD_NOT_AVAILABLE", "The field is not available", name=name)
        return [name for name in dict.fromkeys(map(str, fields)) if name != "id"]

    def _leads_to(self, field: Field | None, inner: str) -> bool:
        if field is None or field.type in TO_USERS:
            return field is not None
        target = self._context.schema.find(field.lookup) if field.lookup else None
        return target is not None and inner in {*target.fields, "id"}

    def _told_query(self, query: Mapping[str, Any], module: Module) -> dict[str, Any]:
        """Return what the job says it was asked: not quite what was sent."""
        told = {**query, "module": module.reference, "page": query.get("page", 1)}
        if "criteria" in query:
            told["criteria"] = {"group": [query["criteria"]], "group_operator": "and"}
        return told

    def _run(self, rest: _Rest, file_type: object, callback: Mapping[str, Any]) -> BulkJob:
        job_id, failure = self._jobs.next_id(), self._jobs.take_failure()
        store = self._database.store(rest.module.api_name)
        page = rest.ids[: self._context.limits.bulk_rows]
        rows = [store.rows[own] for own in page if own in store.rows]
        told = {
            "id": job_id,
            "operation": "read",
            "query": {**rest.query, "page": rest.page},
            "created_by": self._context.user,
            "created_time": self._context.now(),
            "file_type": file_type,
            **callback,
        }
        job = BulkJob(
            id=job_id,
            started=self._context.wall(),
            told=told,
            ended={"result": self._result(job_id, rest, len(rows), failure)},
            file=None if failure else self._file(job_id, rest, rows, file_type),
            failed=bool(failure),
        )
        self._add(job)
        return job

    def _result(self, job_id: str, rest: _Rest, rows: int, failure: str) -> dict[str, Any]:
        """Return what a job has come to, and how to read on."""
        if failure:
            return {"error_message": error(failure, "Internal server error occurred.", {})}
        limits = self._context.limits
        most, more = limits.bulk_rows, len(rest.ids) > limits.bulk_rows
        result = {
            "page": rest.page,
            "per_page": most,
            "count": rows,
            "download_url": f"/crm/bulk/v7/read/{job_id}/result",
            "more_records": more,
        }
        if not more:
            return result
        token = _TOKEN.format(next(self._tokens))
        until = self._context.wall() + limits.page_token_lifetime
        self._rests[token] = attrs.evolve(
            rest, ids=rest.ids[most:], page=rest.page + 1, until=until
        )
        return {**result, "next_page_token": token}

    def _file(self, job_id: str, rest: _Rest, rows: Sequence[Row], file_type: object) -> StoredFile:
        dialect = self._context.dialect
        lines = [[dialect.bulk_id, *rest.fields]]
        for row in rows:
            columns = (name.partition(".") for name in rest.fields)
            cells = [self._cell(row, rest.module, name, inner) for name, _, inner in columns]
            lines.append([row["id"], *cells])
        if dialect.bulk_id_last:
            lines = [[*line[1:], line[0]] for line in lines]
        content = zip_of(
            f"{job_id}.{file_type}",
            lines,
            line_end="\r\n" if dialect.bulk_line_end == "crlf" else "\n",
            bom=dialect.bulk_bom,
        )
        return StoredFile(name=f"{job_id}.zip", content=content)

    def _cell(self, row: Row, module: Module, name: str, inner: str) -> str:
        """Return a value as the file has it; *inner* leads into what a lookup leads to."""
        field = module.fields[name]
        value = self._database.value_of(row, field, module)
        if not inner:
            return _text_of(value, self._context.dialect.bulk_separator)
        if not isinstance(value, dict):
            return ""
        if field.type in TO_USERS:
            return _text_of(self._database.users.get(value["id"]).get(inner), "")
        other = self._database.store(field.lookup)
        target = other.rows.get(value["id"])
        return "" if target is None else self._cell_of_other(target, other.module, inner)

    def _cell_of_other(self, row: Row, module: Module, name: str) -> str:
        return str(row["id"]) if name == "id" else self._cell(row, module, name, "")

    def _get(self, call: Call) -> Answer:
        return Answer(200, self._shown(*self._jobs.ask(call.params["job_id"])))

    def _shown(self, job: BulkJob, word: str) -> Mapping[str, Any]:
        ended = {"state": "FAILURE" if job.failed else "COMPLETED", **job.ended}
        return {"data": [{**job.told, **({"state": word} if word else ended)}]}

    def _download(self, call: Call) -> Answer:
        file = self._jobs.file(call.params["job_id"])
        now = self._context.wall()
        if not self._downloads or now >= self._downloads[0] + _MINUTE:
            self._downloads = []
        self._downloads.append(now)
        if len(self._downloads) > self._context.limits.bulk_downloads:
            # All of them fail until the minute is over.
            raise RejectedError(TOO_MANY_REQUESTS)
        return hand_out(file, call.headers, ranges=self._context.dialect.ranges)


def _text_of(value: Any, separator: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return str(value.get("id", ""))
    if isinstance(value, list):
        names = [
            str(each.get("name", "")) if isinstance(each, dict) else str(each) for each in value
        ]
        of_tags = bool(value) and isinstance(value[0], dict)
        return ("," if of_tags else separator).join(names)
    return str(value)
