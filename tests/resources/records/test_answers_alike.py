"""Long answers whose items are written alike say the same of each row as any other answer."""

import json

import pytest

from aiozcrm._protocol import AlikeItems, Request, Response, decode
from aiozcrm.errors import (
    ConnectionLostError,
    InvalidDataError,
    InvalidResponseError,
    ServerError,
)

#: What Zoho's clock shows in these tests.
NOW = "Thu, 26 Nov 2026 10:00:00 GMT"
USER = {"name": "Mira Oldenkamp", "id": "4150868000000225013"}
ROWS = 100


def items(count=ROWS, *, first=1001, own_times=False, **said):
    """Return what Zoho says of so many records that it has written."""
    return [
        {
            "code": "SUCCESS",
            "action": "insert",
            "details": {
                "Modified_Time": "2026-11-27T10:00:00+01:00",
                "Created_Time": f"2020-01-01T00:{number % 60:02}:00+01:00"
                if own_times
                else "2026-11-27T10:00:00+01:00",
                "id": str(first + number),
                "Created_By": USER,
            },
            "message": "record added",
            "status": "success",
            **said,
        }
        for number in range(count)
    ]


def rows(count=ROWS, **more):
    """Yield so many rows."""
    for number in range(count):
        yield {"Email": f"{number}@example.org", **more}


def changes(count=ROWS, first=1001):
    """Yield changes of so many records."""
    for number in range(count):
        yield {"id": str(first + number), "Phone": "1"}


def test_long_answers_are_read_without_decoding_each_item():
    """Unless the caller may change the items."""
    request = Request("POST", "https://www.zohoapis.eu", "/crm/v7/Leads", {})
    short, long = (
        Response(201, {}, json.dumps({"data": items(count)}).encode()) for count in (3, ROWS)
    )
    assert type(decode(request, long, alike=True)["data"]) is AlikeItems
    assert type(decode(request, long)["data"]) is list
    assert type(decode(request, short, alike=True)["data"]) is list


@pytest.mark.parametrize("own_times", [False, True])
async def test_each_row_has_the_details_of_its_item(zoho, script, own_times):
    """Its own times, and what is the same in all of them."""
    told = items(own_times=own_times)
    script.add(script.response(201, {"data": told}))
    report = await zoho.records("Leads").create_many(rows())
    assert report.counts == {"created": ROWS}
    assert [outcome.details for outcome in report.outcomes] == [item["details"] for item in told]
    assert [[*outcome.details] for outcome in report.outcomes] == [
        [*item["details"]] for item in told
    ]
    assert [outcome.id for outcome in report.outcomes] == [str(1001 + row) for row in range(ROWS)]
    assert [outcome.index for outcome in report.outcomes] == [*range(ROWS)]


@pytest.mark.parametrize(("action", "status"), [("insert", "created"), ("update", "updated")])
async def test_an_upsert_says_what_it_did_with_all(zoho, script, action, status):
    """Where it has created all, they are created; where it has changed all, updated."""
    script.add(
        script.response(200, {"fields": [{"api_name": "Email"}]}),
        script.response(200, {"data": items(action=action)}),
    )
    leads = zoho.records("Leads")
    outcomes = [outcome async for outcome in leads.iter_upsert_many(rows())]
    assert [outcome.status for outcome in outcomes] == [status] * ROWS


async def test_an_upsert_that_says_an_unknown_word_is_done(zoho, script):
    """It was a success, whatever it did."""
    script.add(
        script.response(200, {"fields": [{"api_name": "Email"}]}),
        script.response(200, {"data": items(action="merge")}),
    )
    report = await zoho.records("Leads").upsert_many(rows())
    assert report.counts == {"done": ROWS}


async def test_changes_and_deletions_are_matched_with_their_records(zoho, script):
    """An item that is about the id of its row is a success."""
    script.add(
        script.response(200, {"data": items(action="update")}),
        script.response(200, {"data": items(action=None, message="record deleted")}),
    )
    leads = zoho.records("Leads")
    assert (await leads.update_many(changes())).counts == {"updated": ROWS}
    ids = [str(1001 + row) for row in range(ROWS)]
    assert (await leads.delete_many(ids)).counts == {"deleted": ROWS}


async def test_rows_about_other_records_are_in_doubt(zoho, script):
    """It may be the late answer to another call."""
    script.add(script.response(200, {"data": items(first=1002)}))
    report = await zoho.records("Leads").update_many(changes())
    assert report.counts == {"in_doubt": ROWS}
    assert report.outcomes[0].id == "1001"
    assert isinstance(report.outcomes[0].error, InvalidResponseError)


@pytest.mark.parametrize("answered", [ROWS - 1, ROWS + 1])
async def test_rows_without_an_item_each_are_in_doubt(zoho, script, answered):
    """Nobody knows whose are missing."""
    script.add(script.response(201, {"data": items(answered)}))
    report = await zoho.records("Leads").create_many(rows())
    assert report.counts == {"in_doubt": ROWS}
    error = report.outcomes[0].error
    assert isinstance(error, InvalidResponseError)
    assert error.excerpt.startswith('{"data": [{"code": "SUCCESS"')


async def test_errors_that_are_alike_are_those_of_the_rows(zoho, script):
    """Errors are always decoded, and each row has its own."""
    failures = items(code="INVALID_DATA", status="error", message="invalid data")
    script.add(script.response(200, {"data": failures}))
    report = await zoho.records("Leads").create_many(rows())
    assert report.counts == {"failed": ROWS}
    assert all(isinstance(outcome.error, InvalidDataError) for outcome in report.outcomes)
    assert len({id(outcome.error) for outcome in report.outcomes}) == ROWS


async def test_trouble_that_is_alike_in_every_row_is_tried_again(zoho, script):
    """It may pass, so nothing is told before the retries are used up."""
    trouble = items(code="INTERNAL_ERROR", status="error", message="try later")
    script.add(
        *[script.response(200, {"data": trouble})] * 2,
        script.response(200, {"data": items(action="update")}),
    )
    report = await zoho.records("Leads").update_many(changes())
    assert report.counts == {"updated": ROWS}
    script.add(*[script.response(200, {"data": trouble})] * 9)
    report = await zoho.records("Leads").update_many(changes())
    assert {type(outcome.error) for outcome in report.outcomes} == {ServerError}


async def test_the_occurrences_of_an_event_are_one_outcome(zoho, script):
    """Zoho sends an item for each of them."""
    script.add(script.response(201, {"data": items()}))
    event = {"Event_Title": "Stand-up", "Recurring_Activity": {"RRULE": "FREQ=DAILY"}}
    outcome = await zoho.records("Events").create(event)
    assert (outcome.status, outcome.id) == ("created", "1001")


async def test_an_upsert_that_is_sent_again_tells_its_own_creations(zoho, script):
    """By when they were made."""
    now = [
        {
            **item,
            "details": {**item["details"], "Created_Time": f"2026-11-26T11:00:{row % 60:02}+01:00"},
        }
        for row, item in enumerate(items(action="update"))
    ]
    script.add(
        script.response(200, {"fields": [{"api_name": "Email"}]}, Date=NOW),
        ConnectionLostError("gone"),
        script.response(200, {"data": now}),
    )
    report = await zoho.records("Leads").upsert_many(rows())
    assert report.counts == {"created": ROWS}
    assert report.outcomes[7].details["Created_Time"] == "2026-11-26T11:00:07+01:00"


async def test_a_list_of_the_users_own_call_is_the_users(zoho, script):
    """Nothing in it is shared, so that it can be changed."""
    script.add(script.response(201, {"data": items()}))
    told = await zoho.request("POST", "Leads", json={"data": [*rows()]})
    assert told == json.loads(json.dumps({"data": items()}))
    told["data"][0]["details"]["Created_By"]["name"] = "Ines"
    assert told["data"][1]["details"]["Created_By"] == USER


async def test_one_id_for_all_rows_is_the_answer_of_nobody(zoho, script):
    """As from a server for tests, which tells of the same record in each row."""
    told = [
        {**item, "details": {**item["details"], "id": "1001"}} for item in items(own_times=True)
    ]
    script.add(*[script.response(200, {"data": told})] * 2)
    report = await zoho.records("Leads").create_many(rows())
    assert report.counts == {"created": ROWS}
    assert {outcome.id for outcome in report.outcomes} == {"1001"}
    report = await zoho.records("Leads").update_many(changes())
    assert report.counts == {"updated": 1, "in_doubt": ROWS - 1}


async def test_a_row_that_fails_leaves_the_others_what_they_are(zoho, script):
    """In their order, with their places, details and ids."""
    told = items(own_times=True)
    told[7] = {
        "code": "INVALID_DATA",
        "status": "error",
        "message": "no",
        "details": {"api_name": "Email", "json_path": "$.data[7].Email"},
    }
    script.add(*[script.response(207, {"data": told})] * 2)
    leads = zoho.records("Leads")
    report = await leads.create_many(rows())
    streamed = [outcome async for outcome in leads.iter_create_many(rows())]
    for outcomes in (report.outcomes, streamed):
        assert [outcome.index for outcome in outcomes] == [*range(ROWS)]
        assert [outcome.status for outcome in outcomes] == [
            "failed" if row == 7 else "created" for row in range(ROWS)
        ]
        assert {outcome.attempts for outcome in outcomes} == {1}
        assert [outcome.details for outcome in outcomes if outcome.kind == "done"] == [
            item["details"] for item in told if item["status"] == "success"
        ]
        assert isinstance(outcomes[7].error, InvalidDataError)


async def test_rows_that_are_named_otherwise_are_matched_by_their_places(zoho, script):
    """An external id is not what the answer tells."""
    script.add(script.response(200, {"data": items(action="update")}))
    leads = zoho.records("Leads", external_id="Customer_No")
    given = [{"Customer_No": f"C{row}", "Phone": "1"} for row in range(ROWS)]
    report = await leads.update_many(given)
    assert report.counts == {"updated": ROWS}
    assert report.outcomes[5].id == "1006"


async def test_a_report_keeps_equal_texts_once(zoho, script):
    """However the answer was read."""
    told = items(own_times=True)
    other = items(own_times=True)
    other[7]["details"]["Created_By"] = {"name": "Jo Li", "id": "4150868000000225099"}
    script.add(*[script.response(201, {"data": each}) for each in (told, other)])
    for _ in range(2):
        report = await zoho.records("Leads").create_many(rows())
        times = [outcome.details["Created_Time"] for outcome in report.outcomes]
        assert len({id(time) for time in times}) == len(set(times)) == 60


async def test_an_id_that_came_before_is_no_creation(zoho, script):
    """Nor is one that an upsert of many rows has created, beside others that it has changed."""
    told = items()
    for item in told[1:]:
        item["action"] = "update"
    script.add(script.response(200, {"fields": [{"api_name": "Email"}]}))
    for answer in (items(first=5001), told):
        script.add(script.response(200, {"data": answer}))
        await zoho.records("Leads").upsert_many(rows())
    for own in ("5001", "1001"):
        script.add(script.response(201, {"data": items(1, first=int(own))}))
        with pytest.raises(InvalidResponseError, match="another call has created"):
            await zoho.records("Leads").create({"Email": "a@b.example"})
    script.add(script.response(201, {"data": items(1, first=1002)}))
    assert (await zoho.records("Leads").create({"Email": "a@b.example"})).id == "1002"
