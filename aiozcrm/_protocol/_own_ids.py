"""Whether the id that Zoho does not know is the one that a call is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from aiozcrm._protocol._values import number_of

__all__ = ["OwnIds"]

#: Compiled when it is first needed, which is not while the package is imported.
_AN_ID: Final = r"[0-9]+|[0-9a-f]{32,}"

#: What details may name if they are about an id and nothing else, such as its type.
_FACTS_OF_AN_ID: Final = frozenset({"api_name", "id", "json_path", "resource_path_index"})

#: What is said of an unknown user of a portal, where an item is about one.
_UNKNOWN_PERSON: Final = {"param_name": "personality_ids"}


class OwnIds:
    """The ids that a call is about: those of its query or body, else the last one in its path.

    Args:
        path: What stands behind the version.
        query: The encoded query.
        headers: What was sent.
        body: What was sent, decoded.
        own_id: The id of one item, if the call has several.
    """

    def __init__(
        self,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: Any,
        *,
        own_id: str | None = None,
    ) -> None:
        segments = [unquote(segment) for segment in path.split("/")]
        # Record ids are digits, those of mails are long words. Where a header names an external
        # field instead, ids have the places behind the names of the modules, and may be anything.
        places = [i for i, segment in enumerate(segments) if re.fullmatch(_AN_ID, segment)]
        if any(name.lower() == "x-external" for name in headers):
            places = [i for i in (1, 3) if i < len(segments) and segments[i - 1] != "actions"]
        self._place = places[-1] if places else -1
        self._in_path = _plain_id(segments[self._place]) if places else ""
        self._listed = body.get("ids") if isinstance(body, Mapping) else None
        self._items = _items_of(body, segments)
        self._is_of_item = own_id is not None
        if own_id is not None:
            self.ids = {_plain_id(own_id)}
        else:
            self.ids = self._ids_named(query) or {self._in_path}
            self.ids.discard("")

    def is_unknown(self, details: Mapping[str, Any]) -> bool:
        """Return whether *details* say that one of the ids is unknown, and nothing else.

        An id may also be that of an owner or a parent, or be wrong in its type.
        """
        if self._is_of_item and details == _UNKNOWN_PERSON:
            return True
        if not details or not details.keys() <= _FACTS_OF_AN_ID:
            return False
        if "resource_path_index" in details and (
            self._in_path not in self.ids
            or number_of(details["resource_path_index"]) != self._place
        ):
            return False
        named = [_plain_id(details["id"])] if "id" in details else []
        if "json_path" in details or "api_name" in details:
            item = self._items.get(str(details.get("json_path")))
            if item is None or details.get("api_name", "id") != "id":
                return False
            # The only item of a body may leave its id to the path.
            only = self._in_path if len(self._items) == 1 else ""
            named.append(_plain_id(item.get("id", only)))
        return self.ids.issuperset(named)

    def may_be_unknown(self, details: Mapping[str, Any]) -> bool:
        """Return whether nothing in *details* says that something else than an id is unknown."""
        about_ids = {key: details[key] for key in _FACTS_OF_AN_ID & details.keys()}
        return bool(self.ids) and (not about_ids or self.is_unknown(about_ids))

    def _ids_named(self, query: str) -> set[str]:
        """Return the ids in the query, else those that the body lists, else those of its items."""
        given = parse_qs(query)
        keys = ("ids", "id", "job_id", "channel_ids")
        named = [part for key in keys for value in given.get(key, ()) for part in value.split(",")]
        if not named and isinstance(self._listed, (list, tuple)):
            named = list(self._listed)
        elif not named:
            items = self._items.values()
            named = [item[key] for item in items for key in ("id", "channel_id") if key in item]
        return set(map(_plain_id, named))


def _items_of(body: object, segments: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the items that a body is about, by the JSON paths of their ids.

    They stand under ``data`` or under the name that the path has for them. Under other names are
    owners, tags, and whatever else the call refers to.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for key, value in body.items() if isinstance(body, Mapping) else ():
        if key != "data" and not any(f"_{key}".endswith(f"_{name}") for name in segments):
            continue
        if isinstance(value, Mapping):
            found[f"$.{key}.id"] = value
        elif isinstance(value, (list, tuple)):
            items = enumerate(value)
            found |= {f"$.{key}[{n}].id": item for n, item in items if isinstance(item, Mapping)}
    return found


def _plain_id(value: object) -> str:
    """Return an id such that two of the same are equal, whatever their zeros and type."""
    text = str(value)
    return text.lstrip("0") if text.isdigit() else text
