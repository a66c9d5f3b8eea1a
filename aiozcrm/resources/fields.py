"""Fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Creating, Deleting, Updating, check_record_id

__all__ = ["Field", "FieldDraft", "Fields", "PickListValue"]


class PickListValue(TypedDict):
    """A value that a picklist field can have."""

    id: str
    display_value: str
    actual_value: str
    reference_value: NotRequired[str | None]
    colour_code: NotRequired[str | None]
    sequence_number: NotRequired[int]
    type: NotRequired[str]
    layout_associations: NotRequired[list[dict[str, str]]]


class Field(TypedDict):
    """A field of a module. Zoho sends more keys than these."""

    id: str
    api_name: str
    field_label: str
    data_type: str
    json_type: NotRequired[str | None]
    length: NotRequired[int]
    system_mandatory: NotRequired[bool]
    custom_field: NotRequired[bool]
    read_only: NotRequired[bool]
    field_read_only: NotRequired[bool]
    visible: NotRequired[bool]
    unique: NotRequired[dict[str, Any]]
    lookup: NotRequired[dict[str, Any]]
    operation_type: NotRequired[dict[str, bool]]
    pick_list_values: NotRequired[list[PickListValue]]
    decimal_place: NotRequired[int | None]
    external: NotRequired[dict[str, Any] | None]


class FieldDraft(TypedDict, total=False):
    """What can be set on a field; an update in bulk needs the ``id``, too."""

    id: str
    field_label: str
    data_type: str
    length: int
    decimal_place: int
    tooltip: dict[str, str]
    profiles: list[dict[str, str]]
    unique: dict[str, Any]
    external: dict[str, Any]
    crypt: dict[str, Any]
    filterable: bool
    private: dict[str, Any]
    textarea: dict[str, str]
    pick_list_values: list[dict[str, Any]]
    global_picklist: dict[str, str]
    auto_number: dict[str, Any]
    formula: dict[str, Any]
    currency: dict[str, Any]
    lookup: dict[str, Any]


class Fields(Creating[FieldDraft], Updating[FieldDraft], Deleting):
    """The fields of a module.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/field-meta.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-custom-field.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-custom-fields.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-custom-fields.html
    - pick_list_values: https://www.zoho.com/crm/developer/docs/api/v7/picklist-values.html

    Zoho creates and changes up to 5 fields a call; a field that is used cannot be deleted.
    Calls need the scope ``ZohoCRM.settings.fields.ALL``, or the one of the operation.
    """

    path = "settings/fields"
    key = "fields"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.fields.{operation}",)
    update_method = "PATCH"
    per_create: ClassVar[int] = 5
    per_update: ClassVar[int | None] = 5
    changes_schema: ClassVar[bool] = True

    async def list(
        self,
        *,
        type: Literal["all", "used", "unused"] | None = None,
        data_type: str | None = None,
        include: str | None = None,
        feature_name: str | None = None,
        component: str | None = None,
        layout_id: str | int | None = None,
    ) -> Sequence[Field]:
        """Return all fields, also those that the user's profile hides.

        Args:
            type: Whether to return fields that a layout uses (the default), the others, or both.
            data_type: Only those of this type.
            include: What else to tell, such as ``allowed_permissions_to_update``.
            feature_name: Only those that this feature of Zoho's can use.
            component: Only those that this component of Zoho's can use.
            layout_id: Only those of this layout.

        Returns:
            The fields, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(
            query={
                "type": type,
                "data_type": data_type,
                "include": include,
                "feature_name": feature_name,
                "component": component,
                "layout_id": layout_id,
            }
        )

    async def get(self, id: str | int, /, *, include: str | None = None) -> Field:
        """Return one field.

        Args:
            id: Its id.
            include: As for :meth:`list`.

        Returns:
            The field, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such field.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        field: Field = await self._get(id, query={"include": include})
        return field

    async def pick_list_values(self, id: str | int, /) -> Sequence[PickListValue]:
        """Return the values that a picklist field can have.

        Args:
            id: The field.

        Returns:
            The values, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(check_record_id(id), "pick_list_values", key="pick_list_values")
