"""Reads the schema of a module, with what other modules tell of its subforms."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aiozcrm._protocol import plain_text
from aiozcrm.errors import ApiError, AuthenticationError, RateLimitError, ServerError
from aiozcrm.events import logger
from aiozcrm.resources._api import Api
from aiozcrm.resources._schemas import fields_of
from aiozcrm.resources.schema._schema import Schema

if TYPE_CHECKING:
    from aiozcrm.resources.modules import Module

__all__ = ["read_schema"]

T = TypeVar("T")

#: What says nothing about what was asked for.
_TROUBLE: Final = (AuthenticationError, RateLimitError, ServerError)


async def read_schema(api: Api, module: str, *, refresh: bool) -> Schema:
    """Return the schema of a module.

    Args:
        api: Makes the calls, and knows what has been read already.
        module: The API name of the module.
        refresh: Whether to read everything again.

    Raises:
        aiozcrm.errors.NotFoundError: If there is no such module.
        aiozcrm.errors.ZohoError: If a call failed; the class says why.
    """
    module = plain_text(module)
    if refresh:
        api.schemas.forget(module)

    async def read() -> Schema:
        from aiozcrm.resources.layouts import Layouts  # noqa: PLC0415  # few need it
        from aiozcrm.resources.modules import Modules  # noqa: PLC0415  # few need it

        told: Module = await Modules(api).get(module)
        fields = {field["api_name"]: field for field in await fields_of(api, module)}
        layouts = await _if_shown(Layouts(api, module=module).list(), f"the layouts of {module}")
        subforms = {}
        for name, field in fields.items():
            if row_module := _subform_module(field):
                if refresh:
                    api.schemas.forget(row_module)
                rows = await _if_shown(fields_of(api, row_module), f"the fields of {row_module}")
                if rows:
                    subforms[name] = {row["api_name"]: row for row in rows}
        return Schema(module=told, fields=fields, layouts=layouts, subforms=subforms)

    schema: Schema = await api.schemas.get(module, "schema", read)
    return schema


async def _if_shown(reading: Awaitable[T], what: str) -> T | None:
    """Return what a call reads; None if Zoho does not show it."""
    try:
        return await reading
    except _TROUBLE:
        raise
    except ApiError as error:
        logger.debug("%s are not known: %s", what, error)
        return None


def _subform_module(field: Mapping[str, Any]) -> str:
    """Return the API name of the module that holds the rows of a subform; empty if unknown."""
    if field.get("data_type") != "subform":
        return ""
    for key in ("subform", "associated_module"):
        told = field.get(key)
        module = told.get("module") if isinstance(told, Mapping) else None
        name = module.get("api_name") if isinstance(module, Mapping) else module
        if isinstance(name, str) and name:
            return name
    return ""
