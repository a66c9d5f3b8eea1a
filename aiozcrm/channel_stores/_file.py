"""A channel store for the processes of one host."""

from __future__ import annotations

from aiozcrm._stores import FileStore
from aiozcrm.channel_stores._base import ChannelState
from aiozcrm.channel_stores._entries import CHANNELS

__all__ = ["FileChannelStore"]


class FileChannelStore(FileStore[ChannelState]):
    """Keeps channels in a file, for all processes of one host that name the same file.

    The file and its locks are as safe as those of a :class:`~aiozcrm.FileTokenStore`, and it may
    be the same file.

    Args:
        path: The file. It is created when there is something to keep, and so is its folder,
            for its owner only. ``~`` stands for the home folder.
        lock_timeout: How many seconds to wait for another process that renews a channel.
        clock: What tells the time, for tests.

    Raises:
        aiozcrm.errors.ConfigurationError: If filelock is not installed, or if the file or its
            folder is not safe.
    """

    _kind = CHANNELS
