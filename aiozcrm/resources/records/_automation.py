"""Scores and cadences of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiozcrm._protocol import Json, check_record_id
from aiozcrm.batch import BatchReport, Inputs, Outcome
from aiozcrm.errors import InvalidInputError
from aiozcrm.resources.records._acting import ActingRecords, few_ids
from aiozcrm.resources.records._queries import RecordT

__all__ = ["AutomatedRecords"]

_IDS_A_CALL = 100


class AutomatedRecords(ActingRecords[RecordT]):
    """Runs scoring rules, and lets records take part in cadences."""

    async def run_scoring_rules(
        self,
        *,
        layout: Mapping[str, Any] | None = None,
        scoring_rules: Iterable[str | int] | None = None,
    ) -> Outcome:
        """Let Zoho compute the scores of the module's records anew, in the background.

        https://www.zoho.com/crm/developer/docs/api/v7/execute-scoring-rules.html

        Scope: ``ZohoCRM.settings.scoring_rules.ALL``.

        Args:
            layout: Only by the rules of this layout: ``{"id": ...}``.
            scoring_rules: Only by these rules, up to five; all of the module if neither is given.

        Returns:
            The outcome, ``done``: Zoho has taken it on. ``details`` have a ``job_id``, but Zoho
            has no call that tells of it.

        Raises:
            aiozcrm.errors.InvalidInputError: If both are given, or none or more than five rules;
                nothing is sent.
            aiozcrm.errors.ZohoError: If it was not taken on, or that is not known
                (``maybe_done``).
        """
        if layout is not None and scoring_rules is not None:
            raise InvalidInputError("Give a layout or scoring rules, not both.")
        body: dict[str, Any] = {}
        if layout is not None:
            body["layout"] = {**layout, "id": check_record_id(layout.get("id"))}
        if scoring_rules is not None:
            body["scoring_rules"] = few_ids("scoring_rules", scoring_rules, most=5)
        return await self._act(
            "PUT", "actions", "run_scoring_rules", key="scoring_rules", body=Json(body)
        )

    async def enrol_in_cadences(
        self, ids: Inputs, /, *, cadences_ids: Iterable[str | int]
    ) -> BatchReport:
        """Let records take part in cadences that are meant for that.

        https://www.zoho.com/crm/developer/docs/api/v7/cadences/enroll.html

        It is sent once, since nothing tells what a second time does. 100 records go in a call.

        Args:
            ids: The records.
            cadences_ids: The cadences, up to five.

        Returns:
            What became of each record, in the order of the ids.

        Raises:
            aiozcrm.errors.InvalidInputError: If an id is none, or there is not one cadence, or
                more than five; nothing is sent.
        """
        return await self._in_cadences("enrol_in_cadences", ids, cadences_ids)

    async def unenrol_from_cadences(
        self, ids: Inputs, /, *, cadences_ids: Iterable[str | int]
    ) -> BatchReport:
        """Let records take part in cadences no longer.

        https://www.zoho.com/crm/developer/docs/api/v7/cadences/unenroll.html

        Args:
            ids: The records.
            cadences_ids: The cadences, up to five.

        Returns:
            What became of each record, in the order of the ids.

        Raises:
            aiozcrm.errors.InvalidInputError: As for :meth:`enrol_in_cadences`.
        """
        return await self._in_cadences("unenrol_from_cadences", ids, cadences_ids)

    async def _in_cadences(
        self, action: str, ids: Inputs, cadences_ids: Iterable[str | int]
    ) -> BatchReport:
        batch = self._acting(
            action,
            {"cadences_ids": few_ids("cadences_ids", cadences_ids, most=5)},
            concurrency=None,
            on_outcome=None,
            status="done",
            repeatable=False,
            per_call=_IDS_A_CALL,
        )
        return await batch.report(ids)
