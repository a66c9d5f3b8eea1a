"""How long a call may wait, and for what."""

import math

import attrs
import pytest

from aiozcrm.errors import ConfigurationError
from aiozcrm.timeouts import Timeouts

each_field = pytest.mark.parametrize("field", ["connect", "request", "call"])


def test_waits_for_a_finite_time() -> None:
    """Without a word from the user everything ends, the smaller part before the larger."""
    timeouts = Timeouts()

    assert 0 < timeouts.connect < timeouts.request < timeouts.call < math.inf


@each_field
@pytest.mark.parametrize("seconds", [0.001, 1, 3600.0])
def test_takes_any_positive_time(field: str, seconds: float) -> None:
    """Each of the times can be set alone."""
    timeouts = Timeouts(**{field: seconds})

    assert timeouts == attrs.evolve(Timeouts(), **{field: seconds})
    assert getattr(timeouts, field) == seconds


@each_field
@pytest.mark.parametrize("seconds", [0, 0.0, -1, -math.inf, math.nan])
def test_refuses_times_in_which_nothing_can_happen(field: str, seconds: float) -> None:
    """A time that is not positive is refused, and the error names it."""
    with pytest.raises(ConfigurationError, match=f"timeout {field} must be more than 0"):
        Timeouts(**{field: seconds})
