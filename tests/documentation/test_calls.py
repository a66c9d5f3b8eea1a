"""The page of the reference that lists every call of the API."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def make_calls():
    """The program that makes the page."""
    spec = importlib.util.spec_from_file_location("make_calls", DOCS / "make_calls.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows(make_calls):
    """The rows of the contract."""
    return json.loads(make_calls.ROWS.read_text("utf-8"))


def test_the_page_is_made_from_the_rows_of_the_contract(make_calls, rows):
    """It is as ``python docs/make_calls.py`` leaves it."""
    assert make_calls.PAGE.read_text("utf-8") == make_calls.page(rows)


def test_the_page_has_a_line_for_each_call(make_calls, rows):
    """With the request, a scope and Zoho's page."""
    text = make_calls.PAGE.read_text("utf-8")
    lines = re.findall(r"^\| `zoho\..*$", text, re.MULTILINE)
    assert len(lines) == len(rows)
    for row in rows:
        parts = (f"`{row['call']}`", f"`{row['method']} {row['base']}{row['path']}`", row["slug"])
        assert any(all(part in line for part in parts) for line in lines), row["id"]


def test_scopes_are_as_narrow_as_can_be(make_calls, rows):
    """One that serves for everything stands there only where there is no other."""
    for row in rows:
        scopes = row["scopes"] or []
        line = make_calls.page([row]).splitlines()[-1]
        if any(not scope.endswith(".ALL") for scope in scopes):
            assert ".ALL`" not in line
