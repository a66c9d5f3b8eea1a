"""``aiozcrm links``: the unsubscribe links of one org or of many."""

from __future__ import annotations

from typing import Final

import typer

from aiozcrm.cli._help import examples
from aiozcrm.cli.links.changing import create, update
from aiozcrm.cli.links.clean import clean
from aiozcrm.cli.links.delete import delete
from aiozcrm.cli.links.reading import associations, get, list_links

__all__ = ["links"]

links: Final = typer.Typer(
    name="links",
    help="List, change and delete unsubscribe links, in one org or in many.",
    no_args_is_help=True,
)


links.command(
    "list",
    epilog=examples(
        "links list",
        "links list --profile acme --profile acme-sandbox",
        "links list --all-profiles --json | jq -r .id",
    ),
)(list_links)
links.command(
    epilog=examples(
        "links get 2309216000000582097",
        "links get 2309216000000582097 --json | jq .name",
    ),
)(get)
links.command(
    epilog=examples(
        "links create 'Spring sale' --page-type standard \\\n"
        "      --submission-action-type display_message \\\n"
        "      --submission-message 'See you later.'",
        "links create Shop --page-type custom \\\n"
        "      --custom-location-url https://shop.example.com/bye \\\n"
        "      --submission-action-type redirect \\\n"
        "      --submission-redirect-url https://shop.example.com",
    ),
)(create)
links.command(
    epilog=examples(
        "links update 2309216000000582097 --name 'Autumn sale'",
        'links update 2309216000000582097 \\\n      --standard-page-message "$(cat page.html)"',
    ),
)(update)
links.command(
    epilog=examples(
        "links associations",
        "links associations 2309216000000582097",
        "links associations --all-profiles --json | jq -r .id",
    ),
)(associations)
links.command(
    epilog=examples(
        "links delete 2309216000000582097 --dry-run",
        "links delete --from ids.csv --column link_id --profile acme",
        "links delete --from ids.csv --yes --report report.html",
        "links delete --resume JOURNAL",
    ),
)(delete)
links.command(
    epilog=examples(
        "links clean --dry-run",
        "links clean --older-than 90d --name 'Test*' --profile acme",
        "links clean --all-profiles --yes --report report.html",
        "links clean --resume JOURNAL",
    ),
)(clean)
