"""COQL in the fake, over the records of an org."""

import sys
from typing import Any

import pytest

from aiozcrm.testing import FakeZoho, Limits


@pytest.fixture
def ids(fake: FakeZoho) -> dict[str, str]:
    """Add four contacts, and return their ids by name."""
    account = fake.records("Accounts").add(Account_Name="Oakfield", Phone="1")
    fake.fields.add("Contacts", "Languages", type="multiselectpicklist")
    fake.fields.add("Contacts", "Score", type="integer")
    add = fake.records("Contacts").add
    return {
        "Ann": add(
            Last_Name="Ann",
            Email="ann@x.example",
            Account_Name={"id": account},
            Score=3,
            Email_Opt_Out=True,
        ),
        "Bob": add(Last_Name="O'Brien", Languages=["German", "Danish"], Score=7),
        "Cem": add(Last_Name="Cem 50% off", Score=7, Date_of_Birth="1980-02-28"),
        "Dee": add(Last_Name="Dee", Languages=[]),
    }


async def ask_for(ask: Any, text: str) -> tuple[int, Any]:
    """Send a query."""
    status, answer = await ask("POST coql", {"select_query": text})
    return status, answer


EVERYBODY = ["Ann", "Bob", "Cem", "Dee"]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("id is not null", EVERYBODY),
        ("Score is null", ["Dee"]),
        ("Last_Name = 'ann'", ["Ann"]),
        ("Last_Name != 'Ann'", ["Bob", "Cem", "Dee"]),
        ("Last_Name = 'O''Brien'", ["Bob"]),
        ('Last_Name = "O\'Brien"', ["Bob"]),
        ("Last_Name in ('Ann', 'Dee')", ["Ann", "Dee"]),
        ("Last_Name not in ('Ann', 'Dee')", ["Bob", "Cem"]),
        ("Last_Name like 'ce%'", ["Cem"]),
        ("Last_Name like '%off'", ["Cem"]),
        ("Last_Name like '%50% o%'", ["Cem"]),
        ("Last_Name like 'Dee'", ["Dee"]),
        ("Last_Name not like '%e%'", ["Ann"]),
        ("Score = 7", ["Bob", "Cem"]),
        ("Score = '7'", ["Bob", "Cem"]),
        ("Score != 7", ["Ann"]),
        ("Score > 3", ["Bob", "Cem"]),
        ("Score >= 3", ["Ann", "Bob", "Cem"]),
        ("Score < 7", ["Ann"]),
        ("Score <= 7", ["Ann", "Bob", "Cem"]),
        ("Score between 3 and 6", ["Ann"]),
        ("Score not between 3 and 6", ["Bob", "Cem"]),
        ("Date_of_Birth = '1980-02-28'", ["Cem"]),
        ("Created_Time > '2001-01-01T00:00:00+01:00'", EVERYBODY),
        ("Email_Opt_Out = true", ["Ann"]),
        ("Email_Opt_Out = 'true'", ["Ann"]),
        ("Languages = 'Danish;German'", ["Bob"]),
        ("Languages = 'Danish'", []),
        ("Account_Name.Account_Name = 'Oakfield'", ["Ann"]),
        ("Account_Name is null", ["Bob", "Cem", "Dee"]),
        ("Languages is not null", ["Bob"]),
        ("Full_Name = 'Dee'", ["Dee"]),
        ("!Contacts.Last_Name = 'Dee'", ["Dee"]),
        ("(Score = 7 and Last_Name like 'C%')", ["Cem"]),
        ("((Score = 7 and Last_Name like 'C%') or Score = 3)", ["Ann", "Cem"]),
        ("Score = 3 or (Score = 7 and Last_Name like 'C%')", ["Ann", "Cem"]),
    ],
)
async def test_finds_what_fits(ask: Any, ids: dict[str, str], where: str, names: list[str]) -> None:
    """Comparisons, lists, patterns, and pairs of conditions."""
    status, answer = await ask_for(ask, f"SELECT id FROM Contacts WHERE {where}")

    known = {record_id: name for name, record_id in ids.items()}
    assert status == (200 if names else 204)
    assert [known[row["id"]] for row in (answer["data"] if answer else [])] == names


async def test_shows_the_columns_as_written(ask: Any, ids: dict[str, str], fake: FakeZoho) -> None:
    """Lookups as objects, users with their last name alone, aliases as keys, always the id."""
    _, answer = await ask_for(
        ask,
        "select Last_Name as Name, Account_Name, Account_Name.Phone, Account_Name.id, Owner, Score "
        "from Contacts where Last_Name in ('Ann', 'Dee') order by id",
    )

    account = fake.records("Accounts").ids[0]
    ann, dee = answer["data"]
    assert ann == {
        "Name": "Ann",
        "Account_Name": {"name": "Oakfield", "id": account},
        "Account_Name.Phone": "1",
        "Account_Name.id": account,
        "Owner": {"name": "Oldenkamp", "id": fake.users.current_id},
        "Score": 3,
        "id": ids["Ann"],
    }
    assert (dee["Account_Name"], dee["Account_Name.Phone"], dee["Account_Name.id"]) == (None,) * 3
    assert answer["info"] == {"count": 2, "more_records": False}


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("order by id desc", ["Dee", "Cem", "Bob", "Ann"]),
        ("order by Score, id desc", ["Dee", "Ann", "Cem", "Bob"]),
        ("order by Score desc, Last_Name asc", ["Cem", "Bob", "Ann", "Dee"]),
        ("order by Languages", ["Ann", "Cem", "Dee", "Bob"]),
        ("order by id limit 2", ["Ann", "Bob"]),
        ("order by id limit 1, 2", ["Bob", "Cem"]),
        ("order by id limit 2 offset 1", ["Bob", "Cem"]),
        ("limit 1 offset 9", []),
    ],
)
async def test_orders_and_limits(
    ask: Any, ids: dict[str, str], order: str, names: list[str]
) -> None:
    """Several columns, nothing before everything, and three forms of a limit."""
    _, answer = await ask_for(ask, f"select id from Contacts where id is not null {order}")

    known = {record_id: name for name, record_id in ids.items()}
    assert [known[row["id"]] for row in (answer["data"] if answer else [])] == names


async def test_goes_on_behind_an_id(ask: Any, fake: FakeZoho) -> None:
    """Ids compare as numbers, so a query can go on where the last one ended."""
    leads = fake.records("Leads").add_many(5)
    text = f"select id from Leads where id > '{leads[1]}' order by id limit 2"
    _, answer = await ask_for(ask, text)

    assert [row["id"] for row in answer["data"]] == leads[2:4]
    assert answer["info"]["more_records"]


async def test_adds_the_criteria_of_a_view(ask: Any, fake: FakeZoho) -> None:
    """A view behind the module narrows it down; an unknown one is an error."""
    lead = fake.records("Leads").add(City="Delft")
    fake.records("Leads").add(City="Gouda")
    view = fake.records("Leads").add_view("(City:equals:Delft)")
    _, answer = await ask_for(ask, f"select id from Leads#{view} where id is not null")
    status, error = await ask_for(ask, "select id from Leads#7 where id is not null")

    assert [row["id"] for row in answer["data"]] == [lead]
    assert (status, error["code"]) == (400, "INVALID_QUERY")


@pytest.mark.parametrize(
    ("text", "code", "details"),
    [
        ("update Leads", "SYNTAX_ERROR", {}),
        ("", "SYNTAX_ERROR", {}),
        ("select Last_Name from Contacts", "SYNTAX_ERROR", {"clause": "where"}),
        ("select Last_Name where id is null", "SYNTAX_ERROR", {"clause": "from"}),
        ("select * from Contacts where id is null", "SYNTAX_ERROR", {"near": "*", "column": 8}),
        (
            "select id\nform Contacts from x",
            "SYNTAX_ERROR",
            {"near": "form", "line": 2, "column": 1},
        ),
        ("select External from Contacts where id is null", "SYNTAX_ERROR", {"near": "External"}),
        ("select id from Contacts where id is null;", "SYNTAX_ERROR", {"near": ";"}),
        ("select id from Contacts where (id is null", "SYNTAX_ERROR", {}),
        ("select id from Contacts where " + "(" * 60, "SYNTAX_ERROR", {}),
        ("select id from Contacts where id = 'x", "SYNTAX_ERROR", {"near": "'"}),
        ("select id from Contacts where id like", "SYNTAX_ERROR", {"near": ""}),
        ("select id from Contacts where id", "SYNTAX_ERROR", {"near": ""}),
        ("select id from Contacts where id in 5", "SYNTAX_ERROR", {"near": "5"}),
        ("select id from Contacts where id in ('5'", "SYNTAX_ERROR", {}),
        ("select id from Contacts where Score between 1 or 2", "SYNTAX_ERROR", {"near": "or"}),
        ("select id from Contacts where not (id is null)", "SYNTAX_ERROR", {"operator": "not"}),
        (
            "select id from Contacts where id = 1 and id = 2 and id = 3",
            "SYNTAX_ERROR",
            {"near": "where"},
        ),
        ("select id from Nowhere where id is null", "INVALID_MODULE", {}),
        (
            "select Colour from Contacts where id is null",
            "INVALID_QUERY",
            {"column_name": "Colour"},
        ),
        (
            "select Last_Name.x from Contacts where id is null",
            "INVALID_QUERY",
            {"column_name": "Last_Name.x"},
        ),
        (
            "select Account_Name.Colour from Contacts where id is null",
            "INVALID_QUERY",
            {"column_name": "Account_Name.Colour"},
        ),
        ("select Rows from Contacts where id is null", "INVALID_QUERY", {"column_name": "Rows"}),
        (
            "select id from Contacts where Last_Name > 'x'",
            "INVALID_QUERY",
            {"column_name": "Last_Name", "operator": ">"},
        ),
        (
            "select id from Contacts where Last_Name not like 'x%'",
            "INVALID_QUERY",
            {"column_name": "Last_Name", "operator": "not like"},
        ),
        (
            "select id from Contacts where Score = 'ten'",
            "INVALID_QUERY",
            {"expected_data_type": "integer", "column_name": "Score"},
        ),
        (
            "select id from Contacts where id = 'abc'",
            "INVALID_QUERY",
            {"expected_data_type": "bigint", "column_name": "id"},
        ),
        ("select id from Contacts where id is null limit x", "INVALID_QUERY", {"limit": "x"}),
        ("select id from Contacts where id is null limit 0", "INVALID_DATA", {}),
        ("select id from Contacts where id is null limit 2001", "LIMIT_EXCEEDED", {}),
        (
            f"select id from Contacts where id in ({','.join(['1'] * 101)})",
            "LIMIT_EXCEEDED",
            {},
        ),
    ],
)
async def test_tells_what_is_wrong_with_a_query(
    ask: Any, fake: FakeZoho, ids: dict[str, str], text: str, code: str, details: dict[str, Any]
) -> None:
    """The code, and where it is."""
    fake.fields.add("Contacts", "Rows", type="subform")
    status, error = await ask_for(ask, text)

    assert (status, error["code"]) == (400, code)
    assert details.items() <= error["details"].items()


async def test_takes_25_criteria(ask: Any) -> None:
    """One more is too many."""
    condition = "id = 1"
    for _ in range(24):
        condition = f"({condition} or id = 1)"

    right = await ask_for(ask, f"select id from Leads where {condition}")
    wrong = await ask_for(ask, f"select id from Leads where ({condition} or id = 1)")

    assert right == (204, None)
    assert (wrong[1]["code"], wrong[1]["details"]) == ("LIMIT_EXCEEDED", {})


async def test_reaches_only_so_far(caller: Any) -> None:
    """Offset and limit together; the limit is told."""
    async with FakeZoho(limits=Limits(page_tokens=10)) as fake:
        body = {"select_query": "select id from Leads where id is null limit 8, 3"}
        reply = await caller.call(fake, "POST", "coql", token=await caller.token(fake), json=body)

    assert (reply.json["code"], reply.json["details"]) == ("LIMIT_EXCEEDED", {"limit": 10})


async def test_says_how_to_install_what_reads_queries(ask: Any, monkeypatch: Any) -> None:
    """Without lark a query is answered with the command that installs it."""
    for name in [name for name in sys.modules if name.startswith("aiozcrm.testing._coql")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "lark", None)
    status, error = await ask_for(ask, "select id from Leads where id is not null")

    assert (status, error["code"]) == (501, "NOT_IN_THIS_FAKE")
    assert "pip install 'aiozcrm[fake]'" in error["message"]


async def test_follows_owners_to_users_roles_and_profiles(ask: Any, fake: FakeZoho) -> None:
    """The parts of an owner can be shown and compared, and users asked for themselves."""
    fake.records("Leads").add(City="Delft")
    _, answer = await ask_for(
        ask,
        "select Owner.email, Owner.role.name, Owner.role from Leads "
        "where (Owner.profile.name = 'Administrator' and Owner.last_name is not null)",
    )
    _, users = await ask_for(ask, "select last_name from Users where email like 'mira@%'")
    status, error = await ask_for(ask, "select name from Roles where id is not null")

    row = answer["data"][0]
    role = row.pop("Owner.role")
    assert list(role) == ["id"]
    assert row.pop("id") == fake.records("Leads").ids[0]
    assert row == {"Owner.email": "mira@bindery.example", "Owner.role.name": "CEO"}
    assert [user["last_name"] for user in users["data"]] == ["Oldenkamp"]
    assert (status, error["code"]) == (400, "INVALID_MODULE")


async def test_tells_the_module_behind_a_lookup(ask: Any, fake: FakeZoho) -> None:
    """A lookup into several modules shows where it leads, if that is asked for."""
    lead = fake.records("Leads").add(City="Delft")
    add = fake.records("Tasks").add
    add(Subject="Call", What_Id={"id": lead, "module": {"api_name": "Leads"}})
    add(Subject="Rest")
    _, answer = await ask_for(
        ask,
        "select What_Id, What_Id.module.api_name, 'What_Id->Leads.City' from Tasks "
        "where id is not null order by Subject",
    )
    fake.records("Leads").remove(lead)
    _, later = await ask_for(ask, "select What_Id.module.api_name from Tasks where id is not null")

    call, rest = answer["data"]
    module = call["What_Id"].pop("module")
    assert module["api_name"] == "Leads"
    assert call["What_Id"] == {"id": lead}
    assert (call["What_Id.module.api_name"], call["What_Id->Leads.City"]) == ("Leads", "Delft")
    assert [rest[name] for name in ("What_Id", "What_Id->Leads.City")] == [None, None]
    assert later["data"][0]["What_Id.module.api_name"] is None


async def test_sees_each_change_at_once(ask: Any, fake: FakeZoho) -> None:
    """What was added, changed or removed is so in the next query, new fields included."""
    leads = fake.records("Leads")
    text = "select City from Leads where City is not null"
    first, second = leads.add(City="Delft"), leads.add(City="Gouda")
    _, before = await ask_for(ask, text)
    leads.change(first, City="Leiden")
    leads.remove(second)
    fake.fields.add("Leads", "Score", type="integer")
    leads.add(City="Hoorn", Score=5)
    _, after = await ask_for(ask, text)
    _, scored = await ask_for(ask, "select City from Leads where Score > 4")

    assert [row["City"] for row in before["data"]] == ["Delft", "Gouda"]
    assert [row["City"] for row in after["data"]] == ["Leiden", "Hoorn"]
    assert [row["City"] for row in scored["data"]] == ["Hoorn"]


async def test_tells_the_fields_of_the_columns(ask: Any, fake: FakeZoho) -> None:
    """With `include_meta` the answer has the field of each column."""
    fake.records("Leads").add(City="Delft")
    body = {
        "select_query": "select City from Leads where id is not null",
        "include_meta": ["fields"],
    }
    _, answer = await ask("POST coql", body)

    assert answer["fields"] == {"City": {"api_name": "City", "data_type": "text"}}


async def test_a_word_in_a_value_is_no_clause(ask: Any) -> None:
    """Strings may hold anything."""
    text = "select id from Leads where City = 'COUNT(x) group by (select'"

    assert await ask_for(ask, text) == (204, None)


@pytest.mark.parametrize("body", [{}, {"select_query": 5}])
async def test_needs_a_query(ask: Any, body: dict[str, Any]) -> None:
    """A body without one lacks a key."""
    status, error = await ask("POST coql", body)

    assert (status, error["code"]) == (400, "MANDATORY_NOT_FOUND")
    assert error["details"] == {"api_name": "select_query"}
