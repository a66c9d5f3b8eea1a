"""The families of settings, through real HTTP against a local Zoho."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest

from aiozcrm import ZohoCRM
from aiozcrm.errors import (
    AlreadyDoneError,
    ApiError,
    DependentFieldError,
    DuplicateDataError,
    FeatureUnavailableError,
    InvalidDataError,
    InvalidRequestError,
    LimitExceededError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
)
from aiozcrm.testing import Dialect, FakeZoho, Fault

UNKNOWN = "4150868999999999999"
#: The first layout of deals.
DEALS_LAYOUT = "4150868000000091061"


@attrs.frozen(kw_only=True)
class Family:
    """What a test has to know of a family.

    Attributes:
        of: Returns it for a client.
        draft: Returns what makes a valid new member, other for each number.
        wrong: What makes a draft one that Zoho rejects, and the error.
        changes: A change, by which the member is known again.
        deletes: Whether members can be deleted.
        named: Whether the API name serves as an id.
        options: Returns what a deletion needs besides.
    """

    of: Callable[[ZohoCRM], Any]
    draft: Callable[[FakeZoho, int], dict[str, Any]]
    wrong: tuple[Mapping[str, Any], type[ApiError]]
    changes: Mapping[str, Any]
    deletes: bool = True
    named: bool = False
    options: Callable[[FakeZoho], Mapping[str, Any]] = lambda _: {}


def user(fake: FakeZoho, number: int) -> dict[str, Any]:
    """Return a new user with the role and profile of the one that calls."""
    caller = fake.users.get(fake.users.current_id)
    return {
        "first_name": "Tom",
        "last_name": f"Reyl {number}",
        "email": f"tom{number}@bindery.example",
        "role": caller["role"]["id"],
        "profile": caller["profile"]["id"],
    }


FAMILIES = {
    "holidays": Family(
        of=lambda crm: crm.holidays,
        draft=lambda _, n: {
            "name": f"Day {n}",
            "date": f"2026-05-{n + 1:02}",
            "type": "business_holiday",
        },
        wrong=({"date": "01.05.2026"}, InvalidDataError),
        changes={"name": "Inventory"},
    ),
    "tags": Family(
        of=lambda crm: crm.tags("Leads"),
        draft=lambda _, n: {"name": f"Tag {n}", "color_code": "#57B1FD"},
        wrong=({"name": "a,b"}, InvalidDataError),
        changes={"name": "Urgent"},
    ),
    "variables": Family(
        of=lambda crm: crm.variables,
        draft=lambda _, n: {
            "name": f"Rate {n}",
            "api_name": f"Rate_{n}",
            "type": "percent",
            "value": "7.5",
            "variable_group": {"name": "General"},
        },
        wrong=({"value": "much"}, InvalidDataError),
        changes={"value": "8"},
        named=True,
    ),
    "users": Family(
        of=lambda crm: crm.users,
        draft=user,
        wrong=({"role": UNKNOWN}, InvalidDataError),
        changes={"last_name": "Bram"},
    ),
    "currencies": Family(
        of=lambda crm: crm.currencies,
        draft=lambda _, n: {
            "name": f"Crown {n}",
            "iso_code": f"CR{n}",
            "exchange_rate": "11.25",
            "symbol": "kr",
        },
        wrong=({"exchange_rate": "many"}, InvalidDataError),
        changes={"symbol": "Kr."},
        deletes=False,
    ),
    "modules": Family(
        of=lambda crm: crm.modules,
        draft=lambda _, n: {
            "singular_label": f"Plot {n}",
            "plural_label": f"Plots {n}",
            "api_name": f"Plots_{n}",
            "profiles": [{"id": "4150868000000226201"}],
        },
        wrong=({"profiles": []}, MissingFieldError),
        changes={"plural_label": "Grounds"},
        deletes=False,
        named=True,
    ),
    "fields": Family(
        of=lambda crm: crm.fields("Leads"),
        draft=lambda _, n: {"field_label": f"Note {n}", "data_type": "text", "length": 30},
        wrong=({"length": 256}, InvalidDataError),
        changes={"field_label": "Remark"},
    ),
    "roles": Family(
        of=lambda crm: crm.roles,
        draft=lambda fake, n: {"name": f"Seller {n}", "reporting_to": fake.roles.ids[0]},
        wrong=({"reporting_to": UNKNOWN}, InvalidDataError),
        changes={"name": "Buyer"},
        options=lambda fake: {"transfer_to_id": fake.roles.ids[0]},
    ),
    "shift_hours": Family(
        of=lambda crm: crm.shift_hours,
        draft=lambda _, n: {
            "name": f"Day {n}",
            "shift_days": ["Monday", "Friday"],
            "same_as_everyday": True,
            "daily_timing": ["10:00", "17:00"],
        },
        wrong=({"shift_days": ["Someday"]}, InvalidDataError),
        changes={"name": "Night"},
    ),
    "users_unavailability": Family(
        of=lambda crm: crm.users_unavailability,
        draft=lambda fake, n: {
            "user": {"id": fake.users.current_id},
            "from": f"2026-05-{n + 1:02}T09:00:00+01:00",
            "to": f"2026-05-{n + 2:02}T09:00:00+01:00",
            "comments": "away",
        },
        wrong=({"to": "2026-05-01T09:00:00+01:00"}, InvalidDataError),
        changes={"comments": "ill"},
    ),
    "scoring_rules": Family(
        of=lambda crm: crm.scoring_rules,
        draft=lambda _, n: {
            "name": f"Warm {n}",
            "module": {"api_name": "Leads"},
            "field_rules": [{"score": 5, "criteria": {}}],
        },
        wrong=({"field_rules": [{"score": 11}]}, InvalidDataError),
        changes={"name": "Hot"},
    ),
    "user_groups": Family(
        of=lambda crm: crm.user_groups,
        draft=lambda fake, n: {
            "name": f"Binders {n}",
            "sources": [{"type": "users", "source": {"id": fake.users.current_id}}],
        },
        wrong=({"sources": [{"type": "users", "source": {"id": UNKNOWN}}]}, InvalidDataError),
        changes={"name": "Sewers"},
    ),
    "territories": Family(
        of=lambda crm: crm.territories,
        draft=lambda fake, n: {
            "name": f"North {n}",
            "reporting_to": {"id": fake.territories.first_id},
            "permission_type": "read_only",
        },
        wrong=({"name": "a<b"}, InvalidDataError),
        changes={"name": "South"},
    ),
    "global_picklists": Family(
        of=lambda crm: crm.global_picklists,
        draft=lambda _, n: {
            "display_label": f"Sizes {n}",
            "pick_list_values": [{"display_value": "Small"}, {"display_value": "Large"}],
        },
        wrong=({"pick_list_values": ["Small"]}, InvalidDataError),
        changes={"display_label": "Formats"},
    ),
    "pipelines": Family(
        of=lambda crm: crm.pipelines(DEALS_LAYOUT),
        draft=lambda fake, n: {
            "display_value": f"Long {n}",
            "maps": [{"id": next(iter(fake.pipelines.stages)), "sequence_number": 1}],
        },
        wrong=({"display_value": "x" * 121}, InvalidDataError),
        changes={"display_value": "Short"},
        deletes=False,
    ),
}


@pytest.fixture(params=FAMILIES)
def family(request) -> Family:
    """One family after the other."""
    return FAMILIES[request.param]


async def read(family: Family, members: Any, member_id: str) -> Mapping[str, Any]:
    """Return a member; tags can be read only in a list."""
    if hasattr(members, "get"):
        return await members.get(member_id)
    found = {member["id"]: member for member in await members.list()}
    return found[member_id]


async def test_one_member_from_its_creation_to_its_end(crm, fake, family):
    """Create, read, list, update and delete: each sees what the others did."""
    members, draft = family.of(crm), family.draft(fake, 1)
    made = await members.create(draft)
    assert made.status == "created"
    assert made.id in {member["id"] for member in await members.list()}
    shown = {key: draft[key] for key in draft.keys() & family.changes.keys()}
    assert shown
    assert shown.items() <= (await read(family, members, made.id)).items()

    changed = await members.update(made.id, family.changes)
    assert (changed.status, changed.id) == ("updated", made.id)
    assert family.changes.items() <= (await read(family, members, made.id)).items()

    if not family.deletes:
        assert not hasattr(members, "delete")
        return
    deleted = await members.delete(made.id, **family.options(fake))
    assert (deleted.status, deleted.id) == ("deleted", made.id)
    assert made.id not in {member["id"] for member in await members.list()}


async def test_many_members_from_their_creation_to_their_end(crm, fake, family):
    """The forms for many report every item, in the order of the items."""
    members = family.of(crm)
    report = await members.create_many([family.draft(fake, n) for n in range(6)])
    assert report.ok, report.outcomes
    ids = [outcome.id for outcome in report.outcomes]
    assert len(set(ids)) == 6

    [(key, value)] = family.changes.items()
    changed = await members.update_many(
        [{"id": member_id, key: f"{value}{number}"} for number, member_id in enumerate(ids)]
    )
    assert changed.ok, changed.outcomes
    assert [outcome.id for outcome in changed.outcomes] == ids
    there = {member["id"]: member for member in await members.list()}
    assert [there[one][key] for one in ids] == [f"{value}{number}" for number in range(6)]

    if family.deletes:
        deleted = await members.delete_many(ids, **family.options(fake))
        assert deleted.counts == {"deleted": 6}, deleted.outcomes
        assert not set(ids) & {member["id"] for member in await members.list()}


async def test_a_wrong_item_fails_alone(crm, fake, family):
    """The items beside one that Zoho rejects are created, whether in one call or in several."""
    members, (wrong, error) = family.of(crm), family.wrong
    drafts = [family.draft(fake, n) for n in range(3)]
    report = await members.create_many([drafts[0], {**drafts[1], **wrong}, drafts[2]])
    assert [outcome.status for outcome in report.outcomes] == ["created", "failed", "created"]
    assert type(report.outcomes[1].error) is error
    assert not report.ok
    there = {member["id"] for member in await members.list()}
    assert {report.outcomes[0].id, report.outcomes[2].id} <= there


async def test_an_update_of_what_is_not_there_fails_alone(crm, fake, family):
    """One unknown id among those of an update in bulk is not found; the others are changed."""
    members = family.of(crm)
    made = await members.create(family.draft(fake, 1))
    report = await members.update_many(
        [{"id": UNKNOWN, **family.changes}, {"id": made.id, **family.changes}]
    )
    assert [outcome.status for outcome in report.outcomes] == ["failed", "updated"]
    assert type(report.outcomes[0].error) is NotFoundError
    assert family.changes.items() <= (await read(family, members, made.id)).items()


async def test_an_unknown_id_is_not_found(crm, fake, family):
    """By every call that names one."""
    members = family.of(crm)
    calls = [members.update(UNKNOWN, family.changes)]
    if hasattr(members, "get"):
        calls.append(members.get(UNKNOWN))
    if family.deletes:
        calls.append(members.delete(UNKNOWN, **family.options(fake)))
    for call in calls:
        with pytest.raises(NotFoundError):
            await call
    if family.deletes:
        report = await members.delete_many([UNKNOWN], **family.options(fake))
        assert report.counts == {"not_found": 1}


async def test_a_delete_whose_answer_is_lost_is_found_out(crm, fake, family):
    """The second send finds that the first one has worked."""
    if not family.deletes:
        return
    members, options = family.of(crm), family.options(fake)
    one, other = [(await members.create(family.draft(fake, n))).id for n in (1, 2)]
    fake.faults.script(Fault.RESET_AFTER)
    assert (await members.delete(one, **options)).status == "already_gone"
    fake.faults.script(Fault.RESET_AFTER)
    assert (await members.delete_many([other], **options)).counts == {"already_gone": 1}


async def test_names_serve_as_ids(crm, fake, family):
    """Where one member is meant, by those families that say so."""
    if not family.named:
        return
    members, draft = family.of(crm), family.draft(fake, 1)
    made = await members.create(draft)
    assert (await members.get(draft["api_name"]))["id"] == made.id
    changed = await members.update(draft["api_name"], family.changes)
    assert (changed.status, changed.id) == ("updated", made.id)


async def delete_twice(crm, fake):
    """Delete a user who is deleted."""
    one = fake.users.add()
    await crm.users.delete(one)
    return await crm.users.delete(one)


async def deactivate_twice(crm, fake):
    """Deactivate a user who is inactive."""
    one = fake.users.add()
    await crm.users.update(one, {"status": "inactive"})
    return await crm.users.update(one, {"status": "inactive"})


async def change_a_deleted_user(crm, fake):
    """Change a user who is deleted."""
    one = fake.users.add()
    await crm.users.delete(one)
    return await crm.users.update(one, {"last_name": "Bram"})


async def without_currencies(crm, fake):
    """Add a currency to an org that has none."""
    fake.currencies.remove(fake.currencies.ids[0])
    return await crm.currencies.create(FAMILIES["currencies"].draft(fake, 1))


def draft_of(name: str, /, **changes: Any) -> Callable[[Any, FakeZoho], Any]:
    """Return a call that creates a changed draft of a family."""

    def create(crm, fake):
        return FAMILIES[name].of(crm).create({**FAMILIES[name].draft(fake, 1), **changes})

    return create


def twice(name: str) -> Callable[[Any, FakeZoho], Any]:
    """Return a call that creates the same member of a family again."""

    async def create(crm, fake):
        await draft_of(name)(crm, fake)
        return await draft_of(name)(crm, fake)

    return create


ERRORS = {
    "a shift holiday of another kind": (
        draft_of("holidays", type="half_holiday"),
        (InvalidDataError, "INVALID_DATA"),
    ),
    "the fifty-third holiday of a year": (
        lambda crm, fake: (
            [fake.holidays.add(date="2026-05-01") for _ in range(52)]
            and draft_of("holidays")(crm, fake)
        ),
        (LimitExceededError, "LIMIT_EXCEEDED"),
    ),
    "the tag with a name that is taken": (twice("tags"), (DuplicateDataError, "DUPLICATE_DATA")),
    "a tag whose name is too long": (
        draft_of("tags", name="x" * 26),
        (InvalidDataError, "INVALID_DATA"),
    ),
    "a tag of an unknown module": (
        lambda crm, _: crm.tags("Nothing").create({"name": "A"}),
        (InvalidRequestError, "INVALID_MODULE"),
    ),
    "a merge with an unknown tag": (
        lambda crm, fake: crm.tags("Leads").merge(fake.tags.add("Leads"), {"conflict_id": UNKNOWN}),
        (InvalidDataError, "INVALID_DATA"),
    ),
    "a variable of another type": (
        lambda crm, fake: crm.variables.update(fake.variables.add(), {"type": "email"}),
        (NotAllowedError, "NOT_ALLOWED"),
    ),
    "a value that is not of the type": (
        draft_of("variables", value="much"),
        (InvalidDataError, "PATTERN_NOT_MATCHED"),
    ),
    "a variable of no group": (
        lambda crm, _: crm.variables.create({"name": "A", "api_name": "A", "type": "text"}),
        (MissingFieldError, "MANDATORY_NOT_FOUND"),
    ),
    "the variable with a name that is taken": (
        twice("variables"),
        (DuplicateDataError, "DUPLICATE_DATA"),
    ),
    "the user with an address that is taken": (
        twice("users"),
        (DuplicateDataError, "DUPLICATE_DATA"),
    ),
    "a user who is deleted": (delete_twice, (AlreadyDoneError, "ID_ALREADY_DELETED")),
    "a user who is inactive": (deactivate_twice, (AlreadyDoneError, "ID_ALREADY_DEACTIVATED")),
    "a change of a deleted user": (
        change_a_deleted_user,
        (NotAllowedError, "CANNOT_UPDATE_DELETED_USER"),
    ),
    "a transfer that names nothing": (
        lambda crm, fake: crm.users.transfer_and_delete(fake.users.add(), {"transfer": {}}),
        (MissingFieldError, "EXPECTED_FIELD_MISSING"),
    ),
    "the second start with many currencies": (
        lambda crm, fake: crm.currencies.base_currency.create(
            FAMILIES["currencies"].draft(fake, 1)
        ),
        (AlreadyDoneError, "ALREADY_ENABLED"),
    ),
    "a currency without the feature": (
        without_currencies,
        (FeatureUnavailableError, "CURRENCIES_NOT_ENABLED"),
    ),
    "the same separator twice": (
        draft_of(
            "currencies", format={"decimal_separator": "Comma", "thousand_separator": "Comma"}
        ),
        (NotAllowedError, "NOT_ALLOWED"),
    ),
    "the eleventh active currency": (
        lambda crm, fake: fake.currencies.add_many(9) and draft_of("currencies")(crm, fake),
        (LimitExceededError, "ACTIVE_STATE_LIMIT_EXCEEDED"),
    ),
    "a base currency in the list": (
        lambda crm, fake: crm.currencies.update(fake.currencies.ids[0], {"symbol": "E"}),
        (NotAllowedError, "NOT_ALLOWED"),
    ),
    "the ISO code of a currency": (
        lambda crm, fake: crm.currencies.update(fake.currencies.add(), {"iso_code": "NOK"}),
        (NotAllowedError, "NOT_ALLOWED"),
    ),
    "a module of no profile": (
        draft_of("modules", profiles=[]),
        (MissingFieldError, "MINIMUM_DATA_NOT_FOUND"),
    ),
    "a module with a reserved name": (
        draft_of("modules", api_name="Users"),
        (InvalidDataError, "RESERVED_KEYWORD_NOT_ALLOWED"),
    ),
    "the module with a name that is taken": (
        twice("modules"),
        (DuplicateDataError, "DUPLICATE_DATA"),
    ),
    "the API name of a module": (
        lambda crm, _: crm.modules.update("Leads", {"api_name": "Prospects"}),
        (NotAllowedError, "NOT_ALLOWED"),
    ),
    "a field that is too long": (
        draft_of("fields", length=256),
        (InvalidDataError, "DEPENDENT_MISMATCH"),
    ),
    "the field with a label that is taken": (
        twice("fields"),
        (DuplicateDataError, "DUPLICATE_DATA"),
    ),
    "a field of the system": (
        lambda crm, fake: crm.fields("Leads").delete(fake.fields.ids("Leads")["Email"]),
        (NotAllowedError, "NOT_ALLOWED"),
    ),
    "a picklist without values": (
        draft_of("fields", data_type="picklist"),
        (DependentFieldError, "EXPECTED_DEPENDENT_FIELD_MISSING"),
    ),
}


@pytest.mark.parametrize(("call", "error"), ERRORS.values(), ids=ERRORS)
async def test_what_zoho_does_not_take_raises_the_error_for_it(crm, fake, call, error):
    """Each rule of a family has its class of error, with Zoho's own code."""
    with pytest.raises(error[0]) as caught:
        await call(crm, fake)
    assert (type(caught.value), caught.value.code) == error


async def test_the_error_of_a_duplicate_tag_names_the_tag(crm, fake):
    """Its id is in the details, so "get or create" takes one call."""
    tag = fake.tags.add("Leads", name="Urgent")
    with pytest.raises(DuplicateDataError) as caught:
        await crm.tags("Leads").create({"name": "Urgent"})
    assert caught.value.details["id"] == tag


@pytest.mark.parametrize("shape", ["object", "array"])
async def test_a_tag_is_deleted_in_either_form_of_the_answer(quick, shape):
    """Zoho's pages show an object in one place and a list in another."""
    async with (
        FakeZoho(dialect=Dialect(tag_deleted_as=shape)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        tag = fake.tags.add("Leads")
        assert (await crm.tags("Leads").delete(tag)).id == tag


async def test_a_user_that_was_deleted_before_is_not_found_by_a_batch(crm, fake):
    """One that nobody else has deleted is deleted; the report tells one from the other."""
    before, one = fake.users.add_many(2)
    await crm.users.delete(before)
    report = await crm.users.delete_many([before, one, fake.users.current_id])
    assert [outcome.status for outcome in report.outcomes] == ["not_found", "deleted", "protected"]


async def test_tags_are_merged_counted_and_deleted_by_a_job(crm, fake):
    """The job tells how many tags are gone."""
    tags = crm.tags("Leads")
    stays, goes, other = [fake.tags.add("Leads", name=name) for name in "abc"]
    lead = await crm.records("Leads").create({"Last_Name": "Burns"})
    await crm.request("POST", f"Leads/{lead.id}/actions/add_tags", json={"tags": [{"name": "b"}]})
    assert (await tags.merge(stays, {"conflict_id": goes})).id == stays
    assert await tags.records_count(stays) == 1

    job = await tags.mass_delete([stays, other, UNKNOWN])
    state = await tags.mass_delete_job(job.id).state()
    assert state["status"] == "RUNNING"
    result = await job.wait()
    assert (result["deleted_count"], result["failed_count"]) == (2, 1)
    assert await tags.list() == []


@pytest.mark.parametrize("many", [False, True])
async def test_a_user_is_deleted_by_a_job_that_hands_over(crm, fake, many):
    """The user is named by the path or in the item."""
    one = fake.users.add()
    item = {"transfer": {"id": fake.users.current_id, "records": True}}
    if many:
        job = await crm.users.transfer_and_delete_many([{"id": one, **item}])
    else:
        job = await crm.users.transfer_and_delete(one, item)
    assert (await crm.users.transfer_and_delete_job(job.id).state())["status"] == "in_progress"
    assert (await job.wait())["status"] == "completed"
    assert [user["id"] for user in await crm.users.list(type="DeletedUsers")] == [one]
    assert await crm.users.count() == 1


async def test_the_base_currency_is_enabled_and_updated(crm, fake):
    """It is an object both ways, and the list shows it."""
    base = crm.currencies.base_currency
    fake.currencies.remove(fake.currencies.ids[0])
    made = await base.create(FAMILIES["currencies"].draft(fake, 1))
    assert made.status == "created"
    assert (await base.update({"id": made.id, "symbol": "Kr."})).status == "updated"
    [shown] = await crm.currencies.list()
    assert (shown["id"], shown["is_base"], shown["symbol"]) == (made.id, True, "Kr.")


async def test_the_values_of_a_picklist_are_listed(crm, fake):
    """In their order."""
    fields = crm.fields("Leads")
    values = [{"display_value": name, "actual_value": name} for name in ("Red", "Blue")]
    made = await fields.create(
        {"field_label": "Shade", "data_type": "picklist", "pick_list_values": values}
    )
    shown = await fields.pick_list_values(made.id)
    assert [value["display_value"] for value in shown] == ["Red", "Blue"]


async def test_lists_take_the_filters_of_their_family(crm, fake):
    """Holidays by year, variables by group, modules by status, fields by type."""
    for name in ("holidays", "variables"):
        await FAMILIES[name].of(crm).create(FAMILIES[name].draft(fake, 1))
    assert len(await crm.holidays.list(year=2026, type="business_holiday")) == 1
    assert await crm.holidays.list(year=2025) == []
    assert len(await crm.variables.list(group="General")) == 1
    assert await crm.variables.list(group="Other") == []
    assert await crm.modules.list(status=["user_hidden", "system_hidden"]) == []
    assert {field["data_type"] for field in await crm.fields("Leads").list(data_type="email")} == {
        "email"
    }
    assert await crm.users.list(ids=[UNKNOWN]) == []
