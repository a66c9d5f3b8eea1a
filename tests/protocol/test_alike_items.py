"""Answers whose items are written alike mean what JSON says they mean."""

import json
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest

from aiozcrm._protocol._alike_items import alike_items

USER = {"name": "Mira Oldenkamp", "id": "4150868000000225013"}
TIME = "2026-11-27T10:00:00+01:00"


def item(number: int, **details: Any) -> dict[str, Any]:
    """Return what Zoho says of a record that it has created."""
    return {
        "code": "SUCCESS",
        "duplicate_field": None,
        "action": "insert",
        "details": {
            "Modified_Time": TIME,
            "Modified_By": USER,
            "Created_Time": TIME,
            "id": f"4150868000000{number:06}",
            "Created_By": USER,
            **details,
        },
        "message": "record added",
        "status": "success",
    }


def decoded(raw: bytes) -> dict[str, Any] | None:
    """Return an answer with its items made, if it was read."""
    read = alike_items(raw)
    return None if read is None else {key: [*items] for key, items in read.items()}


def answer(items: list[Any], **besides: Any) -> bytes:
    """Return an answer as Zoho writes it."""
    return json.dumps({"data": items, **besides}, separators=(",", ":")).encode()


def times(count: int) -> list[str]:
    """Return so many times, each in a minute of its own."""
    return [
        f"2026-11-27T{9 + minute // 60:02}:{minute % 60:02}:00+01:00" for minute in range(count)
    ]


ALIKE = {
    "ids": answer([item(number) for number in range(100)]),
    "two items": answer([item(1), item(2)]),
    "times": answer([item(number, Created_Time=time) for number, time in enumerate(times(100))]),
    "two times": answer(
        [
            item(number, Created_Time=time, Modified_Time=time)
            for number, time in enumerate(times(100))
        ]
    ),
    "blanks": json.dumps({"data": [item(number) for number in range(3)]}).encode(),
    "no time": answer([{**item(1), "details": {"id": str(number)}} for number in range(10, 30)]),
}


@pytest.mark.parametrize("raw", ALIKE.values(), ids=ALIKE)
def test_reads_items_that_are_alike(raw: bytes) -> None:
    """They come out as decoding them returns them, in the same order."""
    read = decoded(raw)
    assert read == json.loads(raw)
    assert json.dumps(read) == json.dumps(json.loads(raw))


#: Names that stand twice: the last one counts.
TWICE = (
    b'{"data":[{"status":"success","details":{"id":"11","id":"12"}},'
    b'{"status":"success","details":{"id":"11","id":"13"}}]}'
)


def test_reads_items_in_which_a_name_stands_twice() -> None:
    """The last of them counts, as everywhere in JSON."""
    assert decoded(TWICE) == json.loads(TWICE)


def success(details: Any, **besides: Any) -> dict[str, Any]:
    """Return an item that says little."""
    return {"status": "success", "details": details, **besides}


OTHERS = {
    "one item": answer([item(1)]),
    "no item": answer([]),
    "ids of different lengths": answer([item(1), {**item(2), "details": {"id": "41508"}}]),
    "the same id twice": answer([item(1), item(1)]),
    "an error among them": answer([item(1), {**item(2), "status": "error"}, item(3)]),
    "errors": answer([{**item(number), "status": "errored"} for number in range(3)]),
    "another order of names": answer([item(1), dict(reversed(item(2).items()))]),
    "another action": answer([item(1), {**item(2), "action": "update"}]),
    "a user that differs": answer(
        [item(1), item(2, Created_By={**USER, "name": "Vera Oldenkamp"})]
    ),
    "a user that differs in the middle": answer(
        [item(1), item(2), item(3, Created_By={**USER, "name": "Vera Oldenkamp"}), item(4)]
    ),
    "a time that differs in the middle": answer(
        [item(1), item(2), item(3, Created_Time=times(1)[0]), item(4)]
    ),
    "a quote in a text": answer([item(1, id='4"50'), item(2, id='4"51')]),
    "a letter that is escaped": answer([item(1, id="4é50"), item(2, id="4é51")]),
    "something behind": answer([item(1), item(2)], info={}),
    "blanks before it": b"  " + answer([item(1), item(2)]),
    "blanks that JSON does not have": answer([item(1), item(2)]).replace(b'":[', b'":\x0b['),
    "a comma between them": answer([item(1), item(2)]).replace(b"},{", b"},\x0c{"),
    "blanks behind it": answer([item(1), item(2)]) + b"\x0b",
    "a text with an escape": answer([item(1, Modified_Time="\n"), item(2, Modified_Time="\n")]),
    "written on many lines": json.dumps({"data": [item(1), item(2)]}, indent=1).encode(),
    "no list": b'{"data":' + json.dumps(item(1)).encode() + b"}",
    "no details": answer([{"status": "success", "id": "1"}, {"status": "success", "id": "2"}]),
    "details that are a list": answer([success(["1"]), success(["2"])]),
    "items that are texts": answer(["details", "details"]),
    "an id that stands elsewhere": answer(
        [success({"id": "11"}, note="11"), success({"id": "11"}, note="22")]
    ),
    "a note before the details": answer(
        [{"note": "11", **success({"id": "11"})}, {"note": "22", **success({"id": "11"})}]
    ),
    "a name like its value": answer([success({"id": "id"}), success({"ab": "id"})]),
    "an array": b"[1,2]",
    "a text that ends early": answer([item(1), item(2)])[:-1],
    "no list that ends": answer([item(1), item(2)])[:-2],
    "an item that ends early": answer([item(1), item(2), item(3)])[:-20] + b"]}",
    "bytes that are no text": answer([item(1), item(2)]).replace(b"Mira", b"M\xfera"),
    "nothing": b"",
    "nested too deeply": b'{"data":[' + b"[" * 100_000 + b"]",
}


@pytest.mark.parametrize("raw", OTHERS.values(), ids=OTHERS)
def test_leaves_other_answers_to_the_decoder(raw: bytes) -> None:
    """What is not surely alike is not read."""
    assert alike_items(raw) is None


@pytest.mark.parametrize(
    "own",
    [b'4150"002', b"4150\\002", b"4150\n002", b'4","x":"', b'4","id":', b"4150800\xc2\xa0"],
)
def test_leaves_texts_that_json_reads_differently_to_the_decoder(own: bytes) -> None:
    """Though they are as long as the others."""
    good = answer([item(1, id="41508001"), item(2, id="41508002"), item(3, id="41508003")])
    assert alike_items(good) is not None
    assert alike_items(good.replace(b"41508002", own)) is None


TEXTS = st.text(max_size=3) | st.sampled_from(["11", "12", "id", "details", '"', "\\", ","])
SHORT = st.text("12id,", min_size=2, max_size=2)
VALUES = st.none() | st.booleans() | st.integers() | TEXTS
NAMES = st.sampled_from(["id", "Created_Time", "note", "12"])
DETAILS = st.dictionaries(NAMES, SHORT, min_size=1) | st.dictionaries(
    NAMES | TEXTS, VALUES | st.dictionaries(TEXTS, VALUES, max_size=2), max_size=5
)
ITEMS = st.dictionaries(st.sampled_from(["code", "note"]), VALUES | SHORT, max_size=2)
CHANGES = st.dictionaries(NAMES, SHORT, min_size=1) | st.dictionaries(NAMES, TEXTS)


@hypothesis.given(
    first=ITEMS,
    details=DETAILS,
    changes=st.lists(CHANGES, min_size=1, max_size=4),
    renamed=st.booleans(),
    blanks=st.booleans(),
    ascii_only=st.booleans(),
)
def test_means_what_json_means(
    first: dict[str, Any],
    details: dict[str, Any],
    changes: list[dict[str, Any]],
    renamed: bool,
    blanks: bool,
    ascii_only: bool,
) -> None:
    """Whatever the items hold, they are read as the decoder reads them, or left to it."""
    items = [success(details | change, **first) for change in ({}, *changes)]
    if renamed:
        items[-1]["details"] = {
            value: name for name, value in items[0]["details"].items() if type(value) is str
        }
    text = json.dumps(
        {"data": items},
        ensure_ascii=ascii_only,
        separators=None if blanks else (",", ":"),
    )
    read = decoded(text.encode("utf-8", "surrogatepass"))
    hypothesis.event("left" if read is None else "read")
    assert read is None or json.dumps(read) == json.dumps(json.loads(text))


@hypothesis.given(rows=st.lists(st.lists(SHORT, min_size=3, max_size=3), min_size=2, max_size=5))
def test_texts_of_one_length_mean_what_json_means(rows: list[list[str]]) -> None:
    """In whatever places they differ."""
    names = ["id", "note", "12"]
    raw = answer([success(dict(zip(names, row, strict=True))) for row in rows])
    read = decoded(raw)
    hypothesis.event("left" if read is None else "read")
    assert read is None or json.dumps(read) == json.dumps(json.loads(raw))


@hypothesis.given(
    number=st.integers(min_value=0), change=st.sampled_from([*b'0"\\,:{}[] x\n\x00\xe9'])
)
def test_one_byte_that_is_another_one_is_noticed(number: int, change: int) -> None:
    """It is read as the decoder reads it, or left to it."""
    items = [item(row, Created_Time=time) for row, time in enumerate(times(4))]
    raw = bytearray(answer(items))
    raw[number % len(raw)] = change
    read = decoded(bytes(raw))
    assert read is None or json.dumps(read) == json.dumps(json.loads(bytes(raw)))
