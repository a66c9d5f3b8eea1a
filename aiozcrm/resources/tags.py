"""Tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import Creating, Deleting, Running, Updating, check_record_id
from aiozcrm.resources.jobs import Job

__all__ = ["Tag", "TagDraft", "Tags"]


class Tag(TypedDict):
    """A tag of a module."""

    id: str
    name: str
    color_code: NotRequired[str | None]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]
    modified_by: NotRequired[dict[str, str]]


class TagDraft(TypedDict, total=False):
    """What can be set on a tag; an update in bulk needs the ``id``, too.

    An update without ``color_code`` takes the colour away.
    """

    id: str
    name: str
    color_code: str | None


class Tags(Creating[TagDraft], Updating[TagDraft], Deleting, Running):
    """The tags of a module. To tag records, see ``zoho.records(module).add_tags``.

    - list: https://www.zoho.com/crm/developer/docs/api/v7/get-tag-list.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/create-tag.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-tags.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-tag.html
    - merge: https://www.zoho.com/crm/developer/docs/api/v7/merge-tags.html
    - records_count: https://www.zoho.com/crm/developer/docs/api/v7/tag-record-count.html
    - mass_delete: https://www.zoho.com/crm/developer/docs/api/v7/mass-delete-tags.html
    - state of a mass_delete:
      https://www.zoho.com/crm/developer/docs/api/v7/get-mass-delete-tags-status.html

    A module has 100 tags, a record 10; a name has up to 25 characters.
    Calls need the scope ``ZohoCRM.settings.tags.ALL``, or the one of the operation.
    """

    path = "settings/tags"
    key = "tags"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.tags.{operation}",)
    bound_on_delete = False

    async def list(self, *, my_tags: bool | None = None) -> Sequence[Tag]:
        """Return all tags of the module.

        Args:
            my_tags: Whether to return only those that the user behind the token has made.

        Returns:
            The tags, as Zoho sent them.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._list(query={"my_tags": my_tags})

    async def merge(self, id: str | int, item: Mapping[str, Any], /) -> Outcome:
        """Merge another tag into this one; the other one is gone afterwards.

        Args:
            id: The tag that stays.
            item: ``{"conflict_id": ...}``, the tag that goes.

        Returns:
            The outcome, ``done``.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._act(
            "POST", check_record_id(id), "actions", "merge", items=[item], bound=False
        )

    async def records_count(self, id: str | int, /) -> int:
        """Return how many records have this tag.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        return await self._count(check_record_id(id), "actions", "records_count")

    async def mass_delete(self, ids: Iterable[str | int], /) -> Job:
        """Delete up to 200 tags in the background, with their places on records.

        Args:
            ids: The tags.

        Returns:
            The job.

        Raises:
            aiozcrm.errors.ZohoError: If the job could not be started; the class says why.
        """
        tags = [{"id": check_record_id(tag)} for tag in ids]
        module = {"api_name": self._bound["module"]}
        return await self._start_job("mass_delete", [{"module": module, "tags": tags}])

    def mass_delete_job(self, job_id: str | int, /) -> Job:
        """Return a job that :meth:`mass_delete` has started, perhaps in another process."""
        return self._job("mass_delete", job_id, key="mass_delete")
