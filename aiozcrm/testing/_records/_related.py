"""Calls about the related lists of records.

Source: https://www.zoho.com/crm/developer/docs/api/v7/get-related-records.html and its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs

from aiozcrm.testing._families._collection import is_modified, modified_since
from aiozcrm.testing._families._items import answer_items, read_ids, read_items, succeeded
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._external import External
from aiozcrm.testing._records._links import is_many_to_many
from aiozcrm.testing._records._reading import Reading, asked_fields, order_of
from aiozcrm.testing._records._store import Row, Store
from aiozcrm.testing._schema._field import ItemError, read_object, unknown_id
from aiozcrm.testing._schema._types import TO_RECORDS
from aiozcrm.testing._wire._answer import (
    NO_CONTENT,
    Answer,
    rejected,
)
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing._wire._json import value_at

__all__ = ["Related", "rows_leading_to"]

_MOST: Final = 100
_ROLES: Final = "Contact_Roles"
_WRONG_LIST: Final = "the relation name given seems to be invalid"
_WRONG_RELATED: Final = "the related id given seems to be invalid"
# The class below has a method of the name of this type.
_Rows: TypeAlias = list[Row]


@attrs.frozen(kw_only=True)
class _Relation:
    """A related list of a record.

    Attributes:
        parent: The records of the record's module.
        parent_id: The record.
        name: What the list is called.
        store: The records of the module that it lists.
        many: Whether it links many with many, so that calls can link and unlink.
    """

    parent: Store
    parent_id: str
    name: str
    store: Store
    many: bool


class Related:
    """The related lists, in every module.

    Args:
        database: All records.
        reading: What reads pages.
    """

    def __init__(self, database: Database, reading: Reading) -> None:
        self._database = database
        self._reading = reading

    def list(self, call: Call) -> Answer:
        """Answer ``GET /{module}/{id}/{related_list}``."""
        relation = self._relation_of(call)
        fields = asked_fields(call, needed=True)
        usual = "asc" if relation.name == "Notes" else "desc"
        sort_by, descending = order_of(call, usual)
        rows = self._rows(relation)
        rows.sort(key=lambda row: row[sort_by], reverse=descending)
        if named := call.query.get("ids"):
            wanted = {self._find(call, relation, name) for name in named.split(",")}
            rows = [row for row in rows if row["id"] in wanted]
        since = modified_since(call)
        if since is not None:
            rows = [row for row in rows if is_modified(row, since)]
        return self._reading.answer_rows(call, rows, lambda row: self._show(relation, row, fields))

    def get(self, call: Call) -> Answer:
        """Answer ``GET /{module}/{id}/{related_list}/{related_id}``."""
        relation = self._relation_of(call)
        wanted = self._find(call, relation, call.segments[3])
        found = [row for row in self._rows(relation) if row["id"] == wanted]
        if not found:
            return NO_CONTENT
        names = asked_fields(call, needed=False) or list(relation.store.module.fields)
        return Answer(200, {"data": [self._show(relation, found[0], names)]})

    def list_of_deleted(self, call: Call) -> Answer:
        """Answer ``GET /{module}/deleted/{id}/{related_list}``."""
        store, record_id = self._database.store_of(call), call.params["id"]
        gone = store.gone.get(record_id)
        if gone is None or gone.permanent:
            message = "The record does not exist"
            raise rejected(404, "INVALID_DATA", message, resource_path_index=2)
        name = call.params["related_list"]
        if name == "Notes" or name not in self._database.context.schema.modules:
            raise rejected(400, "INVALID_DATA", _WRONG_LIST, resource_path_index=3)
        of = self._database.store(name)
        relation = _Relation(parent=store, parent_id=record_id, name=name, store=of, many=False)
        fields, rows = asked_fields(call, needed=True), self._rows(relation)[::-1]
        if named := call.query.get("ids"):
            rows = [row for row in rows if row["id"] in named.split(",")]
        return self._reading.answer_rows(
            call, rows, lambda row: self._database.show(row, of.module, fields)
        )

    def link_many(self, call: Call) -> Answer:
        """Answer ``PUT /{module}/{id}/{related_list}``."""
        relation = self._linkable(call)
        external = External.of(call, relation.store.module.api_name)
        key = external.field if external else "id"

        def link(index: int, item: Any) -> Mapping[str, Any]:
            name = value_at(item, key)
            place = {"api_name": key, "json_path": f"$.data[{index}].{key}"}
            if name is None:
                raise ItemError("MANDATORY_NOT_FOUND", "required field not found", place)
            found = self._find(call, relation, str(name))
            if found not in relation.store.rows:
                raise ItemError("INVALID_DATA", _WRONG_RELATED, place)
            return self._link(call, relation, found, item, index)

        return answer_items("data", read_items(call, "data", most=_MOST), link)

    def link(self, call: Call) -> Answer:
        """Answer ``PUT /{module}/{id}/{related_list}/{related_id}``."""
        relation = self._linkable(call)
        found = self._find(call, relation, call.segments[3])
        if found not in relation.store.rows:
            raise rejected(400, "INVALID_DATA", _WRONG_RELATED, resource_path_index=3)
        items = read_items(call, "data", most=1)
        return answer_items(
            "data", items, lambda index, item: self._link(call, relation, found, item, index)
        )

    def unlink_many(self, call: Call) -> Answer:
        """Answer ``DELETE /{module}/{id}/{related_list}?ids=``."""
        relation = self._linkable(call)
        if not call.query.get("ids"):
            message = "required field not found"
            raise rejected(400, "MANDATORY_NOT_FOUND", message, param_name="ids")
        external = External.of(call, relation.store.module.api_name)
        names = read_ids(call, most=_MOST, external=external is not None)

        def unlink(_: int, name: str) -> Mapping[str, Any]:
            result = self._unlink(call, relation, self._find(call, relation, name))
            if result is None:
                raise ItemError("INVALID_DATA", "relation not found", {"id": name})
            return result

        return answer_items("data", names, unlink)

    def unlink(self, call: Call) -> Answer:
        """Answer ``DELETE /{module}/{id}/{related_list}/{related_id}``."""
        relation = self._linkable(call)
        found = self._find(call, relation, call.segments[3])
        result = self._unlink(call, relation, found)
        if result is None:
            raise rejected(400, "INVALID_DATA", _WRONG_RELATED, resource_path_index=3)
        return Answer(200, {"data": [result]})

    def _link(
        self, call: Call, relation: _Relation, found: str, item: Any, index: int
    ) -> Mapping[str, Any]:
        given = read_object(item, "data", f"$.data[{index}]")
        values = {key: value for key, value in given.items() if key != "id"}
        message = "relation added"
        if relation.name == _ROLES:
            values, message = {"Contact_Role": self._role(item, index)}, "relation updated"
        database, parent = self._database, relation.parent.module.api_name
        database.link(relation.parent_id, parent, found, relation.name, values)
        database.context.stats.note_done("link", parent, relation.parent_id)
        told = External.told(call, relation.store, found)
        return succeeded(message, {**told, "id": found})

    def _role(self, item: Mapping[str, Any], index: int) -> Mapping[str, Any]:
        role, place = item.get("Contact_Role"), f"$.data[{index}].Contact_Role"
        if not isinstance(role, dict) or "id" not in role:
            details = {"api_name": "Contact_Role", "json_path": place}
            raise ItemError("MANDATORY_NOT_FOUND", "required field not found", details)
        if str(role["id"]) not in self._database.roles.ids:
            details = {"api_name": "id", "json_path": f"{place}.id"}
            raise unknown_id(**details)
        known = self._database.roles.get(str(role["id"]))
        return {"name": known["name"], "id": known["id"]}

    def _unlink(self, call: Call, relation: _Relation, found: str) -> Mapping[str, Any] | None:
        """Unlink a record and return what is said of it; None if it was not linked."""
        database, parent = self._database, relation.parent.module.api_name
        if not database.links.remove(relation.parent_id, parent, found, relation.name):
            return None
        database.context.stats.note_done("unlink", parent, relation.parent_id)
        told = External.told(call, relation.store, found)
        return succeeded("relation removed", {**told, "id": found})

    def _relation_of(self, call: Call) -> _Relation:
        """Return the related list that the path names.

        Raises:
            RejectedError: If there is no such record or list.
        """
        module, _, related, *_ = call.segments
        store, record_id = self._database.record_of(call)
        listed = "Contacts" if related == _ROLES and module == "Deals" else related
        if listed not in self._database.context.schema.modules:
            raise rejected(400, "INVALID_DATA", _WRONG_LIST, resource_path_index=2)
        return _Relation(
            parent=store,
            parent_id=record_id,
            name=related,
            store=self._database.store(listed),
            many=is_many_to_many(module, related),
        )

    def _linkable(self, call: Call) -> _Relation:
        relation = self._relation_of(call)
        if not relation.many:
            message = "the relation does not allow this"
            raise rejected(400, "NOT_SUPPORTED", message, resource_path_index=2)
        return relation

    def _rows(self, relation: _Relation) -> _Rows:
        """Return the records of a list, oldest first."""
        if not relation.many:
            return rows_leading_to(relation.store, relation.parent, relation.parent_id)
        links = self._database.links.of(relation.parent_id, relation.name)
        return [row for row_id, row in relation.store.rows.items() if row_id in links]

    def _show(self, relation: _Relation, row: Row, names: Sequence[str]) -> dict[str, Any]:
        shown = self._database.show(row, relation.store.module, names)
        if not relation.many:
            return shown
        link = self._database.links.of(relation.parent_id, relation.name)[row["id"]]
        extra = {name: link[name] for name in names if name in link and name not in shown}
        return {**shown, **extra, "$member_info": link["$member_info"]}

    @staticmethod
    def _find(call: Call, relation: _Relation, name: str) -> str:
        external = External.of(call, relation.store.module.api_name)
        return external.find(relation.store, name) if external else name


def rows_leading_to(store: Store, parent: Store, parent_id: str) -> list[Row]:
    """Return the records of a module with a lookup that leads to a record, oldest first."""
    fields = [
        (field.api_name, field.lookup)
        for field in store.module.fields.values()
        if field.type in TO_RECORDS and field.lookup in {"", parent.module.api_name}
    ]
    return [
        row
        for row in store.all()
        if any((row.get(name) or {}).get("id") == parent_id for name, _ in fields)
    ]
