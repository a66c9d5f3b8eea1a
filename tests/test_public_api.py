"""The names that other programs are written against."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import attrs
import pytest

import aiozcrm
from aiozcrm import ClientCredentials, Credentials, OAuthClient, RetryPolicy, ZohoCRM


def test_all_is_sorted_and_exact():
    """What the package shows is what it promises."""
    names = aiozcrm.__all__
    # Constants, then classes, then modules.
    order = sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert order == names
    for name in names:
        assert getattr(aiozcrm, name) is not None


@pytest.mark.parametrize(
    "module",
    [info.name for info in pkgutil.walk_packages(aiozcrm.__path__, "aiozcrm.")],
)
def test_every_module_imports_and_keeps_its_word(module):
    """Each name in __all__ exists, and each module says what it is."""
    loaded = importlib.import_module(module)
    assert loaded.__doc__
    for name in getattr(loaded, "__all__", []):
        assert hasattr(loaded, name)


def test_the_client_is_made_as_promised():
    """Credentials by position, everything else by keyword."""
    signature = inspect.signature(ZohoCRM)
    promised = [
        "credentials",
        "session",
        "token_store",
        "retries",
        "max_in_flight",
        "timeout",
        "api_version",
        "on_event",
    ]
    assert promised == list(signature.parameters)[: len(promised)]
    assert 5 == signature.parameters["max_in_flight"].default
    assert "v7" == signature.parameters["api_version"].default


def test_settings_are_made_as_promised():
    """Names and defaults are fixed."""
    assert (5, 0.5, 20.0, 120.0, 500) == attrs.astuple(
        RetryPolicy(),
        filter=lambda field, _: field.name != "jitter",
    )
    assert [
        "client_id",
        "client_secret",
        "refresh_token",
        "data_center",
        "environment",
        "accounts_url",
        "api_url",
        "upload_url",
        "download_url",
    ] == [field.name for field in attrs.fields(Credentials)]
    assert [
        "client_id",
        "client_secret",
        "org_id",
        "scopes",
        "data_center",
        "environment",
        "endpoint",
        "accounts_url",
        "api_url",
        "upload_url",
        "download_url",
    ] == [field.name for field in attrs.fields(ClientCredentials)]
    assert [
        "client_id",
        "client_secret",
        "data_center",
        "environment",
        "data_center_secrets",
        "accounts_url",
        "api_url",
        "proxy",
    ] == [field.name for field in attrs.fields(OAuthClient)]


@pytest.mark.parametrize(
    ("verb", "promised"),
    [
        ("authorization_request", {"redirect_uri": None, "scopes": None, "pkce": False}),
        ("exchange_redirect", {"redirected_url": None, "request": None}),
        ("exchange_code", {"code": None}),
        ("revoke", {"refresh_token": None}),
    ],
)
def test_ways_to_credentials_are_called_as_promised(verb, promised):
    """The subject by position, everything else by keyword."""
    if verb != "authorization_request":
        promised = promised | {"sender": None, "timeout": 30.0}
    parameters = inspect.signature(getattr(OAuthClient, verb)).parameters
    empty = inspect.Parameter.empty

    assert ["self", *promised] == list(parameters)
    assert list(promised.values()) == [
        None if parameter.default is empty else parameter.default
        for parameter in [*parameters.values()][1:]
    ]


@pytest.mark.parametrize("module", [aiozcrm, aiozcrm.auth, aiozcrm.resources, aiozcrm.token_stores])
def test_a_name_that_is_not_there_is_missed_as_usual(module):
    """Names that are imported when first used are no excuse for others."""
    with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'x'"):
        module.x  # noqa: B018  # looking is the test
    assert not hasattr(aiozcrm, "OAuthServer")


def test_a_plain_import_loads_no_extra():
    """Command line, shared stores, telemetry and local server cost only who uses them."""
    extras = (
        *("typer", "rich", "filelock", "redis", "opentelemetry"),
        *("aiozcrm.testing", "aiozcrm.cli", "aiozcrm.auth._grants"),
    )
    script = f"import sys, aiozcrm; print([m for m in {extras} if m in sys.modules])"
    command = [sys.executable, "-c", script]

    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # ours

    assert done.stdout.strip() == "[]"
