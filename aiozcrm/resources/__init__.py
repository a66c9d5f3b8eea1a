"""The resources of the API, a file or folder for each name on the client.

What stands here is imported when it is first used, as every family is.
"""

import importlib
from typing import TYPE_CHECKING, Any

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

_FILES = {
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
}

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

    def __getattr__(name: str) -> Any:
        if name not in _FILES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{__name__}.{_FILES[name]}"), name)
