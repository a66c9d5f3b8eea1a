"""The consent page of the fake, and the codes that come of it."""

import base64
import hashlib
import html
import re
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from aiozcrm.testing import Clock, FakeZoho, RegisteredClient, TokenLimits

CALLBACK = "http://localhost:8765/"
SCOPE = "ZohoCRM.settings.unsubscribe.ALL"
LIST = "settings/unsubscribe_links"


def query(fake: FakeZoho, **changes: str | None) -> dict[str, str]:
    """Return what a request for authorization says; None leaves something out."""
    given = {
        "response_type": "code",
        "client_id": fake.credentials().client_id,
        "redirect_uri": CALLBACK,
        "scope": SCOPE,
        "access_type": "offline",
        "prompt": "consent",
        "state": "st4te",
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def url_of(fake: FakeZoho, **changes: str | None) -> str:
    """Return the same as an address."""
    said = "&".join(f"{name}={quote(value)}" for name, value in query(fake, **changes).items())
    return f"{fake.url}/oauth/v2/auth?{said}"


def brought_by(url: str) -> dict[str, str]:
    """Return what a redirect says."""
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


def form_on(page: str) -> dict[str, str]:
    """Return what the form on a page would send, as a browser reads it."""
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {html.unescape(name): html.unescape(value) for name, value in fields}


@pytest.fixture
def exchange(caller: Any) -> Any:
    """Return what exchanges a code; changes replace form fields, None leaves one out."""

    async def exchange(fake: FakeZoho, code: str, **changes: str | None) -> Any:
        form = {"grant_type": "authorization_code", "refresh_token": None, "code": code}
        return (await caller.ask(fake, **form | {"redirect_uri": CALLBACK} | changes)).json

    return exchange


async def test_shows_who_asks_for_what(caller: Any) -> None:
    """A person can see the client, the org, the environment and the scopes, and decide."""
    async with FakeZoho(environment="sandbox") as fake:
        scope = f"{SCOPE},ZohoCRM.org.READ"
        page = await caller.send("GET", url_of(fake, scope=scope))

        assert page.status == 200
        assert page.headers["Content-Type"] == "text/html;charset=UTF-8"
        for shown in (fake.credentials().client_id, "Oldenkamp Bindery", "sandbox"):
            assert shown in page.text
        assert re.findall("<li>(.*)</li>", page.text) == scope.split(",")
        assert re.findall("<button.*>(.*)</button>", page.text) == ["Accept", "Reject"]
        assert form_on(page.text) == query(fake, scope=scope)


async def test_needs_no_script_and_lets_none_in(fake: FakeZoho, caller: Any) -> None:
    """Whatever the address says stands on the page as text."""
    evil = "\"><script>alert(1)</script>'"
    page = await caller.send("GET", url_of(fake, state=evil, **{"x<y": evil}))

    assert page.status == 200
    assert "script>" not in page.text.replace("&lt;script&gt;", "")
    assert form_on(page.text) == query(fake, state=evil, **{"x<y": evil})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"client_id": "1000.OTHER"}, "invalid_client", id="client"),
        pytest.param({"client_id": None}, "invalid_client", id="no-client"),
        pytest.param({"response_type": "token"}, "invalid_response_type", id="type"),
        pytest.param({"response_type": None}, "invalid_response_type", id="no-type"),
        pytest.param({"scope": ""}, "invalid_scope", id="no-scope"),
        pytest.param({"scope": "ZohoCRM.settings.unsubscribe.AL"}, "invalid_scope", id="verb"),
        pytest.param({"scope": "ZohoCRM.setting.tags.ALL"}, "invalid_scope", id="family"),
        pytest.param({"scope": "ZohoCRM.modules.lead.READ"}, "invalid_scope", id="module"),
        pytest.param({"scope": f"{SCOPE},Zoho.org.READ"}, "invalid_scope", id="one-of-two"),
        pytest.param({"redirect_uri": None}, "invalid_redirect_uri", id="no-uri"),
        pytest.param({"redirect_uri": "https://evil.example/"}, "invalid_redirect_uri", id="away"),
        pytest.param({"redirect_uri": "ftp://localhost/"}, "invalid_redirect_uri", id="ftp"),
        pytest.param({"redirect_uri": "http://["}, "invalid_redirect_uri", id="no-url"),
        pytest.param(
            {"redirect_uri": "http://localhost/\r\nX-Evil: 1"}, "invalid_redirect_uri", id="header"
        ),
    ],
)
async def test_refuses_what_cannot_be_authorized(
    fake: FakeZoho, caller: Any, changes: dict[str, str | None], problem: str
) -> None:
    """There is a page that says so, and no way back; the decision is checked likewise."""
    page = await caller.send("GET", url_of(fake, **changes))
    decided = await caller.send(
        "POST",
        f"{fake.url}/oauth/v2/approve",
        data={**query(fake, **changes), "decision": "accept"},
        allow_redirects=False,
    )

    for reply in (page, decided):
        assert reply.status == 400
        assert problem in reply.text
        assert "Location" not in reply.headers
    assert fake.stats.codes_made == 0
    with pytest.raises(ValueError, match=problem):
        fake.consent(url_of(fake, **changes))


@pytest.mark.parametrize("uri", [CALLBACK, "http://127.0.0.1:1/x", "https://[::1]/?a=b"])
async def test_takes_any_place_on_this_machine(fake: FakeZoho, uri: str) -> None:
    """Unless one is registered, a developer may listen anywhere."""
    back = fake.consent(url_of(fake, redirect_uri=uri))

    assert back.startswith(uri + ("&" if "?" in uri else "?"))


async def test_takes_the_registered_place_only() -> None:
    """It has to be the same down to the last slash."""
    async with FakeZoho(
        client=RegisteredClient(redirect_uri="https://app.example/callback")
    ) as fake:
        back = fake.consent(url_of(fake, redirect_uri="https://app.example/callback"))

        assert back.startswith("https://app.example/callback?")
        for uri in ("https://app.example/callback/", "https://app.example/", CALLBACK):
            with pytest.raises(ValueError, match="invalid_redirect_uri"):
                fake.consent(url_of(fake, redirect_uri=uri))


async def test_sends_the_browser_back_with_a_code(fake: FakeZoho, caller: Any) -> None:
    """What the form sends leads back, with all that Zoho says of where the user lives."""
    page = await caller.send("GET", url_of(fake))
    reply = await caller.send(
        "POST",
        f"{fake.url}/oauth/v2/approve",
        data={**form_on(page.text), "decision": "accept"},
        allow_redirects=False,
    )

    back = reply.headers["Location"]
    brought = brought_by(back)
    assert reply.status == 302
    assert back.startswith(f"{CALLBACK}?state=st4te&code=1000.")
    assert back.endswith(f"&location=us&accounts-server={quote(fake.url, safe='')}")
    assert list(brought) == ["state", "code", "location", "accounts-server"]
    assert fake.stats.codes_made == 1


async def test_sends_the_browser_back_with_a_no(fake: FakeZoho) -> None:
    """A refusal brings no code, and only what it was given."""
    back = fake.consent(url_of(fake), accept=False)
    bare = fake.consent(url_of(fake, state=None), accept=False)

    assert back == f"{CALLBACK}?state=st4te&error=access_denied"
    assert bare == f"{CALLBACK}?error=access_denied"
    assert fake.stats.codes_made == 0


@pytest.mark.parametrize("decision", [{}, {"decision": "perhaps"}])
async def test_takes_a_yes_or_a_no(fake: FakeZoho, caller: Any, decision: dict[str, str]) -> None:
    """Anything else decides nothing."""
    url = f"{fake.url}/oauth/v2/approve"
    reply = await caller.send("POST", url, data={**query(fake), **decision})

    assert (reply.status, fake.stats.codes_made) == (400, 0)
    assert (await caller.send("GET", url)).status == 400


async def test_exchanges_a_code_once(fake: FakeZoho, exchange: Any) -> None:
    """A code brings every documented key, and serves no more."""
    code = brought_by(fake.consent(url_of(fake)))["code"]

    answer = await exchange(fake, code)

    assert sorted(answer) == [
        "access_token",
        "api_domain",
        "expires_in",
        "refresh_token",
        "scope",
        "token_type",
    ]
    assert answer["scope"] == SCOPE
    assert await exchange(fake, code) == {"error": "invalid_code"}


async def test_a_code_ends_after_its_lifetime(caller: Any, clock: Any, exchange: Any) -> None:
    """Three minutes, unless said otherwise."""
    async with (
        FakeZoho(clock=Clock(monotonic=clock)) as fake,
        FakeZoho(clock=Clock(monotonic=clock), tokens=TokenLimits(code_lifetime=60.0)) as hasty,
    ):
        codes = [running.make_code() for running in (fake, fake, hasty, hasty)]
        clock.advance(59.9)
        assert "access_token" in await exchange(hasty, codes[2], redirect_uri=None)
        clock.advance(0.1)
        assert await exchange(hasty, codes[3], redirect_uri=None) == {"error": "invalid_code"}
        clock.advance(119.9)
        assert "access_token" in await exchange(fake, codes[0], redirect_uri=None)
        clock.advance(0.1)
        assert await exchange(fake, codes[1], redirect_uri=None) == {"error": "invalid_code"}


@pytest.mark.parametrize("uri", [None, f"{CALLBACK}x"])
async def test_a_code_belongs_to_its_redirect(
    fake: FakeZoho, exchange: Any, uri: str | None
) -> None:
    """The place has to be named again, exactly; failing to does not use the code up."""
    code = brought_by(fake.consent(url_of(fake)))["code"]

    assert await exchange(fake, code, redirect_uri=uri) == {"error": "invalid_redirect_uri"}
    assert "access_token" in await exchange(fake, code)


@pytest.mark.parametrize("code", ["1000.no.such", "", None])
async def test_refuses_codes_that_it_did_not_make(
    fake: FakeZoho, exchange: Any, code: str | None
) -> None:
    """As with Zoho, what is wrong stands in the body."""
    assert await exchange(fake, code) == {"error": "invalid_code"}


@pytest.mark.parametrize("method", ["S256", "plain", None])
async def test_asks_for_the_verifier_of_a_challenge(
    fake: FakeZoho, exchange: Any, method: str | None
) -> None:
    """By either method, of which plain is the one that need not be named."""
    verifier = "v3rifier" * 6
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    challenge = digest.decode().rstrip("=") if method == "S256" else verifier
    said = {"code_challenge": challenge, "code_challenge_method": method}
    code = brought_by(fake.consent(url_of(fake, **said)))["code"]

    for wrong in (None, "", "other"):
        answer = await exchange(fake, code, code_verifier=wrong)
        assert answer == {"error": "invalid_code"}
    assert "access_token" in await exchange(fake, code, code_verifier=verifier)


async def test_a_self_clients_code_needs_no_redirect(
    fake: FakeZoho, caller: Any, exchange: Any
) -> None:
    """It may do what the first refresh token may, or what it was made for."""
    answer = await exchange(fake, fake.make_code(), redirect_uri=None)
    narrow = await exchange(fake, fake.make_code("ZohoCRM.org.READ"), redirect_uri=None)

    assert answer["scope"] == (await caller.ask(fake)).json["scope"]
    assert narrow["scope"] == "ZohoCRM.org.READ"
    assert (await caller.call(fake, "GET", LIST, token=answer["access_token"])).status == 200
    reply = await caller.call(fake, "GET", LIST, token=narrow["access_token"])
    assert reply.json["code"] == "OAUTH_SCOPE_MISMATCH"
    assert (await caller.call(fake, "GET", "org", token=narrow["access_token"])).status == 200
    assert fake.stats.codes_made == 2


async def test_brings_a_refresh_token_as_zoho_does(fake: FakeZoho, exchange: Any) -> None:
    """Only offline, and without asking for consent only the first time."""
    asked = [
        {"access_type": None, "prompt": None},
        {"access_type": "online"},
        {"prompt": None},
        {"prompt": None},
        {},
    ]
    codes = [brought_by(fake.consent(url_of(fake, **changes)))["code"] for changes in asked]
    answers = [await exchange(fake, code) for code in codes]

    assert ["refresh_token" in answer for answer in answers] == [False, False, True, False, True]
    assert all(answer["access_token"] for answer in answers)


async def test_throttles_the_eleventh_exchange(caller: Any, clock: Any, exchange: Any) -> None:
    """As many codes can be exchanged as tokens made, and the refused one is not used up."""
    async with FakeZoho(clock=Clock(monotonic=clock)) as fake:
        for _ in range(10):
            await exchange(fake, fake.make_code(), redirect_uri=None)
        answer = await exchange(fake, fake.make_code(), redirect_uri=None)

        assert (answer["error"], fake.stats.throttled) == ("Access Denied", 1)
        assert "access_token" in (await caller.ask(fake)).json


async def test_each_refresh_token_is_its_own(fake: FakeZoho, caller: Any, exchange: Any) -> None:
    """Each makes tokens, and revoking one leaves the others alone."""
    answers = [await exchange(fake, fake.make_code(), redirect_uri=None) for _ in range(2)]
    first, second = (answer["refresh_token"] for answer in answers)
    made = (await caller.ask(fake, refresh_token=second)).json["access_token"]

    reply = await caller.send("POST", f"{fake.url}/oauth/v2/token/revoke", data={"token": second})

    assert (reply.status, fake.stats.revoked) == (200, 1)
    assert (await caller.ask(fake, refresh_token=second)).json == {"error": "invalid_code"}
    for dead in (made, answers[1]["access_token"]):
        assert (await caller.call(fake, "GET", LIST, token=dead)).json["code"] == "INVALID_TOKEN"
    for alive in (first, fake.credentials().refresh_token):
        assert "access_token" in (await caller.ask(fake, refresh_token=alive)).json


async def test_the_twenty_first_refresh_token_ends_the_first(
    caller: Any, clock: Any, exchange: Any
) -> None:
    """So does Zoho, in use or not."""
    async with FakeZoho(clock=Clock(monotonic=clock), tokens=TokenLimits(made=100)) as fake:
        for _ in range(19):
            await exchange(fake, fake.make_code(), redirect_uri=None)
        assert "access_token" in (await caller.ask(fake)).json
        await exchange(fake, fake.make_code(), redirect_uri=None)

        assert (await caller.ask(fake)).json == {"error": "invalid_code"}


@pytest.mark.parametrize("path", ["auth", "token"])
async def test_trusts_a_client_by_itself(fake: FakeZoho, caller: Any, path: str) -> None:
    """At both addresses, for what it asks for, without a refresh token."""
    mine = fake.client_credentials()
    form = {
        "grant_type": "client_credentials",
        "client_id": mine.client_id,
        "client_secret": mine.client_secret,
        "scope": "ZohoCRM.org.READ,ZohoCRM.apis.READ",
        "soid": f"ZohoCRM.{mine.org_id}",
    }
    answer = (await caller.send("POST", f"{fake.url}/oauth/v2/{path}", data=form)).json
    token = answer.pop("access_token")

    assert answer == {
        "scope": "ZohoCRM.org.READ ZohoCRM.apis.READ",
        "api_domain": fake.url,
        "token_type": "Bearer",
        "expires_in": 3600,
    }
    org = (await caller.call(fake, "GET", "org", token=token)).json["org"][0]
    assert org["zgid"] == mine.org_id
    assert fake.stats.token_requests == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"soid": "ZohoCRM.1"}, "invalid_code", id="org"),
        pytest.param({"soid": None}, "invalid_code", id="no-org"),
        pytest.param({"scope": None}, "invalid_scope", id="no-scope"),
        pytest.param({"client_secret": "x"}, "invalid_client_secret", id="secret"),
    ],
)
async def test_refuses_a_client_that_asks_for_another_org(
    fake: FakeZoho, caller: Any, changes: dict[str, str | None], error: str
) -> None:
    """What cannot be is refused in the body."""
    form = {"grant_type": "client_credentials", "refresh_token": None, "scope": SCOPE}
    soid = f"ZohoCRM.{fake.client_credentials().org_id}"
    reply = await caller.ask(fake, **form | {"soid": soid} | changes)

    assert (reply.status, reply.json) == (200, {"error": error})


@pytest.mark.parametrize("grant", ["refresh_token", None])
async def test_gives_nothing_else_where_a_client_asks_by_itself(
    fake: FakeZoho, caller: Any, grant: str | None
) -> None:
    """That address is for browsers otherwise."""
    data = {"refresh_token": "x"} | ({"grant_type": grant} if grant else {})
    reply = await caller.send("POST", f"{fake.url}/oauth/v2/auth", data=data)

    assert (reply.status, reply.json) == (400, {"error": "invalid_request"})
