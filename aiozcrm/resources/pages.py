"""Lists of many pages: complete, or an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, Generic, TypeVar

import attr as attrs

from aiozcrm._waiting import until_ended
from aiozcrm.errors import InvalidResponseError

__all__ = ["Page", "Pages", "read_ahead", "walk"]

Item = TypeVar("Item")


@attrs.frozen
class Page(Generic[Item]):
    """One page of a list.

    Attributes:
        items: What is on it.
        more: Whether Zoho says that there is another page.
        token: What reads the next page; None where pages are read by number.
    """

    items: list[Item]
    more: bool = False
    token: str | None = None


class Pages(AsyncIterator[Item]):
    """What an ``iter`` returns: iterate over it for items, or over :meth:`pages` for pages.

    A page is read when it is needed, and the one after it while you work on it. To stop early,
    close it, best by ``async with contextlib.aclosing(...)``.

    Args:
        pages: Reads the pages, once.
    """

    def __init__(self, pages: AsyncGenerator[list[Item], None]) -> None:
        self._pages = pages
        self._items = _one_by_one(pages)

    def __aiter__(self) -> AsyncIterator[Item]:  # noqa: PYI034  # see below
        # The generator itself, so that an item costs no step through this class.
        return self._items

    async def __anext__(self) -> Item:
        return await anext(self._items)

    def pages(self) -> AsyncGenerator[list[Item], None]:
        """Return the same list page by page; use one or the other."""
        return self._pages

    async def aclose(self) -> None:
        """Stop reading, and cancel the call for a page that is under way."""
        await self._items.aclose()
        await self._pages.aclose()


async def _one_by_one(pages: AsyncGenerator[list[Item], None]) -> AsyncGenerator[Item, None]:
    try:
        async for page in pages:
            for item in page:
                yield item
    finally:
        await pages.aclose()


async def read_ahead(items: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
    """Yield what a generator yields, and let it run ahead by one while the caller works."""

    async def following() -> Item | None:
        return await anext(items, None)

    ahead = asyncio.create_task(following(), name="aiozcrm: next page")
    try:
        while (item := await ahead) is not None:
            ahead = asyncio.create_task(following(), name="aiozcrm: next page")
            # So the request leaves now, and not when the caller first waits for something.
            await asyncio.sleep(0)
            yield item
    finally:
        ahead.cancel()
        await until_ended(ahead)
        await items.aclose()


async def walk(
    read: Callable[[Mapping[str, Any]], Coroutine[Any, Any, Page[Item]]],
) -> AsyncGenerator[list[Item], None]:
    """Yield page after page, and read the next one while the caller works on this one.

    Args:
        read: Reads the page that these parameters name; the first page is named by none.

    Raises:
        aiozcrm.errors.InvalidResponseError: If the list leads nowhere.
    """
    ahead: asyncio.Task[Page[Item]] | None = None
    number, seen = 1, set[str]()
    try:
        page = await read({})
        while True:
            if page.more:
                number += 1
                following = {"page_token": page.token} if page.token else {"page": number}
                if page.token in seen or not (page.items or page.token):
                    raise InvalidResponseError(
                        "A list says that it goes on, but it does not get any further.",
                        status=200,
                        excerpt="",
                    )
                seen.add(page.token or "")
                ahead = asyncio.create_task(read(following), name="aiozcrm: next page")
                # So the request leaves now, and not when the caller first waits for something.
                await asyncio.sleep(0)
            if page.items:
                yield page.items
            if ahead is None:
                return
            page, ahead = await ahead, None
    finally:
        if ahead is not None:
            ahead.cancel()
            await until_ended(ahead)
