"""The software of others; without it there is nothing here to collect."""

import importlib.util
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

if importlib.util.find_spec("zohocrmsdk"):
    with warnings.catch_warnings():
        # What it warns of is between it and Python.
        warnings.simplefilter("ignore")
        from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
        from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
        from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
        from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer
else:
    collect_ignore_glob = ["test_*.py"]

#: Families of settings that need something before their lists show it.
EMPTY = ("holidays", "scoring_rules", "shift_hours", "tags", "user_groups", "variables")
#: Families whose lists show more than their first members.
FILLED = ("contact_roles", "profiles", "roles", "territories", "variable_groups")


@pytest.fixture
def initialize(tmp_path: Path) -> Callable[..., Any]:
    """Return what makes a fake the Zoho of Zoho's client for Python, and returns its token.

    Without another grant it has the refresh token of the fake.
    """

    def initialize(fake: FakeZoho, *, find_user: bool = False, **grant: str) -> Any:
        credentials = fake.credentials()
        token = OAuthToken(
            client_id=credentials.client_id,
            client_secret=credentials.client_secret,
            find_user=find_user,
            **grant or {"refresh_token": credentials.refresh_token},
        )
        # Initialized anew, it would ask for the token where it last asked.
        Initializer.LOCAL.init = None
        Initializer.initialize(
            DataCenter.Environment(fake.url, f"{fake.url}/oauth/v2/token", fake.url),
            token,
            store=FileStore(str(tmp_path / "tokens.csv")),
            resource_path=str(tmp_path),
        )
        return token

    return initialize


@pytest.fixture
def org() -> Iterator[FakeZoho]:
    """Run a local Zoho with something in each family of settings that Zoho's clients read."""
    with FakeZoho() as fake:
        for family in EMPTY + FILLED:
            getattr(fake, family).add(name=f"Our {family}")
        fake.global_picklists.add(display_label="Sizes")
        yield fake


@pytest.fixture
def names(org: FakeZoho) -> dict[str, list[str]]:
    """Return what the lists of twenty families hold at first, by its names, in order."""

    def of(family: str, key: str = "name") -> list[str]:
        held = getattr(org, family)
        return [held.get(own)[key] for own in held.ids]

    names = {family: of(family) for family in EMPTY + FILLED} | {
        "currencies": of("currencies", "iso_code"),
        "custom_views": ["All Leads"],
        "fields": list(org.fields.ids("Leads")),
        "fiscal_year": [org.fiscal_year.shown["start_month"]],
        "global_picklists": of("global_picklists", "display_label"),
        "layouts": ["Standard"],
        "modules": list(org.modules.names),
        "related_lists": ["Notes", "Attachments"],
        "users": of("users", "full_name"),
    }
    return {family: sorted(held) for family, held in names.items()}
