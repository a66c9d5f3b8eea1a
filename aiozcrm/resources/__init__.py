"""The resources of the API, a file for each page of its reference."""

from aiozcrm.resources._models import User
from aiozcrm.resources.apis import Apis, Endpoint, Operation
from aiozcrm.resources.org import Org, Organization
from aiozcrm.resources.unsubscribe_links import (
    Association,
    Place,
    UnsubscribeLink,
    UnsubscribeLinks,
)

__all__ = [
    "Apis",
    "Association",
    "Endpoint",
    "Operation",
    "Org",
    "Organization",
    "Place",
    "UnsubscribeLink",
    "UnsubscribeLinks",
    "User",
]
