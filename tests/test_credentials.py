"""Who calls, and where the org lives."""

from typing import Any, get_args
from urllib.parse import parse_qs

import attrs
import pytest

from aiozcrm.auth import ClientCredentials, Credentials, OAuthClient
from aiozcrm.auth._credentials import OrgCredentials
from aiozcrm.datacenters import DATA_CENTERS, DataCenter, Environment
from aiozcrm.errors import ConfigurationError

SECRETS = {
    "client_secret": "cs-5up3r-hidd3n",
    "refresh_token": "1000.r3fr35h.t0k3n",
}

OF_CLIENT: dict[str, Any] = {
    "client_id": "1000.CL13NT",
    "client_secret": "cs-5up3r-hidd3n",
    "org_id": "20087312",
    "scopes": ["ZohoCRM.org.READ", "ZohoCRM.apis.READ"],
}

REQUIRED = {"client_id": "1000.CL13NT", **SECRETS}

ENVIRON = {
    "ZOHO_CLIENT_ID": "1000.CL13NT",
    "ZOHO_CLIENT_SECRET": "cs-5up3r-hidd3n",
    "ZOHO_REFRESH_TOKEN": "1000.r3fr35h.t0k3n",
}


def make(**changes: Any) -> Credentials:
    """Return credentials that differ from plain ones in *changes*."""
    return Credentials(**REQUIRED | changes)


def test_needs_three_values() -> None:
    """Without more the org lives in the US and is the productive one."""
    credentials = make()

    assert (credentials.data_center, credentials.environment) == ("us", "production")
    assert credentials.token_url_base == "https://accounts.zoho.com"
    assert credentials.api_url_base == "https://www.zohoapis.com"


@pytest.mark.parametrize(
    ("data_center", "environment", "accounts_url", "api_url"),
    [
        pytest.param(
            "eu", "sandbox", "https://accounts.zoho.eu", "https://sandbox.zohoapis.eu", id="eu"
        ),
        pytest.param(
            "ca", "production", "https://accounts.zohocloud.ca", "https://www.zohoapis.ca", id="ca"
        ),
        pytest.param(
            "AU",
            "Developer",
            "https://accounts.zoho.com.au",
            "https://developer.zohoapis.com.au",
            id="capitals",
        ),
    ],
)
def test_knows_the_hosts_of_the_org(
    data_center: str, environment: str, accounts_url: str, api_url: str
) -> None:
    """Data centre and environment say where tokens are made and where calls go."""
    credentials = make(data_center=data_center, environment=environment)

    assert credentials.token_url_base == accounts_url
    assert credentials.api_url_base == api_url


def test_takes_the_users_own_hosts() -> None:
    """Hosts that the user names stand before those of the data centre."""
    credentials = make(accounts_url="https://Accounts.Example/", api_url="http://localhost:8080")

    assert credentials.token_url_base == "https://accounts.example"
    assert credentials.api_url_base == "http://localhost:8080"


@pytest.mark.parametrize("name", ["client_id", "client_secret", "refresh_token"])
@pytest.mark.parametrize("quoted", ['"{}"', "'{}'", '"'])
def test_rejects_what_a_file_of_variables_has_quoted(name: str, quoted: str) -> None:
    """Zoho would answer that it is wrong, and the quotation marks would be hard to see."""
    value = quoted.format("1000.hidden")

    with pytest.raises(ConfigurationError, match=f"{name} is in quotation marks") as caught:
        Credentials.from_env(ENVIRON | {f"ZOHO_{name.upper()}": value})

    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param(" ", id="blank"),
        pytest.param(" hush-hush", id="space-before"),
        pytest.param("hush-hush\n", id="line-end"),
        pytest.param("hush\thush-hush", id="tab"),
        pytest.param("hush hush-hush", id="space-inside"),
        pytest.param("hush-hush\u00a0", id="no-break-space"),
        pytest.param("\ufeffhush-hush", id="byte-order-mark"),
        pytest.param(b"hush-hush", id="bytes"),
        pytest.param(None, id="none"),
        pytest.param(1000, id="number"),
    ],
)
def test_refuses_blanks_without_showing_them(name: str, value: object) -> None:
    """What copying may have spoilt is refused by name; the value itself may be a secret."""
    with pytest.raises(ConfigurationError, match=f"{name} must be text without blanks") as caught:
        make(**{name: value})

    assert "hush-hush" not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"data_center": "com"}, "There is no data centre 'com'", id="data-center"),
        pytest.param({"environment": "test"}, "There is no environment 'test'", id="environment"),
        pytest.param({"accounts_url": "http://a.example"}, "accounts_url must be https", id="http"),
        pytest.param({"api_url": "a.example"}, "api_url is not an http or https", id="api-url"),
        pytest.param({"api_url": ""}, "api_url is not an http or https", id="empty-api-url"),
    ],
)
def test_refuses_places_that_cannot_be(changes: dict[str, str], words: str) -> None:
    """Settings that cannot work are refused before anything is sent."""
    with pytest.raises(ConfigurationError, match=words):
        make(**changes)


KINDS: list[Any] = [
    pytest.param(Credentials, REQUIRED, id="credentials"),
    pytest.param(ClientCredentials, OF_CLIENT, id="client-credentials"),
    pytest.param(
        OAuthClient,
        {name: REQUIRED[name] for name in ("client_id", "client_secret")},
        id="client",
    ),
]

#: Ways to write one base URL.
SPELLINGS = [
    pytest.param("{}", id="plain"),
    pytest.param("{}/", id="slash"),
    pytest.param("{}:443", id="port"),
    pytest.param("{}:8443", id="other-port"),
]


@pytest.mark.parametrize(("kind", "required"), KINDS)
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("data_center", DATA_CENTERS)
def test_an_environment_cannot_be_pointed_at_the_host_of_another(
    kind: Any,
    required: dict[str, Any],
    spelling: str,
    data_center: str,
) -> None:
    """A sandbox client never calls production, in whichever data centre."""
    for theirs, url in DATA_CENTERS[data_center].api_urls.items():
        for mine in get_args(Environment):
            for host in (url, url.upper()):
                given = required | {"environment": mine, "api_url": spelling.format(host)}
                if mine == theirs:
                    assert kind(**given).environment == mine
                    continue
                with pytest.raises(ConfigurationError, match=f"{theirs} environment") as caught:
                    kind(**given)
                assert repr(mine) in str(caught.value)
                assert "cs-5up3r-hidd3n" not in str(caught.value)


@pytest.mark.parametrize("kind", [Credentials, ClientCredentials])
def test_a_host_of_a_sandbox_needs_the_environment_named(kind: Any) -> None:
    """Without a word the environment is production, which has another host."""
    required = REQUIRED if kind is Credentials else OF_CLIENT
    with pytest.raises(ConfigurationError, match="environment is 'production'"):
        kind(**required, api_url="https://sandbox.zohoapis.com")


def test_an_environment_cannot_be_changed_against_its_host() -> None:
    """Changed credentials are checked like new ones, and so are variables."""
    credentials = make(environment="sandbox", api_url="https://sandbox.zohoapis.in")
    with pytest.raises(ConfigurationError, match="sandbox environment"):
        attrs.evolve(credentials, environment="production")
    with pytest.raises(ConfigurationError, match="sandbox environment"):
        Credentials.from_env(ENVIRON | {"ZOHO_API_URL": "https://sandbox.zohoapis.in"})


@pytest.mark.parametrize(("kind", "required"), KINDS)
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("data_center", DATA_CENTERS.values(), ids=lambda entry: entry.code)
def test_hosts_for_tokens_and_hosts_for_calls_are_not_mixed_up(
    kind: Any,
    required: dict[str, Any],
    spelling: str,
    data_center: DataCenter,
) -> None:
    """Otherwise an answer could send the calls of a sandbox to that very host."""
    for url in data_center.api_urls.values():
        with pytest.raises(ConfigurationError, match="accounts_url is a host for calls"):
            kind(**required, accounts_url=spelling.format(url))
    with pytest.raises(ConfigurationError, match="api_url is an accounts server"):
        kind(**required, api_url=spelling.format(data_center.accounts_url))


@pytest.mark.parametrize(("kind", "required"), KINDS)
@pytest.mark.parametrize("environment", get_args(Environment))
@pytest.mark.parametrize(
    "url",
    ["https://proxy.example", "http://localhost:8080", "https://www.zohoapis.com.example"],
)
def test_a_host_of_the_users_own_serves_any_environment(
    kind: Any,
    required: dict[str, Any],
    environment: str,
    url: str,
) -> None:
    """Which environment is behind it, the user knows alone."""
    made = kind(**required, environment=environment, api_url=url, accounts_url=url)

    assert (made.api_url, made.environment) == (url, environment)


@pytest.mark.parametrize("show", [repr, str])
def test_shows_no_secret_of_its_own(show: Any) -> None:
    """What is printed of credentials says who and where, but no secret."""
    shown = show(make(data_center="in"))

    assert "1000.CL13NT" in shown
    assert "'in'" in shown
    assert not [secret for secret in SECRETS.values() if secret in shown]


def test_cannot_be_changed_on_the_way() -> None:
    """What was checked stays as it was checked."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        make().api_url = "http://evil.example"  # type: ignore[misc]


def test_reads_the_environment() -> None:
    """Every setting has a variable."""
    credentials = Credentials.from_env(
        ENVIRON
        | {
            "ZOHO_DATA_CENTER": "eu",
            "ZOHO_ENVIRONMENT": "sandbox",
            "ZOHO_ACCOUNTS_URL": "https://accounts.example",
            "ZOHO_API_URL": "https://api.example",
            "ZOHO_SOMETHING_ELSE": "x",
            "PATH": "/bin",
        }
    )

    assert credentials == make(
        data_center="eu",
        environment="sandbox",
        accounts_url="https://accounts.example",
        api_url="https://api.example",
    )


def test_reads_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word the variables are those of the process."""
    for name in ("DATA_CENTER", "ENVIRONMENT", "ACCOUNTS_URL", "API_URL"):
        monkeypatch.delenv(f"ZOHO_{name}", raising=False)
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)

    assert Credentials.from_env() == make()


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_takes_an_empty_variable_for_none(empty: str) -> None:
    """An optional variable that is set to nothing is not set."""
    optional = ("DATA_CENTER", "ENVIRONMENT", "ACCOUNTS_URL", "API_URL")

    assert Credentials.from_env(ENVIRON | {f"ZOHO_{name}": empty for name in optional}) == make()


def test_strips_what_files_put_around_values() -> None:
    """A space or a line end around a variable does not count."""
    around = {name: f" {value}\r\n" for name, value in ENVIRON.items()}

    assert Credentials.from_env(around | {"ZOHO_DATA_CENTER": "us\n"}) == make()


@pytest.mark.parametrize("names", [[name] for name in ENVIRON] + [list(ENVIRON)])
@pytest.mark.parametrize("empty", [None, "", "  "])
def test_names_every_missing_variable(names: list[str], empty: str | None) -> None:
    """Whoever forgot several variables learns of all of them at once, and of no others."""
    environ = {name: value for name, value in ENVIRON.items() if name not in names}
    if empty is not None:
        environ |= dict.fromkeys(names, empty)

    with pytest.raises(ConfigurationError) as caught:
        Credentials.from_env(environ)

    assert caught.value.message == f"Not set in the environment: {', '.join(names)}."
    assert not [secret for secret in SECRETS.values() if secret in str(caught.value)]


def test_refuses_a_variable_that_cannot_work() -> None:
    """Variables are checked like arguments."""
    with pytest.raises(ConfigurationError, match="environment 'live'"):
        Credentials.from_env(ENVIRON | {"ZOHO_ENVIRONMENT": "live"})


def test_shares_tokens_between_equal_credentials() -> None:
    """Processes with the same credentials share one place in a token store."""
    assert make(data_center="EU").store_key == make(data_center="eu").store_key


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"client_id": "1000.OTHER"}, id="client"),
        pytest.param({"refresh_token": "1000.other.token"}, id="refresh-token"),
        pytest.param({"data_center": "eu"}, id="data-center"),
        pytest.param({"environment": "sandbox"}, id="environment"),
        pytest.param({"accounts_url": "https://accounts.example"}, id="accounts-url"),
    ],
)
def test_keeps_tokens_of_others_apart(changes: dict[str, str]) -> None:
    """Another client, org, data centre or environment has a place of its own."""
    assert make(**changes).store_key != make().store_key


def test_keeps_secrets_out_of_the_store_key() -> None:
    """The name of the place, which others may see, holds none of the secrets."""
    key = make(data_center="eu", environment="sandbox").store_key

    assert key.startswith("eu.sandbox.")
    assert not [value for value in REQUIRED.values() if value in key]
    assert not [part for value in REQUIRED.values() for part in value.split(".")[1:] if part in key]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({}, "/oauth/v2/auth", id="documented"),
        pytest.param({"endpoint": "token"}, "/oauth/v2/token", id="other"),
    ],
)
def test_a_client_asks_by_itself_with_the_secret_in_the_body(
    changes: dict[str, Any], path: str
) -> None:
    """Zoho's page shows all of it in the query, which ends up in logs."""
    credentials = ClientCredentials(**OF_CLIENT | {"data_center": "EU"} | changes)

    made = credentials.token_request()

    assert (made.method, made.url, made.query) == ("POST", f"https://accounts.zoho.eu{path}", "")
    assert made.body is not None
    assert parse_qs(made.body.decode(), strict_parsing=True) == {
        "grant_type": ["client_credentials"],
        "client_id": ["1000.CL13NT"],
        "client_secret": ["cs-5up3r-hidd3n"],
        "scope": ["ZohoCRM.org.READ,ZohoCRM.apis.READ"],
        "soid": ["ZohoCRM.20087312"],
    }


def test_a_client_by_itself_is_a_value_that_shows_no_secret() -> None:
    """It can be compared, kept in sets, and printed."""
    credentials = ClientCredentials(**OF_CLIENT | {"org_id": 20087312})

    assert credentials == ClientCredentials(**OF_CLIENT)
    assert len({credentials, ClientCredentials(**OF_CLIENT)}) == 1
    assert "20087312" in repr(credentials)
    assert "cs-5up3r-hidd3n" not in repr(credentials)
    assert credentials.api_url_base == "https://www.zohoapis.com"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"org_id": "ZohoCRM.1"}, "org_id must be digits", id="prefix"),
        pytest.param({"org_id": ""}, "org_id must be digits", id="empty"),
        pytest.param({"org_id": "\u0663"}, "org_id must be digits", id="other-digits"),
        pytest.param({"org_id": -1}, "org_id must be digits", id="negative"),
        pytest.param({"scopes": []}, "scopes must be a list", id="no-scopes"),
        pytest.param({"scopes": "ZohoCRM.org.READ"}, "scopes must be a list", id="text"),
        pytest.param({"endpoint": "revoke"}, "endpoint must be 'auth' or 'token'", id="endpoint"),
        pytest.param({"client_secret": ""}, "client_secret must be text", id="secret"),
        pytest.param({"environment": "live"}, "no environment 'live'", id="environment"),
    ],
)
def test_refuses_a_client_that_cannot_ask(changes: dict[str, Any], words: str) -> None:
    """Settings that cannot work are refused before anything is sent."""
    with pytest.raises(ConfigurationError, match=words):
        ClientCredentials(**OF_CLIENT | changes)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"client_id": "1000.OTHER"}, id="client"),
        pytest.param({"org_id": "1"}, id="org"),
        pytest.param({"scopes": ["ZohoCRM.org.READ"]}, id="scopes"),
        pytest.param({"data_center": "eu"}, id="data-center"),
        pytest.param({"environment": "sandbox"}, id="environment"),
        pytest.param({"accounts_url": "https://accounts.example"}, id="accounts-url"),
    ],
)
def test_keeps_the_tokens_of_other_clients_apart(changes: dict[str, Any]) -> None:
    """Tokens for another org or other scopes have a place of their own."""
    key = ClientCredentials(**OF_CLIENT).store_key

    assert ClientCredentials(**OF_CLIENT | changes).store_key != key


def test_shares_tokens_between_clients_that_ask_for_the_same() -> None:
    """Neither the order of scopes nor the address that makes a token changes what it may do."""
    twin = OF_CLIENT | {"scopes": [*reversed(OF_CLIENT["scopes"])], "endpoint": "token"}

    assert ClientCredentials(**twin).store_key == ClientCredentials(**OF_CLIENT).store_key


def test_keeps_the_tokens_of_grants_apart() -> None:
    """A client's own tokens are never taken for those of a refresh token, whatever it is."""
    mine = ClientCredentials(**OF_CLIENT)
    others = (
        mine.org_id,
        "client_credentials",
        "client_credentials20087312ZohoCRM.apis.READZohoCRM.org.READ",
    )

    keys = {make(refresh_token=token).store_key for token in others}
    assert mine.store_key not in keys
    assert mine.store_key.startswith("us.production.")
    assert len(mine.store_key) == len(make().store_key)


def test_every_kind_asks_in_its_own_way() -> None:
    """What all kinds share makes no token."""
    with pytest.raises(NotImplementedError):
        OrgCredentials().token_request()
    with pytest.raises(NotImplementedError):
        OrgCredentials()._source()
