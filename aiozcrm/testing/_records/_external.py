"""Ids of other systems, in the place of Zoho's own.

Source: https://www.zoho.com/crm/developer/docs/api/v7/get-records-ext.html and its neighbours.
"""

from __future__ import annotations

from typing import Any, Self

import attrs

from aiozcrm.testing._records._store import Store
from aiozcrm.testing._wire._answer import rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["External"]


@attrs.frozen
class External:
    """The external field of the module at hand, as the header ``X-EXTERNAL`` names it.

    Attributes:
        field: Its API name.
    """

    field: str

    @classmethod
    def of(cls, call: Call, of_module: str = "") -> Self | None:
        """Return the field that a call names for a module, None if it names none.

        Fields that others lead to have a longer path in the header.

        Args:
            call: The call.
            of_module: The module; empty for that of the path.
        """
        wanted = of_module or call.segments[0]
        for name in call.headers.get("X-EXTERNAL", "").split(","):
            module, _, field = name.strip().partition(".")
            if module == wanted and field and "." not in field:
                return cls(field)
        return None

    def find(self, store: Store, value: Any) -> str:
        """Return the id of the record with that value; empty if there is none.

        Raises:
            RejectedError: If the field holds no external ids.
        """
        field = store.module.fields.get(self.field)
        if field is None or not field.external:
            place = {"header_name": "X-EXTERNAL", "api_name": self.field}
            raise rejected(400, "INVALID_DATA", "invalid data", **place)
        return next(iter(store.find(self.field, value)), "")

    @classmethod
    def told(cls, call: Call, store: Store, record_id: str) -> dict[str, Any]:
        """Return the external id of a record, for answers to calls that use one."""
        external = cls.of(call, store.module.api_name)
        return {external.field: store.rows[record_id].get(external.field)} if external else {}
