"""What goes over the wire and what comes back, as plain values and functions.

Nothing here does I/O: requests are built from values, answers become values or errors.
"""

from aiozcrm._protocol._answers import only_item, read_api_answer
from aiozcrm._protocol._inputs import check_path, check_record_id
from aiozcrm._protocol._messages import (
    IDEMPOTENT_METHODS,
    Request,
    Response,
    Sender,
    Token,
    TokenGrant,
)
from aiozcrm._protocol._token_endpoint import (
    TokenRefusedForNowError,
    read_token_answer,
    refresh_request,
)

__all__ = [
    "IDEMPOTENT_METHODS",
    "Request",
    "Response",
    "Sender",
    "Token",
    "TokenGrant",
    "TokenRefusedForNowError",
    "check_path",
    "check_record_id",
    "only_item",
    "read_api_answer",
    "read_token_answer",
    "refresh_request",
]
