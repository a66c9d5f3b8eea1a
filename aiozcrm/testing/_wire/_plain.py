"""Plain successes: what a call is answered of which nothing is known but its row of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Call
from aiozcrm.testing._wire._known_calls import KnownCall

__all__ = ["plain_success"]


def plain_success(
    known: KnownCall,
    call: Call,
    rows: Sequence[Any],
    *,
    job: bool,
    new_id: Callable[[], str],
) -> Answer:
    """Return the success that a call's row of the table allows.

    Args:
        known: The row.
        call: The call.
        rows: What it is about: the items of its body, or the ids that it names.
        job: Whether it starts a job, which the same path tells of.
        new_id: Returns the id of something new.
    """
    status = known.success[0]
    if call.method == "GET":
        return Answer(status, _read(known, call))
    more = {"job_id": new_id()} if job else {}
    done = [_done(item, call, new_id, more) for item in rows or [{}]]
    if not known.key:
        return Answer(status, done[0])
    return Answer(status, {known.key: done if known.wrapper == "array" else done[0]})


def _read(known: KnownCall, call: Call) -> dict[str, Any]:
    """Return the body of a read: the one thing that is named, an ended job, or an empty list."""
    if known.wrapper == "scalar":
        return {known.key: 0}
    if not known.key:
        return {}
    ended = {"status": "COMPLETED", "Status": "COMPLETED"}
    if job_id := call.query.get("job_id"):
        return {known.key: [{"id": job_id, "job_id": job_id, **ended}]}
    one = {"id": list(call.params.values())[-1]} if known.path.endswith("}") else {}
    if known.wrapper == "object":
        return {known.key: one}
    info = {"per_page": 200, "count": 0, "page": 1, "more_records": False}
    return {known.key: [one]} if one else {known.key: [], "info": info}


def _done(
    item: Any, call: Call, new_id: Callable[[], str], more: Mapping[str, Any]
) -> dict[str, Any]:
    own = item.get("id") if isinstance(item, dict) else item
    in_path = call.ids[-1:] if call.method != "POST" or "actions" in call.path else []
    details = {"id": str(own or (in_path or [new_id()])[0]), **more}
    return {"code": "SUCCESS", "details": details, "message": "done", "status": "success"}
