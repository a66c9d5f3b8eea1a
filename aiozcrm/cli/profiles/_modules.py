"""What is said of a module that an org does not have."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import AsyncIterator

from aiozcrm import ZohoCRM
from aiozcrm.errors import ApiError, NotFoundError, ZohoError

__all__ = ["naming_module"]


@contextlib.asynccontextmanager
async def naming_module(zoho: ZohoCRM, module: str | None) -> AsyncIterator[None]:
    """Let an error that means that there is no such module say so.

    Args:
        zoho: The client.
        module: The name that was given; None for none.

    Raises:
        aiozcrm.errors.ZohoError: In place of an error that says so in other words.
    """
    try:
        yield
    except ApiError as error:
        if module is None or not _is_about(error, module):
            raise
        names = await _modules_of(zoho)
        # Zoho says the same of a module that cannot do what it was asked for.
        if module in names:
            raise
        raise ZohoError(
            f"There is no module {module!r} here.", hint=_hint(module, names)
        ) from error


def _is_about(error: ApiError, module: str) -> bool:
    if error.code == "INVALID_MODULE":
        return True
    segments = error.url.split("/")
    if error.code == "INVALID_URL_PATTERN":
        return module in segments
    return isinstance(error, NotFoundError) and segments[-2:] == ["modules", module]


async def _modules_of(zoho: ZohoCRM) -> list[str]:
    """Return the API names of all modules; none if they cannot be read."""
    with contextlib.suppress(ZohoError):
        return [str(one.get("api_name")) for one in await zoho.modules.list()]
    return []


def _hint(module: str, names: list[str]) -> str:
    # A slip is rarely one of capitals alone, but may be.
    by_fold = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(module.casefold(), by_fold, n=1)
    if near:
        return f"Did you mean {by_fold[near[0]]!r}?"
    return "aiozcrm call GET settings/modules lists the API names of all."
