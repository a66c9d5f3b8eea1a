"""The table of contents: what the client has, and where it is.

A family is imported when it is first used, so that importing the client costs the same however
many there are.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from aiozcrm.resources._api import Api

if TYPE_CHECKING:
    from aiozcrm.resources._behaviours import Resource
    from aiozcrm.resources.apis import Apis
    from aiozcrm.resources.currencies import Currencies
    from aiozcrm.resources.fields import Fields
    from aiozcrm.resources.holidays import Holidays
    from aiozcrm.resources.modules import Modules
    from aiozcrm.resources.org import Org
    from aiozcrm.resources.records import Records
    from aiozcrm.resources.tags import Tags
    from aiozcrm.resources.unsubscribe_links import UnsubscribeLinks
    from aiozcrm.resources.users import Users
    from aiozcrm.resources.variables import Variables

__all__ = ["Contents"]

R = TypeVar("R", bound="Resource")


class Lazy(Generic[R]):
    """An attribute that is a family of calls.

    Args:
        cls: The name of its class, which lives in the file named as the attribute.
    """

    def __init__(self, cls: str) -> None:
        self._cls = cls
        self._file = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._file = name

    @overload
    def __get__(self, client: None, owner: type) -> Lazy[R]: ...
    @overload
    def __get__(self, client: Contents, owner: type) -> R: ...
    def __get__(self, client: Contents | None, owner: type) -> Lazy[R] | R:
        if client is None:
            return self
        family: R = resource_class(self._file, self._cls)(client._api)  # noqa: SLF001  # its own
        # From now on the attribute is found before this descriptor.
        client.__dict__[self._file] = family
        return family


def resource_class(file: str, cls: str) -> Any:
    """Return a class of a family, importing its file if need be."""
    return getattr(importlib.import_module(f"aiozcrm.resources.{file}"), cls)


class Contents:
    """What a client has. See the class of each attribute for its calls, pages and scopes."""

    _api: Api

    apis: Lazy[Apis] = Lazy("Apis")
    currencies: Lazy[Currencies] = Lazy("Currencies")
    holidays: Lazy[Holidays] = Lazy("Holidays")
    modules: Lazy[Modules] = Lazy("Modules")
    org: Lazy[Org] = Lazy("Org")
    unsubscribe_links: Lazy[UnsubscribeLinks] = Lazy("UnsubscribeLinks")
    users: Lazy[Users] = Lazy("Users")
    variables: Lazy[Variables] = Lazy("Variables")

    def fields(self, module: str, /) -> Fields:
        """Return the fields of a module.

        Args:
            module: Its API name.
        """
        fields: Fields = resource_class("fields", "Fields")(self._api, module=module)
        return fields

    def tags(self, module: str, /) -> Tags:
        """Return the tags of a module.

        Args:
            module: Its API name.
        """
        tags: Tags = resource_class("tags", "Tags")(self._api, module=module)
        return tags

    def records(self, module: str, /, *, external_id: str | Sequence[str] | None = None) -> Records:
        """Return the records of a module.

        Args:
            module: Its API name, such as ``Leads``.
            external_id: The API name of the field whose values are to stand for ids; several, or
                those of other modules, with their module, as ``Contacts.External_Id``.

        Raises:
            aiozcrm.errors.InvalidInputError: If *module* cannot be a name.
        """
        made: Records = resource_class("records", "Records")(
            self._api, module=module, external_id=external_id
        )
        return made
