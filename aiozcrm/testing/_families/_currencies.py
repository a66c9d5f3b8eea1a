"""The currencies of an org, and the base currency among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_object
from aiozcrm.testing._schema._field import Field, ItemError, invalid, unknown_id
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call, Operation

__all__ = ["Currencies"]

_BASE: Final = "base_currency"
_BASE_PATH: Final = "/org/currencies/actions/enable"
_MOST_ACTIVE: Final = 10
_FORMAT: Final[Mapping[str, Any]] = {"decimal_separator": "Period", "thousand_separator": "Comma"}

_CURRENCIES: Final = Plain(
    path="/org/currencies",
    key="currencies",
    fields=(
        Field(api_name="name", mandatory=True, unique=True, fixed=True, length=50),
        Field(api_name="iso_code", mandatory=True, unique=True, fixed=True, length=3),
        Field(api_name="exchange_rate", type="any", mandatory=True),
        Field(api_name="symbol", length=10),
        Field(api_name="prefix_symbol", type="boolean"),
        Field(api_name="is_active", type="boolean"),
        Field(api_name="format", type="lookup"),
    ),
    first_id=618001,
    verbs=("get", "create", "update"),
    created=200,
    said=("The currency created successfully.", "The currency updated successfully.", ""),
)


class Currencies(Collection):
    """The currencies of an org; the euro is its base currency at first.

    Without any, multi-currency is off until the base currency is enabled.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        super().__init__(context, _CURRENCIES)
        self.add(name="Euro - EUR", iso_code="EUR", symbol="€", exchange_rate="1", is_base=True)

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        yield self._operation(f"POST {_BASE_PATH}", self._enable, "create")
        yield self._operation(f"PUT {_BASE_PATH}", self._update_base, "update")

    def _create(self, call: Call) -> Answer:
        if not self._things:
            message = "multi-currency is not enabled"
            raise rejected(403, "CURRENCIES_NOT_ENABLED", message)
        return super()._create(call)

    def _enable(self, call: Call) -> Answer:
        if self._things:
            message = "The multi-currency feature is enabled already."
            raise rejected(400, "ALREADY_ENABLED", message)
        message = (
            "The multi-currency feature is enabled and given currency is created as the base "
            "currency."
        )

        def enable(item: Any) -> Mapping[str, Any]:
            thing = self._keep({**self._read(item, 0, None, ""), "is_base": True})
            self._context.stats.note_done("create", self._row.key, thing["id"], thing["name"])
            return {"id": thing["id"]}

        return answer_object(call, _BASE, enable, message)

    def _update_base(self, call: Call) -> Answer:
        def update(item: Any) -> Mapping[str, Any]:
            for thing in self._things.values():
                if thing["is_base"] and item.get("id") in (None, thing["id"]):
                    super(Currencies, self)._change(thing, item, 0)
                    return {"id": thing["id"]}
            details = {"api_name": "id", "json_path": f"$.{_BASE}.id"}
            raise unknown_id(**details)

        return answer_object(call, _BASE, update, "The base currency is updated.")

    def _change(self, thing: Thing, item: Any, index: int) -> Mapping[str, Any]:
        if thing["is_base"]:
            details = {"api_name": "id", "json_path": f"$.{self._row.key}[{index}].id"}
            raise ItemError("NOT_ALLOWED", "the base currency has a call of its own", details)
        return super()._change(thing, item, index)

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        shape = thing.get("format") or {}
        separators = (shape.get("decimal_separator"), shape.get("thousand_separator"))
        if separators[0] is not None and separators[0] == separators[1]:
            details = {"api_name": "format", "json_path": f"{path}.format"}
            raise ItemError("NOT_ALLOWED", "the separators must differ", details)
        others = [other for other in self._things.values() if other["id"] != thing.get("id")]
        if (
            thing.get("is_active") is not False
            and sum(o["is_active"] for o in others) >= _MOST_ACTIVE
        ):
            message = "too many active currencies"
            raise ItemError("ACTIVE_STATE_LIMIT_EXCEEDED", message, {"limit": _MOST_ACTIVE})
        try:
            is_rate = isfinite(float(thing["exchange_rate"]))
        except (TypeError, ValueError, OverflowError):
            is_rate = False
        if not is_rate:
            field = Field(api_name="exchange_rate")
            raise invalid(field, f"{path}.exchange_rate", expected_data_type="double")

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        places = {"decimal_places": str((thing.get("format") or {}).get("decimal_places", 2))}
        return {
            "exchange_rate": f"{float(thing['exchange_rate']):.9f}",
            "prefix_symbol": thing.get("prefix_symbol") is not False,
            "is_active": thing.get("is_active") is not False,
            "is_base": thing.get("is_base", False),
            "format": {**_FORMAT, **(thing.get("format") or {}), **places},
        }

    def _make_up(self, field: Field) -> Any:
        number = len(self._things)
        made_up = {"iso_code": f"X{number:02}", "exchange_rate": "2"}
        return made_up.get(field.api_name) or super()._make_up(field)
