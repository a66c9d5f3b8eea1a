"""What goes over the wire and what comes back, as plain values and functions.

Nothing here does I/O: requests are built from values, answers become values or errors.
"""

from typing import TYPE_CHECKING

from aiozcrm._lazy import lazy
from aiozcrm._protocol._alike_items import AlikeItems
from aiozcrm._protocol._answers import (
    api_error,
    body_without_secrets,
    decode,
    error_of,
    is_success,
    no_file_error,
    results_of,
    retry_after,
)
from aiozcrm._protocol._bodies import Body, Json, PlainForm, RunBlocking
from aiozcrm._protocol._calls import ApiCall, Base, Host, Reply
from aiozcrm._protocol._inputs import (
    check_headers,
    check_path,
    check_record_id,
    encode_query,
    known_id,
    path_of,
    plain_text,
    web_host,
)
from aiozcrm._protocol._json import iso_text, json_bytes, json_of, json_text, json_value
from aiozcrm._protocol._messages import (
    IDEMPOTENT_METHODS,
    Request,
    Response,
    Sender,
    Streamed,
    StreamingSender,
    Token,
    TokenGrant,
)
from aiozcrm._protocol._redaction import harmless, redact, redact_error, redacted, secrets_of
from aiozcrm._protocol._token_endpoint import (
    CLIENT_CREDENTIALS_REJECTIONS,
    CODE_REJECTIONS,
    REFRESH_REJECTIONS,
    THROTTLE_WINDOW,
    Rejections,
    client_credentials_request,
    exchange_request,
    read_revoke_answer,
    read_token_answer,
    refresh_request,
    revoke_request,
)
from aiozcrm._protocol._values import http_time, shortened

if TYPE_CHECKING:
    from aiozcrm._protocol._download_headers import (
        clean_name,
        file_name,
        holds_file,
        length_of,
        start_of,
        validator_of,
    )
    from aiozcrm._protocol._files import File, Form
    from aiozcrm._protocol._references import (
        ANSWERS,
        NAME,
        parts_in,
        ref,
        resolved,
        shown_in_path,
    )
else:
    # Most programs move no files, and make one call at a time.
    __getattr__ = lazy(
        __name__,
        {
            "ANSWERS": "_references",
            "File": "_files",
            "Form": "_files",
            "NAME": "_references",
            "clean_name": "_download_headers",
            "file_name": "_download_headers",
            "holds_file": "_download_headers",
            "length_of": "_download_headers",
            "parts_in": "_references",
            "ref": "_references",
            "resolved": "_references",
            "shown_in_path": "_references",
            "start_of": "_download_headers",
            "validator_of": "_download_headers",
        },
    )


__all__ = [
    "ANSWERS",
    "CLIENT_CREDENTIALS_REJECTIONS",
    "CODE_REJECTIONS",
    "IDEMPOTENT_METHODS",
    "NAME",
    "REFRESH_REJECTIONS",
    "THROTTLE_WINDOW",
    "AlikeItems",
    "ApiCall",
    "Base",
    "Body",
    "File",
    "Form",
    "Host",
    "Json",
    "PlainForm",
    "Rejections",
    "Reply",
    "Request",
    "Response",
    "RunBlocking",
    "Sender",
    "Streamed",
    "StreamingSender",
    "Token",
    "TokenGrant",
    "api_error",
    "body_without_secrets",
    "check_headers",
    "check_path",
    "check_record_id",
    "clean_name",
    "client_credentials_request",
    "decode",
    "encode_query",
    "error_of",
    "exchange_request",
    "file_name",
    "harmless",
    "holds_file",
    "http_time",
    "is_success",
    "iso_text",
    "json_bytes",
    "json_of",
    "json_text",
    "json_value",
    "known_id",
    "length_of",
    "no_file_error",
    "parts_in",
    "path_of",
    "plain_text",
    "read_revoke_answer",
    "read_token_answer",
    "redact",
    "redact_error",
    "redacted",
    "ref",
    "refresh_request",
    "resolved",
    "results_of",
    "retry_after",
    "revoke_request",
    "secrets_of",
    "shortened",
    "shown_in_path",
    "start_of",
    "validator_of",
    "web_host",
]
