"""What resources can do: each verb once, for every family that has it."""

from aiozcrm._protocol import check_record_id
from aiozcrm.resources._behaviours._deleting import Deleting, DeletingMany, Removing, Replacing
from aiozcrm.resources._behaviours._joining import Joining
from aiozcrm.resources._behaviours._reading import Getting, Listing, Paging, filters_text
from aiozcrm.resources._behaviours._running import Running
from aiozcrm.resources._behaviours._single import Changing, Enabling, Singleton
from aiozcrm.resources._behaviours._writing import Creating, Updating, Writing, draft
from aiozcrm.resources._resource import Resource
from aiozcrm.resources.pages import Pages

__all__ = [
    "Changing",
    "Creating",
    "Deleting",
    "DeletingMany",
    "Enabling",
    "Getting",
    "Joining",
    "Listing",
    "Pages",
    "Paging",
    "Removing",
    "Replacing",
    "Resource",
    "Running",
    "Singleton",
    "Updating",
    "Writing",
    "check_record_id",
    "draft",
    "filters_text",
]
