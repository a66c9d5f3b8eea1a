"""A phase of its own: all calls of the family at once, by tasks that keep books."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import attrs
from fast_time import SPEED
from judge import Creation
from rates import BRUTAL, REALISTIC_TOKENS
from stage import CONCURRENCY, Stage

from aiozcrm import Outcome, ZohoCRM
from aiozcrm.batch import OutcomeStatus
from aiozcrm.errors import NotFoundError, TokenThrottledError, ZohoError

__all__ = ["mixed_calls"]

#: The fields that a link needs beside its name.
_FIELDS: Final = {"page_type": "standard", "submission_action_type": "display_message"}

#: How many links of a task may be there at once, which keeps lists short.
_MOST: Final = 4

#: After how many silences of the token endpoint in a row a link counts as unreadable.
_SILENCES: Final = 3


async def mixed_calls(stage: Stage) -> None:
    """Let tasks make every kind of call, and look in the end whether what they wrote is there."""
    kept = await stage.add_links(CONCURRENCY, used=CONCURRENCY // 4)
    await stage.mix(BRUTAL, REALISTIC_TOKENS)
    async with stage.client() as zoho:
        people = [_Person(stage=stage, zoho=zoho, link_id=link_id) for link_id in kept]
        times = max(4, stage.size // len(people))
        await asyncio.gather(*(person.work(times) for person in people))
    await stage.mix({})
    async with stage.client() as zoho:
        for person in people:
            await person.look(zoho)


@attrs.define(eq=False, kw_only=True)
class _Person:
    """Somebody who works with links, some of their own and one that is theirs to change.

    Attributes:
        stage: Where they work.
        zoho: Makes the calls.
        link_id: The link that only they change, and that nobody deletes.
        mine: The links that they have created and not deleted yet.
        messages: What the message of their link may be by now; None for its first one.
    """

    stage: Stage
    zoho: ZohoCRM
    link_id: str
    mine: list[str] = attrs.field(factory=list)
    messages: set[str | None] = attrs.field(factory=lambda: {None})

    async def work(self, times: int) -> None:
        """Make so many calls."""
        kinds: list[Callable[[], Awaitable[None]]] = [
            self._create,
            self._delete,
            self._update,
            self._get,
            self._list,
            self._associations,
        ]
        for number in range(times):
            kind = self.stage.luck.choice(kinds)
            if kind == self._create and len(self.mine) >= _MOST:
                kind = self._delete
            await kind()
            if number % 10 == 0:
                await asyncio.sleep(0)

    async def look(self, zoho: ZohoCRM) -> None:
        """Complain if what was written is not there."""
        link, error = await self._read(zoho)
        if error is None and None not in self.messages:
            if link.submission_message not in self.messages:
                self.stage.watch.complain(f"{self.link_id} lost an update")
        elif error is not None:
            self.stage.watch.complain(f"{self.link_id} could not be read: {error}")

    async def _read(self, zoho: ZohoCRM) -> tuple[Any, ZohoError | None]:
        """Read the link, after the silence that the trouble before may have left."""
        for _ in range(_SILENCES):
            link, error = await self.stage.single(zoho.unsubscribe_links.get(self.link_id), "gets")
            if not isinstance(error, TokenThrottledError):
                break
            await asyncio.sleep(error.retry_after / SPEED)
        return link, error

    async def _create(self) -> None:
        name = f"made-{self.link_id}-{len(self.stage.creations)}"
        self.stage.creations[name] = Creation(None, maybe_done=True)
        work = self.zoho.unsubscribe_links.create(name=name, submission_message="Bye.", **_FIELDS)
        link, error = await self.stage.single(work, "creates")
        if error is None:
            self.stage.creations[name] = Creation(link.id, maybe_done=False)
            self.mine.append(link.id)
        else:
            self.stage.creations[name] = Creation(None, maybe_done=error.maybe_done)

    async def _delete(self) -> None:
        if not self.mine:
            return
        link_id = self.mine.pop()
        outcome, error = await self.stage.single(
            self.zoho.delete_unsubscribe_link(link_id), "single deletes"
        )
        if error is not None:
            outcome = Outcome(link_id, _status_of(error), error.attempts, error)
        self.stage.note(outcome)

    async def _update(self) -> None:
        message = f"Message {self.stage.luck.getrandbits(64)}"
        work = self.zoho.unsubscribe_links.update(self.link_id, submission_message=message)
        _, error = await self.stage.single(work, "updates")
        if error is None:
            self.messages = {message}
        elif error.maybe_done:
            self.messages.add(message)

    async def _get(self) -> None:
        link, error = await self.stage.single(self.zoho.unsubscribe_links.get(self.link_id), "gets")
        if error is None and link.id != self.link_id:
            self.stage.watch.complain(f"asked for {self.link_id}, got {link.id}")
        if isinstance(error, NotFoundError):
            self.stage.watch.complain(f"{self.link_id} was not found, though it is there")

    async def _list(self) -> None:
        links, error = await self.stage.single(self.zoho.unsubscribe_links.list(), "lists")
        if error is None and not {self.link_id, *self.mine} <= {link.id for link in links}:
            self.stage.watch.complain("a list lacks links that are there")

    async def _associations(self) -> None:
        used, error = await self.stage.single(
            self.zoho.unsubscribe_links.associations(), "associations"
        )
        if error is None and len(used) != CONCURRENCY // 4:
            self.stage.watch.complain(f"{len(used)} links are said to be in use")


def _status_of(error: ZohoError) -> OutcomeStatus:
    """Return what a single delete's error says, in the words of a batch."""
    if isinstance(error, NotFoundError):
        return "not_found"
    if error.maybe_done:
        return "in_doubt"
    return "failed" if error.attempts else "not_attempted"
