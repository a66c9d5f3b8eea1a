"""A field: what it takes, and what is wrong with a value that it does not take."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from aiozcrm.testing._schema._types import TYPES, FieldType
from aiozcrm.testing._wire._answer import WRONG_ID

__all__ = ["Field", "ItemError", "invalid", "make_field", "missing", "read_object", "unknown_id"]

_INVALID: Final = ("INVALID_DATA", "invalid data")
_MISSING: Final = ("MANDATORY_NOT_FOUND", "required field not found")


class ItemError(Exception):
    """What is wrong with one item of a call.

    Attributes:
        code: Zoho's code.
        message: Zoho's message.
        details: Where, and what would be right.
        status: The HTTP status, if nothing is right with any item.
    """

    def __init__(
        self, code: str, message: str, details: Mapping[str, Any], *, status: int = 400
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.details = details
        self.status = status


@attrs.frozen(kw_only=True, eq=False)
class Field:
    """A field of records, or a key of other things.

    Attributes:
        api_name: Its name in the API.
        type: Its type, one of `TYPES`.
        label: What people call it; empty for the API name with blanks.
        length: How long a value may be at most; None for as long as its type allows.
        minimum: How long it has to be at least.
        mandatory: Whether new things need it.
        unique: Whether no two things may have the same value.
        values: What may be chosen from; empty for anything.
        open_values: Whether another value is taken, too.
        lookup: The module whose records it leads to.
        read_only: Whether Zoho alone sets it.
        fixed: Whether it cannot be changed later.
        custom: Whether somebody of the org made it.
        external: Whose ids of another system it holds: ``user``, ``org`` or nobody's.
        decimals: How many digits a number may have behind its point; None for as many as its type
            allows.
        rows: What the rows of a subform have, by API name.
        id: Its id.
    """

    api_name: str
    type: str = "text"
    label: str = ""
    length: int | None = None
    minimum: int = 0
    mandatory: bool = False
    unique: bool = False
    values: tuple[str, ...] = ()
    open_values: bool = False
    lookup: str = ""
    read_only: bool = False
    fixed: bool = False
    custom: bool = False
    external: str = ""
    decimals: int | None = None
    rows: Mapping[str, Field] = attrs.field(factory=dict)
    id: str = ""

    @property
    def kind(self) -> FieldType:
        """Its type, with what that takes."""
        return TYPES[self.type]

    @property
    def longest(self) -> int | None:
        """How long a value may be at most; None for any length."""
        return self.kind.length if self.length is None else self.length

    @property
    def places(self) -> int | None:
        """How many digits a number may have behind its point; None for any."""
        return self.kind.decimals if self.decimals is None else self.decimals

    @property
    def is_read_only(self) -> bool:
        """Whether Zoho alone sets it."""
        return self.read_only or self.kind.read_only

    def check(self, value: Any, path: str) -> None:
        """Check a value that is not null.

        Args:
            value: The value.
            path: Where it stands, in JSONPath.

        Raises:
            ItemError: If the field does not take it.
        """
        if not self.kind.accepts(value):
            raise invalid(self, path, expected_data_type=self.kind.expected or self.type)
        size = _size_of(int(value) if self.type == "bigint" else value)
        if self.longest is not None and size > self.longest:
            raise invalid(self, path, maximum_length=self.longest)
        if self.places is not None and _decimals_of(value) > self.places:
            raise invalid(self, path, maximum_decimal_place=self.places)
        if isinstance(value, str) and len(value.strip()) < self.minimum:
            raise invalid(self, path, minimum_length=self.minimum)
        chosen = value if isinstance(value, list) else [value]
        if self.values and not self.open_values and not set(chosen) <= set(self.values):
            raise invalid(self, path, supported_values=[*self.values])


def make_field(api_name: str, what: str | Mapping[str, Any]) -> Field:
    """Return a field of a type, or with options; the rows of a subform are given like fields.

    Raises:
        ValueError: If there is no such type.
    """
    options: dict[str, Any] = {"type": what} if isinstance(what, str) else dict(what)
    rows = {name: make_field(name, each) for name, each in options.pop("rows", {}).items()}
    field = Field(api_name=api_name, rows=rows, **options)
    if field.type not in TYPES:
        raise ValueError(f"{field.type!r} is no type of a field; there are {', '.join(TYPES)}")
    return field


def invalid(field: Field, path: str, **details: Any) -> ItemError:
    """Return what says that a value is not what the field takes."""
    return ItemError(*_INVALID, {**details, "api_name": field.api_name, "json_path": path})


def read_object(item: Any, api_name: str, path: str) -> dict[str, Any]:
    """Return what stands in a body, and has to be an object.

    Args:
        item: What stands there.
        api_name: What it is called.
        path: Where it stands, in JSONPath.

    Raises:
        ItemError: If it is anything else.
    """
    if isinstance(item, dict):
        return item
    details = {"expected_data_type": "jsonobject", "api_name": api_name, "json_path": path}
    raise ItemError(*_INVALID, details)


def unknown_id(**details: Any) -> ItemError:
    """Return what says that an id is none of the org's; the details tell where it stands."""
    return ItemError("INVALID_DATA", WRONG_ID, details)


def missing(field: Field, path: str) -> ItemError:
    """Return what says that a mandatory value is missing."""
    return ItemError(*_MISSING, {"api_name": field.api_name, "json_path": path})


def _size_of(value: Any) -> int:
    """Return the length of a text, of the longest of many, or of a number before its point."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return max((_size_of(item) for item in value), default=0)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return len(str(abs(int(value))))
    return 0


def _decimals_of(value: Any) -> int:
    """Return how many digits a number has behind its point."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
