"""Somebody who follows a page of the documentation, block by block, with a local Zoho."""

import ast
import asyncio
import functools
import inspect
import itertools
import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path, PurePath

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from sybil import Sybil
from sybil.parsers.abstract.lexers import LexerCollection
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer, FencedCodeBlockLexer
from typer.testing import CliRunner

from aiozcrm.cli._app import app
from aiozcrm.cli.profiles._profiles import Profile, Profiles
from aiozcrm.testing import FakeZoho, TokenLimits

PROJECT = Path(__file__).parents[2]

#: Before a block that cannot run here. It is parsed all the same.
NOT_RUN = re.compile(r"<!-- not run: \S.* -->\s*\Z")
#: Before a block that runs where these are installed. Elsewhere it is parsed.
NEEDS = re.compile(r"<!-- needs: ([\w, ]+) -->\s*\Z")
#: The scopes with which the page tells to make a code.
SCOPES = re.compile(r"ask for the scopes\b[^`]*`(ZohoCRM\.[\w.,]+)`")
#: Before a block that the page tells to save.
SAVED_AS = re.compile(r"<!-- file: (\S+) -->\s*\Z")

#: The profiles that pages speak of.
PROFILES = ("acme", "acme-sandbox", "default")

#: What sh puts between two commands.
SEPARATORS = {"&", "&&", ";", "|", "||"}

#: For the tests of readers: the plugin by its module, since the entry point is as old as the
#: installation, and without what takes seconds to be imported.
PYTEST_OPTIONS = (
    "-p no:aiozcrm -p _aiozcrm_pytest_plugin -p no:hypothesispytest -p no:anyio "
    "-o asyncio_default_fixture_loop_scope=function"
)

_LEXERS = LexerCollection(
    [
        FencedCodeBlockLexer("[a-z]+", mapping={"language": "arguments", "source": "source"}),
        # To be run, not to be seen.
        DirectiveInHTMLCommentLexer("invisible-code-block", arguments="python"),
    ]
)


class Reader:
    """Runs the blocks of one page, in their order.

    Python is run in one namespace for the whole page, where ``await`` may stand at the top, except
    for whole programs, which get a process of their own. Of shells, ``aiozcrm`` and ``python`` are
    run. What a page tells to save is saved, and what it gives as tests is kept for pytest.

    Args:
        fake: The local Zoho that the environment points to.
        folder: Where to save files and run programs.
        runner: Has the event loop.
    """

    def __init__(self, fake, folder, runner):
        self.fake = fake
        self.tests = []
        self._folder = folder
        self._runner = runner
        # What is not shown may look at the local Zoho, too.
        self._names = {"__name__": "documentation", "fake": fake}

    def blocks(self, page):
        """Return the blocks of a page, each of which has to be evaluated."""
        return list(Sybil([self._parse]).parse(page).examples())

    def _parse(self, document):
        for region in _LEXERS(document):
            before = document.text[: region.start]
            region.parsed = region.lexemes["source"]
            region.evaluator = getattr(self, f"_run_{region.lexemes['arguments']}", self._refuse)
            if NOT_RUN.search(before):
                region.evaluator = _READERS.get(region.lexemes["arguments"], _skip)
            elif (needed := NEEDS.search(before)) and not _are_there(needed[1]):
                region.evaluator = _READERS[region.lexemes["arguments"]]
            elif saved := SAVED_AS.search(before):
                region.evaluator = self._saver(saved[1])
            yield region

    @staticmethod
    def _refuse(example):
        return f"{example.path}:{example.line}: say why it is not run: <!-- not run: ... -->"

    def _saver(self, name):
        def save(example):
            if name.endswith(".py"):
                ast.parse(example.parsed)
            (self._folder / name).write_text(example.parsed, "utf-8")

        return save

    def _run_python(self, example):
        tree = ast.parse(example.parsed)
        if any(map(_is_start_of_program, tree.body)):
            self._run_program(example.parsed)
        elif any(map(_is_test, tree.body)):
            self.tests.append(example.parsed)
        else:
            ast.increment_lineno(tree, example.line + example.parsed.line_offset)
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            code = compile(tree, example.path, "exec", flags, dont_inherit=True)
            ran = eval(code, self._names)  # noqa: S307  # our own words
            if inspect.iscoroutine(ran):
                self._runner.run(ran)

    def _run_program(self, source):
        tokens_before = self.fake.stats.token_requests

        done = self._run_process("-W", "error", "-c", source)

        assert (0, "") == (done.returncode, done.stderr)
        assert done.stdout
        # None, if it has a local Zoho of its own.
        assert self.fake.stats.token_requests - tokens_before <= 1

    def _run_sh(self, example):
        # What stands behind a pipe is not ours.
        for command, *_ in _checked_pipelines(example.parsed):
            program, *arguments = command
            if program == "aiozcrm":
                done = CliRunner().invoke(app, arguments)
                assert 0 == done.exit_code, f"{shlex.join(command)}\n{done.output}"
            elif program == "python":
                done = self._run_process(*arguments)
                assert 0 == done.returncode, done.stdout + done.stderr
            else:
                return self._refuse(example)
        return None

    def _run_process(self, *arguments):
        return subprocess.run(  # noqa: S603  # our own words
            [sys.executable, *arguments],
            cwd=self._folder,
            env={**os.environ, "PYTEST_ADDOPTS": PYTEST_OPTIONS},
            capture_output=True,
            text=True,
            check=False,
        )


def _are_there(libraries):
    return all(map(find_spec, libraries.split(", ")))


def _read_python(example):
    ast.parse(example.parsed)


def _read_sh(example):
    _checked_pipelines(example.parsed)


def _skip(_example):
    pass


#: What is done with a block that cannot run, by its language.
_READERS = {"python": _read_python, "sh": _read_sh}


def _checked_pipelines(source):
    """Return the commands of each line, after a look at whether shells and we understand them."""
    subprocess.run(["bash", "-n"], input=source, text=True, check=True)  # noqa: S607  # any bash
    pipelines = list(_pipelines(source))
    for command in itertools.chain.from_iterable(pipelines):
        if PurePath(command[0]).name == "aiozcrm":
            check_command_line(command)
    return pipelines


def check_command_line(words):
    """Check that a line of the command ``aiozcrm`` has only commands and options that exist."""
    problem = _problem_of(*words)
    assert problem is None, f"{shlex.join(words)}\n{problem}"


@functools.cache
def _problem_of(_, *words):
    """Return what a command line says of itself that is wrong; None if nothing is.

    Asked for help, it looks at all its words, and then does nothing.
    """
    done = CliRunner().invoke(app, [*words, "--help"])
    return done.output if done.exit_code else None


def _is_start_of_program(statement):
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) == "asyncio.run"


def _is_test(statement):
    if isinstance(statement, ast.ClassDef):
        return any(ast.unparse(base) == "unittest.TestCase" for base in statement.bases)
    return getattr(statement, "name", "").startswith("test_")


def _pipelines(source):
    """Yield the commands of each line, as lists of words, those of a pipe together."""
    for line in source.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        commands = [[]]
        for word in lexer:
            if word in SEPARATORS:
                commands.append([])
            else:
                commands[-1].append(word)
        if any(commands):
            yield list(filter(None, commands))


@pytest.fixture(name="check_command_line")
def check_command_line_fixture():
    """Return what checks a command line."""
    return check_command_line


@pytest.fixture
def no_keyring():
    """Let every command find a system without a keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def libraries():
    """Import all that blocks need and that is there, and return the names of all.

    The fixture ``pytester`` forgets what is imported later, and numpy cannot be imported twice.
    """
    groups = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    names = {re.match(r"\w+", line)[0] for line in groups["libraries"]}
    for name in filter(find_spec, names):
        import_module(name)
    return names


@pytest.fixture
def reader(page, pytester, tmp_path, monkeypatch, no_keyring, libraries):
    """Return somebody with a local Zoho, its variables, and profiles that lead there.

    A page that tells which scopes to ask for has to get by with them.
    Blocks run where the page saves its files. So the fixture ``pytester``, which goes to a folder
    of its own, comes first.
    """
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    # Pages have more clients, each with a token of its own, than an hour of somebody's work.
    tokens = TokenLimits(made=1000, live=1000)
    asked = SCOPES.search((PROJECT / page).read_text("utf-8"))
    with FakeZoho(links=9, tokens=tokens, scope=asked and asked[1]) as fake:
        for name, value in fake.environ().items():
            monkeypatch.setenv(name, value)
        for name in PROFILES:
            profile = Profile(name=name, credentials=fake.credentials())
            Profiles.of_user().save(profile, place="file")
        with asyncio.Runner() as runner:
            yield Reader(fake, tmp_path, runner)
