"""Territories, groups and portals, and who is in them, against a local Zoho."""

import pytest

from aiozcrm.errors import (
    AlreadyDoneError,
    DuplicateDataError,
    FeatureUnavailableError,
    InvalidDataError,
    InvalidInputError,
    InvalidRequestError,
    LimitExceededError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
)
from aiozcrm.testing import Fault

UNKNOWN = "4150868999999999999"
DRAFT = {"personality_module": {"api_name": "Contacts"}, "modules": [{"api_name": "Notes"}]}


def territory(fake, name, above=None):
    """Add a territory, below that of the whole org unless told otherwise."""
    return fake.territories.add(name=name, reporting_to={"id": above or fake.territories.first_id})


async def test_territories_are_found_below_others(crm, fake):
    """Lists have pages, filters, and the criteria that are on."""
    criteria = {"comparator": "equal", "field": {"api_name": "City"}, "value": "Oslo"}
    north = fake.territories.add(name="North", lead_rule_criteria=criteria)
    below = [territory(fake, name, north) for name in ("Oslo", "Bergen")]
    wanted = {"comparator": "starts_with", "field": {"api_name": "name"}, "value": "B"}
    every = await crm.territories.list(include=["lead_rule_criteria"])
    assert {one["id"] for one in every} == {fake.territories.first_id, north, *below}
    assert [one["name"] for one in await crm.territories.list(filters=wanted)] == ["Bergen"]
    assert [one["id"] for one in await crm.territories.child_territories(north)] == below
    assert await crm.territories.child_territories(north, filters=wanted) != []
    shown = await crm.territories.get(north)
    assert (shown["lead_rule_criteria"], "deal_rule_criteria" in shown) == (criteria, False)


async def test_many_territories_are_written_ten_a_call(crm, fake):
    """A list of 201 has two pages, too."""
    above = {"reporting_to": {"id": fake.territories.first_id}, "permission_type": "read_only"}
    made = await crm.territories.create_many([{"name": f"T{n}", **above} for n in range(201)])
    assert made.ok
    assert fake.stats.api_requests == 21
    assert len(await crm.territories.list()) == 202
    ids = [outcome.id for outcome in made.outcomes]
    deleted = crm.territories.iter_delete_many(ids[:11], delete_previous_forecasts=True)
    assert [outcome.status async for outcome in deleted] == ["deleted"] * 11
    report = await crm.territories.delete_many([*ids[11:13], UNKNOWN, fake.territories.first_id])
    assert [outcome.status for outcome in report.outcomes] == [
        "deleted",
        "deleted",
        "not_found",
        "protected",
    ]


async def test_a_territory_hands_over_what_it_has(crm, fake):
    """Its users and those below it get another one; after a lost answer it is gone."""
    one, two, three, heir = [territory(fake, name) for name in ("A", "B", "C", "D")]
    below, user = territory(fake, "E", one), fake.users.add()
    fake.territories.members = {one: [user], heir: [user]}
    item = {"transfer_to_id": heir, "delete_previous_forecasts": False}
    done = await crm.territories.transfer_and_delete(one, item)
    assert (done.status, done.id) == ("deleted", one)
    assert fake.territories.members == {heir: [user]}
    assert (await crm.territories.get(below))["reporting_to"]["id"] == heir
    fake.faults.script(Fault.RESET_AFTER)
    assert (await crm.territories.transfer_and_delete(two, item)).status == "already_gone"
    report = await crm.territories.transfer_and_delete_many(
        [{"id": three, **item}, {"id": UNKNOWN, **item}]
    )
    assert report.counts == {"deleted": 1, "not_found": 1}
    with pytest.raises(NotFoundError):
        await crm.territories.transfer_and_delete(three, item)


async def test_users_come_into_territories_and_leave_them(crm, fake):
    """From the side of the territory."""
    north, (one, two, three) = territory(fake, "North"), fake.users.add_many(3)
    users = crm.territories.users(north)
    assert await users.list() == []
    assert (await users.update(one)).status == "updated"
    report = await users.update_many([{"id": one}, {"id": two}, {"id": three}])
    assert [outcome.status for outcome in report.outcomes] == ["failed", "updated", "updated"]
    assert type(report.outcomes[0].error) is DuplicateDataError
    assert [user["id"] for user in await users.list()] == [one, two, three]
    assert (await users.get(two))["category"] == "regular_user"
    counts = await crm.territories.associated_users_count()
    assert [count["count"] for count in counts] == ["0", "3"]
    assert (await users.delete(one)).status == "deleted"
    assert (await users.delete_many([two, UNKNOWN])).counts == {"deleted": 1, "not_found": 1}
    with pytest.raises(NotFoundError):
        await users.get(one)


async def test_users_who_came_in_before_an_answer_was_lost_are_in(crm, fake):
    """The second send calls them duplicates; one who was in before is one."""
    north, south = territory(fake, "North"), territory(fake, "South")
    one, two, three = fake.users.add_many(3)
    users, of_user = crm.territories.users(north), crm.users.territories(three)
    fake.faults.script(Fault.RESET_AFTER)
    assert (await users.update(one)).status == "updated"
    with pytest.raises(DuplicateDataError):
        await users.update(one)
    for ids in ([two], [three, fake.users.current_id]):
        fake.faults.script(Fault.RESET_AFTER)
        report = await users.update_many([{"id": own} for own in ids])
        assert [(o.id, o.status, o.attempts) for o in report.outcomes] == [
            (own, "updated", 2) for own in ids
        ]
    report = await users.update_many([{"id": one}])
    assert report.counts == {"failed": 1}
    fake.faults.script(Fault.RESET_AFTER)
    assert (await of_user.update_many([{"id": south}])).counts == {"updated": 1}


async def test_users_of_a_portal_who_may_have_moved_are_in_doubt(crm, fake):
    """The second send does not find them, as it would not find strangers."""
    fake.portals.add(name="Acme")
    one, other = [fake.portal_user_types.add(portal="Acme") for _ in range(2)]
    users = crm.portals.user_types("Acme").users(one)
    for number in (1, 2):
        ids = [fake.portal_user_types.add_user(one) for _ in range(number)]
        fake.faults.script(Fault.RESET_AFTER)
        report = await users.transfer(ids, transfer_to=other)
        assert report.counts == {"in_doubt": number}


async def test_territories_come_to_users_and_leave_them(crm, fake):
    """From the side of the user, with capitals."""
    one, two = territory(fake, "North"), territory(fake, "South")
    of_user = crm.users.territories(fake.users.add())
    report = await of_user.update_many([{"id": one}, {"id": two}, {"id": UNKNOWN}])
    assert [outcome.status for outcome in report.outcomes] == ["updated", "updated", "failed"]
    assert [shown["Name"] for shown in await of_user.list()] == ["North", "South"]
    assert (await of_user.get(two))["Name"] == "South"
    assert (await of_user.delete(one)).status == "deleted"
    assert (await of_user.delete_many([two, one])).counts == {"deleted": 1, "not_found": 1}
    assert await of_user.list() == []


async def test_groups_tell_what_they_consist_of(crm, fake):
    """Users, roles, territories and other groups, and how many users that makes."""
    one, two, gone = fake.users.add_many(3)
    await crm.users.update(two, {"status": "inactive"})
    await crm.users.delete(gone)
    north = territory(fake, "North")
    fake.territories.members[north] = [one]
    people = [{"type": "users", "source": {"id": user}} for user in (one, two, gone)]
    inner = fake.user_groups.add(name="Inner", sources=people)
    sources = [
        {"type": "roles", "source": {"id": fake.roles.ids[0]}},
        {"type": "territories", "source": {"id": north}},
        {"type": "groups", "source": {"id": inner}},
    ]
    made = await crm.user_groups.create({"name": "Outer", "sources": sources})
    counts = {"users": {"active": 1, "inactive": 1, "deleted": 1}, "roles": 0}
    assert (await crm.user_groups.sources_count(inner)).items() >= counts.items()
    assert await crm.user_groups.sources(made.id, type="groups") == sources[2:]
    assert len(await crm.user_groups.sources(made.id, user_type="ActiveUsers")) == 3
    users = await crm.user_groups.associated_users_count()
    assert {u["user_group"]["name"]: u["count"] for u in users} == {"Inner": "3", "Outer": "4"}
    listed = await crm.user_groups.list(include="sources_count", name="Outer")
    assert [group["sources_count"]["groups"] for group in listed] == [1]
    assert [group["name"] for group in await crm.users.associated_groups(one)] == ["Inner", "Outer"]
    assert await crm.users.associated_groups(UNKNOWN) == []

    changed = [{**sources[0], "_delete": True}, *sources[1:]]
    await crm.user_groups.update(made.id, {"sources": changed})
    assert (await crm.user_groups.get(made.id))["sources"] == sources[1:]


async def test_a_group_may_consist_of_what_nobody_is_in(crm, fake):
    """A role without users is a source all the same."""
    role = fake.roles.ids[1]
    sources = [{"type": "roles", "source": {"id": role}}]
    made = await crm.user_groups.create({"name": "Managers", "sources": sources})
    assert fake.user_groups.users_in(made.id) == []
    assert fake.user_groups.users_in(UNKNOWN) == []


async def test_groups_are_filtered_and_used(crm, fake):
    """By criteria; and where one is used is told."""
    one, two = fake.user_groups.add(name="A"), fake.user_groups.add(name="B")
    wanted = {"comparator": "equal", "field": {"api_name": "name"}, "value": "B"}
    assert [group["id"] for group in await crm.user_groups.list(filters=wanted)] == [two]
    assert await crm.user_groups.associated_users_count(filters=wanted) != []
    assert await crm.user_groups.associations(one) == []
    used = [{"type": "assignment_rules", "resource": {"name": "All", "id": UNKNOWN}}]
    fake.user_groups.used_by[one] = used
    assert await crm.user_groups.associations(one) == used


async def test_absences_of_groups_and_territories_are_found(crm, fake):
    """Through who is in them."""
    user = fake.users.current_id
    group, north = fake.user_groups.add(), territory(fake, "North")
    fake.territories.members[north] = [user]
    absence = fake.users_unavailability.add()
    found = await crm.users_unavailability.list(group_ids=[group], territory_ids=[north])
    assert [each["id"] for each in found] == [absence]
    fake.territories.members[north] = []
    assert await crm.users_unavailability.list(territory_ids=[north]) == []


async def test_portals_are_named_by_their_names(crm, fake):
    """They have no ids: the name stands for it, whatever it holds."""
    made = await crm.portals.create({"name": "Acme"})
    assert (made.status, made.id, made.details) == ("created", "Acme", {"name": "Acme"})
    report = await crm.portals.create_many([{"name": "Beta"}, {"name": "Acme"}])
    assert [outcome.id for outcome in report.outcomes] == ["Beta", "Acme"]
    assert [outcome.status for outcome in report.outcomes] == ["created", "failed"]
    changed = await crm.portals.update("Acme", {"active": False})
    assert (changed.status, changed.id) == ("updated", "Acme")
    report = await crm.portals.update_many([{"id": "Beta", "name": "Gamma"}])
    assert report.outcomes[0].status == "updated"
    assert (await crm.portals.get("Acme"))["active"] is False
    assert [portal["name"] for portal in await crm.portals.list()] == ["Acme", "Gamma"]
    with pytest.raises(NotFoundError):
        await crm.portals.get("50% / more")


async def test_types_of_users_belong_to_a_portal(crm, fake):
    """Each portal has its own, of which a module and its layouts are told."""
    for name in ("Acme", "Beta"):
        fake.portals.add(name=name)
    types = crm.portals.user_types("Acme")
    made = await types.create({"name": "Buyers", **DRAFT})
    report = await types.create_many([{"name": "Sellers", **DRAFT}, {"name": "None"}])
    assert [outcome.status for outcome in report.outcomes] == ["created", "failed"]
    changed = await types.update(made.id, {"name": "Customers"})
    assert (changed.status, changed.id) == ("updated", made.id)
    assert [one["name"] for one in await types.list(include="modules")] == ["Customers", "Sellers"]
    shown = await types.get(made.id)
    assert (shown["no_of_users"], shown["personality_module"]["plural_label"]) == (0, "Contacts")
    assert await crm.portals.user_types("Beta").list() == []
    for call in (types.delete(UNKNOWN), crm.portals.user_types("Beta").delete(made.id)):
        with pytest.raises(NotFoundError):
            await call
    assert (await types.delete_many([made.id, report.outcomes[0].id])).counts == {"deleted": 2}


async def test_users_of_a_portal_move_stop_and_leave(crm, fake):
    """Each is accounted for, by the id that Zoho has for people."""
    fake.portals.add(name="Acme")
    one, other = [fake.portal_user_types.add(portal="Acme") for _ in range(2)]
    ids = [fake.portal_user_types.add_user(one, confirm=n > 0) for n in range(4)]
    users = crm.portals.user_types("Acme").users(one)
    confirmed = await users.list(type="ConfirmedUsers")
    assert [user["personality_id"] for user in confirmed] == ids[1:]
    assert await crm.portals.user_types("Acme").users(other).list(type="AllUsers") == []

    stopped = await users.change_status(ids[0], active=False)
    assert (stopped.status, stopped.id) == ("done", ids[0])
    assert len(await users.list(type="DeactiveUsers")) == 1
    fake.faults.script(Fault.RESET_AFTER)
    again = await users.change_status(ids[0], active=True)
    assert (again.status, again.attempts) == ("done", 2)
    with pytest.raises(AlreadyDoneError):
        await users.change_status(ids[0], active=True)
    with pytest.raises(NotFoundError):
        await users.change_status(UNKNOWN, active=True)

    moved = await users.transfer([*ids[:2], UNKNOWN], transfer_to=other)
    assert [outcome.status for outcome in moved.outcomes] == ["updated", "updated", "failed"]
    assert [outcome.id for outcome in moved.outcomes] == [*ids[:2], UNKNOWN]
    assert len(fake.portal_user_types.users[other]) == 2
    assert (await users.delete_many([ids[2]])).counts == {"deleted": 1}
    fake.faults.script(Fault.RESET_AFTER)
    deleted = users.iter_delete_many([ids[3], UNKNOWN])
    assert {outcome.status async for outcome in deleted} == {"already_gone"}
    assert (await users.delete_many([ids[3], UNKNOWN])).counts == {"not_found": 2}


@pytest.mark.parametrize("name", ["", "  ", ".", ".."])
async def test_what_cannot_name_a_portal_is_not_sent(zoho, script, name):
    """It would lead to another path."""
    with pytest.raises(InvalidInputError):
        zoho.portals.user_types(name)
    with pytest.raises(InvalidInputError):
        await zoho.portals.get(name)
    assert script.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda zoho: zoho.pipelines("x"),
        lambda zoho: zoho.map_dependencies("Leads", "x"),
        lambda zoho: zoho.territories.users("x"),
        lambda zoho: zoho.portals.user_types("Acme").users("x"),
        lambda zoho: zoho.zia_org_enrichments.job("x"),
    ],
)
async def test_what_is_bound_has_to_be_an_id(zoho, script, call):
    """It is told at once, before anything is sent."""
    with pytest.raises(InvalidInputError):
        call(zoho)
    assert script.requests == []


async def without_territories(crm, fake):
    """Create a territory in an org that uses none."""
    fake.territories.enabled = False
    item = {"name": "A", "reporting_to": {"id": fake.territories.first_id}}
    return await crm.territories.create({**item, "permission_type": "read_only"})


async def delete_a_type_with_users(crm, fake):
    """Delete a type of users that has one."""
    fake.portals.add(name="Acme")
    one = fake.portal_user_types.add(portal="Acme")
    fake.portal_user_types.add_user(one)
    return await crm.portals.user_types("Acme").delete(one)


async def a_sixth_type(crm, fake):
    """Create a type of users beside five others."""
    fake.portals.add(name="Acme")
    for _ in range(5):
        fake.portal_user_types.add(portal="Acme")
    return await crm.portals.user_types("Acme").create({"name": "Sixth", **DRAFT})


def in_portal(call):
    """Return a call about a portal that is there."""

    async def made(crm, fake):
        fake.portals.add(name="Acme")
        return await call(crm.portals.user_types("Acme"), fake)

    return made


async def put_a_group_into_itself(crm, fake):
    """Let a group have one among its sources that has it among its own."""
    inner = fake.user_groups.add(name="Inner")
    source = {"type": "groups", "source": {"id": inner}}
    outer = await crm.user_groups.create({"name": "Outer", "sources": [source]})
    source = {"type": "groups", "source": {"id": outer.id}}
    return await crm.user_groups.update(inner, {"sources": [source]})


ERRORS = {
    "a group in itself": (put_a_group_into_itself, (InvalidDataError, "LOOPING_FOUND", 400)),
    "a territory without the feature": (
        without_territories,
        (FeatureUnavailableError, "TERRITORY_NOT_ENABLED", 403),
    ),
    "a territory below none": (
        lambda crm, _: crm.territories.create(
            {"name": "A", "reporting_to": {"id": UNKNOWN}, "permission_type": "read_only"}
        ),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a territory with others below": (
        lambda crm, fake: crm.territories.delete(
            fake.territories.first_id, delete_previous_forecasts=True
        ),
        (NotAllowedError, "NOT_ALLOWED", 400),
    ),
    "a territory that leaves all to none": (
        lambda crm, fake: crm.territories.transfer_and_delete(
            territory(fake, "A"), {"transfer_to_id": UNKNOWN}
        ),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "the users of no territory": (
        lambda crm, _: crm.territories.users(UNKNOWN).update(UNKNOWN),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "your own territories": (
        lambda crm, fake: crm.users.territories(fake.users.current_id).delete(UNKNOWN),
        (NotAllowedError, "NOT_ALLOWED", 400),
    ),
    "a group of nothing": (
        lambda crm, _: crm.user_groups.create({"name": "A"}),
        (MissingFieldError, "MANDATORY_NOT_FOUND", 400),
    ),
    "a portal of blanks": (
        lambda crm, _: crm.portals.create({"name": "a b"}),
        (InvalidDataError, "PATTERN_NOT_MATCHED", 400),
    ),
    "a portal with a name that is taken": (
        lambda crm, fake: fake.portals.add(name="Acme") and crm.portals.create({"name": "Acme"}),
        (NotAllowedError, "ALREADY_USED", 400),
    ),
    "the types of no portal": (
        lambda crm, _: crm.portals.user_types("Nothing").list(),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a type that sees no notes": (
        in_portal(lambda types, _: types.create({"name": "A", **DRAFT, "modules": [{}]})),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
    "a type for an unknown module": (
        in_portal(lambda types, _: types.create({"name": "A", **DRAFT, "personality_module": {}})),
        (FeatureUnavailableError, "NOT_ACTIVE_PERSONALITY_MODULE", 400),
    ),
    "a type that has users": (delete_a_type_with_users, (NotAllowedError, "CANNOT_REMOVE", 400)),
    "a sixth type": (a_sixth_type, (LimitExceededError, "LIMIT_EXCEEDED", 400)),
    "users of an unknown kind": (
        in_portal(
            lambda types, fake: types.users(fake.portal_user_types.add(portal="Acme")).list(
                type="Strangers"
            )
        ),
        (InvalidDataError, "INVALID_DATA", 400),
    ),
}


@pytest.mark.parametrize(("call", "error"), ERRORS.values(), ids=ERRORS)
async def test_a_rule_about_members_has_its_error(crm, fake, call, error):
    """Class, code and status."""
    with pytest.raises(error[0]) as caught:
        await call(crm, fake)
    assert (type(caught.value), caught.value.code, caught.value.status) == error


async def test_the_local_zoho_asks_what_is_to_become_of_forecasts(crm, fake):
    """As Zoho's page does."""
    one = territory(fake, "A")
    with pytest.raises(InvalidRequestError):
        await crm.request("DELETE", f"settings/territories/{one}")


async def test_the_local_zoho_deletes_499_users_at_once(crm, fake):
    """More are too many for a call."""
    fake.portals.add(name="Acme")
    one = fake.portal_user_types.add(portal="Acme")
    ids = ",".join(map(str, range(1, 501)))
    path = f"settings/portals/Acme/user_type/{one}/users"
    with pytest.raises(LimitExceededError):
        await crm.request("DELETE", path, params={"personality_ids": ids})
    with pytest.raises(InvalidDataError):
        await crm.request(
            "POST",
            f"{path}/action/transfer",
            params={"personality_ids": "1", "transfer_To": UNKNOWN},
        )


async def test_the_local_zoho_reads_only_ids_of_roles(crm, fake):
    """Another text cannot be read as one."""
    role = fake.roles.ids[1]
    with pytest.raises(InvalidDataError) as caught:
        await crm.request("DELETE", f"settings/roles/{role}", params={"transfer_to_id": "x"})
    assert caught.value.code == "UNABLE_TO_PARSE_DATA_TYPE"
