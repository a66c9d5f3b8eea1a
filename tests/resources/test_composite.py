"""Composite calls: what they send, and what each part comes to."""

import asyncio
import json
import warnings
from decimal import Decimal
from pathlib import Path

import pytest

from aiozcrm import ZohoCRM, composite
from aiozcrm._protocol import ApiCall
from aiozcrm.errors import (
    ConnectionLostError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    LimitExceededError,
    MissingFieldError,
    NotFoundError,
    PaginationLimitError,
    PermissionDeniedError,
    RateLimitError,
    RolledBackError,
    ScopeError,
    ServerError,
)
from aiozcrm.testing import FakeZoho, Fault, Limits

EXAMPLES = Path(__file__).parents[1] / "samples" / "examples"
LEAD = "6100001000000300009"


def example(name):
    """Return the body of an example."""
    return json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))


async def test_parts_travel_in_one_call(crm, fake):
    """Each returns what it returns alone, in the order of the parts."""
    lead = fake.records("Leads").add(Last_Name="Berg", Company="Orchid")
    await crm.org.get()
    before = fake.stats.api_requests
    record, answer, org, count, made = await crm.composite(
        [
            crm.records("Leads").get(lead),
            crm.request("GET", "org"),
            crm.org.get(),
            crm.tags("Leads").list(),
            crm.records("Contacts").create({"Last_Name": "Holm"}),
        ]
    )
    assert fake.stats.api_requests == before + 1
    assert record["Last_Name"] == "Berg"
    assert answer["org"] == [org]
    assert count == []
    assert (made.status, made.attempts) == ("created", 1)
    assert fake.records("Contacts").get(made.id)["Last_Name"] == "Holm"


async def test_each_part_has_its_own_error(crm, fake):
    """One that fails keeps no other from its result."""
    lead = fake.records("Leads").add()
    unknown, record, wrong = await crm.composite(
        [
            crm.records("Leads").delete("4150868999999999999"),
            crm.records("Leads").get(lead),
            crm.records("Contacts").create({"First_Name": "Ada"}),
        ]
    )
    assert type(unknown) is NotFoundError
    assert record["id"] == lead
    assert type(wrong) is MissingFieldError
    assert wrong.details["api_name"] == "Last_Name"


async def test_parts_use_values_of_one_another(crm, fake):
    """As an id, and within what is sent; the answer has to be about that very record."""
    leads = crm.records("Leads")
    new = composite.ref("lead", "$.data[0].details.id")
    made = await crm.composite(
        {
            "lead": leads.create({"Last_Name": "Berg", "Company": "Orchid"}),
            "change": leads.update(new, {"Company": "Orchid Ltd"}),
            "read": leads.get(new),
            "contact": crm.records("Contacts").create({"Last_Name": new}),
        },
        parallel_execution=False,
    )
    assert [*made] == ["lead", "change", "read", "contact"]
    own = made["lead"].id
    assert (made["change"].status, made["change"].id) == ("updated", own)
    assert (made["read"]["id"], made["read"]["Company"]) == (own, "Orchid Ltd")
    assert fake.records("Contacts").get(made["contact"].id)["Last_Name"] == own


async def test_parallel_parts_may_refer_to_later_ones(crm):
    """They wait for each other; in a list, parts are called by their numbers."""
    leads = crm.records("Leads")
    read, made = await crm.composite(
        [
            leads.get(crm.composite.ref(2, "$.data[0].details.id")),
            leads.create({"Last_Name": "Berg", "Company": "Orchid"}),
        ]
    )
    assert read["id"] == made.id


@pytest.mark.parametrize("rollback", [False, True])
async def test_a_part_that_refers_to_another_has_its_own_error(crm, rollback):
    """Though the error names a record that is known at Zoho alone, or not there any more."""
    leads = crm.records("Leads")
    made = await crm.composite(
        {
            "lead": leads.create({"Last_Name": "Berg", "Company": "Orchid"}),
            "change": leads.update(
                composite.ref("lead", "$.data[0].details.id"), {"Email": "nonsense"}
            ),
        },
        rollback_on_fail=rollback,
    )
    assert type(made["change"]) is InvalidDataError
    assert made["change"].details["api_name"] == "Email"
    assert (type(made["lead"]) is RolledBackError) is rollback


async def test_many_rows_may_refer_to_another_part(crm, fake):
    """In the forms for many, too, with one row."""
    leads = crm.records("Leads")
    new = composite.ref("lead", "$.data[0].details.id")
    made = await crm.composite(
        {
            "lead": leads.create({"Last_Name": "Berg", "Company": "Orchid"}),
            "change": leads.update_many([{"id": new, "Company": "Orchid Ltd"}]),
        }
    )
    assert made["change"].counts == {"updated": 1}
    assert fake.records("Leads").get(made["lead"].id)["Company"] == "Orchid Ltd"


async def test_an_answer_about_another_record_than_the_reference_is_not_taken(zoho, script):
    """The value of the reference is known by then."""
    body = example("composite_ok")
    answers = body["__composite_requests"]
    answers[1]["details"]["response"]["body"]["data"][0]["details"]["id"] = "6100001000000300010"
    script.add(script.response(200, body))
    leads = zoho.records("Leads")
    new = composite.ref("1", "$.data[0].details.id")
    made, changed, read = await zoho.composite(
        [leads.create({"Last_Name": "Berg"}), leads.update(new, {"City": "Ulm"}), leads.get(new)]
    )
    assert (made.id, read["id"]) == (LEAD, LEAD)
    assert type(changed) is InvalidResponseError


async def test_the_body_is_that_of_the_page(zoho, script):
    """With names, paths, parameters and references as it shows them."""
    script.add(script.response(200, example("composite_ok")))
    leads = zoho.records("Leads")
    made, changed, read = await zoho.composite(
        [
            leads.create({"Last_Name": "Berg"}),
            leads.update(composite.ref(1, "$.data[0].details.id"), {"Company": "Orchid Ltd"}),
            leads.get(composite.ref(2, "$.data[0].details.id"), fields=["Last_Name", "Company"]),
        ],
        rollback_on_fail=True,
    )
    wanted = example("composite_request")
    del wanted["__composite_requests"][0]["headers"]
    assert json.loads(script.requests[0].body) == wanted
    assert script.requests[0].path == "/crm/v7/__composite_requests"
    assert [made.id, changed.id, read["id"]] == [LEAD, LEAD, LEAD]
    assert len(script.requests) == 1


async def test_headers_and_external_ids_travel_along(zoho, script):
    """What stands in a path stays one segment."""
    script.add(script.response(200, {"__composite_requests": [{}]}))
    accounts = zoho.records("Accounts", external_id="Ext__c")
    [found] = await zoho.composite([accounts.get("A/1 50%")])
    [sent] = json.loads(script.requests[0].body)["__composite_requests"]
    assert sent["uri"] == "/crm/v7/Accounts/A%2F1%2050%25"
    assert sent["headers"] == {"X-EXTERNAL": "Accounts.Ext__c"}
    assert type(found) is InvalidResponseError


async def test_numbers_keep_all_their_digits(zoho, script):
    """They are sent as they are encoded for a call of its own."""
    script.add(script.response(200, {"__composite_requests": [{}]}))
    amount = Decimal("12345678901234567890.10")
    await zoho.composite([zoho.records("Deals").create({"Deal_Name": "A", "Amount": amount})])
    assert b"12345678901234567890.10" in script.requests[0].body


async def test_a_text_in_braces_without_the_name_of_a_part_is_sent(zoho, script):
    """However JSON writes its characters: the names of parts are ASCII."""
    script.add(script.response(200, {"__composite_requests": [{}]}))
    await zoho.composite([zoho.records("Leads").create({"Last_Name": "@{größe:$.x}"})])
    assert "@{größe:$.x}" in str(json.loads(script.requests[0].body))


async def test_a_failed_part_of_a_200_is_an_error(zoho, script):
    """Zoho calls a part a success that was started."""
    script.add(script.response(200, example("composite_part_failed_but_200")))
    read, made = await zoho.composite(
        [zoho.records("Leads").get(LEAD), zoho.records("Leads").create({"City": "Ulm"})]
    )
    assert read["Last_Name"] == "Berg"
    assert type(made) is MissingFieldError


async def test_parts_that_were_not_started_have_the_error_of_the_composite(zoho, script):
    """The others have their results."""
    script.add(script.response(207, example("composite_partial")))
    read, other = await zoho.composite(
        [zoho.records("Leads").get(LEAD), zoho.records("Leads").get("5")]
    )
    assert read["id"] == LEAD
    assert type(other) is InvalidDataError
    assert other.code == "INVALID_REFERENCE"


async def test_a_rollback_is_told_part_by_part(zoho, script):
    """The part that caused it has its own error."""
    script.add(script.response(400, example("composite_rollback")))
    made, listed, late = await zoho.composite(
        [
            zoho.records("Leads").create({"Last_Name": "Berg"}),
            zoho.users.list(),
            zoho.records("Leads").create({"Last_Name": "Holm"}),
        ],
        rollback_on_fail=True,
    )
    assert [type(each) for each in (made, listed, late)] == [
        RolledBackError,
        LimitExceededError,
        RolledBackError,
    ]
    assert listed.limit == 25
    assert not made.maybe_done


@pytest.mark.parametrize("name", ["composite_bad_uri", "composite_too_many", "composite_ambiguous"])
async def test_an_error_of_the_whole_is_raised(zoho, script, name):
    """An account of one part alone is no account of two."""
    script.add(script.response(400, example(name)))
    with pytest.raises(InvalidDataError):
        await zoho.composite([zoho.org.get(), zoho.users.list()])


async def test_an_error_of_the_whole_is_raised_whatever_the_status(zoho, script):
    """None of the parts was made; one that came too soon is sent again."""
    script.add(script.error(200, "TOO_MANY_REQUESTS"), script.error(200, "NO_PERMISSION"))
    with pytest.raises(PermissionDeniedError) as caught:
        await zoho.composite([zoho.records("Leads").create({"Last_Name": "Berg"})])
    assert not caught.value.maybe_done
    assert len(script.requests) == 2


async def test_deletions_of_which_not_each_is_told_are_in_doubt(zoho, script):
    """Though they may be sent again, which is done if an answer was lost before."""
    gone = {"code": "INVALID_DATA", "details": {"id": "7"}, "message": "no", "status": "error"}
    part = {"status_code": 400, "body": {"data": [gone]}, "headers": {}}
    item = {"code": "SUCCESS", "status": "success", "details": {"response": part}}
    cut = script.response(200, {"__composite_requests": []})
    script.add(cut, ConnectionLostError("reset"), cut)
    script.add(script.response(200, {"__composite_requests": [item]}))
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.composite([zoho.records("Leads").delete("7")])
    assert caught.value.maybe_done
    [outcome] = await zoho.composite([zoho.records("Leads").delete("7")])
    assert (outcome.status, len(script.requests)) == ("already_gone", 4)


async def test_an_error_of_the_only_part_is_its_own(zoho, script):
    """Whatever the status of the call."""
    script.add(script.response(400, example("composite_bad_uri")))
    [org] = await zoho.composite([zoho.org.get()])
    assert type(org) is InvalidDataError


@pytest.mark.parametrize(
    "body", [{}, {"__composite_requests": []}, {"__composite_requests": [{}, {}]}]
)
async def test_an_answer_that_does_not_account_for_each_part_is_none(zoho, script, body):
    """Parts that write may have been done."""
    script.add(script.response(200, body))
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.composite([zoho.records("Leads").create({"Last_Name": "Berg"})])
    assert caught.value.maybe_done


def told(response):
    """Return the answer of a composite call with one part, which was answered so."""
    item = {"code": "SUCCESS", "status": "success", "details": {"response": response}}
    return {"__composite_requests": [item]}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"status_code": 204, "headers": {}, "body": None}, []),
        ({"status_code": 204, "headers": {}, "body": {}}, []),
        ({"status_code": 200, "body": {"tags": [{"id": "1", "name": "A"}]}}, None),
        ({"status_code": 200, "headers": {}, "body": [1]}, InvalidResponseError),
        ({"status_code": "200", "headers": {}, "body": {"tags": []}}, InvalidResponseError),
        ({"status_code": 200, "body": {"tags": [float("nan")]}}, InvalidResponseError),
        ({"headers": {}}, InvalidResponseError),
        (5, InvalidResponseError),
        ({"status_code": 500, "headers": {}, "body": {}}, ServerError),
        (
            {
                "status_code": 200,
                "headers": {},
                "body": {"code": "INTERNAL_ERROR", "status": "error", "message": "", "details": {}},
            },
            ServerError,
        ),
    ],
)
async def test_the_answer_of_a_part_is_read_as_that_of_a_call(zoho, script, response, expected):
    """Whatever it looks like, it is a result or an error."""
    script.add(script.response(200, told(response)))
    [tags] = await zoho.composite([zoho.tags("Leads").list()])
    if expected is None:
        expected = response["body"]["tags"]
    assert (type(tags) if isinstance(expected, type) else tags) == expected


@pytest.mark.parametrize("name", ["Retry-After", "retry-after"])
async def test_the_headers_of_a_part_may_hold_numbers(zoho, script, name):
    """In any case, as those of any answer."""
    body = {"code": "TOO_MANY_REQUESTS", "status": "error", "message": "", "details": {}}
    part = {"status_code": 429, "headers": {name: 7, "Date": None}, "body": body}
    script.add(script.response(200, told(part)))
    [error] = await zoho.composite([zoho.tags("Leads").list()])
    assert isinstance(error, RateLimitError)
    assert error.retry_after == 7


async def test_a_composite_that_writes_is_sent_once(make_zoho, script):
    """After a lost answer nobody knows what was written."""
    script.add(ConnectionLostError("gone"))
    async with make_zoho() as zoho:
        with pytest.raises(ConnectionLostError) as caught:
            await zoho.composite(
                [zoho.org.get(), zoho.records("Leads").create({"Last_Name": "Berg"})]
            )
    assert caught.value.maybe_done
    assert len(script.requests) == 1


async def test_a_composite_that_may_be_repeated_is_sent_again(crm, fake):
    """What it deletes is gone then by its own first send."""
    lead = fake.records("Leads").add()
    await crm.org.get()
    fake.faults.script(Fault.RESET_AFTER)
    org, gone = await crm.composite([crm.org.get(), crm.records("Leads").delete(lead)])
    assert org["id"]
    assert (gone.status, gone.attempts) == ("already_gone", 2)


async def test_facts_are_those_of_the_composite(crm):
    """Each part counts the sends that it was part of."""
    async with crm.call_facts() as facts:
        await crm.composite([crm.org.get()])
    assert facts.attempts == 1


async def test_the_forms_for_many_may_be_parts_if_they_make_one_call(crm, fake):
    """With one row, and one report."""
    [report] = await crm.composite([crm.records("Leads").create_many([{"Last_Name": "Berg"}])])
    assert report.counts == {"created": 1}
    [outcome] = report.outcomes
    assert fake.records("Leads").ids == [outcome.id]


async def test_what_prepares_a_part_travels_alone(crm, fake):
    """The fields of a module are asked for before, and only once."""
    [leads] = await crm.composite([crm.records("Leads").list()])
    assert leads == []
    paths = [path for _, path in fake.stats.requests if path.startswith("/crm/")]
    assert paths == ["/crm/v7/settings/fields", "/crm/v7/__composite_requests"]


async def test_a_list_in_a_composite_is_complete_or_an_error(crm, fake):
    """It has 25 rows at most; more are not handed out in part."""
    fake.records("Leads").add_many(26)
    leads, contacts = await crm.composite(
        [
            crm.records("Leads").list(fields=["Last_Name"]),
            crm.records("Contacts").list(fields=["Last_Name"]),
        ]
    )
    assert type(leads) is PaginationLimitError
    assert contacts == []


def many(number):
    """Return a part that is given so many times."""
    return lambda crm: [crm.org.get() for _ in range(number)]


def again(crm):
    """Return the same part twice."""
    part = crm.org.get()
    return [part, part]


async def nothing():
    """Make no call."""


def referring(path):
    """Return a part that refers to itself, or to nothing."""
    return lambda crm: {"a": crm.records("Leads").get(composite.ref(path, "$.data[0].id"))}


BAD = {
    "none": (many(0), InvalidInputError, "1 to 5"),
    "six": (many(6), InvalidInputError, "not 6"),
    "a client": (lambda crm: [crm], TypeError, "part 1"),
    "a list that pages": (lambda crm: [crm.org.get(), crm.users.iter()], TypeError, "part 2"),
    "a name that is none": (
        lambda crm: {"my lead": crm.org.get()},
        InvalidInputError,
        "my lead",
    ),
    "a number as name": (lambda crm: {1: crm.org.get()}, InvalidInputError, "1"),
    "the same twice": (again, InvalidInputError, "twice"),
    "no call": (lambda _: [nothing()], InvalidInputError, "makes no call"),
    "an id that is none": (
        lambda crm: [crm.org.get(), crm.records("Leads").get("x")],
        InvalidInputError,
        "not an id",
    ),
    "many rows": (
        lambda crm: [crm.records("Leads").create_many([{"Last_Name": "A"}, {"Last_Name": "B"}])],
        InvalidInputError,
        "several rows",
    ),
    "many calls": (
        lambda crm: [crm.records("Leads").create_many([{"Last_Name": "A"}] * 201)],
        InvalidInputError,
        "more than one call",
    ),
    "ids in a query": (
        lambda crm: [crm.records("Leads").delete_many(["1"])],
        InvalidInputError,
        "several rows",
    ),
    "ids of users in a query": (
        lambda crm: [crm.portals.user_types("A").users("1").transfer(["2", "3"], transfer_to="4")],
        InvalidInputError,
        "several rows",
    ),
    "ids of channels in a query": (
        lambda crm: [crm.notifications.disable_many(["1"])],
        InvalidInputError,
        "several rows",
    ),
    "a composite": (
        lambda crm: [crm.composite([crm.org.get()])],
        InvalidInputError,
        "__composite_requests",
    ),
    "another base": (
        lambda crm: [crm.request("GET", "read/1", base="bulk")],
        InvalidInputError,
        "read/1",
    ),
    "itself": (referring("a"), InvalidInputError, "not there before it"),
    "nobody": (referring("b"), InvalidInputError, "there is none"),
}


@pytest.mark.parametrize(("parts", "error", "words"), BAD.values(), ids=BAD)
async def test_what_cannot_be_is_found_before_anything_is_sent(zoho, script, parts, error, words):
    """And no coroutine is left behind without having been awaited."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error, match=words):
            await zoho.composite(parts(zoho))
    assert not script.requests


async def test_bulk_calls_are_no_parts(zoho):
    """They live behind another base."""
    with pytest.raises(InvalidInputError, match="bulk"):
        await zoho.composite([zoho.request("GET", "bulk", base="bulk")])


async def test_files_are_no_parts(zoho, script):
    """What is streamed does not fit into JSON."""

    async def download():
        async with zoho._transport.stream(ApiCall("GET", "files")) as streamed:
            return streamed

    with pytest.raises(InvalidInputError, match="no JSON"):
        await zoho.composite([download()])
    assert not script.requests


async def test_a_call_that_was_begun_is_no_part(zoho):
    """Its request may be on its way."""
    begun = asyncio.ensure_future(zoho.org.get())
    with pytest.raises(TypeError):
        await zoho.composite([begun])
    begun.cancel()


async def test_later_parts_are_no_way_to_go_one_after_the_other(zoho, script):
    """Only parallel parts wait for each other."""
    leads = zoho.records("Leads")
    with pytest.raises(InvalidInputError, match="not there before it"):
        await zoho.composite(
            [leads.get(composite.ref(2, "$.data[0].id")), leads.create({"Last_Name": "A"})],
            rollback_on_fail=True,
        )
    assert not script.requests


async def test_a_rollback_needs_parts_one_after_the_other(zoho, script):
    """Zoho would reject both at once."""
    with pytest.raises(InvalidInputError, match="one after the other"):
        await zoho.composite([zoho.org.get()], parallel_execution=True, rollback_on_fail=True)
    script.add(script.response(200, {"__composite_requests": [{}]}))
    await zoho.composite([zoho.org.get()], rollback_on_fail=True)
    sent = json.loads(script.requests[0].body)
    assert (sent["rollback_on_fail"], sent["parallel_execution"]) == (True, False)


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("my lead", "$.a"),
        ("", "$.a"),
        ("a", "data[0].id"),
        ("a", "$"),
        ("a", "$.a}"),
        ("a", "$..a"),
    ],
)
def test_a_reference_that_cannot_be_is_found_at_once(part, path):
    """Zoho would reject the part, or take it for a text."""
    with pytest.raises(InvalidInputError):
        composite.ref(part, path)


def test_a_reference_equals_itself_alone_where_there_is_no_answer():
    """It is a text like any other."""
    one = composite.ref("a", "$.id")
    assert one == "@{a:$.id}"
    assert one != "7"
    assert one != 7
    assert len({one, composite.ref("a", "$.id")}) == 1


async def test_a_second_write_of_a_part_is_not_made(zoho, script):
    """A part that looks first and writes then has only looked."""
    script.add(script.response(200, told({"status_code": 204, "headers": {}, "body": None})))

    async def look_and_write():
        await zoho.tags("Leads").list()
        return await zoho.tags("Leads").create({"name": "A"})

    [made] = await zoho.composite([look_and_write()])
    assert type(made) is InvalidInputError
    assert "second" in str(made)
    assert len(script.requests) == 1


async def test_a_cancelled_composite_leaves_nothing_behind(zoho, script):
    """Its parts end with it."""
    sent = asyncio.Event()

    async def hang(_request):
        sent.set()
        await asyncio.Event().wait()

    script.add(hang)
    calling = asyncio.create_task(zoho.composite([zoho.org.get(), zoho.users.list()]))
    await sent.wait()
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert len(asyncio.all_tasks()) == 1


async def test_a_missing_scope_is_named(quick):
    """That of the composite call, and that of each part."""
    async with (
        FakeZoho(scope="ZohoCRM.org.READ") as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        with pytest.raises(ScopeError) as caught:
            await crm.composite([crm.org.get()])
    assert "ZohoCRM.composite_requests.CUSTOM" in caught.value.scopes


async def test_credits_are_those_of_one_call(quick):
    """Two, if a rollback was asked for and not needed."""
    async with (
        FakeZoho(limits=Limits(credits=10)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        await crm.composite([crm.org.get(), crm.users.list()])
        assert fake.credits == 9
        await crm.composite([crm.org.get()], rollback_on_fail=True)
        assert fake.credits == 7
        assert crm.credits_left is None
        await crm.composite([crm.records("Leads").create({"City": "Ulm"})], rollback_on_fail=True)
        assert fake.credits == 6


async def test_a_part_that_gives_up_keeps_no_other_from_its_result(zoho, script):
    """Its own error stands in its place, whatever Zoho did; a write that it began is in doubt."""
    given_up = asyncio.Event()
    limit, outcomes = asyncio.timeout(None), []

    async def answer_late(_request):
        limit.reschedule(0)
        await given_up.wait()
        await asyncio.sleep(0)
        done = {"code": "SUCCESS", "status": "success", "details": {"id": LEAD}, "message": "added"}
        body = {"status_code": 200, "headers": {}, "body": {"data": [done]}}
        account = told(body)["__composite_requests"] * 2
        return script.response(200, {"__composite_requests": account})

    async def give_up():
        leads = zoho.records("Leads")
        try:
            async with limit:
                await leads.create_many([{"Last_Name": "A"}], on_outcome=outcomes.append)
        finally:
            given_up.set()

    script.add(answer_late)
    left, made = await zoho.composite([give_up(), zoho.records("Leads").create({"Last_Name": "B"})])
    assert type(left) is TimeoutError
    assert (made.id, made.status) == (LEAD, "created")
    assert ["in_doubt"] == [outcome.status for outcome in outcomes]
