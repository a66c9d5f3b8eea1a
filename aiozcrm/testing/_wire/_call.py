"""A call that passed every check that all calls share, and what carries it out."""

from __future__ import annotations

import copy
import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import unquote

import attrs

from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._form import Part, read_parts
from aiozcrm.testing._wire._json import read_json

__all__ = ["API_ACCESS", "Call", "Family", "InnerCall", "Operation", "is_number", "snapshot_of"]

# The permission that every call needs.
API_ACCESS: Final = "Crm_Implied_Api_Access"


@attrs.frozen(kw_only=True)
class InnerCall:
    """A call that another one carries.

    Attributes:
        method: The HTTP method.
        path: The path from the host on.
        query: The parameters of the query.
        headers: The headers; names in any case find them.
        body: The body.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


def _nothing_inside(_inner: InnerCall) -> Answer:
    raise rejected(400, "NOT_SUPPORTED", "not supported")


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Call:
    """An API call.

    Attributes:
        method: The HTTP method.
        path: The path below the base as it was sent, such as ``/settings/tags/12``.
        version: The version in the URL, such as ``v7``.
        params: What stands in the variable segments of the path, by name.
        query: The parameters of the query.
        headers: The headers; names in any case find them.
        body: The request's body.
        inside: Carries out a call that this one carries, and returns its answer.
    """

    method: str
    path: str
    version: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    inside: Callable[[InnerCall], Answer] = _nothing_inside

    @functools.cached_property
    def segments(self) -> Sequence[str]:
        """The segments of the path, decoded one by one."""
        return [unquote(segment) for segment in self.path.split("/")[1:]]

    @property
    def ids(self) -> list[str]:
        """The ids that the call names: the last one in its path, or those of ``ids``."""
        in_path = [value for value in self.params.values() if is_number(value)]
        return in_path[-1:] or [part for part in self.query.get("ids", "").split(",") if part]

    @functools.cached_property
    def data(self) -> Any:
        """The body as data; None if it is no JSON."""
        return read_json(self.body)

    @functools.cached_property
    def parts(self) -> Sequence[Part]:
        """The parts of a body that is a multipart form."""
        return read_parts(self.headers.get("Content-Type", ""), self.body)

    def files(self, name: str = "file") -> Sequence[Part]:
        """Return the files of a form that have this name."""
        return [part for part in self.parts if part.name == name and part.filename is not None]

    def json_object(self) -> dict[str, Any]:
        """Return the body, which has to be a JSON object.

        Raises:
            RejectedError: If it is anything else.
        """
        if not isinstance(self.data, dict):
            raise rejected(400, "INVALID_DATA", "body", expected_data_type="jsonobject")
        return self.data


# Not frozen, which takes longer to make, since each org makes hundreds at its start.
@attrs.define(kw_only=True)
class Operation:
    """What carries out the calls of one method and path.

    Attributes:
        line: Method and path, as the catalogue of Zoho's calls has them.
        run: Does it; may raise `RejectedError`.
        verb: What it does, for statistics: ``list``, ``get``, ``create`` ...
        family: To whose things, for statistics: ``holidays``, ``Leads`` ...; empty stands for the
            module in the path.
        permission: What the user's profile must allow, as Zoho calls it.
        scopes: OAuth scopes of which the token needs one, in place of those in the catalogue.
    """

    line: str
    run: Callable[[Call], Answer]
    verb: str
    family: str = ""
    permission: str = API_ACCESS
    scopes: tuple[str, ...] = ()


class Family(ABC):
    """A group of calls and what they work on, in one org."""

    #: The attributes that calls change, but for modules and their fields.
    _kept: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def operations(self) -> tuple[Operation, ...]:
        """Return the calls that the family answers."""

    def snapshot(self) -> Callable[[], None]:
        """Return what brings back all that the family holds now."""
        return snapshot_of(self, *self._kept)

    def seed(self, given: Any) -> list[str]:
        """Add what tests have written down as data, and return the ids.

        Args:
            given: How many to make up, or what each is to be added with.

        Raises:
            TypeError: If nothing can be added here, or not with that.
        """
        add: Callable[..., str] | None = getattr(self, "add", None)
        if add is None:
            raise TypeError("nothing can be added here")
        items = [{}] * given if isinstance(given, int) else given
        return [add(**item) for item in items]


def snapshot_of(thing: object, *names: str) -> Callable[[], None]:
    """Return what brings back the values that attributes of a thing have now."""
    kept = copy.deepcopy({name: vars(thing)[name] for name in names})
    return lambda: vars(thing).update(kept)


def is_number(text: str) -> bool:
    """Return whether a text consists of digits alone."""
    return text.isascii() and text.isdigit()
