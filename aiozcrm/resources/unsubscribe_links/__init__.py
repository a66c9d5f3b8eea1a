"""Unsubscribe links: their models and their calls.

https://www.zoho.com/crm/developer/docs/api/v7/get-unsubscribe-links.html
"""

from aiozcrm.resources.unsubscribe_links._calls import UnsubscribeLinks
from aiozcrm.resources.unsubscribe_links._models import (
    Association,
    Place,
    UnsubscribeLink,
    User,
)

__all__ = ["Association", "Place", "UnsubscribeLink", "UnsubscribeLinks", "User"]
