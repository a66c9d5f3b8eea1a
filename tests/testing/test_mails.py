"""Mails, drafts and preferences, as they are answered, and as the client reads them."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest

from aiozcrm import RetryPolicy, ZohoCRM
from aiozcrm.errors import (
    ConnectionLostError,
    DuplicateDataError,
    InvalidDataError,
    LimitExceededError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
    RecordLockedError,
)
from aiozcrm.testing import Clock, FakeZoho, Fault

UNKNOWN = "4150868999999999999"
MAIL: dict[str, Any] = {
    "from": {"user_name": "Mira", "email": "mira@bindery.example"},
    "to": [{"user_name": "Mara", "email": "mara@oakfield.example"}],
    "subject": "Quote",
    "content": "<b>Hello</b>",
}
RECEIVED = {
    **MAIL,
    "date_time": "2026-01-02T09:00:00+01:00",
    "sent": False,
    "original_message_id": "<1@oakfield.example>",
}
DRAFT = {"from": "mira@bindery.example", "rich_text": True, "subject": "Draft"}


@pytest.fixture
async def crm(fake: FakeZoho, quick: RetryPolicy) -> AsyncIterator[ZohoCRM]:
    """A client of the local Zoho."""
    async with ZohoCRM(fake.credentials(), retries=quick) as client:
        yield client


@pytest.fixture
def lead(fake: FakeZoho) -> str:
    """Add a lead and return its id."""
    return fake.records("Leads").add(Last_Name="Halden", Email="mara@oakfield.example")


async def test_a_mail_that_is_sent_lands_in_the_fake(
    crm: ZohoCRM, fake: FakeZoho, lead: str
) -> None:
    """With what it consists of; it is listed with the record, and read with its content."""
    leads = crm.records("Leads")
    outcome = await leads.send_mail(lead, MAIL)
    [mail] = fake.mails
    assert (mail["subject"], mail["to"], mail["record_id"]) == ("Quote", MAIL["to"], lead)
    assert fake.mails.ids == [fake.mails[0]["message_id"]] == [outcome.details["message_id"]]
    assert len(fake.mails) == fake.stats.done.of("send_mail", "Leads", lead) == 1
    [row] = await leads.emails(lead).list()
    assert (row["message_id"], row["status"]) == (fake.mails.ids[0], [{"type": "sent"}])
    one = await leads.emails(lead).get(fake.mails.ids[0])
    assert (one["content"], one["attachments"]) == ("<b>Hello</b>", [])
    with pytest.raises(NotFoundError):
        await leads.emails(lead).get("f1")


async def test_the_answer_to_a_mail_says_whether_it_is_sent_later(ask: Any, lead: str) -> None:
    """And nothing but the id of the message."""
    path = f"POST Leads/{lead}/actions/send_mail"
    _, now = await ask(path, {"data": [MAIL]})
    _, later = await ask(path, {"data": [{**MAIL, "scheduled_time": "2027-01-01T09:00:00Z"}]})
    assert now["data"][0]["message"] == "Your mail has been sent successfully."
    assert later["data"][0]["message"] == "Your mail has been scheduled successfully."
    assert list(now["data"][0]["details"]) == ["message_id"]
    _, listed = await ask(f"GET Leads/{lead}/Emails?type=scheduled_in_crm")
    assert [each["status"] for each in listed["Emails"]] == [[{"type": "scheduled"}]]


async def test_a_mail_whose_answer_is_lost_is_sent_once(
    crm: ZohoCRM, fake: FakeZoho, lead: str
) -> None:
    """The mails of the record tell that it was sent; one from elsewhere is found again."""
    leads = crm.records("Leads")
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await leads.send_mail(lead, MAIL)
    assert caught.value.maybe_done
    assert len(await leads.emails(lead).list()) == 1
    fake.faults.script(Fault.RESET_AFTER)
    outcome = await leads.associate_email(lead, RECEIVED)
    assert (outcome.status, outcome.attempts, len(fake.mails)) == ("done", 2, 2)
    with pytest.raises(DuplicateDataError):
        await leads.associate_email(lead, RECEIVED)


async def test_emails_have_pages_of_ten_and_kinds(crm: ZohoCRM, fake: FakeZoho, lead: str) -> None:
    """The latest come first; those of a mailbox are shown to its owner."""
    for number in range(23):
        fake.mails.add(lead, subject=str(number))
    user = fake.users.add()
    emails = crm.records("Leads").emails(lead)
    pages = [page async for page in emails.iter().pages()]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert [mail["subject"] for page in pages for mail in page] == [
        str(number) for number in range(22, -1, -1)
    ]
    await crm.records("Leads").associate_email(lead, {**RECEIVED, "owner": {"id": user}})
    assert await emails.list(type="user_emails") == []
    [mail] = await emails.list(type="user_emails", owner_id=user)
    assert (mail["sent"], mail["owner"]["id"]) == (False, user)
    assert len(await emails.list(type="sent_from_crm")) == 23


async def test_pages_of_emails_know_the_one_before(ask: Any, fake: FakeZoho, lead: str) -> None:
    """By an index that nobody can make up."""
    for _ in range(21):
        fake.mails.add(lead)
    path, index = f"GET Leads/{lead}/Emails", ""
    before = []
    for _ in range(3):
        _, page = await ask(path + (f"?index={index}" if index else ""))
        before.append(page["info"]["prev_index"])
        index = page["info"]["next_index"]
    assert (index, before[:2]) == (None, ["0", "0"])
    assert before[2] != "0"
    status, told = await ask(f"{path}?index=10")
    assert (status, told["code"]) == (400, "INVALID_DATA")


async def test_addresses_are_blocked_and_unblocked(crm: ZohoCRM, fake: FakeZoho, lead: str) -> None:
    """No mail goes to a blocked one; five times it can be unblocked."""
    leads = crm.records("Leads")
    other = fake.records("Leads").add()
    for _ in range(5):
        fake.mails.block(lead)
        with pytest.raises(NotAllowedError, match="blocked"):
            await leads.send_mail(lead, MAIL)
        assert (await leads.unblock_email(lead, unblock_fields=["Email"])).status == "updated"
    with pytest.raises(NotAllowedError, match="already unblocked"):
        await leads.unblock_email(lead, unblock_fields=["Email"])
    fake.mails.block(lead)
    fake.mails.block(other)
    report = await leads.unblock_email_many([lead, other, UNKNOWN], unblock_fields=["Email"])
    assert [outcome.status for outcome in report.outcomes] == ["failed", "updated", "failed"]
    fake.mails.block(other)
    fake.faults.script(Fault.RESET_AFTER)
    outcome = await leads.unblock_email(other, unblock_fields=["Email"])
    assert (outcome.status, outcome.attempts) == ("updated", 2)


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ({**MAIL, "from": "mira@bindery.example"}, MissingFieldError),
        ({**MAIL, "to": []}, MissingFieldError),
        ({**MAIL, "to": None}, MissingFieldError),
    ],
)
async def test_a_mail_needs_a_sender_and_a_receiver(
    crm: ZohoCRM, fake: FakeZoho, lead: str, item: Any, error: type[Exception]
) -> None:
    """Objects both, unlike in drafts."""
    with pytest.raises(error):
        await crm.records("Leads").send_mail(lead, item)
    assert len(fake.mails) == 0


async def test_not_every_record_may_get_mails(crm: ZohoCRM, fake: FakeZoho, lead: str) -> None:
    """None that has opted out, is locked or unknown."""
    leads, store = crm.records("Leads"), fake.records("Leads")
    with pytest.raises(NotFoundError):
        await leads.send_mail(UNKNOWN, MAIL)
    store.lock(lead)
    with pytest.raises(RecordLockedError):
        await leads.send_mail(lead, MAIL)
    store.lock(lead, locked=False)
    store.change(lead, Email_Opt_Out=True)
    with pytest.raises(NotAllowedError, match="opted out"):
        await leads.send_mail(lead, MAIL)
    await leads.send_mail(lead, {**MAIL, "to": ["odd"], "consent_email": True})


async def test_a_hundred_mails_a_day_are_enough(quick: RetryPolicy) -> None:
    """A day begins at midnight by the time of the org, an hour east of UTC."""
    now = dt.datetime(2026, 11, 26, 22, 59, 59, tzinfo=dt.UTC).timestamp()
    async with (
        FakeZoho(clock=Clock(wall=lambda: now)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        leads, lead = crm.records("Leads"), fake.records("Leads").add(Last_Name="Halden")
        for _ in range(100):
            await leads.send_mail(lead, MAIL)
        with pytest.raises(LimitExceededError):
            await leads.send_mail(lead, MAIL)
        now += 1
        await leads.send_mail(lead, MAIL)


@pytest.mark.parametrize(
    ("line", "body", "code"),
    [
        ("Leads/{lead}/actions/associate_email", {"Emails": [MAIL]}, "MANDATORY_NOT_FOUND"),
        ("Leads/{lead}/actions/associate_email", {"Emails": [5]}, "MANDATORY_NOT_FOUND"),
        ("Leads/{lead}/actions/unblock_email", {}, "MANDATORY_NOT_FOUND"),
        ("Leads/{lead}/actions/unblock_email", {"unblock_fields": "Email"}, "INVALID_DATA"),
        ("Leads/actions/unblock_email", {"unblock_fields": ["Phone"]}, "INVALID_DATA"),
        ("Leads/actions/unblock_email", {"unblock_fields": ["Email"]}, "MANDATORY_NOT_FOUND"),
        ("Leads/{lead}/actions/send_mail", {"data": ["x"]}, "MANDATORY_NOT_FOUND"),
    ],
)
async def test_rejects_what_is_missing_in_mails(
    ask: Any, lead: str, line: str, body: Any, code: str
) -> None:
    """With an error in the place of the item, or alone."""
    status, told = await ask(f"POST {line.format(lead=lead)}", body)
    said = told if "code" in told else next(iter(told.values()))[0]
    assert (status, said["code"]) == (400, code)


async def test_drafts_are_made_changed_and_deleted(crm: ZohoCRM, fake: FakeZoho, lead: str) -> None:
    """They are those of one record, ten a page; their ids are words."""
    drafts = crm.records("Leads").email_drafts(lead)
    assert await drafts.list() == []
    report = await drafts.create_many([{**DRAFT, "subject": str(n)} for n in range(12)])
    assert report.counts == {"created": 12}
    own = report.outcomes[0].id
    assert [draft["subject"] for draft in await drafts.list()] == [str(n) for n in range(12)]
    assert (await drafts.update(own, {**DRAFT, "subject": "New"})).id == own
    assert (await drafts.get(own))["subject"] == fake.email_drafts.get(own)["subject"] == "New"
    other = crm.records("Leads").email_drafts(fake.records("Leads").add())
    for call in (other.get(own), other.delete(own), other.update(own, DRAFT)):
        with pytest.raises((NotFoundError, InvalidDataError)):
            await call
    assert (await drafts.delete(own)).status == "deleted"
    assert own not in fake.email_drafts.ids
    with pytest.raises(NotFoundError):
        await drafts.get(own)
    fake.faults.script(Fault.RESET_AFTER)
    outcome = await drafts.delete(fake.email_drafts.ids[0])
    assert (outcome.status, len(fake.email_drafts.ids)) == ("already_gone", 10)


async def test_a_draft_has_a_plain_sender(crm: ZohoCRM, lead: str) -> None:
    """And says whether its text is rich; goods cannot be put into it later."""
    drafts = crm.records("Leads").email_drafts(lead)
    with pytest.raises(MissingFieldError):
        await drafts.create({"from": "mira@bindery.example"})
    odd: Any = {**DRAFT, "from": {"email": "mira@bindery.example"}}
    with pytest.raises(InvalidDataError):
        await drafts.create(odd)
    own = (await drafts.create({"from": "mira@bindery.example", "rich_text": False})).id
    with pytest.raises(NotAllowedError):
        await drafts.update(own, {**DRAFT, "inventory_details": {}})  # type: ignore[typeddict-item]


async def test_addresses_and_sharing_are_told(crm: ZohoCRM, fake: FakeZoho, lead: str) -> None:
    """The primary address has no id."""
    [address] = await crm.from_addresses.list()
    assert (address["type"], address["id"]) == ("primary", None)
    user = fake.users.add(email="reyl@bindery.example")
    [other] = await crm.from_addresses.list(user_id=user)
    assert other["email"] == "reyl@bindery.example"
    with pytest.raises(Exception, match="invalid"):
        await crm.from_addresses.list(user_id=UNKNOWN)
    shared = await crm.records("Leads").emails_sharing_details(lead)
    assert shared["available_types"] == ["emails_sent_from_crm"]
    with pytest.raises(NotFoundError):
        await crm.records("Leads").emails_sharing_details(UNKNOWN)


async def test_preferences_stay_as_they_are_set(crm: ZohoCRM, fake: FakeZoho) -> None:
    """What is not set stays; some are shown only if they are asked for."""
    services, appointments = crm.service_preferences, crm.appointment_preferences
    assert await services.get() == {"job_sheet_enabled": False}
    assert (await services.update({"job_sheet_enabled": True})).status == "updated"
    assert await services.get() == fake.service_preferences.shown == {"job_sheet_enabled": True}
    await appointments.update({"show_job_sheet": True})
    shown = await appointments.get()
    assert shown["show_job_sheet"]
    assert "deal_record_configuration" not in shown
    assert "deal_record_configuration" in await appointments.get(
        include="deal_record_configuration"
    )
    odd: Any = {"when_appointment_completed": "celebrate"}
    with pytest.raises(InvalidDataError):
        await appointments.update(odd)


async def test_mails_drafts_and_preferences_come_back(
    crm: ZohoCRM, fake: FakeZoho, lead: str
) -> None:
    """To what they were at some moment."""
    families = (fake.mails, fake.email_drafts, fake.service_preferences)
    before = [family.snapshot() for family in families]
    fake.mails.add(lead)
    await (
        crm.records("Leads")
        .email_drafts(lead)
        .create({"from": "mira@bindery.example", "rich_text": True})
    )
    await crm.service_preferences.update({"job_sheet_enabled": True})
    for bring_back in before:
        bring_back()
    assert (len(fake.mails), fake.email_drafts.ids) == (0, [])
    assert fake.service_preferences.shown == {"job_sheet_enabled": False}
