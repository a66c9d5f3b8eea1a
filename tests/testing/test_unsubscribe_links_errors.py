"""What the fake says to links that Zoho would not take, a row of its pages each."""

import json
import math
from typing import Any

import pytest

from aiozcrm.testing import Dialect, FakeZoho, Limits

LINKS = "settings/unsubscribe_links"
WRAPPER = {"api_name": "unsubscribe_links", "json_path": "$.unsubscribe_links"}
GOOD = {
    "name": "Spring offers",
    "page_type": "custom",
    "custom_location_url": "https://mail.example.org/leave",
    "submission_action_type": "redirect",
    "submission_redirect_url": "www.example.org/done?from=mail",
    "standard_page_message": "",
    "submission_message": None,
}
UNSUPPORTED = "the given module is not supported in create or update"


def place(field: str) -> dict[str, str]:
    """Return how errors tell where a field stands."""
    return {"api_name": field, "json_path": f"$.unsubscribe_links[0].{field}"}


def error(code: str, message: str, **details: Any) -> dict[str, Any]:
    """Return an error as the API shapes it."""
    return {"code": code, "details": details, "message": message, "status": "error"}


def invalid(field: str, **details: Any) -> dict[str, Any]:
    """Return what is said of a wrong value."""
    return error("INVALID_DATA", "invalid data", **details, **place(field))


def missing(field: str) -> dict[str, Any]:
    """Return what is said of a missing value."""
    return error("MANDATORY_NOT_FOUND", "required field not found", **place(field))


def dependent(missing: str, cause: str) -> dict[str, Any]:
    """Return what is said of a value that is missing because of another one."""
    return error(
        "DEPENDENT_FIELD_MISSING",
        "required field not found",
        dependee=place(missing),
        **place(cause),
    )


def unsupported(field: str, *values: str) -> dict[str, Any]:
    """Return what is said of a value that is none of the few."""
    return error("INVALID_DATA", UNSUPPORTED, supported_values=list(values), **place(field))


def wrapped(item: dict[str, Any]) -> dict[str, Any]:
    """Return a body with one item."""
    return {"unsubscribe_links": [item]}


TEXTS = {
    "name": 50,
    "page_type": 8,
    "submission_action_type": 15,
    "standard_page_message": 2000,
    "submission_message": 2000,
}
URLS = ("custom_location_url", "submission_redirect_url")
# What is wrong with a link, for creation and update alike, and what is said of it.
WRONG = [
    *[pytest.param({n: 7}, invalid(n, expected_data_type="text"), id=f"{n}-type") for n in TEXTS],
    *[
        pytest.param({n: "x" * (most + 1)}, invalid(n, maximum_length=most), id=f"{n}-length")
        for n, most in TEXTS.items()
    ],
    *[
        pytest.param({n: value}, invalid(n, expected_data_type="website"), id=f"{n}-{value}")
        for n in URLS
        for value in (7, "nowhere", "https://", "ftp://example.org", "an example.org", " ")
    ],
    *[
        pytest.param({n: f"https://example.org/{'x' * 231}"}, invalid(n, maximum_length=250), id=n)
        for n in URLS
    ],
    pytest.param({"name": " "}, invalid("name", minimum_length=1), id="name-blank"),
    *[pytest.param({n: None}, missing(n), id=f"{n}-null") for n in list(TEXTS)[:3]],
    pytest.param(
        {"page_type": "Custom"}, unsupported("page_type", "standard", "custom"), id="page_type"
    ),
    pytest.param(
        {"submission_action_type": "nothing"},
        unsupported("submission_action_type", "display_message", "redirect"),
        id="submission_action_type",
    ),
    pytest.param(
        {"custom_location_url": None},
        dependent("custom_location_url", "page_type"),
        id="custom-without-url",
    ),
    pytest.param(
        {"submission_redirect_url": ""},
        dependent("submission_redirect_url", "submission_action_type"),
        id="redirect-without-url",
    ),
    pytest.param(
        {"submission_action_type": "display_message"},
        dependent("submission_message", "submission_action_type"),
        id="display-without-message",
    ),
]
NOT_ONE_ITEM = [
    pytest.param(b"", error("INVALID_DATA", "body", expected_data_type="jsonobject"), id="empty"),
    pytest.param(
        b"{", error("INVALID_DATA", "body", expected_data_type="jsonobject"), id="no-json"
    ),
    pytest.param(b"[]", error("INVALID_DATA", "body", expected_data_type="jsonobject"), id="array"),
    pytest.param(
        b"\xff", error("INVALID_DATA", "body", expected_data_type="jsonobject"), id="no-utf8"
    ),
    pytest.param(
        b'{"links": []}',
        wrapped(error("MANDATORY_NOT_FOUND", "required field not found", **WRAPPER)),
        id="without-wrapper",
    ),
    pytest.param(
        b'{"unsubscribe_links": {}}',
        error("INVALID_DATA", "invalid data", expected_data_type="jsonarray", **WRAPPER),
        id="no-array",
    ),
    pytest.param(
        b'{"unsubscribe_links": []}',
        error("INVALID_DATA", "invalid data", **WRAPPER),
        id="empty-array",
    ),
    pytest.param(
        b'{"unsubscribe_links": [{}, {}]}',
        error("INVALID_DATA", "invalid data", maximum_length=1, **WRAPPER),
        id="two-items",
    ),
    pytest.param(
        b'{"unsubscribe_links": [7]}',
        wrapped(
            error(
                "INVALID_DATA",
                "invalid data",
                expected_data_type="jsonobject",
                api_name="unsubscribe_links",
                json_path="$.unsubscribe_links[0]",
            )
        ),
        id="no-object",
    ),
]


@pytest.fixture
def send(fake: FakeZoho, caller: Any, token: str) -> Any:
    """Return what sends a link by a method to the collection, or to the path of *link_id*."""

    async def send(method: str, link: dict[str, Any], link_id: str = "") -> tuple[int, Any]:
        path = f"{LINKS}/{link_id}" if link_id else LINKS
        reply = await caller.call(fake, method, path, token=token, json=wrapped(link))
        return reply.status, reply.json

    return send


@pytest.mark.parametrize(("changes", "answer"), WRONG)
async def test_creates_no_wrong_link(
    fake: FakeZoho, send: Any, changes: dict[str, Any], answer: dict[str, Any]
) -> None:
    """A link with a wrong or missing value is refused in the wrapper, and nothing is created."""
    before = fake.unsubscribe_links.ids

    assert await send("POST", GOOD | changes) == (400, wrapped(answer))
    assert (fake.unsubscribe_links.ids, fake.stats.created) == (before, {})


@pytest.mark.parametrize("by_path", [True, False])
@pytest.mark.parametrize(("changes", "answer"), WRONG)
async def test_makes_no_link_wrong(
    fake: FakeZoho, send: Any, changes: dict[str, Any], answer: dict[str, Any], *, by_path: bool
) -> None:
    """An update is refused if the link would be wrong with it, and nothing is changed."""
    status, body = await send("POST", GOOD)
    link_id = body["unsubscribe_links"][0]["details"]["id"]
    before = fake.unsubscribe_links.get(link_id)

    assert status == 201
    assert await send("PUT", {"id": link_id, **changes}, link_id if by_path else "") == (
        400,
        wrapped(answer),
    )
    assert fake.unsubscribe_links.get(link_id) == before


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(("body", "answer"), NOT_ONE_ITEM)
async def test_wants_one_item(
    fake: FakeZoho, caller: Any, token: str, *, method: str, body: bytes, answer: dict[str, Any]
) -> None:
    """A body that is not one item in its wrapper is refused, mostly at the top."""
    replies = [await caller.call(fake, method, LINKS, token=token, data=body)]
    if method == "PUT":
        path = f"{LINKS}/{fake.unsubscribe_links.ids[-1]}"
        replies.append(await caller.call(fake, method, path, token=token, data=body))

    assert all((reply.status, reply.json) == (400, answer) for reply in replies)


@pytest.mark.parametrize("field", ["name", "page_type", "submission_action_type"])
async def test_takes_an_empty_string_for_nothing_in_creations(send: Any, field: str) -> None:
    """An empty mandatory field is a missing one, as is one that is left out."""
    without = {name: value for name, value in GOOD.items() if name != field}

    assert await send("POST", GOOD | {field: ""}) == (400, wrapped(missing(field)))
    assert await send("POST", without) == (400, wrapped(missing(field)))


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("name", invalid("name", minimum_length=1)),
        ("page_type", unsupported("page_type", "standard", "custom")),
        (
            "submission_action_type",
            unsupported("submission_action_type", "display_message", "redirect"),
        ),
    ],
)
async def test_takes_an_empty_string_for_a_value_in_updates(
    fake: FakeZoho, send: Any, field: str, answer: dict[str, Any]
) -> None:
    """An update to an empty mandatory field gives a wrong value, not a missing one."""
    assert await send("PUT", {field: ""}, fake.unsubscribe_links.ids[-1]) == (400, wrapped(answer))


async def test_refuses_a_name_that_is_taken(fake: FakeZoho, send: Any) -> None:
    """Names are unique in the org, for creations and updates alike."""
    one, two = (
        fake.unsubscribe_links.add("Spring offers"),
        fake.unsubscribe_links.add("Autumn offers"),
    )
    answer = error("DUPLICATE_DATA", "Unsubscribe Link name already exists", **place("name"))

    assert await send("POST", GOOD) == (400, wrapped(answer))
    assert await send("POST", GOOD | {"name": "Default"}) == (400, wrapped(answer))
    assert await send("PUT", {"name": "Spring offers"}, two) == (400, wrapped(answer))
    assert await send("PUT", {"id": two, "name": "Spring offers"}) == (400, wrapped(answer))
    assert (await send("PUT", {"name": "Spring offers"}, one))[0] == 200
    assert fake.stats.created == {}


@pytest.mark.parametrize("limit", [10, 2])
async def test_creates_no_more_than_the_limit(caller: Any, limit: int) -> None:
    """The Default link counts; ten is the usual limit, and only creations look at it."""
    limits = None if limit == 10 else Limits(unsubscribe_links=limit)
    async with FakeZoho(limits=limits) as fake:
        token = await caller.token(fake)
        replies = [
            await caller.call(
                fake, "POST", LINKS, token=token, json=wrapped(GOOD | {"name": str(number)})
            )
            for number in range(limit)
        ]
        fake.unsubscribe_links.add()

    *created, refused = replies
    assert [reply.status for reply in created] == [201] * (limit - 1)
    assert fake.stats.created == {str(number): 1 for number in range(limit - 1)}
    assert len(fake.unsubscribe_links.ids) == limit + 1
    assert refused.status == 400
    assert refused.json == wrapped(
        error(
            "LIMIT_EXCEEDED",
            "Unsubscribe Link limit exceeded",
            limit=limit,
            limit_due_to=[WRAPPER],
        )
    )


async def test_has_no_limit_if_told_so(caller: Any) -> None:
    """Without a limit there is always room."""
    async with FakeZoho(limits=Limits(unsubscribe_links=math.inf)) as fake:
        fake.unsubscribe_links.add_many(50)
        token = await caller.token(fake)
        reply = await caller.call(fake, "POST", LINKS, token=token, json=wrapped(GOOD))

    assert reply.status == 201


async def test_has_room_for_more_than_it_starts_with(caller: Any) -> None:
    """However many links there are at first, five can be created, and a sixth cannot."""
    async with FakeZoho(links=10) as fake:
        token = await caller.token(fake)
        replies = [
            await caller.call(fake, "POST", LINKS, token=token, json=wrapped(GOOD | {"name": name}))
            for name in "abcdef"
        ]

    assert [reply.status for reply in replies] == [201] * 5 + [400]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    ("default", "code", "message"),
    [
        (False, "INVALID_DATA", "The given Unsubscribe Link id is not part of Org"),
        (True, "NOT_ALLOWED", "The given Unsubscribe Link id is Default"),
    ],
)
async def test_refuses_an_id_in_the_path_at_the_top(
    fake: FakeZoho, send: Any, method: str, code: str, message: str, *, default: bool
) -> None:
    """Unknown links and the Default link can be neither changed nor deleted."""
    before = fake.unsubscribe_links.get(fake.unsubscribe_links.default_id)
    link_id = fake.unsubscribe_links.default_id if default else "9"

    assert await send(method, {"name": "New"}, link_id) == (
        400,
        error(code, message, resource_path_index=2),
    )
    assert fake.unsubscribe_links.get(fake.unsubscribe_links.default_id) == before


@pytest.mark.parametrize(
    ("default", "code", "message"),
    [
        (False, "INVALID_DATA", "The given Unsubscribe Link id is not part of Org"),
        (True, "NOT_ALLOWED", "The given Unsubscribe Link id is Default"),
    ],
)
async def test_refuses_an_id_in_the_body_in_the_wrapper(
    fake: FakeZoho, send: Any, code: str, message: str, *, default: bool
) -> None:
    """An update of the collection says the same in the wrapper."""
    link_id = fake.unsubscribe_links.default_id if default else "9"

    assert await send("PUT", {"id": link_id, "name": "New"}) == (
        400,
        wrapped(error(code, message, **place("id"))),
    )


@pytest.mark.parametrize("item", [{}, {"id": None}, {"id": ""}])
async def test_wants_an_id_to_update_the_collection(send: Any, item: dict[str, Any]) -> None:
    """Without an id it cannot know which link is meant."""
    assert await send("PUT", GOOD | item) == (400, wrapped(missing("id")))


@pytest.mark.parametrize("link_id", ["abc", "1" * 20, 1.5, True, -1, ["1"]])
@pytest.mark.parametrize("by_path", [True, False])
async def test_wants_a_whole_number_for_an_id(
    fake: FakeZoho, send: Any, link_id: Any, *, by_path: bool
) -> None:
    """An id in the body is up to 19 digits, whether the path has one or not."""
    path_id = fake.unsubscribe_links.ids[-1] if by_path else ""

    assert await send("PUT", {"id": link_id, "name": "New"}, path_id) == (
        400,
        wrapped(invalid("id", expected_data_type="bigint")),
    )


@pytest.mark.parametrize(
    ("dialect", "method", "link", "answer"),
    [
        pytest.param(
            Dialect(mandatory_status=403),
            "POST",
            GOOD | {"name": ""},
            (403, wrapped(missing("name"))),
            id="mandatory_status",
        ),
        pytest.param(
            Dialect(mandatory_status=403),
            "PUT",
            {"name": None},
            (400, wrapped(missing("name"))),
            id="mandatory_status-update",
        ),
        pytest.param(
            Dialect(dependee="cause"),
            "POST",
            GOOD | {"custom_location_url": ""},
            (
                400,
                wrapped(
                    error(
                        "DEPENDENT_FIELD_MISSING",
                        "Dependent field is missing",
                        dependee=place("page_type"),
                        **place("custom_location_url"),
                    )
                ),
            ),
            id="dependee",
        ),
        pytest.param(
            Dialect(body_id_required=True),
            "PUT",
            {"name": "New"},
            (400, wrapped(missing("id"))),
            id="body_id_required",
        ),
        pytest.param(
            Dialect(limit_first=True),
            "POST",
            GOOD | {"name": "Default"},
            (
                400,
                wrapped(
                    error(
                        "LIMIT_EXCEEDED",
                        "Unsubscribe Link limit exceeded",
                        limit=2,
                        limit_due_to=[WRAPPER],
                    )
                ),
            ),
            id="limit_first",
        ),
    ],
)
async def test_refuses_in_the_dialect_it_is_told(
    caller: Any, dialect: Dialect, method: str, link: dict[str, Any], answer: tuple[int, Any]
) -> None:
    """Where sources disagree, the other reading can be had."""
    async with FakeZoho(links=1, limits=Limits(unsubscribe_links=2), dialect=dialect) as fake:
        token = await caller.token(fake)
        path = f"{LINKS}/{fake.unsubscribe_links.ids[-1]}" if method == "PUT" else LINKS
        reply = await caller.call(fake, method, path, token=token, json=wrapped(link))

    assert (reply.status, reply.json) == answer


async def test_refuses_a_missing_wrapper_at_the_top_if_told_so(caller: Any) -> None:
    """The error of a missing wrapper can stand where the wrapper would."""
    async with FakeZoho(dialect=Dialect(wrapper_missing="top")) as fake:
        token = await caller.token(fake)
        reply = await caller.call(fake, "POST", LINKS, token=token, data=json.dumps({}))

    assert (reply.status, reply.json) == (
        400,
        error("MANDATORY_NOT_FOUND", "required field not found", **WRAPPER),
    )


async def test_tells_of_a_scope_mismatch_in_detail_if_told_so(caller: Any) -> None:
    """The refusal of a scope can name method and URL."""
    scope = "ZohoCRM.settings.unsubscribe.READ"
    async with FakeZoho(scope=scope, dialect=Dialect(scope_details=True)) as fake:
        token = await caller.token(fake)
        reply = await caller.delete(fake, "7", token=token)

    assert (reply.status, reply.json) == (
        401,
        error(
            "OAUTH_SCOPE_MISMATCH",
            "invalid oauth scope to access this URL",
            method="DELETE",
            url=f"/crm/v7/{LINKS}/7",
        ),
    )
