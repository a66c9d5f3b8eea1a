"""One call over many inputs: bounded, and with an account of every single one."""

from aiozcrm.batch._batch import Batch, Inputs, OnOutcome, many, no_input_avoids
from aiozcrm.batch._inputs import Chunk, Rows, read_all
from aiozcrm.batch._outcomes import (
    GONE,
    ONLY_ID,
    BatchReport,
    Outcome,
    OutcomeKind,
    OutcomeStatus,
    SharedDetails,
    kept_status,
    success,
)

__all__ = [
    "GONE",
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
    "SharedDetails",
    "kept_status",
    "many",
    "no_input_avoids",
    "read_all",
    "success",
]
