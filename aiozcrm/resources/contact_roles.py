"""The roles that contacts may have in deals."""

from __future__ import annotations

from typing import ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Creating, Deleting, Getting, Listing, Updating

__all__ = ["ContactRole", "ContactRoleDraft", "ContactRoles"]


class ContactRole(TypedDict):
    """A role."""

    id: str
    name: str
    sequence_number: NotRequired[int]


class ContactRoleDraft(TypedDict, total=False):
    """What can be set on a role; an update in bulk needs the ``id``, too."""

    id: str
    name: str
    sequence_number: int


class ContactRoles(
    Listing[ContactRole],
    Getting[ContactRole],
    Creating[ContactRoleDraft],
    Updating[ContactRoleDraft],
    Deleting,
):
    """The roles that contacts may have in deals.

    Which contact has which role in a deal is a related list of the deal:
    ``zoho.records("Deals").related(deal_id, "Contact_Roles")``.

    - list, get: https://www.zoho.com/crm/developer/docs/api/v7/get-contact-roles.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/insert-contact-roles.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-contact-roles.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-contact-roles.html

    An org has up to 100 roles, each with a name of its own. A call takes 100.
    Calls need the scope ``ZohoCRM.modules.contacts.ALL``, or the one of the operation.
    """

    path = "Contacts/roles"
    key = "contact_roles"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.modules.contacts.{operation}",)
    per_delete: ClassVar[int | None] = 100
