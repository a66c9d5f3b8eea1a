"""What goes over the wire and what comes back, as plain values and functions.

Nothing here does I/O: requests are built from values, answers become values or errors.
"""

from aiozcrm._protocol._answers import read_api_answer
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
    CLIENT_CREDENTIALS_REJECTIONS,
    CODE_REJECTIONS,
    REFRESH_REJECTIONS,
    Rejections,
    TokenRefusedForNowError,
    client_credentials_request,
    exchange_request,
    read_revoke_answer,
    read_token_answer,
    refresh_request,
    revoke_request,
)
from aiozcrm._protocol._values import shortened

__all__ = [
    "CLIENT_CREDENTIALS_REJECTIONS",
    "CODE_REJECTIONS",
    "IDEMPOTENT_METHODS",
    "REFRESH_REJECTIONS",
    "Rejections",
    "Request",
    "Response",
    "Sender",
    "Token",
    "TokenGrant",
    "TokenRefusedForNowError",
    "check_path",
    "check_record_id",
    "client_credentials_request",
    "exchange_request",
    "read_api_answer",
    "read_revoke_answer",
    "read_token_answer",
    "refresh_request",
    "revoke_request",
    "shortened",
]
