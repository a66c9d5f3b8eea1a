"""Bodies of bulk jobs, backup and audit log as Zoho's pages show them."""

import io
import json
from pathlib import Path

import pytest

from aiozcrm.errors import (
    ApiError,
    InvalidDataError,
    InvalidRequestError,
    JobFailedError,
    MissingFieldError,
    NotFoundError,
    NotReadyError,
    PaginationLimitError,
    PermissionDeniedError,
    ScopeError,
    TooLargeError,
)
from aiozcrm.resources.jobs import parse_callback

EXAMPLES = Path(__file__).parents[1] / "samples" / "examples"

READ, WRITE = "6100001000000501001", "6100001000000602001"
BACKUP, EXPORT = "6100001000000701001", "6100001000000801001"
LEADS = {"query": {"module": {"api_name": "Leads"}}}


def example(name):
    """Return the body of an example."""
    return json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["bulk_read_request", "bulk_read_request_page_token"])
async def test_a_bulk_read_is_started(zoho, script, name):
    """What is given is sent as it is, and the job has its id."""
    script.add(script.response(201, example("bulk_read_created")))
    job = await zoho.bulk_read.create(example(name))
    assert job.id == READ
    assert json.loads(script.requests[0].body) == example(name)


@pytest.mark.parametrize("name", ["bulk_write_request", "bulk_write_request_parent_child"])
async def test_a_bulk_write_is_started(zoho, script, name):
    """Also one of a parent and its children."""
    script.add(script.response(201, example("bulk_write_created")))
    job = await zoho.bulk_write.create(example(name))
    assert job.id == WRITE
    assert json.loads(script.requests[0].body) == example(name)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("read", ["added", "queued", "in_progress", "completed"]),
        ("read", ["completed_last"]),
        ("write", ["added", "in_progress", "completed"]),
        ("write", ["completed_relative_url"]),
    ],
)
async def test_a_job_is_waited_for(zoho, script, kind, words):
    """Whatever its states are called."""
    states = [example(f"bulk_{kind}_status_{word}") for word in words]
    script.add(*(script.response(200, state) for state in states))
    family, own = (zoho.bulk_read, READ) if kind == "read" else (zoho.bulk_write, WRITE)
    last = states[-1]
    assert await family.wait(own) == (last["data"][0] if kind == "read" else last)
    assert len(script.requests) == len(words)


@pytest.mark.parametrize(
    ("kind", "name", "why"),
    [
        ("read", "bulk_read_status_failure", "INTERNAL_SERVER_ERROR: Internal server error"),
        ("write", "bulk_write_status_failed", "INVALID_FILE_FORMAT"),
    ],
)
async def test_a_failed_job_says_why(zoho, script, kind, name, why):
    """In the words of its state."""
    script.add(script.response(200, example(name)))
    family, own = (zoho.bulk_read, READ) if kind == "read" else (zoho.bulk_write, WRITE)
    with pytest.raises(JobFailedError, match=why):
        await family.job(own).wait()


@pytest.mark.parametrize("name", ["bulk_read_callback_completed", "bulk_read_callback_failure"])
def test_a_callback_tells_the_state(name):
    """As an answer would."""
    assert parse_callback((EXAMPLES / f"{name}.json").read_bytes()) == example(name)["data"][0]


#: The example of an error, its HTTP status, its call, and the class.
ERRORS = {
    "bulk_read_not_found": (404, lambda z: z.bulk_read.get(READ), NotFoundError),
    "bulk_read_request_error": (400, lambda z: z.bulk_read.create(LEADS), InvalidRequestError),
    "bulk_read_page_range": (400, lambda z: z.bulk_read.create(LEADS), PaginationLimitError),
    "bulk_read_media_type": (415, lambda z: z.bulk_read.create(LEADS), InvalidRequestError),
    "bulk_write_upload_not_zip": (400, lambda z: z.bulk_write.upload(b"x", name="x"), None),
    "bulk_write_upload_too_large": (
        413,
        lambda z: z.bulk_write.upload(b"x", name="x"),
        TooLargeError,
    ),
    "bulk_write_upload_headers_missing": (
        400,
        lambda z: z.bulk_write.upload(b"x", name="x"),
        ApiError,
    ),
    "bulk_write_result_link_error": (
        403,
        lambda z: z.bulk_write.download("/v2/crm/1/7.zip", io.BytesIO()),
        PermissionDeniedError,
    ),
    "bulk_write_missing_find_by": (400, lambda z: z.bulk_write.create({}), MissingFieldError),
    "bulk_write_missing_key": (400, lambda z: z.bulk_write.create({}), MissingFieldError),
    "bulk_write_not_mapped": (400, lambda z: z.bulk_write.create({}), MissingFieldError),
    "bulk_write_bad_file_id": (400, lambda z: z.bulk_write.create({}), InvalidDataError),
    "bulk_write_bad_callback_method": (400, lambda z: z.bulk_write.create({}), InvalidDataError),
    "bulk_write_bad_callback_url": (400, lambda z: z.bulk_write.create({}), InvalidDataError),
    "backup_already_scheduled": (400, lambda z: z.backup.create(), NotReadyError),
    "backup_cancel_in_progress": (400, lambda z: z.backup.cancel(BACKUP), NotReadyError),
    "backup_download_scope_error": (
        401,
        lambda z: z.backup.download("/v2/crm/1/Data_001.zip", io.BytesIO()),
        ScopeError,
    ),
    "audit_export_already": (400, lambda z: z.audit_log_exports.create({}), NotReadyError),
    "audit_download_forbidden": (
        403,
        lambda z: z.audit_log_exports.download("/v2/crm/1/AuditLog.zip", io.BytesIO()),
        PermissionDeniedError,
    ),
}


@pytest.mark.parametrize("name", ERRORS)
async def test_an_error_has_the_class_that_fits(zoho, script, name):
    """Those of the servers of files, which have another shape, too."""
    status, call, kind = ERRORS[name]
    if "upload" in name:
        script.add(script.response(200, {"org": [{"id": "1", "zgid": "700123456"}]}))
    script.add(script.response(status, example(name)))
    with pytest.raises(kind or InvalidDataError) as caught:
        await call(zoho)
    assert caught.value.status == status
    assert not caught.value.maybe_done


async def test_a_file_is_uploaded(zoho, script):
    """The outcome has the id that a job needs."""
    script.add(
        script.response(200, {"org": [{"id": "1", "zgid": "700123456"}]}),
        script.response(200, example("bulk_write_upload_ok")),
    )
    outcome = await zoho.bulk_write.upload(b"PK", name="leads.zip")
    assert outcome.id == "6100001000000601001"
    assert outcome.details == example("bulk_write_upload_ok")["details"]


async def test_backups_are_read_and_written(zoho, script):
    """What Zoho sent comes back."""
    names = ["backup_scheduled", "backup_info", "backup_info_immediate", "backup_history"]
    names += ["backup_urls", "backup_cancelled"]
    script.add(*(script.response(200, example(name)) for name in names))
    made = await zoho.backup.create(example("backup_request")["backup"])
    assert made.id == BACKUP
    assert json.loads(script.requests[0].body) == example("backup_request")
    assert await zoho.backup.get() == example("backup_info")["backup"]
    assert await zoho.backup.get() == example("backup_info_immediate")["backup"]
    assert await zoho.backup.history() == example("backup_history")["history"]
    assert await zoho.backup.urls() == example("backup_urls")["urls"]
    assert (await zoho.backup.cancel(BACKUP)).status == "done"


async def test_a_backup_now_has_no_body(zoho, script):
    """By that Zoho knows that it is to be made at once."""
    script.add(script.response(200, example("backup_scheduled")))
    await zoho.backup.create()
    assert script.requests[0].body is None


async def test_an_export_of_the_audit_log(zoho, script):
    """Its draft is sent in a list of one; the state tells where the file is."""
    status = example("audit_export_status")
    script.add(
        script.response(200, example("audit_export_scheduled")),
        script.response(200, status),
        script.response(200, status),
    )
    job = await zoho.audit_log_exports.create(
        example("audit_export_request")["audit_log_export"][0]
    )
    assert job.id == EXPORT
    assert json.loads(script.requests[0].body) == example("audit_export_request")
    assert await job.wait() == status["audit_log_export"][0]
    assert await zoho.audit_log_exports.list() == status["audit_log_export"]
