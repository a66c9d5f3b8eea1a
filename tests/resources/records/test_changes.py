"""Feeds of changes: what they hand out, what their cursors hold, and where they give up."""

import asyncio
import base64
import contextlib
import datetime as dt
import functools
import itertools
import json
from types import SimpleNamespace
from urllib.parse import parse_qs

import attrs
import pytest

from aiozcrm import Clock, ZohoCRM
from aiozcrm.errors import (
    FeedIncompleteError,
    InvalidInputError,
    InvalidResponseError,
    ServerError,
)
from aiozcrm.events import RequestFinished
from aiozcrm.testing import FakeZoho, Fault, Limits

NOON = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
DATE = "Thu, 26 Nov 2026 12:00:00 GMT"
DAY = 86_400

#: Made by the first version that had feeds, for the client of ``credentials``, at noon.
FIRST_CURSOR = (
    "1.eyJtb2R1bGUiOiJMZWFkcyIsImFwaV91cmwiOiJodHRwczovL3d3dy56b2hvYXBpcy5ldSIsImFjY2"
    "91bnQiOiIzNDVlOTUwNzY1Y2RjZDM5NzlhN2VmOWIxMDU5ZDJlMCIsInRpbWUiOiIyMDI2LTExLTI2VD"
    "EyOjAwOjAwKzAwOjAwIn0.f6dd9be0"
)


@pytest.fixture
async def stage(quick):
    """A local Zoho whose time only tests move, and a client that tells of its requests."""
    stage = SimpleNamespace(now=NOON.timestamp(), slept=[], after={})

    async def sleep(seconds):
        stage.slept.append(seconds)
        stage.now += seconds

    def heard(event):
        if isinstance(event, RequestFinished):
            due = stage.after.get(event.url.removeprefix(f"{stage.fake.url}/crm/v7/"))
            if due:
                due.pop(0)()

    async with (
        FakeZoho(clock=Clock(wall=lambda: stage.now)) as stage.fake,
        ZohoCRM(
            stage.fake.credentials(), retries=quick, clock=Clock(sleep=sleep), on_event=heard
        ) as stage.crm,
    ):
        stage.leads = stage.fake.records("Leads")
        yield stage


async def at_once(_):
    """Let others run, and no time pass."""
    await asyncio.sleep(0)


async def read(crm, since, *, fields=("City",), module="Leads"):
    """Return the rows, the ids of deleted records, and the cursor of a feed."""
    rows, deleted = [], []
    async with crm.records(module).changes(since, fields=list(fields)) as feed:
        async for batch in feed:
            rows += batch.upserted
            deleted += [row["id"] for row in batch.deleted]
    return rows, deleted, feed.cursor


def ids_of(rows):
    """Return the ids of rows."""
    return [row["id"] for row in rows]


def lists_of(fake):
    """Return how many pages of leads were asked for."""
    return fake.stats.requests.count(("GET", "/crm/v7/Leads"))


def page(*rows, **info):
    """Return the body of a page."""
    return {"data": [*rows], "info": {"more_records": False, "next_page_token": None, **info}}


def row(number, seconds, **fields):
    """Return a record that changed so many seconds after noon."""
    time = (NOON + dt.timedelta(seconds=seconds)).isoformat()
    return {"id": str(number), "Modified_Time": time, **fields}


async def test_a_feed_from_nothing_reads_all_and_the_next_one_what_has_changed(stage):
    """Rows have what was asked for; what is gone is told apart; nothing else comes."""
    leads = stage.leads
    ids = leads.add_many(4, City="Delft")
    leads.convert(ids[3])
    stage.now += DAY
    rows, deleted, cursor = await read(stage.crm, None)
    assert rows == [{"id": own, "City": "Delft"} for own in ids]
    assert deleted == []
    stage.now += DAY
    assert (await read(stage.crm, cursor))[:2] == ([], [])
    leads.change(ids[0], City="Gouda")
    leads.remove(ids[1])
    new = leads.add(City="Breda")
    leads.merge(new, ids[2], City="Breda")
    rows, deleted, _ = await read(stage.crm, cursor)
    assert rows == [{"id": ids[0], "City": "Gouda"}, {"id": new, "City": "Breda"}]
    assert sorted(deleted) == ids[1:3]


async def test_a_feed_of_notes_asks_for_no_state_that_they_do_not_have(stage):
    """Notes are neither converted nor approved; many of the same second come by page tokens."""
    notes, lead = stage.fake.records("Notes"), stage.leads.add()
    ids = notes.add_many(450, Note_Content="Call", Parent_Id={"id": lead, "module": "Leads"})
    stage.now += DAY
    rows, _, cursor = await read(stage.crm, None, fields=["Note_Content"], module="Notes")
    assert sorted(ids_of(rows)) == sorted(ids)
    stage.now += DAY
    notes.change(ids[0], Note_Content="Write")
    notes.remove(ids[1])
    rows, deleted, _ = await read(stage.crm, cursor, fields=["Note_Content"], module="Notes")
    assert (rows, deleted) == ([{"id": ids[0], "Note_Content": "Write"}], [ids[1]])


async def test_what_changed_two_minutes_before_the_cursor_comes_once_more(stage):
    """It may have become visible late, so a feed reads from before its cursor on."""
    early, late = stage.leads.add(), None
    stage.now += 1
    late = stage.leads.add()
    stage.now += 120
    _, _, cursor = await read(stage.crm, None)
    stage.now += DAY
    rows, _, _ = await read(stage.crm, cursor)
    assert ids_of(rows) == [late]
    assert early not in ids_of(rows)


async def test_a_page_is_asked_for_from_the_last_moment_on(zoho, script):
    """That moment included; what was given comes only once, unless it has changed again."""
    first = [row(1, 0), row(2, 5), row(3, 5)]
    second = [row(3, 5), row(4, 5), row(5, 6), row(2, 7)]
    script.add(
        script.response(200, page(*first, more_records=True, next_page_token="t"), Date=DATE),
        script.response(304),
        script.response(200, page(*second)),
        script.response(304),
    )
    rows, _, _ = await read(zoho, None)
    assert ids_of(rows) == ["1", "2", "3", "4", "5", "2"]
    lists = [request for request in script.requests if not request.path.endswith("deleted")]
    assert [request.headers.get("If-Modified-Since") for request in lists] == [
        None,
        "2026-11-26T12:00:05+00:00",
    ]
    asked = {
        "fields": ["Modified_Time,City"],
        "sort_by": ["Modified_Time"],
        "sort_order": ["asc"],
        "converted": ["both"],
        "approved": ["both"],
        "per_page": ["200"],
    }
    assert [parse_qs(request.query) for request in lists] == [asked, asked]


async def test_a_conversion_and_a_merge_by_calls_are_changes(stage):
    """The lead comes as converted, and what was merged away as deleted."""
    lead = stage.leads.add(Company="Halden")
    master, child = stage.leads.add_many(2)
    stage.now += DAY
    _, _, cursor = await read(stage.crm, None)
    stage.now += DAY
    leads = stage.crm.records("Leads")
    await leads.convert(lead, {})
    await leads.merge(master, {"data": [{"id": child, "_fields": [{"api_name": "City"}]}]})
    rows, deleted, _ = await read(stage.crm, cursor, fields=["Converted__s"])
    assert {row["id"]: bool(row["Converted__s"]) for row in rows} == {lead: True, master: False}
    assert deleted == [child]


async def test_deletions_of_both_types_are_asked_for_from_the_cursor_on(zoho, script):
    """Their dicts are as Zoho sent them."""
    gone = {"id": "7", "display_name": None, "type": "permanent", "deleted_time": "x"}
    script.add(
        script.response(304, Date=DATE),
        script.response(200, {"data": [gone], "info": {"more_records": False}}),
    )
    async with zoho.records("Leads").changes(FIRST_CURSOR, fields=["City"]) as feed:
        batches = [batch async for batch in feed]
    assert [(batch.upserted, batch.deleted) for batch in batches] == [([], [gone])]
    listed, deleted = script.requests
    for request in (listed, deleted):
        assert request.headers["If-Modified-Since"] == "2026-11-26T11:58:00+00:00"
    assert parse_qs(deleted.query)["type"] == ["all"]


async def test_tokens_are_used_only_within_a_second_that_holds_more_than_a_page(stage):
    """Such a second is read twice, everything else once."""
    before = stage.leads.add_many(3)
    stage.now += 1
    ids = stage.leads.add_many(450)
    stage.now += 1
    after = stage.leads.add_many(3)
    rows, _, _ = await read(stage.crm, None)
    assert ids_of(rows) == [*before, *ids, *after]
    assert lists_of(stage.fake) == 1 + 3 + 3


@pytest.mark.parametrize("way", ["change", "remove"])
@pytest.mark.parametrize(
    "leaving",
    [
        # Which of them leave after each page. The first page from nothing is read once more, as
        # that of the second; then come its tokens.
        [(), (0, 90), (), (90, 180)],
        # Here the second reading misses what the first one missed.
        [(), (), (0, 90), (), (90, 290)],
    ],
)
async def test_nothing_is_missed_in_a_second_that_others_leave(stage, way, leaving):
    """What moves to an earlier page while tokens are followed is found at the next reading."""
    ids = stage.leads.add_many(650)
    stage.now += DAY
    left = []

    def leave(some):
        for own in ids[slice(*some)] if some else ():
            getattr(stage.leads, way)(own)
            left.append(own)

    stage.after["Leads"] = [functools.partial(leave, some) for some in leaving]
    rows, deleted, cursor = await read(stage.crm, None)
    assert set(ids) == set(ids_of(rows))
    assert set(deleted) == (set(left) if way == "remove" else set())
    stage.now += DAY
    assert set(ids_of((await read(stage.crm, cursor))[0])) == set(left) - set(deleted)


async def test_no_deletion_is_missed_when_others_are_undone(stage):
    """What moves to an earlier page of the list of deletions is found at the next reading."""
    ids = stage.leads.add_many(700)
    _, _, cursor = await read(stage.crm, None)
    stage.now += 60
    for own in ids:
        stage.leads.remove(own)

    def restore():
        for own in ids[-100:]:
            stage.leads.restore(own)

    stage.now += 60
    stage.after["Leads/deleted"] = [restore]
    _, deleted, _ = await read(stage.crm, cursor)
    assert set(deleted) == set(ids[:600])


async def test_more_deletions_than_zoho_lists_leave_no_cursor(stage):
    """The error says to begin from None, which works at once, as does what follows."""
    leads = stage.leads
    kept = leads.add()
    _, _, cursor = await read(stage.crm, None)
    for own in leads.add_many(2_001):
        leads.remove(own)
    feed = stage.crm.records("Leads").changes(cursor, fields=["City"])
    with pytest.raises(FeedIncompleteError, match="Begin again from None"):
        async for _ in feed:
            pass
    assert not hasattr(feed, "cursor")
    with pytest.raises(FeedIncompleteError):
        _ = feed.cursor
    # In the very second of the deletions.
    rows, deleted, cursor = await read(stage.crm, None)
    assert (ids_of(rows), deleted) == ([kept], [])
    assert stage.slept == [1]
    leads.change(kept, City="Gouda")
    assert (await read(stage.crm, cursor))[0] == [{"id": kept, "City": "Gouda"}]


async def test_a_feed_from_nothing_needs_no_clock_that_goes(quick):
    """Where Zoho's time stands still, only the feeds after it give up."""
    async with (
        FakeZoho(clock=Clock(wall=NOON.timestamp)) as fake,
        ZohoCRM(fake.credentials(), retries=quick, clock=Clock(sleep=at_once)) as crm,
    ):
        leads = fake.records("Leads")
        kept, *gone = leads.add_many(2_002)
        for own in gone:
            leads.remove(own)
        rows, deleted, cursor = await read(crm, None)
        assert (ids_of(rows), deleted) == ([kept], [])
        with pytest.raises(FeedIncompleteError):
            await read(crm, cursor)


async def test_deletions_that_an_earlier_feed_has_told_of_do_not_count(stage):
    """Where the two minutes before the cursor alone hold too many, they are left out."""
    leads = stage.leads
    first, second = leads.add_many(1_500), leads.add_many(600)
    _, _, cursor = await read(stage.crm, None)
    for own in first:
        leads.remove(own)
    stage.now += 1
    _, deleted, cursor = await read(stage.crm, cursor)
    assert set(deleted) == set(first)
    for own in second:
        leads.remove(own)
    _, deleted, _ = await read(stage.crm, cursor)
    assert set(deleted) == set(second)


async def test_too_many_deletions_while_a_feed_from_nothing_reads_are_an_error(stage):
    """They cannot all be told of, though their records were handed out."""
    ids = stage.leads.add_many(2_300)

    def remove():
        for own in ids[:2_100]:
            stage.leads.remove(own)

    stage.now += DAY
    stage.after["Leads/deleted"] = [remove]
    with pytest.raises(FeedIncompleteError):
        await read(stage.crm, None)


@pytest.mark.parametrize(("days", "words"), [(60.01, "for 60 days"), (-0.01, "Zoho's clock shows")])
async def test_a_cursor_from_too_long_ago_or_ahead_of_zoho_is_an_error(stage, days, words):
    """Zoho's time decides. What cannot be told is not left out silently."""
    _, _, cursor = await read(stage.crm, None)
    stage.now += 59.99 * DAY
    await read(stage.crm, cursor)
    stage.now += (days - 59.99) * DAY
    with pytest.raises(FeedIncompleteError, match=words):
        await read(stage.crm, cursor)


async def test_a_datetime_begins_a_feed_exactly_there(stage):
    """Any offset will do, and parts of a second do not count."""
    stage.leads.add()
    stage.now += 1
    own = stage.leads.add()
    since = dt.datetime.fromtimestamp(stage.now + 0.9, dt.timezone(dt.timedelta(hours=9)))
    rows, _, cursor = await read(stage.crm, since)
    assert ids_of(rows) == [own]
    assert len(ids_of((await read(stage.crm, cursor))[0])) == 2


async def test_all_fields_are_read_where_none_are_named(stage):
    """In sets of fifty, and of each record the same as a list gives."""
    for number in range(60):
        stage.fake.fields.add("Leads", f"Text_{number}")
    own = stage.leads.add(Text_59="x")
    leads = stage.crm.records("Leads")
    async with leads.changes() as feed:
        (found,) = [row async for batch in feed for row in batch.upserted]
    assert found == await anext(leads.iter())
    assert (found["id"], found["Text_59"]) == (own, "x")
    assert found["Modified_Time"]


async def test_a_record_that_goes_between_two_sets_of_fields_is_only_deleted(stage):
    """The other fields of it cannot be read any more."""
    names = [f"Text_{number}" for number in range(60)]
    for name in names:
        stage.fake.fields.add("Leads", name)
    own = stage.leads.add()
    stage.after["Leads"] = [lambda: stage.leads.remove(own)]
    rows, deleted, _ = await read(stage.crm, None, fields=names)
    assert (rows, deleted) == ([], [own])


async def test_external_ids_have_no_part_in_a_feed(zoho, script):
    """Records are told apart by Zoho's ids."""
    script.add(script.response(204, Date=DATE), script.response(304), script.response(304))
    leads = zoho.records("Leads", external_id="Ledger__c")
    async with leads.changes(fields=["City"]) as feed:
        assert [batch async for batch in feed] == []
    assert not any("X-EXTERNAL" in request.headers for request in script.requests)


async def test_a_cursor_is_one_word_without_secrets(zoho, script, secrets):
    """It holds module, host, time, and a digest of whose tokens it came with."""
    script.add(script.response(204, Date=DATE), script.response(304), script.response(304))
    *_, cursor = await read(zoho, None)
    assert cursor == FIRST_CURSOR
    held = cursor.split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(held + "=" * (-len(held) % 4)))
    assert told.pop("account")
    assert told == {
        "module": "Leads",
        "api_url": "https://www.zohoapis.eu",
        "time": "2026-11-26T12:00:00+00:00",
    }
    assert not any(secret in str(told) for secret in secrets)


async def test_cursors_of_the_first_version_are_read(zoho):
    """Also with blanks around, as files have them."""
    feed = zoho.records("Leads").changes(f" {FIRST_CURSOR}\n", fields=["City"])
    await feed.aclose()


async def test_a_foreign_cursor_is_an_error(zoho, script, make_zoho, credentials):
    """Of another module, host, org or user: nothing is sent."""
    with pytest.raises(InvalidInputError, match="of Leads, not of Contacts"):
        zoho.records("Contacts").changes(FIRST_CURSOR)
    for changes, words in (
        ({"data_center": "us"}, r"of https://www\.zohoapis\.eu, not of https://www\.zohoapis\.com"),
        ({"environment": "sandbox"}, r"not of https://sandbox\.zohoapis\.eu"),
        ({"refresh_token": "1000.other.other"}, "another org"),
        ({"client_id": "1000.OTHER"}, "other credentials"),
    ):
        other = make_zoho(credentials=attrs.evolve(credentials, **changes))
        with pytest.raises(InvalidInputError, match=words):
            other.records("Leads").changes(FIRST_CURSOR)
        await other.close()
    assert script.requests == script.token_requests == []


def damaged():
    """Yield texts that are not quite a cursor."""
    yield from ("", " ", ".", "..", "1..", "Leads", "2026-11-26T12:00:00", FIRST_CURSOR * 2)
    for at in range(0, len(FIRST_CURSOR), 7):
        yield FIRST_CURSOR[:at] + FIRST_CURSOR[at + 1 :]
        yield FIRST_CURSOR[:at] + chr(ord(FIRST_CURSOR[at]) ^ 1) + FIRST_CURSOR[at + 1 :]
        yield FIRST_CURSOR[:at]


@pytest.mark.parametrize("text", list(damaged()))
async def test_a_damaged_cursor_is_an_error(zoho, script, text):
    """Whatever is wrong with it: nothing is sent."""
    with pytest.raises(InvalidInputError, match="no cursor"):
        zoho.records("Leads").changes(text)
    assert script.requests == script.token_requests == []


@pytest.mark.parametrize("held", [b"", b"[]", b"{}", b'{"module":1,"time":"x"}', b"\xff"])
async def test_a_cursor_in_another_form_is_an_error(zoho, script, held):
    """A later version may have made it."""
    from aiozcrm.resources.records._cursor import _check_of  # noqa: PLC0415

    payload = f"9.{base64.urlsafe_b64encode(held or b'?').decode()}"
    with pytest.raises(InvalidInputError, match=r"a form \(9\)"):
        zoho.records("Leads").changes(f"{payload}.{_check_of(payload)}")
    assert script.requests == script.token_requests == []


@pytest.mark.parametrize(
    ("since", "fields", "error"),
    [
        (dt.datetime(2026, 1, 1), ["City"], ValueError),  # noqa: DTZ001
        (dt.date(2026, 1, 1), ["City"], TypeError),
        (1_790_000_000, ["City"], TypeError),
        (b"1.x.y", ["City"], TypeError),
        (None, "City", TypeError),
        (None, [], InvalidInputError),
        (None, ["a,b"], InvalidInputError),
    ],
)
async def test_what_a_feed_cannot_begin_with_is_not_sent(zoho, script, since, fields, error):
    """It raises at once."""
    with pytest.raises(error):
        zoho.records("Leads").changes(since, fields=fields)
    assert script.requests == script.token_requests == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": page(row(1, 0)), "date": None}, "Date"),
        ({"body": page(row(1, 0)), "date": "noon"}, "Date"),
        ({"body": page({"id": "1"})}, "record 1 has no Modified_Time"),
        ({"body": page({"id": "1", "Modified_Time": None})}, "record 1 has no Modified_Time"),
        ({"body": page({"id": "1", "Modified_Time": "2026-11-26T12:00:00"})}, "no Modified_Time"),
        ({"body": page({"Modified_Time": "x"})}, "no id"),
        ({"body": page(row(1, 1), row(2, 0))}, "in the order"),
        ({"body": page(more_records=True, next_page_token="t")}, "where the list goes on"),
        ({"body": {"data": [row(1, 0)]}}, "whether the list goes on"),
    ],
)
async def test_an_unclear_page_is_an_error(zoho, script, answer, words):
    """It is not taken for all there is."""
    date = answer.get("date", DATE)
    script.add(script.response(200, answer["body"], **({"Date": date} if date else {})))
    with pytest.raises(InvalidResponseError, match=words):
        await read(zoho, None)


async def test_a_list_that_ignores_what_it_was_asked_is_an_error(zoho, script):
    """Older records than were asked for, no token, or the same one again, would lead nowhere."""
    script.add(script.response(200, page(row(1, -1_000)), Date=DATE))
    with pytest.raises(InvalidResponseError, match="in the order"):
        await read(zoho, FIRST_CURSOR)
    for token in ("t", None):
        same = page(row(1, 0), more_records=True, next_page_token=token)
        first, *others = [script.response(200, same, Date=DATE) for _ in range(3)]
        script.add(first, script.response(304), *others)
        with pytest.raises(InvalidResponseError, match="where the list goes on"):
            await read(zoho, None)
        script._answers.clear()


async def test_tokens_that_go_round_in_a_circle_are_an_error(zoho, script):
    """Within a second that holds more than a page."""
    for token in ("first", "a", "b", "a"):
        body = page(row(1, 0), more_records=True, next_page_token=token)
        script.add(script.response(200, body, Date=DATE))
    with pytest.raises(InvalidResponseError, match="where the list goes on"):
        await read(zoho, FIRST_CURSOR)
    assert [] == list(script._answers)


async def test_deletions_that_are_others_at_each_reading_are_an_error(zoho, script):
    """Nobody can tell which there are."""
    numbers = itertools.count(1)

    async def some(_):
        number = next(numbers)
        info = {"more_records": number % 2 == 1}
        return script.response(200, {"data": [{"id": str(number)}], "info": info})

    script.add(script.response(304, Date=DATE), *[some] * 41)
    with pytest.raises(InvalidResponseError, match="at each of 20 readings"):
        await read(zoho, FIRST_CURSOR)
    assert len(script.requests) == 41


@pytest.mark.parametrize("own", [None, 7.5, "x", "", [7]])
async def test_a_deletion_without_the_id_of_a_record_is_an_error(zoho, script, own):
    """It is left out neither in silence nor under another name."""
    gone = {"data": [{"id": own}], "info": {"more_records": False}}
    script.add(script.response(304, Date=DATE), script.response(200, gone))
    with pytest.raises(InvalidResponseError, match="no id"):
        await read(zoho, FIRST_CURSOR)


@pytest.mark.parametrize("seconds", [-1_000, 0])
async def test_a_second_with_other_records_at_each_reading_is_read_so_often(zoho, script, seconds):
    """Then it is an error, unless the next feed begins so early that it reads the second again."""
    numbers = itertools.count(1)

    async def some(_):
        number = next(numbers)
        body = page(row(number, seconds), more_records=number % 3 != 0, next_page_token=str(number))
        return script.response(200, body, Date=DATE)

    async def none(_):
        return script.response(304)

    # Two pages, then twenty times three; at last the deletions.
    script.add(some, none, *[some] * 62, none)
    if seconds:
        with pytest.raises(InvalidResponseError, match="other records at each reading"):
            await read(zoho, None)
    else:
        rows, _, _ = await read(zoho, None)
        assert len(rows) == 63
    assert len(script.requests) == (64 if seconds else 65)


async def test_a_deletion_without_an_id_is_an_error(zoho, script):
    """A record that stays in the table would be wrong."""
    script.add(
        script.response(304, Date=DATE),
        script.response(200, {"data": [{"type": "recycle"}], "info": {"more_records": False}}),
    )
    with pytest.raises(InvalidResponseError, match="no id"):
        await read(zoho, FIRST_CURSOR)


async def test_a_feed_that_is_left_early_has_no_cursor(stage):
    """Neither after a break nor after an error of the caller, and nothing goes on."""
    stage.leads.add_many(450)
    feed = stage.crm.records("Leads").changes(fields=["City"])
    with contextlib.suppress(ZeroDivisionError):
        async with feed:
            async for _ in feed:
                assert not hasattr(feed, "cursor")
                raise ZeroDivisionError
    assert not hasattr(feed, "cursor")
    assert [batch async for batch in feed] == []
    assert not hasattr(feed, "cursor")
    assert not any("next page" in task.get_name() for task in asyncio.all_tasks())


async def test_the_cursor_comes_only_after_the_last_batch_was_taken(stage):
    """Not while it is still being worked on."""
    stage.leads.add()
    feed = stage.crm.records("Leads").changes(fields=["City"])
    assert (await anext(feed)).upserted
    await asyncio.sleep(0.05)
    assert not hasattr(feed, "cursor")
    with pytest.raises(StopAsyncIteration):
        await anext(feed)
    assert feed.cursor


async def test_a_call_that_fails_ends_the_feed_and_the_cursor_serves_again(stage, quick):
    """The error is that of the call."""
    _, _, cursor = await read(stage.crm, None)
    ids = stage.leads.add_many(300)
    stage.now += 1
    more = stage.leads.add_many(3)
    stage.fake.faults.script(None, *[Fault.SERVER_ERROR_BEFORE] * quick.attempts)
    feed = stage.crm.records("Leads").changes(cursor, fields=["City"])
    with pytest.raises(ServerError):
        async for _ in feed:
            pass
    assert not hasattr(feed, "cursor")
    assert ids_of((await read(stage.crm, cursor))[0]) == [*ids, *more]


async def test_a_cancelled_feed_cancels_its_call(stage):
    """And leaves no task behind."""
    stage.leads.add_many(300)
    stage.fake.latency = 0.05
    feed = stage.crm.records("Leads").changes(fields=["City"])
    await anext(feed)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await anext(feed)
    assert not any("next page" in task.get_name() for task in asyncio.all_tasks())
    await feed.aclose()


async def test_a_list_that_does_not_reach_so_far_is_no_feed(quick):
    """A second with more records than page tokens reach cannot be read whole."""
    async with (
        FakeZoho(limits=Limits(page_tokens=400), clock=Clock(wall=NOON.timestamp)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        fake.records("Leads").add_many(450)
        with pytest.raises(Exception, match="PAGINATION_LIMIT_EXCEEDED"):
            await read(crm, None)
