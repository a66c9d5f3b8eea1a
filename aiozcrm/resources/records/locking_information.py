"""The lock of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm._protocol import known_id
from aiozcrm.batch import Batch, Chunk, OnOutcome, Outcome, Rows
from aiozcrm.errors import NotAllowedError, ZohoError
from aiozcrm.resources._behaviours import Creating, Deleting, Updating, draft
from aiozcrm.resources.pages import Pages
from aiozcrm.resources.records._accounts import seconds_of
from aiozcrm.resources.records._lists import names_of

__all__ = ["Lock", "LockDraft", "LockingInformation"]


class Lock(TypedDict):
    """A lock, with the fields that were asked for.

    Of an automatic one, ``Locked_By__s`` is None; of a manual one,
    ``Record_Locking_Rule_Id__s``.
    """

    id: str
    Locked_Reason__s: NotRequired[str | None]
    Lock_Source__s: NotRequired[str]
    Locked_Time__s: NotRequired[str]
    Locked_By__s: NotRequired[dict[str, str] | None]
    Locked_For__s: NotRequired[dict[str, Any]]
    Record_Locking_Configuration_Id__s: NotRequired[str | None]
    Record_Locking_Rule_Id__s: NotRequired[str | None]


class LockDraft(TypedDict, total=False):
    """What can be set on a lock; Zoho insists on the reason."""

    id: str
    Locked_Reason__s: str


class LockingInformation(Creating[LockDraft], Updating[LockDraft], Deleting):
    """The lock of a record: create it to lock the record, delete it to unlock it.

    - list, get: https://www.zoho.com/crm/developer/docs/api/v7/get-record-locking-info.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/lock-records.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-record-locking-info.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/unlock-records.html

    All ids here are those of locks, not of records: the outcome of a creation has it, and a list
    of the record's locks. The module needs a record locking configuration.
    Calls need the scope ``ZohoCRM.modules.lockinginformation.ALL`` besides that of the module.
    """

    path = "{module}/{record_id}/Locking_Information__s"
    key = "data"
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.modules.lockinginformation.{operation}",
        "ZohoCRM.modules.{operation}",
    )
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = None

    async def list(self, *, fields: Sequence[str]) -> Sequence[Lock]:
        """Return all locks of the record, of which there is one at most.

        Args:
            fields: API names of the fields to read; Zoho insists on some.

        Returns:
            The locks, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [lock async for lock in self.iter(fields=fields)]

    def iter(self, *, fields: Sequence[str]) -> Pages[Lock]:
        """Yield one lock after the other.

        Args:
            fields: As for :meth:`list`.

        Returns:
            An async iterator; its ``pages()`` yields lists.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such record.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return self._iter(query={"fields": names_of(fields)})

    async def get(self, id: str | int, /, *, fields: Sequence[str] | None = None) -> Lock:
        """Return a lock.

        Args:
            id: The lock.
            fields: API names of the fields to read; None for all.

        Returns:
            The lock, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If the record has no such lock.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        wanted = None if fields is None else names_of(fields)
        lock: Lock = await self._get(id, query={"fields": wanted})
        return lock

    async def create(self, item: LockDraft, /) -> Outcome:
        """Lock the record.

        A record can be locked once, so the call is sent again after a lost answer. If the record
        is locked by then, its lock is looked up: it is ours if it is not older than the call and
        has the same reason.

        Args:
            item: The ``Locked_Reason__s``.

        Returns:
            The outcome, ``created``, with the id of the lock.

        Raises:
            aiozcrm.errors.NotAllowedError: If the record is locked already, or its module has no
                record locking configuration.
            aiozcrm.errors.ZohoError: If it was not locked, or that is not known
                (``maybe_done``).
        """
        transport = self._api.transport
        now, began = transport.now(), transport.server_time()
        sent = draft(item)
        try:
            return await self._act("POST", items=[sent], status="created", repeatable=True)
        except NotAllowedError as error:
            if began is None:
                began = transport.server_time(now)
            if not error.maybe_done or began is None:
                raise
            return await self._own_lock(sent, began, error)

    async def _own_lock(
        self, sent: Mapping[str, Any], began: float, error: NotAllowedError
    ) -> Outcome:
        """Return the lock that an earlier send has made, or raise *error*."""
        try:
            locks = await self.list(fields=["Locked_Reason__s", "Locked_Time__s"])
        except ZohoError as failed:
            error.hint = f"The lock could not be looked up: {failed.message}"
            raise error from None
        for lock in locks:
            own = known_id(lock.get("id"))
            same = lock.get("Locked_Reason__s") == sent.get("Locked_Reason__s")
            if own and same and (seconds_of(lock.get("Locked_Time__s")) or 0.0) >= int(began):
                return Outcome(own, "created", error.attempts)
        raise error

    def _creation(
        self, concurrency: int | None, on_outcome: OnOutcome | None
    ) -> Batch[Mapping[str, Any]]:
        async def send(chunk: Chunk[Mapping[str, Any]]) -> Sequence[Outcome]:
            return [await self.create(chunk.rows[0])]  # type: ignore[arg-type]  # read as one

        rows = Rows(read=draft, name=lambda _: "", per_call=self.per_create)
        about = f"POST {self._path}"
        return self._batch(send, rows, about=about, concurrency=concurrency, on_outcome=on_outcome)
