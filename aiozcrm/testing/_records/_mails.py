"""The mails of records: sent, put there, listed, and addresses from which some have come back.

Source: https://www.zoho.com/crm/developer/docs/api/v7/send-mail.html and its neighbours.
"""

from __future__ import annotations

import copy
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._items import answer_items, read_body_ids, read_items, succeeded
from aiozcrm.testing._records._attachments import check_parent
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._owners import free_record
from aiozcrm.testing._schema._field import Field, ItemError, missing
from aiozcrm.testing._wire._answer import NO_CONTENT, WRONG_ID, Answer, rejected
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._json import text_at, value_at

__all__ = ["Mails", "message_id_of"]

_PAGE: Final = 10
_A_DAY: Final = 100
_UNBLOCKS: Final = 5
_ASSOCIATED: Final = (
    *("from", "to", "subject", "content", "date_time", "sent", "original_message_id"),
)
_ADDRESSES: Final = ("Email", "Secondary_Email")


def message_id_of(number: int, kind: str = "mail") -> str:
    """Return the id of a mail or a draft, which is a word of digits and letters."""
    return hashlib.sha256(f"{kind} {number}".encode()).hexdigest()


class Mails(Family):
    """The mails of all records of an org, oldest first: ``list(fake.mails)``.

    Each is what the call gave, with ``message_id``, ``module``, ``record_id`` and ``type``:
    ``sent_from_crm``, ``scheduled_in_crm`` or, if it was put there, ``user_emails``.

    Args:
        database: All records.
    """

    _kept = ("_mails", "_blocked", "_unblocked", "_sent_on")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mails: list[dict[str, Any]] = []
        self._blocked: set[tuple[str, str]] = set()
        self._unblocked: Counter[tuple[str, str]] = Counter()
        self._sent_on: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._mails)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(copy.deepcopy(self._mails))

    def __getitem__(self, index: int) -> dict[str, Any]:
        return copy.deepcopy(self._mails[index])

    @property
    def ids(self) -> list[str]:
        """The ids of the mails that exist now, oldest first."""
        return [mail["message_id"] for mail in self._mails]

    def add(self, record_id: str, *, module: str = "Leads", **values: Any) -> str:
        """Add a mail to a record, as somebody would in Zoho's own pages, and return its id.

        Args:
            record_id: The record.
            module: Its module.
            **values: What is in it, such as ``subject``.
        """
        user = self._database.context.user
        sender = {"user_name": user["name"], "email": "mira@bindery.example"}
        given = {"from": sender, "to": [], "subject": "", "content": "", **values}
        return self._keep(module, record_id, "sent_from_crm", given)

    def block(self, record_id: str, field: str = "Email") -> None:
        """Let a mail to an address of a record come back, so that no more go there.

        Args:
            record_id: The record.
            field: The field of the address: ``Email`` or ``Secondary_Email``.
        """
        self._blocked.add((record_id, field))

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about mails."""
        lines = {
            "POST /{module}/{id}/actions/send_mail": (self._send, "send_mail"),
            "POST /{module}/{id}/actions/associate_email": (self._associate, "associate_email"),
            "POST /{module}/{id}/actions/unblock_email": (self._unblock, "unblock_email"),
            "POST /{module}/actions/unblock_email": (self._unblock, "unblock_email"),
            "GET /{module}/{id}/Emails": (self._list, "list"),
            "GET /{module}/{id}/Emails/{message_id}": (self._get, "get"),
            "GET /{module}/{id}/__emails_sharing_details": (self._show_sharing, "sharing"),
            "GET /settings/emails/actions/from_addresses": (self._addresses, "from_addresses"),
        }
        return tuple(
            Operation(line=line, run=run, verb=verb, family="mails")
            for line, (run, verb) in lines.items()
        )

    def _keep(self, module: str, record_id: str, kind: str, given: Mapping[str, Any]) -> str:
        own = message_id_of(len(self._mails) + 1)
        facts = {"message_id": own, "module": module, "record_id": record_id, "type": kind}
        time = given.get("date_time") or given.get("scheduled_time")
        now = self._database.context.now()
        self._mails.append({**copy.deepcopy(dict(given)), **facts, "time": time or now})
        return own

    def _send(self, call: Call) -> Answer:
        store, record_id = self._database.store_of(call), check_parent(self._database, call)

        def send(_: int, given: Any) -> Mapping[str, Any]:
            item = given if isinstance(given, dict) else {}
            sender, to = item.get("from"), item.get("to")
            if not isinstance(sender, dict) or not sender.get("email"):
                raise missing(Field(api_name="from"), "$.data[0].from")
            if not isinstance(to, list) or not to:
                raise missing(Field(api_name="to"), "$.data[0].to")
            row = store.rows[free_record(store, record_id)]
            if row.get("Email_Opt_Out") and not item.get("consent_email"):
                raise ItemError("NOT_ALLOWED", "the record has opted out of emails", {})
            if any(self._is_blocked(row, each) for each in to):
                raise ItemError("NOT_ALLOWED", "the email address is blocked", {})
            today = self._database.context.now()[:10]
            if self._sent_on[today] >= _A_DAY:
                raise ItemError("LIMIT_EXCEEDED", "the limit of emails a day is exceeded", {})
            later = item.get("scheduled_time") is not None
            kind, word = ("scheduled_in_crm", "scheduled") if later else ("sent_from_crm", "sent")
            own = self._keep(store.module.api_name, record_id, kind, item)
            self._sent_on[today] += 1
            stats = self._database.context.stats
            stats.note_done("send_mail", store.module.api_name, record_id)
            return succeeded(f"Your mail has been {word} successfully.", {"message_id": own})

        return answer_items("data", read_items(call, "data", most=1), send)

    def _is_blocked(self, row: Mapping[str, Any], to: Any) -> bool:
        address = value_at(to, "email")
        return any(
            (row["id"], field) in self._blocked and address == row.get(field)
            for field in _ADDRESSES
        )

    def _associate(self, call: Call) -> Answer:
        store, record_id = self._database.store_of(call), check_parent(self._database, call)

        def associate(_: int, given: Any) -> Mapping[str, Any]:
            item = given if isinstance(given, dict) else {}
            for name in _ASSOCIATED:
                if item.get(name) is None:
                    raise missing(Field(api_name=name), f"$.Emails[0].{name}")
            original = item["original_message_id"]
            if any(each.get("original_message_id") == original for each in self._mails):
                place = {"json_path": "$.Emails[0].original_message_id"}
                details = {"api_name": "original_message_id", **place}
                raise ItemError("DUPLICATE_DATA", "duplicate data", details)
            own = self._keep(store.module.api_name, record_id, "user_emails", item)
            stats = self._database.context.stats
            stats.note_done("associate_email", store.module.api_name, record_id)
            return succeeded("Your mail has been added successfully", {"message_id": own})

        return answer_items("Emails", read_items(call, "Emails", most=1), associate)

    def _unblock(self, call: Call) -> Answer:
        store, body = self._database.store_of(call), call.json_object()
        fields, one = body.get("unblock_fields"), call.params.get("id")
        place = {"api_name": "unblock_fields", "json_path": "$.unblock_fields"}
        if not fields:
            raise rejected(400, "MANDATORY_NOT_FOUND", "required field not found", **place)
        if not isinstance(fields, list) or any(each not in _ADDRESSES for each in fields):
            raise rejected(400, "INVALID_DATA", "invalid data", **place)

        def unblock(_: int, record_id: Any) -> Mapping[str, Any]:
            own = free_record(store, record_id)
            for field in fields:
                if (own, field) not in self._blocked:
                    raise ItemError("NOT_ALLOWED", f"{field} is already unblocked", {"id": own})
                if self._unblocked[own, field] >= _UNBLOCKS:
                    raise ItemError("NOT_ALLOWED", f"{field} was unblocked too often", {"id": own})
            for field in fields:
                self._blocked.discard((own, field))
                self._unblocked[own, field] += 1
            return succeeded("Unblocked successfully", {"id": own})

        return answer_items("data", [one] if one else read_body_ids(body), unblock)

    def _of(self, call: Call) -> Sequence[Mapping[str, Any]]:
        """Return the mails that a call asks for, the latest first."""
        record_id, kind = check_parent(self._database, call), call.query.get("type")
        owner = call.query.get("owner_id") or self._owner({})["id"]
        return [
            mail
            for mail in self._mails[::-1]
            if mail["record_id"] == record_id
            and (kind is None or kind == mail["type"])
            and (kind != "user_emails" or self._owner(mail)["id"] == owner)
        ]

    def _owner(self, mail: Mapping[str, Any]) -> Mapping[str, Any]:
        own = text_at(mail, "owner", "id")
        found = self._database.users.reference(own)
        return found or self._database.context.user

    def _list(self, call: Call) -> Answer:
        mails, index = self._of(call), call.query.get("index", "0")
        starts = {message_id_of(at, "page"): at for at in range(_PAGE, len(mails), _PAGE)}
        if index != "0" and index not in starts:
            raise rejected(400, "INVALID_DATA", "invalid data", param_name="index")
        start = starts.get(index, 0)
        shown = mails[start : start + _PAGE]
        if not shown:
            return NO_CONTENT
        more, before = start + _PAGE < len(mails), start - _PAGE
        info = {
            "per_page": _PAGE,
            "next_index": message_id_of(start + _PAGE, "page") if more else None,
            "count": len(shown),
            "prev_index": message_id_of(before, "page") if before > 0 else "0",
            "more_records": more,
        }
        return Answer(200, {"Emails": [self._row(mail) for mail in shown], "info": info})

    def _row(self, mail: Mapping[str, Any]) -> dict[str, Any]:
        unknown = ("summary", "intent", "sentiment_info", "linked_record", "related_to_record")
        return {
            **dict.fromkeys((*unknown, "emotion")),
            "cc": mail.get("cc"),
            "has_thread_attachment": False,
            "owner": self._owner(mail),
            "read": True,
            "subject": mail.get("subject"),
            "message_id": mail["message_id"],
            "has_attachment": bool(mail.get("attachments")),
            "source": "individual",
            "sent": bool(mail.get("sent", True)),
            "from": mail["from"],
            "to": mail["to"],
            "time": mail["time"],
            "status": [{"type": "scheduled" if mail["type"] == "scheduled_in_crm" else "sent"}],
        }

    def _get(self, call: Call) -> Answer:
        own = call.params["message_id"]
        mail = next((each for each in self._of(call) if each["message_id"] == own), None)
        if mail is None:
            return NO_CONTENT
        row = self._row(mail)
        names = ("subject", "intent", "sentiment_info", "emotion", "from", "to", "status")
        shown = {
            **{name: row[name] for name in names},
            "attachments": mail.get("attachments") or [],
            "editable": False,
            "mail_format": mail.get("mail_format") or "html",
            "content": mail.get("content"),
            "sent_time": mail["time"],
            "thread_id": None,
            "reply_to": mail.get("reply_to") or {"user_name": None, "email": ""},
        }
        return Answer(200, {"Emails": [shown]})

    def _show_sharing(self, call: Call) -> Answer:
        check_parent(self._database, call)
        details = {"available_types": ["emails_sent_from_crm"], "share_from_users": []}
        return Answer(200, {"__emails_sharing_details": details})

    def _addresses(self, call: Call) -> Answer:
        users = self._database.users
        own = call.query.get("user_id", users.current_id)
        if own not in users.ids:
            raise rejected(400, "INVALID_DATA", WRONG_ID, param_name="user_id")
        user = users.get(own)
        primary = {"user_name": user["full_name"], "type": "primary", "email": user["email"]}
        return Answer(200, {"from_addresses": [{**primary, "id": None}]})
