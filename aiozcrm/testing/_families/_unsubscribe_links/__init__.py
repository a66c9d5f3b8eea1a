"""Unsubscribe links, as a fake Zoho keeps them."""

from aiozcrm.testing._families._unsubscribe_links._family import UnsubscribeLinks

__all__ = ["UnsubscribeLinks"]
