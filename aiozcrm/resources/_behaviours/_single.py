"""What exists once in an org, so that it has no id in its path."""

from __future__ import annotations

from typing import Generic, TypeVar

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours._writing import draft
from aiozcrm.resources._resource import Resource
from aiozcrm.resources._results import missing, object_of

__all__ = ["Changing", "Enabling", "Singleton"]

Item = TypeVar("Item")
Draft = TypeVar("Draft")


class Enabling(Resource, Generic[Draft]):
    """Can be set up."""

    async def create(self, item: Draft, /) -> Outcome:
        """Set it up.

        Args:
            item: What it is to be.

        Returns:
            The outcome, ``created``.

        Raises:
            aiozcrm.errors.ZohoError: If it was not set up, or that is not known
                (``maybe_done``).
        """
        return await self._act("POST", items=draft(item), status="created")


class Changing(Resource, Generic[Draft]):
    """Can be changed."""

    async def update(self, changes: Draft, /) -> Outcome:
        """Change it.

        Args:
            changes: What to change.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.ZohoError: If it was not changed, or that is not known
                (``maybe_done``).
        """
        # It sets values, so a second send does no more than the first.
        return await self._act("PUT", items=draft(changes), status="updated", repeatable=True)


class Singleton(Changing[Draft], Generic[Item, Draft]):
    """Can be read and changed."""

    async def get(self) -> Item:
        """Return it.

        Returns:
            What there is, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If the org has none.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        found, reply = await self._read()
        if not found and (found is not None or reply.data is None):
            raise missing(reply, f"There is no {self.key}.")
        item: Item = object_of(found[0] if isinstance(found, list) else found, reply, self.key)
        return item
