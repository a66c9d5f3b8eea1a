"""Runs the command in processes that start at once: loads everything, then forks on command.

Each line read is a command as JSON: ``["start", {"arguments", "environ", "terminal"}]``, where
terminal is the name of one or null, ``["kill", pid]``, ``["wait", pid]``. Each line written is
``[pid, what happened]``.
"""

import contextlib
import gc
import json
import os
import signal
import sys

import tenacity  # noqa: F401  # loaded late otherwise, by every process again
import typer
from forked import fork

import aiozcrm.resources.org
import aiozcrm.resources.unsubscribe_links  # noqa: F401
from aiozcrm.cli._app import app

COMMAND = typer.main.get_command(app)
# Each is loaded late otherwise, too.
EVERY_COMMAND = list(COMMAND.commands.values())


def tell(pid, what):
    """Write one line."""
    os.write(3, json.dumps([pid, what]).encode() + b"\n")


def enter(terminal):
    """Live in a terminal, as who opens it at the head of a session does."""
    os.setsid()
    end = os.open(terminal, os.O_RDWR)
    for number in range(3):
        os.dup2(end, number)
    sys.stdin = open(0)  # noqa: SIM115  # these are open to the end
    sys.stdout, sys.stderr = open(1, "w"), open(2, "w")  # noqa: SIM115


def start(*, arguments, environ, terminal):
    """Fork a process that runs the command."""

    def run():
        # Where this process was started, they may be ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        if terminal:
            enter(terminal)
        COMMAND(arguments, prog_name="aiozcrm")

    return fork(run, environ)


def kill(pid):
    """End a process, and return -9, or the exit code that was there before."""
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def wait(pid):
    """Return the exit code of a process once it has ended."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def obey():
    """Obey until there are no more commands."""
    verbs = {"kill": kill, "wait": wait}
    for line in sys.stdin:
        verb, subject = json.loads(line)
        if verb == "start":
            tell(start(**subject), "started")
        else:
            tell(subject, verbs[verb](subject))


if __name__ == "__main__":
    # What the commands print is of no interest here.
    os.dup2(1, 3)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    # Some things are loaded when a command reads its options.
    with contextlib.redirect_stderr(None), contextlib.suppress(SystemExit):
        COMMAND(["links", "clean", "--resume", os.devnull, "--older-than", "1h"])
    # What is never looked at again is never copied.
    gc.freeze()
    obey()
