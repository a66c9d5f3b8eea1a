"""What the edition of an org allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Call, Operation

__all__ = ["Features"]


def _complete(feature: Thing) -> Mapping[str, Any]:
    label = feature["api_name"].replace("_", " ").capitalize()
    return {
        "feature_label": feature["feature_label"] or label,
        "module_supported": bool(feature["module_supported"]),
        "parent_feature": None,
        "components": feature.get("components") or [],
    }


def _allowed(api_name: str, number: int) -> Thing:
    limits = {"edition_limit": number, "total": number}
    return {"api_name": api_name, "details": {"limits": limits}}


_FEATURES: Final = Plain(
    path="/__features",
    key="__features",
    fields=(
        Field(api_name="api_name", mandatory=True),
        Field(api_name="feature_label"),
        Field(api_name="module_supported", type="boolean"),
        Field(api_name="details", type="any", mandatory=True),
    ),
    first_id=638001,
    verbs=("get",),
    named=True,
    member="{feature}",
    stamped=False,
    info=True,
    per_page=200,
    complete=_complete,
    at_first=(_allowed("global_picklists", 10), _allowed("custom_modules", 100)),
)


class Features(Collection):
    """What the edition of an org allows, and its licences for users.

    Args:
        context: The org.
        users: Returns how many users have a licence.
    """

    def __init__(self, context: OrgContext, users: Callable[[], int]) -> None:
        super().__init__(context, _FEATURES)
        self._users = users
        #: How many licences for users the org has.
        self.licenses: int = 10

    def _operations(self) -> Iterable[Operation]:
        yield self._operation("GET /__features/user_licenses", self._tell_licenses, "get")
        yield from super()._operations()

    def _is_asked_for(self, thing: Thing, call: Call) -> bool:
        names = call.query.get("api_names")
        return not names or thing["api_name"] in names.split(",")

    def _show(self, thing: Thing) -> Thing:
        # Features have names, and no ids.
        return {name: value for name, value in super()._show(thing).items() if name != "id"}

    def _tell_licenses(self, _call: Call) -> Answer:
        used = self._users()
        counts = {"available_count": self.licenses - used, "used_count": used}
        totals = {name: {"total": total} for name, total in counts.items()}
        told = {
            "components": None,
            "api_name": "user_licenses",
            "parent_feature": None,
            "module_supported": False,
            "details": {**totals, "limits": {"total": self.licenses}},
            "feature_label": "User Licenses",
        }
        return Answer(200, {"__features": [told]})
