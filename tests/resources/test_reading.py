"""What the verbs that read have in common: one value, lists in one call, lists in pages."""

import asyncio
import contextlib
import gc

import pytest

from aiozcrm import ZohoCRM, resources
from aiozcrm.errors import (
    ApiError,
    InvalidInputError,
    InvalidResponseError,
    NotFoundError,
    PaginationLimitError,
)
from aiozcrm.resources._behaviours import Paging


def page(rows, **info):
    """Return the body of a page of users."""
    return {"users": [{"id": str(row)} for row in rows], "info": {"more_records": False, **info}}


async def test_a_list_of_one_call_returns_what_zoho_sent(zoho, script):
    """Rows come as they are, with keys that nobody here knows."""
    rows = [{"id": "1", "name": "New Year", "surprise": {"a": [1]}}]
    script.add(script.response(200, {"holidays": rows}))
    assert await zoho.holidays.list(year=2026) == rows
    assert script.requests[-1].query == "year=2026"


async def test_a_list_of_one_call_that_goes_on_raises(zoho, script):
    """A part of a list is not handed out as all of it."""
    info = {"page": 1, "per_page": 200, "count": 1, "more_records": True}
    script.add(script.response(200, {"holidays": [{"id": "1"}], "info": info}))
    with pytest.raises(PaginationLimitError, match="beyond 1 rows"):
        await zoho.holidays.list()


class Things(Paging[dict]):
    """A family whose pages need no arguments."""

    path = "things"
    key = "things"


async def test_a_list_of_several_pages_needs_no_arguments(zoho, script):
    """A family that says nothing else is read page by page."""
    for more in (True, False):
        body = {"things": [{"id": "1"}], "info": {"more_records": more}}
        script.add(script.response(200, body))
    assert await Things(zoho._api).list() == [{"id": "1"}, {"id": "1"}]
    assert [request.query for request in script.requests] == ["per_page=200", "per_page=200&page=2"]


async def test_an_empty_list_is_no_error(zoho, script):
    """Zoho answers 204 where there is nothing."""
    script.add(script.response(204))
    assert await zoho.holidays.list() == []


@pytest.mark.parametrize(
    "body",
    [
        {"other": []},
        {"holidays": None},
        {"holidays": {"id": "1"}},
        {"holidays": "none"},
        {"holidays": [1]},
        {"holidays": [None]},
    ],
)
async def test_what_is_no_list_is_not_taken_for_an_empty_one(zoho, script, body):
    """Anything but a list of objects under the known key raises."""
    script.add(script.response(200, body))
    with pytest.raises(InvalidResponseError):
        await zoho.holidays.list()


ERROR = {"code": "INVALID_DATA", "status": "error", "message": "no", "details": {}}


@pytest.mark.parametrize("body", [ERROR, {"holidays": ERROR}])
async def test_an_error_under_a_success_status_is_an_error(zoho, script, body):
    """A read that is answered 200 with an error raises that error."""
    script.add(script.response(200, body))
    with pytest.raises(ApiError) as caught:
        await zoho.holidays.list()
    assert caught.value.code == "INVALID_DATA"


async def test_rows_that_look_like_errors_are_rows(zoho, script):
    """A row whose own fields are called code and status is not taken for Zoho's verdict."""
    rows = [{"id": "1", "code": "X", "status": "error"}]
    script.add(script.response(200, {"holidays": rows}))
    assert await zoho.holidays.list() == rows


async def test_get_returns_the_one(zoho, script):
    """The only item of the list is returned."""
    script.add(script.response(200, {"holidays": [{"id": "7", "name": "x"}]}))
    assert await zoho.holidays.get("007") == {"id": "7", "name": "x"}
    assert script.requests[-1].path.endswith("settings/holidays/7")


@pytest.mark.parametrize("answer", [(204, b""), (200, {"holidays": []})])
async def test_get_of_an_unknown_id_is_not_found(zoho, script, answer):
    """Zoho answers an id that it does not know with nothing, which is an error here."""
    script.add(script.error(500, "INTERNAL_ERROR"), script.response(*answer))
    with pytest.raises(NotFoundError, match="7") as caught:
        await zoho.holidays.get("7")
    assert caught.value.attempts == 2


async def test_get_does_not_take_another_record(zoho, script):
    """An answer about another id is not handed out."""
    script.add(script.response(200, {"holidays": [{"id": "8"}]}))
    with pytest.raises(InvalidResponseError, match="8"):
        await zoho.holidays.get("7")


@pytest.mark.parametrize("wrong", ["", " ", "a", "1.5", "-1", "1" * 20])
async def test_what_is_no_id_is_never_sent(zoho, script, wrong):
    """Bad ids raise before anything is sent."""
    with pytest.raises(InvalidInputError):
        await zoho.holidays.get(wrong)
    assert script.requests == []


async def test_names_serve_as_ids_where_zoho_takes_them(zoho, script):
    """An API name is quoted as one segment of the path."""
    script.add(script.response(200, {"modules": [{"api_name": "A/B"}]}))
    await zoho.modules.get("A/B")
    assert script.requests[-1].path.endswith("settings/modules/A%2FB")
    with pytest.raises(InvalidInputError):
        await zoho.modules.get(" ")


async def test_pages_are_read_to_the_end(zoho, script):
    """By page tokens if Zoho gives them, otherwise by number; other parameters stay."""
    script.add(
        script.response(200, page([1, 2], more_records=True, next_page_token="t1")),
        script.response(200, page([3], more_records=True, next_page_token=None)),
        script.response(200, page([4])),
    )
    users = await zoho.users.list(type="ActiveUsers")
    assert [user["id"] for user in users] == ["1", "2", "3", "4"]
    assert [request.query for request in script.requests] == [
        "type=ActiveUsers&per_page=200",
        "type=ActiveUsers&per_page=200&page_token=t1",
        "type=ActiveUsers&per_page=200&page=3",
    ]


async def test_pages_come_as_lists(zoho, script):
    """Whoever wants pages gets them as Zoho sent them."""
    script.add(
        script.response(200, page([1, 2], more_records=True)), script.response(200, page([3]))
    )
    sizes = [len(users) async for users in zoho.users.iter().pages()]
    assert sizes == [2, 1]


async def test_the_next_page_is_read_while_this_one_is_worked_on(zoho, script):
    """The request for page 2 has left before the caller asks for more."""
    script.add(script.response(200, page([1], more_records=True)), script.response(200, page([2])))
    users = zoho.users.iter()
    assert (await anext(users))["id"] == "1"
    await asyncio.sleep(0)
    assert len(script.requests) == 2
    await users.aclose()


async def test_stopping_early_cancels_the_page_under_way(zoho, script, recwarn):
    """Nothing is left behind: no task, no warning, no further request."""
    hang = asyncio.Event()

    async def never(_request):
        await hang.wait()

    script.add(script.response(200, page([1], more_records=True)), never)
    async with contextlib.aclosing(zoho.users.iter()) as users:
        async for _ in users:
            break
    gc.collect()
    assert not [task for task in asyncio.all_tasks() if "page" in task.get_name()]
    assert not recwarn.list


async def test_a_page_that_fails_raises_after_the_pages_before_it(zoho, script):
    """Rows that were read are handed out; the error follows in its place."""
    script.add(
        script.response(200, page([1], more_records=True)),
        script.error(400, "INVALID_DATA"),
    )
    users = zoho.users.iter()
    assert (await anext(users))["id"] == "1"
    with pytest.raises(ApiError):
        await anext(users)


async def test_a_list_beyond_2000_rows_without_tokens_raises(zoho, script):
    """All 2,000 rows come, then an error instead of an end."""
    for number in range(10):
        rows = range(number * 200, number * 200 + 200)
        script.add(script.response(200, page(rows, more_records=True)))
    users = zoho.users.iter()
    for _ in range(2_000):
        await anext(users)
    with pytest.raises(PaginationLimitError):
        await anext(users)
    assert len(script.requests) == 10


@pytest.mark.parametrize(
    "second",
    [
        page([2], more_records=True, next_page_token="same"),
        page([], more_records=True),
    ],
)
async def test_a_list_that_gets_no_further_raises(zoho, script, second):
    """The same token again, or an empty page that promises more, is an error and no loop."""
    first = page([1], more_records=True, next_page_token="same")
    script.add(script.response(200, first), script.response(200, second))
    with pytest.raises(InvalidResponseError):
        await zoho.users.list()


@pytest.mark.parametrize(
    "body",
    [
        {"users": [{"id": "1"}], "info": {"more_records": "true"}},
        {"users": [{"id": "1"}], "info": "none"},
        {"users": [{"id": str(row)} for row in range(200)]},
    ],
)
async def test_a_page_that_does_not_tell_whether_it_is_the_last_raises(zoho, script, body):
    """A list is complete or an error: an unclear end is an error."""
    script.add(script.response(200, body))
    with pytest.raises(InvalidResponseError):
        await zoho.users.list()


async def test_a_short_page_without_info_is_the_only_one(zoho, script):
    """Fewer rows than fit on a page are all there are."""
    script.add(script.response(200, {"users": [{"id": "1"}]}))
    assert len(await zoho.users.list()) == 1


@pytest.mark.parametrize("count", [28, "28"])
async def test_a_count_is_a_number_however_zoho_writes_it(zoho, script, count):
    """Some calls give counts as text."""
    script.add(script.response(200, {"count": count}))
    assert await zoho.tags("Leads").records_count("1") == 28


@pytest.mark.parametrize("count", [None, "many", [1]])
async def test_what_is_no_count_raises(zoho, script, count):
    """Anything else is an error."""
    script.add(script.response(200, {"count": count}))
    with pytest.raises(InvalidResponseError):
        await zoho.users.count()


TROUBLE = {"code": "INTERNAL_ERROR", "status": "error", "message": "no", "details": {}}


async def test_trouble_of_zoho_under_a_success_status_is_tried_again(zoho, script):
    """It may pass, as it may under 500."""
    script.add(
        script.response(200, TROUBLE),
        script.response(200, {"holidays": [TROUBLE]}),
        script.response(200, {"holidays": [{"id": "7"}]}),
        script.response(200, {"holidays": [TROUBLE]}),
        script.response(200, {"holidays": [{**TROUBLE, "code": "SUCCESS", "status": "success"}]}),
    )
    assert (await zoho.holidays.get("7"))["id"] == "7"
    assert (await zoho.holidays.update("7", {"name": "x"})).attempts == 2


async def test_families_without_options_are_listed(zoho, script):
    """In one call, page by page, and below a member."""
    script.add(
        script.response(200, {"currencies": [{"id": "1"}]}),
        script.response(200, {"territories": [{"id": "2"}]}),
        script.response(200, {"user_groups": [{"id": "3"}], "info": {"more_records": False}}),
    )
    assert await zoho.currencies.list() == [{"id": "1"}]
    assert await zoho.users.territories("7").list() == [{"id": "2"}]
    assert await zoho.users.associated_groups("7") == [{"id": "3"}]
    paths = [request.path.removeprefix("/crm/v7/") for request in script.requests]
    assert paths == ["org/currencies", "users/7/territories", "users/7/actions/associated_groups"]


@pytest.mark.parametrize("body", [{"holidays": "x"}, {"holidays": [5]}])
async def test_one_that_is_no_object_raises(zoho, script, body):
    """It is not handed out."""
    script.add(script.response(200, body))
    with pytest.raises(InvalidResponseError):
        await zoho.holidays.get("7")


def test_a_family_can_be_named_on_the_class():
    """Tools that look at classes find the attribute."""
    assert type(ZohoCRM.holidays).__name__ == "Lazy"


def test_names_of_resources_are_found_where_users_import_from():
    """One that does not exist is an AttributeError, as for any module."""
    assert resources.UnsubscribeLinks.__name__ == "UnsubscribeLinks"
    with pytest.raises(AttributeError, match="Nothing"):
        _ = resources.Nothing
