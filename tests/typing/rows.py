# pyright: reportUnnecessaryTypeIgnoreComment=true
"""Rows of records with a type of their own, as a user types them; checked, never run.

Each mistake is marked with the error that mypy has to find there, and pyright has to find one,
too: a mark without an error is an error.
"""

from typing import Any, TypedDict, assert_type

from aiozcrm import BatchReport, Outcome, ZohoCRM
from aiozcrm.resources.records import Records
from aiozcrm.resources.schema import Problem, Reference, Schema, SchemaChange


class Lead(TypedDict, total=False):
    """A record of Leads, as `Schema.to_source` writes it."""

    id: str
    Last_Name: str
    Email: str | None
    Owner: Reference | None
    Annual_Revenue: float | None


async def read(zoho: ZohoCRM) -> None:
    """Read typed rows, by every way that there is."""
    leads = zoho.records("Leads", row=Lead)
    assert_type(leads, Records[Lead])
    async for lead in leads.iter(fields=["Last_Name", "Email"]):
        assert_type(lead, Lead)
        assert_type(lead.get("Email"), str | None)
        assert_type(lead.get("Annual_Revenue"), float | None)
    async for page in leads.iter().pages():
        assert_type(page, list[Lead])
    assert_type((await leads.list())[0], Lead)
    assert_type(await leads.get("5725767000000411001"), Lead)
    assert_type(await leads.find_one(Email="a@b.example"), Lead | None)
    assert_type((await leads.find(Email="a@b.example"))[0], Lead)
    assert_type((await leads.search(word="Halden"))[0], Lead)
    async with leads.changes() as feed:
        async for batch in feed:
            assert_type(batch.upserted, list[Lead])


async def write(zoho: ZohoCRM, rows: list[Lead]) -> None:
    """Write typed rows."""
    leads = zoho.records("Leads", row=Lead, external_id="Badge")
    row: Lead = {"Last_Name": "Halden"}
    assert_type(await leads.create({"Last_Name": "Halden", "Owner": {"id": "7"}}), Outcome)
    assert_type(await leads.update("7", {"Email": None}), Outcome)
    assert_type(await leads.upsert(row), Outcome)
    assert_type(await leads.upsert_many(rows, duplicate_check_fields=["Email"]), BatchReport)
    assert_type(await leads.update_many([{"id": "7", "Email": None}]), BatchReport)
    assert_type(await leads.create_many(iter(rows)), BatchReport)


async def make_mistakes(zoho: ZohoCRM) -> None:
    """Misspell a field, and mistake its type, in reading and in writing."""
    leads = zoho.records("Leads", row=Lead)
    lead = await leads.get("7")
    lead["Emial"]  # type: ignore[typeddict-item]
    lead.get("Email").upper()  # type: ignore[union-attr]
    await leads.create({"Last_Nmae": "Halden"})  # type: ignore[typeddict-unknown-key]
    await leads.create({"Last_Name": 5})  # type: ignore[typeddict-item]
    await leads.update("7", {"Annual_Revenue": "5"})  # type: ignore[typeddict-item]
    await leads.upsert_many([{"Owner": "7"}])  # type: ignore[typeddict-item]
    await leads.upsert({"Owner": {"name": "Mira"}})  # type: ignore[typeddict-item]
    zoho.records("Leads", row=int)  # type: ignore[type-var]


async def stay_untyped(zoho: ZohoCRM) -> None:
    """Without a type, rows are dicts of anything."""
    leads = zoho.records("Leads")
    assert_type(leads, Records[dict[str, Any]])
    assert_type((await leads.get("7"))["Whatever"], Any)
    await leads.create({"Whatever": 5})


async def look_at_schema(zoho: ZohoCRM, row: Lead) -> None:
    """Use everything that a schema has."""
    schema = await zoho.schema("Leads", refresh=True)
    assert_type(schema, Schema)
    assert_type(schema.check(row, "upsert"), list[Problem])
    assert_type(schema.diff(Schema.load("leads.json")), list[SchemaChange])
    assert_type(schema.to_source("attrs", name="Lead"), str)
    assert_type(schema.picklists["Stage"], tuple[str, ...])
    schema.check(row, "insert")  # type: ignore[arg-type]
    schema.to_source("java")  # type: ignore[arg-type]
