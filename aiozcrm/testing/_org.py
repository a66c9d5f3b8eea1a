"""The organization, as a fake Zoho shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._answers import Answer, answer
from aiozcrm.testing._operations import API_ACCESS, Call, Operation

__all__ = ["Org"]

_SCOPES: Final = ("ZohoCRM.org.READ", "ZohoCRM.org.ALL")
_ORG: Final[Mapping[str, Any]] = {
    "alias": None,
    "call_icon": "DESKTOP",
    "checkin_preferences": {"restricted_event_types": None},
    "city": "Deventer",
    "company_name": "Oldenkamp Bindery",
    "country": "Netherlands",
    "country_code": "NL",
    "created_time": "2024-09-30T10:12:45+02:00",
    "currency": "Euro - EUR",
    "currency_locale": "nl_NL",
    "currency_symbol": "€",
    "deletable_org_account": True,
    "description": None,
    "domain_name": "org20087312",
    "employee_count": "14",
    "ezgid": "5c02e7d9b1a84f6e3d70",
    "fax": None,
    "gapps_enabled": False,
    "hierarchy_preferences": {"type": "Role_Hierarchy", "strictly_reporting": False},
    "hipaa_compliance_enabled": False,
    "id": "4150868000000000101",
    "iso_code": "EUR",
    "license_details": {
        "paid": True,
        "paid_expiry": "2027-09-30T00:00:00+02:00",
        "paid_type": "enterprise",
        "trial_action": "Upgrade",
        "trial_expiry": None,
        "trial_type": None,
        "users_license_purchased": 6,
    },
    "lite_users_enabled": False,
    "max_per_page": 200,
    "mc_status": False,
    "mobile": None,
    "oauth_presence": True,
    "phone": "+31 570 555 0142",
    "photo_id": None,
    "primary_email": "mira@bindery.example",
    "primary_zuid": "20087301",
    "privacy_settings": True,
    "state": None,
    "street": "Bergstraat 9",
    "time_zone": "Europe/Amsterdam",
    "translation_enabled": False,
    "website": "https://bindery.example",
    "zgid": "20087312",
    "zia_portal_id": None,
    "zia_zgid": 20087312,
    "zip": "7411 EN",
}


class Org:
    """The one org behind the credentials.

    Args:
        environment: Which environment it is.

    Attributes:
        id: What others call it by, such as the client credentials grant.
        name: What people call it.
    """

    def __init__(self, *, environment: str) -> None:
        self.id: str = _ORG["zgid"]
        self.name: str = _ORG["company_name"]
        self._answer = answer(200, {"org": [{**_ORG, "type": environment.capitalize()}]})

    def operations(self) -> Mapping[str, Mapping[str, Operation]]:
        """Return what can be done with the org."""
        return {"org": {"GET": Operation(run=self._get, scopes=_SCOPES, permission=API_ACCESS)}}

    def _get(self, _call: Call) -> Answer:
        return self._answer
