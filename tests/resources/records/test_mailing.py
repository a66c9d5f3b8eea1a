"""Mails that are sent to records, belong to them, or come back from them."""

import io
import json

import pytest

from aiozcrm.errors import (
    ConnectionLostError,
    DuplicateDataError,
    InvalidInputError,
    InvalidResponseError,
    LimitExceededError,
    NotAllowedError,
    NotFoundError,
    ScopeError,
    ServerError,
)

LEAD, OTHER, USER = "7100000000500011", "7100000000500012", "7100000000210001"
MAIL = {"from": {"email": "ines@a.example"}, "to": [{"email": "mara@b.example"}]}
FIELDS = ["Email"]

#: What sends a mail.
SENDING = {
    "send_mail": (lambda z: z.send_mail(LEAD, MAIL), "data"),
    "send_mail_merge": (lambda z: z.send_mail_merge(LEAD, MAIL), "send_mail_merge"),
    "sign_mail_merge": (lambda z: z.sign_mail_merge(LEAD, MAIL), "sign_mail_merge"),
}


@pytest.fixture
def leads(zoho):
    """The records of a module."""
    return zoho.records("Leads")


def item(code="SUCCESS", message="", **details):
    """Return what Zoho says of one mail."""
    status = "success" if code == "SUCCESS" else "error"
    return {"code": code, "details": details, "message": message, "status": status}


@pytest.mark.parametrize(("call", "key"), SENDING.values(), ids=SENDING)
@pytest.mark.parametrize("wrapped", [True, False])
async def test_a_mail_is_sent_with_the_id_of_the_record(leads, script, call, key, wrapped):
    """Its answer names the mail alone, under the key or without one."""
    said = item(message_id="2cc")
    script.add(script.response(200, {key: [said]} if wrapped else said))
    outcome = await call(leads)
    assert (outcome.status, outcome.id, outcome.details) == ("done", LEAD, {"message_id": "2cc"})
    assert json.loads(script.requests[0].body) == {key: [MAIL]}


@pytest.mark.parametrize(("call", "key"), SENDING.values(), ids=SENDING)
@pytest.mark.parametrize("lost", [ConnectionLostError("reset"), 502])
async def test_a_mail_is_never_sent_twice(leads, script, call, key, lost):
    """After a lost answer it may be on its way."""
    script.add(script.response(502) if lost == 502 else lost)
    with pytest.raises((ConnectionLostError, ServerError)) as caught:
        await call(leads)
    assert caught.value.maybe_done
    assert [request.path.rpartition("/")[2] for request in script.requests] == [
        "send_mail" if key == "data" else key
    ]


@pytest.mark.parametrize(
    ("code", "error"),
    [("LIMIT_EXCEEDED", LimitExceededError), ("NOT_ALLOWED", NotAllowedError)],
)
@pytest.mark.parametrize("http", [200, 400])
async def test_why_a_mail_was_not_sent_is_told(leads, script, code, error, http):
    """Whatever the status of the answer."""
    script.add(script.response(http, {"data": [item(code, "no")]}))
    with pytest.raises(error) as caught:
        await leads.send_mail(LEAD, MAIL)
    assert not caught.value.maybe_done


async def test_the_answer_about_two_mails_is_in_doubt(leads, script):
    """One was sent."""
    script.add(script.response(200, {"data": [item(), item()]}))
    with pytest.raises(InvalidResponseError) as caught:
        await leads.send_mail(LEAD, MAIL)
    assert caught.value.maybe_done


async def test_a_mail_that_is_there_already_after_a_lost_answer_was_taken(leads, script):
    """Without a lost answer it is an error."""
    known = script.response(400, {"Emails": [item("DUPLICATE_DATA", "known")]})
    script.add(known, script.response(502), known)
    with pytest.raises(DuplicateDataError):
        await leads.associate_email(LEAD, MAIL)
    outcome = await leads.associate_email(int(LEAD), MAIL)
    assert (outcome.status, outcome.id, outcome.attempts) == ("done", LEAD, 2)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"available_types": []}, {"available_types": []}),
        ([{"available_types": []}], {"available_types": []}),
        ([], {}),
        (None, {}),
    ],
)
async def test_sharing_details_are_an_object_or_a_list_of_one(leads, script, shown, expected):
    """Zoho's page shows the one and describes the other."""
    script.add(script.response(200, {"__emails_sharing_details": shown}))
    assert await leads.emails_sharing_details(LEAD) == expected


async def test_no_sharing_details_are_nothing(leads, script):
    """Zoho says so with an answer without content; more than one cannot be read."""
    many = {"__emails_sharing_details": [{}, {}]}
    script.add(script.response(204), script.response(200, many))
    assert await leads.emails_sharing_details(LEAD) == {}
    with pytest.raises(InvalidResponseError):
        await leads.emails_sharing_details(LEAD)


async def test_an_address_that_is_unblocked_after_a_lost_answer_was_unblocked(leads, script):
    """Without a lost answer it is an error, as are all other reasons."""
    done = script.response(400, {"data": [item("NOT_ALLOWED", "Email is already unblocked")]})
    other = script.response(400, {"data": [item("NOT_ALLOWED", "too often")]})
    script.add(done, script.response(502), done, script.response(502), other)
    for expected in ("already", None, "too often"):
        if expected:
            with pytest.raises(NotAllowedError, match=expected):
                await leads.unblock_email(LEAD, unblock_fields=FIELDS)
        else:
            outcome = await leads.unblock_email(LEAD, unblock_fields=FIELDS)
            assert (outcome.status, outcome.id, outcome.attempts) == ("updated", LEAD, 2)


async def test_addresses_of_many_records_are_unblocked_with_an_outcome_each(leads, script):
    """The ids stand beside the fields; after a lost answer, what is unblocked counts as done."""
    bad = item("NOT_ALLOWED", "Email is already unblocked", id=OTHER)
    answer = script.response(207, {"data": [item(id=LEAD), bad]})
    script.add(answer, script.response(502), answer)
    first = await leads.unblock_email_many([LEAD, OTHER], unblock_fields=iter(FIELDS))
    assert [each.status for each in first.outcomes] == ["updated", "failed"]
    assert json.loads(script.requests[0].body) == {"ids": [LEAD, OTHER], "unblock_fields": FIELDS}
    script.add(script.response(502), script.response(400, {"data": [bad]}))
    again = await leads.unblock_email_many([LEAD, OTHER], unblock_fields=FIELDS)
    assert [each.status for each in again.outcomes] == ["updated", "updated"]
    alone = await leads.unblock_email_many([OTHER], unblock_fields=FIELDS)
    assert [(each.status, each.attempts) for each in alone.outcomes] == [("updated", 2)]


#: Calls that are wrong, and what they raise.
WRONG = {
    "no mail": (lambda z: z.send_mail(LEAD, {}), InvalidInputError),
    "a mail that is no mapping": (lambda z: z.send_mail(LEAD, [MAIL]), TypeError),
    "a mail with what JSON does not know": (
        lambda z: z.send_mail(LEAD, {"content": object()}),
        TypeError,
    ),
    "a mail of no record": (lambda z: z.send_mail("", MAIL), InvalidInputError),
    "no letter": (lambda z: z.sign_mail_merge(LEAD, {}), InvalidInputError),
    "no email": (lambda z: z.associate_email(LEAD, {}), InvalidInputError),
    "no fields": (lambda z: z.unblock_email(LEAD, unblock_fields=[]), InvalidInputError),
    "fields that are one text": (
        lambda z: z.unblock_email_many([LEAD], unblock_fields="Email"),
        InvalidInputError,
    ),
    "ids that are one text": (
        lambda z: z.unblock_email_many(LEAD, unblock_fields=FIELDS),
        TypeError,
    ),
    "an owner that is none": (lambda z: z.emails(LEAD).list(owner_id="x"), InvalidInputError),
    "an empty message": (lambda z: z.emails(LEAD).get(" "), InvalidInputError),
    "a draft that is empty": (lambda z: z.email_drafts(LEAD).update("4f", {}), InvalidInputError),
    "an empty draft id": (lambda z: z.email_drafts(LEAD).update("", MAIL), InvalidInputError),
    "an empty file": (
        lambda z: z.emails(LEAD).download_attachments(
            "", io.BytesIO(), user_id=USER, message_id="f1", name="a"
        ),
        InvalidInputError,
    ),
}


@pytest.mark.parametrize(("call", "error"), WRONG.values(), ids=WRONG)
async def test_a_wrong_call_about_mails_sends_nothing(leads, script, call, error):
    """It is told before the first request."""
    with pytest.raises(error):
        await call(leads)
    assert script.requests == script.token_requests == []


async def test_emails_are_read_page_by_page(leads, script, example):
    """The next page is named by the index that Zoho tells; all else stays the same."""
    first = example("emails_list_page1")
    last = {"Emails": [{"message_id": "a1"}], "info": {"more_records": False, "next_index": None}}
    script.add(script.response(200, first), script.response(200, last))
    emails = leads.emails(LEAD)
    found = await emails.list(type="user_emails", owner_id=int(USER), filter={"a": 1})
    assert [each["message_id"] for each in found] == ["f16059e07", "a1"]
    assert found[0] == first["Emails"][0]
    asked = f"type=user_emails&owner_id={USER}&filter="
    assert all(request.query.startswith(asked) for request in script.requests)
    assert "index" not in script.requests[0].query
    assert script.requests[1].query.endswith("&index=487a357e14")


@pytest.mark.parametrize(
    "info",
    [
        {"more_records": True},
        {"more_records": True, "next_index": ""},
        {"more_records": True, "next_index": 7},
        {"more_records": "true", "next_index": "a"},
        [1],
        None,
    ],
)
async def test_a_list_of_emails_that_does_not_tell_how_it_goes_on_is_an_error(leads, script, info):
    """It never ends early without a word."""
    script.add(script.response(200, {"Emails": [{"message_id": "a"}] * 10, "info": info}))
    with pytest.raises(InvalidResponseError):
        await leads.emails(LEAD).list()


async def test_a_list_of_emails_that_turns_in_a_circle_is_an_error(leads, script):
    """Its index was there before."""
    page = {"Emails": [{"message_id": "a"}], "info": {"more_records": True, "next_index": "i"}}
    script.add(script.response(200, page), script.response(200, page))
    with pytest.raises(InvalidResponseError):
        await leads.emails(LEAD).list()


async def test_a_record_without_emails_has_none(leads, script):
    """Zoho says so with an answer without content, or with a short list without more."""
    script.add(script.response(204), script.response(200, {"Emails": [{"message_id": "a"}]}))
    assert await leads.emails(LEAD).list() == []
    assert len(await leads.emails(LEAD).list()) == 1


async def test_one_email_has_its_content(leads, script, example):
    """Its own answer does not name it; an unknown one has no content."""
    script.add(script.response(200, example("email_one_ok")), script.response(204))
    email = await leads.emails(LEAD).get("f16059e07", owner_id=USER, type="user_emails")
    assert email == example("email_one_ok")["Emails"][0]
    [request] = script.requests
    assert request.path == f"/crm/v7/Leads/{LEAD}/Emails/f16059e07"
    assert request.query == f"type=user_emails&owner_id={USER}"
    with pytest.raises(NotFoundError):
        await leads.emails(LEAD).get("f1")


async def test_a_draft_is_changed_by_the_call_for_many(leads, script):
    """Its id stands in the body; what a second send sets is as it was."""
    script.add(script.response(502), script.response(200, {"__email_drafts": [item(id="4f8e")]}))
    outcome = await leads.email_drafts(LEAD).update("4f8e", {"from": "a", "rich_text": True})
    assert (outcome.status, outcome.id, outcome.attempts) == ("updated", "4f8e", 2)
    sent = {"__email_drafts": [{"from": "a", "rich_text": True, "id": "4f8e"}]}
    assert [json.loads(request.body) for request in script.requests] == [sent, sent]
    assert script.requests[0].path == f"/crm/v7/Leads/{LEAD}/__email_drafts"


async def test_a_draft_is_made_once(leads, script):
    """After a lost answer, the drafts tell whether it is there."""
    script.add(script.response(502))
    with pytest.raises(ServerError) as caught:
        await leads.email_drafts(LEAD).create({"from": "a", "rich_text": True})
    assert caught.value.maybe_done
    assert len(script.requests) == 1


async def test_from_addresses_are_those_of_a_user(zoho, script):
    """Or of the one whose credentials are used."""
    script.add(*[script.response(200, {"from_addresses": []})] * 2)
    assert await zoho.from_addresses.list() == []
    assert await zoho.from_addresses.list(user_id=USER) == []
    assert [request.query for request in script.requests] == ["", f"user_id={USER}"]
    with pytest.raises(InvalidInputError):
        await zoho.from_addresses.list(user_id="x")


async def test_preferences_are_an_object_both_ways(zoho, script):
    """Appointments show more if it is asked for."""
    shown = {"allow_booking_outside_businesshours": True}
    script.add(
        script.response(200, {"appointment_preferences": shown}),
        script.response(200, {"appointment_preferences": [shown]}),
        script.response(200, {"appointment_preferences": item()}),
        script.response(200, {"service_preferences": {"job_sheet_enabled": True}}),
        script.response(200, {"service_preferences": item()}),
    )
    place = zoho.appointment_preferences
    assert await place.get(include="deal_record_configuration") == shown
    assert script.requests[0].query == "include=deal_record_configuration"
    with pytest.raises(InvalidResponseError):
        await place.get()
    assert (await place.update(shown)).status == "updated"
    assert json.loads(script.requests[2].body) == {"appointment_preferences": shown}
    assert await zoho.service_preferences.get() == {"job_sheet_enabled": True}
    assert (await zoho.service_preferences.update({"job_sheet_enabled": False})).id == ""


@pytest.mark.parametrize(
    ("call", "scopes"),
    [
        (lambda z: z.send_mail(LEAD, MAIL), ("ZohoCRM.send_mail.all.CREATE",)),
        (
            lambda z: z.unblock_email(LEAD, unblock_fields=FIELDS),
            ("ZohoCRM.settings.emails.CREATE",),
        ),
        (
            lambda z: z.emails_sharing_details(LEAD),
            ("ZohoCRM.modules.READ", "ZohoCRM.modules.emails.READ"),
        ),
        (
            lambda z: z.sign_mail_merge(LEAD, MAIL),
            (
                "ZohoCRM.settings.mailmerge.CREATE",
                "ZohoWriter.documentEditor.ALL",
                "ZohoWriter.merge.ALL",
                "ZohoSign.documents.ALL",
            ),
        ),
    ],
)
async def test_a_missing_scope_is_the_one_of_the_mail(leads, script, call, scopes):
    """And not the one of the module."""
    script.add(script.error(401, "OAUTH_SCOPE_MISMATCH"))
    with pytest.raises(ScopeError) as caught:
        await call(leads)
    assert tuple(caught.value.scopes) == scopes
