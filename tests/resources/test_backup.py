"""The data backup: scheduled, looked at, downloaded, cancelled."""

import zipfile

import pytest

from aiozcrm import ZohoCRM
from aiozcrm.errors import (
    AlreadyDoneError,
    ConnectionLostError,
    ForeignHostError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    NotFoundError,
    NotReadyError,
    PermissionDeniedError,
)
from aiozcrm.testing import FakeZoho, Fault, Limits

WEEKLY = {"rrule": "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"}


@pytest.fixture
async def fake(clock):
    """A local Zoho in the time of the client, in which a backup takes an hour."""
    async with FakeZoho(limits=Limits(job_seconds=3_600), clock=clock.clock) as running:
        yield running


@pytest.fixture
async def crm(fake, clock, quick):
    """A client of the local Zoho that does not wait."""
    async with ZohoCRM(fake.credentials(), retries=quick, clock=clock.clock) as client:
        yield client


async def test_a_backup_is_made_now(crm, fake, clock, tmp_path):
    """It takes its time; then its files can be downloaded, and the history tells of it."""
    fake.records("Leads").add(Last_Name="Berg")
    assert await crm.backup.history() == []
    none = {"data_links": [], "attachment_links": [], "expiry_date": None}
    assert await crm.backup.urls() == none
    with pytest.raises(NotFoundError, match="no backup"):
        await crm.backup.get()

    made = await crm.backup.create()
    assert made.status == "created"
    info = await crm.backup.get()
    assert (info["id"], info["status"], info["rrule"]) == (made.id, "INPROGRESS", None)
    assert await crm.backup.urls() == none
    with pytest.raises(NotReadyError):
        await crm.backup.create()
    with pytest.raises(NotReadyError):
        await crm.backup.cancel(made.id)

    clock.advance(3_600)
    [link] = (await crm.backup.urls())["data_links"]
    path = await crm.backup.download(link, tmp_path)
    assert path == tmp_path / "Data_001.zip"
    assert b"Berg" in zipfile.ZipFile(path).read("Leads.csv")
    async with crm.backup.download(link) as stream:
        assert stream.name == "Data_001.zip"
    logs = await crm.backup.history()
    assert [(log["state"], log["action"]) for log in logs] == [
        ("completed", None),
        (None, "initiated"),
    ]
    clock.advance(700_000)
    with pytest.raises(PermissionDeniedError):
        await crm.backup.download(link, tmp_path / "late.zip")
    assert not (tmp_path / "late.zip").exists()


async def test_backups_are_scheduled_and_cancelled(crm, fake):
    """Each once."""
    made = await crm.backup.create(WEEKLY)
    assert (await crm.backup.get())["rrule"] == WEEKLY["rrule"]
    cancelled = await crm.backup.cancel(made.id)
    assert (cancelled.id, cancelled.status) == (made.id, "done")
    with pytest.raises(AlreadyDoneError):
        await crm.backup.cancel(made.id)
    with pytest.raises(NotFoundError):
        await crm.backup.cancel("12")
    assert (await crm.backup.get())["status"] == "STOPPED"


async def test_lost_answers_do_no_harm(crm, fake):
    """A creation is not repeated; a cancellation is, and what it finds done was its own doing."""
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await crm.backup.create(WEEKLY)
    assert caught.value.maybe_done
    own = (await crm.backup.get())["id"]
    fake.faults.script(Fault.RESET_AFTER)
    cancelled = await crm.backup.cancel(own)
    assert (cancelled.status, cancelled.attempts) == ("done", 2)
    assert fake.stats.done.of("create", "backup") == fake.stats.done.of("cancel", "backup") == 1


@pytest.mark.parametrize(
    "rrule", ["", "RRULE:FREQ=DAILY;INTERVAL=1;BYDAY=TU", "RRULE:FREQ=WEEKLY;INTERVAL=53;BYDAY=TU"]
)
async def test_a_rule_that_zoho_does_not_have_is_rejected(crm, rrule):
    """With Zoho's words."""
    with pytest.raises(InvalidDataError):
        await crm.backup.create({"rrule": rrule})


async def test_a_file_is_fetched_from_hosts_of_zoho_alone(crm, fake, tmp_path):
    """A token goes nowhere else."""
    with pytest.raises(ForeignHostError):
        await crm.backup.download("https://files.example.com/1.zip", tmp_path / "1.zip")
    with pytest.raises(InvalidInputError):
        await crm.backup.download("Data_001.zip", tmp_path / "1.zip")
    with pytest.raises(TypeError, match="by a mapping"):
        await crm.backup.create("RRULE")
    assert not any(tmp_path.iterdir())
    assert all(path.startswith("/oauth") for _, path in fake.stats.requests)


async def test_answers_that_are_none_are_errors(zoho, script):
    """A list is no backup, and no addresses."""
    script.add(script.response(200, {"backup": [1]}), script.response(200, {"urls": [1]}))
    with pytest.raises(InvalidResponseError):
        await zoho.backup.get()
    with pytest.raises(InvalidResponseError):
        await zoho.backup.urls()
