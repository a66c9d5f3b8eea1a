"""Everything that can go wrong, as one tree.

.. code-block:: text

    ZohoError
    ├── ConfigurationError            (also ValueError) settings that cannot work
    ├── InvalidInputError             (also ValueError) refused before anything is sent
    ├── InUseError                    kept because something in the org still uses it
    ├── ClientClosedError             the client was closed before or during the call
    ├── StoreLockedError              a token store waited too long for another process
    ├── WrongEventLoopError           the client belongs to another event loop, thread or process
    ├── CallCancelledError            a batch was cancelled while this call was on its way
    ├── NotificationRejected          a notification that is not one of the channel's
    ├── MultipleFoundError            several records were found where one was expected
    ├── FeedIncompleteError           a feed of changes does not tell of everything
    ├── JobFailedError                a job of Zoho's has failed
    ├── TransportError                no usable answer
    │   ├── ConnectError              never reached Zoho, so surely nothing happened there
    │   │   └── CertificateError      the server could not prove who it is
    │   ├── ConnectionLostError       sent, then the connection broke: may have happened
    │   ├── RequestTimeoutError       (also TimeoutError) no answer: may have happened
    │   ├── InvalidResponseError      a body that cannot be read: may have happened
    │   └── DeadlineExceededError     (also TimeoutError) the time for the whole call is used up
    ├── ApiError                      Zoho answered, and the answer is no
    │   ├── AuthenticationError       the access token is not accepted for this call
    │   ├── PermissionDeniedError     the user behind the token may not do this
    │   │   └── ScopeError            the token lacks the OAuth scope
    │   ├── NotFoundError             the id is not part of the org
    │   ├── FeatureUnavailableError   the edition lacks the feature, or it is switched off
    │   ├── NotAllowedError           the org forbids it, e.g. deleting the Default link
    │   │   └── RecordLockedError     the record is locked, or waits for approval
    │   ├── ConflictError             the record has changed meanwhile
    │   │   └── AlreadyDoneError      it is so already: converted, enabled, deleted
    │   ├── NotReadyError             a job is scheduled or running, and has to end first
    │   ├── NoRecordsError            there are no records such as the call is about
    │   ├── NotModifiedError          nothing has changed since the moment that was named
    │   ├── DependentServiceError     another service, on which the call depends, failed
    │   ├── RolledBackError           another part of the same call failed
    │   ├── InvalidDataError          the request's data is wrong; names the field
    │   │   ├── MissingFieldError     a mandatory field is missing or empty
    │   │   ├── DependentFieldError   a field is missing that another one makes necessary
    │   │   ├── DuplicateDataError    the value must be unique and exists already
    │   │   └── InvalidQueryError     the query or the criteria are wrong
    │   ├── LimitExceededError        more than the edition, or one call, may have
    │   │   ├── PaginationLimitError  the list goes on, but Zoho gives no more of its pages
    │   │   └── TooLargeError         the file or the body is too large
    │   ├── InvalidRequestError       the path, method or version is wrong
    │   ├── RateLimitError            too many calls for the moment
    │   │   └── CreditsExhaustedError no API credits left for today
    │   └── ServerError               trouble on Zoho's side (5xx)
    └── TokenError                    no access token to be had
        ├── RefreshTokenRejectedError the refresh token is wrong or revoked (final)
        ├── ClientRejectedError       the client id, its secret or the data centre is wrong
        ├── TokenThrottledError       too many tokens were made; says when to try again
        ├── TokenEndpointError        the accounts server gave no usable answer
        ├── ForeignHostError          the answer names a host that is not Zoho's
        ├── EnvironmentMismatchError  the token belongs to another environment
        └── AuthorizationError        the way from consent to a refresh token ended early
            ├── AuthorizationDeniedError  the user said no on the consent page
            ├── GrantCodeRejectedError    the code is expired, used or from elsewhere
            └── RefreshTokenMissingError  a token came, but nothing to make more of it

No error carries a token, a secret or a request body.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, NamedTuple, Self

from aiozcrm._text import printable

__all__ = [
    "AlreadyDoneError",
    "ApiError",
    "AuthenticationError",
    "AuthorizationDeniedError",
    "AuthorizationError",
    "CallCancelledError",
    "CertificateError",
    "ClientClosedError",
    "ClientRejectedError",
    "ConfigurationError",
    "ConflictError",
    "ConnectError",
    "ConnectionLostError",
    "CreditsExhaustedError",
    "DeadlineExceededError",
    "DependentFieldError",
    "DependentServiceError",
    "DuplicateDataError",
    "EnvironmentMismatchError",
    "FeatureUnavailableError",
    "FeedIncompleteError",
    "ForeignHostError",
    "GrantCodeRejectedError",
    "InUseError",
    "InvalidDataError",
    "InvalidInputError",
    "InvalidQueryError",
    "InvalidRequestError",
    "InvalidResponseError",
    "JobFailedError",
    "LimitExceededError",
    "MissingFieldError",
    "MultipleFoundError",
    "NoRecordsError",
    "NotAllowedError",
    "NotFoundError",
    "NotModifiedError",
    "NotReadyError",
    "NotificationRejected",
    "PaginationLimitError",
    "PermissionDeniedError",
    "RateLimitError",
    "RecordLockedError",
    "RefreshTokenMissingError",
    "RefreshTokenRejectedError",
    "RequestTimeoutError",
    "Result",
    "RolledBackError",
    "ScopeError",
    "ServerError",
    "StoreLockedError",
    "TokenEndpointError",
    "TokenError",
    "TokenThrottledError",
    "TooLargeError",
    "TransportError",
    "WrongEventLoopError",
    "ZohoError",
]


#: An error has at most this many characters when it is shown.
_LONGEST: Final = 2_000


class ZohoError(Exception):
    """The base of every error that this package raises.

    Attributes:
        message: What happened, in a sentence.
        hint: What to do next, in a sentence; empty where there is nothing to add.
        attempts: How many times the request was sent before this error was the last word.
        maybe_done: Whether a send of this call may have taken effect at Zoho although no
            success was seen.
    """

    #: What to do next, unless an error knows better.
    default_hint: ClassVar[str] = ""

    #: What was done as often as the attempts say.
    _attempted: ClassVar[str] = "sent"

    maybe_done: bool = False
    attempts: int = 0

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint: str = self.default_hint if hint is None else hint

    def __str__(self) -> str:
        """Return what is known as one line that can be shown anywhere."""
        return printable(self._words(), _LONGEST)

    def _words(self) -> str:
        """Return message, number of sends and hint."""
        tried = f" ({self._attempted} {self.attempts} times)" if self.attempts > 1 else ""
        return f"{self.message}{tried}{' ' if self.hint else ''}{self.hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copies and pickles be made without the keywords of the constructor."""
        return _rebuild, (type(self), self.args, self.__dict__)

    def for_another_caller(self) -> Self:
        """Return a copy for a call that it did not happen to: without traceback and sends."""
        twin = copy.copy(self)
        twin.__cause__ = self.__cause__
        twin.attempts = 0
        twin.maybe_done = False
        return twin


def _rebuild(kind: type[ZohoError], args: tuple[Any, ...], facts: dict[str, Any]) -> ZohoError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(facts)
    return error


class ConfigurationError(ZohoError, ValueError):
    """Settings that cannot work, found before anything is sent."""


class InvalidInputError(ZohoError, ValueError):
    """An argument that was refused before anything was sent.

    What a file or stream turns out to be is only known while it is sent.
    """


class ClientClosedError(ZohoError):
    """The client was closed before the call, or while it was waiting."""

    default_hint = "Make calls inside 'async with ZohoCRM(...)'."


class WrongEventLoopError(ZohoError):
    """The client was used in another event loop, thread or process than before.

    Its connections and its token belong to the event loop in which it was used first.
    """

    default_hint = "Make a client in each event loop; they may share a token store."


class InUseError(ZohoError):
    """Something in the org still uses the record, so it was kept and nothing was sent.

    Attributes:
        places: What uses it.
    """

    def __init__(
        self, message: str, *, places: Sequence[Any] = (), hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.places = places


class NotificationRejected(ZohoError):  # noqa: N818  # nothing went wrong but the sender
    """What came as a notification is none of Zoho's for this channel.

    Answer it with an error, such as 403, and do not tell more: the message is for your log.
    """


class StoreLockedError(ZohoError):
    """Another process or task has held the lock of a key for longer than a store waits.

    A store raises it for that alone: one that cannot be reached raises anything else. The client
    never asks for a token after this error, because the holder of the lock is asking already.
    """


class CallCancelledError(ZohoError):
    """The batch was cancelled while this call was on its way: it may have run.

    It is never raised, only reported: what is raised is the cancellation itself.
    """

    default_hint = (
        "Look in Zoho what it did, or give the same inputs again: that is harmless for updates, "
        "deletes and upserts, but would create records twice."
    )
    maybe_done = True


class TransportError(ZohoError):
    """No usable answer came back."""


class ConnectError(TransportError):
    """The connection was never made, so the request surely did not run."""

    default_hint = "Check the network, the proxy and the host name."
    _attempted = "tried"


class CertificateError(ConnectError):
    """The server's TLS certificate was not accepted, so nothing was sent."""

    default_hint = "Check the host name, the machine's clock and its certificate store."


class ConnectionLostError(TransportError):
    """The connection broke after the request was sent: it may have run."""

    maybe_done = True


class RequestTimeoutError(TransportError, TimeoutError):
    """No answer came in time: the request may have run."""

    default_hint = "Raise the timeout if Zoho is known to need longer for this call."
    maybe_done = True


class InvalidResponseError(TransportError):
    """An answer whose body cannot be read: the request has probably run.

    Attributes:
        status: The HTTP status.
        excerpt: The first few hundred characters of the body.
        too_long: Whether the body is longer than the client reads, so it was not read to its end.
        is_file: Whether it is a file, such as a photo, which has a method of its own.
    """

    default_hint = "A proxy or a maintenance page may have answered in Zoho's place."
    maybe_done = True

    def __init__(
        self,
        message: str,
        *,
        status: int,
        excerpt: str,
        too_long: bool = False,
        is_file: bool = False,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.excerpt = excerpt
        self.too_long = too_long
        self.is_file = is_file


class MultipleFoundError(ZohoError):
    """Several records were found where one was expected.

    Attributes:
        records: The records that were found.
    """

    def __init__(self, message: str, *, records: Sequence[Any], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.records = records


class FeedIncompleteError(ZohoError):
    """A feed of changes is not complete, so it has no cursor.

    More may have changed since its cursor than Zoho still tells; or it was not read to its end.
    """

    default_hint = "Begin again from None, with an empty table."


class JobFailedError(ZohoError):
    """A job of Zoho's has failed.

    Attributes:
        state: What Zoho says of the job.
    """

    def __init__(self, message: str, *, state: Mapping[str, Any], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.state = state


class DeadlineExceededError(TransportError, TimeoutError):
    """The time for the whole call, its waiting and its retries included, is used up."""

    default_hint = "Raise the call's deadline (timeout=) or try again later."


class Result(NamedTuple):
    """What Zoho says about one item of a write, or about the whole call."""

    #: Such as ``SUCCESS`` or ``INVALID_DATA``; empty where there is none.
    code: str
    #: ``success`` or ``error``; empty where there is none.
    status: str
    #: Zoho's words, on one line and at most 300 characters of them.
    message: str
    #: The facts by name, such as the field or the id.
    details: Mapping[str, Any]

    @property
    def failed(self) -> bool:
        """Whether it says that the item failed. Without a status, or with another, it does not."""
        return self.status in {"error", "failure", "failed"}


class ApiError(ZohoError):
    """Zoho answered, and the answer is no.

    Where Zoho rejects several items, *code*, *message* and *details* are those of the first one
    that failed, and *results* has them all.

    Attributes:
        status: The HTTP status.
        code: Zoho's code, such as ``INVALID_DATA``; empty where the body had none.
        details: Zoho's details: the field, the limit, the permission that is missing.
        method: The method of the request.
        url: The URL of the request. It never holds a secret.
        data: The decoded body; None where there was none, or none that is JSON.
        results: What Zoho says about each item, in its order.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str = "",
        details: Mapping[str, Any] | None = None,
        method: str = "",
        url: str = "",
        data: Any = None,
        results: Sequence[Result] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.details: Mapping[str, Any] = {} if details is None else details
        self.method = method
        self.url = url
        self.data = data
        self.results: tuple[Result, ...] = tuple(results)

    def _words(self) -> str:
        answer = f"{self.status} {self.code}".rstrip()
        words = f"{self.method} {self.url} was answered {answer}: {super()._words()}".lstrip()
        told = "; ".join(f"{name}: {fact}" for name, fact in self._facts().items() if fact)
        return f"{words}{f' ({told})' if told else ''}"

    def _facts(self) -> Mapping[str, object]:
        """Return what the details tell, in words for people."""
        failed = sum(result.failed for result in self.results)
        return {"items that failed": failed if failed > 1 else None}


class AuthenticationError(ApiError):
    """Zoho does not accept the access token for this call. The call surely did not run.

    The hint says whether this call is at fault, the host, or the token, which could not be
    replaced; then the cause says why.

    Attributes:
        concerns_all_calls: Whether other calls would end in the same way; False if the host
            accepts the token in other calls.
    """

    default_hint = "Compare data_center and environment of the credentials with those of the org."
    concerns_all_calls: bool = True


class PermissionDeniedError(ApiError):
    """The user behind the token may not do this; ``details`` may name the permission."""

    default_hint = "Ask an administrator of the org for the permission named in the details."

    def _facts(self) -> Mapping[str, object]:
        permissions = self.details.get("permissions")
        names = permissions if isinstance(permissions, list) else []
        return {
            "permission": ", ".join(filter(None, map(_text, names))),
            **super()._facts(),
        }


class ScopeError(PermissionDeniedError):
    """The token lacks the OAuth scope for this call; refreshing does not add scopes.

    Attributes:
        scopes: The scopes that the call needs; empty where that is not known.
    """

    default_hint = "Authorize again with the scope that this call needs."
    scopes: tuple[str, ...] = ()


class NotFoundError(ApiError):
    """The id is not part of the org."""

    default_hint = "Check the id, and that the credentials belong to the org you mean."


class FeatureUnavailableError(ApiError):
    """The org's edition does not have the feature, or it is switched off."""

    default_hint = "Check the edition of the org, and whether the feature is switched on there."


class NotAllowedError(ApiError):
    """The org does not allow this, such as deleting its Default link."""


class RecordLockedError(NotAllowedError):
    """The record is locked, waits for approval or review, or is in a process of the org."""

    default_hint = "Unlock or approve the record, or wait for its process to end."


class ConflictError(ApiError):
    """The record has changed since the moment that the call named."""

    default_hint = "Read the record again, and decide again what to change."


class AlreadyDoneError(ConflictError):
    """What was asked for is so already: converted, enabled, cancelled, deleted."""

    default_hint = "There is nothing left to do, unless you expected another state."


class NotReadyError(ApiError):
    """A job of Zoho's is scheduled or still running, and has to end first."""

    default_hint = "Wait until it has ended, then ask again."


class NoRecordsError(ApiError):
    """There are no records such as the call is about."""


class NotModifiedError(ApiError):
    """Nothing has changed since the moment that the call named."""


class DependentServiceError(ApiError):
    """Another service, on which the call depends, failed or said no."""


class RolledBackError(ApiError):
    """Nothing came of it, because another part of the same call failed."""

    default_hint = "Look at the error of the other part."


class InvalidDataError(ApiError):
    """The request's data is wrong. What Zoho's details tell is at hand by name.

    Where one item has several errors, this is the first of them, and ``details["errors"]`` has
    them all.
    """

    @property
    def api_name(self) -> str | None:
        """The name of the field; None where Zoho does not say."""
        return _text(self._first.get("api_name"))

    @property
    def json_path(self) -> str | None:
        """Where the field stands in what was sent, in a form that only people should read."""
        return _text(self._first.get("json_path"))

    @property
    def expected_data_type(self) -> str | None:
        """The type that the field should have, such as ``website``."""
        return _text(self._first.get("expected_data_type"))

    @property
    def minimum_length(self) -> int | None:
        """How many characters or items there have to be at least."""
        return _number(self._first.get("minimum_length"))

    @property
    def maximum_length(self) -> int | None:
        """How many characters or items there may be at most."""
        return _number(self._first.get("maximum_length"))

    @property
    def supported_values(self) -> tuple[str, ...]:
        """The values that the field may have; empty where Zoho does not say."""
        values = self._first.get("supported_values")
        known = values if isinstance(values, list) else []
        return tuple(str(v) for v in known if isinstance(v, (str, float)) or _number(v) is not None)

    @property
    def _first(self) -> Mapping[str, Any]:
        """The details of the first of several errors of one item, or of the only one."""
        first = next(_objects(self.details.get("errors")), {})
        details = first.get("details")
        return details if isinstance(details, Mapping) else self.details

    def _facts(self) -> Mapping[str, object]:
        fields = [error.get("details") for error in _objects(self.details.get("errors"))]
        return {
            "field": _names(*(fields or [self.details])),
            "expected type": self.expected_data_type,
            "at least": self.minimum_length,
            "at most": self.maximum_length,
            "one of": ", ".join(self.supported_values),
            **super()._facts(),
        }


class MissingFieldError(InvalidDataError):
    """A mandatory field is missing or empty."""


class DependentFieldError(InvalidDataError):
    """A field is missing that another one makes necessary.

    Zoho's examples name the two in either order, so look at both.
    """

    @property
    def dependee(self) -> str | None:
        """The name of the other field."""
        dependee = self._first.get("dependee")
        return _text(dependee.get("api_name")) if isinstance(dependee, Mapping) else None

    def _facts(self) -> Mapping[str, object]:
        return {"needed with": self.dependee, **super()._facts()}


class DuplicateDataError(InvalidDataError):
    """The value has to be unique in the org and exists already."""

    default_hint = "Choose another value, or change the record that has it."

    @property
    def existing_id(self) -> str | None:
        """The id of the record that has the value; None where Zoho does not say."""
        for known in (self._record.get("id"), self._first.get("id")):
            if _text(known) or _number(known):
                return str(known)
        return None

    @property
    def module(self) -> str | None:
        """The API name of that record's module; None where Zoho does not say."""
        module = self._record.get("module")
        return _text(module.get("api_name")) if isinstance(module, Mapping) else None

    @property
    def _record(self) -> Mapping[str, Any]:
        record = self._first.get("duplicate_record")
        return record if isinstance(record, Mapping) else {}

    def _facts(self) -> Mapping[str, object]:
        record = f"{self.module or ''} {self.existing_id or ''}".strip()
        return {**super()._facts(), "existing record": record}


class InvalidQueryError(InvalidDataError):
    """The query or the criteria are wrong.

    What Zoho rejects of a query is shown in the text that you gave, before values were bound.

    Attributes:
        clause: The clause that is wrong or missing, such as ``where`` or ``order by``; empty where
            Zoho does not say.
        line: The line of your text, from 1; None where Zoho names no place.
        column: The column of your text, from 1; None where Zoho names no place.
        excerpt: Your text around the place, with ``>>>`` right before it; empty where Zoho names
            none.
    """

    clause: str = ""
    line: int | None = None
    column: int | None = None
    excerpt: str = ""

    @property
    def column_name(self) -> str | None:
        """The name of the column that is wrong; None where Zoho does not say."""
        return _text(self.details.get("column_name"))

    def _facts(self) -> Mapping[str, object]:
        place = f"line {self.line}, column {self.column}" if self.line else ""
        return {
            "clause": self.clause,
            "column": self.column_name,
            "operator": _text(self.details.get("operator")),
            "in your text": f"{place}: {self.excerpt}" if place else "",
            **super()._facts(),
        }


class LimitExceededError(ApiError):
    """More than the org's edition, or one call, may have.

    This is no rate limit: waiting does not help.
    """

    default_hint = "Delete what is not needed any more, or ask for less in one call."

    @property
    def limit(self) -> int | None:
        """How many there may be; None where Zoho does not say."""
        return _number(self.details.get("limit")) or _number(self.details.get("maximum_length"))

    def _facts(self) -> Mapping[str, object]:
        return {
            "limited": _names(self.details),
            "at most": self.limit,
            **super()._facts(),
        }


class PaginationLimitError(LimitExceededError):
    """The list goes on, but Zoho gives no more of its pages."""

    default_hint = "Narrow down what you ask for, or use a bulk read job."


class TooLargeError(LimitExceededError):
    """The file or the body is larger than Zoho takes."""

    default_hint = "Send something smaller."


class InvalidRequestError(ApiError):
    """The path, the method or the version is wrong."""

    default_hint = "Compare path and method with the page of the API reference."

    def _facts(self) -> Mapping[str, object]:
        return {"parameter": _names(self.details), **super()._facts()}


class RateLimitError(ApiError):
    """Too many calls for the moment.

    Attributes:
        retry_after: Seconds that Zoho asks to wait; None where it does not say.
        concerns_all_calls: Whether other calls would end in the same way: credits are used up, or
            Zoho asks for a pause that is longer than any call waits.
    """

    default_hint = "Lower max_in_flight, or look for others who use the same client id."
    concerns_all_calls: bool = False

    def __init__(self, message: str, *, retry_after: float | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.retry_after = retry_after


class CreditsExhaustedError(RateLimitError):
    """The org has no API credits left; they come back 24 hours after they were used."""

    default_hint = "Waiting seconds does not help: credits come back 24 hours after their use."
    concerns_all_calls = True


class ServerError(ApiError):
    """Trouble on Zoho's side (5xx): the request may have run.

    Attributes:
        retry_after: Seconds that Zoho asks to wait; None where it does not say.
    """

    default_hint = "Try again later."
    maybe_done = True

    def __init__(self, message: str, *, retry_after: float | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.retry_after = retry_after


class TokenError(ZohoError):
    """There is no access token to be had, so the call was not sent."""


class RefreshTokenRejectedError(TokenError):
    """The refresh token is wrong, revoked or evicted. Final: it is never asked with again."""

    default_hint = (
        "Authorize again to get a new refresh token, and check that data_center is the one "
        "in which the org lives."
    )


class ClientRejectedError(TokenError):
    """The client id, its secret or the data centre is wrong."""

    default_hint = (
        "Check client_id and client_secret, and that data_center is the one in which the "
        "client is registered: each data centre may have its own secret."
    )


class TokenThrottledError(TokenError):
    """Too many tokens were made: 10 in 10 minutes are allowed per refresh token.

    Nothing is sent to the token endpoint until the time has passed, because asking prolongs
    the block.

    Attributes:
        retry_after: Seconds from now until the endpoint may be asked again.
    """

    default_hint = "Share one token store between processes, so that they share one token."

    def __init__(self, message: str, *, retry_after: float, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class TokenEndpointError(TokenError):
    """The accounts server could not be reached or gave no usable answer.

    Attributes:
        status: The HTTP status; None where there was no answer.
    """

    default_hint = "Check the network and accounts_url, or try again later."

    def __init__(self, message: str, *, status: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class ForeignHostError(TokenError):
    """Zoho's answer, or a redirect, names a host that is neither Zoho's nor one you named."""

    default_hint = "If you trust this host, name it as api_url in the credentials."


class EnvironmentMismatchError(TokenError):
    """The token belongs to another environment than the one configured."""

    default_hint = (
        "Set environment to the one chosen when the refresh token was made, or authorize again "
        "and choose the right one."
    )


class AuthorizationError(TokenError):
    """The way from a user's consent to a refresh token ended before its end.

    This very class means a redirect that cannot be trusted or understood: it does not belong to
    the request, or says none of what it should.
    """

    default_hint = "Start again with a new authorization_request()."


class AuthorizationDeniedError(AuthorizationError):
    """The user said no on the consent page."""

    default_hint = "Ask the user why; another consent needs a new authorization_request()."


class GrantCodeRejectedError(AuthorizationError):
    """The grant code is expired, was used before, or was made in another data centre."""

    default_hint = (
        "Get a new code and exchange it at once: it serves once, lives for 1 to 3 minutes, and "
        "only in the data centre and for the client that it was made for."
    )


class RefreshTokenMissingError(AuthorizationError):
    """The code was exchanged for an access token alone, without a refresh token."""

    default_hint = (
        "Authorize again with access_type=offline and prompt=consent, as "
        "authorization_request() asks for: without them a refresh token comes only the first time."
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list; of anything else, nothing."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))


def _names(*details: object) -> str:
    """Return the fields and parameters that details name, one after the other."""
    found: list[object] = []
    for told in details:
        if isinstance(told, Mapping):
            found += [told.get("api_name"), told.get("param_name")]
            for key in ("param_names", "linking_fields"):
                names = told.get(key)
                found += names if isinstance(names, list) else []
            for key in ("expected_fields", "ambiguity_due_to", "limit_due_to"):
                for other in _objects(told.get(key)):
                    found += [other.get("api_name"), other.get("param_name")]
    return ", ".join(dict.fromkeys(name for name in found if isinstance(name, str) and name))


def _number(value: object) -> int | None:
    # One of thousands of digits could not even be shown.
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    return None
