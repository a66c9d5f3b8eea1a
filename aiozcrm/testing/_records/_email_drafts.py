"""The drafts of the mails of records.

Source: https://www.zoho.com/crm/developer/docs/api/v7/create-drafts.html and its neighbours.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._items import answer_items, read_items, succeeded
from aiozcrm.testing._families._paging import Page, page_of, pick
from aiozcrm.testing._records._attachments import check_parent
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._mails import message_id_of
from aiozcrm.testing._schema._field import (
    Field,
    ItemError,
    invalid,
    missing,
    read_object,
    unknown_id,
)
from aiozcrm.testing._wire._answer import NO_CONTENT, Answer, wrong_id
from aiozcrm.testing._wire._call import Call, Family, Operation

__all__ = ["EmailDrafts"]

_KEY: Final = "__email_drafts"
_MANY: Final = f"/{{module}}/{{id}}/{_KEY}"
_PAGE: Final = 10
#: What a draft need not have.
_OPTIONAL: Final = (
    *("to", "cc", "bcc", "reply_to", "subject", "content", "summary", "attachments"),
    *("schedule_details", "template", "inventory_details", "email_opt_out"),
)


class EmailDrafts(Family):
    """The drafts of all records of an org.

    Args:
        database: All records.
    """

    _kept = ("_drafts", "_parents")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._drafts: dict[str, dict[str, Any]] = {}
        self._parents: dict[str, str] = {}

    @property
    def ids(self) -> list[str]:
        """The ids of the drafts that exist now, oldest first."""
        return list(self._drafts)

    def get(self, draft_id: str) -> dict[str, Any]:
        """Return a draft as the API shows it.

        Raises:
            KeyError: If there is none.
        """
        return copy.deepcopy(self._drafts[draft_id])

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about drafts."""
        lines = {
            f"GET {_MANY}": (self._list, "list"),
            f"POST {_MANY}": (self._create, "create"),
            f"PUT {_MANY}": (self._update, "update"),
            f"GET {_MANY}/{{draft_id}}": (self._get, "get"),
            f"DELETE {_MANY}/{{draft_id}}": (self._delete, "delete"),
        }
        return tuple(
            Operation(line=line, run=run, verb=verb, family="email_drafts")
            for line, (run, verb) in lines.items()
        )

    def _create(self, call: Call) -> Answer:
        parent = check_parent(self._database, call)

        def create(index: int, given: Any) -> Mapping[str, Any]:
            item = _checked(given, index)
            own, now = message_id_of(len(self._parents) + 1, "draft"), self._now()
            unset = dict.fromkeys(_OPTIONAL)
            times = {"created_time": now, "modified_time": now}
            self._drafts[own] = {**unset, **item, **times, "id": own}
            self._parents[own] = parent
            self._database.context.stats.note_done("create", "email_drafts", own)
            return succeeded("Draft created Successfully", {"id": own})

        return answer_items(_KEY, read_items(call, _KEY, most=100), create, success=201)

    def _update(self, call: Call) -> Answer:
        parent = check_parent(self._database, call)

        def update(index: int, given: Any) -> Mapping[str, Any]:
            item = _checked(given, index)
            own = str(item.get("id"))
            if own not in self._drafts or self._parents[own] != parent:
                place = {"api_name": "id", "json_path": f"$.{_KEY}[{index}].id"}
                raise unknown_id(**place)
            if "inventory_details" in item:
                raise ItemError("NOT_ALLOWED", "inventory details stay", {"id": own}, status=403)
            self._drafts[own] |= {**item, "id": own, "modified_time": self._now()}
            self._database.context.stats.note_done("update", "email_drafts", own)
            return succeeded("Draft updated Successfully", {"id": own})

        return answer_items(_KEY, read_items(call, _KEY, most=100), update)

    def _now(self) -> str:
        return self._database.context.now()

    def _list(self, call: Call) -> Answer:
        parent = check_parent(self._database, call)
        own = [draft for each, draft in self._drafts.items() if self._parents[each] == parent]
        shown, info = page_of(own, Page(pick(call).number, _PAGE))
        return Answer(200, {_KEY: shown, "info": info}) if shown else NO_CONTENT

    def _get(self, call: Call) -> Answer:
        parent, own = check_parent(self._database, call), call.params["draft_id"]
        if self._parents.get(own) != parent or own not in self._drafts:
            return NO_CONTENT
        return Answer(200, {_KEY: [self._drafts[own]]})

    def _delete(self, call: Call) -> Answer:
        parent, own = check_parent(self._database, call), call.params["draft_id"]
        if self._parents.get(own) != parent or own not in self._drafts:
            raise wrong_id(3)
        del self._drafts[own]
        self._database.context.stats.note_done("delete", "email_drafts", own)
        return Answer(200, {_KEY: [succeeded("Draft deleted Successfully", {"id": own})]})


def _checked(given: Any, index: int) -> dict[str, Any]:
    """Return an item that has what each needs."""
    item = read_object(given, _KEY, f"$.{_KEY}[{index}]")
    for name, kind in (("from", str), ("rich_text", bool)):
        path = f"$.{_KEY}[{index}].{name}"
        if item.get(name) is None:
            raise missing(Field(api_name=name), path)
        if not isinstance(item[name], kind):
            raise invalid(Field(api_name=name), path)
    return copy.deepcopy(item)
