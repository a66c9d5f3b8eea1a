"""Channel stores: the same promises for all, and what is special of each."""

import json
import logging
import sys

import attrs
import pytest

from aiozcrm._stores import Guarded
from aiozcrm.channel_stores import (
    ChannelState,
    FileChannelStore,
    MemoryChannelStore,
    RedisChannelStore,
)
from aiozcrm.errors import ConfigurationError
from aiozcrm.testing import ChannelStoreContract
from aiozcrm.token_stores import FileTokenStore, RedisTokenStore, TokenState

KEY = f"channel.{'ab' * 20}"
DAY = 86_400


class TestMemoryChannelStore(ChannelStoreContract):
    """It does what every channel store has to do."""

    @pytest.fixture(autouse=True)
    def store(self):
        """One store for the test, because nothing else knows its channels."""
        self._store = MemoryChannelStore()

    def make_store(self):
        """Return that store."""
        return self._store


class TestFileChannelStore(ChannelStoreContract):
    """It does so, each store being its own as in another process."""

    @pytest.fixture(autouse=True)
    def place(self, tmp_path):
        """A folder that is not there yet."""
        self._path = tmp_path / "made" / "channels.json"

    def make_store(self):
        """Return another store on the same file."""
        return FileChannelStore(self._path)


class TestRedisChannelStore(ChannelStoreContract):
    """It does so, too."""

    @pytest.fixture(autouse=True)
    def place(self, redis_url):
        """An empty Redis."""
        self._url = redis_url

    def make_store(self):
        """Return another store on the same Redis."""
        return RedisChannelStore(self._url)


class Forgetful(MemoryChannelStore):
    """Keeps nothing of the cursors."""

    async def save(self, key, state):
        """Lose them."""
        await super().save(key, attrs.evolve(state, cursors={}))


async def test_a_store_that_loses_something_is_found():
    """By the test that is named after it."""

    class Run(ChannelStoreContract):
        def make_store(self):
            return store

    store = Forgetful()
    with pytest.raises(AssertionError):
        await Run().test_what_one_saved_another_loads()


async def test_a_contract_without_a_store_says_what_is_missing():
    """Forgetting make_store() is told in words."""
    with pytest.raises(NotImplementedError, match=r"make_store\(\)"):
        await ChannelStoreContract().test_keys_are_kept_apart()


@pytest.fixture
def state(clock):
    """A channel of a week."""
    now = clock.clock.wall()
    return ChannelState(
        channel_id="880001",
        token="s3cret-token",
        url="https://hooks.example.com/zoho",
        events=("Deals.all",),
        expires_at=now + 7 * DAY,
        renew_at=now + 3.5 * DAY,
        cursors={"Deals": "c"},
    )


async def save(store, state, key=KEY):
    """Keep a state as the client does."""
    async with store.lock(key):
        await store.save(key, state)


async def test_a_file_may_hold_tokens_too(tmp_path, clock, state):
    """Neither disturbs the other."""
    path = tmp_path / "both.json"
    tokens = FileTokenStore(path, clock=clock.clock)
    channels = FileChannelStore(path, clock=clock.clock)
    await save(tokens, TokenState(blocked_until=clock.clock.wall() + 9))
    assert await channels.load(KEY) == ChannelState()
    await save(channels, state)
    await save(tokens, TokenState(blocked_until=clock.clock.wall() + 99))
    assert await channels.load(KEY) == state
    assert (await tokens.load(KEY)).blocked_until == clock.clock.wall() + 99
    assert [entry.name for entry in tmp_path.iterdir() if "damaged" in entry.name] == []


async def test_a_channel_that_is_over_is_kept_for_a_quarter(tmp_path, clock, state):
    """Its token and cursors serve the next run; then it is forgotten."""
    store = FileChannelStore(tmp_path / "channels.json", clock=clock.clock)
    other = f"channel.{'cd' * 20}"
    for days, is_there in ((90, True), (99, False)):
        await save(store, state)
        clock.advance(days * DAY)
        await save(store, attrs.evolve(state, expires_at=clock.clock.wall()), other)
        assert ((await store.load(KEY)) == state) is is_there
        clock.advance(-days * DAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"channel_id": 5},
        {"token": ""},
        {"token": "a\nb"},
        {"url": None},
        {"events": 5},
        {"events": [5]},
        {"options": []},
        {"cursors": []},
        {"cursors": {"Deals": 5}},
        {"expires_at": "soon"},
        {"renew_at": None},
    ],
)
async def test_a_damaged_entry_is_not_used(tmp_path, clock, state, caplog, changes):
    """A warning names the file, and shows no token."""
    path = tmp_path / "channels.json"
    store = FileChannelStore(path, clock=clock.clock)
    await save(store, state)
    document = json.loads(path.read_text())
    document["channels"][KEY] |= changes
    path.write_text(json.dumps(document))
    with caplog.at_level(logging.WARNING):
        assert await store.load(KEY) == ChannelState()
    assert str(path) in caplog.text
    assert "s3cret" not in caplog.text


async def test_an_entry_that_lacks_something_is_not_used(tmp_path, clock, state):
    """Something else has written it."""
    path = tmp_path / "channels.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"version": 1, "channels": {KEY: {}}}))
    assert await FileChannelStore(path, clock=clock.clock).load(KEY) == ChannelState()


async def test_a_damaged_file_is_set_aside(tmp_path, clock, state, caplog):
    """And another one begun."""
    path = tmp_path / "channels.json"
    for content in ('{"version": 1}', '{"version": 1, "channels": 5}', "{"):
        path.touch(mode=0o600)
        path.write_text(content)
        store = FileChannelStore(path, clock=clock.clock)
        assert await store.load(KEY) == ChannelState()
        assert "channel file" in caplog.text
        clock.advance(1)
    assert len(list(tmp_path.glob("channels.json.damaged-*"))) == 3


async def test_redis_forgets_a_channel_long_after_its_end(redis_server, clock, state):
    """Its key has a time to live, and shows what it is."""
    store = RedisChannelStore(redis_server.url, clock=clock.clock)
    await save(store, state)
    [name] = redis_server.client.keys()
    assert name.decode() == f"aiozcrm:{{{KEY}}}:channel"
    assert redis_server.client.ttl(name) == pytest.approx(98 * DAY, abs=5)
    assert "s3cret" not in repr(store)


async def test_redis_may_hold_tokens_too(redis_url, clock, state):
    """Even under the same key, and their locks do not hold up each other."""
    tokens = RedisTokenStore(redis_url, clock=clock.clock)
    channels = RedisChannelStore(redis_url, clock=clock.clock)
    async with tokens.lock(KEY), channels.lock(KEY):
        await channels.save(KEY, state)
        await tokens.save(KEY, TokenState(refusals=3))
    assert await channels.load(KEY) == state
    assert (await tokens.load(KEY)).refusals == 3


async def test_what_a_newer_version_has_written_is_left_alone(redis_server, clock, state):
    """In Redis as in files."""
    store = RedisChannelStore(redis_server.url, clock=clock.clock)
    redis_server.client.set(f"aiozcrm:{{{KEY}}}:channel", '{"version": 2}')
    for call in (lambda: store.load(KEY), lambda: save(store, state)):
        with pytest.raises(ConfigurationError, match="newer"):
            await call()


async def test_what_is_damaged_in_redis_is_not_used(redis_server, clock, caplog):
    """A warning names its key."""
    store = RedisChannelStore(redis_server.url, clock=clock.clock)
    redis_server.client.set(f"aiozcrm:{{{KEY}}}:channel", '{"version": 1}')
    assert await store.load(KEY) == ChannelState()
    assert f"{{{KEY}}}:channel" in caplog.text


@pytest.mark.parametrize(
    ("make", "extra", "words"),
    [
        (lambda folder: FileChannelStore(folder / "a"), "filelock", "FileChannelStore needs"),
        (lambda _: RedisChannelStore("redis://localhost"), "redis", "RedisChannelStore needs"),
    ],
)
def test_without_its_extra_the_error_says_what_to_install(
    monkeypatch, tmp_path, make, extra, words
):
    """By the name of the store at hand."""
    for name in [name for name in sys.modules if name.split(".")[0] == extra]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, extra, None)
    with pytest.raises(ConfigurationError, match=words):
        make(tmp_path)


async def test_redis_cannot_be_reached():
    """An error of the system says where, not what was kept."""
    store = RedisChannelStore("redis://:pa55word@127.0.0.1:1/0")
    for call in (lambda: store.load(KEY), lambda: store.save(KEY, ChannelState())):
        with pytest.raises(OSError, match=r"127\.0\.0\.1:1") as caught:
            await call()
        assert "pa55word" not in str(caught.value)


async def test_what_goes_wrong_without_a_lock_does_not_hang_on_to_the_stores_error():
    """Its words may quote a secret, and trackers show the errors behind an error."""

    class Broken(MemoryChannelStore):
        def lock(self, key):
            raise OSError("GRANT failed: s3cret")

    told = []
    guarded = Guarded(Broken(), KEY, failed=lambda step, error: told.append(step))

    async def go_wrong():
        async with guarded.lock() as is_held:
            assert not is_held
            raise ConfigurationError("Something else.")

    with pytest.raises(ConfigurationError) as caught:
        await go_wrong()

    assert ["lock"] == told
    assert caught.value.__context__ is None
