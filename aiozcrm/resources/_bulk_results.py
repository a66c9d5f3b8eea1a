"""What the file of results of a bulk write says of each row. It is plain computing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from aiozcrm._csv import CsvInZip
from aiozcrm._protocol import ApiCall, Reply, check_record_id, error_of
from aiozcrm.batch import ONLY_ID, Outcome, OutcomeStatus
from aiozcrm.errors import InvalidInputError, InvalidResponseError, Result
from aiozcrm.resources._bulk_files import BulkFile, BulkRow

__all__ = ["outcomes_of_file"]

#: How many results are read at a time.
_PIECE: Final = 1_000

#: What the columns of the results are called, without case, blanks and underscores.
_RESULT_COLUMNS: Final = ("status", "recordid", "errors")

#: What is said of a row whose record is not there.
_NOT_FOUND: Final = "RESOURCE_NOT_FOUND"

_STATUSES: Final[Mapping[str, OutcomeStatus]] = {
    "added": "created",
    "updated": "updated",
    "skipped": "failed",
    "unprocessed": "failed",
}


#: What errors of rows name as their call.
_JOB: Final = ApiCall("POST", "write")


class _Told(NamedTuple):
    """What one row of the results says."""

    status: str
    record_id: str
    errors: str


def outcomes_of_file(file: BulkFile, results: CsvInZip, *, attempts: int) -> list[Outcome]:
    """Return what became of each row of a file. It blocks.

    Results come in any order, so they are matched by what they repeat of the rows. Where that does
    not tell rows apart, they are in doubt unless all of them came to the same.

    Args:
        file: What was sent.
        results: What came back.
        attempts: How many times the call that started the job was sent.

    Raises:
        aiozcrm.errors.InvalidResponseError: If the results cannot be read.
    """
    columns, told = _read(results, file)
    keys = file.keys(columns)
    groups: dict[tuple[str, ...], list[BulkRow]] = {}
    for key, row in zip(keys, file.rows, strict=True):
        groups.setdefault(key, []).append(row)
    found = {key: iter(_matched(told.get(key, ()), rows)) for key, rows in groups.items()}
    return [
        _outcome(next(found[key]), row, file.find_by, attempts)
        for key, row in zip(keys, file.rows, strict=True)
    ]


def _read(
    results: CsvInZip, file: BulkFile
) -> tuple[Sequence[str], Mapping[tuple[str, ...], list[_Told]]]:
    """Return the columns by which results are matched, and the results by what is in these."""
    names = list(results.names)
    # What is repeated has its own name, so it is found first: an id may be one of both.
    columns = [name for name in file.columns[: file.identifying] if name in names]
    rest = [place for place, name in enumerate(names) if name not in columns]
    # A field may be called as a column of Zoho's own is, which then comes last here, and counts.
    rest.sort(key=lambda place: names[place] not in file.columns)
    theirs = {_plain(names[place]): place for place in rest}
    places = [theirs.get(name) for name in _RESULT_COLUMNS]
    if places[1] is None:
        places[1] = theirs.get("id")
    if places[0] is None or not columns:
        raise InvalidResponseError(
            f"The file of results has the columns {', '.join(names)[:200]}, which do not tell "
            "what became of the rows.",
            status=200,
            excerpt="",
        )
    told: dict[tuple[str, ...], list[_Told]] = {}
    repeated = [names.index(name) for name in columns]
    while rows := results.take(_PIECE):
        for row in rows:
            key = tuple(row[place].strip() for place in repeated)
            cells = ["" if place is None else row[place].strip() for place in places]
            told.setdefault(key, []).append(_Told(*cells))
    return columns, told


def _matched(found: Sequence[_Told], rows: Sequence[BulkRow]) -> Sequence[_Told | None]:
    """Return what is told of each of some rows between which the results do not tell apart."""
    if len(found) != len(rows):
        return [None] * len(rows)
    if all(row.cells == rows[0].cells for row in rows):
        return found
    if all(each[::2] == found[0][::2] for each in found):
        # They came to the same, but which of them has which id is not known.
        return [each._replace(record_id="") for each in found]
    return [None] * len(rows)


def _outcome(told: _Told | None, row: BulkRow, find_by: str, attempts: int) -> Outcome:
    own = row.cells.get("id", "")
    if told is None or told.status.lower() not in _STATUSES:
        words = "do not tell it apart" if told is None else f"call it {told.status[:50]!r}"
        error = InvalidResponseError(
            f"It is not known what became of the row: the results {words}.", status=200, excerpt=""
        )
        return Outcome(own, "in_doubt", attempts, error)
    status = _STATUSES[told.status.lower()]
    if status != "failed":
        record_id = _id_in(told.record_id)
        details = ONLY_ID if record_id else None
        return Outcome(record_id or own, status, attempts, details=details)
    value = row.cells.get(find_by, "")
    reply = Reply(200, {}, None, attempts)
    failed = error_of(_failure(told, find_by, value), _JOB, reply, own_id=value or None)
    return Outcome(own, status, attempts, failed)


def _failure(told: _Told, find_by: str, value: str) -> Result:
    """Return the errors of a row, such as ``INVALID_DATA-Phone:DUPLICATE_DATA-Email,Name``."""
    words = f"The job left the row out ({told.status}). {told.errors}".rstrip()
    errors = [
        {"code": code, "details": {"api_name": name} if name else {}, "message": words}
        for part in told.errors.split(":")
        for code, _, names in [part.partition("-")]
        for name in names.split(",")
        if code
    ]
    if len(errors) > 1:
        return Result("MULTIPLE_OR_MULTI_ERRORS", "error", words, {"errors": errors})
    first: Mapping[str, Any] = errors[0] if errors else {"code": "", "details": {}}
    code, details = first["code"], first["details"]
    if code == _NOT_FOUND and details.get("api_name") == find_by:
        details = {"id": value}
    return Result(code, "error", words, details)


def _id_in(cell: str) -> str:
    """Return the id of a record; empty where there is none, such as a number that was rounded."""
    try:
        return check_record_id(cell)
    except InvalidInputError:
        return ""


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("_", "")
