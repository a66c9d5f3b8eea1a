"""What an unsubscribe link is, and where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import attr as attrs

from aiozcrm._protocol import known_id
from aiozcrm.resources.unsubscribe_links._parsing import id_of, objects_of, text_of, time_of

__all__ = ["Association", "Place", "UnsubscribeLink", "User"]


@attrs.frozen(kw_only=True)
class User:
    """A user of the org, as links refer to one.

    Attributes:
        id: The user's id; None where Zoho leaves it out.
        name: The user's name; None where Zoho leaves it out.
    """

    id: str | None
    name: str | None

    @classmethod
    def from_api(cls, data: Mapping[str, Any] | None) -> Self | None:
        """Return the model of a JSON object; None for null."""
        if not data:
            return None
        return cls(id=known_id(data.get("id")), name=text_of(data.get("name")))


@attrs.frozen(kw_only=True)
class UnsubscribeLink:
    """A link by which the receivers of an org's mails unsubscribe.

    Attributes:
        id: Its id.
        name: Its name, which is unique in the org; empty if Zoho tells none.
        page_type: ``standard`` for Zoho's page, ``custom`` for one of yours.
        custom_location_url: Where a page of yours is.
        standard_page_message: What Zoho's page says.
        submission_action_type: What happens afterwards: ``display_message`` or ``redirect``.
        submission_message: The message that is displayed then.
        submission_redirect_url: Where the redirect leads.
        created_by: Who made it.
        created_time: When it was made.
        modified_by: Who changed it last.
        modified_time: When it was changed last.
        landing_url: Where the link leads; not every version of the API tells.
        location_url_type: Told by some versions of the API only.
        action_on_unsubscribe: Told by some versions of the API only.
    """

    id: str
    name: str
    page_type: str | None
    custom_location_url: str | None
    standard_page_message: str | None
    submission_action_type: str | None
    submission_message: str | None
    submission_redirect_url: str | None
    created_by: User | None
    created_time: datetime | None
    modified_by: User | None
    modified_time: datetime | None
    landing_url: str | None
    location_url_type: str | None
    action_on_unsubscribe: str | None

    @property
    def is_default(self) -> bool:
        """Whether it is the one that every org keeps, which cannot be changed or deleted."""
        return self.name == "Default"

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Return the model of a JSON object; keys that are not known are ignored."""
        facts: dict[str, Any] = {
            field.name: text_of(data.get(field.name)) for field in attrs.fields(cls)
        }
        facts |= {"id": id_of(data), "name": text_of(data["name"]) or ""}
        for key in ("created_by", "modified_by"):
            facts[key] = User.from_api(data.get(key))
        for key in ("created_time", "modified_time"):
            facts[key] = time_of(data.get(key))
        return cls(**facts)


@attrs.frozen(kw_only=True)
class Place:
    """A place in which a link is used.

    Attributes:
        type: ``email_templates``, ``email_footer`` or another.
        resource_id: The id of the template or footer.
        resource_name: What it is called.
        module: The API name of the module that it belongs to.
        module_id: The id of that module.
    """

    type: str | None
    resource_id: str | None
    resource_name: str | None
    module: str | None
    module_id: str | None

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Return the model of a JSON object; keys that are not known are ignored."""
        resource = data.get("resource") or {}
        module = (data.get("details") or {}).get("module") or {}
        return cls(
            type=text_of(data.get("type")),
            resource_id=known_id(resource.get("id")),
            resource_name=text_of(resource.get("name")),
            module=text_of(module.get("api_name")),
            module_id=known_id(module.get("id")),
        )

    def __str__(self) -> str:
        """Return name and type, for people."""
        return f"{self.resource_name or 'unnamed'} ({self.type or 'unknown kind'})"


@attrs.frozen(kw_only=True)
class Association:
    """Where one link is used.

    Attributes:
        id: The link's id.
        places: What uses it.
    """

    id: str
    places: tuple[Place, ...]

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Return the model of a JSON object; keys that are not known are ignored."""
        places = map(Place.from_api, objects_of(data.get("associated_places")))
        return cls(id=id_of(data), places=tuple(places))
