"""What the first use of a family imports."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.system

#: Prints which modules of the package each family imports when it is used first, as if it were
#: the only one that is used.
PROGRAM = """
import json, sys
from aiozcrm import Credentials, ZohoCRM
from aiozcrm.resources._contents import Contents
from aiozcrm.resources._attributes import Imported, Lazy

zoho = ZohoCRM(Credentials(client_id="1000.c", client_secret="s", refresh_token="1000.r.r"))
ours = lambda: {name for name in sys.modules if name.startswith("aiozcrm")}
at_first, told = ours(), {"": sorted(ours())}
rows = {name: row for name, row in vars(Contents).items() if isinstance(row, Imported)}
bound = {"pipelines": ["1"], "map_dependencies": ["Leads", "1"]}
for name in [*rows, *bound, "records"]:
    found = getattr(zoho, name)
    if not isinstance(rows.get(name), Lazy):
        found(*bound.get(name, ["Leads"]))
    told[name] = sorted(ours() - at_first)
    for loaded in told[name]:
        del sys.modules[loaded]
print(json.dumps(told))
"""

#: What is no family, and may be imported by any.
SHARED = {"jobs", "pages"}


@pytest.fixture(scope="module")
def imported():
    """What each family imports; under no name, what the client does."""
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603  # ours
    return json.loads(done.stdout)


def families_in(names):
    """Return the families that some modules belong to."""
    parts = [name.split(".") for name in names]
    files = {part[2] for part in parts if part[:2] == ["aiozcrm", "resources"] and len(part) > 2}
    return {file for file in files if not file.startswith("_")} - SHARED


def test_the_client_imports_no_family(imported):
    """However many there are, importing the client costs the same."""
    assert families_in(imported[""]) == set()


def test_the_first_use_of_a_family_imports_that_family_alone(imported):
    """Beside it only what all share: no other family, no command line, no local Zoho."""
    for name, modules in imported.items():
        if name:
            assert families_in(modules) == {name}
            rooms = {module.split(".")[1] for module in modules}
            lower = {"_coql", "_criteria", "_csv", "_protocol", "_waiting"}
            assert rooms <= {"batch", "resources", *lower}, name
