"""The users of an org."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection, Plain, Thing
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._schema._field import Field, ItemError
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected
from aiozcrm.testing._wire._call import Call, Operation

__all__ = ["Users"]

_TRANSFER: Final = "transfer_and_delete"
_TRANSFER_PATH: Final = f"/users/actions/{_TRANSFER}"

_USERS: Final = Plain(
    path="/users",
    key="users",
    fields=(
        Field(api_name="last_name", mandatory=True, length=50),
        Field(api_name="first_name", length=50),
        Field(api_name="email", type="email", mandatory=True),
        Field(api_name="role", type="any", mandatory=True),
        Field(api_name="profile", type="any", mandatory=True),
        Field(api_name="status", values=("active", "inactive")),
        *(
            Field(api_name=name, length=100)
            for name in (
                *("alias", "phone", "mobile", "fax", "website", "street", "city", "state", "zip"),
                *("country", "country_locale", "locale", "language", "time_zone"),
                *("date_format", "time_format", "signature"),
            )
        ),
        Field(api_name="dob", type="date"),
    ),
    first_id=225013,
    per_call=1,
    said=("User added", "User updated", "User deleted"),
    info=True,
    per_page=200,
    stamped=False,
    permission="Crm_Implied_Manage_Users",
)

_Passes = Callable[[Thing], bool]


def _is_active(user: Thing) -> bool:
    return bool(user["status"] == "active")


def _is_admin(user: Thing) -> bool:
    return bool(user["profile"]["name"] == "Administrator")


def _is_confirmed(user: Thing) -> bool:
    return bool(user["confirm"])


_TYPES: Final[Mapping[str, Sequence[_Passes]]] = {
    "AllUsers": (lambda user: user["status"] != "deleted",),
    "ActiveUsers": (_is_active,),
    # So spelt by Zoho.
    "DeactiveUsers": (lambda user: user["status"] in {"disabled", "inactive"},),
    "ConfirmedUsers": (_is_confirmed,),
    "NotConfirmedUsers": (lambda user: not user["confirm"],),
    "DeletedUsers": (lambda user: user["status"] == "deleted",),
    "ActiveConfirmedUsers": (_is_active, _is_confirmed),
    "AdminUsers": (_is_admin,),
    "ActiveConfirmedAdmins": (_is_active, _is_confirmed, _is_admin),
    "CurrentUser": (lambda user: user["_current"],),
}


class Users(Collection):
    """The users of an org; at first there is the one whose tokens call.

    Args:
        context: The org.
        roles: Its roles.
        profiles: Its profiles.
    """

    def __init__(self, context: OrgContext, roles: Collection, profiles: Collection) -> None:
        self._of = {"role": roles, "profile": profiles}
        super().__init__(context, _USERS)
        first, last = context.user["name"].split(" ")
        #: The id of the user whose tokens call.
        self.current_id: str = self.add(
            first_name=first,
            last_name=last,
            email="mira@bindery.example",
            role=roles.ids[0],
            profile=profiles.ids[0],
            confirm=True,
            zuid="20087301",
            _current=True,
        )

    def info(self) -> Mapping[str, Any]:
        """Return who the user is whose tokens call, as the accounts server tells it."""
        user = self._things[self.current_id]
        return {
            "First_Name": user["first_name"],
            "Last_Name": user["last_name"],
            "Display_Name": user["first_name"],
            "Email": user["email"],
            "ZUID": int(user["zuid"]),
        }

    def reference(self, user_id: str) -> dict[str, str] | None:
        """Return what records say of a user; None if there is none."""
        user = self._things.get(user_id)
        if user is None:
            return None
        return {"name": user["full_name"], "id": user_id, "email": user["email"]}

    def short(self, user_id: str) -> dict[str, str]:
        """Return what answers to writes say of a user who is there."""
        return {"name": self._things[user_id]["full_name"], "id": user_id}

    def move(self, name: str, old: str, new: str) -> None:
        """Give the users with one role or profile another one.

        Args:
            name: ``role`` or ``profile``.
            old: The id of the one they have.
            new: The id of the one they get.
        """
        for user in self._things.values():
            if user[name]["id"] == old:
                user[name] = self._reference_in(name, new)

    def _reference_in(self, name: str, own: str) -> dict[str, str]:
        return {"name": self._of[name].get(own)["name"], "id": own}

    def count_active(self) -> int:
        """Return how many users are active."""
        return sum(map(_is_active, self._things.values()))

    def _operations(self) -> Iterable[Operation]:
        yield from super()._operations()
        yield self._operation("GET /users/actions/count", self._count, "count")
        yield self._operation(f"GET {_TRANSFER_PATH}", self._show_transfer, _TRANSFER)
        yield self._operation(f"POST {_TRANSFER_PATH}", self._transfer, _TRANSFER)
        one = f"POST /users/{{id}}/actions/{_TRANSFER}"
        yield self._operation(one, self._transfer, _TRANSFER)

    def _is_asked_for(self, thing: Thing, call: Call) -> bool:
        kind = call.query.get("type", "AllUsers")
        if kind not in _TYPES:
            details = {"param_name": "type", "supported_values": [*_TYPES]}
            raise rejected(400, "INVALID_DATA", "invalid data", **details)
        ids = call.query.get("ids")
        return all(passes(thing) for passes in _TYPES[kind]) and (
            not ids or thing["id"] in ids.split(",")
        )

    def _count(self, call: Call) -> Answer:
        count = sum(self._is_asked_for(user, call) for user in self._things.values())
        return Answer(200, {"count": count})

    def _read(self, item: Any, index: int, old: Thing | None, owner: str) -> dict[str, Any]:
        path = f"$.users[{index}]"
        if old is not None and old["status"] == "deleted":
            details = {"id": old["id"], "json_path": f"{path}.id"}
            raise ItemError("CANNOT_UPDATE_DELETED_USER", "deleted user cannot be updated", details)
        values = super()._read(item, index, old, owner)
        status = values.get("status")
        if old is not None and status is not None:
            if (status == "active") == _is_active(old):
                code = "ID_ALREADY_ACTIVE" if status == "active" else "ID_ALREADY_DEACTIVATED"
                raise ItemError(code, "the user has that status already", {"id": old["id"]})
            inactive = self._context.dialect.inactive_as
            values["status"] = "active" if status == "active" else inactive
        return values

    def _check(self, thing: Thing, path: str) -> None:
        for name, known in self._of.items():
            if _id_of(thing[name]) not in known.ids:
                place = {"api_name": name, "json_path": f"{path}.{name}"}
                raise ItemError("INVALID_DATA", f"the {name} id given seems to be invalid", place)
        email = str(thing["email"]).lower()
        for other in self._things.values():
            if other["id"] != thing.get("id") and str(other["email"]).lower() == email:
                message = "Failed to add user since same email id is already present"
                raise ItemError("DUPLICATE_DATA", message, {})

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        first, last = thing.get("first_name") or "", thing["last_name"]
        return {
            "full_name": f"{first} {last}".strip(),
            **{name: self._reference_in(name, _id_of(thing[name])) for name in self._of},
            "status": thing.get("status") or "active",
            "confirm": thing.get("confirm", False),
            "zuid": thing.get("zuid"),
            "type__s": "Regular User",
            "Isonline": False,
            "Modified_Time": self._context.now(),
            "Modified_By": self._context.user,
            "created_time": thing.get("created_time") or self._context.now(),
            "created_by": self._context.user,
            "Reporting_To": None,
            "sandboxDeveloper": False,
            "_current": thing.get("_current", False),
        }

    def _delete(self, call: Call) -> Answer:
        user = self._target_of(call)
        return answer_items("users", [user], lambda _, user: self._drop(user))

    def _drop(self, thing: Thing) -> Mapping[str, Any]:
        if thing["status"] == "deleted":
            details = {"id": thing["id"], "json_path": "$.users[0].id"}
            raise ItemError("ID_ALREADY_DELETED", "User is already deleted", details)
        if thing["_current"]:
            raise ItemError("NOT_ALLOWED", "you cannot delete yourself", {"id": thing["id"]})
        thing |= {"status": "deleted", "Modified_Time": self._context.now()}
        self._context.stats.note_done("delete", "users", thing["id"])
        return succeeded(self._row.said[2], {})

    def _transfer(self, call: Call) -> Answer:
        in_path = call.params.get("id")

        def transfer(_: int, item: Any) -> Mapping[str, Any]:
            given = item if isinstance(item, dict) else {}
            user = self._things.get(in_path or str(given.get("id")))
            place = {"json_path": f"$.{_TRANSFER}[0].id", "api_name": "id"}
            if user is None or user["status"] == "deleted":
                raise ItemError("INVALID_DATA", "invalid data", place)
            if not given.get("transfer") and not given.get("move_subordinate"):
                expected = [{"api_name": name} for name in ("transfer", "move_subordinate")]
                details = {"expected_fields": expected}
                raise ItemError("EXPECTED_FIELD_MISSING", "one of several is needed", details)
            self._drop(user)
            job_id = self._context.jobs.start({"status": "completed"})
            # What is only scheduled is said to be done.
            return succeeded("user is deleted successfully", {"jobId": job_id, "id": user["id"]})

        return answer_items(_TRANSFER, read_items(call, _TRANSFER, most=1), transfer)

    def _show_transfer(self, call: Call) -> Answer:
        state = self._context.jobs.ask(call.query["job_id"], {"status": "in_progress"})
        return Answer(200, {_TRANSFER: [state]}) if state else NO_CONTENT

    def _make_up(self, field: Field) -> Any:
        number = len(self._things)
        made_up = {
            "last_name": f"User {number}",
            "email": f"user{number}@bindery.example",
            "role": self._of["role"].ids[1],
            "profile": self._of["profile"].ids[1],
        }
        return made_up[field.api_name]


def _id_of(named: Any) -> Any:
    """Return the id in what requests say of a role or a profile: it, or an object that has it."""
    return named.get("id") if isinstance(named, dict) else str(named)
