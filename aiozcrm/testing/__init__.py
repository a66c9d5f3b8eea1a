"""A local Zoho for tests and demos, and what can be put in the place of network and time."""

from aiozcrm._clock import Clock
from aiozcrm._protocol import Request, Response, Sender
from aiozcrm.testing.dialect import Dialect
from aiozcrm.testing.fake_zoho import FakeZoho
from aiozcrm.testing.faults import Fault, FaultPlan
from aiozcrm.testing.stats import Stats
from aiozcrm.testing.token_store_contract import TokenStoreContract

__all__ = [
    "Clock",
    "Dialect",
    "FakeZoho",
    "Fault",
    "FaultPlan",
    "Request",
    "Response",
    "Sender",
    "Stats",
    "TokenStoreContract",
]
