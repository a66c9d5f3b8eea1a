"""The portals of an org, their types of users, and their users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, succeeded
from aiozcrm.testing._families._paging import size_of
from aiozcrm.testing._schema._field import Field, ItemError, invalid, unknown_id
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected, wrong_id
from aiozcrm.testing._wire._call import Call, Operation

__all__ = ["PortalUserTypes", "Portals"]

_PORTALS: Final = Plain(
    path="/settings/portals",
    key="portals",
    fields=(
        Field(api_name="name", mandatory=True, length=50),
        Field(api_name="active", type="boolean"),
    ),
    first_id=652001,
    verbs=("get", "create", "update_one"),
    named=True,
    member="{portal}",
    per_call=1,
    created=200,
    said=("portal created", "portal updated", ""),
)


class Portals(Collection):
    """The portals of an org; they have names and no ids.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        super().__init__(context, _PORTALS)

    def _find(self, name: str) -> Thing | None:
        return next((thing for thing in self._things.values() if thing["name"] == name), None)

    def _check(self, thing: Thing, path: str) -> None:
        place = {"api_name": "name", "json_path": f"{path}.name"}
        if not thing["name"].isalnum():
            raise ItemError("PATTERN_NOT_MATCHED", "pattern not matched", place)
        other = self._find(thing["name"])
        if other is not None and other["id"] != thing.get("id"):
            raise ItemError("ALREADY_USED", "the name is taken", place)

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        return {"active": thing["active"] is not False, "zaid": thing["id"][-8:]}

    def _show(self, thing: Thing) -> Thing:
        return {name: value for name, value in super()._show(thing).items() if name != "id"}

    def _succeed(self, verb: int, thing: Thing) -> Mapping[str, Any]:
        return succeeded(self._row.said[verb], {"name": thing["name"]})


_MOST_USERS: Final = 499
_TYPES: Final = Plain(
    path="/settings/portals/{portal}/user_type",
    key="user_type",
    fields=(
        Field(api_name="name", mandatory=True, unique=True, length=50),
        Field(api_name="active", type="boolean"),
        Field(api_name="personality_module", type="lookup", mandatory=True, fixed=True),
        Field(api_name="modules", type="subform", mandatory=True),
    ),
    first_id=653001,
    verbs=("get", "create", "update_one", "delete"),
    most=5,
    member="{user_type_id}",
    bound="portal",
    created=200,
    per_call=1,
    said=("user type created", "user type updated", "user type deleted"),
    stamped=False,
)
_KINDS: Final[Mapping[str, Callable[[Thing], bool]]] = {
    "AllUsers": lambda _: True,
    "AllActiveUsers": lambda user: user["active"],
    "ActiveUsers": lambda user: user["active"],
    "DeactiveUsers": lambda user: not user["active"],
    "NotConfirmedUsers": lambda user: not user["confirm"],
    "ConfirmedUsers": lambda user: user["confirm"],
    "ActiveConfirmedUsers": lambda user: user["active"] and user["confirm"],
}


class PortalUserTypes(Collection):
    """The types of users of an org's portals, with their users.

    Args:
        context: The org.
        portals: Its portals.
    """

    _kept = ("_things", "users")

    def __init__(self, context: OrgContext, portals: Collection) -> None:
        super().__init__(context, _TYPES)
        self._portals = portals
        self._user_ids = context.ids(654001)
        #: The users of a type, by its id: as the API shows them.
        self.users: dict[str, list[Thing]] = {}

    def add_user(self, user_type_id: str, **values: Any) -> str:
        """Add a user and return the ``personality_id``.

        Args:
            user_type_id: The type.
            **values: What is set of the user.
        """
        own = next(self._user_ids)
        user = {
            "personality_id": own,
            "name": f"Customer {own[-3:]}",
            "email": f"customer{own[-3:]}@bindery.example",
            "module": "Contacts",
            "active": True,
            "confirm": True,
            "invited_time": self._context.now(),
            "status_reason__s": None,
            **values,
        }
        self.users.setdefault(user_type_id, []).append(user)
        return own

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        people = f"{self._row.path}/{self._row.member}/users"
        for line, run, verb in (
            (f"GET {people}", self._list_users, "list"),
            (f"DELETE {people}", self._delete_users, "delete"),
            (f"POST {people}/action/transfer", self._transfer, "transfer"),
            (f"PUT {people}/{{user_id}}/actions/change_status", self._switch, "change_status"),
        ):
            yield self._operation(line, run, verb)

    def _owner(self, call: Call) -> str:
        portal = super()._owner(call)
        if portal not in {self._portals.get(own)["name"] for own in self._portals.ids}:
            raise wrong_id(2)
        return portal

    def _target_of(self, call: Call) -> Thing:
        self._owner(call)
        thing = self._find(call.params["user_type_id"])
        if thing is None or thing["_portal"] != call.params["portal"]:
            raise wrong_id(4)
        return thing

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        place = f"{path}.personality_module"
        if self._context.schema.find(str(thing["personality_module"].get("api_name"))) is None:
            details = {"api_name": "personality_module", "json_path": place}
            raise ItemError("NOT_ACTIVE_PERSONALITY_MODULE", "the module is not active", details)
        if "Notes" not in {module.get("api_name") for module in thing["modules"]}:
            raise invalid(Field(api_name="modules"), f"{path}.modules", reason="Notes are missing")

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        module = self._context.schema.known(thing["personality_module"]["api_name"])
        return {
            "active": thing["active"] is not False,
            "default": False,
            "personality_module": {**module.reference, "plural_label": module.plural},
        }

    def _show(self, thing: Thing) -> Thing:
        return {**super()._show(thing), "no_of_users": len(self.users.get(thing["id"], []))}

    def _drop(self, thing: Thing) -> Mapping[str, Any]:
        if self.users.get(thing["id"]):
            raise ItemError("CANNOT_REMOVE", "the type has users", {"id": thing["id"]})
        return super()._drop(thing)

    def _list_users(self, call: Call) -> Answer:
        passes = _KINDS.get(call.query["type"])
        if passes is None:
            details = {"param_name": "type", "supported_values": [*_KINDS]}
            raise rejected(400, "INVALID_DATA", "invalid data", **details)
        shown = [user for user in self.users.get(self._target_of(call)["id"], []) if passes(user)]
        info = {**size_of(shown), "total_count": len(shown)}
        return Answer(200, {"users": shown, "info": info}) if shown else NO_CONTENT

    def _each(self, call: Call, do: Callable[[list[Thing], Thing], str]) -> Answer:
        """Do something with each user that a call names, and answer what became of each."""
        users = self.users.setdefault(self._target_of(call)["id"], [])

        def one(_: int, own: str) -> Mapping[str, Any]:
            user = next((user for user in users if user["personality_id"] == own), None)
            if user is None:
                raise unknown_id(param_name="personality_ids")
            return succeeded(do(users, user), {"personality_id": own})

        ids = [own for own in call.query.get("personality_ids", "").split(",") if own]
        if len(ids) > _MOST_USERS:
            raise rejected(400, "LIMIT_EXCEEDED", "limit exceeded", limit=_MOST_USERS)
        return answer_items("users", ids, one)

    def _delete_users(self, call: Call) -> Answer:
        def delete(users: list[Thing], user: Thing) -> str:
            users.remove(user)
            self._context.stats.note_done("delete", "users", user["personality_id"])
            return "user deleted"

        return self._each(call, delete)

    def _transfer(self, call: Call) -> Answer:
        heir = call.query["transfer_To"]
        if heir not in self._things:
            raise rejected(400, "INVALID_DATA", "invalid data", param_name="transfer_To")

        def transfer(users: list[Thing], user: Thing) -> str:
            users.remove(user)
            self.users.setdefault(heir, []).append(user)
            self._context.stats.note_done("transfer", "users", user["personality_id"])
            return "user transferred"

        return self._each(call, transfer)

    def _switch(self, call: Call) -> Answer:
        own, active = call.params["user_id"], call.query["active"] == "true"
        users = self.users.get(self._target_of(call)["id"], [])
        user = next((user for user in users if user["personality_id"] == own), None)
        if user is None:
            raise wrong_id(6)
        if user["active"] is active:
            code = "ALREADY_ACTIVATED" if active else "ALREADY_DEACTIVATED"
            raise rejected(400, code, "that is so already", personality_id=own)
        user["active"] = active
        self._context.stats.note_done("change_status", "users", own)
        told = succeeded("status changed", {"personality_id": own})
        return Answer(200, {"change_status": [told]})

    def _make_up(self, field: Field) -> Any:
        made_up = {
            "personality_module": {"api_name": "Contacts"},
            "modules": [{"api_name": "Notes"}],
        }
        return made_up.get(field.api_name) or super()._make_up(field)
