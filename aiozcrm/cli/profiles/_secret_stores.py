"""Where the secrets of profiles are kept: the system's keyring, or a private file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import attrs

from aiozcrm.errors import ConfigurationError
from aiozcrm.token_stores import PrivateFile

__all__ = ["KeyringSecrets", "Place", "SecretFile", "SecretStore", "Secrets", "keyring_works"]

Place = Literal["file", "keyring"]

#: The name of the service under which secrets are kept.
_SERVICE: Final = "aiozcrm"

#: A profile takes some hundred bytes.
_MAX_BYTES: Final = 2**20


@attrs.frozen(kw_only=True)
class Secrets:
    """The secrets of a profile.

    Attributes:
        client_secret: From the API console.
        refresh_token: From the authorization.
    """

    client_secret: str = attrs.field(repr=False)
    refresh_token: str = attrs.field(repr=False)


class SecretStore(Protocol):
    """Keeps the secrets of profiles by name."""

    #: Says where, for people.
    place: str

    def get(self, name: str) -> Secrets | None:
        """Return the secrets of a profile, None if there are none."""
        ...

    def set(self, name: str, secrets: Secrets) -> None:
        """Keep the secrets of a profile."""
        ...

    def delete(self, name: str) -> None:
        """Forget the secrets of a profile, if there are any."""
        ...


class SecretFile:
    """Secrets in a file that only its owner can read. The caller has to lock it for changes.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._file = PrivateFile(path, holds="secrets", max_bytes=_MAX_BYTES)
        self.place = f"the file {self._file.path}, which only you can read"

    def get(self, name: str) -> Secrets | None:
        """Return the secrets of a profile, None if there are none.

        Raises:
            aiozcrm.errors.ConfigurationError: If the file is not safe, or cannot be understood.
        """
        entry = self._entries().get(name)
        return None if entry is None else _secrets(entry, self.place)

    def set(self, name: str, secrets: Secrets) -> None:
        """Keep the secrets of a profile.

        Raises:
            aiozcrm.errors.ConfigurationError: If the file is not safe, or cannot be understood.
        """
        self._write(self._entries() | {name: attrs.asdict(secrets)})

    def delete(self, name: str) -> None:
        """Forget the secrets of a profile, if there are any.

        Raises:
            aiozcrm.errors.ConfigurationError: If the file is not safe, or cannot be understood.
        """
        entries = self._entries()
        if entries.pop(name, None) is not None:
            self._write(entries)

    def _entries(self) -> dict[str, Any]:
        return _decoded(self._file.read() or b"{}", self.place)

    def _write(self, entries: dict[str, Any]) -> None:
        self._file.make_folder()
        self._file.replace(json.dumps(entries, indent=1).encode())


class KeyringSecrets:
    """Secrets in the keyring of the system."""

    place = "the keyring of the system"

    def get(self, name: str) -> Secrets | None:
        """Return the secrets of a profile, None if there are none.

        Raises:
            aiozcrm.errors.ConfigurationError: If the keyring cannot be used.
        """
        kept = self._use("get_password", name)
        return None if kept is None else _secrets(_decoded(kept, self.place), self.place)

    def set(self, name: str, secrets: Secrets) -> None:
        """Keep the secrets of a profile.

        Raises:
            aiozcrm.errors.ConfigurationError: If the keyring cannot be used, or keeps nothing.
        """
        self._use("set_password", name, json.dumps(attrs.asdict(secrets)))
        # A keyring that is switched off accepts everything and keeps nothing.
        if self.get(name) != secrets:
            raise ConfigurationError(
                "The system's keyring does not keep what it is given.",
                hint="Log in again with --secrets file.",
            )

    def delete(self, name: str) -> None:
        """Forget the secrets of a profile, if there are any.

        Raises:
            aiozcrm.errors.ConfigurationError: If the keyring cannot be used.
        """
        if self._use("get_password", name) is not None:
            self._use("delete_password", name)

    def _use(self, verb: str, *arguments: str) -> Any:
        try:
            import keyring  # noqa: PLC0415  # it is an extra
        except ModuleNotFoundError as error:
            if error.name != "keyring":
                raise
            raise ConfigurationError(
                "The secrets of this profile are in the system's keyring, and keyring is not "
                "installed.",
                hint="Install it with: pip install 'aiozcrm[keyring]'",
            ) from None
        try:
            return getattr(keyring, verb)(_SERVICE, *arguments)
        except Exception as error:  # noqa: BLE001  # keyrings let errors of their own through
            raise ConfigurationError(
                f"The system's keyring cannot be used: {type(error).__name__}.",
                hint="Unlock it, correct PYTHON_KEYRING_BACKEND if that is set, or log in again "
                "with --secrets file.",
            ) from None


def keyring_works() -> bool:
    """Return whether keyring is installed, is not switched off, and finds a keyring."""
    try:
        import keyring  # noqa: PLC0415  # it is an extra
        from keyring.backends.fail import Keyring as NoKeyring  # noqa: PLC0415
        from keyring.backends.null import Keyring as SwitchedOff  # noqa: PLC0415

        found = keyring.get_keyring()
    except Exception:  # noqa: BLE001  # PYTHON_KEYRING_BACKEND may name whatever cannot be loaded
        return False
    return not isinstance(found, (NoKeyring, SwitchedOff))


def _decoded(content: str | bytes, place: str) -> dict[str, Any]:
    try:
        read = json.loads(content)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        # The cause would quote what was read.
        raise _damaged(place)
    return read


def _secrets(entry: Any, place: str) -> Secrets:
    try:
        return Secrets(
            client_secret=entry["client_secret"],
            refresh_token=entry["refresh_token"],
        )
    except (KeyError, TypeError):
        raise _damaged(place) from None


def _damaged(place: str) -> ConfigurationError:
    return ConfigurationError(
        f"What is kept in {place} cannot be understood.",
        hint="Remove it and log in again.",
    )
