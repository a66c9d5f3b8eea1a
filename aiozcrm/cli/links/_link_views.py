"""Tables and JSON of links, and of the places that use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from aiozcrm.cli._output import facts_of, print_facts, print_lines
from aiozcrm.cli.profiles._orgs import Answers, show_answers
from aiozcrm.resources import Association, UnsubscribeLink

__all__ = ["show_associations", "show_link", "show_links"]

_LINK_COLUMNS: Final = ("Id", "Name", "Page type", "Action", "Modified")
_PLACE_COLUMNS: Final = ("Link id", "Place", "Used by", "Its id", "Module")


def show_link(link: UnsubscribeLink, *, as_json: bool) -> None:
    """Show everything about a link."""
    if as_json:
        print_lines([facts_of(link)])
        return
    facts: dict[str, object] = {name: getattr(link, name) for name in facts_of(link)}
    for name in ("created_by", "modified_by"):
        facts[name] = user.name if (user := getattr(link, name)) else None
    print_facts(facts)


def show_links(answers: Answers[Sequence[UnsubscribeLink]], *, as_json: bool) -> None:
    """Show the main facts about links; as JSON, everything."""
    show_answers(answers, columns=_LINK_COLUMNS, rows_of=_link_rows, as_json=as_json)


def show_associations(answers: Answers[Sequence[Association]], *, as_json: bool) -> None:
    """Show what uses links: one row per place, or one line of JSON per link."""
    show_answers(answers, columns=_PLACE_COLUMNS, rows_of=_place_rows, as_json=as_json)


def _link_rows(link: UnsubscribeLink) -> Iterator[Sequence[object]]:
    yield (
        link.id,
        link.name,
        link.page_type,
        link.submission_action_type,
        link.modified_time.date() if link.modified_time else None,
    )


def _place_rows(association: Association) -> Iterator[Sequence[object]]:
    for place in association.places:
        yield association.id, place.type, place.resource_name, place.resource_id, place.module
