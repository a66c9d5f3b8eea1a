"""Things that report to one another, such as roles and territories."""

from __future__ import annotations

from collections.abc import Mapping

from aiozcrm.testing._families._row import Thing

__all__ = ["below", "hand_over"]


def below(things: Mapping[str, Thing], own: str) -> list[Thing]:
    """Return what reports to the thing with an id, and not to one between them."""
    return [thing for thing in things.values() if _id_above(thing) == own]


def hand_over(things: Mapping[str, Thing], gone: Thing, heir: Thing) -> None:
    """Let all that report to a thing report to its heir, since it goes.

    An heir that stood below it, however far, takes its place.

    Args:
        things: All there are, by id.
        gone: The thing that goes.
        heir: Its heir.
    """
    is_below = _reports_to(things, heir, gone["id"])
    for other in below(things, gone["id"]):
        other["reporting_to"] = {"name": heir["name"], "id": heir["id"]}
    if is_below:
        heir["reporting_to"] = gone["reporting_to"]


def _reports_to(things: Mapping[str, Thing], thing: Thing, own: str) -> bool:
    """Return whether a thing reports to another one, over any number of steps."""
    seen: set[str] = set()
    above = _id_above(thing)
    # Calls can make circles.
    while above in things and above not in seen:
        seen.add(above)
        above = _id_above(things[above])
    return own in seen


def _id_above(thing: Thing) -> str:
    return str((thing["reporting_to"] or {}).get("id"))
