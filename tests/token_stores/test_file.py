"""Tokens in a file: what lies there, who may see it, and what happens when it is not as it was."""

import asyncio
import json
import logging
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiozcrm import ZohoCRM
from aiozcrm.errors import ConfigurationError
from aiozcrm.testing.token_store_contract import TokenStoreContract
from aiozcrm.token_stores import FileTokenStore, StoredToken, StoreLockedError, TokenState

KEY = f"eu.production.{'ab' * 16}"
OTHER_KEY = f"eu.sandbox.{'cd' * 16}"
DAY = 86_400


class TestFileTokenStore(TokenStoreContract):
    """It does what every store has to do, each store being its own as in another process."""

    @pytest.fixture(autouse=True)
    def place(self, tmp_path):
        """A folder that is not there yet."""
        self._path = tmp_path / "made" / "tokens.json"

    def make_store(self):
        """Return another store on the same file."""
        return FileTokenStore(self._path)


@pytest.fixture
def path(tmp_path):
    """Where the file is going to be."""
    return tmp_path / "tokens" / "tokens.json"


@pytest.fixture
def store(path, clock):
    """A store on that file, and on a clock that does not wait."""
    return FileTokenStore(path, clock=clock.clock)


@pytest.fixture
def state(clock):
    """What is known after a first token."""
    now = clock.clock.wall()
    token = StoredToken(access_token="1000.secret1.part", expires_at=now + 3600, lifetime=3600.0)
    return TokenState(token=token, made_at=(now,))


async def keep(store, key, state):
    """Save as a client does."""
    async with store.lock(key):
        await store.save(key, state)


def put(path, content):
    """Let a file lie there that only its owner can read."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    path.chmod(0o600)


async def test_only_the_owner_can_read_what_is_made(store, path, state):
    """The file, its locks and the folder are closed to others, whatever the umask says."""
    before = os.umask(0)
    try:
        await keep(store, KEY, state)
    finally:
        os.umask(before)

    assert 0o700 == path.parent.stat().st_mode & 0o777
    assert 3 == len(list(path.parent.iterdir()))
    assert {0o600} == {entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()}


async def test_a_folder_that_is_there_keeps_its_mode(store, path, state):
    """Only a folder of our own making is closed."""
    path.parent.mkdir()
    path.parent.chmod(0o755)

    await keep(store, KEY, state)

    assert 0o755 == path.parent.stat().st_mode & 0o777


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o777])
async def test_a_file_that_others_can_use_is_not_read_and_replaced(
    store, path, state, mode, caplog
):
    """A volume may have changed its mode, which keeps no service from starting."""
    await keep(store, KEY, state)
    path.chmod(mode)

    exposed = FileTokenStore(path)
    assert TokenState() == await exposed.load(KEY)
    await keep(exposed, OTHER_KEY, state)

    assert 0o600 == path.stat().st_mode & 0o777
    assert (TokenState(), state) == (await store.load(KEY), await store.load(OTHER_KEY))
    (warning,) = caplog.messages
    assert f"chmod 600 {path}" in warning


async def test_a_file_of_another_user_is_refused(store, path, state, monkeypatch):
    """Somebody else could change its mode again, and its content at any time."""
    await keep(store, KEY, state)
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)

    with pytest.raises(ConfigurationError, match=f"another user.*chown {me + 1} {path}"):
        await store.load(KEY)


async def test_a_folder_in_which_everybody_may_write_is_refused(store, path, state):
    """Anybody could delete the locks there."""
    path.parent.mkdir()
    path.parent.chmod(0o777)

    with pytest.raises(ConfigurationError, match=f"chmod o-w {path.parent}"):
        FileTokenStore(path)
    with pytest.raises(ConfigurationError, match=f"chmod o-w {path.parent}"):
        await keep(store, KEY, state)


async def test_a_folder_with_the_sticky_bit_is_good_enough(store, path, state):
    """In a folder like /tmp only the owner deletes."""
    path.parent.mkdir()
    path.parent.chmod(0o1777)

    await keep(store, KEY, state)

    assert state == await FileTokenStore(path).load(KEY)


async def test_a_symbolic_link_is_refused(store, path, state, tmp_path):
    """Replacing the file would destroy the link, and a link may lead anywhere."""
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere.json")

    with pytest.raises(ConfigurationError, match="symbolic link"):
        FileTokenStore(path)
    with pytest.raises(ConfigurationError, match="symbolic link"):
        await keep(store, KEY, state)
    assert not (tmp_path / "elsewhere.json").exists()


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_refused(path, make):
    """Neither a folder nor a pipe can be read as one, and a pipe keeps nobody waiting."""
    path.parent.mkdir()
    make(path, 0o600)

    with pytest.raises(ConfigurationError, match="no file"):
        FileTokenStore(path)


def test_a_file_that_cannot_be_opened_is_told_as_it_is(tmp_path):
    """The system's own error names the reason."""
    with pytest.raises(OSError, match="name too long"):
        FileTokenStore(tmp_path / ("x" * 300))


def test_the_path_does_not_move(monkeypatch, tmp_path):
    """Changing the folder later changes nothing, and ~ is the home folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    assert f"FileTokenStore('{tmp_path}/a.json')" == repr(FileTokenStore("a.json"))
    assert f"FileTokenStore('{tmp_path}/home/a.json')" == repr(FileTokenStore("~/a.json"))


async def test_neither_client_secret_nor_refresh_token_is_ever_written(
    path,
    credentials,
    script,
    clock,
):
    """Searched are the names and contents of everything in the folder."""
    options = {"sender": script, "clock": clock.clock}
    async with ZohoCRM(credentials, token_store=FileTokenStore(path), **options) as zoho:
        await zoho.delete_unsubscribe_link(1)
    entries = list(path.parent.iterdir())
    seen = b"\n".join([*(entry.read_bytes() for entry in entries), *map(os.fsencode, entries)])

    assert b"1000.secret1" in seen
    for secret in (credentials.client_secret, credentials.refresh_token, credentials.client_id):
        for part in secret.split("."):
            assert len(part) < 5 or part.encode() not in seen


async def test_a_write_that_fails_leaves_the_old_content(store, path, state):
    """A full disk costs the new token, not the old ones, and leaves no rest."""
    await keep(store, KEY, state)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            await store.save(OTHER_KEY, state)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert state == await store.load(KEY)
    assert TokenState() == await store.load(OTHER_KEY)
    assert [] == list(path.parent.glob("*.new"))


async def test_the_rest_of_a_killed_process_is_in_nobodys_way(store, path, state):
    """Its half-written file is replaced by the next one."""
    put(path.with_name("tokens.json.new"), b'{"vers')

    await keep(store, KEY, state)

    assert state == await store.load(KEY)
    assert [] == list(path.parent.glob("*.new"))


async def test_entries_that_ended_a_day_ago_are_forgotten(store, path, state, clock):
    """Orgs that are gone do not fill the file, nor do damaged entries of others."""
    await keep(store, KEY, state)
    document = json.loads(path.read_bytes())
    put(path, document | {"tokens": document["tokens"] | {"broken": {"token": 1}}})

    clock.advance(3600 + DAY - 1)
    await keep(store, OTHER_KEY, attrs.evolve(state, token=None))
    assert state == await store.load(KEY)
    assert {KEY, OTHER_KEY} == json.loads(path.read_bytes())["tokens"].keys()

    clock.advance(2)
    blocked = TokenState(blocked_until=clock.clock.wall() + 600)
    await keep(store, OTHER_KEY, blocked)
    assert TokenState() == await store.load(KEY)

    clock.advance(DAY)
    await keep(store, KEY, state)
    assert blocked == await store.load(OTHER_KEY)


async def test_what_a_later_version_added_is_ignored_and_kept(store, path, state):
    """New fields disturb nobody, and those beside our own entry stay."""
    await keep(store, KEY, state)
    document = json.loads(path.read_bytes())
    document["tokens"][KEY] |= {"new": [1]}
    document["tokens"][KEY]["token"]["new"] = {}
    put(path, document | {"new": True})

    assert state == await store.load(KEY)
    await keep(store, OTHER_KEY, state)
    after = json.loads(path.read_bytes())
    assert after["new"]
    assert [1] == after["tokens"][KEY]["new"]


async def test_a_file_of_another_format_is_left_alone(store, path, state):
    """While a service is upgraded, old processes neither use nor destroy the new file."""
    newer = {"version": 2, "kept": "elsewhere"}
    put(path, newer)

    with pytest.raises(ConfigurationError, match="newer aiozcrm"):
        await store.load(KEY)
    with pytest.raises(ConfigurationError, match="newer aiozcrm"):
        await keep(store, KEY, state)
    assert newer == json.loads(path.read_bytes())


async def test_an_empty_file_is_an_empty_store(store, path, state):
    """It may have been made by hand, to set its mode."""
    put(path, b"")

    assert TokenState() == await store.load(KEY)
    await keep(store, KEY, state)
    assert state == await store.load(KEY)


DAMAGED = [
    pytest.param(b'{"version": 1, "tokens": {"eu.pro', id="half"),
    pytest.param(b"\0" * 4096, id="zeros"),
    pytest.param(b"\xff\xfe\xfa", id="not text"),
    pytest.param(b"[" * 200_000, id="deep"),
    pytest.param(b" " * (16 * 2**20 + 1), id="huge"),
    pytest.param([], id="a list"),
    pytest.param({"tokens": {}}, id="no version"),
    pytest.param({"version": True, "tokens": {}}, id="no number"),
    pytest.param({"version": 1, "tokens": []}, id="no tokens"),
]


@pytest.mark.parametrize("content", DAMAGED)
@pytest.mark.parametrize("step", ["load", "save"])
async def test_a_damaged_file_is_set_aside_and_reported(store, path, state, content, step, caplog):
    """Nothing crashes, nothing is lost, and the log says where it is; its content is not shown."""
    put(path, content)
    before = path.read_bytes()

    if step == "load":
        assert TokenState() == await store.load(KEY)
    await keep(store, KEY, state)

    assert state == await store.load(KEY)
    (aside,) = path.parent.glob("tokens.json.damaged-*")
    assert before == aside.read_bytes()
    assert 0o600 == aside.stat().st_mode & 0o777
    (record,) = caplog.records
    assert ("aiozcrm", logging.WARNING) == (record.name, record.levelno)
    assert str(aside) in record.getMessage()


TOKEN = {"access_token": "1000.a.b", "expires_at": 1.0, "lifetime": 3600, "api_domain": None}
ENTRY = {"token": TOKEN, "made_at": [1.0], "blocked_until": 0, "refusals": 0}


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {},
        "text",
        ENTRY | {"token": "1000.a.b"},
        ENTRY | {"made_at": 1.0},
        ENTRY | {"made_at": ["1.0"]},
        ENTRY | {"refusals": None},
        ENTRY | {"refusals": float("inf")},
        ENTRY | {"blocked_until": float("nan")},
        ENTRY | {"blocked_until": 10**400},
        ENTRY | {"token": TOKEN | {"access_token": "1000.a\r\nX-Evil: 1"}},
        ENTRY | {"token": TOKEN | {"access_token": ""}},
        ENTRY | {"token": TOKEN | {"api_domain": 1}},
        ENTRY | {"lost_at": None},
        ENTRY | {"lost_at": ["1.0"]},
        ENTRY | {"outages": "1"},
        ENTRY | {"outage_until": float("nan")},
        ENTRY | {"spare_at": None},
        ENTRY | {"spare_pause": float("inf")},
    ],
    ids=str,
)
async def test_a_damaged_entry_is_as_good_as_none(store, path, state, entry, caplog):
    """The other entries stay in use, and the next save mends it; no value is logged."""
    put(path, {"version": 1, "tokens": {KEY: entry}})
    await keep(store, OTHER_KEY, state)
    put(path, {"version": 1, "tokens": json.loads(path.read_bytes())["tokens"] | {KEY: entry}})

    assert TokenState() == await store.load(KEY)
    assert state == await store.load(OTHER_KEY)
    assert "damaged" in caplog.text
    assert "1000." not in caplog.text

    await keep(store, KEY, state)
    assert state == await store.load(KEY)


async def test_an_entry_of_version_0_1_is_used(store, path, state):
    """The keys that it lacks are those of an org that never had trouble."""
    await keep(store, OTHER_KEY, state)
    tokens = json.loads(path.read_bytes())["tokens"]
    put(path, {"version": 1, "tokens": tokens | {KEY: ENTRY}})

    found = await store.load(KEY)
    assert TokenState(token=StoredToken(**TOKEN), made_at=(1.0,)) == found


@settings(max_examples=25, deadline=None)
@given(
    content=st.binary()
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["version", "tokens", KEY, *ENTRY, *TOKEN]), inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_lies_there_loading_and_saving_work(tmp_path_factory, content):
    """No content makes a store fail, except that of a newer version."""
    path = tmp_path_factory.mktemp("any") / "tokens.json"
    put(path, content)
    state = TokenState(blocked_until=time.time())

    async def run():
        store = FileTokenStore(path)
        await store.load(KEY)
        await keep(store, KEY, state)
        return await store.load(KEY)

    try:
        assert state == asyncio.run(run())
    except ConfigurationError as error:
        assert "newer" in error.message  # noqa: PT017  # rare, and right


async def test_tasks_get_the_lock_in_the_order_in_which_they_came(store):
    """None is overtaken, so none starves."""
    order = []

    async def enter(number):
        async with store.lock(KEY):
            order.append(number)

    await asyncio.gather(*map(enter, range(10)))

    assert list(range(10)) == order


async def test_who_waits_too_long_is_told_so(path, clock):
    """Another process that never ends holds nobody up for ever; meanwhile the loop is free."""
    store = FileTokenStore(path, lock_timeout=5, clock=clock.clock)
    async with FileTokenStore(path).lock(KEY):
        with pytest.raises(StoreLockedError, match=r"held .*\.lock for 5 s"):
            await store.lock(KEY).__aenter__()
    async with store.lock(KEY):
        pass

    assert 5 == pytest.approx(sum(clock.slept), abs=0.1)
    assert 100 < len(clock.slept)


async def test_a_lock_that_cannot_be_had_at_all_is_an_error_at_once(path, clock):
    """A file in the folder's place is told by the system's own error."""
    store = FileTokenStore(path, clock=clock.clock)
    path.parent.write_bytes(b"")

    with pytest.raises(OSError, match="exists"):
        await store.lock(KEY).__aenter__()
    assert [] == clock.slept


def test_one_store_serves_several_event_loops(path):
    """One after the other and at the same time, in threads, they respect each other's locks."""
    store = FileTokenStore(path)
    counts = []

    async def count():
        for _ in range(5):
            async with store.lock(KEY):
                state = await store.load(KEY)
                await asyncio.sleep(0)
                await store.save(KEY, attrs.evolve(state, refusals=state.refusals + 1))
                counts.append(state.refusals)

    async def twice():
        await asyncio.gather(count(), count())

    asyncio.run(twice())
    threads = [threading.Thread(target=asyncio.run, args=[twice()]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(range(30)) == counts


async def test_cancelling_a_save_waits_for_its_end(store, state):
    """Nothing is written behind the back of who was cancelled, however often."""
    for _ in range(20):
        saving = asyncio.create_task(store.save(KEY, state))
        await asyncio.sleep(0)
        saving.cancel()
        await asyncio.sleep(0)
        saving.cancel()
        await asyncio.wait((saving,))

        assert saving.cancelled()
        assert state == await store.load(KEY)


async def test_a_failure_nobody_waits_for_any_more_is_not_complained_about(store, path, state):
    """A save that fails after its task was cancelled is over."""
    put(path, {"version": 2})
    saving = asyncio.create_task(store.save(KEY, state))
    await asyncio.sleep(0)
    saving.cancel()
    await asyncio.wait((saving,))

    assert saving.cancelled()


async def test_the_event_loop_is_never_held_up(path, state):
    """While stores wait for one another and write, the loop turns on."""
    stores = [FileTokenStore(path) for _ in range(4)]
    working = asyncio.gather(*(keep(store, KEY, state) for store in stores * 5))
    longest, last = 0.0, time.perf_counter()
    while not working.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    await working

    # Far below a wait for a lock or for a disk that is written 20 times, far above the noise.
    assert longest < 0.1


def run(source):
    """Run a program in a process of its own."""
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # ours
    return done.stdout.strip()


def test_importing_the_package_does_not_import_filelock():
    """Who does not keep tokens in files does not pay for it."""
    imports = "import sys, aiozcrm, aiozcrm.token_stores, aiozcrm.testing"
    assert "False" == run(f"{imports}; print('filelock' in sys.modules)")


def test_without_filelock_the_error_says_what_to_install(monkeypatch, tmp_path):
    """It is raised when the store is made, before anything depends on it."""
    monkeypatch.setitem(sys.modules, "filelock", None)

    with pytest.raises(ConfigurationError, match=r"pip install 'aiozcrm\[file\]'"):
        FileTokenStore(tmp_path / "tokens.json")


def test_a_broken_filelock_is_not_mistaken_for_a_missing_one(monkeypatch, tmp_path):
    """What filelock itself lacks is told as it is."""
    (tmp_path / "filelock.py").write_text("import something_that_is_not_there\n")
    monkeypatch.delitem(sys.modules, "filelock", raising=False)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="something_that_is_not_there"):
        FileTokenStore(Path(tmp_path) / "tokens.json")
