"""Scoring rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import Creating, Deleting, Pages, Updating, check_record_id

__all__ = ["ScoringRule", "ScoringRuleDraft", "ScoringRules"]


class ScoringRule(TypedDict):
    """A rule that gives records points. Operators of criteria are written in capitals."""

    id: str
    name: str
    module: dict[str, str]
    active: bool
    description: NotRequired[str | None]
    layout: NotRequired[dict[str, str] | None]
    field_rules: NotRequired[list[dict[str, Any]]]
    signal_rules: NotRequired[list[dict[str, Any]] | None]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]
    modified_by: NotRequired[dict[str, str]]


class ScoringRuleDraft(TypedDict, total=False):
    """What can be set on a rule; an update in bulk needs the ``id``, too.

    A name has up to 25 characters, a score is between -10 and 10.
    """

    id: str
    name: str
    description: str | None
    module: dict[str, str]
    layout: dict[str, str]
    field_rules: list[dict[str, Any]]
    signal_rules: list[dict[str, Any]]


class ScoringRules(Creating[ScoringRuleDraft], Updating[ScoringRuleDraft], Deleting):
    """The rules that give records points, for their fields and for signals.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/scoring-rules.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-scoring-rules.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-scoring-rules.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-scoring-rules.html
    - activate and deactivate:
      https://www.zoho.com/crm/developer/docs/api/v7/update-rule-status.html
    - clone: https://www.zoho.com/crm/developer/docs/api/v7/clone-scoring-rule.html

    Only rules for Leads and Contacts can use signals. Zoho names no number of rules for a call,
    so one is sent at a time. To run rules, see ``zoho.records(module).run_scoring_rules``.
    Calls need the scope ``ZohoCRM.settings.scoring_rules.ALL``, or the one of the operation.
    """

    path = "settings/automation/scoring_rules"
    key = "scoring_rules"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.scoring_rules.{operation}",)
    parts: ClassVar[tuple[str, ...]] = ("field_rules", "signal_rules")
    per_create: ClassVar[int] = 1
    per_update: ClassVar[int | None] = 1
    per_delete: ClassVar[int | None] = 100

    def iter(
        self,
        *,
        module: str | None = None,
        layout_id: str | int | None = None,
        active: bool | None = None,
        name: str | None = None,
    ) -> Pages[ScoringRule]:
        """Yield one rule after the other, and read the next page meanwhile.

        Args:
            module: Only those of this module: its API name.
            layout_id: Only those of this layout.
            active: Only those that are active, or not.
            name: Only those of this name.

        Returns:
            An async iterator; its ``pages()`` yields one list a page.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        query = {"module": module, "layout_id": layout_id, "active": active, "name": name}
        return self._iter(query=query)

    async def list(
        self,
        *,
        module: str | None = None,
        layout_id: str | int | None = None,
        active: bool | None = None,
        name: str | None = None,
    ) -> Sequence[ScoringRule]:
        """Return all rules that match, from as many pages as it takes.

        Args:
            module: As for :meth:`iter`.
            layout_id: As for :meth:`iter`.
            active: As for :meth:`iter`.
            name: As for :meth:`iter`.

        Returns:
            The rules, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        pages = self.iter(module=module, layout_id=layout_id, active=active, name=name)
        return [rule async for rule in pages]

    async def get(
        self,
        id: str | int,
        /,
        *,
        layout_id: str | int | None = None,
        active: bool | None = None,
        name: str | None = None,
    ) -> ScoringRule:
        """Return one rule.

        Args:
            id: Its id.
            layout_id: Only if it is of this layout.
            active: Only if it is active, or not.
            name: Only if it has this name.

        Returns:
            The rule, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such rule.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        query = {"layout_id": layout_id, "active": active, "name": name}
        rule: ScoringRule = await self._get(id, query=query)
        return rule

    async def activate(self, id: str | int, /) -> Outcome:
        """Let a rule count.

        Args:
            id: The rule.

        Returns:
            The outcome, ``done``.

        Raises:
            aiozcrm.errors.LimitExceededError: If too many rules are active.
            aiozcrm.errors.ZohoError: If it was not activated, or that is not known
                (``maybe_done``).
        """
        return await self._switch("PUT", check_record_id(id), "actions", "activate")

    async def deactivate(self, id: str | int, /) -> Outcome:
        """Let a rule count no longer.

        Args:
            id: The rule.

        Returns:
            The outcome, ``done``.

        Raises:
            aiozcrm.errors.ZohoError: If it was not deactivated, or that is not known
                (``maybe_done``).
        """
        return await self._switch("DELETE", check_record_id(id), "actions", "activate")

    async def clone(self, id: str | int, /) -> Outcome:
        """Make a copy of a rule.

        It is sent once, since every send makes a copy: after a lost answer, look for it.

        Args:
            id: The rule.

        Returns:
            The outcome, ``created``, with the id of the copy.

        Raises:
            aiozcrm.errors.ZohoError: If it was not made, or that is not known (``maybe_done``).
        """
        return await self._act("POST", check_record_id(id), "actions", "clone", status="created")
