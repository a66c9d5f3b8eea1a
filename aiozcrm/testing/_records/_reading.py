"""Calls that read records: lists, one, deleted ones, counts.

Source: https://www.zoho.com/crm/developer/docs/api/v7/get-records.html and its neighbours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._collection import is_modified, modified_since, read_moment
from aiozcrm.testing._families._paging import page_of, pick
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._external import External
from aiozcrm.testing._records._page_tokens import PageTokens, Place
from aiozcrm.testing._records._store import Gone, Row, Store
from aiozcrm.testing._wire._answer import NO_CONTENT, NOT_MODIFIED, Answer, rejected, wrong_id
from aiozcrm.testing._wire._call import Call

__all__ = ["Reading", "asked_fields", "order_of"]

_MOST_FIELDS: Final = 50
_SORTS: Final = ("id", "Created_Time", "Modified_Time")
_GONE_TYPES: Final = ("all", "recycle", "permanent")
_CONVERTED: Final = ("true", "false", "both")
# https://www.zoho.com/crm/developer/docs/api/v7/get-deleted-records.html
_DAYS_IN_BIN: Final = 60
_DAYS_TOLD: Final = 120


class Reading:
    """What can be read, in every module.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        context = database.context
        self.tokens = PageTokens(context.limits.page_token_lifetime, context.wall)

    def list(self, call: Call) -> Answer:
        """Answer ``GET /{module}``."""
        store = self._database.store_of(call)
        fields = asked_fields(call, needed=True)
        sort_by, descending = order_of(call)
        place = self.place_of(call)
        start, size = place.start, place.size
        ids = self._chosen(store, call, store.in_order(sort_by, descending=descending))
        since = modified_since(call)
        if since is not None:
            ids = [each for each in ids if is_modified(store.rows[each], since)]
        shown = [store.rows[each] for each in ids[start : start + size]]
        if not shown:
            return NO_CONTENT if since is None else NOT_MODIFIED
        order = {"sort_by": sort_by, "sort_order": "desc" if descending else "asc"}
        info = self.info_of(call, place, len(shown), more=start + size < len(ids))
        data = [self._database.show(row, store.module, fields) for row in shown]
        return Answer(200, {"data": data, "info": {"call": False, "email": False, **order, **info}})

    def answer_rows(
        self, call: Call, rows: Sequence[Row], show: Callable[[Row], Mapping[str, Any]]
    ) -> Answer:
        """Answer a list with its page of rows; without any, it has no content.

        Args:
            call: The call.
            rows: All rows of the list.
            show: Returns what is shown of one.
        """
        place = self.place_of(call)
        shown = rows[place.start : place.start + place.size]
        if not shown:
            return NO_CONTENT if modified_since(call) is None else NOT_MODIFIED
        info = self.info_of(call, place, len(shown), more=place.start + place.size < len(rows))
        return Answer(200, {"data": [show(row) for row in shown], "info": info})

    def info_of(self, call: Call, place: Place, count: int, *, more: bool) -> dict[str, Any]:
        """Return what an answer says of its page.

        Args:
            call: The call.
            place: The page.
            count: How many records it has.
            more: Whether there are others behind it.
        """
        token, expiry = None, None
        if more:
            following = Place(place.start + place.size, place.page + 1, place.size)
            token, expiry = self.tokens.make(call.path, call.query, following)
        return {
            "per_page": place.size,
            "next_page_token": token,
            "count": count,
            "page": place.page,
            "previous_page_token": None,
            "page_token_expiry": expiry,
            "more_records": more,
        }

    def get(self, call: Call) -> Answer:
        """Answer ``GET /{module}/{id}``."""
        store, external = self._database.store_of(call), External.of(call)
        name = call.segments[1]
        row = store.rows.get(external.find(store, name) if external else name)
        if row is None:
            return self._unknown()
        since = modified_since(call)
        if since is not None and not is_modified(row, since):
            return NOT_MODIFIED
        fields = asked_fields(call, needed=False)
        shown = (
            self._database.show(row, store.module, fields)
            if fields
            else self._database.show_all(row, store.module, store)
        )
        return Answer(200, {"data": [shown]})

    def list_deleted(self, call: Call) -> Answer:
        """Answer ``GET /{module}/deleted``."""
        store, kind = self._database.store_of(call), call.query.get("type", "all")
        if kind not in _GONE_TYPES:
            raise rejected(400, "PATTERN_NOT_MATCHED", "pattern not matched", param_name="type")
        since = modified_since(call)
        found = [
            gone
            for gone in reversed(store.gone.items())
            if self._is_listed(gone[1], since) and kind in {"all", self._kind_of(gone[1])}
        ]
        page = pick(call)
        self._check_reach((page.number - 1) * page.size)
        shown, info = page_of(found, page)
        if not shown:
            return NO_CONTENT if since is None else NOT_MODIFIED
        return Answer(200, {"data": [*map(self._told, shown)], "info": info})

    def _told(self, gone: tuple[str, Gone]) -> dict[str, Any]:
        """Return what is told of a deleted record."""
        (record_id, left), users = gone, self._database.users
        named: dict[str, Any] = {
            "deleted_by": users.short(users.current_id),
            "display_name": left.name,
            "created_by": users.short(left.row["Created_By"]["id"]),
        }
        kind = self._kind_of(left)
        if kind == "permanent":
            named = dict.fromkeys(named)
        return {**named, "id": record_id, "type": kind, "deleted_time": left.deleted_time}

    def _kind_of(self, left: Gone) -> str:
        is_permanent = left.permanent or self._days_since(left.deleted_time) > _DAYS_IN_BIN
        return "permanent" if is_permanent else "recycle"

    def _is_listed(self, left: Gone, since: dt.datetime | None) -> bool:
        if self._days_since(left.deleted_time) > _DAYS_TOLD:
            return False
        return since is None or read_moment(left.deleted_time) >= since

    def _days_since(self, time: str) -> float:
        return (self._database.context.wall() - read_moment(time).timestamp()) / 86_400

    def fetch_full_data(self, call: Call) -> Answer:
        """Answer ``GET /{module}/{id}/actions/fetch_full_data``."""
        store, record_id = self._database.record_of(call)
        long = [name for name, field in store.module.fields.items() if field.type == "textarea"]
        names = asked_fields(call, needed=False) or long
        return Answer(
            200, {"data": [self._database.show(store.rows[record_id], store.module, names)]}
        )

    def _unknown(self) -> Answer:
        if self._database.context.dialect.unknown_record == 204:
            return NO_CONTENT
        raise wrong_id(1)

    def place_of(self, call: Call) -> Place:
        """Return the page that is asked for."""
        if "page_token" not in call.query:
            page = pick(call)
            start = (page.number - 1) * page.size
            self._check_reach(start)
            return Place(start, page.number, page.size)
        if "page" in call.query:
            due_to = [{"param_name": "page"}, {"param_name": "page_token"}]
            message = "ambiguity while processing the request"
            raise rejected(400, "AMBIGUITY_DURING_PROCESSING", message, ambiguity_due_to=due_to)
        place = self.tokens.find(call.path, call.query)
        most = self._database.context.limits.page_tokens
        if place.start >= most:
            message = f"only the first {most} records can be fetched"
            raise rejected(400, "PAGINATION_LIMIT_EXCEEDED", message, param_name="page_token")
        return place

    def _check_reach(self, start: int) -> None:
        most = self._database.context.limits.pages
        if start >= most:
            message = f"only the first {most} records can be fetched without page_token"
            raise rejected(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", message, limit=most)

    def _chosen(self, store: Store, call: Call, ids: Sequence[str]) -> Sequence[str]:
        """Return those of *ids* that the parameters of a list leave."""
        if named := call.query.get("ids"):
            external = External.of(call)
            wanted = {external.find(store, n) if external else n for n in named.split(",")}
            ids = [each for each in ids if each in wanted]
        converted = call.query.get("converted", "false")
        if converted not in _CONVERTED:
            message = "pattern not matched"
            raise rejected(400, "PATTERN_NOT_MATCHED", message, param_name="converted")
        if "Converted__s" in store.module.fields and converted != "both":
            want = converted == "true"
            ids = [each for each in ids if bool(store.rows[each].get("Converted__s")) == want]
        if "cvid" in call.query:
            ids = [each for each in ids if self._view(store, call)(store.rows[each])]
        return ids

    def _view(self, store: Store, call: Call) -> Callable[[Row], bool]:
        if "sort_by" in call.query:
            due_to = [{"param_name": "cvid"}, {"param_name": "sort_by"}]
            message = "ambiguity while processing the request"
            raise rejected(400, "AMBIGUITY_DURING_PROCESSING", message, ambiguity_due_to=due_to)
        view = store.views.get(call.query["cvid"])
        if view is None:
            raise rejected(400, "INVALID_DATA", "invalid data", param_name="cvid")
        return view


def asked_fields(call: Call, *, needed: bool) -> Sequence[str]:
    """Return the fields that a call asks for.

    Args:
        call: The call.
        needed: Whether it has to ask for some.

    Raises:
        RejectedError: If it asks for none and has to, or for too many.
    """
    names = [name for name in call.query.get("fields", "").split(",") if name]
    if not names and needed:
        message = "One of the expected parameter is missing"
        raise rejected(400, "REQUIRED_PARAM_MISSING", message, param_name="fields")
    if len(names) > _MOST_FIELDS:
        details: Mapping[str, Any] = {"limit": _MOST_FIELDS, "param_name": "fields"}
        raise rejected(400, "LIMIT_EXCEEDED", "limit exceeded", **details)
    return names


def order_of(call: Call, usual: str = "desc") -> tuple[str, bool]:
    """Return by what a list is sorted, and whether it descends."""
    sort_by, order = call.query.get("sort_by", "id"), call.query.get("sort_order", usual)
    if sort_by not in _SORTS:
        details = {"param_name": "sort_by", "supported_values": [*_SORTS]}
        raise rejected(400, "INVALID_DATA", "invalid data", **details)
    if order not in {"asc", "desc"}:
        raise rejected(400, "PATTERN_NOT_MATCHED", "pattern not matched", param_name="sort_order")
    return sort_by, order == "desc"
