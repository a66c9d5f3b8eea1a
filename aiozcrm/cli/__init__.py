"""The command line; it needs the extra ``cli``."""

import sys
from typing import Final

__all__ = ["main"]

#: What the extra brings.
_EXTRA: Final = frozenset({"click", "filelock", "platformdirs", "rich", "tomlkit", "typer"})


def main() -> None:
    """Run the command ``aiozcrm``."""
    try:
        from aiozcrm.cli._app import app  # noqa: PLC0415  # a plain install gets here, too
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        sys.stderr.write("The command line needs an extra: pip install 'aiozcrm[cli]'\n")
        raise SystemExit(2) from None
    app()
