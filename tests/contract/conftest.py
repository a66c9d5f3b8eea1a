"""What the calls of the catalogue are made with, by the names that stand in them."""

from __future__ import annotations

import ast
import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from aiozcrm import ZohoCRM

#: What each name in a call stands for, unless a row says otherwise.
_VALUES: Final[Mapping[str, Any]] = {
    "changes": {"Name": "Example"},
    "channels": [{"channel_id": "1000000068001", "events": ["Leads.create"]}],
    "events": ["Leads.create"],
    "field": "External_Id__c",
    "id": "1000000000101",
    "ids": ["1000000000101", "1000000000102"],
    "item": {"name": "Example"},
    "items": [{"id": "1000000000101", "name": "Example"}],
    "job_id": "1000000000301",
    "layout_id": "1000000000201",
    "module": "Leads",
    "portal": "Example",
    "record_id": "1000000000102",
    "related_id": "1000000000103",
    "related_list": "Notes",
    "job": "1000000000301",
    "select": "select Last_Name from Leads where id is not null",
    "subform_module": "Skills",
    "territory_id": "1000000000104",
    "url": "https://download-accl.zoho.com/v2/crm/1/backup/2/3.zip",
    "user_id": "1000000000105",
    "user_type_id": "1000000000106",
    "value": "A/1 50%",
}

#: What each option of a call stands for, where a call shows it as an ellipsis.
_OPTIONS: Final[Mapping[str, Any]] = {
    "active": True,
    "assign_to": {"id": "1000000000105"},
    "attachment_url": "https://files.example.org/offer.pdf",
    "cadences_ids": ["1000000000109"],
    "convert_to": [{"module": {"api_name": "Sales_Orders"}}],
    "fields_attachment_id": "1000000000110",
    "layout": {"id": "1000000000201"},
    "layout_id": "1000000000201",
    "message_id": "c0ffee",
    "name": "offer.pdf",
    "owner": {"id": "1000000000105"},
    "tags": ["Important"],
    "unblock_fields": ["Email"],
    "user_type_id": "1000000000106",
    "criteria": "(Last_Name:equals:Burns)",
    "cvid": "1000000000107",
    "fields": ["Last_Name"],
    "module": "Leads",
    "transfer_to": "1000000000108",
    "transfer_to_id": "1000000000108",
    "type": "AllUsers",
    "user_id": "1000000000105",
}

#: Arguments of one row, where those above cannot be right.
_OF_ROW: Final[Mapping[str, Mapping[str, Any]]] = {
    "create-unsubscribe-link#1": {
        "item": {
            "name": "Example",
            "page_type": "standard",
            "submission_action_type": "display_message",
            "submission_message": "See you.",
        }
    },
    "update-unsubscribe-link#1": {"changes": {"name": "Example"}},
    "update-records-ext#2": {"items": [{"External_Id__c": "A/1", "Last_Name": "Burns"}]},
    "bulk-read/create-job#1": {"item": {"query": {"module": {"api_name": "Leads"}}}},
    "bulk-write/create-job#1": {
        "item": {
            "operation": "insert",
            "resource": [
                {"type": "data", "module": {"api_name": "Leads"}, "file_id": "1000000000301"}
            ],
        }
    },
    # A state names the address of the file.
    "bulk-write/download-result#1": {
        "job": "https://download-accl.zoho.com/v2/crm/1/bulk-write/2/2.zip"
    },
    "download-export-audit-log-result#1": {
        "job": "https://download.zoho.com/v2/crm/1/auditlog/2/AuditLog.zip"
    },
    "download-export-audit-log-result#2": {
        "job": "https://download.zoho.com/v2/crm/1/auditlog/2/AuditLog.csv"
    },
    # Zoho changes one user a call.
    "update-user#1": {"items": [{"id": "1000000000101", "status": "active"}]},
}


async def _make_call(zoho: ZohoCRM, row: Mapping[str, Any], folder: Path) -> Any:
    """Make the call of a row of the catalogue and return what comes back, read to its end.

    Args:
        zoho: The client.
        row: The row.
        folder: Where downloads go and uploads come from.
    """
    file = folder / "upload.png"
    if not file.exists():
        file.write_bytes(b"example")
    given = {"requests": [zoho.org.get()]} if "(requests)" in row["call"] else {}
    made = _evaluate(_parse(row), row, zoho=zoho, file=file, to=folder / "download", **given)
    if inspect.isawaitable(made):
        return await made
    if hasattr(made, "state"):
        return await made.state()
    if hasattr(made, "__aiter__"):
        return [item async for item in made]
    await asyncio.sleep(0)
    return made


def _parse(row: Mapping[str, Any]) -> ast.Expression:
    """Return the call of a row, its ellipses filled."""
    return _parse_call(row["id"], row["call"])


@functools.cache
def _parse_call(row_id: str, call: str) -> ast.Expression:
    options = {**_OPTIONS, **_OF_ROW.get(row_id, {})}
    tree: ast.Expression = _Filled(options).visit(ast.parse(call, mode="eval"))
    return ast.fix_missing_locations(tree)


def _evaluate(tree: ast.Expression, row: Mapping[str, Any], **given: Any) -> Any:
    """Return what a call, or a part of it, comes to."""
    names = {**_VALUES, **given, **_OF_ROW.get(row["id"], {})}
    return eval(compile(tree, row["id"], "eval"), {}, names)  # noqa: S307  # our own table


class _Filled(ast.NodeTransformer):
    """A call whose ellipses are replaced by values."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:  # the name is ast's
        value = node.value
        if isinstance(value, ast.Constant) and value.value is ... and node.arg is not None:
            filled = ast.parse(repr(self._options[node.arg]), mode="eval").body
            return ast.keyword(arg=node.arg, value=filled)
        return node


@pytest.fixture
def make_call() -> Callable[[ZohoCRM, Mapping[str, Any], Path], Awaitable[Any]]:
    """A function that makes the call of a row and returns what comes back, read to its end."""
    return _make_call


@pytest.fixture
def method_of() -> Callable[[ZohoCRM, Mapping[str, Any]], Any]:
    """A function that returns the bound method that makes the call of a row."""

    def method(zoho: ZohoCRM, row: Mapping[str, Any]) -> Any:
        call = _parse(row).body
        assert isinstance(call, ast.Call)
        return _evaluate(ast.Expression(call.func), row, zoho=zoho)

    return method
