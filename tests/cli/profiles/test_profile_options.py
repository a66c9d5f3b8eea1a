"""Options that commands share, and how shells complete them."""

from collections.abc import Callable

import pytest
import shellingham
from typer.testing import CliRunner

from aiozcrm.cli._app import app
from aiozcrm.cli.profiles._profile_options import complete_profile
from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.testing import FakeZoho

AddOrg = Callable[..., FakeZoho]

#: What each shell asks the command with when the last word is to be completed.
ASK = {
    "bash": lambda line: {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)},
    "zsh": lambda line: {"_TYPER_COMPLETE_ARGS": line},
    "fish": lambda line: {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
}


@pytest.fixture
def complete() -> Callable[[str, str], str]:
    """Return what answers a shell that completes a line."""

    def complete(shell: str, line: str) -> str:
        environ = {"_AIOZCRM_COMPLETE": f"complete_{shell}", **ASK[shell](line)}
        return CliRunner().invoke(app, [], prog_name="aiozcrm", env=environ).stdout

    return complete


@pytest.mark.parametrize("shell", ASK)
def test_shells_complete_the_names_of_profiles(
    shell: str,
    complete: Callable[[str, str], str],
    add_org: AddOrg,
) -> None:
    """Those that begin as what is written."""
    for name in ("acme", "acme-sandbox", "beta"):
        add_org(name)

    shown = complete(shell, "aiozcrm links list --profile ac")

    assert "acme-sandbox" in shown
    assert "beta" not in shown


@pytest.mark.parametrize("shell", ASK)
def test_shells_complete_commands_and_values(
    shell: str,
    complete: Callable[[str, str], str],
) -> None:
    """The words of commands, and those that Zoho knows."""
    assert "associations" in complete(shell, "aiozcrm links asso")
    assert "custom" in complete(shell, "aiozcrm links create Shop --page-type cu")
    assert "redirect" in complete(shell, "aiozcrm links update 1 --submission-action-type r")
    assert "jp" in complete(shell, "aiozcrm login --data-center j")
    assert "sandbox" in complete(shell, "aiozcrm login --environment s")
    assert "ZohoCRM.org.READ" in complete(shell, "aiozcrm login --scope ZohoCRM.o")
    assert "keyring" in complete(shell, "aiozcrm login --secrets k")


def test_nothing_is_completed_from_profiles_that_cannot_be_read(
    profiles: Profiles,
    add_org: AddOrg,
) -> None:
    """Quietly: an error would end up in the line that is being written."""
    add_org("acme")
    before = complete_profile("a")
    profiles.path.write_text("this is no TOML")

    assert (["acme"], []) == (before, complete_profile("a"))


@pytest.mark.parametrize(
    ("shell", "part"),
    [("bash", "complete -o"), ("zsh", "#compdef aiozcrm"), ("fish", "complete --command aiozcrm")],
)
def test_shows_what_a_shell_needs_to_complete(
    shell: str,
    part: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For the shell that asks."""
    monkeypatch.setattr(shellingham, "detect_shell", lambda: (shell, f"/bin/{shell}"))

    result = CliRunner().invoke(app, ["--show-completion"], prog_name="aiozcrm")

    assert 0 == result.exit_code
    assert part in result.stdout
    assert "_AIOZCRM_COMPLETE" in result.stdout
