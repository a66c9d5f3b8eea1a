"""How rows of records are sent, and what became of each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiozcrm._call_facts import CallFacts
from aiozcrm._protocol import ApiCall, Reply, path_of
from aiozcrm.batch import Batch, Chunk, OnOutcome, Outcome, Rows, Successes
from aiozcrm.errors import ApiError, ZohoError
from aiozcrm.events import logger
from aiozcrm.resources._results import account_in, unreadable
from aiozcrm.resources._schemas import fields_of
from aiozcrm.resources.records._accounts import Account
from aiozcrm.resources.records._lookups import LookingUpRecords
from aiozcrm.resources.records._queries import RecordT
from aiozcrm.resources.records._rows import REPEATABLE, Row, body_of
from aiozcrm.resources.records._writes import Write

__all__ = ["SendingRecords"]

#: Zoho allows only ten calls with more records than this at once.
#: https://www.zoho.com/crm/developer/docs/api/v7/api-limits.html
_LIGHT: Final = 10


class SendingRecords(LookingUpRecords[RecordT]):
    """Sends rows of records."""

    def _write_batch(
        self,
        write: Write,
        rows: Rows[Row],
        concurrency: int | None,
        on_outcome: OnOutcome | None,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> Batch[Row]:
        async def send(chunk: Chunk[Row]) -> Sequence[Outcome]:
            return await self._send(write, chunk.rows, chunk.indexes)

        return self._batch(
            send,
            rows,
            about=f"{write.method} {self.module}",
            concurrency=concurrency,
            on_outcome=on_outcome,
            prepare=prepare,
        )

    async def _one_row(self, write: Write, row: Row) -> Outcome:
        """Send one row and return its outcome, or raise why it was not written."""
        (outcome,) = await self._send(write, [row])
        if outcome.error is not None:
            raise outcome.error
        return outcome

    async def _unique_fields(self) -> Sequence[str]:
        """Return the fields that Zoho itself keeps unique; none if they cannot be read."""
        try:
            fields = await fields_of(self._api, self.module)
        except ZohoError as error:
            logger.debug("the unique fields of %s are not known: %s", self.module, error)
            return ()
        return [each["api_name"] for each in fields if each.get("unique") or each.get("external")]

    async def _send(
        self, write: Write, rows: Sequence[Row], places: Sequence[int | None] = ()
    ) -> Sequence[Outcome]:
        """Make the call for these rows and return what became of each.

        Args:
            write: How to send them.
            rows: The rows, all of one lane.
            places: Their places in the input; none outside of a batch.
        """
        call, account = self._call_for(write, rows, places)
        before = self._before(write)
        facts = CallFacts()
        try:
            if write.key is None:
                reply = await self._reply(call)
            else:
                async with facts:
                    reply = await self._reply(call)
            if reply.maybe_done:
                outcomes = account.outcomes(reply, self._began(before), before.created)
            else:
                outcomes = account.outcomes(reply)
            if write.status == "created" and not places:
                self._check_is_new(outcomes[0].id, reply)
        except ZohoError as error:
            if write.key is None or not error.maybe_done:
                raise
            # What is sent again may have been created by any of its sends.
            sent = before if call.may_repeat else before.at_time(facts.sent_at or before.at)
            outcomes = await self._found_again(write, rows, places, sent, error)
        else:
            if write.is_unique and reply.maybe_done:
                outcomes = await self._own_duplicates(write, rows, outcomes, before)
        if write.status in {None, "created"}:
            self._api.created.append(_created(outcomes))
        return outcomes

    def _check_is_new(self, own: str, reply: Reply) -> None:
        """Raise if an answer came once before, to another creation."""
        if own and any(own in ids for ids in self._api.created):
            self._api.transport.distrust_connections()
            raise unreadable(reply, f"another call has created record {own}", wrote=True)

    def _call_for(
        self, write: Write, rows: Sequence[Row], places: Sequence[int | None]
    ) -> tuple[ApiCall, Account]:
        """Return the call for some rows, and what reads its answer."""
        is_delete = write.method == "DELETE"
        query = write.query
        if is_delete and not write.behind:
            query = {**query, "ids": [row.name for row in rows]}
        path = "/".join((self._path, path_of(*write.behind))) if write.behind else self._path
        headers = {**self.headers, **write.headers}
        account = Account(
            ApiCall(write.method, path, query=query, headers=headers),
            write.status,
            rows,
            places,
            is_delete=is_delete,
            named=self.named,
            distrust=self._api.transport.distrust_connections,
        )
        call = ApiCall(
            write.method,
            path,
            query=query,
            body=None if is_delete else body_of(rows, write.beside),
            headers=headers,
            repeatable=(rows[0].lane == REPEATABLE and write.repeatable) or write.is_unique,
            heavy=len(rows) > _LIGHT,
            check=account.check,
            check_error=account.check_error,
            alike=True,
            scopes=self.scopes,
        )
        return call, account

    async def _reply(self, call: ApiCall) -> Reply:
        """Make a call; return its answer also if it was rejected with an account of its rows."""
        try:
            return await self._api.transport.call(call)
        except ApiError as error:
            account = account_in(error, "data")
            if account is None:
                raise
            return account


def _created(outcomes: Sequence[Outcome]) -> frozenset[str]:
    """Return the ids of the records that were created."""
    if not isinstance(outcomes, Successes):
        return frozenset([outcome.id for outcome in outcomes if outcome.status == "created"])
    ids, statuses = outcomes.ids, outcomes.statuses
    if statuses.count("created") == len(ids):
        return frozenset(ids)
    pairs = zip(ids, statuses, strict=True)
    return frozenset([own for own, status in pairs if status == "created"])
