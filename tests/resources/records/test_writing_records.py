"""Writing records: an outcome for every row, whatever becomes of a call."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from aiozcrm.errors import (
    ConnectionLostError,
    DuplicateDataError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    NotFoundError,
)

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


def sent(request):
    """Return what a request carried."""
    return json.loads(request.body)


def created(start, count):
    """Return the answer to a call that created so many records."""
    return data(*(done(number) for number in range(start, start + count)))


async def test_create_sends_one_and_returns_its_id(zoho, script):
    """With what goes along beside it."""
    script.add(script.response(201, created(1, 1)))
    outcome = await zoho.records("Leads").create(
        {"Last_Name": "x"}, trigger=[], lar_id="5", skip_feature_execution=[{"name": "cadences"}]
    )
    assert (outcome.status, outcome.id) == ("created", "1")
    assert sent(script.requests[0]) == {
        "data": [{"Last_Name": "x"}],
        "trigger": [],
        "lar_id": "5",
        "skip_feature_execution": [{"name": "cadences"}],
    }


async def test_a_rejected_create_raises_the_error_of_its_row(zoho, script):
    """The class tells the kind, and the error names the field."""
    script.add(script.response(400, data(failed("DUPLICATE_DATA", api_name="Email", id="9"))))
    with pytest.raises(DuplicateDataError) as caught:
        await zoho.records("Leads").create({"Email": "x"})
    assert (caught.value.api_name, caught.value.existing_id) == ("Email", "9")


async def test_many_go_a_hundred_a_call_with_their_options(zoho, script):
    """From any iterable; each outcome has its place and its id."""
    for start, count in ((0, 100), (100, 100), (200, 50)):
        script.add(script.response(201, created(start, count)))
    rows = ({"Last_Name": str(number)} for number in range(250))
    report = await zoho.records("Leads").create_many(rows, concurrency=1, trigger=["workflow"])
    assert report.counts == {"created": 250}
    assert [(o.index, o.id) for o in report.outcomes] == [(n, str(n)) for n in range(250)]
    assert [len(sent(request)["data"]) for request in script.requests] == [100, 100, 50]
    assert all(sent(request)["trigger"] == ["workflow"] for request in script.requests)


async def test_rows_come_from_async_iterables(zoho, script):
    """A stream yields outcomes as calls end."""
    script.add(script.response(201, created(1, 2)))

    async def rows():
        yield {"Last_Name": "a"}
        yield {"Last_Name": "b"}

    outcomes = [o async for o in zoho.records("Leads").iter_create_many(rows())]
    assert [outcome.status for outcome in outcomes] == ["created", "created"]


@pytest.mark.parametrize("status", [200, 202, 207, 400, 403, 412])
async def test_each_row_has_the_outcome_of_its_item(zoho, script, status):
    """Whatever the HTTP status is."""
    body = data(
        done(1), failed("MANDATORY_NOT_FOUND", api_name="Last_Name"), failed("RECORD_LOCKED")
    )
    script.add(script.response(status, body))
    report = await zoho.records("Leads").create_many([{"a": 1}, {"a": 2}, {"a": 3}])
    assert [outcome.status for outcome in report.outcomes] == ["created", "failed", "failed"]
    assert isinstance(report.outcomes[1].error, InvalidDataError)
    assert report.outcomes[1].error.api_name == "Last_Name"


@pytest.mark.parametrize(
    "body",
    [
        data(done(1)),
        data(done(1), done(2), done(3)),
        data(done(1), failed(json_path="$.data[0].Last_Name")),
        {},
        {"data": None},
        {"data": {"a": 1}},
    ],
)
async def test_an_answer_that_does_not_account_for_each_row_is_in_doubt(zoho, script, body):
    """All rows of the call may have been written."""
    script.add(script.response(200, body))
    report = await zoho.records("Leads").create_many([{"a": 1}, {"a": 2}])
    assert report.counts == {"in_doubt": 2}


async def test_a_row_that_says_neither_is_in_doubt(zoho, script):
    """Only success is a success."""
    script.add(script.response(200, data(done(1), {"details": {}})))
    report = await zoho.records("Leads").create_many([{"a": 1}, {"a": 2}])
    assert [outcome.status for outcome in report.outcomes] == ["created", "in_doubt"]


async def test_a_lost_answer_leaves_created_rows_in_doubt(zoho, script):
    """They are not sent again."""
    script.add(ConnectionLostError("reset"))
    report = await zoho.records("Leads").create_many([{"a": 1}, {"a": 2}])
    assert report.counts == {"in_doubt": 2}
    assert len(script.requests) == 1


def fields(*, unique):
    """Return the answer that tells whether Email is unique."""
    field = {
        "api_name": "Email",
        "data_type": "email",
        "unique": {"casesensitive": ""} if unique else {},
    }
    return {"fields": [field, {"api_name": "Last_Name", "data_type": "text", "unique": {}}]}


async def test_rows_with_a_key_are_looked_up_after_a_lost_answer(zoho, script):
    """What is not older than the send was created by it; the rest stays in doubt."""
    script.add(
        script.response(200, fields(unique=False), Date=NOW),
        ConnectionLostError("reset"),
        script.response(
            200,
            {
                "data": [
                    {"id": "11", "Email": "A@x ", "Created_Time": LATER},
                    {"id": "12", "Email": "b@x", "Created_Time": EARLIER},
                    {"id": "13", "Email": "d@x", "Created_Time": LATER},
                    {"id": "14", "Email": "d@x", "Created_Time": LATER},
                ],
                "info": {"more_records": False},
            },
        ),
    )
    rows = [{"Email": f"{name}@x"} for name in ("a", "b", "c", "d")]
    report = await zoho.records("Leads").create_many(rows, key="Email")
    assert [(o.status, o.id) for o in report.outcomes] == [
        ("created", "11"),
        ("in_doubt", ""),
        ("in_doubt", ""),
        ("in_doubt", ""),
    ]
    assert sent(script.requests[2])["select_query"] == (
        "select id, Created_Time, Email from Leads "
        "where Email in ('a@x', 'b@x', 'c@x', 'd@x') limit 2000"
    )


async def test_rows_that_cannot_be_looked_up_stay_in_doubt(zoho, script):
    """The error says why."""
    script.add(
        script.response(200, fields(unique=False), Date=NOW),
        script.error(500, "INTERNAL_ERROR"),
        script.error(403, "NO_PERMISSION"),
    )
    report = await zoho.records("Leads").create_many([{"Email": "a"}], key="Email")
    assert report.counts == {"in_doubt": 1}
    assert "looked up" in str(report.outcomes[0].error)


async def test_rows_with_a_unique_key_are_sent_again(zoho, script):
    """Duplicates that are not older than the first send are ours."""
    script.add(
        script.response(200, fields(unique=True), Date=NOW),
        ConnectionLostError("reset"),
        script.response(
            207,
            data(failed("DUPLICATE_DATA", id="11"), failed("DUPLICATE_DATA", id="12"), done(13)),
        ),
        script.response(
            200,
            {
                "data": [
                    {"id": "11", "Email": "A", "Created_Time": LATER},
                    {"id": "12", "Email": "b", "Created_Time": EARLIER},
                ],
                "info": {"more_records": False},
            },
        ),
    )
    rows = [{"Email": "a"}, {"Email": "b"}, {"Email": "c"}]
    report = await zoho.records("Leads").create_many(rows, key="Email")
    assert [(o.status, o.id) for o in report.outcomes] == [
        ("created", "11"),
        ("failed", ""),
        ("created", "13"),
    ]


async def test_a_row_without_its_key_is_not_sent(zoho, script):
    """It could not be found again."""
    with pytest.raises(InvalidInputError, match="Email"):
        await zoho.records("Leads").create_many([{"Email": "a"}, {"Email": " "}], key="Email")
    assert script.requests == []


async def test_an_event_that_recurs_travels_alone(zoho, script):
    """Zoho answers it with an item for each occurrence."""
    script.add(script.response(201, created(1, 2)), script.response(201, created(3, 1)))
    rule = {"RRULE": "FREQ=DAILY;INTERVAL=1"}
    rows = [{"a": 1}, {"a": 2, "Recurring_Activity": rule}, {"a": 3}]
    await zoho.records("Events").create_many(rows, concurrency=1)
    sizes = sorted(len(sent(request)["data"]) for request in script.requests)
    assert sizes == [1, 2]


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (None, TypeError),
        ("x", TypeError),
        ([("a", 1)], TypeError),
        ({}, InvalidInputError),
        ({1: "a"}, TypeError),
        ({"a": {1, 2}}, TypeError),
        ({"a": float("nan")}, ValueError),
        ({"a": float("inf")}, ValueError),
        ({"a": Decimal("NaN")}, ValueError),
        ({"a": dt.datetime(2026, 1, 1)}, ValueError),  # noqa: DTZ001
    ],
)
async def test_a_row_that_cannot_be_right_is_not_sent(zoho, script, row, error):
    """In a list nothing is sent; out of a generator it fails alone."""
    leads = zoho.records("Leads")
    with pytest.raises(error):
        await leads.create(row)
    with pytest.raises(error):
        await leads.create_many([{"a": 1}, row])
    with pytest.raises(error):
        await leads.upsert_many([{"Email": "a"}, row])
    assert script.requests == []
    script.add(script.response(201, created(1, 2)))
    report = await leads.create_many(each for each in [{"a": 1}, row, {"a": 2}])
    assert [outcome.status for outcome in report.outcomes] == ["created", "failed", "created"]


async def test_values_are_written_as_zoho_wants_them(zoho, script):
    """Dates and moments as text, Decimals with all their digits."""
    script.add(script.response(201, created(1, 1)))
    zone = dt.timezone(dt.timedelta(hours=2))
    await zoho.records("Deals").create(
        {
            "Closing_Date": dt.date(2026, 5, 4),
            "Start": dt.datetime(2026, 5, 4, 1, 2, 3, 999, tzinfo=zone),
            "Amount": Decimal("1234567890123456.123456789"),
        }
    )
    assert b'"Amount": 1234567890123456.123456789' in script.requests[0].body
    row = sent(script.requests[0])["data"][0]
    assert row["Closing_Date"] == "2026-05-04"
    assert row["Start"] == "2026-05-04T01:02:03+02:00"


@pytest.mark.parametrize("option", [{"triger": []}, {"timeout": 5}])
async def test_an_unknown_option_is_not_sent(zoho, script, option):
    """A misspelt trigger would let workflows run."""
    with pytest.raises(TypeError):
        await zoho.records("Leads").create({"a": 1}, **option)
    assert script.requests == []


async def test_update_changes_one(zoho, script):
    """By its id in the path; a lost answer is sent again."""
    script.add(ConnectionLostError("reset"), script.response(200, data(done(7))))
    outcome = await zoho.records("Leads").update("007", {"id": "7", "Email": None})
    assert (outcome.status, outcome.attempts) == ("updated", 2)
    request = script.requests[-1]
    assert (request.method, request.path[-8:]) == ("PUT", "/Leads/7")
    assert sent(request) == {"data": [{"Email": None}]}


async def test_an_update_about_another_record_is_in_doubt(zoho, script):
    """Alone it raises, in a batch it is an outcome."""
    script.add(script.response(200, data(done(8))), script.response(200, data(done(7), done(9))))
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.records("Leads").update("7", {"a": 1})
    assert caught.value.maybe_done
    report = await zoho.records("Leads").update_many([{"id": "7", "a": 1}, {"id": "8", "a": 1}])
    assert [outcome.status for outcome in report.outcomes] == ["updated", "in_doubt"]


@pytest.mark.parametrize(
    "answer", [data(done(9)), data(done(7), done(8)), data(failed(json_path="$.data[3].Email"))]
)
@pytest.mark.parametrize("verb", ["update", "delete", "update_many"])
async def test_a_connection_with_an_answer_about_another_record_is_not_used_again(
    zoho, script, answer, verb
):
    """All later answers on it would be about others, too."""
    distrusted = []
    script.distrust_connections = lambda: distrusted.append(len(script.requests))
    script.add(*[script.response(200, answer)] * 5)
    leads = zoho.records("Leads")

    if verb == "update_many":
        (outcome,) = (await leads.update_many([{"id": "7", "a": 1}])).outcomes
        assert "in_doubt" == outcome.status
    else:
        with pytest.raises(InvalidResponseError) as caught:
            await (leads.delete("7") if verb == "delete" else leads.update("7", {"a": 1}))
        assert caught.value.maybe_done
    assert list(range(1, len(script.requests) + 1)) == distrusted


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"Rows": [{"Skill": "x"}]}, {}),
        ({"a": 1}, {"if_unmodified_since": "2026-01-01T00:00:00+00:00"}),
    ],
)
async def test_an_update_that_must_not_run_twice_is_sent_once(zoho, script, changes, options):
    """New rows of a subform would be appended again; our own change would be found modified."""
    leads = zoho.records("Leads")
    script.add(ConnectionLostError("reset"), ConnectionLostError("reset"))
    with pytest.raises(ConnectionLostError):
        await leads.update("7", changes, **options)
    report = await leads.update_many([{"id": "7", **changes}], **options)
    assert report.counts == {"in_doubt": 1}
    assert len(script.requests) == 2


async def test_rows_that_may_be_sent_again_travel_apart(zoho, script):
    """One with new rows of a subform does not keep the others from it."""
    script.add(script.response(200, data(done(1), done(3))), script.response(200, data(done(2))))
    rows = [
        {"id": "1", "a": 1},
        {"id": "2", "Rows": [{"Skill": "x"}]},
        {"id": "3", "Rows": [{"id": "5", "Skill": "y"}]},
    ]
    report = await zoho.records("Leads").update_many(rows, concurrency=1)
    assert report.counts == {"updated": 3}


async def test_updates_of_one_record_keep_their_order(zoho, script):
    """They never travel together."""
    script.add(script.response(200, data(done(7))), script.response(200, data(done(7))))
    rows = [{"id": "7", "a": 1}, {"id": 7, "a": 2}]
    report = await zoho.records("Leads").update_many(rows)
    assert report.counts == {"updated": 2}
    assert [sent(request)["data"][0]["a"] for request in script.requests] == [1, 2]


async def test_updates_by_external_id_name_it(zoho, script):
    """The field stands in each row; the header says which one it is."""
    script.add(script.response(200, data(done(7))), script.response(200, data(done(7))))
    contacts = zoho.records("Contacts", external_id="Ledger__c")
    assert (await contacts.update_many([{"Ledger__c": "A/1", "a": 1}])).counts == {"updated": 1}
    await contacts.update("A/1", {"a": 1})
    assert script.requests[0].headers["X-EXTERNAL"] == "Contacts.Ledger__c"
    assert script.requests[1].path.endswith("/Contacts/A%2F1")
    with pytest.raises(InvalidInputError, match="Ledger__c"):
        await contacts.update_many([{"id": "7"}])


async def test_an_upsert_says_what_it_did(zoho, script):
    """Created or updated, from Zoho's word for it."""
    script.add(script.response(200, data(done(1, action="insert", duplicate_field=None))))
    outcome = await zoho.records("Leads").upsert(
        {"Email": "a"}, duplicate_check_fields=["Email"], trigger=[]
    )
    assert outcome.status == "created"
    request = script.requests[0]
    assert request.path.endswith("/Leads/upsert")
    assert sent(request) == {
        "data": [{"Email": "a"}],
        "trigger": [],
        "duplicate_check_fields": ["Email"],
    }


async def test_an_upsert_that_is_sent_again_tells_its_own_creation(zoho, script):
    """What the second send updates, but the first has created, is created."""
    script.add(
        script.response(200, {"count": 1}, Date=NOW),
        ConnectionLostError("reset"),
        script.response(200, data(done(1, action="update", created=LATER)), Date=NOW),
        ConnectionLostError("reset"),
        script.response(200, data(done(2, action="update", created=EARLIER))),
    )
    leads = zoho.records("Leads")
    await leads.count()
    assert (await leads.upsert({"Email": "a"})).status == "created"
    assert (await leads.upsert({"Email": "b"})).status == "updated"


async def test_an_upsert_without_a_value_to_compare_is_sent_once(zoho, script):
    """It is an insert."""
    script.add(ConnectionLostError("reset"))
    with pytest.raises(ConnectionLostError):
        await zoho.records("Leads").upsert({"Last_Name": "a", "Email": " "})
    assert len(script.requests) == 1


async def test_rows_that_are_the_same_record_never_travel_together(zoho, script):
    """By the named fields and by all that Zoho keeps unique, without regard to case."""
    script.add(
        script.response(200, fields(unique=True)),
        script.response(200, data(done(1, action="insert"), done(3, action="insert"))),
        script.response(200, data(done(1, action="update"))),
    )
    rows = [
        {"Last_Name": "a", "Email": "X@y"},
        {"Last_Name": "b", "Email": " x@Y "},
        {"Last_Name": "c", "Email": "z@y"},
    ]
    leads = zoho.records("Leads")
    report = await leads.upsert_many(rows, duplicate_check_fields=["Last_Name"])
    assert [outcome.status for outcome in report.outcomes] == ["created", "updated", "created"]
    first, second = (sent(request)["data"] for request in script.requests[1:])
    assert ([r["Last_Name"] for r in first], [r["Last_Name"] for r in second]) == (
        ["a", "c"],
        ["b"],
    )


@pytest.mark.parametrize("kind", [list, iter])
async def test_the_last_of_many_rows_keeps_away_from_the_first(zoho, script, kind):
    """However many are read before it is known what Zoho keeps unique."""
    script.add(script.response(200, fields(unique=True)))
    for start, count in ((0, 100), (100, 100), (200, 100), (300, 100), (400, 100), (500, 100)):
        items = [done(number, action="insert") for number in range(start, start + count)]
        script.add(script.response(200, data(*items)))
    script.add(script.response(200, data(done(0, action="update"))))
    rows = [{"Last_Name": str(number), "Email": f"{number}@y"} for number in range(600)]
    rows.append({"Last_Name": "last", "Email": "0@Y"})
    report = await zoho.records("Leads").upsert_many(
        kind(rows), duplicate_check_fields=["Last_Name"]
    )
    assert {"created": 600, "updated": 1} == report.counts
    together = [[row["Last_Name"] for row in sent(each)["data"]] for each in script.requests[1:]]
    assert ["last"] == together[-1]


async def test_updates_of_one_record_by_upserts_keep_their_order(zoho, script):
    """The id is compared wherever there is one, also where it is named."""
    script.add(script.response(200, fields(unique=True)))
    for _ in range(2):
        script.add(script.response(200, data(done(7, action="update"))))
    rows = [{"id": "7", "Last_Name": "a"}, {"id": 7, "Last_Name": "b"}]
    report = await zoho.records("Leads").upsert_many(rows, duplicate_check_fields=["id"])
    assert {"updated": 2} == report.counts
    together = [[row["Last_Name"] for row in sent(each)["data"]] for each in script.requests[1:]]
    assert [["a"], ["b"]] == together


@pytest.mark.parametrize("odd", [{}, {"id": 5}, {"id": ""}])
async def test_details_are_those_of_the_record_itself(zoho, script, odd):
    """Also behind a record of which Zoho tells no id, or another kind of one."""
    told = [{"Rating": "x", **odd}, {"Rating": "x", "id": "2"}, {"Rating": "x", "id": "3"}]
    items = [{**done(0), "details": details} for details in told]
    script.add(script.response(201, data(*items, failed())))
    report = await zoho.records("Leads").create_many([{"Last_Name": "a"}] * 4)
    assert told == [outcome.details for outcome in report.outcomes[:3]]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([{"name": "a"}, {"name": "b"}, {"name": "a"}], id="users"),
        pytest.param([{"roles": ["a"]}, {"roles": ["b"]}, {"roles": ["a"]}], id="deeper"),
        pytest.param([["a"], ["b"], ["a"]], id="lists"),
        pytest.param(["a", "b", "a"], id="texts"),
        pytest.param([1, True, 1.0], id="numbers"),
        pytest.param([{"n": 1}, {"n": True}, {"n": 1.0}], id="numbers within"),
        pytest.param([[1], [True], [1]], id="numbers in lists"),
        pytest.param([0.0, -0.0, 0.0], id="zeros"),
        pytest.param([None, "a", None], id="nothing"),
    ],
)
async def test_details_that_differ_are_those_of_each(zoho, script, values):
    """Whatever they are; in a stream and in a report."""
    items = [done(number) for number in range(1, 5)]
    for item, value in zip(items, [*values, values[0]], strict=True):
        item["details"] |= {"told": value, "same": ["x"]}
    script.add(*[script.response(201, data(*items))] * 2)
    leads, rows = zoho.records("Leads"), [{"Last_Name": "a"}] * 4
    streamed = [outcome async for outcome in leads.iter_create_many(rows)]
    report = await leads.create_many(rows)
    for outcomes in (streamed, report.outcomes):
        told = json.dumps([outcome.details for outcome in outcomes])
        assert told == json.dumps([item["details"] for item in items])


async def test_details_of_other_names_are_those_of_each(zoho, script):
    """As where a rule has added one."""
    items = [done(1), done(2), done(3)]
    items[1]["details"]["$approval_state"] = "approved"
    script.add(script.response(201, data(*items)))
    report = await zoho.records("Leads").create_many([{"Last_Name": "a"}] * 3)
    assert [item["details"] for item in items] == [each.details for each in report.outcomes]


async def test_outcomes_of_successes_hold_what_zoho_told_of_each(zoho, script):
    """In the order of the rows; in a stream and in a report."""
    items = [done(1, action="insert"), done(2, action="update", created=EARLIER)]
    script.add(
        script.response(200, fields(unique=True)),
        script.response(200, data(*items)),
        script.response(200, data(*items)),
    )
    leads, rows = zoho.records("Leads"), [{"Email": "a"}, {"Email": "b"}]
    streamed = [outcome async for outcome in leads.iter_upsert_many(rows)]
    report = await leads.upsert_many(rows)
    for outcomes in (streamed, report.outcomes):
        assert [(each.id, each.status, each.attempts, each.index) for each in outcomes] == [
            ("1", "created", 1, 0),
            ("2", "updated", 1, 1),
        ]
        assert [item["details"] for item in items] == [each.details for each in outcomes]


async def test_upserts_go_without_a_schema(zoho, script):
    """Where the fields cannot be read, the named ones are compared."""
    script.add(
        script.error(401, "OAUTH_SCOPE_MISMATCH"),
        script.response(200, data(done(1, action="insert"), done(2, action="update"))),
    )
    rows = [{"Email": "a"}, {"Email": "b"}]
    outcomes = [o async for o in zoho.records("Leads").iter_upsert_many(rows)]
    assert sorted(outcome.status for outcome in outcomes) == ["created", "updated"]


async def test_delete_removes_one(zoho, script):
    """Without workflows if asked to; an unknown one is not found."""
    script.add(
        script.response(200, data(done(7))),
        script.error(400, "INVALID_DATA", details={"resource_path_index": 1}),
    )
    leads = zoho.records("Leads")
    assert (await leads.delete("7", wf_trigger=False)).status == "deleted"
    assert script.requests[0].query == "wf_trigger=false"
    with pytest.raises(NotFoundError):
        await leads.delete("8")


async def test_a_delete_after_a_lost_answer_is_already_gone(zoho, script):
    """Alone and among others."""
    gone = script.error(400, "INVALID_DATA", details={"resource_path_index": 1})
    script.add(
        ConnectionLostError("reset"),
        gone,
        ConnectionLostError("reset"),
        script.response(207, data(failed(id="1"), done(2))),
    )
    leads = zoho.records("Leads")
    assert (await leads.delete("7")).status == "already_gone"
    report = await leads.delete_many(["1", "2"])
    assert [outcome.status for outcome in report.outcomes] == ["already_gone", "deleted"]


async def test_a_record_that_is_deleted_already_is_not_found(zoho, script):
    """Among others as alone, whichever of its words Zoho uses; after a lost answer it is gone."""
    again = failed("ID_ALREADY_DELETED", id="1")
    script.add(
        script.response(207, data(again, done(2))),
        ConnectionLostError("reset"),
        script.response(207, data(again, done(2))),
        ConnectionLostError("reset"),
        script.response(400, data(again)),
    )
    leads = zoho.records("Leads")
    report = await leads.delete_many(["1", "2"])
    assert [outcome.status for outcome in report.outcomes] == ["not_found", "deleted"]
    report = await leads.delete_many(["1", "2"])
    assert [outcome.status for outcome in report.outcomes] == ["already_gone", "deleted"]
    assert (await leads.delete("1")).status == "already_gone"


async def test_many_are_deleted_by_their_ids(zoho, script):
    """A hundred a call; one that is given twice is deleted once."""
    items = [done(1), failed("RECORD_LOCKED", id="2"), failed(id="3")]
    script.add(script.response(207, data(*items)))
    report = await zoho.records("Leads").delete_many([1, "2", "3", "001"], wf_trigger=True)
    assert [o.status for o in report.outcomes] == ["deleted", "protected", "not_found", "deleted"]
    assert script.requests[0].query == "wf_trigger=true&ids=1%2C2%2C3"


async def test_streams_of_changes_and_deletions(zoho, script):
    """The other two verbs for many yield as they go."""
    script.add(script.response(200, data(done(1))), script.response(200, data(done(1))))
    leads = zoho.records("Leads")
    changed = [o.status async for o in leads.iter_update_many([{"id": "1", "a": 1}])]
    deleted = [o.status async for o in leads.iter_delete_many(["1"])]
    assert (changed, deleted) == (["updated"], ["deleted"])


async def test_a_clone_is_made_once(zoho, script):
    """With what is to differ; after a lost answer it is not sent again."""
    script.add(script.response(201, created(9, 1)), ConnectionLostError("reset"))
    leads = zoho.records("Leads")
    outcome = await leads.clone("7", {"Email": "new"})
    assert (outcome.status, outcome.id) == ("created", "9")
    assert sent(script.requests[0]) == {"data": [{"Email": "new"}]}
    with pytest.raises(ConnectionLostError):
        await leads.clone("7")
    assert len(script.requests) == 2


async def test_without_zohos_clock_nothing_is_taken_for_ours(zoho, script):
    """As long as no answer has told the time, rows stay in doubt."""
    script.add(
        script.response(200, fields(unique=False)),
        ConnectionLostError("reset"),
    )
    report = await zoho.records("Leads").create_many([{"Email": "a"}], key="Email")
    assert report.counts == {"in_doubt": 1}
    assert len(script.requests) == 2


async def test_updates_without_an_id_are_not_sent(zoho, script):
    """Each row says which record it changes."""
    with pytest.raises(InvalidInputError, match="no id"):
        await zoho.records("Leads").update_many([{"a": 1}])
    assert script.requests == []


async def test_a_single_creation_may_have_a_key(zoho, script):
    """It is looked up in the same way; times that are none are no proof."""
    script.add(
        script.response(200, fields(unique=False), Date=NOW),
        ConnectionLostError("reset"),
        script.response(
            200,
            {
                "data": [
                    {"id": "11", "Email": "a@x", "Created_Time": "yesterday"},
                    {"id": "12", "Email": "a@x", "Created_Time": "2036-01-01T00:00:00"},
                    {"id": "13", "Email": "a@x", "Created_Time": None},
                ],
                "info": {"more_records": False},
            },
        ),
    )
    with pytest.raises(ConnectionLostError):
        await zoho.records("Leads").create({"Email": "a@x"}, key="Email")


async def test_duplicates_of_others_stay_failures(zoho, script):
    """A unique value that was there before is a failure, also where Zoho names no record."""
    script.add(
        script.response(200, fields(unique=True), Date=NOW),
        ConnectionLostError("reset"),
        script.response(400, data(failed("DUPLICATE_DATA", api_name="Email"), failed())),
        script.response(
            200,
            {
                "data": [{"id": "11", "Email": "a", "Created_Time": EARLIER}],
                "info": {"more_records": False},
            },
        ),
    )
    report = await zoho.records("Leads").create_many([{"Email": "a"}, {"Email": "b"}], key="Email")
    assert report.counts == {"failed": 2}
    assert len(script.requests) == 4


@pytest.mark.parametrize("knows_time", [True, False])
async def test_duplicates_that_may_be_ours_are_in_doubt(zoho, script, knows_time):
    """Where they cannot be looked up, or Zoho's time is not known; the other rows are told."""
    twin = {"id": "11", "module": {"api_name": "Leads"}}
    items = data(failed("DUPLICATE_DATA", duplicate_record=twin), done(2), failed())
    script.add(
        script.response(200, fields(unique=True), **({"Date": NOW} if knows_time else {})),
        ConnectionLostError("reset"),
        script.response(207, items),
        *([script.error(403, "NO_PERMISSION")] if knows_time else []),
    )
    rows = [{"Email": "a"}, {"Email": "b"}, {"Email": "c"}]
    report = await zoho.records("Leads").create_many(rows, key="Email")
    assert [outcome.status for outcome in report.outcomes] == ["in_doubt", "created", "failed"]
    assert "may have created record 11" in str(report.outcomes[0].error)


async def test_trouble_of_zoho_in_every_row_is_tried_again(zoho, script):
    """Where the write may be repeated; otherwise the rows are in doubt."""
    trouble = failed("INTERNAL_ERROR")
    script.add(
        script.response(200, data(trouble)),
        script.response(200, data(done(7))),
        script.response(200, data(trouble, trouble)),
    )
    leads = zoho.records("Leads")
    assert (await leads.update("7", {"a": 1})).attempts == 2
    assert (await leads.create_many([{"a": 1}, {"a": 2}])).counts == {"in_doubt": 2}


async def test_a_delete_may_be_answered_with_nothing(zoho, script):
    """204 after a delete of one is a success."""
    script.add(script.response(204))
    assert (await zoho.records("Leads").delete("7")).status == "deleted"


async def test_an_answer_without_a_wrapper_is_about_the_one_row(zoho, script):
    """Some calls answer flat."""
    script.add(script.response(200, done(7)))
    assert (await zoho.records("Leads").update("7", {"a": 1})).status == "updated"


@pytest.mark.parametrize("bug", [TypeError("a bug"), RuntimeError("a bug")])
async def test_a_bug_of_a_sender_loses_no_row(zoho, script, bug):
    """Rows of the call that met it are told as in doubt, then it is raised; none is sent twice."""

    async def fails_after_the_send(request):
        request.left = True
        raise bug

    script.add(script.response(201, created(0, 100)), fails_after_the_send)
    told = []
    rows = [{"Last_Name": str(number)} for number in range(300)]
    with pytest.raises(type(bug), match="a bug"):
        await zoho.records("Leads").create_many(rows, concurrency=1, on_outcome=told.append)
    assert [outcome.status for outcome in told] == ["created"] * 100 + ["in_doubt"] * 100
    assert len(script.requests) == 2


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), Decimal("Infinity")])
async def test_a_row_named_by_no_number_fails_alone(zoho, script, value):
    """The others of a generator are sent all the same."""
    script.add(script.response(200, data(done("1"))))
    rows = [{"Ledger__c": value, "City": "Cork"}, {"Ledger__c": "7", "City": "Cork"}]

    report = await zoho.records("Leads", external_id="Ledger__c").update_many(iter(rows))

    assert [outcome.status for outcome in report.outcomes] == ["failed", "updated"]
