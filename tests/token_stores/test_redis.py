"""Tokens in Redis: what lies there and for how long, and what happens when Redis does not work."""

import asyncio
import functools
import json
import logging
import subprocess
import sys
import threading
import traceback

import attrs
import pytest
import trustme

from aiozcrm.errors import ConfigurationError
from aiozcrm.testing.token_store_contract import TokenStoreContract
from aiozcrm.token_stores import RedisTokenStore, StoredToken, StoreLockedError, TokenState

KEY = f"eu.production.{'ab' * 16}"
TOKEN_NAME, STATE_NAME, LOCK_NAME = (
    f"aiozcrm:{{{KEY}}}:{end}" for end in ("token", "state", "lock")
)
HOUR, DAY = 3600, 86_400

#: The rights that the documentation tells to give.
RIGHTS = "~aiozcrm:* -@all +get +mget +set +del +multi +exec +evalsha +script|load"


class TestRedisTokenStore(TokenStoreContract):
    """It does what every store has to do, each store being its own as in another process."""

    @pytest.fixture(autouse=True)
    def place(self, redis_url):
        """An empty Redis."""
        self._url = redis_url

    def make_store(self):
        """Return another store on the same Redis."""
        return RedisTokenStore(self._url)


@pytest.fixture
def make_store(clock):
    """Make a store on a clock that does not wait."""
    return functools.partial(RedisTokenStore, clock=clock.clock)


@pytest.fixture
def store(make_store, redis_url):
    """A store on an empty Redis, and on such a clock."""
    return make_store(redis_url)


@pytest.fixture
def state(clock):
    """What is known after a first token."""
    now = clock.clock.wall()
    token = StoredToken(access_token="1000.secret1.part", expires_at=now + HOUR, lifetime=3600.0)
    return TokenState(token=token, made_at=(now,))


async def keep(store, key, state):
    """Save as a client does."""
    async with store.lock(key):
        await store.save(key, state)


def locks(server):
    """Return the names of the locks that are held."""
    return server.client.keys("*:lock")


async def test_redis_forgets_each_part_when_it_means_nothing_any_more(
    store,
    redis_server,
    state,
    clock,
):
    """A token lies there as long as it lives, whatever time Redis has; the rest a day more."""
    await keep(store, KEY, state)
    client = redis_server.client

    assert {TOKEN_NAME, STATE_NAME} == set(map(bytes.decode, client.keys()))
    assert HOUR == pytest.approx(client.pttl(TOKEN_NAME) / 1000, abs=5)
    assert HOUR + DAY == pytest.approx(client.pttl(STATE_NAME) / 1000, abs=5)

    await keep(store, KEY, TokenState(blocked_until=clock.clock.wall() + 600))
    assert [STATE_NAME.encode()] == client.keys()
    assert DAY + 600 == pytest.approx(client.pttl(STATE_NAME) / 1000, abs=5)


async def test_a_token_that_has_ended_is_gone(redis_url, redis_server, state):
    """Redis removes it at its end; one that was at its end when it was saved is not kept at all."""
    store = RedisTokenStore(redis_url)
    for left, kept in ((1.0, 1), (0.0, 0), (-1.0, 0)):
        ends = store._clock.wall() + left
        ending = attrs.evolve(state, token=attrs.evolve(state.token, expires_at=ends))
        await keep(store, KEY, ending)
        assert kept == redis_server.client.exists(TOKEN_NAME)
        await asyncio.sleep(left + 0.02)

        assert attrs.evolve(state, token=None) == await store.load(KEY)


async def test_a_prefix_keeps_programs_apart(redis_url, redis_server, state):
    """What is kept under one prefix is not seen under another, nor locked."""
    one, two = (RedisTokenStore(redis_url, prefix=prefix, lock_timeout=0) for prefix in "ab")
    await keep(one, KEY, state)
    async with one.lock(KEY), two.lock(KEY):
        pass

    assert TokenState() == await two.load(KEY)
    names = redis_server.client.keys()
    assert {b"a"} == {name.split(b":")[0] for name in names}


TOKEN = {"access_token": "1000.a.b", "expires_at": 1.0, "lifetime": 3600, "api_domain": None}


@pytest.mark.parametrize("name", [TOKEN_NAME, STATE_NAME])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"version": 1, "acc',
        b"\xff\xfe\xfa",
        b"[" * 200_000,
        b"[]",
        json.dumps(TOKEN).encode(),
        b'{"version": true}',
        b'{"version": 1}',
        json.dumps({"version": 1} | TOKEN | {"access_token": "1000.a\r\nX-Evil: 1"}).encode(),
    ],
    ids=["nothing", "half", "no text", "deep", "list", "versionless", "no number", "bare", "evil"],
)
async def test_what_is_damaged_is_as_good_as_none(
    store,
    redis_server,
    state,
    name,
    content,
    caplog,
):
    """The other part stays in use, the next save mends it, and no value is logged."""
    await keep(store, KEY, state)
    redis_server.client.set(name, content)

    found = await store.load(KEY)

    if name == TOKEN_NAME:
        assert attrs.evolve(state, token=None) == found
    else:
        assert TokenState(token=state.token) == found
    (record,) = caplog.records
    assert ("aiozcrm", logging.WARNING) == (record.name, record.levelno)
    assert f"{name} in Redis at 127.0.0.1" in record.getMessage()
    assert "1000." not in caplog.text
    await keep(store, KEY, state)
    assert state == await store.load(KEY)


@pytest.mark.parametrize("name", [TOKEN_NAME, STATE_NAME])
async def test_what_a_newer_version_wrote_is_left_alone(store, redis_server, state, name):
    """While a service is upgraded, old processes neither use nor destroy what the new ones keep."""
    newer = b'{"version": 2}'
    redis_server.client.set(name, newer)

    with pytest.raises(ConfigurationError, match="newer aiozcrm"):
        await store.load(KEY)
    with pytest.raises(ConfigurationError, match="newer aiozcrm"):
        await keep(store, KEY, state)
    assert newer == redis_server.client.get(name)
    assert [] == locks(redis_server)


async def test_what_a_later_version_added_is_ignored(store, redis_server, state):
    """New fields disturb nobody."""
    await keep(store, KEY, state)
    for name in (TOKEN_NAME, STATE_NAME):
        document = json.loads(redis_server.client.get(name))
        redis_server.client.set(name, json.dumps(document | {"new": [1]}))

    assert state == await store.load(KEY)


async def test_who_waits_too_long_is_told_so(redis_url, redis_server, clock):
    """A holder that does not end holds nobody up for ever, and keeps its lock."""
    store = RedisTokenStore(redis_url, lock_timeout=5, clock=clock.clock)
    async with RedisTokenStore(redis_url).lock(KEY):
        with pytest.raises(StoreLockedError, match=r"held aiozcrm:.*:lock in Redis for 5 s"):
            await store.lock(KEY).__aenter__()
        assert [LOCK_NAME.encode()] == locks(redis_server)
    async with store.lock(KEY):
        pass

    assert 5 == pytest.approx(sum(clock.slept), abs=0.1)
    assert 100 < len(clock.slept)


async def test_a_holder_whose_lease_has_ended_leaves_the_lock_to_the_next(redis_url, redis_server):
    """It is told so in words, and the lock that another one took meanwhile stays."""
    late, next_one = RedisTokenStore(redis_url, lease=0.05), RedisTokenStore(redis_url)
    holding = late.lock(KEY)
    await holding.__aenter__()
    async with next_one.lock(KEY):
        with pytest.raises(OSError, match=r"given back after its lease of 0\.05 s had ended"):
            await holding.__aexit__(None, None, None)
        assert [LOCK_NAME.encode()] == locks(redis_server)
    assert [] == locks(redis_server)


async def test_no_connection_is_left_open(redis_url, redis_server, state):
    """Neither after a step nor while a lock is held."""
    store = RedisTokenStore(redis_url)
    async with store.lock(KEY):
        await store.save(KEY, state)
        await store.load(KEY)

        # The one that asks.
        assert 1 == len(redis_server.client.client_list())


async def use(store, state):
    """Do all that a client does."""
    async with store.lock(KEY):
        await store.load(KEY)
        await store.save(KEY, state)


@pytest.mark.parametrize("wait", ["free", "held"])
@pytest.mark.parametrize("cancels", [1, 2])
async def test_cancelled_at_any_moment_nobody_keeps_the_lock(
    redis_url,
    redis_server,
    state,
    wait,
    cancels,
):
    """Not even while Redis is giving the lock, nor while it takes it back."""
    store, other = RedisTokenStore(redis_url), RedisTokenStore(redis_url)
    ends = set()
    for step in range(100):
        using = asyncio.create_task(use(store, state))
        if wait == "held":
            async with other.lock(KEY):
                await asyncio.sleep(0.001)
        await asyncio.sleep(step * 0.000_1)
        for _ in range(cancels):
            using.cancel()
            await asyncio.sleep(0)
        await asyncio.wait((using,))
        ends.add("cancelled" if using.cancelled() else using.exception())

        assert [] == locks(redis_server)

    assert "cancelled" in ends
    assert {None, "cancelled"} >= ends


class Proxy:
    """Stands before Redis, and can hold up or lose its answers."""

    def __init__(self, port):
        self.port = port
        self.delay = 0.0
        self.is_late_with = None
        self.loses_answers_to = None
        self._open = []

    async def __aenter__(self):
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"redis://127.0.0.1:{port}/0"
        return self

    async def __aexit__(self, *error):
        """End, and all connections with it."""
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader, writer):
        self._open.append(asyncio.current_task())
        redis_reader, redis_writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            while request := await reader.read(65_536):
                redis_writer.write(request)
                answer = await redis_reader.read(65_536)
                if self.loses_answers_to and self.loses_answers_to in request:
                    break
                late = self.is_late_with and self.is_late_with in request
                await asyncio.sleep(60 if late else self.delay)
                writer.write(answer)
        finally:
            redis_writer.close()
            writer.close()


@pytest.fixture
async def proxy(redis_server):
    """Yield a proxy before an empty Redis."""
    async with Proxy(redis_server.port) as running:
        yield running


async def test_a_lock_whose_answer_was_lost_is_given_back(proxy, redis_server):
    """Redis gave it, but nobody was told: without this all would wait until the lease ends."""
    proxy.loses_answers_to = b"\r\nSET\r\n"

    with pytest.raises(OSError, match="Connection closed by server"):
        await RedisTokenStore(proxy.url).lock(KEY).__aenter__()
    assert [] == locks(redis_server)


async def test_a_lock_whose_answer_comes_too_late_is_given_back(proxy, redis_server):
    """So it is if the answer is only slow."""
    proxy.is_late_with = b"\r\nSET\r\n"

    with pytest.raises(OSError, match=r"no answer within 0\.2 s"):
        await RedisTokenStore(proxy.url, timeout=0.2).lock(KEY).__aenter__()
    assert [] == locks(redis_server)


@pytest.mark.parametrize("cancelled_after", [0.0, 0.01, 0.03, 0.05, 0.07, 0.09, 0.11, 0.13, 0.15])
async def test_cancelled_while_a_slow_redis_answers_nobody_keeps_the_lock(
    proxy,
    redis_server,
    state,
    cancelled_after,
):
    """The answers on their way are waited for."""
    proxy.delay = 0.02
    using = asyncio.create_task(use(RedisTokenStore(proxy.url), state))
    await asyncio.sleep(cancelled_after)
    using.cancel()
    await asyncio.wait((using,))

    assert using.cancelled()
    assert [] == locks(redis_server)


async def test_a_redis_that_does_not_answer_is_not_waited_for(proxy, state):
    """Each step ends in time, in an error that says so."""
    proxy.delay = 60
    store = RedisTokenStore(proxy.url, timeout=0.05)

    async with asyncio.timeout(2):
        for step in (store.load(KEY), store.save(KEY, state), store.lock(KEY).__aenter__()):
            with pytest.raises(OSError, match=r"no answer within 0\.05 s"):
                await step


async def test_a_redis_that_is_not_there_is_an_error_at_once(make_redis, make_store, state, clock):
    """Nothing is tried again: the client goes on without it, and comes back later."""
    server = make_redis()
    store = make_store(server.url)
    server.stop()

    for step in (store.load(KEY), store.save(KEY, state), store.lock(KEY).__aenter__()):
        with pytest.raises(OSError, match=f"at 127.0.0.1:{server.port}/0: .*Connect call failed"):
            await step
    assert [] == clock.slept
    server.start()
    await keep(store, KEY, state)
    assert state == await store.load(KEY)


async def test_a_redis_that_ends_while_the_lock_is_held_is_told(make_redis, make_store, state):
    """By the save and by who gives the lock back."""
    server = make_redis()
    store = make_store(server.url)
    holding = store.lock(KEY)
    await holding.__aenter__()
    server.stop()

    with pytest.raises(OSError, match="Connect call failed"):
        await store.save(KEY, state)
    with pytest.raises(OSError, match="Connect call failed"):
        await holding.__aexit__(None, None, None)
    server.start()


async def test_a_redis_that_starts_anew_while_the_lock_is_held_keeps_what_is_saved(
    make_redis,
    make_store,
    state,
):
    """Only the lock is lost, which is told."""
    server = make_redis()
    store = make_store(server.url)
    holding = store.lock(KEY)
    await holding.__aenter__()
    server.stop()
    server.start()
    await store.save(KEY, state)
    with pytest.raises(OSError, match="lease"):
        await holding.__aexit__(None, None, None)

    assert state == await store.load(KEY)


async def test_a_token_goes_on_serving_while_redis_is_gone(make_redis, make_zoho, script, clock):
    """Nobody asks Zoho until the token is about to end, and Redis is used again once it is back."""
    server = make_redis()
    async with make_zoho(token_store=RedisTokenStore(server.url, clock=clock.clock)) as zoho:
        first = await zoho._oauth.token()
        server.stop()
        for _ in range(10):
            clock.advance(HOUR / 10 - 10)
            assert first is await zoho._oauth.token()
            await zoho.delete_unsubscribe_link(1)
        assert 1 == len(script.token_requests)

        clock.advance(60)
        assert first is not await zoho._oauth.token()
        assert 2 == len(script.token_requests)

        server.start()
        clock.advance(HOUR)
        await zoho._oauth.token()
    assert 3 == len(script.token_requests)
    assert b"1000.secret3.part" in server.everything()


@pytest.fixture
def authority():
    """Who vouches for the server."""
    return trustme.CA()


@pytest.fixture
def tls_url(make_redis, authority, tmp_path):
    """Where a Redis is that speaks TLS, without what a client needs to believe it."""
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(tmp_path / "certificate.pem", append=True)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    spare = make_redis()
    spare.stop()
    make_redis(
        *("--tls-port", str(spare.port), "--tls-auth-clients", "no"),
        *("--tls-cert-file", str(tmp_path / "certificate.pem")),
        *("--tls-key-file", str(tmp_path / "key.pem")),
        *("--tls-ca-cert-file", str(tmp_path / "authority.pem")),
    )
    return f"rediss://127.0.0.1:{spare.port}/0"


async def test_tls_works_with_an_authority_of_ones_own(tls_url, make_store, tmp_path, state):
    """What rediss:// needs is told behind the question mark."""
    store = make_store(f"{tls_url}?ssl_ca_certs={tmp_path}/authority.pem")
    await keep(store, KEY, state)
    assert state == await store.load(KEY)


async def test_a_server_that_nobody_vouches_for_is_not_believed(tls_url, tmp_path, state):
    """Neither an unknown authority nor a wrong name, and the reason is told."""
    with pytest.raises(OSError, match="certificate verify failed"):
        await RedisTokenStore(tls_url).load(KEY)
    elsewhere = tls_url.replace("127.0.0.1", "localhost")
    with pytest.raises(OSError, match="Hostname mismatch"):
        await RedisTokenStore(f"{elsewhere}?ssl_ca_certs={tmp_path}/authority.pem").load(KEY)
    with pytest.raises(OSError, match="No such file"):
        await RedisTokenStore(f"{tls_url}?ssl_ca_certs={tmp_path}/nothing.pem").load(KEY)


async def test_a_user_needs_a_few_rights_only(make_redis, make_store, state):
    """Those that the documentation names are enough, and none of them can be left out."""
    server = make_redis()
    url = server.url.replace("//", "//zoho:p%40ss@")
    store = make_store(url)
    server.client.execute_command("ACL", "SETUSER", "zoho", "on", ">p@ss", *RIGHTS.split())
    for _ in range(2):
        await use(store, state)
        assert state == await store.load(KEY)
        # It has to be loaded again.
        server.client.script_flush()
    server.client.flushall()

    for right in RIGHTS.split()[2:]:
        server.client.execute_command("ACL", "SETUSER", "zoho", right.replace("+", "-"))
        server.client.script_flush()
        with pytest.raises(OSError, match=r"lacks a permission|rejected with"):  # noqa: PT012  # either
            await use(store, state)
            await use(store, TokenState())
        server.client.execute_command("ACL", "SETUSER", "zoho", right)
        server.client.flushall()


async def test_a_unix_socket_works(make_redis, make_store, tmp_path, state):
    """It is named by its path."""
    make_redis("--unixsocket", str(tmp_path / "socket"))
    store = make_store(f"unix://{tmp_path}/socket?db=1")
    await keep(store, KEY, state)

    assert state == await store.load(KEY)
    assert f"RedisTokenStore('{tmp_path}/socket/1')" == repr(store)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hush-hush",
        "http://:hush-hush@host",
        "redis://user:hush/hush@host:6379/0",
        "redis://user:1/hush-hush@host",
        "redis://:hush#hush@host",
        "redis://hush#1@host",
        "redis://hush?hush@host",
        "redis://:hush-hush@host:65x",
        "redis://:hush-hush@host:99999",
        "redis://:hush-hush@host/tokens",
        "redis://:hush-hush@host?unknown=1",
        "redis://:hush-hush@host?db=hush",
        None,
        b"redis://:hush-hush@host",
    ],
)
def test_a_url_that_is_not_understood_is_refused_without_showing_it(url):
    """The hint says how one looks, and what to do with a password of special characters."""
    with pytest.raises(ConfigurationError, match=r"redis://user:password@host.*percent") as caught:
        RedisTokenStore(url)
    told = traceback.TracebackException.from_exception(caught.value)
    assert "hush" not in "".join(told.format())
    assert None is caught.value.__context__
    assert "hush" not in locals_of(caught.value)


def locals_of(error):
    """Return what a traceback with locals would show of the frames below the test's own."""
    frames = traceback.walk_tb(error.__traceback__.tb_next)
    return "".join(repr(frame.f_locals) for frame, _ in frames)


@pytest.mark.parametrize("setting", ["lease", "timeout"])
@pytest.mark.parametrize("seconds", [0, -1.0, float("nan")])
def test_a_time_that_is_none_is_refused(setting, seconds):
    """Redis would refuse it later."""
    with pytest.raises(ConfigurationError, match=f"{setting} must be above zero") as caught:
        RedisTokenStore("redis://:hush-hush@host", **{setting: seconds})
    assert "hush" not in locals_of(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://", "localhost:6379/0"),
        ("redis://user:hush@host:1/2", "host:1/2"),
        ("rediss://:hush@host?db=3", "host:6379/3"),
        ("unix://user@/run/redis?password=hush", "/run/redis/0"),
    ],
)
def test_its_repr_shows_where_it_is_and_no_password(url, shown):
    """Nor is the user shown."""
    assert f"RedisTokenStore('{shown}')" == repr(RedisTokenStore(url))


async def test_neither_client_secret_nor_refresh_token_is_ever_written(
    redis_server,
    clock,
    make_zoho,
    credentials,
):
    """Searched are the names and values of all keys, also while the lock is held."""
    seen = []

    class Looking(RedisTokenStore):
        async def save(self, key, state):
            await super().save(key, state)
            seen.append(redis_server.everything())

    async with make_zoho(token_store=Looking(redis_server.url, clock=clock.clock)) as zoho:
        await zoho.delete_unsubscribe_link(1)
    seen = b"\n".join([*seen, redis_server.everything()])

    assert b"1000.secret1" in seen
    assert b":lock" in seen
    for secret in (credentials.client_secret, credentials.refresh_token, credentials.client_id):
        for part in secret.split("."):
            assert len(part) < 5 or part.encode() not in seen


@pytest.mark.parametrize("command", ["SET", "MGET", "EVALSHA", "MULTI", "EXEC"])
async def test_what_redis_refuses_is_told_without_its_words(make_redis, state, command, caplog):
    """It quotes what was sent, and so does redis-py: the token among it."""
    server = make_redis("--rename-command", command, "")
    server.client.config_set("requirepass", "hush-hush")
    url = server.url.replace("//", "//:hush-hush@")
    store = RedisTokenStore(url)

    errors = []
    for step in (store.save(KEY, state), store.load(KEY), use(store, state)):
        try:
            await step
        except OSError as error:
            errors.append(error)
    assert errors
    for error in errors:
        told = traceback.TracebackException.from_exception(error)
        shown = "".join(told.format()) + repr(vars(error)) + caplog.text
        assert "rejected with" in shown
        assert "secret1" not in shown
        assert "hush" not in shown + locals_of(error)
        assert None is error.__context__


async def test_a_wrong_password_is_told_without_it(make_redis):
    """What Redis says about it is safe to show."""
    server = make_redis()
    server.client.config_set("requirepass", "hush-hush")
    with pytest.raises(OSError, match="invalid username-password pair") as caught:
        await RedisTokenStore(server.url.replace("//", "//:wrong-hush@")).load(KEY)
    assert "hush" not in str(caught.value)


def test_one_store_serves_several_event_loops(redis_url):
    """One after the other and at the same time, in threads, they respect each other's locks."""
    store = RedisTokenStore(redis_url)
    counts = []

    async def count():
        for _ in range(5):
            async with store.lock(KEY):
                state = await store.load(KEY)
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


def run(source, *arguments):
    """Run a program in a process of its own."""
    command = [sys.executable, "-c", source, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # ours
    return done.stdout.strip()


def test_a_store_works_on_after_a_fork(redis_url):
    """Nothing open is shared between the processes."""
    program = """
import asyncio, os, sys
from aiozcrm.token_stores import RedisTokenStore, TokenState
store = RedisTokenStore(sys.argv[1])
async def count():
    async with store.lock("k"):
        state = await store.load("k")
        await store.save("k", TokenState(refusals=state.refusals + 1))
    return state.refusals + 1
assert asyncio.run(count()) == 1
child = os.fork()
if not child:
    os._exit(asyncio.run(count()) - 2)
assert os.waitpid(child, 0)[1] == 0
print(asyncio.run(count()))
"""
    assert "3" == run(program, redis_url)


def test_importing_the_package_does_not_import_redis():
    """Who does not keep tokens in Redis does not pay for it."""
    imports = "import sys, aiozcrm, aiozcrm.token_stores, aiozcrm.testing"
    assert "False" == run(f"{imports}; print('redis' in sys.modules)")


def without_redis(monkeypatch):
    """Forget that it has been imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "redis"]:
        monkeypatch.delitem(sys.modules, name)


def test_without_redis_the_error_says_what_to_install(monkeypatch):
    """It is raised when the store is made, before anything depends on it."""
    without_redis(monkeypatch)
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ConfigurationError, match=r"pip install 'aiozcrm\[redis\]'"):
        RedisTokenStore("redis://")


def test_a_broken_redis_is_not_mistaken_for_a_missing_one(monkeypatch, tmp_path):
    """What redis-py itself lacks is told as it is."""
    (tmp_path / "redis.py").write_text("import something_that_is_not_there\n")
    without_redis(monkeypatch)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="something_that_is_not_there"):
        RedisTokenStore("redis://")
