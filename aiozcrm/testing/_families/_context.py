"""What the families of an org share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, Final

import attrs

from aiozcrm.testing._callbacks import Callbacks
from aiozcrm.testing._families._jobs import Jobs
from aiozcrm.testing._schema._module import OrgSchema
from aiozcrm.testing.dialect import Dialect
from aiozcrm.testing.limits import Limits
from aiozcrm.testing.stats import Stats

__all__ = ["Happening", "OrgContext"]

# Ids have 19 digits; the first seven are those of the org.
_FIRST_ORG: Final = 4150868
_ORG_SIZE: Final = 10**12


@attrs.frozen
class Happening:
    """What has happened to a record.

    Attributes:
        module: The API name of its module.
        operation: ``create``, ``edit`` or ``delete``.
        id: Its id.
        values: The new values of the fields that an edit has changed.
    """

    module: str
    operation: str
    id: str
    values: Mapping[str, Any]


@attrs.frozen(kw_only=True, eq=False)
class OrgContext:
    """The org around its families.

    Attributes:
        number: Which of the server's orgs it is, from 0.
        name: What people call it.
        environment: Its environment.
        dialect: Which reading it follows where Zoho's sources disagree.
        limits: How much is allowed.
        stats: Where it counts.
        wall: Tells the time in seconds since 1970.
        time_zone: In which answers tell the time.
        url: Returns where the server is reached, for addresses in answers.
        callbacks: Sends what notification channels tell.
        watchers: Are told of each record that changes.
        jobs: The work that it has taken on.
        schema: Its modules and their fields.
    """

    number: int
    name: str
    environment: str
    dialect: Dialect
    limits: Limits
    stats: Stats
    wall: Callable[[], float]
    time_zone: dt.tzinfo
    url: Callable[[], str]
    callbacks: Callbacks
    watchers: list[Callable[[Happening], None]] = attrs.field(init=False, factory=list)
    jobs: Jobs = attrs.field(init=False)
    schema: OrgSchema = attrs.field(init=False)

    def tell(self, module: str, operation: str, record_id: str, values: Mapping[str, Any]) -> None:
        """Tell the watchers that a record has changed."""
        happening = Happening(module, operation, record_id, values)
        for watch in self.watchers:
            watch(happening)

    @jobs.default
    def _make_jobs(self) -> Jobs:
        return Jobs(self.ids(222001), self.limits.polls)

    @schema.default
    def _make_schema(self) -> OrgSchema:
        return OrgSchema(make_id=self.id, ids=self.ids, now=self.now)

    def ids(self, first: int, step: int = 1) -> Iterator[str]:
        """Return ids that follow one another; they are the same each time.

        Args:
            first: The first, within the org.
            step: How far they are apart.
        """
        return map(str, count((_FIRST_ORG + self.number) * _ORG_SIZE + first, step))

    def id(self, number: int) -> str:
        """Return the id with this number within the org."""
        return next(self.ids(number))

    @property
    def user(self) -> dict[str, str]:
        """The user whose tokens call, as other things name one."""
        return {"name": "Mira Oldenkamp", "id": self.id(225013)}

    def now(self) -> str:
        """Return the time as answers tell it."""
        return self.shown(self.wall())

    def shown(self, moment: float) -> str:
        """Return a moment, in seconds since 1970, as answers tell it."""
        return dt.datetime.fromtimestamp(moment, self.time_zone).isoformat(timespec="seconds")
