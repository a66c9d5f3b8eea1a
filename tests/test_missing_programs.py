"""What becomes of tests that need a program where it is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "token_stores" / "test_redis.py"

pytestmark = pytest.mark.system


@pytest.fixture
def run_tests(monkeypatch):
    """Return what runs tests that need Redis where no program is found."""
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.delenv("CI", raising=False)

    def run_tests():
        words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "redis", "-k", "prefix")
        done = subprocess.run(  # noqa: S603  # ours
            [sys.executable, *words, str(TESTS)],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run_tests


def test_they_are_skipped_with_one_line_that_names_it(run_tests):
    """All tests pass on a machine with nothing but Python."""
    code, printed = run_tests()

    assert 0 == code, printed
    (line,) = [line for line in printed.splitlines() if line.startswith("SKIPPED")]
    assert line.endswith(": redis-server missing; CONTRIBUTING.md tells how to get it")


def test_they_fail_in_ci(run_tests, monkeypatch):
    """Nobody would notice there that they never run."""
    monkeypatch.setenv("CI", "true")
    code, printed = run_tests()

    assert 1 == code, printed
    assert "Failed: redis-server missing" in printed
    assert "skipped" not in printed
