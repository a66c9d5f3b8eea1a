"""Every command in a terminal of 80 columns and 24 lines, against an org with data.

What a command does in detail is tested beside its room. This file is a walk: each command of the
tree has a row here, so a new one without a row makes a test fail.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from tree import COMMANDS, GROUPS

from aiozcrm.cli.profiles._profiles import Profiles
from aiozcrm.testing import FakeZoho

CTRL_C: Final = "\x03"

#: What colours text and moves the cursor.
_SEQUENCE: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


@attrs.frozen(kw_only=True)
class World:
    """What a command finds.

    Attributes:
        fake: An org with three leads, a contact, a file, links and a channel.
        profiles: What the command line knows of it.
        folder: A folder with files of rows and ids.
        port: A port that nobody listens on.
    """

    fake: FakeZoho
    profiles: Profiles
    folder: Path
    port: int

    def names(self, module: str = "Leads") -> list[str]:
        """Return the last names of all records of a module."""
        records = self.fake.records(module)
        return sorted(records.get(own)["Last_Name"] for own in records.ids)

    def text(self, name: str) -> str:
        """Return what a file in the folder holds."""
        return (self.folder / name).read_text("utf-8")

    @property
    def leads(self) -> list[str]:
        """The ids of all leads."""
        return self.fake.records("Leads").ids

    def lead(self, field: str) -> Any:
        """Return a field of the first lead."""
        return self.fake.records("Leads").get(self.leads[0])[field]

    def links(self) -> list[str]:
        """Return the names of all links."""
        links = self.fake.unsubscribe_links
        return [links.get(own)["name"] for own in links.ids]

    def attachments(self) -> list[str]:
        """Return the names of the files of the second lead."""
        attachments = self.fake.attachments
        return [attachments.get(own).name for own in attachments.of(self.leads[1])]

    def words(self) -> dict[str, Any]:
        """Return what stands for itself in the arguments of a row."""
        leads, links = self.leads, self.fake.unsubscribe_links.ids
        return {
            "folder": self.folder,
            "port": self.port,
            "url": self.fake.url,
            "client": self.fake.environ()["ZOHO_CLIENT_ID"],
            "secret": self.fake.environ()["ZOHO_CLIENT_SECRET"],
            "code": self.fake.make_code(),
            "lead": leads[0],
            "other_lead": leads[1],
            "link": links[1],
            "other_link": links[2],
            "channel": self.fake.notifications.ids[0],
        }


@pytest.fixture
def world(
    add_org: Callable[..., FakeZoho],
    profiles: Profiles,
    tmp_path: Path,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """Return an org with data, and a folder with files; terminals tell their width themselves."""
    monkeypatch.delenv("COLUMNS")
    fake = add_org(links=3)
    for name in ("Ames", "Burns", "Clark"):
        fake.records("Leads").add(Last_Name=name, Email=f"{name.lower()}@example.org", City="Delft")
    fake.records("Contacts").add(Last_Name="Dunn", Email="dunn@example.org")
    leads = fake.records("Leads").ids
    fake.attachments.add(leads[0], "offer.pdf", b"%PDF-offer")
    fake.unsubscribe_links.add_association(fake.unsubscribe_links.ids[-1], "Monthly news")
    fake.notifications.add(events=["Leads.all"], notify_url="https://hooks.example.com/zoho")
    files = {
        "rows.csv": "Last_Name,Email\nEvans,evans@example.org\nAmes,ames@example.org\n",
        "changes.csv": f"id,City\n{leads[0]},Gouda\n",
        "ids.txt": f"{leads[0]}\n{leads[1]}\n",
        "prices.txt": "50 posters: 20 euros\n",
        "query.json": json.dumps({"select_query": "select City from Leads where id is not null"}),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    return World(fake=fake, profiles=profiles, folder=tmp_path, port=port)


@attrs.frozen
class Row:
    """How a command is run, and what comes of it.

    Attributes:
        arguments: What is said after its name, with words of the world in braces.
        says: What can then be read, wherever lines end.
        types: Texts to wait for, each with what is typed or done then.
        leaves: Whether the world is as it should be afterwards.
    """

    arguments: str = ""
    says: Sequence[str] = attrs.field(kw_only=True)
    types: Sequence[tuple[str, str | Callable[[World], object]]] = attrs.field(
        kw_only=True, default=()
    )
    leaves: Callable[[World], bool] = attrs.field(kw_only=True, default=lambda world: True)


def rows_in_table(path: Path) -> int:
    """Return how many leads a database holds."""
    db = sqlite3.connect(path)
    (count,) = db.execute("SELECT COUNT(*) FROM Leads").fetchone()
    db.close()
    return int(count)


def confirm(verb: str, number: int) -> tuple[tuple[str, str], ...]:
    """Return the answer to the question for the number."""
    return ((f"Type that number to {verb} them: ", f"{number}\n"),)


#: What is run of each command; a blank within a word is written as ``~``.
ROWS: Final = {
    "aiozcrm query": Row("select~Last_Name,~City~from~Leads", says=["Last_Name", "Ames Delft"]),
    "aiozcrm schema": Row("Leads", says=["Last_Name", "mandatory"]),
    "aiozcrm export": Row(
        "Leads --to {folder}/leads.csv --fields Last_Name",
        says=["Way: list", "Credits: about 1", "3/3", "3 rows, by list, in"],
        types=confirm("export", 3),
        leaves=lambda world: len(world.text("leads.csv").splitlines()) == 4,
    ),
    "aiozcrm sync": Row(
        "Leads --to {folder}/crm.db",
        says=["Leads: 3 changed, 0 deleted, 3 rows now."],
        leaves=lambda world: rows_in_table(world.folder / "crm.db") == 3,
    ),
    "aiozcrm call": Row("POST coql --json {folder}/query.json", says=["Delft"]),
    "aiozcrm demo": Row("--links 20 --calm", says=["20"]),
    "aiozcrm login": Row(
        "--profile new --client-id {client} --accounts-url {url} --code",
        says=["Logged in to Oldenkamp Bindery"],
        types=(("Client secret: ", "{secret}\n"), ("Code: ", "{code}\n")),
        leaves=lambda world: "new" in world.profiles.names(),
    ),
    "aiozcrm logout": Row(says=["default"], leaves=lambda world: world.profiles.names() == []),
    "aiozcrm doctor": Row(says=["Oldenkamp Bindery"]),
    "aiozcrm fake serve": Row(
        "--links 2 --port {port}",
        says=["export ZOHO_CLIENT_ID=", "Default link: ", "Other links: "],
        types=[("Ctrl-C ends it.", CTRL_C)],
    ),
    "aiozcrm links list": Row(says=["Default", "standard"]),
    "aiozcrm links get": Row("{link}", says=["{link}"]),
    "aiozcrm links create": Row(
        "Spring~sale --page-type standard --submission-action-type display_message "
        "--submission-message You~are~off~the~list.",
        says=["Created link ", "Spring sale", "You are off the list."],
        leaves=lambda world: len(world.fake.unsubscribe_links.ids) == 5,
    ),
    "aiozcrm links update": Row(
        "{link} --name Autumn~fair",
        says=["Autumn fair"],
        leaves=lambda world: "Autumn fair" in world.links(),
    ),
    "aiozcrm links associations": Row(says=["email_templates", "Monthly", "Module"]),
    "aiozcrm links delete": Row(
        "{link} {other_link}",
        says=["2 links in 1 org go.", "2/2", "2 ids: 2 deleted."],
        types=confirm("delete", 2),
        leaves=lambda world: len(world.fake.unsubscribe_links.ids) == 2,
    ),
    "aiozcrm links clean": Row(
        says=["2 links in 1 org go.", "2 deleted"],
        types=confirm("delete", 2),
        leaves=lambda world: len(world.fake.unsubscribe_links.ids) == 2,
    ),
    "aiozcrm records list": Row(
        "Leads --fields Last_Name,City", says=["Last_Name", "Ames Delft", "Clark Delft"]
    ),
    "aiozcrm records get": Row("Leads {lead}", says=["{lead}", "ames@example.org"]),
    "aiozcrm records search": Row(
        "Leads --email burns@example.org", says=["Last_Name Burns", "Email burns@example.org"]
    ),
    "aiozcrm records count": Row("Leads", says=["3"]),
    "aiozcrm records create": Row(
        "Contacts --from {folder}/rows.csv",
        says=["Rows: 2", "2/2", "2 rows: 2 created."],
        types=confirm("create", 2),
        leaves=lambda world: world.names("Contacts") == ["Ames", "Dunn", "Evans"],
    ),
    "aiozcrm records update": Row(
        "Leads --from {folder}/changes.csv --report {folder}/done.csv",
        says=["Rows: 1", "1 row: 1 updated."],
        types=confirm("update", 1),
        leaves=lambda world: (
            world.lead("City") == "Gouda" and ",updated," in world.text("done.csv")
        ),
    ),
    "aiozcrm records upsert": Row(
        "Leads --from {folder}/rows.csv --duplicate-check-fields Email",
        says=["2 rows: 1 created + 1 updated."],
        types=confirm("upsert", 2),
        leaves=lambda world: world.names() == ["Ames", "Burns", "Clark", "Evans"],
    ),
    "aiozcrm records delete": Row(
        "Leads --from {folder}/ids.txt --backup {folder}/before.jsonl",
        says=["2 records in 1 org go.", "2 ids: 2 deleted."],
        types=confirm("delete", 2),
        leaves=lambda world: world.names() == ["Clark"] and "Burns" in world.text("before.jsonl"),
    ),
    "aiozcrm records clean": Row(
        "Leads --where Last_Name~=~'Burns'",
        says=["1 record in 1 org goes.", "1 id: 1 deleted."],
        types=confirm("delete", 1),
        leaves=lambda world: world.names() == ["Ames", "Clark"],
    ),
    "aiozcrm attachments download": Row(
        "Leads {lead} {other_lead} --to {folder}/files",
        says=["downloaded: ", "offer.pdf", "2/2"],
        leaves=lambda world: world.text(f"files/{world.leads[0]}/offer.pdf") == "%PDF-offer",
    ),
    "aiozcrm attachments upload": Row(
        "Leads {other_lead} {folder}/prices.txt",
        says=["created: ", "1/1"],
        types=confirm("attach", 1),
        leaves=lambda world: world.attachments() == ["prices.txt"],
    ),
    "aiozcrm notifications list": Row(says=["{channel}", "Leads.delete", "https://hooks"]),
    "aiozcrm notifications enable": Row(
        "Deals.all --url https://hooks.example.com/deals --channel-id 77",
        says=["77"],
        types=[("Token of the channel: ", "a-token-that-nobody-guesses\n")],
        leaves=lambda world: "77" in world.fake.notifications.ids,
    ),
    "aiozcrm notifications disable": Row(
        "{channel}", says=["{channel}"], leaves=lambda world: world.fake.notifications.ids == []
    ),
    "aiozcrm notifications watch": Row(
        "Leads.create --url http://127.0.0.1:{port}/ --port {port}",
        says=["Leads insert: ", "has ended."],
        types=[
            ("is open; Ctrl-C ends it.", lambda world: world.fake.records("Leads").add_many(1)),
            ("Leads insert: ", CTRL_C),
        ],
        leaves=lambda world: len(world.fake.notifications.ids) == 1,
    ),
}


def plain(written: str) -> str:
    """Return what can be read, with a single blank wherever there is room."""
    return " ".join(_SEQUENCE.sub("", written).split())


def test_every_command_has_a_row() -> None:
    """A new one is not forgotten."""
    assert list(ROWS) == list(COMMANDS)


@pytest.mark.parametrize("path", ROWS)
def test_does_what_it_says(path: str, terminal: Callable[..., Any], world: World) -> None:
    """It ends with 0, tells what it did, and did it."""
    row, words = ROWS[path], world.words()
    arguments = [*path.split()[1:], *row.arguments.split()]
    said = (one.replace("~", " ").format(**words) for one in arguments)
    session = terminal(*said, columns=80)
    for text, reaction in row.types:
        session.wait_for(text)
        if isinstance(reaction, str):
            session.type(reaction.format(**words))
        else:
            reaction(world)
    code, read = session.end(), plain(session.written)

    assert (code, "Traceback" in read) == (0, False), session.written
    for phrase in row.says:
        assert phrase.format(**words) in read, session.written
    assert row.leaves(world), session.written


@pytest.mark.parametrize("path", [*COMMANDS, *GROUPS])
def test_help_fits(path: str, terminal: Callable[..., Any]) -> None:
    """No line is cut or broken by the terminal."""
    session = terminal(*path.split()[1:], "--help", columns=80)

    assert session.end() == 0
    assert session.written.startswith(f"Usage: {path} ")
    assert max(map(len, _SEQUENCE.sub("", session.written).splitlines())) <= 80
