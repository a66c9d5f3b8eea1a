"""With whom a record is shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

import attr as attrs

from aiozcrm._protocol import Json, results_of
from aiozcrm.batch import Outcome, OutcomeStatus
from aiozcrm.errors import ApiError
from aiozcrm.resources._behaviours import Resource, draft
from aiozcrm.resources._results import no_trouble, outcome_of, rows_of, unreadable

__all__ = ["RecordShare", "Share", "ShareDraft"]

#: What Zoho says of a revocation where nothing is shared.
_NOT_SHARED = frozenset({"BAD_REQUEST", "CANNOT_PROCESS", "NOT_SHARED"})


class Share(TypedDict):
    """One of those with whom a record is shared."""

    shared_with: dict[str, str]
    permission: str
    type: str
    share_related_records: NotRequired[bool]
    shared_through: NotRequired[dict[str, Any]]
    shared_time: NotRequired[str]
    shared_by: NotRequired[dict[str, str]]


class ShareDraft(TypedDict, total=False):
    """With whom to share a record, and what they may do.

    A ``public`` one has no ``shared_with`` and stands alone.
    """

    shared_with: Mapping[str, str]
    permission: Literal["full_access", "read_only", "read_write"]
    type: Literal["private", "public"]
    share_related_records: bool


class RecordShare(Resource):
    """With whom a record is shared.

    - get: https://www.zoho.com/crm/developer/docs/api/v7/get-shared-record-details.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/share-record.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-share-permissions.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/revoke-shared-record.html

    A record is shared with up to 10 users, 5 groups and 5 roles; not activities, and not the
    records of linking modules. Zoho does it in the background, without a call that tells how far
    it is, and rejects another change meanwhile.
    Calls need the scope ``ZohoCRM.share.ALL``, or the one of the module and operation.
    """

    path = "{module}/{record_id}/actions/share"
    key = "share"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.share.{operation}",)

    async def get(
        self, *, shared_to: str | int | None = None, view: str | None = None
    ) -> Sequence[Share]:
        """Return all with whom the record is shared.

        Args:
            shared_to: Only this user, group or role.
            view: ``summary`` for less about each.

        Returns:
            One object for each, as Zoho sent it; none if the record is not shared.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        found, reply = await self._read(query={"sharedTo": shared_to, "view": view})
        return rows_of(found, reply)

    async def create(
        self,
        item: ShareDraft | Sequence[ShareDraft],
        /,
        *,
        notify_shared_members: bool | None = None,
        notify_on_completion: bool | None = None,
        notify: bool | None = None,
    ) -> Outcome:
        """Share the record with others, besides those with whom it is shared.

        Args:
            item: With whom, as in ``{"shared_with": {"id": user, "type": "users"}, "permission":
                "read_only", "type": "private"}``; or several of them.
            notify_shared_members: Whether to tell them by mail.
            notify_on_completion: Whether to tell you when it is done, as Zoho does by default.
            notify: The name that Zoho's SDK has for *notify_shared_members*.

        Returns:
            The outcome, ``created``: Zoho has taken it on.

        Raises:
            aiozcrm.errors.LimitExceededError: If it is shared with too many.
            aiozcrm.errors.ZohoError: If Zoho did not take it on, or that is not known
                (``maybe_done``).
        """
        beside = {
            "notify_shared_members": notify_shared_members,
            "notify_on_completion": notify_on_completion,
            "notify": notify,
        }
        return await self._write("POST", item, beside, "created", repeatable=False)

    async def update(
        self,
        changes: ShareDraft | Sequence[ShareDraft],
        /,
        *,
        notify: bool | None = None,
        notify_on_completion: bool | None = None,
    ) -> Outcome:
        """Share the record with these and nobody else: all others lose their access.

        Args:
            changes: With whom, as for :meth:`create`. Name all who are to keep their access.
            notify: Whether to tell them by mail.
            notify_on_completion: As for :meth:`create`.

        Returns:
            The outcome, ``updated``: Zoho has taken it on.

        Raises:
            aiozcrm.errors.LimitExceededError: If it is shared with too many.
            aiozcrm.errors.ZohoError: If Zoho did not take it on, or that is not known
                (``maybe_done``).
        """
        beside = {"notify": notify, "notify_on_completion": notify_on_completion}
        return await self._write("PUT", changes, beside, "updated", repeatable=True)

    async def delete(self) -> Outcome:
        """Share the record with nobody any more.

        Returns:
            The outcome, ``deleted``, or ``already_gone`` if an earlier send, whose answer was
            lost, has probably done it.

        Raises:
            aiozcrm.errors.ZohoError: If it was not shared, or it is not known whether it still is
                (``maybe_done``).
        """
        own = self._bound["record_id"]
        try:
            outcome = await self._act("DELETE", status="deleted", own=own)
        except ApiError as error:
            busy = "scheduler" in error.message.lower()
            if error.maybe_done and error.code in _NOT_SHARED and not busy:
                return Outcome(own, "already_gone", error.attempts)
            raise
        return attrs.evolve(outcome, id=own)

    async def _write(
        self,
        method: str,
        given: object,
        beside: Mapping[str, Any],
        status: OutcomeStatus,
        *,
        repeatable: bool,
    ) -> Outcome:
        """Send all with whom the record is to be shared, and return what became of it.

        Raises:
            aiozcrm.errors.ZohoError: If one of them was rejected; ``results`` tell of each.
        """
        items = [draft(item) for item in (given if isinstance(given, (list, tuple)) else [given])]
        options = {name: value for name, value in beside.items() if value is not None}

        call, reply = await self._call(
            method,
            body=Json({self.key: items, **options}),
            repeatable=repeatable,
            check=no_trouble(self.key),
        )
        results = results_of(reply.data, self.key)
        if len(results) != len(items):
            raise unreadable(reply, "it does not account for each item", wrote=True)
        for result in results:
            outcome_of(result, call, reply, status=status, own="")
        return Outcome(self._bound["record_id"], status, reply.attempts)
