"""Calls that convert records: leads, quotes and sales orders.

Source: https://www.zoho.com/crm/developer/docs/api/v7/convert-lead.html and inventory-convert.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._records._checking import check_unique, read_row
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._related import rows_leading_to
from aiozcrm.testing._records._store import Row, Store, folded
from aiozcrm.testing._records._writing import Writing
from aiozcrm.testing._schema._field import (
    Field,
    invalid,
    missing,
    read_object,
    unknown_id,
)
from aiozcrm.testing._schema._types import TYPES
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing._wire._json import text_at, value_at

__all__ = ["Converting"]

_DONE: Final = "The record has been converted successfully"
_LOCKED: Final = "You cannot perform this operation as the record is locked."

_ADDRESS: Final = ("Street", "City", "State", "Country")
#: Where the fields of a lead go, if they have another name there.
_RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "Contacts": {
        "Designation": "Title",
        **{part: f"Mailing_{part}" for part in _ADDRESS},
        "Zip_Code": "Mailing_Code",
    },
    "Accounts": {
        "Company": "Account_Name",
        "No_of_Employees": "Employees",
        **{part: f"Billing_{part}" for part in _ADDRESS},
        "Zip_Code": "Billing_Code",
    },
}
_NEEDED_OF_DEALS: Final = ("Deal_Name", "Closing_Date", "Stage")
#: What becomes of what, and which field has its lines.
_LINES: Final = {
    "Quotes": "Quoted_Items",
    "Sales_Orders": "Ordered_Items",
    "Invoices": "Invoiced_Items",
}
_TARGETS: Final = {"Quotes": ("Sales_Orders", "Invoices"), "Sales_Orders": ("Invoices",)}


class Converting:
    """Converts records.

    Args:
        database: All records.
        writing: What keeps new ones.
    """

    def __init__(self, database: Database, writing: Writing) -> None:
        self._database = database
        self._writing = writing

    def convert_lead(self, call: Call) -> Answer:
        """Answer ``POST /Leads/{id}/actions/convert``."""
        lead = self._target(call, "Converted__s")
        items = read_items(call, "data", most=1)
        return answer_items("data", items, lambda _, item: self.lead(lead, item))

    def options(self, call: Call) -> Answer:
        """Answer ``GET /Leads/{id}/__conversion_options``."""
        lead = self._target(call, "Converted__s")
        alike = {
            "Contacts": self._alike("Contacts", "Email", lead.get("Email")),
            "Accounts": self._alike("Accounts", "Account_Name", lead.get("Company")),
        }
        if not any(alike.values()):
            return NO_CONTENT
        matched = {"Contacts": ("Email", "Email"), "Accounts": ("Account_Name", "Company")}
        first = next(module for module in ("Accounts", "Contacts") if alike[module])
        told = {
            module: [self._matched(module, field, lead[own])] if alike[module] else None
            for module, (field, own) in matched.items()
        }
        options = {
            "module_preference": self._database.store(first).module.reference,
            **alike,
            "preference_field_matched_value": told,
            "modules_with_multiple_layouts": None,
        }
        return Answer(200, {"__conversion_options": options})

    def convert_goods(self, call: Call) -> Answer:
        """Answer ``POST /{module}/{id}/actions/convert``."""
        store = self._database.store_of(call)
        if store.module.api_name not in _TARGETS:
            message = "the given module is not supported in api"
            raise rejected(400, "INVALID_MODULE", message, resource_path_index=0)
        row = self._target(call, "_converted")
        items = read_items(call, "data", most=1)
        return answer_items("data", items, lambda _, item: self.goods(store, row, item))

    def lead(self, lead: Row, given: Any) -> Mapping[str, Any]:
        """Convert a lead and return what is said of it.

        Args:
            lead: The lead.
            given: How, as the item of a body tells.

        Raises:
            ItemError: If it cannot be done so; then nothing has been done.
        """
        given = read_object(given, "data", "$.data[0]")
        _check_tags(given.get("carry_over_tags"))
        owner = self._owner(given)
        # Everything is checked before anything is made.
        joined = {module: self._joined(module, given) for module in ("Accounts", "Contacts")}
        drafts = {
            "Accounts": self._draft("Accounts", lead, joined) if lead.get("Company") else None,
            "Contacts": self._draft("Contacts", lead, joined),
            "Deals": self._deal(given),
        }
        made: dict[str, dict[str, Any] | None] = {}
        for module, draft in drafts.items():
            if draft is None and not joined.get(module):
                made[module] = None
                continue
            values = {**(draft or {}), **owner, **self._links(module, made)}
            made[module] = self._put(module, joined.get(module), values, given)
        self._finish(lead, made, given)
        return succeeded(_DONE, {name: made[name] for name in ("Contacts", "Deals", "Accounts")})

    def _put(
        self, module: str, joined: str | None, values: Row, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Make a record, or join one that there is, and return what is said of it."""
        store = self._database.store(module)
        if joined is None:
            joined = self._writing.add(store, values)
        elif given.get("overwrite"):
            kept = {name: value for name, value in values.items() if value is not None}
            store.update(joined, {**kept, "Modified_Time": self._database.context.now()})
        for name in value_at(given, "carry_over_tags", module) or ():
            tag = self._database.tags.obtain(module, {"name": name})
            row = store.rows[joined]
            row["Tag"] = [*row["Tag"], *([tag] if tag and tag not in row["Tag"] else ())]
        return self._database.reference(module, joined)

    def _finish(
        self, lead: Row, made: Mapping[str, dict[str, Any] | None], given: Mapping[str, Any]
    ) -> None:
        """Mark a lead as converted, and hand over its notes."""
        database = self._database
        leads, notes = database.store("Leads"), database.store("Notes")
        role, deal, contact = self._role(given), made["Deals"], made["Contacts"] or {}
        for note in rows_leading_to(notes, leads, lead["id"]):
            notes.update(note["id"], {"Parent_Id": {"id": contact["id"], "module": "Contacts"}})
        if role and deal:
            database.link(
                deal["id"], "Deals", contact["id"], "Contact_Roles", {"Contact_Role": role}
            )
        ids = {name.lower()[:-1]: each and each["id"] for name, each in made.items()}
        now = database.context.now()
        converted = {"Converted__s": True, "Converted_Date_Time": now, "_converted": ids}
        leads.update(lead["id"], {**converted, "Modified_Time": now})
        database.context.stats.note_done("convert", "Leads", lead["id"])

    def _draft(self, module: str, lead: Row, joined: Mapping[str, str | None]) -> Row:
        """Return what a lead gives to a new record, or to the one of the module that it joins."""
        store = self._database.store(module)
        renamed = _RENAMED[module]
        values = {renamed.get(name, name): value for name, value in lead.items()}
        fields = store.module.fields
        row = {
            name: value
            for name, value in values.items()
            if name in fields and not fields[name].is_read_only
        }
        check_unique(self._database, store, row, 0, joined[module])
        return row

    def _deal(self, given: Mapping[str, Any]) -> Row | None:
        deal, path = given.get("Deals"), "$.data[0].Deals"
        if deal is None:
            return None
        read_object(deal, "Deals", path)
        for name in _NEEDED_OF_DEALS:
            if not deal.get(name):
                raise missing(Field(api_name=name), f"{path}.{name}")
        self._role(given)
        return read_row(self._database, self._database.store("Deals"), deal, 0, None)

    def _role(self, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the role that the contact is to have in the deal."""
        role_id = value_at(given, "Deals", "Contact_Role")
        if role_id is None:
            return None
        if str(role_id) not in self._database.roles.ids:
            raise unknown_id(api_name="Contact_Role", json_path="$.data[0].Deals.Contact_Role")
        role = self._database.roles.get(str(role_id))
        return {"name": role["name"], "id": role["id"]}

    def _owner(self, given: Mapping[str, Any]) -> Row:
        if given.get("assign_to") is None:
            return {}
        found = self._database.users.reference(text_at(given, "assign_to", "id"))
        if found is None:
            raise unknown_id(api_name="id", json_path="$.data[0].assign_to.id")
        return {"Owner": {"id": found["id"]}}

    def _joined(self, module: str, given: Mapping[str, Any]) -> str | None:
        """Return the record that a lead is to become part of."""
        named = given.get(module)
        if named is None:
            return None
        found = text_at(named, "id")
        if found not in self._database.store(module).rows:
            raise unknown_id(api_name="id", json_path=f"$.data[0].{module}.id")
        return found

    @staticmethod
    def _links(module: str, made: Mapping[str, dict[str, Any] | None]) -> Row:
        """Return what leads from a new record to those that were made before it."""
        names = {"Contacts": {"Accounts": "Account_Name"}}
        names["Deals"] = {"Accounts": "Account_Name", "Contacts": "Contact_Name"}
        links = names.get(module, {})
        return {name: {"id": found["id"]} for of, name in links.items() if (found := made.get(of))}

    def goods(self, store: Store, row: Row, given: Any) -> Mapping[str, Any]:
        """Convert a quote or sales order and return what is said of it.

        Args:
            store: The records of its module.
            row: The quote or sales order.
            given: How, as the item of a body tells.

        Raises:
            ItemError: If it cannot be done so; then nothing has been done.
        """
        path = "$.data[0].convert_to"
        targets = value_at(given, "convert_to")
        if not isinstance(targets, list) or not targets:
            raise missing(Field(api_name="convert_to"), path)
        if len(targets) > 1:
            raise invalid(Field(api_name="convert_to"), path, maximum_length=1)
        named = value_at(targets[0], "module")
        wanted = value_at(named, "api_name") or value_at(named, "id")
        found = self._database.context.schema.find(str(wanted))
        if found is None or found.api_name not in _TARGETS[store.module.api_name]:
            raise unknown_id(api_name="module", json_path=f"{path}[0].module")
        lines = {_LINES[store.module.api_name]: _LINES[found.api_name]}
        values = {lines.get(name, name): value for name, value in row.items()}
        fields = found.fields
        kept = {
            name: v
            for name, v in values.items()
            if name in fields and not fields[name].is_read_only
        }
        made = self._writing.add(self._database.store(found.api_name), kept)
        row["_converted"] = {found.api_name: made}
        self._database.context.stats.note_done("convert", store.module.api_name, row["id"])
        return succeeded(_DONE, {found.api_name: self._database.reference(found.api_name, made)})

    def _target(self, call: Call, mark: str) -> Row:
        """Return the record that the path names.

        Raises:
            RejectedError: If there is none, or it cannot be converted.
        """
        (store, record_id), place = self._database.record_of(call), {"resource_path_index": 1}
        row = store.rows[record_id]
        if record_id in store.locked:
            raise rejected(400, "RECORD_LOCKED", _LOCKED, **place)
        if row.get(mark):
            raise rejected(400, "ID_ALREADY_CONVERTED", "id already converted", **place)
        return row

    def _alike(self, module: str, field: str, value: Any) -> list[dict[str, Any]] | None:
        store = self._database.store(module)
        names = [field, "Phone", "Website", "$editable"]
        found = [
            {**self._database.show(row, store.module, names), "$editable": True}
            for row in store.all()
            if value and folded(row.get(field)) == folded(value)
        ]
        return found or None

    def _matched(self, module: str, field: str, value: Any) -> dict[str, Any]:
        known = self._database.store(module).module.fields[field]
        return {"field": {"api_name": field, "id": known.id}, "matched_lead_value": value}


def _check_tags(carried: Any) -> None:
    """Check the names of tags that go along with a lead, by module.

    Raises:
        ItemError: If they are something else.
    """
    path = "$.data[0].carry_over_tags"
    for module, names in read_object(carried or {}, "carry_over_tags", path).items():
        if names is not None and not TYPES["multiselectpicklist"].accepts(names):
            field = Field(api_name=module)
            raise invalid(field, f"{path}.{module}", expected_data_type="jsonarray")
