"""OAuth scopes: which there are, and what they allow."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Final

from aiozcrm.testing._wire._known_calls import known_calls

__all__ = ["EVERYTHING", "covers", "scope_module", "split_scopes", "unknown_scopes"]

#: What allows every call.
EVERYTHING: Final = (
    "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL,ZohoCRM.users.ALL,ZohoCRM.org.ALL,"
    "ZohoCRM.bulk.ALL,ZohoCRM.bulk.READ,ZohoCRM.coql.READ,ZohoCRM.notifications.ALL,"
    "ZohoCRM.apis.READ,ZohoCRM.features.READ,ZohoCRM.functions.execute.CREATE,"
    "ZohoCRM.files.READ,ZohoCRM.files.CREATE,"
    "ZohoCRM.change_owner.CREATE,ZohoCRM.change_owner.READ,ZohoCRM.composite_requests.CUSTOM,"
    "ZohoCRM.mass_convert.ALL,ZohoCRM.mass_delete.ALL,ZohoCRM.mass_update.ALL,"
    "ZohoCRM.send_mail.ALL,ZohoCRM.share.ALL,ZohoCRM.templates.ALL,ZohoCRM.Zia.ALL,"
    "ZohoSearch.securesearch.READ,ZohoFiles.files.ALL,ZohoWriter.documentEditor.ALL,"
    "ZohoWriter.merge.ALL,ZohoSign.documents.ALL,AaaServer.profile.READ"
)

_VERBS: Final = ("ALL", "READ", "CREATE", "UPDATE", "DELETE", "WRITE")
# Beyond the pages of the API: who the user is, and functions.
_OTHERS: Final = frozenset(
    {
        "AaaServer.profile.READ",
        "ZohoCRM.functions.execute.CREATE",
        "ZohoCRM.functions.execute.READ",
        "email",
        "openid",
        "profile",
    }
)
# fmt: off
_MODULES: Final = (
    "accounts", "activities", "appointments", "attachments", "calls", "campaigns", "cases",
    "contacts", "custom", "deals", "events", "invoices", "leads", "notes", "pricebooks",
    "products", "purchaseorders", "quotes", "salesorders", "services", "solutions", "tasks",
    "vendors",
)
# fmt: on


def split_scopes(scope: str) -> tuple[str, ...]:
    """Return what stands separated by commas or spaces."""
    return tuple(scope.replace(",", " ").split())


def scope_module(module: str, *, custom: bool) -> str:
    """Return what scopes call a module.

    Args:
        module: Its API name.
        custom: Whether somebody of the org made it.
    """
    return "custom" if custom else module.removesuffix("__s").replace("_", "").lower()


def covers(granted: Iterable[str], needed: Sequence[Sequence[str]], module: str = "") -> bool:
    """Return whether a token may do what needs one scope of each group.

    Args:
        granted: The scopes of the token.
        needed: The groups.
        module: What scopes call the module at hand.
    """
    mine = tuple(granted)
    for group in needed:
        wanted = [scope.replace("{module}", module) for scope in group]
        if not any(_stands_for(scope, want) for scope in mine for want in wanted):
            return False
    return True


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """Return those of *scopes* that Zoho does not have."""
    known = _known_scopes()
    return [scope for scope in scopes if scope not in known]


def _stands_for(scope: str, need: str) -> bool:
    if scope == need:
        return True
    above, _, verb = scope.rpartition(".")
    if not need.startswith(f"{above}."):
        return False
    # All of settings holds all of tags, and reading all modules holds reading one.
    return verb == "ALL" or need.endswith(f".{verb}")


@functools.cache
def _known_scopes() -> frozenset[str]:
    found = set(_OTHERS)
    for known in known_calls().all:
        for scope in (scope for group in known.scopes for scope in group):
            for module in _MODULES if "{module}" in scope else ("",):
                named = scope.replace("{module}", module)
                above = named.rpartition(".")[0]
                found |= {named, *(f"{above}.{verb}" for verb in _VERBS)}
                parts = above.split(".")
                if len(parts) > 2:
                    found |= {f"{'.'.join(parts[:2])}.{verb}" for verb in _VERBS}
    return frozenset(found)
