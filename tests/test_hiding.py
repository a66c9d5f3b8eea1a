"""Errors lose the frames that may know secrets, and no others."""

import asyncio
import traceback

import pytest

from aiozcrm import Credentials
from aiozcrm._hiding import HidingFrames, hide_frames
from aiozcrm.errors import ConfigurationError


def names(error: BaseException) -> list[str]:
    """Return the names of the functions in the traceback of *error*."""
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


def fail() -> None:
    """Raise, within two frames of this module."""
    raise ValueError("boom")


def test_frames_of_this_package_and_of_generated_code_are_taken_off():
    """What remains is where the constructor was called."""
    with pytest.raises(ConfigurationError) as caught:
        Credentials(client_id="a b", client_secret="s", refresh_token="r")

    assert ["test_frames_of_this_package_and_of_generated_code_are_taken_off"] == names(
        caught.value
    )


def test_frames_of_others_stay():
    """They tell what went wrong in there."""
    with pytest.raises(ValueError, match="boom") as caught, HidingFrames():
        fail()

    assert "fail" == names(caught.value)[-1]


@HidingFrames()
def decorated(function, *arguments):
    """Call *function*."""
    return function(*arguments)


def test_a_function_that_hides_its_frames_returns_what_it_did_before():
    """It is only about what it raises."""
    assert 7 == decorated(int, "7")
    assert "Call *function*." == decorated.__doc__


def test_causes_and_members_of_a_group_lose_their_frames_too():
    """Trackers show all of them. Errors that refer to each other are seen once."""

    def raised(error, cause=None):
        try:
            asyncio.run(failing(error, cause))
        except type(error) as caught:
            return caught

    async def failing(error, cause):
        raise error from cause

    cause, member = raised(KeyError("cause")), raised(ValueError("member"))
    group = raised(ExceptionGroup("both", [member]), cause)
    cause.__context__ = group
    hide_frames(group)

    for error in (group, cause, member):
        assert ["raised", "failing"] == names(error)


async def test_a_task_that_still_handles_an_error_goes_on():
    """The frames of its error are those of a coroutine that is alive."""
    handling, done = asyncio.Event(), asyncio.Event()
    kept = []

    async def handle():
        try:
            fail()
        except ValueError as error:
            kept.append(error)
            handling.set()
            await done.wait()
            return "went on"

    task = asyncio.create_task(handle())
    await handling.wait()
    with pytest.raises(OSError, match="later"), HidingFrames():
        raise OSError("later") from kept[0]
    done.set()

    assert "went on" == await task
