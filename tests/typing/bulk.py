"""Bulk jobs, backup and audit log as a user types them; checked, never run."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, assert_type

from aiozcrm import BatchReport, Outcome, ZohoCRM
from aiozcrm.resources.audit_log_exports import AuditLogExport
from aiozcrm.resources.backup import BackupUrls
from aiozcrm.resources.bulk_read import BulkReadState
from aiozcrm.resources.bulk_write import BulkWriteState
from aiozcrm.resources.jobs import Job, parse_callback


async def read(zoho: ZohoCRM) -> None:
    """Read in bulk."""
    rows = zoho.bulk_read.rows("Leads", fields=["City"], cvid=5, on_job=lambda job: None)
    assert_type(rows.cursor, str | None)
    async for row in rows:
        assert_type(row, dict[str, Any])
    assert_type(rows.pages(), AsyncGenerator[list[dict[str, Any]], None])
    job = await zoho.bulk_read.create({"query": {"module": {"api_name": "Leads"}}})
    assert_type(job, Job)
    assert_type(await zoho.bulk_read.wait(job, timeout=60), BulkReadState)
    assert_type(await zoho.bulk_read.get("7"), BulkReadState)
    assert_type(await zoho.bulk_read.download(job, "7.zip"), Path)
    assert_type(parse_callback(b"{}"), dict[str, Any])
    zoho.bulk_read.rows("Leads", criteria="(City:equals:Delft)")  # type: ignore[arg-type]
    await zoho.bulk_read.create({"module": "Leads"})  # type: ignore[typeddict-unknown-key]
    await zoho.bulk_read.download(job, 5)  # type: ignore[call-overload]


async def write(zoho: ZohoCRM) -> None:
    """Write in bulk."""
    report = await zoho.bulk_write.run("Leads", [{"City": "Delft"}], operation="insert")
    assert_type(report, BatchReport)
    assert_type(await zoho.bulk_write.upload("leads.zip"), Outcome)
    assert_type(await zoho.bulk_write.get(7), BulkWriteState)
    async with zoho.bulk_write.download("7") as file:
        assert_type(file.name, str)
    await zoho.bulk_write.run("Leads", [], operation="merge")  # type: ignore[arg-type]


async def keep(zoho: ZohoCRM) -> None:
    """Keep what the org has."""
    assert_type(await zoho.backup.create(), Outcome)
    assert_type(await zoho.backup.urls(), BackupUrls)
    assert_type(await zoho.audit_log_exports.wait("7"), AuditLogExport)
    await zoho.backup.create("RRULE:FREQ=WEEKLY")  # type: ignore[arg-type]
