"""Records that are changed, deleted, converted or invited in the background."""

import json

import pytest

from aiozcrm.errors import (
    ConnectionLostError,
    DeadlineExceededError,
    InvalidInputError,
    InvalidResponseError,
    JobFailedError,
    LimitExceededError,
    NotFoundError,
    NotReadyError,
    ScopeError,
    ServerError,
)

VIEW, LEAD, JOB, USER = "7100000000091515", "7100000000500011", "7100000000900003", "71"

#: The starts of jobs.
STARTS = {
    "mass_update": lambda leads: leads.mass_update({"City": "Delft"}, cvid=VIEW),
    "mass_delete": lambda leads: leads.mass_delete(cvid=VIEW),
    "mass_change_owner": lambda leads: leads.mass_change_owner(cvid=VIEW, owner=USER),
    "mass_convert": lambda leads: leads.mass_convert([LEAD], assign_to={"id": USER}),
    "portal_invite": lambda leads: leads.portal_invite_many([{"id": LEAD, "user_type_id": USER}]),
}


@pytest.fixture
def leads(zoho):
    """The records of a module."""
    return zoho.records("Leads")


def started(action, job_id=JOB):
    """Return the answer to the start of a job."""
    item = {"code": "SUCCESS", "details": {"job_id": job_id}, "message": "", "status": "success"}
    return {"portal_invite" if action == "portal_invite" else "data": [item]}


def state_of(leads, action):
    """Return a job of an action by its id."""
    return getattr(leads, f"{action}_job")(JOB)


def told(action, **state):
    """Return what Zoho says of a job."""
    return {"portal_invite" if action == "portal_invite" else "data": [state]}


@pytest.mark.parametrize("action", STARTS)
async def test_a_job_over_records_is_waited_for(leads, script, clock, action):
    """Unknown words mean that it goes on; the result is the last state."""
    script.add(script.response(200, started(action)))
    for word in ("SCHEDULED", "In Progress", "odd"):
        script.add(script.response(200, told(action, Status=word)))
    script.add(script.response(200, told(action, Status="COMPLETED", Failed_Count=1)))
    job = await STARTS[action](leads)
    assert await job.wait() == {"Status": "COMPLETED", "Failed_Count": 1}
    assert job.result == {"Status": "COMPLETED", "Failed_Count": 1}
    assert clock.slept == [2.0, 4.0, 8.0]


@pytest.mark.parametrize("action", STARTS)
async def test_a_job_over_records_is_taken_up_by_its_id(leads, script, action):
    """Nothing is sent for that; one that has failed raises, one that takes too long, too."""
    job = state_of(leads, action)
    assert (job.id, script.requests) == (JOB, [])
    script.add(
        script.response(200, told(action, status="failed")),
        script.response(200, told(action, status="RUNNING")),
    )
    with pytest.raises(JobFailedError):
        await job.wait()
    with pytest.raises(DeadlineExceededError):
        await job.wait(timeout=1)
    assert {request.query for request in script.requests} == {f"job_id={JOB}"}


@pytest.mark.parametrize("action", STARTS)
async def test_trouble_in_the_place_of_a_state_passes(leads, script, action):
    """Also where Zoho tells of it under a status of its successes: the job is asked for again."""
    trouble = told(action, code="INTERNAL_ERROR", details={}, message="", status="error")
    script.add(
        script.response(200, trouble), script.response(200, told(action, Status="COMPLETED"))
    )
    assert await state_of(leads, action).wait() == {"Status": "COMPLETED"}


@pytest.mark.parametrize("action", STARTS)
async def test_the_job_that_zoho_does_not_know_is_not_found(leads, script, action):
    """It says so in three ways."""
    none = script.response(200, {"portal_invite" if action == "portal_invite" else "data": []})
    script.add(script.response(204), none, script.error(404, "NOT_FOUND"))
    for _ in range(3):
        with pytest.raises(NotFoundError):
            await state_of(leads, action).state()


@pytest.mark.parametrize("action", STARTS)
@pytest.mark.parametrize("lost", [ConnectionLostError("reset"), 502])
async def test_a_job_over_records_is_started_once(leads, script, action, lost):
    """After a lost answer it may run all the same."""
    script.add(script.response(502) if lost == 502 else lost)
    with pytest.raises((ConnectionLostError, ServerError)) as caught:
        await STARTS[action](leads)
    assert caught.value.maybe_done
    assert len(script.requests) == 1


@pytest.mark.parametrize("action", STARTS)
@pytest.mark.parametrize("job_id", [None, "x", 1.5, {}])
async def test_a_start_without_the_id_of_a_job_is_in_doubt(leads, script, action, job_id):
    """The job may run, but nobody can ask for it."""
    script.add(script.response(200, started(action, job_id)))
    with pytest.raises(InvalidResponseError) as caught:
        await STARTS[action](leads)
    assert caught.value.maybe_done


@pytest.mark.parametrize("http", [202, 400])
async def test_a_second_job_has_to_wait_for_the_first(leads, script, example, http):
    """Zoho says so under a status of its errors, or of its successes."""
    script.add(script.response(http, example("mass_update_already_scheduled")))
    with pytest.raises(NotReadyError) as caught:
        await leads.mass_update({"City": "Delft"}, cvid=VIEW)
    assert not caught.value.maybe_done


async def test_zoho_says_itself_how_many_it_converts(leads, script, example):
    """Its error stands alone."""
    script.add(script.response(400, example("mass_convert_limit_400")))
    with pytest.raises(LimitExceededError) as caught:
        await leads.mass_convert([LEAD], assign_to={"id": USER})
    assert caught.value.details["limit"] == 50


async def test_invitations_tell_of_each_record(leads, script, example):
    """In the state of their job; the body has one item that lists all."""
    script.add(
        script.response(200, started("portal_invite", 7)),
        script.response(200, example("portal_invite_status")),
    )
    items = [{"id": LEAD, "user_type_id": USER, "type": "invite", "language": "en_US"}]
    job = await leads.portal_invite_many(items)
    assert json.loads(script.requests[0].body) == {"portal_invite": [{"data": items}]}
    state = await job.wait()
    assert job.id == "7"
    assert state == example("portal_invite_status")["portal_invite"][0]


async def test_one_record_is_invited_at_once(leads, script):
    """Without a body, and once: a second mail could follow."""
    item = {"code": "SUCCESS", "details": {}, "message": "sent", "status": "success"}
    script.add(script.response(200, {"portal_invite": [item]}), script.response(502))
    outcome = await leads.portal_invite(LEAD, user_type_id=USER, language="en_US")
    assert (outcome.status, outcome.id) == ("done", LEAD)
    assert script.requests[0].query == f"user_type_id={USER}&type=invite&language=en_US"
    assert not script.requests[0].body
    with pytest.raises(ServerError) as caught:
        await leads.portal_invite(LEAD, user_type_id=USER, type="reinvite")
    assert caught.value.maybe_done
    assert len(script.requests) == 2


async def test_ids_go_500_a_call_and_are_sent_again(leads, script):
    """What is set or deleted twice is as it was after the first time."""
    ids = [str(number) for number in range(1, 702)]

    async def answer(request):
        given = json.loads(request.body)["ids"]
        items = [{"code": "SUCCESS", "status": "success", "details": {"id": own}} for own in given]
        return script.response(200, {"data": items})

    script.add(script.response(502), answer, answer)
    job = await leads.mass_update({"City": "Delft"}, ids=iter([*ids, "1"]), over_write=True)
    assert job.result.counts == {"updated": 702}
    bodies = [json.loads(request.body) for request in script.requests]
    assert sorted(len(body["ids"]) for body in bodies) == [201, 500, 500]
    assert {body["over_write"] for body in bodies} == {True}


async def test_what_is_gone_after_a_lost_answer_was_deleted(leads, script):
    """The job that is done at once tells it as any batch does."""
    gone = {
        "code": "INVALID_DATA",
        "details": {"id": LEAD},
        "message": "the id given seems to be invalid",
        "status": "error",
    }
    script.add(script.response(502), script.response(400, {"data": [gone]}))
    job = await leads.mass_delete(ids=[LEAD])
    assert job.result.counts == {"already_gone": 1}


async def test_nothing_is_sent_for_no_ids(leads, script):
    """The report is empty."""
    job = await leads.mass_delete(ids=[])
    assert (job.result.counts, script.requests) == ({}, [])


#: Calls that are wrong, and what they raise.
WRONG = {
    "neither a view nor ids": (lambda z: z.mass_delete(), InvalidInputError),
    "a view and ids": (lambda z: z.mass_delete(cvid=VIEW, ids=[LEAD]), InvalidInputError),
    "a territory of ids": (
        lambda z: z.mass_delete(ids=[LEAD], territory={"id": "1"}),
        InvalidInputError,
    ),
    "criteria of ids": (
        lambda z: z.mass_update({"City": "A"}, ids=[LEAD], criteria={"field": {}}),
        InvalidInputError,
    ),
    "ids that are one text": (lambda z: z.mass_delete(ids=LEAD), TypeError),
    "an id that is none": (lambda z: z.mass_delete(ids=[LEAD, ""]), InvalidInputError),
    "a view that is none": (lambda z: z.mass_delete(cvid="a/b"), InvalidInputError),
    "no changes": (lambda z: z.mass_update({}, cvid=VIEW), InvalidInputError),
    "changes that are no mapping": (lambda z: z.mass_update([{}], cvid=VIEW), TypeError),
    "no owner": (
        lambda z: z.mass_change_owner(cvid=VIEW, owner={}),
        (InvalidInputError, TypeError),
    ),
    "nothing to convert": (lambda z: z.mass_convert([]), InvalidInputError),
    "too many to convert": (lambda z: z.mass_convert(range(1, 52)), InvalidInputError),
    "one text to convert": (lambda z: z.mass_convert(LEAD), TypeError),
    "nobody to invite": (lambda z: z.portal_invite_many([]), InvalidInputError),
    "an invitation of no type": (
        lambda z: z.portal_invite(LEAD, user_type_id=""),
        InvalidInputError,
    ),
    "five cadences and one": (
        lambda z: z.enrol_in_cadences([LEAD], cadences_ids=range(1, 7)),
        InvalidInputError,
    ),
    "no cadence": (lambda z: z.unenrol_from_cadences([LEAD], cadences_ids=[]), InvalidInputError),
    "cadences that are one text": (
        lambda z: z.enrol_in_cadences([LEAD], cadences_ids=JOB),
        TypeError,
    ),
    "a layout and rules": (
        lambda z: z.run_scoring_rules(layout={"id": "1"}, scoring_rules=["2"]),
        InvalidInputError,
    ),
    "no rules": (lambda z: z.run_scoring_rules(scoring_rules=[]), InvalidInputError),
    "six rules": (lambda z: z.run_scoring_rules(scoring_rules=range(1, 7)), InvalidInputError),
    "a layout without an id": (
        lambda z: z.run_scoring_rules(layout={}),
        (InvalidInputError, TypeError),
    ),
}


@pytest.mark.parametrize(("call", "error"), WRONG.values(), ids=WRONG)
async def test_a_wrong_call_over_many_records_sends_nothing(leads, script, call, error):
    """It is told before the first request."""
    with pytest.raises(error):
        await call(leads)
    assert script.requests == script.token_requests == []


@pytest.mark.parametrize("job_id", ["", "a/b", None])
def test_the_id_of_a_job_is_one(leads, job_id):
    """Anything else is told at once."""
    with pytest.raises((InvalidInputError, TypeError)):
        leads.mass_update_job(job_id)


async def test_scores_are_computed_again_after_a_lost_answer(leads, script):
    """A second run gives the same scores; without rules, all of the module are run."""
    item = {"code": "SCHEDULED", "details": {"job_id": "1"}, "message": "", "status": "success"}
    script.add(script.response(502), script.response(200, {"scoring_rules": [item]}))
    outcome = await leads.run_scoring_rules()
    assert (outcome.status, outcome.attempts) == ("done", 2)
    assert [json.loads(request.body) for request in script.requests] == [{}, {}]


@pytest.mark.parametrize("action", ["enrol_in_cadences", "unenrol_from_cadences"])
async def test_records_go_into_cadences_100_a_call_and_once(leads, script, action):
    """What a second time does, Zoho does not say; a lost answer leaves its records in doubt."""

    async def answer(request):
        given = json.loads(request.body)["ids"]
        items = [{"code": "SUCCESS", "status": "success", "details": {"id": own}} for own in given]
        items[0] |= {"code": "NOT_ALLOWED", "status": "error", "message": "not manual"}
        return script.response(207, {"data": items})

    script.add(answer, ConnectionLostError("reset"))
    call = getattr(leads, action)
    report = await call([str(number) for number in range(1, 151)], cadences_ids=[JOB])
    assert report.counts["done"] in {99, 49}
    assert report.counts["failed"] == 1
    assert report.counts["in_doubt"] in {50, 100}
    assert len(script.requests) == 2
    assert {request.path for request in script.requests} == {f"/crm/v7/Leads/actions/{action}"}


@pytest.mark.parametrize(
    ("call", "scopes"),
    [
        (STARTS["mass_update"], ("ZohoCRM.mass_update.UPDATE",)),
        (lambda z: z.mass_update_job(JOB).state(), ("ZohoCRM.mass_update.READ",)),
        (STARTS["mass_change_owner"], ("ZohoCRM.change_owner.CREATE",)),
        (lambda z: z.mass_convert_job(JOB).state(), ("ZohoCRM.mass_convert.READ",)),
        (lambda z: z.change_owner(LEAD, owner=USER), ("ZohoCRM.change_owner.CREATE",)),
        (lambda z: z.get(LEAD), ("ZohoCRM.modules.READ", "ZohoSearch.securesearch.READ")),
    ],
)
async def test_a_missing_scope_is_the_one_of_the_action(leads, script, call, scopes):
    """And not the one of the module."""
    script.add(script.error(401, "OAUTH_SCOPE_MISMATCH"))
    with pytest.raises(ScopeError) as caught:
        await call(leads)
    assert tuple(caught.value.scopes) == scopes
