"""The verbs that write, for one and for many."""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from typing import Any, ClassVar, Final, Generic, TypeVar

from aiozcrm._protocol import ApiCall, Json, Reply, error_of, results_of
from aiozcrm.batch import (
    GONE,
    Batch,
    BatchReport,
    Chunk,
    OnOutcome,
    Outcome,
    OutcomeStatus,
    Rows,
)
from aiozcrm.errors import (
    AlreadyDoneError,
    ApiError,
    InvalidInputError,
    InvalidResponseError,
    Result,
)
from aiozcrm.resources._resource import Resource
from aiozcrm.resources._results import (
    account_in,
    check_each_is_told,
    check_is_of_all,
    no_trouble,
    outcomes_of,
    was_done,
)

__all__ = ["Creating", "Updating", "Writing", "draft"]

Draft = TypeVar("Draft")

_NOTHING: Final[Mapping[str, Any]] = {}


class Writing(Resource):
    """What the verbs that write share.

    Attributes:
        id_key: The key of an item that says what it is about.
        parts: The keys whose lists have parts with ids of their own; one without an id is new.
    """

    id_key: str = "id"
    parts: ClassVar[tuple[str, ...]] = ()

    async def _send_chunk(
        self,
        method: str,
        names: Sequence[str],
        *behind: str,
        status: OutcomeStatus,
        body: Json | None = None,
        query: Mapping[str, Any] = _NOTHING,
        repeatable: bool | None = None,
        done: tuple[type[ApiError], ...] = (),
        done_says: str = "",
    ) -> list[Outcome]:
        """Make one call for several rows and return what became of each.

        Args:
            method: The method.
            names: The id of each row; empty where it has none yet.
            behind: What stands behind the path.
            status: The word for a success.
            body: What to send.
            query: The query.
            repeatable: Whether a second send does no more than the first.
            done: The errors that say that it is done already. After an earlier send whose answer
                was lost, one of them is a success: that send has probably done it.
            done_says: What tells it from other errors of these classes, in lower case.
        """

        def check(call: ApiCall, reply: Reply) -> None:
            no_trouble(self.key)(call, reply)
            if reply.maybe_done:
                # It is in doubt already, and the next answer may end that.
                self._check_account(call, reply, names)

        def check_error(call: ApiCall, error: ApiError) -> None:
            check_is_of_all(error)
            account = account_in(error, self.key)
            if account is not None and len(names) > 1:
                self._check_account(call, account, names)

        try:
            call, reply = await self._call(
                method,
                *behind,
                body=body,
                query=query,
                repeatable=repeatable,
                check=check,
                check_error=check_error,
            )
        except ApiError as error:
            if len(names) == 1 and was_done(error, done, done_says):
                return [Outcome(names[0], status, error.attempts)]
            if len(names) == 1 and status == "deleted" and was_done(error, GONE):
                return [Outcome(names[0], "already_gone", error.attempts)]
            account = account_in(error, self.key)
            if account is None or len(names) == 1:
                raise
            call = ApiCall(method, self._path, query=query, body=body, headers=self.headers)
            reply = account
        results = self._account(call, reply, names)
        with self._distrusting():
            outcomes = outcomes_of(
                results, call, reply, names=names, status=status, named=self.named
            )
        if any(isinstance(outcome.error, InvalidResponseError) for outcome in outcomes):
            # It may be the late answer to another call, and then more of them would come.
            self._api.transport.distrust_connections()
        return [
            Outcome(each.id, status, each.attempts)
            if was_done(each.error, done, done_says)
            else each
            for each in outcomes
        ]

    def _check_account(self, call: ApiCall, reply: Reply, names: Sequence[str]) -> None:
        """Raise if an answer does not say what became of each row."""
        results = self._account(call, reply, names)
        with self._distrusting():
            check_each_is_told(results, reply, len(names))

    @contextmanager
    def _distrusting(self) -> Iterator[None]:
        """Use no connection again if what came is no account of what was asked."""
        try:
            yield
        except InvalidResponseError:
            # It may be the late answer to another call, and then more of them would come.
            self._api.transport.distrust_connections()
            raise

    def _account(self, call: ApiCall, reply: Reply, names: Sequence[str]) -> Sequence[Result]:
        """Return what an answer says of each row, in their order.

        Raises:
            aiozcrm.errors.ApiError: If it tells one error for all of several.
        """
        results = results_of(reply.data, self.key)
        if len(names) > 1 and self.key not in (reply.data or ()) and any(r.failed for r in results):
            raise error_of(results[0], call, reply, results=results)
        return results

    def _adds_parts(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Return whether changes add parts, which a second send would add once more."""
        return any(
            isinstance(part, Mapping) and "id" not in part
            for row in rows
            for name in self.parts
            for part in row.get(name) or ()
        )

    async def _switch(
        self,
        method: str,
        own: str,
        *behind: str,
        key: str = "",
        items: Sequence[Any] | None = None,
        query: Mapping[str, Any] = _NOTHING,
    ) -> Outcome:
        """Put one thing into a state, in which an earlier send may have put it.

        Args:
            method: The method.
            own: Its id.
            behind: What stands behind its id.
            key: The name under which the items are sent and answered.
            items: What to send under the key; None for no body.
            query: The query.
        """
        return await self._act(
            method,
            own,
            *behind,
            key=key,
            items=items,
            done=(AlreadyDoneError,),
            own=own,
            query=query,
            repeatable=True,
        )

    def _rows_with_ids(
        self,
        method: str,
        *behind: str,
        status: OutcomeStatus,
        per_call: int,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
        send_one: Callable[[Mapping[str, Any]], Awaitable[Outcome]] | None = None,
        beside: Mapping[str, Any] = _NOTHING,
        repeatable: bool | None = None,
    ) -> Batch[Mapping[str, Any]]:
        """Return a batch of calls for rows, each with the id of what it is about.

        Args:
            method: The method.
            behind: What stands behind the path.
            status: The word for a success.
            per_call: How many rows a call takes.
            concurrency: How many calls may run at once.
            on_outcome: Is called with each outcome.
            send_one: Makes the call for one row, where Zoho takes no id in the body.
            beside: What to send beside the rows.
            repeatable: Whether a second send does no more than the first.
        """
        id_key = self.id_key

        def read(raw: object) -> Mapping[str, Any]:
            item = draft(raw)
            if id_key not in item:
                hint = "Say which one it changes."
                raise InvalidInputError(f"An item has no {id_key}.", hint=hint)
            return {**item, id_key: self._id(item[id_key])}

        def name(row: Mapping[str, Any]) -> str:
            own: str = row[id_key]
            return own

        async def send(chunk: Chunk[Mapping[str, Any]]) -> list[Outcome]:
            if send_one is not None:
                return [await send_one(chunk.rows[0])]
            return await self._send_chunk(
                method,
                list(map(name, chunk.rows)),
                *behind,
                body=Json({self.key: chunk.rows, **beside}),
                status=status,
                repeatable=False if self._adds_parts(chunk.rows) else repeatable,
            )

        rows = Rows(read=read, name=name, keys=lambda row: (name(row),), per_call=per_call)
        return self._batch(
            send,
            rows,
            about="/".join((f"{method} {self._path}", *behind)),
            concurrency=concurrency,
            on_outcome=on_outcome,
        )


def draft(raw: object) -> Mapping[str, Any]:
    """Return what can be sent as one item, or raise before anything is sent."""
    if not isinstance(raw, Mapping):
        raise TypeError(f"an item is a mapping, not {type(raw).__name__}")
    if not raw:
        raise InvalidInputError("An item must not be empty.")
    # Raises what makes it impossible to send, while it is known which item that is.
    Json(raw)
    return raw


class Creating(Writing, Generic[Draft]):
    """Can be added to.

    Attributes:
        per_create: How many items a call takes.
        named_as: The key by which an item has a name and no id; empty where Zoho gives it an id.
    """

    per_create: ClassVar[int] = 100
    named_as: ClassVar[str] = ""

    async def create(self, item: Draft, /) -> Outcome:
        """Add one.

        It is sent once: after a lost answer, look whether it is there.

        Args:
            item: What to add.

        Returns:
            The outcome, ``created``, with the new id.

        Raises:
            aiozcrm.errors.ZohoError: If it was not added, or that is not known (``maybe_done``).
            TypeError: If it is no mapping, or holds what JSON does not know; nothing is sent.
        """
        new = draft(item)
        return await self._act("POST", items=[new], status="created", own=self._name_of(new))

    def _name_of(self, new: Mapping[str, Any]) -> str:
        """Return what names a new item before Zoho has answered; empty if Zoho names it."""
        return str(new.get(self.named_as, "")) if self.named_as else ""

    async def create_many(
        self,
        items: Iterable[Draft] | AsyncIterable[Draft],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Add many and account for every one, in as few calls as Zoho allows.

        Args:
            items: What to add.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the items.
        """
        return await self._creation(concurrency, on_outcome).report(items)

    def iter_create_many(
        self,
        items: Iterable[Draft] | AsyncIterable[Draft],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Add many and yield each outcome as soon as it is there.

        Args:
            items: As for :meth:`create_many`.
            concurrency: As for :meth:`create_many`.
            on_outcome: As for :meth:`create_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        return self._creation(concurrency, on_outcome).stream(items)

    def _creation(
        self, concurrency: int | None, on_outcome: OnOutcome | None
    ) -> Batch[Mapping[str, Any]]:
        async def send(chunk: Chunk[Mapping[str, Any]]) -> list[Outcome]:
            names, body = list(map(self._name_of, chunk.rows)), Json({self.key: chunk.rows})
            return await self._send_chunk("POST", names, body=body, status="created")

        rows = Rows(read=draft, name=self._name_of, per_call=self.per_create)
        return self._batch(
            send, rows, about=f"POST {self._path}", concurrency=concurrency, on_outcome=on_outcome
        )


class Updating(Writing, Generic[Draft]):
    """Has members that can be changed.

    Attributes:
        update_method: The method of a change.
        per_update: How many items a call takes; None where one is changed at a time.
        updated_is: The word for a success.
    """

    update_method: ClassVar[str] = "PUT"
    per_update: ClassVar[int | None] = 100
    updated_is: ClassVar[OutcomeStatus] = "updated"

    async def update(self, id: str | int, changes: Draft, /) -> Outcome:
        """Change one.

        Args:
            id: Its id: digits as ``str`` or ``int``. Where the class says so, an API name.
            changes: What to change.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.NotFoundError: If the org has no such member.
            aiozcrm.errors.ZohoError: If it was not changed, or that is not known
                (``maybe_done``).
            TypeError: If *changes* are no mapping, or hold what JSON does not know; nothing is
                sent.
        """
        return await self._update(id, changes)

    async def _update(
        self, id: object, changes: object, *, query: Mapping[str, Any] = _NOTHING
    ) -> Outcome:
        own, row = self._id(id), draft(changes)
        return await self._act(
            self.update_method,
            own,
            items=[row],
            status=self.updated_is,
            own=own,
            query=query,
            # It sets values, so a second send does no more than the first.
            repeatable=not self._adds_parts([row]),
        )

    async def update_many(
        self,
        items: Iterable[Draft] | AsyncIterable[Draft],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Change many and account for every one, in as few calls as Zoho allows.

        Args:
            items: What to change, each with the ``id`` of what it changes. Those with the same
                id keep their order.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the items.

        Raises:
            aiozcrm.errors.InvalidInputError: If an item of a list has no id; nothing is sent.
        """
        return await self._change(concurrency, on_outcome).report(items)

    def iter_update_many(
        self,
        items: Iterable[Draft] | AsyncIterable[Draft],
        /,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Change many and yield each outcome as soon as it is there.

        Args:
            items: As for :meth:`update_many`.
            concurrency: As for :meth:`update_many`.
            on_outcome: As for :meth:`update_many`.

        Returns:
            An async generator of outcomes, in the order of completion.
        """
        return self._change(concurrency, on_outcome).stream(items)

    def _change(
        self, concurrency: int | None, on_outcome: OnOutcome | None
    ) -> Batch[Mapping[str, Any]]:
        async def send_one(row: Mapping[str, Any]) -> Outcome:
            changes = {name: value for name, value in row.items() if name != "id"}
            return await self._update(row["id"], changes)

        return self._rows_with_ids(
            self.update_method,
            status=self.updated_is,
            per_call=self.per_update or 1,
            send_one=send_one if self.per_update is None else None,
            concurrency=concurrency,
            on_outcome=on_outcome,
        )
