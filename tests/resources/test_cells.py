"""Cells of bulk files: values of each type, whatever text they have."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest

from aiozcrm.resources._cells import cell_of, reader_of, rows_by_name

COLOURS = [{"actual_value": value} for value in ("red", "blue", "a;b", "c, d")]


@pytest.mark.parametrize(
    ("field", "cells", "values"),
    [
        (
            {"data_type": "boolean"},
            ["true", "false", "TRUE", "1", ""],
            [True, False, True, False, None],
        ),
        (
            {"data_type": "integer"},
            ["7", "-1", "", "12345678901234567890"],
            [7, -1, None, 12345678901234567890],
        ),
        ({"data_type": "currency"}, ["7", "7.50", "", "1e3"], [7, 7.5, None, 1000.0]),
        ({"data_type": "double"}, ["nan", "inf", "many", "1"], ["nan", "inf", "many", 1]),
        ({"data_type": "percent", "json_type": "integer"}, ["7.5"], [7.5]),
        ({"data_type": "bigint", "json_type": "string"}, ["12", ""], ["12", None]),
        ({"data_type": "formula", "json_type": "double"}, ["1.5"], [1.5]),
        ({"data_type": "formula", "json_type": None}, ["1.5"], ["1.5"]),
        ({"data_type": "something new", "json_type": "jsonobject"}, ["5"], [{"id": "5"}]),
        ({"data_type": "ownerlookup"}, ["5", ""], [{"id": "5"}, None]),
        ({"data_type": "date"}, ["2025-03-04"], ["2025-03-04"]),
        ({"data_type": "text", "api_name": "Tag"}, ["a,b", ""], [["a", "b"], None]),
        (
            {"data_type": "multiselectpicklist", "pick_list_values": COLOURS},
            ["red", "red;blue", "red,blue", "a;b", "c, d", "x;y", "x,y", ""],
            [
                ["red"],
                ["red", "blue"],
                ["red", "blue"],
                ["a;b"],
                ["c, d"],
                ["x", "y"],
                ["x", "y"],
                None,
            ],
        ),
        ({"data_type": "multiselectpicklist"}, ["x"], [["x"]]),
        (None, ["5", ""], ["5", None]),
    ],
)
def test_cells_become_values_of_their_field(field, cells, values):
    """What cannot be one stays text, since the schema may have changed."""
    read = reader_of(field and {"api_name": "Any", **field})
    assert list(read(cells)) == values
    rows = rows_by_name([[cell] for cell in cells], ["Any"], [read])
    assert rows == [{"Any": value} for value in values]


def test_there_may_be_no_rows():
    """Then there are no columns to read either."""
    assert rows_by_name([], ["id", "City"], [reader_of(None)] * 2) == []


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("a", "a"),
        (None, ""),
        (True, "true"),
        (7, "7"),
        (1.5, "1.5"),
        (Decimal("1E+3"), "1000"),
        ({"id": 5}, "5"),
        ({"Email": "a@example.com"}, "a@example.com"),
        ({"id": "5", "name": "Acme"}, "5"),
        (["a", "b"], "a;b"),
        ((), ""),
    ],
)
def test_values_become_cells(value, cell):
    """As Zoho reads them."""
    assert cell_of(value) == cell


@pytest.mark.parametrize("value", [{1}, b"a", Fraction(1, 2), [1], {"a": 1, "b": 2}, {}, object()])
def test_values_that_a_cell_cannot_hold_are_rejected(value):
    """Rather than written as something else."""
    with pytest.raises(TypeError):
        cell_of(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, Decimal("NaN"), ["a;b"]])
def test_values_that_would_be_others_in_a_cell_are_rejected(value):
    """Such as what stands between two values."""
    with pytest.raises(ValueError, match=r"\w"):
        cell_of(value)
