"""Attributes of the client whose classes are imported when they are first used."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, overload

from aiozcrm.resources._api import Api

if TYPE_CHECKING:
    from aiozcrm.resources._behaviours import Resource

__all__ = ["Imported", "Lazy", "OfModule", "resource_class"]

R = TypeVar("R", bound="Resource")


class Holder(Protocol):
    """What has such attributes."""

    _api: Api


def resource_class(file: str, cls: str) -> Any:
    """Return a class of a family, importing its file if need be."""
    return getattr(importlib.import_module(f"aiozcrm.resources.{file}"), cls)


class Imported:
    """An attribute whose class is imported when it is first used.

    Args:
        cls: The name of the class, which lives in the file named as the attribute.
    """

    def __init__(self, cls: str) -> None:
        self._cls = cls
        self._file = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._file = name

    def load(self) -> Any:
        """Return its class, importing its file if need be."""
        return resource_class(self._file, self._cls)


class Lazy(Imported, Generic[R]):
    """An attribute that is a family of calls."""

    @overload
    def __get__(self, client: None, owner: type) -> Lazy[R]: ...
    @overload
    def __get__(self, client: Holder, owner: type) -> R: ...
    def __get__(self, client: Holder | None, owner: type) -> Lazy[R] | R:
        if client is None:
            return self
        family: R = self.load()(client._api)  # noqa: SLF001  # its own
        # From now on the attribute is found before this descriptor.
        client.__dict__[self._file] = family
        return family


class OfModule(Imported, Generic[R]):
    """An attribute that returns a family of calls about one module, whose API name it takes."""

    @overload
    def __get__(self, client: None, owner: type) -> OfModule[R]: ...
    @overload
    def __get__(self, client: Holder, owner: type) -> Callable[[str], R]: ...
    def __get__(self, client: Holder | None, owner: type) -> OfModule[R] | Callable[[str], R]:
        if client is None:
            return self

        def of(module: str, /) -> R:
            family: R = self.load()(client._api, module=module)  # noqa: SLF001  # its own
            return family

        return of
