"""What the client binds, read by the grammar of the fake, which shares no code with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aiozcrm._coql import bind
from aiozcrm.testing._coql._parser import parse
from aiozcrm.testing._coql._tree import Comparison, Condition, Pair, Value, comparisons_of
from aiozcrm.testing._wire._answer import RejectedError

#: Texts that end or begin something in this language or a similar one.
_MARKS = r"""' " '' \ \' { } {a} {b} ( ) ; -- /* % _ = where x ü # #1 limit or and"""
_HOSTILE = st.lists(st.sampled_from([*_MARKS.split(), " ", "\n", "\0"]), max_size=8).map("".join)
_TEXT = st.one_of(st.text(), _HOSTILE)
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))
_FIRST, _LAST = dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)  # noqa: DTZ001  # zones come later
_VALUES = st.one_of(
    _TEXT,
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(min_value=_FIRST, max_value=_LAST, timezones=_ZONES),
)


def _text_of(value: Any) -> str:
    """Return what COQL has to read for a value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _replaced(condition: Condition, values: Mapping[str, Any]) -> Condition:
    """Return a condition with values in the places of words that stand for them."""
    if isinstance(condition, Pair):
        left, right = (_replaced(each, values) for each in (condition.left, condition.right))
        return Pair(condition.word, left, right)
    if condition.query is not None:
        where = _replaced(condition.query.where, values)
        return attrs.evolve(condition, query=attrs.evolve(condition.query, where=where))
    texts = [
        Value(_text_of(each))
        for value in condition.values
        for each in (
            values[value.text] if isinstance(values[value.text], list) else [values[value.text]]
        )
    ]
    return attrs.evolve(condition, values=texts)


_TEMPLATES = [
    "select id from L where a = {a} and b != {b}",
    "select id from L where (a like {a} or b = {b}) and c in ({a}, {b})",
    "select id from L where a between {a} and {b} and c not in {c} or d = {a}",
    "select id from L where a in (select b from M where c = {a} and d in {c} or e = {b}) and b={b}",
    "select a as 'x{a}', 'y''z' from L#71 where a={a}and'b q' in{c}or d>{b}and e<={a} order by a",
]


@pytest.mark.parametrize("template", _TEMPLATES)
@given(a=_VALUES, b=_VALUES, c=st.lists(_VALUES, min_size=1, max_size=4))
def test_a_value_is_exactly_one_literal(template, a, b, c):
    """A bound query reads as the unbound one with exactly that value in its place."""
    values = {name: v for name, v in {"a": a, "b": b, "c": c}.items() if f"{{{name}}}" in template}
    # The same text with words for values. It has its brackets already, as bound ones have.
    # A placeholder within a string is none.
    words = {name: [name.upper()] if name == "c" else name.upper() for name in values}
    bare = bind(template, words).whole.text
    expected = parse(bare)

    bound = parse(bind(template, values).whole.text)

    by_word = {name.upper(): value for name, value in values.items()}
    assert attrs.evolve(expected, where=_replaced(expected.where, by_word)) == bound


_NAMES = st.sampled_from(["a", "b", "c"])
_LEAVES = st.one_of(
    st.builds("{} = '{}'".format, _NAMES, st.sampled_from(["x", " and ", "(", ") or ("])),
    st.builds("{} between 1 and 2".format, _NAMES),
    st.builds("{} in ('and', 'or')".format, _NAMES),
    st.builds("{} is not null".format, _NAMES),
)
_CHAINS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda first, others: first + "".join(f" {word} {each}" for word, each in others),
            inner.map(lambda text: f"({text})"),
            st.lists(
                st.tuples(st.sampled_from(["and", "or", "AND"]), inner.map("({})".format)),
                max_size=3,
            ),
        ),
        st.builds(
            lambda first, others: first + "".join(f" {word} {each}" for word, each in others),
            _LEAVES,
            st.lists(st.tuples(st.sampled_from(["and", "or", "Or"]), _LEAVES), max_size=4),
        ),
    ),
    max_leaves=5,
)


def _truth(condition: Condition, facts: list[bool]) -> bool:
    """Return whether a condition holds, with a fact for each comparison from left to right."""
    if isinstance(condition, Pair):
        left, right = _truth(condition.left, facts), _truth(condition.right, facts)
        return (left and right) if condition.word == "and" else (left or right)
    return facts.pop(0)


def _python(text: str, facts: list[bool]) -> bool:
    """Return whether a chain holds by the rules of Python, in which `and` binds before `or`."""
    comparison = r"\w+ (?:= '[^']*'|between 1 and 2|in \('and', 'or'\)|is not null)"
    rest = iter(facts)
    holds = re.sub(comparison, lambda _: str(next(rest)), text)
    return bool(eval(holds.lower().replace("true", "True").replace("false", "False")))  # noqa: S307


@given(chain=_CHAINS, data=st.data())
def test_brackets_change_no_meaning(chain, data):
    """Zoho takes any chain after it got its brackets, which hold by the same facts as before."""
    text = bind(f"select id from L where {chain}", {}).whole.text
    condition = parse(text).where
    facts = [data.draw(st.booleans()) for _ in comparisons_of(condition)]

    assert _python(chain, facts) == _truth(condition, list(facts))
    assert text == bind(text, {}).whole.text


@given(chain=_CHAINS, after=st.integers(1, 10**18))
def test_the_next_page_adds_one_condition(chain, after):
    """The query for a later page is the same one, with a condition for the id."""
    statement = bind(f"select id from L where {chain}", {})

    assume(statement.by_id)  # Zoho takes 25 conditions.
    query = parse(statement.page(rows=2000, after=str(after)).text)

    own = parse(statement.whole.text).where
    assert Pair("and", own, Comparison("id", ">", [Value(str(after))])) == query.where
    assert ("2000", "0") == (query.limit, query.offset)


@given(text=st.one_of(st.text(), _HOSTILE.map(lambda text: f"select id from L where {text}")))
def test_no_text_breaks_the_reading(text):
    """Any text is bound or rejected, and what is bound is read or rejected."""
    try:
        bound = bind(text, {}).page(rows=2000, after="1").text
    except (ValueError, KeyError):
        return
    try:
        parse(bound)
    except RejectedError:
        return
    assert bound.lower().lstrip().startswith("select")
