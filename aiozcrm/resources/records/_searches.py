"""Searches of the records of a module."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final, Generic

from aiozcrm._criteria import bind_criteria, criteria_for, matches, names_in
from aiozcrm._protocol import known_id
from aiozcrm.errors import InvalidInputError, LimitExceededError, MultipleFoundError
from aiozcrm.resources._resource import Resource
from aiozcrm.resources._results import beyond_reach
from aiozcrm.resources.pages import Pages
from aiozcrm.resources.records._lists import names_of
from aiozcrm.resources.records._queries import RecordT

__all__ = ["SearchingRecords"]

#: How the end of what a search reaches is told: here, or by Zoho.
_SEARCH_ENDS: Final = frozenset({"", "LIMIT_REACHED"})


class SearchingRecords(Resource, Generic[RecordT]):
    """Searches the records of a module, and counts them."""

    path = "{module}"
    key = "data"

    @property
    def module(self) -> str:
        """The API name of the module."""
        return self._bound["module"]

    async def find(self, /, **fields: Any) -> Sequence[RecordT]:
        """Return the records whose fields have exactly these values.

        Zoho's ``equals`` also finds values that merely contain a text, so the client compares
        what a search has found. What was just written may be missing: use a query then.

        Args:
            fields: Values by the API names of fields. Of a lookup, the id.

        Returns:
            The records, as Zoho sent them.

        Raises:
            aiozcrm.errors.InvalidInputError: If no field is given; nothing is sent.
            aiozcrm.errors.PaginationLimitError: If Zoho finds more than 2,000.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
            TypeError: If a value cannot be searched for; nothing is sent.
        """
        criteria = criteria_for(fields)
        found = Pages(self._search_pages({"criteria": criteria}))
        matching = [record async for record in found if matches(record, fields)]
        # One that has moved to the next page meanwhile comes again.
        by_id = {known_id(each.get("id")) or id(each): each for each in matching}
        return list(by_id.values())

    async def find_one(self, /, **fields: Any) -> RecordT | None:
        """Return the one record whose fields have exactly these values.

        Args:
            fields: As for :meth:`find`.

        Returns:
            The record; None if there is none.

        Raises:
            aiozcrm.errors.MultipleFoundError: If there are several.
            aiozcrm.errors.ZohoError: As for :meth:`find`.
        """
        found = await self.find(**fields)
        if len(found) > 1:
            raise MultipleFoundError(
                f"{len(found)} records of {self.module} have these values.", records=found
            )
        return found[0] if found else None

    def iter_search(
        self,
        *,
        criteria: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        word: str | None = None,
        fields: Sequence[str] | None = None,
        converted: str | bool | None = None,
        approved: str | bool | None = None,
        cvid: str | int | None = None,
        type: str | None = None,
        **values: Any,
    ) -> Pages[RecordT]:
        """Yield what a search finds. What was just written may be missing: use a query then.

        https://www.zoho.com/crm/developer/docs/api/v7/search-records.html

        Args:
            criteria: Such as ``(Last_Name:starts_with:{name})``. What stands for the names in
                braces is escaped: text, a number, a boolean, a date, a datetime with an offset,
                or a list of those for ``in``.
                Zoho's ``equals`` finds what contains a text: see :meth:`find`.
            email: An address in any email field.
            phone: A number in any phone field.
            word: A word anywhere.
            fields: API names of the fields to read; None for all.
            converted: Leads only: ``false`` (the default), ``true`` or ``both``.
            approved: ``true`` (the default), ``false`` or ``both``.
            cvid: Only those of this custom view.
            type: Users only: a kind of user.
            values: The values of *criteria*.

        Returns:
            An async iterator; its ``pages()`` yields lists of up to 200 records.

        Raises:
            aiozcrm.errors.InvalidInputError: Unless it is told one thing to search for; nothing
                is sent.
            aiozcrm.errors.PaginationLimitError: If there are more than 2,000: use a query then.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
            KeyError: If a name in *criteria* has no value, or a value no name; nothing is sent.
            TypeError: If a value is of a type that criteria cannot hold; nothing is sent.
            ValueError: If a datetime has no offset, or a list has not 1 to 100 values; nothing is
                sent.
        """
        given = _searched_for(criteria, values, email=email, phone=phone, word=word)
        if len(given) != 1:
            raise InvalidInputError("Search for one of criteria, email, phone or word.")
        more = {"converted": converted, "approved": approved, "cvid": cvid, "type": type}
        named = None if fields is None else names_of(fields)
        return Pages(self._search_pages({**given, **more, "fields": named}))

    async def _search_pages(self, query: Mapping[str, Any]) -> AsyncGenerator[list[RecordT], None]:
        found = self._iter("search", query=query)
        try:
            async for page in found.pages():
                yield page
        except LimitExceededError as error:
            if error.code not in _SEARCH_ENDS:
                raise
            raise beyond_reach(
                error,
                "The search finds more records than the 2,000 that Zoho hands out.",
                hint="Narrow it down, or read the records with zoho.query().",
            ) from error
        finally:
            await found.aclose()

    async def search(self, **query: Any) -> Sequence[RecordT]:
        """Return all that a search finds.

        Args:
            query: As for :meth:`iter_search`.

        Returns:
            The records, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: As for :meth:`iter_search`.
        """
        return [record async for record in self.iter_search(**query)]

    async def count(
        self,
        *,
        cvid: str | int | None = None,
        criteria: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        word: str | None = None,
        **values: Any,
    ) -> int:
        """Return how many records there are. Zoho's figure lags by up to ten minutes.

        https://www.zoho.com/crm/developer/docs/api/v7/module_record_count.html

        Args:
            cvid: Only those of this custom view.
            criteria: As for :meth:`iter_search`.
            email: As for :meth:`iter_search`.
            phone: As for :meth:`iter_search`.
            word: As for :meth:`iter_search`.
            values: The values of *criteria*.

        Raises:
            aiozcrm.errors.InvalidInputError: If there is more than one of them; nothing is sent.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        given = _searched_for(criteria, values, cvid=cvid, email=email, phone=phone, word=word)
        if len(given) > 1:
            raise InvalidInputError(f"Count by one of {', '.join(given)}.")
        return await self._count("actions", "count", query=given)


def _searched_for(
    criteria: str | None, values: dict[str, Any], **ways: str | int | None
) -> dict[str, Any]:
    """Return what is searched for, with the values in the criteria."""
    given = {name: value for name, value in ways.items() if value is not None}
    if criteria is not None:
        # A value may be called as one of the other ways.
        named = names_in(criteria) & given.keys()
        values = {**values, **{name: given.pop(name) for name in named}}
        given["criteria"] = bind_criteria(criteria, values)
    elif values:
        raise TypeError(f"only criteria have values, such as {', '.join(values)}")
    return given
