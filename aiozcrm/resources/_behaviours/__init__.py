"""What resources can do: each verb once, for every family that has it."""

from aiozcrm._protocol import check_record_id
from aiozcrm.resources._behaviours._reading import Getting, Listing, Paging
from aiozcrm.resources._behaviours._running import Running
from aiozcrm.resources._behaviours._writing import Creating, Deleting, Singleton, Updating
from aiozcrm.resources._resource import Resource
from aiozcrm.resources.pages import Pages

__all__ = [
    "Creating",
    "Deleting",
    "Getting",
    "Listing",
    "Pages",
    "Paging",
    "Resource",
    "Running",
    "Singleton",
    "Updating",
    "check_record_id",
]
