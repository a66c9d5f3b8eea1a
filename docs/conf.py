"""How the documentation is built."""

import os
import re
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import aiozcrm

# Extensions of our own.
sys.path.insert(0, str(Path(__file__).parent))

project = "aiozcrm"
author = "The aiozcrm developers"
project_copyright = "2026, The aiozcrm developers"
release = aiozcrm.__version__

extensions = [
    "_commands",
    "_reliability",
    "_search",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
myst_enable_extensions = ["colon_fence", "deflist"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"aiozcrm {release}"

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
napoleon_numpy_docstring = False
napoleon_use_ivar = True

# Links into the documentation of others need a network; a build without one still has to pass.
if os.environ.get("DOCS_INTERSPHINX"):
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {
        "aiohttp": ("https://docs.aiohttp.org/en/stable/", None),
        "python": ("https://docs.python.org/3/", None),
    }

# What other projects document is named in signatures but not linked without a network.
nitpick_ignore_regex = [
    ("py:.*", r"aiohttp\..*"),
    ("py:.*", r"(collections|asyncio|datetime|dt|os|pathlib|typing|types|contextlib)\..*"),
    ("py:.*", r"(str|int|float|bool|bytes|object|tuple|list|dict|frozenset|None|Any|Self)"),
    ("py:exc", r"(TypeError|ValueError|ExceptionGroup|RuntimeError|OSError|TimeoutError)"),
    ("py:class", r"(Exception|ValueError|TimeoutError|Path)"),
    ("py:class", r"(enum|deque|Counter).*"),
    # An alias, documented as data.
    ("py:class", r"EventReceiver"),
    ("py:class", r"aiozcrm\._unset\.UnsetType"),
    ("py:class", r"aiozcrm\._call_facts\.CallFacts"),
    # Stand for a type that each family names.
    ("py:class", r"aiozcrm\.resources\..*\.(Draft|Item|R|RecordT|LinkDraft|State)"),
    ("py:class", r"(Draft|Item|Api|Body|Record|RecordT)"),
    ("py:class", r"(Inputs|OnOutcome|AbstractAsyncContextManager)"),
    # The options of a call, which its own documentation lists.
    ("py:class", r"aiozcrm\.resources\..*\._\w+\.\w+Options"),
    # OpenTelemetry's, named where only type checkers look.
    ("py:class", r"(Meter|Tracer)Provider"),
]


def name_functions(*told: Any) -> tuple[str, str]:
    """Write defaults that are functions as a program would."""
    *_, signature, returns = told
    if signature:
        signature = re.sub(r"<built-in function (\w+)>", r"time.\1", signature)
        signature = re.sub(r"<function (\w+)( at \w+)?>", r"asyncio.\1", signature)
    return signature, returns


def setup(app: Sphinx) -> None:
    """Let the build do what its settings cannot."""
    app.connect("autodoc-process-signature", name_functions)
