"""The OAuth scopes that calls need."""

import pytest

from aiozcrm import ZohoCRM
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources._attributes import Lazy, OfModule
from aiozcrm.resources._contents import Contents
from aiozcrm.testing._wire._scopes import unknown_scopes

FAMILIES = [name for name, row in vars(Contents).items() if isinstance(row, Lazy)]
OF_MODULES = [
    "custom_views",
    "duplicate_check_preference",
    "fields",
    "layouts",
    "map_dependencies",
    "pipelines",
    "record_locking_configurations",
    "records",
    "related_lists",
    "tags",
]


def test_scopes_are_told_once_in_the_order_of_the_names():
    """The class is asked, before there is a client; modules may stand behind."""
    assert ZohoCRM.scopes_for("users", "records.Leads", "records.Deals", "query") == (
        "ZohoCRM.users.ALL",
        "ZohoCRM.modules.ALL",
        "ZohoSearch.securesearch.READ",
        "ZohoCRM.coql.READ",
        "ZohoCRM.modules.READ",
    )
    assert ZohoCRM.scopes_for() == ()


async def test_a_client_tells_scopes_without_a_call(zoho, script):
    """Nothing is sent."""
    assert zoho.scopes_for("holidays") == ("ZohoCRM.settings.business_hours.ALL",)
    assert script.requests == script.token_requests == []


def test_an_operation_narrows_what_can_be_narrowed():
    """Scopes with a single operation stay."""
    assert ZohoCRM.scopes_for("tags.Leads", "apis", operation="DELETE") == (
        "ZohoCRM.settings.tags.DELETE",
        "ZohoCRM.apis.READ",
    )


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("records.Leads.mass_update", ("ZohoCRM.mass_update.UPDATE", "ZohoCRM.mass_update.READ")),
        ("records.Leads.change_owner", ("ZohoCRM.change_owner.CREATE",)),
        ("records.Leads.send_mail", ("ZohoCRM.send_mail.all.CREATE",)),
        ("records.Leads.run_scoring_rules", ("ZohoCRM.settings.scoring_rules.ALL",)),
        (
            "records.Leads.emails_sharing_details",
            ("ZohoCRM.modules.READ", "ZohoCRM.modules.emails.READ"),
        ),
    ],
)
def test_an_action_on_records_tells_its_own_scopes(name, scopes):
    """Whatever the operation: it has the ones that its calls need."""
    assert ZohoCRM.scopes_for(name) == ZohoCRM.scopes_for(name, operation="READ") == scopes
    assert unknown_scopes(scopes) == []


@pytest.mark.parametrize("name", [*FAMILIES, *OF_MODULES, "query"])
@pytest.mark.parametrize("operation", ["ALL", "READ"])
def test_all_that_a_client_has_tells_scopes_that_zoho_knows(name, operation):
    """None is made up."""
    scopes = ZohoCRM.scopes_for(name, operation=operation)
    assert scopes
    assert unknown_scopes(scopes) == []


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("record", "records"),
        ("Users", "users"),
        ("holidayx", "holidays"),
        ("Query", "query"),
        ("query.Leads", "query"),
        ("org.Leads", "org"),
        ("pipelines.Leads", "pipelines"),
        ("records.", "records"),
        ("records.Leads.deleted", "records"),
        ("records.Leads.", "records"),
        ("records..send_mail", "records"),
        ("tags.Leads.send_mail", "tags"),
        ("iter_query", "query"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(name, nearest):
    """A client has no such family of calls."""
    with pytest.raises(InvalidInputError) as caught:
        ZohoCRM.scopes_for("org", name)
    assert repr(name) in str(caught.value)
    assert f"Did you mean {nearest!r}?" in str(caught.value)


@pytest.mark.parametrize("name", ["", "close", "scopes_for", "_api", "__init__", "\u20ac"])
def test_what_is_no_family_has_no_scopes(name):
    """Whatever else a client has."""
    with pytest.raises(InvalidInputError, match="Did you mean"):
        ZohoCRM.scopes_for(name)


def test_an_unknown_operation_is_told_with_those_that_there_are():
    """It would make scopes that Zoho does not have."""
    with pytest.raises(InvalidInputError, match="CREATE"):
        ZohoCRM.scopes_for("org", operation="WRITE")


@pytest.mark.parametrize("name", [None, 1, ["org"]])
def test_a_name_is_text(name):
    """Anything else is a mistake of the program."""
    with pytest.raises(TypeError, match="text"):
        ZohoCRM.scopes_for(name)


def test_the_class_of_a_client_shows_what_it_has_without_a_client():
    """Each attribute is there to look at, and nothing is imported for it."""
    assert isinstance(ZohoCRM.org, Lazy)
    assert isinstance(ZohoCRM.fields, OfModule)
