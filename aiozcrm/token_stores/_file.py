"""A token store for the processes of one host."""

from __future__ import annotations

from aiozcrm._private_file import PrivateFile
from aiozcrm._stores import FileStore
from aiozcrm.token_stores._base import TokenState
from aiozcrm.token_stores._entries import TOKENS

__all__ = ["FileTokenStore", "PrivateFile"]


class FileTokenStore(FileStore[TokenState]):
    """Keeps tokens in a file, for all processes of one host that name the same file.

    The file may hold the tokens of many orgs. It is readable by its owner only and always
    replaced as a whole, so that a process killed at any moment leaves it readable. Beside it
    lie small lock files, which stay there: ``<name>.lock`` for the moment in which the file is
    rewritten, and one for each key, ``<name>.<fingerprint of the key>.lock``, held while a token
    is asked for. So orgs never wait for one another's tokens. The operating system frees the
    locks of a process that ends in any way.

    A file that others can read or write, as some volumes have it, is not read: the store warns in
    the log, and replaces the file when it next saves a token.

    The file must be on a local disk or on a network file system with working locks.

    Args:
        path: The file. It is created when there is something to keep, and so is its folder,
            for its owner only. ``~`` stands for the home folder.
        lock_timeout: How many seconds to wait for another process that asks for a token. The
            default is longer than any that is alive takes.
        clock: What tells the time, for tests.

    Raises:
        aiozcrm.errors.ConfigurationError: If filelock is not installed, or if the file or its
            folder is not safe: others can read the file, it is a symbolic link, it belongs to
            another user, or everybody may write to the folder.
    """

    _kind = TOKENS
