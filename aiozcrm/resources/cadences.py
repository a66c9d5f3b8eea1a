"""Cadences."""

from __future__ import annotations

from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Listing

__all__ = ["Cadence", "Cadences"]


class Cadence(TypedDict):
    """A series of follow-ups. Its times have offsets without a colon, as ``-0700``."""

    id: str
    name: str
    module: dict[str, str]
    type: str
    active: bool
    status: NotRequired[str]
    published: NotRequired[bool]
    summary: NotRequired[dict[str, Any]]
    execution_details: NotRequired[dict[str, Any] | None]
    custom_view: NotRequired[dict[str, Any] | None]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, Any]]
    modified_by: NotRequired[dict[str, Any]]


class Cadences(Listing[Cadence]):
    """The cadences of the org: series of follow-ups for records. They can only be read.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/cadences/get-cadences.html

    To put records into one, see ``zoho.records(module).enrol_in_cadences``.
    The call needs the scope ``ZohoCRM.settings.cadences.READ`` or ``.ALL``.
    """

    path = "settings/automation/cadences"
    key = "cadences"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.cadences.{operation}",)
