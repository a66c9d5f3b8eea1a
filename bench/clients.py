"""The clients that are measured: each deletes so many links and returns how many it deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import aiohttp

from aiozcrm import Credentials, ZohoCRM

FIRST_ID = 4150868000000000000


def ids(count: int) -> Iterator[str]:
    """Yield so many ids."""
    return (str(FIRST_ID + number) for number in range(count))


def credentials(origin: str) -> Credentials:
    """Return credentials for the server at *origin*."""
    return Credentials(
        client_id="1000.BENCH",
        client_secret="bench",  # noqa: S106  # the server looks at none of them
        refresh_token="1000.bench.bench",  # noqa: S106
        accounts_url=origin,
        api_url=origin,
    )


async def hand_written(origin: str, count: int, concurrency: int) -> AsyncIterator[None]:
    """The loop that one writes with aiohttp alone: one session, so many workers."""
    headers = {"Authorization": "Zoho-oauthtoken 1000.b.e"}
    async with aiohttp.ClientSession(headers=headers) as session:
        base = f"{origin}/crm/v7/settings/unsubscribe_links/"
        async with session.delete(f"{base}1") as answer:  # connected, as the others are
            await answer.json()
        yield
        todo, deleted = ids(count), []

        async def work() -> None:
            for link_id in todo:
                async with session.delete(base + link_id) as answer:
                    body = await answer.json()
                item = body["unsubscribe_links"][0]
                if item["code"] == "SUCCESS" and item["details"]["id"] == link_id:
                    deleted.append(link_id)

        await asyncio.gather(*(work() for _ in range(concurrency)))
        assert len(deleted) == count  # noqa: S101
        yield


async def aiozcrm_list(origin: str, count: int, concurrency: int) -> AsyncIterator[None]:
    """``delete_unsubscribe_links``: a list in, a report out."""
    async with ZohoCRM(credentials(origin), max_in_flight=concurrency) as zoho:
        await zoho.delete_unsubscribe_link(1)
        yield
        report = await zoho.delete_unsubscribe_links(list(ids(count)), concurrency=concurrency)
        assert report.counts == {"deleted": count}  # noqa: S101
        yield


async def aiozcrm_stream(origin: str, count: int, concurrency: int) -> AsyncIterator[None]:
    """``iter_delete_unsubscribe_links``: an async generator in, outcomes out."""

    async def source() -> AsyncIterator[str]:
        for link_id in ids(count):
            yield link_id

    async with ZohoCRM(credentials(origin), max_in_flight=concurrency) as zoho:
        await zoho.delete_unsubscribe_link(1)
        yield
        deleted = 0
        async for outcome in zoho.iter_delete_unsubscribe_links(source(), concurrency=concurrency):
            deleted += outcome.status == "deleted"
        assert deleted == count  # noqa: S101
        yield
