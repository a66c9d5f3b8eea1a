"""Several orgs on one fake."""

import asyncio
from typing import Any

import pytest

from aiozcrm import ZohoCRM
from aiozcrm.testing import FakeZoho, Limits, RegisteredClient


async def test_orgs_share_nothing_but_the_server(fake: FakeZoho) -> None:
    """Each org has credentials, ids and data of its own, and its name on what it shows."""
    globex = fake.add_org("Globex", links=2)
    async with ZohoCRM(fake.credentials()) as one, ZohoCRM(globex.credentials()) as two:
        mine = [link.id for link in await one.unsubscribe_links.list()]
        theirs = [link.id for link in await two.unsubscribe_links.list()]
        report = await two.delete_unsubscribe_links(mine[-1:])
        names = [(await zoho.org.get())["company_name"] for zoho in (one, two)]

    assert (len(mine), len(theirs)) == (4, 3)
    assert set(mine).isdisjoint(theirs)
    assert report.counts == {"not_found": 1}
    assert names == ["Oldenkamp Bindery", "Globex"]
    assert fake.orgs == [fake, globex]


async def test_limits_are_those_of_an_org(caller: Any) -> None:
    """An org that has no credits left, or no permission, leaves the others alone."""
    async with FakeZoho() as fake:
        poor = fake.add_org("Poor", limits=Limits(credits=0))
        barred = fake.add_org("Barred")
        barred.permission_denied = True
        statuses = []
        for org in fake.orgs:
            environ = org.environ()
            answer = await caller.ask(fake, refresh_token=environ["ZOHO_REFRESH_TOKEN"])
            token = answer.json["access_token"]
            statuses.append((await caller.call(fake, "GET", "org", token=token)).status)

    assert poor.name == "Poor"
    assert statuses == [200, 429, 403]


async def test_concurrency_is_counted_by_org(caller: Any) -> None:
    """One call at once is allowed in each org, and two orgs do not meet."""
    async with FakeZoho(limits=Limits(concurrency=1), latency=0.1) as fake:
        other = fake.add_org(limits=Limits(concurrency=1))
        tokens = [
            (await caller.ask(fake, refresh_token=org.environ()["ZOHO_REFRESH_TOKEN"])).json[
                "access_token"
            ]
            for org in (fake, other)
        ]
        replies = await asyncio.gather(
            *(caller.call(fake, "GET", "org", token=token) for token in tokens)
        )

    assert [reply.status for reply in replies] == [200, 200]


async def test_a_user_chooses_the_org(fake: FakeZoho, caller: Any) -> None:
    """The page offers every org, and the code is for the one that was chosen."""
    globex = fake.add_org("Globex", environment="sandbox")
    request = fake.oauth_client().authorization_request(
        redirect_uri="http://localhost/back", scopes=["ZohoCRM.org.READ"]
    )
    page = await caller.send("GET", request.url)
    grant = await globex.oauth_client().exchange_redirect(globex.consent(request.url), request)
    async with ZohoCRM(grant.credentials) as zoho:
        org = await zoho.org.get()

    assert f'<option value="{fake.id}">Oldenkamp Bindery (production)</option>' in page.text
    assert f'<option value="{globex.id}">Globex (sandbox)</option>' in page.text
    assert org["company_name"] == "Globex"


async def test_knows_the_orgs_that_can_be_chosen(fake: FakeZoho, caller: Any) -> None:
    """A form that names another org decides nothing."""
    request = fake.oauth_client().authorization_request(
        redirect_uri="http://localhost/back", scopes=["ZohoCRM.org.READ"]
    )
    query = request.url.partition("?")[2]
    body = f"{query}&decision=accept&org=12"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = await caller.send("POST", f"{fake.url}/oauth/v2/approve", data=body, headers=headers)

    assert reply.status == 400
    assert fake.stats.codes_made == 0


async def test_clients_know_their_own_tokens_only(fake: FakeZoho, caller: Any) -> None:
    """A refresh token or a code of one client is nothing to another."""
    other = fake.add_org(client=RegisteredClient(id="1000.OTHER", secret="other-secret"))
    theirs = {"client_id": "1000.OTHER", "client_secret": "other-secret"}
    own = await caller.ask(fake, refresh_token=other.environ()["ZOHO_REFRESH_TOKEN"], **theirs)
    foreign = await caller.ask(fake, **theirs)
    code = await caller.ask(
        fake, grant_type="authorization_code", code=fake.make_code(), refresh_token=None, **theirs
    )

    assert "access_token" in own.json
    assert foreign.json == {"error": "invalid_code"}
    assert code.json == {"error": "invalid_code"}


async def test_expires_the_tokens_of_one_org(fake: FakeZoho, caller: Any, token: str) -> None:
    """The others live on."""
    other = fake.add_org()
    other.expire_tokens()
    alive = await caller.call(fake, "GET", "org", token=token)
    fake.expire_tokens()

    assert alive.status == 200
    assert (await caller.call(fake, "GET", "org", token=token)).status == 401


def test_knows_no_scope_that_zoho_does_not_have() -> None:
    """A scope with a mistake in it is an error of the test."""
    with pytest.raises(ValueError, match=r"Zoho has no scope 'ZohoCRM\.settings\.tag\.ALL'"):
        FakeZoho(scope="ZohoCRM.org.ALL,ZohoCRM.settings.tag.ALL")
    with pytest.raises(ValueError, match="Zoho has no scope 'all'"):
        FakeZoho().make_code("all")
