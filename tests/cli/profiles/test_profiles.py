"""Profiles: what is written where, who may read it, and what happens when it is not as it was."""

import multiprocessing
import os
import stat
import sys

import attrs
import keyring
import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.null import Keyring as SwitchedOff

from aiozcrm import Credentials
from aiozcrm.cli.profiles._profiles import FROM_ENVIRONMENT, Profile, Profiles, check_profile_name
from aiozcrm.errors import ConfigurationError


class Ring(KeyringBackend):
    """A keyring in memory, which can be locked."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}
        self.locked = False
        self.full = False

    def get_password(self, service, username):
        """Return what is kept."""
        if self.locked:
            raise keyring.errors.KeyringLocked("cs-0123456789abcdef")
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        """Keep it."""
        if self.full:
            raise OSError("no room for cs-0123456789abcdef")
        self.kept[service, username] = password

    def delete_password(self, service, username):
        """Forget it."""
        del self.kept[service, username]


@pytest.fixture
def ring():
    """A keyring that works, in place of the system's."""
    before = keyring.get_keyring()
    made = Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def make_profiles(tmp_path):
    """Return what reads the same profiles as another command would."""

    def make():
        return Profiles(config_folder=tmp_path / "config", state_folder=tmp_path / "state")

    return make


@pytest.fixture
def profiles(make_profiles):
    """Profiles in folders that are not there yet."""
    return make_profiles()


@pytest.fixture
def profile(credentials):
    """The profile of a production org in the EU."""
    return Profile(name="acme", credentials=credentials, scopes=("ZohoCRM.org.READ",))


def written_by(profiles):
    """Return all that lies in the folder of the profiles, by name."""
    return {entry.name: entry for entry in profiles.path.parent.iterdir()}


def test_a_profile_that_was_saved_is_there_for_the_next_command(make_profiles, profile):
    """All of it comes back: credentials, scopes and name."""
    make_profiles().save(profile)

    assert profile == make_profiles().load("acme")
    assert ["acme"] == make_profiles().names()


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": "sandbox"},
        {"accounts_url": "http://127.0.0.1:8080", "api_url": "https://crm.example.org"},
    ],
)
def test_every_setting_of_the_credentials_comes_back(make_profiles, credentials, changes):
    """Environment and hosts of one's own are kept."""
    changed = Credentials(
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        refresh_token=credentials.refresh_token,
        data_center="in",
        **changes,
    )
    make_profiles().save(Profile(name="other", credentials=changed))

    assert changed == make_profiles().load("other").credentials


def test_secrets_are_in_a_file_of_their_own_that_only_the_owner_can_read(
    profiles, profile, secrets
):
    """R13: the readable file has none of them, and the modes are right whatever the umask."""
    before = os.umask(0)
    try:
        store = profiles.save(profile)
    finally:
        os.umask(before)
    files = written_by(profiles)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in files.values()}

    assert {"profiles.toml", "profiles.toml.lock", "secrets.json"} == files.keys()
    assert {0o600} == modes
    assert 0o700 == stat.S_IMODE(profiles.path.parent.stat().st_mode)
    assert not any(secret in files["profiles.toml"].read_text() for secret in secrets)
    assert str(files["secrets.json"]) in store.place
    assert not any(secret in repr(profile) for secret in secrets)


def test_secrets_are_in_the_keyring_where_there_is_one(ring, profiles, profile, make_profiles):
    """Then no file holds a secret."""
    store = profiles.save(profile)

    assert "keyring" in store.place
    assert {("aiozcrm", "acme")} == ring.kept.keys()
    assert "secrets.json" not in written_by(profiles)
    assert profile == make_profiles().load("acme")


def test_the_place_of_secrets_can_be_chosen_and_changed(ring, profiles, profile):
    """What moved leaves nothing behind."""
    profiles.save(profile, place="file")
    assert {} == ring.kept

    profiles.save(profile, place="keyring")
    assert "cs-" not in written_by(profiles)["secrets.json"].read_text()

    profiles.save(profile, place="file")
    assert {} == ring.kept
    assert profile == profiles.load("acme")


def test_without_keyring_installed_the_file_serves(profiles, profile, monkeypatch, make_profiles):
    """A profile whose secrets are in the keyring says what to install."""
    monkeypatch.setitem(sys.modules, "keyring", None)

    assert "secrets.json" in profiles.save(profile).place
    with pytest.raises(ConfigurationError, match=r"pip install 'aiozcrm\[keyring\]'"):
        profiles.save(profile, place="keyring")


def test_what_keyring_itself_misses_is_not_hidden(profiles, profile, ring, monkeypatch, tmp_path):
    """The advice to install it would lead nowhere."""
    profiles.save(profile)
    (tmp_path / "keyring.py").write_text("import keyring_lacks_this")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "keyring")

    with pytest.raises(ModuleNotFoundError, match="keyring_lacks_this"):
        profiles.load("acme")


def test_a_keyring_that_was_switched_off_is_not_used(ring, profiles, profile, make_profiles):
    """It would take every secret and keep none."""
    keyring.set_keyring(SwitchedOff())

    assert "secrets.json" in profiles.save(profile).place
    assert profile == make_profiles().load("acme")
    with pytest.raises(ConfigurationError, match=r"does not keep .* --secrets file"):
        profiles.save(profile, place="keyring")
    assert profile == make_profiles().load("acme")


def test_errors_of_a_keyrings_own_are_told_without_their_words(ring, profiles, profile, secrets):
    """Not every keyring keeps to the errors that there are for it."""
    ring.full = True

    with pytest.raises(ConfigurationError, match="cannot be used: OSError") as caught:
        profiles.save(profile)
    assert not any(secret in str(caught.value) for secret in secrets)


@pytest.mark.parametrize("place", ["file", "keyring"])
def test_a_profile_that_cannot_be_written_stays_as_it_was(ring, profiles, profile, place):
    """New secrets beside old settings would fit nothing."""
    profiles.save(profile, place=place)
    newer = attrs.evolve(
        profile, credentials=attrs.evolve(profile.credentials, refresh_token="1000.newer.1")
    )
    obstacle = profiles.path.with_name("profiles.toml.new")
    obstacle.mkdir()
    with pytest.raises(OSError, match=r"profiles\.toml\.new"):
        profiles.save(newer, place=place)
    with pytest.raises(OSError, match=r"profiles\.toml\.new"):
        profiles.save(attrs.evolve(newer, name="other"), place=place)
    obstacle.rmdir()

    assert profile == profiles.load("acme")
    kept = [*ring.kept.values(), *(path.read_text() for path in written_by(profiles).values())]
    assert "1000.newer.1" not in "".join(kept)


def test_secrets_can_leave_a_keyring_that_does_not_work(ring, profiles, profile):
    """That is what the error about it says to do."""
    profiles.save(profile, place="keyring")
    ring.locked = True

    profiles.save(profile, place="file")

    assert profile == profiles.load("acme")


def test_a_locked_keyring_is_told_without_its_words(ring, profiles, profile, secrets):
    """Those could quote what it keeps."""
    profiles.save(profile)
    ring.locked = True

    with pytest.raises(ConfigurationError, match="cannot be used: KeyringLocked") as caught:
        profiles.load("acme")
    assert not any(secret in str(caught.value) for secret in secrets)


@pytest.mark.parametrize("place", ["file", "keyring"])
def test_a_removed_profile_leaves_nothing(ring, profiles, profile, place):
    """Neither its table nor its secrets; the others stay."""
    other = Profile(name="other", credentials=profile.credentials)
    profiles.save(profile, place=place)
    profiles.save(other, place=place)

    profiles.remove("acme")

    assert ["other"] == profiles.names()
    assert other == profiles.load("other")
    assert ("aiozcrm", "acme") not in ring.kept
    with pytest.raises(ConfigurationError, match="no profile 'acme'; known: other"):
        profiles.remove("acme")


@pytest.mark.parametrize("place", ["file", "keyring"])
def test_secrets_that_are_gone_are_told_with_the_command_that_mends_it(
    ring, profiles, profile, place
):
    """Removing such a profile works all the same."""
    profiles.save(profile, place=place)
    ring.kept.clear()
    (profiles.path.parent / "secrets.json").unlink(missing_ok=True)

    with pytest.raises(
        ConfigurationError, match=r"are gone. Log in again with: aiozcrm login --profile acme"
    ):
        profiles.load("acme")

    profiles.remove("acme")
    assert [] == profiles.names()


def test_comments_and_settings_that_people_wrote_stay(profiles, profile):
    """The file belongs to people, too."""
    profiles.save(profile)
    text = f"# ours\n{profiles.path.read_text()}colour = 'red' # theirs\n"
    profiles.path.write_text(text)

    profiles.save(Profile(name="zeta", credentials=profile.credentials))
    profiles.save(profile)

    after = profiles.path.read_text()
    assert after.startswith("# ours\n")
    assert "colour = 'red' # theirs" in after
    assert ["acme", "zeta"] == profiles.names()


def test_the_named_profiles_are_selected_once_each(profiles, profile):
    """In the order in which they were named."""
    for name in ("a", "b", "c"):
        profiles.save(Profile(name=name, credentials=profile.credentials))

    assert ["c", "a"] == [found.name for found in profiles.select(["c", "a", "c"])]
    assert ["a", "b", "c"] == [found.name for found in profiles.select([], every=True)]


def test_without_a_name_the_environment_is_meant_and_else_the_default(
    profiles, profile, credentials, monkeypatch
):
    """What is set for this very process is what was meant."""
    profiles.save(Profile(name="default", credentials=credentials))
    assert ["default"] == [found.name for found in profiles.select([])]

    monkeypatch.setenv("ZOHO_CLIENT_ID", "1000.ENV")
    monkeypatch.setenv("ZOHO_CLIENT_SECRET", "es-1")
    monkeypatch.setenv("ZOHO_REFRESH_TOKEN", "1000.er.1")
    (found,) = profiles.select([])
    assert (FROM_ENVIRONMENT, "1000.ENV") == (found.name, found.credentials.client_id)
    assert ["default"] == [found.name for found in profiles.select(["default"])]
    assert [FROM_ENVIRONMENT] == [found.name for found in profiles.select([FROM_ENVIRONMENT])]


def test_an_unknown_profile_is_told_with_those_that_are_known(profiles, profile):
    """And with the command that makes it."""
    with pytest.raises(ConfigurationError, match=r"no profile 'default'; known: none. .*login"):
        profiles.select([])
    with pytest.raises(ConfigurationError, match=r"There is no profile. .*aiozcrm login"):
        profiles.select([], every=True)

    profiles.save(profile)
    with pytest.raises(ConfigurationError, match=r"'acm'; known: acme. .*login --profile acm\.$"):
        profiles.select(["acme", "acm"])


def test_only_without_a_name_the_environment_could_help(profiles):
    """A profile that is named is used, whatever the environment holds."""
    with pytest.raises(ConfigurationError, match=r"Or set ZOHO_CLIENT_ID"):
        profiles.select([])
    with pytest.raises(ConfigurationError) as caught:
        profiles.select(["acme"])
    assert "ZOHO_CLIENT_ID" not in str(caught.value)


def test_whoever_removes_an_unknown_profile_is_not_told_to_make_it(profiles, profile):
    """Only which ones there are."""
    profiles.save(profile)
    with pytest.raises(ConfigurationError) as caught:
        profiles.remove("acm")
    assert "There is no profile 'acm'; known: acme." == str(caught.value)


def test_all_and_some_do_not_go_together(profiles):
    """Nobody has to guess which was meant."""
    with pytest.raises(ConfigurationError, match="not both"):
        profiles.select(["acme"], every=True)


@pytest.mark.parametrize("name", ["", "A", "a b", "../x", ".a", "a.", "ä", "x" * 65, "environment"])
def test_a_name_that_cannot_be_is_refused_before_anything_is_written(profiles, profile, name):
    """Names end up in files, in keyrings and on command lines."""
    with pytest.raises(ConfigurationError, match="cannot be the name"):
        profiles.save(Profile(name=name, credentials=profile.credentials))
    assert not profiles.path.parent.exists()


@pytest.mark.parametrize("name", ["a", "default", "acme-sandbox", "acme.eu_2", "x" * 64])
def test_usual_names_are_fine(name):
    """Up to 64 characters."""
    assert name == check_profile_name(name)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[profiles", "cannot be understood"),
        (b"\xff\xfe", "cannot be understood"),
        (b"profiles = 1", r"Write profiles as \[profiles.NAME\]"),
        (b"[profiles]\nacme = 1", r"Write profiles as \[profiles.NAME\]"),
        (b"[profiles.acme]\nsecrets = 'moon'", "Use one of: file, keyring"),
    ],
)
def test_a_file_that_cannot_be_understood_is_left_as_it_is(profiles, profile, content, told):
    """The error says where it is and how it should look."""
    profiles.save(profile)
    profiles.path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=told):
        profiles.load("acme")
    with pytest.raises(ConfigurationError, match=told):
        profiles.save(profile)
    assert content == profiles.path.read_bytes()


def test_a_table_without_client_id_is_told(profiles, profile):
    """Somebody has removed the line."""
    profiles.save(profile)
    profiles.path.write_text("[profiles.acme]\nsecrets = 'file'\n")

    with pytest.raises(
        ConfigurationError, match=r"has no client_id. Log in again with: aiozcrm login"
    ):
        profiles.load("acme")


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"acme": 1}', b'{"acme": {"client_secret": 1}}']
)
def test_secrets_that_cannot_be_understood_are_told_without_being_shown(profiles, profile, content):
    """The place is named."""
    profiles.save(profile)
    (profiles.path.parent / "secrets.json").write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"secrets.json.*cannot be understood"):
        profiles.load("acme")


@pytest.mark.parametrize("name", ["profiles.toml", "secrets.json"])
def test_files_that_others_can_use_are_refused_with_the_command_that_mends_it(
    profiles, profile, name
):
    """Whoever can change the profiles decides where secrets go."""
    profiles.save(profile)
    (profiles.path.parent / name).chmod(0o644)

    with pytest.raises(ConfigurationError, match=f"chmod 600 .*{name}"):
        profiles.load("acme")


def save_many(profiles, profile, prefix):
    """Save several profiles, as commands that run at the same time do."""
    for number in range(5):
        name = f"{prefix}{number}"
        profiles.save(Profile(name=name, credentials=profile.credentials), place="file")


@pytest.mark.system
def test_commands_at_the_same_time_lose_no_profile(profiles, profile):
    """Each reads and writes under a lock."""
    context = multiprocessing.get_context("fork")
    processes = [
        context.Process(target=save_many, args=(profiles, profile, prefix)) for prefix in "abcd"
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    names = [f"{prefix}{number}" for prefix in "abcd" for number in range(5)]
    assert names == profiles.names()
    assert names == [profiles.load(name).name for name in names]


def test_the_folders_are_those_of_the_system(monkeypatch, tmp_path):
    """On Linux those of the XDG specification."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))

    profiles = Profiles.of_user()

    assert tmp_path / "c" / "aiozcrm" / "profiles.toml" == profiles.path
    assert tmp_path / "s" / "aiozcrm" / "tokens.json" == profiles.tokens_path
    assert str(profiles.tokens_path) in repr(profiles.token_store())


def test_without_a_home_folder_only_what_needs_one_fails(homeless):
    """The error says what there is no place for, and what helps."""
    profiles = Profiles.of_user()

    for attempt in (profiles.names, profiles.prepare, lambda: profiles.load("acme")):
        with pytest.raises(ConfigurationError, match=r"There is no home folder for ~.*Set HOME"):
            attempt()
    with pytest.raises(ConfigurationError, match=r"no home folder\. Name a file with --journal"):
        profiles.journals  # noqa: B018  # asking is what raises


@pytest.mark.parametrize("backend", ["nowhere.Keyring", "keyring.backends.Nothing", "x"])
def test_a_keyring_that_cannot_be_loaded_is_as_good_as_none(
    backend, monkeypatch, profiles, profile, make_profiles
):
    """A variable may name whatever is not installed; a file keeps the secrets then."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)

    store = profiles.save(profile)

    assert "secrets.json" in store.place
    assert profile == make_profiles().load("acme")
    with pytest.raises(ConfigurationError, match="correct PYTHON_KEYRING_BACKEND"):
        profiles.save(profile, place="keyring")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(30, "Read-only file system"), "Read-only file system. On Linux, XDG_STATE_HOME"),
        (
            ConfigurationError("It is wrong.", hint="chmod 600 it"),
            "It is wrong. chmod 600 it Until",
        ),
    ],
)
def test_that_tokens_cannot_be_kept_is_said_once(error, told, profiles, capsys):
    """With the place and the reason, however many orgs there are."""
    profiles.warn_about_tokens(error)
    profiles.warn_about_tokens(error)

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"Warning: access tokens cannot be kept in {profiles.tokens_path}: {told}"
    )
