"""Calls about several items: each succeeds or fails by itself, under the key that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiozcrm.testing._schema._field import ItemError
from aiozcrm.testing._wire._answer import Answer, error, rejected
from aiozcrm.testing._wire._call import Call, is_number

__all__ = [
    "answer_items",
    "answer_object",
    "read_body_ids",
    "read_ids",
    "read_items",
    "succeeded",
]


def read_items(call: Call, key: str, *, most: int) -> list[Any]:
    """Return the items in a call's body.

    Args:
        call: The call.
        key: The key that holds them.
        most: How many there may be.

    Raises:
        RejectedError: If there are none, or too many.
    """
    place = {"api_name": key, "json_path": f"$.{key}"}
    items = call.json_object().get(key)
    if items is None:
        raise rejected(400, "MANDATORY_NOT_FOUND", "required field not found", **place)
    if not isinstance(items, list):
        raise rejected(400, "INVALID_DATA", "invalid data", expected_data_type="jsonarray", **place)
    if not items:
        raise rejected(400, "INVALID_DATA", "invalid data", minimum_length=1, **place)
    if len(items) > most:
        raise rejected(400, "INVALID_DATA", "invalid data", maximum_length=most, **place)
    return items


def read_ids(call: Call, *, most: int, external: bool = False) -> list[str]:
    """Return the ids in a call's query.

    Args:
        call: The call.
        most: How many there may be.
        external: Whether they are ids of another system, which need not be numbers.

    Raises:
        RejectedError: If there are none, too many, or what is no id.
    """
    ids = call.query.get("ids", "").split(",")
    if ids == [""]:
        message = "One of the expected parameter is missing"
        raise rejected(400, "REQUIRED_PARAM_MISSING", message, param_name="ids")
    if len(ids) > most:
        raise rejected(400, "LIMIT_EXCEEDED", "limit exceeded", limit=most, param_name="ids")
    if not external and not all(map(is_number, ids)):
        message = "either the request body or parameters is in wrong format"
        raise rejected(400, "UNABLE_TO_PARSE_DATA_TYPE", message, param_name="ids")
    return ids


def read_body_ids(body: Mapping[str, Any], *, most: int = 500) -> list[Any]:
    """Return the ids in a call's body.

    Raises:
        RejectedError: If there are none, or too many.
    """
    ids = body.get("ids")
    place = {"api_name": "ids", "json_path": "$.ids"}
    if not isinstance(ids, list) or not ids:
        raise rejected(400, "MANDATORY_NOT_FOUND", "required field not found", **place)
    if len(ids) > most:
        raise rejected(400, "LIMIT_EXCEEDED", "limit exceeded", limit=most, **place)
    return ids


def succeeded(
    message: str, details: Mapping[str, Any], *, code: str = "SUCCESS", **more: Any
) -> dict[str, Any]:
    """Return what is said of an item with which all went well."""
    return {"code": code, **more, "details": details, "message": message, "status": "success"}


def answer_items(
    key: str,
    items: Iterable[Any],
    do: Callable[[int, Any], Mapping[str, Any]],
    *,
    success: int = 200,
    mixed: int = 207,
    **more: Any,
) -> Answer:
    """Do something with each item, and answer what became of each.

    Args:
        key: The key that holds the results.
        items: The items.
        do: Takes the place of an item and the item, and returns its result.
        success: The HTTP status if all went well.
        mixed: The HTTP status if some did and some did not.
        **more: What stands beside the results.
    """
    results: list[Mapping[str, Any]] = []
    statuses: list[int] = []
    for index, item in enumerate(items):
        try:
            results.append(do(index, item))
        except ItemError as problem:
            results.append(error(problem.code, problem.message, problem.details))
            statuses.append(problem.status)
    status = success if not statuses else statuses[0] if len(statuses) == len(results) else mixed
    return Answer(status, {key: results, **more})


def answer_object(
    call: Call,
    key: str,
    do: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    message: str,
    *,
    success: int = 200,
) -> Answer:
    """Do something with the one thing in a call's body, which is an object both ways.

    Args:
        call: The call.
        key: The key that holds it.
        do: Takes it, and returns the details of the result.
        message: What is said of it.
        success: The HTTP status if all went well.

    Raises:
        RejectedError: If there is none.
    """
    item = call.json_object().get(key)
    if not isinstance(item, dict):
        place = {"api_name": key, "json_path": f"$.{key}"}
        raise rejected(400, "MANDATORY_NOT_FOUND", "required field not found", **place)
    try:
        return Answer(success, {key: succeeded(message, do(item))})
    except ItemError as problem:
        told = error(problem.code, problem.message, problem.details)
        return Answer(problem.status, {key: told})
