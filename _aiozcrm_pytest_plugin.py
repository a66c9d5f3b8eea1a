"""The fixtures `fake_zoho` and `zoho`, for every project in whose environment aiozcrm is.

pytest imports this file wherever aiozcrm is installed, so it has to cost nothing there. That is
why it lies beside the package instead of in it: importing any file of the package would import
the package and aiohttp, also where no test wants them and before coverage is measured.

Neither fixture is async, so that they work the same under pytest-asyncio (both modes, loops of
any scope), under anyio, with none of them, and in tests without any loop, such as those of a
command line. An async fixture would have to belong to one of them: pytest-asyncio in strict mode
takes only its own, which a test that anyio runs would then find in a loop that stands still.
So the local Zoho runs in a thread, as the servers of other testing libraries do. The client opens
a connection for each request, so that nothing of it belongs to an event loop or has to be closed
in one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aiozcrm import ZohoCRM
    from aiozcrm.testing import FakeZoho


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "fake_zoho(**options): make the fixture fake_zoho with these options of "
        "aiozcrm.testing.FakeZoho, such as links=10",
    )


@pytest.fixture
def fake_zoho(request: pytest.FixtureRequest) -> Iterator[FakeZoho]:
    """A running local Zoho; the marker `fake_zoho` passes options to it."""
    from aiozcrm.testing import FakeZoho  # noqa: PLC0415  # see above

    with FakeZoho(**_options(request.node)) as fake:
        yield fake


@pytest.fixture
def zoho(fake_zoho: FakeZoho) -> ZohoCRM:
    """A client that speaks to `fake_zoho` and hardly waits before it sends again."""
    from aiozcrm.testing._loop_free import loop_free_client  # noqa: PLC0415  # see above

    return loop_free_client(fake_zoho.credentials())


def _options(item: pytest.Item) -> dict[str, Any]:
    """Return what the markers of a test, its class and its module say; the nearest wins."""
    options: dict[str, Any] = {}
    for marker in item.iter_markers("fake_zoho"):
        if marker.args:
            raise pytest.UsageError("the marker fake_zoho takes options by keyword only")
        options = {**marker.kwargs, **options}
    return options
