"""The territories of an org, and the users in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, read_ids, read_items, succeeded
from aiozcrm.testing._families._paging import answer_page, size_of
from aiozcrm.testing._families._reporting import below, hand_over
from aiozcrm.testing._schema._field import Field, ItemError, invalid, unknown_id
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected, wrong_id
from aiozcrm.testing._wire._call import Call, Operation
from aiozcrm.testing._wire._json import text_at

__all__ = ["Territories"]

_PER_CALL: Final = 10
_MOST_USERS: Final = 100
_FORBIDDEN: Final = frozenset("^~#%&+=[]{}|\\;\"'<>,`")
_COUNT: Final = "associated_users_count"
_TRANSFER: Final = "transfer_and_delete"
_CRITERIA: Final = ("lead_rule_criteria", "account_rule_criteria", "deal_rule_criteria")

_TERRITORIES: Final = Plain(
    path="/settings/territories",
    key="territories",
    fields=(
        Field(api_name="name", mandatory=True, unique=True, length=50),
        Field(api_name="description", length=250),
        Field(api_name="manager", type="lookup"),
        Field(api_name="reporting_to", type="lookup", mandatory=True),
        Field(
            api_name="permission_type", mandatory=True, values=("read_only", "read_write_delete")
        ),
        *(Field(api_name=name, type="lookup") for name in _CRITERIA),
    ),
    first_id=217001,
    verbs=("get", "create", "update"),
    per_call=_PER_CALL,
    said=(
        "Territory added successfully",
        "Territory updated successfully",
        "Territory deleted successfully",
    ),
    info=True,
    per_page=2000,
)


class Territories(Collection):
    """The territories of an org; at first that of the whole org.

    Args:
        context: The org.
        users: Its users.
    """

    _kept = ("_things", "members")

    def __init__(self, context: OrgContext, users: Collection) -> None:
        super().__init__(context, _TERRITORIES)
        self._users = users
        #: Whether the org uses territories.
        self.enabled: bool = True
        #: Which users are in a territory, by its id.
        self.members: dict[str, list[str]] = {}
        #: The id of the territory of the whole org.
        self.first_id: str = self.add(name=context.name, reporting_to=None)

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        path, one = self._row.path, f"{self._row.path}/{{id}}"
        people = f"{path}/{{territory}}/users"
        for line, run, verb in (
            (f"DELETE {path}", self._delete_some, "delete"),
            (f"DELETE {one}", self._delete_some, "delete"),
            (f"POST {path}/actions/{_TRANSFER}", self._transfer, _TRANSFER),
            (f"POST {one}/actions/{_TRANSFER}", self._transfer, _TRANSFER),
            (f"GET {one}/__child_territories", self._children, "child_territories"),
            (f"GET {path}/actions/{_COUNT}", self._count, _COUNT),
            (f"GET {people}", self._list_users, "list"),
            (f"GET {people}/{{user}}", self._list_users, "get"),
            (f"PUT {people}", self._add_users, "update"),
            (f"PUT {people}/{{user}}", self._add_users, "update"),
            (f"DELETE {people}", self._drop_users, "delete"),
            (f"DELETE {people}/{{user}}", self._drop_users, "delete"),
            ("GET /users/{user}/territories", self._of_user, "list"),
            ("GET /users/{user}/territories/{territory}", self._of_user, "get"),
            ("PUT /users/{user}/territories", self._add_to_user, "update"),
            ("DELETE /users/{user}/territories", self._drop_from_user, "delete"),
            ("DELETE /users/{user}/territories/{territory}", self._drop_from_user, "delete"),
        ):
            yield self._operation(line, run, verb)

    def _create(self, call: Call) -> Answer:
        if not self.enabled:
            raise rejected(403, "TERRITORY_NOT_ENABLED", "territories are not enabled")
        return super()._create(call)

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        if _FORBIDDEN & set(thing["name"]):
            raise invalid(Field(api_name="name"), f"{path}.name")
        above = thing.get("reporting_to") or {}
        wrong = str(above.get("id")) not in self._things or above.get("id") == thing.get("id")
        if wrong and thing.get("id") != self.first_id:
            raise invalid(Field(api_name="reporting_to"), f"{path}.reporting_to")

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        above = self._things.get(str((thing["reporting_to"] or {}).get("id")))
        return {
            "api_name": thing.get("api_name") or thing["name"].replace(" ", "_"),
            "reporting_to": {"name": above["name"], "id": above["id"]} if above else None,
        }

    def _show(self, thing: Thing) -> Thing:
        # Criteria of rules that are off are not told.
        shown = super()._show(thing)
        off = {name for name in _CRITERIA if shown[name] is None}
        return {name: value for name, value in shown.items() if name not in off}

    def _is_asked_for(self, thing: Thing, call: Call) -> bool:
        ids = call.query.get("ids")
        return not ids or thing["id"] in ids.split(",")

    def _delete_some(self, call: Call) -> Answer:
        if "delete_previous_forecasts" not in call.query:
            message = "One of the expected parameter is missing"
            details = {"param_name": "delete_previous_forecasts"}
            raise rejected(400, "REQUIRED_PARAM_MISSING", message, **details)
        if "id" in call.params:
            ids = [self._target_of(call)["id"]]
        else:
            ids = read_ids(call, most=_PER_CALL)
        return answer_items("territories", ids, lambda _, own: self._remove(own))

    def _transfer(self, call: Call) -> Answer:
        named = self._target_of(call)["id"] if "id" in call.params else None

        def transfer(index: int, item: Any) -> Mapping[str, Any]:
            own, heir = named or text_at(item, "id"), text_at(item, "transfer_to_id")
            if heir not in self._things or heir == own:
                path = f"$.territories[{index}].transfer_to_id"
                raise invalid(Field(api_name="transfer_to_id"), path)
            told = self._remove(own, heir)
            self.members[heir] = [
                *dict.fromkeys([*self.members.get(heir, []), *self.members.pop(own, [])])
            ]
            return told

        items = read_items(call, "territories", most=1 if named else _PER_CALL)
        return answer_items("territories", items, transfer)

    def _remove(self, own: str, heir: str = "") -> Mapping[str, Any]:
        """Delete a territory; *heir* gets those below it."""
        thing = self._things.get(own)
        if thing is None:
            raise unknown_id(id=own)
        if own == self.first_id or (not heir and below(self._things, own)):
            raise ItemError("NOT_ALLOWED", "there are others below it", {"id": own})
        if heir:
            hand_over(self._things, thing, self._things[heir])
        return self._drop(thing)

    def _children(self, call: Call) -> Answer:
        children = below(self._things, self._target_of(call)["id"])
        return answer_page(call, "territories", list(map(self._show, children)))

    def _count(self, _call: Call) -> Answer:
        counts = [
            {
                "count": str(len(self.members.get(own, []))),
                "territory": {"name": thing["name"], "id": own},
            }
            for own, thing in self._things.items()
        ]
        return Answer(200, {_COUNT: counts, "info": size_of(counts)})

    def _territory(self, call: Call) -> str:
        own = call.params["territory"]
        if own not in self._things:
            raise wrong_id(2)
        return own

    def _list_users(self, call: Call) -> Answer:
        ids = self.members.get(self._territory(call), [])
        wanted = call.params.get("user")
        shown = [
            {**self._users.get(user), "category": "regular_user"}
            for user in ids
            if wanted in {None, user}
        ]
        if not shown:
            return NO_CONTENT
        return Answer(200, {"users": shown, "info": size_of(shown)})

    def _add_users(self, call: Call) -> Answer:
        own, named = self._territory(call), call.params.get("user")
        items = [{"id": named}] if named else read_items(call, "users", most=_MOST_USERS)

        def add(index: int, item: Any) -> Mapping[str, Any]:
            user = text_at(item, "id")
            return self._join(user, own, f"$.users[{index}].id", user)

        return answer_items("users", items, add)

    def _join(self, user: str, territory: str, path: str, shown: str) -> Mapping[str, Any]:
        """Put a user into a territory; *shown* is the id in the result."""
        place = {"api_name": "id", "json_path": path}
        if user not in self._users.ids or territory not in self._things:
            raise unknown_id(**place)
        inside = self.members.setdefault(territory, [])
        if user in inside:
            raise ItemError("DUPLICATE_DATA", "duplicate data", place)
        inside.append(user)
        self._context.stats.note_done("update", "territories", territory)
        return succeeded("Users added to the territory successfully", {"id": shown})

    def _drop_users(self, call: Call) -> Answer:
        own, named = self._territory(call), call.params.get("user")
        ids = [named] if named else read_ids(call, most=_MOST_USERS)
        return answer_items("users", ids, lambda _, user: self._leave(user, own, user))

    def _leave(self, user: str, territory: str, shown: str) -> Mapping[str, Any]:
        """Take a user out of a territory; *shown* is the id in the result."""
        inside = self.members.get(territory, [])
        if user not in inside:
            raise unknown_id(id=shown)
        inside.remove(user)
        self._context.stats.note_done("delete", "territories", territory)
        return succeeded("User removed from the territory successfully", {"id": shown})

    def _of_user(self, call: Call) -> Answer:
        wanted = call.params.get("territory")
        shown = [
            # With capitals, unlike all other territories.
            {
                "id": own,
                "Name": thing["name"],
                "Manager": bool(thing["manager"]),
                "Reporting_To": thing["reporting_to"],
            }
            for own, thing in self._things.items()
            if call.params["user"] in self.members.get(own, []) and wanted in {None, own}
        ]
        if not shown:
            return NO_CONTENT
        info = {} if wanted else {"info": size_of(shown)}
        return Answer(200, {"territories": shown, **info})

    def _check_other(self, call: Call) -> str:
        """Return the user that a call is about: anybody but the one that calls."""
        user = call.params["user"]
        if user == self._context.user["id"]:
            raise rejected(400, "NOT_ALLOWED", "your own territories are not yours to change")
        return user

    def _add_to_user(self, call: Call) -> Answer:
        user = self._check_other(call)

        def add(index: int, item: Any) -> Mapping[str, Any]:
            own = text_at(item, "id")
            return self._join(user, own, f"$.territories[{index}].id", own)

        return answer_items("territories", read_items(call, "territories", most=_MOST_USERS), add)

    def _drop_from_user(self, call: Call) -> Answer:
        user, named = self._check_other(call), call.params.get("territory")
        ids = [named] if named else read_ids(call, most=_MOST_USERS)
        return answer_items("territories", ids, lambda _, own: self._leave(user, own, own))

    def _make_up(self, field: Field) -> Any:
        if field.api_name == "reporting_to":
            return {"id": self.first_id}
        return super()._make_up(field)
