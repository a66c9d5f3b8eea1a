"""The jobs of a family: when they end, and what they come to."""

from __future__ import annotations

import asyncio
import json
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from aiozcrm.testing._callbacks import Callback
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._wire._answer import RejectedError, rejected
from aiozcrm.testing._wire._call import Family
from aiozcrm.testing._wire._stored_file import StoredFile

__all__ = ["BulkJob", "BulkJobs", "JobsFamily", "check_callback"]

#: How long Zoho keeps the file of a job.
_KEPT: Final = 86_400.0

_URL: Final = re.compile(r"https?://[^\s/]+(/\S*)?")


@attrs.define(kw_only=True, eq=False)
class BulkJob:
    """A job.

    Attributes:
        id: Its id.
        started: When it was started, in seconds since 1970.
        told: What is said of it all the time.
        ended: What is said of it besides once it has ended.
        file: What came of it.
        failed: Whether it failed.
        asked: How often it was asked for.
        over: Whether its end was told to its callback.
    """

    id: str
    started: float
    told: Mapping[str, Any]
    ended: Mapping[str, Any]
    file: StoredFile | None = None
    failed: bool = False
    asked: int = 0
    over: bool = False


class BulkJobs:
    """The jobs of a family. The work is done at once; only telling it takes time.

    Args:
        context: The org.
        ids: The ids of jobs.
        words: What a job is called while it waits and runs, look by look; the last one stays.

    Attributes:
        failure: The code with which the next job fails; empty if it does not.
    """

    def __init__(self, context: OrgContext, ids: Iterator[str], words: tuple[str, ...]) -> None:
        self._context = context
        self._ids = ids
        self._words = words
        self._jobs: dict[str, BulkJob] = {}
        self.failure: str = ""

    @property
    def all(self) -> list[BulkJob]:
        """All jobs, oldest first."""
        return list(self._jobs.values())

    def next_id(self) -> str:
        """Return the id of a new job."""
        return next(self._ids)

    def take_failure(self) -> str:
        """Return the code with which a new job fails, which no other job does then."""
        failure, self.failure = self.failure, ""
        return failure

    def add(self, job: BulkJob) -> None:
        """Take on a job."""
        self._jobs[job.id] = job

    def get(self, job_id: str) -> BulkJob:
        """Return a job.

        Raises:
            KeyError: If there is none.
        """
        return self._jobs[job_id]

    def find(self, job_id: str) -> BulkJob:
        """Return the job that a call names.

        Raises:
            RejectedError: If there is none.
        """
        if job_id not in self._jobs:
            raise _unknown()
        return self._jobs[job_id]

    def ask(self, job_id: str) -> tuple[BulkJob, str]:
        """Return a job, and what it is called as long as it has not ended; empty once it has."""
        job = self.find(job_id)
        if self.has_ended(job):
            return job, ""
        job.asked += 1
        return job, self._words[min(job.asked, len(self._words)) - 1]

    def has_ended(self, job: BulkJob) -> bool:
        """Return whether a job has been asked for often enough, and its time is over."""
        limits = self._context.limits
        took = self._context.wall() - job.started
        return job.over or (job.asked >= limits.polls and took >= limits.job_seconds)

    def file(self, job_id: str) -> StoredFile:
        """Return the file of a job.

        Raises:
            RejectedError: If there is no such job, or no file of it, not yet or not any more.
        """
        job = self.find(job_id)
        is_old = self._context.wall() > job.started + self._context.limits.job_seconds + _KEPT
        if job.file is None or is_old or not self.has_ended(job):
            raise _unknown()
        return job.file


class JobsFamily(Family):
    """A family of jobs, as tests see it.

    Args:
        context: The org.
        jobs: Its jobs.
    """

    def __init__(self, context: OrgContext, jobs: BulkJobs) -> None:
        self._context = context
        self._jobs = jobs

    @property
    def ids(self) -> list[str]:
        """The ids of the jobs, oldest first."""
        return [job.id for job in self._jobs.all]

    def fail_next(self, code: str = "INTERNAL_SERVER_ERROR") -> None:
        """Let the next job fail before it does anything.

        Args:
            code: Why.
        """
        self._jobs.failure = code

    def replace(self, job_id: str, content: bytes) -> None:
        """Put something else into the file of a job.

        Raises:
            KeyError: If there is no such job.
        """
        self._jobs.get(job_id).file = StoredFile(name=f"{job_id}.zip", content=content)

    def callback(self, job_id: str) -> bytes:
        """Return what Zoho posts to the callback of a job at its end.

        Raises:
            KeyError: If there is no such job.
        """
        return json.dumps(self._shown(self._jobs.get(job_id), "")).encode()

    def _add(self, job: BulkJob) -> None:
        """Take on a job. Whatever a test's clock shows, its callback comes in its own time."""
        self._jobs.add(job)
        if "callback" in job.told:
            seconds = self._context.limits.job_seconds
            asyncio.get_running_loop().call_later(seconds, self._tell_end, job)

    def _tell_end(self, job: BulkJob) -> None:
        job.over = True
        body = dict(self._shown(job, ""))
        self._context.callbacks.put(Callback(job.told["callback"]["url"], body))

    @abstractmethod
    def _shown(self, job: BulkJob, word: str) -> Mapping[str, Any]:
        """Return what is said of a job, which has ended if no other word is given for its state."""


def check_callback(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a job says of its callback.

    Raises:
        RejectedError: If it cannot be called.
    """
    callback = given.get("callback")
    if callback is None:
        return {}
    if not isinstance(callback, dict) or not _URL.fullmatch(str(callback.get("url"))):
        raise rejected(400, "INVALID_CALLBACK_URL", "Invalid callback URL provided")
    if callback.get("method") != "post":
        message, methods = "Invalid callback method", ["post"]
        raise rejected(400, "INVALID_CALLBACK_METHOD", message, supported_callback_methods=methods)
    return {"callback": callback}


def _unknown() -> RejectedError:
    message = "The requested resource doesn't exist."
    return rejected(404, "RESOURCE_NOT_FOUND", message, resource="job_id")
