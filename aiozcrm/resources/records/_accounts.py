"""What the answer to a write of records says of each of its rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any, Final

from aiozcrm._protocol import AlikeItems, ApiCall, Reply, error_of, known_id, results_of
from aiozcrm.batch import (
    GONE,
    Outcome,
    OutcomeStatus,
    Successes,
    details_of_alike,
    kept_status,
)
from aiozcrm.errors import (
    ApiError,
    DuplicateDataError,
    InvalidResponseError,
    Result,
    ZohoError,
)
from aiozcrm.resources._results import (
    account_in,
    check_is_of_all,
    is_elsewhere,
    is_of_all,
    trouble_in,
    unreadable,
)
from aiozcrm.resources.records._rows import Row

__all__ = ["Account", "seconds_of"]

#: What an upsert says that it did.
_STATUS_OF_ACTION: Final[Mapping[Any, OutcomeStatus]] = {"insert": "created", "update": "updated"}

_SAID: Final = itemgetter("status")
_DETAILS: Final = itemgetter("details")
_ACTION: Final = itemgetter("action")
_ID: Final = itemgetter("id")
_NAME: Final = attrgetter("name")


class Account:
    """Reads the answer to one call.

    Args:
        call: What was asked, for errors. It is not the call that is sent, since that one refers
            to this, and neither could be freed at once.
        status: The word for a success; None for an upsert, of which each row says what it was.
        rows: What was sent.
        places: The places of the rows in the input; none outside of a batch.
        is_delete: Whether it deletes.
        named: Whether rows are named by external ids, which answers do not tell.
        distrust: Is called when an answer may be the late one to another call: all that come on
            its connection would be.
    """

    __slots__ = ("_call", "_distrust", "_is_delete", "_named", "_places", "_rows", "_status")

    def __init__(
        self,
        call: ApiCall,
        status: OutcomeStatus | None,
        rows: Sequence[Row],
        places: Sequence[int | None],
        *,
        is_delete: bool,
        named: bool,
        distrust: Callable[[], None],
    ) -> None:
        self._call = call
        self._status = status
        self._rows = rows
        self._places = places or [None] * len(rows)
        self._is_delete = is_delete
        self._named = named
        self._distrust = distrust

    def check(self, reply: Reply) -> None:
        """Check that an answer tells of each row, and of more than what may pass.

        Raises:
            aiozcrm.errors.ApiError: If nothing was written, whatever the HTTP status says.
            aiozcrm.errors.InvalidResponseError: If it does not account for each row.
        """
        trouble = trouble_in(self._call, reply, "data")
        if trouble is not None:
            raise trouble
        self._items(reply)

    def check_error(self, error: ApiError) -> None:
        """Check that a rejection that tells of rows tells of each.

        Raises:
            aiozcrm.errors.InvalidResponseError: If it does not.
        """
        check_is_of_all(error)
        reply = account_in(error, "data")
        if reply is not None:
            self._items(reply)

    def _items(self, reply: Reply) -> Sequence[Any] | AlikeItems:
        """Return what an answer says of each row; nothing for a delete without a body."""
        rows = self._rows
        if reply.data is None and self._is_delete and len(rows) == 1:
            return ()
        items = None if reply.data is None else reply.data.get("data")
        if isinstance(items, (list, AlikeItems)) and len(items) == len(rows):
            return items
        if isinstance(items, AlikeItems):
            items = [*items]
        elif isinstance(items, dict):
            items = [items]
        elif not isinstance(items, list):
            said = results_of(reply.data)
            # What is in doubt already is asked again, which may end that.
            items = [] if reply.maybe_done and not said else [reply.data]
            if len(rows) > 1 and said and said[0].status == "error":
                raise error_of(said[0], self._call, reply, results=said)
        if len(rows) == 1 and rows[0].lane is None:
            # One item stands for the occurrences of an event, if all of them came to the same.
            words = {result.status for result in results_of({"data": list(items)}, "data")}
            items = items[:1] if len(words) == 1 else items
        if len(items) != len(rows):
            raise self._of_another_call(reply, "it does not account for each row")
        return items

    def _of_another_call(self, reply: Reply, why: str) -> InvalidResponseError:
        """Return the error for what may be the late answer to another call."""
        self._distrust()
        return unreadable(reply, why, wrote=True)

    def outcomes(
        self,
        reply: Reply,
        began: float | None = None,
        before: Collection[str] = (),
    ) -> Sequence[Outcome]:
        """Return what became of each row, matched by its place.

        Args:
            reply: What came back.
            began: When it was sent, in seconds of Zoho's clock; None if that is not known.
            before: Ids of records that earlier calls of ours have created at about that time.

        Raises:
            aiozcrm.errors.InvalidResponseError: If it does not account for each row.
        """
        items = self._items(reply)
        attempts = reply.attempts
        if not items:
            return [Outcome(self._rows[0].name, "deleted", attempts, None, self._places[0])]
        if not reply.maybe_done:
            successes = (
                self._alike_successes(items, attempts)
                if isinstance(items, AlikeItems)
                else self._successes(items, attempts)
            )
            if successes is not None:
                return successes
        outcomes: list[Outcome] = []
        for row, item, place in zip(self._rows, items, self._places, strict=True):
            plain = None if reply.maybe_done else self._plain_success(row, item)
            if plain is not None:
                outcomes.append(Outcome(*plain, attempts, None, place, item["details"]))
                continue
            (result,) = results_of({"data": [item]}, "data")
            if is_elsewhere(len(outcomes), result):
                raise self._of_another_call(reply, "it does not account for each row")
            id_, status, error = self._read(row, item, result, reply)
            if status == "updated" and self._status is None and id_ not in before:
                created = seconds_of(result.details.get("Created_Time"))
                if began is not None and created is not None and created >= int(began):
                    # An earlier send of ours has created it.
                    status = "created"
            told = result.details if error is None else None
            outcomes.append(Outcome(id_, status, attempts, error, place, told))
        return outcomes

    def _successes(self, items: Sequence[Any], attempts: int) -> Successes | None:
        """Return what became of the rows if they all succeeded; None if one needs a closer look.

        Most rows succeed, so this takes as few steps as possible.
        """
        # Lists of one thing each: anything else would make work for Python's collector.
        try:
            said, details = [*map(_SAID, items)], [*map(_DETAILS, items)]
            ids = [*map(_ID, details)]
            statuses = (
                [*map(_STATUS_OF_ACTION.__getitem__, map(_ACTION, items))]
                if self._status is None
                else [self._status] * len(items)
            )
        except (KeyError, TypeError):
            return None
        if said.count("success") < len(items) or {*map(type, ids)} != {str} or not all(ids):
            return None
        if not self._are_asked_for(ids):
            return None
        return Successes(ids, statuses, attempts, self._places, details)

    def _alike_successes(self, items: AlikeItems, attempts: int) -> Successes | None:
        """Do the same for items that are alike."""
        try:
            ids = items.columns["id"]
            status = self._status or _STATUS_OF_ACTION[items.first["action"]]
        except (KeyError, TypeError):
            return None
        if not self._are_asked_for(ids):
            return None
        details = details_of_alike(items.first["details"], items.columns)
        return Successes(ids, [status] * len(ids), attempts, self._places, details)

    def _are_asked_for(self, ids: Sequence[str]) -> bool:
        """Return whether these are the ids of the rows, or the rows have none."""
        names = [*map(_NAME, self._rows)]
        return names == ids or not any(names)

    def _plain_success(self, row: Row, item: Any) -> tuple[str, OutcomeStatus] | None:
        """Return id and status of a row if it succeeded; None if it needs a closer look.

        A success that is about the id of the row, or names that of a row without one, needs none.
        """
        try:
            said, own = item["status"], item["details"]["id"]
            status = self._status or _STATUS_OF_ACTION[item["action"]]
        except (KeyError, TypeError):
            return None
        if said != "success" or type(own) is not str or not own or row.name not in {"", own}:
            return None
        return own, status

    def _read(
        self, row: Row, item: Any, result: Result, reply: Reply
    ) -> tuple[str, OutcomeStatus, ZohoError | None]:
        """Return id, status and error of one row."""
        named = known_id(result.details.get("id"))
        # A reference to another part of a composite call equals the id, but hashes as itself.
        is_own = named is None or named == row.name
        names_another = bool(row.name) and not self._named and not is_own
        if result.status == "success":
            if names_another:
                error = self._of_another_call(
                    reply, f"a row is about {named}, not about {row.name}"
                )
                return row.name, "in_doubt", error
            action = item.get("action")
            word = action.lower() if isinstance(action, str) else ""
            return named or row.name, self._status or _STATUS_OF_ACTION.get(word, "done"), None
        if not result.failed:
            error = unreadable(reply, "a row says neither success nor error", wrote=True)
            return row.name, "in_doubt", error
        failure = error_of(result, self._call, reply, own_id=row.name or None)
        failure.attempts = reply.attempts
        failure.maybe_done = failure.maybe_done or (reply.maybe_done and is_of_all(failure))
        # A duplicate names the record in the way.
        if names_another and not isinstance(failure, DuplicateDataError):
            error = self._of_another_call(reply, f"a row is about {named}, not about {row.name}")
            return row.name, "in_doubt", error
        status: OutcomeStatus = "in_doubt" if failure.maybe_done else "failed"
        if self._is_delete:
            if reply.maybe_done and isinstance(failure, GONE):
                return row.name, "already_gone", None
            status = kept_status(failure) or status
        return row.name, status, failure


def seconds_of(moment: object) -> float | None:
    """Return a time of Zoho's in seconds since 1970; None if it is none."""
    try:
        time = datetime.fromisoformat(moment) if isinstance(moment, str) else None
    except ValueError:
        return None
    return None if time is None or time.tzinfo is None else time.timestamp()
