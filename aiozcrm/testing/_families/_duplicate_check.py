"""Where the org looks for duplicates of new records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_object, succeeded
from aiozcrm.testing._schema._field import Field, ItemError, missing
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call, Family, Operation

__all__ = ["DuplicateCheck"]

_KEY: Final = "duplicate_check_preference"
_TYPE: Final = Field(
    api_name="type", mandatory=True, values=("converted_records", "mapped_module_records")
)
_CONFIGURATIONS: Final = Field(api_name="type_configurations", type="subform")


class DuplicateCheck(Family):
    """The duplicate check of an org's leads; at first it is off.

    Args:
        context: The org.
    """

    _kept = ("shown",)

    def __init__(self, context: OrgContext) -> None:
        self._context = context
        #: As the API shows it; None if it is off.
        self.shown: dict[str, Any] | None = None

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about the check."""
        return tuple(
            Operation(line=f"{method} /settings/{_KEY}", run=run, verb=verb, family=_KEY)
            for method, run, verb in (
                ("GET", self._get, "get"),
                ("POST", self._create, "create"),
                ("PUT", self._update, "update"),
                ("DELETE", self._delete, "delete"),
            )
        )

    def _get(self, call: Call) -> Answer:
        return Answer(200, {_KEY: self._current(call)})

    def _create(self, call: Call) -> Answer:
        self._check_module(call)
        if self.shown is not None:
            raise rejected(400, "ALREADY_CONFIGURED", "the check is on")
        return self._save(call, "create", "enabled")

    def _update(self, call: Call) -> Answer:
        self._current(call)
        return self._save(call, "update", "updated")

    def _delete(self, call: Call) -> Answer:
        self._current(call)
        self.shown = None
        self._context.stats.note_done("delete", _KEY, "Leads")
        return Answer(200, {_KEY: succeeded("Duplicate check disabled successfully.", {})})

    def _save(self, call: Call, verb: str, word: str) -> Answer:
        def save(item: Mapping[str, Any]) -> Mapping[str, Any]:
            path, kind = f"$.{_KEY}", item.get("type")
            if kind is None:
                raise missing(_TYPE, f"{path}.type")
            _TYPE.check(kind, f"{path}.type")
            given = item.get("type_configurations")
            if kind == "mapped_module_records" and not given:
                place = {"json_path": f"{path}.type_configurations"}
                dependee = {"api_name": "type", "json_path": f"{path}.type"}
                details = {"api_name": "type_configurations", "dependee": dependee, **place}
                raise ItemError("DEPENDENT_FIELD_MISSING", "dependent field is missing", details)
            if given is not None:
                _CONFIGURATIONS.check(given, f"{path}.type_configurations")
            self.shown = {"type": kind, "type_configurations": given}
            self._context.stats.note_done(verb, _KEY, "Leads")
            return {}

        return answer_object(call, _KEY, save, f"Duplicate check {word} successfully.")

    def _check_module(self, call: Call) -> None:
        if self._context.schema.known(call.query["module"]).api_name != "Leads":
            raise rejected(
                400, "FEATURE_NOT_SUPPORTED", "only Leads have this", param_name="module"
            )

    def _current(self, call: Call) -> dict[str, Any]:
        self._check_module(call)
        if self.shown is None:
            raise rejected(400, "FEATURE_NOT_SUPPORTED", "the check is not enabled")
        return self.shown
