"""Which version of the package this is."""

from __future__ import annotations

import functools

__all__ = ["package_version"]


@functools.cache
def package_version() -> str | None:
    """Return the version; None where the package's metadata is missing.

    Some tools that bundle applications leave the metadata out.
    """
    # Imported here, since it takes longer than all of this package.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("aiozcrm")
    except PackageNotFoundError:
        return None
