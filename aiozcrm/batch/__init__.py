"""One call over many inputs: bounded, and with an account of every single one."""

from aiozcrm.batch._batch import Batch, Inputs, OnOutcome, no_input_avoids
from aiozcrm.batch._feed import Chunk, Rows
from aiozcrm.batch._outcomes import (
    ONLY_ID,
    BatchReport,
    Outcome,
    OutcomeKind,
    OutcomeStatus,
)

__all__ = [
    "ONLY_ID",
    "Batch",
    "BatchReport",
    "Chunk",
    "Inputs",
    "OnOutcome",
    "Outcome",
    "OutcomeKind",
    "OutcomeStatus",
    "Rows",
    "no_input_avoids",
]
