"""Starts programs that use the package at once: each is forked from a process that has loaded it.

A program is a source with a function ``main()``, which is called with arguments. It shares nothing
with another but what was loaded, and can be killed as any process can.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

#: Reads a program, loads what it needs, and obeys: ``["start", arguments, environ]``,
#: ``["has_ended", pid]`` or ``["wait", pid]``. Each line written is what came of one.
SERVER = """
import gc, json, os, sys
from forked import fork

source = json.loads(sys.stdin.readline())
namespace = {"__name__": "program"}
exec(compile(source, "program", "exec"), namespace)
gc.freeze()

def start(arguments, environ):
    return fork(lambda: namespace["main"](*arguments), environ)

codes = {}

def has_ended(pid, options=os.WNOHANG):
    if pid not in codes:
        found, status = os.waitpid(pid, options)
        if found:
            codes[pid] = os.waitstatus_to_exitcode(status)
    return pid in codes

def wait(pid):
    has_ended(pid, 0)
    return codes.pop(pid)

for line in sys.stdin:
    verb, *arguments = json.loads(line)
    told = {"start": start, "wait": wait, "has_ended": has_ended}[verb](*arguments)
    os.write(1, json.dumps(told).encode() + b"\\n")
"""


class Program:
    """A running program.

    Attributes:
        pid: Its process id.
    """

    def __init__(self, starter: "Starter", pid: int) -> None:
        self._starter = starter
        self.pid = pid

    def has_ended(self) -> bool:
        """Return whether it has come to its end, or was killed."""
        return self._starter.obey("has_ended", self.pid)

    def wait(self) -> int:
        """Return its exit code once it has ended."""
        return self._starter.obey("wait", self.pid)

    def kill(self) -> int:
        """Kill it, unless `has_ended` told of its end; return -9, or its own exit code."""
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()


class Starter:
    """Starts one program again and again."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def obey(self, *command: Any) -> Any:
        """Let the process that starts them do something, and return what it tells."""
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def start(self, *arguments: str, environ: Mapping[str, str]) -> Program:
        """Start the program with these variables besides those of this process."""
        return Program(self, self.obey("start", arguments, {**os.environ, **environ}))


@contextlib.contextmanager
def starting(source: str) -> Iterator[Starter]:
    """Yield what starts a program, given as the source of a module with ``main()``."""
    if sys.platform == "win32":
        pytest.skip("Windows cannot fork.")
    with subprocess.Popen(  # noqa: S603  # ours
        [sys.executable, "-c", SERVER],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write(json.dumps(source) + "\n")
        process.stdin.flush()
        yield Starter(process)
        process.stdin.close()
