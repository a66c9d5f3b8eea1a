"""The photo of a record."""

from __future__ import annotations

from typing import ClassVar, Literal

from aiozcrm.batch import Outcome
from aiozcrm.resources._behaviours._transfers import FileSource
from aiozcrm.resources._photos import Photo

__all__ = ["RecordPhoto"]


class RecordPhoto(Photo):
    """The photo of a record: of leads, contacts, accounts, products, vendors and custom modules.

    - upload: https://www.zoho.com/crm/developer/docs/api/v7/upload-image.html
    - download: https://www.zoho.com/crm/developer/docs/api/v7/download-image.html
    - delete: https://www.zoho.com/crm/developer/docs/api/v7/delete-image.html

    A PNG, JPEG, GIF or BMP of at most 10 MB and 10 megapixels.
    Calls need the scope ``ZohoCRM.modules.ALL``, or the one of the module and operation.
    """

    path = "{module}/{record_id}/photo"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.modules.{operation}",)
    most_bytes = 10 * 1024 * 1024

    async def upload(
        self,
        file: FileSource,
        /,
        *,
        name: str | None = None,
        content_type: str | None = None,
        restrict_triggers: Literal["workflow"] | None = None,
    ) -> Outcome:
        """Put a photo in the place of the one that is there.

        Args:
            file: A path, an open binary file, bytes, or an async iterable of bytes.
            name: What Zoho is to call it; by default the name of the path or of the open file.
            content_type: Its media type.
            restrict_triggers: ``workflow`` to start no workflow by it.

        Returns:
            The outcome, ``updated``.

        Raises:
            aiozcrm.errors.InvalidInputError: If it has no name, or more than 10 MB; of a stream
                that is found out while it is sent.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            OSError: If the file cannot be read.
            TypeError: If *file* is something else; nothing is sent.
        """
        query = {"restrict_triggers": restrict_triggers}
        return await self._put(file, name, content_type, query)
