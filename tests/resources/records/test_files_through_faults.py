"""Uploads and downloads with every fault: each file is accounted for, none is there twice."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from aiozcrm import RetryPolicy, ZohoCRM
from aiozcrm.errors import ZohoError
from aiozcrm.testing import FakeZoho, Fault, TokenLimits

#: A second answer in the middle of a slow one would be no HTTP; a late rejection of a token looks
#: like one of the call that follows.
MIX = dict.fromkeys(set(Fault) - {Fault.TOKEN_REVOKED, Fault.SLOW_BODY}, 0.02)
#: Whose files a list holds cannot be told from it, so a second answer would pass for another list.
LISTABLE = {fault: rate for fault, rate in MIX.items() if fault is not Fault.ANSWERED_TWICE}
#: Half of all calls meet a fault: with fewer attempts some would fail for good.
PATIENT = RetryPolicy(attempts=30, first_delay=0.001, max_delay=0.01, budget=10_000)


def client_of(fake):
    """Return a client that gives up late."""
    return ZohoCRM(fake.credentials(), retries=PATIENT, max_in_flight=8)


async def upload(attachments, content, made, lost):
    """Attach a file, and note what is said of it."""
    try:
        outcome = await attachments.upload(content, name=f"{len(content) % 3}.txt")
    except ZohoError as error:
        lost.append((content, error))
    else:
        assert outcome.id not in made
        made[outcome.id] = content


def content_of(outcome):
    """Return what was downloaded."""
    return Path(outcome.details["path"]).read_bytes()


@pytest.mark.system
async def test_each_file_is_accounted_for_whatever_goes_wrong(tmp_path):
    """What is told to be attached is there once; what is in doubt, once at most; all comes back."""
    made, lost = {}, []
    async with FakeZoho(tokens=TokenLimits(made=1000)) as fake:
        fake.faults.slow, fake.faults.hang, fake.faults.retry_after = 0.02, 0.05, "0"
        fake.faults.mix(MIX, seed=7)
        leads = fake.records("Leads").add_many(20)
        contents = [f"{number}".encode() * (number + 1) for number in range(200)]
        async with client_of(fake) as zoho:
            await asyncio.gather(
                *(
                    upload(zoho.records("Leads").attachments(leads[at % 20]), content, made, lost)
                    for at, content in enumerate(contents)
                )
            )
        there = Counter(fake.attachments.get(own).content for own in fake.attachments.ids)
        fake.faults.mix(LISTABLE, seed=7)
        # On connections of its own, where no answer to an upload is still to come.
        async with client_of(fake) as zoho:
            files = zoho.records("Leads").iter_download_attachments(leads, tmp_path)
            outcomes = [outcome async for outcome in files]

        assert {1} == set(there.values())
        assert {*made.values()} == {fake.attachments.get(own).content for own in made}
        assert there.keys() <= {*made.values(), *(content for content, _ in lost)}
        assert {"done"} == {outcome.status for outcome in outcomes}
        assert sorted(fake.attachments.ids) == sorted(outcome.id for outcome in outcomes)
        kept = {own: fake.attachments.get(own).content for own in fake.attachments.ids}
    assert kept == {outcome.id: content_of(outcome) for outcome in outcomes}
    assert len(made) > 150
    assert all(error.maybe_done for _, error in lost)
    assert fake.faults.injected.keys() == MIX.keys()
