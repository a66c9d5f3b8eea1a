"""``aiozcrm records``, ``query``, ``schema`` and ``call``: the rows of one org or of many."""

from __future__ import annotations

from typing import Final

import typer

from aiozcrm.cli._help import examples
from aiozcrm.cli.records.cleaning import clean_records
from aiozcrm.cli.records.deleting import delete_records
from aiozcrm.cli.records.record_reading import count, get, list_records, search
from aiozcrm.cli.records.writing import create, update, upsert

__all__ = ["records"]

records: Final = typer.Typer(
    name="records",
    help="List, find, count, write and delete records, in one org or in many.",
    no_args_is_help=True,
)


records.command(
    "list",
    epilog=examples(
        "records list Leads --fields Last_Name,Email",
        "records list Deals --all-profiles --json | jq -r .Deal_Name",
        "records list Contacts --json \\\n      --changed-since 2026-11-26T08:00:00+01:00",
    ),
)(list_records)
records.command(
    epilog=examples("records get Leads 4150868000000731002 --json | jq .Email"),
)(get)
records.command(
    epilog=examples(
        "records search Leads --email ann@example.org",
        "records search Deals --criteria '(Stage:equals:Qualification)' \\\n"
        "      --fields Deal_Name,Amount",
    ),
)(search)
records.command(
    epilog=examples("records count Leads", "records count Leads --all-profiles --json"),
)(count)
records.command(
    epilog=examples(
        "records create Leads --from leads.csv --dry-run",
        "records create Leads --from leads.jsonl \\\n      --trigger none --report done.csv",
    ),
)(create)
records.command(
    epilog=examples(
        "records update Deals --from deals.csv --dry-run",
        "records update Deals --from deals.csv --trigger workflow --yes",
    ),
)(update)
records.command(
    epilog=examples(
        "records upsert Contacts --from contacts.csv \\\n      --duplicate-check-fields Email",
        "records upsert --resume run.jsonl",
    ),
)(upsert)
records.command(
    "delete",
    epilog=examples(
        "records delete Leads 4150868000000731002",
        "records delete Leads --from ids.csv \\\n      --backup before.jsonl --trigger none",
    ),
)(delete_records)
records.command(
    "clean",
    epilog=examples(
        "records clean Leads --where \"Lead_Status = 'Junk Lead'\" --dry-run",
        "records clean Leads --trigger none \\\n"
        "      --where 'Created_Time < {day}' \\\n"
        "      --param day=2020-01-01T00:00:00+00:00",
        "records clean --resume JOURNAL",
    ),
)(clean_records)
