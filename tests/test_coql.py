"""COQL: values bound into a statement, brackets, pages, and places in the caller's text."""

from __future__ import annotations

import datetime as dt
import enum
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from aiozcrm._coql import Place, bind

_TABLE: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "samples/coql/statements.json").read_text("utf-8")
)["client"]


def _bound(text: str, **values: Any) -> str:
    return bind(text, values).whole.text


def _literal(value: Any) -> str:
    return _bound("select id from Leads where Company = {it}", it=value).partition("= ")[2]


class Colour(enum.StrEnum):
    """Text with a name of its own."""

    RED = "Rot"


@pytest.mark.parametrize("row", [row for row in _TABLE["bind"] if "bound" in row])
def test_binds_values_as_literals(row):
    """Each value is one literal in the place of its name, and nothing else changes."""
    assert row["bound"] == _bound(row["text"], **row["values"])


@pytest.mark.parametrize("row", [row for row in _TABLE["bind"] if "raises" in row])
def test_rejects_what_cannot_be_bound(row):
    """Names without values, values without names or fit types: each has its kind of error."""
    kinds = {"KeyError": KeyError, "TypeError": TypeError, "ValueError": ValueError}

    with pytest.raises(kinds[row["raises"]]):
        bind(row["text"], row["values"])


@pytest.mark.parametrize("row", _TABLE["pair"])
def test_puts_brackets_around_conditions_in_pairs(row):
    """Each level has two conditions at most, `and` binds before `or`, and right ones stay."""
    assert row["paired"] == _bound(row["text"])
    assert row["paired"] == _bound(row["paired"])


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("O'Brien", "'O''Brien'"),
        (Colour.RED, "'Rot'"),
        (False, "'false'"),
        (-7, "-7"),
        (10**25, "1" + "0" * 25),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (dt.date(2025, 3, 4), "'2025-03-04'"),
        (dt.datetime(2025, 3, 4, 9, 15, tzinfo=dt.UTC), "'2025-03-04T09:15:00+00:00'"),
        (dt.datetime(2025, 3, 4, 9, 15, 1, 999999, dt.UTC), "'2025-03-04T09:15:01+00:00'"),
    ],
    ids=repr,
)
def test_writes_each_type_as_coql_does(value, literal):
    """Text, dates and booleans are quoted, numbers bare and without an exponent."""
    assert literal == _literal(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (float("nan"), ValueError),
        (float("-inf"), ValueError),
        (Decimal("NaN"), ValueError),
        (dt.datetime(2025, 3, 4), ValueError),  # noqa: DTZ001  # the subject
        ("\ud800", ValueError),
        (None, TypeError),
        (b"x", TypeError),
        ({"id": "1"}, TypeError),
        ({"1"}, TypeError),
        (["a"], TypeError),
        (dt.time(9, 15), TypeError),
        (1j, TypeError),
    ],
    ids=repr,
)
def test_rejects_values_that_coql_cannot_hold(value, kind):
    """A value that has no literal is an error that names the placeholder."""
    with pytest.raises(kind, match=r"\{it\}"):
        _literal(value)


def test_tells_how_to_ask_for_nothing():
    """None is no value; the error says how a query asks for empty fields."""
    with pytest.raises(TypeError, match="is null"):
        _literal(None)


@pytest.mark.parametrize("value", [["a", None], ["a", ["b"]], "a", 5])
def test_rejects_lists_of_other_things(value):
    """Behind `in` stands a list of values."""
    with pytest.raises(TypeError):
        _bound("select id from Leads where Company in {it}", it=value)


def test_takes_a_hundred_values_in_a_list():
    """A list has a hundred values at most, and a tuple is one, too."""
    text = _bound("select id from Leads where id not in {ids}", ids=tuple(range(100)))

    assert text.endswith("97, 98, 99)")
    with pytest.raises(ValueError, match="101 values"):
        _bound("select id from Leads where id in ({ids})", ids=list(range(101)))


@pytest.mark.parametrize(
    "text",
    [
        "select {it} from Leads",
        "select id as {it} from Leads",
        "select COUNT({it}) from Leads",
        "select id from {it}",
        "select id from Leads#{it}",
        "select id from Leads where {it} = 'x'",
        "select id from Leads where ({it} is null)",
        "select id from Leads where a = 'x' and {it} = 'y'",
        "select id from Leads where a = {it} {it}",
        "select id from Leads where a = {it}{it}",
        "select id from Leads where a = -{it}",
        "select id from Leads where a {it} 'x'",
        "select id from Leads where a = 'x'{it}",
        "select id from Leads where a in ('x' {it})",
        "select id from Leads where 'like' {it}",
        "select id from Leads where a in (select {it} from Leads)",
        "select a from Leads group by {it}",
        "select a from Leads order by {it}",
        "select a from Leads order by a {it}",
        "select a from Leads limit 3 {it} 5",
    ],
)
def test_rejects_placeholders_for_names(text):
    """A value in the place of a name or a word of the language would be code, so none may be."""
    with pytest.raises(ValueError, match="takes no value"):
        _bound(text, it="Last_Name")


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("where a={it}", "where a=7"),
        ("where a like{it}", "where a like 7"),
        ("where a in{it2}", "where a in (7)"),
        ("where a = {it}and b = 1", "where a = 7 and b = 1"),
        ("where a = {it}.5", "where a = 7 .5"),
        ("where a = {it}'x'", "where a = 7 'x'"),
        ("where a in ({it},{it})", "where a in (7,7)"),
        ("where a between {it} and {it} and b = {it}", "where a between 7 and 7 and b = 7"),
        ("where a not between -5 and {it}", "where a not between -5 and 7"),
        ("where a in (select b from M where c = {it})", "where a in (select b from M where c = 7)"),
        ("where a = 1 limit {it}, {it}", "where a = 1 limit 7, 7"),
        ("where a = 1 limit {it} offset {it}", "where a = 1 limit 7 offset 7"),
    ],
)
def test_binds_wherever_a_value_may_stand(text, bound):
    """A value never becomes one with what stands beside it."""
    values = {"it2": [7]} if "it2" in text else {"it": 7}

    assert f"select id from L {bound}" == _bound(f"select id from L {text}", **values)


def test_never_reads_a_value_again():
    """A value that looks like a placeholder, a quote or a clause stays what it is."""
    text = "select id from L where a = {a} and b = {b}"

    assert "a = '{b} limit 1' and b = ''' or 1'" in _bound(text, a="{b} limit 1", b="' or 1")


@pytest.mark.parametrize("number", ["5", 5.0, True, None])
def test_counts_rows_in_whole_numbers(number):
    """A LIMIT takes a whole number."""
    with pytest.raises(TypeError, match="whole number"):
        _bound("select id from Leads limit {it}", it=number)


def test_counts_no_rows_below_zero():
    """A LIMIT takes no negative number."""
    with pytest.raises(ValueError, match="not negative"):
        _bound("select id from Leads limit {it}", it=-1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "update Leads set a = 1",
        "with x as (select id from L) select id from x",
        "select id from L; drop table L",
        "select id from L;",
        "select id from L where id is not null union select id from M where id is not null",
        "select id from L where a = 'x",
        'select id from L where a = "x',
        "select id from L where (a = 1",
        "select id from L where a = 1)",
        "select id from L where a = {",
        "select id from L where a = {b.c}",
        "select id from L where (a = 1 limit 5)",
        "select id from L where (a = 1 and (b = 2 order by b))",
        f"select id from L where {'(' * 101}a = 1{')' * 101}",
    ],
)
def test_rejects_what_is_no_single_select(text):
    """A text that Zoho could only reject, or take for two, is an error before it is sent."""
    with pytest.raises(ValueError, match=r"query|placeholder"):
        bind(text, {})


def test_rejects_a_query_that_is_no_text():
    """Bytes are no query."""
    with pytest.raises(TypeError, match="bytes"):
        bind(b"select id from Leads", {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("select a from L", "select a from L where id is not null"),
        ("select a from L#71 limit 5", "select a from L#71 where id is not null limit 5"),
        (
            "select a, COUNT(id) from L group by a order by a limit 5",
            "select a, COUNT(id) from L where id is not null group by a order by a limit 5",
        ),
        ("select 'where', x as limit from L", "select 'where', x as limit from L where id is"),
        ("select a from L where Limit > 5", "select a from L where Limit > 5"),
        ("select a from L where Order = 5", "select a from L where Order = 5"),
        ("select a, from L", "select a, from L where id is not null"),
        ("select a as from from L", "select a as from from L where id is not null"),
        ("select a as select from L", "select a as select from L where id is not null"),
        ("select a form L", "select a form L"),
        ("select a from L where and b", "select a from L where and b"),
        ("select a from L where not (a = 1)", "select a from L where not (a = 1)"),
        (
            "select a from L where a in (select b from M limit 3) and ()",
            "select a from L where a in (select b from M limit 3) and ()",
        ),
        (
            "select a from L where a in (select b from M where c or d or e order by b)",
            "select a from L where a in (select b from M where (c or d) or e order by b)",
        ),
        (
            "select a from L where\n  a = 1\n  and b = 2\n  or c = 3\nlimit 1",
            "select a from L where\n  (a = 1\n  and b = 2)\n  or c = 3 limit 1",
        ),
        (
            "select a from L where a = 1 or b = 2 or c = 3 and d = 4 and e = 5",
            "select a from L where (a = 1 or b = 2) or ((c = 3 and d = 4) and e = 5)",
        ),
    ],
)
def test_supplies_what_zoho_wants(text, sent):
    """A missing WHERE and missing brackets are put in; what is wrong otherwise is left to Zoho."""
    assert _bound(text).startswith(sent)


@pytest.mark.parametrize(
    ("clause", "limit", "offset", "readable"),
    [
        ("", None, 0, True),
        ("limit 7", 7, 0, True),
        ("LIMIT 3, 7", 7, 3, True),
        ("limit 7 OFFSET 3", 7, 3, True),
        ("limit 0", None, 0, False),
        ("limit -5", None, 0, False),
        ("limit s", None, 0, False),
        ("limit 2.5", None, 0, False),
        ("limit", None, 0, False),
        ("limit 7 offset 3, 2", None, 0, False),
    ],
)
def test_reads_all_forms_of_limit(clause, limit, offset, readable):
    """A LIMIT of the three known forms is read; another one goes to Zoho as it is."""
    statement = bind(f"select id from L where a = 1 {clause}", {})

    assert (limit, offset, readable) == (statement.limit, statement.offset, statement.is_readable)
    assert statement.whole.text.endswith(f"a = 1 {clause}".strip())


_MANY = " and ".join(f"a{n} = 1" for n in range(25))


@pytest.mark.parametrize(
    ("text", "by_id"),
    [
        ("select a from L", "asc"),
        ("select a from L order by id", "asc"),
        ("select a from L order by 'id' ASC", "asc"),
        ("select a from L order by id desc", "desc"),
        ("select a from L order by id down", ""),
        ("select a from L order by id, a", ""),
        ("select a from L order by", ""),
        ("select a from L order by a", ""),
        ("select a as id from L", ""),
        ("select a 'id' from L", ""),
        ("select id as a from L", ""),
        ("select a as b, Owner.id from L", "asc"),
        ("select COUNT(id) from L", ""),
        ("select a from L group by a", ""),
        (f"select a from L where {_MANY}", ""),
    ],
)
def test_knows_which_rows_come_by_id(text, by_id):
    """Only rows that Zoho orders by their own id can be read on behind the last one."""
    assert by_id == bind(text, {}).by_id


@pytest.mark.parametrize(
    ("text", "page", "sent"),
    [
        ("where a = 1", {}, "where a = 1 order by id limit 9"),
        ("where a = 1", {"offset": 4}, "where a = 1 order by id limit 4, 9"),
        ("where a = 1", {"after": "7"}, "where a = 1 and id > '7' order by id limit 9"),
        (
            "where a = 1 or b = 2 order by id desc limit 99",
            {"after": "7"},
            "where (a = 1 or b = 2) and id < '7' order by id desc limit 9",
        ),
        (
            "where (a = 1 or b = 2)",
            {"after": "7"},
            "where (a = 1 or b = 2) and id > '7' order by id limit 9",
        ),
        ("order by a desc", {"offset": 4}, "where id is not null order by a desc, id limit 4, 9"),
        ("order by a, id desc", {}, "where id is not null order by a, id desc limit 9"),
        (
            "order by a, b, c, d, e, f, g, h, i, j",
            {},
            "where id is not null order by a, b, c, d, e, f, g, h, i, j limit 9",
        ),
        ("group by a order by a", {}, "where id is not null group by a order by a limit 9"),
        (f"where {_MANY}", {"offset": 4}, "order by id limit 4, 9"),
    ],
)
def test_writes_pages(text, page, sent):
    """A page is the query behind an id or a number of rows, in an order without equals."""
    written = bind(f"select a from L {text}", {}).page(rows=9, **page).text

    assert written.endswith(sent)


def test_maps_places_back_to_the_text_of_the_caller():
    """A place that Zoho names in what was sent is shown in what the caller wrote."""
    text = "select a\nfrom L\nwhere a = {a} and b = {b} or c Lund"
    sent = bind(text, {"a": "x\ny", "b": 2}).page(rows=9)
    line = sent.text.split("\n")[-1]
    details = {"line": 3, "column": line.index("Lund") + 1, "near": "Lund"}

    place = sent.place(details)

    excerpt = "a from L where a = {a} and b = {b} or c >>>Lund"
    assert Place(line=3, column=32, clause="where", excerpt=excerpt) == place


@pytest.mark.parametrize(
    ("details", "named", "clause"),
    [
        ({"near": "where"}, "where", "where"),
        ({"line": 1, "column": 1, "near": "Last_Name"}, "Last_Name", "select"),
        ({"line": 1, "column": 8}, "Last_Name", "select"),
        ({"line": 1, "column": 31, "near": "ere"}, "where", "where"),
        ({"line": 9, "column": 1, "near": "limit"}, "limit", "limit"),
        ({"line": 1, "column": 999, "near": "limit"}, "limit", "limit"),
        ({"column_name": "What_Id->Leads.Fax"}, "'What_Id", "where"),
        ({"column_name": ["x", "Email"]}, "Email", "order by"),
        ({"operator": "="}, "=", "where"),
    ],
)
def test_finds_what_an_error_names(details, named, clause):
    """Where no line and column fit, the first that is named so is the place."""
    text = "select Last_Name from Tasks where 'What_Id->Leads.Fax' = 5 order by Email limit 3"

    place = bind(text, {}).whole.place(details)

    assert text.index(named) + 1 == place.column
    assert clause == place.clause


@pytest.mark.parametrize("details", [{}, {"near": ""}, {"near": "xyz"}, {"line": "1"}, {"line": 1}])
def test_finds_no_place_where_none_is_named(details):
    """An error that names nothing of the text has no place in it."""
    assert bind("select a from L", {}).whole.place(details) is None


def test_finds_no_place_in_what_was_put_in():
    """What is wrong with a supplied clause has no place in the caller's text."""
    sent = bind("select a from L", {}).whole

    assert sent.place({"line": 1, "column": 17, "near": "where"}) is None
