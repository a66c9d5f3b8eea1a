"""The fake in a thread of its own, for code without an event loop."""

import asyncio
import threading
import urllib.error
import urllib.request

import pytest

from aiozcrm.testing import FakeZoho


def knock(url):
    """Ask for something, and wait for the answer as code without an event loop does."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{url}/crm/v7/org", timeout=10)  # noqa: S310  # our own server
    caught.value.close()
    return caught.value.code


def test_serves_code_without_a_loop():
    """It answers inside the with statement; behind it nobody does, and the thread has ended."""
    threads = threading.active_count()
    with FakeZoho() as fake:
        status = knock(fake.url)

    assert 401 == status
    assert threads == threading.active_count()
    with pytest.raises(urllib.error.URLError):
        knock(fake.url)


def test_a_port_that_is_taken_is_an_error():
    """What goes wrong in the thread is raised where the fake was wanted, and the thread ends."""
    with FakeZoho() as first:
        threads = threading.active_count()
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(OSError, match=str(port)), FakeZoho(port=port):
            pytest.fail("There is no fake to work with.")

        assert threads == threading.active_count()


def test_an_error_of_the_body_is_what_is_raised():
    """The fake is closed, and says nothing of its own."""
    with pytest.raises(LookupError, match="mine"), FakeZoho() as fake:
        raise LookupError("mine")

    with pytest.raises(urllib.error.URLError):
        knock(fake.url)


def test_may_be_closed_from_another_loop():
    """Who plays an outage closes it in the midst of a test."""
    with FakeZoho() as fake:
        asyncio.run(fake.close())
        with pytest.raises(urllib.error.URLError):
            knock(fake.url)
        asyncio.run(fake.close())
