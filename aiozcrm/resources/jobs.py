"""Work that Zoho does in the background."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from aiozcrm._clock import Clock
from aiozcrm._protocol import check_record_id, json_of
from aiozcrm.errors import DeadlineExceededError, InvalidInputError, JobFailedError, ZohoError

__all__ = ["Job", "OnJob", "parse_callback"]

#: Is called with each job that is started, before anything else happens to it.
OnJob: TypeAlias = Callable[["Job"], Awaitable[None] | None]

#: The words that end a job, in upper case without blanks and underscores. Any other word means
#: that it goes on: each kind of job has its own.
_ENDED: Final = frozenset({"COMPLETED", "FINISHED", "FAILED", "FAILURE", "SKIPPED", "DATANOTFOUND"})
_FAILED: Final = frozenset({"FAILED", "FAILURE"})

#: Codes that give no reason: words for states stand in the place of codes, too.
_NO_REASONS: Final = frozenset({*_ENDED, "SUCCESS", "ADDED", "INPROGRESS", "NONE", ""})

#: Seconds before the second look at a job, and the longest pause between two looks.
_FIRST_PAUSE: Final = 2.0
_LONGEST_PAUSE: Final = 60.0


class Job:
    """Work that Zoho does in the background, or did at once.

    Keep its ``id`` to take it up in another process: the method whose name ends in ``_job``
    makes the same object from it, without a request.

    Attributes:
        id: The job's id; None if Zoho did the work at once.
        result: What came of it: the report of work done at once, or what Zoho said when the job
            ended; None before that.

    Args:
        id: The job's id.
        clock: What tells the time between two looks.
        ask: Returns what Zoho says of the job now; None where Zoho has no call for that.
        result: What came of it, if it is done already.
    """

    def __init__(
        self,
        id: str | None,
        *,
        clock: Clock,
        ask: Callable[[], Awaitable[Mapping[str, Any]]] | None = None,
        result: Any = None,
    ) -> None:
        self.id: str | None = id
        self.result: Any = result
        self._clock = clock
        self._ask = ask

    async def state(self) -> Mapping[str, Any]:
        """Return what Zoho says of the job now.

        Raises:
            aiozcrm.errors.ZohoError: If the call failed, or Zoho has no call for this job's
                state.
        """
        if self._ask is None:
            raise ZohoError(
                "Zoho has no call that tells the state of this job.",
                hint="Look at what the job was to change.",
            )
        return await self._ask()

    async def wait(self, *, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        """Wait until the job has ended.

        Zoho is asked at once, then after 2, 4, 8 seconds and so on, at most every minute.

        Args:
            timeout: How many seconds to wait at most; None for as long as it takes. The job goes
                on at Zoho afterwards.

        Returns:
            The ``result``.

        Raises:
            aiozcrm.errors.JobFailedError: If Zoho says that the job has failed.
            aiozcrm.errors.DeadlineExceededError: If it has not ended in time.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        if self.id is None:
            return self.result
        now = self._clock.monotonic
        end = None if timeout is None else now() + timeout
        pause = _FIRST_PAUSE
        while True:
            state = await self.state()
            word = state_of(state)
            if word in _FAILED:
                raise JobFailedError(f"Job {self.id} has failed{_reason_of(state)}.", state=state)
            if word in _ENDED:
                self.result = state
                return state
            if end is not None and now() + pause > end:
                raise DeadlineExceededError(
                    f"Job {self.id} has not ended after {timeout:g} s.",
                    hint="It goes on at Zoho: keep its id and look again later.",
                )
            await self._clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def __repr__(self) -> str:
        return f"Job({self.id!r})"


def parse_callback(body: bytes | str) -> dict[str, Any]:
    """Return what Zoho posts to the callback of a bulk job when it has ended.

    Nothing in it proves that Zoho sent it: take the ``id`` of a job that you have started, and
    ask Zoho what became of it. It is a pure function: nothing is sent.

    Args:
        body: The body of the request.

    Returns:
        The state of the job, as Zoho sent it; its ``id`` are digits.

    Raises:
        aiozcrm.errors.InvalidInputError: If it does not tell the state of a job.
        TypeError: If it is neither bytes nor text.
    """
    # Of a number, bytes() would make as many zeros.
    raw = body.encode(errors="replace") if isinstance(body, str) else bytes(memoryview(body))
    told = json_of(raw)
    items = told.get("data") if isinstance(told, dict) else None
    # That of a bulk read is wrapped as an answer is, that of a bulk write is not.
    state = items[0] if isinstance(items, list) and len(items) == 1 else told
    try:
        if isinstance(state, dict) and state_of(state):
            return {**state, "id": check_record_id(state.get("id"))}
    except (InvalidInputError, TypeError):
        pass
    raise InvalidInputError("The body does not tell the state of a job.")


def state_of(state: Mapping[str, Any]) -> str:
    """Return the word for a job's state, in upper case without blanks and underscores."""
    word = next((state[key] for key in ("state", "status", "Status", "State") if key in state), "")
    return _plain(word)


def _plain(word: object) -> str:
    return str(word).upper().replace(" ", "").replace("_", "")


def _reason_of(state: Mapping[str, Any]) -> str:
    """Return why a job has failed, as far as Zoho says; nothing if it does not."""
    result, resources = state.get("result"), state.get("resource")
    told = result.get("error_message") if isinstance(result, Mapping) else None
    parts = [told, *(resources if isinstance(resources, list) else ()), state]
    reasons = [
        ": ".join(str(part[key]) for key in ("code", "message") if part.get(key))
        for part in parts
        if isinstance(part, Mapping) and _plain(part.get("code", "")) not in _NO_REASONS
    ]
    return f": {', '.join(dict.fromkeys(reasons))}".rstrip(".") if reasons else ""
