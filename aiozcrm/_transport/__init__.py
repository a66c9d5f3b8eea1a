"""Calls of the API: the token, the send, what can succeed later, the deadline.

It does not know what an answer means beyond its HTTP status.
"""

from aiozcrm._transport._parts import Part, alone, part_of_task
from aiozcrm._transport._transport import Transport

__all__ = ["Part", "Transport", "alone", "part_of_task"]
