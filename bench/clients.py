"""The clients that are measured, each in a process of its own.

Run as a script with a client's name, an origin, a count and a concurrency, it deletes so many
links, or reads or upserts so many records, and prints what that took as JSON. Connecting,
importing and getting a token come first and are not timed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import record_clients
from watching import HEADERS, Stopwatch, client_of, peak_mib

FIRST_ID: Final = 4150868000000000000
PATH: Final = "/crm/v7/settings/unsubscribe_links/"


def ids(count: int) -> Iterator[str]:
    """Yield so many ids."""
    return (str(FIRST_ID + number) for number in range(count))


def is_deleted(body: Any, link_id: str) -> bool:
    """Return whether an answer says that this very link is deleted."""
    item = body["unsubscribe_links"][0]
    return bool(item["code"] == "SUCCESS" and item["details"]["id"] == link_id)


async def hand_written(
    origin: str, count: int, concurrency: int, watch: Stopwatch, **options: Any
) -> int:
    """Delete by the loop that one writes with aiohttp alone: one session, so many workers."""
    import aiohttp  # noqa: PLC0415  # each process loads what it measures

    base, todo, deleted = origin + PATH, ids(count), 0
    if options.pop("without_jar", False):
        options["cookie_jar"] = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(headers=HEADERS, **options) as session:
        async with session.delete(f"{base}1") as answer:  # connected, as the others are
            await answer.json()

        async def work() -> None:
            nonlocal deleted
            for link_id in todo:
                async with session.delete(base + link_id) as answer:
                    deleted += is_deleted(await answer.json(), link_id)

        async with watch.watching_the_loop():
            await asyncio.gather(*(work() for _ in range(concurrency)))
    return deleted


async def without_jar(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Delete by the same loop without a cookie jar."""
    return await hand_written(origin, count, concurrency, watch, without_jar=True)


async def aiozcrm_list(
    origin: str, count: int, concurrency: int, watch: Stopwatch, **options: Any
) -> int:
    """``delete_unsubscribe_links``: a list in, a report out."""
    async with client_of(origin, concurrency, **options) as zoho:
        await zoho.delete_unsubscribe_link(1)
        async with watch.watching_the_loop():
            report = await zoho.delete_unsubscribe_links(list(ids(count)), concurrency=concurrency)
        return int(report.counts["deleted"])


async def aiozcrm_stream(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """``iter_delete_unsubscribe_links``: an async generator in, outcomes out."""

    async def source() -> AsyncIterator[str]:
        for link_id in ids(count):
            yield link_id

    async with client_of(origin, concurrency) as zoho:
        await zoho.delete_unsubscribe_link(1)
        deleted = 0
        async with watch.watching_the_loop():
            async for outcome in zoho.iter_delete_unsubscribe_links(
                source(), concurrency=concurrency
            ):
                deleted += outcome.status == "deleted"
        return deleted


async def aiozcrm_events(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Delete by the list, and count the events."""
    seen = Counter[type]()

    def count_event(event: object) -> None:
        seen[type(event)] += 1

    return await aiozcrm_list(origin, count, concurrency, watch, on_event=count_event)


async def aiozcrm_telemetry(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Delete by the list with OpenTelemetry, where the application has set up no exporter."""
    from aiozcrm.telemetry import OpenTelemetryEvents  # noqa: PLC0415  # it is an extra

    return await aiozcrm_list(origin, count, concurrency, watch, on_event=OpenTelemetryEvents())


async def httpx_loop(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Delete by the same loop as with aiohttp, written with httpx."""
    import httpx  # noqa: PLC0415  # each loads what it measures

    base, todo, deleted = origin + PATH, ids(count), 0
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(headers=HEADERS, limits=limits) as client:
        await client.delete(f"{base}1")

        async def work() -> None:
            nonlocal deleted
            for link_id in todo:
                answer = await client.delete(base + link_id)
                deleted += is_deleted(answer.json(), link_id)

        async with watch.watching_the_loop():
            await asyncio.gather(*(work() for _ in range(concurrency)))
    return deleted


def initialize_sdk(origin: str, folder: str) -> None:
    """Make Zoho's own client ready, with a token that it asks for when it is first used."""
    warnings.simplefilter("ignore")  # what it warns of is between it and Python
    from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import (  # noqa: PLC0415
        OAuthToken,
    )
    from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore  # noqa: PLC0415
    from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter  # noqa: PLC0415
    from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer  # noqa: PLC0415

    token = OAuthToken(
        client_id="1000.BENCH",
        client_secret="bench",  # noqa: S106  # the server looks at none of them
        refresh_token="1000.bench.bench",  # noqa: S106
        find_user=False,
    )
    Initializer.initialize(
        DataCenter.Environment(origin, f"{origin}/oauth/v2/token", origin),
        token,
        store=FileStore(f"{folder}/tokens.csv"),
        resource_path=folder,
    )


def _sdk_delete(origin: str, folder: str) -> Callable[[str], bool]:
    """Return what deletes a link by Zoho's own client, with a token that it has already."""
    initialize_sdk(origin, folder)
    from zohocrmsdk.src.com.zoho.crm.api.unsubscribe_links import (  # noqa: PLC0415
        UnsubscribeLinksOperations,
    )

    def delete(link_id: str) -> bool:
        answer = UnsubscribeLinksOperations().delete_unsubscribe_link(int(link_id))
        action = answer.get_object().get_unsubscribe_links()[0]
        return (
            action.get_code().get_value() == "SUCCESS"
            and str(action.get_details()["id"]) == link_id
        )

    delete(str(FIRST_ID))
    return delete


def sdk_loop(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Delete by Zoho's own client, one after the other; it knows no other way."""
    del concurrency
    with tempfile.TemporaryDirectory() as folder:
        delete = _sdk_delete(origin, folder)
        with watch.running():
            return sum(map(delete, ids(count)))


def sdk_threads(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Delete by Zoho's own client in as many threads."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(max_workers=concurrency) as threads,
    ):
        delete = _sdk_delete(origin, folder)
        with watch.running():
            return sum(threads.map(delete, ids(count)))


CLIENTS: Final[dict[str, Callable[..., Any]]] = {
    "aiohttp": hand_written,
    "aiohttp again": hand_written,
    "aiohttp, no jar": without_jar,
    "aiozcrm list": aiozcrm_list,
    "aiozcrm stream": aiozcrm_stream,
    "aiozcrm, events": aiozcrm_events,
    "aiozcrm, telemetry": aiozcrm_telemetry,
    "httpx": httpx_loop,
    "SDK loop": sdk_loop,
    "SDK threads": sdk_threads,
    **record_clients.CLIENTS,
}


def main() -> None:
    """Run one client and print what it took."""
    name, origin, count, concurrency = sys.argv[1:]
    if not name.endswith(", fast"):
        sys.modules["orjson"] = None  # type: ignore[assignment]  # as without the extra
    watch = Stopwatch()
    deleted = CLIENTS[name](origin, int(count), int(concurrency), watch)
    if asyncio.iscoroutine(deleted):
        deleted = asyncio.run(deleted)
    assert deleted == int(count), f"{name} did {deleted} of {count}"  # noqa: S101
    taken = {"seconds": watch.seconds, "cpu": watch.cpu, "stall": watch.stall, "peak": peak_mib()}
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
