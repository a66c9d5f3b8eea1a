"""The organization."""

from __future__ import annotations

from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours import Resource
from aiozcrm.resources._behaviours._transfers import FileSource
from aiozcrm.resources._photos import Photo
from aiozcrm.resources._results import rows_of, unreadable

__all__ = ["Org", "OrgPhoto", "Organization"]


class Organization(TypedDict):
    """The org that the credentials belong to."""

    id: str
    zgid: NotRequired[str]
    company_name: str
    type: NotRequired[str]
    primary_email: NotRequired[str | None]
    country: NotRequired[str | None]
    country_code: NotRequired[str | None]
    currency: NotRequired[str]
    iso_code: NotRequired[str]
    time_zone: NotRequired[str]
    license_details: NotRequired[dict[str, Any]]


class OrgPhoto(Photo):
    """The photo of the org, its logo.

    - upload: https://www.zoho.com/crm/developer/docs/api/v7/upload-org-img.html
    - download: https://www.zoho.com/crm/developer/docs/api/v7/get-org-img.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-org-img.html

    A PNG, JPEG, GIF or BMP of at most 1 MB and 10 megapixels.
    Calls need the scope ``ZohoCRM.org.ALL``, or the one of the operation.
    """

    path = "org/photo"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.org.{operation}",)
    most_bytes = 1024 * 1024

    async def upload(
        self, file: FileSource, /, *, name: str | None = None, content_type: str | None = None
    ) -> Outcome:
        """Put a photo in the place of the one that is there.

        Args:
            file: A path, an open binary file, bytes, or an async iterable of bytes.
            name: What Zoho is to call it; by default the name of the path or of the open file.
            content_type: Its media type.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.InvalidInputError: If it has no name, or more than 1 MB; of a stream
                that is found out while it is sent.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            OSError: If the file cannot be read.
            TypeError: If *file* is something else; nothing is sent.
        """
        return await self._put(file, name, content_type)


class Org(Resource):
    """The org that the credentials belong to.

    - get: https://www.zoho.com/crm/developer/docs/api/v7/get-org-data.html

    The call needs the scope ``ZohoCRM.org.READ`` or ``ZohoCRM.org.ALL``.
    """

    path = "org"
    key = "org"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.org.{operation}",)

    @property
    def photo(self) -> OrgPhoto:
        """The photo of the org."""
        return OrgPhoto(self._api)

    async def get(self) -> Organization:
        """Return the org. A good way to see which one the credentials belong to.

        ``zgid`` is its id as an org, ``type`` its environment, and
        ``license_details["paid_type"]`` its edition.

        Returns:
            The org, as Zoho sent it.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
        """
        items, reply = await self._read()
        rows = rows_of(items, reply)
        if len(rows) != 1:
            raise unreadable(reply, f"it names {len(rows) or 'no'} org")
        org: Organization = rows[0]
        return org
