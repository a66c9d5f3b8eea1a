"""The contract finds what is wrong with a store, whoever runs it."""

import asyncio
import contextlib
import os
import subprocess
import sys
import textwrap
import unittest

import attrs
import pytest

from aiozcrm.testing.token_store_contract import TokenStoreContract
from aiozcrm.token_stores import MemoryTokenStore, TokenState

TESTS = [name for name in dir(TokenStoreContract) if name.startswith("test_")]


class Forgetful(MemoryTokenStore):
    """Keeps nothing."""

    async def save(self, key, state):
        """Lose it."""


class Crude(MemoryTokenStore):
    """Loses the fractions of moments."""

    async def save(self, key, state):
        """Round what was told."""
        rounded = attrs.evolve(state, made_at=tuple(map(round, state.made_at)))
        await super().save(key, rounded)


class Dated(MemoryTokenStore):
    """Keeps what version 0.1 knew."""

    async def save(self, key, state):
        """Lose what is newer."""
        known = ("token", "made_at", "blocked_until", "refusals")
        await super().save(key, TokenState(**{name: getattr(state, name) for name in known}))


class OneForAll(MemoryTokenStore):
    """Does not tell keys apart."""

    async def load(self, key):
        """Return what was saved last."""
        return self._states.get("all", TokenState())

    async def save(self, key, state):
        """Keep it for everybody."""
        self._states["all"] = state


class Open(MemoryTokenStore):
    """Lets everybody in."""

    @contextlib.asynccontextmanager
    async def lock(self, key):
        """Hold nothing."""
        await asyncio.sleep(0)
        yield


class OneLock(MemoryTokenStore):
    """Has one lock for all keys."""

    def lock(self, key):
        """Return the one."""
        return super().lock("all")


class Leaking(MemoryTokenStore):
    """Keeps the lock of who ends in any but the normal way."""

    @contextlib.asynccontextmanager
    async def lock(self, key):
        """Give the lock back only after good work."""
        lock = self._locks[key]
        await lock.acquire()
        yield
        lock.release()


class Detached(MemoryTokenStore):
    """Goes on waiting for the lock when the waiter was cancelled."""

    @contextlib.asynccontextmanager
    async def lock(self, key):
        """Wait in a task that nobody ends."""
        lock = self._locks[key]
        await asyncio.shield(asyncio.ensure_future(lock.acquire()))
        try:
            yield
        finally:
            lock.release()


class Swallowing(MemoryTokenStore):
    """Keeps errors for itself."""

    @contextlib.asynccontextmanager
    async def lock(self, key):
        """Let nothing out."""
        async with self._locks[key]:
            with contextlib.suppress(KeyError):
                yield


class Strict(MemoryTokenStore):
    """Lets nobody look but who holds the lock."""

    holder = None

    @contextlib.asynccontextmanager
    async def lock(self, key):
        """Remember the holder."""
        async with self._locks[key]:
            self.holder = asyncio.current_task()
            yield

    async def load(self, key):
        """Wait until the lock is free."""
        me = asyncio.current_task()
        while self._locks[key].locked() and self.holder is not me:  # noqa: ASYNC110  # crude
            await asyncio.sleep(0.01)
        return await super().load(key)


class Indiscreet(MemoryTokenStore):
    """Shows what it holds."""

    def __repr__(self):
        """Show the tokens."""
        return repr([state.token and state.token.access_token for state in self._states.values()])


async def failures_of(kind, *, seconds=0.1):
    """Run the contract, with so much patience, over a store and return what it finds."""

    class Run(TokenStoreContract):
        patience = seconds

        def make_store(self):
            return store

    failures = set()
    for name in TESTS:
        store = kind()
        try:
            await getattr(Run(), name)()
        except AssertionError:
            failures.add(name)
    return failures


@pytest.mark.parametrize(
    ("kind", "found_by"),
    [
        (Forgetful, ["test_what_one_saved_another_loads"]),
        (Crude, ["test_what_one_saved_another_loads"]),
        (Dated, ["test_what_one_saved_another_loads"]),
        (
            OneForAll,
            [
                "test_keys_are_kept_apart",
                "test_saving_under_many_keys_at_once_loses_none",
            ],
        ),
        (
            Open,
            [
                "test_a_cancelled_waiter_does_not_keep_the_lock",
                "test_the_lock_lets_one_in_at_a_time",
                "test_who_loads_and_saves_under_the_lock_loses_nothing",
            ],
        ),
        (OneLock, ["test_the_lock_of_one_key_holds_up_no_other"]),
        (
            Leaking,
            [
                "test_the_lock_is_free_after_an_error_inside",
                "test_the_lock_is_free_after_its_holder_was_cancelled",
            ],
        ),
        (Detached, ["test_a_cancelled_waiter_does_not_keep_the_lock"]),
        (Swallowing, ["test_the_lock_is_free_after_an_error_inside"]),
        (Strict, ["test_loading_does_not_wait_for_the_lock"]),
        (Indiscreet, ["test_no_token_is_shown"]),
    ],
)
async def test_a_store_that_breaks_its_word_is_found(kind, found_by):
    """Each mistake fails the tests that are named after it."""
    assert set(found_by) <= await failures_of(kind)


async def test_a_good_store_fails_no_test():
    """The store that the client uses by default passes."""
    assert set() == await failures_of(MemoryTokenStore, seconds=TokenStoreContract.patience)


async def test_a_contract_without_a_store_says_what_is_missing():
    """Forgetting make_store() is told in words."""
    with pytest.raises(NotImplementedError, match=r"make_store\(\)"):
        await TokenStoreContract().test_keys_are_kept_apart()


def test_the_contract_runs_in_unittest():
    """Nothing of it needs pytest."""
    store = MemoryTokenStore()

    class Case(TokenStoreContract, unittest.IsolatedAsyncioTestCase):
        def make_store(self):
            return store

    result = unittest.TestResult()
    Case("test_what_one_saved_another_loads").run(result)

    assert 1 == result.testsRun
    assert result.wasSuccessful()


@pytest.mark.system
@pytest.mark.parametrize(("mode", "mark"), [("auto", ""), ("strict", "@pytest.mark.asyncio")])
def test_the_contract_runs_in_either_mode_of_pytest_asyncio(tmp_path, mode, mark):
    """A subclass with one method is all that a user writes."""
    source = f"""
        import pytest
        from aiozcrm.testing.token_store_contract import TokenStoreContract
        from aiozcrm.token_stores import MemoryTokenStore

        {mark}
        class TestStore(TokenStoreContract):
            @pytest.fixture(autouse=True)
            def store(self):
                self.kept = MemoryTokenStore()

            def make_store(self):
                return self.kept
    """
    (tmp_path / "test_it.py").write_text(textwrap.dedent(source))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "pytest_asyncio.plugin",
    ]
    scope = "asyncio_default_fixture_loop_scope=function"
    options = ["-o", f"asyncio_mode={mode}", "-o", scope, "-W", "error", "--rootdir", str(tmp_path)]

    done = subprocess.run(  # noqa: S603  # ours
        [*command, *options, str(tmp_path)],
        # Other plugins only cost time.
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert f"{len(TESTS)} passed" in done.stdout, done.stdout
