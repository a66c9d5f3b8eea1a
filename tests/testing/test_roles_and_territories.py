"""Roles and territories of the fake: what reports to one that goes reports to its heir."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho


def above(thing: dict[str, Any]) -> Any:
    """Return the id of what a thing reports to."""
    return thing["reporting_to"]["id"]


async def test_an_heir_from_below_takes_the_place_of_a_role(ask: Any, fake: FakeZoho) -> None:
    """However far below; then none reports to itself, or in a circle."""
    roles, first = fake.roles, fake.roles.ids[0]
    gone = roles.add(name="Head", reporting_to=first)
    child, sibling = (roles.add(name=name, reporting_to=gone) for name in ("Lead", "Aide"))
    heir = roles.add(name="Clerk", reporting_to=child)
    status, _ = await ask(f"DELETE settings/roles/{gone}", transfer_to_id=heir)

    assert status == 200
    assert [above(roles.get(own)) for own in (heir, child, sibling)] == [first, heir, heir]


async def test_an_heir_from_below_takes_the_place_of_a_territory(ask: Any, fake: FakeZoho) -> None:
    """The one right below it, too."""
    territories, first = fake.territories, fake.territories.first_id
    gone = territories.add(name="North")
    heir, sibling = (territories.add(name=n, reporting_to={"id": gone}) for n in ("East", "West"))
    item = {"id": gone, "transfer_to_id": heir}
    line = "POST settings/territories/actions/transfer_and_delete"
    status, _ = await ask(line, {"territories": [item]})

    assert status == 200
    assert [above(territories.get(own)) for own in (heir, sibling)] == [first, heir]


async def test_another_heir_stays_where_it_is(ask: Any, fake: FakeZoho) -> None:
    """Even if calls have let two roles report to one another."""
    roles, first = fake.roles, fake.roles.ids[0]
    gone = roles.add(name="Head", reporting_to=first)
    heir, other = (roles.add(name=name, reporting_to=first) for name in ("Lead", "Aide"))
    for own, boss in ((heir, other), (other, heir)):
        await ask(f"PUT settings/roles/{own}", {"roles": [{"reporting_to": boss}]})
    status, _ = await ask(f"DELETE settings/roles/{gone}", transfer_to_id=heir)

    assert status == 200
    assert [above(roles.get(own)) for own in (heir, other)] == [other, heir]


@pytest.mark.parametrize("heir", ["a", "²", "٣"])
async def test_an_heir_of_a_role_has_a_number(ask: Any, fake: FakeZoho, heir: str) -> None:
    """Of the digits that ids have; the role stays."""
    own = fake.roles.add(name="Head")
    status, told = await ask(f"DELETE settings/roles/{own}", transfer_to_id=heir)

    assert (status, told["code"]) == (400, "UNABLE_TO_PARSE_DATA_TYPE")
    assert own in fake.roles.ids
