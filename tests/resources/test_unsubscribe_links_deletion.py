"""Deleting unsubscribe links, through the whole client and real HTTP against a local Zoho."""

import pytest

from aiozcrm import ZohoCRM
from aiozcrm.errors import (
    CreditsExhaustedError,
    InvalidResponseError,
    NotAllowedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ScopeError,
    ServerError,
)
from aiozcrm.resources import UnsubscribeLinks
from aiozcrm.testing import FakeZoho, Fault, Limits


async def test_a_link_is_deleted(crm, fake):
    """One call, one send, and the link is gone."""
    link = fake.unsubscribe_links.add()

    outcome = await crm.delete_unsubscribe_link(link)

    assert (link, "deleted", 1, None) == (
        outcome.id,
        outcome.status,
        outcome.attempts,
        outcome.error,
    )
    assert link not in fake.unsubscribe_links.ids


async def test_the_resource_is_at_hand_under_its_name(crm, fake):
    """The shortcuts of the client are the resource's own methods."""
    one, two, three = fake.unsubscribe_links.add_many(3)

    assert isinstance(crm.unsubscribe_links, UnsubscribeLinks)
    await crm.unsubscribe_links.delete(int(one))
    await crm.unsubscribe_links.delete_many([two])
    assert [three] == [o.id async for o in crm.unsubscribe_links.iter_delete_many([three])]
    assert [fake.unsubscribe_links.default_id] == list(fake.unsubscribe_links.ids)


async def test_the_default_link_is_protected(crm, fake):
    """Every org keeps its Default link, and the error says what it is."""
    with pytest.raises(NotAllowedError, match="Default") as caught:
        await crm.delete_unsubscribe_link(fake.unsubscribe_links.default_id)

    error = caught.value
    assert (400, "NOT_ALLOWED", {"resource_path_index": 2}, 1) == (
        error.status,
        error.code,
        error.details,
        error.attempts,
    )
    assert error.message == "The given Unsubscribe Link id is Default."


async def test_an_unknown_id_is_not_found(crm):
    """An id of another org is not taken for a deleted one."""
    with pytest.raises(NotFoundError, match="not part of Org"):
        await crm.delete_unsubscribe_link("6240019000000731004")


async def test_a_missing_permission_is_named(crm, fake):
    """The details name what an administrator has to grant."""
    fake.permission_denied = True
    with pytest.raises(PermissionDeniedError) as caught:
        await crm.delete_unsubscribe_link(fake.unsubscribe_links.add())

    assert {"permissions": ["Crm_Implied_Manage_Unsubscribe_Form"]} == caught.value.details
    assert "administrator" in caught.value.hint


async def test_a_missing_scope_is_told_apart_from_a_dead_token(quick):
    """No refresh is spent on it."""
    async with FakeZoho(scope="ZohoCRM.modules.ALL", links=1) as fake:
        async with ZohoCRM(fake.credentials(), retries=quick) as zoho:
            with pytest.raises(ScopeError):
                await zoho.delete_unsubscribe_link(fake.unsubscribe_links.add())
        assert 1 == fake.stats.token_requests


async def test_too_many_calls_for_longer_than_we_try(crm, fake):
    """A 429 that does not end is a RateLimitError."""
    fake.faults.script(*[Fault.TOO_MANY] * 5)
    with pytest.raises(RateLimitError) as caught:
        await crm.delete_unsubscribe_link(fake.unsubscribe_links.add())
    assert (429, "TOO_MANY_REQUESTS", 5) == (
        caught.value.status,
        caught.value.code,
        caught.value.attempts,
    )


async def test_used_up_credits_are_told_apart_from_too_many_calls(quick):
    """No retry brings the day's credits back."""
    async with FakeZoho() as fake, ZohoCRM(fake.credentials(), retries=quick) as zoho:
        fake.credits = 0
        with pytest.raises(CreditsExhaustedError):
            await zoho.delete_unsubscribe_link(fake.unsubscribe_links.add())
        assert 1 == fake.stats.api_requests


async def test_a_server_error_that_does_not_end_leaves_the_link_in_doubt(crm, fake):
    """The error says that the link may be gone."""
    fake.faults.script(*[Fault.SERVER_ERROR_BEFORE] * 5)
    with pytest.raises(ServerError) as caught:
        await crm.delete_unsubscribe_link(fake.unsubscribe_links.add())
    assert (500, "INTERNAL_ERROR", True) == (
        caught.value.status,
        caught.value.code,
        caught.value.maybe_done,
    )


@pytest.mark.parametrize(
    "fault",
    [Fault.SERVER_ERROR_AFTER, Fault.RESET_AFTER, Fault.TRUNCATED_BODY, Fault.NOT_JSON],
)
async def test_a_delete_whose_answer_was_lost_is_already_gone(crm, fake, fault):
    """R6: what the first send did is told by the second, and is done once."""
    link = fake.unsubscribe_links.add()
    fake.faults.script(fault)

    outcome = await crm.delete_unsubscribe_link(link)

    assert ("already_gone", 2) == (outcome.status, outcome.attempts)
    assert 1 == fake.stats.effects[link]


async def test_two_hundred_tasks_on_a_cold_client_make_one_token_request(crm, fake):
    """R7: over real HTTP, too."""
    report = await crm.delete_unsubscribe_links(fake.unsubscribe_links.add_many(200))

    assert {"deleted": 200} == report.counts
    assert 1 == fake.stats.token_requests


async def test_more_calls_than_the_edition_allows_find_their_pace(quick):
    """R9: against a limit of 3 the client comes down from 10 and loses nothing."""
    async with FakeZoho(limits=Limits(concurrency=3), latency=0.002) as fake:
        links = fake.unsubscribe_links.add_many(100)
        async with ZohoCRM(fake.credentials(), retries=quick, max_in_flight=10) as zoho:
            report = await zoho.delete_unsubscribe_links(links)

    assert {"deleted": 100} == report.counts


@pytest.mark.parametrize("body", [{}, {"unsubscribe_links": []}, {"unsubscribe_links": [{}]}])
async def test_a_success_without_an_account_of_the_link_is_in_doubt(make_zoho, script, body):
    """Only Zoho's word counts as deleted."""
    script.add(script.response(200, body), script.response(200, body))
    async with make_zoho() as zoho:
        with pytest.raises(InvalidResponseError, match="without an account"):
            await zoho.delete_unsubscribe_link("1")
        report = await zoho.delete_unsubscribe_links(["1"])

    assert {"in_doubt": 1} == report.counts
    assert 1 == report.outcomes[0].attempts


async def test_a_success_without_a_body_is_a_success(make_zoho, script):
    """204 says it all."""
    script.add(script.response(204))
    async with make_zoho() as zoho:
        assert "deleted" == (await zoho.delete_unsubscribe_link("1")).status
