"""Zoho's own clients for Node and for TypeScript read and write what the fake holds."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

PROGRAMS = Path(__file__).parent / "node"

pytestmark = [
    pytest.mark.node,
    pytest.mark.parametrize("program", ["node.mjs", "typescript.js"], ids=["node", "typescript"]),
]


def finish(*command: str | Path, **options: Any) -> str:
    """Run a command to its end, and return what it has printed."""
    done = subprocess.run(  # noqa: S603  # ours
        command, capture_output=True, text=True, check=False, timeout=600, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def folder() -> Path:
    """Install both clients as they are pinned, check the types of the programs, and compile them.

    Returns:
        The folder of the programs, which stays with the environment that the tests run in.
    """
    folder = Path(sys.prefix) / "share" / "interop"
    shutil.copytree(PROGRAMS, folder, dirs_exist_ok=True)
    # No package has to run anything when it is installed.
    finish("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)
    finish("node", "node_modules/typescript/bin/tsc", cwd=folder)
    return folder


@pytest.fixture
def run(program: str, folder: Path, tmp_path: Path) -> Callable[[FakeZoho, str], dict[str, Any]]:
    """Return what lets the program do its work with a fake, and returns what it has printed."""

    def run(fake: FakeZoho, what: str) -> dict[str, Any]:
        told = finish("node", folder / program, what, tmp_path, env=os.environ | fake.environ())
        return json.loads(told)

    return run


def test_finds_out_who_its_user_is(run: Callable[..., Any], org: FakeZoho) -> None:
    """It makes a token, and asks for the user and the org before the first call."""
    told = run(org, "settings")

    user = org.users.get(org.users.current_id)
    assert told["user"].startswith(f"{user['email']}:")
    assert list(org.stats.requests)[:3] == [
        ("POST", "/oauth/v2/token"),
        ("GET", "/crm/v7/users"),
        ("GET", "/crm/v7/org"),
    ]
    assert org.stats.tokens_made == 1
    assert org.stats.secrets_in_query == 0


def test_writes_and_reads_leads(run: Callable[..., Any], org: FakeZoho) -> None:
    """Insert, list, update, upsert, get, search, delete: each is understood on both sides."""
    told = run(org, "records")

    del told["user"]
    assert told == {
        "inserted": [["success", "SUCCESS"], ["success", "SUCCESS"], ["error", "INVALID_DATA"]],
        "maximum": 80,
        "listed": [["Brink", "Mira Oldenkamp"], ["Halden", "Mira Oldenkamp"]],
        "more": False,
        "updated": ["SUCCESS"],
        "upserted": ["update", "Email"],
        "city": "Delft",
        "found": ["Gouda"],
        "deleted": ["SUCCESS"],
    }
    [lead_id] = org.records("Leads").ids
    lead = org.records("Leads").get(lead_id)
    assert (lead["Last_Name"], lead["Email"], lead["City"]) == ("Halden", "0@x.example", "Delft")
    assert org.stats.unsupported == {}


def test_reads_and_writes_settings(
    run: Callable[..., Any], org: FakeZoho, names: dict[str, list[str]]
) -> None:
    """Twenty families are read as they are; a variable is created, renamed and deleted."""
    told = run(org, "settings")

    assert {family: sorted(read) for family, read in told["names"].items()} == names
    assert len(names) == 20
    assert told["written"] == ["SUCCESS"] * 4
    variables = [org.variables.get(own) for own in org.variables.ids]
    assert [(one["name"], one["api_name"]) for one in variables[1:]] == [("Reduction", "rebate")]
    assert org.stats.unsupported == {}
