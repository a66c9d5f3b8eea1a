"""Functions of the org: what they are given, and what comes back, whatever that is."""

import datetime as dt
import traceback
from urllib.parse import parse_qs

import pytest

from aiozcrm.errors import (
    ApiError,
    ConnectionLostError,
    InvalidDataError,
    InvalidInputError,
    InvalidResponseError,
    NotAllowedError,
    ServerError,
)
from aiozcrm.testing import Fault, FunctionAnswer


async def test_a_function_gets_its_arguments_and_returns_its_output(crm, fake):
    """As text, unless it is to be decoded."""
    fake.functions.register("greet", lambda arguments: f"Hello {arguments['name']}")
    fake.functions.register("add", lambda arguments: {"sum": sum(arguments["numbers"])})
    assert await crm.functions.execute("greet", {"name": 'Ada "L"\r\n--x'}) == (
        'Hello Ada "L"\r\n--x'
    )
    assert await crm.functions.execute("add", {"numbers": [1, 2]}) == '{"sum": 3}'
    assert await crm.functions.execute("add", {"numbers": [1, 2]}, json=True) == {"sum": 3}
    assert fake.stats.done.of("execute", "functions", "add") == 2


async def test_it_is_called_by_oauth_with_its_arguments_in_the_body(zoho, script):
    """Nothing that is said to it stands in the address."""
    script.add(script.response(200, {"code": "success", "details": {"output": "ok"}}))
    await zoho.functions.execute("a b/c", {"secret": "s3cret", "day": dt.date(2026, 1, 2)})
    [request] = script.requests
    assert request.method == "POST"
    assert request.path == "/crm/v7/functions/a%20b%2Fc/actions/execute"
    assert request.query == "auth_type=oauth"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    sent = {"arguments": ['{"secret": "s3cret", "day": "2026-01-02"}']}
    assert parse_qs(request.body.decode()) == sent


@pytest.mark.parametrize(
    ("answer", "text", "decoded"),
    [
        ({"code": "success", "details": {"output": "7"}}, "7", 7),
        ({"code": "success", "details": {"output": ""}}, "", None),
        ({"code": "success", "details": {"output": None}}, None, None),
        ({"code": "success", "details": {"output": {"a": 1}}}, {"a": 1}, {"a": 1}),
        ({"status": "done"}, '{"status": "done"}', {"status": "done"}),
        ([1], "[1]", [1]),
        ("text", '"text"', "text"),
    ],
)
async def test_every_kind_of_answer_has_its_output(zoho, script, answer, text, decoded):
    """That of Zoho's envelope, or all that the function has written by itself."""
    script.add(script.response(200, answer), script.response(200, answer))
    assert await zoho.functions.execute("f") == text
    assert await zoho.functions.execute("f", json=True) == decoded


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"", "", ""),
        (b"a,b\r\n1,2\r\n", "text/csv", "a,b\r\n1,2\r\n"),
        ("Grüße".encode("latin-1"), "text/plain; charset=iso-8859-1", "Grüße"),
        ("Grüße".encode(), "text/plain; charset=nothing", "Grüße"),
        (b"\xff\x00", "application/octet-stream", "\ufffd\x00"),
    ],
)
async def test_a_function_may_answer_with_any_type(zoho, script, body, content_type, text):
    """Text in its charset; nothing of it makes the call fail."""
    script.add(script.response(200, body, Content_Type=content_type))
    assert await zoho.functions.execute("f") == text


async def test_a_function_may_answer_with_any_status(crm, fake):
    """Those of success return, all others raise, with what they hold."""
    fake.functions.register("made", lambda _: FunctionAnswer(status=201, body="made"))
    fake.functions.register(
        "teapot",
        lambda _: FunctionAnswer(
            status=418, body='{"why": "tea"}', content_type="application/json"
        ),
    )
    fake.functions.register("late", lambda _: FunctionAnswer(status=503, body=b"later"))
    assert await crm.functions.execute("made") == "made"
    with pytest.raises(ApiError) as caught:
        await crm.functions.execute("teapot")
    assert (caught.value.status, caught.value.data) == (418, {"why": "tea"})
    with pytest.raises(ServerError) as caught:
        await crm.functions.execute("late")
    assert (caught.value.attempts, caught.value.maybe_done) == (1, True)


async def test_an_error_under_200_is_one(zoho, script):
    """In the shape that all errors of Zoho have."""
    script.add(script.error(200, "NOT_ALLOWED"))
    with pytest.raises(NotAllowedError):
        await zoho.functions.execute("f")


async def test_a_function_that_was_turned_away_is_called_again(zoho, script):
    """It has not run, whatever the status says."""
    output = {"code": "success", "details": {"output": "7"}, "message": "done"}
    script.add(script.error(200, "TOO_MANY_REQUESTS"), script.response(200, output))
    assert await zoho.functions.execute("f") == "7"


async def test_an_unknown_function_is_an_error(crm):
    """Zoho says so."""
    with pytest.raises(InvalidDataError):
        await crm.functions.execute("nothing")


async def test_output_that_is_no_json_was_computed_all_the_same(zoho, script):
    """The error shows a part of it, and no traceback shows the rest."""
    output = "x" * 500 + "secret"
    script.add(script.response(200, {"code": "success", "details": {"output": output}}))
    with pytest.raises(InvalidResponseError) as caught:
        await zoho.functions.execute("f", json=True)
    assert caught.value.maybe_done
    assert caught.value.excerpt == "x" * 200
    assert "secret" not in "".join(traceback.format_exception(caught.value))


async def test_it_is_sent_once(crm, fake):
    """A function may do anything, so a second run could do harm."""
    fake.functions.register("charge", lambda _: "done")
    await crm.org.get()
    fake.faults.script(Fault.RESET_AFTER)
    with pytest.raises(ConnectionLostError) as caught:
        await crm.functions.execute("charge")
    assert caught.value.maybe_done
    assert fake.stats.done.of("execute") == 1


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("", {}, InvalidInputError),
        ("..", {}, InvalidInputError),
        (5.0, {}, TypeError),
        ("f", [1], TypeError),
        ("f", {"a": {1}}, TypeError),
        ("f", {"a": float("nan")}, ValueError),
    ],
)
async def test_what_cannot_be_is_found_before_anything_is_sent(
    zoho, script, name, arguments, error
):
    """A name that is no segment of a path, and arguments that are no JSON."""
    with pytest.raises(error):
        await zoho.functions.execute(name, arguments)
    assert not script.requests


def test_its_scope_is_known(zoho):
    """There is no other for it."""
    assert zoho.scopes_for("functions") == ("ZohoCRM.functions.execute.CREATE",)


async def test_it_is_no_part_of_a_composite_call(zoho, script):
    """Its arguments are no JSON."""
    with pytest.raises(InvalidInputError):
        await zoho.composite([zoho.functions.execute("f")])
    assert not script.requests


async def test_a_token_that_a_gateway_quotes_is_not_handed_on(zoho, script):
    """What the function answers may end up in a log."""

    async def quote(request):
        return script.response(200, request.headers["Authorization"].encode())

    script.add(quote)
    assert "1000.secret" not in await zoho.functions.execute("f")


async def test_what_a_function_writes_is_neither_cut_nor_searched_for_escapes(zoho, script):
    """It is data of the caller's, of any length and kind."""
    text = "a;50%;&amp;\n" * 100_000
    script.add(script.response(200, text.encode(), Content_Type="text/csv"))

    assert await zoho.functions.execute("export") == text


async def test_a_function_that_shows_the_token_is_not_believed_there(zoho, script):
    """The rest of what it has written stays whole."""
    rows = "a;b\n" * 5000

    async def show(request):
        token = request.headers["Authorization"].split()[1]
        return script.response(200, f"{token}\n{rows}".encode())

    script.add(show)

    shown = await zoho.functions.execute("export")

    assert shown == f"[redacted]\n{rows}"


@pytest.mark.parametrize("change", [str.upper, lambda token: token[:20]], ids=["case", "cut"])
async def test_an_error_of_a_function_shows_no_part_of_the_token(zoho, script, change):
    """However it is quoted: what may become an error is searched as all errors are."""
    shown = []

    async def quote(request):
        shown.append(change(request.headers["Authorization"].split()[1]))
        error = {"code": "INVALID_DATA", "details": {}, "status": "error"}
        return script.response(200, error | {"message": f"rejected {shown[0]}"})

    script.add(quote)
    with pytest.raises(ApiError) as caught:
        await zoho.functions.execute("f")

    assert shown[0] not in f"{caught.value!r} {caught.value} {caught.value.data}"
