"""Writes whose answer was lost, or says something else than it should: no row is told wrongly."""

import asyncio
import datetime as dt
import enum
import json
import uuid
from decimal import Decimal

import pytest

from aiozcrm.errors import (
    ConnectionLostError,
    CreditsExhaustedError,
    DuplicateDataError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    NotAllowedError,
    ScopeError,
)
from aiozcrm.resources.records._rows import compared

#: What Zoho's clock shows in these tests.
NOW = "Thu, 26 Nov 2026 10:00:00 GMT"
EARLIER, LATER = "2020-01-01T00:00:00+00:00", "2036-01-01T00:00:00+00:00"


def done(id_, **more):
    """Return the item of a success."""
    details = {"id": str(id_), "Created_Time": more.pop("created", LATER)}
    return {"code": "SUCCESS", "status": "success", "message": "done", "details": details, **more}


def failed(code="INVALID_DATA", **details):
    """Return the item of a failure."""
    return {"code": code, "status": "error", "message": "no", "details": details}


def data(*items):
    """Return the body of an answer."""
    return {"data": list(items)}


def fields(*, unique):
    """Return the answer that tells which fields there are."""
    return {
        "fields": [
            {"api_name": "Email", "unique": {"casesensitive": ""} if unique else {}},
            {"api_name": "Ledger__c", "unique": {}, "external": {"type": "org"}},
            {"api_name": "Number", "unique": {}},
        ]
    }


def found(*records):
    """Return the answer of a query."""
    return {"data": list(records), "info": {"more_records": False}}


def record(id_, email, created=LATER):
    """Return a record as a query tells of it."""
    return {"id": str(id_), "Email": email, "Created_Time": created}


def told(report):
    """Return status and id of each row."""
    return [(outcome.status, outcome.id) for outcome in report.outcomes]


def statement(request):
    """Return what a request asks for in COQL."""
    return json.loads(request.body)["select_query"]


async def test_rows_with_the_same_key_are_created_one_after_the_other(zoho, script):
    """What the first has created is not taken for the second, whose answer was lost."""
    script.add(
        script.response(200, fields(unique=False), Date=NOW),
        script.response(201, data(done(11), done(12))),
        ConnectionLostError("reset"),
        script.response(200, found(record(11, "a@x"))),
    )
    rows = [{"Email": "a@x"}, {"Email": " A@x"}, {"Email": "b@x"}]
    report = await zoho.records("Leads").create_many(rows, key="Email")
    assert told(report) == [("created", "11"), ("in_doubt", ""), ("created", "12")]


async def test_a_duplicate_of_a_row_before_is_a_failure(zoho, script):
    """Also after a lost answer, where a unique key tells what was created by it."""
    script.add(
        script.response(200, fields(unique=True), Date=NOW),
        script.response(201, data(done(11))),
        ConnectionLostError("reset"),
        script.response(400, data(failed("DUPLICATE_DATA", api_name="Email", id="11"))),
        script.response(200, found(record(11, "a@x"))),
    )
    report = await zoho.records("Leads").create_many([{"Email": "a@x"}] * 2, key="Email")
    assert told(report) == [("created", "11"), ("failed", "")]
    assert isinstance(report.outcomes[1].error, DuplicateDataError)


async def test_a_duplicate_of_another_unique_field_is_no_creation(zoho, script):
    """The record in the way was created by this call, but by another of its rows."""
    script.add(
        script.response(200, fields(unique=True), Date=NOW),
        ConnectionLostError("reset"),
        script.response(
            400,
            data(
                failed("DUPLICATE_DATA", api_name="Ledger__c", id="11"),
                failed("DUPLICATE_DATA", api_name="Ledger__c", id="11"),
            ),
        ),
        script.response(200, found(record(11, "a@x"))),
    )
    rows = [{"Email": "a@x", "Ledger__c": "7"}, {"Email": "b@x", "Ledger__c": "7"}]
    report = await zoho.records("Leads").create_many(rows, key="Email")
    assert told(report) == [("created", "11"), ("failed", "")]
    assert statement(script.requests[3]).endswith("where Email in ('a@x', 'b@x') limit 2000")


async def test_a_duplicate_that_is_not_found_is_in_doubt(zoho, script):
    """Zoho says that the value exists, and has no record that has it."""
    script.add(
        script.response(200, fields(unique=True), Date=NOW),
        ConnectionLostError("reset"),
        script.response(400, data(failed("DUPLICATE_DATA", api_name="Email", id="11"))),
        script.response(204),
    )
    report = await zoho.records("Leads").create_many([{"Email": "a@x"}], key="Email")
    assert told(report) == [("in_doubt", "")]


@pytest.mark.parametrize("time", [None, "soon", "2036-01-01T00:00:00", 5])
async def test_a_duplicate_of_which_nothing_tells_how_old_it_is_is_in_doubt(zoho, script, time):
    """It may be what the first send has created."""
    script.add(
        script.response(200, fields(unique=True), Date=NOW),
        ConnectionLostError("reset"),
        script.response(400, data(failed("DUPLICATE_DATA", api_name="Email", id="11"))),
        script.response(200, found(record(11, "a@x", time))),
    )
    report = await zoho.records("Leads").create_many([{"Email": "a@x"}], key="Email")
    assert told(report) == [("in_doubt", "")]


async def test_several_records_with_the_value_of_a_row_leave_it_in_doubt(zoho, script):
    """Nobody knows which one it has created; older ones do not count."""
    script.add(
        script.response(200, fields(unique=False), Date=NOW),
        ConnectionLostError("reset"),
        script.response(
            200,
            found(
                *[record(number, "a@x") for number in (11, 12, 13)],
                record(14, "b@x", EARLIER),
                record(15, "b@x"),
            ),
        ),
    )
    rows = [{"Email": "a@x"}, {"Email": "b@x"}]
    report = await zoho.records("Leads").create_many(rows, key="Email")
    assert told(report) == [("in_doubt", ""), ("created", "15")]


async def test_an_external_id_is_a_unique_key(zoho, script):
    """Zoho keeps it unique, so the rows are sent again."""
    script.add(
        script.response(200, fields(unique=False)),
        ConnectionLostError("reset"),
        script.response(201, data(done(11))),
    )
    report = await zoho.records("Leads").create_many([{"Ledger__c": "7"}], key="Ledger__c")
    assert told(report) == [("created", "11")]


class Source(str, enum.Enum):  # noqa: UP042  # whose str() is its name
    """A value that is more than a text."""

    WEB = "Web Form"


@pytest.mark.parametrize(
    ("value", "literal", "kept"),
    [
        ("Straße 1", "'Straße 1'", "STRASSE 1"),
        ("  O'Brien ", "'O''Brien'", "o'brien"),
        (7, "7", "7"),
        (7, "7", 7.0),
        (Decimal("1.50"), "1.50", 1.5),
        (0, "0", 0),
        (Source.WEB, "'Web Form'", "web form"),
    ],
)
async def test_rows_are_looked_up_by_what_was_sent(zoho, script, value, literal, kept):
    """Trimmed, as Zoho keeps it; what comes back is compared without case, and as a number."""
    script.add(
        script.response(200, fields(unique=False), Date=NOW),
        ConnectionLostError("reset"),
        script.response(200, found({"id": "11", "Number": kept, "Created_Time": LATER})),
    )
    report = await zoho.records("Leads").create_many([{"Number": value}], key="Number")
    assert told(report) == [("created", "11")]
    assert f"where Number in ({literal}) limit" in statement(script.requests[2])


async def test_too_many_records_with_the_same_values_tell_nothing(zoho, script):
    """One of them might be missing from what was read."""
    many = {"data": [record(11, "a@x")], "info": {"more_records": True}}
    script.add(
        script.response(200, fields(unique=False), Date=NOW),
        ConnectionLostError("reset"),
        script.response(200, many),
    )
    report = await zoho.records("Leads").create_many([{"Email": "a@x"}], key="Email")
    assert told(report) == [("in_doubt", "")]


async def test_a_key_works_without_a_schema(zoho, script):
    """Where the fields cannot be read, rows are looked up and not sent again."""
    script.add(
        script.error(401, "OAUTH_SCOPE_MISMATCH", Date=NOW),
        ConnectionLostError("reset"),
        script.response(200, found(record(11, "a@x"))),
    )
    report = await zoho.records("Leads").create_many([{"Email": "a@x"}], key="Email")
    assert told(report) == [("created", "11")]


@pytest.mark.parametrize("key", ["", "a b,c", 5])
async def test_a_key_that_is_no_field_is_not_sent(zoho, script, key):
    """It raises at once."""
    with pytest.raises((TypeError, ValueError)):
        await zoho.records("Leads").create({"Email": "a"}, key=key)
    assert script.requests == []


async def test_zohos_time_may_become_known_later(zoho, script):
    """The answer of the second send tells when the first was sent."""
    script.add(
        ConnectionLostError("reset"),
        script.response(200, data(done(1, action="update", created=LATER)), Date=NOW),
    )
    assert (await zoho.records("Leads").upsert({"Email": "a"})).status == "created"


async def test_the_second_of_two_equal_rows_is_an_update(zoho, script):
    """An earlier row of the same batch has created the record, not the send that was lost."""
    script.add(
        script.response(200, fields(unique=True), Date=NOW),
        script.response(200, data(done(11, action="insert"))),
        ConnectionLostError("reset"),
        script.response(200, data(done(11, action="update"))),
    )
    rows = [{"Email": "a@x"}, {"Email": "A@x "}]
    report = await zoho.records("Leads").upsert_many(rows)
    assert told(report) == [("created", "11"), ("updated", "11")]


@pytest.mark.parametrize("verb", ["create", "create_many", "upsert"])
async def test_what_an_earlier_call_has_created_is_an_update(zoho, script, verb):
    """Whichever call it was, even within the same second, which is all that Zoho tells."""
    item, made = {"Email": "a@x"}, done(11, action="insert")
    script.add(script.response(200, data(made), Date=NOW))
    script.add(ConnectionLostError("reset"), script.response(200, data(done(11, action="update"))))
    leads = zoho.records("Leads")
    await getattr(leads, verb)([item] if verb == "create_many" else item)
    assert (await leads.upsert(item)).status == "updated"


async def test_the_answer_to_an_earlier_creation_tells_nothing_of_a_later_one(zoho, script):
    """What has become of that is in doubt, or looked up by its key."""
    distrusted = []
    script.distrust_connections = lambda: distrusted.append(len(script.requests))
    script.add(*[script.response(201, data(done(11)), Date=NOW)] * 2)
    leads = zoho.records("Leads")
    assert (await leads.create({"Email": "a@x"})).id == "11"
    with pytest.raises(InvalidResponseError, match="another call has created record 11") as caught:
        await leads.create({"Email": "b@x"})
    assert caught.value.maybe_done
    script.add(
        script.response(200, fields(unique=False), Date=NOW),
        script.response(201, data(done(11))),
        script.response(200, found(record(12, "b@x"))),
    )
    assert (await leads.create({"Email": "b@x"}, key="Email")).id == "12"
    assert distrusted == [2, 4]


async def test_zohos_clock_is_looked_at_again_in_long_batches(zoho, script, clock):
    """Its time is reckoned for a minute, then told by the latest answer."""

    async def rows():
        yield {"Email": "a@x"}
        yield {"Email": "a@x"}
        clock.advance(3600)
        yield {"Email": "a@x"}

    async def upserted(_):
        return script.response(
            200, data(done(11, action="update", created="2026-11-26T10:30:00+00:00")), Date=NOW
        )

    script.add(
        script.response(200, fields(unique=True), Date=NOW),
        *[upserted] * 2,
        ConnectionLostError("reset"),
        upserted,
    )
    outcomes = [outcome async for outcome in zoho.records("Leads").iter_upsert_many(rows())]
    assert [outcome.status for outcome in outcomes] == ["updated"] * 3


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (5, 5.0, False),
        ("5", 5, False),
        (Decimal("5.0"), 5, False),
        (True, "true", False),
        ("", None, True),
        ("ß", "SS", False),
        ({"id": "7"}, {"id": "7"}, True),
        (5.5, 5, True),
    ],
)
async def test_values_that_zoho_takes_for_equal_never_travel_together(
    zoho, script, first, second, together
):
    """However they are written; an empty value is none, and a lookup is no check value."""

    async def answer(request):
        rows = json.loads(request.body)["data"]
        return script.response(200, data(*[done(n, action="insert") for n in range(len(rows))]))

    script.add(script.response(200, fields(unique=False)), answer, answer)
    rows = [{"Last_Name": "a", "Number": first}, {"Last_Name": "b", "Number": second}]
    await zoho.records("Leads").upsert_many(rows, duplicate_check_fields=["Number"])
    sizes = [len(json.loads(request.body)["data"]) for request in script.requests[1:]]
    assert sizes == ([2] if together else [1, 1])


async def test_rows_with_the_same_id_never_travel_together(zoho, script):
    """An upsert may name one, however it is written."""

    async def answer(request):
        rows = json.loads(request.body)["data"]
        return script.response(200, data(*[done(7, action="update") for _ in rows]))

    script.add(script.response(200, fields(unique=False)), answer, answer)
    rows = [{"id": 7, "City": "a"}, {"id": "007", "City": "b"}]
    report = await zoho.records("Leads").upsert_many(rows)
    assert report.counts == {"updated": 2}
    assert len(script.requests) == 3


async def test_a_generator_may_fill_one_record_anew(zoho, script):
    """Each row is what the record held when it was given."""
    sent = []

    async def answer(request):
        sent.extend(json.loads(request.body)["data"])
        return script.response(200, data(*[done(n, action="insert") for n in range(len(sent))]))

    def rows():
        row = {}
        for number in range(3):
            row.update(Last_Name=str(number), Email=f"{number}@x")
            yield row

    script.add(script.response(200, fields(unique=True)), answer)
    outcomes = [outcome async for outcome in zoho.records("Leads").iter_upsert_many(rows())]
    assert [outcome.status for outcome in outcomes] == ["created"] * 3
    assert [row["Email"] for row in sent] == ["0@x", "1@x", "2@x"]


RULE = {"RRULE": "FREQ=DAILY;INTERVAL=1"}


@pytest.mark.parametrize(
    ("items", "status"),
    [
        ([done(1), done(2), done(3)], "created"),
        ([failed("MANDATORY_NOT_FOUND"), failed("MANDATORY_NOT_FOUND")], "failed"),
        ([done(1), failed("MANDATORY_NOT_FOUND")], "in_doubt"),
        ([], "in_doubt"),
    ],
)
async def test_an_event_that_recurs_is_one_row(zoho, script, items, status):
    """Whatever the number of its occurrences, if all came to the same."""
    script.add(script.response(201, data(*items)))
    report = await zoho.records("Events").create_many([{"a": 2, "Recurring_Activity": RULE}])
    assert [outcome.status for outcome in report.outcomes] == [status]


async def test_an_upsert_of_an_event_that_recurs_is_one_row(zoho, script):
    """It travels alone there, too, and is sent once."""
    items = [done(1, action="insert"), done(2, action="insert")]
    script.add(script.response(200, data(*items)), ConnectionLostError("reset"))
    events = zoho.records("Events")
    row = {"Name": "a", "Recurring_Activity": RULE}
    assert (await events.upsert(row)).status == "created"
    with pytest.raises(ConnectionLostError):
        await events.upsert(row)


async def test_one_row_may_be_answered_with_an_object(zoho, script):
    """In the place of a list of one."""
    script.add(script.response(200, {"data": done(7)}), script.response(200, {"data": failed()}))
    leads = zoho.records("Leads")
    assert (await leads.update("7", {"a": 1})).status == "updated"
    with pytest.raises(InvalidDataError):
        await leads.update("7", {"a": 1})


async def test_a_call_that_failed_as_a_whole_wrote_nothing(zoho, script):
    """Also if its HTTP status says success; Zoho's own trouble is tried again."""
    script.add(
        script.response(200, failed("LIMIT_EXCEEDED")),
        script.response(200, failed("INTERNAL_ERROR")),
        script.response(200, data(done(1), done(2))),
    )
    leads = zoho.records("Leads")
    assert (await leads.create_many([{"a": 1}, {"a": 2}])).counts == {"failed": 2}
    rows = [{"id": "1", "a": 1}, {"id": "2", "a": 1}]
    assert (await leads.update_many(rows)).counts == {"updated": 2}


@pytest.mark.parametrize(
    ("item", "status"),
    [
        (done(1, action=["insert"]), "done"),
        (done(1, action="INSERT"), "created"),
        (done(1), "done"),
        ({**done(1, action="update"), "status": "SUCCESS"}, "updated"),
        ({**done(1, action="insert"), "details": None}, "created"),
        ({"code": "SUCCESS", "details": {"id": "1"}}, "in_doubt"),
        ({"code": "NEW_IN_V9", "details": {"id": "1"}}, "in_doubt"),
        ("success", "in_doubt"),
        (None, "in_doubt"),
    ],
)
async def test_an_odd_item_is_about_its_row_alone(zoho, script, item, status):
    """Only what says success is one."""
    items = data(done(8, action="insert"), item, done(9, action="update"))
    script.add(script.response(200, fields(unique=True)), script.response(200, items))
    rows = [{"Email": "a"}, {"Email": "b"}, {"Email": "c"}]
    report = await zoho.records("Leads").upsert_many(rows)
    assert [outcome.status for outcome in report.outcomes] == ["created", status, "updated"]


@pytest.mark.parametrize("verb", ["update_many", "delete_many"])
async def test_a_failure_that_names_another_record_is_in_doubt(zoho, script, verb):
    """It may be the answer to another call; a duplicate names the record in the way."""
    script.add(
        script.response(
            207, data(failed("RECORD_LOCKED", id="8"), failed("DUPLICATE_DATA", id="9"))
        )
    )
    leads = zoho.records("Leads")
    if verb == "update_many":
        report = await leads.update_many([{"id": "1", "a": 1}, {"id": "2", "a": 1}])
        assert [outcome.status for outcome in report.outcomes] == ["in_doubt", "failed"]
    else:
        report = await leads.delete_many(["1", "2"])
        assert report.outcomes[0].status == "in_doubt"
    assert isinstance(report.outcomes[0].error, InvalidResponseError)


async def test_a_deletion_is_sent_again_if_its_rejection_does_not_account_for_each_row(
    zoho, script
):
    """As after an answer that was lost: what the first send has deleted is gone."""
    gone = [failed(id="1"), failed(id="2")]
    script.add(
        ConnectionLostError("reset"),
        script.response(400, data(gone[0])),
        script.response(400, data(*gone)),
    )
    report = await zoho.records("Leads").delete_many(["1", "2"])
    assert report.counts == {"already_gone": 2}
    assert len(script.requests) == 3


async def test_a_creation_is_not_sent_again_if_its_rejection_does_not_account_for_each_row(
    zoho, script
):
    """The rows that it does not tell of may have been created."""
    script.add(script.response(400, data(failed())))
    report = await zoho.records("Leads").create_many([{"a": 1}, {"a": 2}])
    assert report.counts == {"in_doubt": 2}
    assert len(script.requests) == 1


@pytest.mark.parametrize("code", ["RESOURCE_NOT_FOUND", "NOT_ALLOWED"])
async def test_one_error_tells_nothing_of_several_deletions_that_may_be_done(zoho, script, code):
    """After a lost answer; of one record it tells."""
    script.add(ConnectionLostError("reset"), script.response(400, failed(code)))
    report = await zoho.records("Leads").delete_many(["1", "2"])
    assert report.counts == {"in_doubt": 2}
    script.add(ConnectionLostError("reset"), script.response(400, failed(code)))
    report = await zoho.records("Leads").delete_many(["1"])
    assert report.counts == {"protected" if code == "NOT_ALLOWED" else "already_gone": 1}


async def test_one_unknown_id_says_nothing_of_the_other_records(zoho, script):
    """They were not deleted, and are there."""
    script.add(script.response(400, failed(id="1")), script.response(400, failed(id="3")))
    leads = zoho.records("Leads")
    report = await leads.delete_many(["1", "2"])
    assert [outcome.status for outcome in report.outcomes] == ["not_found", "failed"]
    assert (await leads.delete_many(["3"])).counts == {"not_found": 1}


TOO_MANY = failed("TOO_MANY_REQUESTS")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, TOO_MANY),
        (200, data(TOO_MANY)),
        (200, data(TOO_MANY, TOO_MANY)),
        (400, data(TOO_MANY)),
        (429, data(TOO_MANY)),
        (401, data(failed("INVALID_TOKEN"))),
    ],
)
async def test_a_creation_that_was_turned_away_is_sent_again(zoho, script, status, body):
    """Whatever the status, and however many items say so: no row was read."""
    script.add(
        script.response(status, body),
        script.response(200, data(done(1), done(2))),
    )
    report = await zoho.records("Leads").create_many([{"a": 1}, {"a": 2}])
    assert told(report) == [("created", "1"), ("created", "2")]


@pytest.mark.parametrize("body", [TOO_MANY, data(TOO_MANY)])
async def test_one_record_that_was_turned_away_is_sent_again(zoho, script, body):
    """Under a status that says success, too."""
    script.add(script.response(200, body), script.response(200, data(done(3))))
    assert (await zoho.records("Leads").create({"a": 3})).id == "3"


@pytest.mark.parametrize("status", [207, 400, 429])
async def test_a_creation_of_which_a_part_was_turned_away_is_not_sent_again(zoho, script, status):
    """The other rows are there."""
    script.add(script.response(status, data(TOO_MANY, done(2))))
    report = await zoho.records("Leads").create_many([{"a": 1}, {"a": 2}])
    assert told(report) == [("failed", ""), ("created", "2")]
    assert len(script.requests) == 1


async def test_a_row_that_was_turned_away_after_a_lost_answer_is_in_doubt(zoho, script):
    """The earlier send may have done it."""
    script.add(ConnectionLostError("reset"), script.response(207, data(TOO_MANY, done(2))))
    report = await zoho.records("Leads").delete_many(["1", "2"])
    assert told(report) == [("in_doubt", "1"), ("deleted", "2")]


async def test_a_missing_scope_is_told_as_such_in_a_list(zoho, script):
    """It is that of the call, not of its first row."""
    script.add(script.response(401, data(failed("OAUTH_SCOPE_MISMATCH"))))
    report = await zoho.records("Leads").create_many([{"a": 1}, {"a": 2}])
    assert report.counts == {"failed": 2}
    assert isinstance(report.outcomes[1].error, ScopeError)


async def test_a_failure_that_names_its_own_record_is_one(zoho, script):
    """As the items of deletes do."""
    script.add(script.response(207, data(failed("RECORD_LOCKED", id="1"), done(2))))
    report = await zoho.records("Leads").delete_many(["1", "2"])
    assert [outcome.status for outcome in report.outcomes] == ["protected", "deleted"]
    assert isinstance(report.outcomes[0].error, NotAllowedError)


async def test_an_external_id_with_a_comma_is_deleted_by_itself(zoho, script):
    """Among others it would stand for two, and others would be deleted."""
    script.add(
        script.response(200, data(done(7))),
        script.response(200, data(done(8), done(9))),
    )
    contacts = zoho.records("Contacts", external_id="Ledger__c")
    report = await contacts.delete_many(["A", "B,1", "C"], wf_trigger=False, concurrency=1)
    assert report.counts == {"deleted": 3}
    targets = {
        request.path.rpartition("/Contacts")[2]: request.query for request in script.requests
    }
    assert targets == {"": "wf_trigger=false&ids=A%2CC", "/B%2C1": "wf_trigger=false"}


@pytest.mark.parametrize(("value", "name"), [("A/1", "A/1"), (5, "5"), (0, "0")])
async def test_a_change_names_its_record_by_an_external_id(zoho, script, value, name):
    """Text or a number; those that are the same keep their order."""
    script.add(*[script.response(200, data(done(7)))] * 2)
    rows = [{"Ledger__c": value, "a": 1}, {"Ledger__c": f"{name} ", "a": 2}]
    report = await zoho.records("Contacts", external_id="Ledger__c").update_many(rows)
    assert report.counts == {"updated": 2}
    assert [json.loads(r.body)["data"][0]["a"] for r in script.requests] == [1, 2]


@pytest.mark.parametrize("value", [None, "", " ", [1], {"id": "7"}])
async def test_a_change_without_its_external_id_is_not_sent(zoho, script, value):
    """It names no record."""
    contacts = zoho.records("Contacts", external_id="Ledger__c")
    with pytest.raises(ValueError, match="Ledger__c"):
        await contacts.update_many([{"Ledger__c": value, "a": 1}])
    assert script.requests == []


async def test_a_contradiction_is_looked_up_like_a_lost_answer(zoho, script):
    """An answer whose items tell of other places says nothing about the rows."""
    script.add(
        script.response(200, fields(unique=False), Date=NOW),
        script.response(207, data(done(11), failed(json_path="$.data[0].Email"))),
        script.response(200, found(record(11, "a@x"))),
    )
    rows = [{"Email": "a@x"}, {"Email": "b@x"}]
    report = await zoho.records("Leads").create_many(rows, key="Email")
    assert told(report) == [("created", "11"), ("in_doubt", "")]


@pytest.mark.parametrize("verb", ["create", "upsert", "update", "delete"])
async def test_used_up_credits_end_a_batch(zoho, script, verb):
    """What was not sent is not attempted."""
    out = script.error(429, "TOO_MANY_REQUESTS", X_API_CREDITS_REMAINING="0")
    items = [done(number, action="insert") for number in range(100)]
    script.add(script.response(200, fields(unique=True))) if verb == "upsert" else None
    script.add(script.response(200, data(*items)), out)
    rows = [{"id": str(number), "Email": f"{number}@x"} for number in range(350)]
    leads = zoho.records("Leads")
    if verb in {"create", "upsert"}:
        rows = [{"Email": row["Email"]} for row in rows]
    given = [row["id"] for row in rows] if verb == "delete" else rows
    report = await getattr(leads, f"{verb}_many")(iter(given), concurrency=1)
    word = {"create": "created", "upsert": "created"}.get(verb, f"{verb}d")
    assert report.counts == {word: 100, "failed": 100, "not_attempted": 150}
    assert isinstance(report.outcomes[-1].error, CreditsExhaustedError)


async def test_a_list_of_another_kind_counts_too_for_subforms(zoho, script):
    """New rows of a subform are appended by each send, whatever the list is made of."""

    class Rows(list):
        """A list of somebody else's."""

    script.add(ConnectionLostError("reset"))
    with pytest.raises(ConnectionLostError):
        await zoho.records("Leads").update("7", {"Rows": Rows([{"Skill": "x"}])})
    assert len(script.requests) == 1


class Number:
    """A number of another library's."""

    def __index__(self):
        """Return it."""
        return 7


class Colour(enum.Enum):
    """An Enum that is nothing else."""

    RED = "red"
    BLUE = uuid.UUID(int=6)


#: Values that JSON does not know, and what is sent for them.
SENT = [
    pytest.param(uuid.UUID(int=5), str(uuid.UUID(int=5)), id="UUID"),
    pytest.param(Colour.RED, "red", id="Enum"),
    pytest.param(Colour.BLUE, str(uuid.UUID(int=6)), id="Enum of a UUID"),
    pytest.param(Number(), 7, id="index"),
    pytest.param(dt.date(2026, 1, 2), "2026-01-02", id="date"),
    pytest.param(dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "2026-01-02T00:00:00+00:00", id="moment"),
]


@pytest.mark.parametrize(("value", "shown"), SENT)
async def test_values_are_compared_as_they_are_sent(zoho, script, value, shown):
    """Whatever type stands for them, two rows with the same one never travel together."""
    script.add(
        script.response(200, fields(unique=True), Date=NOW),
        script.response(200, data(done(1, action="insert"))),
        script.response(200, data(done(1, action="update"))),
    )
    rows = [{"Email": value, "n": 1}, {"Email": value, "n": 2}]
    report = await zoho.records("Leads").upsert_many(rows, duplicate_check_fields=["Email"])

    assert ["created", "updated"] == [outcome.status for outcome in report.outcomes]
    bodies = [json.loads(request.body)["data"] for request in script.requests[1:]]
    assert [[{"Email": shown, "n": 1}], [{"Email": shown, "n": 2}]] == bodies


@pytest.mark.parametrize(("value", "shown"), SENT)
async def test_rows_may_be_named_by_values_that_json_does_not_know(zoho, script, value, shown):
    """As a key, which is looked up as it was sent, and as an external id."""
    script.add(
        script.response(200, fields(unique=False), Date=NOW),
        ConnectionLostError("reset"),
        script.response(200, found(record(11, shown))),
        script.response(200, data(done(12))),
    )
    created = await zoho.records("Leads").create_many([{"Email": value}], key="Email")
    leads = zoho.records("Leads", external_id="Ledger__c")
    updated = await leads.update_many([{"Ledger__c": value, "City": "Cork"}])

    assert [("created", "11")] == [(each.status, each.id) for each in created.outcomes]
    assert {"updated": 1} == updated.counts


async def test_a_row_is_compared_as_it_was_given(zoho, script):
    """Its owner may change it while the fields are being read."""
    rows = [{"Email": "same@x", "n": 1}, {"Email": "same@x", "n": 2}]

    async def change(_request):
        rows[0]["Email"] = "other@x"
        rows[1].clear()
        return script.response(200, fields(unique=True))

    script.add(
        change,
        script.response(200, data(done(1, action="insert"))),
        script.response(200, data(done(1, action="update"))),
    )
    await zoho.records("Leads").upsert_many(rows, duplicate_check_fields=["Email"])

    bodies = [json.loads(request.body)["data"] for request in script.requests[1:]]
    assert [[{"Email": "same@x", "n": 1}], [{"Email": "same@x", "n": 2}]] == bodies


@pytest.mark.parametrize("own", [None, ""])
async def test_an_empty_id_names_no_record(zoho, script, own):
    """Such a row is an insert, which is sent once; many of them share a call."""
    script.add(script.response(200, fields(unique=True)), ConnectionLostError("reset"))
    rows = [{"id": own, "Last_Name": name} for name in "ab"]
    report = await zoho.records("Leads").upsert_many(rows)

    assert {"in_doubt": 2} == report.counts
    assert 2 == len(script.requests)


@pytest.mark.parametrize("own", [4.150868000000225e18, True, "x", " 5 x"])
async def test_an_upsert_takes_ids_by_the_same_rule_as_an_update(zoho, script, own):
    """A number that has lost its digits on the way would name another record."""
    with pytest.raises((TypeError, InvalidInputError)):
        await zoho.records("Leads").upsert_many([{"id": own, "Last_Name": "x"}])

    assert not script.requests


async def test_a_row_cancelled_while_duplicates_are_looked_up_is_in_doubt(zoho, script):
    """One send or the other has created it."""
    limit, told = asyncio.timeout(None), []

    async def never(_request):
        limit.reschedule(0)
        await asyncio.Event().wait()

    script.add(
        script.response(200, fields(unique=True), Date=NOW),
        ConnectionLostError("reset"),
        script.response(207, data(failed("DUPLICATE_DATA", api_name="Email", id="77"), done(78))),
        never,
    )
    rows = [{"Email": "a@x"}, {"Email": "b@x"}]
    with pytest.raises(TimeoutError):
        async with limit:
            await zoho.records("Leads").create_many(rows, key="Email", on_outcome=told.append)

    assert ["in_doubt", "in_doubt"] == [outcome.status for outcome in told]


async def test_a_word_for_neither_success_nor_error_is_a_doubt(zoho, script):
    """Such as for what Zoho does later."""
    later = {"code": "SCHEDULED", "status": "pending", "message": "", "details": {}}
    script.add(script.response(200, data(later)))
    report = await zoho.records("Leads").create_many([{"Last_Name": "x"}])

    assert {"in_doubt": 1} == report.counts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1e300000", "10E299999"),
        ("-1E+500000", "-1.0E500000"),
        ("1.20e-300000", "12e-300001"),
        ("0", "0E500"),
        ("-0", "0E-500000"),
    ],
)
def test_numbers_of_many_digits_are_compared_at_once(one, other):
    """Their zeros are not written, which would hold up the event loop for seconds."""
    assert compared(Decimal(one)) == compared(Decimal(other))
    assert compared(Decimal(one)) != compared(Decimal(3))
    assert len(compared(Decimal(one))) < 20


async def test_an_upsert_of_new_rows_of_a_subform_is_sent_once(zoho, script):
    """Each send would append them again."""
    script.add(script.response(200, fields(unique=True)), ConnectionLostError("reset"))
    row = {"Email": "a@x", "Skill_Rows": [{"Skill": "Bread"}]}
    report = await zoho.records("Leads").upsert_many([row], duplicate_check_fields=["Email"])

    assert {"in_doubt": 1} == report.counts
    assert 2 == len(script.requests)
