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


def test_the_seven_calls_of_the_page_are_made(tmp_path):
    """Set up as there, but for hosts, secrets and places, each call reaches the local Zoho."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    set_up, calls = (block for block in blocks if "zohocrmsdk" in block)
    with FakeZoho(links=2) as fake:
        credentials = fake.credentials()
        for there, here in {
            "EUDataCenter.PRODUCTION()": "environment",
            '"1000.YOURS.YOURS"': f'"{credentials.refresh_token}"',
            '"1000.YOURS"': f'"{credentials.client_id}"',
            '"YOURS"': f'"{credentials.client_secret}"',
            "/var/lib/me": str(tmp_path),
        }.items():
            assert there in set_up
            set_up = set_up.replace(there, here)
        environment = DataCenter.Environment(fake.url, f"{fake.url}/oauth/v2/token", fake.url)
        names = {"environment": environment}
        # Initialized anew, it would ask for the token where it last asked.
        Initializer.LOCAL.init = None
        exec(compile(set_up, PAGE, "exec"), names)  # noqa: S102  # our own words
        exec(compile(calls, PAGE, "exec"), names)  # noqa: S102  # our own words

        assert ["GET", "GET", "POST", "PUT", "PUT", "GET", "DELETE"] == [
            method for method, path in fake.stats.requests if "unsubscribe" in path
        ]
        assert 3 == len(fake.unsubscribe_links.ids)
        assert fake.stats.created == {"Spring digest": 1}
