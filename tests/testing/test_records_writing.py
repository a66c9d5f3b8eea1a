"""Records of the fake, written by calls: inserts, updates, deletions, clones."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho

LEAD = {"Last_Name": "Halden", "Company": "Oakfield Joinery"}
NAME = {"api_name": "Last_Name", "json_path": "$.data[0].Last_Name"}


def rows(*items: Any, **more: Any) -> dict[str, Any]:
    """Return a body."""
    return {"data": list(items), **more}


def codes(answer: tuple[int, Any]) -> list[str]:
    """Return the codes of an answer's items."""
    return [item["code"] for item in answer[1]["data"]]


async def test_inserts_records(ask: Any, fake: FakeZoho) -> None:
    """Each row gets an id, an owner and times, and the answer tells them in order."""
    status, answer = await ask("POST Leads", rows(LEAD, LEAD | {"First_Name": "Mara"}))

    one, two = fake.records("Leads").ids
    first = answer["data"][0]
    made, shown = map(fake.records("Leads").get, (one, two))
    user = {"name": "Mira Oldenkamp", "id": fake.users.current_id}
    assert status == 201
    assert [item["details"]["id"] for item in answer["data"]] == [one, two]
    assert (first["code"], first["message"]) == ("SUCCESS", "record added")
    assert first["details"] == {
        "id": one,
        "Created_By": user,
        "Modified_By": user,
        "Created_Time": made["Created_Time"],
        "Modified_Time": made["Modified_Time"],
        "$approval_state": "approved",
    }
    assert (shown["Full_Name"], shown["Owner"]["id"]) == ("Mara Halden", user["id"])
    assert fake.stats.done["create", "Leads", one] == 1
    assert fake.stats.created == {"Halden": 1, "Mara Halden": 1}


@pytest.mark.parametrize(
    ("changes", "code", "details"),
    [
        ({"Last_Name": None}, "MANDATORY_NOT_FOUND", NAME),
        ({"Last_Name": ""}, "MANDATORY_NOT_FOUND", NAME),
        ({"Last_Name": "x" * 81}, "INVALID_DATA", {"maximum_length": 80}),
        ({"Last_Name": 5}, "INVALID_DATA", {"expected_data_type": "text"}),
        ({"Email": "nobody"}, "INVALID_DATA", {"expected_data_type": "email"}),
        ({"Website": "a b"}, "INVALID_DATA", {"expected_data_type": "website"}),
        ({"Email_Opt_Out": "yes"}, "INVALID_DATA", {"expected_data_type": "boolean"}),
        ({"No_of_Employees": "9"}, "INVALID_DATA", {"expected_data_type": "integer"}),
        ({"No_of_Employees": True}, "INVALID_DATA", {"expected_data_type": "integer"}),
        ({"No_of_Employees": 10**9}, "INVALID_DATA", {"maximum_length": 9}),
        ({"Annual_Revenue": "9"}, "INVALID_DATA", {"expected_data_type": "currency"}),
        ({"Annual_Revenue": 10**400}, "INVALID_DATA", {"maximum_length": 16}),
        ({"Lead_Source": 5}, "INVALID_DATA", {"expected_data_type": "text"}),
        ({"Owner": "7"}, "INVALID_DATA", {"expected_data_type": "jsonobject"}),
        ({"Owner": {"id": "7"}}, "INVALID_DATA", {"json_path": "$.data[0].Owner.id"}),
    ],
)
async def test_tells_what_is_wrong_with_a_row(
    ask: Any, fake: FakeZoho, changes: dict[str, Any], code: str, details: dict[str, Any]
) -> None:
    """The error names the field, and what would be right."""
    status, answer = await ask("POST Leads", rows(LEAD | changes))

    [error] = answer["data"]
    assert (status, error["code"], error["status"]) == (400, code, "error")
    assert details.items() <= error["details"].items()
    assert fake.records("Leads").ids == []


@pytest.mark.parametrize(
    ("module", "changes", "right"),
    [
        ("Contacts", {"Date_of_Birth": "1980-02-30"}, False),
        ("Contacts", {"Date_of_Birth": "1980-02-28"}, True),
        ("Tasks", {"Closed_Time": "2026-01-01T09:00:00"}, False),
        ("Tasks", {"Closed_Time": "2026-01-01T09:00:00+01:00"}, True),
        ("Tasks", {"Closed_Time": "2026-13-01T09:00:00Z"}, False),
        ("Accounts", {"Account_Number": "123456789012345678"}, True),
        ("Accounts", {"Account_Number": "12x"}, False),
        ("Accounts", {"Account_Number": 12}, True),
        ("Deals", {"Probability": 101}, False),
        ("Deals", {"Probability": 100}, True),
        ("Deals", {"Stage": "A stage of our own"}, True),
    ],
)
async def test_takes_values_by_their_type(
    ask: Any, fake: FakeZoho, module: str, changes: dict[str, Any], right: bool
) -> None:
    """Dates exist, moments have a zone, long numbers are text, choices are open."""
    row = {"Last_Name": "x", "Subject": "x", "Account_Name": "x", "Deal_Name": "x", "Stage": "x"}
    if module in {"Contacts", "Deals"}:
        del row["Account_Name"]
    status, _ = await ask(f"POST {module}", rows(row | changes))

    assert (status == 201) == right


async def test_ignores_what_cannot_be_set(ask: Any, fake: FakeZoho) -> None:
    """Unknown fields and those that Zoho sets itself are passed over."""
    given = LEAD | {"Colour": "red", "Created_Time": "x", "Full_Name": "x", "Tag": ["x"]}
    status, _ = await ask("POST Leads", rows(given))

    [lead] = fake.records("Leads").all()
    assert status == 201
    assert (lead["Full_Name"], lead["Tag"]) == ("Halden", [])
    assert "Colour" not in lead


async def test_some_right_and_some_wrong_is_207(ask: Any, fake: FakeZoho) -> None:
    """Every row has its answer, at its place."""
    answer = await ask("POST Leads", rows(LEAD, {}, 5, LEAD))

    assert answer[0] == 207
    assert codes(answer) == ["SUCCESS", "MANDATORY_NOT_FOUND", "INVALID_DATA", "SUCCESS"]
    assert answer[1]["data"][2]["details"]["expected_data_type"] == "jsonobject"
    assert len(fake.records("Leads").ids) == 2


@pytest.mark.parametrize("line", ["POST Leads", "PUT Leads", "PUT Leads/{id}", "POST Leads/upsert"])
async def test_rejects_bodies_without_rows(ask: Any, fake: FakeZoho, line: str) -> None:
    """No rows, none under the key, or more than a hundred."""
    line = line.replace("{id}", fake.records("Leads").add())
    missing = await ask(line, {"rows": []})
    empty = await ask(line, {"data": []})
    many = await ask(line, {"data": [LEAD] * 101})

    assert (missing[0], missing[1]["code"]) == (400, "MANDATORY_NOT_FOUND")
    assert (empty[0], empty[1]["code"]) == (400, "INVALID_DATA")
    assert (many[0], codes(many)) == (400, ["LIMIT_EXCEEDED"])


@pytest.mark.parametrize(
    "line", ["GET Nothing?fields=id", "POST Nothing", "PUT Nothing/1", "DELETE Nothing/1"]
)
async def test_knows_its_modules(ask: Any, line: str) -> None:
    """A module that is not there is told, wherever it is named."""
    status, error = await ask(line, None if "GET" in line or "DELETE" in line else rows(LEAD))

    assert (status, error["code"]) == (400, "INVALID_MODULE")
    assert error["details"] == {"resource_path_index": 0}


async def test_leads_to_other_records(ask: Any, fake: FakeZoho) -> None:
    """Lookups are checked, and shown with the name of what they lead to."""
    account = fake.records("Accounts").add(Account_Name="Oakfield")
    good = {"Last_Name": "x", "Account_Name": {"id": account}}
    created = await ask("POST Contacts", rows(good))
    contact_id = fake.records("Contacts").ids[0]
    wrong = await ask(
        "POST Contacts",
        rows({**good, "Account_Name": {"id": "7"}}, {**good, "Account_Name": {"name": "Oakfield"}}),
    )
    fake.records("Accounts").remove(account)

    assert created[0] == 201
    assert codes(wrong) == ["INVALID_DATA", "MANDATORY_NOT_FOUND"]
    assert wrong[1]["data"][0]["details"]["json_path"] == "$.data[0].Account_Name.id"
    assert fake.records("Contacts").get(contact_id)["Account_Name"] == {
        "name": None,
        "id": account,
    }


async def test_a_task_may_lead_to_any_module(ask: Any, fake: FakeZoho) -> None:
    """The module stands in the value, or beside it; without one any record will do."""
    deal = fake.records("Deals").add(Deal_Name="Big one")
    values = [
        {"What_Id": {"id": deal}, "$se_module": "Deals"},
        {"What_Id": {"id": deal, "module": {"api_name": "Deals"}}},
        {"What_Id": {"id": deal}},
        {"What_Id": {"id": deal}, "$se_module": "Leads"},
    ]
    answer = await ask("POST Tasks", rows(*({"Subject": "Call"} | value for value in values)))
    task = fake.records("Tasks").all()[0]

    assert codes(answer) == ["SUCCESS", "SUCCESS", "SUCCESS", "INVALID_DATA"]
    assert (task["What_Id"]["name"], task["What_Id"]["module"]["api_name"]) == ("Big one", "Deals")


async def test_notes_belong_to_a_record(ask: Any, fake: FakeZoho) -> None:
    """They have paths of their own, and are records like others."""
    lead = fake.records("Leads").add()
    parent = {"module": {"api_name": "Leads"}, "id": lead}
    created = await ask("POST Notes", rows({"Note_Content": "Asked back", "Parent_Id": parent}))
    [note_id] = fake.records("Notes").ids
    listed = await ask("GET Notes", fields="Note_Content,Parent_Id")
    updated = await ask(f"PUT Notes/{note_id}", rows({"Note_Title": "Call"}))
    got = await ask(f"GET Notes/{note_id}", fields="Note_Title")
    deleted = await ask(f"DELETE Notes/{note_id}")

    assert (created[0], updated[0], deleted[0]) == (201, 200, 200)
    assert listed[1]["data"][0]["Parent_Id"]["module"]["api_name"] == "Leads"
    assert got[1]["data"] == [{"Note_Title": "Call", "id": note_id}]
    assert fake.stats.done.of(family="Notes") == 3
    assert fake.stats.asked.of("get", "Notes") == 1


async def test_updates_what_is_given(ask: Any, fake: FakeZoho, clock: Any) -> None:
    """By ids in the body or in the path; what is left out stays, and null empties."""
    one, two = fake.records("Leads").add_many(2, Company="A", Phone="1")
    before = fake.records("Leads").get(one)["Modified_Time"]
    many = await ask(
        "PUT Leads",
        rows({"id": one, "Phone": None}, {"id": int(two), "Phone": "2"}, {"id": "7"}, {}, 5),
    )
    single = await ask(f"PUT Leads/{one}", rows({"id": "7", "City": "Delft"}))
    lead = fake.records("Leads").get(one)

    assert many[0] == 207
    assert codes(many) == [
        "SUCCESS",
        "SUCCESS",
        "INVALID_DATA",
        "MANDATORY_NOT_FOUND",
        "MANDATORY_NOT_FOUND",
    ]
    assert many[1]["data"][2]["details"] == {"api_name": "id", "json_path": "$.data[2].id"}
    assert (single[0], single[1]["data"][0]["details"]["id"]) == (200, one)
    assert (lead["Company"], lead["Phone"], lead["City"]) == ("A", None, "Delft")
    assert lead["Modified_Time"] >= before
    assert fake.stats.done["update", "Leads", one] == 2


async def test_errors_of_updates_name_the_record(ask: Any, fake: FakeZoho) -> None:
    """A mandatory value cannot be taken away, and the error has the id beside the field."""
    lead = fake.records("Leads").add()
    wrong = [{"Last_Name": None}, {"Email": "nobody"}]
    answers = [await ask(f"PUT Leads/{lead}", rows(row)) for row in wrong]

    assert [codes(answer) for answer in answers] == [["MANDATORY_NOT_FOUND"], ["INVALID_DATA"]]
    assert all(answer[1]["data"][0]["details"]["id"] == lead for answer in answers)


@pytest.mark.parametrize("line", ["PUT Leads/7", "DELETE Leads/7", "POST Leads/7/actions/clone"])
async def test_knows_no_record_that_is_not_there(ask: Any, line: str) -> None:
    """An unknown id in the path is an error at the top."""
    status, error = await ask(line, None if "DELETE" in line else rows(LEAD))

    assert (status, error["code"]) == (400, "INVALID_DATA")
    assert error["details"] == {"resource_path_index": 1}


async def test_does_not_change_what_was_changed_meanwhile(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """A record that is newer than ``If-Unmodified-Since`` is 412, and tells its times."""
    lead = fake.records("Leads").add()
    replies = [
        await caller.call(
            fake,
            "PUT",
            f"Leads/{lead}",
            token=token,
            json=rows({"City": "Delft"}),
            headers={"If-Unmodified-Since": since},
        )
        for since in ("2001-01-01T00:00:00+01:00", "2100-01-01T00:00:00+01:00")
    ]

    [error] = replies[0].json["data"]
    assert [reply.status for reply in replies] == [412, 200]
    assert (error["code"], error["details"]["id"]) == ("ALREADY_MODIFIED", lead)
    assert "Modified_Time" in error["details"]


async def test_locked_records_stay_as_they_are(ask: Any, fake: FakeZoho) -> None:
    """They are not changed, deleted or tagged, until they are unlocked."""
    lead = fake.records("Leads").add()
    fake.records("Leads").lock(lead)
    updated = await ask(f"PUT Leads/{lead}", rows({"City": "Delft"}))
    deleted = await ask(f"DELETE Leads/{lead}")
    locked = fake.records("Leads").get(lead)["Locked__s"]
    fake.records("Leads").lock(lead, locked=False)

    assert codes(updated) == codes(deleted) == ["RECORD_LOCKED"]
    assert updated[1]["data"][0]["details"]["action"] == "record_locking"
    assert locked
    assert (await ask(f"DELETE Leads/{lead}"))[0] == 200


async def test_adds_to_several_choices(ask: Any, fake: FakeZoho) -> None:
    """They are replaced, unless they are to be appended."""
    fake.fields.add("Leads", "Languages", type="multiselectpicklist", values=("Danish", "German"))
    lead = fake.records("Leads").add(Languages=["Danish"])
    new = fake.records("Leads").add()
    append = {"Languages": ["Danish", "German"], "$append_values": {"Languages": True}}
    await ask("PUT Leads", rows({"id": lead, **append}, {"id": new, **append}))
    both = [fake.records("Leads").get(each)["Languages"] for each in (lead, new)]
    await ask(f"PUT Leads/{lead}", rows({"Languages": ["German"], "$append_values": {"X": True}}))
    wrong = await ask(f"PUT Leads/{lead}", rows({"Languages": ["Klingon"]}))
    none = await ask(f"PUT Leads/{lead}", rows({"Languages": [5]}))

    assert both == [["Danish", "German"], ["Danish", "German"]]
    assert fake.records("Leads").get(lead)["Languages"] == ["German"]
    assert wrong[1]["data"][0]["details"]["supported_values"] == ["Danish", "German"]
    assert none[1]["data"][0]["details"]["expected_data_type"] == "jsonarray"


async def test_keeps_the_rows_of_subforms(ask: Any, fake: FakeZoho) -> None:
    """Rows without an id are new, those with one change or go, all others stay."""
    fake.fields.add("Leads", "Skills", type="subform")
    created = await ask("POST Leads", rows(LEAD | {"Skills": [{"Skill": "Oak"}, {"Skill": "Ash"}]}))
    lead = created[1]["data"][0]["details"]["id"]
    oak, ash = fake.records("Leads").get(lead)["Skills"]
    changes = [
        {"id": oak["id"], "Skill": "Elm"},
        {"id": ash["id"], "_delete": None},
        {"Skill": "Fir"},
    ]
    await ask(f"PUT Leads/{lead}", rows({"Skills": changes}))
    merged = fake.records("Leads").get(lead)["Skills"]
    listed = await ask("GET Leads", fields="Last_Name,Skills")
    await ask(f"PUT Leads/{lead}", rows({"Skills": []}))
    wrong = await ask(f"PUT Leads/{lead}", rows({"Skills": ["Oak"]}))

    assert [row["Skill"] for row in merged] == ["Elm", "Fir"]
    assert merged[0]["id"] == oak["id"]
    assert "Skills" not in listed[1]["data"][0]
    assert fake.records("Leads").get(lead)["Skills"] == []
    assert codes(wrong) == ["INVALID_DATA"]


async def test_a_new_record_has_no_rows_that_go(ask: Any, fake: FakeZoho) -> None:
    """There is nothing that they could be taken from."""
    fake.fields.add("Leads", "Skills", type="subform")
    skills = [{"Skill": "Oak"}, {"id": "7", "_delete": None}]
    await ask("POST Leads", rows(LEAD | {"Skills": skills}))

    [lead] = fake.records("Leads").all()
    assert [row["Skill"] for row in lead["Skills"]] == ["Oak"]


async def test_tells_which_record_has_a_unique_value(ask: Any, fake: FakeZoho) -> None:
    """Without case or blanks; two clashes of a row are one error with both."""
    fake.fields.add("Leads", "Badge", unique=True)
    fake.fields.add("Leads", "Card", unique=True)
    first = fake.records("Leads").add(Badge="A1", Card="C1")
    second = await ask("POST Leads", rows(LEAD | {"Badge": "A2"}))
    clash = await ask("POST Leads", rows(LEAD | {"Badge": " a1 "}))
    both = await ask("POST Leads", rows(LEAD | {"Badge": "A2", "Card": "C1"}))
    own = await ask(f"PUT Leads/{first}", rows({"Badge": "A1"}))
    taken = await ask(f"PUT Leads/{first}", rows({"Badge": "A2"}))

    [error] = clash[1]["data"]
    assert second[0] == 201
    assert (error["code"], error["details"]["id"]) == ("DUPLICATE_DATA", first)
    assert error["details"]["duplicate_record"] == {
        "Owner": {
            "name": "Mira Oldenkamp",
            "id": fake.users.current_id,
            "zuid": "20087301",
        },
        "module": {"api_name": "Leads", "id": fake.modules.get("Leads")["id"]},
        "id": first,
    }
    assert not error["details"]["more_records"]
    assert codes(both) == ["MULTIPLE_OR_MULTI_ERRORS"]
    told = both[1]["data"][0]["details"]["errors"]
    assert [each["details"]["api_name"] for each in told] == ["Badge", "Card"]
    assert (own[0], codes(taken)) == (200, ["DUPLICATE_DATA"])


async def test_deletes_records(ask: Any, fake: FakeZoho) -> None:
    """One by its path, many by the query, each by itself."""
    one, two, three = fake.records("Leads").add_many(3)
    single = await ask(f"DELETE Leads/{one}", wf_trigger="false")
    many = await ask("DELETE Leads", ids=f"{two},7,{three}")
    none = await ask("DELETE Leads")
    words = await ask("DELETE Leads", ids="a")

    assert single == (
        200,
        rows(
            {
                "code": "SUCCESS",
                "details": {"id": one},
                "message": "record deleted",
                "status": "success",
            }
        ),
    )
    assert many[0] == 207
    assert many[1]["data"][1]["details"] == {"id": "7"}
    assert (none[1]["code"], words[1]["code"]) == (
        "REQUIRED_PARAM_MISSING",
        "UNABLE_TO_PARSE_DATA_TYPE",
    )
    assert fake.records("Leads").ids == []
    assert fake.stats.effects == {one: 1, two: 1, three: 1}
    assert fake.stats.attempts["7"] == 1


async def test_clones_records(ask: Any, fake: FakeZoho) -> None:
    """All that can be set is copied, with changes; unique values have to be among them."""
    fake.fields.add("Leads", "Badge", unique=True)
    lead = fake.records("Leads").add(Last_Name="Halden", City="Delft")
    plain = await ask(f"POST Leads/{lead}/actions/clone")
    changed = await ask(f"POST Leads/{lead}/actions/clone", rows({"City": None, "Badge": "A"}))
    clash = await ask(f"POST Leads/{fake.records('Leads').ids[-1]}/actions/clone", {"data": []})

    assert (plain[0], changed[0]) == (201, 201)
    cities = [each["City"] for each in fake.records("Leads").all()]
    assert cities == ["Delft", "Delft", None]
    assert codes(clash) == ["DUPLICATE_DATA"]


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        ({}, "INVALID_DATA", "$.data"),
        ("x", "INVALID_DATA", "$.data"),
        (0, "INVALID_DATA", "$.data"),
        ([5], "INVALID_DATA", "$.data[0]"),
        ([None], "INVALID_DATA", "$.data[0]"),
        ([{}, {}], "LIMIT_EXCEEDED", None),
    ],
)
async def test_rejects_changes_of_a_clone_that_are_none(
    ask: Any, fake: FakeZoho, data: Any, code: str, place: str | None
) -> None:
    """There may be none, or those of one record."""
    lead = fake.records("Leads").add()
    status, told = await ask(f"POST Leads/{lead}/actions/clone", {"data": data})
    error = told["data"][0] if "data" in told else told

    assert (status, error["code"], error["details"].get("json_path")) == (400, code, place)
    assert fake.records("Leads").ids == [lead]


async def test_a_clone_has_no_files(ask: Any, fake: FakeZoho) -> None:
    """They stay with the record that was cloned."""
    fake.fields.add("Leads", "Papers", type="fileupload")
    lead = fake.records("Leads").add(Papers=[{"file_Id__s": "f1"}])
    await ask(f"POST Leads/{lead}/actions/clone")

    assert [len(each["Papers"] or ()) for each in fake.records("Leads").all()] == [1, 0]


@pytest.mark.parametrize("external", [False, True])
async def test_a_call_deletes_a_hundred_records_at_most(
    fake: FakeZoho, caller: Any, token: str, external: bool
) -> None:
    """And one at least, whosever ids they are."""
    fake.fields.add("Leads", "Badge", external="org")
    headers = {"X-EXTERNAL": "Leads.Badge"} if external else {}
    answers = [
        await caller.call(fake, "DELETE", f"Leads?ids={ids}", token=token, headers=headers)
        for ids in ("", ",".join(["1"] * 101))
    ]

    assert [each.json["code"] for each in answers] == ["REQUIRED_PARAM_MISSING", "LIMIT_EXCEEDED"]


async def test_needs_the_scope_of_the_module(caller: Any) -> None:
    """Modules have scopes of their own; those that the org made share one."""
    scope = "ZohoCRM.modules.leads.READ,ZohoCRM.modules.custom.READ"
    async with FakeZoho(scope=scope) as fake:
        fake.modules.add("Projects")
        token = await caller.token(fake)
        lines = ["GET Leads", "POST Leads", "GET Contacts", "GET Projects"]
        statuses = [
            (await caller.call(fake, *f"{line}?fields=id".split(), token=token)).status
            for line in lines
        ]

    assert statuses == [204, 401, 401, 204]


async def test_tests_change_what_they_like(fake: FakeZoho) -> None:
    """Without a check, and without being counted; unknown ids are told."""
    leads = fake.records("Leads")
    lead = leads.add(Company="x" * 500)
    leads.change(lead, Company="y")

    assert leads.get(lead)["Company"] == "y"
    assert leads.get(lead)["Last_Name"] == "Lead 1"
    leads.remove(lead)
    for attempt in (leads.get, leads.remove, leads.change):
        with pytest.raises(KeyError):
            attempt(lead)
    with pytest.raises(KeyError):
        fake.records("Nothing")
    assert fake.stats.done == {}
