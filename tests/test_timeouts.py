"""How long a call may wait, and for what."""

import math
from decimal import Decimal
from typing import Any

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
@pytest.mark.parametrize("seconds", [0.001, 1, 3600.0, 1e300, 10**30])
def test_takes_any_positive_time(field: str, seconds: float) -> None:
    """Each of the times can be set alone."""
    timeouts = Timeouts(**{field: seconds})

    assert timeouts == attrs.evolve(Timeouts(), **{field: seconds})
    assert getattr(timeouts, field) == seconds


@each_field
@pytest.mark.parametrize(
    "seconds",
    [0, 0.0, -1, -math.inf, math.nan, math.inf, 10**400, True, "5", None, 1j, Decimal(5), [1]],
)
def test_takes_no_time_that_cannot_be(field: str, seconds: Any) -> None:
    """A time that is not a finite number of more than 0 seconds is an error, which names it."""
    with pytest.raises(ConfigurationError, match=rf"Timeouts\.{field} must be a finite number"):
        Timeouts(**{field: seconds})
