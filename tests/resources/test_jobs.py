"""Work in the background: started, waited for, taken up again."""

import asyncio
import json

import pytest

from aiozcrm.errors import (
    DeadlineExceededError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    ZohoError,
)
from aiozcrm.resources.jobs import Job, parse_callback


def started(job_id="5"):
    """Return the answer to the start of a job."""
    details = {"job_id": job_id}
    item = {"code": "SUCCESS", "status": "success", "message": "scheduled", "details": details}
    return {"mass_delete": [item]}


def state(word, key="status"):
    """Return the answer that tells the state of a job."""
    return {"mass_delete": [{"job_id": "5", key: word, "deleted_count": 2}]}


async def test_a_job_is_waited_for(zoho, script, clock):
    """It is looked at after 2, 4, 8 seconds and so on, until a word that ends it."""
    script.add(
        script.response(202, started()),
        script.response(200, state("SCHEDULED")),
        script.response(200, state("in_progress")),
        script.response(200, state("A word that nobody knows")),
        script.response(200, state("Completed")),
    )
    job = await zoho.tags("Leads").mass_delete(["1", "2"])
    assert (job.id, job.result, repr(job)) == ("5", None, "Job('5')")
    result = await job.wait()
    assert result["deleted_count"] == 2
    assert job.result is result
    assert clock.slept == [2.0, 4.0, 8.0]
    assert script.requests[-1].query == "job_id=5"


@pytest.mark.parametrize("word", ["FINISHED", "skipped", "Data Not Found", "data_not_found"])
async def test_every_word_that_ends_a_job_is_known(zoho, script, word):
    """Whatever its case, blanks and underscores are."""
    script.add(script.response(200, state(word, key="State")))
    assert await zoho.tags("Leads").mass_delete_job("5").wait()


@pytest.mark.parametrize("empty", [{"mass_delete": []}, None])
async def test_a_job_that_zoho_does_not_know_is_not_waited_for(zoho, script, empty):
    """Its id is wrong, or Zoho has forgotten it."""
    script.add(script.response(204) if empty is None else script.response(200, empty))
    with pytest.raises(NotFoundError, match="There is no job 5"):
        await zoho.tags("Leads").mass_delete_job("5").wait()


@pytest.mark.parametrize("word", ["FAILED", "failure"])
async def test_a_job_that_has_failed_raises(zoho, script, word):
    """With all that Zoho says of it."""
    script.add(script.response(200, state(word)))
    with pytest.raises(JobFailedError) as caught:
        await zoho.tags("Leads").mass_delete_job(5).wait()
    assert caught.value.state["job_id"] == "5"


async def test_waiting_ends_in_time(zoho, script):
    """The job goes on at Zoho, and the error says so."""
    script.add(*(script.response(200, state("RUNNING")) for _ in range(4)))
    with pytest.raises(DeadlineExceededError, match="keep its id"):
        await zoho.tags("Leads").mass_delete_job("5").wait(timeout=10)


async def test_work_done_at_once_has_its_result(clock):
    """There is nothing to wait for, and no state to ask for."""
    job = Job(None, clock=clock.clock, result={"count": 2})
    assert await job.wait() == {"count": 2}
    with pytest.raises(ZohoError, match="no call"):
        await job.state()


async def test_a_user_is_deleted_after_a_transfer(zoho, script):
    """Zoho calls the id of this job jobId."""
    item = {"code": "SUCCESS", "status": "success", "details": {"jobId": "7", "id": "1"}}
    script.add(
        script.response(200, {"transfer_and_delete": [item]}),
        script.response(200, {"transfer_and_delete": [item]}),
        script.response(200, {"transfer_and_delete": [{"status": "completed"}]}),
    )
    transfer = {"transfer": {"id": "2", "records": True, "assignment": True, "criteria": False}}
    job = await zoho.users.transfer_and_delete("1", transfer)
    assert job.id == "7"
    assert (await zoho.users.transfer_and_delete_many([{"id": "1", **transfer}])).id == "7"
    assert (await zoho.users.transfer_and_delete_job("7").state()) == {"status": "completed"}


@pytest.mark.parametrize("body", [None, 5, 10**12, {"id": "5"}])
def test_what_is_no_body_is_no_callback(body):
    """A number would else become as many bytes."""
    with pytest.raises(TypeError):
        parse_callback(body)


STATE = {"id": "6100001000000501001", "state": "COMPLETED", "result": {"count": 1}}


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"data": [STATE]}).encode(),
        json.dumps({"data": [STATE]}),
        json.dumps(STATE).encode(),
        bytearray(json.dumps({**STATE, "id": 6100001000000501001}).encode()),
    ],
)
def test_the_body_of_a_callback_tells_the_state_of_a_job(body):
    """That of a bulk read is wrapped as an answer is, that of a bulk write is not."""
    assert parse_callback(body) == STATE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        "\ud800",
        b"[" * 100_000,
        b"null",
        b"5",
        b"[]",
        b"{}",
        b'{"data": []}',
        b'{"data": [1]}',
        b'{"data": {"id": "5", "state": "ADDED"}}',
        b'{"id": "5"}',
        b'{"id": null, "state": "ADDED"}',
        b'{"id": "../5", "state": "ADDED"}',
        b'{"id": 5.5, "state": "ADDED"}',
        b'{"id": true, "state": "ADDED"}',
        b'{"id": "5", "state": ""}',
        b'{"id": "5", "state": NaN}'[:-2],
    ],
)
def test_a_body_that_is_no_callback_is_rejected(body):
    """Anybody can send one, so nothing in it is trusted."""
    with pytest.raises(InvalidInputError, match="does not tell"):
        parse_callback(body)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, r"has failed\.$"),
        ({"result": {"error_message": {"code": "A", "message": "No."}}}, r"failed: A: No\.$"),
        ({"result": {"error_message": None}}, r"has failed\.$"),
        ({"result": "none"}, r"has failed\.$"),
        ({"resource": [{"code": "FAILED"}, {"code": "B"}, {"code": "B"}, 5]}, r"failed: B\.$"),
        ({"resource": 5, "code": "C", "message": None}, r"failed: C\.$"),
        ({"code": None}, r"has failed\.$"),
    ],
)
async def test_an_error_says_why_a_job_has_failed(clock, facts, reason):
    """Wherever its state has the reason."""

    async def ask():
        await asyncio.sleep(0)
        return {"state": "FAILURE", **facts}

    with pytest.raises(JobFailedError, match=reason):
        await Job("7", clock=clock.clock, ask=ask).wait()
