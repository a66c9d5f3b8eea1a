"""Profiles: the credentials of an org under a name."""

from __future__ import annotations

import contextlib
import functools
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import attrs
import tomlkit
import typer
from filelock import FileLock
from platformdirs import PlatformDirs
from tomlkit.exceptions import TOMLKitError

from aiozcrm import Credentials, FileTokenStore
from aiozcrm.cli._words import listed, printable
from aiozcrm.cli.profiles._secret_stores import (
    KeyringSecrets,
    Place,
    SecretFile,
    Secrets,
    SecretStore,
    keyring_works,
)
from aiozcrm.errors import ConfigurationError
from aiozcrm.token_stores import PrivateFile

__all__ = ["DEFAULT", "FROM_ENVIRONMENT", "Profile", "Profiles", "check_profile_name"]

#: The profile that is meant where none is named.
DEFAULT: Final = "default"
#: What credentials are called that come from environment variables.
FROM_ENVIRONMENT: Final = "environment"

#: The variables that make a profile unnecessary.
_FOR_ENVIRONMENT: Final = "ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET and ZOHO_REFRESH_TOKEN"

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?")
_MAX_BYTES: Final = 2**20
_TABLE: Final = "profiles"

#: What everybody may read of credentials, in the order in which it is written.
_PUBLIC_FIELDS: Final = ("client_id", "data_center", "environment", "accounts_url", "api_url")


@attrs.frozen(kw_only=True)
class Profile:
    """The credentials of an org under a name.

    Attributes:
        name: The name.
        credentials: The credentials.
        scopes: The scopes that were authorized; empty if they are not known.
    """

    name: str
    credentials: Credentials
    scopes: tuple[str, ...] = ()


def check_profile_name(name: str) -> str:
    """Return *name* if it can be the name of a profile.

    Raises:
        aiozcrm.errors.ConfigurationError: If not.
    """
    if not _NAME.fullmatch(name) or name == FROM_ENVIRONMENT:
        raise ConfigurationError(
            f"{name!r} cannot be the name of a profile.",
            hint="Use up to 64 of a-z, 0-9, dot, hyphen and underscore, such as acme-sandbox; "
            f"{FROM_ENVIRONMENT!r} means the environment variables.",
        )
    return name


class Profiles:
    """All profiles of a user: a readable TOML file, with the secrets elsewhere.

    Args:
        config_folder: Where profiles and secrets are kept.
        state_folder: Where access tokens and journals are kept.

    Attributes:
        path: The file of the profiles.
        tokens_path: The file of the access tokens.
    """

    def __init__(self, *, config_folder: Path, state_folder: Path) -> None:
        self.path = config_folder / "profiles.toml"
        self.tokens_path = state_folder / "tokens.json"
        self._warned = False

    @classmethod
    def of_user(cls) -> Self:
        """Return the profiles of this user, in the folders that the system has for them.

        Where the user has no home folder, the names of the files begin with ``~``, and using one
        raises an error that says so.
        """
        folders = PlatformDirs("aiozcrm", appauthor=False)
        config, state = Path("~/.config/aiozcrm"), Path("~/.local/state/aiozcrm")
        # Older versions of platformdirs return such names themselves.
        with contextlib.suppress(RuntimeError):
            config = folders.user_config_path
        with contextlib.suppress(RuntimeError):
            state = folders.user_state_path
        return cls(config_folder=config, state_folder=state)

    @property
    def journals(self) -> Path:
        """The folder of the journals.

        Raises:
            aiozcrm.errors.ConfigurationError: If the user has no home folder.
        """
        folder = self.tokens_path.parent
        if folder.parts[0] == "~":
            raise ConfigurationError(
                "There is no folder for journals, since this user has no home folder.",
                hint="Name a file with --journal, or set HOME.",
            )
        return folder / "journals"

    def names(self) -> list[str]:
        """Return the names of all profiles, sorted.

        Raises:
            aiozcrm.errors.ConfigurationError: If the file is not safe, or cannot be understood.
        """
        return sorted(self._tables(self._document()))

    def load(self, name: str) -> Profile:
        """Return the profile of this name.

        Raises:
            aiozcrm.errors.ConfigurationError: If there is none, or it cannot be used.
        """
        if name == FROM_ENVIRONMENT:
            return Profile(name=name, credentials=Credentials.from_env())
        table = self._tables(self._document()).get(name)
        if table is None:
            raise self.unknown(name)
        secrets = self._secret_store_of(table).get(name)
        if secrets is None:
            raise ConfigurationError(
                f"The secrets of profile {name!r} are gone.",
                hint=f"Log in again with: aiozcrm login --profile {name}",
            )
        given = {field: str(table[field]) for field in _PUBLIC_FIELDS if field in table}
        if "client_id" not in given:
            raise ConfigurationError(
                f"Profile {name!r} in {self.path} has no client_id.",
                hint=f"Log in again with: aiozcrm login --profile {name}",
            )
        return Profile(
            name=name,
            credentials=Credentials(**given, **attrs.asdict(secrets)),
            scopes=tuple(map(str, table.get("scopes", ()))),
        )

    def choose(self, names: Sequence[str], *, every: bool = False) -> list[str]:
        """Return the names of the profiles that a command is for, each once.

        Without a name, that is the environment variables if they are set, else the default profile.

        Args:
            names: Those that were named.
            every: Whether all are meant.

        Raises:
            aiozcrm.errors.ConfigurationError: If none is meant, or it cannot be told which.
        """
        if every and names:
            raise ConfigurationError(
                "Give --profile or --all-profiles, not both.",
                hint="Leave one of them out.",
            )
        usual = FROM_ENVIRONMENT if os.environ.get("ZOHO_CLIENT_ID") else DEFAULT
        chosen = self.names() if every else list(dict.fromkeys(names)) or [usual]
        if not chosen:
            raise ConfigurationError(
                "There is no profile.",
                hint="Make one with: aiozcrm login. Or leave out --all-profiles, and set "
                f"{_FOR_ENVIRONMENT} in the environment.",
            )
        return chosen

    def choose_usable(self, names: Sequence[str], *, every: bool) -> list[str]:
        """Return the same, once it is known that each of those that were named can be used.

        So one wrong name stops a command before it begins.

        Args:
            names: Those that were named.
            every: Whether all are meant; one that cannot be used stops no other.

        Raises:
            aiozcrm.errors.ConfigurationError: If one that was named cannot be used, or none is
                meant.
        """
        chosen = self.choose(names, every=every)
        if not every:
            self.select(chosen)
        return chosen

    def select(self, names: Sequence[str], *, every: bool = False) -> list[Profile]:
        """Return the profiles that `choose` names.

        Args:
            names: Those that were named.
            every: Whether all are meant.

        Raises:
            aiozcrm.errors.ConfigurationError: If one cannot be used, or none is meant.
        """
        return [self.load(name) for name in self.choose(names, every=every)]

    def save(self, profile: Profile, *, place: Place | None = None) -> SecretStore:
        """Keep *profile*, replacing one of the same name, and return where its secrets are.

        Args:
            profile: The profile.
            place: Where to keep its secrets; None for the keyring if there is one, else a file.

        Raises:
            aiozcrm.errors.ConfigurationError: If a file is not safe, or cannot be understood.
        """
        check_profile_name(profile.name)
        place = place or _usual_place()
        credentials, store = profile.credentials, self._secret_stores[place]
        with self._locked() as document:
            tables = self._tables(document)
            before = tables.get(profile.name)
            moved_from = None if before is None else self._secret_store_of(before)
            table = tomlkit.table() if before is None else before
            for field in _PUBLIC_FIELDS:
                table.pop(field, None)
                if (value := getattr(credentials, field)) is not None:
                    table[field] = value
            table["scopes"] = list(profile.scopes)
            table["secrets"] = place
            tables[profile.name] = table
            secrets = Secrets(
                client_secret=credentials.client_secret,
                refresh_token=credentials.refresh_token,
            )
            with _replaced(store, profile.name, secrets):
                self._write(document)
            if moved_from not in (None, store):
                # It may be the old place that does not work.
                with contextlib.suppress(ConfigurationError, OSError):
                    moved_from.delete(profile.name)
        return store

    def prepare(self, *, place: Place | None = None) -> None:
        """Check that a profile could be kept.

        Args:
            place: Where its secrets would be; None for the keyring if there is one, else a file.

        Raises:
            aiozcrm.errors.ConfigurationError: If a file is not safe or cannot be understood, or
                the keyring cannot be used.
            OSError: If nothing can be written.
        """
        with self._locked() as document:
            self._tables(document)
            self._write(document)
        self._secret_stores[place or _usual_place()].get(DEFAULT)

    def remove(self, name: str) -> None:
        """Forget a profile and its secrets.

        Raises:
            aiozcrm.errors.ConfigurationError: If there is none, or a file is not safe.
        """
        with self._locked() as document:
            tables = self._tables(document)
            if name not in tables:
                raise self.unknown(name, needed=False)
            self._secret_store_of(tables[name]).delete(name)
            del tables[name]
            self._write(document)

    def token_store(self) -> FileTokenStore:
        """Return where the access tokens of all profiles are kept, for commands to share.

        Raises:
            aiozcrm.errors.ConfigurationError: If the file is not safe, or has no place.
            OSError: If its folder cannot be read.
        """
        return FileTokenStore(self.tokens_path)

    def check_tokens(self) -> None:
        """Check that the access tokens that are kept can be used.

        Raises:
            aiozcrm.errors.ConfigurationError: If the file is not safe, or has no place.
            OSError: If it cannot be read.
        """
        PrivateFile(self.tokens_path, holds="tokens", max_bytes=0).check()

    def warn_about_tokens(self, error: Exception) -> None:
        """Write to stderr, the first time only, that access tokens cannot be kept.

        Args:
            error: Why.
        """
        if self._warned:
            return
        self._warned = True
        reason = str(error)
        if isinstance(error, OSError):
            reason = f"{error.strerror}. On Linux, XDG_STATE_HOME may name another folder."
        typer.echo(
            printable(
                f"Warning: access tokens cannot be kept in {self.tokens_path}: {reason} Until they "
                "can, every command makes a token, and Zoho allows ten in ten minutes."
            ),
            err=True,
        )

    @functools.cached_property
    def _file(self) -> PrivateFile:
        return PrivateFile(self.path, holds="profiles", max_bytes=_MAX_BYTES)

    @functools.cached_property
    def _secret_stores(self) -> Mapping[str, SecretStore]:
        return {
            "file": SecretFile(self.path.with_name("secrets.json")),
            "keyring": KeyringSecrets(),
        }

    @contextlib.contextmanager
    def _locked(self) -> Iterator[tomlkit.TOMLDocument]:
        """Yield the content of the file, locked against changes by other processes."""
        self._file.make_folder()
        with FileLock(f"{self.path}.lock", mode=0o600):
            yield self._document()

    def _write(self, document: tomlkit.TOMLDocument) -> None:
        self._file.replace(tomlkit.dumps(document).encode())

    def _document(self) -> tomlkit.TOMLDocument:
        try:
            return tomlkit.parse(self._file.read())
        except (TOMLKitError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{self.path} cannot be understood: {error}.",
                hint="Correct it, or move it away and log in again.",
            ) from None

    def _tables(self, document: tomlkit.TOMLDocument) -> dict[str, Any]:
        """Return the tables of all profiles; a new one put there becomes part of *document*."""
        tables = document.setdefault(_TABLE, tomlkit.table(is_super_table=True))
        if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
            raise ConfigurationError(
                f"{self.path} cannot be understood: a profile is not a table.",
                hint=f"Write profiles as [{_TABLE}.NAME].",
            )
        return tables

    def _secret_store_of(self, table: Mapping[str, Any]) -> SecretStore:
        place = str(table.get("secrets", "file"))
        stores = self._secret_stores
        if place not in stores:
            raise ConfigurationError(
                f"{self.path} says that secrets are kept in {place!r}.",
                hint=f"Use one of: {listed(stores)}.",
            )
        return stores[place]

    def unknown(self, name: str, *, needed: bool = True) -> ConfigurationError:
        """Return the error for a profile that does not exist.

        Args:
            name: Its name.
            needed: Whether a command wanted to use it, not to remove it.
        """
        hint = f"Make one with: aiozcrm login --profile {name}." if needed else None
        if hint and name == DEFAULT:
            # One that is named is meant, whatever the environment holds.
            hint += f" Or set {_FOR_ENVIRONMENT} in the environment."
        return ConfigurationError(
            f"There is no profile {name!r}; known: {listed(self.names())}.", hint=hint
        )


def _usual_place() -> Place:
    return "keyring" if keyring_works() else "file"


@contextlib.contextmanager
def _replaced(store: SecretStore, name: str, secrets: Secrets) -> Iterator[None]:
    """Keep *secrets* under *name* for the block; if it fails, restore what was there before."""
    before = None
    # What cannot be understood need not be restored.
    with contextlib.suppress(ConfigurationError):
        before = store.get(name)
    store.set(name, secrets)
    try:
        yield
    except BaseException:
        if before is None:
            store.delete(name)
        else:
            store.set(name, before)
        raise
