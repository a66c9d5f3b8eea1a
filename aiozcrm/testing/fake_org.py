"""One org of a fake Zoho: whose credentials lead to it, and what it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

import attrs

from aiozcrm.auth import ClientCredentials, Credentials, OAuthClient
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._oauth._accounts import Accounts
from aiozcrm.testing._oauth._codes import Code
from aiozcrm.testing._oauth._consent import Consent
from aiozcrm.testing._wire._answer import RejectedError
from aiozcrm.testing._wire._call import Operation
from aiozcrm.testing._wire._scopes import scope_module, split_scopes, unknown_scopes
from aiozcrm.testing.contents import Contents, fill

__all__ = ["FakeOrg", "RegisteredClient"]


@attrs.frozen(kw_only=True)
class RegisteredClient:
    """An OAuth client as the API console registers it.

    Attributes:
        id: The client id.
        secret: The client secret.
        redirect_uri: The only place to send a user back to; None takes any of this machine.
    """

    id: str = "1000.FAKECLIENT0000000000000000000001"
    secret: str = attrs.field(default="fakesecret000000000000000000000000000000001", repr=False)
    redirect_uri: str | None = None


@attrs.frozen(kw_only=True)
class Way:
    """How the orgs of a server reach what they share.

    Attributes:
        accounts: Makes tokens.
        consent: Asks users.
        url: Returns where the server listens.
    """

    accounts: Accounts
    consent: Consent
    url: Callable[[], str]


class FakeOrg(Contents):
    """An org of a :class:`FakeZoho`: :meth:`FakeZoho.add_org` makes one.

    What it holds has a name each, as on the client: ``org.unsubscribe_links``, ``org.users`` ...

    Attributes:
        id: What others call it by, Zoho's ``zgid``.
        name: What people call it.
        environment: Which environment it is.
        permission_denied: Whether the user lacks every permission. May be set at any time, as may
            the next three.
        max_concurrency: How many API calls may be in progress at once; None sets no limit.
        max_heavy: How many heavy ones, see `Limits.heavy`; None sets no limit.
        credits: How many API calls are left today; None sets no limit.
    """

    def __init__(
        self,
        *,
        context: OrgContext,
        way: Way,
        client: RegisteredClient,
        refresh_token: str,
        scope: str,
        links: int,
    ) -> None:
        self._context = context
        self._way = way
        self._client = client
        self._refresh_token = refresh_token
        self._scopes = _checked(scope)
        self._links = links
        self.name: str = context.name
        self.environment: str = context.environment
        self.in_progress: int = 0
        self.heavy_in_progress: int = 0
        way.accounts.register(client.id, client.secret, client.redirect_uri)
        self._fill()

    def _start_again(self) -> None:
        """Bring back what was there at first."""
        # Jobs and modules are made anew.
        self._context = attrs.evolve(self._context)
        self._fill()

    def _fill(self) -> None:
        """Put in what is there at first: data, limits and the refresh token."""
        limits = self._context.limits
        self.permission_denied: bool = False
        self.max_concurrency: int | None = limits.concurrency
        self.max_heavy: int | None = limits.heavy
        self.credits: int | None = limits.credits
        self.credits_at_first: int = limits.credits or 0
        fill(self, self._context)
        self.unsubscribe_links.add_many(self._links)
        self.unsubscribe_links.make_room()
        self.operations: Mapping[str, Operation] = {
            operation.line: operation for operation in self.all_operations()
        }
        self.id: str = self.org.id
        self.expire_tokens()
        self._way.accounts.add_refresh_token(
            self._refresh_token, org_id=self.id, client_id=self._client.id, scopes=self._scopes
        )

    def credentials(self) -> Credentials:
        """Return credentials with which a client speaks to this org."""
        return Credentials(
            client_id=self._client.id,
            client_secret=self._client.secret,
            refresh_token=self._refresh_token,
            data_center="us",
            environment=self.environment,
            accounts_url=self._way.url(),
            api_url=self._way.url(),
        )

    def client_credentials(self) -> ClientCredentials:
        """Return credentials with which a client speaks to this org without a refresh token."""
        return ClientCredentials(
            client_id=self._client.id,
            client_secret=self._client.secret,
            org_id=self.id,
            scopes=self._scopes,
            environment=self.environment,
            accounts_url=self._way.url(),
            api_url=self._way.url(),
        )

    def oauth_client(self) -> OAuthClient:
        """Return the client that users of this org can authorize."""
        return OAuthClient(
            client_id=self._client.id,
            client_secret=self._client.secret,
            environment=self.environment,
            accounts_url=self._way.url(),
            api_url=self._way.url(),
        )

    def environ(self) -> dict[str, str]:
        """Return the credentials as environment variables."""
        return {
            "ZOHO_CLIENT_ID": self._client.id,
            "ZOHO_CLIENT_SECRET": self._client.secret,
            "ZOHO_REFRESH_TOKEN": self._refresh_token,
            "ZOHO_DATA_CENTER": "us",
            "ZOHO_ENVIRONMENT": self.environment,
            "ZOHO_ACCOUNTS_URL": self._way.url(),
            "ZOHO_API_URL": self._way.url(),
        }

    def make_code(self, scope: str | None = None) -> str:
        """Return a code as the API console makes one for a self client.

        Args:
            scope: What its tokens may do, separated by commas or spaces; None for what those of
                the org's refresh token may do.

        Raises:
            ValueError: If Zoho has no such scope.
        """
        scopes = self._scopes if scope is None else _checked(scope)
        code = Code(org_id=self.id, client_id=self._client.id, scopes=scopes)
        return self._way.accounts.codes.add(code)

    def consent(self, url: str, *, accept: bool = True) -> str:
        """Return where a user's browser that was sent to *url* comes back to.

        The user chooses this org.

        Args:
            url: The page that asks: the ``url`` of an :class:`aiozcrm.AuthorizationRequest`.
            accept: Whether the user says yes.

        Raises:
            ValueError: If the page would be an error instead.
        """
        params = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        decision = {"decision": "accept" if accept else "reject", "org": self.id}
        try:
            return self._way.consent.decide(params | decision)
        except RejectedError as rejected:
            raise ValueError(rejected.answer.body.decode()) from None

    def expire_tokens(self) -> None:
        """Let every access token of the org end now."""
        self._way.accounts.expire_tokens(self.id)

    def revoke_refresh_token(self) -> None:
        """End the org's first refresh token, and every access token made from it."""
        self._way.accounts.revoke_refresh_token(self._refresh_token)

    def user_info(self) -> Mapping[str, object]:
        """Return who the user is whose tokens call, as the accounts server tells it."""
        return self.users.info()

    def scope_module(self, module: str) -> str:
        """Return what scopes call a module."""
        known = self._context.schema.find(module)
        return scope_module(module, custom=known is not None and known.custom)


def _checked(scope: str) -> tuple[str, ...]:
    scopes = split_scopes(scope)
    if unknown := unknown_scopes(scopes):
        raise ValueError(f"Zoho has no scope {unknown[0]!r}.")
    return scopes
