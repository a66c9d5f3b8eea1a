"""Collections that the API only tells of: a row each."""

from __future__ import annotations

from typing import Final

from aiozcrm.testing._families._collection import Plain
from aiozcrm.testing._schema._field import Field

__all__ = [
    "ASSIGNMENT_RULES",
    "CADENCES",
    "DATA_ENRICHMENT",
    "EMAIL_TEMPLATES",
    "INVENTORY_TEMPLATES",
    "SIGNALS",
    "WIZARDS",
]

_NAME: Final = Field(api_name="name", mandatory=True)
_MODULE: Final = Field(api_name="module", type="any", mandatory=True)
_ACTIVE: Final = Field(api_name="active", type="boolean")

WIZARDS: Final = Plain(
    path="/settings/wizards",
    key="wizards",
    fields=(_NAME, _MODULE, _ACTIVE),
    first_id=631001,
    verbs=("get",),
    complete=lambda wizard: {
        "active": wizard["active"] is not False,
        "profiles": wizard.get("profiles") or [],
        "containers": wizard.get("containers") or [],
        "portal_user_types": [],
        "exempted_portal_user_types": [],
    },
    alone=("portal_user_types", "exempted_portal_user_types"),
)

ASSIGNMENT_RULES: Final = Plain(
    path="/settings/automation/assignment_rules",
    key="assignment_rules",
    fields=(
        _NAME,
        _MODULE,
        Field(api_name="description"),
        Field(api_name="default_assignee", type="any"),
    ),
    first_id=632001,
    verbs=("get",),
    filters={"module": "module.api_name"},
)


def _templates(kind: str, first_id: int, *fields: Field) -> Plain:
    return Plain(
        path=f"/settings/{kind}_templates",
        key=f"{kind}_templates",
        fields=(_NAME, _MODULE, Field(api_name="content"), *fields),
        first_id=first_id,
        verbs=("get",),
        filters={"module": "module.api_name", "category": "category"},
        alone=("content",),
        info=True,
        complete=lambda template: {
            "category": template.get("category") or "created_by_me",
            "folder": {"name": "Public templates", "id": str(int(template["id"]) // 1000 * 1000)},
            "editor_mode": "gallery",
            "favorite": template.get("category") == "favorite",
            "last_usage_time": None,
        },
    )


EMAIL_TEMPLATES: Final = _templates("email", 633001, Field(api_name="subject"))
INVENTORY_TEMPLATES: Final = _templates("inventory", 634001)

SIGNALS: Final = Plain(
    path="/settings/signals",
    key="signals",
    fields=(
        Field(api_name="namespace", mandatory=True),
        Field(api_name="display_label", mandatory=True),
        Field(api_name="enabled", type="boolean"),
    ),
    first_id=635001,
    verbs=(),
    stamped=False,
    complete=lambda signal: {
        "enabled": signal["enabled"] is not False,
        "chat_enabled": False,
        "extension": None,
        "feature_availability": {"scoring": True, "signals": True},
    },
    at_first=(
        {"namespace": "Zoho_Mail__email_opened", "display_label": "Email opened"},
        {"namespace": "Zoho_CRM__inbound_call", "display_label": "Inbound call"},
    ),
)

CADENCES: Final = Plain(
    path="/settings/automation/cadences",
    key="cadences",
    fields=(
        _NAME,
        _MODULE,
        _ACTIVE,
        Field(api_name="type", mandatory=True, values=("Manual enrollment", "Custom view")),
    ),
    first_id=636001,
    verbs=(),
    info=True,
    complete=lambda cadence: {
        "active": cadence["active"] is not False,
        "status": "active" if cadence["active"] is not False else "inactive",
        "published": True,
        "execution_details": None,
        "custom_view": None,
    },
)

DATA_ENRICHMENT: Final = Plain(
    path="/settings/zia/data_enrichment",
    key="data_enrichment",
    fields=(
        Field(api_name="type", mandatory=True, values=("organization", "people")),
        _MODULE,
        Field(api_name="status", type="boolean"),
        Field(api_name="input_data_field_mapping", type="any"),
        Field(api_name="output_data_field_mapping", type="any"),
    ),
    first_id=637001,
    verbs=(),
    complete=lambda configuration: {
        "status": configuration["status"] is not False,
        "input_data_field_mapping": configuration["input_data_field_mapping"] or [],
        "output_data_field_mapping": configuration["output_data_field_mapping"] or [],
    },
)
