"""Queries: whole or an error, page by page."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence

import pytest

from aiozcrm.errors import (
    InvalidDataError,
    InvalidQueryError,
    InvalidResponseError,
    LimitExceededError,
    PaginationLimitError,
)

_BEHIND = re.compile(r"id ([<>]) '(\d+)'")
_LIMIT = re.compile(r"limit (?:(\d+), )?(\d+)$")


class Zoho:
    """Answers queries by the ids, the order and the LIMIT that they name.

    Args:
        script: Answers the calls.
        rows: How many rows there are.
        reach: How far offsets go.
        tells_reach: Whether the error beyond tells how far.
    """

    def __init__(self, script, rows: int, *, reach: int = 100_000, tells_reach: bool = True):
        self._script = script
        self._rows = rows
        self._reach = reach
        self._details = {"limit": reach} if tells_reach else {}
        self.queries: list[str] = []
        script.add(*[self._answer] * 200)

    async def _answer(self, request):
        query = json.loads(request.body)["select_query"]
        self.queries.append(query)
        ids: Sequence[int] = range(1, self._rows + 1)
        if "order by id desc" in query:
            ids = ids[::-1]
        if behind := _BEHIND.search(query):
            last = int(behind[2])
            ids = [n for n in ids if (n > last if behind[1] == ">" else n < last)]
        limit = _LIMIT.search(query)
        offset, most = int(limit[1] or 0), int(limit[2])
        if offset + most > self._reach:
            return self._script.error(400, "LIMIT_EXCEEDED", details=self._details)
        shown = [{"id": str(n)} for n in ids[offset : offset + most]]
        if not shown:
            return self._script.response(204)
        info = {"count": len(shown), "more_records": offset + most < len(ids)}
        return self._script.response(200, {"data": shown, "info": info})


def _numbers(rows):
    return [int(row["id"]) for row in rows]


async def test_trouble_of_zoho_under_200_is_tried_again(zoho, script):
    """As under 500, and as with every other read."""
    script.add(
        script.error(200, "INTERNAL_ERROR"),
        script.response(200, {"data": [{"City": "Ulm"}], "info": {"more_records": False}}),
    )

    assert [{"City": "Ulm"}] == await zoho.query("select City from Leads limit 10")
    assert len(script.requests) == 2


async def test_sends_one_post_that_may_be_repeated(zoho, script):
    """A query is a POST to coql that is sent again after a lost answer, since it only reads."""
    script.add(
        script.response(502),
        script.response(200, {"data": [{"City": "Ulm"}], "info": {"more_records": False}}),
    )

    rows = await zoho.query("select City from Leads where City = {city}", city="Ulm")

    first, second = script.requests
    assert [{"City": "Ulm"}] == rows
    assert ("POST", "/crm/v7/coql") == (first.method, first.path)
    assert first.body == second.body
    sent = json.loads(first.body)
    query = "select City from Leads where City = 'Ulm' order by id limit 2000"
    assert {"select_query": query} == sent


@pytest.mark.parametrize("count", [0, 1, 1999, 2000, 2001, 4000, 4001])
async def test_reads_all_rows_behind_one_another(zoho, script, count):
    """Each page begins behind the last id, so every row comes once, in the order of ids."""
    server = Zoho(script, count, reach=2000)

    rows = await zoho.query("select id from Leads")

    assert list(range(1, count + 1)) == _numbers(rows)
    assert max(1, -(-count // 2000)) == len(server.queries)


@pytest.mark.system
async def test_reads_beyond_every_offset(zoho, script):
    """In the order of ids there may be any number of rows."""
    server = Zoho(script, 101_000, reach=10_000)

    rows = await zoho.query("select id from Leads order by id desc")

    assert list(range(101_000, 0, -1)) == _numbers(rows)
    assert "and id < '99001' order by id desc limit 2000" in server.queries[1]


@pytest.mark.parametrize(
    ("limit", "numbers", "calls"),
    [
        ("limit 3", range(1, 4), 1),
        ("limit 5, 3", range(6, 9), 1),
        ("limit 2000", range(1, 2001), 1),
        ("limit 2001", range(1, 2002), 2),
        ("limit 4000", range(1, 4001), 2),
        ("limit 4000 offset 10", range(11, 4011), 2),
        ("limit 9000", range(1, 5001), 3),
        ("limit 9000 offset 4990", range(4991, 5001), 1),
    ],
)
@pytest.mark.parametrize("order", ["", "order by id", "order by City"])
async def test_honours_a_limit_of_the_query(zoho, script, limit, numbers, calls, order):
    """A LIMIT of the query counts rows, however many calls they take."""
    server = Zoho(script, 5000)

    rows = await zoho.query(f"select id from Leads where id is not null {order} {limit}")

    assert list(numbers) == _numbers(rows)
    assert calls == len(server.queries)


async def test_leaves_a_query_alone_that_takes_one_call(zoho, script):
    """A query with a LIMIT of one page is sent in its own order and with its own LIMIT."""
    server = Zoho(script, 50)
    text = "select City from Leads where City is not null order by City, Fax limit 5, 3"

    await zoho.query(text)

    assert [text] == server.queries


async def test_reads_other_orders_by_offset_as_far_as_zoho_goes(zoho, script):
    """In another order rows are read up to the limit that Zoho names, then the rest is missed."""
    server = Zoho(script, 9000, reach=5000)
    seen = []

    async def read():
        async for row in zoho.iter_query("select id from Leads order by City"):
            seen.append(row)  # noqa: PERF401  # what came before the error counts

    with pytest.raises(PaginationLimitError, match="5000") as caught:
        await read()

    assert list(range(1, 5001)) == _numbers(seen)
    assert 5000 == caught.value.limit
    assert "LIMIT_EXCEEDED" == caught.value.code
    assert "order by City, id limit 4000, 1000" in server.queries[-1]


async def test_is_whole_if_it_ends_where_zoho_does(zoho, script):
    """A query with as many rows as Zoho hands out is no error."""
    Zoho(script, 5000, reach=5000)

    assert 5000 == len(await zoho.query("select id from Leads order by City"))


async def test_ends_where_zoho_names_no_limit(zoho, script):
    """An error beyond the rows that were read means that there are no more to be had."""
    Zoho(script, 9000, reach=5000, tells_reach=False)

    with pytest.raises(PaginationLimitError, match="4000"):
        await zoho.query("select City, COUNT(id) from Leads group by City")


async def test_says_that_an_offset_is_too_large(zoho, script):
    """An offset of the query beyond what Zoho hands out is the same error."""
    Zoho(script, 9000, reach=5000)

    with pytest.raises(PaginationLimitError, match="5000"):
        await zoho.query("select id from Leads order by City limit 3000 offset 6000")


@pytest.mark.parametrize("details", [{}, {"limit": 100}, {"limit": 500_000}])
async def test_leaves_other_limits_alone(zoho, script, details):
    """Too many columns or values are no end of the rows."""
    script.add(*[script.error(400, "LIMIT_EXCEEDED", details=details)] * 3)

    with pytest.raises(LimitExceededError) as caught:
        await zoho.query("select id from Leads order by City")

    assert not isinstance(caught.value, PaginationLimitError)
    assert details == caught.value.details


async def test_reads_the_next_page_while_this_one_is_worked_on(zoho, script):
    """The call for the next page leaves before the rows of this one are used up."""
    server = Zoho(script, 6000)
    pages = zoho.iter_query("select id from Leads").pages()

    first = await anext(pages)
    for _ in range(20):
        await asyncio.sleep(0)

    assert 2000 == len(first)
    assert 2 == len(server.queries)
    await pages.aclose()


@pytest.mark.parametrize(
    ("kinds", "text", "values"),
    [
        (KeyError, "select id from Leads where City = {city}", {}),
        (KeyError, "select id from Leads", {"city": "Ulm"}),
        (TypeError, "select id from Leads where City = {city}", {"city": None}),
        (ValueError, "select id from Leads where City in {city}", {"city": []}),
        (ValueError, "delete from Leads", {}),
    ],
)
async def test_sends_nothing_that_cannot_be_right(zoho, script, kinds, text, values):
    """What is wrong with a text or its values is told before anything is sent."""
    with pytest.raises(kinds):
        await zoho.query(text, **values)
    with pytest.raises(kinds):
        zoho.iter_query(text, **values)

    assert [] == script.requests


async def test_takes_values_of_any_name(zoho, script):
    """A placeholder may be called as the parameters are."""
    Zoho(script, 1)

    text = "select id from Leads where (a = {text} and b = {self}) and c = {api}"

    assert [{"id": "1"}] == await zoho.query(text, text=1, self=2, api=3)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (204, b""),
        (200, b""),
        (200, {"data": []}),
        (200, {"data": [], "info": {"count": 0, "more_records": False}}),
    ],
)
async def test_knows_every_form_of_no_rows(zoho, script, status, body):
    """An empty answer and an empty list are no rows."""
    script.add(script.response(status, body))

    assert [] == await zoho.query("select id from Leads")


async def test_takes_no_empty_answer_for_the_end_of_a_list(zoho, script):
    """Behind other rows an answer without content is the end, an empty success is an error."""
    body = {"data": [{"id": "1"}], "info": {"more_records": True}}
    script.add(script.response(200, body), script.response(204))
    script.add(script.response(200, body), script.response(200, b""))

    assert [{"id": "1"}] == await zoho.query("select id from Leads")
    with pytest.raises(InvalidResponseError):
        await zoho.query("select id from Leads")


_FULL = [{"id": str(n + 1)} for n in range(2000)]


@pytest.mark.parametrize(
    "body",
    [
        {"data": {}},
        {"data": ["x"]},
        {"rows": []},
        {"data": _FULL},
        {"data": _FULL, "info": []},
        {"data": _FULL, "info": "x"},
        {"data": _FULL, "info": {"more_records": "yes"}},
        {"data": [], "info": {"more_records": True}},
        {"data": [{"City": "Ulm"}], "info": {"more_records": True}},
        {"data": [{"id": None}], "info": {"more_records": True}},
        {"data": [{"id": "1' or id != '"}], "info": {"more_records": True}},
        {"data": [{"id": 7.5}], "info": {"more_records": True}},
    ],
    ids=lambda body: str(body)[:60],
)
async def test_trusts_no_answer_that_may_lack_rows(zoho, script, body):
    """An answer from which nobody can tell how to go on is an error, not an end."""
    script.add(script.response(200, body))

    with pytest.raises(InvalidResponseError):
        await zoho.query("select id from Leads")


@pytest.mark.parametrize(
    ("order", "second"), [("asc", "1"), ("asc", "2"), ("desc", "3"), ("desc", "2")]
)
async def test_trusts_no_page_that_goes_back(zoho, script, order, second):
    """Pages whose ids do not grow, or shrink, would go round in a circle."""
    for last in ("2", second):
        body = {"data": [{"id": last}], "info": {"more_records": True}}
        script.add(script.response(200, body))

    with pytest.raises(InvalidResponseError):
        await zoho.query(f"select id from Leads order by id {order}")


@pytest.mark.parametrize(
    ("order", "first", "second"),
    [
        ("asc", [1, 3, 2, 4], None),
        ("asc", [1, 2, 2, 4], None),
        ("desc", [4, 2, 3, 1], None),
        ("asc", [1, 2], [2, 3]),
        ("asc", [1, 2], [4, 3, 5]),
        ("desc", [5, 4], [3, 4, 1]),
        ("asc", [1, 2], [3, None]),
    ],
)
async def test_trusts_no_rows_out_of_their_order(zoho, script, order, first, second):
    """Each row is behind the one before it, or it comes twice and others are missed."""
    pages = [first] if second is None else [first, second]
    for ids in pages:
        rows = [{"id": str(own)} if own else {"City": "Ulm"} for own in ids]
        info = {"more_records": ids is first}
        script.add(script.response(200, {"data": rows, "info": info}))

    with pytest.raises(InvalidResponseError, match="order"):
        await zoho.query(f"select id from Leads order by id {order}")


@pytest.mark.parametrize("text", ["limit 3", "order by City limit 3", "limit 2000"])
async def test_trusts_no_answer_with_fewer_rows_than_its_limit_and_more_behind(zoho, script, text):
    """Zoho has cut it off; with as many rows as its LIMIT there may well be more."""
    rows = [{"id": "1"}, {"id": "2"}]
    script.add(script.response(200, {"data": rows, "info": {"more_records": True}}))
    script.add(script.response(200, {"data": rows, "info": {"more_records": True}}))

    with pytest.raises(InvalidResponseError, match="fewer rows than its LIMIT"):
        await zoho.query(f"select id from Leads where id is not null {text}")
    assert rows == await zoho.query("select id from Leads limit 2")


async def test_trusts_no_page_by_offset_that_comes_again(zoho, script):
    """It is the answer to the call before, and its connection is not used again."""
    distrusted = []
    script.distrust_connections = lambda: distrusted.append(len(script.requests))
    body = {"data": [{"id": "7"}, {"id": "5"}], "info": {"more_records": True}}
    script.add(*[script.response(200, body)] * 2)

    with pytest.raises(InvalidResponseError, match="the page before"):
        await zoho.query("select id from Leads order by City")

    assert [2] == distrusted


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        ("City", {"City": "Ulm"}),
        ("Owner as id, City", {"id": "7", "City": "Ulm"}),
        ("COUNT(id), City", {"COUNT(id)": 2, "City": "Ulm"}),
    ],
)
async def test_compares_no_pages_whose_rows_have_no_ids(zoho, script, columns, row):
    """Rows of two pages may well be the same then."""
    script.add(script.response(200, {"data": [row], "info": {"more_records": True}}))
    script.add(script.response(200, {"data": [row], "info": {"more_records": False}}))

    assert [row, row] == await zoho.query(f"select {columns} from Leads order by City")


async def test_trusts_no_page_that_has_more_than_was_asked_for(zoho, script):
    """It is not the answer to this query."""
    more = {"more_records": True}
    rows = [{"id": str(n + 2001)} for n in range(1001)]
    script.add(script.response(200, {"data": _FULL, "info": more}))
    script.add(script.response(200, {"data": rows, "info": more}))

    with pytest.raises(InvalidResponseError, match="more rows than were asked for"):
        await zoho.query("select id from Leads limit 3000")


async def test_trusts_no_empty_page_by_offset(zoho, script):
    """An empty page that is said to be followed by another one is an error."""
    script.add(script.response(200, {"data": [], "info": {"more_records": True}}))

    with pytest.raises(InvalidResponseError):
        await zoho.query("select id from Leads order by City")


async def test_shows_an_error_in_the_text_of_the_caller(zoho, script):
    """A place that Zoho names is shown where the caller wrote it, whatever was bound before it."""
    text = "select id from Leads\nwhere City = {city} and Fax Lund"
    details = {"line": 1, "column": 59, "near": "Lund"}
    script.add(script.error(400, "SYNTAX_ERROR", details=details))

    with pytest.raises(InvalidQueryError) as caught:
        await zoho.query(text, city="x" * 9)

    error = caught.value
    assert ("where", 2, 29) == (error.clause, error.line, error.column)
    assert "select id from Leads where City = {city} and Fax >>>Lund".endswith(error.excerpt)
    assert "line 2, column 29" in str(error)
    assert ">>>Lund" in str(error)
    assert "xxx" not in str(error)


async def test_names_the_clause_that_is_missing(zoho, script):
    """Where Zoho names a clause instead of a place, that is told."""
    script.add(script.error(400, "SYNTAX_ERROR", details={"clause": "from"}))

    with pytest.raises(InvalidQueryError, match="clause: from") as caught:
        await zoho.query("select id form Leads")

    assert ("from", None, "") == (caught.value.clause, caught.value.line, caught.value.excerpt)


async def test_names_the_column_and_the_operator(zoho, script):
    """What Zoho says of a column is at hand, and shown with its place."""
    details = {"reason": "invalid operator found", "column_name": "Fax", "operator": ">"}
    script.add(script.error(400, "INVALID_QUERY", details=details))

    with pytest.raises(InvalidQueryError, match="column: Fax; operator: >") as caught:
        await zoho.query("select id from Leads where Fax > 5")

    error = caught.value
    assert ("Fax", "where", 1, 28) == (error.column_name, error.clause, error.line, error.column)


async def test_leaves_errors_about_other_things_as_they_are(zoho, script):
    """What Zoho says of data is no matter of places."""
    script.add(script.error(400, "INVALID_DATA", details={"reason": "unsupported"}))

    with pytest.raises(InvalidDataError):
        await zoho.query("select sum(id) from Leads")
