"""``aiozcrm links create`` and ``update``."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from aiozcrm.testing import FakeZoho, Fault

Invoke = Callable[..., Result]
AddOrg = Callable[..., FakeZoho]

#: What a link needs at least, beside a name.
STANDARD = (
    *("--page-type", "standard"),
    *("--submission-action-type", "display_message"),
    *("--submission-message", "See you later."),
)


@pytest.fixture
def changes(add_org: AddOrg) -> FakeZoho:
    """Return an org with one link beside the Default link."""
    return add_org(links=1)


def test_creates_a_link_and_shows_it(invoke: Invoke, add_org: AddOrg) -> None:
    """What it is now for people, on the output; that it was done, on the other side."""
    fake = add_org()

    result = invoke("links", "create", "Spring sale", *STANDARD)

    link_id = fake.unsubscribe_links.ids[1]
    shown = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert (0, f"Created link {link_id}.\n") == (result.exit_code, result.stderr)
    assert (link_id, "Spring sale") == (shown["id"], shown["name"])


def test_creates_a_link_with_every_field(invoke: Invoke, add_org: AddOrg) -> None:
    """Each option is the field of the same name."""
    fake = add_org()
    fields = {
        "page_type": "custom",
        "custom_location_url": "https://shop.example.com/bye",
        "standard_page_message": "<p>Bye</p>",
        "submission_action_type": "redirect",
        "submission_message": "Bye",
        "submission_redirect_url": "https://shop.example.com",
    }
    options = [
        word for name, value in fields.items() for word in (f"--{name.replace('_', '-')}", value)
    ]

    result = invoke("links", "create", "Shop", *options, "--json")

    (line,) = map(json.loads, result.stdout.splitlines())
    kept: dict[str, Any] = fake.unsubscribe_links.get(fake.unsubscribe_links.ids[1])
    assert {**fields, "name": "Shop"} == {key: line[key] for key in (*fields, "name")}
    assert kept["name"] == "Shop"
    assert kept["custom_location_url"] == fields["custom_location_url"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["Shop", *STANDARD[:4]],
            "--submission-message is missing",
        ),
        (["x" * 51, *STANDARD], "name has 51 characters"),
        (["Shop", "--page-type", "other", *STANDARD[2:]], "--page-type cannot be 'other'"),
        (["Shop", *STANDARD, "--custom-location-url", "nowhere"], "is no URL of a website"),
    ],
)
def test_what_cannot_be_right_is_refused(
    arguments: list[str],
    told: str,
    invoke: Invoke,
    add_org: AddOrg,
) -> None:
    """One line, exit code 2, and nothing sent."""
    fake = add_org()

    result = invoke("links", "create", *arguments)

    assert (2, "", 1) == (result.exit_code, result.stdout, result.stderr.count("\n"))
    assert told in result.stderr
    assert not fake.stats.requests


def test_a_name_that_exists_is_a_failure(invoke: Invoke, changes: FakeZoho) -> None:
    """Zoho's answer is told, and nothing is shown as if it had been made."""
    name = changes.unsubscribe_links.get(changes.unsubscribe_links.ids[1])["name"]

    result = invoke("links", "create", name, *STANDARD)

    assert (1, "") == (result.exit_code, result.stdout)
    assert "DUPLICATE_DATA" in result.stderr
    assert "Created" not in result.stderr


def test_works_for_the_org_of_the_profile(invoke: Invoke, add_org: AddOrg) -> None:
    """And for no other."""
    default, other = add_org(), add_org("other")

    assert 0 == invoke("links", "create", "Shop", *STANDARD, "--profile", "other").exit_code
    assert (1, 2) == (len(default.unsubscribe_links.ids), len(other.unsubscribe_links.ids))
    assert not default.stats.requests


def test_changes_only_what_is_given(invoke: Invoke, changes: FakeZoho) -> None:
    """The rest stays, and what the link is now is shown."""
    link_id = changes.unsubscribe_links.ids[1]
    before = changes.unsubscribe_links.get(link_id)

    result = invoke("links", "update", link_id, "--name", "Autumn sale", "--json")

    (line,) = map(json.loads, result.stdout.splitlines())
    assert (0, f"Changed link {link_id}.\n") == (result.exit_code, result.stderr)
    assert (link_id, "Autumn sale") == (line["id"], line["name"])
    assert before["submission_message"] == line["submission_message"]
    assert ["PUT", "GET"] == [method for method, path in changes.stats.requests if "links" in path]


def test_an_empty_value_empties_a_field(invoke: Invoke, changes: FakeZoho) -> None:
    """As null does."""
    link_id = changes.unsubscribe_links.ids[1]
    invoke("links", "update", link_id, "--standard-page-message", "Bye")
    before = changes.unsubscribe_links.get(link_id)["standard_page_message"]

    result = invoke("links", "update", link_id, "--standard-page-message", "")

    assert "Bye" == before
    assert 0 == result.exit_code
    assert changes.unsubscribe_links.get(link_id)["standard_page_message"] is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "There is nothing to change."),
        (["--name", ""], "name cannot be emptied"),
        (["--page-type", "other"], "--page-type cannot be 'other'"),
    ],
)
def test_a_change_that_cannot_be_right_is_refused(
    options: list[str],
    told: str,
    invoke: Invoke,
    changes: FakeZoho,
) -> None:
    """One line, exit code 2, and nothing sent."""
    result = invoke("links", "update", changes.unsubscribe_links.ids[1], *options)

    assert (2, "") == (result.exit_code, result.stdout)
    assert told in result.stderr
    assert not changes.stats.requests


def test_the_default_link_is_left_alone(invoke: Invoke, changes: FakeZoho) -> None:
    """Zoho refuses, and nobody is told that it was changed."""
    result = invoke("links", "update", changes.unsubscribe_links.default_id, "--name", "Mine")

    assert (1, "") == (result.exit_code, result.stdout)
    assert "Changed" not in result.stderr


def test_a_change_is_told_although_it_cannot_be_read_afterwards(
    invoke: Invoke,
    changes: FakeZoho,
) -> None:
    """Nobody is to think that nothing was done."""
    link_id = changes.unsubscribe_links.ids[1]
    changes.faults.script(None, Fault.TOO_MANY_RETRY_AFTER)
    changes.faults.retry_after = "3600"

    result = invoke("links", "update", link_id, "--name", "Autumn sale")

    done, trouble = result.stderr.splitlines()
    assert (4, "") == (result.exit_code, result.stdout)
    assert f"Changed link {link_id}." == done
    assert trouble.startswith("Error: ")
    assert "Autumn sale" == changes.unsubscribe_links.get(link_id)["name"]
