"""How the records of a module are locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Creating, Deleting, Getting, Updating

__all__ = [
    "RecordLockingConfiguration",
    "RecordLockingConfigurationDraft",
    "RecordLockingConfigurations",
]


class RecordLockingConfiguration(TypedDict):
    """How the records of a module are locked, and for whom."""

    id: str
    lock_type: str
    locked_for: str
    lock_excluded_profiles: NotRequired[list[dict[str, str]] | None]
    excluded_fields: NotRequired[list[dict[str, str]] | None]
    restricted_actions: NotRequired[list[str]]
    restricted_communications: NotRequired[list[str]]
    restricted_custom_buttons: NotRequired[list[dict[str, str]] | None]
    lock_for_portal_users: NotRequired[bool]
    locking_rules: NotRequired[list[dict[str, Any]] | None]
    system_defined: NotRequired[bool]
    feature_type: NotRequired[str]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]
    modified_by: NotRequired[dict[str, str]]


class RecordLockingConfigurationDraft(TypedDict, total=False):
    """What can be set; an update in bulk needs the ``id``, too.

    ``"_delete": True`` takes away a locking rule that is there.
    """

    id: str
    lock_type: Literal["manual", "automatic", "both"]
    locked_for: Literal["all_profiles", "all_profiles_except_excluded_profiles"]
    lock_excluded_profiles: list[dict[str, Any]]
    excluded_fields: list[dict[str, Any]]
    restricted_actions: list[str]
    restricted_communications: list[str]
    restricted_custom_buttons: list[dict[str, Any]]
    lock_for_portal_users: bool
    locking_rules: list[dict[str, Any]]


class RecordLockingConfigurations(
    Getting[RecordLockingConfiguration],
    Creating[RecordLockingConfigurationDraft],
    Updating[RecordLockingConfigurationDraft],
    Deleting,
):
    """How the records of a module are locked. A module has one configuration at most.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-record-locking-config.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/add-record-locking-config.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-record-locking-config.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-record-locking-config.html

    One that Zoho has made itself (``system_defined``) cannot be deleted. To lock a record, see
    ``zoho.records(module).locking_information``.
    Calls need the scope ``ZohoCRM.settings.record_locking_configurations.ALL``, or the one of the
    operation.
    """

    path = "settings/record_locking_configurations"
    key = "record_locking_configurations"
    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.settings.record_locking_configurations.{operation}",
    )
    parts: ClassVar[tuple[str, ...]] = ("locking_rules",)

    async def list(
        self, *, feature_type: Literal["record_locking"] | None = None
    ) -> Sequence[RecordLockingConfiguration]:
        """Return the configurations of the module.

        Args:
            feature_type: Only those of this feature.

        Returns:
            The configurations, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"feature_type": feature_type})
