"""What every store has to do, whatever it keeps, as tests for any of them."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import ClassVar, Final, Generic, Protocol, TypeVar

__all__ = ["StoreContract"]

S = TypeVar("S")

_KEY: Final = f"eu.production.{'0123456789abcdef' * 2}"
_OTHER_KEY: Final = f"eu.sandbox.{'0123456789abcdef' * 2}"

_TWO_INSIDE: Final = "Two tasks held the lock of one key at once."


class _Store(Protocol[S]):
    """What stores of every kind can do."""

    async def load(self, key: str) -> S: ...

    async def save(self, key: str, state: S) -> None: ...

    def lock(self, key: str) -> AbstractAsyncContextManager[object]: ...


class StoreContract(ABC, Generic[S]):
    """The tests that stores of one kind have to pass.

    Attributes:
        patience: For how many seconds a store that answers slowly is waited for.
    """

    patience: ClassVar[float] = 10.0

    #: States in which all is known, less, and nothing; the first holds the secret.
    _states: Sequence[S]
    _secret: ClassVar[str]

    @abstractmethod
    def make_store(self) -> _Store[S]:
        """Return a store on what this test keeps, a new one each time if that can be."""

    @abstractmethod
    def _numbered(self, *numbers: int) -> S:
        """Return a state that holds numbers."""

    @abstractmethod
    def _numbers_in(self, state: S) -> list[int]:
        """Return the numbers that a state holds; none for an empty one."""

    async def test_nothing_kept_is_an_empty_state(self) -> None:
        """A key that nothing was saved under loads as an empty state."""
        _expect_equal(await self.make_store().load(_KEY), self._states[-1], "of an unused key")

    async def test_what_one_saved_another_loads(self) -> None:
        """Every field comes back exactly, through another store as well."""
        for state in self._states:
            store = self.make_store()
            async with self._held(store, _KEY):
                await store.save(_KEY, state)
                _expect_equal(await store.load(_KEY), state, "while the lock is held")
            _expect_equal(await store.load(_KEY), state, "of the store that saved it")
            _expect_equal(await self.make_store().load(_KEY), state, "of another store")

    async def test_a_state_takes_the_place_of_the_one_before(self) -> None:
        """Nothing of the older state is left, not even where the newer has nothing."""
        one, two = self.make_store(), self.make_store()
        for store, state in (
            (one, self._states[0]),
            (two, self._states[-1]),
            (one, self._states[0]),
        ):
            async with self._held(store, _KEY):
                await store.save(_KEY, state)
            _expect_equal(await one.load(_KEY), state, "after another was saved")

    async def test_keys_are_kept_apart(self) -> None:
        """What is saved under one key is not seen under another."""
        store = self.make_store()
        async with self._held(store, _KEY):
            await store.save(_KEY, self._states[0])
        _expect_equal(await store.load(_OTHER_KEY), self._states[-1], "of another key")

    async def test_saving_under_many_keys_at_once_loses_none(self) -> None:
        """Those who save under different keys do not hold each other's locks."""
        keys = [f"us.production.{number:032x}" for number in range(20)]

        async def save(number: int, key: str) -> None:
            store = self.make_store()
            async with self._held(store, key):
                await store.save(key, self._numbered(number))

        await _all(save(number, key) for number, key in enumerate(keys))
        store = self.make_store()
        for number, key in enumerate(keys):
            state = await store.load(key)
            _expect_equal(state, self._numbered(number), "of one key of many")

    async def test_the_lock_lets_one_in_at_a_time(self) -> None:
        """Tasks of the same store and of other stores all respect it."""
        stores = [self.make_store() for _ in range(3)]
        inside = 0

        async def enter(store: _Store[S]) -> None:
            nonlocal inside
            async with self._held(store, _KEY):
                _expect(inside == 0, _TWO_INSIDE)
                inside += 1
                await asyncio.sleep(0.002)
                inside -= 1

        await _all(enter(store) for store in stores * 3)

    async def test_who_loads_and_saves_under_the_lock_loses_nothing(self) -> None:
        """Twenty tasks add a number each, and all twenty are there in the end."""
        stores = [self.make_store() for _ in range(2)]

        async def add(number: int) -> None:
            store = stores[number % 2]
            async with self._held(store, _KEY):
                state = await store.load(_KEY)
                await asyncio.sleep(0)
                await store.save(_KEY, self._numbered(*self._numbers_in(state), number))

        await _all(map(add, range(20)))
        state = await self.make_store().load(_KEY)
        found = sorted(self._numbers_in(state))
        _expect_equal(found, list(range(20)), "of what twenty tasks added")

    async def test_the_lock_of_one_key_holds_up_no_other(self) -> None:
        """While one key is locked, another can be locked, saved and loaded."""
        one, two = self.make_store(), self.make_store()
        async with self._held(one, _KEY):
            for store in (one, two):
                async with self._held(store, _OTHER_KEY):
                    await store.save(_OTHER_KEY, self._states[0])

    async def test_loading_does_not_wait_for_the_lock(self) -> None:
        """Who cannot get the lock can still look."""
        one, two = self.make_store(), self.make_store()
        async with self._held(one, _KEY):
            await one.save(_KEY, self._states[0])
            async with self._in_time("load() waited for the lock, and did not end"):
                # In a task of its own, which surely does not hold the lock.
                state = await asyncio.create_task(two.load(_KEY))
        _expect_equal(state, self._states[0], "while another holds the lock")

    async def test_the_lock_is_free_after_an_error_inside(self) -> None:
        """The error passes through unchanged, and the lock can be taken again."""
        store, trouble = self.make_store(), KeyError("trouble")
        seen: BaseException | None = None
        try:
            async with self._held(store, _KEY):
                raise trouble
        except KeyError as error:
            seen = error
        _expect(seen is trouble, "An error inside the lock did not pass through.")
        await self._expect_free(store)

    async def test_the_lock_is_free_after_its_holder_was_cancelled(self) -> None:
        """Cancelling who holds the lock gives it back."""
        store, held = self.make_store(), asyncio.Event()

        async def hold() -> None:
            async with self._held(store, _KEY):
                held.set()
                await asyncio.Event().wait()

        holder = asyncio.create_task(hold())
        async with self._in_time("The lock could not be had"):
            await held.wait()
        await _cancel(holder)
        await self._expect_free(store)

    async def test_a_cancelled_waiter_does_not_keep_the_lock(self) -> None:
        """Waiters of the same store and of another are cancelled at several moments."""
        store, other = self.make_store(), self.make_store()

        async def wait(waiter: _Store[S]) -> None:
            async with waiter.lock(_KEY):
                raise AssertionError(_TWO_INSIDE)

        async with self._held(store, _KEY):
            for waiter in (store, other):
                for pause in (0.0, 0.001, 0.005, 0.03):
                    waiting = asyncio.create_task(wait(waiter))
                    await asyncio.sleep(pause)
                    await _cancel(waiting)
        await self._expect_free(store)

    async def test_a_waiter_cancelled_when_the_lock_comes_free_does_not_keep_it(self) -> None:
        """Getting the lock and being cancelled in the same moment leaves it free."""
        store, other = self.make_store(), self.make_store()

        async def wait(waiter: _Store[S]) -> None:
            async with waiter.lock(_KEY):
                await asyncio.sleep(0)

        for waiter in (store, other):
            for pause in (0.0, 0.001, 0.01, 0.03):
                async with self._held(store, _KEY):
                    waiting = asyncio.create_task(wait(waiter))
                    await asyncio.sleep(0.002)
                await asyncio.sleep(pause)
                await _cancel(waiting)
                await self._expect_free(store)

    async def test_no_token_is_shown(self) -> None:
        """The repr of a store that holds a token does not show it."""
        store = self.make_store()
        async with self._held(store, _KEY):
            await store.save(_KEY, self._states[0])
        _expect(self._secret not in repr(store), "The repr of the store shows a token.")

    @contextlib.asynccontextmanager
    async def _in_time(self, failure: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.patience):
                yield
        except TimeoutError as error:
            raise AssertionError(f"{failure} within {self.patience:g} s.") from error

    @contextlib.asynccontextmanager
    async def _held(self, store: _Store[S], key: str) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            async with self._in_time(f"The lock of {key} could not be had"):
                await stack.enter_async_context(store.lock(key))
            yield

    async def _expect_free(self, store: _Store[S]) -> None:
        """Take the lock through the store at hand and through another one."""
        for each in (store, self.make_store()):
            async with self._held(each, _KEY):
                pass


async def _all(jobs: Iterable[Coroutine[object, object, None]]) -> None:
    """Run *jobs* at once, all to their ends, and raise the first error."""
    for result in await asyncio.gather(*jobs, return_exceptions=True):
        if result is not None:
            raise result


async def _cancel(task: asyncio.Task[None]) -> None:
    """Cancel *task* and wait for its end, which must not be an error."""
    task.cancel()
    await asyncio.wait((task,))
    if not task.cancelled():
        task.result()


def _expect(condition: object, failure: str) -> None:
    if not condition:
        raise AssertionError(failure)


def _expect_equal(found: object, expected: object, which: str) -> None:
    _expect(found == expected, f"The state {which} is {found}, not {expected}.")
