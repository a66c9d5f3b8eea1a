"""Processes for the tests of the file store: loads everything once, then forks on command.

Each line read is a command as JSON: ``["start", job, arguments]`` or ``["kill", pid]``. Each line
written is ``[pid, what happened]``.
"""

import asyncio
import json
import os
import signal
import sys

import attrs

from aiozcrm import Credentials, ZohoCRM
from aiozcrm.errors import ZohoError
from aiozcrm.token_stores import FileTokenStore, TokenState


def tell(pid, what):
    """Write one line, short enough not to be mixed with others."""
    os.write(1, json.dumps([pid, what]).encode() + b"\n")


async def call(*, path, environ, callers):
    """Let many tasks call the API at once."""
    store = FileTokenStore(path)
    async with ZohoCRM(Credentials.from_env(environ), token_store=store) as zoho:
        calls = (zoho.request("GET", "settings/unsubscribe_links") for _ in range(callers))
        try:
            await asyncio.gather(*calls)
        except ZohoError as error:
            return type(error).__name__
    return "done"


async def get_tokens(*, folder, environ, files):
    """Get a token through one file after the other, telling how many there are."""
    for number in range(files):
        store = FileTokenStore(f"{folder}/{number}.json")
        async with ZohoCRM(Credentials.from_env(environ), token_store=store) as zoho:
            await zoho._oauth.token()
        tell(os.getpid(), number + 1)
    return "done"


async def save(*, path, key, times=None):
    """Count in the file, telling each number once it is kept."""
    store = FileTokenStore(path)
    while times is None or times > 0:
        async with store.lock(key):
            state = await store.load(key)
            state = attrs.evolve(state, refusals=state.refusals + 1)
            await store.save(key, state)
        tell(os.getpid(), state.refusals)
        times = times and times - 1
    return "done"


async def save_once(*, path, key):
    """Keep something once."""
    store = FileTokenStore(path)
    async with store.lock(key):
        await store.save(key, TokenState(blocked_until=32_503_680_000.0))
    return "done"


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
