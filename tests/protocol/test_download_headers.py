"""What the headers of a download say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from aiozcrm._protocol import (
    clean_name,
    file_name,
    holds_file,
    length_of,
    start_of,
    validator_of,
)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=UTF-8''offer%20%C3%A4.pdf", "offer ä.pdf"),
        ("attachment;filename*=UTF-8''a.pdf;x=y", "a.pdf"),
        ('attachment; filename="a;b.pdf"', "a;b.pdf"),
        (r'attachment; filename="say \"hi\".txt"', 'say "hi".txt'),
        ("attachment; filename=plain.txt ; size=3", "plain.txt"),
        ("attachment; filename=\"old.txt\"; filename*=utf-8'en'new.txt", "new.txt"),
        ("inline", ""),
        ("", ""),
    ],
)
def test_finds_the_name_of_a_file(disposition, name):
    """In each of the forms in which it comes."""
    assert name == file_name({"Content-Disposition": disposition})


@pytest.mark.parametrize(
    ("kind", "disposition", "is_file"),
    [
        ("", "", True),
        ("image/png", "", True),
        ("application/x-download", "attachment; filename=a", True),
        ("application/json;charset=UTF-8", "", False),
        ("application/problem+json", "", False),
        ("application/json", "attachment; filename=response.json", False),
        ("application/json", "attachment; filename=mine.json", True),
        ("text/html; charset=utf-8", "", False),
        ("text/html", "attachment; filename=a.html", True),
    ],
)
def test_tells_a_file_from_a_message(kind, disposition, is_file):
    """JSON without a name of its own is a message, a page without a name comes from a proxy."""
    headers = CIMultiDict({"content-type": kind, "content-disposition": disposition})

    assert is_file is holds_file(headers)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("offer.pdf", "offer.pdf"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\x\boot.ini", "boot.ini"),
        ("a\x00b\r\n\x1b[31m\u202e.txt", "ab[31m.txt"),
        ("what?<*>.txt", "what____.txt"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("folder/", "file"),
        (" . ", "file"),
        ("name. . ", "name"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("e\u0301.txt", "é.txt"),
        ("x" * 300 + ".pdf", "x" * 226 + ".pdf"),
        ("ä" * 300, "ä" * 115),
        ("x." + "y" * 300, "x." + "y" * 228),
    ],
)
def test_makes_names_harmless(name, clean):
    """No path, no control characters, nothing that Windows takes for more than a name."""
    assert clean == clean_name(name)


@given(st.text(st.characters(), max_size=300))
def test_makes_any_name_harmless(name):
    """Whatever comes, what comes out is one short name, and clean already."""
    clean = clean_name(name)

    assert clean
    assert clean not in {".", ".."}
    assert not set(clean) & set('/\\\0\n\r\t<>:"|?*')
    assert len(clean.encode()) <= 230
    assert clean == clean_name(clean)


@pytest.mark.parametrize(
    ("status", "headers", "start", "length"),
    [
        (200, {"Content-Length": "7"}, 0, 7),
        (200, {}, 0, None),
        (200, {"Content-Length": "x"}, 0, None),
        (200, {"Content-Length": "7", "Content-Encoding": "gzip"}, 0, None),
        (206, {"Content-Range": "bytes 3-6/7", "Content-Length": "4"}, 3, 7),
        (206, {"Content-Range": "bytes 3-6/*"}, 3, None),
        (206, {"Content-Range": "bytes 0-6/7"}, 0, 7),
        (206, {"Content-Range": "bytes 0-6/*"}, None, None),
        (206, {"Content-Range": "lines 3-6/7"}, None, None),
        (206, {"Content-Type": "multipart/byteranges; boundary=x"}, None, None),
        (200, {"Content-Range": "bytes 3-6/7", "Content-Length": "7"}, 0, 7),
    ],
)
def test_tells_where_a_part_begins_and_how_long_the_whole_is(status, headers, start, length):
    """A status that says whole means whole; a part says where it is, and of how much."""
    assert (start, length) == (start_of(status, headers), length_of(status, headers))


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": '"a"', "Last-Modified": "then"}, '"a"'),
        ({"ETag": 'W/"a"', "Last-Modified": "then"}, "then"),
        ({"ETag": 'W/"a"'}, ""),
        ({"ETag": '"a"', "Content-Encoding": "gzip"}, ""),
        ({}, ""),
    ],
)
def test_finds_what_tells_that_a_file_is_the_same(headers, validator):
    """A strong ETag, or the moment of the last change; nothing for the places of packed bytes."""
    assert validator == validator_of(headers)
