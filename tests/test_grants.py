"""From a user's consent, or a code of the API console, to credentials; and their revocation."""

import asyncio
import base64
import hashlib
import json
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from hypothesis import example, given
from hypothesis import strategies as st

from aiozcrm import AuthorizationRequest, Credentials, Grant, OAuthClient, ZohoCRM
from aiozcrm.auth._redirect import read_redirect
from aiozcrm.datacenters import DATA_CENTERS
from aiozcrm.errors import (
    AuthorizationDeniedError,
    AuthorizationError,
    ClientRejectedError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    EnvironmentMismatchError,
    ForeignHostError,
    GrantCodeRejectedError,
    InvalidInputError,
    RefreshTokenMissingError,
    RequestTimeoutError,
    TokenEndpointError,
    TokenThrottledError,
)
from aiozcrm.testing import FakeZoho, Fault, Response, TokenLimits

SCOPE = "ZohoCRM.settings.unsubscribe.ALL"
CALLBACK = "http://localhost:8765/"
CODE = "1000.c0de.c0de"
REQUEST = AuthorizationRequest(redirect_uri=CALLBACK, state="st4te")
ANSWER = json.loads(
    (Path(__file__).parent / "samples" / "token_with_refresh_token.json").read_text("utf-8")
)
REFUSAL = {"error_description": "Too many.", "error": "Access Denied", "status": "failure"}


def make(**changes):
    """Return a client of the API console."""
    return OAuthClient(**{"client_id": "1000.CLIENT", "client_secret": "cs-us"} | changes)


def redirected(**changes):
    """Return where a browser comes back to; a change to None leaves a parameter out."""
    query = {
        "state": "st4te",
        "code": CODE,
        "location": "in",
        "accounts_server": "https://accounts.zoho.in",
    } | changes
    given = {name.replace("_", "-"): value for name, value in query.items() if value is not None}
    return f"{CALLBACK}?{urlencode(given)}"


def form_of(request):
    """Return what a request says in its body, which is all that it says."""
    assert "" == request.query
    form = parse_qs(request.body.decode(), strict_parsing=True)
    return {name: value for name, (value,) in form.items()}


@pytest.fixture
def exchange(script):
    """Exchange a redirect on one canned answer."""

    async def exchange(url, *, answer=ANSWER, status=200, request=REQUEST, **changes):
        script.add_token(script.response(status, answer))
        return await make(**changes).exchange_redirect(url, request, sender=script)

    return exchange


def test_shows_no_secret_of_any_data_centre():
    """The repr of a client tells which one it is, and shows no secret."""
    shown = repr(make(data_center_secrets={"eu": "cs-eu"}))

    assert "1000.CLIENT" in shown
    assert "cs-" not in shown


def test_clients_can_be_compared_and_kept_in_sets():
    """A client is a value."""
    client = make(data_center_secrets={"EU": "cs-eu"})

    assert client == make(data_center_secrets={"eu": "cs-eu"})
    assert 1 == len({client, make(data_center_secrets={"eu": "cs-eu"})})
    assert client != make()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"client_id": "1000 A"}, "client_id must be text", id="client-id"),
        pytest.param({"client_secret": "hush\n"}, "client_secret must be text", id="secret"),
        pytest.param({"data_center": "com"}, "There is no data centre 'com'", id="data-center"),
        pytest.param({"environment": "live"}, "There is no environment 'live'", id="environment"),
        pytest.param({"accounts_url": "http://a.example"}, "accounts_url must be", id="accounts"),
        pytest.param({"api_url": "a.example"}, "api_url is not an http", id="api"),
        pytest.param({"data_center_secrets": {"com": "x"}}, "no data centre 'com'", id="secrets"),
        pytest.param(
            {"data_center_secrets": {"eu": "hush\n"}}, "data_center_secrets must be", id="blank"
        ),
    ],
)
def test_refuses_settings_that_cannot_work(changes, words):
    """Wrong values are rejected before a user is sent anywhere, without showing a secret."""
    with pytest.raises(ConfigurationError, match=words) as caught:
        make(**changes)

    assert "hush" not in str(caught.value)


def test_sends_the_user_to_the_consent_page_with_all_that_zoho_asks_for():
    """Offline access and consent are asked for, since without them no refresh token comes."""
    client = make(data_center="ca")

    request = client.authorization_request(redirect_uri=CALLBACK, scopes=[SCOPE, "ZohoCRM.org.ALL"])

    parts = urlsplit(request.url)
    assert "https://accounts.zohocloud.ca/oauth/v2/auth" == f"https://{parts.netloc}{parts.path}"
    assert [
        ("response_type", "code"),
        ("client_id", "1000.CLIENT"),
        ("redirect_uri", CALLBACK),
        ("scope", f"{SCOPE},ZohoCRM.org.ALL"),
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("state", request.state),
    ] == parse_qsl(parts.query, strict_parsing=True)
    assert (CALLBACK, None) == (request.redirect_uri, request.code_verifier)


def test_sends_the_hash_of_a_secret_for_pkce():
    """The page learns the challenge only (RFC 7636), and by the method that hides the rest."""
    request = make().authorization_request(redirect_uri=CALLBACK, scopes=[SCOPE], pkce=True)

    query = dict(parse_qsl(urlsplit(request.url).query))
    digest = hashlib.sha256(request.code_verifier.encode()).digest()
    assert 43 <= len(request.code_verifier) <= 128
    assert "S256" == query["code_challenge_method"]
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == query["code_challenge"]
    assert request.code_verifier not in request.url


def test_no_two_requests_are_alike():
    """States and verifiers cannot be guessed."""
    made = [
        make().authorization_request(redirect_uri=CALLBACK, scopes=[SCOPE], pkce=True)
        for _ in range(100)
    ]

    assert 100 == len({request.state for request in made})
    assert 100 == len({request.code_verifier for request in made})
    assert min(len(request.state) for request in made) >= 43


def test_starts_at_a_host_of_the_users_own():
    """A local Zoho has its own consent page."""
    client = make(accounts_url="http://127.0.0.1:8080")

    request = client.authorization_request(redirect_uri=CALLBACK, scopes=[SCOPE])

    assert request.url.startswith("http://127.0.0.1:8080/oauth/v2/auth?")


def test_a_request_shows_no_secret_and_can_be_made_again_from_its_fields():
    """A web backend keeps it between two requests, as JSON if it likes."""
    request = make().authorization_request(redirect_uri=CALLBACK, scopes=[SCOPE], pkce=True)

    again = AuthorizationRequest(**json.loads(json.dumps(attrs.asdict(request))))

    assert request == again
    assert f"AuthorizationRequest(redirect_uri='{CALLBACK}')" == repr(request)


@pytest.mark.parametrize(
    "scopes",
    [
        pytest.param([], id="none"),
        pytest.param([""], id="empty"),
        pytest.param([f"{SCOPE},ZohoCRM.org.ALL"], id="comma"),
        pytest.param([f"{SCOPE} ZohoCRM.org.ALL"], id="blank"),
        pytest.param([SCOPE, f"{SCOPE}\n"], id="line-end"),
        pytest.param([SCOPE, None], id="no-text"),
        pytest.param(SCOPE, id="one-text"),
    ],
)
def test_refuses_scopes_that_are_none(scopes):
    """A list of scopes is asked for; commas and blanks separate scopes on the wire."""
    with pytest.raises(ConfigurationError, match="scopes must be a list"):
        make().authorization_request(redirect_uri=CALLBACK, scopes=scopes)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "localhost:8765",
        "ftp://localhost/",
        "http:///callback",
        "http://[",
        "http://localhost:0/",
        "http://localhost:99999/",
        "http://localhost:8765/#here",
        "http://localhost:8765/#",
        "http://me@localhost:8765/",
        "http://localhost:8765/ ",
        "http://localhost:8765/\n",
        "javascript:alert(1)",
    ],
)
def test_refuses_places_to_which_zoho_sends_nobody(uri):
    """A redirect goes to http or https and carries no fragment."""
    with pytest.raises(ConfigurationError, match="redirect_uri must be"):
        make().authorization_request(redirect_uri=uri, scopes=[SCOPE])


async def test_exchanges_the_code_where_the_redirect_says(exchange, script):
    """One request goes out, to the user's own data centre, with every secret in its body."""
    grant = await exchange(redirected())

    assert grant == Grant(
        credentials=Credentials(
            client_id="1000.CLIENT",
            client_secret="cs-us",
            refresh_token=ANSWER["refresh_token"],
            data_center="in",
            environment="production",
        ),
        scopes=(SCOPE,),
    )
    (request,) = script.token_requests
    assert ("POST", "https://accounts.zoho.in/oauth/v2/token") == (request.method, request.url)
    assert {
        "grant_type": "authorization_code",
        "client_id": "1000.CLIENT",
        "client_secret": "cs-us",
        "code": CODE,
        "redirect_uri": CALLBACK,
    } == form_of(request)


async def test_proves_who_began(exchange, script):
    """The verifier goes along with the code."""
    await exchange(redirected(), request=attrs.evolve(REQUEST, code_verifier="v3rifier"))

    assert "v3rifier" == form_of(script.token_requests[0])["code_verifier"]


@pytest.mark.parametrize(("server", "secret"), [("in", "cs-in"), ("com", "cs-us"), ("eu", "cs-us")])
async def test_uses_the_secret_of_the_data_centre(exchange, script, server, secret):
    """One client id may have another secret elsewhere; without one there is one for all."""
    url = redirected(accounts_server=f"https://accounts.zoho.{server}")

    grant = await exchange(url, data_center_secrets={"IN": "cs-in"})

    assert secret == form_of(script.token_requests[0])["client_secret"]
    assert secret == grant.credentials.client_secret


@pytest.mark.parametrize("entry", DATA_CENTERS.values(), ids=DATA_CENTERS)
async def test_knows_every_data_centre(exchange, entry):
    """Wherever the user lives, the credentials say so."""
    answer = ANSWER | {"api_domain": entry.api_urls["developer"]}

    grant = await exchange(redirected(accounts_server=entry.accounts_url), answer=answer)

    assert entry.code == grant.credentials.data_center
    assert "developer" == grant.credentials.environment
    assert entry.accounts_url == grant.credentials.token_url_base


@pytest.mark.parametrize(
    "server",
    ["https://Accounts.ZOHO.in", "https://accounts.zoho.in/", "https://accounts.zoho.in:443"],
)
async def test_knows_a_data_centre_in_any_spelling(exchange, script, server):
    """Upper case, a slash at the end and the usual port make no other host."""
    await exchange(redirected(accounts_server=server))

    assert "https://accounts.zoho.in" == script.token_requests[0].origin


@pytest.mark.parametrize(
    "server",
    [
        "https://evil.example",
        "https://accounts.zoho.in.evil.example",
        "https://accounts.zoho.in@evil.example",
        "https://evil.example@accounts.zoho.in",
        "https://accounts.zoho.in:8443",
        "https://accounts.zoho.in.",
        "https://accounts.zoho.in/evil",
        "https://accounts.zoho.in?evil",
        "https://accounts.zoho.in#evil",
        "https://accounts.zoho.in\\@evil.example",
        "https://accounts.zoho.in\n",
        "http://accounts.zoho.in",
        "http://127.0.0.1:8080",
        "//accounts.zoho.in",
        "accounts.zoho.in",
        "https://www.zohoapis.in",
        "https://[",
        "javascript:alert(1)",
        " ",
    ],
)
async def test_a_foreign_server_gets_no_code(exchange, script, server):
    """A forged redirect cannot send code and secret to a host of its choice."""
    with pytest.raises(ForeignHostError, match="accounts_url"):
        await exchange(redirected(accounts_server=server))

    assert [] == script.token_requests


@pytest.mark.parametrize("server", [None, ""])
async def test_exchanges_at_home_when_the_redirect_names_no_server(exchange, script, server):
    """Older redirects name no data centre."""
    grant = await exchange(redirected(accounts_server=server), data_center="eu")

    assert "https://accounts.zoho.eu" == script.token_requests[0].origin
    assert "eu" == grant.credentials.data_center


@pytest.mark.parametrize(
    ("server", "data_center"),
    [("https://proxy.example", "eu"), ("https://accounts.zoho.in", "in")],
)
async def test_a_host_of_the_users_own_is_where_codes_go(exchange, script, server, data_center):
    """The host in the settings is used, whichever data centre the redirect names."""
    grant = await exchange(
        redirected(accounts_server=server),
        accounts_url="https://proxy.example",
        api_url="https://api.example",
        data_center="eu",
    )

    assert "https://proxy.example" == script.token_requests[0].origin
    assert "https://proxy.example" == grant.credentials.token_url_base
    assert "https://api.example" == grant.credentials.api_url_base
    assert data_center == grant.credentials.data_center


async def test_hosts_of_zohos_tell_where_they_are_also_when_the_user_names_them(exchange):
    """The hosts in the settings tell data centre and environment."""
    grant = await exchange(
        redirected(),
        answer=ANSWER | {"api_domain": "https://sandbox.zohoapis.in"},
        accounts_url="https://accounts.zoho.in",
        api_url="https://sandbox.zohoapis.in",
        data_center_secrets={"in": "cs-in"},
    )

    assert ("in", "sandbox") == (grant.credentials.data_center, grant.credentials.environment)
    assert "cs-in" == grant.credentials.client_secret


async def test_a_host_that_is_named_says_which_environment_is_accepted(exchange):
    """The credentials of a sandbox never come with the host of production, or the reverse."""
    for mine, theirs in (("www", "sandbox"), ("sandbox", "www"), ("developer", "www")):
        with pytest.raises(EnvironmentMismatchError):
            await exchange(
                redirected(),
                answer=ANSWER | {"api_domain": f"https://{theirs}.zohoapis.in"},
                api_url=f"https://{mine}.zohoapis.in",
            )


async def test_a_host_that_is_named_tells_the_environment_if_the_answer_does_not(exchange):
    """Without an api_domain the credentials fit the host all the same."""
    answer = {key: value for key, value in ANSWER.items() if key != "api_domain"}
    grant = await exchange(redirected(), answer=answer, api_url="https://sandbox.zohoapis.in")

    assert "sandbox" == grant.credentials.environment


async def test_only_the_query_of_a_redirect_counts(exchange):
    """Behind a proxy, the host that an app sees is not the one that the browser saw."""
    query = urlsplit(redirected()).query

    for url in (f"http://10.0.0.7:8080/callback?{query}", f"/callback?{query}", f"?{query}"):
        assert (await exchange(url)).credentials


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"state": "other"}, id="other"),
        pytest.param({"state": "ST4TE"}, id="case"),
        pytest.param({"state": "st4te "}, id="blank"),
        pytest.param({"state": "st\u00e4te"}, id="not-ascii"),
        pytest.param({"state": ""}, id="empty"),
        pytest.param({"state": None}, id="missing"),
        pytest.param({"state": "other", "code": None, "error": "access_denied"}, id="refusal"),
        pytest.param({"state": "", "code": None, "error": "access_denied"}, id="empty-refusal"),
    ],
)
async def test_a_redirect_of_another_request_is_refused(exchange, script, changes):
    """A link sent by an attacker cannot connect the attacker's org to your session."""
    with pytest.raises(AuthorizationError, match="state differs") as caught:
        await exchange(redirected(**changes))

    assert AuthorizationError is type(caught.value)
    assert [] == script.token_requests


async def test_no_state_matches_no_state(exchange, script):
    """Without a state, such as with a lost cookie, every redirect is rejected."""
    with pytest.raises(AuthorizationError, match="state differs"):
        await exchange(redirected(state=""), request=attrs.evolve(REQUEST, state=""))

    assert [] == script.token_requests


@pytest.mark.parametrize("name", ["state", "code", "accounts-server", "error"])
@pytest.mark.parametrize("more", ["other", "", None])
async def test_a_redirect_that_says_something_twice_is_refused(exchange, script, name, more):
    """A parameter that is there twice is ambiguous."""
    url = redirected() + "&error=access_denied" * (name == "error")
    same = dict(parse_qsl(urlsplit(url).query))[name]

    with pytest.raises(AuthorizationError, match="twice"):
        await exchange(f"{url}&{name}={quote(same if more is None else more)}")

    assert [] == script.token_requests


@pytest.mark.parametrize("state", ["st4te", None])
async def test_a_user_who_says_no_is_told_apart(exchange, script, state):
    """Whether or not Zoho sends the state along with a refusal."""
    url = redirected(state=state, code=None, accounts_server=None, error="access_denied")

    with pytest.raises(AuthorizationDeniedError, match="did not consent"):
        await exchange(url)

    assert [] == script.token_requests


@pytest.mark.parametrize("error", ["invalid_scope", "", "access_denied\n", "\x1b[31m"])
async def test_other_words_of_the_consent_page_are_passed_on(exchange, script, error):
    """They are made printable, and a code beside them is not used."""
    with pytest.raises(AuthorizationError, match="consent page answered") as caught:
        await exchange(redirected(error=error))

    assert str(caught.value).isprintable()
    assert [] == script.token_requests


@pytest.mark.parametrize("code", [None, "", " ", "c\u00f6de", "co\nde", "co\x00de"])
async def test_a_redirect_without_a_code_is_refused(exchange, script, code):
    """There is nothing to exchange, and nothing is sent."""
    with pytest.raises(AuthorizationError, match="no grant code"):
        await exchange(redirected(code=code))

    assert [] == script.token_requests


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://[/?code=x", id="no-url"),
        pytest.param(f"{CALLBACK}?{'a=b&' * 1000}code=x", id="too-much"),
    ],
)
async def test_a_redirect_that_cannot_be_read_is_refused(exchange, script, url):
    """A text that is no URL is rejected."""
    with pytest.raises(AuthorizationError, match="cannot be read"):
        await exchange(url)

    assert [] == script.token_requests


def test_what_a_redirect_brought_shows_no_code():
    """Not even to a debugger."""
    assert "Redirect()" == repr(read_redirect(f"?state=x&code={CODE}", state="x"))


class Recorder:
    """Answers every request with a token, and records it."""

    def __init__(self):
        self.requests = []

    async def send(self, request):
        """Note the request."""
        self.requests.append(request)
        return Response(200, {}, json.dumps(ANSWER).encode())


@given(st.text() | st.text().map(lambda text: f"{CALLBACK}?{text}"))
@example("http://[?")
@example("?state=%ed%a0%80&code=\ud800")
async def test_no_text_is_taken_for_a_redirect_of_ours(url):
    """Without the state nothing is ever sent."""
    recorder = Recorder()

    with pytest.raises(AuthorizationError):
        await make().exchange_redirect(url, REQUEST, sender=recorder)

    assert [] == recorder.requests


@given(
    st.dictionaries(
        st.sampled_from(["code", "accounts-server", "error", "location", "x"]),
        st.text() | st.sampled_from([e.accounts_url for e in DATA_CENTERS.values()]),
    ),
)
async def test_whatever_a_redirect_says_no_stranger_learns_a_secret(query):
    """All that is sent goes once, to an accounts server of Zoho's, with the code as it came."""
    recorder = Recorder()
    url = f"{CALLBACK}?{urlencode({**query, 'state': 'st4te'}, errors='replace')}"

    try:
        await make().exchange_redirect(url, REQUEST, sender=recorder)
    except (AuthorizationError, ForeignHostError):
        assert [] == recorder.requests
    else:
        (request,) = recorder.requests
        assert request.origin in {entry.accounts_url for entry in DATA_CENTERS.values()}
        assert query["code"] == form_of(request)["code"]


@pytest.mark.parametrize(
    ("mine", "api_domain", "environment"),
    [
        pytest.param(None, "https://sandbox.zohoapis.in", "sandbox", id="chosen"),
        pytest.param("Sandbox", "https://sandbox.zohoapis.in", "sandbox", id="as-asked"),
        pytest.param("developer", None, "developer", id="not-told"),
        pytest.param(None, None, "production", id="neither"),
    ],
)
async def test_the_answer_tells_the_environment(exchange, mine, api_domain, environment):
    """It is the user who chooses, on the consent page."""
    answer = {name: value for name, value in ANSWER.items() if name != "api_domain"}
    if api_domain:
        answer["api_domain"] = api_domain

    grant = await exchange(redirected(), answer=answer, environment=mine)

    assert environment == grant.credentials.environment


async def test_another_environment_than_the_one_asked_for_is_refused(exchange):
    """A tool for the sandbox gets no credentials of production."""
    with pytest.raises(EnvironmentMismatchError, match=r"production.*sandbox.*choose"):
        await exchange(redirected(), environment="sandbox")


@pytest.mark.parametrize("host", ["https://evil.example", "http://www.zohoapis.in", "evil"])
async def test_an_answer_that_names_a_foreign_host_is_refused(exchange, host):
    """Credentials would send tokens there."""
    with pytest.raises(ForeignHostError):
        await exchange(redirected(), answer=ANSWER | {"api_domain": host})


async def test_an_answer_may_name_a_host_of_the_users_own(exchange):
    """A local Zoho names itself."""
    grant = await exchange(
        redirected(accounts_server="http://127.0.0.1:8080"),
        answer=ANSWER | {"api_domain": "http://127.0.0.1:8080"},
        accounts_url="http://127.0.0.1:8080",
        environment="sandbox",
    )

    assert "sandbox" == grant.credentials.environment


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        (f"{SCOPE} ZohoCRM.org.READ", (SCOPE, "ZohoCRM.org.READ")),
        (f"{SCOPE},ZohoCRM.org.READ", (SCOPE, "ZohoCRM.org.READ")),
        ("", ()),
        (None, ()),
        ([SCOPE], ()),
    ],
)
async def test_the_answer_tells_the_scopes_if_it_does(exchange, scope, scopes):
    """Only the scopes of the answer count."""
    assert scopes == (await exchange(redirected(), answer=ANSWER | {"scope": scope})).scopes


@pytest.mark.parametrize("refresh_token", [None, "", 7, "1000.a b", "1000.a\n", "1000.\u00e9"])
async def test_a_token_that_cannot_be_renewed_is_not_enough(exchange, refresh_token):
    """Zoho leaves the refresh token out when it thinks that you have one."""
    answer = ANSWER | {"refresh_token": refresh_token}

    with pytest.raises(RefreshTokenMissingError, match="prompt=consent"):
        await exchange(redirected(), answer=answer)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        ("invalid_code", GrantCodeRejectedError, "at once"),
        ("invalid_grant", GrantCodeRejectedError, "at once"),
        ("invalid_client", ClientRejectedError, "data_center"),
        ("invalid_client_secret", ClientRejectedError, "its own secret"),
        ("invalid_redirect_uri", ClientRejectedError, "Register exactly this redirect_uri"),
    ],
)
async def test_tells_refusals_of_a_code_apart(exchange, script, status, error, kind, words):
    """Each says what to do next; none is asked again."""
    with pytest.raises(kind, match=words):
        await exchange(redirected(), status=status, answer={"error": error})

    assert 1 == len(script.token_requests)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("body", [REFUSAL, {"error": "access_denied"}], ids=["long", "short"])
async def test_too_many_codes_are_told_with_a_time(exchange, script, status, body):
    """At the token endpoint, access_denied means too many tokens."""
    with pytest.raises(TokenThrottledError, match="600 s") as caught:
        await exchange(redirected(), status=status, answer=body)

    assert 600.0 == caught.value.retry_after
    assert 1 == len(script.token_requests)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((200, b"<html>A page</html>"), id="page"),
        pytest.param((200, bytes(range(256))), id="binary"),
        pytest.param((200, b""), id="empty"),
        pytest.param((200, [ANSWER]), id="list"),
        pytest.param((200, b"[" * 100_000), id="deep"),
        pytest.param((302, b""), id="redirect"),
        pytest.param((400, b""), id="400"),
        pytest.param((500, {"error": "general_error"}), id="500"),
    ],
)
async def test_an_answer_that_makes_no_sense_ends_the_way(exchange, script, answer):
    """The code may be used up, so it is not sent again."""
    status, body = answer

    with pytest.raises(TokenEndpointError, match="start again") as caught:
        await exchange(redirected(), status=status, answer=body)

    assert (status, True) == (caught.value.status, caught.value.maybe_done)
    assert len(str(caught.value)) < 300
    assert 1 == len(script.token_requests)


@pytest.mark.parametrize(
    ("error", "maybe_done", "words"),
    [
        (ConnectionLostError("lost"), True, "start again"),
        (RequestTimeoutError("slow"), True, "start again"),
        (ConnectError("down"), False, "Nothing was sent"),
    ],
)
async def test_a_lost_answer_is_told_and_not_asked_for_again(script, error, maybe_done, words):
    """Whether the code still serves depends on whether it ever left."""
    script.add_token(error)

    with pytest.raises(TokenEndpointError, match=words) as caught:
        await make().exchange_redirect(redirected(), REQUEST, sender=script)

    assert maybe_done == caught.value.maybe_done
    assert error is caught.value.__cause__
    assert 1 == len(script.token_requests)


async def test_exchanges_the_code_of_a_self_client_at_home(script):
    """No redirect was made, so none is named."""
    script.add_token(script.response(200, ANSWER))
    client = make(data_center="in", data_center_secrets={"in": "cs-in"})

    grant = await client.exchange_code(CODE, sender=script)

    assert ("in", "cs-in") == (grant.credentials.data_center, grant.credentials.client_secret)
    (request,) = script.token_requests
    assert "https://accounts.zoho.in/oauth/v2/token" == request.url
    assert {
        "grant_type": "authorization_code",
        "client_id": "1000.CLIENT",
        "client_secret": "cs-in",
        "code": CODE,
    } == form_of(request)


@pytest.mark.parametrize("value", ["", " ", "hush-hush\n", "hush hush-hush", None, 7])
@pytest.mark.parametrize("verb", ["exchange_code", "revoke"])
async def test_refuses_what_copying_spoilt(script, verb, value):
    """What cannot be a code or a token is not sent, and not shown."""
    with pytest.raises(InvalidInputError, match="without blanks") as caught:
        await getattr(make(), verb)(value, sender=script)

    assert "hush" not in str(caught.value)
    assert [] == script.token_requests + script.requests


@pytest.mark.parametrize(
    ("status", "body", "known"),
    [
        pytest.param(200, {"status": "success"}, True, id="success"),
        pytest.param(400, b"", False, id="400"),
        pytest.param(400, {"error": "invalid_token"}, False, id="400-json"),
        pytest.param(400, {"error": "general_error"}, False, id="400-other"),
        pytest.param(200, {"error": "invalid_code"}, False, id="200-json"),
    ],
)
async def test_revoking_says_whether_the_token_was_known(script, status, body, known):
    """In either case the token is gone."""
    script.add(script.response(status, body))

    assert known is await make(data_center="eu").revoke("1000.r3fr3sh", sender=script)
    (request,) = script.requests
    assert "https://accounts.zoho.eu/oauth/v2/token/revoke" == request.url
    assert {"token": "1000.r3fr3sh"} == form_of(request)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        pytest.param(400, REFUSAL, TokenThrottledError, id="throttled"),
        pytest.param(429, b"", TokenThrottledError, id="429"),
        pytest.param(200, b"<html></html>", TokenEndpointError, id="page"),
        pytest.param(302, b"", TokenEndpointError, id="redirect"),
        pytest.param(500, b"", TokenEndpointError, id="500"),
        pytest.param(200, {"error": "invalid_client"}, ClientRejectedError, id="client"),
    ],
)
async def test_a_revocation_in_doubt_is_an_error(script, status, body, kind):
    """A token is not called unknown because something else went wrong."""
    script.add(script.response(status, body))

    with pytest.raises(kind):
        await make().revoke("1000.r3fr3sh", sender=script)


@pytest.mark.parametrize("pkce", [False, True])
async def test_a_consent_becomes_a_client_that_works(fake, pkce):
    """All the way: page, code, refresh token, access token, call; and back out."""
    client = fake.oauth_client()
    request = client.authorization_request(redirect_uri=CALLBACK, scopes=[SCOPE], pkce=pkce)

    grant = await client.exchange_redirect(fake.consent(request.url), request)

    async with ZohoCRM(grant.credentials) as zoho:
        assert 1 == len(await zoho.unsubscribe_links.list())
    assert (SCOPE,) == grant.scopes
    assert 0 == fake.stats.secrets_in_query
    token = grant.credentials.refresh_token
    assert [True, False] == [await client.revoke(token), await client.revoke(token)]


async def test_a_self_clients_code_becomes_a_client_that_works(fake):
    """The console's code, too."""
    grant = await fake.oauth_client().exchange_code(fake.make_code())

    assert attrs.evolve(grant.credentials, refresh_token="x") == attrs.evolve(
        fake.credentials(), refresh_token="x"
    )
    async with ZohoCRM(grant.credentials) as zoho:
        assert await zoho.org.get()


async def test_a_user_who_says_no_ends_it(fake):
    """The local Zoho's refusal is understood."""
    client = fake.oauth_client()
    request = client.authorization_request(redirect_uri=CALLBACK, scopes=[SCOPE])

    with pytest.raises(AuthorizationDeniedError):
        await client.exchange_redirect(fake.consent(request.url, accept=False), request)

    assert 0 == fake.stats.token_requests


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.TRUNCATED_BODY, Fault.NOT_JSON])
async def test_a_code_whose_answer_was_lost_is_sent_once_and_is_used_up(fake, fault):
    """The error says to start again, which works."""
    client, code = fake.oauth_client(), fake.make_code()
    fake.token_faults.script(fault)

    with pytest.raises(TokenEndpointError, match="start again"):
        await client.exchange_code(code)
    with pytest.raises(GrantCodeRejectedError):
        await client.exchange_code(code)

    assert 2 == fake.stats.token_requests


async def test_waiting_ends_in_time(fake):
    """A server that does not answer is an error of ours after the given seconds."""
    fake.token_faults.script(Fault.HANG)

    with pytest.raises(TokenEndpointError, match="no answer in time") as caught:
        await fake.oauth_client().exchange_code(fake.make_code(), timeout=0.05)

    assert isinstance(caught.value.__cause__, RequestTimeoutError)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
async def test_no_time_at_all_is_refused(fake, seconds):
    """A timeout that nothing can keep is an error before anything is sent."""
    with pytest.raises(ConfigurationError, match="Timeouts"):
        await fake.oauth_client().exchange_code(fake.make_code(), timeout=seconds)

    assert 0 == fake.stats.token_requests


async def test_a_cancelled_exchange_leaves_nothing_behind():
    """The cancellation passes through, and the connection is closed."""
    asked, hung_up = asyncio.Event(), asyncio.Event()

    async def never(reader, writer):
        await reader.readuntil(b"code=")
        asked.set()
        await reader.read()
        writer.close()
        hung_up.set()

    async with await asyncio.start_server(never, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = make(accounts_url=f"http://127.0.0.1:{port}")
        exchange = asyncio.create_task(client.exchange_code(CODE))
        await asked.wait()
        exchange.cancel()

        with pytest.raises(asyncio.CancelledError):
            await exchange
        await asyncio.wait_for(hung_up.wait(), 5)

    assert {asyncio.current_task()} == asyncio.all_tasks()


def test_a_client_is_at_home_in_any_loop():
    """It outlives the loop that it was first used in, since it holds no connection."""
    client = make(accounts_url="http://127.0.0.1:9")

    for _ in range(2):
        with (
            asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner,
            pytest.raises(TokenEndpointError, match="could not connect"),
        ):
            runner.run(client.exchange_code(CODE))


async def serve(**answer):
    """Start a server that gives one answer to everything."""

    async def handle(_request):
        return web.Response(**answer)

    server = RawTestServer(handle)
    await server.start_server()
    return server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_an_accounts_server_that_points_elsewhere_is_not_followed(fake, status):
    """A redirect would carry code and secret away."""
    elsewhere = {"Location": f"{fake.url}/oauth/v2/token"}
    async with await serve(status=status, headers=elsewhere) as server:
        client = attrs.evolve(fake.oauth_client(), accounts_url=str(server.make_url("/")))

        with pytest.raises(TokenEndpointError, match=f"answered {status}"):
            await client.exchange_code(fake.make_code())
        with pytest.raises(TokenEndpointError, match=f"answered {status}"):
            await client.revoke(fake.credentials().refresh_token)

    assert [] == list(fake.stats.requests)


async def test_a_huge_answer_makes_a_short_error():
    """What is no token is not repeated."""
    async with await serve(body=b"\x00\xff" * 1_000_000) as server:
        client = make(accounts_url=str(server.make_url("/")))

        with pytest.raises(TokenEndpointError, match="2000000 bytes") as caught:
            await client.exchange_code(CODE)

    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("endpoint", ["auth", "token"])
async def test_a_client_can_ask_for_tokens_by_itself(fake, endpoint):
    """At either address that Zoho's pages name, and again when a token ends."""
    credentials = attrs.evolve(fake.client_credentials(), endpoint=endpoint)

    async with ZohoCRM(credentials) as zoho:
        assert await zoho.unsubscribe_links.list()
        fake.expire_tokens()
        assert await zoho.unsubscribe_links.list()

    asked = [path for method, path in fake.stats.requests if path.startswith("/oauth/")]
    assert [f"/oauth/v2/{endpoint}"] * 2 == asked
    assert 0 == fake.stats.secrets_in_query


async def test_a_client_of_another_org_is_told_where_to_look(fake):
    """The refusal says what is likely wrong, and is no final word on a refresh token."""
    async with ZohoCRM(attrs.evolve(fake.client_credentials(), org_id="1")) as zoho:
        with pytest.raises(ClientRejectedError, match="org_id"):
            await zoho.unsubscribe_links.list()


async def test_a_client_keeps_within_the_limits_by_itself():
    """The throttle of a refresh token holds for the client's own tokens as well."""
    async with (
        FakeZoho(tokens=TokenLimits(made=0)) as fake,
        ZohoCRM(fake.client_credentials()) as zoho,
    ):
        for _ in range(2):
            with pytest.raises(TokenThrottledError):
                await zoho.unsubscribe_links.list()

    assert 1 == fake.stats.token_requests
