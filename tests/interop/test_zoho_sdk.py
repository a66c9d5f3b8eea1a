"""Zoho's own client, of the same API version, speaks to the fake and understands it."""

import contextlib
import datetime as dt
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from aiozcrm.testing import Dialect, FakeZoho, Limits, TokenLimits

with warnings.catch_warnings():
    # What it warns of is between it and Python.
    warnings.simplefilter("ignore")
    from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
    from zohocrmsdk.src.com.zoho.crm.api.apis import APIsOperations
    from zohocrmsdk.src.com.zoho.crm.api.exception import SDKException
    from zohocrmsdk.src.com.zoho.crm.api.org import OrgOperations
    from zohocrmsdk.src.com.zoho.crm.api.unsubscribe_links import (
        ActionWrapper,
        APIException,
        AssociationsResponseWrapper,
        BodyWrapper,
        ResponseWrapper,
        SuccessResponse,
        UnsubscribeLinks,
        UnsubscribeLinksOperations,
    )
    from zohocrmsdk.src.com.zoho.crm.api.util import Choice

pytestmark = pytest.mark.filterwarnings("ignore")

CUSTOM = {
    "name": "Spring offers",
    "page_type": "custom",
    "custom_location_url": "https://mail.example.org/leave",
    "submission_action_type": "redirect",
    "submission_redirect_url": "https://mail.example.org/done",
}
PLACE_OF_NAME = {"api_name": "name", "json_path": "$.unsubscribe_links[0].name"}


@pytest.fixture
def connect(initialize: Callable[..., Any]) -> Iterator[Callable[..., FakeZoho]]:
    """Return what runs a fake and leads Zoho's client to it.

    The fake stands still between calls, so a test may look at it and change it meanwhile.
    """
    running = contextlib.ExitStack()

    def connect(**options: Any) -> FakeZoho:
        fake = running.enter_context(FakeZoho(**options))
        initialize(fake)
        return fake

    with running:
        yield connect


@pytest.fixture
def fake(connect: Callable[..., FakeZoho]) -> FakeZoho:
    """Run a fake with three links beside the Default link, and lead Zoho's client to it."""
    return connect(links=3)


def body(**fields: Any) -> BodyWrapper:
    """Return a request with one link."""
    link = UnsubscribeLinks()
    for name, value in fields.items():
        getattr(link, f"set_{name}")(Choice(value) if name.endswith("_type") else value)
    wrapper = BodyWrapper()
    wrapper.set_unsubscribe_links([link])
    return wrapper


def of_action(answer: Any) -> Any:
    """Return the one item of a write's answer, which came in a wrapper."""
    wrapper = answer.get_object()
    assert isinstance(wrapper, ActionWrapper)
    [item] = wrapper.get_unsubscribe_links()
    return item


def of_error(error: Any) -> tuple[str, dict[str, Any], str, str]:
    """Return what an error says."""
    assert isinstance(error, APIException)
    return (
        error.get_code().get_value(),
        error.get_details(),
        error.get_message(),
        error.get_status().get_value(),
    )


def call(operation: str, *arguments: Any) -> Any:
    """Make one of the seven calls."""
    return getattr(UnsubscribeLinksOperations(), operation)(*arguments)


def assert_shows(link: Any, shown: dict[str, Any]) -> None:
    """Check that Zoho's client has read everything of a link."""
    for name in ("name", *CUSTOM, "standard_page_message", "submission_message"):
        value = getattr(link, f"get_{name}")()
        assert shown[name] == (value.get_value() if isinstance(value, Choice) else value)
    assert str(link.get_id()) == shown["id"]
    for name in ("created_by", "modified_by"):
        user = getattr(link, f"get_{name}")()
        assert shown[name] == {"name": user.get_name(), "id": str(user.get_id())}
    for name in ("created_time", "modified_time"):
        assert dt.datetime.fromisoformat(shown[name]) == getattr(link, f"get_{name}")()


@pytest.mark.parametrize("unset_as", ["null", "empty"])
def test_lists_links(connect: Callable[..., FakeZoho], unset_as: str) -> None:
    """The list is read whole, however it shows what is not set."""
    fake = connect(links=3, dialect=Dialect(unset_as=unset_as))
    answer = call("get_unsubscribe_links")

    wrapper = answer.get_object()
    assert answer.get_status_code() == 200
    assert isinstance(wrapper, ResponseWrapper)
    links = wrapper.get_unsubscribe_links()
    assert [str(link.get_id()) for link in links] == fake.unsubscribe_links.ids
    for link in links:
        assert_shows(link, fake.unsubscribe_links.get(str(link.get_id())))


def test_gets_one_link(fake: FakeZoho) -> None:
    """One link is read like a list of one."""
    link_id = fake.unsubscribe_links.ids[-1]
    answer = call("get_unsubscribe_link", int(link_id))

    [link] = answer.get_object().get_unsubscribe_links()
    assert answer.get_status_code() == 200
    assert_shows(link, fake.unsubscribe_links.get(link_id))


def test_gets_nothing_for_an_unknown_link(fake: FakeZoho) -> None:
    """An answer without content is an answer without an object."""
    answer = call("get_unsubscribe_link", 7)

    assert (answer.get_status_code(), answer.get_object()) == (204, None)


def test_creates_a_link(fake: FakeZoho) -> None:
    """What the client sends becomes a link, and it reads the new id."""
    answer = call("create_unsubscribe_link", body(**CUSTOM))

    item = of_action(answer)
    link_id = fake.unsubscribe_links.ids[-1]
    assert answer.get_status_code() == 201
    assert isinstance(item, SuccessResponse)
    assert item.get_details() == {"id": int(link_id)}
    assert item.get_message() == "Unsubscribe Link created successfully"
    assert CUSTOM.items() <= fake.unsubscribe_links.get(link_id).items()
    assert fake.stats.created == {"Spring offers": 1}


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("by_path", [True, False])
def test_updates_a_link(connect: Callable[..., FakeZoho], status: int, *, by_path: bool) -> None:
    """Both forms of the update work; the client sends the id as a number."""
    fake = connect(links=3, dialect=Dialect(update_status=status))
    link_id = fake.unsubscribe_links.ids[-1]
    request = body(id=int(link_id), **CUSTOM)
    answer = (
        call("update_unsubscribe_link", int(link_id), request)
        if by_path
        else call("update_unsubscribe_links", request)
    )

    item = of_action(answer)
    assert answer.get_status_code() == status
    assert isinstance(item, SuccessResponse)
    assert item.get_details() == {"id": int(link_id)}
    assert CUSTOM.items() <= fake.unsubscribe_links.get(link_id).items()


@pytest.mark.parametrize("status", [200, 201])
def test_deletes_a_link(connect: Callable[..., FakeZoho], status: int) -> None:
    """A deleted link is gone."""
    fake = connect(links=3, dialect=Dialect(delete_status=status))
    link_id = fake.unsubscribe_links.ids[-1]
    answer = call("delete_unsubscribe_link", int(link_id))

    item = of_action(answer)
    assert answer.get_status_code() == status
    assert isinstance(item, SuccessResponse)
    assert item.get_status().get_value() == "success"
    assert link_id not in fake.unsubscribe_links.ids


def test_lists_associations(fake: FakeZoho) -> None:
    """Each place is read with its resource, and with its module where it has one."""
    link_id = fake.unsubscribe_links.ids[-1]
    digest = fake.unsubscribe_links.add_association(link_id, "April digest")
    fake.unsubscribe_links.add_association(link_id, "Sales", place="email_footer", module=None)
    answer = call("get_associated_unsubscribe_links")

    wrapper = answer.get_object()
    assert answer.get_status_code() == 200
    assert isinstance(wrapper, AssociationsResponseWrapper)
    [association] = wrapper.get_associations()
    first, second = association.get_associated_places()
    assert str(association.get_id()) == link_id
    assert [first.get_type(), second.get_type()] == ["email_templates", "email_footer"]
    assert first.get_resource().get_name() == "April digest"
    assert str(first.get_resource().get_id()) == digest
    assert first.get_details().get_module().get_api_name() == "Contacts"
    assert second.get_details().get_module() is None


def test_lists_no_associations(fake: FakeZoho) -> None:
    """Without associations there is no content."""
    answer = call("get_associated_unsubscribe_links")

    assert (answer.get_status_code(), answer.get_object()) == (204, None)


@pytest.mark.parametrize("operation", ["delete_unsubscribe_link", "update_unsubscribe_link"])
@pytest.mark.parametrize(
    ("default", "code", "message"),
    [
        (False, "INVALID_DATA", "The given Unsubscribe Link id is not part of Org"),
        (True, "NOT_ALLOWED", "The given Unsubscribe Link id is Default"),
    ],
)
def test_reads_errors_of_ids_in_paths(
    fake: FakeZoho, operation: str, code: str, message: str, *, default: bool
) -> None:
    """The error stands at the top."""
    link_id = int(fake.unsubscribe_links.default_id) if default else 7
    arguments = [body(name="New")] if operation.startswith("update") else []
    answer = call(operation, link_id, *arguments)

    assert answer.get_status_code() == 400
    assert of_error(answer.get_object()) == (code, {"resource_path_index": 2}, message, "error")


@pytest.mark.parametrize(("default", "code"), [(False, "INVALID_DATA"), (True, "NOT_ALLOWED")])
def test_reads_errors_of_ids_in_bodies(fake: FakeZoho, code: str, *, default: bool) -> None:
    """The error stands in the wrapper."""
    link_id = int(fake.unsubscribe_links.default_id) if default else 7
    answer = call("update_unsubscribe_links", body(id=link_id, name="New"))

    details = {"api_name": "id", "json_path": "$.unsubscribe_links[0].id"}
    assert answer.get_status_code() == 400
    assert of_error(of_action(answer))[:2] == (code, details)


@pytest.mark.parametrize(
    ("changes", "code", "details"),
    [
        pytest.param({"name": "Default"}, "DUPLICATE_DATA", PLACE_OF_NAME, id="taken"),
        pytest.param({"name": ""}, "MANDATORY_NOT_FOUND", PLACE_OF_NAME, id="missing"),
        pytest.param(
            {"name": "x" * 51}, "INVALID_DATA", {"maximum_length": 50} | PLACE_OF_NAME, id="long"
        ),
        # The client knows no minimum_length and drops it.
        pytest.param({"name": " "}, "INVALID_DATA", PLACE_OF_NAME, id="short"),
        pytest.param(
            {"custom_location_url": "nowhere"},
            "INVALID_DATA",
            {
                "expected_data_type": "website",
                "api_name": "custom_location_url",
                "json_path": "$.unsubscribe_links[0].custom_location_url",
            },
            id="website",
        ),
    ],
)
def test_reads_errors_of_creations(
    fake: FakeZoho, changes: dict[str, Any], code: str, details: dict[str, Any]
) -> None:
    """Code and details are read out of the wrapper."""
    answer = call("create_unsubscribe_link", body(**(CUSTOM | changes)))

    assert answer.get_status_code() == 400
    assert of_error(of_action(answer))[:2] == (code, details)
    assert not fake.stats.created


@pytest.mark.parametrize(
    ("limit", "changes"),
    [
        pytest.param(10, {"custom_location_url": ""}, id="dependee"),
        pytest.param(1, {}, id="limit_due_to"),
    ],
)
def test_meets_errors_that_it_cannot_read(
    connect: Callable[..., FakeZoho], limit: int, changes: dict[str, Any]
) -> None:
    """A dependee and the cause of a limit are where the client expects them.

    It names a class for them that it does not have, and that ends every such answer, from Zoho
    as well as from the fake.
    """
    fake = connect(limits=Limits(unsubscribe_links=limit))

    with pytest.raises(SDKException, match="ApinameJsonPathDetail"):
        call("create_unsubscribe_link", body(**(CUSTOM | changes)))
    assert fake.stats.api_requests == 1
    assert not fake.stats.created


def test_reads_the_error_of_too_many_items(fake: FakeZoho) -> None:
    """Two links in one body are refused at the top."""
    two = body(**CUSTOM)
    two.set_unsubscribe_links(two.get_unsubscribe_links() * 2)
    answer = call("create_unsubscribe_link", two)

    code, details, _, _ = of_error(answer.get_object())
    assert (code, details["maximum_length"]) == ("INVALID_DATA", 1)
    assert not fake.stats.created


@pytest.mark.parametrize("wrapper_missing", ["wrapped", "top"])
def test_reads_the_error_of_a_missing_wrapper(
    connect: Callable[..., FakeZoho], wrapper_missing: str
) -> None:
    """A body without its key is refused in the key, or at the top."""
    connect(dialect=Dialect(wrapper_missing=wrapper_missing))
    answer = call("create_unsubscribe_link", BodyWrapper())

    error = of_action(answer) if wrapper_missing == "wrapped" else answer.get_object()
    code, details, _, _ = of_error(error)
    assert (code, details["api_name"]) == ("MANDATORY_NOT_FOUND", "unsubscribe_links")


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_unsubscribe_links", []),
        ("get_unsubscribe_link", [7]),
        ("create_unsubscribe_link", [body(name="New")]),
        ("update_unsubscribe_links", [body(name="New")]),
        ("update_unsubscribe_link", [7, body(name="New")]),
        ("delete_unsubscribe_link", [7]),
        ("get_associated_unsubscribe_links", []),
    ],
)
@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [
        ("scope", 401, "OAUTH_SCOPE_MISMATCH"),
        ("permission", 403, "NO_PERMISSION"),
        ("token", 401, "INVALID_TOKEN"),
    ],
)
def test_reads_errors_of_access(
    connect: Callable[..., FakeZoho],
    operation: str,
    arguments: list[Any],
    *,
    trouble: str,
    status: int,
    code: str,
) -> None:
    """Every call reads the errors that all calls share; a dead token it does not replace."""
    fake = connect(**({"scope": "ZohoCRM.modules.ALL"} if trouble == "scope" else {}))
    fake.permission_denied = trouble == "permission"
    if trouble == "token":
        fake.expire_tokens()
    answer = call(operation, *arguments)

    # The client knows no permissions in details and drops them.
    assert answer.get_status_code() == status
    assert of_error(answer.get_object())[:2] == (code, {})


def test_refreshes_a_token_that_is_about_to_end(connect: Callable[..., FakeZoho]) -> None:
    """The client asks for a token a few seconds before the old one ends."""
    fake = connect(links=1, tokens=TokenLimits(lifetime=4))
    answers = [call("get_unsubscribe_links") for _ in range(2)]

    assert [answer.get_status_code() for answer in answers] == [200, 200]
    assert fake.stats.tokens_made == 3
    assert fake.stats.secrets_in_query == 0


@pytest.mark.parametrize("by_consent", [False, True])
def test_exchanges_a_code(
    fake: FakeZoho, initialize: Callable[..., Any], *, by_consent: bool
) -> None:
    """A code of the console, or of a redirect, becomes a refresh token that works and ends."""
    grant = {"grant_token": fake.make_code()}
    if by_consent:
        request = fake.oauth_client().authorization_request(
            redirect_uri="http://localhost/", scopes=["ZohoCRM.settings.unsubscribe.ALL"]
        )
        back = parse_qs(urlsplit(fake.consent(request.url)).query)
        grant = {"grant_token": back["code"][0], "redirect_url": "http://localhost/"}
    token = initialize(fake, **grant)

    assert call("get_unsubscribe_links").get_status_code() == 200
    assert token.get_refresh_token() not in (None, fake.credentials().refresh_token)
    url = f"{fake.url}/oauth/v2/token/revoke"
    assert OAuthToken.revoke_refresh_token(token.get_refresh_token(), url)
    assert not OAuthToken.revoke_refresh_token(token.get_refresh_token(), url)


def test_reads_the_refusal_of_a_token(connect: Callable[..., FakeZoho]) -> None:
    """A revoked refresh token is told by its code."""
    fake = connect(tokens=TokenLimits(lifetime=4))
    fake.revoke_refresh_token()

    with pytest.raises(SDKException, match="invalid_code"):
        call("get_unsubscribe_links")


def test_reads_the_org(fake: FakeZoho) -> None:
    """The org is read whole."""
    answer = OrgOperations().get_organization()

    [org] = answer.get_object().get_org()
    assert answer.get_status_code() == 200
    assert org.get_type().get_value() == "Production"
    assert org.get_company_name()
    assert org.get_license_details().get_paid_expiry().tzinfo is not None


def test_reads_the_list_of_calls(fake: FakeZoho) -> None:
    """Every call is read with its scope and its price."""
    answer = APIsOperations().get_supported_api()

    entries = answer.get_object().get_apis()
    operations = [operation for entry in entries for operation in entry.get_operation_types()]
    assert answer.get_status_code() == 200
    roots = ("/crm/v7/", "/crm/bulk/v7/")
    assert all(entry.get_path().startswith(roots) for entry in entries)
    assert all(operation.get_oauth_scope().startswith("Zoho") for operation in operations)
    assert {operation.get_max_credits() for operation in operations} == {1}
