"""A bulk read that is killed again and again, and taken up each time."""

import json
import random
import signal
import time

import pytest
from forking import starting

from aiozcrm.testing import FakeZoho, Limits, TokenLimits

pytestmark = pytest.mark.system

KILLS = 30
ROWS, ROWS_OF_A_JOB, ROWS_OF_A_LINE = 2_400, 300, 20

#: Reads the rows, and keeps them with the cursor, a line for every 20 of them. A line that was cut
#: off by a kill is worth nothing.
PROGRAM = """
import asyncio, json, os, tempfile
import aiozcrm.resources.bulk_read
from aiozcrm import Credentials, ZohoCRM

def main(place, size):
    # Otherwise Python tries whether it can write there, and a kill could come before it removes
    # that.
    tempfile.tempdir = os.environ["TMPDIR"]
    with open(place, "a+b") as file:
        file.seek(0)
        whole = file.read().rpartition(b"\\n")[0]
        file.truncate(len(whole) + (1 if whole else 0))
        cursor = json.loads(whole.rpartition(b"\\n")[2])["cursor"] if whole else None
        asyncio.run(read(file, cursor, size))

async def read(file, cursor, size):
    def keep(cursor, ids):
        file.write(json.dumps({"cursor": cursor, "ids": ids}).encode() + b"\\n")
        file.flush()
        os.fsync(file.fileno())

    async with ZohoCRM(Credentials.from_env()) as zoho:
        ids = []
        rows = zoho.bulk_read.rows(
            "Leads", fields=["Company"], cursor=cursor, on_job=lambda job: keep(job.id, [])
        )
        async for row in rows:
            ids.append(row["id"])
            if len(ids) == size or rows.cursor.endswith(":300"):
                keep(rows.cursor, ids)
                ids = []
                await asyncio.sleep(0.02)  # Here it is killed, also on a slow machine.
"""


@pytest.fixture
def fake():
    """A local Zoho with thousands of leads, in a thread of its own."""
    limits = Limits(polls=0, bulk_rows=ROWS_OF_A_JOB, bulk_downloads=1_000)
    tokens = TokenLimits(made=1_000, live=1_000)
    with FakeZoho(limits=limits, tokens=tokens) as running:
        running.records("Leads").add_many(ROWS)
        yield running


def kept_in(place):
    """Return what the lines say that were written whole."""
    raw = place.read_bytes() if place.exists() else b""
    return [json.loads(line) for line in raw.split(b"\n")[:-1]]


def test_a_killed_bulk_read_is_taken_up_with_each_row_once(fake, tmp_path):
    """Killed at thirty moments, before, between and within its jobs; nothing is left behind."""
    place, temporary = tmp_path / "rows", tmp_path / "temporary"
    temporary.mkdir()
    environ = {**fake.environ(), "TMPDIR": str(temporary)}
    moments = random.Random(7)

    def events():
        lines = place.read_bytes().count(b"\n") if place.exists() else 0
        return len(fake.stats.requests) + lines

    with starting(PROGRAM) as starter:
        for _ in range(KILLS):
            until = events() + moments.randint(1, 12)
            child = starter.start(str(place), ROWS_OF_A_LINE, environ=environ)
            while events() < until:
                assert not child.has_ended(), "it came to its end too early"
                time.sleep(0.001)
            assert child.kill() == -signal.SIGKILL
            assert not any(temporary.iterdir())
        assert starter.start(str(place), ROWS_OF_A_LINE, environ=environ).wait() == 0

    ids = [row for line in kept_in(place) for row in line["ids"]]
    assert ids == fake.records("Leads").ids
    # A job was started twice only if its first start was not kept.
    kept = [line["cursor"] for line in kept_in(place) if not line["ids"]]
    assert ROWS // ROWS_OF_A_JOB <= len(kept) <= len(fake.bulk_read.ids)
