"""The clients that read and upsert records: hand-written, aiozcrm's, and Zoho's own."""

from __future__ import annotations

import asyncio
import itertools
import json
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

from watching import HEADERS, Stopwatch, client_of

__all__ = ["CLIENTS"]

_LEADS: Final = "/crm/v7/Leads"
_FIELDS: Final = ("Last_Name", "Email", "Company")
_ROWS_A_CALL: Final = 100
#: How long a caller works on a page, in seconds, where reading ahead is to show.
_WORK: Final = 0.05

_ROW: Final[dict[str, Any]] = {
    "Last_Name": "Guest",
    "First_Name": "Ines",
    "Email": "guest@example.org",
    "Company": "Oakfield & Sons",
    "Phone": "+31 20 555 01 00",
    "Mobile": None,
    "Street": "Keizersgracht 120",
    "City": "Amsterdam",
    "Zip_Code": "1015 CW",
    "Country": "Netherlands",
    "Lead_Source": "Trade Show",
    "Lead_Status": "Contacted",
    "Industry": "Manufacturing",
    "Rating": "Active",
    "Website": "https://oakfield.example",
    "Annual_Revenue": 1250000,
    "No_of_Employees": 84,
    "Email_Opt_Out": False,
    "Owner": {"id": "4150868000000225013"},
    "Description": "Met at the fair in Utrecht, wants to see the new catalogue in spring.",
}


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield so many rows of twenty fields."""
    for number in range(count):
        yield {**_ROW, "Last_Name": f"Guest {number}", "Email": f"guest{number}@example.org"}


# Reading.


async def hand_written_reading(
    origin: str, count: int, concurrency: int, watch: Stopwatch, *, work: float = 0.0
) -> int:
    """Read by the loop that one writes with aiohttp alone: page after page."""
    import aiohttp  # noqa: PLC0415  # each process loads what it measures

    del concurrency
    asked = {"fields": ",".join(_FIELDS), "uid": str(count), "per_page": "200"}
    found = 0
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        async with session.get(origin + _LEADS, params={"uid": "1"}) as answer:
            await answer.json()
        async with watch.watching_the_loop():
            more = True
            while more:
                async with session.get(origin + _LEADS, params=asked) as answer:
                    page = await answer.json()
                for lead in page["data"]:
                    found += bool(lead["id"])
                more = page["info"]["more_records"]
                asked["page_token"] = page["info"]["next_page_token"]
                if work:
                    await asyncio.sleep(work)
    return found


async def hand_written_working(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Read by the same loop, and work for a while on each page."""
    return await hand_written_reading(origin, count, concurrency, watch, work=_WORK)


async def aiozcrm_iter(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """``records("Leads").iter()``, row by row."""
    async with client_of(origin, concurrency) as zoho:
        leads = zoho.records("Leads")
        await leads.list(fields=_FIELDS, uid="1")
        found = 0
        async with watch.watching_the_loop():
            async for lead in leads.iter(fields=_FIELDS, uid=str(count)):
                found += bool(lead["id"])
        return found


async def aiozcrm_pages(
    origin: str, count: int, concurrency: int, watch: Stopwatch, *, work: float = 0.0
) -> int:
    """``iter().pages()``, page by page."""
    async with client_of(origin, concurrency) as zoho:
        leads = zoho.records("Leads")
        await leads.list(fields=_FIELDS, uid="1")
        found = 0
        async with watch.watching_the_loop():
            async for page in leads.iter(fields=_FIELDS, uid=str(count)).pages():
                found += len(page)
                if work:
                    await asyncio.sleep(work)
        return found


async def aiozcrm_working(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Do the same, and work for a while on each page."""
    return await aiozcrm_pages(origin, count, concurrency, watch, work=_WORK)


def sdk_reading(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Read by Zoho's own client, page after page."""
    del concurrency
    warnings.simplefilter("ignore")  # what it warns of is between it and Python
    from clients import initialize_sdk  # noqa: PLC0415  # which loads this
    from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, ParameterMap  # noqa: PLC0415
    from zohocrmsdk.src.com.zoho.crm.api.param import Param  # noqa: PLC0415
    from zohocrmsdk.src.com.zoho.crm.api.record import (  # noqa: PLC0415
        GetRecordsParam,
        RecordOperations,
    )

    def read(number: int) -> int:
        found, token = 0, None
        while True:
            params = ParameterMap()
            params.add(GetRecordsParam.fields, ",".join(_FIELDS))
            params.add(Param("uid", "com.zoho.crm.api.Record.GetRecordsParam"), str(number))
            if token is not None:
                params.add(GetRecordsParam.page_token, token)
            answer = RecordOperations("Leads").get_records(params, HeaderMap()).get_object()
            found += sum(bool(lead.get_id()) for lead in answer.get_data())
            info = answer.get_info()
            if not info.get_more_records():
                return found
            token = info.get_next_page_token()

    with tempfile.TemporaryDirectory() as folder:
        initialize_sdk(origin, folder)
        read(1)
        with watch.running():
            return read(count)


# Querying.

_SELECT: Final = (
    "select Last_Name, Email, Company from Leads where Annual_Revenue < {}{} order by id limit 2000"
)


async def hand_written_querying(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Query by the loop that one writes with aiohttp alone, each page behind the last id."""
    import aiohttp  # noqa: PLC0415  # each process loads what it measures

    del concurrency
    found, behind, more = 0, "", True
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        async with session.post(
            f"{origin}/crm/v7/coql", json={"select_query": _SELECT.format(1, "")}
        ) as answer:
            await answer.json()
        async with watch.watching_the_loop():
            while more:
                query = {"select_query": _SELECT.format(count, behind)}
                async with session.post(f"{origin}/crm/v7/coql", json=query) as answer:
                    page = await answer.json()
                for lead in page["data"]:
                    found += bool(lead["id"])
                more = page["info"]["more_records"]
                behind = f" and id > '{page['data'][-1]['id']}'"
    return found


async def aiozcrm_query(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """``iter_query()``, row by row."""
    select = "select Last_Name, Email, Company from Leads where Annual_Revenue < {count}"
    async with client_of(origin, concurrency) as zoho:
        await zoho.query(select, count=1)
        found = 0
        async with watch.watching_the_loop():
            async for lead in zoho.iter_query(select, count=count):
                found += bool(lead["id"])
        return found


# Upserting.


async def hand_written_upserting(
    origin: str, count: int, concurrency: int, watch: Stopwatch
) -> int:
    """Upsert by the loop that one writes with aiohttp alone: cut, send, count successes."""
    import aiohttp  # noqa: PLC0415  # each process loads what it measures

    done, todo = 0, rows(count)
    headers = {**HEADERS, "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.get(origin + _LEADS, params={"uid": "1"}) as answer:
            await answer.json()

        async def work() -> None:
            nonlocal done
            while cut := list(itertools.islice(todo, _ROWS_A_CALL)):
                body = json.dumps({"data": cut, "duplicate_check_fields": ["Email"]})
                async with session.post(f"{origin}{_LEADS}/upsert", data=body) as answer:
                    for item in (await answer.json())["data"]:
                        done += item["status"] == "success"

        async with watch.watching_the_loop():
            await asyncio.gather(*(work() for _ in range(concurrency)))
    return done


async def _stream(
    origin: str,
    concurrency: int,
    watch: Stopwatch,
    source: Iterator[dict[str, Any]] | AsyncIterator[dict[str, Any]],
) -> int:
    async with client_of(origin, concurrency) as zoho:
        leads = zoho.records("Leads")
        await leads.upsert_many(rows(1), duplicate_check_fields=["Email"])
        done = 0
        async with watch.watching_the_loop():
            async for outcome in leads.iter_upsert_many(source, duplicate_check_fields=["Email"]):
                done += outcome.status == "created"
        return done


async def aiozcrm_upsert_stream(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """``iter_upsert_many``: a generator in, an outcome for each row out."""
    return await _stream(origin, concurrency, watch, rows(count))


async def aiozcrm_upsert_async(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Do the same with an async generator."""

    async def source() -> AsyncIterator[dict[str, Any]]:
        for row in rows(count):
            yield row

    return await _stream(origin, concurrency, watch, source())


async def aiozcrm_upsert_report(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """``upsert_many``: a generator in, a report out."""
    async with client_of(origin, concurrency) as zoho:
        leads = zoho.records("Leads")
        await leads.upsert_many(rows(1), duplicate_check_fields=["Email"])
        async with watch.watching_the_loop():
            report = await leads.upsert_many(rows(count), duplicate_check_fields=["Email"])
        return int(report.counts["created"])


def sdk_upserting(origin: str, count: int, concurrency: int, watch: Stopwatch) -> int:
    """Upsert by Zoho's own client, call after call."""
    del concurrency
    warnings.simplefilter("ignore")  # what it warns of is between it and Python
    from clients import initialize_sdk  # noqa: PLC0415  # which loads this
    from zohocrmsdk.src.com.zoho.crm.api import HeaderMap  # noqa: PLC0415
    from zohocrmsdk.src.com.zoho.crm.api.record import (  # noqa: PLC0415
        BodyWrapper,
        Record,
        RecordOperations,
    )

    def upsert(cut: list[dict[str, Any]]) -> int:
        records = []
        for row in cut:
            record = Record()
            for name, value in row.items():
                record.add_key_value(name, value)
            records.append(record)
        body = BodyWrapper()
        body.set_data(records)
        body.set_duplicate_check_fields(["Email"])
        answer = RecordOperations("Leads").upsert_records(body, HeaderMap()).get_object()
        return sum(item.get_status().get_value() == "success" for item in answer.get_data())

    with tempfile.TemporaryDirectory() as folder:
        initialize_sdk(origin, folder)
        upsert([*rows(1)])
        todo = rows(count)
        with watch.running():
            cuts = iter(lambda: list(itertools.islice(todo, _ROWS_A_CALL)), [])
            return sum(map(upsert, cuts))


CLIENTS: Final[dict[str, Callable[..., Any]]] = {
    "aiohttp, reading": hand_written_reading,
    "aiohttp, reading again": hand_written_reading,
    "aiozcrm iter": aiozcrm_iter,
    "aiozcrm pages": aiozcrm_pages,
    "aiozcrm iter, fast": aiozcrm_iter,
    "aiozcrm pages, fast": aiozcrm_pages,
    "aiohttp, working": hand_written_working,
    "aiozcrm, working": aiozcrm_working,
    "SDK reading": sdk_reading,
    "aiohttp, querying": hand_written_querying,
    "aiohttp, querying again": hand_written_querying,
    "aiozcrm query": aiozcrm_query,
    "aiohttp, upserting": hand_written_upserting,
    "aiohttp, upserting again": hand_written_upserting,
    "aiozcrm upsert stream": aiozcrm_upsert_stream,
    "aiozcrm upsert stream, fast": aiozcrm_upsert_stream,
    "aiozcrm upsert async": aiozcrm_upsert_async,
    "aiozcrm upsert report": aiozcrm_upsert_report,
    "SDK upserting": sdk_upserting,
}
