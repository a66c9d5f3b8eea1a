"""One call over many inputs: bounded, and with an account of every single one."""

from aiozcrm.batch._batch import Batch, Inputs, OnOutcome, many, no_input_avoids
from aiozcrm.batch._inputs import TURN, Chunk, Rows, read_all
from aiozcrm.batch._outcomes import (
    GONE,
    ONLY_ID,
    BatchReport,
    Outcome,
    OutcomeKind,
    OutcomeStatus,
    Successes,
    details_of_alike,
    kept_status,
)

__all__ = [
    "GONE",
    "ONLY_ID",
    "TURN",
    "Batch",
    "BatchReport",
    "Chunk",
    "Inputs",
    "OnOutcome",
    "Outcome",
    "OutcomeKind",
    "OutcomeStatus",
    "Rows",
    "Successes",
    "details_of_alike",
    "kept_status",
    "many",
    "no_input_avoids",
    "read_all",
]
