"""``aiozcrm links list``, ``get`` and ``associations``."""

import json
import subprocess
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from typer.testing import Result

from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.testing import FakeZoho, Fault, TokenLimits

Invoke = Callable[..., Result]
AddOrg = Callable[..., FakeZoho]

READS = (["list"], ["list", "--json"], ["associations"], ["associations", "--json"])


def objects(result: Result) -> list[dict[str, Any]]:
    """Return what a command wrote with ``--json``; nothing else may be there."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_lists_links_in_a_table(invoke: Invoke, add_org: AddOrg) -> None:
    """A head, then a line a link, with whole ids."""
    fake = add_org(links=2)

    result = invoke("links", "list")

    head, *rows = result.stdout.splitlines()
    assert (0, "") == (result.exit_code, result.stderr)
    assert ["Id", "Name", "Page", "type", "Action", "Modified"] == head.split()
    assert fake.unsubscribe_links.ids == [row.split()[0] for row in rows]


def test_lists_links_for_programs(invoke: Invoke, add_org: AddOrg) -> None:
    """All fields of the model, an object a line; no profile, since there is only one org."""
    fake = add_org(links=1)

    default, link = objects(invoke("links", "list", "--json"))

    assert ("Default", fake.unsubscribe_links.ids[1]) == (default["name"], link["id"])
    assert {"id", "name", "page_type", "created_by", "modified_time"} < set(link)
    assert "profile" not in link
    assert "T" in link["modified_time"]
    assert datetime.fromisoformat(link["modified_time"]).tzinfo is not None


def test_what_a_link_is_called_cannot_act_on_a_terminal(invoke: Invoke, add_org: AddOrg) -> None:
    """Control characters are shown as what they are, and markup is no markup."""
    fake = add_org()
    fake.unsubscribe_links.add("\x1b[2J\x9b1m [red]Ärger\n")

    table, lines = invoke("links", "list"), invoke("links", "list", "--json")

    assert "\\x1b[2J\\x9b1m [red]Ärger\\n" in table.stdout
    assert "\x1b" not in table.stdout + lines.stdout
    assert lines.stdout.isascii()
    assert "\x1b[2J\x9b1m [red]Ärger\n" == objects(lines)[-1]["name"]


def test_lists_the_links_of_all_profiles_in_their_order(invoke: Invoke, add_org: AddOrg) -> None:
    """By name, however long each takes, with the profile in front."""
    fakes = {name: add_org(name, links=1) for name in ("zeta", "acme", "mid")}
    fakes["acme"].latency = 0.05
    expected = [
        (name, link) for name in sorted(fakes) for link in fakes[name].unsubscribe_links.ids
    ]

    table = invoke("links", "list", "--all-profiles")
    lines = objects(invoke("links", "list", "--all-profiles", "--json"))

    assert expected == [tuple(row.split()[:2]) for row in table.stdout.splitlines()[1:]]
    assert expected == [(line["profile"], line["id"]) for line in lines]


def test_lists_the_links_of_the_profiles_that_are_named(invoke: Invoke, add_org: AddOrg) -> None:
    """In the order in which they are named, each once."""
    for name in ("acme", "beta", "zeta"):
        add_org(name)

    lines = objects(
        invoke("links", "list", "--json", *("-p", "zeta"), *("-p", "acme"), *("-p", "zeta"))
    )

    assert ["zeta", "acme"] == [line["profile"] for line in lines]


@pytest.mark.parametrize("what", READS)
def test_an_org_that_fails_does_not_stop_the_others(
    what: list[str],
    invoke: Invoke,
    add_org: AddOrg,
) -> None:
    """Its error is told under its name, and the exit code tells of the worst."""
    good = add_org("good", links=1)
    good.unsubscribe_links.add_association(good.unsubscribe_links.ids[1], "Welcome")
    add_org("revoked").revoke_refresh_token()
    add_org("throttled", tokens=TokenLimits(made=0))

    result = invoke("links", *what, "--all-profiles")

    revoked, throttled = result.stderr.splitlines()
    assert 3 == result.exit_code
    assert revoked.startswith("Error: revoked: ")
    assert throttled.startswith("Error: throttled: ")
    assert "Come back at" in throttled
    assert good.unsubscribe_links.ids[1] in result.stdout


def test_a_profile_that_cannot_be_used_does_not_stop_the_others(
    invoke: Invoke,
    add_org: AddOrg,
    profiles: Profiles,
) -> None:
    """One of many whose secrets are gone is told as any other failure."""
    add_org("acme")
    add_org("beta")
    profiles.path.with_name("secrets.json").write_text(
        json.dumps(
            {"acme": json.loads(profiles.path.with_name("secrets.json").read_text())["acme"]}
        )
    )

    result = invoke("links", "list", "--all-profiles", "--json")

    assert ["acme"] == [line["profile"] for line in objects(result)]
    assert (2, True) == (result.exit_code, result.stderr.startswith("Error: beta: The secrets"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--all-profiles"], "There is no profile."),
        (["--all-profiles", "--profile", "acme"], "not both"),
        (["--profile", "acme"], "There is no profile 'acme'"),
        ([], "There is no profile 'default'"),
    ],
)
def test_says_when_no_profile_is_meant(arguments: list[str], told: str, invoke: Invoke) -> None:
    """Nothing is done, and the exit code is that of a refusal."""
    result = invoke("links", "list", *arguments)

    assert (2, "") == (result.exit_code, result.stdout)
    assert told in result.stderr


def test_credentials_of_the_environment_are_used(
    invoke: Invoke,
    add_org: AddOrg,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They come before the default profile, as in any program of the library."""
    add_org()
    fake = add_org("other", links=1)
    for name, value in fake.environ().items():
        monkeypatch.setenv(name, value)

    assert fake.unsubscribe_links.ids == [
        line["id"] for line in objects(invoke("links", "list", "--json"))
    ]


def test_commands_share_a_token(invoke: Invoke, add_org: AddOrg) -> None:
    """Ten in ten minutes are all that Zoho makes."""
    fake = add_org()

    assert [0, 0] == [invoke("links", what).exit_code for what in ("list", "associations")]
    assert 1 == fake.stats.tokens_made


def test_shows_all_that_is_known_of_a_link(invoke: Invoke, add_org: AddOrg) -> None:
    """A field a line in Zoho's words, without those that are empty."""
    fake = add_org(links=1)
    link_id = fake.unsubscribe_links.ids[1]

    shown = dict(
        line.split(maxsplit=1) for line in invoke("links", "get", link_id).stdout.splitlines()
    )
    (line,) = objects(invoke("links", "get", link_id, "--json"))

    assert (link_id, "standard") == (shown["id"], shown["page_type"])
    assert line["modified_by"]["name"] == shown["modified_by"]
    assert "custom_location_url" not in shown
    assert (link_id, None) == (line["id"], line["custom_location_url"])


def test_a_link_that_is_not_there_is_a_failure(invoke: Invoke, add_org: AddOrg) -> None:
    """One line says so, and what to do next."""
    add_org()

    result = invoke("links", "get", "123")

    assert (1, "", 1) == (result.exit_code, result.stdout, result.stderr.count("\n"))
    assert "There is no link 123. Check the id" in result.stderr


@pytest.mark.parametrize("command", ["get", "update", "associations"])
def test_what_is_no_id_is_refused(command: str, invoke: Invoke, add_org: AddOrg) -> None:
    """Before anything is sent, not even for a token."""
    fake = add_org()
    name = ["--name", "New"] if command == "update" else []

    result = invoke("links", command, "12x", *name)

    assert (2, "") == (result.exit_code, result.stdout)
    assert "'12x' is not an id" in result.stderr
    assert not fake.stats.requests


@pytest.fixture
def used(add_org: AddOrg) -> FakeZoho:
    """Return an org with one link that two places use, one that another uses, and an unused one."""
    fake = add_org(links=3)
    first, second, _ = fake.unsubscribe_links.ids[1:]
    fake.unsubscribe_links.add_association(first, "Welcome")
    fake.unsubscribe_links.add_association(first, "Footer", place="email_footer", module=None)
    fake.unsubscribe_links.add_association(second, "Sale")
    return fake


def test_shows_what_uses_links(invoke: Invoke, used: FakeZoho) -> None:
    """A row a place for people, an object a link for programs."""
    first, second, _ = used.unsubscribe_links.ids[1:]

    head, *rows = invoke("links", "associations").stdout.splitlines()
    lines = objects(invoke("links", "associations", "--json"))

    assert head.startswith("Link id")
    assert [(first, "Welcome"), (first, "Footer"), (second, "Sale")] == [
        (row.split()[0], row.split()[2]) for row in rows
    ]
    assert [(first, 2), (second, 1)] == [(line["id"], len(line["places"])) for line in lines]


def test_shows_what_uses_one_link(invoke: Invoke, used: FakeZoho) -> None:
    """What others use is left out."""
    second = used.unsubscribe_links.ids[2]

    assert [second] == [
        line["id"] for line in objects(invoke("links", "associations", second, "--json"))
    ]


def test_says_that_nothing_uses_a_link(invoke: Invoke, used: FakeZoho) -> None:
    """It is no failure; what programs read stays empty."""
    third = used.unsubscribe_links.ids[3]

    result = invoke("links", "associations", third, "--json")

    assert (0, "", f"Nothing uses link {third}.\n") == (
        result.exit_code,
        result.stdout,
        result.stderr,
    )


def test_says_that_nothing_uses_any_link(invoke: Invoke, add_org: AddOrg) -> None:
    """The same for the whole org."""
    add_org()

    result = invoke("links", "associations")

    assert (0, "", "Nothing uses any link.\n") == (result.exit_code, result.stdout, result.stderr)


def test_an_unknown_link_is_not_taken_for_an_unused_one(invoke: Invoke, used: FakeZoho) -> None:
    """Who would delete it must not be told that nothing uses it."""
    result = invoke("links", "associations", "123")

    assert (1, "") == (result.exit_code, result.stdout)
    assert "There is no link 123." in result.stderr


def test_one_id_is_not_looked_for_in_several_orgs(invoke: Invoke, used: FakeZoho) -> None:
    """An id belongs to one."""
    result = invoke("links", "associations", used.unsubscribe_links.ids[1], "--all-profiles")

    assert (2, "") == (result.exit_code, result.stdout)
    assert "give one --profile." in result.stderr
    assert not used.stats.requests


def test_no_permission_asks_for_somebody(invoke: Invoke, add_org: AddOrg) -> None:
    """Exit code 3: no later try will help."""
    add_org().permission_denied = True

    assert 3 == invoke("links", "list").exit_code


def test_a_throttle_says_when_to_come_back(invoke: Invoke, add_org: AddOrg) -> None:
    """Exit code 4, and the moment."""
    add_org(tokens=TokenLimits(made=0))

    result = invoke("links", "list")

    assert (4, "") == (result.exit_code, result.stdout)
    assert "Come back at" in result.stderr


@pytest.mark.parametrize("arguments", [["list", "--no"], ["get"], ["get", "1", "2"], ["lost"]])
def test_wrong_usage_is_told_apart(arguments: list[str], invoke: Invoke) -> None:
    """Exit code 2, and how it is used."""
    result = invoke("links", *arguments)

    assert (2, "") == (result.exit_code, result.stdout)
    assert "Usage: aiozcrm links" in result.stderr


@pytest.mark.parametrize("what", READS)
def test_ends_quietly_when_its_reader_leaves(
    what: list[str],
    add_org: AddOrg,
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    """As ``| head`` does."""
    fake = add_org(links=3)
    fake.unsubscribe_links.add_association(fake.unsubscribe_links.ids[1], "Welcome")

    process = start("links", *what)
    assert process.stdout
    assert process.stderr
    process.stdout.close()

    assert "" == process.stderr.read()
    assert 1 == process.wait(timeout=30)
    assert fake.stats.api_requests == 1


def test_a_terminal_gets_colours_and_whole_ids(
    add_org: AddOrg,
    run_in_terminal: Callable[..., tuple[int, str]],
) -> None:
    """However narrow it is: names take several lines, ids do not."""
    fake = add_org()
    link_id = fake.unsubscribe_links.add(
        "A long name that has no room in what is left of this line"
    )

    code, written = run_in_terminal("links", "list", COLUMNS="40")

    assert 0 == code
    assert f"\x1b[36m{link_id}\x1b[0m" in written
    assert "…" not in written


def test_no_color_is_heeded(
    add_org: AddOrg,
    run_in_terminal: Callable[..., tuple[int, str]],
) -> None:
    """Not even bold is left: https://no-color.org."""
    fake = add_org(links=1)

    code, written = run_in_terminal("links", "list", NO_COLOR="1")

    assert (0, False) == (code, "\x1b" in written)
    assert fake.unsubscribe_links.ids[1] in written


def test_a_pipe_gets_plain_lines(
    add_org: AddOrg,
    run: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line a link however long, with no control characters and nothing at the ends."""
    monkeypatch.setenv("COLUMNS", "40")
    fake = add_org()
    name = "A long name that has no room in forty columns"
    fake.unsubscribe_links.add(name)

    code, output, errors = run("links", "list")

    assert (0, "") == (code, errors)
    assert "\x1b" not in output
    assert len(fake.unsubscribe_links.ids) + 1 == len(output.splitlines())
    assert name in output
    assert all(line == line.rstrip() for line in output.splitlines())


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR_BEFORE, Fault.RESET_BEFORE])
def test_heals_what_can_be_healed(fault: Fault, invoke: Invoke, add_org: AddOrg) -> None:
    """As the library does."""
    add_org().faults.script(fault)

    result = invoke("links", "list")

    assert (0, "") == (result.exit_code, result.stderr)
