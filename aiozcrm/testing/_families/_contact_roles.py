"""The roles that contacts may have in deals."""

from __future__ import annotations

from typing import Final

from aiozcrm.testing._families._collection import Plain
from aiozcrm.testing._schema._field import Field

__all__ = ["CONTACT_ROLES"]

_AT_FIRST: Final = ("Developer/Evaluator", "Decision Maker", "Purchasing", "Executive Sponsor")

CONTACT_ROLES: Final = Plain(
    path="/Contacts/roles",
    key="contact_roles",
    fields=(
        Field(api_name="name", mandatory=True, unique=True, length=50),
        Field(api_name="sequence_number", type="integer"),
    ),
    first_id=6871,
    verbs=("get", "create", "update", "delete", "delete_many"),
    created=200,
    most=100,
    said=("contact role added", "record updated", "contact role deleted"),
    stamped=False,
    at_first=[{"name": name, "sequence_number": place} for place, name in enumerate(_AT_FIRST, 1)],
)
