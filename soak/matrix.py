"""One fault at a time with each kind of call: what the client does, and what the server did."""

from __future__ import annotations

import asyncio
import io
import time
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import attrs
from fast_time import FastTime

from aiozcrm import MemoryTokenStore, RetryPolicy, Timeouts, ZohoCRM
from aiozcrm.errors import ZohoError
from aiozcrm.testing import Clock, FakeZoho, Fault, TokenLimits

__all__ = ["KINDS", "Seen", "matrix", "observe", "observe_all"]

#: How many seconds that last a request may take where it hangs, and everywhere else.
_SHORT: Final = 1.0
_LONG: Final = 60.0
_HANGS: Final = frozenset({Fault.HANG, Fault.HANG_AFTER})

#: How many cells are looked at at once: a request that does not hang must not seem to.
_AT_ONCE: Final = 6

_ASKS_FOR_A_TOKEN: Final = ("POST", "/oauth/v2/token")
#: A token that was rejected is tried once more before another one is asked for.
_ASKS_WHETHER_IT_LIVES: Final = ("GET", "/crm/v7/org")

_RETRIES: Final = RetryPolicy(first_delay=0.1, max_delay=1.0)
_CONTENT: Final = b"%PDF-" + bytes(2_000)


@attrs.frozen(kw_only=True)
class Seen:
    """What came of one call with one fault.

    Attributes:
        sends: How often its first request was sent.
        tokens: How many tokens were asked for.
        lookups: How many other requests it made.
        error: The class of the error that it raised; empty if it succeeded.
        maybe_done: Whether that error leaves open what was done.
        effects: How often the server did what was asked for; of what only reads, 1 if all of it
            was read and 0 otherwise.
        follows: Whether another call that came next got its own answer.
    """

    sends: int
    tokens: int
    lookups: int
    error: str
    maybe_done: bool
    effects: int
    follows: bool

    @property
    def word(self) -> str:
        """What the client has done, in a word or two."""
        steps = ["new token"] if self.tokens else []
        steps += ["again"] * (self.sends - 1)
        if self.lookups:
            steps.append("looked up")
        if self.error:
            steps.append("in doubt" if self.maybe_done else f"raised `{self.error}`")
        return ", ".join(steps) or "as usual"


@attrs.frozen(kw_only=True, eq=False)
class _Scene:
    """What a call works with.

    Attributes:
        fake: The local Zoho.
        zoho: Makes the calls.
        lead: The id of a lead that is there.
        file: The id of a file that the lead has.
        upload: The id of a file that a bulk write may use.
    """

    fake: FakeZoho
    zoho: ZohoCRM
    lead: str
    file: str
    upload: str

    @property
    def leads(self) -> Any:
        """The leads, as the client sees them."""
        return self.zoho.records("Leads")


#: Makes a call; if it only reads, returns whether it has read all of it.
_Call = Callable[[_Scene], Awaitable[Any]]


@attrs.frozen(kw_only=True)
class _Kind:
    """A kind of call.

    Attributes:
        call: Makes it.
        effects: Returns how often the local Zoho did it; None if it only reads.
    """

    call: _Call
    effects: Callable[[FakeZoho], int] | None = None


async def _read(scene: _Scene) -> bool:
    return bool((await scene.leads.get(scene.lead))["id"] == scene.lead)


async def _page(scene: _Scene) -> bool:
    page = await anext(scene.leads.iter(fields=["Email"]).pages())
    return [row["id"] for row in page] == [scene.lead]


async def _query(scene: _Scene) -> bool:
    rows = await scene.zoho.query("select Email from Leads where Email = {a}", a="a@x.example")
    return [row["id"] for row in rows] == [scene.lead]


async def _download(scene: _Scene) -> bool:
    target = io.BytesIO()
    await scene.leads.attachments(scene.lead).download(scene.file, target)
    return target.getvalue() == _CONTENT


async def _channel(scene: _Scene) -> None:
    async with scene.zoho.channel(["Leads.all"], url="http://127.0.0.1:9/hook"):
        pass


def _done(verb: str, family: str) -> Callable[[FakeZoho], int]:
    return lambda fake: fake.stats.done.of(verb, family)


def _import(scene: _Scene) -> Awaitable[Any]:
    resource = {"type": "data", "module": {"api_name": "Leads"}, "file_id": scene.upload}
    return scene.zoho.bulk_write.create({"operation": "insert", "resource": [resource]})


def _zipped(content: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("Leads.csv", content)
    return target.getvalue()


_NEW: Final = {"Last_Name": "Berg", "Email": "new@x.example"}

#: A column of the table each.
KINDS: Final[Mapping[str, _Kind]] = {
    "read": _Kind(call=_read),
    "list page": _Kind(call=_page),
    "query": _Kind(call=_query),
    "create": _Kind(call=lambda scene: scene.leads.create(_NEW), effects=_done("create", "Leads")),
    "create with a key": _Kind(
        call=lambda scene: scene.leads.create({**_NEW, "Badge": "B1"}, key="Badge"),
        effects=_done("create", "Leads"),
    ),
    "update": _Kind(
        call=lambda scene: scene.leads.update(scene.lead, {"City": "Ulm"}),
        effects=_done("update", "Leads"),
    ),
    "upsert": _Kind(
        call=lambda scene: scene.leads.upsert(_NEW, duplicate_check_fields=["Email"]),
        effects=_done("create", "Leads"),
    ),
    "delete": _Kind(
        call=lambda scene: scene.leads.delete(scene.lead), effects=_done("delete", "Leads")
    ),
    "download": _Kind(call=_download),
    "upload": _Kind(
        call=lambda scene: scene.zoho.files.upload(_CONTENT, name="a.pdf"),
        effects=lambda fake: len(fake.files.ids),
    ),
    "bulk read": _Kind(
        call=lambda scene: scene.zoho.bulk_read.create(
            {"query": {"module": {"api_name": "Leads"}, "fields": ["Email"]}}
        ),
        effects=_done("create", "bulk_read"),
    ),
    "bulk write": _Kind(call=_import, effects=_done("create", "bulk_write")),
    "channel": _Kind(call=_channel, effects=lambda fake: len(fake.notifications.ids)),
}


async def observe(name: str, fault: Fault) -> Seen:
    """Make one call of a kind whose first request goes wrong, and return what came of it."""
    kind, moment = KINDS[name], FastTime(time.monotonic())
    clock = Clock(monotonic=moment.now, wall=moment.now)
    timeout = Timeouts(request=_SHORT if fault in _HANGS else _LONG, call=24 * 3600.0)
    tokens = TokenLimits(made=1000, live=1000)
    async with FakeZoho(clock=clock, tokens=tokens) as fake:
        fake.fields.add("Leads", "Badge", unique=True)
        lead = fake.records("Leads").add(Last_Name="Adam", Email="a@x.example")
        async with ZohoCRM(
            fake.credentials(),
            token_store=MemoryTokenStore(),
            retries=_RETRIES,
            timeout=timeout,
            clock=moment.clock,
        ) as zoho:
            made = await zoho.records("Leads").attachments(lead).upload(_CONTENT, name="a.pdf")
            rows = await zoho.bulk_write.upload(_zipped("Last_Name\nBerg\n"), name="a.zip")
            scene = _Scene(fake=fake, zoho=zoho, lead=lead, file=made.id, upload=rows.id)
            # Whether the key is unique is asked for once.
            await scene.leads.create({"Last_Name": "Dahl", "Badge": "B0"}, key="Badge")
            await scene.leads.delete(fake.records("Leads").ids[-1])
            fake.stats.clear()
            plan = fake.faults
            plan.retry_after, plan.hang, plan.slow = "1", 60.0, 0.05
            plan.script(fault)
            return await _see(scene, kind)


async def _see(scene: _Scene, kind: _Kind) -> Seen:
    error: ZohoError | None = None
    told: Any = None
    try:
        told = await kind.call(scene)
    except ZohoError as raised:
        error = raised
    requests = [path for path in scene.fake.stats.requests if path != _ASKS_WHETHER_IT_LIVES]
    tokens = requests.count(_ASKS_FOR_A_TOKEN)
    sends = requests.count(requests[0])
    effects = int(bool(told)) if kind.effects is None else kind.effects(scene.fake)
    # In time for an answer that comes twice.
    await asyncio.sleep(0.05)
    names = [user["id"] for user in await scene.zoho.users.list()]
    return Seen(
        sends=sends,
        tokens=tokens,
        lookups=len(requests) - sends - tokens,
        error=type(error).__name__ if error else "",
        maybe_done=error is not None and error.maybe_done,
        effects=effects,
        follows=names == scene.fake.users.ids,
    )


async def observe_all() -> dict[Fault, dict[str, Seen]]:
    """Return what came of each kind of call with each fault."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(name: str, fault: Fault) -> Seen:
        async with turns:
            return await observe(name, fault)

    cells = [(fault, name) for fault in Fault for name in KINDS]
    seen = await asyncio.gather(*(one(name, fault) for fault, name in cells))
    rows: dict[Fault, dict[str, Seen]] = {fault: {} for fault in Fault}
    for (fault, name), each in zip(cells, seen, strict=True):
        rows[fault][name] = each
    return rows


async def matrix() -> dict[str, dict[str, str]]:
    """Return in words what the client did with each fault and each kind of call."""
    seen = await observe_all()
    return {
        fault.value: {name: one.word for name, one in row.items()} for fault, row in seen.items()
    }
