"""Calls of the API: the token, the send, what can succeed later, the deadline.

It does not know what an answer means beyond its HTTP status.
"""

from typing import TYPE_CHECKING

from aiozcrm._lazy import lazy
from aiozcrm._transport._running_call import alone, part_of_task
from aiozcrm._transport._transport import Transport

__all__ = ["Part", "Transport", "alone", "part_of_task"]

if TYPE_CHECKING:
    from aiozcrm._transport._parts import Part
else:
    # Few programs make composite calls.
    __getattr__ = lazy(__name__, {"Part": "_parts"})
