"""Rows of records on their way to Zoho: checked, encoded once, and sorted into calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from aiozcrm._protocol import Json, check_record_id, json_text, json_value, plain_text
from aiozcrm.batch import TURN
from aiozcrm.errors import InvalidInputError

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = [
    "ONCE",
    "REPEATABLE",
    "Row",
    "UpsertRows",
    "body_of",
    "compared",
    "has_new_parts",
    "reader_of_new",
    "reader_of_updates",
    "record_of",
]

_NOTHING: Final[Mapping[str, Any]] = {}
_NO_KEYS: Final[tuple[Hashable, ...]] = ()

#: A number beyond this many digits is compared with an exponent.
_MOST_DIGITS: Final = 400

#: Rows of these lanes may be sent again after a lost answer; others may not.
REPEATABLE: Final = "repeatable"
ONCE: Final = "once"


class Row:
    """One row of a write.

    Args:
        content: The row as JSON.
        name: The id or external id that it names; empty where it has none.
        lane: Which rows may share a call with it; None for an event that recurs. It travels alone,
            since Zoho answers it with an item for each occurrence.
            https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html
        keys: What it shares with rows that must not travel with it.
        value: What it can be found again by, after a lost answer; None where there is nothing.
        record: What it was made of, if that is needed later.
    """

    __slots__ = ("content", "keys", "lane", "name", "record", "value")

    def __init__(  # noqa: PLR0917  # made for every row
        self,
        content: str,
        name: str = "",
        lane: Hashable = ONCE,
        keys: tuple[Hashable, ...] = _NO_KEYS,
        value: str | float | Decimal | None = None,
        record: Mapping[str, Any] = _NOTHING,
    ) -> None:
        self.content = content
        self.name = name
        self.lane = lane
        self.keys = keys
        self.value = value
        self.record = record


def body_of(rows: Iterable[Row], options: bytes) -> Json:
    """Return the body of a call for these rows.

    Args:
        rows: The rows.
        options: What stands beside them, as the inside of a JSON object.
    """
    data = ", ".join([row.content for row in rows]).encode()
    return Json.encoded(b'{"data": [%s]%s%s}' % (data, options and b", ", options))


def compared(value: object) -> str | None:
    """Return a value as Zoho compares it where values are to be unique.

    Returns:
        A text, the same for values that Zoho takes for equal: trimmed, without case, and numbers
        without regard to how they are written. None for an empty value, or one of another kind.
    """
    if isinstance(value, str):
        # As it is also of an Enum, of which str() would be the name.
        return str.strip(value).casefold() or None
    if value is None or isinstance(value, (Mapping, list, tuple)):
        return None
    if isinstance(value, int):
        # As it is also of an Enum.
        return str(value).lower() if isinstance(value, bool) else int.__repr__(value)
    from decimal import Decimal  # noqa: PLC0415  # not for programs that compare no numbers

    if isinstance(value, (float, Decimal)):
        return _digits(Decimal(float.__repr__(value) if isinstance(value, float) else value))
    return compared(_simple(value))


def _digits(number: Decimal) -> str | None:
    """Return a number as it is compared; None for an infinity."""
    if not number.is_finite():
        return None
    if not number:
        return "0"
    if abs(number.adjusted()) > _MOST_DIGITS:
        # To write its zeros would take seconds.
        sign, digits, exponent = number.as_tuple()
        shown = "".join(map(str, digits))
        significant = shown.rstrip("0")
        behind = len(shown) - len(significant)
        return f"{'-' * sign}{significant}E{int(exponent) + behind}"
    return str(int(number)) if number == number.to_integral_value() else f"{number.normalize():f}"


def _simple(value: Any) -> Any:
    """Return what JSON makes of a value that names a row, such as a UUID."""
    if value is None or isinstance(value, (str, int, float, Mapping, list, tuple)):
        return value
    from decimal import Decimal  # noqa: PLC0415  # as above

    # What an Enum holds may itself be a UUID.
    return value if isinstance(value, Decimal) else _simple(json_value(value))


def reader_of_new(key: str | None) -> Callable[[object], Row]:
    """Return what makes rows of records that are to be created.

    Args:
        key: The field by which a row is found again after a lost answer.
    """

    def read(raw: object) -> Row:
        record = record_of(raw)
        row = Row(json_text(record), "", _lane(record, ONCE))
        if key is not None:
            value = _simple(record.get(key))
            shared = compared(value)
            if shared is None:
                raise InvalidInputError(
                    f"A row has no {key}, by which it could be found again.",
                    hint="Give each row a value for the field that key= names.",
                )
            row.keys, row.value = (shared,), str.strip(value) if isinstance(value, str) else value
        return row

    return read


def reader_of_updates(external_id: str | None) -> Callable[[object], Row]:
    """Return what makes rows of changes.

    Args:
        external_id: The field that stands for the id.
    """

    def read(raw: object) -> Row:
        record = record_of(raw)
        if external_id is not None:
            value = _simple(record.get(external_id))
            name = str.__str__(value) if isinstance(value, str) else compared(value)
            if not name or not name.strip():
                raise InvalidInputError(f"A row has no {external_id}, which stands for its id.")
            keys: tuple[Hashable, ...] = (compared(name),)
        elif "id" not in record:
            raise InvalidInputError("A row has no id.", hint="Say which record it changes.")
        else:
            name = check_record_id(record["id"])
            keys = (name,)
            record = {**record, "id": name}
        content = json_text(record)
        lane = ONCE if "[" in content and has_new_parts(record) else REPEATABLE
        return Row(content, name, _lane(record, lane), keys)

    return read


class UpsertRows:
    """Reads rows of upserts, and knows what they share.

    Args:
        named: The fields that the caller wants compared.
    """

    def __init__(self, named: Sequence[str]) -> None:
        # The id is compared wherever there is one.
        self._fields = [name for name in named if name != "id"]
        # Those that were read before all fields were known; None from then on.
        self._early: list[Row] | None = []
        # The fields of the record before, as nearly all have.
        self._names: list[str] | None = None

    def read(self, raw: object) -> Row:
        """Return the row of a record."""
        if type(raw) is dict and [*raw] == self._names:
            record: Mapping[str, Any] = raw
        else:
            record = record_of(raw)
            self._names = [*record]
        if "id" in record:
            record = _with_record_id(record)
        row = Row(json_text(record))
        if record.get("Recurring_Activity"):
            row.lane = None
        # Most rows have no list at all, which is seen at once.
        elif "[" not in row.content or not has_new_parts(record):
            row.lane = REPEATABLE
        if self._early is None:
            # At once, since a generator may fill the same record anew.
            self._compare(row, record)
        else:
            # As it is now, since its owner may change it meanwhile.
            row.record = {**record}
            self._early.append(row)
        return row

    async def complete(self, unique: Iterable[str] = ()) -> None:
        """Find out what all rows share: those that were read, and those to come.

        Args:
            unique: The fields that Zoho keeps unique, which it compares, whatever is named.
        """
        known = {*self._fields, "id"}
        self._fields += [name for name in unique if name not in known]
        early, self._early = self._early or [], None
        for number, row in enumerate(early):
            if number % TURN == TURN - 1:
                await asyncio.sleep(0)
            self._compare(row, row.record)
            row.record = _NOTHING

    def _compare(self, row: Row, record: Mapping[str, Any]) -> None:
        """Find out what a row shares with others.

        Zoho takes it for the same record as another that has one of these values. A row without
        any is an insert, which must not be sent again.
        """
        # A tuple at once: most rows have one.
        keys: tuple[Hashable, ...] = ()
        for field in self._fields:
            value = record.get(field)
            shared = value.strip().casefold() if type(value) is str else compared(value)
            if shared:
                keys += (f"{field} {shared}",)
        if own := record.get("id"):
            keys += (f"id {own}",)
        row.keys = keys
        if not keys and row.lane is not None:
            row.lane = ONCE


def record_of(raw: object) -> Mapping[str, Any]:
    """Return what is given as a record.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is empty.
        TypeError: If it is no mapping, or a name is no text.
    """
    if not isinstance(raw, (dict, Mapping)):
        raise TypeError(f"a record is a mapping, not {type(raw).__name__}")
    if not raw:
        raise InvalidInputError("A record must not be empty.")
    if {*map(type, raw)} == {str}:
        return raw
    for name in raw:
        if not isinstance(name, str):
            raise TypeError(f"the name of a field is a str, not {type(name).__name__}")
    # By an Enum, a value would not be found again.
    return {plain_text(name): value for name, value in raw.items()}


def _with_record_id(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record with its id as Zoho writes it; an empty one names no record.

    Raises:
        aiozcrm.errors.InvalidInputError: If it is none.
        TypeError: If it is of a wrong type.
    """
    own = record["id"]
    return {**record, "id": None if own is None or own == "" else check_record_id(own)}


def _lane(record: Mapping[str, Any], lane: str) -> str | None:
    return None if record.get("Recurring_Activity") else lane


def has_new_parts(record: Mapping[str, Any]) -> bool:
    """Return whether a second send would append the same rows to a subform again.

    https://www.zoho.com/crm/developer/docs/api/v7/update-subforms.html
    """
    return any(
        isinstance(part, Mapping) and "id" not in part
        for value in record.values()
        if isinstance(value, (list, tuple))
        for part in value
    )
