"""Where there is little: no home folder, no name of the user, no file system to write to.

The commands run in a root of their own, of which only a folder ``/data`` can be written to, where
a test asks for one. They run as a user without a name, as containers have it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import aiozcrm
from aiozcrm.testing import FakeZoho

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has these namespaces."),
]

#: A user id that no system gives to anybody.
NOBODY_KNOWS = "54321"

#: Makes the root, and runs a program there. The first argument says whether ``/data`` is wanted.
CONTAINER = """
set -eu
data=$1 uid=$2; shift 2
root=$(mktemp --directory)
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$root"
while [ "$1" != -- ]; do
  if [ -e "$1" ]; then
    mkdir -p "$root$1"
    mount --bind "$1" "$root$1"
    [ "$1" = /dev ] || mount -o remount,bind,ro "$root$1"
  fi
  shift
done
shift
if [ "$data" = yes ]; then
  mkdir "$root/data"
  mount -t tmpfs -o "uid=$uid,mode=700" tmpfs "$root/data"
fi
mount -o remount,ro "$root"
exec chroot --userspec="$uid:$uid" --groups= "$root" env -i "$@"
"""


@pytest.fixture
def fake():
    """A local Zoho with three links, one of which is in use."""
    with FakeZoho(links=3) as fake:
        fake.unsubscribe_links.add_association(fake.unsubscribe_links.ids[1], "Welcome")
        yield fake


@pytest.fixture
def contain(fake: FakeZoho) -> Callable[..., tuple[int, str, str]]:
    """Return what runs Python in a container, with the credentials in its environment."""
    trial = [shutil.which("unshare") or "false", "--mount", "true"]
    # Most users may not mount, nor may root in most containers.
    if subprocess.run(trial, capture_output=True, check=False).returncode:  # noqa: S603  # ours
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("Needs unshare, and the right to mount.")
    folders = {
        *("/bin", "/dev", "/etc", "/lib", "/lib64", "/usr"),
        *(sys.base_prefix, sys.prefix, str(Path(aiozcrm.__file__).parents[1])),
    }

    def contain(*words: str, data: bool = False, **environ: str) -> tuple[int, str, str]:
        environ = {**fake.environ(), "PATH": os.environ["PATH"], **environ}
        given = [f"{name}={value}" for name, value in environ.items()]
        process = subprocess.run(  # noqa: S603  # our own commands
            [
                *("unshare", "--mount", "sh", "-c", CONTAINER, "sh"),
                *("yes" if data else "no", NOBODY_KNOWS, *sorted(folders), "--"),
                *(*given, sys.executable, "-W", "error", *words),
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return process.returncode, process.stdout, process.stderr

    return contain


COMMAND = ("-c", "from aiozcrm.cli import main; main()")

CANNOT_KEEP = "Warning: access tokens cannot be kept in "


def test_links_are_listed_and_what_cannot_be_kept_is_said_once(contain, fake) -> None:
    """Where the tokens would be, and what follows from that."""
    code, output, errors = contain(*COMMAND, "links", "list", "--json")

    assert (0, 4) == (code, len(output.splitlines())), errors
    assert errors.startswith(CANNOT_KEEP + "~/.local/state/aiozcrm/tokens.json: There is no home")
    assert errors.count("\n") == 1
    assert "Zoho allows ten in ten minutes." in errors


@pytest.mark.parametrize("home", ["/", "/nowhere/at/all", "/root"])
def test_a_home_folder_that_cannot_be_written_to_is_as_good_as_none(home, contain) -> None:
    """Read-only, missing, or somebody else's."""
    code, output, errors = contain(*COMMAND, "links", "list", HOME=home)

    assert (0, 1) == (code, errors.count("\n"))
    assert errors.startswith(f"{CANNOT_KEEP}{Path(home)}".removesuffix("/"))
    assert "XDG_STATE_HOME" in errors
    assert "Default" in output


def test_a_dry_run_needs_no_place(contain, fake) -> None:
    """It writes no journal."""
    code, output, errors = contain(*COMMAND, "links", "clean", "--dry-run")

    assert (0, 1) == (code, errors.count("\n"))
    assert "2 links in 1 org go." in output


@pytest.mark.parametrize("home", [None, "/", "/nowhere"])
def test_a_run_without_a_place_for_its_journal_ends_before_the_plan(home, contain, fake) -> None:
    """Nothing is sent, and the option that helps is named."""
    environ = {} if home is None else {"HOME": home}
    code, output, errors = contain(*COMMAND, "links", "clean", "--yes", **environ)

    assert (2, "", 1) == (code, output, errors.count("\n"))
    assert "--journal" in errors
    assert 0 == fake.stats.api_requests


def test_a_run_with_a_place_for_its_journal_works(contain, fake) -> None:
    """A volume is enough: for the journal, for the report, or for all that is kept."""
    code, output, errors = contain(
        *(*COMMAND, "links", "clean", "--yes", "--journal", "/data/journal", "--report"),
        "/data/report.html",
        data=True,
        XDG_STATE_HOME="/data",
    )

    assert (0, "") == (code, errors)
    assert "2 ids: 2 deleted." in output
    assert "Report: /data/report.html" in output


def test_doctor_says_what_is_missing(contain) -> None:
    """Nothing of it is wrong, since the environment holds the credentials."""
    code, output, errors = contain(*COMMAND, "doctor")

    assert 0 == code, errors
    assert "look  profiles     There is no home folder" in output
    assert "look  tokens       There is no home folder" in output
    assert errors.startswith(CANNOT_KEEP)


def test_a_login_says_at_once_that_nothing_could_be_kept(contain, fake) -> None:
    """Before a code is used up."""
    code, output, errors = contain(*COMMAND, "login", "--code", "--client-id", "1000.X")

    assert (2, "", 1) == (code, output, errors.count("\n"))
    assert "There is no home folder" in errors
    assert 0 == fake.stats.token_requests


PROGRAM = """
import asyncio
from aiozcrm import Credentials, FileTokenStore, ZohoCRM
from aiozcrm.errors import ConfigurationError

try:
    FileTokenStore("~/tokens.json")
except ConfigurationError as error:
    print(error)

async def main():
    store = FileTokenStore("/data/tokens.json")
    async with ZohoCRM(Credentials.from_env(), token_store=store) as zoho:
        print(len(await zoho.unsubscribe_links.list()))

asyncio.run(main())
"""


def test_a_program_runs(contain) -> None:
    """The library needs neither a home folder nor a name of the user."""
    code, output, errors = contain("-c", PROGRAM, data=True)

    assert (0, "") == (code, errors)
    assert output.startswith("There is no home folder for ~/tokens.json.")
    assert output.endswith("\n4\n")
