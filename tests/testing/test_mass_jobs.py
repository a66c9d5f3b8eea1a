"""Jobs over many records, as they are answered."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from aiozcrm import RetryPolicy, ZohoCRM
from aiozcrm.errors import ConnectionLostError, NoRecordsError, NotReadyError
from aiozcrm.resources.jobs import Job
from aiozcrm.testing import FakeZoho, Fault

UNKNOWN = "4150868999999999999"
DEAL = {"Deal_Name": "Batch", "Closing_Date": "2026-12-31", "Stage": "Qualification"}


@pytest.fixture
async def crm(fake: FakeZoho, quick: RetryPolicy) -> AsyncIterator[ZohoCRM]:
    """A client of the local Zoho."""
    async with ZohoCRM(fake.credentials(), retries=quick) as client:
        yield client


async def end_of(job: Job) -> Any:
    """Return the end of a job; the first look finds it running, so that nobody has to wait."""
    word = str((await job.state()).get("Status", "IN PROGRESS"))
    assert word in {"RUNNING", "IN PROGRESS"}
    return await job.wait()


@pytest.fixture
def leads(fake: FakeZoho) -> list[str]:
    """Add five leads, of which three live in Delft and one of these is locked."""
    store = fake.records("Leads")
    here = store.add_many(3, City="Delft", Company="")
    store.lock(here[0])
    return [*here, *store.add_many(2, City="Gouda", Company="")]


@pytest.fixture
def view(fake: FakeZoho) -> str:
    """Add a view of those in Delft."""
    return fake.records("Leads").add_view("(City:equals:Delft)")


async def test_a_view_is_changed_by_a_job_that_tells_its_counts(
    ask: Any, fake: FakeZoho, leads: list[str], view: str
) -> None:
    """It runs, then it is completed; the locked one has failed."""
    status, told = await ask(
        "POST Leads/actions/mass_update", {"data": [{"City": "Breda"}], "cvid": view}
    )
    [item] = told["data"]
    assert (status, item["code"]) == (200, "SUCCESS")
    assert item["message"] == "mass update scheduled successfully"
    path = f"GET Leads/actions/mass_update?job_id={item['details']['job_id']}"
    running, done = await ask(path), await ask(path)
    counts = {"Total_Count": 3, "Updated_Count": 0, "Failed_Count": 0, "Not_Updated_Count": 3}
    assert running == (200, {"data": [{"Status": "RUNNING", **counts}]})
    counts = {"Total_Count": 3, "Updated_Count": 2, "Failed_Count": 1, "Not_Updated_Count": 0}
    assert done == (200, {"data": [{"Status": "COMPLETED", **counts}]})
    cities = [fake.records("Leads").get(lead)["City"] for lead in leads]
    assert cities == ["Delft", "Breda", "Breda", "Gouda", "Gouda"]


async def test_a_second_job_of_the_view_waits_for_the_first(
    crm: ZohoCRM, fake: FakeZoho, leads: list[str], view: str
) -> None:
    """Until the first one has told its end; a view without records has nothing to do."""
    records = crm.records("Leads")
    first = await records.mass_delete(cvid=view)
    with pytest.raises(NotReadyError):
        await records.mass_delete(cvid=view)
    assert (await end_of(first))["Deleted_Count"] == 2
    assert fake.records("Leads").ids == [leads[0], *leads[3:]]
    empty = fake.records("Leads").add_view("(City:equals:Nowhere)")
    with pytest.raises(NoRecordsError):
        await records.mass_delete(cvid=empty)
    assert await records.mass_delete_job(first.id or "").state() == first.result


async def test_a_view_is_given_to_another_user(
    crm: ZohoCRM, fake: FakeZoho, leads: list[str], view: str
) -> None:
    """Only those that meet the criteria; after a lost answer the job has run all the same."""
    user = fake.users.add()
    records = crm.records("Leads")
    criteria = {"field": {"api_name": "Last_Name"}, "comparator": "equal", "value": "Lead 2"}
    job = await records.mass_change_owner(cvid=view, owner=user, criteria=criteria)
    state = await end_of(job)
    assert (state["Total_Count"], state["Updated_Count"]) == (1, 1)
    owners = [fake.records("Leads").get(lead)["Owner"]["id"] == user for lead in leads]
    assert owners == [False, True, False, False, False]

    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await records.mass_change_owner(cvid=view, owner=user)
    assert caught.value.maybe_done
    assert fake.records("Leads").get(leads[2])["Owner"]["id"] == user


async def test_what_is_named_is_changed_and_deleted_at_once(
    crm: ZohoCRM, fake: FakeZoho, leads: list[str]
) -> None:
    """With an outcome for each; lists of values grow unless they are to be replaced."""
    fake.fields.add("Leads", "Languages", type="multiselectpicklist", values=("Da", "Nl"))
    fake.records("Leads").change(leads[1], Languages=["Da"])
    records = crm.records("Leads")
    for over_write, expected in ((False, ["Da", "Nl"]), (True, ["Nl"])):
        job = await records.mass_update(
            {"Languages": ["Nl"]}, ids=[*leads[:2], UNKNOWN], over_write=over_write
        )
        assert job.result.counts == {"updated": 1, "failed": 2}
        assert fake.records("Leads").get(leads[1])["Languages"] == expected
    deleted = (await records.mass_delete(ids=[leads[1], UNKNOWN])).result
    assert [outcome.status for outcome in deleted.outcomes] == ["deleted", "not_found"]
    assert leads[1] not in fake.records("Leads").ids


async def test_leads_are_converted_by_a_job(
    ask: Any, crm: ZohoCRM, fake: FakeZoho, leads: list[str]
) -> None:
    """Each gets a deal; the locked one and the one that was converted have failed."""
    user = fake.users.add()
    await ask(f"POST Leads/{leads[4]}/actions/add_tags", {"tags": [{"name": "fair"}]})
    fake.records("Leads").convert(leads[3])
    status, told = await ask(
        "POST Leads/actions/mass_convert",
        {
            "ids": leads,
            "Deals": DEAL,
            "assign_to": {"id": user},
            "carry_over_tags": [{"api_name": "Contacts"}, 5],
        },
    )
    assert (status, told["code"]) == (202, "SCHEDULED")
    state = await end_of(crm.records("Leads").mass_convert_job(told["details"]["job_id"]))
    assert state == {
        "Status": "COMPLETED",
        "Total_Count": 5,
        "Converted_Count": 3,
        "Failed_Count": 2,
        "Not_Converted_Count": 0,
    }
    contacts = fake.records("Contacts").all()
    assert [[tag["name"] for tag in each["Tag"]] for each in contacts] == [[], [], ["fair"]]
    assert {deal["Owner"]["id"] for deal in fake.records("Deals").all()} == {user}


async def test_quotes_are_converted_by_a_job_in_lower_case(crm: ZohoCRM, fake: FakeZoho) -> None:
    """Its words are others than those of leads."""
    quotes = [fake.records("Quotes").add(Subject="North", Quoted_Items=[]) for _ in range(2)]
    convert_to = [{"module": {"api_name": "Invoices"}, "carry_over_tags": True}]
    job = await crm.records("Quotes").mass_convert(quotes, convert_to=convert_to)
    assert (await job.state())["status"] == "IN PROGRESS"
    state = await job.wait()
    assert (state["converted_count"], state["not_converted_count"]) == (2, 0)
    again = await crm.records("Quotes").mass_convert(quotes, convert_to=convert_to)
    assert (await end_of(again))["failed_count"] == 2
    assert len(fake.records("Invoices").ids) == 2


async def test_a_job_is_known_where_it_was_started_alone(
    ask: Any, leads: list[str], view: str
) -> None:
    """Nowhere else, and by no other id."""
    _, told = await ask("POST Leads/actions/mass_delete", {"cvid": view})
    job = told["data"][0]["details"]["job_id"]
    for path in (f"Leads/actions/mass_update?job_id={job}", "Leads/actions/mass_delete?job_id=7"):
        status, said = await ask(f"GET {path}")
        assert (status, said["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("line", "body", "code"),
    [
        ("Leads/actions/mass_update", {"data": [{"City": "A"}]}, "MANDATORY_NOT_FOUND"),
        ("Leads/actions/mass_update", {"data": [{}], "ids": ["7"]}, "INVALID_DATA"),
        ("Leads/actions/mass_update", {"data": [{"Email": "a"}], "ids": ["7"]}, "INVALID_DATA"),
        ("Leads/actions/mass_update", {"data": [{"Odd": "a"}], "ids": ["7"]}, "INVALID_DATA"),
        (
            "Leads/actions/mass_update",
            {"data": [{"City": "A", "State": "B"}], "ids": ["7"]},
            "INVALID_DATA",
        ),
        ("Leads/actions/mass_update", {"data": [{"City": "A"}], "cvid": "7"}, "INVALID_DATA"),
        ("Leads/actions/mass_delete", {"ids": ["7"], "cvid": "7"}, "AMBIGUITY_DURING_PROCESSING"),
        ("Leads/actions/mass_delete", {"ids": ["7"], "territory": {}}, "MANDATORY_NOT_FOUND"),
        ("Leads/actions/mass_delete", {"cvid": "7", "territory": {}}, "NOT_SUPPORTED"),
        ("Leads/actions/mass_delete", {"cvid": "{view}", "criteria": {}}, "INVALID_DATA"),
        ("Leads/actions/mass_delete", {"cvid": "{view}", "criteria": 5}, "INVALID_DATA"),
        ("Leads/actions/mass_change_owner", {"cvid": "{view}"}, "MANDATORY_NOT_FOUND"),
        ("Leads/actions/mass_change_owner", {"owner": {"id": "{user}"}}, "MANDATORY_NOT_FOUND"),
        ("Leads/actions/mass_convert", {"ids": ["7"]}, "INVALID_DATA"),
        ("Leads/actions/mass_convert", {"ids": ["{lead}"]}, "MANDATORY_NOT_FOUND"),
        ("Leads/actions/mass_convert", {"ids": ["7"] * 51}, "LIMIT_EXCEEDED"),
        ("Leads/actions/mass_convert", {}, "MANDATORY_NOT_FOUND"),
        ("Quotes/actions/mass_convert", {"ids": ["{quote}"]}, "MANDATORY_NOT_FOUND"),
        ("Tasks/actions/mass_convert", {"ids": ["7"]}, "INVALID_MODULE"),
    ],
)
async def test_rejects_a_job_that_is_not_right(
    ask: Any, fake: FakeZoho, leads: list[str], view: str, line: str, body: Any, code: str
) -> None:
    """With an error that stands alone, before anything is done."""
    known = {
        "{view}": view,
        "{user}": fake.users.current_id,
        "{lead}": leads[1],
        "{quote}": fake.records("Quotes").add(Subject="North", Quoted_Items=[]),
    }

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(each) for name, each in value.items()}
        return (
            [filled(each) for each in value] if isinstance(value, list) else known.get(value, value)
        )

    status, told = await ask(f"POST {line}", filled(body))
    assert (status, told["code"]) == (400, code)
    assert len(fake.records("Leads").ids) == 5


async def test_an_odd_target_is_told_by_the_counts(crm: ZohoCRM, fake: FakeZoho) -> None:
    """The job itself has ended well."""
    quote = fake.records("Quotes").add(Subject="North", Quoted_Items=[])
    job = await crm.records("Quotes").mass_convert([quote], convert_to=[{"module": {}}])
    assert (await end_of(job))["failed_count"] == 1
