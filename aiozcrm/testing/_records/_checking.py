"""What is wrong with a row: by its fields, by what it leads to, and by what others have."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._store import Row, Store
from aiozcrm.testing._schema._field import (
    Field,
    ItemError,
    invalid,
    missing,
    read_object,
    unknown_id,
)
from aiozcrm.testing._schema._module import Layout, Module
from aiozcrm.testing._schema._types import TO_RECORDS, TO_USERS
from aiozcrm.testing._wire._answer import error
from aiozcrm.testing._wire._json import text_at, value_at

__all__ = ["check_unique", "clashes_of", "read_row"]

#: What counts as no value of a mandatory field.
_EMPTY: Final[Sequence[Any]] = (None, "", [], {})


def read_row(database: Database, store: Store, item: Any, index: int, old: Row | None) -> Row:
    """Return what an item of a body sets of a record.

    Args:
        database: All records.
        store: Those of the module.
        item: The item.
        index: Its place in the body.
        old: The record that it changes; None for a new one.

    Raises:
        ItemError: If Zoho would not take it.
    """
    path = f"$.data[{index}]"
    read_object(item, "data", path)
    try:
        layout = _layout_of(database, store.module, item, path)
        fields = [
            field
            for field in store.module.fields.values()
            if layout is None or field.api_name in layout.fields
        ]
        required = layout.required if layout else ()
        values = _read_values(database, fields, required, item, path, is_new=old is None)
    except ItemError as problem:
        raise _with_id(problem, old) from None
    if old is not None:
        _append(database, store, item, values, old)
    return values


def _layout_of(database: Database, module: Module, item: Row, path: str) -> Layout | None:
    """Return the layout that a row names; None if it names none.

    Raises:
        ItemError: If there is no such layout.
    """
    given = item.get("Layout")
    if given is None:
        return None
    layout_id = text_at(given, "id")
    layout = database.context.schema.layouts_of(module).get(layout_id)
    if layout is None:
        raise invalid(Field(api_name="Layout"), f"{path}.Layout")
    return layout


def _read_values(
    database: Database,
    fields: Iterable[Field],
    required: Container[str],
    item: Row,
    path: str,
    *,
    is_new: bool,
) -> Row:
    """Return the values of a row, or of a row of a subform."""
    values: Row = {}
    for field in fields:
        name = field.api_name
        is_required = field.mandatory or name in required
        # A row names few of a module's fields.
        if not (name in item or (is_new and is_required)) or field.is_read_only:
            continue
        value, place = item.get(name), f"{path}.{name}"
        if is_required and value in _EMPTY:
            raise missing(field, place)
        values[name] = None if value is None else _value(database, field, value, item, place)
    return values


def clashes_of(
    store: Store, row: Mapping[str, Any], own_id: str | None
) -> Iterator[tuple[Field, str]]:
    """Yield each unique field whose value another record has, and that record's id."""
    for field in store.module.fields.values():
        if not (field.unique or field.external):
            continue
        value = row.get(field.api_name)
        if value is None:
            continue
        for record_id in store.find(field.api_name, value):
            if record_id != own_id:
                yield field, record_id
                break


def check_unique(
    database: Database, store: Store, row: Mapping[str, Any], index: int, own_id: str | None
) -> None:
    """Check that no other record has a value that is unique.

    Raises:
        ItemError: If one has; it tells which.
    """
    _check_link(store, row, own_id)
    clashes = list(clashes_of(store, row, own_id))
    errors = [
        _duplicate(database, store, field, record_id, index, more=len(clashes) > 1)
        for field, record_id in clashes
    ]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        told = [error(each.code, each.message, each.details) for each in errors]
        message = "Multiple errors in the request"
        raise ItemError("MULTIPLE_OR_MULTI_ERRORS", message, {"errors": told})


def _check_link(store: Store, row: Mapping[str, Any], own_id: str | None) -> None:
    """Check that no other record links the same two.

    Raises:
        ItemError: If one does; it tells which.
    """
    linking = store.module.linking
    before = store.rows.get(own_id or "", {})
    pair = [({**before, **row}.get(name) or {}).get("id") for name in linking]
    for record_id, other in store.rows.items() if linking else ():
        if record_id != own_id and pair == [other[name]["id"] for name in linking]:
            details = {"linking_fields": [*linking], "id": record_id}
            raise ItemError("DUPLICATE_LINKING_DATA", "duplicate association", details)


def _duplicate(
    database: Database, store: Store, field: Field, record_id: str, index: int, *, more: bool
) -> ItemError:
    owner = database.users.get(store.rows[record_id]["Owner"]["id"])
    record = {
        "Owner": {"name": owner["full_name"], "id": owner["id"], "zuid": owner["zuid"]},
        "module": store.module.reference,
        "id": record_id,
    }
    details = {
        "api_name": field.api_name,
        "duplicate_record": record,
        "json_path": f"$.data[{index}].{field.api_name}",
        "id": record_id,
        "more_records": more,
    }
    return ItemError("DUPLICATE_DATA", "duplicate data", details)


def _value(database: Database, field: Field, value: Any, item: Row, place: str) -> Any:
    """Return a value as it is kept."""
    field.check(value, place)
    if field.api_name == "Probability" and not 0 <= value <= 100:
        raise invalid(field, place, range={"from": 0, "to": 100})
    if field.type in TO_USERS:
        return _user(database, field, value, place)
    if field.type in TO_RECORDS:
        return _record(database, field, value, item, place)
    if field.type == "subform":
        return [
            {**_subform_row(database, field, row, f"{place}[{number}]"), "id": database.new_id()}
            for number, row in enumerate(value)
            if "_delete" not in row
        ]
    return value


def _subform_row(database: Database, field: Field, row: Row, place: str) -> Row:
    """Return a row of a subform as it is kept; where its fields are not known, as it is."""
    is_new = "id" not in row
    read = _read_values(database, field.rows.values(), (), row, place, is_new=is_new)
    return {**row, **read}


def _user(database: Database, field: Field, value: Any, place: str) -> Row:
    user = database.users.reference(str(value.get("id")))
    if user is None:
        raise _unknown(field, place)
    return {"id": user["id"]}


def _record(database: Database, field: Field, value: Any, item: Row, place: str) -> Row:
    """Return which record a lookup leads to."""
    module, record_id = field.lookup, str(value.get("id"))
    if field.type == "multi_module_lookup":
        named = value_at(value, "module", "api_name") or value_at(value, "module", "id")
        known = database.context.schema.find(str(named or item.get("$se_module") or ""))
        module = known.api_name if known else ""
    if "id" not in value:
        raise ItemError(
            "MANDATORY_NOT_FOUND",
            "required field not found",
            {"api_name": "id", "json_path": f"{place}.id"},
        )
    if not database.exists(module, record_id):
        raise _unknown(field, place)
    return {"id": record_id, **({"module": module} if field.lookup != module else {})}


def _unknown(field: Field, place: str) -> ItemError:
    details = {"api_name": field.api_name, "json_path": f"{place}.id"}
    return unknown_id(**details)


def _with_id(problem: ItemError, old: Row | None) -> ItemError:
    """Return an error of an update, which names the record as well."""
    if old is None:
        return problem
    return ItemError(problem.code, problem.message, {**problem.details, "id": old["id"]})


def _append(database: Database, store: Store, item: Row, values: Row, old: Row) -> None:
    """Keep what an update leaves of a list."""
    appended = item.get("$append_values")
    for name, appends in (appended if isinstance(appended, dict) else {}).items():
        if appends and isinstance(values.get(name), list):
            before: Sequence[str] = old.get(name) or ()
            values[name] = [*before, *(each for each in values[name] if each not in before)]
    for name in values:
        if store.module.fields[name].type == "subform" and item[name]:
            values[name] = _merge_rows(database, old.get(name) or (), item[name])


def _merge_rows(database: Database, before: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """Return the rows of a subform: those without an id are new, those not named stay."""
    merged = {row["id"]: row for row in before}
    for row in rows:
        row_id = str(row["id"]) if "id" in row else database.new_id()
        if "_delete" in row:
            merged.pop(row_id, None)
        else:
            merged[row_id] = {**merged.get(row_id, {}), **row, "id": row_id}
    return list(merged.values())
