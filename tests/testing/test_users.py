"""The users of an org."""

from typing import Any

import pytest

from aiozcrm.testing import Dialect, FakeZoho

TRANSFER = "users/actions/transfer_and_delete"


@pytest.fixture
async def parts(ask: Any) -> dict[str, Any]:
    """Return what a new user needs."""
    [user] = (await ask("GET users", type="CurrentUser"))[1]["users"]
    return {
        "first_name": "Tom",
        "last_name": "Reyl",
        "email": "tom@bindery.example",
        "role": user["role"]["id"],
        "profile": {"id": user["profile"]["id"]},
    }


async def test_knows_the_user_that_calls(ask: Any, fake: FakeZoho) -> None:
    """With a type of its own, as Zoho's clients ask first of all."""
    status, data = await ask("GET users", type="CurrentUser")

    [user] = data["users"]
    assert status == 200
    assert (user["id"], user["full_name"]) == (fake.users.current_id, "Mira Oldenkamp")
    assert user["role"]["name"] == "CEO"
    assert user["profile"]["name"] == "Administrator"
    assert data["info"] == {"per_page": 200, "count": 1, "page": 1, "more_records": False}
    assert not any(name.startswith("_") for name in user)


async def test_tells_users_by_type(ask: Any, fake: FakeZoho) -> None:
    """Active, inactive, confirmed, deleted, administrators; others are an error."""
    one, two = fake.users.add_many(2)
    await ask(f"PUT users/{one}", {"users": [{"status": "inactive"}]})
    await ask(f"DELETE users/{two}")
    counts = {
        kind: (await ask("GET users/actions/count", type=kind))[1]["count"]
        for kind in (
            *("AllUsers", "ActiveUsers", "DeactiveUsers", "ConfirmedUsers", "NotConfirmedUsers"),
            *("DeletedUsers", "ActiveConfirmedUsers", "AdminUsers", "ActiveConfirmedAdmins"),
            "CurrentUser",
        )
    }
    status, error = await ask("GET users", type="Everybody")

    assert counts == {
        "AllUsers": 2,
        "ActiveUsers": 1,
        "DeactiveUsers": 1,
        "ConfirmedUsers": 1,
        "NotConfirmedUsers": 2,
        "DeletedUsers": 1,
        "ActiveConfirmedUsers": 1,
        "AdminUsers": 1,
        "ActiveConfirmedAdmins": 1,
        "CurrentUser": 1,
    }
    assert fake.users.get(one)["status"] == "disabled"
    assert (status, error["details"]["param_name"]) == (400, "type")
    assert (await ask("GET users", ids=f"{one},7"))[1]["users"][0]["id"] == one


async def test_lists_users_page_by_page(ask: Any, fake: FakeZoho) -> None:
    """The last page says that there are no more; there is nothing behind it."""
    ids = [fake.users.current_id, *fake.users.add_many(4)]
    pages = [await ask("GET users", page=number, per_page=2) for number in (1, 2, 3, 4)]

    assert [user["id"] for _, data in pages[:3] for user in data["users"]] == ids
    assert [data["info"]["more_records"] for _, data in pages[:3]] == [True, True, False]
    assert pages[3] == (204, None)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"page": "0"}, "INVALID_DATA"),
        ({"page": "x"}, "INVALID_DATA"),
        ({"per_page": "201"}, "LIMIT_EXCEEDED"),
    ],
)
async def test_rejects_pages_that_cannot_be(ask: Any, params: dict[str, str], code: str) -> None:
    """Pages are numbers from 1, of at most 200."""
    status, error = await ask("GET users", **params)

    assert (status, error["code"]) == (400, code)


async def test_adds_and_changes_a_user(ask: Any, fake: FakeZoho, parts: dict[str, Any]) -> None:
    """Role and profile are ids or objects in requests, and objects in answers."""
    created = await ask("POST users", {"users": [parts]})
    user_id = fake.users.ids[-1]
    updated = await ask("PUT users", {"users": [{"id": user_id, "city": "Zwolle"}]})
    user = fake.users.get(user_id)

    assert (created[0], created[1]["users"][0]["message"]) == (201, "User added")
    assert updated[0] == 200
    assert (user["full_name"], user["city"], user["role"]["name"]) == ("Tom Reyl", "Zwolle", "CEO")
    assert not user["confirm"]
    assert fake.users.reference(user_id) == {
        "name": "Tom Reyl",
        "id": user_id,
        "email": "tom@bindery.example",
    }
    assert fake.users.reference("7") is None


async def test_rejects_what_is_no_user(ask: Any, fake: FakeZoho, parts: dict[str, Any]) -> None:
    """One a call, with a role that is there and an address that is free."""
    two = await ask("POST users", {"users": [parts, parts]})
    taken = await ask("POST users", {"users": [parts | {"email": "MIRA@bindery.example"}]})
    role = await ask("POST users", {"users": [parts | {"role": "7"}]})

    assert (two[0], two[1]["details"]["maximum_length"]) == (400, 1)
    assert taken[1]["users"][0] == {
        "code": "DUPLICATE_DATA",
        "details": {},
        "message": "Failed to add user since same email id is already present",
        "status": "error",
    }
    assert role[1]["users"][0]["details"]["api_name"] == "role"
    assert len(fake.users.ids) == 1


async def test_activates_only_what_is_inactive(ask: Any, fake: FakeZoho) -> None:
    """Saying what is so already is an error of its own."""
    user_id = fake.users.add()
    codes = [
        (await ask(f"PUT users/{user_id}", {"users": [{"status": status}]}))[1]["users"][0]["code"]
        for status in ("active", "inactive", "inactive", "active")
    ]

    assert codes == ["ID_ALREADY_ACTIVE", "SUCCESS", "ID_ALREADY_DEACTIVATED", "SUCCESS"]


async def test_deletes_a_user_once(ask: Any, fake: FakeZoho) -> None:
    """A second deletion says that the first one worked; oneself cannot be deleted."""
    user_id = fake.users.add()
    deleted = await ask(f"DELETE users/{user_id}")
    again = await ask(f"DELETE users/{user_id}")
    changed = await ask(f"PUT users/{user_id}", {"users": [{"city": "Zwolle"}]})
    oneself = await ask(f"DELETE users/{fake.users.current_id}")
    unknown = await ask("DELETE users/7")

    assert (deleted[0], deleted[1]["users"][0]["details"]) == (200, {})
    assert (again[0], again[1]["users"][0]["code"]) == (400, "ID_ALREADY_DELETED")
    assert changed[1]["users"][0]["code"] == "CANNOT_UPDATE_DELETED_USER"
    assert oneself[1]["users"][0]["code"] == "NOT_ALLOWED"
    assert (unknown[0], unknown[1]["details"]) == (400, {"resource_path_index": 1})
    assert fake.stats.effects == {user_id: 1}


@pytest.mark.parametrize("in_path", [True, False])
async def test_transfers_and_deletes_by_a_job(ask: Any, fake: FakeZoho, in_path: bool) -> None:
    """The job takes one question before it is done."""
    user_id = fake.users.add()
    transfer = {"id": fake.users.current_id, "records": True, "assignment": True, "criteria": True}
    line = f"POST users/{user_id}/actions/transfer_and_delete" if in_path else f"POST {TRANSFER}"
    item = {"transfer": transfer} | ({} if in_path else {"id": user_id})
    status, answer = await ask(line, {"transfer_and_delete": [item]})
    job_id = answer["transfer_and_delete"][0]["details"]["jobId"]
    states = [await ask(f"GET {TRANSFER}", job_id=job_id) for _ in range(3)]

    assert status == 200
    assert [state[1]["transfer_and_delete"][0]["status"] for state in states] == [
        "in_progress",
        "completed",
        "completed",
    ]
    assert fake.users.get(user_id)["status"] == "deleted"
    assert await ask(f"GET {TRANSFER}", job_id="7") == (204, None)


async def test_transfers_only_what_is_right(ask: Any, fake: FakeZoho) -> None:
    """Somebody has to be there, and to be left something to."""
    user_id = fake.users.add()
    items = [{"id": "7", "transfer": {"id": "8"}}, {"id": user_id}, 5]
    answers = [await ask(f"POST {TRANSFER}", {"transfer_and_delete": [item]}) for item in items]

    assert [answer["transfer_and_delete"][0]["code"] for _, answer in answers] == [
        "INVALID_DATA",
        "EXPECTED_FIELD_MISSING",
        "INVALID_DATA",
    ]


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("2001-01-01T00:00:00+01:00", 200),
        ("2100-01-01T00:00:00", 304),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 304),
        ("soon", 200),
        ("", 200),
    ],
)
async def test_lists_what_was_modified(
    fake: FakeZoho, caller: Any, token: str, since: str, status: int
) -> None:
    """Nothing newer is 304; a moment that cannot be read is none."""
    users, modules = [
        await caller.call(fake, "GET", path, token=token, headers={"If-Modified-Since": since})
        for path in ("users", "settings/modules")
    ]

    assert (users.status, modules.status) == (status, status)
    assert status == 200 or users.text == ""


async def test_calls_inactive_users_as_it_is_told(caller: Any) -> None:
    """One of Zoho's sources says inactive, the other disabled."""
    async with FakeZoho(dialect=Dialect(inactive_as="inactive")) as fake:
        token = await caller.token(fake)
        user_id = fake.users.add()
        body = {"users": [{"status": "inactive"}]}
        await caller.call(fake, "PUT", f"users/{user_id}", token=token, json=body)

    assert fake.users.get(user_id)["status"] == "inactive"
