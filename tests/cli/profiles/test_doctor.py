"""``aiozcrm doctor``: each thing that can be wrong is found, and told with what mends it."""

import socket
import stat

import attrs
import pytest

from aiozcrm import Credentials, ZohoCRM
from aiozcrm._protocol import Request, Response
from aiozcrm.cli._exits import ExitCode
from aiozcrm.cli.profiles._checks import check_environment, check_profile
from aiozcrm.cli.profiles._profiles import Profile
from aiozcrm.cli.profiles._scopes import FOR_ALL
from aiozcrm.datacenters import DATA_CENTERS
from aiozcrm.errors import ConnectError
from aiozcrm.testing import FakeZoho, Limits, TokenLimits

#: What an accounts server answers that has no time, and what no server answers.
THROTTLED = b'{"error_description": "Too many.", "error": "Access Denied", "status": "failure"}'
OFFLINE = b""


def found(output: str, about: str) -> str:
    """Return what was said about something: verdict and sentence."""
    (line,) = [line for line in output.splitlines() if line.split()[1:2] == [about]]
    return " ".join(line.split())


@pytest.fixture
async def local(fake: FakeZoho, profiles) -> Profile:
    """The profile of a local Zoho in this event loop."""
    return Profile(name="local", credentials=fake.credentials())


def test_a_profile_that_works_passes(add_org, invoke):
    """Token, org and links are seen working; nothing is changed; the exit code is 0."""
    fake = add_org(links=3)

    result = invoke("doctor")

    assert ExitCode.DONE == result.exit_code
    assert "good token Made now, good for 1 h." == found(result.output, "token")
    assert found(result.output, "org").startswith("good org ")
    assert "production" in found(result.output, "org")
    assert "good links 4 unsubscribe links." == found(result.output, "links")
    assert "good clock Within 30 s of Zoho's." == found(result.output, "clock")
    assert "default" in found(result.output, "profiles")
    assert {"GET", "POST"} == {method for method, _ in fake.stats.requests}
    assert 0 == fake.stats.effects.total()


def test_the_next_command_uses_the_same_token(add_org, invoke):
    """Looking for what is wrong does not use up tokens."""
    fake = add_org()
    invoke("doctor")

    result = invoke("doctor")

    assert "Kept by an earlier command" in found(result.output, "token")
    assert 1 == fake.stats.tokens_made


def test_without_any_profile_it_says_how_to_make_one(invoke):
    """What there is of the machine is told all the same."""
    result = invoke("doctor")

    assert ExitCode.USAGE == result.exit_code
    assert "aiohttp" in found(result.output, "versions")
    assert "aiozcrm login --profile default" in found(result.output, "profile")


def test_profiles_are_looked_at_one_after_the_other(add_org, invoke):
    """One that fails keeps none from its turn, and decides the exit code."""
    add_org("bad").revoke_refresh_token()
    add_org("good")

    result = invoke("doctor", "--all-profiles")

    assert ExitCode.CREDENTIALS == result.exit_code
    assert "Profile bad" in result.output
    assert "Profile good" in result.output
    assert "wrong token" in " ".join(result.output.split())
    assert "good token" in " ".join(result.output.split())


def test_all_and_some_profiles_do_not_go_together(invoke):
    """As everywhere else."""
    result = invoke("doctor", "--all-profiles", "--profile", "a")

    assert ExitCode.USAGE == result.exit_code
    assert "not both" in result.stderr


def test_a_throttle_is_told_with_the_time_to_come_back(add_org, invoke):
    """And with the exit code for it."""
    add_org(tokens=TokenLimits(made=0))

    result = invoke("doctor")

    assert ExitCode.THROTTLED == result.exit_code
    assert "in 10 min." in found(result.output, "token")


def test_a_missing_scope_for_links_is_told(add_org, invoke):
    """What the token may do besides is not in its way."""
    add_org(scope="ZohoCRM.org.READ")

    result = invoke("doctor")

    assert ExitCode.CREDENTIALS == result.exit_code
    assert found(result.output, "links").startswith("wrong links ")
    assert "scope" in found(result.output, "links")


def test_a_missing_scope_for_the_org_only_hides_its_name(add_org, invoke):
    """Links can be used all the same."""
    add_org(scope="ZohoCRM.settings.unsubscribe.ALL")

    result = invoke("doctor")

    assert ExitCode.DONE == result.exit_code
    assert "look org Its name cannot be read." in found(result.output, "org")
    assert found(result.output, "links").startswith("good ")


def test_an_outage_is_told(add_org, invoke):
    """The org's own call is the first that fails."""
    fake = add_org()
    fake.permission_denied = True
    denied = invoke("doctor")
    fake.permission_denied = False
    fake.credits = 0
    used_up = invoke("doctor")

    assert "look org" in found(denied.output, "org")
    assert ExitCode.THROTTLED == used_up.exit_code
    assert found(used_up.output, "org").startswith("wrong ")


@pytest.mark.parametrize(
    ("scopes", "verdict", "told"),
    [
        (("ZohoCRM.settings.unsubscribe.ALL", "ZohoCRM.org.READ"), "good", "Authorized for: Zoho"),
        (("ZohoCRM.settings.ALL", "zohocrm.org.all"), "good", "ZohoCRM.settings.ALL"),
        (("ZohoCRM.settings.unsubscribe.ALL",), "look", "Not allowed: The org: read."),
        (
            ("ZohoCRM.settings.unsubscribe.READ", "ZohoCRM.org.ALL"),
            "look",
            "Not allowed: Links: create, update, delete. To allow it: aiozcrm login --profile",
        ),
        ((), "good", "Links commands need: ZohoCRM.settings.unsubscribe.ALL, ZohoCRM.org.READ; "),
        (
            (),
            "good",
            (
                "records, sync, export, schema and query commands: ZohoCRM.modules.ALL, "
                "ZohoSearch.securesearch.READ, ZohoCRM.org.READ, ZohoCRM.settings.modules.READ, "
                "ZohoCRM.settings.fields.READ, ZohoCRM.coql.READ, ZohoCRM.bulk.READ."
            ),
        ),
        (
            (
                "ZohoCRM.settings.ALL",
                "ZohoCRM.org.READ",
                "ZohoCRM.modules.ALL",
                "ZohoCRM.bulk.ALL",
            ),
            "good",
            (
                "query commands need these, too: ZohoSearch.securesearch.READ, ZohoCRM.coql.READ. "
                "To allow them: aiozcrm login --profile default --for unsubscribe_links,org,"
            ),
        ),
    ],
)
def test_the_scopes_of_the_authorization_are_told(add_org, invoke, profiles, scopes, verdict, told):
    """What they do not allow is known before a call fails."""
    add_org()
    profiles.save(attrs.evolve(profiles.load("default"), scopes=scopes), place="file")

    said = found(invoke("doctor").output, "scopes")

    assert said.startswith(f"{verdict} ")
    assert told in said


def test_nothing_more_is_told_of_scopes_that_cover_all_commands(add_org, invoke, profiles):
    """What the doctor says of records is what it tells to log in for."""
    add_org()
    scopes = ZohoCRM.scopes_for(*FOR_ALL.split(","))
    profiles.save(attrs.evolve(profiles.load("default"), scopes=scopes), place="file")

    said = found(invoke("doctor").output, "scopes")

    assert f"good scopes Authorized for: {', '.join(scopes)}." == said


def test_files_that_others_can_use_are_told_with_the_command_that_mends_them(
    add_org, invoke, profiles
):
    """Of the profiles and of the secrets."""
    add_org()
    invoke("doctor")
    for name, about in (("profiles.toml", "profiles"), ("secrets.json", "profile")):
        (profiles.path.parent / name).chmod(0o644)
        result = invoke("doctor")
        (profiles.path.parent / name).chmod(0o600)

        assert ExitCode.USAGE == result.exit_code
        assert f"chmod 600 {profiles.path.parent / name}" in found(result.output, about)


def test_tokens_that_others_can_use_are_told_and_replaced(add_org, invoke, profiles):
    """They keep no command from working."""
    add_org()
    invoke("doctor")
    profiles.tokens_path.chmod(0o640)

    result = invoke("doctor")

    assert ExitCode.DONE == result.exit_code
    assert "look tokens Others can use the tokens" in found(result.output, "tokens")
    assert f"chmod 600 {profiles.tokens_path}" in found(result.output, "tokens")
    assert 0o600 == stat.S_IMODE(profiles.tokens_path.stat().st_mode)


def test_variables_are_told_and_those_that_nobody_reads():
    """A slip in a name is hard to see."""
    secrets = {"ZOHO_CLIENT_SECRET": "2", "ZOHO_REFRESH_TOKEN": "3"}
    environ = {"ZOHO_CLIENT_ID": "1", "ZOHO_DATACENTER": "eu", "HOME": "/"}

    _, unknown, incomplete = check_environment(environ)
    *_, complete = check_environment(environ | secrets)

    assert ("look", True) == (unknown.verdict, "Not used: ZOHO_DATACENTER." in unknown.found)
    assert ("wrong", ExitCode.USAGE) == (incomplete.verdict, incomplete.code)
    assert "ZOHO_CLIENT_SECRET, ZOHO_REFRESH_TOKEN must be set as well" in incomplete.found
    assert ("good", ExitCode.DONE) == (complete.verdict, complete.code)
    assert complete.found.startswith("Set: ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET, ZOHO_REFRESH_TOKEN.")


def test_variables_without_a_client_are_no_credentials(invoke, monkeypatch):
    """Commands use profiles then, and doctor says so."""
    monkeypatch.setenv("ZOHO_DATA_CENTER", "eu")
    monkeypatch.setenv("ZOHO_CLIENT_ID", "")

    result = invoke("doctor")

    assert "look variables" in found(result.output, "variables")
    assert "commands use profiles" in found(result.output, "variables")
    assert "Profile default" in result.output


def test_tokens_that_cannot_be_kept_are_told(add_org, invoke, profiles):
    """Each command would ask for one of its own, until there are no more."""
    add_org()
    profiles.tokens_path.with_name("tokens.json.new").mkdir(parents=True)

    result = invoke("doctor")

    assert ExitCode.DONE == result.exit_code
    assert "look tokens They cannot be kept (save: " in " ".join(result.output.split())


def test_secrets_that_cannot_be_read_are_told(add_org, invoke, profiles, monkeypatch):
    """Without a traceback, and the other profiles get their turn."""
    add_org()
    folder = profiles.path.parent
    (folder / "secrets.json").unlink()
    # A short name, since those of sockets are.
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as nothing_to_read:
        nothing_to_read.bind("secrets.json")
        result = invoke("doctor")

    assert ExitCode.FAILED == result.exit_code
    assert "wrong profile" in found(result.output, "profile")


@pytest.mark.parametrize(("seconds", "told"), [(95, "1 min 3"), (-95, "behind")])
async def test_a_clock_that_is_off_is_told(fake, local, profiles, seconds, told):
    """By the moment that every answer carries."""
    wall = fake_wall(seconds)

    checks = await check_profile(local, profiles, wall=wall)

    (check,) = [check for check in checks if check.about == "clock"]
    assert "look" == check.verdict
    assert told in check.found


def fake_wall(seconds):
    """Return a clock that is off."""
    import time  # noqa: PLC0415  # only here, where nothing waits for it

    return lambda: time.time() + seconds


async def test_credits_are_told_where_zoho_tells_them(profiles):
    """From half of them on, every answer does."""
    async with FakeZoho(limits=Limits(credits=10)) as fake:
        fake.credits = 5
        profile = Profile(name="local", credentials=fake.credentials())
        checks = await check_profile(profile, profiles)

    (check,) = [check for check in checks if check.about == "credits"]
    assert ("good", "3 API credits left for today.") == (check.verdict, check.found)


class Accounts:
    """The accounts servers of all data centres, in which some know the client."""

    def __init__(self, **answers: bytes) -> None:
        self.answers = {DATA_CENTERS[code].accounts_url: body for code, body in answers.items()}
        self.asked: list[str] = []
        self.forms: dict[str, str] = {}

    async def send(self, request: Request) -> Response:
        """Answer as the data centre that was asked."""
        self.asked.append(request.origin)
        self.forms[request.origin] = request.body.decode()
        body = self.answers.get(request.origin, b'{"error": "invalid_client"}')
        if body == OFFLINE:
            raise ConnectError("no network")
        return Response(200, {}, body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": "invalid_code"}',
        b'{"error": "invalid_client_secret"}',
        b'{"access_token": "1000.secret1.part", "refresh_token": "1000.secret2.part"}',
    ],
)
async def test_on_a_wrong_data_centre_the_others_are_tried(
    credentials: Credentials, profiles, body, secrets
):
    """The one that knows the client is named; none of them is sent a secret."""
    sender = Accounts(jp=body)

    checks = await check_profile(
        Profile(name="moved", credentials=credentials), profiles, sender=sender
    )

    token, moved, *_ = checks
    assert ("token", ExitCode.CREDENTIALS) == (token.about, token.code)
    assert "known in: jp. " in moved.found
    assert "aiozcrm login --data-center jp" in moved.found
    assert 10 == len(set(sender.asked))
    own = sender.forms.pop(credentials.token_url_base)
    assert credentials.client_secret in own
    assert all(credentials.client_id in form for form in sender.forms.values())
    for secret in (*secrets, credentials.client_secret, credentials.refresh_token):
        assert not any(secret in form for form in sender.forms.values())
        assert secret not in repr(checks)


async def test_a_client_that_nobody_knows_is_told(credentials: Credentials, profiles):
    """Then its id is wrong, not the place."""
    checks = await check_profile(
        Profile(name="x", credentials=credentials), profiles, sender=Accounts()
    )

    assert "No other data centre" in checks[1].found


@pytest.mark.parametrize(
    "trouble",
    [OFFLINE, THROTTLED, b'{"error": "invalid_code"}'],
    ids=["offline", "throttled", "refresh token rejected"],
)
async def test_only_an_unknown_client_is_a_reason_to_try_the_others(
    credentials: Credentials, profiles, trouble
):
    """They would get the secrets for nothing, and what they say would prove nothing."""
    sender = Accounts(**{credentials.data_center: trouble})

    checks = await check_profile(
        Profile(name="x", credentials=credentials), profiles, sender=sender
    )

    assert "data centre" not in [check.about for check in checks]
    assert 1 == len(set(sender.asked))


async def test_data_centres_that_do_not_answer_are_told(credentials: Credentials, profiles):
    """Nobody knows whether they know the client."""
    others = [code for code in DATA_CENTERS if code != credentials.data_center]
    silent = {"au": OFFLINE, "jp": OFFLINE, "cn": THROTTLED}
    profile = Profile(name="x", credentials=credentials)

    some = await check_profile(profile, profiles, sender=Accounts(**silent))
    away = dict.fromkeys(others, OFFLINE)
    nobody = await check_profile(profile, profiles, sender=Accounts(**away))

    assert some[1].found.endswith("knows this client id. No answer from: au, jp, cn.")
    assert f"No answer from: {', '.join(others)}." == nobody[1].found


async def test_with_hosts_of_ones_own_no_other_is_tried(credentials: Credentials, profiles):
    """Whoever named a host did not mean Zoho's."""
    sender = Accounts()
    own = attrs.evolve(credentials, accounts_url="https://zoho.example.org")

    await check_profile(Profile(name="x", credentials=own), profiles, sender=sender)

    assert {"https://zoho.example.org"} == set(sender.asked)


def test_no_secret_is_shown(add_org, invoke):
    """Not even with the log."""
    fake = add_org()
    result = invoke("--debug", "doctor")

    environ = fake.environ()
    assert environ["ZOHO_CLIENT_SECRET"] not in result.output
    assert environ["ZOHO_REFRESH_TOKEN"] not in result.output
    token = fake.stats.last_headers["Authorization"].split()[1]
    assert token not in result.output


@pytest.mark.parametrize("given", [True, False])
def test_profiles_that_have_no_place_matter_only_to_those_who_use_them(
    given, fake_environ, invoke, homeless, monkeypatch
):
    """Credentials in the environment need none."""
    if given:
        for name, value in fake_environ.items():
            monkeypatch.setenv(name, value)

    result = invoke("doctor")

    verdict, code = ("look", ExitCode.DONE) if given else ("wrong", ExitCode.USAGE)
    assert code == result.exit_code
    assert f"{verdict} profiles There is no home folder" in found(result.output, "profiles")


def test_that_no_profile_is_meant_is_told_after_what_is_wrong_with_the_machine(invoke, monkeypatch):
    """A variable whose name has a slip, for example."""
    monkeypatch.setenv("ZOHO_CLIENTID", "1000.X")

    result = invoke("doctor", "--all-profiles")

    assert ExitCode.USAGE == result.exit_code
    assert "Not used: ZOHO_CLIENTID." in result.stdout
    assert "There is no profile." in result.stderr
