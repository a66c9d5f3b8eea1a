"""What narrows and orders lists of records, and goes along with writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, TypedDict, TypeVar

__all__ = ["ListQuery", "Record", "RecordT", "WriteOptions", "every_record"]

#: Modules whose lists know neither ``converted`` nor ``approved``.
#: https://www.zoho.com/crm/developer/docs/api/v7/get-notes.html
_WITHOUT_STATES: Final = frozenset(
    {"Appointments_Rescheduled_History__s", "Entity_Scores__s", "Notes"}
)

#: A record by the API names of its fields. Which fields there are is up to the org.
Record: TypeAlias = dict[str, Any]

#: A record as the caller's type checker sees it.
RecordT = TypeVar("RecordT", bound=Mapping[str, Any])


class ListQuery(TypedDict, total=False):
    """What narrows and orders a list of records.

    Attributes:
        ids: Only these records.
        cvid: Only those of this custom view; not together with *sort_by*.
        sort_by: ``id`` (the default), ``Created_Time`` or ``Modified_Time``.
        sort_order: ``desc`` (the default) or ``asc``.
        converted: Leads only: ``false`` (the default), ``true`` or ``both``.
        approved: ``true`` (the default), ``false`` or ``both``.
        territory_id: Only those of this territory; for Accounts, Contacts and Deals.
        include_child: Whether those of its child territories count, too.
        uid: The id of a user.
        start_date_time: Activities only: those that begin later.
        end_date_time: Activities only: those that end earlier.
        if_modified_since: Only what has changed since this moment, itself included: an aware
            datetime, or text as Zoho writes it.
    """

    ids: Sequence[str | int]
    cvid: str | int
    sort_by: Literal["id", "Created_Time", "Modified_Time"]
    sort_order: Literal["asc", "desc"]
    converted: Literal["true", "false", "both"] | bool
    approved: Literal["true", "false", "both"] | bool
    territory_id: str | int
    include_child: bool
    uid: str | int
    start_date_time: str | dt.datetime
    end_date_time: str | dt.datetime
    if_modified_since: str | dt.datetime


def every_record(module: str) -> ListQuery:
    """Return the query of a list that leaves out no record, whatever its state.

    Without it, a list lacks converted leads and records that wait for approval.

    Args:
        module: The API name of the module. Some, such as Notes, have no such states.

    Returns:
        What ``list()`` and ``iter()`` of the module's records take as keywords.
    """
    return {} if module in _WITHOUT_STATES else {"converted": "both", "approved": "both"}


class WriteOptions(TypedDict, total=False):
    """What goes along with every call of a write.

    Attributes:
        trigger: What the write sets off: any of ``workflow``, ``approval``, ``blueprint``,
            ``pathfinder`` and ``orchestration``. Left out: all that is configured; empty: nothing.
        process: Which processes to run, such as ``review_process``.
        lar_id: The id of the lead assignment rule to apply.
        apply_feature_execution: Features to apply, such as ``[{"name": "layout_rules"}]``.
        skip_feature_execution: Features to skip, such as ``[{"name": "cadences"}]``.
        wf_trigger: An older form of *trigger*.
        if_unmodified_since: Change only what has not changed since this moment: an aware datetime,
            or text as Zoho writes it.
    """

    trigger: Sequence[str]
    process: Sequence[str]
    lar_id: str | int
    apply_feature_execution: Sequence[Mapping[str, Any]]
    skip_feature_execution: Sequence[Mapping[str, Any]]
    wf_trigger: str | bool
    if_unmodified_since: str | dt.datetime
