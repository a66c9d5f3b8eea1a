"""The calls of the family."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, TypedDict

from aiozcrm._protocol import ApiCall, Json, Reply, check_record_id
from aiozcrm._unset import UNSET, UnsetType
from aiozcrm.batch import (
    ONLY_ID,
    Batch,
    BatchReport,
    Chunk,
    Inputs,
    OnOutcome,
    Outcome,
    Rows,
    no_input_avoids,
)
from aiozcrm.errors import (
    InUseError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    ZohoError,
)
from aiozcrm.resources._api import Api
from aiozcrm.resources._behaviours import Creating, Resource, Updating
from aiozcrm.resources._results import (
    missing,
    no_trouble,
    page_of,
    rows_of,
    unreadable,
    value_of,
)
from aiozcrm.resources._send_moment import SendMoment
from aiozcrm.resources.unsubscribe_links._fields import (
    check_all_given,
    check_fields,
    check_none_emptied,
)
from aiozcrm.resources.unsubscribe_links._models import Association, Place, UnsubscribeLink
from aiozcrm.resources.unsubscribe_links._parsing import models_of

__all__ = ["UnsubscribeLinks"]

_PATH: Final = "settings/unsubscribe_links"
_KEY: Final = "unsubscribe_links"
_SCOPES: Final = ("ZohoCRM.settings.unsubscribe.{operation}",)

#: Singular, unlike all others:
#: https://www.zoho.com/crm/developer/docs/api/v7/unsubscribe-link-associations.html
_ASSOCIATIONS: Final = "settings/unsubscribe_link/actions/associations"


class LinkDraft(TypedDict, total=False):
    """What can be set on a link; an update in bulk needs the ``id``, too."""

    id: str
    name: str
    page_type: str
    custom_location_url: str | None
    standard_page_message: str | None
    submission_action_type: str
    submission_message: str | None
    submission_redirect_url: str | None


class _ManyLinks(Creating[LinkDraft], Updating[LinkDraft]):
    """The writes of many links, of which Zoho takes one a call."""

    path = _PATH
    key = _KEY
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = 1


class UnsubscribeLinks(Resource):
    """The links by which the receivers of an org's mails unsubscribe.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-unsubscribe-links.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-unsubscribe-link.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-unsubscribe-link.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-unsubscribe-link.html
    - associations:
      https://www.zoho.com/crm/developer/docs/api/v7/unsubscribe-link-associations.html

    Calls need the OAuth scope ``ZohoCRM.settings.unsubscribe.ALL``, or that of the operation,
    such as ``ZohoCRM.settings.unsubscribe.DELETE``.
    """

    path = _PATH
    key = _KEY
    scopes: ClassVar[tuple[str, ...]] = _SCOPES

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self._many = _ManyLinks(api)

    async def list(self) -> Sequence[UnsubscribeLink]:
        """Return all links of the org, the Default link among them.

        Returns:
            The links, all at once, since an org holds only about ten.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        items, reply = await self._read()
        return models_of(rows_of(items, reply), reply, UnsubscribeLink.from_api)

    async def get(self, link_id: str | int) -> UnsubscribeLink:
        """Return one link.

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
        own = check_record_id(link_id)
        items, reply = await self._read(own)
        links = models_of(rows_of(items, reply), reply, UnsubscribeLink.from_api)
        if links:
            self._check_is_about(links[0].id, own, reply)
            return links[0]
        # Zoho answers an id that it does not know with 204, not with an error.
        raise missing(reply, f"There is no link {own}.")

    async def associations(self) -> Sequence[Association]:
        """Return where links are used.

        Returns:
            Each link that is used, with its places; links that nothing uses are left out.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        places: dict[str, tuple[Place, ...]] = {}
        following: Mapping[str, Any] = {}
        page_number = 1
        while True:
            call = ApiCall("GET", _ASSOCIATIONS, query=following, scopes=self.scopes)
            reply = await self._api.transport.call(call)
            # The documentation knows no pages here. Should there be some, all of them count.
            page = page_of(value_of(call, reply, "associations"), reply, most=sys.maxsize)
            associations = models_of(page.items, reply, Association.from_api)
            count = ((reply.data or {}).get("info") or {}).get("count")
            if count is not None and str(count) != str(len(associations)):
                raise unreadable(reply, "it does not hold as many rows as it counts")
            is_new = any(found.id not in places for found in associations)
            if (page.more or following) and not is_new:
                raise unreadable(reply, "it does not tell what else uses links")
            for found in associations:
                places[found.id] = places.get(found.id, ()) + found.places
            if not page.more:
                return tuple(Association(id=found, places=each) for found, each in places.items())
            page_number += 1
            following = {"page_token": page.token} if page.token else {"page": page_number}

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
        which is unique, and returned if it surely was made by this call. One that may be older,
        because it was made in the same second, is left in doubt; the hint of the error names it.

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
        moment = SendMoment(self._api)
        try:
            async with moment:
                call, reply = await self._call(
                    "POST", body=Json({_KEY: [fields]}), check=no_trouble(_KEY)
                )
            made = self._one_outcome(call, reply, _KEY, status="created", own="")
            if not made.id:
                raise unreadable(reply, "it does not name the link", wrote=True)
        except ZohoError as error:
            if not error.maybe_done:
                raise
            link = await self._made_after_all(fields, error, moment)
            if link is None:
                raise
            return link
        return UnsubscribeLink.from_api({**fields, "id": made.id})

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
        item = {"id": record_id, **fields}
        await self._act("PUT", record_id, items=[item], status="updated", own=record_id)

    async def create_many(
        self,
        items: Iterable[LinkDraft] | AsyncIterable[LinkDraft],
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Create many links and account for every one. Zoho takes one a call.

        A link whose answer is lost is ``in_doubt``.

        Args:
            items: What to create, by the names of :meth:`create`.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the items.
        """
        return await self._many.create_many(items, concurrency=concurrency, on_outcome=on_outcome)

    async def update_many(
        self,
        items: Iterable[LinkDraft] | AsyncIterable[LinkDraft],
        *,
        concurrency: int | None = None,
        on_outcome: OnOutcome | None = None,
    ) -> BatchReport:
        """Change many links and account for every one. Zoho takes one a call.

        Args:
            items: What to change, by the names of :meth:`create`, each with the ``id`` of the
                link. Those with the same id keep their order.
            concurrency: How many calls may run at once; by default ``max_in_flight``.
            on_outcome: Is called with each outcome as soon as it is there.

        Returns:
            What became of each, in the order of the items.

        Raises:
            aiozcrm.errors.InvalidInputError: If an item of a list has no id; nothing is sent.
        """
        return await self._many.update_many(items, concurrency=concurrency, on_outcome=on_outcome)

    async def _made_after_all(
        self, fields: Mapping[str, Any], error: ZohoError, moment: SendMoment
    ) -> UnsubscribeLink | None:
        """Return the link that a create has made although its answer was lost.

        Args:
            fields: What was sent.
            error: Why that is not known; its hint will say what to do.
            moment: When it was sent.
        """
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
            made_at = found.created_time
            # A second later at least: what was made in the same second may be older.
            if made_at is not None and made_at.timestamp() >= moment.second() + 1:
                return found
            error.hint = (
                f"Link {found.id} is like it, but may be older: look who made it, and when."
            )
        return None

    async def delete(self, link_id: str | int, *, protect_used: bool = False) -> Outcome:
        """Delete one link.

        A server error or a lost answer is healed by sending again. When the link turns out to
        be gone after such a send, the outcome is ``already_gone``.

        Args:
            link_id: The link's id: digits as ``str``, or an ``int``.
            protect_used: Whether to keep the link if an email template or a footer uses it, which
                takes one call more.

        Returns:
            The outcome, ``deleted`` or ``already_gone``, with the number of sends.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is no id; nothing is sent.
            aiozcrm.errors.NotFoundError: If the link is not part of the org.
            aiozcrm.errors.NotAllowedError: If it is the org's Default link.
            aiozcrm.errors.InUseError: If *protect_used* is set and it is used; it is kept.
            aiozcrm.errors.ZohoError: If anything else went wrong; the class says what.
            TypeError: If it is neither ``str`` nor ``int``; nothing is sent.
        """
        link_id = check_record_id(link_id)
        if protect_used:
            _keep_used(link_id, await self._places_by_link())
        return await self._delete(link_id)

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
            an id of a list, tuple or set is none. If you stop early, close it, best by
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
            if used:
                _keep_used(link_id, used)
            return (await self._delete(link_id, chunk.indexes[0]),)

        return self._batch(
            send,
            Rows(read=check_record_id, once=True),
            about=f"DELETE {_PATH}",
            concurrency=concurrency,
            on_outcome=on_outcome,
            deletes=True,
            # Permissions are for all links.
            ends=lambda error: isinstance(error, PermissionDeniedError) or no_input_avoids(error),
            prepare=read_used if protect_used else None,
        )

    async def _delete(self, link_id: str, index: int | None = None) -> Outcome:
        def check(reply: Reply) -> None:
            if not _is_deleted(reply.data, link_id):
                self._check_one(asked, reply, _KEY)

        # The call that is sent refers to the check. If that referred to it, neither could be freed
        # at once.
        asked = ApiCall("DELETE", f"{_PATH}/{link_id}")
        call = ApiCall("DELETE", f"{_PATH}/{link_id}", check=check, scopes=self.scopes)
        try:
            reply = await self._api.transport.call(call)
            if not _is_deleted(reply.data, link_id):
                self._one_outcome(call, reply, _KEY, status="deleted", own=link_id)
        except NotFoundError as error:
            if error.maybe_done:
                # An earlier send, whose answer was lost, has most probably removed it.
                return Outcome(link_id, "already_gone", error.attempts, None, index)
            raise
        return Outcome(link_id, "deleted", reply.attempts, None, index, ONLY_ID)

    async def _places_by_link(self) -> dict[str, tuple[Place, ...]]:
        return {found.id: found.places for found in await self.associations() if found.places}


def _keep_used(link_id: str, used: Mapping[str, tuple[Place, ...]]) -> None:
    """Raise an error that names the places where a link is used, if there are any."""
    if places := used.get(link_id):
        shown = ", ".join(map(str, places))
        raise InUseError(f"Link {link_id} is used by {shown}.", places=places)


def _is_deleted(data: Any, link_id: str) -> bool:
    """Return whether an answer is the usual one; if not, it takes a closer look to tell."""
    try:
        (item,) = data[_KEY]
        return bool(item["status"] == "success" and item["details"]["id"] == link_id)
    except (KeyError, TypeError, ValueError):
        return False
