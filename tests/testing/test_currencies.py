"""Currencies and the base currency."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

PATH = "org/currencies"
BASE = f"{PATH}/actions/enable"
DOLLAR = {"name": "US Dollar - USD", "iso_code": "USD", "exchange_rate": 1.1}


async def test_keeps_currencies(ask: Any, fake: FakeZoho) -> None:
    """Rates and decimal places are text with all their digits; the euro is the base."""
    created = await ask(f"POST {PATH}", {"currencies": [DOLLAR | {"is_active": False}]})
    euro, dollar = (await ask(f"GET {PATH}"))[1]["currencies"]

    assert created[0] == 200
    assert (euro["iso_code"], euro["is_base"], euro["exchange_rate"]) == (
        "EUR",
        True,
        "1.000000000",
    )
    assert (dollar["is_base"], dollar["is_active"], dollar["exchange_rate"]) == (
        False,
        False,
        "1.100000000",
    )
    assert dollar["format"] == {
        "decimal_separator": "Period",
        "thousand_separator": "Comma",
        "decimal_places": "2",
    }
    assert fake.currencies.get(dollar["id"]) == dollar


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iso_code": "EUR"}, "DUPLICATE_DATA"),
        ({"exchange_rate": "much"}, "INVALID_DATA"),
        ({"exchange_rate": []}, "INVALID_DATA"),
        ({"exchange_rate": "nan"}, "INVALID_DATA"),
        ({"exchange_rate": "1e999"}, "INVALID_DATA"),
        (
            {"format": {"decimal_separator": "Comma", "thousand_separator": "Comma"}},
            "NOT_ALLOWED",
        ),
    ],
)
async def test_rejects_what_is_no_currency(ask: Any, changes: dict[str, Any], code: str) -> None:
    """Codes are unique, rates are numbers, and the separators differ."""
    status, answer = await ask(f"POST {PATH}", {"currencies": [DOLLAR | changes]})

    assert (status, answer["currencies"][0]["code"]) == (400, code)


async def test_ten_may_be_active(ask: Any, fake: FakeZoho) -> None:
    """One more cannot be made active."""
    fake.currencies.add_many(9)
    status, answer = await ask(f"POST {PATH}", {"currencies": [DOLLAR | {"is_active": True}]})

    assert (status, answer["currencies"][0]["code"]) == (400, "ACTIVE_STATE_LIMIT_EXCEEDED")


async def test_enables_the_base_currency(ask: Any, fake: FakeZoho) -> None:
    """Without one, multi-currency is off; then an object makes it."""
    twice = await ask(f"POST {BASE}", {"base_currency": DOLLAR})
    fake.currencies.remove(fake.currencies.ids[0])
    off = await ask(f"POST {PATH}", {"currencies": [DOLLAR]})
    wrong = await ask(f"POST {BASE}", {"base_currency": DOLLAR | {"name": None}})
    missing = await ask(f"POST {BASE}", {"currencies": [DOLLAR]})
    enabled = await ask(f"POST {BASE}", {"base_currency": DOLLAR})

    [base_id] = fake.currencies.ids
    assert (twice[0], twice[1]["code"]) == (400, "ALREADY_ENABLED")
    assert (off[0], off[1]["code"]) == (403, "CURRENCIES_NOT_ENABLED")
    assert (wrong[0], wrong[1]["base_currency"]["code"]) == (400, "MANDATORY_NOT_FOUND")
    assert (missing[0], missing[1]["code"]) == (400, "MANDATORY_NOT_FOUND")
    assert (enabled[0], enabled[1]["base_currency"]["details"]) == (200, {"id": base_id})
    assert fake.currencies.get(base_id)["is_base"]


async def test_updates_the_base_currency(ask: Any, fake: FakeZoho) -> None:
    """With its id or without, by its own call alone; another id is unknown there."""
    [base_id] = fake.currencies.ids
    changes = [{"symbol": "E"}, {"id": base_id, "symbol": "EUR"}, {"id": "7", "symbol": "X"}]
    statuses = [(await ask(f"PUT {BASE}", {"base_currency": change}))[0] for change in changes]

    assert statuses == [200, 200, 400]
    assert fake.currencies.get(base_id)["symbol"] == "EUR"
    [wrong] = (await ask(f"PUT {PATH}/{base_id}", {"currencies": [{"symbol": "X"}]}))[1][
        "currencies"
    ]
    assert (wrong["code"], wrong["details"]["json_path"]) == ("NOT_ALLOWED", "$.currencies[0].id")
