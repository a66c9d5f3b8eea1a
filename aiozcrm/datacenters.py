"""Every data centre and environment of Zoho CRM, and which hosts belong to it.

Source of the table: https://www.zoho.com/crm/developer/docs/api/v7/multi-dc.html and
https://www.zoho.com/accounts/protocol/oauth/multi-dc.html.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

from aiozcrm.errors import ConfigurationError

__all__ = [
    "DATA_CENTERS",
    "DATA_CENTER_OF",
    "ENVIRONMENT_OF",
    "DataCenter",
    "Environment",
    "check_base_url",
    "check_environment",
    "check_proxy",
    "data_center",
    "download_url_of",
    "environment_of",
    "is_accounts_server",
    "is_loopback",
    "upload_url_of",
]

Environment = Literal["production", "sandbox", "developer"]

#: What a base URL names: a host name or an address, and perhaps a port.
_HOST_AND_PORT: Final = r"(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)(:[1-9][0-9]*)?"
#: A name of a data centre or environment that was mistyped is shown up to so many characters.
_LONGEST_NAME: Final = 12

_DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}


class DataCenter(NamedTuple):
    """One of Zoho's data centres.

    Attributes:
        code: Zoho's location code, such as ``eu``.
        accounts_url: Where tokens are made.
        api_urls: Where calls go, for each environment.
        upload_url: Where files for bulk jobs go, whatever the environment.
        download_url: Where the files of bulk jobs and backups are, whatever the environment.
    """

    code: str
    accounts_url: str
    api_urls: Mapping[Environment, str]
    upload_url: str
    download_url: str


def _data_center(
    code: str,
    accounts_host: str,
    api_domain: str,
    upload_host: str | None = None,
) -> DataCenter:
    return DataCenter(
        code=code,
        accounts_url=f"https://{accounts_host}",
        upload_url=f"https://{upload_host or f'content.{api_domain}'}",
        download_url=f"https://{accounts_host.replace('accounts', 'download-accl', 1)}",
        api_urls=MappingProxyType(
            {
                "production": f"https://www.{api_domain}",
                "sandbox": f"https://sandbox.{api_domain}",
                "developer": f"https://developer.{api_domain}",
            },
        ),
    )


#: All data centres by code. The API hosts of ``uk`` and ``ae`` follow the pattern of the others,
#: but no page of Zoho's CRM documentation confirms them: set ``api_url`` where they differ. The
#: upload hosts are those of Zoho's SDK; the download hosts outside of ``us`` and ``in`` follow the
#: pattern of these two: set ``upload_url`` or ``download_url`` where they differ.
DATA_CENTERS: Final[Mapping[str, DataCenter]] = MappingProxyType(
    {
        entry.code: entry
        for entry in (
            _data_center("us", "accounts.zoho.com", "zohoapis.com"),
            _data_center("eu", "accounts.zoho.eu", "zohoapis.eu"),
            _data_center("in", "accounts.zoho.in", "zohoapis.in"),
            _data_center("au", "accounts.zoho.com.au", "zohoapis.com.au"),
            _data_center("jp", "accounts.zoho.jp", "zohoapis.jp"),
            _data_center("cn", "accounts.zoho.com.cn", "zohoapis.com.cn"),
            # The one accounts host that breaks the pattern.
            _data_center("ca", "accounts.zohocloud.ca", "zohoapis.ca", "upload.zohocloud.ca"),
            _data_center("sa", "accounts.zoho.sa", "zohoapis.sa", "files.zoho.sa"),
            _data_center("uk", "accounts.zoho.uk", "zohoapis.uk"),
            _data_center("ae", "accounts.zoho.ae", "zohoapis.ae"),
        )
    },
)

#: Which environment an API base URL belongs to.
ENVIRONMENT_OF: Final[Mapping[str, Environment]] = MappingProxyType(
    {
        url: environment
        for entry in DATA_CENTERS.values()
        for environment, url in entry.api_urls.items()
    },
)

#: Which data centre an API base URL belongs to.
_DATA_CENTER_OF_API: Final[Mapping[str, DataCenter]] = {
    url: entry for entry in DATA_CENTERS.values() for url in entry.api_urls.values()
}

#: Which data centre an accounts server belongs to, by code.
DATA_CENTER_OF: Final[Mapping[str, str]] = MappingProxyType(
    {entry.accounts_url: entry.code for entry in DATA_CENTERS.values()},
)


def upload_url_of(api_url: str) -> str:
    """Return where files are uploaded if calls go to *api_url*.

    Args:
        api_url: Scheme and host for calls.

    Returns:
        The upload host of the same data centre; a host that is not Zoho's takes uploads, too.
    """
    found = _DATA_CENTER_OF_API.get(api_url)
    return found.upload_url if found else api_url


def download_url_of(api_url: str) -> str:
    """Return where files are downloaded if calls go to *api_url*.

    Args:
        api_url: Scheme and host for calls.

    Returns:
        The download host of the same data centre; a host that is not Zoho's has the files, too.
    """
    found = _DATA_CENTER_OF_API.get(api_url)
    return found.download_url if found else api_url


def environment_of(base_url: str | None) -> Environment | None:
    """Return the environment that a base URL leads to, whatever its port.

    Args:
        base_url: Scheme and host, as `check_base_url` returns them; None for none.

    Returns:
        The environment; None if the host is not one of Zoho's API hosts.
    """
    return ENVIRONMENT_OF.get(_without_port(base_url or ""))


def is_accounts_server(base_url: str) -> bool:
    """Return whether a base URL leads to one of Zoho's accounts servers, whatever its port."""
    return _without_port(base_url) in DATA_CENTER_OF


def _without_port(base_url: str) -> str:
    return re.sub(r":\d+$", "", base_url)


def data_center(code: str) -> DataCenter:
    """Return the data centre with this location code.

    Args:
        code: Such as ``us`` or ``eu``; upper case is fine.

    Raises:
        aiozcrm.errors.ConfigurationError: If there is none.
    """
    found = DATA_CENTERS.get(str(code).lower())
    if found is None:
        raise ConfigurationError(
            f"There is no data centre {_shown(code)}.",
            hint=f"Use one of: {', '.join(DATA_CENTERS)}.",
        )
    return found


def check_environment(name: str) -> Environment:
    """Return *name* as an environment.

    Raises:
        aiozcrm.errors.ConfigurationError: If there is no such environment.
    """
    for environment in get_args(Environment):
        if str(name).lower() == environment:
            return environment  # type: ignore[no-any-return]  # get_args is untyped
    raise ConfigurationError(
        f"There is no environment {_shown(name)}.",
        hint=f"Use one of: {', '.join(get_args(Environment))}.",
    )


def _shown(name: object) -> str:
    # What is longer may be a secret in the wrong place.
    return repr(name) if len(str(name)) <= _LONGEST_NAME else "of that name"


def check_base_url(url: str, *, setting: str) -> str:
    """Return *url* as scheme and host, safe to send secrets to.

    Args:
        url: An https URL of any host, or an http URL of this machine's loopback, without path,
            query, user or password.
        setting: The name of the setting, for the error.

    Raises:
        aiozcrm.errors.ConfigurationError: If it is anything else.
    """
    problem = _problem_of(url)
    if problem:
        # The URL itself is left out of the message: it might hold a password.
        raise ConfigurationError(
            f"{setting} {problem}.",
            hint="Give scheme and host only, such as https://www.zohoapis.eu.",
        )
    base = url.lower().rstrip("/")
    return base.removesuffix(_DEFAULT_PORTS[base.partition(":")[0]])


def check_proxy(address: str | None) -> str | None:
    """Return the address of an HTTP proxy, once it is known to be one.

    Args:
        address: Scheme, host and port, perhaps with a user and a password; None for no proxy.

    Raises:
        aiozcrm.errors.ConfigurationError: If it is anything else.
    """
    if address is None:
        return None
    try:
        parts = urlsplit(address)
        is_proxy = bool(parts.hostname) and parts.scheme in {"http", "https"} and parts.port != 0
    except (AttributeError, TypeError, ValueError):
        is_proxy = False
    if not is_proxy or parts.path.strip("/") or parts.query or parts.fragment:
        # The address itself is left out of the message: it may hold a password.
        raise ConfigurationError(
            "proxy is not the address of an HTTP proxy.",
            hint="Give scheme, host and port, such as http://proxy.example.com:3128.",
        )
    return address


def _problem_of(url: str) -> str:
    """Say what is wrong with a base URL; nothing if it is fine."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    problems = {
        "is not an http or https URL with a host": not host
        or parts.scheme not in {"http", "https"},
        "must be https: plain http would show the secrets to the network": parts.scheme == "http"
        and not is_loopback(host),
        "must not hold a user name or password": "@" in parts.netloc,
        # Compared as a whole, since urlsplit overlooks an empty query and drops line ends.
        "must be scheme and host only": url.lower().rstrip("/")
        != f"{parts.scheme}://{parts.netloc.lower()}",
        "has characters that no host name has": not re.fullmatch(
            _HOST_AND_PORT,
            parts.netloc.lower(),
        ),
    }
    return next((problem for problem, found in problems.items() if found), "")


def is_loopback(host: str | None) -> bool:
    """Return whether *host* is this machine."""
    name = (host or "").lower()
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
