"""Where the calls of a family live, and how one of them is made and read."""

from __future__ import annotations

import string
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, TypeVar

import attr as attrs

from aiozcrm._protocol import (
    ApiCall,
    Base,
    Body,
    Host,
    Json,
    Reply,
    check_record_id,
    known_id,
    path_of,
    plain_text,
    results_of,
)
from aiozcrm.batch import Batch, Chunk, OnOutcome, Outcome, OutcomeStatus, Rows, no_input_avoids
from aiozcrm.errors import (
    ApiError,
    InvalidInputError,
    InvalidResponseError,
    PaginationLimitError,
    Result,
    ZohoError,
)
from aiozcrm.resources._api import Api
from aiozcrm.resources._results import (
    check_value,
    is_result,
    missing,
    no_trouble,
    object_of,
    outcome_of,
    page_of,
    rows_of,
    unreadable,
    value_of,
    was_done,
)
from aiozcrm.resources.pages import Page, Pages, walk

__all__ = ["Resource"]

T = TypeVar("T")

_NOTHING: Final[Mapping[str, Any]] = {}

#: How far a list without page tokens reaches.
#: https://www.zoho.com/crm/developer/docs/api/v7/get-records.html
_ROWS_BY_NUMBER: Final = 2_000


class Resource:
    """The calls behind one path.

    A subclass says where it lives and picks its verbs from the classes beside this one.

    Attributes:
        path: What stands behind the base. Names in braces are filled with what was bound.
        key: The name under which answers and requests hold the items.
        scopes: The OAuth scopes of its calls; ``{operation}`` stands for READ, CREATE and so on.
        action_scopes: Those of calls that need others, by method and last segment of the path.
        base: What stands before the path.
        host: Which host takes the calls.
        named: Whether an API name may stand for an id.
        bound_on_delete: Whether a delete sends what was bound, too.
        rows_on_a_page: The most rows that Zoho puts on a page of a list.
        changes_schema: Whether its writes change what a module consists of.
        headers: What every call sends besides.

    Args:
        api: What makes the calls.
        bound: What every call is about. What has no place in the path goes into the query.
    """

    path: ClassVar[str]
    key: ClassVar[str]
    scopes: ClassVar[tuple[str, ...]] = ()
    action_scopes: ClassVar[Mapping[tuple[str, str], Sequence[str]]] = {}
    base: ClassVar[Base] = "crm"
    host: ClassVar[Host] = "api"
    named: bool = False
    bound_on_delete: ClassVar[bool] = True
    rows_on_a_page: ClassVar[int] = 200
    changes_schema: ClassVar[bool] = False
    headers: Mapping[str, str] = _NOTHING

    def __init__(self, api: Api, **bound: str) -> None:
        self._api = api
        bound = {name: plain_text(value) for name, value in bound.items()}
        self._bound = bound
        in_path = {name for _, name, _, _ in string.Formatter().parse(self.path) if name}
        self._path = path_of(*(part.format(**bound) for part in self.path.split("/")))
        self._query = {name: value for name, value in bound.items() if name not in in_path}

    def _id(self, id: object) -> str:
        """Return *id* as a segment of a path, or raise before anything is sent."""
        if not self.named:
            return check_record_id(id)
        if isinstance(id, str) and not id.strip():
            raise InvalidInputError("An id or API name must not be empty.")
        return str.__str__(id) if isinstance(id, str) else check_record_id(id)

    async def _call(
        self,
        method: str,
        *behind: str,
        query: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        body: Body | None = None,
        repeatable: bool | None = None,
        heavy: bool = False,
        bound: bool = True,
        check: Callable[[ApiCall, Reply], object] | None = None,
        check_error: Callable[[ApiCall, ApiError], object] | None = None,
    ) -> tuple[ApiCall, Reply]:
        """Make one call, and return it with its answer.

        Args:
            method: The method.
            behind: What stands behind the path.
            query: The query.
            headers: What to send besides.
            body: What to send.
            repeatable: Whether a second send does no more than the first.
            heavy: Whether it is one of those of which Zoho allows ten at once.
            bound: Whether to send what was bound.
            check: Raises if an answer is no success in spite of its status. Zoho's trouble under
                200 is then tried again like that under 500.
            check_error: Raises another error if a rejection is no account of what was asked.
        """
        call = self._api_call(
            method,
            *behind,
            query=query,
            headers=headers,
            body=body,
            repeatable=repeatable,
            heavy=heavy,
            bound=bound,
            check=check,
            check_error=check_error,
        )
        try:
            return call, await self._api.transport.call(call)
        finally:
            if self.changes_schema and method != "GET":
                self._api.schemas.forget(self._bound["module"])

    def _api_call(
        self,
        method: str,
        *behind: str,
        query: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        body: Body | None = None,
        repeatable: bool | None = None,
        heavy: bool = False,
        bound: bool = True,
        check: Callable[[ApiCall, Reply], object] | None = None,
        check_error: Callable[[ApiCall, ApiError], object] | None = None,
    ) -> ApiCall:
        """Return a call, not made yet. See :meth:`_call`."""
        call: ApiCall = ApiCall(
            method,
            "/".join((self._path, path_of(*behind))) if behind else self._path,
            query={**self._query, **query} if bound else query,
            body=body,
            headers={**self.headers, **headers},
            base=self.base,
            host=self.host,
            repeatable=repeatable,
            heavy=heavy,
            check=None if check is None else lambda reply: check(call, reply),
            check_error=None if check_error is None else lambda error: check_error(call, error),
            scopes=self.action_scopes.get((method, behind[-1]), self.scopes)
            if behind
            else self.scopes,
        )
        return call

    async def _read(
        self,
        *behind: str,
        key: str = "",
        query: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        heavy: bool = False,
        bound: bool = True,
    ) -> tuple[Any, Reply]:
        """Return what an answer holds under its key, None if it is empty, and the answer."""
        key = key or self.key

        def check(call: ApiCall, reply: Reply) -> None:
            check_value(call, reply, key)

        call, reply = await self._call(
            "GET", *behind, query=query, headers=headers, heavy=heavy, bound=bound, check=check
        )
        try:
            value = value_of(call, reply, key)
            first = value[0] if isinstance(value, list) and value else value
            if is_result(first, "success"):
                raise unreadable(reply, "it is the answer to a write")
        except InvalidResponseError:
            # It may be the late answer to another call, and then more of them would come.
            self._api.transport.distrust_connections()
            raise
        return value, reply

    async def _get(self, id: object, *behind: str, query: Mapping[str, Any] = _NOTHING) -> Any:
        """Return one member."""
        own = self._id(id)
        items, reply = await self._read(own, *behind, query=query)
        # Zoho answers an id that it does not know with 204 or an empty list, not with an error.
        if items == [] or (items is None and reply.status == 204):
            raise missing(reply, f"There is no {own} in {self._path}.")
        item = object_of(items[0] if isinstance(items, list) else items, reply, self.key)
        if not self.named:
            self._check_is_about(item.get("id", own), own, reply)
        return item

    def _check_is_about(self, told: object, own: str, reply: Reply) -> None:
        """Raise if an answer is about another thing, as the late one to another call would be."""
        if known_id(told) != own:
            self._api.transport.distrust_connections()
            raise unreadable(reply, f"it is about {told}, not about {own}")

    async def _list(
        self, *behind: str, key: str = "", query: Mapping[str, Any] = _NOTHING
    ) -> Sequence[Any]:
        """Return all members, of a list that has no pages."""
        items, reply = await self._read(*behind, key=key, query=query)
        rows = rows_of(items, reply)
        info = None if reply.data is None else reply.data.get("info")
        if isinstance(info, dict) and info.get("more_records"):
            error = PaginationLimitError(
                f"The list goes on beyond {len(rows)} rows, and this call has no pages.",
                status=reply.status,
                method="GET",
                url=reply.url,
            )
            error.attempts = reply.attempts
            raise error
        return rows

    def _iter(
        self,
        *behind: str,
        key: str = "",
        query: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        token_alone: bool = False,
    ) -> Pages[Any]:
        """Return all members of a list that has pages.

        All parameters stay the same from page to page, since a page token belongs to them, unless
        the token stands for them (*token_alone*).
        """
        asked = {**query, "per_page": self.rows_on_a_page}
        reach = _ROWS_BY_NUMBER // self.rows_on_a_page
        url = ""

        async def read(following: Mapping[str, Any]) -> Page[Any]:
            nonlocal url
            if following.get("page", 1) > reach:
                raise PaginationLimitError(
                    f"The list goes on beyond {_ROWS_BY_NUMBER} rows, and Zoho hands out no more.",
                    status=200,
                    method="GET",
                    url=url,
                )
            alone = token_alone and "page_token" in following
            asking = following if alone else {**asked, **following}
            items, reply = await self._read(*behind, key=key, query=asking, headers=headers)
            url = reply.url
            return page_of(items, reply, most=self.rows_on_a_page)

        return Pages(walk(read))

    async def _count(self, *behind: str, query: Mapping[str, Any] = _NOTHING) -> int:
        """Return a count, which some calls give as text."""
        count, reply = await self._read(*behind, key="count", query=query)
        if isinstance(count, bool) or not str(count).isdecimal():
            raise unreadable(reply, "the count is no number")
        return int(count)

    async def _act(
        self,
        method: str,
        *behind: str,
        key: str = "",
        items: Sequence[Any] | Mapping[str, Any] | None = None,
        beside: Mapping[str, Any] = _NOTHING,
        status: OutcomeStatus = "done",
        done: tuple[type[ApiError], ...] = (),
        done_as: OutcomeStatus | None = None,
        done_says: str = "",
        own: str = "",
        query: Mapping[str, Any] = _NOTHING,
        repeatable: bool | None = None,
        heavy: bool = False,
        bound: bool = True,
        body: Body | None = None,
    ) -> Outcome:
        """Make one write about one thing, and return what became of it.

        Args:
            method: The method.
            behind: What stands behind the path.
            key: The name under which the items are sent and answered.
            items: What to send under the key; None for nothing.
            beside: What to send beside that.
            status: The word for a success.
            done: The errors that say that it is done already. After an earlier send whose answer
                was lost, one of them is a success: that send has probably done it.
            done_as: The word for that; None for *status*.
            done_says: What tells it from other errors of these classes, in lower case.
            own: What it is about, if that is known. The answer has to name it, unless it may be a
                name.
            query: The query.
            repeatable: Whether a second send does no more than the first.
            heavy: Whether it is one of those of which Zoho allows ten at once.
            bound: Whether to send what was bound.
            body: What to send instead of items, such as a form.
        """
        key = key or self.key
        sent = beside if items is None else {key: items, **beside}
        if sent:
            body = Json(sent)

        def check(call: ApiCall, reply: Reply) -> None:
            self._check_one(call, reply, key)

        try:
            call, reply = await self._call(
                method,
                *behind,
                query=query,
                body=body,
                repeatable=repeatable,
                heavy=heavy,
                bound=bound,
                check=check,
            )
            return self._one_outcome(call, reply, key, status=status, own=own)
        except ApiError as error:
            if was_done(error, done, done_says):
                return Outcome(own, done_as or status, error.attempts)
            raise

    def _batch(
        self,
        send: Callable[[Chunk[T]], Awaitable[Sequence[Outcome]]],
        rows: Rows[T],
        *,
        about: str,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
        deletes: bool = False,
        ends: Callable[[ZohoError], bool] = no_input_avoids,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> Batch[T]:
        """Return a batch that stays within the client's limit of calls."""
        highest = self._api.transport.in_flight.highest
        return Batch(
            send=send,
            rows=rows,
            concurrency=highest if concurrency is None else concurrency,
            highest=highest,
            deletes=deletes,
            ends=ends,
            splits=self._splits,
            prepare=prepare,
            on_outcome=on_outcome,
            emit=self._api.emit,
            about=about,
        )

    def _splits(self, error: ZohoError) -> bool:  # noqa: ARG002  # for where it depends on it
        """Return whether rows that share an error are sent once more, to find the one at fault."""
        return False

    def _one_outcome(
        self, call: ApiCall, reply: Reply, key: str, *, status: OutcomeStatus, own: str
    ) -> Outcome:
        """Return what the answer to a write about one thing says, or raise its error."""
        if reply.data is None and call.method == "DELETE":
            return Outcome(own, status, reply.attempts)
        result = self._only_result(reply, key)
        # A name may be answered with an id.
        checked = "" if self.named else own
        try:
            outcome = outcome_of(result, call, reply, status=status, own=checked)
            return outcome if outcome.id else attrs.evolve(outcome, id=own)
        except InvalidResponseError:
            # It may be the late answer to another call, and then more of them would come.
            self._api.transport.distrust_connections()
            raise

    def _check_one(self, call: ApiCall, reply: Reply, key: str) -> None:
        """Raise if a write about one thing may end better when it is sent again."""
        no_trouble(key)(call, reply)
        if reply.maybe_done and (reply.data is not None or call.method != "DELETE"):
            # It is in doubt already, and the next answer may end that.
            self._only_result(reply, key)

    def _only_result(self, reply: Reply, key: str) -> Result:
        """Return what the answer to a write about one thing says of it."""
        results = results_of(reply.data, key)
        if len(results) != 1:
            self._api.transport.distrust_connections()
            raise unreadable(reply, f"it tells of {len(results)} items, not of one", wrote=True)
        return results[0]
