"""The calls of the family."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final

from aiozcrm._protocol import Reply, check_record_id
from aiozcrm._unset import UNSET, UnsetType
from aiozcrm.batch import Batch, BatchReport, Chunk, Inputs, OnOutcome, Outcome
from aiozcrm.errors import InUseError, InvalidInputError, NotFoundError, ZohoError
from aiozcrm.resources._base import Resource
from aiozcrm.resources._parsing import models_of
from aiozcrm.resources._results import unreadable
from aiozcrm.resources.unsubscribe_links._fields import (
    check_all_given,
    check_fields,
    check_none_emptied,
)
from aiozcrm.resources.unsubscribe_links._models import Association, Place, UnsubscribeLink

__all__ = ["UnsubscribeLinks"]

_PATH: Final = "settings/unsubscribe_links"
_KEY: Final = "unsubscribe_links"

#: Singular, unlike all others:
#: https://www.zoho.com/crm/developer/docs/api/v7/unsubscribe-link-associations.html
_ASSOCIATIONS_PATH: Final = "settings/unsubscribe_link/actions/associations"


class UnsubscribeLinks(Resource):
    """The links by which the receivers of an org's mails unsubscribe.

    Calls need the OAuth scope ``ZohoCRM.settings.unsubscribe.ALL``, or that of the operation,
    such as ``ZohoCRM.settings.unsubscribe.DELETE``.
    """

    scopes = ("ZohoCRM.settings.unsubscribe.{operation}",)

    # ---- reading -------------------------------------------------------------------------------

    async def list(self) -> Sequence[UnsubscribeLink]:
        """Return all links of the org, the Default link among them.

        https://www.zoho.com/crm/developer/docs/api/v7/get-unsubscribe-links.html

        Returns:
            The links, all at once, since an org holds only about ten.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return models_of(await self._read(_PATH), _KEY, UnsubscribeLink.from_api)

    async def get(self, link_id: str | int) -> UnsubscribeLink:
        """Return one link.

        https://www.zoho.com/crm/developer/docs/api/v7/get-unsubscribe-links.html

        Args:
            link_id: The link's id: digits as ``str``, or an ``int``.

        Returns:
            The link.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is no id; nothing is sent.
            aiozcrm.errors.NotFoundError: If the link is not part of the org.
            aiozcrm.errors.ZohoError: If anything else went wrong; the class says what.
            TypeError: If it is neither ``str`` nor ``int``; nothing is sent.
        """
        reply = await self._read(f"{_PATH}/{check_record_id(link_id)}")
        for link in models_of(reply, _KEY, UnsubscribeLink.from_api):
            return link
        # Zoho answers an id that it does not know with 204, not with an error.
        error = NotFoundError(
            f"There is no link {link_id}.", status=reply.status, method="GET", url=reply.url
        )
        error.attempts = reply.attempts
        raise error

    async def associations(self) -> Sequence[Association]:
        """Return where links are used.

        https://www.zoho.com/crm/developer/docs/api/v7/unsubscribe-link-associations.html

        Returns:
            Each link that is used, with its places; links that nothing uses are left out.

        Raises:
            aiozcrm.errors.InvalidResponseError: If the list is not complete.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        found: dict[str, Association] = {}
        page = 1
        while True:
            reply = await self._read(_ASSOCIATIONS_PATH, query={"page": page} if page > 1 else {})
            more = models_of(reply, "associations", Association.from_api)
            known = len(found)
            for used in more:
                before = found[used.id].places if used.id in found else ()
                found[used.id] = Association(id=used.id, places=before + used.places)
            if not _goes_on(reply):
                return tuple(found.values())
            if len(found) == known:
                raise unreadable(reply, "the list says that it goes on, but gets no further")
            page += 1

    async def unused(self) -> Sequence[UnsubscribeLink]:
        """Return the links that no email template and no footer uses.

        Returns:
            The links, never the Default link.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        links = await self.list()
        # Read afterwards, so that a link that was put to use meanwhile counts as used.
        used = await self._places_by_link()
        return tuple(link for link in links if not link.is_default and link.id not in used)

    # ---- writing -------------------------------------------------------------------------------

    async def create(
        self,
        *,
        name: str,
        page_type: str,
        submission_action_type: str,
        custom_location_url: str | None = None,
        standard_page_message: str | None = None,
        submission_message: str | None = None,
        submission_redirect_url: str | None = None,
    ) -> UnsubscribeLink:
        """Create a link.

        It is never created twice: when the answer is lost, the link is looked up by its name,
        which is unique, and returned if it was made.

        https://www.zoho.com/crm/developer/docs/api/v7/create-unsubscribe-link.html

        Args:
            name: What it is called, 1 to 50 characters.
            page_type: ``standard`` for Zoho's page, ``custom`` for one of yours.
            submission_action_type: What happens afterwards: ``display_message`` or ``redirect``.
            custom_location_url: Where a page of yours is; needed for ``custom``.
            standard_page_message: What Zoho's page says, up to 2000 characters, as plain text
                or HTML.
            submission_message: The message that is displayed; needed for ``display_message``.
            submission_redirect_url: Where the redirect leads; needed for ``redirect``.

        Returns:
            The link, with its id and what was given. What Zoho adds, such as times, is None
            unless the link had to be looked up.

        Raises:
            aiozcrm.errors.InvalidInputError: If a field cannot be right; nothing is sent.
            aiozcrm.errors.DuplicateDataError: If a link of that name exists.
            aiozcrm.errors.LimitExceededError: If the org has as many links as it may.
            aiozcrm.errors.InvalidDataError: If Zoho refuses a field, which the error names.
            aiozcrm.errors.ZohoError: If anything else went wrong; the class says what.
            TypeError: If a value is of a wrong type; nothing is sent.
        """
        given = {
            "name": name,
            "page_type": page_type,
            "custom_location_url": custom_location_url,
            "standard_page_message": standard_page_message,
            "submission_action_type": submission_action_type,
            "submission_message": submission_message,
            "submission_redirect_url": submission_redirect_url,
        }
        fields = {key: value for key, value in given.items() if value is not None}
        check_fields(fields)
        check_all_given(fields)
        try:
            link_id = await self._write("POST", _PATH, _KEY, fields)
        except ZohoError as error:
            if error.maybe_done and (link := await self._made_after_all(fields, error)):
                return link
            raise
        return UnsubscribeLink.from_api({**fields, "id": link_id})

    async def update(
        self,
        link_id: str | int,
        *,
        name: str | UnsetType = UNSET,
        page_type: str | UnsetType = UNSET,
        submission_action_type: str | UnsetType = UNSET,
        custom_location_url: str | UnsetType | None = UNSET,
        standard_page_message: str | UnsetType | None = UNSET,
        submission_message: str | UnsetType | None = UNSET,
        submission_redirect_url: str | UnsetType | None = UNSET,
    ) -> None:
        """Change a link.

        Zoho's pages disagree on whether what is not given stays as it is: give all that a create
        would need to be sure.

        https://www.zoho.com/crm/developer/docs/api/v7/update-unsubscribe-link.html

        Args:
            link_id: The link's id: digits as ``str``, or an ``int``.
            name: As for :meth:`create`. This and the others are left out of what is sent unless
                they are given.
            page_type: As for :meth:`create`.
            submission_action_type: As for :meth:`create`.
            custom_location_url: As for :meth:`create`; None empties it, as it does the others.
            standard_page_message: As for :meth:`create`.
            submission_message: As for :meth:`create`.
            submission_redirect_url: As for :meth:`create`.

        Raises:
            aiozcrm.errors.InvalidInputError: If a field cannot be right, or none is given;
                nothing is sent.
            aiozcrm.errors.NotFoundError: If the link is not part of the org.
            aiozcrm.errors.NotAllowedError: If it is the org's Default link.
            aiozcrm.errors.DuplicateDataError: If another link has that name.
            aiozcrm.errors.InvalidDataError: If Zoho refuses a field, which the error names.
            aiozcrm.errors.ZohoError: If anything else went wrong; the class says what.
            TypeError: If a value is of a wrong type; nothing is sent.
        """
        record_id = check_record_id(link_id)
        given = {
            "name": name,
            "page_type": page_type,
            "custom_location_url": custom_location_url,
            "standard_page_message": standard_page_message,
            "submission_action_type": submission_action_type,
            "submission_message": submission_message,
            "submission_redirect_url": submission_redirect_url,
        }
        fields = {key: value for key, value in given.items() if value is not UNSET}
        if not fields:
            raise InvalidInputError("There is nothing to change.", hint="Give at least one field.")
        check_fields(fields)
        check_none_emptied(fields)
        # The id stands in the body as well: one of Zoho's sources calls it mandatory there.
        await self._write("PUT", f"{_PATH}/{record_id}", _KEY, {"id": record_id, **fields})

    async def _made_after_all(
        self,
        fields: Mapping[str, Any],
        error: ZohoError,
    ) -> UnsubscribeLink | None:
        """Return the link that a create has made although its answer was lost."""
        try:
            links = await self.list()
        except ZohoError:
            error.hint = "Look for a link of that name: it may have been made."
            return None
        found = next((link for link in links if link.name == fields["name"]), None)
        if found is None:
            error.hint = "No link of that name is there yet: look again, then create it again."
        elif any(getattr(found, key) != (value or None) for key, value in fields.items()):
            error.hint = f"Link {found.id} has that name, but is not what was to be created."
        else:
            return found
        return None

    # ---- deleting ------------------------------------------------------------------------------

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
        return await self._delete(_PATH, _KEY, check_record_id(link_id))

    async def delete_many(
        self,
        link_ids: Inputs,
        *,
        protect_used: bool = False,
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
            protect_used: Whether to keep the links that an email template or a footer uses.
                Their outcome is ``protected``, with an
                :class:`~aiozcrm.errors.InUseError` that names the places.
            concurrency: How many calls may run at once, within the client's ``max_in_flight``,
                which is the default.
            on_outcome: Is called, and awaited if it returns an awaitable, with each outcome
                before the next call of the same worker starts. When the batch is cancelled,
                calls on their way are reported as ``in_doubt``.

        Returns:
            What became of each link, in the order of the ids.

        Raises:
            aiozcrm.errors.InvalidInputError: If an id is none, or *concurrency* is below 1; nothing
                is sent.
            aiozcrm.errors.ZohoError: If it could not be read which links are used; nothing is
                deleted.
            TypeError: If an id is neither ``str`` nor ``int``, or *link_ids* is one string;
                nothing is sent.
        """
        batch = self._deletion(
            protect_used=protect_used, concurrency=concurrency, on_outcome=on_outcome
        )
        return await batch.report(link_ids)

    def iter_delete_many(
        self,
        link_ids: Inputs,
        *,
        protect_used: bool = False,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Delete many links and yield each outcome as soon as it is there.

        The same as :meth:`delete_many`, for more ids than memory should hold: it remembers the
        latest 10,000 in order to run duplicates once, and a slow reader slows it down.

        Args:
            link_ids: Ids from any iterable or async iterable.
            protect_used: Whether to keep the links that an email template or a footer uses.
            concurrency: How many calls may run at once.
            on_outcome: Is called with each outcome.

        Returns:
            An async generator of outcomes, in the order of completion. Its first step raises
            :class:`~aiozcrm.errors.InvalidInputError` or ``TypeError``, and sends nothing, if
            an id of a list, tuple or set is none. Who stops reading early closes it, best by
            ``async with contextlib.aclosing(...)``: then no call is on its way any more.
        """
        batch = self._deletion(
            protect_used=protect_used, concurrency=concurrency, on_outcome=on_outcome
        )
        return batch.stream(link_ids)

    def _deletion(
        self,
        *,
        protect_used: bool,
        concurrency: int | None,
        on_outcome: OnOutcome | None,
    ) -> Batch[str]:
        used: dict[str, tuple[Place, ...]] = {}

        async def read_used() -> None:
            used.update(await self._places_by_link())

        async def send(chunk: Chunk[str]) -> tuple[Outcome]:
            link_id = chunk.rows[0]
            if used and (places := used.get(link_id.lstrip("0"))):
                shown = ", ".join(map(str, places))
                raise InUseError(f"Link {link_id} is used by {shown}.", places=places)
            return (await self._delete(_PATH, _KEY, link_id, chunk.indexes[0]),)

        return self._delete_batch(
            send,
            path=_PATH,
            concurrency=concurrency,
            on_outcome=on_outcome,
            prepare=read_used if protect_used else None,
        )

    async def _places_by_link(self) -> dict[str, tuple[Place, ...]]:
        return {found.id: found.places for found in await self.associations() if found.places}


def _goes_on(reply: Reply) -> bool:
    """Return whether a list has more pages. No page documents it, but a link may depend on it."""
    info = (reply.data or {}).get("info") or {}
    if not isinstance(info, dict):
        raise unreadable(reply, "it does not tell whether the list goes on")
    return bool(info.get("more_records"))
