"""Composite calls: up to five calls in one.

Source: https://www.zoho.com/crm/developer/docs/api/v7/composite-api.html
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

import attrs
from multidict import CIMultiDict

from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._items import read_items, succeeded
from aiozcrm.testing._schema._field import ItemError
from aiozcrm.testing._wire._answer import Answer, error, error_answer, rejected
from aiozcrm.testing._wire._call import Call, Family, InnerCall, Operation
from aiozcrm.testing._wire._json import read_json, value_at

__all__ = ["Composite"]

_KEY: Final = "__composite_requests"
_MOST: Final = 5
_ROWS: Final = 25
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_URI: Final = "/crm(/.*)?/v[0-9]+([.][0-9]+)?/.*"
_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_]*")
_REFERENCE: Final = re.compile(r"@\{([^:{}]*):(\$[^{}]*)\}")
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_RESTRICTED: Final = ("authorization", "x-crm-org")
_NUMBER: Final = "[0-9]{1,18}"
_LIMIT: Final = re.compile(rf"\blimit\s+(?:\d+\s*,\s*)?({_NUMBER})", re.IGNORECASE)

#: Lists of which a part returns 25 rows, and writes of which it does one.
_LISTS: Final = re.compile(
    r"/([A-Z]\w*(/search|/deleted|/\d+/[A-Z]\w*)?|users|actions/watch|settings/territories)"
)
_WRITES: Final = frozenset({"data", "users", "variables", "tags", "currencies", "watch"})

_STOPPED: Final = (
    "the transaction was rolled back since another sub request in the same transaction failed."
)
_HEADERS: Final = {
    "Content-Disposition": "attachment; filename=response.json",
    "content-type": "application/json;charset=utf-8",
}


@attrs.define(eq=False)
class _Part:
    """A part of a composite call.

    Attributes:
        index: Its place, from 0.
        given: What was sent of it.
        answer: What it was answered; None as long as it was not made.
        error: Why it was not made; None if it was, or still can be.
    """

    index: int
    given: dict[str, Any]
    answer: Answer | None = None
    error: ItemError | None = None

    @property
    def name(self) -> str | None:
        """What references call it; None if it has no name, or one that cannot be."""
        name = self.given.get("sub_request_id")
        return name if isinstance(name, str) and _NAME.fullmatch(name) else None

    @property
    def refers_to(self) -> set[str]:
        """The names of the parts of which it uses values."""
        return {match[1] for match in _REFERENCE.finditer(json.dumps(self.given))}

    @property
    def failed(self) -> bool:
        """Whether it was not made, or not with success."""
        return self.answer is None or self.answer.status >= 400

    def place(self, name: str) -> dict[str, Any]:
        """Return where something of it stands in the body."""
        return {"api_name": name, "json_path": f"$.{_KEY}[{self.index}].{name}"}


class Composite(Family):
    """Carries out composite calls.

    Args:
        context: The org.
        families: Returns everything that a rollback has to bring back.
    """

    def __init__(self, context: OrgContext, families: Callable[[], Mapping[str, Family]]) -> None:
        self._context = context
        self._families = families

    def operations(self) -> tuple[Operation, ...]:
        """Return the one call."""
        run = self._run
        return (Operation(line=f"POST /{_KEY}", run=run, verb="composite", family="composite"),)

    def _run(self, call: Call) -> Answer:
        rollback, parallel = _switches(call)
        given = read_items(call, _KEY, most=_MOST)
        parts = [
            _Part(index, item if isinstance(item, dict) else {}) for index, item in enumerate(given)
        ]
        _check_names(parts)
        for part in parts:
            try:
                _check(part, call.version)
            except ItemError as problem:
                part.error = part.error or problem
        restore = self._snapshot() if rollback else None
        culprit = self._perform(call, parts, parallel=parallel, stops=rollback)
        started = [part for part in parts if part.answer is not None]
        if culprit is not None and restore is not None:
            restore()
            return Answer(400, {_KEY: [self._undone(part, culprit) for part in parts]})
        status = 200 if len(started) == len(parts) else 207 if started else 400
        return Answer(status, {_KEY: list(map(self._shown, parts))}, credits=2 if rollback else 1)

    def _perform(
        self, call: Call, parts: Sequence[_Part], *, parallel: bool, stops: bool
    ) -> _Part | None:
        """Make all parts, and return the first that failed if that stops the others."""
        for part in _in_order(parts, parallel=parallel):
            if part.error is None:
                try:
                    inner = _inner(part, parts)
                    part.answer = _too_much(inner) or call.inside(inner)
                except ItemError as problem:
                    part.error = problem
            if stops and part.failed:
                return part
        return None

    def _snapshot(self) -> Callable[[], None]:
        """Return what brings everything back, and what was counted of it."""
        restores = [family.snapshot() for family in self._families().values()]
        stats = self._context.stats
        counts: Mapping[str, Counter[Any]] = {
            name: getattr(stats, name).copy() for name in ("done", "effects", "created")
        }

        def restore() -> None:
            for bring_back in restores:
                bring_back()
            for name, counted in counts.items():
                setattr(stats, name, counted)

        return restore

    def _shown(self, part: _Part) -> Mapping[str, Any]:
        """Return what is said of a part."""
        if part.answer is None:
            problem = part.error or ItemError("INTERNAL_ERROR", "internal error", {})
            return error(problem.code, problem.message, problem.details)
        body = part.answer.data
        response = {
            "headers": {"X-ACCESSTOKEN-RESET": self._context.now(), **_HEADERS},
            "status_code": part.answer.status,
            "body": read_json(body) if isinstance(body, bytes) else body,
        }
        return succeeded("composite sub request executed successfully", {"response": response})

    def _undone(self, part: _Part, culprit: _Part) -> Mapping[str, Any]:
        """Return what is said of a part after a rollback."""
        if part is culprit:
            return self._shown(part)
        code = "PROCESSING_STOPPED" if part.answer is None else "ROLLBACK_PERFORMED"
        return error(code, _STOPPED, {"rollbacked_by_sub_request_index": culprit.index})


def _switches(call: Call) -> tuple[bool, bool]:
    """Return whether to roll back after a failure, and whether parts may run in parallel."""
    body = call.json_object()
    for name in ("rollback_on_fail", "parallel_execution"):
        if not isinstance(body.get(name), (bool, type(None))):
            details = {"expected_data_type": "boolean", "api_name": name}
            raise rejected(400, "INVALID_DATA", "invalid data", **details, json_path=f"$.{name}")
    rollback = body.get("rollback_on_fail") is True
    parallel = body.get("parallel_execution")
    if rollback and parallel:
        due = [
            {"api_name": name, "json_path": f"$.{name}"}
            for name in ("rollback_on_fail", "parallel_execution")
        ]
        message = "ambiguity while processing the request"
        raise rejected(400, "AMBIGUITY_DURING_PROCESSING", message, ambiguity_due_to=due)
    return rollback, not rollback if parallel is None else parallel


def _check_names(parts: Sequence[_Part]) -> None:
    """Note which parts share a name, or have one that cannot be."""
    for part in parts:
        if part.given.get("sub_request_id") is None:
            continue
        twins = [other.index for other in parts if other.name == part.name]
        if part.name is None:
            details = {"regex": _NAME.pattern, **part.place("sub_request_id")}
            part.error = ItemError("INVALID_DATA", "invalid data", details)
        elif len(twins) > 1:
            details = {"sub_request_indexes": twins, **part.place("sub_request_id")}
            part.error = ItemError("DUPLICATE_DATA", "duplicate data", details)


def _check(part: _Part, version: str) -> None:
    """Check a part before any is made.

    Raises:
        ItemError: If it cannot be made.
    """
    for name in ("method", "uri"):
        if not part.given.get(name):
            message = "required field not found"
            raise ItemError("MANDATORY_NOT_FOUND", message, part.place(name))
    if part.given["method"] not in _METHODS:
        details = {"supported_values": [*_METHODS], **part.place("method")}
        raise ItemError("INVALID_DATA", "invalid data", details)
    uri = part.given["uri"]
    if not isinstance(uri, str) or not re.fullmatch(_URI, uri):
        details = {"expected_data_type": "text", "regex": _URI, **part.place("uri")}
        raise ItemError("INVALID_DATA", "invalid data", details)
    for name in ("params", "headers", "body"):
        if not isinstance(part.given.get(name), (dict, type(None))):
            details = {"expected_data_type": "jsonobject", **part.place(name)}
            raise ItemError("INVALID_DATA", "invalid data", details)
    if any(name.lower() in _RESTRICTED for name in part.given.get("headers") or ()):
        details = {"restricted_headers": [*_RESTRICTED], **part.place("headers")}
        raise ItemError("INVALID_DATA", "invalid data", details)
    own = next(re.finditer(r"/v(\d+(?:\.\d+)?)/", uri))[1]
    if float(own) > float(version[1:]):
        details = {"sub_request_version": f"v{own}", "composite_request_version": version}
        raise ItemError("NOT_ALLOWED", "not allowed", {**details, **part.place("uri")})
    if re.search(rf"/bulk/|/files\b|/{_KEY}|/actions/mass_", uri):
        details = {"allowed_services": ["records", "settings", "users"], **part.place("uri")}
        raise ItemError("NOT_SUPPORTED", "not supported", details)


def _in_order(parts: Sequence[_Part], *, parallel: bool) -> Iterator[_Part]:
    """Yield parts such that those come first of which others use values."""
    done: set[str] = set()
    known = {part.name for part in parts}
    left = list(parts)
    while left:
        ready = [part for part in left if not part.refers_to & known - done]
        # One after the other, a reference to what comes later leads nowhere.
        part = ready[0] if parallel and ready else left[0]
        if parallel and not ready:
            names = sorted(part.refers_to)
            part.error = ItemError("LOOPING_FOUND", "looping found", {"dependent_data": names})
        left.remove(part)
        yield part
        done |= {part.name or ""}


def _too_much(inner: InnerCall) -> Answer | None:
    """Return the answer to a part that is about more rows than it may be; None if it is not."""
    path = re.sub(r"^/crm(/.*?)?/v[\d.]+", "", inner.path)
    most = 1
    body = read_json(inner.body)
    if inner.method == "GET" and _LISTS.fullmatch(path):
        wanted = inner.query.setdefault("per_page", str(_ROWS))
        asked, most = int(wanted) if re.fullmatch(_NUMBER, wanted) else _ROWS, _ROWS
    elif path == "/coql":
        limit = _LIMIT.search(str(body))
        asked, most = int(limit[1]) if limit else 200, _ROWS
    else:
        values = [value_at(body, key) for key in _WRITES]
        asked = max((len(value) for value in values if isinstance(value, list)), default=1)
    if asked <= most:
        return None
    return error_answer(400, "LIMIT_EXCEEDED", "limit exceeded", by="limit", limit=most)


def _inner(part: _Part, parts: Sequence[_Part]) -> InnerCall:
    """Return a part as a call, with the values to which its references lead.

    Raises:
        ItemError: If one leads nowhere.
    """
    answers = {other.name: other for other in parts if other.name is not None}

    def value(match: re.Match[str], name: str) -> str:
        other = answers.get(match[1])
        found: Any = (
            None if other is None or other.failed or not other.answer else other.answer.data
        )
        for key, index in _STEP.findall(match[2]):
            try:
                found = found[key] if key else found[int(index)]
            except (KeyError, IndexError, TypeError, ValueError):
                found = None
        if found is None:
            details = {**part.place(name), "reference": match[0]}
            raise ItemError("INVALID_REFERENCE", "invalid reference", details)
        return json.dumps(str(found))[1:-1]

    def filled(name: str) -> str:
        text = json.dumps(part.given.get(name))
        return _REFERENCE.sub(lambda match: value(match, name), text)

    params = read_json(filled("params")) or {}
    headers = read_json(filled("headers")) or {}
    body = part.given.get("body")
    return InnerCall(
        method=part.given["method"],
        path=unquote(json.loads(filled("uri"))),
        query={key: str(value) for key, value in params.items()},
        headers=CIMultiDict({key: str(value) for key, value in headers.items()}),
        body=b"" if body is None else filled("body").encode(),
    )
