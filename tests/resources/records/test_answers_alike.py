"""Long answers whose items are written alike say the same of each row as any other answer."""

import json

import pytest

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


@pytest.mark.parametrize("own_times", [False, True])
async def test_each_row_has_the_details_of_its_item(zoho, script, own_times):
    """With times of their own as well."""
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
    """In the word that fits."""
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
    """Each names its own."""
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
    """Each row has its own."""
    failures = items(code="INVALID_DATA", status="error", message="invalid data")
    script.add(script.response(200, {"data": failures}))
    report = await zoho.records("Leads").create_many(rows())
    assert report.counts == {"failed": ROWS}
    assert all(isinstance(outcome.error, InvalidDataError) for outcome in report.outcomes)
    assert len({id(outcome.error) for outcome in report.outcomes}) == ROWS


async def test_trouble_that_is_alike_in_every_row_is_tried_again(zoho, script):
    """As where it is said once."""
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
    """However many there are."""
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
