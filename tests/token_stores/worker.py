"""Processes for the tests of shared stores: loads everything once, then forks on command.

Each line read is a command as JSON: ``["start", job, arguments]`` or ``["kill", pid]``. Each line
written is ``[pid, what happened]``. A job is told its store as ``[name of the class, arguments]``.
"""

import asyncio
import importlib
import json
import os
import signal
import sys

import attrs

from aiozcrm import Credentials, ZohoCRM, token_stores
from aiozcrm.errors import ZohoError
from aiozcrm.token_stores import TokenState

# What stores load when they are made, each process for itself.
for extra in ("filelock", "redis.asyncio"):
    importlib.import_module(extra)

#: So that no store has reason to forget what is kept.
FAR_AWAY = 32_503_680_000.0


def tell(pid, what):
    """Write one line, short enough not to be mixed with others."""
    os.write(1, json.dumps([pid, what]).encode() + b"\n")


def make(store):
    """Return the store that a job was told."""
    name, arguments = store
    return getattr(token_stores, name)(**arguments)


async def call(*, store, environ, callers):
    """Let many tasks call the API at once."""
    async with ZohoCRM(Credentials.from_env(environ), token_store=make(store)) as zoho:
        calls = (zoho.request("GET", "settings/unsubscribe_links") for _ in range(callers))
        try:
            await asyncio.gather(*calls)
        except ZohoError as error:
            return type(error).__name__
    return "done"


async def get_tokens(*, stores, environ):
    """Get a token through one store after the other, telling how many there are."""
    for number, store in enumerate(stores):
        async with ZohoCRM(Credentials.from_env(environ), token_store=make(store)) as zoho:
            await zoho._oauth.token()
        tell(os.getpid(), number + 1)
    return "done"


async def save(*, store, key, times=None):
    """Count in the store, telling each number once it is kept."""
    store = make(store)
    while times is None or times > 0:
        async with store.lock(key):
            state = await store.load(key)
            state = attrs.evolve(state, refusals=state.refusals + 1, blocked_until=FAR_AWAY)
            await store.save(key, state)
        tell(os.getpid(), state.refusals)
        times = times and times - 1
    return "done"


async def save_once(*, store, key):
    """Keep something once."""
    store = make(store)
    async with store.lock(key):
        await store.save(key, TokenState(blocked_until=FAR_AWAY))
    return "done"


async def hold(*, store, key):
    """Take the lock and keep it."""
    async with make(store).lock(key):
        tell(os.getpid(), "holding")
        await asyncio.Event().wait()


def start(job, arguments):
    """Fork a process that does a job."""
    pid = os.fork()
    if pid:
        return pid
    try:
        tell(os.getpid(), asyncio.run(globals()[job](**arguments)))
    except BaseException as error:
        tell(os.getpid(), repr(error))
        raise
    finally:
        os._exit(0)


def main():
    """Obey until there are no more commands, and leave no process behind."""
    pids = set()
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        if command == "start":
            pid = start(*arguments)
            pids.add(pid)
            tell(pid, "started")
        else:
            (pid,) = arguments
            pids.remove(pid)
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            tell(pid, "killed" if os.WIFSIGNALED(status) else "ended")
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
