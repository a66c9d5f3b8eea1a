"""The resources of the API, a file or folder for each name on the client.

What stands here is imported when it is first used, as every family is.
"""

from typing import TYPE_CHECKING

from aiozcrm._lazy import lazy

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

if TYPE_CHECKING:
    from aiozcrm.resources.apis import Apis, Endpoint, Operation
    from aiozcrm.resources.org import Org, Organization
    from aiozcrm.resources.unsubscribe_links import (
        Association,
        Place,
        UnsubscribeLink,
        UnsubscribeLinks,
        User,
    )
else:
    __getattr__ = lazy(
        __name__,
        {
            "Apis": "apis",
            "Association": "unsubscribe_links",
            "Endpoint": "apis",
            "Operation": "apis",
            "Org": "org",
            "Organization": "org",
            "Place": "unsubscribe_links",
            "UnsubscribeLink": "unsubscribe_links",
            "UnsubscribeLinks": "unsubscribe_links",
            "User": "unsubscribe_links",
        },
    )
