"""A row of the table of collections: all that is special of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._wire._call import API_ACCESS

__all__ = ["Plain", "Thing"]

#: A thing of a collection, as the API shows it.
Thing = dict[str, Any]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@attrs.frozen(kw_only=True)
class Plain:
    """A row of the table of collections.

    Attributes:
        path: The path, such as ``/settings/holidays``.
        key: The key that holds the things, in bodies and answers.
        fields: What can be set of each.
        first_id: The first id, within the org.
        verbs: What can be done beside listing: of ``get``, ``create``, ``update`` or
            ``update_one``, ``delete`` and ``delete_many``.
        update: The HTTP method of an update.
        named: Whether the API name may stand for the id.
        member: What stands for one thing in a path; empty for its id, or for its API name as well.
        alone: What is told of a thing only where it is read alone.
        bound: The parameter of path or query that names what every thing belongs to, such as
            ``module``; empty if there is none.
        per_call: How many one call may create or update.
        most: How many there may be, for the API to create another.
        most_by: The key by which they are counted for that; empty counts all.
        said: What the answers say of what was created, updated and deleted.
        created: The HTTP status of a creation.
        flat: Which of ``update`` and ``delete`` are answered without the key, if all went well.
        info: Whether lists tell their own size.
        per_page: How many a page of the list holds at most; 0 if it has no pages.
        stamped: Whether things say when and by whom they were made and changed.
        filters: Parameters of the list, and where in a thing the value is that they ask for.
        complete: Returns what follows from the rest of a thing.
        permission: What the user's profile must allow for all but reading.
        at_first: What is there at first.
    """

    path: str
    key: str
    fields: Sequence[Field]
    first_id: int
    verbs: Sequence[str] = ("get", "create", "update", "delete")
    update: str = "PUT"
    named: bool = False
    member: str = ""
    alone: Sequence[str] = ()
    bound: str = ""
    per_call: int = 100
    most: int | None = None
    most_by: str = ""
    said: tuple[str, str, str] = ("added", "updated", "deleted")
    created: int = 201
    flat: Sequence[str] = ()
    info: bool = False
    per_page: int = 0
    stamped: bool = True
    filters: Mapping[str, str] = attrs.field(factory=dict)
    complete: Callable[[Thing], Mapping[str, Any]] = lambda _: _NOTHING
    permission: str = API_ACCESS
    at_first: Sequence[Mapping[str, Any]] = ()
