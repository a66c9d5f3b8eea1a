"""Makes the page of the reference that lists every call of the API, ``docs/reference/calls.md``.

Its rows are those that the contract of the tests compares each call with. Run it after a change
to them: ``python docs/make_calls.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

ROWS: Final = Path(__file__).parents[1] / "tests" / "contract" / "catalogue.json"
PAGE: Final = Path(__file__).parent / "reference" / "calls.md"

_PAGES: Final = "https://www.zoho.com/crm/developer/docs/api/v7"
#: Hosts other than that of the API.
_HOSTS: Final = {"content": "upload host", "download": "download host"}

_INTRODUCTION: Final = """\
# Every call

Zoho's API for v7 has these calls, and this is what makes each of them. A call for many, such as
`create_many`, is made as often as it takes; `iter` and `iter_...` make the same calls as the lists
beside them.

The scope is the narrowest that serves; most have a wider one, with `.ALL` in the place of the last
word. `zoho.scopes_for(...)` tells those of what you use. The page is Zoho's own.
"""


def page(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the page.

    Args:
        rows: The rows of the contract.
    """
    return "\n".join([_INTRODUCTION, *_tables(rows)]).rstrip() + "\n"


def _tables(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for name, group in groupby(sorted(rows, key=_name_of), _name_of):
        yield f"## {name}\n"
        yield "| call | request | scope | page |"
        yield "| --- | --- | --- | --- |"
        yield from map(_line, group)
        yield ""


def _name_of(row: Mapping[str, Any]) -> str:
    """Return the attribute of the client that a call begins with."""
    return re.split(r"\W", row["call"].removeprefix("zoho."), maxsplit=1)[0]


def _line(row: Mapping[str, Any]) -> str:
    host = f" ({_HOSTS[row['host']]})" if row["host"] in _HOSTS else ""
    request = f"`{row['method']} {row['base']}{row['path']}`{host}"
    scopes = row["scopes"] or []
    narrow = [scope for scope in scopes if not scope.endswith(".ALL")] or scopes
    scope = f"`{narrow[0]}`" if narrow else ""
    link = f"[{row['slug']}]({_PAGES}/{row['slug']}.html)"
    return f"| `{row['call']}` | {request} | {scope} | {link} |"


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(ROWS.read_text(encoding="utf-8"))), encoding="utf-8")
