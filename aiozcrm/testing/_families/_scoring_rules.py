"""The rules that give records points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import succeeded
from aiozcrm.testing._schema._field import Field, ItemError, invalid
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call, Operation

__all__ = ["ScoringRules"]

_KEY: Final = "scoring_rules"
_MOST_ACTIVE: Final = 5
_SCORES: Final = range(-10, 11)
_SIGNALS_IN: Final = frozenset({"Leads", "Contacts"})

_RULES: Final = Plain(
    path=f"/settings/automation/{_KEY}",
    key=_KEY,
    fields=(
        Field(api_name="name", mandatory=True, unique=True, length=25),
        Field(api_name="description", length=500),
        Field(api_name="module", type="lookup", mandatory=True, fixed=True),
        Field(api_name="layout", type="lookup"),
        Field(api_name="field_rules", type="subform"),
        Field(api_name="signal_rules", type="subform"),
    ),
    first_id=228001,
    verbs=("get", "create", "update", "delete", "delete_many"),
    said=(
        "scoring rule created successfully",
        "scoring rule updated successfully",
        "scoring rule deleted successfully",
    ),
    filters={
        "module": "module.api_name",
        "layout_id": "layout.id",
        "active": "active",
        "name": "name",
    },
    info=True,
    per_page=200,
)


class ScoringRules(Collection):
    """The scoring rules of an org.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        super().__init__(context, _RULES)
        self._part_ids = context.ids(228501)

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        one = f"{self._row.path}/{{id}}/actions"
        yield self._operation(f"PUT {one}/activate", self._switch(active=True), "activate")
        yield self._operation(f"DELETE {one}/activate", self._switch(active=False), "deactivate")
        yield self._operation(f"POST {one}/clone", self._clone, "clone")

    def _is_asked_for(self, thing: Thing, call: Call) -> bool:
        # A boolean is written in another way than Python's.
        shown = {**thing, "active": str(thing["active"]).lower()}
        return super()._is_asked_for(shown, call)

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        module = self._context.schema.find(str(thing["module"].get("api_name")))
        if module is None:
            raise invalid(Field(api_name="module"), f"{path}.module")
        if thing.get("signal_rules") and module.api_name not in _SIGNALS_IN:
            place = {"api_name": "signal_rules", "json_path": f"{path}.signal_rules"}
            raise ItemError("NOT_SUPPORTED", "only for Leads and Contacts", place)
        for name in ("field_rules", "signal_rules"):
            for number, rule in enumerate(thing.get(name) or []):
                if rule.get("score") not in _SCORES and "_delete" not in rule:
                    where = f"{path}.{name}[{number}].score"
                    raise invalid(Field(api_name="score"), where, range="-10 to 10")

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        module = self._context.schema.known(thing["module"]["api_name"])
        parts = {
            name: [
                rule if "id" in rule else {"id": next(self._part_ids), **rule}
                for rule in thing[name] or []
                if "_delete" not in rule
            ]
            for name in ("field_rules", "signal_rules")
        }
        layout = thing["layout"] or module.layout
        return {
            **parts,
            "module": module.reference,
            "layout": {"id": str(layout.get("id")), "api_name": module.layout["api_name"]},
            "active": thing.get("active", False),
        }

    def _switch(self, *, active: bool) -> Callable[[Call], Answer]:
        """Return what carries out calls that activate or deactivate a rule."""
        verb, code = ("activate", "ACTIVATED") if active else ("deactivate", "DEACTIVATED")

        def switch(call: Call) -> Answer:
            rule = self._target_of(call)
            if rule["active"] is active:
                raise rejected(400, f"ALREADY_{code}", f"the rule is {code.lower()}")
            if active and sum(other["active"] for other in self._things.values()) >= _MOST_ACTIVE:
                message = "too many rules are active"
                raise rejected(400, "ACTIVE_STATE_LIMIT_EXCEEDED", message, limit=_MOST_ACTIVE)
            rule["active"] = active
            self._context.stats.note_done(verb, _KEY, rule["id"])
            return Answer(200, {_KEY: [succeeded(f"scoring rule {verb}d", {"id": rule["id"]})]})

        return switch

    def _clone(self, call: Call) -> Answer:
        rule = self._target_of(call)
        names = {field.api_name for field in self._row.fields}
        values = {name: value for name, value in rule.items() if name in names}
        name = f"{rule['name'][:18]} copy {len(self._things)}"
        copy = self._keep({**values, "name": name[:25], "active": False})
        self._context.stats.note_done("clone", _KEY, copy["id"], copy["name"])
        told = succeeded("scoring rule cloned successfully", {"id": copy["id"]})
        return Answer(200, {_KEY: [told]})
