"""Whose id it is that Zoho does not know."""

from typing import Any

import pytest
from wire import NOW, answer, call_of

from aiozcrm._protocol import (
    ApiCall,
    Json,
    Reply,
    Request,
    api_error,
    error_of,
    results_of,
)
from aiozcrm.errors import (
    ApiError,
    InvalidDataError,
    InvalidRequestError,
    NotFoundError,
    Result,
)


def rejection(call: Request, body: Any, status: int = 400) -> ApiError:
    """Return the error for an answer to *call*."""
    return api_error(call, answer(status, body), NOW)


@pytest.mark.parametrize(
    ("call", "details", "own"),
    [
        pytest.param(call, details, own, id=name)
        for name, call, details, own in (
            ("id", call_of("a/b/7"), {"resource_path_index": 2}, True),
            ("id-of-a-record", call_of("Leads/7"), {"resource_path_index": 1}, True),
            ("index-as-text", call_of("Leads/7"), {"resource_path_index": "1"}, True),
            ("module", call_of("Leads/7"), {"resource_path_index": 0}, False),
            ("beyond", call_of("Leads/7"), {"resource_path_index": 7}, False),
            ("negative", call_of("Leads/7"), {"resource_path_index": -1}, False),
            ("boolean", call_of("Leads/7"), {"resource_path_index": True}, False),
            ("null", call_of("Leads/7"), {"resource_path_index": None}, False),
            ("no-id", call_of("settings/x"), {"resource_path_index": 1}, False),
            ("no-id-null", call_of("settings/x"), {"resource_path_index": None}, False),
            ("action", call_of("Leads/7/actions/lock"), {"resource_path_index": 1}, True),
            ("own-of-two", call_of("Leads/7/Notes/8"), {"resource_path_index": 3}, True),
            ("parent", call_of("Leads/7/Notes/8"), {"resource_path_index": 1}, False),
            ("related-list", call_of("Leads/7/Notes/8"), {"resource_path_index": 2}, False),
            (
                "parent-of-many",
                call_of("Leads/7/Notes", query="ids=8%2C9"),
                {"resource_path_index": 1},
                False,
            ),
            (
                "parent-of-rows",
                call_of("Leads/7/Products", "PUT", body={"data": [{"id": "8"}]}),
                {"resource_path_index": 1},
                False,
            ),
            (
                "version-with-point",
                call_of("Leads/7", base="/crm/v2.1/"),
                {"resource_path_index": 1},
                True,
            ),
            ("bulk", call_of("read/7", base="/crm/bulk/v7/"), {"resource_path_index": 1}, True),
            (
                "external-id",
                call_of("Leads/A%2F1", headers={"X-EXTERNAL": "Leads.Ext"}),
                {"resource_path_index": 1},
                True,
            ),
            (
                "external-id-of-the-other-module",
                call_of("Leads/A/Products/B", headers={"x-external": "Leads.E,Products.E"}),
                {"resource_path_index": 3},
                True,
            ),
            (
                "external-id-and-action",
                call_of("Leads/A/actions/lock", headers={"X-EXTERNAL": "Leads.Ext"}),
                {"resource_path_index": 1},
                True,
            ),
            ("name-without-header", call_of("Leads/A"), {"resource_path_index": 1}, False),
            ("id-named", call_of("Leads/7"), {"id": "7"}, True),
            ("id-with-zeros", call_of("Leads/7"), {"id": "007"}, True),
            ("id-as-number", call_of("Leads/7"), {"id": 7}, True),
            ("other-id", call_of("Leads/7"), {"id": "8"}, False),
            (
                "index-and-other-id",
                call_of("Leads/7"),
                {"resource_path_index": 1, "id": "8"},
                False,
            ),
            ("one-of-many", call_of("Leads", query="ids=7%2C8"), {"id": "8"}, True),
            ("none-of-many", call_of("Leads", query="ids=7%2C8"), {"id": "9"}, False),
            (
                "id-in-the-body",
                call_of("Leads", "PUT", body={"data": [{"id": "7"}, {"id": 8}]}),
                {"api_name": "id", "json_path": "$.data[1].id"},
                True,
            ),
            (
                "id-in-an-object",
                call_of("settings/x", "PUT", body={"x": {"id": "7"}}),
                {"api_name": "id", "json_path": "$.x.id"},
                True,
            ),
            (
                "row-without-id-below-the-path",
                call_of("Leads/7", "PUT", body={"data": [{"a": 1}]}),
                {"api_name": "id", "json_path": "$.data[0].id"},
                True,
            ),
            (
                "owner",
                call_of("Leads", "POST", body={"data": [{"Owner": {"id": "7"}}]}),
                {"api_name": "id", "json_path": "$.data[0].Owner.id"},
                False,
            ),
            (
                "owner-beside-an-id",
                call_of("Leads", "PUT", body={"data": [{"id": "7", "Owner": {"id": "8"}}]}),
                {"api_name": "id", "json_path": "$.data[0].Owner.id"},
                False,
            ),
            (
                "field-with-the-id-in-the-path",
                call_of("Leads/7", "PUT", body={"data": [{"Owner": {"id": "8"}}]}),
                {"api_name": "Owner", "json_path": "$.data[0].Owner"},
                False,
            ),
            (
                "other-row",
                call_of("Leads", "PUT", body={"data": [{"id": "7"}]}),
                {"api_name": "id", "json_path": "$.data[1].id"},
                False,
            ),
            (
                "other-key",
                call_of("Leads", "PUT", body={"data": [{"id": "7"}]}),
                {"api_name": "id", "json_path": "$.rows[0].id"},
                False,
            ),
            (
                "row-and-id-of-another",
                call_of("Leads", "PUT", body={"data": [{"id": "7"}]}),
                {"api_name": "id", "json_path": "$.data[0].id", "id": "8"},
                False,
            ),
            (
                "wrong-type",
                call_of("Leads", "PUT", body={"data": [{"id": "7"}]}),
                {"api_name": "id", "json_path": "$.data[0].id", "expected_data_type": "bigint"},
                False,
            ),
            ("no-place", call_of("Leads/7"), {"api_name": "id"}, False),
            ("odd-place", call_of("Leads/7"), {"api_name": "id", "json_path": ["$"]}, False),
            ("other-field", call_of("Leads/7"), {"api_name": "Email"}, False),
            ("parameter", call_of("Leads", query="ids=7"), {"param_name": "ids"}, False),
            ("nothing-said", call_of("Leads/7"), {}, False),
            (
                "new-owner-of-a-record",
                call_of("Leads/7/actions/change_owner", "POST", body={"owner": {"id": "9"}}),
                {"api_name": "id", "json_path": "$.owner.id"},
                False,
            ),
            (
                "record-that-gets-an-owner",
                call_of("Leads/7/actions/change_owner", "POST", body={"owner": {"id": "9"}}),
                {"resource_path_index": 1},
                True,
            ),
            (
                "owner-of-many",
                call_of(
                    "Leads/actions/change_owner", "POST", body={"ids": ["7"], "owner": {"id": "9"}}
                ),
                {"api_name": "id", "json_path": "$.owner.id"},
                False,
            ),
            (
                "related-module",
                call_of("Leads/7/actions/x", "POST", body={"related_modules": [{"id": "9"}]}),
                {"api_name": "id", "json_path": "$.related_modules[0].id"},
                False,
            ),
            (
                "layout-beside-rows",
                call_of("x", "PUT", body={"x": [{"id": "7"}], "layout": {"id": "9"}}),
                {"api_name": "id", "json_path": "$.layout.id"},
                False,
            ),
            (
                "key-of-another-spelling",
                call_of("Contacts/roles", "PUT", body={"contact_roles": [{"id": "7"}]}),
                {"api_name": "id", "json_path": "$.contact_roles[0].id"},
                True,
            ),
            ("listed", call_of("x", "POST", body={"ids": ["7", 8]}), {"id": "8"}, True),
            ("not-listed", call_of("x", "POST", body={"ids": ["7"]}), {"id": "8"}, False),
            ("odd-rows", call_of("Leads", "PUT", body={"data": ["x", {}]}), {"id": "x"}, False),
            ("body-is-a-list", call_of("Leads/7", "PUT", body=[{"id": "8"}]), {"id": "7"}, True),
        )
    ],
)
def test_only_its_own_id_is_not_found(
    call: Request,
    details: dict[str, Any],
    own: bool,  # a table
) -> None:
    """An unknown module, owner or parent is wrong data; the call's own id is not found."""
    body = {"code": "INVALID_DATA", "details": details, "message": "no", "status": "error"}

    for wrapped in (body, {"data": [body]}):
        error = rejection(call, wrapped)

        assert type(error) is (NotFoundError if own else InvalidDataError)


@pytest.mark.parametrize(
    ("call", "details", "kind"),
    [
        pytest.param(
            call_of("read/7", base="/crm/bulk/v7/"), {"resource": "job_id"}, NotFoundError, id="job"
        ),
        pytest.param(call_of("read/7"), {}, NotFoundError, id="nothing-said"),
        pytest.param(
            call_of("Leads/actions/x", query="job_id=7"), {}, NotFoundError, id="job-in-the-query"
        ),
        pytest.param(call_of("read", "POST"), {}, InvalidRequestError, id="no-id"),
        pytest.param(
            call_of("Leads/7"), {"resource_path_index": 0}, InvalidRequestError, id="module"
        ),
    ],
)
@pytest.mark.parametrize("status", [400, 404])
def test_a_resource_is_not_found_if_the_call_has_an_id(
    call: Request, details: dict[str, Any], kind: type[ApiError], status: int
) -> None:
    """Zoho's RESOURCE_NOT_FOUND is about an id; a call without one has a wrong path."""
    body = {"code": "RESOURCE_NOT_FOUND", "details": details, "status": "error"}

    assert type(rejection(call, body, status)) is kind


@pytest.mark.parametrize("code", ["INVALID_MODULE", "INVALID_URL_PATTERN", "API_NOT_SUPPORTED"])
def test_a_wrong_module_is_not_an_unknown_id(code: str) -> None:
    """Nothing was looked up, so nothing is known about the id."""
    body = {"code": code, "details": {"resource_path_index": 1}, "status": "error"}

    assert type(rejection(call_of("Leads/7"), body)) is InvalidRequestError


def failure(call: ApiCall, item: dict[str, Any], own_id: str | None = None) -> ApiError:
    """Return the error for an item of a success."""
    reply = Reply(207, {"Retry-After": "9"}, {"data": [item]}, 3, "https://a.example/crm/v7/Leads")
    return error_of(results_of(reply.data, "data")[0], call, reply, own_id=own_id)


@pytest.mark.parametrize(
    ("call", "details", "own_id", "own"),
    [
        (ApiCall("DELETE", "Leads/7"), {"resource_path_index": 1}, None, True),
        (ApiCall("DELETE", "Leads", query={"ids": ["7", "8"]}), {"id": "8"}, None, True),
        (ApiCall("DELETE", "Leads", query={"ids": ["7", "8"]}), {"id": "8"}, "8", True),
        (ApiCall("DELETE", "Leads", query={"ids": ["7", "8"]}), {"id": "8"}, "7", False),
        (
            ApiCall("PUT", "Leads", body=Json({"data": [{"id": "7"}, {"id": "8"}]})),
            {"api_name": "id", "json_path": "$.data[1].id"},
            "8",
            True,
        ),
        (
            ApiCall("PUT", "Leads", body=Json({"data": ({"id": "7"}, {"id": "8"})})),
            {"api_name": "id", "json_path": "$.data[0].id"},
            "8",
            False,
        ),
    ],
)
def test_an_item_is_not_found_by_its_own_id(
    call: ApiCall,
    details: dict[str, Any],
    own_id: str | None,
    own: bool,  # a table
) -> None:
    """Of a call with several ids, each item has its own."""
    item = {"code": "INVALID_DATA", "details": details, "message": "no", "status": "error"}

    assert type(failure(call, item, own_id)) is (NotFoundError if own else InvalidDataError)


def test_a_body_without_items_names_no_id():
    """What stands under data may be anything."""
    call = ApiCall("PUT", "Leads", body=Json({"data": 5}))
    reply = Reply(400, {}, None, 1)
    result = Result("INVALID_DATA", "error", "no", {"api_name": "id", "json_path": "$.data.id"})
    assert type(error_of(result, call, reply)) is InvalidDataError
