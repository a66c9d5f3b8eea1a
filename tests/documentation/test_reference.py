"""The reference: every public name has one place there."""

import importlib
import inspect
import re
from collections import Counter
from pathlib import Path

import aiozcrm
import aiozcrm.resources
from aiozcrm.datacenters import DATA_CENTERS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
RESOURCES = Path(aiozcrm.resources.__file__).parent

#: The families of calls: each has a module of its own.
FAMILIES = tuple(
    ".".join(("aiozcrm.resources", *file.relative_to(RESOURCES).with_suffix("").parts))
    for file in RESOURCES.rglob("[!_]*.py")
    if not file.parent.name.startswith("_")
)

#: From where users import.
PUBLIC = (
    "aiozcrm",
    "aiozcrm.channel_stores",
    "aiozcrm.composite",
    "aiozcrm.datacenters",
    "aiozcrm.errors",
    "aiozcrm.events",
    "aiozcrm.notifications",
    "aiozcrm.resources",
    "aiozcrm.telemetry",
    "aiozcrm.testing",
    "aiozcrm.token_stores",
    "aiozcrm.resources.records",
    "aiozcrm.resources.schema",
    *FAMILIES,
)

#: What other rooms of the package import from these, and users need not.
FOR_OURSELVES = {
    "aiozcrm.datacenters.DATA_CENTER_OF",
    "aiozcrm.datacenters.ENVIRONMENT_OF",
    "aiozcrm.datacenters.check_environment",
    "aiozcrm.datacenters.check_proxy",
    "aiozcrm.datacenters.environment_of",
    "aiozcrm.datacenters.is_accounts_server",
    "aiozcrm.datacenters.download_url_of",
    "aiozcrm.datacenters.is_loopback",
    "aiozcrm.datacenters.upload_url_of",
    "aiozcrm.resources.pages.Page",
    "aiozcrm.resources.pages.walk",
}

_DIRECTIVE = re.compile(r"^\.\. auto(\w+):: (\S+)\n((?:   :.*\n)*)", re.MULTILINE)
_MEMBERS = re.compile(r":members:(.*)")


def names_of(module):
    """Return the public names of a module."""
    return importlib.import_module(module).__all__


def resolved(path):
    """Return what a dotted path leads to."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def documented():
    """Yield the path of everything that a page has a place for."""
    for page in REFERENCE.glob("*.md"):
        for kind, path, options in _DIRECTIVE.findall(page.read_text("utf-8")):
            if kind == "method":
                continue  # Its class has its place, maybe on another page.
            if kind != "module":
                yield path
            elif members := _MEMBERS.search(options):
                chosen = members[1].strip()
                names = chosen.split(", ") if chosen else names_of(path)
                yield from (f"{path}.{name}" for name in names)


def test_every_public_name_has_one_place_in_the_reference():
    """No name is forgotten, and none is explained twice, under whatever path it can be found."""
    places = Counter(id(resolved(path)) for path in documented())
    public = {
        f"{module}.{name}": getattr(importlib.import_module(module), name)
        for module in PUBLIC
        for name in names_of(module)
        if f"{module}.{name}" not in FOR_OURSELVES
    }
    # Families name types for their arguments besides, which signatures spell out.
    found = {
        path: places[id(thing)]
        for path, thing in public.items()
        if not inspect.ismodule(thing)
        and (not path.startswith("aiozcrm.resources.") or inspect.isclass(thing))
    }

    wrong = {path: times for path, times in found.items() if times != 1}
    assert {} == wrong, wrong


def test_nothing_private_is_in_the_reference():
    """What has a place there can be imported from where users import."""
    public = {id(getattr(importlib.import_module(m), name)) for m in PUBLIC for name in names_of(m)}

    private = [path for path in documented() if id(resolved(path)) not in public]
    assert [] == private, private


def test_every_member_of_a_class_that_is_named_exists():
    """A method that was renamed is renamed there, too."""
    for page in REFERENCE.glob("*.md"):
        for kind, path, options in _DIRECTIVE.findall(page.read_text("utf-8")):
            if kind == "method":
                owner, _, name = path.rpartition(".")
                assert hasattr(resolved(owner), name)
            members = _MEMBERS.search(options)
            if kind == "class" and members and members[1].strip():
                for name in members[1].strip().split(", "):
                    assert hasattr(resolved(path), name)


def test_the_reference_tells_every_data_center():
    """The table has each with its hosts, and no other."""
    page = (REFERENCE / "data-centers.md").read_text("utf-8")
    rows = re.findall(r"\| `(\w\w)` \| [\w ]+ \| `(\S+)`.* \| `(\S+)`.* \|", page)

    assert rows == [
        (code, center.accounts_url, center.api_urls["production"])
        for code, center in DATA_CENTERS.items()
    ]


def test_the_front_door_leads_to_the_submodules():
    """What `aiozcrm` names as a module is a public one."""
    modules = [name for name in aiozcrm.__all__ if inspect.ismodule(getattr(aiozcrm, name))]

    assert modules
    assert {f"aiozcrm.{name}" for name in modules} <= set(PUBLIC)
