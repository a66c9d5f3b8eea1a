"""The verbs of jobs that have an id on the path where they are started."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar, overload

from aiozcrm._protocol import Json
from aiozcrm.batch import Outcome
from aiozcrm.errors import InvalidInputError, NotReadyError
from aiozcrm.resources._behaviours._transfers import Downloading
from aiozcrm.resources._download_targets import TargetFile
from aiozcrm.resources._downloads import FileStream
from aiozcrm.resources._resource import Resource
from aiozcrm.resources._results import started_job
from aiozcrm.resources.jobs import Job, OnJob, state_of

__all__ = ["JobFiles", "JobLike", "JobsById", "tell_of"]

State = TypeVar("State")

#: A job, its id, its state, or the address of its file.
JobLike: TypeAlias = Job | Mapping[str, Any] | str | int


class JobsById(Resource, Generic[State]):
    """Starts jobs, and tells the state of each by its id."""

    async def get(self, id: str | int, /) -> State:
        """Return what Zoho says of a job now.

        Args:
            id: The job's id: digits as ``str`` or ``int``.

        Returns:
            The state of the job, as Zoho sent it.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is no id; nothing is sent.
            aiozcrm.errors.NotFoundError: If there is no such job.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            TypeError: If it is of a wrong type; nothing is sent.
        """
        state: State = await self._get(id)
        return state

    def job(self, id: str | int, /) -> Job:
        """Return a job that was started before, perhaps by another process. Nothing is sent.

        Args:
            id: The job's id: digits as ``str`` or ``int``.

        Raises:
            aiozcrm.errors.InvalidInputError: If it is no id.
            TypeError: If it is of a wrong type.
        """
        own = self._id(id)

        async def ask() -> Any:
            return await self.get(own)

        return Job(own, clock=self._api.clock, ask=ask)

    async def wait(
        self,
        job: Job | str | int,
        /,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> State:
        """Wait until a job has ended. See :meth:`Job.wait() <aiozcrm.resources.jobs.Job.wait>`.

        Args:
            job: The job, or its id.
            timeout: How many seconds to wait at most; None for as long as it takes.

        Returns:
            The state of the job at its end, as Zoho sent it.

        Raises:
            aiozcrm.errors.JobFailedError: If Zoho says that the job has failed; it says why.
            aiozcrm.errors.DeadlineExceededError: If it has not ended in time.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        waiting = job if isinstance(job, Job) else self.job(job)
        state: State = await waiting.wait(timeout=timeout)
        return state

    async def _start(self, item: Any, *, repeatable: bool | None = None) -> Outcome:
        """Start a job by POST; the outcome has its id."""
        if not isinstance(item, Mapping):
            raise TypeError(f"a job is described by a mapping, not by {type(item).__name__}")
        body = Json(item)
        outcome = await self._act("POST", body=body, status="created", repeatable=repeatable)
        started_job(outcome.id, self._path)
        return outcome


class JobFiles(JobsById[State], Downloading):
    """Hands out the file of a job, whose address is in the job's state."""

    @overload
    def download(self, job: JobLike, /) -> AbstractAsyncContextManager[FileStream]: ...
    @overload
    def download(self, job: JobLike, to: TargetFile, /) -> Coroutine[Any, Any, Path]: ...
    def download(
        self, job: JobLike, to: TargetFile | None = None, /
    ) -> AbstractAsyncContextManager[FileStream] | Coroutine[Any, Any, Path]:
        """Download the file of a job that has ended.

        Args:
            job: The job, its id, its state, or the address in its state.
            to: Where the file goes: a path (a folder takes the name that Zoho gives it), or a
                binary file that is open for writing. Without it, an async context manager of the
                file's bytes is returned.

        Returns:
            The path of the file.

        Raises:
            aiozcrm.errors.ForeignHostError: If the file is on a host that is neither Zoho's nor
                yours; no token is sent there.
            aiozcrm.errors.InvalidInputError: If it cannot go there.
            aiozcrm.errors.NotReadyError: If the job has no file, or not yet.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
            OSError: If the file cannot be written.
        """
        return self._opened(job) if to is None else self._saved(job, to)

    @asynccontextmanager
    async def _opened(self, job: JobLike) -> AsyncGenerator[FileStream, None]:
        async with self._download_from(await self._address(job), to=None) as file:
            yield file

    async def _saved(self, job: JobLike, to: TargetFile) -> Path:
        return await self._download_from(await self._address(job), to=to)

    async def _address(self, job: JobLike) -> str:
        if isinstance(job, str) and "/" in job:
            return job
        known = job.result if isinstance(job, Job) else job
        state: Any = known
        if not isinstance(known, Mapping):
            state = await self.get(job.id or "" if isinstance(job, Job) else job)  # type: ignore[arg-type]
        found = [link for link in self._addresses(state) if isinstance(link, str) and link]
        if not found:
            raise NotReadyError(f"The job has no file: it is {state_of(state)}.", status=200)
        if len(found) > 1:
            raise InvalidInputError(
                f"The job has {len(found)} files.", hint="Download them by their addresses."
            )
        return found[0]

    @abstractmethod
    def _addresses(self, state: Mapping[str, Any]) -> Sequence[Any]:
        """Return where the files of a job are, as its state says."""


async def tell_of(job: Job, on_job: OnJob | None) -> None:
    """Tell a listener of a job that was started."""
    told = None if on_job is None else on_job(job)
    if inspect.isawaitable(told):
        await told
