"""Searches and counts in the fake."""

from typing import Any

import pytest

from aiozcrm.testing import Clock, FakeZoho, Limits


@pytest.fixture
def ids(fake: FakeZoho) -> dict[str, str]:
    """Add four contacts, and return their ids by name."""
    account = fake.records("Accounts").add(Account_Name="Oakfield")
    fake.fields.add("Contacts", "Languages", type="multiselectpicklist")
    fake.fields.add("Contacts", "Score", type="integer")
    add = fake.records("Contacts").add
    return {
        "Ann": add(
            Last_Name="Ann Burns",
            Email="ann@x.example",
            Phone="+31 570 555-0142",
            Account_Name={"id": account},
            Score=3,
            Email_Opt_Out=True,
        ),
        "Bob": add(
            Last_Name="Bob (B, jr)",
            Email="bob@x.example",
            Date_of_Birth="1980-02-28",
            Languages=["Danish", "German"],
            Score=7,
        ),
        "Cem": add(Last_Name="Cem", Description="Likes oak", Score=7),
        "Dee": add(Last_Name="Dee", First_Name="Ann"),
    }


async def found(ask: Any, ids: dict[str, str], **params: Any) -> list[str]:
    """Return the names of the contacts that a search finds, sorted."""
    status, answer = await ask("GET Contacts/search", **params)
    assert status in {200, 204}, answer
    names = {record_id: name for name, record_id in ids.items()}
    return sorted(names[each["id"]] for each in answer["data"]) if answer else []


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        ("(Last_Name:equals:ann)", ["Ann"]),
        ("Last_Name:equals:Cem", ["Cem"]),
        ("(Last_Name:not_equal:Cem)", ["Ann", "Bob", "Dee"]),
        ("(Last_Name:starts_with:BOB)", ["Bob"]),
        ("(Last_Name:in:Cem,Dee)", ["Cem", "Dee"]),
        ("(Last_Name:equals:Bob \\(B\\, jr\\))", ["Bob"]),
        ("(Last_Name:in:Bob \\(B\\, jr\\),Cem)", ["Bob", "Cem"]),
        ("(Full_Name:equals:Ann Dee)", ["Dee"]),
        ("(Score:equals:7)", ["Bob", "Cem"]),
        ("(Score:greater_than:3)", ["Bob", "Cem"]),
        ("(Score:greater_equal:3)", ["Ann", "Bob", "Cem"]),
        ("(Score:less_than:7)", ["Ann"]),
        ("(Score:less_equal:7)", ["Ann", "Bob", "Cem"]),
        ("(Score:between:4,7)", ["Bob", "Cem"]),
        ("(Score:in:3,4)", ["Ann"]),
        ("(Score:not_equal:7)", ["Ann", "Dee"]),
        ("(Date_of_Birth:equals:1980-02-28)", ["Bob"]),
        ("(Created_Time:greater_than:2001-01-01T00:00:00+01:00)", ["Ann", "Bob", "Cem", "Dee"]),
        ("(Email_Opt_Out:equals:true)", ["Ann"]),
        ("(Languages:equals:Danish)", ["Bob"]),
        ("(Languages:in:German,Dutch)", ["Bob"]),
        ("(Account_Name:equals:Oakfield)", ["Ann"]),
        ("(Account_Name:not_equal:Oakfield)", ["Bob", "Cem", "Dee"]),
        ("((Score:equals:7)and(Last_Name:starts_with:C))", ["Cem"]),
        ("((Last_Name:equals:Cem)or(Last_Name:equals:Dee))", ["Cem", "Dee"]),
        ("(((Score:equals:7)AND(Last_Name:equals:Cem))or(Score:equals:3))", ["Ann", "Cem"]),
        ("(Last_Name:equals:Nobody)", []),
    ],
)
async def test_searches_by_criteria(
    ask: Any, ids: dict[str, str], criteria: str, names: list[str]
) -> None:
    """Equals means contains for texts; backslashes keep what separates."""
    assert await found(ask, ids, criteria=criteria) == names


async def test_searches_by_id(ask: Any, ids: dict[str, str]) -> None:
    """Ids are numbers, in any type of question."""
    assert await found(ask, ids, criteria=f"(id:in:{ids['Cem']},7)") == ["Cem"]


@pytest.mark.parametrize(
    ("criteria", "details"),
    [
        ("(Last_Name:equals:x", {"reason": "invalid criteria"}),
        ("(Last_Name)", {"reason": "invalid criteria"}),
        ("(Last_Name:equals:x))", {"reason": "invalid criteria"}),
        (":", {"reason": "invalid criteria"}),
        ("(Colour:equals:x)", {"reason": "invalid field name", "api_name": "Colour"}),
        (
            "(Score:starts_with:1)",
            {"reason": "invalid operator found", "api_name": "Score", "operator": "starts_with"},
        ),
        ("(Score:equals:many)", {"expected_data_type": "integer", "value": "many"}),
        ("(Score:equals:NaN)", {"expected_data_type": "integer", "value": "NaN"}),
        ("(Email_Opt_Out:equals:yes)", {"expected_data_type": "boolean", "value": "yes"}),
        ("(Date_of_Birth:equals:soon)", {"expected_data_type": "date", "value": "soon"}),
        ("(Created_Time:equals:2026-01-01T00:00:00)", {"expected_data_type": "datetime"}),
        (f"(Last_Name:in:{','.join('x' * 101)})", {"reason": "too many values"}),
        ("(" * 1400, {"reason": "invalid criteria"}),
        (f"({'(' * 20}Last_Name:equals:x{')' * 20})", {"reason": "invalid criteria"}),
    ],
)
async def test_rejects_criteria_that_say_nothing(
    ask: Any, ids: dict[str, str], criteria: str, details: dict[str, Any]
) -> None:
    """The reason and the place are told."""
    status, error = await ask("GET Contacts/search", criteria=criteria)

    assert (status, error["code"]) == (400, "INVALID_QUERY")
    assert details.items() <= error["details"].items()


async def test_limits_criteria(ask: Any, ids: dict[str, str]) -> None:
    """Ten, of 3,000 characters."""
    many = "or".join(["(Last_Name:equals:x)"] * 11)
    long = f"(Last_Name:equals:{'x' * 3000})"

    assert (await ask("GET Contacts/search", criteria=many))[1]["code"] == "CRITERIA_LIMIT_EXCEEDED"
    assert (await ask("GET Contacts/search", criteria=long))[1]["code"] == "LIMIT_EXCEEDED"


async def test_searches_in_other_ways(ask: Any, ids: dict[str, str]) -> None:
    """By an address, by digits, by a word; criteria come first of all."""
    assert await found(ask, ids, email="ANN@x.example") == ["Ann"]
    assert await found(ask, ids, phone="5550142") == ["Ann"]
    assert await found(ask, ids, word="oak") == ["Cem"]
    assert await found(ask, ids, word="oak", criteria="(Last_Name:equals:Dee)") == ["Dee"]


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("Contacts", {}, "EXPECTED_PARAM_MISSING"),
        ("Contacts", {"word": "x"}, "INVALID_DATA"),
        ("Contacts", {"phone": "(0)1"}, "INVALID_DATA"),
        ("Deals", {"email": "a@x.example"}, "FIELD_TYPE_UNAVAILABLE"),
    ],
)
async def test_rejects_searches_for_nothing(
    ask: Any, path: str, params: dict[str, str], code: str
) -> None:
    """Something has to be looked for, and to be long enough."""
    status, error = await ask(f"GET {path}/search", **params)

    assert (status, error["code"]) == (400, code)


async def test_shows_what_was_found(ask: Any, ids: dict[str, str], fake: FakeZoho) -> None:
    """With the fields that are asked for, page by page; converted leads only on request."""
    _, answer = await ask("GET Contacts/search", word="Ann", fields="Last_Name", per_page=1)
    lead = fake.records("Leads").add(Last_Name="Old", Converted__s=True)

    assert set(answer["data"][0]) == {"Last_Name", "id"}
    assert answer["info"] == {
        "per_page": 1,
        "count": 1,
        "page": 1,
        "more_records": True,
        "sort_by": "id",
        "sort_order": "desc",
    }
    assert await ask("GET Leads/search", word="Old") == (204, None)
    for converted in ("true", "both"):
        _, answer = await ask("GET Leads/search", word="Old", converted=converted)
        assert [each["id"] for each in answer["data"]] == [lead]


async def test_the_index_may_lag_behind(caller: Any, clock: Any) -> None:
    """What was written is found after a while, if told so."""
    limits = Limits(search_lag=60)
    async with FakeZoho(limits=limits, clock=Clock(wall=clock)) as fake:
        token = await caller.token(fake)
        fake.records("Leads").add(Last_Name="Halden")
        early = await caller.call(fake, "GET", "Leads/search?word=Halden", token=token)
        clock.advance(60)
        late = await caller.call(fake, "GET", "Leads/search?word=Halden", token=token)

    assert (early.status, late.status) == (204, 200)


async def test_counts_records(ask: Any, ids: dict[str, str], fake: FakeZoho) -> None:
    """All of them, those of a search, or those of a view, but not both."""
    view = fake.records("Contacts").add_view("(Score:equals:7)")
    counts = [
        (await ask("GET Contacts/actions/count", **params))[1]
        for params in ({}, {"word": "oak"}, {"cvid": view})
    ]
    both = await ask("GET Contacts/actions/count", word="oak", cvid=view)
    unknown = await ask("GET Contacts/actions/count", cvid="7")

    assert counts == [{"count": 4}, {"count": 1}, {"count": 2}]
    assert both[1]["code"] == "AMBIGUITY_DURING_PROCESSING"
    assert unknown[1]["details"] == {"param_name": "cvid"}
