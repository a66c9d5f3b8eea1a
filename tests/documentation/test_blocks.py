"""Every block of README and documentation, run as it stands there."""

import ast
import builtins
import dis
import re
import shlex
import textwrap
import tomllib
from pathlib import Path
from types import CodeType

import pytest

from aiozcrm import __version__

PROJECT = Path(__file__).parents[2]
PAGES = sorted(
    str(page.relative_to(PROJECT))
    for page in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")]
    if "_build" not in page.parts
)
#: Libraries that blocks of a page need; where they are missing, such blocks are only parsed.
NEEDED = re.compile("^ *<!-- needs: (.*) -->$", re.MULTILINE)

BLOCK = re.compile("^ *```python\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
#: What is no text for readers.
UNREAD = re.compile("^ *```.*?^ *```$|<!--.*?-->", re.MULTILINE | re.DOTALL)
#: What no page has to explain.
KNOWN = frozenset({*vars(builtins), "__name__", "__annotations__", "zoho"})

#: Hypothesis has no part in this and takes seconds to be imported again and again.
PYTEST_OPTIONS = (
    *("-W", "error", "--strict-markers", "--strict-config", "-p", "no:hypothesispytest"),
    *("-p", "no:aiozcrm", "-p", "_aiozcrm_pytest_plugin", "-p", "no:anyio"),
    *("-o", "asyncio_default_fixture_loop_scope=function", "-o", "asyncio_mode=auto"),
)


def text_of(page):
    """Return the source of a page."""
    return (PROJECT / page).read_text("utf-8")


def pages_with_code():
    """Yield them, marked if they need libraries; directives of Sphinx begin with a brace."""
    for page in PAGES:
        if re.search("^ *```[a-z]", text_of(page), re.MULTILINE):
            marks = [pytest.mark.libraries] if NEEDED.search(text_of(page)) else []
            yield pytest.param(page, marks=marks)


def check_tests(blocks, pytester):
    """Run blocks as files of tests, all of which have to pass."""
    pytester.chdir()
    pytester.makepyfile(**{f"test_{number}": block for number, block in enumerate(blocks)})
    wanted = sum(len(re.findall(r"def test_", block)) for block in blocks)

    assert {"passed": wanted} == pytester.runpytest_inprocess(*PYTEST_OPTIONS).parseoutcomes()


@pytest.mark.parametrize("page", [*pages_with_code()])
def test_every_block_of_a_page_runs(page, reader, pytester):
    """In the order of the page, as a reader would try them."""
    for block in reader.blocks(PROJECT / page):
        block.evaluate()

    if reader.tests:
        check_tests(reader.tests, pytester)


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_page_names_its_language(page):
    """Otherwise it would be neither coloured nor run."""
    opening = True
    for fence in re.findall(r"^ *```(.*)$", text_of(page), re.MULTILINE):
        assert fence or not opening
        opening = not opening


def names_in(code, *operations):
    """Return the names on which code, or a function or class in it, does one of these."""
    found = {step.argval for step in dis.get_instructions(code) if step.opname in operations}
    inner = (names_in(one, *operations) for one in code.co_consts if isinstance(one, CodeType))
    return found.union(*inner)


# The page about queries is rewritten elsewhere.
@pytest.mark.parametrize("page", PAGES)
def test_a_block_uses_no_name_that_a_reader_has_not_met(page):
    """It is of this block or one before, or the text before says in code what it stands for."""
    text, met = text_of(page), set(KNOWN)
    for block in BLOCK.finditer(text):
        source = textwrap.dedent(block[1])
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(source, page, "exec", flags, dont_inherit=True)
        met |= names_in(code, "STORE_NAME", "STORE_GLOBAL")
        told = re.findall("`([^`]+)`", UNREAD.sub("", text[: block.start()]))
        unknown = names_in(code, "LOAD_NAME", "LOAD_GLOBAL") - met
        assert set() == unknown - set(re.findall(r"\w+", " ".join(told)))


@pytest.mark.parametrize("page", PAGES)
def test_every_command_within_a_sentence_exists(page, check_command_line):
    """Commands and options that are named in passing are checked like those of blocks."""
    for words in map(shlex.split, re.findall(r"`(aiozcrm [^`\n]+)`", text_of(page))):
        if "COMMAND" not in words:
            check_command_line(words)


@pytest.mark.parametrize("page", PAGES)
def test_every_extra_that_is_named_exists(page):
    """What is told to install can be installed."""
    declared = tomllib.loads(text_of("pyproject.toml"))["project"]["optional-dependencies"]
    named = re.findall(r"(?:aiozcrm|'\.)\[([a-z,]+)\]", text_of(page))

    assert set() == {extra for group in named for extra in group.split(",")} - set(declared)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_version_that_a_page_speaks_of_is_this_one(page):
    """It is the newest with a date in the changelog, too."""
    assert [__version__] == re.findall(r"This is version ([\d.]+\d)", text_of(page))
    newest = re.search(r"^## \[([\d.]+)\] - \d", text_of("CHANGELOG.md"), re.MULTILINE)
    assert __version__ == newest[1]


def test_every_library_that_a_block_needs_is_there_in_one_environment(libraries):
    """`tox run -e libraries` parses no block that it could run."""
    needed = ", ".join(names for page in PAGES for names in NEEDED.findall(text_of(page)))

    assert libraries == set(needed.split(", "))


def test_every_promise_names_a_test_that_exists():
    """The table of promises is not older than the tests."""
    promised = set(re.findall(r"`(test_\w+)`", text_of("README.md")))
    files = (PROJECT / "tests").rglob("test_*.py")
    written = set(re.findall(r"def (test_\w+)", "".join(f.read_text("utf-8") for f in files)))

    assert len(promised) > 10
    assert set() == promised - written


def test_every_file_of_tests_in_the_promises_exists():
    """A promise leads somewhere."""
    named = re.findall(r"`(tests/[\w/]+\.py)`", text_of("README.md"))

    assert named
    assert [] == [name for name in named if not (PROJECT / name).is_file()]
