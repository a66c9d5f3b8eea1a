"""Lets a build fail if the search does not lead to where words are explained."""

import json
from pathlib import Path
from typing import Final

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

#: What people search for, and the page that has it in a heading.
_FOUND: Final = {
    "celery": "howto/task-queues",
    "credits": "explanation/limits",
    "django": "howto/django",
    "docker": "howto/web-backend",
    "duplicates": "howto/duplicates",
    "gunicorn": "howto/web-backend",
    "pagination": "howto/paging",
    "pandas": "howto/query",
    "proxy": "reference/client",
    "webhook": "howto/notifications",
}


def setup(sphinx: Sphinx) -> dict[str, bool]:
    """Look at the index of the search once it is written."""
    sphinx.connect("build-finished", _check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _check(sphinx: Sphinx, error: Exception | None) -> None:
    if error is not None or sphinx.builder.name != "html":
        return
    written = Path(sphinx.outdir, "searchindex.js").read_text("utf-8")
    index = json.loads(written.removeprefix("Search.setIndex(").removesuffix(")"))
    for word, page in _FOUND.items():
        found = index["titleterms"].get(sphinx.builder.indexer.lang.stem(word), [])
        places = found if isinstance(found, list) else [found]
        if page not in [index["docnames"][place] for place in places]:
            raise ExtensionError(f"The search for {word!r} does not find a heading of {page}.")
