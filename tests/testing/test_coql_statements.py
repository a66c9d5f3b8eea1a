"""The statements of a table, and what a fake of Zoho answers to each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from aiozcrm.testing._coql import Column, Engine, Table
from aiozcrm.testing._wire._answer import Answer, RejectedError

_TABLE: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "samples/coql/statements.json").read_text("utf-8")
)


class Org:
    """The org of the table."""

    reach = 100_000

    def __init__(self, described: dict[str, Any]) -> None:
        self.tables: dict[str, Table] = {}
        for name, module in described["modules"].items():
            columns = {
                field: Column(
                    field, about["type"], about["to"] if isinstance(about.get("to"), str) else ""
                )
                for field, about in module["fields"].items()
            }
            self.tables[name] = Table(
                name=name,
                id=module["id"],
                columns=columns,
                rows={row["id"]: row for row in described["rows"].get(name, [])},
                version=1,
                value=lambda row, field: row.get(field),
                title=lambda row, field=module["name_field"]: row.get(field),
                hidden=module.get("hidden", False),
            )
        self._views = {
            "7100000000091501": ("Leads", lambda row: row["Industry"] == "Retail"),
            "7100000000091502": ("Deals", lambda row: (row["Amount"] or 0) > 1000),
        }

    def table(self, name: str) -> Table | None:
        """Return a table."""
        return self.tables.get(name)

    def view(self, table: str, view_id: str) -> Any:
        """Return what a view shows."""
        of, shows = self._views.get(view_id, ("", None))
        return shows if of == table else None

    def holder(self, record_id: str) -> Table | None:
        """Return the table that has a record."""
        return next((t for t in self.tables.values() if record_id in t.rows), None)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """What answers the queries of that org."""
    return Engine(Org(_TABLE["org"]))


def _answered(engine: Engine, body: Any) -> Answer:
    try:
        return engine.answer(body)
    except RejectedError as problem:
        return problem.answer


@pytest.mark.parametrize("row", _TABLE["statements"], ids=lambda row: str(row["nr"]))
def test_answers_a_statement_as_zoho_does(engine, row):
    """Rows in their order, or an error with its code and details."""
    expected = row["expected"]

    answer = _answered(engine, {"select_query": row["statement"]})

    assert expected["status"] == answer.status
    if expected["status"] == 400:
        said = (answer.data["code"], answer.data["details"])
        assert (expected["code"], expected["details"]) == said
    elif expected["status"] == 200:
        assert expected["rows"] == answer.data["data"]
        info = {"count": len(expected["rows"]), "more_records": expected["more_records"]}
        assert info == answer.data["info"]


@pytest.mark.parametrize("row", _TABLE["bodies"])
def test_answers_a_wrong_body_as_zoho_does(engine, row):
    """A missing statement, and wishes for metadata that nobody knows."""
    answer = _answered(engine, row["body"])

    said = (answer.status, answer.data["code"], answer.data["details"])
    assert tuple(row["expected"][name] for name in ("status", "code", "details")) == said


@pytest.mark.parametrize(
    ("statement", "ids"),
    [
        ("select id from Leads where Annual_Revenue < '1e5000'", ["11", "12", "14", "15"]),
        ("select id from Leads where Annual_Revenue < '1e30'", ["11", "12", "14", "15"]),
        ("select id from Leads where id < 99999999999999999999", ["11", "12", "13", "14", "15"]),
        ("select id from Leads where Owner = 'nobody'", []),
        ("select id from Leads where Owner != 'nobody'", ["11", "12", "13", "14", "15"]),
        ("select id from Leads where Languages = ''", []),
        (f"select id from Leads where Company like '%{'x' * 60_000}%'", []),
        (
            f"select id from Leads where Company not like '%{'x' * 60_000}%'",
            ["11", "12", "13", "14", "15"],
        ),
        ("select id from Leads where Company like '\ud800'", []),
        ("select id from Leads where id = (select Lead from Leads_X_Courses where id = 1)", []),
        (
            (
                "select id from Leads "
                "where id = (select Lead from Leads_X_Courses where Course = 'Glue')"
            ),
            ["12"],
        ),
        ("select id from Leads where Record_Image is null", ["11", "12", "13", "14", "15"]),
    ],
    ids=lambda value: str(value)[:70],
)
def test_compares_what_sqlite_alone_would_not(engine, statement, ids):
    """Numbers, patterns and texts of any size and kind compare, and none ends in a failure."""
    answer = _answered(engine, {"select_query": statement})

    assert answer.status in {200, 204}
    found = [row["id"] for row in (answer.data or {"data": []})["data"]]
    assert [f"71000000005000{each}" for each in ids] == found


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select id from Leads where Annual_Revenue < 'inf'", "INVALID_QUERY"),
        ("select id from Leads where Owner.module.api_name = 'x'", "INVALID_QUERY"),
        ("select Owner.module.api_name from Leads where id = 1", "INVALID_QUERY"),
        ("select 'What_Id->Nowhere.x' from Tasks where id = 1", "INVALID_QUERY"),
        (
            "select 'What_Id->Leads.Owner.email' from Tasks where What_Id.module.api_name = 'x'",
            "IN",
        ),
        (f"select {'Reports_To.' * 21}id from Contacts where id = 1", "LIMIT_EXCEEDED"),
        ("select Stage from Deals where id = 1 group by Stage, Stage", "DUPLICATE_DATA"),
        ("select Stage from Deals where id = 1 group by Stage order by Amount", "INVALID_QUERY"),
    ],
)
def test_rejects_what_leads_nowhere(engine, statement, code):
    """Columns that lead nowhere, and groups that say nothing of an order."""
    answer = _answered(engine, {"select_query": statement})

    assert 400 == answer.status
    assert answer.data["code"].startswith(code)
