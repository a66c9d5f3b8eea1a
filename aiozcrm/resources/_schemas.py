"""What the org's modules consist of, read once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiozcrm._transport import alone
from aiozcrm.resources._api import Api

if TYPE_CHECKING:
    from aiozcrm.resources.fields import Field

__all__ = ["field_names", "fields_of"]

#: Types of fields that a list of records cannot hold.
#: https://www.zoho.com/crm/developer/docs/api/v7/get-records.html
_NOT_IN_LISTS = frozenset({"subform", "multiselectlookup", "multiuserlookup"})


async def fields_of(api: Api, module: str) -> Sequence[Field]:
    """Return the fields of a module, from the first answer about it.

    Raises:
        aiozcrm.errors.ZohoError: If the call failed; the class says why.
    """
    known = api.fields.get(module)
    if known is None:
        from aiozcrm.resources.fields import Fields  # noqa: PLC0415  # few need it

        with alone():
            known = api.fields[module] = await Fields(api, module=module).list()
    return known


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
