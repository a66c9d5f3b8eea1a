"""A local Zoho for tests and demos, and what can be put in the place of network and time."""

from aiozcrm._clock import Clock
from aiozcrm._protocol import Request, Response, Sender
from aiozcrm.testing._families._functions import FunctionAnswer
from aiozcrm.testing.channel_store_contract import ChannelStoreContract
from aiozcrm.testing.dialect import Dialect
from aiozcrm.testing.fake_org import FakeOrg, RegisteredClient
from aiozcrm.testing.fake_zoho import FakeZoho, UnusedFaultWarning
from aiozcrm.testing.faults import Fault, FaultPlan
from aiozcrm.testing.limits import Limits, TokenLimits
from aiozcrm.testing.stats import FaultyCall, SentCallback, Stats, Tally
from aiozcrm.testing.token_store_contract import TokenStoreContract

__all__ = [
    "ChannelStoreContract",
    "Clock",
    "Dialect",
    "FakeOrg",
    "FakeZoho",
    "Fault",
    "FaultPlan",
    "FaultyCall",
    "FunctionAnswer",
    "Limits",
    "RegisteredClient",
    "Request",
    "Response",
    "Sender",
    "SentCallback",
    "Stats",
    "Tally",
    "TokenLimits",
    "TokenStoreContract",
    "UnusedFaultWarning",
]
