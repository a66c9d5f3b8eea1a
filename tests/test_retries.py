"""What is worth another try, and when."""

import math
from operator import index
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiozcrm import errors
from aiozcrm._protocol import IDEMPOTENT_METHODS
from aiozcrm.errors import ConfigurationError, RateLimitError, ServerError, ZohoError
from aiozcrm.retries import RetryBudget, RetryPolicy, asked_pause


def lower(low: float, high: float) -> float:
    """Return the smallest that chance may come to."""
    return low


def upper(low: float, high: float) -> float:
    """Return the largest that chance may come to."""
    return high


def too_many(retry_after: float | None = None) -> RateLimitError:
    """Return the answer that there are too many calls."""
    return RateLimitError("Too many.", status=429, retry_after=retry_after)


def trouble(status: int = 503, retry_after: float | None = None) -> ServerError:
    """Return the answer that Zoho is in trouble."""
    return ServerError("Ouch.", status=status, retry_after=retry_after)


EVERY_METHOD = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH")
SAFE_TO_REPEAT = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")
NO_METHOD = ()


def row(name: str, methods: tuple[str, ...], **facts: Any) -> Any:
    """Return a line of the table below."""
    error = getattr(errors, name)("It went wrong.", **facts)
    return pytest.param(error, methods, id="-".join([name, *map(str, facts.values())]))


@pytest.mark.parametrize("method", EVERY_METHOD)
@pytest.mark.parametrize(
    ("error", "methods"),
    [
        # It surely did not run.
        row("ConnectError", EVERY_METHOD),
        row("RateLimitError", EVERY_METHOD, status=429),
        row("RateLimitError", EVERY_METHOD, status=200),
        # It may have run.
        row("ConnectionLostError", SAFE_TO_REPEAT),
        row("RequestTimeoutError", SAFE_TO_REPEAT),
        row("InvalidResponseError", SAFE_TO_REPEAT, status=200, excerpt="html"),
        row("ServerError", SAFE_TO_REPEAT, status=408),
        row("ServerError", SAFE_TO_REPEAT, status=500),
        row("ServerError", SAFE_TO_REPEAT, status=502),
        row("ServerError", SAFE_TO_REPEAT, status=503),
        row("ServerError", SAFE_TO_REPEAT, status=504),
        # Zoho's own word for trouble, under a status that promises better.
        row("ServerError", SAFE_TO_REPEAT, status=200),
        row("ServerError", SAFE_TO_REPEAT, status=400),
        # It would end the same way.
        row("ServerError", NO_METHOD, status=501),
        row("ServerError", NO_METHOD, status=505),
        row("CertificateError", NO_METHOD),
        row("CreditsExhaustedError", NO_METHOD, status=429),
        row("DeadlineExceededError", NO_METHOD),
        row("TransportError", NO_METHOD),
        row("ApiError", NO_METHOD, status=413),
        # The transport heals this one itself: with a fresh token, not with patience.
        row("AuthenticationError", NO_METHOD, status=401),
        row("PermissionDeniedError", NO_METHOD, status=403),
        row("ScopeError", NO_METHOD, status=401),
        row("NotFoundError", NO_METHOD, status=400),
        row("NotAllowedError", NO_METHOD, status=400),
        row("InvalidDataError", NO_METHOD, status=400),
        row("InvalidRequestError", NO_METHOD, status=404),
        row("TokenError", NO_METHOD),
        row("RefreshTokenRejectedError", NO_METHOD),
        row("ClientRejectedError", NO_METHOD),
        row("TokenThrottledError", NO_METHOD, retry_after=1.0),
        row("TokenEndpointError", NO_METHOD, status=503),
        row("ForeignHostError", NO_METHOD),
        row("EnvironmentMismatchError", NO_METHOD),
        row("ConfigurationError", NO_METHOD),
        row("InvalidInputError", NO_METHOD),
        row("ClientClosedError", NO_METHOD),
        row("CallCancelledError", NO_METHOD),
        row("ZohoError", NO_METHOD),
    ],
)
def test_sends_again_what_can_heal(error: ZohoError, methods: tuple[str, ...], method: str) -> None:
    """What can heal is sent again, but what may have run only where a repetition is harmless.

    A success that cannot be read deviates from R1: it is sent again if the method is idempotent,
    because the repetition tells what became of the first.
    """
    policy, repeatable = RetryPolicy(), method in IDEMPOTENT_METHODS

    assert policy.can_heal(error, repeatable) is (method in methods)
    assert (policy(error, repeatable, 1) is not None) is (method in methods)


@pytest.mark.parametrize(
    ("jitter", "delays"),
    [
        pytest.param(upper, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0], id="longest"),
        pytest.param(lower, [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0], id="shortest"),
    ],
)
def test_waits_twice_as_long_each_time(jitter: Any, delays: list[float]) -> None:
    """The pause doubles up to its cap, less a random part of at most one half."""
    policy = RetryPolicy(attempts=9, jitter=jitter)

    assert [policy(trouble(), True, attempt) for attempt in range(1, 9)] == delays


def test_waits_as_configured() -> None:
    """The first pause and the longest one are the user's to choose."""
    policy = RetryPolicy(first_delay=0.1, max_delay=0.3, jitter=upper)

    assert [policy.backoff(attempt) for attempt in (1, 2, 3)] == [0.1, 0.2, 0.3]


@given(
    st.integers(min_value=1),
    st.floats(min_value=0, max_value=1e6),
    st.floats(min_value=0, max_value=1e6),
)
def test_never_waits_past_its_bounds(attempt: int, first: float, longest: float) -> None:
    """Whatever the settings and the luck, the pause stays between its bounds."""
    policy = RetryPolicy(first_delay=first, max_delay=longest)

    pause = policy.backoff(attempt)

    assert min(first, longest) / 2 <= pause <= longest


@pytest.mark.parametrize("attempt", [61, 1_024, 10**9, 10**400])
def test_survives_absurd_numbers_of_attempts(attempt: int) -> None:
    """Doubling without end overflows nothing."""
    policy = RetryPolicy(attempts=10**500, jitter=upper)

    assert policy(trouble(), True, attempt) == 20.0


@pytest.mark.parametrize("make", [too_many, trouble])
@pytest.mark.parametrize(
    ("wish", "delay"),
    [
        pytest.param(None, 4.0, id="none"),
        pytest.param(0.0, 4.0, id="at-once"),
        pytest.param(3.9, 4.0, id="shorter"),
        pytest.param(7.5, 7.5, id="longer"),
        pytest.param(60.0, 60.0, id="past-max-delay"),
        pytest.param(120.0, 120.0, id="longest"),
        pytest.param(120.001, None, id="too-long"),
        pytest.param(86_400.0, None, id="tomorrow"),
    ],
)
def test_does_what_zoho_wishes(make: Any, wish: float | None, delay: float | None) -> None:
    """Retry-After is waited for in full, or not at all when it is too far away."""
    policy = RetryPolicy(jitter=upper)

    assert policy(make(retry_after=wish), True, 4) == delay


def test_waits_for_wishes_as_long_as_configured() -> None:
    """How long a wish may be is the user's to choose."""
    policy = RetryPolicy(max_retry_after=5.0)

    assert policy(too_many(5.0), True, 1) == 5.0
    assert policy(too_many(5.1), True, 1) is None


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_gives_up_after_so_many_attempts(attempts: int) -> None:
    """The last attempt is the last, the first time included."""
    policy = RetryPolicy(attempts=attempts)

    decisions = [policy(trouble(), True, sent) is not None for sent in range(1, attempts + 3)]

    assert decisions == [True] * (attempts - 1) + [False] * 3


@pytest.mark.parametrize("name", ["attempts", "budget"])
@pytest.mark.parametrize("value", [-1, 2.0, 2.5, math.inf, math.nan, True, "3", None, b"3"])
def test_takes_no_count_that_cannot_be(name: str, value: Any) -> None:
    """What is no whole number, or too small, is an error of ours, which names the setting."""
    with pytest.raises(ConfigurationError, match=rf"RetryPolicy\.{name} must be a whole number"):
        RetryPolicy(**{name: value})


def test_takes_no_policy_that_never_sends() -> None:
    """Each call is sent at least once."""
    with pytest.raises(ValueError, match="at least 1, not 0"):
        RetryPolicy(attempts=0)


@pytest.mark.parametrize("name", ["first_delay", "max_delay", "max_retry_after"])
@pytest.mark.parametrize("value", [-0.1, -1, math.inf, -math.inf, math.nan, True, "3", None])
def test_takes_no_delay_that_cannot_be(name: str, value: Any) -> None:
    """A pause is a finite number of seconds."""
    with pytest.raises(ConfigurationError, match=rf"RetryPolicy\.{name} must be a finite number"):
        RetryPolicy(**{name: value})


def test_an_error_about_a_setting_shows_no_value_but_numbers() -> None:
    """A secret in the wrong place is not repeated."""
    for value, shown in [("s3cret", "a str"), (10**5000, "a int"), (2.5, "2.5"), (True, "True")]:
        with pytest.raises(ConfigurationError) as caught:
            RetryPolicy(max_delay=value if value != 2.5 else -value)  # type: ignore[arg-type]
        assert str(caught.value).endswith(f"{shown}.")


class Seven:
    """A whole number of some other library."""

    def __index__(self) -> int:
        """Return the number."""
        return 7


def test_takes_whole_numbers_of_other_libraries() -> None:
    """Whatever can be an index is a whole number."""
    policy = RetryPolicy(attempts=Seven(), max_delay=Seven())  # type: ignore[arg-type]

    assert index(policy.attempts) == 7


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        (None, 0),
        (-5, 0),
        (-math.inf, 0),
        (math.nan, 0),
        (17.5, 17.5),
        (86_400, 86_400),
        (86_401, 86_400),
        (1e300, 86_400),
        (math.inf, 86_400),
    ],
)
def test_waits_for_a_day_at_most(told: float | None, taken: float) -> None:
    """Whatever an answer asks for, nobody waits for years, or backwards."""
    assert asked_pause(too_many(told)) == taken
    policy = RetryPolicy(max_retry_after=86_400, jitter=lower, first_delay=0)
    assert policy(too_many(told), True, 1) == taken


@pytest.mark.parametrize("name", ["first_delay", "max_delay", "max_retry_after", "budget"])
def test_takes_nothing_for_an_answer(name: str) -> None:
    """Zero is a setting: no pause, no waiting for Zoho, no shared retries."""
    assert getattr(RetryPolicy(**{name: 0}), name) == 0  # type: ignore[arg-type]


def borrowed(budget: RetryBudget, limit: int) -> bool:
    """Borrow a retry if there is one left, and return whether there was."""
    if budget.is_used_up(limit):
        return False
    budget.borrow()
    return True


def test_lends_retries_until_none_is_left() -> None:
    """With nothing going well, all calls together get the budget and no more."""
    budget = RetryBudget()

    assert [borrowed(budget, 3) for _ in range(5)] == [True, True, True, False, False]
    assert budget.owed == 3


def test_lends_again_what_a_success_repaid() -> None:
    """Each success is worth one retry."""
    budget = RetryBudget()
    budget.borrow()

    budget.repay()

    assert (borrowed(budget, 1), borrowed(budget, 1)) == (True, False)


def test_saves_no_successes_up() -> None:
    """A long good time does not allow more retries in the bad time after it."""
    budget = RetryBudget()
    for _ in range(100):
        budget.repay()

    assert [borrowed(budget, 2) for _ in range(3)] == [True, True, False]


def test_lends_nothing_without_a_budget() -> None:
    """A budget of zero switches retries off."""
    assert RetryBudget().is_used_up(0)


@given(st.integers(min_value=0, max_value=20), st.lists(st.booleans()))
def test_never_lends_more_than_was_repaid(limit: int, successes: list[bool]) -> None:
    """In any order of failures and successes, retries cost at most limit plus successes."""
    budget = RetryBudget()
    lent = repaid = 0
    for success in successes:
        if success:
            budget.repay()
            repaid += 1
        else:
            lent += borrowed(budget, limit)
        assert 0 <= budget.owed <= limit
        assert lent <= limit + repaid
