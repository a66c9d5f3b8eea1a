"""``aiozcrm links``: the unsubscribe links of one org or of many."""

from __future__ import annotations

from typing import Final

import typer

__all__ = ["links"]

links: Final = typer.Typer(
    name="links",
    help="Unsubscribe links of one org or of many.",
    no_args_is_help=True,
)


@links.callback()
def _group() -> None:
    # Without it, typer would take a single command for the group itself.
    pass
