"""The OAuth scopes of the actions on records that need others than the module's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["ACTION_SCOPES"]

_MERGING: Final = (
    "ZohoCRM.settings.mailmerge.CREATE",
    "ZohoWriter.documentEditor.ALL",
    "ZohoWriter.merge.ALL",
)
_CHANGING_OWNERS: Final = ("ZohoCRM.change_owner.{operation}",)
_INVITING: Final = ("ZohoCRM.settings.clientportal.{operation}",)
_CONVERTING: Final = ("ZohoCRM.mass_convert.{operation}",)

#: By the method and the last segment of the path.
ACTION_SCOPES: Final[Mapping[tuple[str, str], Sequence[str]]] = {
    ("POST", "mass_update"): ("ZohoCRM.mass_update.UPDATE",),
    ("GET", "mass_update"): ("ZohoCRM.mass_update.READ",),
    ("POST", "mass_delete"): ("ZohoCRM.mass_delete.DELETE",),
    ("GET", "mass_delete"): ("ZohoCRM.mass_delete.READ",),
    ("POST", "change_owner"): _CHANGING_OWNERS,
    ("POST", "mass_change_owner"): _CHANGING_OWNERS,
    ("GET", "mass_change_owner"): _CHANGING_OWNERS,
    ("POST", "mass_convert"): _CONVERTING,
    ("GET", "mass_convert"): _CONVERTING,
    ("POST", "add_tags"): ("ZohoCRM.settings.tags.ALL",),
    ("POST", "remove_tags"): ("ZohoCRM.settings.tags.ALL",),
    ("POST", "portal_invite"): _INVITING,
    ("GET", "portal_invite"): _INVITING,
    ("PUT", "run_scoring_rules"): ("ZohoCRM.settings.scoring_rules.ALL",),
    ("POST", "send_mail"): ("ZohoCRM.send_mail.all.CREATE",),
    ("POST", "associate_email"): ("ZohoCRM.modules.ALL", "ZohoCRM.modules.emails.ALL"),
    ("POST", "unblock_email"): ("ZohoCRM.settings.emails.CREATE",),
    ("GET", "__emails_sharing_details"): ("ZohoCRM.modules.READ", "ZohoCRM.modules.emails.READ"),
    ("POST", "download_mail_merge"): _MERGING,
    ("POST", "send_mail_merge"): (*_MERGING, "ZohoCRM.settings.emails.ALL"),
    ("POST", "sign_mail_merge"): (*_MERGING, "ZohoSign.documents.ALL"),
}
