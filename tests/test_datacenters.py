"""Which host belongs to which data centre, and which hosts may see a secret."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aiozcrm.datacenters import (
    DATA_CENTERS,
    ENVIRONMENT_OF,
    DataCenter,
    Environment,
    check_base_url,
    check_environment,
    data_center,
    download_url_of,
    environment_of,
    is_accounts_server,
    is_loopback,
    upload_url_of,
)
from aiozcrm.errors import ConfigurationError

#: Location code, accounts host, and what the API hosts end with.
HOSTS = [
    ("us", "accounts.zoho.com", "zohoapis.com"),
    ("eu", "accounts.zoho.eu", "zohoapis.eu"),
    ("in", "accounts.zoho.in", "zohoapis.in"),
    ("au", "accounts.zoho.com.au", "zohoapis.com.au"),
    ("jp", "accounts.zoho.jp", "zohoapis.jp"),
    ("cn", "accounts.zoho.com.cn", "zohoapis.com.cn"),
    ("ca", "accounts.zohocloud.ca", "zohoapis.ca"),
    ("sa", "accounts.zoho.sa", "zohoapis.sa"),
    ("uk", "accounts.zoho.uk", "zohoapis.uk"),
    ("ae", "accounts.zoho.ae", "zohoapis.ae"),
]

#: Where uploads go, in the data centres in which that follows no pattern.
UPLOAD_HOSTS = {"ca": "upload.zohocloud.ca", "sa": "files.zoho.sa"}


@pytest.mark.parametrize(("code", "accounts", "api"), HOSTS, ids=[row[0] for row in HOSTS])
def test_knows_the_hosts_of_every_data_center(code: str, accounts: str, api: str) -> None:
    """Each data centre has one accounts host and one API host an environment."""
    assert data_center(code) == DataCenter(
        code=code,
        accounts_url=f"https://{accounts}",
        api_urls={
            "production": f"https://www.{api}",
            "sandbox": f"https://sandbox.{api}",
            "developer": f"https://developer.{api}",
        },
        upload_url=f"https://{UPLOAD_HOSTS.get(code, f'content.{api}')}",
        download_url=f"https://{accounts.replace('accounts', 'download-accl')}",
    )


@pytest.mark.parametrize("environment", ["production", "sandbox", "developer"])
def test_files_have_hosts_of_their_own_in_each_data_center(environment: Environment) -> None:
    """They are the same for every environment, and a host that is not Zoho's has its own files."""
    for entry in DATA_CENTERS.values():
        api_url = entry.api_urls[environment]
        assert upload_url_of(api_url) == entry.upload_url
        assert download_url_of(api_url) == entry.download_url
    for mine in ("https://crm.example", "http://127.0.0.1:8080"):
        assert (upload_url_of(mine), download_url_of(mine)) == (mine, mine)


def test_knows_no_other_data_centers() -> None:
    """No host can slip into the table unseen."""
    assert list(DATA_CENTERS) == [code for code, _, _ in HOSTS]


@pytest.mark.parametrize("environment", ["production", "sandbox", "developer"])
def test_tells_the_environment_of_every_api_host(environment: str) -> None:
    """Where a call would go says which environment it would touch."""
    found = {url for url, known in ENVIRONMENT_OF.items() if known == environment}
    prefix = "www" if environment == "production" else environment

    assert found == {f"https://{prefix}.{api}" for _, _, api in HOSTS}


def test_takes_data_centers_in_capitals() -> None:
    """A location code may be written as on Zoho's pages."""
    assert data_center("EU") is data_center("eu")


@pytest.mark.parametrize("code", ["", "com", "eu ", "us-east-1", ".eu"])
def test_refuses_unknown_data_centers(code: str) -> None:
    """An unknown location code is refused with a list of the known ones."""
    with pytest.raises(ConfigurationError, match="There is no data centre") as caught:
        data_center(code)

    assert caught.value.hint == "Use one of: us, eu, in, au, jp, cn, ca, sa, uk, ae."


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("production", "production"),
        ("sandbox", "sandbox"),
        ("developer", "developer"),
        ("Sandbox", "sandbox"),
    ],
)
def test_takes_environments(name: str, environment: str) -> None:
    """Environments are taken in small letters and in capitals."""
    assert check_environment(name) == environment


@pytest.mark.parametrize("name", ["", "prod", "www", "sandbox "])
def test_refuses_unknown_environments(name: str) -> None:
    """An unknown environment is refused with a list of the known ones."""
    with pytest.raises(ConfigurationError, match="There is no environment") as caught:
        check_environment(name)

    assert caught.value.hint == "Use one of: production, sandbox, developer."


def test_guards_the_tables() -> None:
    """No program can put a host of its own among Zoho's."""
    for table in (DATA_CENTERS, ENVIRONMENT_OF, data_center("us").api_urls):
        with pytest.raises(TypeError):
            table["us"] = "https://evil.example"  # type: ignore[index]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://www.zohoapis.eu", "https://www.zohoapis.eu", id="zoho"),
        pytest.param("https://www.zohoapis.eu/", "https://www.zohoapis.eu", id="slash-behind"),
        pytest.param("HTTPS://WWW.ZohoAPIs.EU", "https://www.zohoapis.eu", id="capitals"),
        pytest.param("https://proxy.example", "https://proxy.example", id="other-host"),
        pytest.param("https://proxy.example:8443", "https://proxy.example:8443", id="port"),
        pytest.param("https://10.0.0.7", "https://10.0.0.7", id="address"),
        pytest.param("https://[2001:db8::7]:8443", "https://[2001:db8::7]:8443", id="ipv6"),
        pytest.param("http://localhost:8080", "http://localhost:8080", id="localhost"),
        pytest.param("http://LOCALHOST", "http://localhost", id="localhost-capitals"),
        pytest.param("http://127.0.0.1:8080", "http://127.0.0.1:8080", id="loopback"),
        pytest.param("http://[::1]:8080", "http://[::1]:8080", id="loopback-ipv6"),
    ],
)
def test_accepts_base_urls(url: str, expected: str) -> None:
    """The user's word counts: https anywhere, plain http on this machine."""
    assert check_base_url(url, setting="api_url") == expected


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("", "is not an http or https URL with a host", id="empty"),
        pytest.param("www.zohoapis.eu", "is not an http or https URL with a host", id="host"),
        pytest.param("https://", "is not an http or https URL with a host", id="no-host"),
        pytest.param("https://:443", "is not an http or https URL with a host", id="only-port"),
        pytest.param("https:/a.example", "is not an http or https URL with a host", id="one-slash"),
        pytest.param("ftp://a.example", "is not an http or https URL with a host", id="ftp"),
        pytest.param("ws://localhost", "is not an http or https URL with a host", id="websocket"),
        pytest.param("file:///etc/passwd", "is not an http or https URL with a host", id="file"),
        pytest.param("https://[::1", "is not a URL", id="open-bracket"),
        pytest.param("https://a.example:x", "is not a URL", id="port-of-letters"),
        pytest.param("https://a.example:65536", "is not a URL", id="port-too-high"),
        pytest.param("http://www.zohoapis.eu", "must be https", id="plain-http"),
        pytest.param("http://localhost.evil.example", "must be https", id="like-localhost"),
        pytest.param("http://127.0.0.1.evil.example", "must be https", id="like-loopback"),
        pytest.param("http://10.0.0.7", "must be https", id="plain-http-nearby"),
        pytest.param("http://0.0.0.0", "must be https", id="any-address"),
        pytest.param("https://me@a.example", "must not hold a user name", id="user"),
        pytest.param("https://me:pw@a.example", "must not hold a user name", id="password"),
        pytest.param(
            "https://www.zohoapis.eu@evil.example", "must not hold a user name", id="host-as-user"
        ),
        pytest.param("http://localhost@evil.example", "must be https", id="localhost-as-user"),
        pytest.param("https://a.example/crm/v7", "must be scheme and host only", id="path"),
        pytest.param("https://a.example?x=1", "must be scheme and host only", id="query"),
        pytest.param("https://a.example?", "must be scheme and host only", id="empty-query"),
        pytest.param("https://a.example#x", "must be scheme and host only", id="fragment"),
        pytest.param("https://a.example/#", "must be scheme and host only", id="empty-fragment"),
        pytest.param(" https://a.example", "must be scheme and host only", id="space-before"),
        pytest.param("https://a.example\n", "must be scheme and host only", id="line-end"),
        pytest.param("https://a.exa\tmple", "must be scheme and host only", id="tab-inside"),
        pytest.param("https://a.example ", "has characters", id="space-behind"),
        pytest.param("https://a.example\\x", "has characters", id="backslash"),
        pytest.param("https://a.example%00", "has characters", id="encoded-null"),
        pytest.param("https://zohoap\u0131s.eu", "has characters", id="dotless-i"),
        pytest.param("https://www.zohoapi\uff53.eu", "has characters", id="full-width-letter"),
    ],
)
def test_refuses_base_urls(url: str, problem: str) -> None:
    """A base URL that could lead a secret astray is refused, with the reason."""
    with pytest.raises(ConfigurationError) as caught:
        check_base_url(url, setting="api_url")

    assert caught.value.message.startswith(f"api_url {problem}")
    assert "scheme and host only" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://me:hush-hush@a.example", id="https"),
        pytest.param("http://me:hush-hush@a.example", id="http"),
        pytest.param("ftp://me:hush-hush@a.example", id="ftp"),
        pytest.param("https://me:hush-hush@a.example:x", id="bad-port"),
        pytest.param("https://me:hush-hush@[::1", id="open-bracket"),
        pytest.param("https://a.example/?token=hush-hush", id="query"),
    ],
)
def test_never_shows_a_refused_base_url(url: str) -> None:
    """The URL stays out of the error, because it might hold a password."""
    with pytest.raises(ConfigurationError) as caught:
        check_base_url(url, setting="accounts_url")

    assert "accounts_url" in str(caught.value)
    assert "hush-hush" not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize(
    ("url", "environment", "is_accounts"),
    [
        pytest.param("https://www.zohoapis.eu", "production", False, id="production"),
        pytest.param("https://sandbox.zohoapis.eu:8443", "sandbox", False, id="sandbox-port"),
        pytest.param("https://developer.zohoapis.ca", "developer", False, id="developer"),
        pytest.param("https://accounts.zohocloud.ca", None, True, id="accounts"),
        pytest.param("https://accounts.zoho.com:8443", None, True, id="accounts-port"),
        pytest.param("https://www.zohoapis.eu.example", None, False, id="like-production"),
        pytest.param("https://proxy.example", None, False, id="other"),
        pytest.param("http://[::1]:8080", None, False, id="address"),
    ],
)
def test_tells_what_a_base_url_leads_to(
    url: str,
    environment: str | None,
    is_accounts: bool,
) -> None:
    """The host decides, whatever the port."""
    assert environment_of(url) == environment
    assert is_accounts_server(url) is is_accounts


def test_no_base_url_leads_nowhere() -> None:
    """An optional URL may be asked about as it is."""
    assert environment_of(None) is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("LocalHost", True),
        ("0.0.0.0", False),  # noqa: S104  # nothing listens
        ("192.168.0.7", False),
        ("zoho.example", False),
        ("", False),
        (None, False),
    ],
)
def test_knows_loopback(host: str | None, expected: bool) -> None:
    """Only addresses that never leave the machine are loopback."""
    assert is_loopback(host) is expected


words = st.sampled_from(["https:", "http:", "//", "localhost", "a.b", "[", "]", "::1", ":443"])
marks = st.sampled_from(["/", "@", ":", "?", "#", "%", "\n", " ", "\u00e9", "\ud800", "\u2100"])


@given(st.text() | st.lists(words | marks, max_size=8).map("".join))
@example("https://a.b")
@example("http://[::1]:443/")
def test_keeps_every_base_url_to_scheme_and_host(text: str) -> None:
    """Whatever is accepted is a scheme and a host, checked again it stays the same."""
    try:
        url = check_base_url(text, setting="api_url")
    except ConfigurationError:
        return
    parts = urlsplit(url)

    assert url == f"{parts.scheme}://{parts.netloc}"
    assert parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1", "::1"}
    assert parts.username is parts.password is None
    assert url.isascii()
    assert check_base_url(url, setting="api_url") == url
