"""What the verbs that write have in common: an account of every item, whatever Zoho answers."""

import json

import pytest

from aiozcrm.errors import (
    ApiError,
    ConnectionLostError,
    DuplicateDataError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    NotAllowedError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
)

HOLIDAYS = "settings/holidays"


def done(id_, **details):
    """Return the item of a success."""
    return {
        "code": "SUCCESS",
        "status": "success",
        "message": "done",
        "details": {"id": id_, **details},
    }


def failed(code="INVALID_DATA", **details):
    """Return the item of a failure."""
    return {"code": code, "status": "error", "message": "no", "details": details}


def holidays(*items):
    """Return the body of an answer."""
    return {"holidays": list(items)}


def sent(script, number=-1):
    """Return what a request carried."""
    return json.loads(script.requests[number].body)


async def test_create_returns_the_new_id(zoho, script):
    """One item goes out in a list; the outcome has Zoho's details."""
    script.add(script.response(201, holidays(done("9", Created_Time="now"))))
    outcome = await zoho.holidays.create({"name": "x"})
    assert (outcome.status, outcome.kind, outcome.id) == ("created", "done", "9")
    assert outcome.details["Created_Time"] == "now"
    assert sent(script) == {"holidays": [{"name": "x"}]}
    assert script.requests[-1].method == "POST"


@pytest.mark.parametrize("wrap", [holidays, lambda item: {"holidays": item}, lambda item: item])
async def test_an_error_under_a_success_status_is_raised(zoho, script, wrap):
    """In a list, in an object and flat."""
    script.add(script.response(200, wrap(failed("DUPLICATE_DATA", api_name="name"))))
    with pytest.raises(DuplicateDataError) as caught:
        await zoho.holidays.create({"name": "x"})
    assert caught.value.api_name == "name"


@pytest.mark.parametrize("wrap", [holidays, lambda item: {"holidays": item}, lambda item: item])
async def test_a_success_is_one_in_every_envelope(zoho, script, wrap):
    """In a list, in an object and flat."""
    script.add(script.response(200, wrap(done("7"))))
    assert (await zoho.holidays.update("7", {"name": "x"})).status == "updated"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"holidays": []},
        {"holidays": None},
        {"other": [done("1")]},
        holidays(done("1"), done("2")),
    ],
)
async def test_a_write_without_an_account_of_its_item_is_in_doubt(zoho, script, body):
    """It may have run, and the error says so."""
    script.add(script.response(200, body))
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.holidays.create({"name": "x"})
    assert caught.value.maybe_done


@pytest.mark.parametrize("item", [{}, {"code": "SUCCESS"}, {"status": "scheduled"}, {"id": "7"}])
async def test_an_item_that_says_neither_is_in_doubt(zoho, script, item):
    """Only an item whose status is success is one."""
    script.add(script.response(200, holidays(item)))
    with pytest.raises((InvalidResponseError, ApiError)):
        await zoho.holidays.update("7", {"name": "x"})


async def test_an_answer_about_another_record_is_in_doubt(zoho, script):
    """The id of the answer has to be the one that was sent."""
    script.add(script.response(200, holidays(done("8"))))
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.holidays.update("7", {"name": "x"})
    assert caught.value.maybe_done


async def test_a_create_whose_answer_was_lost_is_sent_once(zoho, script):
    """A second send could create a second one."""
    script.add(ConnectionLostError("reset"))
    with pytest.raises(ConnectionLostError) as caught:
        await zoho.holidays.create({"name": "x"})
    assert caught.value.maybe_done
    assert len(script.requests) == 1


async def test_an_update_whose_answer_was_lost_is_sent_again(zoho, script):
    """It sets values, so once more does no harm; PATCH included."""
    script.add(ConnectionLostError("reset"), script.response(200, {"fields": [done("7")]}))
    outcome = await zoho.fields("Leads").update("7", {"length": 5})
    assert (outcome.status, outcome.attempts) == ("updated", 2)
    assert script.requests[-1].method == "PATCH"


@pytest.mark.parametrize("wrong", [None, "x", ["a"], 5, [("name", "x")]])
async def test_what_is_no_mapping_is_not_sent(zoho, script, wrong):
    """An item is a mapping, or a TypeError before anything is sent."""
    with pytest.raises(TypeError):
        await zoho.holidays.create(wrong)
    with pytest.raises(TypeError):
        await zoho.holidays.create_many([{"name": "x"}, wrong])
    assert script.requests == []


async def test_what_json_cannot_hold_is_not_sent(zoho, script):
    """In one item and in a list of many."""
    with pytest.raises(ValueError, match="JSON"):
        await zoho.holidays.create({"name": float("nan")})
    with pytest.raises(TypeError):
        await zoho.holidays.create_many([{"name": "x"}, {"name": {1, 2}}])
    assert script.requests == []


async def test_many_go_in_as_few_calls_as_zoho_allows(zoho, script):
    """Fields go five a call; each outcome has its place and its id."""
    for start in (0, 5, 10):
        rows = [done(str(number + 1)) for number in range(start, min(start + 5, 12))]
        script.add(script.response(201, {"fields": rows}))
    drafts = [{"field_label": str(number), "data_type": "text"} for number in range(12)]
    report = await zoho.fields("Leads").create_many(drafts, concurrency=1)
    assert report.counts == {"created": 12}
    assert [(o.index, o.id) for o in report.outcomes] == [(n, str(n + 1)) for n in range(12)]
    assert [len(sent(script, n)["fields"]) for n in range(3)] == [5, 5, 2]


@pytest.mark.parametrize("status", [200, 207, 400, 403])
async def test_each_row_of_a_mixed_answer_has_its_own_outcome(zoho, script, status):
    """Whatever the HTTP status is, the items decide."""
    body = holidays(done("1"), failed(api_name="date"), failed("DUPLICATE_DATA", id="5"))
    script.add(script.response(status, body))
    report = await zoho.holidays.create_many([{"name": "a"}, {"name": "b"}, {"name": "c"}])
    assert [outcome.status for outcome in report.outcomes] == ["created", "failed", "failed"]
    first, second, third = report.outcomes
    assert first.id == "1"
    assert isinstance(second.error, InvalidDataError)
    assert second.error.api_name == "date"
    assert isinstance(third.error, DuplicateDataError)
    assert not report.ok


async def test_rows_rejected_as_a_whole_all_fail(zoho, script):
    """One error for the call is the outcome of each of its rows."""
    script.add(script.error(400, "INVALID_DATA", details={"maximum_length": 100}))
    report = await zoho.holidays.create_many([{"name": "a"}, {"name": "b"}])
    assert report.counts == {"failed": 2}


@pytest.mark.parametrize(
    "items",
    [
        [done("1")],
        [done("1"), done("2"), done("3")],
        [done("1"), failed(json_path="$.holidays[0].name")],
    ],
)
async def test_an_answer_that_does_not_match_its_rows_is_in_doubt(zoho, script, items):
    """Fewer or more items than rows, or an item that is about another row."""
    script.add(script.response(200, holidays(*items)))
    report = await zoho.holidays.create_many([{"name": "a"}, {"name": "b"}])
    assert report.counts == {"in_doubt": 2}


async def test_a_lost_answer_leaves_all_rows_of_a_creation_in_doubt(zoho, script):
    """They may have been created, and are not sent again."""
    script.add(script.error(500, "INTERNAL_ERROR"))
    report = await zoho.holidays.create_many([{"name": "a"}, {"name": "b"}])
    assert report.counts == {"in_doubt": 2}
    assert isinstance(report.outcomes[0].error, ServerError)


@pytest.mark.parametrize(
    "trouble", [failed("INTERNAL_ERROR"), holidays(*[failed("INTERNAL_ERROR")] * 2)]
)
async def test_trouble_of_zoho_under_a_success_status_is_sent_again(zoho, script, trouble):
    """Changes of many at once, as those of one; what was created may be there."""
    changes = [{"id": "7", "name": "a"}, {"id": "8", "name": "b"}]
    script.add(script.response(200, trouble), script.response(200, holidays(done("7"), done("8"))))
    assert (await zoho.holidays.update_many(changes)).counts == {"updated": 2}
    script.add(script.response(200, trouble))
    report = await zoho.holidays.create_many([{"name": "a"}, {"name": "b"}])
    assert report.counts == {"in_doubt": 2}


@pytest.mark.parametrize("wrap", [holidays, lambda item: {"holidays": item}, lambda item: item])
async def test_a_call_that_came_too_soon_is_sent_again_whatever_its_status(zoho, script, wrap):
    """For one, and for many of which not each is told."""
    turned_away = script.response(200, wrap(failed("TOO_MANY_REQUESTS")))
    script.add(turned_away, script.response(200, holidays(done("1"))))
    assert (await zoho.holidays.create({"name": "x"})).id == "1"
    script.add(turned_away, script.response(200, holidays(done("1"), done("2"))))
    report = await zoho.holidays.create_many([{"name": "x"}, {"name": "y"}])
    assert report.counts == {"created": 2}


async def test_a_row_that_was_turned_away_after_a_lost_answer_is_in_doubt(zoho, script):
    """The earlier send may have done it; what the answer says is not about that row."""
    turned_away = failed("TOO_MANY_REQUESTS")
    script.add(ConnectionLostError("reset"), script.response(207, holidays(turned_away, done("2"))))
    report = await zoho.holidays.update_many([{"id": "1", "name": "x"}, {"id": "2", "name": "y"}])
    assert [outcome.status for outcome in report.outcomes] == ["in_doubt", "updated"]


async def test_a_creation_of_which_a_part_was_turned_away_is_not_sent_again(zoho, script):
    """The others are there."""
    turned_away = failed("TOO_MANY_REQUESTS")
    script.add(script.response(429, holidays(turned_away, done("2"))))
    report = await zoho.holidays.create_many([{"name": "x"}, {"name": "y"}])
    assert [outcome.status for outcome in report.outcomes] == ["failed", "created"]
    assert len(script.requests) == 1


async def test_one_error_for_all_of_many_is_that_of_each(zoho, script):
    """Also under a status that says success: it tells why nothing was written."""
    script.add(script.response(200, failed("NO_PERMISSION")))
    report = await zoho.holidays.create_many([{"name": "x"}, {"name": "y"}])
    assert report.counts == {"failed": 2}
    assert isinstance(report.outcomes[1].error, PermissionDeniedError)


@pytest.mark.parametrize("status", [200, 400])
async def test_what_is_in_doubt_is_asked_again_if_the_answer_is_cut_short(zoho, script, status):
    """After a lost answer: what the first send has deleted is gone."""
    gone = [failed("INVALID_DATA", id="1"), failed("INVALID_DATA", id="2")]
    script.add(
        ConnectionLostError("reset"),
        script.response(status, {"variables": gone[:1]}),
        script.response(400, {"variables": gone}),
    )
    report = await zoho.variables.delete_many(["1", "2"])
    assert report.counts == {"already_gone": 2}
    script.add(
        ConnectionLostError("reset"),
        script.response(200, holidays()),
        script.response(204),
    )
    assert (await zoho.holidays.delete("1")).status == "deleted"


async def test_a_rejection_that_is_cut_short_is_asked_again_where_that_does_no_harm(zoho, script):
    """A creation stays in doubt."""
    cut = script.response(400, {"variables": [failed("INVALID_DATA", id="1")]})
    script.add(cut, script.response(200, {"variables": [done("1"), done("2")]}), cut)
    assert (await zoho.variables.delete_many(["1", "2"])).counts == {"deleted": 2}
    report = await zoho.variables.create_many([{"name": "x"}, {"name": "y"}])
    assert report.counts == {"in_doubt": 2}
    assert len(script.requests) == 3


async def test_an_item_of_a_generator_fails_alone(zoho, script):
    """A bad item that is only seen on the way does not spoil the others."""
    script.add(script.response(201, holidays(done("1"), done("2"))))
    report = await zoho.holidays.create_many(x for x in [{"name": "a"}, 5, {"name": "b"}])
    assert [outcome.status for outcome in report.outcomes] == ["created", "failed", "created"]


async def test_updates_name_what_they_change(zoho, script):
    """Each item has an id, in one form; without one nothing is sent."""
    script.add(script.response(200, holidays(done("7"), done("8"))))
    report = await zoho.holidays.update_many([{"id": "007", "name": "a"}, {"id": 8, "name": "b"}])
    assert report.counts == {"updated": 2}
    assert sent(script)["holidays"] == [{"id": "7", "name": "a"}, {"id": "8", "name": "b"}]
    with pytest.raises(InvalidInputError, match="id"):
        await zoho.holidays.update_many([{"name": "a"}])


async def test_updates_of_the_same_item_keep_their_order(zoho, script):
    """Two changes of one id never travel together."""
    script.add(script.response(200, holidays(done("7"))), script.response(200, holidays(done("7"))))
    changes = [{"id": "7", "name": "first"}, {"id": "7", "name": "second"}]
    report = await zoho.holidays.update_many(changes)
    assert report.counts == {"updated": 2}
    assert [sent(script, n)["holidays"][0]["name"] for n in (0, 1)] == ["first", "second"]


async def test_an_update_answered_for_another_row_is_in_doubt(zoho, script):
    """Only the row whose id differs."""
    script.add(script.response(200, holidays(done("7"), done("9"))))
    report = await zoho.holidays.update_many([{"id": "7", "name": "a"}, {"id": "8", "name": "b"}])
    assert [outcome.status for outcome in report.outcomes] == ["updated", "in_doubt"]


async def test_where_zoho_changes_one_a_call_many_are_calls_by_id(zoho, script):
    """Modules have no call for many."""
    for name in ("A", "B"):
        script.add(script.response(200, {"modules": [done(name)]}))
    rows = [{"id": "Leads", "plural_label": "a"}, {"id": "Deals", "plural_label": "b"}]
    report = await zoho.modules.update_many(rows, concurrency=1)
    assert report.counts == {"updated": 2}
    assert [request.path[-5:] for request in script.requests] == ["Leads", "Deals"]
    assert sent(script)["modules"] == [{"plural_label": "b"}]


async def test_streams_yield_as_they_go(zoho, script):
    """Each verb for many has a form that yields outcomes."""
    script.add(
        script.response(201, holidays(done("1"))),
        script.response(200, holidays(done("1"))),
        script.response(200, holidays(done("1"))),
    )
    created = [outcome async for outcome in zoho.holidays.iter_create_many([{"name": "a"}])]
    updated = [o async for o in zoho.holidays.iter_update_many([{"id": "1", "name": "a"}])]
    deleted = [outcome async for outcome in zoho.holidays.iter_delete_many(["1"])]
    assert [o.status for o in (*created, *updated, *deleted)] == ["created", "updated", "deleted"]


@pytest.mark.parametrize("body", [b"", holidays(done("7")), {"holidays": done("7")}, done("7")])
async def test_a_delete_is_done_in_every_envelope(zoho, script, body):
    """Without a body, in a list, in an object and flat."""
    script.add(script.response(200 if body else 204, body))
    outcome = await zoho.holidays.delete("7")
    assert (outcome.status, outcome.id) == ("deleted", "7")


async def test_a_delete_of_an_unknown_id_is_not_found(zoho, script):
    """Alone it raises, in a batch it is an outcome."""
    script.add(script.gone(), script.gone())
    with pytest.raises(NotFoundError):
        await zoho.holidays.delete("7")
    report = await zoho.holidays.delete_many(["7"])
    assert report.counts == {"not_found": 1}
    assert report.ok


async def test_a_delete_after_a_lost_answer_is_already_gone(zoho, script):
    """An earlier send of the same call has probably deleted it."""
    script.add(ConnectionLostError("reset"), script.gone())
    assert (await zoho.holidays.delete("7")).status == "already_gone"


async def test_several_are_deleted_by_their_ids(zoho, script):
    """Where Zoho takes many ids, one call names them; one given twice is deleted once."""
    script.add(
        script.response(200, {"variables": [done("1"), failed("NOT_ALLOWED"), failed(id="3")]})
    )
    report = await zoho.variables.delete_many(["1", "2", "3", "1"])
    assert script.requests[-1].query == "ids=1%2C2%2C3"
    statuses = [outcome.status for outcome in report.outcomes]
    assert statuses == ["deleted", "protected", "not_found", "deleted"]


async def test_a_lost_answer_to_a_delete_of_many_is_settled_by_the_next(zoho, script):
    """What is unknown to the second send was deleted by the first."""
    script.add(
        ConnectionLostError("reset"),
        script.response(207, {"variables": [failed(id="1"), done("2")]}),
    )
    report = await zoho.variables.delete_many(["1", "2"])
    assert [outcome.status for outcome in report.outcomes] == ["already_gone", "deleted"]


async def test_what_must_not_be_deleted_is_protected(zoho, script):
    """Alone it raises, in a batch it is kept."""
    script.add(script.error(400, "NOT_ALLOWED"), script.error(400, "NOT_ALLOWED"))
    with pytest.raises(NotAllowedError):
        await zoho.holidays.delete("7")
    assert (await zoho.holidays.delete_many(["7"])).counts == {"protected": 1}


async def test_what_exists_once_is_set_up_and_changed(zoho, script):
    """Its body is an object, in both directions."""
    script.add(
        script.response(200, {"base_currency": done("5")}),
        script.response(200, {"base_currency": done("5")}),
    )
    base = zoho.currencies.base_currency
    assert (await base.create({"name": "Euro"})).status == "created"
    assert (await base.update({"exchange_rate": "2"})).status == "updated"
    assert [request.method for request in script.requests] == ["POST", "PUT"]
    assert sent(script) == {"base_currency": {"exchange_rate": "2"}}


async def test_an_empty_item_is_not_sent(zoho, script):
    """There is nothing to write."""
    with pytest.raises(InvalidInputError, match="empty"):
        await zoho.holidays.create({})
    assert script.requests == []
