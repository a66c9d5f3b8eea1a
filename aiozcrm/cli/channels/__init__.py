"""``aiozcrm notifications``: the channels on which Zoho reports changes."""

from __future__ import annotations

from typing import Final

import typer

from aiozcrm.cli._help import examples
from aiozcrm.cli.channels.notifications import disable, enable, list_channels
from aiozcrm.cli.channels.watching import watch

__all__ = ["notifications"]

notifications: Final = typer.Typer(
    name="notifications",
    help="List, open, end and watch the channels on which Zoho reports changes.",
    no_args_is_help=True,
)

notifications.command(
    "list",
    epilog=examples("notifications list", "notifications list --all-profiles --json"),
)(list_channels)
notifications.command(
    epilog=examples(
        "notifications enable Deals.all \\\n      --url https://hooks.example.com/zoho/deals",
        "notifications enable Leads.create Leads.edit \\\n"
        "      --url https://hooks.example.com/zoho/leads \\\n"
        "      --until 2026-12-01T12:00:00+01:00 < token.txt",
    ),
)(enable)
notifications.command(
    epilog=examples("notifications disable 1068000000068001"),
)(disable)
notifications.command(
    epilog=examples(
        "notifications watch Deals.all \\\n      --url https://tunnel.example.com/ --port 8080",
        "notifications watch Leads.create Contacts.create \\\n"
        "      --url https://tunnel.example.com/ --port 8080 --json",
    ),
)(watch)
