"""Where a record is in its process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NotRequired, TypedDict

import attr as attrs

from aiozcrm._protocol import Json, results_of
from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import Resource, draft
from aiozcrm.resources._results import no_trouble, object_of

__all__ = ["Blueprint", "RecordBlueprint", "Transition"]


class Transition(TypedDict):
    """A step that the record can take next."""

    id: str
    name: str
    type: NotRequired[str]
    next_field_value: NotRequired[str]
    criteria_matched: NotRequired[bool]
    fields: NotRequired[list[dict[str, Any]]]
    data: NotRequired[dict[str, Any]]
    next_transitions: NotRequired[list[dict[str, Any]]]
    percent_partial_save: NotRequired[float]


class Blueprint(TypedDict):
    """The process that a record is in, and the steps that it can take next."""

    process_info: dict[str, Any]
    transitions: list[Transition]


class RecordBlueprint(Resource):
    """Where a record is in its process.

    - get: https://www.zoho.com/crm/developer/docs/api/v7/blueprint-details.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-blueprint.html

    Calls need the scope ``ZohoCRM.modules.ALL``, or the one of the module and operation.
    """

    path = "{module}/{record_id}/actions/blueprint"
    key = "blueprint"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.modules.{operation}",)

    async def get(self) -> Blueprint:
        """Return the process of the record, and the steps that it can take next.

        Returns:
            What there is, as Zoho sent it.

        Raises:
            aiozcrm.errors.NotAllowedError: If the record is in no process.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        found, reply = await self._read()
        blueprint: Blueprint = object_of(found, reply, self.key)
        return blueprint

    async def update(self, changes: Mapping[str, Any], /) -> Outcome:
        """Take a step.

        It is sent once: after a lost answer, look where the record is.

        Args:
            changes: The ``transition_id``, and under ``data`` what the step asks for: values of
                fields, ``Notes``, ``Attachments``, ``CheckLists``.

        Returns:
            The outcome, ``updated`` if the step is taken, ``done`` if what you gave was saved and
            more is needed for the step. ``details["message"]`` is Zoho's sentence for it.

        Raises:
            aiozcrm.errors.MissingFieldError: If something is missing that cannot be added later.
            aiozcrm.errors.NotAllowedError: If the record is in no process.
            aiozcrm.errors.RecordLockedError: If the record is locked.
            aiozcrm.errors.ZohoError: If the step was not taken, or that is not known
                (``maybe_done``).
        """
        body = Json({self.key: [draft(changes)]})
        call, reply = await self._call(
            "PUT", body=body, repeatable=False, check=no_trouble(self.key)
        )
        own = self._bound["record_id"]
        outcome = self._one_outcome(call, reply, self.key, status="updated", own=own)
        [result] = results_of(reply.data, self.key)
        # Only the sentence tells whether the step is taken.
        saved_in_part = "partial" in result.message.lower()
        return attrs.evolve(
            outcome,
            id=own,
            status="done" if saved_in_part else "updated",
            details={**outcome.details, "message": result.message},
        )
