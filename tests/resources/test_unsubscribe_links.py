"""The family of unsubscribe links, through real HTTP against a local Zoho."""

import datetime as dt
import email.utils
import json
import time

import attrs
import pytest

import aiozcrm.resources
from aiozcrm import UNSET, ZohoCRM
from aiozcrm._clock import Clock
from aiozcrm.errors import (
    ApiError,
    ConnectionLostError,
    DependentFieldError,
    DuplicateDataError,
    InUseError,
    InvalidDataError,
    InvalidInputError,
    InvalidRequestError,
    InvalidResponseError,
    LimitExceededError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
    PermissionDeniedError,
    ScopeError,
    ServerError,
    ZohoError,
)
from aiozcrm.resources import Association, Place, UnsubscribeLink, User
from aiozcrm.testing import Dialect, FakeZoho, Fault, Limits

STANDARD = {
    "name": "Partner bulletin",
    "page_type": "standard",
    "standard_page_message": "Press to leave.",
    "submission_action_type": "redirect",
    "submission_redirect_url": "https://mail.example.org/done",
}
CUSTOM = {
    "name": "Spring digest",
    "page_type": "custom",
    "custom_location_url": "https://mail.example.org/leave",
    "submission_action_type": "display_message",
    "submission_message": "<p>You are off the list.</p>",
}


async def test_a_round_trip_through_all_seven_calls(crm, fake):
    """Create, get, update, list, associations, delete: each sees what the others did."""
    links = crm.unsubscribe_links
    made = await links.create(**CUSTOM)
    assert CUSTOM == {key: getattr(made, key) for key in CUSTOM}
    assert made.created_time is None

    read = await links.get(made.id)
    assert CUSTOM == {key: getattr(read, key) for key in CUSTOM}
    assert read.created_time is not None
    assert read.created_time.utcoffset() is not None
    assert read.created_by is not None
    assert not read.is_default

    await links.update(made.id, **CUSTOM | {"name": "Summer digest"})
    assert ["Default", "Summer digest"] == [link.name for link in await links.list()]
    assert [] == list(await links.associations())

    assert "deleted" == (await links.delete(made.id)).status
    with pytest.raises(NotFoundError, match=made.id):
        await links.get(made.id)
    assert {"Spring digest": 1} == fake.stats.created


def test_a_link_is_read_from_the_documented_form():
    """Empty texts and null are both None, times are aware, unknown keys are ignored."""
    link = UnsubscribeLink.from_api(
        {
            "id": "1",
            "name": "Default",
            "page_type": "a value of tomorrow",
            "custom_location_url": "",
            "submission_message": None,
            "created_by": {"name": "Mira", "id": "7"},
            "modified_by": None,
            "created_time": "2025-04-17T16:02:41+02:00",
            "modified_time": "2025-04-17T16:02:41",
            "landing_url": "https://mail.example.org/leave?u=1",
            "what_is_this": 5,
        },
    )

    zone = dt.timezone(dt.timedelta(hours=2))
    assert dt.datetime(2025, 4, 17, 16, 2, 41, tzinfo=zone) == link.created_time
    assert dt.UTC == link.modified_time.tzinfo
    assert User(id="7", name="Mira") == link.created_by
    assert "a value of tomorrow" == link.page_type
    assert "https://mail.example.org/leave?u=1" == link.landing_url
    assert link.is_default
    unset = ("custom_location_url", "submission_message", "modified_by", "location_url_type")
    assert {None} == {getattr(link, key) for key in unset}
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        link.name = "Other"


@pytest.mark.parametrize("name", [None, 5, {"en": "Spring"}, ["Spring"], True, ""])
def test_a_name_that_is_no_text_is_empty(name):
    """Names can be compared and shown, whatever the server sends."""
    link = UnsubscribeLink.from_api(
        {"id": "1", "name": name, "created_by": {"id": 7, "name": name}}
    )

    assert ("", User(id="7", name=None), False) == (link.name, link.created_by, link.is_default)


def test_ids_are_read_by_one_rule():
    """Digits as text or number are one id, without leading zeros; anything else is none."""
    place = {"resource": {"id": 41}, "details": {"module": {"id": "0042"}}}
    link = UnsubscribeLink.from_api({"id": 2309216000000582097, "name": "x"})
    association = Association.from_api({"id": 7, "associated_places": [place]})

    assert ("2309216000000582097", "7") == (link.id, association.id)
    assert [("41", "42")] == [(found.resource_id, found.module_id) for found in association.places]
    assert "7" == User.from_api({"id": "007"}).id
    assert None is User.from_api({"id": 7.0, "name": "x"}).id


@pytest.mark.parametrize("unset_as", ["null", "empty"])
async def test_both_forms_of_an_unset_text_are_none(quick, unset_as):
    """Zoho's sources disagree on how it is shown."""
    async with (
        FakeZoho(dialect=Dialect(unset_as=unset_as)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        made = await crm.unsubscribe_links.create(**STANDARD)
        assert (await crm.unsubscribe_links.get(made.id)).custom_location_url is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"unsubscribe_links": 5},
        {"unsubscribe_links": [5]},
        {"unsubscribe_links": [{"name": "no id"}]},
        {"unsubscribe_links": [{"id": "1", "name": "x", "created_time": "yesterday"}]},
        {"unsubscribe_links": [{"id": "1", "name": "x", "created_by": "Mira"}]},
    ],
)
async def test_an_answer_of_another_form_is_an_error_of_ours(zoho, script, body):
    """A reader never meets a KeyError."""
    script.add(script.response(200, body))
    with pytest.raises(InvalidResponseError, match="unsubscribe_links"):
        await zoho.unsubscribe_links.list()


async def test_nothing_is_an_empty_list(zoho, script):
    """204 says that there is nothing."""
    script.add(script.response(204), script.response(204), script.response(204))

    assert [] == list(await zoho.unsubscribe_links.list())
    assert [] == list(await zoho.unsubscribe_links.associations())
    with pytest.raises(NotFoundError, match="no link 5"):
        await zoho.unsubscribe_links.get(5)


async def test_associations_tell_what_uses_a_link(crm, fake):
    """A template belongs to a module, a footer to none."""
    link = fake.unsubscribe_links.add()
    template = fake.unsubscribe_links.add_association(link, "April digest", module="Deals")
    footer = fake.unsubscribe_links.add_association(
        link, "Sales footer", place="email_footer", module=None
    )

    (association,) = await crm.unsubscribe_links.associations()

    assert link == association.id
    assert ["email_templates", "email_footer"] == [place.type for place in association.places]
    assert [template, footer] == [place.resource_id for place in association.places]
    assert ["Deals", None] == [place.module for place in association.places]
    assert "April digest (email_templates)" == str(association.places[0])


def test_an_association_survives_nulls():
    """Any string inside may be null."""
    places = [{"type": None, "resource": None, "details": {"module": None}}, {}]
    association = Association.from_api({"id": "1", "associated_places": places})

    nothing = Place(type=None, resource_id=None, resource_name=None, module=None, module_id=None)
    assert (nothing, nothing) == association.places
    assert "unnamed (unknown kind)" == str(nothing)


async def test_unused_links_are_those_that_nothing_names(crm, fake):
    """The Default link is never among them."""
    used, unused = fake.unsubscribe_links.add_many(2)
    fake.unsubscribe_links.add_association(used, "April digest")

    assert [unused] == [link.id for link in await crm.unsubscribe_links.unused()]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"page_type": "fancy"}, "page_type"),
        ({"page_type": ""}, "page_type"),
        ({"submission_action_type": "dance"}, "submission_action_type"),
        ({"custom_location_url": None}, "custom_location_url"),
        ({"custom_location_url": ""}, "custom_location_url"),
        ({"custom_location_url": "mail.example.org"}, "custom_location_url"),
        ({"custom_location_url": "ftp://mail.example.org"}, "custom_location_url"),
        ({"custom_location_url": "https://mail example.org"}, "custom_location_url"),
        ({"custom_location_url": "https://[broken"}, "custom_location_url"),
        ({"custom_location_url": f"https://e.org/{'x' * 240}"}, "custom_location_url"),
        ({"submission_message": None}, "submission_message"),
        ({"submission_message": "x" * 2001}, "submission_message"),
        ({"submission_action_type": "redirect"}, "submission_redirect_url"),
    ],
)
async def test_a_create_that_cannot_be_right_sends_nothing(zoho, script, changes, named):
    """The error names the field."""
    with pytest.raises(InvalidInputError, match=f"^{named}"):
        await zoho.unsubscribe_links.create(**CUSTOM | changes)
    assert [] == script.requests + script.token_requests


@pytest.mark.parametrize("name", [5, b"x", True, ["x"]])
async def test_a_field_of_another_type_sends_nothing(zoho, script, name):
    """Types are the caller's mistake."""
    with pytest.raises(TypeError, match="name is a str"):
        await zoho.unsubscribe_links.create(**CUSTOM | {"name": name})
    assert [] == script.requests


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "nothing to change"),
        ({"name": None}, "name cannot be emptied"),
        ({"page_type": "custom", "custom_location_url": None}, "custom_location_url"),
        ({"submission_message": "x" * 2001}, "submission_message"),
    ],
)
async def test_an_update_that_cannot_be_right_sends_nothing(zoho, script, fields, named):
    """The error says what is wrong."""
    with pytest.raises(InvalidInputError, match=named):
        await zoho.unsubscribe_links.update(1, **fields)
    with pytest.raises(InvalidInputError, match="is not an id"):
        await zoho.unsubscribe_links.update("abc", name="x")
    assert [] == script.requests


async def test_an_update_sends_what_is_given_and_none_empties_a_field(zoho, script):
    """UNSET leaves a field as it is."""
    details = {"code": "SUCCESS", "details": {"id": "1"}, "status": "success"}
    script.add(script.response(200, {"unsubscribe_links": [details]}))

    await zoho.unsubscribe_links.update(1, name="x", submission_message=None, page_type=UNSET)

    sent = {"id": "1", "name": "x", "submission_message": None}
    assert {"unsubscribe_links": [sent]} == json.loads(script.requests[0].body)
    assert "UNSET" == repr(UNSET)


@pytest.mark.parametrize("details", [None, {}, {"id": 5.5}])
async def test_a_success_without_an_id_is_no_account(zoho, script, details):
    """Who creates a link wants to know which."""
    item = {"code": "SUCCESS", "details": details, "status": "success"}
    script.add(script.response(201, {"unsubscribe_links": [item]}), script.response(204))
    with pytest.raises(InvalidResponseError, match="account"):
        await zoho.unsubscribe_links.create(**CUSTOM)


async def test_a_name_that_is_taken(crm, fake):
    """Names are unique, for a create and for an update."""
    links = crm.unsubscribe_links
    await links.create(**CUSTOM)
    other = await links.create(**STANDARD)

    for call in (
        links.create(**CUSTOM),
        links.update(other.id, **STANDARD | {"name": CUSTOM["name"]}),
    ):
        with pytest.raises(DuplicateDataError, match="field: name") as caught:
            await call
        assert "name" == caught.value.api_name
        assert caught.value.json_path.endswith("name")


async def test_one_link_too_many(quick):
    """The error tells the limit; it is no rate limit."""
    async with (
        FakeZoho(limits=Limits(unsubscribe_links=2)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        await crm.unsubscribe_links.create(**CUSTOM)
        with pytest.raises(LimitExceededError) as caught:
            await crm.unsubscribe_links.create(**STANDARD)
    assert 2 == caught.value.limit


async def test_the_default_link_cannot_be_changed(crm, fake):
    """Nor an unknown one."""
    with pytest.raises(NotAllowedError):
        await crm.unsubscribe_links.update(fake.unsubscribe_links.default_id, **CUSTOM)
    with pytest.raises(NotFoundError):
        await crm.unsubscribe_links.update("999", **CUSTOM)


async def send_raw(crm, method, path, body):
    """Send what the verbs would refuse by themselves."""
    return await crm.request(method, path, json=body)


WRAP = "unsubscribe_links"


@pytest.mark.parametrize(
    ("method", "body", "kind", "facts"),
    [
        pytest.param("POST", {WRAP: [{}]}, MissingFieldError, {}, id="mandatory"),
        pytest.param(
            "POST",
            {WRAP: [CUSTOM | {"name": ""}]},
            MissingFieldError,
            {"api_name": "name"},
            id="empty",
        ),
        pytest.param("POST", {}, MissingFieldError, {"api_name": WRAP}, id="no wrapper"),
        pytest.param("PUT", {WRAP: [CUSTOM]}, MissingFieldError, {"api_name": "id"}, id="no id"),
        pytest.param(
            "POST",
            {WRAP: [{k: v for k, v in CUSTOM.items() if k != "custom_location_url"}]},
            DependentFieldError,
            {"dependee": "custom_location_url"},
            id="dependent",
        ),
        pytest.param(
            "POST",
            {WRAP: [CUSTOM | {"custom_location_url": "nowhere"}]},
            InvalidDataError,
            {"expected_data_type": "website", "api_name": "custom_location_url"},
            id="type",
        ),
        pytest.param(
            "POST",
            {WRAP: [CUSTOM | {"name": "x" * 51}]},
            InvalidDataError,
            {"maximum_length": 50, "api_name": "name", "minimum_length": None},
            id="too long",
        ),
        pytest.param(
            "POST",
            {WRAP: [CUSTOM | {"submission_action_type": "dance"}]},
            InvalidDataError,
            {"supported_values": ("display_message", "redirect")},
            id="value",
        ),
        pytest.param(
            "POST",
            {WRAP: [CUSTOM, STANDARD]},
            InvalidDataError,
            {"maximum_length": 1, "api_name": WRAP},
            id="two items",
        ),
        pytest.param(
            "POST", [1], InvalidDataError, {"expected_data_type": "jsonobject"}, id="no object"
        ),
        pytest.param("PUT", {WRAP: []}, InvalidDataError, {"api_name": WRAP}, id="no item"),
        pytest.param("PUT", {WRAP: [CUSTOM | {"id": "999"}]}, NotFoundError, {}, id="unknown id"),
    ],
)
@pytest.mark.parametrize(
    "dialect",
    [
        Dialect(),
        Dialect(mandatory_status=403, dependee="missing", wrapper_missing="top"),
    ],
    ids=["usual", "other"],
)
async def test_every_refusal_of_data_names_its_field(quick, dialect, method, body, kind, facts):
    """Each row of the documented errors has its class, and its facts at hand."""
    async with (
        FakeZoho(dialect=dialect) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        with pytest.raises(kind) as caught:
            await send_raw(crm, method, "settings/unsubscribe_links", body)
    assert kind is type(caught.value)
    assert facts == {name: getattr(caught.value, name) for name in facts}


async def test_the_default_link_is_refused_in_the_body_as_well(crm, fake):
    """The collection form of an update names the id in the body."""
    body = {WRAP: [CUSTOM | {"id": fake.unsubscribe_links.default_id}]}
    with pytest.raises(NotAllowedError):
        await send_raw(crm, "PUT", "settings/unsubscribe_links", body)


@pytest.mark.parametrize("filled", [False, True])
async def test_each_verb_needs_its_scope(quick, filled):
    """A scope error is told apart from everything else, with or without details."""
    dialect = Dialect(scope_details=filled)
    async with (
        FakeZoho(scope="ZohoCRM.org.READ", dialect=dialect) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        links = crm.unsubscribe_links
        for call in (
            links.list(),
            links.get(1),
            links.create(**CUSTOM),
            links.update(1, **CUSTOM),
            links.delete(1),
            links.associations(),
        ):
            with pytest.raises(ScopeError):
                await call


@pytest.mark.parametrize(
    "fault",
    [Fault.SERVER_ERROR_AFTER, Fault.RESET_AFTER, Fault.TRUNCATED_BODY, Fault.NOT_JSON],
)
async def test_a_create_whose_answer_was_lost_returns_the_link_that_was_made(quick, fault):
    """It is looked up by its name, and never made twice."""
    late = 0
    async with (
        FakeZoho(clock=Clock(wall=lambda: time.time() + late)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        await crm.org.get()
        # Zoho takes two seconds to make a link, so it surely is younger than the call.
        late = 2
        fake.faults.script(fault)

        made = await crm.unsubscribe_links.create(**CUSTOM)

        assert made == await crm.unsubscribe_links.get(made.id)
    assert {CUSTOM["name"]: 1} == fake.stats.created


NOON = dt.datetime(2026, 11, 26, 12, 0, 0, tzinfo=dt.UTC)


def dated(script, status, body, seconds=0):
    """Return an answer that came so many seconds after noon by Zoho's clock."""
    date = email.utils.format_datetime(NOON + dt.timedelta(seconds=seconds), usegmt=True)
    return script.response(status, body, Date=date)


def made_at(seconds, **changes):
    """Return a list with a link that was created so many seconds after noon."""
    zone = dt.timezone(dt.timedelta(hours=2))
    created = (NOON + dt.timedelta(seconds=seconds)).astimezone(zone).isoformat()
    return {"unsubscribe_links": [CUSTOM | {"id": "7", "created_time": created} | changes]}


@pytest.mark.parametrize(
    ("seconds", "is_ours"),
    [(-86400 * 2000, False), (-60, False), (-1, False), (0, False), (1, True), (30, True)],
)
@pytest.mark.parametrize("lost", ["500", "no answer", "no account"])
async def test_a_create_never_returns_a_link_older_than_its_send(
    zoho, script, seconds, is_ours, lost
):
    """Zoho's clock counts, in whole seconds; a tie stays in doubt."""
    answers = {
        "500": script.error(500, "INTERNAL_ERROR"),
        "no answer": ConnectionLostError("gone"),
        "no account": script.response(201, {"unsubscribe_links": [{}]}),
    }
    script.add(dated(script, 204, b""), answers[lost], dated(script, 200, made_at(seconds), 90))
    await zoho.unsubscribe_links.list()

    if is_ours:
        assert "7" == (await zoho.unsubscribe_links.create(**CUSTOM)).id
    else:
        with pytest.raises(ZohoError, match="Link 7 is like it, but may be older") as caught:
            await zoho.unsubscribe_links.create(**CUSTOM)
        assert caught.value.maybe_done
    assert ["GET", "POST", "GET"] == [request.method for request in script.requests]


async def test_the_last_send_of_a_create_counts(zoho, script, clock):
    """What others made while it waited for its turn is not ours."""
    throttled = dated(script, 429, {"code": "TOO_MANY_REQUESTS", "status": "error"})
    throttled.headers["Retry-After"] = "60"
    script.add(throttled, script.error(500, "INTERNAL_ERROR"), dated(script, 200, made_at(30), 61))

    with pytest.raises(ServerError, match="may be older"):
        await zoho.unsubscribe_links.create(**CUSTOM)
    assert 60.0 in clock.slept


async def test_what_came_too_soon_is_sent_again_whatever_its_status(zoho, script):
    """Links are no exception; a deletion in doubt is asked again if it is not told of."""
    too_soon = script.error(200, "TOO_MANY_REQUESTS")
    told = {"code": "SUCCESS", "details": {"id": "7"}, "status": "success"}
    done = script.response(200, {"unsubscribe_links": [told]})
    cut = script.response(200, {"unsubscribe_links": []})
    script.add(too_soon, done, too_soon, done, ConnectionLostError("gone"), cut, done)
    assert (await zoho.unsubscribe_links.create(**CUSTOM)).id == "7"
    assert (await zoho.unsubscribe_links.delete("7")).attempts == 2
    assert (await zoho.unsubscribe_links.delete("7")).attempts == 3


@pytest.mark.parametrize(("seconds", "is_ours"), [(0, False), (2, True)])
async def test_the_time_of_a_later_answer_serves_as_well(zoho, script, seconds, is_ours):
    """The first call of a client may be a create."""
    script.add(
        dated(script, 500, {"code": "INTERNAL_ERROR", "status": "error"}),
        script.response(200, made_at(seconds)),
    )
    if is_ours:
        assert "7" == (await zoho.unsubscribe_links.create(**CUSTOM)).id
    else:
        with pytest.raises(ServerError, match="may be older"):
            await zoho.unsubscribe_links.create(**CUSTOM)


@pytest.mark.parametrize(("seconds", "is_ours"), [(-1, False), (0, False), (1, True)])
async def test_without_a_date_this_machines_clock_has_to_do(zoho, script, clock, seconds, is_ours):
    """Zoho always sends one, so this is the last resort."""
    wall = dt.datetime.fromtimestamp(clock.clock.wall(), tz=dt.UTC)
    changes = {"created_time": (wall + dt.timedelta(seconds=seconds)).isoformat()}
    script.add(script.error(500, "INTERNAL_ERROR"), script.response(200, made_at(0, **changes)))

    if is_ours:
        assert "7" == (await zoho.unsubscribe_links.create(**CUSTOM)).id
    else:
        with pytest.raises(ServerError, match="may be older"):
            await zoho.unsubscribe_links.create(**CUSTOM)


@pytest.mark.parametrize("created_time", [None, ""])
async def test_a_link_that_nobody_knows_the_age_of_is_not_ours(zoho, script, created_time):
    """Whoever deletes it could delete what others made."""
    body = made_at(0, created_time=created_time)
    script.add(script.error(500, "INTERNAL_ERROR"), dated(script, 200, body))

    with pytest.raises(ServerError, match="may be older"):
        await zoho.unsubscribe_links.create(**CUSTOM)


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR_BEFORE, Fault.RESET_BEFORE])
async def test_a_create_that_did_not_happen_says_so(crm, fake, fault):
    """The error is that of the create; Zoho may still be at it, so the doubt stays."""
    fake.faults.script(fault)

    with pytest.raises(ZohoError, match="look again") as caught:
        await crm.unsubscribe_links.create(**CUSTOM)
    assert caught.value.maybe_done
    assert {} == fake.stats.created


async def test_a_create_that_cannot_be_looked_up_stays_in_doubt(crm, fake):
    """The first error counts, not that of the look-up."""
    fake.faults.script(Fault.SERVER_ERROR_AFTER, *[Fault.UNAVAILABLE] * 5)

    with pytest.raises(ServerError, match="may have been made") as caught:
        await crm.unsubscribe_links.create(**CUSTOM)
    assert (500, True) == (caught.value.status, caught.value.maybe_done)


async def test_another_link_of_that_name_is_not_taken_for_ours(crm, fake):
    """A link that was there before looks different, and the error names it."""
    other = fake.unsubscribe_links.add(CUSTOM["name"])
    fake.faults.script(Fault.SERVER_ERROR_BEFORE)

    with pytest.raises(ServerError, match=other):
        await crm.unsubscribe_links.create(**CUSTOM)


async def test_a_single_delete_protects_what_is_used(crm, fake):
    """If asked to, and then without a delete; what nothing uses is deleted."""
    used, unused = fake.unsubscribe_links.add_many(2)
    fake.unsubscribe_links.add_association(used, "April digest")

    with pytest.raises(InUseError, match="April digest"):
        await crm.delete_unsubscribe_link(used, protect_used=True)
    outcome = await crm.delete_unsubscribe_link(unused, protect_used=True)

    assert "deleted" == outcome.status
    assert 0 == fake.stats.attempts[used]


@pytest.mark.parametrize("stream", [False, True])
async def test_links_in_use_are_protected_without_a_delete(crm, fake, stream):
    """Their outcome names the places, and nothing was sent for them."""
    used, unused = fake.unsubscribe_links.add_many(2)
    fake.unsubscribe_links.add_association(used, "April digest")

    if stream:
        outcomes = [
            outcome
            async for outcome in crm.iter_delete_unsubscribe_links(
                [used, unused],
                protect_used=True,
            )
        ]
    else:
        report = await crm.delete_unsubscribe_links([used, unused], protect_used=True)
        outcomes = report.outcomes
        assert report.ok

    by_id = {outcome.id: outcome for outcome in outcomes}
    assert ("deleted", "protected") == (by_id[unused].status, by_id[used].status)
    error = by_id[used].error
    assert isinstance(error, InUseError)
    assert "April digest" in str(error)
    assert ["April digest"] == [place.resource_name for place in error.places]
    assert 0 == by_id[used].attempts == fake.stats.attempts[used]


async def test_bad_ids_are_refused_before_it_is_read_what_is_used(zoho, script):
    """Nothing is sent, not even a read."""
    for call in (
        lambda: zoho.delete_unsubscribe_links(["abc"], protect_used=True),
        lambda: anext(zoho.iter_delete_unsubscribe_links(["abc"], protect_used=True)),
    ):
        with pytest.raises(InvalidInputError):
            await call()
    assert [] == script.requests + script.token_requests


async def test_without_knowing_what_is_used_nothing_is_deleted(zoho, script):
    """A clean-up that cannot see what it must protect does not begin."""
    script.add(script.error(403, "NO_PERMISSION"))
    with pytest.raises(ZohoError, match="NO_PERMISSION"):
        await zoho.delete_unsubscribe_links(["1"], protect_used=True)
    assert ["GET"] == [request.method for request in script.requests]


async def test_a_used_link_that_zoho_keeps_by_itself_is_protected(quick):
    """Should Zoho refuse to delete what is in use, that is no failure either."""
    async with (
        FakeZoho(dialect=Dialect(keep_links_in_use=True)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        link = fake.unsubscribe_links.add()
        fake.unsubscribe_links.add_association(link, "April digest")
        report = await crm.delete_unsubscribe_links([link])
    assert {"protected": 1} == report.counts


async def test_an_empty_text_is_the_same_as_none_when_a_create_is_looked_up(zoho, script):
    """What is read back as unset was created as unset."""
    script.add(
        dated(script, 500, {"code": "INTERNAL_ERROR", "status": "error"}),
        script.response(200, made_at(5, standard_page_message=None)),
    )

    made = await zoho.unsubscribe_links.create(**CUSTOM, standard_page_message="")

    assert "7" == made.id


@pytest.mark.parametrize("link_id", [5, "5"])
async def test_protection_holds_whatever_form_the_ids_have(zoho, script, link_id):
    """An id that comes as a number, or is given with zeros before it, is the same id."""
    places = [{"type": "email_footer", "resource": {"id": "7", "name": "x"}, "details": None}]
    script.add(
        script.response(200, {"associations": [{"id": link_id, "associated_places": places}]})
    )

    report = await zoho.delete_unsubscribe_links(["05"], protect_used=True)

    assert {"protected": 1} == report.counts


FOOTER = {"type": "email_footer", "resource": {"id": "7", "name": "x"}, "details": None}


def associated(*ids, **info):
    """Return an answer in which footers use links."""
    rows = [{"id": link_id, "associated_places": [FOOTER]} for link_id in ids]
    return {"associations": rows, **({"info": info} if info else {})}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="no body"),
        pytest.param({}, id="nothing"),
        pytest.param({"associations": None}, id="null"),
        pytest.param({"associations": {}}, id="object"),
        pytest.param({"associations": "none"}, id="text"),
        pytest.param({"associations": [None]}, id="null in the list"),
        pytest.param({"associations": ["5"]}, id="text in the list"),
        pytest.param({"associations": [{"associated_places": [FOOTER]}]}, id="no id"),
        pytest.param(associated(None), id="id of null"),
        pytest.param(associated(5.0), id="id of float"),
        pytest.param(associated(True), id="id of bool"),
        pytest.param(associated("five"), id="id of letters"),
        pytest.param({"associations": [{"id": "5"}]}, id="no places"),
        pytest.param({"associations": [{"id": "5", "associated_places": None}]}, id="places null"),
        pytest.param({"associations": [{"id": "5", "associated_places": {}}]}, id="places object"),
        pytest.param({"associations": [{"id": "5", "associated_places": [None]}]}, id="place null"),
        pytest.param({"associations": [], "info": "more"}, id="info is text"),
        pytest.param({"associations": [], "info": {"more_records": None}}, id="more is null"),
        pytest.param({"associations": [], "info": {"count": 3}}, id="count of more"),
        pytest.param({"associations": [], "info": {"more_records": "true"}}, id="more is text"),
        pytest.param({"associations": [], "info": {"more_records": True}}, id="more of nothing"),
    ],
)
async def test_what_cannot_be_understood_protects_everything(zoho, script, body):
    """Nothing is deleted, and nothing counts as unused."""
    link = {"id": "5", "name": "x"}
    script.add(
        script.response(200, body),
        script.response(200, {"unsubscribe_links": [link]}),
        script.response(200, body),
    )

    with pytest.raises(InvalidResponseError):
        await zoho.delete_unsubscribe_links(["5"], protect_used=True)
    with pytest.raises(InvalidResponseError):
        await zoho.unsubscribe_links.unused()
    assert ["GET"] * 3 == [request.method for request in script.requests]


async def test_an_error_beside_an_empty_list_is_one(zoho, script):
    """Nothing is deleted on the word of an answer that speaks of trouble."""
    error = {"code": "INVALID_DATA", "details": {}, "message": "no", "status": "error"}
    script.add(script.response(200, {"associations": [], **error}))

    with pytest.raises(ApiError):
        await zoho.delete_unsubscribe_links(["5"], protect_used=True)
    assert ["GET"] == [request.method for request in script.requests]


@pytest.mark.parametrize("status", [200, 201, 202, 203, 206])
async def test_only_no_content_says_that_nothing_is_used(zoho, script, status):
    """An empty body under another status is no answer."""
    script.add(script.response(status))
    with pytest.raises(InvalidResponseError):
        await zoho.delete_unsubscribe_links(["5"], protect_used=True)

    script.add(script.response(204))
    report = await zoho.delete_unsubscribe_links(["5"], protect_used=True)
    assert {"deleted": 1} == report.counts


@pytest.mark.parametrize(
    ("info", "query"),
    [({"next_page_token": "t/1"}, "page_token=t%2F1"), ({"page": 1}, "page=2")],
)
async def test_every_page_of_associations_counts(zoho, script, info, query):
    """A link that is used on a later page is protected, too."""
    script.add(
        script.response(200, associated("4", more_records=True, **info)),
        script.response(200, associated("4", "5", more_records=False)),
    )

    report = await zoho.delete_unsubscribe_links(["4", "5", "6"], protect_used=True)

    assert ["protected", "protected", "deleted"] == [o.status for o in report.outcomes]
    assert ["", query, ""] == [request.query for request in script.requests]
    assert 2 == len(report.outcomes[0].error.places)


@pytest.mark.parametrize("second", ["the same", "nothing", "an error"])
async def test_a_page_that_cannot_be_had_protects_everything(zoho, script, second):
    """A list that says that it goes on is not taken for complete."""
    first = script.response(200, associated("4", more_records=True))
    script.add(
        first,
        {
            "the same": first,
            "nothing": script.response(204),
            "an error": script.error(400, "INVALID_DATA"),
        }[second],
    )

    with pytest.raises(ZohoError):
        await zoho.delete_unsubscribe_links(["4", "5"], protect_used=True)
    assert ["GET"] * 2 == [request.method for request in script.requests]


def answer_about(script, link_id, status=200):
    """Return the answer to a write of a link."""
    item = {"code": "SUCCESS", "details": {"id": link_id}, "status": "success"}
    return script.response(status, {"unsubscribe_links": [item]})


@pytest.mark.parametrize("other", ["8", 8, "0008", "70"])
async def test_an_answer_about_another_link_is_never_taken_for_ours(zoho, script, other):
    """It may have been done, which is all that is known."""
    read = script.response(200, {"unsubscribe_links": [{"id": other, "name": "x"}]})
    script.add(read, answer_about(script, other), answer_about(script, other))
    links = zoho.unsubscribe_links

    with pytest.raises(InvalidResponseError, match="not about 7"):
        await links.get("7")
    for call in (links.update("7", name="x"), links.delete("7")):
        with pytest.raises(InvalidResponseError, match="not about 7") as caught:
            await call
        assert caught.value.maybe_done

    script.add(answer_about(script, other))
    report = await zoho.delete_unsubscribe_links(["7", "9"], concurrency=1)
    assert ["in_doubt", "deleted"] == [outcome.status for outcome in report.outcomes]


@pytest.mark.parametrize("own", ["7", 7, "0007", None])
async def test_an_answer_may_name_the_link_in_any_form_or_not_at_all(zoho, script, own):
    """Ids are compared by one rule."""
    read = script.response(200, {"unsubscribe_links": [{"id": own or "7", "name": "x"}]})
    script.add(read, answer_about(script, own), answer_about(script, own))

    assert "7" == (await zoho.unsubscribe_links.get("07")).id
    await zoho.unsubscribe_links.update("7", name="x")
    outcome = await zoho.delete_unsubscribe_link("7")
    assert ("7", "deleted", "done") == (outcome.id, outcome.status, outcome.kind)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "settings/unsubscribe_linkz", 404, "INVALID_URL_PATTERN"),
        ("PATCH", "settings/unsubscribe_links", 400, "INVALID_REQUEST_METHOD"),
        ("DELETE", "settings/unsubscribe_links", 400, "INVALID_REQUEST_METHOD"),
    ],
)
async def test_a_wrong_path_or_method_is_told_as_such(crm, method, path, status, code):
    """A call that does not exist is no missing link."""
    with pytest.raises(InvalidRequestError) as caught:
        await crm.request(method, path)
    assert (status, code) == (caught.value.status, caught.value.code)


async def test_each_verb_needs_the_permission(crm, fake):
    """The details name what an administrator has to grant."""
    fake.permission_denied = True
    links = crm.unsubscribe_links
    for call in (
        links.list(),
        links.get(fake.unsubscribe_links.default_id),
        links.create(**CUSTOM),
        links.update(fake.unsubscribe_links.default_id, **CUSTOM),
        links.delete(fake.unsubscribe_links.default_id),
        links.associations(),
    ):
        with pytest.raises(PermissionDeniedError, match="administrator") as caught:
            await call
        assert (403, "NO_PERMISSION") == (caught.value.status, caught.value.code)
        assert ["Crm_Implied_Manage_Unsubscribe_Form"] == caught.value.details["permissions"]


async def test_each_verb_tells_of_trouble_on_zohos_side(crm, fake):
    """An internal error that does not end is a ServerError, whatever was called."""
    links = crm.unsubscribe_links
    fake.faults.mix({Fault.SERVER_ERROR_BEFORE: 1.0}, seed=1)
    for call in (
        links.list(),
        links.get(1),
        links.create(**CUSTOM),
        links.update(1, **CUSTOM),
        links.delete(1),
        links.associations(),
    ):
        with pytest.raises(ServerError) as caught:
            await call
        assert (500, "INTERNAL_ERROR") == (caught.value.status, caught.value.code)


async def test_many_links_are_written_one_a_call(zoho, script):
    """Zoho takes one; each has its outcome, and those of one link keep their order."""
    script.add(
        answer_about(script, "7", 201),
        script.error(400, "DUPLICATE_DATA", details={"api_name": "name"}),
        answer_about(script, "7"),
        answer_about(script, "7"),
    )
    links = zoho.unsubscribe_links

    made = await links.create_many([CUSTOM, CUSTOM], concurrency=1)
    changed = await links.update_many([{"id": 7, "name": "a"}, {"id": "07", "name": "b"}])

    assert [("7", "created"), ("", "failed")] == [(o.id, o.status) for o in made.outcomes]
    assert isinstance(made.outcomes[1].error, DuplicateDataError)
    assert {"updated": 2} == changed.counts
    sent = [json.loads(request.body)["unsubscribe_links"] for request in script.requests]
    assert [[CUSTOM]] * 2 + [[{"id": "7", "name": name}] for name in "ab"] == sent
    assert ["POST", "POST", "PUT", "PUT"] == [request.method for request in script.requests]


def test_the_resources_have_what_they_list_and_nothing_else():
    """A family is imported when one of its names is first used."""
    for name in aiozcrm.resources.__all__:
        assert name == getattr(aiozcrm.resources, name).__name__
    with pytest.raises(AttributeError, match="Nothing"):
        _ = aiozcrm.resources.Nothing
