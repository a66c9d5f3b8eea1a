"""Settings that have rules of their own, through real HTTP against a local Zoho."""

from collections.abc import Callable
from typing import Any

import pytest

from aiozcrm import ZohoCRM
from aiozcrm.errors import (
    AlreadyDoneError,
    ConnectionLostError,
    DependentFieldError,
    DuplicateDataError,
    FeatureUnavailableError,
    InvalidDataError,
    InvalidRequestError,
    InvalidResponseError,
    LimitExceededError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
    PermissionDeniedError,
)
from aiozcrm.testing import Dialect, FakeZoho, Fault

UNKNOWN = "4150868999999999999"
HOURS = {"type": "24*5", "week_starts_on": "Monday", "business_days": ["Monday", "Friday"]}
LOCKING = {"lock_type": "manual", "locked_for": "all_profiles"}
MAPPED = {"type": "mapped_module_records", "type_configurations": [{"field_mappings": []}]}


async def test_the_fiscal_year_is_read_and_changed(crm):
    """A month is written in one way and read in another."""
    changed = await crm.fiscal_year.update({"start_month": "April"})
    assert (changed.status, changed.id) == ("updated", "")
    assert (await crm.fiscal_year.get())["start_month"] == "APRIL"


async def test_business_hours_are_there_once_they_are_made(crm, fake):
    """Before that there are none; then they are changed by their id in the body."""
    with pytest.raises(NotFoundError):
        await crm.business_hours.get()
    made = await crm.business_hours.create(HOURS)
    assert made.status == "created"
    changed = await crm.business_hours.update({"id": made.id, "same_as_everyday": True})
    assert (changed.status, changed.id) == ("updated", made.id)
    shown = await crm.business_hours.get()
    assert shown == {
        **HOURS,
        "id": made.id,
        "same_as_everyday": True,
        "daily_timing": None,
        "custom_timing": None,
    }


async def test_the_duplicate_check_is_switched_on_changed_and_switched_off(crm):
    """Without it, reading it tells that it is not enabled."""
    check = crm.duplicate_check_preference("Leads")
    assert (await check.create({"type": "converted_records"})).status == "created"
    assert (await check.get())["type"] == "converted_records"
    assert (await check.update(MAPPED)).status == "updated"
    assert await check.get() == MAPPED
    assert (await check.delete()).status == "deleted"
    with pytest.raises(FeatureUnavailableError):
        await check.get()


async def test_what_exists_once_is_changed_again_after_a_lost_answer(crm, fake):
    """It sets values, so a second send does no more than the first."""
    fake.faults.script(Fault.RESET_AFTER)
    changed = await crm.fiscal_year.update({"display_based_on": "end_month"})
    assert (changed.status, changed.attempts) == ("updated", 2)


@pytest.mark.parametrize("flat", [True, False])
async def test_roles_and_profiles_are_written_in_either_form_of_the_answer(quick, flat):
    """Zoho's pages show the result alone in one place and in a list in another."""
    async with (
        FakeZoho(dialect=Dialect(flat_answers=flat)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        boss, role = fake.roles.ids
        assert (await crm.roles.update(role, {"name": "Chief"})).id == role
        report = await crm.roles.update_many([{"id": role, "name": "Head"}])
        assert report.outcomes[0].id == role
        assert (await crm.roles.delete(role, transfer_to_id=boss)).id == role
        standard = fake.profiles.ids[1]
        clone = await crm.profiles.clone(standard, {"name": "Sales"})
        deleted = await crm.profiles.delete(clone.id, transfer_to=standard)
        assert (deleted.status, deleted.id) == ("deleted", clone.id)


async def test_users_of_a_deleted_role_get_another_one(crm, fake):
    """So do the roles below."""
    boss, role = fake.roles.ids
    below = await crm.roles.create({"name": "Trainee", "reporting_to": {"id": role}})
    user = fake.users.add()
    await crm.roles.delete(role, transfer_to_id=boss)
    assert fake.users.get(user)["role"] == {"name": "CEO", "id": boss}
    assert (await crm.roles.get(below.id))["reporting_to"] == {"name": "CEO", "id": boss}
    outcomes = crm.roles.iter_delete_many([below.id, UNKNOWN], transfer_to_id=boss)
    assert {o.status async for o in outcomes} == {"deleted", "not_found"}


async def test_a_profile_is_cloned_changed_and_deleted(crm, fake):
    """Its users get another one; permissions are told where it is read alone."""
    standard = fake.profiles.ids[1]
    one, other = [await crm.profiles.clone(standard, {"name": name}) for name in ("A", "B")]
    assert (one.status, one.kind) == ("created", "done")
    allowed = (await crm.profiles.get(one.id))["permissions_details"][0]
    change = {"permissions_details": [{"id": allowed["id"], "enabled": False}]}
    assert (await crm.profiles.update(one.id, change)).status == "updated"
    assert not (await crm.profiles.get(one.id))["permissions_details"][0]["enabled"]
    copy = await crm.profiles.clone(one.id, {"name": "C"})
    assert not (await crm.profiles.get(copy.id))["permissions_details"][0]["enabled"]
    assert "permissions_details" not in (await crm.profiles.list(include_lite_profile=True))[0]

    user = fake.users.add(profile=other.id)
    report = await crm.profiles.delete_many([one.id, other.id, UNKNOWN], transfer_to=standard)
    assert report.counts == {"deleted": 2, "not_found": 1}
    assert fake.users.get(user)["profile"]["id"] == standard
    outcomes = crm.profiles.iter_delete_many([copy.id], transfer_to=standard)
    assert [outcome.status async for outcome in outcomes] == ["deleted"]


async def test_a_deleted_profile_is_found_out_after_a_lost_answer(crm, fake):
    """The second send does not know it."""
    standard = fake.profiles.ids[1]
    clone = await crm.profiles.clone(standard, {"name": "A"})
    fake.faults.script(Fault.RESET_AFTER)
    assert (await crm.profiles.delete(clone.id, transfer_to=standard)).status == "already_gone"


async def test_a_401_about_a_role_costs_no_token(crm, fake):
    """The code says that it is about the role."""
    boss, role = fake.roles.ids
    before = fake.stats.tokens_made
    with pytest.raises(PermissionDeniedError) as caught:
        await crm.roles.delete(boss, transfer_to_id=role)
    assert (caught.value.status, caught.value.code) == (401, "AUTHORIZATION_FAILED")
    assert fake.stats.tokens_made == before + 1


async def test_a_module_has_one_locking_configuration(crm, fake):
    """Each rule gets an id, and one that is deleted is gone."""
    locking = crm.record_locking_configurations("Leads")
    assert await locking.list() == []
    rule = {"name": "Won", "lock_existing_records": False, "criteria": {}}
    made = await locking.create({**LOCKING, "lock_type": "both", "locking_rules": [rule]})
    [listed] = await locking.list(feature_type="record_locking")
    assert listed == await locking.get(made.id)
    [shown] = listed["locking_rules"]
    await locking.update(made.id, {"locking_rules": [shown, {**rule, "name": "Lost"}]})
    changed = [{**shown, "_delete": True}, *(await locking.get(made.id))["locking_rules"][1:]]
    report = await locking.update_many([{"id": made.id, "locking_rules": changed}])
    assert report.ok
    assert [r["name"] for r in (await locking.get(made.id))["locking_rules"]] == ["Lost"]
    with pytest.raises(NotFoundError):
        await crm.record_locking_configurations("Deals").delete(made.id)
    assert (await locking.delete(made.id)).status == "deleted"


async def test_shifts_are_counted(crm, fake):
    """The list is read in spite of what stands beside it, and an org may have none."""
    assert await crm.shift_hours.list() == []
    fake.shift_hours.add(users=[{"id": fake.users.current_id}], daily_timing=["10:00", "17:00"])
    [shift] = await crm.shift_hours.list()
    assert (shift["users_count"], shift["daily_timing"]) == (1, ["10:00", "17:00"])


async def test_absences_are_found_by_the_role_of_the_user(crm, fake):
    """Groups and territories are asked for alike."""
    absence = fake.users_unavailability.add()
    boss, role = fake.roles.ids
    lists = [
        await crm.users_unavailability.list(role_ids=[boss], include_inner_details="user.zuid"),
        await crm.users_unavailability.list(role_ids=[role]),
        await crm.users_unavailability.list(group_ids=[UNKNOWN], territory_ids=[UNKNOWN]),
    ]
    assert [len(found) for found in lists] == [1, 0, 0]
    assert (await crm.users_unavailability.get(absence))["user"]["zuid"] == "20087301"


async def test_layouts_have_sections_and_fields(crm, fake):
    """Fields move, become required, leave and are made."""
    layouts, ids = crm.layouts("Leads"), fake.fields.ids("Leads")
    [layout] = await layouts.list()
    assert (layout["name"], layout["status"]) == ("Standard", "active")
    first = layout["sections"][0]
    assert {field["api_name"] for field in first["fields"]} == set(ids)
    change = {
        "sections": [
            {
                "display_label": "Reach",
                "fields": [
                    {"id": ids["Email"], "required": True},
                    {"field_label": "Shade", "data_type": "text"},
                ],
            },
            {
                "id": first["id"],
                "display_label": "Person",
                "fields": [{"id": ids["Phone"], "_delete": {"permanent": False}}],
            },
        ]
    }
    assert (await layouts.update(layout["id"], change)).status == "updated"
    person, reach = (await layouts.get(layout["id"]))["sections"]
    assert person["display_label"] == "Person"
    required = {field["api_name"]: field["required"] for field in reach["fields"]}
    assert required == {"Email": True, "Shade": False}
    assert not {"Email", "Phone", "Shade"} & {field["api_name"] for field in person["fields"]}
    back = {"sections": [{"id": reach["id"], "fields": [{"id": ids["Phone"]}]}]}
    report = await layouts.update_many([{"id": layout["id"], **back}])
    assert report.ok
    reach = (await layouts.get(layout["id"]))["sections"][1]
    assert [field["api_name"] for field in reach["fields"]] == ["Email", "Shade", "Phone"]


async def test_a_layout_is_deactivated_activated_and_deleted(crm, fake):
    """Its records go to another layout; after a lost answer the state tells."""
    layouts = crm.layouts("Leads")
    other = fake.layouts.add(module="Leads", name="Other")
    standard = (await layouts.list())[0]["id"]
    everybody = {"profiles": [{"id": fake.profiles.ids[0]}]}
    assert (await layouts.deactivate(other, transfer_to=standard)).status == "done"
    assert (await layouts.get(other))["status"] == "inactive"
    fake.faults.script(Fault.RESET_AFTER)
    activated = await layouts.activate(other, everybody)
    assert (activated.status, activated.id, activated.attempts) == ("done", other, 2)
    assert (await layouts.get(other))["profiles"] == everybody["profiles"]
    report = await layouts.delete_many([other, UNKNOWN], transfer_to=standard)
    assert report.counts == {"deleted": 1, "not_found": 1}


@pytest.mark.parametrize("many", [False, True])
async def test_new_parts_are_sent_once(crm, fake, many):
    """After a lost answer they are in doubt: a second send would add them once more."""
    layout = fake.layouts.add(module="Leads", name="Other")
    section = fake.layouts.get(layout)["sections"][0]["id"]
    layouts = crm.layouts("Leads")

    async def change(sections):
        if many:
            report = await layouts.update_many([{"id": layout, "sections": sections}])
            return report.outcomes[0].status
        return (await layouts.update(layout, {"sections": sections})).status

    fake.faults.script(Fault.RESET_AFTER)
    assert await change([{"id": section, "display_label": "Person"}]) == "updated"
    fake.faults.script(Fault.RESET_AFTER)
    if many:
        assert await change([{"display_label": "New"}]) == "in_doubt"
    else:
        with pytest.raises(ConnectionLostError) as caught:
            await change([{"display_label": "New"}])
        assert caught.value.maybe_done
    labels = [part["display_label"] for part in fake.layouts.get(layout)["sections"]]
    assert labels == ["Person", "New"]


async def leave_for_an_inactive_layout(crm, fake):
    """Delete a layout whose records would go to one that is not active."""
    one, other = [fake.layouts.add(module="Leads", name=name) for name in "AB"]
    await crm.layouts("Leads").deactivate(other, transfer_to=one)
    return await crm.layouts("Leads").delete(one, transfer_to=other)


async def layout_of(crm: ZohoCRM) -> str:
    """Return the id of the first layout of leads."""
    return (await crm.layouts("Leads").list())[0]["id"]


def change_layout(*sections: Any) -> Callable[[Any, FakeZoho], Any]:
    """Return a call that changes the first layout of leads."""

    async def change(crm, _):
        return await crm.layouts("Leads").update(await layout_of(crm), {"sections": [*sections]})

    return change


async def first_layout(crm, verb, **options):
    """Do something with the first layout of leads."""
    return await getattr(crm.layouts("Leads"), verb)(await layout_of(crm), **options)


def lock(**changes: Any) -> Callable[[Any, FakeZoho], Any]:
    """Return a call that configures the locking of leads."""
    return lambda crm, _: crm.record_locking_configurations("Leads").create({**LOCKING, **changes})


def twice(call: Callable[[Any, FakeZoho], Any]) -> Callable[[Any, FakeZoho], Any]:
    """Return a call that is made again."""

    async def again(crm, fake):
        await call(crm, fake)
        return await call(crm, fake)

    return again


def clone(name: str) -> Callable[[Any, FakeZoho], Any]:
    """Return a call that clones a profile."""
    return lambda crm, fake: crm.profiles.clone(fake.profiles.ids[0], {"name": name})


def shift(**changes: Any) -> Callable[[Any, FakeZoho], Any]:
    """Return a call that creates a shift."""
    draft = {"name": "Day", "shift_days": ["Monday"], "same_as_everyday": True}
    return lambda crm, _: crm.shift_hours.create({**draft, **changes})


ERRORS = {
    "a fiscal year while forecasts are on": (
        lambda crm, fake: (
            setattr(fake.fiscal_year, "has_forecasts", True)
            or crm.fiscal_year.update({"start_month": "May"})
        ),
        (NotAllowedError, "NOT_ALLOWED", 403),
    ),
    "a fiscal year that starts in no month": (
        lambda crm, _: crm.fiscal_year.update({"start_month": "Spring"}),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "business hours without a type": (
        lambda crm, _: crm.business_hours.create({"week_starts_on": "Monday"}),
        (MissingFieldError, "MANDATORY_NOT_FOUND", 400),
    ),
    "business hours for the second time": (
        twice(lambda crm, _: crm.business_hours.create(HOURS)),
        (AlreadyDoneError, "ALREADY_CONFIGURED", 400),
    ),
    "business hours that are not there": (
        lambda crm, _: crm.business_hours.update(HOURS),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "business hours of another id": (
        twice(
            lambda crm, fake: (
                crm.business_hours.update({"id": UNKNOWN})
                if fake.business_hours.shown
                else crm.business_hours.create(HOURS)
            )
        ),
        (NotFoundError, "INVALID_DATA", 400),
    ),
    "the duplicate check for the second time": (
        twice(lambda crm, _: crm.duplicate_check_preference("Leads").create(MAPPED)),
        (AlreadyDoneError, "ALREADY_CONFIGURED", 400),
    ),
    "the duplicate check of deals": (
        lambda crm, _: crm.duplicate_check_preference("Deals").create(MAPPED),
        (FeatureUnavailableError, "FEATURE_NOT_SUPPORTED", 400),
    ),
    "a duplicate check without a type": (
        lambda crm, _: crm.duplicate_check_preference("Leads").create({"type_configurations": []}),
        (MissingFieldError, "MANDATORY_NOT_FOUND", 400),
    ),
    "a duplicate check without fields": (
        lambda crm, _: crm.duplicate_check_preference("Leads").create(
            {"type": "mapped_module_records"}
        ),
        (DependentFieldError, "DEPENDENT_FIELD_MISSING", 400),
    ),
    "the first role": (
        lambda crm, fake: crm.roles.delete(fake.roles.ids[0], transfer_to_id=fake.roles.ids[1]),
        (PermissionDeniedError, "AUTHORIZATION_FAILED", 401),
    ),
    "a role whose users go nowhere": (
        lambda crm, fake: crm.roles.delete(fake.roles.ids[1], transfer_to_id=UNKNOWN),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a clone with a name that is taken": (
        clone("Standard"),
        (DuplicateDataError, "DUPLICATE_DATA", 404),
    ),
    "a clone without a name": (
        lambda crm, fake: crm.profiles.clone(fake.profiles.ids[0], {"description": "x"}),
        (MissingFieldError, "MANDATORY_NOT_FOUND", 400),
    ),
    "the twenty-sixth profile": (
        lambda crm, fake: fake.profiles.add_many(23) and clone("One more")(crm, fake),
        (LimitExceededError, "PROFILE_LIMIT_EXCEEDED", 404),
    ),
    "an unknown permission": (
        lambda crm, fake: crm.profiles.update(
            fake.profiles.ids[1], {"permissions_details": [{"id": UNKNOWN}]}
        ),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a profile of Zoho's own": (
        lambda crm, fake: crm.profiles.delete(
            fake.profiles.ids[1], transfer_to=fake.profiles.ids[0]
        ),
        (NotAllowedError, "NOT_ALLOWED", 400),
    ),
    "a profile whose users go nowhere": (
        lambda crm, fake: crm.profiles.delete(fake.profiles.ids[1], transfer_to=UNKNOWN),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "the second configuration of a module": (
        twice(lock()),
        (LimitExceededError, "LIMIT_EXCEEDED", 400),
    ),
    "a locking without its rules": (
        lock(lock_type="automatic"),
        (DependentFieldError, "DEPENDENT_FIELD_MISSING", 400),
    ),
    "a locking of an unknown kind": (
        lock(lock_type="partly"),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a locking that Zoho has made": (
        lambda crm, fake: crm.record_locking_configurations("Leads").delete(
            fake.record_locking_configurations.add(system_defined=True)
        ),
        (NotAllowedError, "NOT_ALLOWED", 403),
    ),
    "a shift without its hours": (
        shift(),
        (MissingFieldError, "MANDATORY_NOT_FOUND", 400),
    ),
    "a shift with three breaks a day": (
        shift(daily_timing=["10:00", "17:00"], break_hours=[{}, {}, {}]),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "the fifty-first shift": (
        lambda crm, fake: (
            fake.shift_hours.add_many(50) and shift(daily_timing=["10:00", "17:00"])(crm, fake)
        ),
        (LimitExceededError, "LIMIT_EXCEEDED", 400),
    ),
    "an absence of nobody": (
        lambda crm, _: crm.users_unavailability.create(
            {
                "user": {"id": UNKNOWN},
                "from": "2026-05-01T09:00:00+01:00",
                "to": "2026-05-02T09:00:00+01:00",
            }
        ),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a change of no section": (
        lambda crm, fake: crm.layouts("Leads").update(
            fake.layouts.add(module="Leads", name="A"), {"name": "B"}
        ),
        (MissingFieldError, "MANDATORY_NOT_FOUND", 400),
    ),
    "a section without a name": (
        change_layout({"fields": []}),
        (MissingFieldError, "MANDATORY_NOT_FOUND", 400),
    ),
    "fields that are no list": (
        change_layout({"display_label": "A", "fields": 5}),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a section that is not there": (
        change_layout({"id": UNKNOWN}),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a field that is not there": (
        change_layout({"display_label": "A", "fields": [{"id": UNKNOWN}]}),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a field that is there": (
        change_layout(
            {"display_label": "A", "fields": [{"field_label": "Email", "data_type": "email"}]}
        ),
        (DuplicateDataError, "DUPLICATE_DATA", 400),
    ),
    "a sixth section": (
        change_layout(*[{"display_label": name} for name in "ABCDEF"]),
        (LimitExceededError, "LIMIT_EXCEEDED", 400),
    ),
    "a layout that is active": (
        lambda crm, fake: crm.layouts("Leads").activate(
            fake.layouts.add(module="Leads", name="A"), {"profiles": []}
        ),
        (AlreadyDoneError, "ALREADY_ACTIVATED", 400),
    ),
    "a layout that is inactive": (
        lambda crm, fake: crm.layouts("Leads").deactivate(
            fake.layouts.add(module="Leads", name="A", status="inactive"), transfer_to=UNKNOWN
        ),
        (AlreadyDoneError, "ALREADY_DEACTIVATED", 400),
    ),
    "the first layout": (
        lambda crm, _: first_layout(crm, "deactivate", transfer_to=UNKNOWN),
        (NotAllowedError, "NOT_ALLOWED", 400),
    ),
    "a layout for which none takes over": (
        lambda crm, fake: crm.layouts("Leads").delete(
            fake.layouts.add(module="Leads", name="A"), transfer_to=UNKNOWN
        ),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a layout for which an inactive one takes over": (
        leave_for_an_inactive_layout,
        (NotAllowedError, "NOT_ALLOWED", 400),
    ),
    "layouts of an unknown module": (
        lambda crm, _: crm.layouts("Nothing").list(),
        (InvalidRequestError, "INVALID_MODULE", 400),
    ),
}


@pytest.mark.parametrize(("call", "error"), ERRORS.values(), ids=ERRORS)
async def test_a_rule_that_is_broken_has_its_error(crm, fake, call, error):
    """Class, code and status, however odd the status is."""
    with pytest.raises(error[0]) as caught:
        await call(crm, fake)
    assert (type(caught.value), caught.value.code, caught.value.status) == error


async def test_an_answer_about_what_exists_once_has_to_be_an_object(zoho, script):
    """Or a list of one; anything else is no answer."""
    hours = {"id": "1", "type": "24*7"}
    for body in (hours, [hours], "text"):
        script.add(script.response(200, {"business_hours": body}))
    assert await zoho.business_hours.get() == await zoho.business_hours.get() == hours
    with pytest.raises(InvalidResponseError):
        await zoho.business_hours.get()


async def test_an_empty_answer_is_none_of_what_exists_once(zoho, script):
    """Whether it is 204, an empty object or an empty list; null under its key is no answer."""
    script.add(script.response(204))
    for body in ({}, [], None):
        script.add(script.response(200, {"business_hours": body}))
    for _ in range(3):
        with pytest.raises(NotFoundError):
            await zoho.business_hours.get()
    with pytest.raises(InvalidResponseError):
        await zoho.business_hours.get()


@pytest.mark.parametrize(
    ("status", "call"),
    [
        (403, lambda zoho: zoho.record_locking_configurations("Leads").list()),
        (404, lambda zoho: zoho.shift_hours.list()),
    ],
)
async def test_a_method_that_is_not_there_is_told_by_its_code(zoho, script, status, call):
    """Whatever the status is."""
    error = {"code": "INVALID_REQUEST_METHOD", "details": {}, "message": "x", "status": "error"}
    script.add(script.response(status, error))
    with pytest.raises(InvalidRequestError):
        await call(zoho)
