"""Jobs: work that Zoho takes on, and that is asked for until it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Jobs"]


class Jobs:
    """The jobs of an org. The work is done at once; only telling it takes time.

    Args:
        ids: Where their ids come from.
        polls: How often one is asked for before it is done.
    """

    def __init__(self, ids: Iterator[str], polls: int) -> None:
        self._ids = ids
        self._polls = polls
        self._results: dict[str, Mapping[str, Any]] = {}
        self._left: dict[str, int] = {}

    def start(self, result: Mapping[str, Any]) -> str:
        """Take on a job whose end will be *result*, and return its id."""
        job_id = next(self._ids)
        self._results[job_id] = result
        self._left[job_id] = self._polls
        return job_id

    def is_running(self, job_id: str) -> bool:
        """Return whether a job has not told its end yet."""
        return self._left.get(job_id, 0) > 0

    def ask(self, job_id: str, running: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what a job has come to, *running* while it runs; None if there is none."""
        if job_id not in self._results:
            return None
        if self._left[job_id] > 0:
            self._left[job_id] -= 1
            return running
        return self._results[job_id]
