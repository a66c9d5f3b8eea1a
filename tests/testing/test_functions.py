"""Functions of the org, in the local Zoho."""

from typing import Any

import aiohttp
import pytest

from aiozcrm.testing import FakeZoho

PATH = "functions/echo/actions/execute"


@pytest.mark.parametrize(
    "options",
    [
        {"json": {"a": 1}},
        {"data": aiohttp.FormData({"arguments": '{"a": 1}'}, default_to_multipart=True)},
        {"data": {"arguments": '{"a": 1}'}},
        {"params": {"arguments": '{"a": 1}'}},
    ],
)
async def test_takes_arguments_wherever_they_stand(
    caller: Any, fake: FakeZoho, token: str, options: Any
) -> None:
    """In the query, in a form, or as the whole body."""
    fake.functions.register("echo", lambda arguments: arguments)
    params = {"auth_type": "oauth", **options.pop("params", {})}
    reply = await caller.call(fake, "POST", PATH, token=token, params=params, **options)

    assert reply.status == 200
    assert reply.json["code"] == "success"
    assert reply.json["details"]["output"] == '{"a": 1}'


async def test_runs_without_arguments(ask: Any, fake: FakeZoho) -> None:
    """They are an empty object then."""
    fake.functions.register("echo", str)
    status, answer = await ask(f"POST {PATH}", auth_type="oauth")

    assert (status, answer["details"]["output"]) == (200, "{}")


async def test_rejects_what_is_no_call_of_a_function(ask: Any, fake: FakeZoho) -> None:
    """Other ways to authorize, unknown names, arguments that are none."""
    unknown = await ask(f"POST {PATH}", auth_type="oauth")
    fake.functions.register("echo", lambda arguments: arguments)
    by_key = await ask(f"POST {PATH}", auth_type="apikey")
    without = await ask(f"POST {PATH}")
    wrong = await ask(f"POST {PATH}", auth_type="oauth", arguments="[1]")

    assert [status for status, _ in (unknown, by_key, without, wrong)] == [400] * 4
    assert without[1]["code"] == "REQUIRED_PARAM_MISSING"
    assert fake.stats.done.of("execute") == 0
