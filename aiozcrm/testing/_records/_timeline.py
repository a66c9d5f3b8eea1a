"""What happened to a record.

Source: https://www.zoho.com/crm/developer/docs/api/v7/timeline-of-a-record.html
"""

from __future__ import annotations

from typing import Any, Final

from aiozcrm.testing._families._paging import pick
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._page_tokens import PageTokens, Place
from aiozcrm.testing._records._store import Change, Row, Store
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call

__all__ = ["Timeline"]

_FIRST_EVENT: Final = 700_001
_PER_PAGE: Final = 25


class Timeline:
    """Tells what calls did to records.

    Args:
        database: All records.
        tokens: The page tokens of the org.
    """

    def __init__(self, database: Database, tokens: PageTokens) -> None:
        self._database = database
        self._tokens = tokens

    def list(self, call: Call) -> Answer:
        """Answer ``GET /{module}/{id}/__timeline``, the latest first."""
        store, record_id = self._database.record_of(call)
        row = store.rows[record_id]
        place = self._place_of(call)
        created = Change(time=row["Created_Time"], action="added")
        changes = [*reversed(store.changes.get(row["id"], ())), created]
        shown = changes[place.start : place.start + place.size]
        following = Place(place.start + place.size, place.page + 1, place.size)
        more = following.start < len(changes)
        # A token is sent alone: it is bound to the path, and knows the size of the page.
        token = self._tokens.make(call.path, {}, following)[0] if more else None
        events = [
            self._show(store, row, change, len(changes) - place.start - number)
            for number, change in enumerate(shown)
        ]
        info = {
            "per_page": place.size,
            "next_page_token": token,
            "count": len(shown),
            "page": place.page,
            "previous_page_token": None,
            "more_records": more,
        }
        return Answer(200, {"__timeline": events, "info": info})

    def _place_of(self, call: Call) -> Place:
        if "page_token" not in call.query:
            size = pick(call).size if "per_page" in call.query else _PER_PAGE
            return Place(0, 1, size)
        if "per_page" in call.query:
            due_to = [{"param_name": "per_page"}, {"param_name": "page_token"}]
            message = "ambiguity while processing the request"
            raise rejected(400, "AMBIGUITY_DURING_PROCESSING", message, ambiguity_due_to=due_to)
        return self._tokens.find(call.path, {"page_token": call.query["page_token"]})

    def _show(self, store: Store, row: Row, change: Change, number: int) -> dict[str, Any]:
        module, users = store.module, self._database.users
        name = self._database.name_of(module, row)
        return {
            "done_by": {**users.short(users.current_id), "type__s": "Regular User"},
            "related_record": None,
            "automation_details": None,
            "record": {"module": module.reference, "name": name, "id": row["id"]},
            "audited_time": change.time,
            "action": change.action,
            "id": f"{row['id'][:-6]}{_FIRST_EVENT + number}",
            "source": "crm_api",
            "extension": None,
            "type": None,
            "field_history": [
                {
                    "api_name": field,
                    "_value": {"old": old, "new": new},
                    "id": module.fields[field].id,
                }
                for field, (old, new) in change.values.items()
            ],
        }
