"""From a user's consent to a refresh token, and its revocation."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

import attr as attrs

from aiozcrm._hiding import HidingFrames
from aiozcrm._protocol import (
    CODE_REJECTIONS,
    Sender,
    exchange_request,
    read_revoke_answer,
    read_token_answer,
    revoke_request,
)
from aiozcrm.auth._credentials import Credentials
from aiozcrm.auth._hiding import hiding_arguments
from aiozcrm.auth._hosts import check_accounts_server, check_api_domain
from aiozcrm.auth._one_request import one_time_sender, send_once, throttled
from aiozcrm.auth._redirect import authorization_query, read_redirect
from aiozcrm.auth._settings import (
    ClientSettings,
    check_scopes,
    data_center_code,
    is_without_blanks,
    no_blanks,
    reading_order,
)
from aiozcrm.datacenters import (
    DATA_CENTER_OF,
    Environment,
    check_environment,
    check_proxy,
    environment_of,
)
from aiozcrm.errors import (
    ConfigurationError,
    ConnectError,
    InvalidInputError,
    RefreshTokenMissingError,
    TokenEndpointError,
    TokenThrottledError,
)

__all__ = ["AuthorizationRequest", "Grant", "OAuthClient"]

_CODE_IN_DOUBT: Final = (
    "The code may be used up, and is not tried again: start again with a new one."
)
_CODE_UNUSED: Final = "Nothing was sent: while the code lives, it can be exchanged."


@attrs.frozen(kw_only=True)
class AuthorizationRequest:
    """What to keep while a user is on the consent page.

    :meth:`OAuthClient.authorization_request` makes it. To keep it between two web requests, keep
    its fields, secret from others, and make it again from them.

    Attributes:
        redirect_uri: The address in your app that the user comes back to.
        state: Shows that the user who comes back is the one who left; never shown in a repr.
        code_verifier: The secret of PKCE; None without PKCE. Never shown in a repr.
        url: The consent page to send the browser to. It is needed only once, so a request that
            is made again may leave it out.
    """

    redirect_uri: str
    state: str = attrs.field(repr=False)
    code_verifier: str | None = attrs.field(default=None, repr=False)
    url: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class Grant:
    """The credentials that a user's consent gives.

    Attributes:
        credentials: The credentials for :class:`~aiozcrm.ZohoCRM`, with the data centre and the
            environment of the org that the user chose. Keep their refresh token.
        scopes: The scopes of their tokens; empty if Zoho does not say.
    """

    credentials: Credentials
    scopes: tuple[str, ...] = ()


def _secrets_by_data_center(given: Mapping[str, str]) -> Mapping[str, str]:
    return {data_center_code(code): secret for code, secret in given.items()}


@hiding_arguments
@attrs.frozen(kw_only=True, field_transformer=reading_order)
class OAuthClient(ClientSettings):
    """A client of the API console that users authorize, each for one org.

    .. code-block:: python

        client = OAuthClient(client_id="1000.YOURS", client_secret="YOURS")
        request = client.authorization_request(
            redirect_uri="https://app.example/zoho/callback",
            scopes=["ZohoCRM.settings.unsubscribe.ALL"],
        )
        # The user's browser goes to request.url, consents, and comes back:
        grant = await client.exchange_redirect(redirected_url, request)

    It holds no connection: each call opens and closes its own, and sends one request at most.

    Attributes:
        client_id: From the API console.
        client_secret: From the API console; never shown in a repr.
        data_center: The data centre of the consent page; for codes without a redirect, that of
            the org.
        environment: The only environment that is accepted; None accepts the one that the user
            chooses.
        data_center_secrets: Client secrets by location code, for data centres in which the
            console shows another one. Never shown in a repr.
        accounts_url: The host that makes tokens, whatever a redirect says: any https host, or
            http on this machine.
        api_url: The host that calls will go to, whatever the token answer says: likewise.
        proxy: The address of an HTTP proxy, as for the client. Never shown in a repr.

    Raises:
        aiozcrm.errors.ConfigurationError: If a value cannot work.
    """

    environment: Environment | None = attrs.field(
        default=None, converter=attrs.converters.optional(check_environment)
    )
    data_center_secrets: Mapping[str, str] = attrs.field(
        factory=dict,
        converter=_secrets_by_data_center,
        validator=attrs.validators.deep_mapping(no_blanks, no_blanks),
        repr=False,
        hash=False,
    )
    proxy: str | None = attrs.field(default=None, converter=check_proxy, repr=False)

    def authorization_request(
        self,
        *,
        redirect_uri: str,
        scopes: Iterable[str],
        pkce: bool = False,
    ) -> AuthorizationRequest:
        """Prepare an authorization: the page to send a user to, and what to keep. Sends nothing.

        https://www.zoho.com/crm/developer/docs/api/v7/auth-request.html

        Args:
            redirect_uri: The address to come back to, exactly as it is in the console.
            scopes: The scopes to ask for.
            pkce: Whether to use PKCE (RFC 7636), so that no other program can exchange the code;
                for clients of the mobile and desktop type.

        Returns:
            The request to keep, secret from others, until the user comes back. Its ``url`` is
            the page to send them to.

        Raises:
            aiozcrm.errors.ConfigurationError: If a value cannot work.
        """
        checked_uri, checked_scopes = _check_redirect_uri(redirect_uri), check_scopes(scopes)
        state = secrets.token_urlsafe(32)
        code_verifier = secrets.token_urlsafe(48) if pkce else None
        query = authorization_query(
            client_id=self.client_id,
            redirect_uri=checked_uri,
            scopes=checked_scopes,
            state=state,
            code_verifier=code_verifier,
        )
        return AuthorizationRequest(
            redirect_uri=redirect_uri,
            state=state,
            code_verifier=code_verifier,
            url=f"{self.token_url_base}/oauth/v2/auth?{query}",
        )

    async def exchange_redirect(
        self,
        redirected_url: str,
        request: AuthorizationRequest,
        *,
        sender: Sender | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109  # it becomes aiohttp's own
    ) -> Grant:
        """Turn the redirect back from the consent page into credentials.

        The code goes to the accounts server that the redirect names, if that is Zoho's. Call it
        at once, since a code lives for 1 to 3 minutes. It is sent once: after a lost answer the
        user has to start again.

        Args:
            redirected_url: The URL that the user came back to. Only its query counts.
            request: The request that the user was sent away with.
            sender: Sends the request in aiohttp's place, without *timeout*; for tests.
            timeout: How many seconds the request may take altogether.

        Returns:
            The credentials, for the data centre in which the user's org lives.

        Raises:
            aiozcrm.errors.AuthorizationDeniedError: If the user said no.
            aiozcrm.errors.AuthorizationError: If the redirect does not belong to *request* or
                brings no code, or the code brings no refresh token.
            aiozcrm.errors.GrantCodeRejectedError: If the code is not accepted (any more).
            aiozcrm.errors.ClientRejectedError: If the client or *redirect_uri* is not accepted.
            aiozcrm.errors.TokenThrottledError: If too many codes were made; see *retry_after*.
            aiozcrm.errors.TokenEndpointError: If there was no usable answer.
            aiozcrm.errors.ForeignHostError: If a host was named that is not Zoho's.
            aiozcrm.errors.EnvironmentMismatchError: If the user chose another environment.
        """
        with HidingFrames():
            redirect = read_redirect(redirected_url, state=request.state)
            server = redirect.accounts_server
            return await self._exchange(
                redirect.code,
                check_accounts_server(server, self) if server else self.token_url_base,
                sender=sender or one_time_sender(timeout, self.proxy),
                redirect_uri=request.redirect_uri,
                code_verifier=request.code_verifier,
            )

    async def exchange_code(
        self,
        code: str,
        *,
        sender: Sender | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109  # it becomes aiohttp's own
    ) -> Grant:
        """Turn a code that the API console made for a Self Client into credentials.

        It is sent once, to *data_center*. After a lost answer, make a new code.

        Args:
            code: The code from *Generate Code* of the console.
            sender: Sends the request in aiohttp's place, without *timeout*; for tests.
            timeout: How many seconds the request may take altogether.

        Returns:
            The credentials.

        Raises:
            aiozcrm.errors.InvalidInputError: If *code* cannot be one; nothing is sent.
            aiozcrm.errors.TokenError: As in :meth:`exchange_redirect`.
        """
        with HidingFrames():
            return await self._exchange(
                _check_secret(code, name="code"),
                self.token_url_base,
                sender=sender or one_time_sender(timeout, self.proxy),
            )

    async def revoke(
        self,
        refresh_token: str,
        *,
        sender: Sender | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109  # it becomes aiohttp's own
    ) -> bool:
        """Revoke a refresh token, and all access tokens made from it, at *data_center*.

        May be repeated. https://www.zoho.com/crm/developer/docs/api/v7/revoke-tokens.html

        Args:
            refresh_token: The token to revoke.
            sender: Sends the request in aiohttp's place, without *timeout*; for tests.
            timeout: How many seconds the request may take altogether.

        Returns:
            Whether Zoho knew the token; False if it does not know it (any more).

        Raises:
            aiozcrm.errors.InvalidInputError: If *refresh_token* cannot be one; nothing is sent.
            aiozcrm.errors.TokenThrottledError: If too many requests were made; see *retry_after*.
            aiozcrm.errors.TokenEndpointError: If there was no usable answer.
        """
        with HidingFrames():
            checked = _check_secret(refresh_token, name="refresh_token")
            request = revoke_request(self.token_url_base, refresh_token=checked)
            answer = await send_once(request, sender or one_time_sender(timeout, self.proxy))
            try:
                return read_revoke_answer(request, answer)
            except TokenThrottledError:
                raise throttled() from None

    async def _exchange(
        self,
        code: str,
        accounts_server: str,
        *,
        sender: Sender,
        redirect_uri: str | None = None,
        code_verifier: str | None = None,
    ) -> Grant:
        """Exchange *code* in the data centre of *accounts_server*."""
        data_center = DATA_CENTER_OF.get(accounts_server, self.data_center)
        client_secret = self.data_center_secrets.get(data_center, self.client_secret)
        request = exchange_request(
            self.accounts_url or accounts_server,
            client_id=self.client_id,
            client_secret=client_secret,
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=code_verifier,
        )
        try:
            answer = await send_once(request, sender)
            token = read_token_answer(request, answer, CODE_REJECTIONS)
        except TokenThrottledError:
            raise throttled() from None
        except TokenEndpointError as error:
            never_sent = isinstance(error.__cause__, ConnectError)
            error.maybe_done = not never_sent
            error.hint = _CODE_UNUSED if never_sent else _CODE_IN_DOUBT
            raise
        environment = self.environment or environment_of(self.api_url)
        if token.api_domain is not None:
            api_url = check_api_domain(token.api_domain, self, environment=environment)
            environment = environment or environment_of(api_url)
        if token.refresh_token is None:
            raise RefreshTokenMissingError("The answer held an access token, no refresh token.")
        credentials = Credentials(
            client_id=self.client_id,
            client_secret=client_secret,
            refresh_token=token.refresh_token,
            data_center=data_center,
            environment=environment or "production",
            accounts_url=self.accounts_url,
            api_url=self.api_url,
        )
        return Grant(credentials=credentials, scopes=token.scopes)


def _check_secret(value: str, *, name: str) -> str:
    if not is_without_blanks(value):
        # The value itself stays out of the message: it is a secret.
        raise InvalidInputError(
            f"{name} must be text without blanks or line ends.",
            hint="Copy it again.",
        )
    return value


def _check_redirect_uri(uri: str) -> str:
    """Return *uri* if Zoho could send a browser there.

    Raises:
        aiozcrm.errors.ConfigurationError: If not.
    """
    try:
        parts = urlsplit(uri)
        possible = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        possible = False
    if not possible or not is_without_blanks(uri) or "#" in uri or "@" in parts.netloc:
        raise ConfigurationError(
            "redirect_uri must be an http or https URL with a host and without a fragment.",
            hint="Give it exactly as the API console shows it.",
        )
    return uri
