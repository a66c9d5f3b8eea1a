"""What the statuses of outcomes mean, and how they look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiozcrm.batch import OutcomeStatus

__all__ = ["MEANINGS", "STYLES"]

#: What an outcome means, in the order in which people want to know.
MEANINGS: Final[Mapping[OutcomeStatus, str]] = {
    "deleted": "Zoho said so",
    "already_gone": "deleted by a send whose answer was lost",
    "protected": "the Default link, or in use, so kept",
    "not_found": "there is no such link",
    "failed": "refused, so not deleted",
    "in_doubt": "perhaps deleted, perhaps not",
    "not_attempted": "nothing was sent",
}

STYLES: Final[Mapping[str, str]] = {
    "deleted": "green",
    "already_gone": "cyan",
    "protected": "yellow",
    "not_found": "yellow",
    "failed": "red",
    "in_doubt": "red",
    "not_attempted": "red",
}
