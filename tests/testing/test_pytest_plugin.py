"""The fixtures for users, under every runner of async tests."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import aiozcrm

HERE = Path(__file__).parent
SAMPLE = HERE / "sample_project"
PROJECT = HERE.parents[1]

#: Hypothesis has no part in this and takes seconds to be imported again and again.
STRICT = ("-W", "error", "--strict-markers", "--strict-config", "-p", "no:hypothesispytest")

#: The plugin by its module, since the entry point is as old as the installation.
PLUGIN = ("-p", "no:aiozcrm", "-p", "_aiozcrm_pytest_plugin")

#: Unset, it warns.
LOOP_SCOPE = ("-o", "asyncio_default_fixture_loop_scope=function")
NO_PYTEST_ASYNCIO = ("-p", "no:asyncio")
NO_ANYIO = ("-p", "no:anyio")


@pytest.fixture
def sample(pytester):
    """Run files of the sample project with the plugin and return what became of the tests."""

    def run(*names, options=()):
        for name in names:
            shutil.copy(SAMPLE / name, pytester.path)
        return pytester.runpytest_inprocess(*STRICT, *PLUGIN, *options).parseoutcomes()

    return run


@pytest.mark.parametrize(
    ("files", "options", "passed"),
    [
        pytest.param(
            ["test_unmarked.py", "test_marked.py", "test_without_loop.py"],
            [*NO_ANYIO, *LOOP_SCOPE, "-o", "asyncio_mode=auto"],
            7,
            id="pytest-asyncio, auto mode",
        ),
        pytest.param(
            ["test_marked.py", "test_without_loop.py"],
            [*NO_ANYIO, *LOOP_SCOPE, "-o", "asyncio_mode=strict"],
            4,
            id="pytest-asyncio, strict mode",
        ),
        pytest.param(
            ["test_anyio.py", "test_without_loop.py"],
            NO_PYTEST_ASYNCIO,
            3,
            id="anyio",
        ),
        pytest.param(
            ["test_anyio.py", "test_marked.py"],
            [*LOOP_SCOPE, "-o", "asyncio_mode=strict"],
            3,
            id="anyio beside pytest-asyncio",
        ),
        pytest.param(
            ["test_without_loop.py"],
            [*NO_PYTEST_ASYNCIO, *NO_ANYIO],
            2,
            id="no runner of async tests",
        ),
    ],
)
def test_a_users_tests_pass_without_a_warning(sample, files, options, passed):
    """The fixtures are the same for whatever runs the tests."""
    assert {"passed": passed} == sample(*files, options=options)


def test_an_option_without_its_name_is_refused(pytester):
    """A slip in the marker is told as what it is."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.fake_zoho(10)
        def test_nothing(fake_zoho):
            pass
        """,
    )

    result = pytester.runpytest_inprocess(*STRICT, *PLUGIN, *NO_PYTEST_ASYNCIO)

    assert {"errors": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["*the marker fake_zoho takes options by keyword only*"])


def test_the_marker_explains_itself(pytester):
    """It is listed with all the others."""
    result = pytester.runpytest_inprocess(*STRICT, *PLUGIN, *NO_PYTEST_ASYNCIO, "--markers")

    result.stdout.fnmatch_lines(["@pytest.mark.fake_zoho(*options): *links=10"])


def test_installing_the_package_is_enough(tmp_path):
    """The plugin is found by the entry point that the project declares, and costs nothing.

    What is installed here may be older than that declaration, so it is installed once more.
    """
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    ((name, module),) = declared["entry-points"]["pytest11"].items()
    record = tmp_path / "plugin_of_aiozcrm-0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin-of-aiozcrm\nVersion: 0\n")
    (record / "entry_points.txt").write_text(f"[pytest11]\n{name} = {module}\n")
    shutil.copy(SAMPLE / "test_idle.py", tmp_path)
    installed = Path(aiozcrm.__file__).parents[1]
    command = [sys.executable, "-m", "pytest", *STRICT, *LOOP_SCOPE, "test_idle.py"]

    done = subprocess.run(  # noqa: S603  # ours
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(installed)])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert "1 passed" in done.stdout


@pytest.mark.fake_zoho(links=2)
def test_the_local_zoho_is_the_one_that_was_ordered(fake_zoho):
    """The fixture is at home in tests of this project, too."""
    assert 3 == len(fake_zoho.unsubscribe_links.ids)
