"""The organization, as a fake Zoho shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Call, Family, Operation

__all__ = ["Org"]

_FIRST_ZGID: Final = 20087312
_ORG: Final[Mapping[str, Any]] = {
    "alias": None,
    "call_icon": "DESKTOP",
    "checkin_preferences": {"restricted_event_types": None},
    "city": "Deventer",
    "country": "Netherlands",
    "country_code": "NL",
    "created_time": "2024-09-30T10:12:45+02:00",
    "currency": "Euro - EUR",
    "currency_locale": "nl_NL",
    "currency_symbol": "€",
    "deletable_org_account": True,
    "description": None,
    "employee_count": "14",
    "ezgid": "5c02e7d9b1a84f6e3d70",
    "fax": None,
    "gapps_enabled": False,
    "hierarchy_preferences": {"type": "Role_Hierarchy", "strictly_reporting": False},
    "hipaa_compliance_enabled": False,
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
    "zia_portal_id": None,
    "zip": "7411 EN",
}


class Org(Family):
    """What an org says of itself.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        zgid = str(_FIRST_ZGID + context.number)
        self._org = {
            **_ORG,
            "company_name": context.name,
            "domain_name": f"org{zgid}",
            "id": context.id(101),
            "type": context.environment.capitalize(),
            "zgid": zgid,
            "zia_zgid": int(zgid),
        }
        #: What others call it by, such as the client credentials grant.
        self.id: str = zgid

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about the org."""
        return (Operation(line="GET /org", run=self._get, verb="list", family="org"),)

    def _get(self, _call: Call) -> Answer:
        return Answer(200, {"org": [self._org]})
