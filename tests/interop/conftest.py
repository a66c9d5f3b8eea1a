"""The software of others; without it there is nothing here to collect."""

import importlib.util
from collections.abc import Iterator

import pytest

from aiozcrm.testing import FakeZoho

if not importlib.util.find_spec("zohocrmsdk"):
    collect_ignore_glob = ["test_*.py"]

#: Families of settings that need something before their lists show it.
EMPTY = ("holidays", "scoring_rules", "shift_hours", "tags", "user_groups", "variables")
#: Families whose lists show more than their first members.
FILLED = ("contact_roles", "profiles", "roles", "territories", "variable_groups")


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
