"""The resources of the API, a file for each page of its reference."""

from aiozcrm.resources.unsubscribe_links import UnsubscribeLinks

__all__ = ["UnsubscribeLinks"]
