"""The command ``aiozcrm``, and where its subcommands are."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from aiozcrm import __version__
from aiozcrm.cli._exits import MEANINGS, reporting_errors
from aiozcrm.cli._help import examples

__all__ = ["app"]

_EXIT_CODES: Final = "\b\nExit codes:\n" + "\n".join(
    f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items()
)


_DEBUG: Final = "--debug"

#: The module that holds each command, under the command's name, and the examples of those that
#: are no groups; in the order in which help shows them.
_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "query": (
        "records.query",
        "query 'select Last_Name, Email from Leads'",
        (
            "query 'select Deal_Name from Deals where Stage = {stage}' \\\n"
            "      --param stage=Qualification"
        ),
        "query 'select COUNT(id) as n from Leads' --all-profiles --json",
    ),
    "schema": (
        "records.schema",
        "schema Leads",
        "schema Leads --to typeddict > leads.py",
        "schema Leads --save leads.json",
        "schema Leads --diff leads.json",
    ),
    "export": (
        "records.exporting",
        "export Leads --to leads.csv",
        "export Deals --to deals.parquet --fields Deal_Name,Amount,Stage",
        "export Contacts --to contacts.db --via bulk-read --yes",
        "export Leads --to delft.jsonl --where \"City = 'Delft'\" --yes",
    ),
    "sync": (
        "records.sync",
        "sync Leads Contacts --to crm.db",
        "sync Deals --to copies/ --json",
    ),
    "call": (
        "records.call",
        "call GET settings/roles",
        "call GET Leads --param fields=Last_Name --param per_page=3",
        "call POST coql --json query.json",
    ),
    "demo": ("local.demo", "demo", "demo --links 1000 --concurrency 10", "demo --calm"),
    "login": (
        "profiles.login",
        "login --data-center eu --client-id 1000.YOURS",
        "login --profile acme-sandbox --environment sandbox --no-browser",
        "login --profile acme --code < code.txt",
    ),
    "logout": ("profiles.logout", "logout", "logout --profile acme --no-revoke"),
    "doctor": ("profiles.doctor", "doctor", "doctor --profile acme", "doctor --all-profiles"),
    "fake": ("local.fake",),
    "links": ("links",),
    "records": ("records",),
    "attachments": ("files",),
    "notifications": ("channels",),
}


class _LoadedWhenUsed(Mapping[str, Any]):
    """All commands by their names, each loaded when it is first looked up.

    To load them all takes half a second, for which whoever runs one would wait every time.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = _load(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_COMMANDS)

    def __len__(self) -> int:
        return len(_COMMANDS)


def _load(name: str) -> Any:
    home, *shown = _COMMANDS[name]
    found = getattr(importlib.import_module(f"aiozcrm.cli.{home}"), name)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        alone.add_typer(found)
    else:
        alone.command(epilog=examples(*shown))(found)
    return typer.main.get_group(alone).commands[name]


class _Commands(TyperGroup):
    """The root of all commands: reports their errors, and takes ``--debug`` wherever it stands."""

    def __init__(self, **given: Any) -> None:
        """Make the root; what typer gives are its own options."""
        super().__init__(**given)
        self.commands = _LoadedWhenUsed()  # type: ignore[assignment]  # nothing is added to them

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; ``--debug`` may stand before or after the name of a command."""
        end = args.index("--") if "--" in args else len(args)
        head = [one for one in args[:end] if one != _DEBUG]
        found = [_DEBUG] if len(head) < end else []
        # Help loads all commands, which takes long enough to be interrupted.
        with reporting_errors():
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
