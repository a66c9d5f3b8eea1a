"""A process that keeps a channel alive on a clock that runs fast, until it is killed.

Its arguments are a JSON object: ``store`` as [class, arguments], ``environ``, ``began`` and
``speed`` of the clock. It writes a line when the channel is open.
"""

import asyncio
import json
import sys
import time

from aiozcrm import Clock, Credentials, Timeouts, ZohoCRM, channel_stores


def fast_clock(began, speed):
    """Return a clock that runs so many times as fast since some moment."""

    def now():
        return began + (time.time() - began) * speed

    async def sleep(seconds):
        await asyncio.sleep(max(seconds / speed, 0.002))

    return Clock(monotonic=now, wall=now, sleep=sleep)


async def main(store, environ, began, speed):
    """Keep the channel alive."""
    clock = fast_clock(began, speed)
    kind, arguments = store
    kept_in = getattr(channel_stores, kind)(**arguments, lock_timeout=1e9, clock=clock)
    async with (
        ZohoCRM(Credentials.from_env(environ), clock=clock, timeout=Timeouts(call=1e9)) as zoho,
        zoho.channel(["Deals.all"], url="http://127.0.0.1:9/hook", store=kept_in) as channel,
    ):
        sys.stdout.write(f"{channel.id}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
