"""What the org's modules consist of, read once for all that need it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from aiozcrm._transport import alone

if TYPE_CHECKING:
    from aiozcrm.resources._api import Api
    from aiozcrm.resources.fields import Field

__all__ = ["SchemaCache", "field_names", "fields_of"]

#: Types of fields that a list of records cannot hold.
#: https://www.zoho.com/crm/developer/docs/api/v7/get-records.html
_NOT_IN_LISTS: Final = frozenset({"subform", "multiselectlookup", "multiuserlookup"})


class SchemaCache:
    """What has been read of modules: each part of each module once, however many wait for it."""

    def __init__(self) -> None:
        self._modules: dict[str, dict[str, Any]] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def get(self, module: str, part: str, read: Callable[[], Awaitable[Any]]) -> Any:
        """Return a part of what a module consists of.

        Args:
            module: The API name of the module.
            part: The part, such as ``fields``.
            read: Reads it, if it is not known yet.

        Raises:
            aiozcrm.errors.ZohoError: If it could not be read; the next caller tries again.
        """
        # What is forgotten while it is read is not kept.
        known = self._modules.setdefault(module, {})
        async with self._locks.setdefault((module, part), asyncio.Lock()):
            if part not in known:
                with alone():
                    known[part] = await read()
            return known[part]

    def forget(self, module: str) -> None:
        """Forget what is known of a module, so that it is read again."""
        self._modules.pop(module, None)


async def fields_of(api: Api, module: str) -> Sequence[Field]:
    """Return the fields of a module.

    Raises:
        aiozcrm.errors.ZohoError: If the call failed; the class says why.
    """

    async def read() -> Sequence[Field]:
        from aiozcrm.resources.fields import Fields  # noqa: PLC0415  # few need it

        found: Sequence[Any] = await Fields(api, module=module).list()
        # Nothing can be done with a field that has no name; the others can be used all the same.
        return [field for field in found if isinstance(field.get("api_name"), str)]

    fields: Sequence[Field] = await api.schemas.get(module, "fields", read)
    return fields


async def field_names(api: Api, module: str) -> list[str]:
    """Return the API names of the fields that a list of the module's records can hold.

    Raises:
        aiozcrm.errors.ZohoError: If the call failed; the class says why.
    """
    return [
        field["api_name"]
        for field in await fields_of(api, module)
        if field.get("data_type") not in _NOT_IN_LISTS
    ]
