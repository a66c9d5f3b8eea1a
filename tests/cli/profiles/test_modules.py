"""What is said of a module that an org does not have."""

import pytest

from aiozcrm import ZohoCRM
from aiozcrm.cli.profiles._modules import naming_module
from aiozcrm.errors import InvalidRequestError, ZohoError
from aiozcrm.testing import FakeZoho


@pytest.mark.parametrize(
    "words",
    [
        ("records", "list", "leeds"),
        ("records", "list", "Lead", "--fields", "Email"),
        ("records", "get", "Lead", "4150868000000731002"),
        ("records", "count", "Lead"),
        ("records", "search", "Lead", "--word", "x"),
        ("records", "delete", "Lead", "4150868000000731002", "--dry-run"),
        ("records", "clean", "Lead", "--where", "id > 1", "--dry-run"),
        ("query", "select Email from Lead where id is not null"),
        ("schema", "Lead"),
        ("export", "Lead", "--to", "leads.csv"),
        ("sync", "Lead", "--to", "crm.db"),
        ("call", "GET", "Lead/actions/count"),
    ],
)
def test_a_slip_is_told_with_the_name_that_was_meant(
    add_org, invoke, words, tmp_path, monkeypatch
) -> None:
    """Whatever the command is, and whichever call of it fails first."""
    monkeypatch.chdir(tmp_path)
    add_org()

    result = invoke(*words)

    assert result.exit_code == 1
    assert "There is no module " in result.stderr
    assert "Did you mean 'Leads'?" in result.stderr


def test_a_name_like_no_other_leads_to_the_list(add_org, invoke) -> None:
    """And so does any where the modules cannot be read."""
    add_org()
    add_org("poor", scope="ZohoCRM.modules.ALL,ZohoCRM.org.READ")

    for options in (("Qqq",), ("Lead", "--profile", "poor", "--fields", "Email")):
        result = invoke("records", "list", *options)

        assert result.exit_code == 1
        assert "aiozcrm call GET settings/modules lists the API names" in result.stderr


def test_a_path_that_begins_with_no_module_is_no_slip_in_one(add_org, invoke) -> None:
    """A parameter has to be right, too, and Zoho's words tell which."""
    add_org()

    result = invoke("call", "GET", "settings/fields", "--param", "module=Lead")

    assert "INVALID_MODULE" in result.stderr


@pytest.mark.parametrize(
    ("code", "module", "words"),
    [
        ("INVALID_URL_PATTERN", "Lead", "There is no module 'Lead' here."),
        ("INVALID_URL_PATTERN", "Deal", "INVALID_URL_PATTERN"),
        ("INVALID_MODULE", "Leads", "INVALID_MODULE"),
        ("INVALID_DATA", "Lead", "INVALID_DATA"),
    ],
)
async def test_other_errors_stay_what_they_are(fake: FakeZoho, code, module, words) -> None:
    """Those of another path, of a module that is there, and of anything else."""
    error = InvalidRequestError("no", status=404, code=code, url=f"{fake.url}/crm/v7/Lead/1")

    async with ZohoCRM(fake.credentials()) as zoho:
        with pytest.raises(ZohoError, match=words):
            async with naming_module(zoho, module):
                raise error
