"""Searches and counts: by criteria, by an address, by a number, by a word."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from aiozcrm.testing._families._paging import page_of, pick
from aiozcrm.testing._records._criteria import Criteria, Matches
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._reading import asked_fields
from aiozcrm.testing._records._store import Row, Store, folded
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["Searching"]

# In the order in which Zoho looks for them.
_WAYS: Final = ("criteria", "email", "phone", "word")
_TEXTS: Final = frozenset({"text", "textarea", "email", "phone", "website", "picklist"})
_SHORTEST_WORD: Final = 2
_SHORTEST_NUMBER: Final = 3
_LONGEST_CRITERIA: Final = 3000


class Searching:
    """What can be searched, in every module.

    Args:
        database: All records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, call: Call) -> Answer:
        """Answer ``GET /{module}/search``."""
        store, fields = self._database.store_of(call), asked_fields(call, needed=False)
        matches = self._matches(store, call)
        if matches is None:
            message = "one of the expected parameter is missing"
            raise rejected(400, "EXPECTED_PARAM_MISSING", message, param_names=[*_WAYS])
        page, most = pick(call), self._database.context.limits.pages
        if (page.number - 1) * page.size >= most:
            message = "maximum response iteration limit reached"
            raise rejected(400, "LIMIT_REACHED", message, limit=str(most))
        found = [row for row in self._known(store, call) if matches(row)][::-1]
        shown, info = page_of(found, page)
        if not shown:
            return NO_CONTENT
        names = fields or store.module.fields
        data = [self._database.show(row, store.module, names) for row in shown]
        order = {"sort_by": "id", "sort_order": "desc"}
        return Answer(200, {"data": data, "info": {**info, **order}})

    def count(self, call: Call) -> Answer:
        """Answer ``GET /{module}/actions/count``."""
        store = self._database.store_of(call)
        matches = self._matches(store, call)
        if "cvid" in call.query:
            if matches is not None:
                message = "Please use either Cvid or Search Params."
                raise rejected(400, "AMBIGUITY_DURING_PROCESSING", message)
            matches = store.views.get(call.query["cvid"])
            if matches is None:
                raise rejected(400, "INVALID_DATA", "invalid data", param_name="cvid")
        rows = store.rows.values()
        return Answer(200, {"count": sum(matches is None or matches(row) for row in rows)})

    def _known(self, store: Store, call: Call) -> Iterable[Row]:
        """Yield what the index of the search has by now, and the call does not leave out."""
        lag, now = self._database.context.limits.search_lag, self._database.context.wall()
        for row in store.all():
            age = now - dt.datetime.fromisoformat(row["Modified_Time"]).timestamp()
            converted = call.query.get("converted", "false")
            fits = converted == "both" or bool(row.get("Converted__s")) == (converted == "true")
            if fits and (not lag or age >= lag):
                yield row

    def _matches(self, store: Store, call: Call) -> Matches | None:
        """Return what a call looks for, None if for nothing."""
        ways = {
            "criteria": self._by_criteria,
            "email": self._by_email,
            "phone": self._by_phone,
            "word": self._by_word,
        }
        for name in _WAYS:
            if text := call.query.get(name):
                return ways[name](store, text)
        return None

    def _by_criteria(self, store: Store, text: str) -> Matches:
        if len(text) > _LONGEST_CRITERIA:
            raise rejected(400, "LIMIT_EXCEEDED", "limit exceeded", limit=_LONGEST_CRITERIA)
        return Criteria(self._database, store.module, text).parse()

    def _by_email(self, store: Store, text: str) -> Matches:
        names = self._fields(store, "email")
        return lambda row: any(folded(row.get(name)) == folded(text) for name in names)

    def _by_phone(self, store: Store, text: str) -> Matches:
        names, digits = self._fields(store, "phone"), _digits_of(text)
        if len(digits) < _SHORTEST_NUMBER:
            raise rejected(400, "INVALID_DATA", "invalid data", param_name="phone")
        return lambda row: any(digits in _digits_of(row.get(name)) for name in names)

    def _by_word(self, store: Store, text: str) -> Matches:
        if len(text) < _SHORTEST_WORD:
            message = "provide atleast 2 letters for search"
            raise rejected(400, "INVALID_DATA", message, param_name="word")
        names = [name for name, field in store.module.fields.items() if field.type in _TEXTS]
        return lambda row: any(folded(text) in folded(row.get(name) or "") for name in names)

    def _fields(self, store: Store, kind: str) -> Sequence[str]:
        names = [name for name, field in store.module.fields.items() if field.type == kind]
        if not names:
            message = f"the module has no {kind} field"
            raise rejected(400, "FIELD_TYPE_UNAVAILABLE", message)
        return names


def _digits_of(value: Any) -> str:
    return re.sub(r"\D", "", str(value or ""))
