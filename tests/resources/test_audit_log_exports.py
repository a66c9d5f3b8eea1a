"""Exports of the audit log."""

import zipfile

import pytest

from aiozcrm import ZohoCRM
from aiozcrm.errors import (
    ConnectionLostError,
    InvalidInputError,
    JobFailedError,
    LimitExceededError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
    NotReadyError,
)
from aiozcrm.testing import FakeZoho, Fault, Limits

ADDED = {"field": {"api_name": "action"}, "comparator": "equal", "value": "added"}
DRAFT = {"criteria": {"group_operator": "and", "group": [ADDED, ADDED]}}


@pytest.fixture
async def fake(clock):
    """A local Zoho in the time of the client, in which an export takes 20 seconds."""
    async with FakeZoho(limits=Limits(job_seconds=20), clock=clock.clock) as running:
        yield running


@pytest.fixture
async def crm(fake, clock, quick):
    """A client of the local Zoho that does not wait."""
    async with ZohoCRM(fake.credentials(), retries=quick, clock=clock.clock) as client:
        yield client


async def test_an_export_is_started_waited_for_and_downloaded(crm, fake, tmp_path):
    """One at a time; its id is enough to take it up."""
    assert await crm.audit_log_exports.list() == []
    job = await crm.audit_log_exports.create(DRAFT)
    assert [job.id] == fake.audit_log_exports.ids
    with pytest.raises(NotReadyError):
        await crm.audit_log_exports.create(DRAFT)
    with pytest.raises(NotReadyError, match="no file"):
        await crm.audit_log_exports.download(job.id, tmp_path)
    state = await crm.audit_log_exports.wait(job.id)
    assert state["status"] == "finished"
    assert await crm.audit_log_exports.list() == [state]
    assert await crm.audit_log_exports.get(job.id) == state
    path = await crm.audit_log_exports.download(job.id, tmp_path)
    assert path == tmp_path / "AuditLog_001.zip"
    assert b"Ann Berg" in zipfile.ZipFile(path).read("AuditLog.csv")
    with pytest.raises(NotFoundError):
        await crm.audit_log_exports.get("12")


async def test_an_export_may_fail(crm, fake):
    """Zoho does not say why."""
    fake.audit_log_exports.fail_next()
    job = await crm.audit_log_exports.create(DRAFT)
    with pytest.raises(JobFailedError, match=rf"Job {job.id} has failed\.$"):
        await job.wait()


async def test_a_lost_answer_is_not_asked_for_again(crm, fake):
    """The list tells whether the export was started."""
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await crm.audit_log_exports.create(DRAFT)
    assert caught.value.maybe_done
    assert [export["id"] for export in await crm.audit_log_exports.list()] == (
        fake.audit_log_exports.ids
    )


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        ({}, MissingFieldError),
        ({"criteria": {"group_operator": "and", "group": [ADDED] * 3}}, LimitExceededError),
        ({"criteria": {**ADDED, "field": {"api_name": "City"}}}, NotAllowedError),
    ],
)
async def test_what_zoho_rejects_is_raised(crm, draft, error):
    """With its own words."""
    with pytest.raises(error):
        await crm.audit_log_exports.create(draft)


async def test_zoho_may_call_an_empty_list_an_error(zoho, script):
    """With 400, by its reference."""
    item = {"code": "NO_CONTENT", "details": {}, "message": "nothing", "status": "error"}
    script.add(script.response(400, {"audit_log_export": [item]}))
    assert await zoho.audit_log_exports.list() == []


async def test_several_files_are_downloaded_one_by_one(zoho, script, tmp_path):
    """By their addresses, in any of the places where a state may be."""
    state = {"id": "7", "status": "finished", "download_links": ["/a/1.zip", "/a/2.zip"]}
    with pytest.raises(InvalidInputError, match="2 files"):
        await zoho.audit_log_exports.download(state, tmp_path)
    script.add(script.response(200, b"PK", Content_Type="application/octet-stream"))
    path = await zoho.audit_log_exports.download("/a/2.zip", tmp_path / "2.zip")
    assert path.read_bytes() == b"PK"
    assert script.requests[0].path == "/a/2.zip"
    with pytest.raises(NotReadyError):
        await zoho.audit_log_exports.download({**state, "download_links": "/a/1.zip"}, tmp_path)
    with pytest.raises(TypeError, match="by a mapping"):
        await zoho.audit_log_exports.create("added")
