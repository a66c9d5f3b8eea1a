"""Plain collections of an org's settings: one row of a table says all that is special of one."""

from __future__ import annotations

import copy
import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Final

from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._filters import read_filters
from aiozcrm.testing._families._items import answer_items, read_ids, read_items, succeeded
from aiozcrm.testing._families._paging import page_of, pick, size_of
from aiozcrm.testing._families._row import Plain, Thing
from aiozcrm.testing._schema._field import Field, ItemError, missing, read_object, unknown_id
from aiozcrm.testing._wire._answer import (
    NO_CONTENT,
    NOT_MODIFIED,
    Answer,
    wrong_id,
)
from aiozcrm.testing._wire._call import API_ACCESS, Call, Family, Operation
from aiozcrm.testing._wire._json import value_at

__all__ = [
    "Collection",
    "Plain",
    "Thing",
    "is_modified",
    "modified_since",
    "moment_of",
    "read_moment",
]

_MOST_IDS: Final = 100


class Collection(Family):
    """The things of one kind in an org, such as its holidays.

    Args:
        context: The org.
        row: What kind they are.
    """

    _kept: ClassVar[tuple[str, ...]] = ("_things",)

    def __init__(self, context: OrgContext, row: Plain) -> None:
        self._context = context
        self._row = row
        self._fields = {field.api_name: field for field in row.fields}
        self._next_ids = context.ids(row.first_id)
        self._things: dict[str, Thing] = {}
        for thing in row.at_first:
            self.add(**thing)

    @property
    def ids(self) -> list[str]:
        """The ids of what there is now, oldest first."""
        return list(self._things)

    def add(self, **values: Any) -> str:
        """Add a thing, as somebody would in Zoho's own pages, and return its id.

        Args:
            **values: What is set of it; what it cannot do without is made up. What it belongs
                to has the name that calls have for it, such as ``module``.
        """
        if self._row.bound:
            owner = values.pop(self._row.bound, "Leads")
            values = {f"_{self._row.bound}": owner, **values}
        elif isinstance(values.get("module"), str):
            values["module"] = self._context.schema.modules[values["module"]].reference
        made_up = {
            field.api_name: self._make_up(field)
            for field in self._row.fields
            if (field.mandatory or field.unique) and field.api_name not in values
        }
        return self._keep({**made_up, **values})["id"]  # type: ignore[no-any-return]

    def add_many(self, number: int) -> list[str]:
        """Add *number* things and return their ids."""
        return [self.add() for _ in range(number)]

    def get(self, thing_id: str) -> Thing:
        """Return a thing as the API shows it.

        Raises:
            KeyError: If there is none.
        """
        return copy.deepcopy(self._show(self._things[thing_id]))

    def remove(self, thing_id: str) -> None:
        """Remove a thing as somebody else would; it does not count as an effect.

        Raises:
            KeyError: If there is none.
        """
        del self._things[thing_id]

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about the collection."""
        return tuple(self._operations())

    def _operations(self) -> Iterable[Operation]:
        row, one = self._row, f"{self._row.path}/{self._row.member or '{id}'}"
        named = f"{row.path}/{{id_or_api_name}}" if row.named and not row.member else one
        yield self._operation(f"GET {row.path}", self._list, "list")
        if "get" in row.verbs:
            yield self._operation(f"GET {named}", self._get, "get")
        if "create" in row.verbs:
            yield self._operation(f"POST {row.path}", self._create, "create")
        if "update" in row.verbs:
            yield self._operation(f"{row.update} {row.path}", self._update_many, "update")
        if {"update", "update_one"} & set(row.verbs):
            yield self._operation(f"{row.update} {named}", self._update, "update")
        if "delete" in row.verbs:
            yield self._operation(f"DELETE {one}", self._delete, "delete")
        if "delete_many" in row.verbs:
            yield self._operation(f"DELETE {row.path}", self._delete_many, "delete")

    def _operation(self, line: str, run: Callable[[Call], Answer], verb: str) -> Operation:
        permission = API_ACCESS if line.startswith("GET") else self._row.permission
        return Operation(line=line, run=run, verb=verb, family=self._row.key, permission=permission)

    def _list(self, call: Call) -> Answer:
        passes = read_filters(call)
        things = [
            thing
            for thing in self._owned(call)
            if self._is_asked_for(thing, call) and passes(thing)
        ]
        since = modified_since(call)
        if since is not None:
            things = [thing for thing in things if is_modified(thing, since)]
            if not things:
                return NOT_MODIFIED
        return self._answer_list(call, things)

    def _answer_list(self, call: Call, things: Sequence[Thing]) -> Answer:
        """Answer a list with what passed."""
        row = self._row
        info = size_of(things)
        if row.per_page:
            things, info = page_of(things, pick(call, most=row.per_page))
        if not things:
            return NO_CONTENT
        listed = [
            {name: value for name, value in self._show(thing).items() if name not in row.alone}
            for thing in things
        ]
        return Answer(200, {row.key: listed, "info": info} if row.info else {row.key: listed})

    def _get(self, call: Call) -> Answer:
        thing = self._find(_target(call))
        if thing is None or thing not in self._owned(call):
            return NO_CONTENT
        return Answer(200, {self._row.key: [self._show(thing)]})

    def _create(self, call: Call) -> Answer:
        items = read_items(call, self._row.key, most=self._row.per_call)
        owner = self._owner(call)

        def create(index: int, item: Any) -> Mapping[str, Any]:
            values = self._read(item, index, None, owner)
            self._check_room(values)
            thing = self._keep(values)
            self._context.stats.note_done(
                "create", self._row.key, thing["id"], str(thing.get("name", ""))
            )
            return self._succeed(0, thing)

        return answer_items(self._row.key, items, create, success=self._row.created)

    def _update_many(self, call: Call) -> Answer:
        items = read_items(call, self._row.key, most=self._row.per_call)

        def update(index: int, item: Any) -> Mapping[str, Any]:
            thing_id = value_at(item, "id")
            place = {"api_name": "id", "json_path": f"$.{self._row.key}[{index}].id"}
            if thing_id is None:
                raise ItemError("MANDATORY_NOT_FOUND", "required field not found", place)
            thing = self._find(str(thing_id))
            if thing is None:
                raise unknown_id(**place)
            return self._change(thing, item, index)

        return self._told("update", answer_items(self._row.key, items, update))

    def _update(self, call: Call) -> Answer:
        thing = self._target_of(call)
        items = read_items(call, self._row.key, most=1)
        answer = answer_items(
            self._row.key, items, lambda index, item: self._change(thing, item, index)
        )
        return self._told("update", answer)

    def _delete(self, call: Call) -> Answer:
        thing = self._target_of(call)
        answer = answer_items(self._row.key, [thing], lambda _, thing: self._drop(thing))
        return self._told("delete", answer)

    def _told(self, verb: str, answer: Answer) -> Answer:
        """Return an answer about one thing in the form that it has for a verb."""
        flat = verb in self._row.flat and self._context.dialect.flat_answers
        if not flat or answer.status != 200:
            return answer
        return Answer(200, answer.data[self._row.key][0])

    def _delete_many(self, call: Call) -> Answer:
        def delete(_: int, thing_id: str) -> Mapping[str, Any]:
            thing = self._things.get(thing_id)
            if thing is None:
                raise unknown_id(id=thing_id)
            return self._drop(thing)

        return answer_items(self._row.key, read_ids(call, most=_MOST_IDS), delete)

    def _change(self, thing: Thing, item: Any, index: int) -> Mapping[str, Any]:
        values = self._read(item, index, thing, thing.get(f"_{self._row.bound}", ""))
        thing.update(values)
        thing.update(self._complete(thing))
        if self._row.stamped:
            thing |= {"modified_time": self._context.now(), "modified_by": self._context.user}
        self._context.stats.note_done("update", self._row.key, thing["id"])
        return self._succeed(1, thing)

    def _drop(self, thing: Thing) -> Mapping[str, Any]:
        del self._things[thing["id"]]
        self._context.stats.note_done("delete", self._row.key, thing["id"])
        return self._succeed(2, thing)

    def _succeed(self, verb: int, thing: Thing) -> Mapping[str, Any]:
        """Return the result of a creation (0), an update (1) or a deletion (2)."""
        return succeeded(self._row.said[verb], {"id": thing["id"]})

    def _read(self, item: Any, index: int, old: Thing | None, owner: str) -> dict[str, Any]:
        """Return what an item sets.

        Args:
            item: The item.
            index: Its place in the body.
            old: What it changes; None for what is new.
            owner: What it belongs to, if anything.

        Raises:
            ItemError: If it is not right.
        """
        path = f"$.{self._row.key}[{index}]"
        read_object(item, self._row.key, path)
        values: dict[str, Any] = {f"_{self._row.bound}": owner} if self._row.bound else {}
        for field in self._row.fields:
            value, place = item.get(field.api_name), f"{path}.{field.api_name}"
            given = field.api_name in item
            if field.mandatory and (given or old is None) and (value is None or value == ""):
                raise missing(field, place)
            if not given or field.is_read_only:
                continue
            if field.fixed and old is not None and value != old.get(field.api_name):
                details = {"api_name": field.api_name, "json_path": place}
                raise ItemError("NOT_ALLOWED", "this cannot be changed", details)
            if value is not None:
                field.check(value, place)
            values[field.api_name] = value
        self._check({**(old or {}), **values}, path)
        return values

    def _check(self, thing: Thing, path: str) -> None:
        """Check a thing as a whole, as it would be.

        Raises:
            ItemError: If it is not right.
        """
        self._check_unique(thing, path)

    def _check_unique(self, thing: Mapping[str, Any], path: str) -> None:
        for field in self._row.fields:
            value = thing.get(field.api_name)
            if not field.unique or value is None:
                continue
            for other in self._things.values():
                owner = f"_{self._row.bound}"
                if (
                    other[field.api_name] == value
                    and other["id"] != thing.get("id")
                    and other.get(owner) == thing.get(owner)
                ):
                    details = {"api_name": field.api_name, "json_path": f"{path}.{field.api_name}"}
                    raise ItemError(
                        "DUPLICATE_DATA", "duplicate data", {**details, "id": other["id"]}
                    )

    def _check_room(self, values: Thing) -> None:
        most, by = self._row.most, self._row.most_by
        if most is None:
            return
        new = {**dict.fromkeys(self._fields), **values}
        group = {**new, **self._complete(new)}.get(by)
        if sum(thing.get(by) == group for thing in self._things.values()) >= most:
            raise ItemError("LIMIT_EXCEEDED", "limit exceeded", {"limit": most})

    def _keep(self, values: dict[str, Any]) -> Thing:
        thing: Thing = {"id": next(self._next_ids)}
        thing |= {field.api_name: None for field in self._row.fields}
        thing |= values
        if self._row.stamped:
            now, user = self._context.now(), self._context.user
            stamps = {"created_time": now, "modified_time": now}
            thing |= {**stamps, "created_by": user, "modified_by": user, **values}
        thing.update(self._complete(thing))
        self._things[thing["id"]] = thing
        return thing

    def _complete(self, thing: Thing) -> Mapping[str, Any]:
        """Return what follows from the rest of a thing that has passed every check."""
        return self._row.complete(thing)

    def _show(self, thing: Thing) -> Thing:
        return {name: value for name, value in thing.items() if not name.startswith("_")}

    def _find(self, name: str) -> Thing | None:
        """Return the thing with an id, or with an API name where that does as well."""
        if name in self._things or not self._row.named:
            return self._things.get(name)
        named = (thing for thing in self._things.values() if thing["api_name"] == name)
        return next(named, None)

    def _target_of(self, call: Call) -> Thing:
        """Return the thing that the path names.

        Raises:
            RejectedError: If there is none.
        """
        thing = self._find(_target(call))
        name = self._row.bound
        owner = call.params.get(name) or call.query.get(name)
        if thing is None or owner not in {None, thing.get(f"_{name}")}:
            index = self._row.path.count("/")
            raise wrong_id(index)
        return thing

    def _owner(self, call: Call) -> str:
        """Return what the things belong to that a call is about; empty if to nothing.

        Raises:
            RejectedError: If it is a module that is not there.
        """
        name = self._row.bound
        owner = call.params.get(name) or call.query.get(name, "")
        return self._context.schema.known(owner).api_name if name == "module" else owner

    def _owned(self, call: Call) -> list[Thing]:
        """Return the things that a call is about."""
        owner, key = self._owner(call), f"_{self._row.bound}"
        return [thing for thing in self._things.values() if thing.get(key, "") == owner]

    def _is_asked_for(self, thing: Thing, call: Call) -> bool:
        return all(
            not call.query.get(name) or str(value_at(thing, *path.split("."))) == call.query[name]
            for name, path in self._row.filters.items()
        )

    def _make_up(self, field: Field) -> Any:
        number = len(self._things) + 1
        if field.api_name == "module":
            return self._context.schema.modules["Leads"].reference
        if field.values:
            return field.values[0]
        day = dt.date(2025, 12, 31) + dt.timedelta(days=number)
        made_up = {"date": day.isoformat(), "boolean": False, "any": {}}
        return made_up.get(field.type, f"{self._row.key.rstrip('s')}_{number}")


@functools.lru_cache
def read_moment(text: str) -> dt.datetime:
    """Return a moment that the local Zoho wrote itself; many things change in the same second."""
    return dt.datetime.fromisoformat(text)


def modified_since(call: Call) -> dt.datetime | None:
    """Return the moment in the header ``If-Modified-Since``; None without a readable one."""
    return moment_of(call.headers.get("If-Modified-Since", ""))


def moment_of(text: str) -> dt.datetime | None:
    """Return the moment that a header names, as ISO 8601 or as HTTP does; None if it is none."""
    for read in (dt.datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return None


def is_modified(thing: Mapping[str, Any], since: dt.datetime) -> bool:
    """Return whether a thing was modified then or later."""
    modified = thing.get("modified_time") or thing.get("Modified_Time")
    return modified is None or read_moment(modified) >= since


def _target(call: Call) -> str:
    *_, last = call.params.values()
    return last
