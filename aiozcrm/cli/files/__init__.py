"""``aiozcrm attachments``: files of records, down from Zoho and up to it."""

from __future__ import annotations

from typing import Final

import typer

from aiozcrm.cli._help import examples
from aiozcrm.cli.files.downloading import download
from aiozcrm.cli.files.uploading import upload

__all__ = ["attachments"]

attachments: Final = typer.Typer(
    name="attachments",
    help="Download and upload the attachments of records.",
    no_args_is_help=True,
)

attachments.command(
    epilog=examples(
        "attachments download Leads 4150868000000731002 --to files/",
        "attachments download Deals --from ids.csv --to files/ --json",
    ),
)(download)
attachments.command(
    epilog=examples(
        "attachments upload Leads 4150868000000731002 offer.pdf",
        "attachments upload --resume run.jsonl",
    ),
)(upload)
