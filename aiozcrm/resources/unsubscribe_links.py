"""Unsubscribe links.

https://www.zoho.com/crm/developer/docs/api/v7/delete-unsubscribe-link.html
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from typing import Final

from aiozcrm._protocol import check_record_id
from aiozcrm.batch import Batch, BatchReport, Inputs, OnOutcome, Outcome
from aiozcrm.resources._base import Resource

__all__ = ["UnsubscribeLinks"]

_PATH: Final = "settings/unsubscribe_links"


class UnsubscribeLinks(Resource):
    """The links by which the receivers of an org's mails unsubscribe.

    Calls need the OAuth scope ``ZohoCRM.settings.unsubscribe.ALL``, or that of the operation,
    such as ``ZohoCRM.settings.unsubscribe.DELETE``.
    """

    async def delete(self, link_id: str | int) -> Outcome:
        """Delete one link.

        A server error or a lost answer is healed by sending again. When the link turns out to
        be gone after such a send, the outcome is ``already_gone``.

        https://www.zoho.com/crm/developer/docs/api/v7/delete-unsubscribe-link.html

        Args:
            link_id: The link's id: digits as ``str``, or an ``int``.

        Returns:
            The outcome, ``deleted`` or ``already_gone``, with the number of sends.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is no id; nothing is sent.
            aiozcrm.errors.NotFoundError: If the link is not part of the org.
            aiozcrm.errors.NotAllowedError: If it is the org's Default link.
            aiozcrm.errors.ZohoError: If anything else went wrong; the class says what.
            TypeError: If it is neither ``str`` nor ``int``; nothing is sent.
        """
        return await self._delete(_PATH, check_record_id(link_id))

    async def delete_many(
        self,
        link_ids: Inputs,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Delete many links and account for every one.

        Zoho has no call for more than one link, so each is deleted by a call of its own, several
        at a time. What cannot heal, such as a revoked refresh token or a missing permission,
        stops the batch: the rest is ``not_attempted``.

        Args:
            link_ids: Ids from any iterable or async iterable. Bad ids in a list, tuple or set
                are refused before anything is sent; a bad id out of a generator becomes a
                ``failed`` outcome.
            concurrency: How many calls may run at once, within the client's ``max_in_flight``,
                which is the default.
            on_outcome: Is called, and awaited if it returns an awaitable, with each outcome
                before the next call of the same worker starts. When the batch is cancelled,
                calls on their way are reported as ``in_doubt``.

        Returns:
            What became of each link, in the order of the ids.

        Raises:
            aiozcrm.errors.InvalidInputError: If an id is none; nothing is sent.
            TypeError: If an id is neither ``str`` nor ``int``, or *link_ids* is one string;
                nothing is sent.
        """
        return await self._delete_batch(concurrency, on_outcome).report(link_ids)

    def iter_delete_many(
        self,
        link_ids: Inputs,
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncIterator[Outcome]:
        """Delete many links and yield each outcome as soon as it is there.

        The same as :meth:`delete_many`, for more ids than memory should hold: it remembers the
        latest 10,000 in order to run duplicates once, and a slow reader slows it down.

        Args:
            link_ids: Ids from any iterable or async iterable.
            concurrency: How many calls may run at once.
            on_outcome: Is called with each outcome.

        Returns:
            An async iterator of outcomes, in the order of completion.

        Raises:
            aiozcrm.errors.InvalidInputError: If an id of a list, tuple or set is none.
            TypeError: If one is neither ``str`` nor ``int``.
        """
        return self._delete_batch(concurrency, on_outcome).stream(link_ids)

    def _delete_batch(self, concurrency: int | None, on_outcome: OnOutcome | None) -> Batch:
        delete = functools.partial(self._delete, _PATH)
        return self._batch(delete, concurrency=concurrency, on_outcome=on_outcome)
