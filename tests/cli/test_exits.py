"""How commands end: exit codes, and what is said."""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime

import pytest
import typer

from aiozcrm import errors
from aiozcrm.cli import _exits
from aiozcrm.cli._exits import ExitCode


def api_error(kind: type[errors.ApiError]) -> errors.ApiError:
    """Make an error as Zoho's answers are turned into."""
    return kind("no", status=400)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigurationError("x"), ExitCode.USAGE),
        (errors.InvalidInputError("x"), ExitCode.USAGE),
        (errors.RefreshTokenRejectedError("x"), ExitCode.CREDENTIALS),
        (errors.ClientRejectedError("x"), ExitCode.CREDENTIALS),
        (errors.EnvironmentMismatchError("x"), ExitCode.CREDENTIALS),
        (api_error(errors.AuthenticationError), ExitCode.CREDENTIALS),
        (api_error(errors.ScopeError), ExitCode.CREDENTIALS),
        (api_error(errors.PermissionDeniedError), ExitCode.CREDENTIALS),
        (errors.TokenThrottledError("x", retry_after=1), ExitCode.THROTTLED),
        (api_error(errors.RateLimitError), ExitCode.THROTTLED),
        (api_error(errors.CreditsExhaustedError), ExitCode.THROTTLED),
        (errors.TokenEndpointError("x"), ExitCode.FAILED),
        (errors.ConnectError("x"), ExitCode.FAILED),
        (api_error(errors.NotFoundError), ExitCode.FAILED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_exit_code_tells_the_kind_of_error(error: errors.ZohoError, code: ExitCode) -> None:
    """Scripts decide by it whether to come back, or to call somebody."""
    assert code == _exits.exit_code_for(error)


def test_an_error_is_told_with_what_to_do_next() -> None:
    """Message and hint, as one line."""
    error = errors.ConnectError("could not connect.")

    assert "could not connect. Check the network, the proxy and the host name." == _exits.describe(
        error
    )


def test_a_throttle_is_told_with_the_moment_to_come_back() -> None:
    """By the clock on the wall, so that nobody has to reckon."""
    error = errors.TokenThrottledError("too many.", retry_after=599.5)
    moment = datetime.fromtimestamp(600).astimezone()

    told = _exits.describe(error, now=lambda: 0.0)

    assert told.endswith(f" Come back at {moment:%H:%M:%S}, in 10 min.")


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([], ExitCode.DONE),
        ([ExitCode.DONE, ExitCode.THROTTLED], ExitCode.THROTTLED),
        ([ExitCode.THROTTLED, ExitCode.FAILED], ExitCode.FAILED),
        ([ExitCode.FAILED, ExitCode.USAGE], ExitCode.USAGE),
        ([ExitCode.USAGE, ExitCode.CREDENTIALS], ExitCode.CREDENTIALS),
        ([ExitCode.CREDENTIALS, ExitCode.INTERRUPTED], ExitCode.INTERRUPTED),
    ],
)
def test_the_worst_of_several_ends_counts(codes: list[ExitCode], worst: ExitCode) -> None:
    """What people have to mend comes before what time mends, in any order."""
    assert worst == _exits.worst_of(codes)
    assert worst == _exits.worst_of(reversed(codes))


def test_every_exit_code_has_a_meaning() -> None:
    """Help and documentation tell them all."""
    assert list(ExitCode) == list(_exits.MEANINGS)


def test_nothing_is_told_to_a_reader_who_has_left() -> None:
    """The command ends quietly, as others do in front of ``head``."""
    with pytest.raises(BrokenPipeError), _exits.reporting_errors():
        raise BrokenPipeError


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (errors.ConfigurationError("It is wrong.", hint="Mend it."), 2, "It is wrong. Mend it."),
        (OSError(28, "No space left on device"), 1, "[Errno 28] No space left on device"),
    ],
)
def test_errors_are_told_and_end_the_command(
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    code: int,
    told: str,
) -> None:
    """One line on stderr, and no traceback."""

    async def fail() -> None:
        raise error

    with pytest.raises(typer.Exit) as caught:
        _exits.run(fail())

    assert code == caught.value.exit_code
    assert ("", f"Error: {told}\n") == capsys.readouterr()


def test_results_pass_through() -> None:
    """What went well is not changed."""

    async def work() -> int:
        return 7

    assert 7 == _exits.run(work())


def test_an_interrupt_ends_with_the_code_that_shells_expect(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """130, also outside of a command."""

    async def interrupted() -> None:
        await asyncio.sleep(0)
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as caught:
        _exits.run(interrupted())

    assert ExitCode.INTERRUPTED == caught.value.exit_code
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("retry_after", "told"),
    [
        (1e300, "in 24 h."),
        (math.inf, "in 24 h."),
        ("soon", "Ouch."),
        (math.nan, "Ouch."),
        (-5.0, "Ouch."),
        (8_000 * 365 * 86_400.0, "in 24 h."),
    ],
)
def test_no_moment_is_too_far_to_be_told(retry_after: float, told: str) -> None:
    """Whatever an answer asks for, it is said, and in the end not for longer than a day."""
    error = errors.RateLimitError("Ouch.", status=429, retry_after=retry_after, hint="")

    assert told in _exits.describe(error)


def test_a_moment_of_another_day_has_its_date() -> None:
    """Otherwise it would seem to be over already."""
    error = errors.RateLimitError("Ouch.", status=429, retry_after=86_400, hint="")
    moment = datetime.fromtimestamp(86_400).astimezone()

    assert f"Come back at {moment:%Y-%m-%d %H:%M:%S}," in _exits.describe(error, now=lambda: 0.0)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-03-29T00:30+00:00", "Come back at 03:30:00,"),
        ("2026-10-25T00:30+00:00", "Come back at 02:30:00,"),
        ("2026-10-24T21:30+00:00", "Come back at 2026-10-25 00:30:00,"),
        ("2026-10-25T22:30+00:00", "Come back at 2026-10-26 00:30:00,"),
    ],
)
def test_a_moment_is_told_as_the_clock_will_show_it(
    local_zone: Callable[[str], None], now: str, told: str
) -> None:
    """Also if summer time begins or ends before it, which moves midnight, too."""
    local_zone("CET-1CEST,M3.5.0,M10.5.0/3")
    began = datetime.fromisoformat(now).timestamp()
    error = errors.RateLimitError("Ouch.", status=429, retry_after=3600, hint="")

    assert told in _exits.describe(error, now=lambda: began)


def test_an_error_that_cannot_describe_itself_is_told_by_its_name() -> None:
    """What came of a call is kept in the journal, whatever its error is."""

    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert "MuteError." == _exits.describe(MuteError())
    assert "TimeoutError." == _exits.describe(TimeoutError())
