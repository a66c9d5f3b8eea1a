"""``aiozcrm login`` and ``logout``: from the consent page to a profile, and back."""

import asyncio
import errno
import http.client
import queue
import re
import signal
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
import webbrowser

import attrs
import pexpect
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from aiozcrm import Grant
from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.profiles._redirect_listener import listen_for_redirect
from aiozcrm.cli.profiles.login import _to_profile

SECRET = "client-secret-acme-0123456789abcdef"


@pytest.fixture
def fake(add_org, profiles):
    """A local Zoho whose org has no profile yet."""
    made = add_org("acme", links=2)
    profiles.remove("acme")
    return made


@pytest.fixture
def arguments(fake, port, monkeypatch):
    """What has to be said to log in there, with the secret in the environment."""
    monkeypatch.setenv("ZOHO_CLIENT_SECRET", SECRET)
    client_id = fake.environ()["ZOHO_CLIENT_ID"]
    said = {"--client-id": client_id, "--accounts-url": fake.url, "--port": str(port)}
    return ["login", "--profile", "acme", *(word for pair in said.items() for word in pair)]


@pytest.fixture
def going_to(fake, monkeypatch):
    """Return what lets a browser say yes or no, and a queue of the pages that it was shown."""
    pages = queue.Queue()
    threads = []

    def going_to(*, accept=True, before=None):
        def browse(url):
            if before:
                before(url)
            try:
                with urllib.request.urlopen(fake.consent(url, accept=accept)) as page:  # noqa: S310  # loopback
                    pages.put((page.headers, page.read().decode()))
            finally:
                threads.append(threading.current_thread())
            return True

        monkeypatch.setattr(webbrowser, "open", browse)
        return pages

    yield going_to
    for thread in threads:
        thread.join()


def read_until_url(process):
    """Return the address of the consent page that a command shows."""
    for line in process.stderr:
        if found := re.search(r"http://\S+/oauth/v2/auth\?\S+", line):
            process.stderr.readline()
            assert process.stderr.readline().startswith("Waiting for the browser")
            return found[0]
    raise AssertionError("The command ended without an address.")


def test_a_login_in_a_real_browser_makes_a_profile_that_works(
    fake, arguments, start, browser, profiles, invoke
):
    """R13: the whole way: consent page, redirect, exchange, profile, first call."""
    process = start(*arguments, "--no-browser")
    browser.get(read_until_url(process))
    consent = browser.find_element(By.TAG_NAME, "body").text
    browser.find_element(By.CSS_SELECTOR, "button[value=accept]").click()
    WebDriverWait(browser, 10).until(lambda page: "Logged in" in page.title)
    page = browser.find_element(By.TAG_NAME, "body").text
    output, errors = process.communicate(timeout=30)

    assert "ZohoCRM.settings.unsubscribe.ALL" in consent
    assert "You can close this tab" in page
    assert (0, "") == (process.returncode, errors)
    assert "Logged in to Oldenkamp Bindery (production, data centre us)." in output
    profile = profiles.load("acme")
    assert fake.url == profile.credentials.accounts_url
    assert ("ZohoCRM.settings.unsubscribe.ALL", "ZohoCRM.org.READ") == profile.scopes
    assert ExitCode.DONE == invoke("doctor", "--profile", "acme").exit_code
    assert 0 == fake.stats.secrets_in_query


def test_a_refusal_in_a_real_browser_stores_nothing(arguments, start, browser, profiles):
    """The page and the terminal both say so."""
    process = start(*arguments, "--no-browser")
    browser.get(read_until_url(process))
    browser.find_element(By.CSS_SELECTOR, "button[value=reject]").click()
    WebDriverWait(browser, 10).until(lambda page: "Not logged in" in page.title)
    output, errors = process.communicate(timeout=30)

    assert (ExitCode.CREDENTIALS, "") == (process.returncode, output)
    assert errors.startswith("Error: ")
    assert [] == profiles.names()


def test_the_browser_is_opened_and_shown_a_page_that_nobody_keeps(
    fake, arguments, invoke, going_to, profiles
):
    """The address of that page holds a code."""
    pages = going_to()

    result = invoke(*arguments)

    assert ExitCode.DONE == result.exit_code
    headers, page = pages.get(timeout=10)
    assert "You can close this tab" in page
    assert "no-store" == headers["Cache-Control"]
    assert "no-referrer" == headers["Referrer-Policy"]
    assert ["acme"] == profiles.names()


def test_no_secret_is_shown_and_none_is_written_but_where_it_belongs(
    fake, arguments, invoke, going_to, profiles
):
    """R13: output, log and every file of the user, searched."""
    going_to()

    result = invoke("--debug", *arguments)
    refresh_token = profiles.load("acme").credentials.refresh_token
    files = {
        entry: entry.read_text()
        for folder in (profiles.path.parent, profiles.tokens_path.parent)
        for entry in folder.iterdir()
    }
    holders = {
        secret: {path.name for path, text in files.items() if secret in text}
        for secret in (SECRET, refresh_token)
    }

    assert {SECRET: {"secrets.json"}, refresh_token: {"secrets.json"}} == holders
    assert SECRET not in result.output
    assert refresh_token not in result.output
    assert "code=" not in result.output


def test_other_pages_can_neither_end_nor_take_over_a_login(arguments, invoke, going_to, port):
    """Whoever does not know the state is turned away, and the login goes on."""
    turned_away = []

    def intrude(url):
        for address in ("callback?code=1000.evil&state=x", "callback", "", "callback/x?state="):
            try:
                urllib.request.urlopen(f"http://localhost:{port}/{address}")  # loopback
            except urllib.error.HTTPError as error:
                with error:
                    turned_away.append(error.code)

    going_to(before=intrude)
    result = invoke(*arguments)

    assert [400, 400, 404, 404] == turned_away
    assert ExitCode.DONE == result.exit_code


async def test_nonsense_that_somebody_sends_is_not_shown(port, caplog):
    """A line that cannot be parsed may hold a code all the same."""
    async with listen_for_redirect(state="x", port=port):
        reader, writer = await asyncio.open_connection("localhost", port)
        writer.write(b"GET /callback?code=1000.c0de\xff&state=x HTTP/1.1\r\n\r\n")
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.0 400 ")
    assert [] == caplog.records


@pytest.fixture
def without(monkeypatch):
    """Return what lets listening on IPv6 fail."""

    def without(number):
        create = socket.create_server

        def create_server(address, **options):
            if options:
                raise OSError(number, "no IPv6")
            return create(address)

        monkeypatch.setattr(socket, "create_server", create_server)

    return without


@pytest.mark.parametrize("number", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
def test_a_machine_without_ipv6_will_do(arguments, invoke, going_to, without, number):
    """Many containers know an address of localhost that nobody can listen on."""
    without(number)
    going_to()

    assert ExitCode.DONE == invoke(*arguments).exit_code


def test_somebody_else_at_the_other_address_of_localhost_is_told(arguments, invoke, without):
    """The browser might bring the code there."""
    without(errno.EADDRINUSE)

    result = invoke(*arguments)

    assert ExitCode.USAGE == result.exit_code
    assert "Cannot listen on port" in result.stderr
    assert "Consent at" not in result.stderr


def test_a_page_that_is_loaded_twice_is_answered_twice(fake, arguments, invoke, monkeypatch):
    """Browsers do so; the code is exchanged once."""
    # The second time comes while the first is still waiting for how it went.
    fake.latency = 0.5
    pages = queue.Queue()

    def browse(url):
        place = urllib.parse.urlsplit(fake.consent(url))
        loads = [http.client.HTTPConnection(place.netloc, timeout=30) for _ in range(2)]
        # Both are open before either asks, so a busy machine cannot bring one too late.
        for load in loads:
            load.connect()
        for load in loads:
            load.request("GET", f"{place.path}?{place.query}")
        for load in loads:
            pages.put(load.getresponse().read())
            load.close()

    monkeypatch.setattr(webbrowser, "open", browse)
    result = invoke(*arguments)

    assert ExitCode.DONE == result.exit_code
    assert pages.get(timeout=10) == pages.get(timeout=10)
    assert 2 == fake.stats.token_requests  # the exchange, and the first access token


def test_a_browser_that_does_not_come_back_is_told_with_the_likely_reason(
    arguments, invoke, monkeypatch, port
):
    """An address that is not registered leaves the browser on Zoho's page."""
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)

    result = invoke(*arguments, "--timeout", "0", "--no-browser")

    assert [] == opened
    assert ExitCode.CREDENTIALS == result.exit_code
    assert f"Is http://localhost:{port}/callback a redirect URI" in result.stderr


def test_a_port_that_is_taken_is_told(arguments, invoke, port):
    """Before anybody consents in vain."""
    with socket.create_server(("localhost", port)):
        result = invoke(*arguments)

    assert ExitCode.USAGE == result.exit_code
    assert f"Cannot listen on port {port}" in result.stderr
    assert "--port" in result.stderr


def test_ctrl_c_ends_the_wait_and_stores_nothing(arguments, start, profiles):
    """With the exit code that shells expect, and no traceback."""
    process = start(*arguments, "--no-browser")
    read_until_url(process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)

    assert (ExitCode.INTERRUPTED, "Error: interrupted.\n") == (process.returncode, errors)
    assert [] == profiles.names()


def test_a_profile_that_could_not_be_kept_is_found_before_the_consent(arguments, invoke, profiles):
    """A refresh token that nobody keeps would be lost."""
    profiles.prepare()
    profiles.path.chmod(0o644)

    result = invoke(*arguments)

    assert ExitCode.USAGE == result.exit_code
    assert f"chmod 600 {profiles.path}" in result.stderr
    assert "Consent at" not in result.stderr


def test_a_keyring_that_is_wanted_and_not_there_is_told_before_the_consent(arguments, invoke):
    """A refresh token that nobody keeps would be lost."""
    result = invoke(*arguments, "--secrets", "keyring", "--timeout", "0")

    assert ExitCode.USAGE == result.exit_code
    assert "--secrets file" in result.stderr
    assert "Consent at" not in result.stderr


@pytest.fixture
def obstacle(profiles):
    """What keeps a profile from being written, if it is made in time."""
    return profiles.path.with_name("profiles.toml.new")


def test_a_refresh_token_that_cannot_be_kept_is_revoked(
    fake, arguments, invoke, going_to, profiles, obstacle
):
    """The disk was full, say; page and terminal tell, and the profile before still works."""
    pages = going_to()
    invoke(*arguments)
    pages.get(timeout=10)
    before = profiles.load("acme")
    going_to(before=lambda _: obstacle.mkdir())

    result = invoke(*arguments)
    obstacle.rmdir()

    assert ExitCode.FAILED == result.exit_code
    assert "The refresh token could not be kept, and was revoked again." in result.stderr
    assert "Not logged in" in pages.get(timeout=10)[1]
    assert 1 == fake.stats.revoked
    assert before == profiles.load("acme")
    assert ExitCode.DONE == invoke("doctor", "--profile", "acme").exit_code


async def test_a_refresh_token_that_is_neither_kept_nor_revoked_is_told(credentials, port, capsys):
    """Only the user can end it then."""
    unreachable = attrs.evolve(credentials, accounts_url=f"http://127.0.0.1:{port}")

    async def exchange():
        return Grant(credentials=unreachable)

    def keep(_):
        raise OSError("The disk is full.")

    with pytest.raises(OSError, match="full"):
        await _to_profile(exchange(), keep)

    told = capsys.readouterr().err
    assert "neither kept nor revoked; revoke it in your Zoho account" in told
    assert credentials.refresh_token not in told


async def test_ctrl_c_during_the_exchange_loses_no_refresh_token(credentials):
    """What Zoho has made is kept, and only then the command ends."""
    answered, kept = asyncio.get_running_loop().create_future(), []

    async def exchange():
        return await answered

    login = asyncio.create_task(_to_profile(exchange(), kept.append))
    await asyncio.sleep(0)
    login.cancel()
    await asyncio.sleep(0)
    answered.set_result(Grant(credentials=credentials))
    with pytest.raises(asyncio.CancelledError):
        await login

    assert [credentials] == [grant.credentials for grant in kept]


def test_a_wrong_client_secret_is_told(arguments, invoke, going_to, monkeypatch, profiles):
    """On the page and in the terminal; nothing is stored."""
    pages = going_to()
    monkeypatch.setenv("ZOHO_CLIENT_SECRET", "wrong")

    result = invoke(*arguments)

    assert ExitCode.CREDENTIALS == result.exit_code
    assert "Not logged in" in pages.get(timeout=10)[1]
    assert [] == profiles.names()


def test_another_environment_than_the_one_asked_for_is_refused(
    add_org, arguments, invoke, monkeypatch, profiles, fake
):
    """Somebody chose the wrong org on the consent page; nothing is stored."""
    sandbox = add_org("box", api_domain="https://sandbox.zohoapis.com")
    profiles.remove("box")
    environ = sandbox.environ()
    monkeypatch.setenv("ZOHO_CLIENT_SECRET", environ["ZOHO_CLIENT_SECRET"])
    monkeypatch.setattr(
        webbrowser,
        "open",
        lambda url: urllib.request.urlopen(sandbox.consent(url)).close(),  # noqa: S310  # loopback
    )
    arguments[arguments.index("--client-id") + 1] = environ["ZOHO_CLIENT_ID"]
    arguments[arguments.index("--accounts-url") + 1] = sandbox.url

    result = invoke(*arguments, "--environment", "production")

    assert ExitCode.CREDENTIALS == result.exit_code
    assert "sandbox" in result.stderr
    assert [] == profiles.names()


def test_the_code_of_a_self_client_is_read_from_the_input(fake, arguments, invoke):
    """It never stands on the command line, where others could see it."""
    code = fake.make_code("ZohoCRM.org.READ")

    result = invoke(*arguments, "--code", given=f"{code}\n")

    assert (ExitCode.DONE, "") == (result.exit_code, result.stderr)
    assert "Logged in to Oldenkamp Bindery" in result.output
    assert code not in result.output


def test_a_piped_code_is_not_taken_for_the_secret(fake, arguments, invoke, monkeypatch):
    """Without a secret anywhere, it says which variable has to be set, and sends nothing."""
    monkeypatch.delenv("ZOHO_CLIENT_SECRET")

    result = invoke(*arguments, "--code", given="1000.some.code\n")

    assert ExitCode.USAGE == result.exit_code
    assert "Client secret is missing. Set ZOHO_CLIENT_SECRET" in result.stderr
    assert 0 == fake.stats.token_requests


def test_a_code_that_is_not_accepted_is_told(arguments, invoke, profiles):
    """It may be used up."""
    result = invoke(*arguments, "--code", given="1000.old.code\n")

    assert ExitCode.CREDENTIALS == result.exit_code
    assert "1000.old" not in result.output
    assert [] == profiles.names()


def test_without_secret_and_code_nothing_is_sent(arguments, invoke, monkeypatch, fake):
    """What is missing is named, with how to say it."""
    no_code = invoke(*arguments, "--code", given="")
    monkeypatch.delenv("ZOHO_CLIENT_SECRET")
    no_secret = invoke(*arguments, given="")
    no_id = invoke("login", given="")

    assert (ExitCode.USAGE, "Code is missing." in no_code.stderr) == (no_code.exit_code, True)
    assert (ExitCode.USAGE, "ZOHO_CLIENT_SECRET" in no_secret.stderr) == (
        no_secret.exit_code,
        True,
    )
    assert (ExitCode.USAGE, "--client-id" in no_id.stderr) == (no_id.exit_code, True)
    assert 0 == fake.stats.token_requests


@pytest.mark.system
def test_secrets_typed_at_a_terminal_are_not_shown(fake, arguments, monkeypatch, command):
    """Id, secret and code are asked for; only the id is seen."""
    monkeypatch.delenv("ZOHO_CLIENT_SECRET")
    code = fake.make_code()
    where = arguments.index("--client-id")
    client_id = arguments[where + 1]
    del arguments[where : where + 2]
    with pexpect.spawn(command[0], [*command[1:], *arguments, "--code"], timeout=30) as terminal:
        for question, answer in (("Client id", client_id), ("secret", SECRET), ("Code", code)):
            terminal.expect(f"{question}: ")
            terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        seen = terminal.before.decode()

    assert "Logged in to Oldenkamp Bindery" in seen
    assert SECRET not in seen
    assert code not in seen


def test_ctrl_c_interrupts_a_question(terminal):
    """With the exit code that shells expect."""
    login = terminal("login", "--client-id", "1000.A")
    login.wait_for("Client secret: ")

    assert ExitCode.INTERRUPTED == login.answer_with_ctrl_c()
    assert "Error: interrupted." in login.written


def test_ctrl_d_interrupts_a_question(terminal):
    """Nothing more comes, so there is no answer."""
    login = terminal("login", "--client-id", "1000.A")
    login.wait_for("Client secret: ")
    login.type("\x04")

    assert ExitCode.INTERRUPTED == login.end()
    assert "Error: interrupted." in login.written


def test_a_second_login_asks_for_nothing_that_the_profile_knows(
    fake, arguments, invoke, going_to, monkeypatch, profiles, port
):
    """Even after the refresh token was revoked elsewhere."""
    going_to()
    invoke(*arguments)
    before = profiles.load("acme").credentials
    monkeypatch.delenv("ZOHO_CLIENT_SECRET")

    result = invoke("login", "--profile", "acme", "--port", str(port))

    assert ExitCode.DONE == result.exit_code
    after = profiles.load("acme").credentials
    assert before.refresh_token != after.refresh_token
    assert (before.client_id, SECRET) == (after.client_id, after.client_secret)


@pytest.mark.parametrize(
    "changed", [["--client-id", "1000.OTHER"], ["--data-center", "eu"]], ids=lambda it: it[0]
)
def test_another_client_or_data_center_needs_its_own_secret(
    arguments, invoke, going_to, monkeypatch, changed
):
    """A secret goes nowhere but where it is from."""
    going_to()
    invoke(*arguments)
    monkeypatch.delenv("ZOHO_CLIENT_SECRET")

    result = invoke("login", "--profile", "acme", *changed)

    assert ExitCode.USAGE == result.exit_code
    assert "Client secret is missing" in result.stderr


def test_a_profile_whose_secrets_are_gone_can_log_in_again(arguments, invoke, going_to, profiles):
    """That is what the error about it says to do."""
    going_to()
    invoke(*arguments)
    (profiles.path.parent / "secrets.json").unlink()

    assert ExitCode.DONE == invoke(*arguments).exit_code
    assert SECRET == profiles.load("acme").credentials.client_secret


def test_an_org_whose_name_is_hidden_is_logged_in_all_the_same(
    arguments, invoke, going_to, profiles
):
    """The scope for it is nobody's duty."""
    going_to()

    result = invoke(*arguments, "--scope", "ZohoCRM.settings.unsubscribe.ALL")

    assert ExitCode.DONE == result.exit_code
    assert "The name of the org cannot be read" in result.stderr
    assert ["acme"] == profiles.names()


def test_a_login_asks_for_the_scopes_of_what_programs_use(arguments, invoke, going_to, profiles):
    """Of all that is named, each once, and of nothing else."""
    going_to()

    result = invoke(
        *(*arguments, "--for", "records.Leads, query", "--for", "tags.Leads"),
        *("--scope", "ZohoCRM.coql.READ"),
    )

    assert ExitCode.DONE == result.exit_code
    assert profiles.load("acme").scopes == (
        "ZohoCRM.coql.READ",
        "ZohoCRM.modules.ALL",
        "ZohoSearch.securesearch.READ",
        "ZohoCRM.modules.READ",
        "ZohoCRM.settings.tags.ALL",
    )


@pytest.mark.parametrize("names", ["recods", "", "query,,users"])
def test_what_the_client_does_not_have_is_no_purpose(arguments, invoke, names):
    """The nearest that it has is named, and nothing is asked."""
    result = invoke(*arguments, "--for", names)

    assert ExitCode.USAGE == result.exit_code
    assert "A client has no" in result.stderr
    assert "--for" in result.stderr


@pytest.mark.parametrize("name", ["Acme", "../acme", "environment"])
def test_a_name_that_cannot_be_is_refused_first(invoke, name):
    """Before anything is asked."""
    result = invoke("login", "--profile", name)

    assert ExitCode.USAGE == result.exit_code
    assert "cannot be the name" in result.stderr


def test_a_logout_revokes_the_token_and_removes_all_that_was_kept(add_org, invoke, profiles):
    """Access tokens as well; another profile stays as it is."""
    fake = add_org("acme")
    add_org("other")
    invoke("doctor", "--all-profiles")
    token = fake.stats.last_headers["Authorization"].split()[1]
    assert token in profiles.tokens_path.read_text()
    secret, refresh_token = (
        fake.environ()[f"ZOHO_{x}"] for x in ("CLIENT_SECRET", "REFRESH_TOKEN")
    )

    result = invoke("logout", "--profile", "acme")

    assert ExitCode.DONE == result.exit_code
    assert "The refresh token was revoked." in result.output
    assert ["other"] == profiles.names()
    left = "".join(
        entry.read_text()
        for folder in (profiles.path.parent, profiles.tokens_path.parent)
        for entry in folder.iterdir()
    )
    assert not any(gone in left for gone in (token, secret, refresh_token))
    assert ExitCode.DONE == invoke("doctor", "--profile", "other").exit_code


def test_a_logout_after_a_revocation_elsewhere_says_so(add_org, invoke, profiles):
    """There is nothing left to end at Zoho."""
    add_org("acme").revoke_refresh_token()

    result = invoke("logout", "--profile", "acme")

    assert ExitCode.DONE == result.exit_code
    assert "was revoked already" in result.output
    assert [] == profiles.names()


def test_a_logout_can_leave_the_refresh_token_alive(add_org, invoke, profiles):
    """A service may use it, too."""
    fake = add_org("acme")

    result = invoke("logout", "--profile", "acme", "--no-revoke")

    assert ExitCode.DONE == result.exit_code
    assert [] == list(fake.stats.requests)
    assert [] == profiles.names()


def test_a_logout_that_could_not_revoke_keeps_the_profile(add_org, invoke, profiles, port):
    """Otherwise nobody could revoke it any more."""
    add_org("acme")
    text = profiles.path.read_text()
    profiles.path.write_text(re.sub(r"http://127.0.0.1:\d+", f"http://127.0.0.1:{port}", text))

    result = invoke("logout", "--profile", "acme")

    assert ExitCode.FAILED == result.exit_code
    assert ["acme"] == profiles.names()


def test_a_profile_without_secrets_is_removed_all_the_same(add_org, invoke, profiles):
    """There is nothing to revoke it with."""
    add_org("acme")
    (profiles.path.parent / "secrets.json").unlink()

    result = invoke("logout", "--profile", "acme")

    assert ExitCode.DONE == result.exit_code
    assert "Nothing can be revoked" in result.stderr
    assert [] == profiles.names()


def test_an_unknown_profile_is_told(invoke):
    """With those that are known, and not with how to make what was to be removed."""
    result = invoke("logout", "--profile", "acm")

    assert ExitCode.USAGE == result.exit_code
    assert "Error: There is no profile 'acm'; known: none.\n" == result.stderr
