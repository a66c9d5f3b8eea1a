"""Notification channels, as a fake Zoho keeps them and sends through them."""

from aiozcrm.testing._families._notifications._family import Notifications

__all__ = ["Notifications"]
