"""The groups of users of an org."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._paging import answer_page
from aiozcrm.testing._schema._field import Field, ItemError, invalid
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer
from aiozcrm.testing._wire._call import Call, Operation
from aiozcrm.testing._wire._json import text_at

__all__ = ["Members", "UserGroups"]

Members = Callable[[str, str], Sequence[str] | None]

_KEY: Final = "user_groups"
_COUNT: Final = "associated_users_count"

_GROUPS: Final = Plain(
    path=f"/settings/{_KEY}",
    key=_KEY,
    fields=(
        Field(api_name="name", mandatory=True, unique=True, length=50),
        Field(api_name="description", length=250),
        Field(api_name="sources", type="subform", mandatory=True),
    ),
    first_id=651001,
    said=(
        "User Group Created successfully",
        "User Group Updated successfully",
        "Group deleted",
    ),
    filters={"name": "name"},
    info=True,
    per_page=200,
    alone=("sources",),
)


class UserGroups(Collection):
    """The groups of users of an org.

    Args:
        context: The org.
        users: Its users.
        members: Returns the ids of the users behind a source: its type, and its id; None if there
            is no such thing.
    """

    def __init__(self, context: OrgContext, users: Collection, members: Members) -> None:
        super().__init__(context, _GROUPS)
        self._users = users
        self._members = members
        #: Where a group is used, by its id.
        self.used_by: dict[str, list[dict[str, Any]]] = {}

    def users_in(self, group_id: str) -> list[str]:
        """Return the ids of the users in a group, through all of its sources."""
        sources = self._things[group_id]["sources"] if group_id in self._things else []
        behind = (
            user
            for source in sources
            for user in self._members(source["type"], source["source"]["id"]) or ()
        )
        return [*dict.fromkeys(behind)]

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        path, one = self._row.path, f"{self._row.path}/{{id}}"
        for line, run, verb in (
            (f"GET {one}/sources", self._sources, "sources"),
            (f"GET {one}/actions/sources_count", self._count_sources, "sources_count"),
            (f"GET {path}/actions/{_COUNT}", self._count_users, _COUNT),
            (f"GET {one}/actions/associations", self._associations, "associations"),
            ("GET /users/{user}/actions/associated_groups", self._of_user, "associated_groups"),
        ):
            yield self._operation(line, run, verb)

    def _check(self, thing: Thing, path: str) -> None:
        super()._check(thing, path)
        for number, source in enumerate(thing["sources"]):
            own, kind = text_at(source, "source", "id"), source.get("type")
            if "_delete" in source:
                continue
            place = f"{path}.sources[{number}].source"
            if self._members(str(kind), own) is None:
                raise invalid(Field(api_name="source"), place)
            if kind == "groups" and self._leads_to(own, thing.get("id")):
                details = {"api_name": "source", "json_path": place}
                raise ItemError("LOOPING_FOUND", "the group would be in itself", details)

    def _leads_to(self, group_id: str, wanted: str | None) -> bool:
        """Return whether a group is another one, or has it among its sources, however far in."""
        sources = self._things[group_id]["sources"] if group_id in self._things else []
        return group_id == wanted or any(
            source["type"] == "groups" and self._leads_to(source["source"]["id"], wanted)
            for source in sources
        )

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        return {"sources": [source for source in thing["sources"] if "_delete" not in source]}

    def _list(self, call: Call) -> Answer:
        answer = super()._list(call)
        if call.query.get("include") == "sources_count" and answer.data:
            for shown in answer.data[_KEY]:
                shown["sources_count"] = self._counts(shown["id"])
        return answer

    def _counts(self, group_id: str) -> dict[str, Any]:
        sources = self._things[group_id]["sources"]
        of_type = {
            kind: [source["source"]["id"] for source in sources if source["type"] == kind]
            for kind in ("users", "roles", "territories", "groups")
        }
        states = [self._users.get(user)["status"] for user in of_type.pop("users")]
        active, deleted = states.count("active"), states.count("deleted")
        users = {"active": active, "inactive": len(states) - active - deleted, "deleted": deleted}
        return {"users": users, **{kind: len(ids) for kind, ids in of_type.items()}}

    def _sources(self, call: Call) -> Answer:
        kind = call.query.get("type")
        found = [
            source for source in self._target_of(call)["sources"] if kind in {None, source["type"]}
        ]
        return answer_page(call, "sources", found)

    def _count_sources(self, call: Call) -> Answer:
        return Answer(200, {"sources_count": [self._counts(self._target_of(call)["id"])]})

    def _count_users(self, call: Call) -> Answer:
        counts = [
            {
                "count": str(len(self.users_in(own))),
                "user_group": {"name": thing["name"], "id": own},
            }
            for own, thing in self._things.items()
        ]
        return answer_page(call, _COUNT, counts)

    def _associations(self, call: Call) -> Answer:
        used = self.used_by.get(self._target_of(call)["id"])
        return Answer(200, {"associations": used}) if used else NO_CONTENT

    def _of_user(self, call: Call) -> Answer:
        groups = [
            {name: value for name, value in self._show(thing).items() if name != "sources"}
            for own, thing in self._things.items()
            if call.params["user"] in self.users_in(own)
        ]
        return answer_page(call, _KEY, groups)

    def _make_up(self, field: Field) -> Any:
        if field.api_name == "sources":
            return [{"type": "users", "source": {"id": self._users.ids[0]}}]
        return super()._make_up(field)
