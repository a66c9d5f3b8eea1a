"""The records of a module: all that can be done with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from aiozcrm._protocol import check_headers, plain_text
from aiozcrm.batch import Outcome
from aiozcrm.errors import InvalidInputError, NotAllowedError
from aiozcrm.resources._api import Api
from aiozcrm.resources._behaviours import draft
from aiozcrm.resources.records._action_scopes import ACTION_SCOPES
from aiozcrm.resources.records._automation import AutomatedRecords
from aiozcrm.resources.records._converting import ConvertingRecords
from aiozcrm.resources.records._copies import MergingRecords
from aiozcrm.resources.records._filing import FilingRecords
from aiozcrm.resources.records._mailing import MailingRecords
from aiozcrm.resources.records._mass import MassRecords
from aiozcrm.resources.records._owners import OwnedRecords
from aiozcrm.resources.records._portal import PortalRecords
from aiozcrm.resources.records._queries import RecordT
from aiozcrm.resources.records._tagging import TaggingRecords
from aiozcrm.resources.records._territories import TerritoryRecords
from aiozcrm.resources.records._writing import WritingRecords

__all__ = ["Records"]

#: API names of modules: letters, digits and underscores, in the language of Zoho's API.
_MODULE: Final = re.compile(r"[A-Za-z]\w{0,99}", re.ASCII)


class Records(
    FilingRecords[RecordT],
    MailingRecords[RecordT],
    TaggingRecords[RecordT],
    OwnedRecords[RecordT],
    TerritoryRecords[RecordT],
    ConvertingRecords[RecordT],
    MassRecords[RecordT],
    AutomatedRecords[RecordT],
    PortalRecords[RecordT],
    MergingRecords[RecordT],
    WritingRecords[RecordT],
):
    """The records of a module.

    - list, get: https://www.zoho.com/crm/developer/docs/api/v7/get-records.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-records.html
    - upsert: https://www.zoho.com/crm/developer/docs/api/v7/upsert-records.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-records.html
    - search, find: https://www.zoho.com/crm/developer/docs/api/v7/search-records.html
    - count: https://www.zoho.com/crm/developer/docs/api/v7/module_record_count.html
    - deleted, changes: https://www.zoho.com/crm/developer/docs/api/v7/get-deleted-records.html
    - timeline: https://www.zoho.com/crm/developer/docs/api/v7/timeline-of-a-record.html
    - fetch_full_data: https://www.zoho.com/crm/developer/docs/api/v7/get-rich-text-fields.html
    - clone: https://www.zoho.com/crm/developer/docs/api/v7/record-clone.html
    - convert: https://www.zoho.com/crm/developer/docs/api/v7/convert-lead.html and
      https://www.zoho.com/crm/developer/docs/api/v7/inventory-convert.html
    - conversion_options:
      https://www.zoho.com/crm/developer/docs/api/v7/lead-conversion-options.html
    - merge: https://www.zoho.com/crm/developer/docs/api/v7/merge-records.html
    - state of a merge: https://www.zoho.com/crm/developer/docs/api/v7/get-merge-status.html
    - download_fields_attachment:
      https://www.zoho.com/crm/developer/docs/api/v7/download_field_attachments.html
    - download_mail_merge: https://www.zoho.com/crm/developer/docs/api/v7/download-mail-merge.html
    - send_mail_merge: https://www.zoho.com/crm/developer/docs/api/v7/send-mail-merge.html
    - sign_mail_merge: https://www.zoho.com/crm/developer/docs/api/v7/sign-mail-merge.html
    - send_mail: https://www.zoho.com/crm/developer/docs/api/v7/send-mail.html
    - associate_email: https://www.zoho.com/crm/developer/docs/api/v7/associate-email.html
    - emails_sharing_details:
      https://www.zoho.com/crm/developer/docs/api/v7/get-email-shared-details.html
    - unblock_email: https://www.zoho.com/crm/developer/docs/api/v7/unblock-emails.html
    - mass_update: https://www.zoho.com/crm/developer/docs/api/v7/mass-update-records.html and
      https://www.zoho.com/crm/developer/docs/api/v7/mass-update-status.html
    - mass_delete: https://www.zoho.com/crm/developer/docs/api/v7/mass-delete.html and
      https://www.zoho.com/crm/developer/docs/api/v7/mass-delete-status.html
    - mass_convert: https://www.zoho.com/crm/developer/docs/api/v7/mass-convert-lead.html,
      https://www.zoho.com/crm/developer/docs/api/v7/mass-convert-status.html,
      https://www.zoho.com/crm/developer/docs/api/v7/mass-inventory-convert.html and
      https://www.zoho.com/crm/developer/docs/api/v7/mass-inventory-conversion-status-api.html
    - mass_change_owner: https://www.zoho.com/crm/developer/docs/api/v7/mass-change-owner.html and
      https://www.zoho.com/crm/developer/docs/api/v7/mass-change-owner-status.html
    - run_scoring_rules: https://www.zoho.com/crm/developer/docs/api/v7/execute-scoring-rules.html
    - enrol_in_cadences: https://www.zoho.com/crm/developer/docs/api/v7/cadences/enroll.html
    - unenrol_from_cadences: https://www.zoho.com/crm/developer/docs/api/v7/cadences/unenroll.html
    - portal_invite: https://www.zoho.com/crm/developer/docs/api/v7/invite-user.html
    - portal_invite_many:
      https://www.zoho.com/crm/developer/docs/api/v7/portal-bulk-invite-users.html and
      https://www.zoho.com/crm/developer/docs/api/v7/get-portal-invite-users-job-status.html
    - cancel: https://www.zoho.com/crm/developer/docs/api/v7/meeting-cancel.html
    - add_tags: https://www.zoho.com/crm/developer/docs/api/v7/add-tags.html
    - remove_tags: https://www.zoho.com/crm/developer/docs/api/v7/remove-tags.html
    - change_owner: https://www.zoho.com/crm/developer/docs/api/v7/change-owner.html
    - assign_territories:
      https://www.zoho.com/crm/developer/docs/api/v7/assign-territories-to-records.html
    - remove_territories:
      https://www.zoho.com/crm/developer/docs/api/v7/remove-territories-of-records.html

    The same calls serve what has pages of its own behind
    https://www.zoho.com/crm/developer/docs/api/v7/:

    - external ids: get-records-ext, insert-records-ext, update-records-ext, upsert-records-ext,
      delete-records-ext, search-records-ext
    - ``Notes``: get-notes, create-notes, update-notes, delete-notes
    - ``Services__s``: get-services, create-services, update-services, delete-services
    - ``Appointments__s``: get-appointments, create-appointments, update-appointments,
      delete-appointments
    - ``Appointments_Rescheduled_History__s``: get-appointments-rescheduled-history,
      add-appointments-rescheduled-history, update-appointments-rescheduled-history,
      delete-appointments-rescheduled-history
    - ``Entity_Scores__s``: get-entity-scores
    - subforms, which are fields of a record: subforms, insert-subforms, update-subforms
    - the territories of a record, another field: get-territories-of-a-record

    A list reaches 100,000 records, and goes on by COQL where it can; a search reaches 2,000. A
    write takes 100 records a call, and Zoho allows ten calls at once of those with more than 10.
    Calls need the scope ``ZohoCRM.modules.ALL``, or the one of the module and operation; a search
    and a count need ``ZohoSearch.securesearch.READ`` besides.

    Args:
        api: What makes the calls.
        module: The API name of the module.
        external_id: The API name of the field whose values stand for ids; several, or those of
            other modules, with their module, as ``Contacts.External_Id``.
    """

    scopes: ClassVar[tuple[str, ...]] = (
        "ZohoCRM.modules.{operation}",
        "ZohoSearch.securesearch.READ",
    )
    action_scopes: ClassVar[Mapping[tuple[str, str], Sequence[str]]] = ACTION_SCOPES

    def __init__(
        self,
        api: Api,
        *,
        module: str,
        external_id: str | Sequence[str] | None = None,
    ) -> None:
        if not isinstance(module, str):
            raise TypeError(f"module is the API name of a module, not {type(module).__name__}")
        if not _MODULE.fullmatch(module):
            raise InvalidInputError(
                f"{module!r} is not the API name of a module.",
                hint="It is one word, such as Leads or Sales_Orders: see zoho.modules.list().",
            )
        module = plain_text(module)
        super().__init__(api, module=module)
        if external_id is not None:
            given = [external_id] if isinstance(external_id, str) else external_id
            names = [plain_text(name) for name in given]
            dotted = [name if "." in name else f"{module}.{name}" for name in names]
            self.headers: Mapping[str, str] = check_headers({"X-EXTERNAL": ",".join(dotted)})
            self.named = True
            self.external_id: str | None = names[0].rpartition(".")[2]

    async def cancel(self, id: str | int, item: Mapping[str, Any], /) -> Outcome:
        """Cancel a meeting, a record of the module ``Events`` with participants.

        https://www.zoho.com/crm/developer/docs/api/v7/meeting-cancel.html

        A meeting is cancelled only once, so the call is sent again after a lost answer; that it
        is cancelled already then means that it has worked.

        Args:
            id: The meeting.
            item: Whether to tell the participants: ``{"send_cancelling_mail": True}``.

        Returns:
            The outcome, ``done``.

        Raises:
            aiozcrm.errors.NotAllowedError: If it is cancelled already, is over, or nobody was
                invited.
            aiozcrm.errors.ZohoError: If it was not cancelled, or that is not known
                (``maybe_done``).
        """
        own, items = self._id(id), [draft(item)]
        return await self._act(
            "POST",
            own,
            "actions",
            "cancel",
            items=items,
            done=(NotAllowedError,),
            done_says="already cancelled",
            own=own,
            repeatable=True,
        )
