"""A local Zoho for tests and demos."""

from aiozcrm.testing.fake_zoho import FakeZoho
from aiozcrm.testing.faults import Fault, FaultPlan
from aiozcrm.testing.stats import Stats

__all__ = ["FakeZoho", "Fault", "FaultPlan", "Stats"]
