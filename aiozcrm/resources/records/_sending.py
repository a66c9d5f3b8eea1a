"""How rows of records are sent, and what became of each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from aiozcrm._protocol import ApiCall, Reply, error_of, json_bytes, known_id, path_of, results_of
from aiozcrm.batch import (
    GONE,
    Batch,
    Chunk,
    OnOutcome,
    Outcome,
    OutcomeStatus,
    Rows,
    kept_status,
)
from aiozcrm.errors import (
    ApiError,
    DuplicateDataError,
    InvalidResponseError,
    Result,
    ServerError,
    ZohoError,
)
from aiozcrm.resources._results import TROUBLE, account_in, is_elsewhere, unreadable
from aiozcrm.resources._schemas import fields_of
from aiozcrm.resources.records._lists import moment_of, names_of
from aiozcrm.resources.records._queries import WriteOptions
from aiozcrm.resources.records._reading import ReadingRecords
from aiozcrm.resources.records._rows import REPEATABLE, Row, body_of, check_value

__all__ = ["SendingRecords", "Write"]

_NOTHING: Final[Mapping[str, Any]] = {}

#: Zoho allows only ten calls with more records than this at once.
#: https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html
_LIGHT: Final = 10

#: What an upsert says that it did.
_STATUS_OF_ACTION: Final[Mapping[Any, OutcomeStatus]] = {"insert": "created", "update": "updated"}


class Write:
    """How the rows of one write are sent.

    Args:
        method: The method.
        status: The word for a success; None for an upsert, of which each row says what it was.
        options: What goes along with every call.
        behind: What stands behind the module.
        key: The field by which rows are found again after a lost answer.
        check_fields: The fields by which an upsert looks for the same record.
        query: The query.

    Attributes:
        headers: What is sent besides.
        beside: What stands beside the rows, as the encoded inside of an object.
        repeatable: Whether a second send does no more than the first, if the rows agree.
        is_unique: Whether Zoho itself keeps *key* unique.
    """

    def __init__(
        self,
        method: str,
        status: OutcomeStatus | None,
        options: WriteOptions,
        *behind: str,
        key: str | None = None,
        check_fields: Sequence[str] | None = None,
        query: Mapping[str, Any] = _NOTHING,
    ) -> None:
        unknown = options.keys() - WriteOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"a write of records takes no {', '.join(sorted(unknown))}")
        beside: dict[str, Any] = {
            name: value for name, value in options.items() if value is not None
        }
        since = beside.pop("if_unmodified_since", None)
        if check_fields is not None:
            beside["duplicate_check_fields"] = names_of(check_fields)
        self.method = method
        self.status = status
        self.behind = behind
        self.query = query
        self.headers: Mapping[str, str] = (
            {} if since is None else {"If-Unmodified-Since": moment_of(since)}
        )
        self.beside = json_bytes(beside)[1:-1]
        self.key = key
        self.is_unique = False
        # After a change of our own, a second send would find the record changed.
        self.repeatable = since is None and status != "created"


class SendingRecords(ReadingRecords):
    """Sends rows of records."""

    def _write_batch(
        self,
        write: Write,
        rows: Rows[Row],
        concurrency: int | None,
        on_outcome: OnOutcome | None,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> Batch[Row]:
        async def send(chunk: Chunk[Row]) -> list[Outcome]:
            # All rows of a chunk are of one lane.
            repeatable = rows.lane is not None and rows.lane(chunk.rows[0]) == REPEATABLE
            return await self._send(write, chunk.rows, repeatable=repeatable)

        return self._batch(
            send,
            rows,
            about=f"{write.method} {self.module}",
            concurrency=concurrency,
            on_outcome=on_outcome,
            prepare=prepare,
        )

    async def _one_row(self, write: Write, row: Row, *, repeatable: bool = True) -> Outcome:
        """Send one row and return its outcome, or raise why it was not written."""
        (outcome,) = await self._send(write, [row], repeatable=repeatable)
        if outcome.error is not None:
            raise outcome.error
        return outcome

    async def _learn(self, write: Write, key: str) -> None:
        """Find out whether Zoho itself keeps the field unique by which rows are found again."""
        for field in await fields_of(self._api, self.module):
            if field["api_name"] == key:
                write.is_unique = bool(field.get("unique"))

    async def _send(
        self, write: Write, rows: Sequence[Row], *, repeatable: bool = True
    ) -> list[Outcome]:
        """Make the call for these rows and return what became of each.

        Args:
            write: How to send them.
            rows: The rows.
            repeatable: Whether they may be sent again after a lost answer.
        """
        is_delete = write.method == "DELETE"
        query = write.query
        if is_delete and not write.behind:
            query = {**query, "ids": [row.name for row in rows]}

        def check(reply: Reply) -> None:
            items = self._items(write, rows, reply)
            if items and all(map(_is_trouble, items)):
                raise error_of(results_of({"data": items[:1]}, "data")[0], call, reply)

        call = ApiCall(
            write.method,
            "/".join((self._path, path_of(*write.behind))) if write.behind else self._path,
            query=query,
            body=None if is_delete else body_of(rows, write.beside),
            headers={**self.headers, **write.headers},
            repeatable=(repeatable and write.repeatable) or write.is_unique,
            heavy=len(rows) > _LIGHT,
            check=check,
            scopes=self.scopes,
        )
        began = self._api.transport.server_time()
        try:
            reply = await self._api.transport.call(call)
        except ZohoError as error:
            rejected = _rejected(error)
            if rejected is None and error.maybe_done and write.key is not None:
                return await self._found_again(write, rows, began, error)
            if rejected is None:
                raise
            reply = rejected
        outcomes = self._outcomes(write, rows, call, reply, began)
        if write.is_unique and reply.maybe_done:
            return await self._own_duplicates(outcomes, began)
        return outcomes

    def _items(self, write: Write, rows: Sequence[Row], reply: Reply) -> Sequence[Any]:
        """Return what an answer says of each row; nothing for a delete without a body.

        Raises:
            aiozcrm.errors.InvalidResponseError: If it does not account for each row.
        """
        if reply.data is None and write.method == "DELETE" and len(rows) == 1:
            return ()
        items = None if reply.data is None else reply.data.get("data")
        if not isinstance(items, list):
            items = [reply.data]
        if len(items) != len(rows):
            raise self._of_another_call(reply, "it does not account for each row")
        return items

    def _of_another_call(self, reply: Reply, why: str) -> InvalidResponseError:
        """Return the error for what may be the late answer to another call.

        All that come on its connection would be, so it is not used again.
        """
        self._api.transport.distrust_connections()
        return unreadable(reply, why, wrote=True)

    def _outcomes(
        self,
        write: Write,
        rows: Sequence[Row],
        call: ApiCall,
        reply: Reply,
        began: float | None,
    ) -> list[Outcome]:
        """Return what an answer says of each row, matched by its place."""
        items = self._items(write, rows, reply)
        if not items:
            return [Outcome(rows[0].name, "deleted", reply.attempts)]
        attempts = reply.attempts
        # Most rows succeed, so a success is read with as few steps as possible.
        status = None if reply.maybe_done else write.status
        outcomes: list[Outcome] = []
        for place, (row, item) in enumerate(zip(rows, items, strict=True)):
            try:
                details = item["details"] if item["status"] == "success" else None
                own = "" if details is None else details["id"]
                word = status or (
                    None if reply.maybe_done else _STATUS_OF_ACTION.get(item.get("action"))
                )
            except (KeyError, TypeError):
                own, word = "", None
            if type(own) is str and own and word and (not row.name or own == row.name):
                outcomes.append(Outcome(own, word, attempts, None, None, details))
                continue
            (result,) = results_of({"data": [item]}, "data")
            if is_elsewhere(place, result):
                raise self._of_another_call(reply, "it does not account for each row")
            outcomes.append(self._outcome(write, row, item, result, call, reply, began))
        return outcomes

    def _outcome(  # noqa: PLR0917  # made for every row
        self,
        write: Write,
        row: Row,
        item: Mapping[str, Any],
        result: Result,
        call: ApiCall,
        reply: Reply,
        began: float | None,
    ) -> Outcome:
        if result.status == "success":
            named = known_id(result.details.get("id"))
            if row.name and not self.named and named is not None and named != row.name:
                error: ZohoError = self._of_another_call(
                    reply, f"a row is about {named}, not about {row.name}"
                )
                return Outcome(row.name, "in_doubt", reply.attempts, error)
            status = write.status or _STATUS_OF_ACTION.get(item.get("action"), "done")
            if status == "updated" and write.status is None and reply.maybe_done:
                created = _seconds(result.details.get("Created_Time"))
                if began is not None and created is not None and created >= int(began):
                    # An earlier send of ours has created it.
                    status = "created"
            own = named or row.name
            return Outcome(own, status, reply.attempts, None, None, result.details)
        if not result.failed and not result.code:
            error = unreadable(reply, "a row says neither success nor error", wrote=True)
            return Outcome(row.name, "in_doubt", reply.attempts, error)
        failure = error_of(result, call, reply, own_id=row.name or None)
        failure.attempts = reply.attempts
        status = "in_doubt" if failure.maybe_done else "failed"
        if write.method == "DELETE":
            if reply.maybe_done and isinstance(failure, GONE):
                return Outcome(row.name, "already_gone", reply.attempts)
            status = kept_status(failure) or status
        return Outcome(row.name, status, reply.attempts, failure)

    async def _found_again(
        self,
        write: Write,
        rows: Sequence[Row],
        began: float | None,
        error: ZohoError,
    ) -> list[Outcome]:
        """Return which rows were created by a call whose answer was lost.

        A record counts as ours if it has the value of a row and is not older than the send.
        """
        found: dict[str, str] = {}
        if began is not None:
            values = [row.value for row in rows if row.value is not None]
            listed = ", ".join(_quoted(value) for value in values)
            try:
                records, _ = await self._by_query(
                    f"select id, Created_Time, {write.key} from {self.module} "  # noqa: S608
                    f"where {write.key} in ({listed}) limit 2000"
                )
            except ZohoError as failed:
                error.hint = f"They could not be looked up: {failed.message}"
                records = []
            for record in records:
                created = _seconds(record.get("Created_Time"))
                value = check_value(record.get(write.key or ""))
                if value is not None and created is not None and created >= int(began):
                    # Two with the same value: nobody knows which one is whose.
                    found[value] = "" if value in found else str(record["id"])
        return [
            Outcome(found[row.value], "created", error.attempts)
            if row.value is not None and found.get(row.value)
            else Outcome("", "in_doubt", error.attempts, error)
            for row in rows
        ]

    async def _own_duplicates(
        self, outcomes: Sequence[Outcome], began: float | None
    ) -> list[Outcome]:
        """Tell rows that an earlier send of ours has created from those that were there before.

        After a lost answer the rows are sent again, and Zoho calls those duplicates that the
        first send has created.
        """
        ids = [
            existing
            for outcome in outcomes
            if isinstance(outcome.error, DuplicateDataError)
            and (existing := outcome.error.existing_id) is not None
        ]
        if not ids:
            return list(outcomes)
        if began is None:
            return _in_doubt(outcomes, "Zoho's time was not known when it was sent.")
        listed = ", ".join(_quoted(own) for own in ids)
        try:
            records, _ = await self._by_query(
                f"select id, Created_Time from {self.module} where id in ({listed}) limit 2000"  # noqa: S608
            )
        except ZohoError as failed:
            return _in_doubt(outcomes, f"it could not be looked up: {failed.message}")
        ours = {
            str(record["id"])
            for record in records
            if (_seconds(record.get("Created_Time")) or 0.0) >= int(began)
        }
        return [
            Outcome(outcome.error.existing_id or "", "created", outcome.attempts)
            if isinstance(outcome.error, DuplicateDataError) and outcome.error.existing_id in ours
            else outcome
            for outcome in outcomes
        ]


def _in_doubt(outcomes: Sequence[Outcome], why: str) -> list[Outcome]:
    """Return outcomes with those rows in doubt that an earlier send of ours may have created."""
    told: list[Outcome] = []
    for outcome in outcomes:
        error = outcome.error
        if isinstance(error, DuplicateDataError) and error.existing_id is not None:
            error.maybe_done = True
            error.hint = f"An earlier send may have created record {error.existing_id}: {why}"
            outcome = attrs.evolve(outcome, status="in_doubt")  # noqa: PLW2901  # told by now
        told.append(outcome)
    return told


def _rejected(error: ZohoError) -> Reply | None:
    """Return the answer of a call that was rejected with a reason for each of its rows."""
    if not isinstance(error, ApiError) or isinstance(error, ServerError):
        return None
    return account_in(error, "data")


def _is_trouble(item: Any) -> bool:
    """Return whether an item tells of Zoho's own trouble, which may pass."""
    return isinstance(item, dict) and item.get("code") in TROUBLE


def _quoted(value: str) -> str:
    """Return a text as COQL holds it."""
    return "'" + value.replace("'", "''") + "'"


def _seconds(moment: object) -> float | None:
    """Return a time of Zoho's in seconds since 1970; None if it is none."""
    try:
        time = datetime.fromisoformat(moment) if isinstance(moment, str) else None
    except ValueError:
        return None
    return None if time is None or time.tzinfo is None else time.timestamp()
