"""Notifications as they arrive: those of Zoho are read, and all else is rejected."""

import datetime as dt
import hmac
import json
from pathlib import Path

import attrs
import hypothesis
import pytest
from hypothesis import strategies as st

import aiozcrm
from aiozcrm.errors import InvalidInputError, ZohoError
from aiozcrm.notifications import Notification, NotificationRejected, verify

EXAMPLES = Path(__file__).parent / "samples" / "examples"
TOKEN = "s3cret-880001"
RECORD = "6100001000000901001"


def example(name):
    """Return the body of an example."""
    return json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))


INSERT = example("callback_insert")


@pytest.mark.parametrize("name", ["callback_insert", "callback_update", "callback_delete"])
@pytest.mark.parametrize(
    "form",
    [
        lambda body: body,
        json.dumps,
        lambda body: json.dumps(body).encode(),
        lambda body: bytearray(json.dumps(body).encode("utf-16")),
        lambda body: memoryview(json.dumps(body).encode()),
    ],
)
def test_every_body_of_the_pages_is_read(name, form):
    """As bytes, as text, or decoded."""
    body = example(name)
    told = verify(form(body), token=TOKEN, channel_id=880001)
    assert told.module == "Deals"
    assert told.operation == body["operation"]
    assert told.ids == body["ids"]
    assert told.channel_id == "880001"
    assert told.query_params == {"tenant": "7"}
    assert told.time == dt.datetime(2025, 3, 4, 9, 25, 53, 625_000, dt.UTC)


def test_an_update_tells_what_has_changed():
    """By record, fields and values."""
    told = verify(example("callback_update"), token=TOKEN)
    assert told.affected_fields == {RECORD: ["Stage", "Amount"]}
    assert told.affected_values == {RECORD: {"Stage": "Qualification", "Amount": 1200}}
    assert verify(INSERT, token=TOKEN).affected_fields == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"affected_fields": None, "affected_values": None},
        {"channel_id": 880001},
        {"server_time": str(INSERT["server_time"])},
        {"ids": [int(RECORD)]},
        {"something": {"new": 1}},
    ],
)
def test_harmless_differences_change_nothing(changes):
    """Numbers for texts, nulls for nothing, keys that are new."""
    assert verify({**INSERT, **changes}, token=TOKEN) == verify(INSERT, token=TOKEN)


def test_an_address_without_a_query_has_no_parameters():
    """Whether Zoho sends none or null."""
    for params in ({}, None):
        assert verify({**INSERT, "query_params": params}, token=TOKEN).query_params == {}


def test_the_other_name_of_the_time_is_known():
    """One page of Zoho's has it."""
    body = {**INSERT, "server": INSERT["server_time"]}
    del body["server_time"]
    assert verify(body, token=TOKEN) == verify(INSERT, token=TOKEN)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\xff",
        "no json",
        "[" * 100_000,
        b"[]",
        b"5",
        b"null",
        None,
        5,
        [INSERT],
        object(),
        {},
        {"token": TOKEN},
        *(
            {**INSERT, "token": token}
            for token in (None, "", "S3CRET-880001", 5, [TOKEN], "ä\ud800")
        ),
        *({**INSERT, "module": module} for module in (None, "", 5, [])),
        *({**INSERT, "operation": word} for word in (None, "edit", "", 5, [])),
        *(
            {**INSERT, "ids": ids}
            for ids in (None, [], "7", ["x"], [True], [1.5], [None], {"a": 1}, [[]])
        ),
        *({**INSERT, "channel_id": own} for own in (None, "", "x", 1.5, True)),
        *(
            {**INSERT, "server_time": moment}
            for moment in (None, "", "soon", True, 10**30, -(10**30), [], float("nan"))
        ),
        *(
            {**INSERT, "affected_fields": fields}
            for fields in ("x", [5], [{"x": []}], [{"7": "Stage"}], [{"7": [5]}], {})
            if fields != {}
        ),
        *(
            {**INSERT, "affected_values": values}
            for values in ("x", [5], [{}], [{"record_id": "7"}], [{"record_id": "7", "values": 5}])
        ),
        {**INSERT, "query_params": 5},
    ],
)
def test_everything_else_is_rejected(body):
    """With one error, which shows nothing of it."""
    with pytest.raises(NotificationRejected) as caught:
        verify(body, token=TOKEN)
    assert isinstance(caught.value, ZohoError)
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_notification_of_another_channel_is_rejected():
    """If one channel is wanted."""
    with pytest.raises(NotificationRejected):
        verify(INSERT, token=TOKEN, channel_id="880002")


@pytest.mark.parametrize(("token", "error"), [("", InvalidInputError), (None, TypeError)])
def test_there_is_no_verifying_without_a_token(token, error):
    """Anybody could send what has none."""
    with pytest.raises(error):
        verify({**INSERT, "token": token}, token=token)


def test_tokens_are_compared_in_constant_time(monkeypatch):
    """Also where there is none."""
    compared = []

    def compare(one, other):
        compared.append((one, other))
        return hmac_compare(one, other)

    hmac_compare = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    for token in ("wrong", None):
        with pytest.raises(NotificationRejected):
            verify({**INSERT, "token": token}, token=TOKEN)
    verify(INSERT, token=TOKEN)
    assert compared == [(given.encode(), TOKEN.encode()) for given in ("wrong", "", TOKEN)]


@hypothesis.given(
    st.dictionaries(
        st.sampled_from([*INSERT, "affected_values", "server"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
    )
)
def test_nothing_but_the_one_error_is_ever_raised(changes):
    """Whatever a body with the right token holds."""
    try:
        told = verify({**INSERT, **changes, "token": TOKEN}, token=TOKEN)
    except NotificationRejected:
        return
    assert isinstance(told, Notification)
    assert told.key


def test_a_repetition_has_the_same_key():
    """And anything else another one."""
    one = verify(INSERT, token=TOKEN)
    assert one.key == verify(dict(INSERT), token=TOKEN).key
    others = [
        {"module": "Leads"},
        {"operation": "delete"},
        {"ids": [RECORD, "7"]},
        {"channel_id": "7"},
        {"server_time": INSERT["server_time"] + 1},
    ]
    keys = {verify({**INSERT, **changes}, token=TOKEN).key for changes in others}
    assert len(keys | {one.key}) == 6


def test_the_module_is_at_hand():
    """Without an import of its own."""
    assert aiozcrm.notifications.verify is verify
    assert attrs.has(Notification)
