"""Bulk write: a file of rows into a module.

Source: https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/create-job.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from aiozcrm.testing._bulk._cells import value_of_cell
from aiozcrm.testing._bulk._jobs import BulkJob, BulkJobs, JobsFamily, check_callback
from aiozcrm.testing._bulk._table import read_zip, zip_of
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import succeeded
from aiozcrm.testing._records import Records
from aiozcrm.testing._records._store import Store
from aiozcrm.testing._schema._field import Field, ItemError
from aiozcrm.testing._schema._module import Module
from aiozcrm.testing._wire._answer import Answer, RejectedError, error, rejected, wrong_headers
from aiozcrm.testing._wire._call import Call, Operation
from aiozcrm.testing._wire._json import text_at, value_at
from aiozcrm.testing._wire._stored_file import StoredFile, hand_out

__all__ = ["BulkWrite"]

_LARGEST: Final = 25 * 1024 * 1024
_MOST_COLUMNS: Final = 200
_REPEATED: Final = 3
_OPERATIONS: Final = frozenset({"insert", "update", "upsert"})
_UNSUPPORTED: Final = frozenset({"Notes", "Attachments", "Events", "Calls"})
_COUNTS: Final[Mapping[str, str]] = {
    "ADDED": "added_count",
    "SKIPPED": "skipped_count",
    "UPDATED": "updated_count",
}
_RUNNING: Final = "INPROGRESS"


@attrs.frozen(kw_only=True)
class _Task:
    """What a job is to do.

    Attributes:
        operation: What to do with the rows.
        ignore_empty: Whether empty cells leave alone what is there.
        module: Into which module.
        find_by: The field by which records are found; empty if none are.
        rows: The rows of the file, each as wide as its header.
        mappings: What the columns are.
        name: What the file is called.
    """

    operation: str
    ignore_empty: bool
    module: Module
    find_by: str
    rows: Sequence[Sequence[str]]
    mappings: Sequence[Mapping[str, Any]]
    name: str


class BulkWrite(JobsFamily):
    """The bulk writes of an org.

    Args:
        context: The org.
        records: Its records.
        zgid: What file servers call it.
    """

    def __init__(self, context: OrgContext, records: Records, zgid: str) -> None:
        super().__init__(context, BulkJobs(context, context.ids(602001), ("ADDED", _RUNNING)))
        self._database = records.database
        self._records = records.writing
        self._zgid = zgid
        self._file_ids = context.ids(601001)
        self._files: dict[str, bytes] = {}

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about bulk writes."""
        result = "GET /v2/crm/{zgid}/bulk-write/{job_id}/{file_name}"
        return tuple(
            Operation(line=line, run=run, verb=verb, family="bulk_write")
            for line, run, verb in (
                ("POST /upload", self._upload, "upload"),
                ("POST /write", self._create, "create"),
                ("GET /write/{job_id}", self._get, "get"),
                (result, self._download, "download"),
            )
        )

    def _upload(self, call: Call) -> Answer:
        if call.headers.get("feature") != "bulk-write":
            raise wrong_headers(("feature", "X-CRM-ORG"))
        files = call.files()
        content = files[0].content if files else b""
        if len(content) > _LARGEST:
            raise rejected(413, "FILE_TOO_LARGE", "File size too large to process")
        if read_zip(content) is None:
            message = "invalid file format. only zip format is supported"
            raise rejected(400, "INVALID_FILE_FORMAT", message)
        file_id = next(self._file_ids)
        self._files[file_id] = content
        self._context.stats.note_done("upload", "bulk_write", file_id)
        details = {"file_id": file_id, "created_time": self._context.now()}
        return Answer(200, succeeded("file uploaded.", details, code="FILE_UPLOAD_SUCCESS"))

    def _create(self, call: Call) -> Answer:
        given = call.json_object()
        for name in ("operation", "resource"):
            if name not in given:
                message = f"required key {name} is not found in request body."
                raise rejected(400, "MISSING_REQUIRED_KEY", message, json_path=f"$.{name}")
        callback, resources = check_callback(given), given["resource"]
        if not isinstance(resources, list) or not resources:
            raise rejected(400, "INVALID_FORMAT", "The body is not valid", json_path="$.resource")
        if len(resources) > 1:
            message = "parents with children are known to Zoho, not to this fake"
            raise rejected(501, "NOT_IN_THIS_FAKE", message)
        task = self._task(given, resources[0])
        failure = self._jobs.take_failure()
        lines = [] if failure else list(self._run(call, task))
        told = {"operation": given["operation"], **callback}
        job_id = self._add_job(task, lines, told, failure)
        self._context.stats.note_done("create", "bulk_write", job_id)
        details = {"id": job_id, "created_by": self._context.user}
        return Answer(201, succeeded("success", details))

    def _add_job(
        self,
        task: _Task,
        lines: Sequence[Sequence[str]],
        told: Mapping[str, Any],
        failure: str,
    ) -> str:
        """Take on a job that has done its work, and return its id."""
        job_id, context = self._jobs.next_id(), self._context
        result = _result_of(task, lines, failure)
        link = f"{context.url()}/v2/crm/{self._zgid}/bulk-write/{job_id}/{job_id}.zip"
        ended = {"character_encoding": "UTF-8", "resource": [result]}
        job = BulkJob(
            id=job_id,
            started=context.wall(),
            told={
                **told,
                "id": job_id,
                "created_by": context.user,
                "created_time": context.now(),
                "resource": [_waiting(result)],
            },
            ended=ended if failure else {**ended, "result": {"download_url": link}},
            file=None if failure else self._file(job_id, task, lines),
            failed=bool(failure),
        )
        self._add(job)
        return job_id

    def _task(self, given: Mapping[str, Any], resource: Any) -> _Task:
        """Return what a job is to do.

        Raises:
            RejectedError: If Zoho would not understand it.
        """
        operation = given["operation"]
        if str(operation) not in _OPERATIONS or not isinstance(resource, dict):
            raise rejected(400, "INVALID_FORMAT", "The body is not valid")
        module = self._module(resource)
        find_by = str(resource.get("find_by") or "")
        if operation != "insert" and not find_by:
            message = "Required key find_by is not available"
            raise rejected(400, "MANDATORY_NOT_FOUND", message)
        if find_by not in {"", "id", *module.fields}:
            raise rejected(400, "INVALID_FIELD", "The field is not valid", api_name=find_by)
        [(name, [header, *rows])] = list(self._content(resource).items())
        if len(header) > _MOST_COLUMNS:
            raise rejected(400, "HEADER_LIMIT_EXCEEDED", "There are too many columns")
        if len(rows) > (most := self._context.limits.bulk_written):
            # The code is not documented.
            raise rejected(400, "LIMIT_EXCEEDED", "There are too many rows", limit=most)
        mappings = resource.get("field_mappings") or [
            {"api_name": column, "index": index} for index, column in enumerate(header)
        ]
        _check_columns(mappings, len(header))
        self._check_mappings(operation, module, mappings)
        return _Task(
            operation=operation,
            ignore_empty=bool(given.get("ignore_empty")),
            module=module,
            find_by=find_by,
            rows=[[*row, *[""] * len(header)][: len(header)] for row in rows if row],
            mappings=mappings,
            name=name,
        )

    def _module(self, resource: Mapping[str, Any]) -> Module:
        name = value_at(resource, "module", "api_name")
        module = self._context.schema.find(str(name))
        if module is None or module.api_name in _UNSUPPORTED:
            raise rejected(400, "MODULE_NOT_AVAILABLE", "The module is not available", name=name)
        return module

    def _content(self, resource: Mapping[str, Any]) -> Mapping[str, Sequence[Sequence[str]]]:
        """Return the CSV of a resource, by its name."""
        content = self._files.get(str(resource.get("file_id")))
        if content is None:
            raise rejected(400, "INVALID_FILE_ID", "improper file id")
        files = {name: rows for name, rows in (read_zip(content) or {}).items() if rows}
        wanted = resource.get("file_names") or [*files]
        if not isinstance(wanted, list) or len(wanted) != 1 or str(wanted[0]) not in files:
            raise rejected(400, "FILE_NOT_SUPPORTED", "The file is not supported")
        name = str(wanted[0])
        return {name: files[name]}

    def _check_mappings(
        self, operation: str, module: Module, mappings: Sequence[Mapping[str, Any]]
    ) -> None:
        names = {str(mapping.get("api_name")) for mapping in mappings}
        for name in names - {"id", "Layout", *module.fields}:
            raise rejected(400, "INVALID_FIELD_NAME", "The field is not valid", api_name=name)
        needed = {field.api_name for field in module.fields.values() if field.mandatory}
        if operation == "insert" and not needed <= names:
            message = "All mandatory fields are not mapped for the layout"
            raise rejected(400, "MANDATORY_FIELDS_NOT_MAPPED", message)

    def _run(self, call: Call, task: _Task) -> Iterator[list[str]]:
        """Write the rows, and yield what the file of results says of each."""
        store = self._database.store(task.module.api_name)
        repeated = [mapping["index"] for mapping in task.mappings if "index" in mapping]
        for cells in task.rows:
            told = self._write(call, task, store, cells)
            yield [*(cells[index] for index in repeated[:_REPEATED]), *told]

    def _write(
        self, call: Call, task: _Task, store: Store, cells: Sequence[str]
    ) -> tuple[str, str, str]:
        """Write a row, and return what became of it, its id and its errors."""
        item: dict[str, Any] = {}
        wrong: list[str] = []
        for mapping in task.mappings:
            name = mapping["api_name"]
            text = cells[mapping["index"]] if "index" in mapping else ""
            text = text or _default_of(mapping)
            if not text:
                if not task.ignore_empty and task.operation != "insert":
                    item[name] = None
                continue
            field = task.module.fields.get(name) or Field(api_name=name)
            try:
                item[name] = value_of_cell(self._database, field, text, mapping)
            except ValueError:
                wrong.append(f"INVALID_DATA-{name}")
        if wrong:
            return "SKIPPED", "", ":".join(wrong)
        return self._save(call, task, store, item)

    def _save(
        self, call: Call, task: _Task, store: Store, item: dict[str, Any]
    ) -> tuple[str, str, str]:
        own = item.pop("id", None)
        value = own if task.find_by == "id" else item.get(task.find_by)
        if task.find_by == "id":
            found = [own] if own in store.rows else []
        else:
            found = list(store.find(task.find_by, value)) if task.find_by and value else []
        if found and task.operation == "insert":
            return "SKIPPED", "", f"DUPLICATE_DATA-{task.find_by}"
        if not found and task.operation == "update":
            return "SKIPPED", "", f"RESOURCE_NOT_FOUND-{task.find_by}"
        try:
            if found:
                self._records.update_one(call, store, found[0], item, 0)
                return "UPDATED", found[0], ""
            return "ADDED", self._records.insert_one(store, item, 0)["id"], ""
        except ItemError as problem:
            return "SKIPPED", "", ":".join(_errors_of(problem))

    def _file(self, job_id: str, task: _Task, lines: Sequence[Sequence[str]]) -> StoredFile:
        repeated = [m["api_name"] for m in task.mappings if "index" in m][:_REPEATED]
        header = [*repeated, "STATUS", "RECORD_ID", "ERRORS"]
        ordered = lines[::-1] if self._context.dialect.bulk_results == "reversed" else lines
        content = zip_of(f"{task.module.api_name}-{task.name}", [header, *ordered])
        return StoredFile(name=f"{job_id}.zip", content=content)

    def _get(self, call: Call) -> Answer:
        return Answer(200, self._shown(*self._jobs.ask(call.params["job_id"])))

    def _shown(self, job: BulkJob, word: str) -> Mapping[str, Any]:
        if word:
            return {"status": word, **job.told}
        return {"status": "FAILED" if job.failed else "COMPLETED", **job.told, **job.ended}

    def _download(self, call: Call) -> Answer:
        if call.params["zgid"] != self._zgid:
            told = {"x-info": "Link not valid", "info": "Forbidden", "status": "error"}
            raise RejectedError(Answer(403, {**told, "http_status": "403"}))
        file = self._jobs.file(call.params["job_id"])
        return hand_out(file, call.headers, ranges=self._context.dialect.ranges)


def _check_columns(mappings: Any, columns: int) -> None:
    """Check where values come from.

    Raises:
        RejectedError: If there is no such column.
    """
    if not isinstance(mappings, list) or not all(isinstance(each, dict) for each in mappings):
        raise rejected(400, "INVALID_FORMAT", "The mappings are not valid")
    for mapping in mappings:
        index = mapping.get("index", 0)
        if not isinstance(index, int) or not 0 <= index < columns:
            raise rejected(400, "COLUMN_INDEX_NOT_FOUND", "There is no such column", index=index)


def _default_of(mapping: Mapping[str, Any]) -> str:
    return text_at(mapping, "default_value", "value")


def _errors_of(problem: ItemError) -> Iterator[str]:
    own = error(problem.code, problem.message, problem.details)
    for each in problem.details.get("errors") or [own]:
        yield f"{each['code']}-{each['details'].get('api_name', '')}"


def _result_of(task: _Task, lines: Sequence[Sequence[str]], failure: str) -> dict[str, Any]:
    """Return what is said of a resource whose job has ended."""
    counts = dict.fromkeys(_COUNTS.values(), 0)
    for line in lines:
        counts[_COUNTS[line[-3]]] += 1
    empty = dict.fromkeys(("format", "find_by", "module", "parent_column_index", "default_value"))
    return {
        "status": "FAILED" if failure else "COMPLETED",
        "type": "data",
        "code": failure or "SUCCESS",
        "module": task.module.reference,
        "field_mappings": [{**empty, **mapping} for mapping in task.mappings],
        "file": {
            "status": "FAILED" if failure else "COMPLETED",
            "name": task.name,
            **counts,
            "total_count": len(lines),
        },
    }


def _waiting(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a resource whose job has not ended."""
    return {**result, "status": _RUNNING, "code": "ADDED", "file": {"status": _RUNNING}}
