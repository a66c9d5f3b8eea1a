"""The command ``aiozcrm``, made of its subcommands."""

from __future__ import annotations

import logging
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from aiozcrm import __version__
from aiozcrm.cli._exits import MEANINGS, reporting_errors
from aiozcrm.cli._help import examples
from aiozcrm.cli.channels import notifications
from aiozcrm.cli.files import attachments
from aiozcrm.cli.links import links
from aiozcrm.cli.local.demo import demo
from aiozcrm.cli.local.fake import fake
from aiozcrm.cli.profiles.doctor import doctor
from aiozcrm.cli.profiles.login import login
from aiozcrm.cli.profiles.logout import logout
from aiozcrm.cli.records import records
from aiozcrm.cli.records.call import call
from aiozcrm.cli.records.exporting import export
from aiozcrm.cli.records.query import query
from aiozcrm.cli.records.schema import schema
from aiozcrm.cli.records.sync import sync

__all__ = ["app"]

_EXIT_CODES: Final = "\b\nExit codes:\n" + "\n".join(
    f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items()
)


_DEBUG: Final = "--debug"


class _Commands(TyperGroup):
    """The root of all commands: reports their errors, and takes ``--debug`` wherever it stands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; ``--debug`` may stand before or after the name of a command."""
        end = args.index("--") if "--" in args else len(args)
        head = [one for one in args[:end] if one != _DEBUG]
        found = [_DEBUG] if len(head) < end else []
        return super().parse_args(ctx, [*found, *head, *args[end:]])

    def invoke(self, ctx: Any) -> Any:
        """Run a command, and report its error if it ends with one."""
        with reporting_errors():
            return super().invoke(ctx)


app: Final = typer.Typer(
    name="aiozcrm",
    cls=_Commands,
    help="Work with Zoho CRM from the command line.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    # Plain text reads the same in a terminal, in a pipe and in a ticket.
    rich_markup_mode=None,
    # Tracebacks with local variables would show secrets.
    pretty_exceptions_enable=False,
)
app.add_typer(fake)
app.add_typer(links)
app.add_typer(records)
app.add_typer(attachments)
app.add_typer(notifications)
app.command(
    epilog=examples(
        "query 'select Last_Name, Email from Leads'",
        "query 'select Deal_Name from Deals where Stage = {stage}' \\\n"
        "      --param stage=Qualification",
        "query 'select COUNT(id) as n from Leads' --all-profiles --json",
    )
)(query)
app.command(
    epilog=examples(
        "schema Leads",
        "schema Leads --to typeddict > leads.py",
        "schema Leads --save leads.json",
        "schema Leads --diff leads.json",
    )
)(schema)
app.command(
    epilog=examples(
        "export Leads --to leads.csv",
        "export Deals --to deals.parquet --fields Deal_Name,Amount,Stage",
        "export Contacts --to contacts.db --via bulk-read --yes",
        "export Leads --to delft.jsonl --where \"City = 'Delft'\" --yes",
    )
)(export)
app.command(epilog=examples("sync Leads Contacts --to crm.db", "sync Deals --to copies/ --json"))(
    sync
)
app.command(
    epilog=examples(
        "call GET settings/roles",
        "call GET Leads --param fields=Last_Name --param per_page=3",
        "call POST coql --json query.json",
    )
)(call)
app.command(epilog=examples("demo", "demo --links 1000 --concurrency 10", "demo --calm"))(demo)
app.command(
    epilog=examples(
        "login --data-center eu --client-id 1000.YOURS",
        "login --profile acme-sandbox --environment sandbox --no-browser",
        "login --profile acme --code < code.txt",
    )
)(login)
app.command(epilog=examples("logout", "logout --profile acme --no-revoke"))(logout)
app.command(epilog=examples("doctor", "doctor --profile acme", "doctor --all-profiles"))(doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aiozcrm {__version__}")
        raise typer.Exit


@app.callback()
def _before_any_command(
    context: typer.Context,
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option(_DEBUG, help="Show the log and tracebacks; neither holds a secret."),
    ] = False,
) -> None:
    if debug:
        _show_log(context)


def _show_log(context: typer.Context) -> None:
    """Write the log to stderr until the command ends."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("aiozcrm")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.DEBUG)

    def hide() -> None:
        logger.setLevel(level)
        logger.removeHandler(handler)

    context.call_on_close(hide)
