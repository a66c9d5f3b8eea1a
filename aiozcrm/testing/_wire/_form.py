"""Multipart forms, taken apart whatever comes."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message
from email.parser import HeaderParser
from typing import Final

import attrs

__all__ = ["MULTIPART", "Part", "read_parts"]

MULTIPART: Final = "multipart/form-data"


@attrs.frozen(kw_only=True)
class Part:
    """A part of a form.

    Attributes:
        name: What it is called.
        filename: What its file is called; None if it is a plain field.
        content_type: Its media type.
        content: What it holds.
    """

    name: str
    filename: str | None
    content_type: str
    content: bytes = attrs.field(repr=False)

    @property
    def text(self) -> str:
        """What it holds, as text."""
        return self.content.decode(errors="replace")


def read_parts(content_type: str, body: bytes) -> Sequence[Part]:
    """Return the parts of a form that have a name; none if it is broken from the beginning.

    Args:
        content_type: The header of that name, which holds the boundary.
        body: The form.
    """
    kind = Message()
    kind["Content-Type"] = content_type
    boundary = kind.get_boundary()
    if kind.get_content_type() != MULTIPART or not boundary:
        return ()
    _, *sections = (b"\r\n" + body).split(b"\r\n--" + boundary.encode(errors="replace"))
    parts = []
    for section in sections:
        if section.startswith(b"--"):  # the end of the form
            break
        head, _, content = section.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        told = HeaderParser().parsestr(head.decode(errors="replace"))
        name = told.get_param("name", header="content-disposition")
        if isinstance(name, str):
            filename = told.get_param("filename", header="content-disposition")
            parts.append(
                Part(
                    name=name,
                    filename=filename if isinstance(filename, str) else None,
                    content_type=told.get_content_type(),
                    content=content,
                )
            )
    return parts
