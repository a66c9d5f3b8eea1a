"""The how-to page for those who come from Zoho's client: its part for that client."""

import re
import warnings
from pathlib import Path

import pytest

from aiozcrm.testing import FakeZoho

with warnings.catch_warnings():
    # What it warns of is between it and Python.
    warnings.simplefilter("ignore")
    from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
    from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "from-zoho-sdk.md"

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def run_page(tmp_path):
    """Run the page's set-up, but for hosts, secrets and places, and then one of its blocks."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    set_up, *calls = (block for block in blocks if "zohocrmsdk" in block)

    def run(fake, about):
        [block] = (block for block in calls if about in block)
        credentials = fake.credentials()
        source = set_up
        for there, here in {
            "EUDataCenter.PRODUCTION()": "environment",
            '"1000.YOURS.YOURS"': f'"{credentials.refresh_token}"',
            '"1000.YOURS"': f'"{credentials.client_id}"',
            '"YOURS"': f'"{credentials.client_secret}"',
            "/var/lib/me": str(tmp_path),
        }.items():
            assert there in source
            source = source.replace(there, here)
        environment = DataCenter.Environment(fake.url, f"{fake.url}/oauth/v2/token", fake.url)
        names = {"environment": environment}
        # Initialized anew, it would ask for the token where it last asked.
        Initializer.LOCAL.init = None
        for text in (source, block):
            exec(compile(text, PAGE, "exec"), names)  # noqa: S102  # our own words
        return names

    return run


def test_the_seven_calls_of_the_page_are_made(run_page):
    """Each call for unsubscribe links reaches the local Zoho."""
    with FakeZoho(links=2) as fake:
        run_page(fake, "UnsubscribeLinksOperations()")

        assert ["GET", "GET", "POST", "PUT", "PUT", "GET", "DELETE"] == [
            method for method, path in fake.stats.requests if "unsubscribe" in path
        ]
        assert 3 == len(fake.unsubscribe_links.ids)
        assert fake.stats.created == {"Spring digest": 1}


def test_the_calls_of_the_page_for_records_are_made(run_page):
    """A lead is upserted, listed behind others, read, found, changed and deleted."""
    with FakeZoho() as fake:
        others = fake.records("Leads").add_many(250)
        names = run_page(fake, "RecordOperations(")

        assert fake.records("Leads").ids == others
        assert len(names["listed"]) == 251
        assert names["record"].get_key_value("Email") == "halden@example.org"
        assert [found.get_id() for found in names["found"]] == [int(names["lead_id"])]
