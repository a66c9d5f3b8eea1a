"""Plain collections of settings: what one row of the table gives, shown by holidays."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

PATH = "settings/holidays"
GOOD = {"name": "Harvest", "date": "2026-09-01", "type": "business_holiday"}


def place(key: str, index: int = 0) -> dict[str, str]:
    """Return where errors say that a key is."""
    return {"api_name": key, "json_path": f"$.holidays[{index}].{key}"}


def body(*items: Any) -> dict[str, Any]:
    """Return items as a body has them."""
    return {"holidays": list(items)}


async def test_creates_lists_gets_updates_and_deletes(ask: Any, fake: FakeZoho) -> None:
    """A thing goes through its whole life, and every step is counted."""
    empty = await ask(f"GET {PATH}")
    created = await ask(f"POST {PATH}", body(GOOD))
    holiday_id = fake.holidays.ids[0]
    updated = await ask(f"PUT {PATH}/{holiday_id}", body({"name": "Vintage"}))
    listed = await ask(f"GET {PATH}")
    got = await ask(f"GET {PATH}/{holiday_id}")
    deleted = await ask(f"DELETE {PATH}/{holiday_id}")

    shown = {"id": holiday_id, **GOOD, "name": "Vintage", "shift_hour": None, "year": 2026}
    success = {"code": "SUCCESS", "details": {"id": holiday_id}, "status": "success"}
    assert empty == (204, None)
    assert created == (201, body({**success, "message": "Holiday added"}))
    assert updated == (200, body({**success, "message": "Holiday updated"}))
    assert listed[1]["holidays"] == [shown]
    assert listed[1]["info"] == {"per_page": 200, "count": 1, "page": 1, "more_records": False}
    assert got == (200, body(shown))
    assert deleted == (200, body({**success, "message": "Holiday deleted"}))
    assert fake.holidays.ids == []
    done = fake.stats.done
    assert [done.of(verb, "holidays") for verb in ("create", "update", "delete")] == [1, 1, 1]
    assert fake.stats.created == {"Harvest": 1}


async def test_answers_each_item_by_itself(ask: Any, fake: FakeZoho) -> None:
    """Some right and some wrong is 207, all wrong is 400."""
    bad = [{"name": "x"}, "text", GOOD | {"type": "feast"}, GOOD | {"date": "soon"}]
    mixed = await ask(f"POST {PATH}", body(GOOD, *bad))
    wrong = await ask(f"POST {PATH}", body(*bad))

    assert (mixed[0], wrong[0]) == (207, 400)
    assert [item["code"] for item in mixed[1]["holidays"]] == [
        "SUCCESS",
        "MANDATORY_NOT_FOUND",
        "INVALID_DATA",
        "INVALID_DATA",
        "INVALID_DATA",
    ]
    assert [item["details"] for item in wrong[1]["holidays"]] == [
        place("date"),
        {"api_name": "holidays", "expected_data_type": "jsonobject", "json_path": "$.holidays[1]"},
        {**place("type", 2), "supported_values": ["business_holiday", "shift_holiday"]},
        {**place("date", 3), "expected_data_type": "date"},
    ]
    assert len(fake.holidays.ids) == 1


@pytest.mark.parametrize(
    ("sent", "code", "details"),
    [
        ([1], "INVALID_DATA", {"expected_data_type": "jsonobject"}),
        ({}, "MANDATORY_NOT_FOUND", {"api_name": "holidays", "json_path": "$.holidays"}),
        ({"holidays": GOOD}, "INVALID_DATA", {"expected_data_type": "jsonarray"}),
        ({"holidays": []}, "INVALID_DATA", {"minimum_length": 1}),
        ({"holidays": [GOOD] * 101}, "INVALID_DATA", {"maximum_length": 100}),
    ],
)
async def test_rejects_bodies_without_items(
    ask: Any, sent: Any, code: str, details: dict[str, Any]
) -> None:
    """What has no list of items under its key, or too many of them, is wrong as a whole."""
    status, error = await ask(f"POST {PATH}", sent)

    assert (status, error["code"]) == (400, code)
    assert details.items() <= error["details"].items()


async def test_updates_several_by_the_ids_in_the_body(ask: Any, fake: FakeZoho) -> None:
    """Unknown and missing ids are errors of their items."""
    one, two = fake.holidays.add_many(2)
    items = [{"id": one, "name": "A"}, {"id": int(two), "name": "B"}, {"id": "7"}, {"name": "C"}, 5]
    status, answer = await ask(f"PUT {PATH}", body(*items))

    assert status == 207
    assert [item["code"] for item in answer["holidays"]] == [
        "SUCCESS",
        "SUCCESS",
        "INVALID_DATA",
        "MANDATORY_NOT_FOUND",
        "MANDATORY_NOT_FOUND",
    ]
    assert [fake.holidays.get(each)["name"] for each in (one, two)] == ["A", "B"]


async def test_a_mandatory_value_cannot_be_taken_away(ask: Any, fake: FakeZoho) -> None:
    """Null and an empty text are no values; what is left out stays."""
    holiday_id = fake.holidays.add()
    replies = [
        await ask(f"PUT {PATH}/{holiday_id}", body(change))
        for change in ({"name": None}, {"name": ""}, {"shift_hour": None}, {})
    ]

    assert [status for status, _ in replies] == [400, 400, 200, 200]


@pytest.mark.parametrize("line", [f"PUT {PATH}/7", f"DELETE {PATH}/7"])
async def test_knows_no_other_id(ask: Any, line: str) -> None:
    """An unknown id in the path is an error at the top; getting it is no content."""
    sent = body(GOOD) if line.startswith("PUT") else None
    status, error = await ask(line, sent)

    assert (status, error["code"]) == (400, "INVALID_DATA")
    assert error["details"] == {"resource_path_index": 2}
    assert await ask(f"GET {PATH}/7") == (204, None)


async def test_filters_by_what_a_row_names(ask: Any, fake: FakeZoho) -> None:
    """Filters may ask for what follows from the rest, and for what is inside of it."""
    fake.holidays.add(date="2025-12-24")
    fake.holidays.add(type="shift_holiday", shift_hour="12")
    asked = [{"year": "2025"}, {"type": "shift_holiday"}, {"shift_id": "12"}, {"shift_id": "13"}]
    found = [await ask(f"GET {PATH}", **filters) for filters in asked]

    assert [status for status, _ in found] == [200, 200, 200, 204]
    assert [len(data["holidays"]) for _, data in found[:3]] == [1, 1, 1]
    assert found[2][1]["holidays"][0]["shift_hour"]["id"] == "12"


async def test_allows_only_so_many(ask: Any, fake: FakeZoho) -> None:
    """The limit counts by year; what a test adds knows none."""
    fake.holidays.add_many(1)
    for _ in range(51):
        fake.holidays.add(date="2026-03-01")
    full = await ask(f"POST {PATH}", body(GOOD))
    other = await ask(f"POST {PATH}", body(GOOD | {"date": "2027-01-01"}))

    assert (full[0], full[1]["holidays"][0]["code"]) == (400, "LIMIT_EXCEEDED")
    assert full[1]["holidays"][0]["details"] == {"limit": 52}
    assert other[0] == 201


async def test_makes_up_days_that_there_are(fake: FakeZoho) -> None:
    """Also beyond the last one of a month."""
    days = [fake.holidays.get(own)["date"] for own in fake.holidays.add_many(60)]

    assert days == sorted(set(days))
    assert (dt.date(2026, 1, 1), dt.date(2026, 3, 1)) == tuple(
        dt.date.fromisoformat(days[place]) for place in (0, -1)
    )


async def test_what_tests_are_shown_is_a_copy(fake: FakeZoho) -> None:
    """Changing it changes nothing, and unknown ids are told."""
    holiday_id = fake.holidays.add()
    fake.holidays.get(holiday_id)["name"] = "Nothing"

    assert fake.holidays.get(holiday_id)["name"] != "Nothing"
    fake.holidays.remove(holiday_id)
    with pytest.raises(KeyError):
        fake.holidays.get(holiday_id)


@pytest.mark.parametrize("as_kept", [str, int])
async def test_no_pipeline_is_transferred_to_itself(
    ask: Any, fake: FakeZoho, as_kept: Callable[[str], Any]
) -> None:
    """Its id may be a text at one end and a number at the other."""
    own = fake.pipelines.add(display_value="Trade")
    item = {"pipeline": {"from": own, "to": as_kept(own)}}
    status, told = await ask(
        "POST settings/pipeline/actions/transfer",
        {"transfer_pipeline": [item]},
        layout_id=fake.pipelines.layout_id,
    )

    assert (status, told["transfer_pipeline"][0]["code"]) == (400, "INVALID_DATA")
    assert own in fake.pipelines.ids
