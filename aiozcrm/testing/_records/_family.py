"""The records of an org: what tests put there and look at, and the calls about them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from aiozcrm.testing._families._collection import Collection
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._tags import Tags
from aiozcrm.testing._families._users import Users
from aiozcrm.testing._records._attachments import Attachments
from aiozcrm.testing._records._bin import RecycleBin
from aiozcrm.testing._records._blueprints import Blueprints
from aiozcrm.testing._records._converting import Converting
from aiozcrm.testing._records._coql import Coql
from aiozcrm.testing._records._criteria import Criteria
from aiozcrm.testing._records._database import Database
from aiozcrm.testing._records._locking import Locking
from aiozcrm.testing._records._mass import Mass
from aiozcrm.testing._records._merging import Merging
from aiozcrm.testing._records._notes import Notes
from aiozcrm.testing._records._owners import Owners
from aiozcrm.testing._records._photos import Photos
from aiozcrm.testing._records._reading import Reading
from aiozcrm.testing._records._record_files import RecordFiles
from aiozcrm.testing._records._related import Related
from aiozcrm.testing._records._searching import Searching
from aiozcrm.testing._records._sharing import Sharing
from aiozcrm.testing._records._store import Store
from aiozcrm.testing._records._subforms import Subforms
from aiozcrm.testing._records._tagging import Tagging
from aiozcrm.testing._records._timeline import Timeline
from aiozcrm.testing._records._writing import Writing
from aiozcrm.testing._schema._field import Field
from aiozcrm.testing._wire._answer import Answer
from aiozcrm.testing._wire._call import Call, Family, Operation

__all__ = ["ModuleRecords", "Records"]

_MODULE: Final = "/{module}"
# The paths of one record, by Zoho's id or by that of another system.
_ONE: Final = ("/{module}/{id}", "/{module}/{external_value}")
_FIRST_VIEW: Final = 92001
# The paths of a related list, and of a record in it.
_LISTS: Final = (
    ("/{module}/{id}/{related_list}", "/{module}/{id}/{related_list}/{related_id}"),
    (
        "/{module}/{external_value}/{related_list}",
        "/{module}/{external_value}/{related_list}/{related_external_value}",
    ),
    ("/Deals/{deal}/Contact_Roles", "/Deals/{deal}/Contact_Roles/{contact}"),
)


class ModuleRecords:
    """The records of one module.

    Args:
        database: All records.
        writing: What keeps new ones.
        blueprints: The processes of records.
        store: Those of the module.
    """

    def __init__(
        self, database: Database, writing: Writing, blueprints: Blueprints, store: Store
    ) -> None:
        self._database = database
        self._writing = writing
        self._blueprints = blueprints
        self._store = store

    @property
    def ids(self) -> list[str]:
        """The ids of the records that exist now, oldest first."""
        return list(self._store.rows)

    def add(self, **values: Any) -> str:
        """Add a record, as somebody would in Zoho's own pages, and return its id.

        Args:
            **values: What is set of it, not checked by anything; what it cannot do without is
                made up.
        """
        number = len(self._store.rows) + len(self._store.gone) + 1
        made_up = {
            field.api_name: self._make_up(field, number)
            for field in self._store.module.fields.values()
            if field.mandatory and field.api_name not in values
        }
        return self._writing.add(self._store, {**made_up, **values}, by_call=False)

    def add_many(self, number: int, **values: Any) -> list[str]:
        """Add *number* records, all with the same *values*, and return their ids."""
        return [self.add(**values) for _ in range(number)]

    def get(self, record_id: str) -> dict[str, Any]:
        """Return a record as the API shows it by itself.

        Raises:
            KeyError: If there is none.
        """
        row = self._store.rows[record_id]
        return copy.deepcopy(self._database.show_all(row, self._store.module, self._store))

    def all(self) -> list[dict[str, Any]]:
        """Return every record as the API shows it by itself, oldest first."""
        return [self.get(record_id) for record_id in self._store.rows]

    def change(self, record_id: str, **values: Any) -> None:
        """Change a record as somebody else would; it does not count as an effect.

        Raises:
            KeyError: If there is none.
        """
        stamps = {"Modified_Time": self._database.context.now()}
        self._store.update(record_id, {**values, **stamps})

    def remove(self, record_id: str, *, permanently: bool = False) -> None:
        """Remove a record as somebody else would; it does not count as an effect.

        Args:
            record_id: Which one.
            permanently: Whether the recycle bin does not keep it.

        Raises:
            KeyError: If there is none.
        """
        name = self._database.name_of(self._store.module, self._store.rows[record_id])
        self._store.delete(record_id, name=name, time=self._database.context.now())
        self._store.gone[record_id].permanent = permanently

    def restore(self, record_id: str) -> None:
        """Bring a removed record back from the recycle bin, as somebody else would.

        Raises:
            KeyError: If it is not there.
        """
        self._store.restore(record_id, time=self._database.context.now())

    def purge(self, record_id: str) -> None:
        """Remove a record from the recycle bin, too, as somebody else would.

        Raises:
            KeyError: If it is not there.
        """
        self._store.gone[record_id].permanent = True

    def merge(self, record_id: str, *others: str, **values: Any) -> None:
        """Merge *others* into a record, as somebody else would: they are deleted.

        Args:
            record_id: The record that stays.
            *others: Those that do not.
            **values: What the record takes from them.

        Raises:
            KeyError: If one of them is not there.
        """
        for other in others:
            self.remove(other)
        self.change(record_id, **values)

    def convert(self, record_id: str) -> None:
        """Convert a lead, as somebody else would; it leads to no records of other modules.

        Raises:
            KeyError: If there is none.
        """
        now = self._database.context.now()
        self.change(record_id, Converted__s=True, Converted_Date_Time=now)

    def lock(self, record_id: str, *, locked: bool = True, by_rule: bool = False) -> None:
        """Lock a record, so that nobody can change it, or unlock it again.

        Args:
            record_id: Which one.
            locked: Whether it is locked from now on.
            by_rule: Whether a rule locks it, so that no call can unlock it.
        """
        self._store.locked.pop(record_id, None)
        if locked:
            self._database.lock(self._store, record_id, None if by_rule else "closed")

    def add_blueprint(
        self, field: str, steps: Iterable[tuple[str, str, str, Sequence[str]]]
    ) -> dict[str, str]:
        """Let records go through a process, and return the ids of its steps by their names.

        A record is in it as long as a step starts from the value that it has.

        >>> steps = [("Call made", "Not Contacted", "Contacted", ["Phone"])]
        >>> fake.records("Leads").add_blueprint("Lead_Status", steps)

        Args:
            field: The picklist that tells where a record is.
            steps: The name of each, the value before it, the value after it, and the fields that
                it asks for.
        """
        return self._blueprints.add(self._store.module.api_name, field, steps)

    def add_view(self, criteria: str) -> str:
        """Add a custom view and return its id.

        Args:
            criteria: What a search would look for, such as ``(City:equals:Delft)``.
        """
        view_id = self._database.context.id(_FIRST_VIEW + len(self._store.views))
        parsed = Criteria(self._database, self._store.module, criteria).parse()
        self._store.views[view_id] = parsed
        return view_id

    def _make_up(self, field: Field, number: int) -> Any:
        if field.values:
            last = field.values[-1]
            return [last] if field.kind.json_type == "jsonarray" else last
        label = f"{self._store.module.singular} {number}"
        made_up: dict[str, Any] = {
            **dict.fromkeys(("bigint", "integer", "double", "currency", "percent"), number),
            "boolean": False,
            "date": "2026-01-01",
            "datetime": "2026-01-01T09:00:00+01:00",
            "email": f"{number}@made-up.example",
            "website": f"https://made-up.example/{number}",
            "userlookup": {"id": self._database.users.current_id},
        }
        # What leads to other records, or holds rows of its own, stays empty.
        return made_up.get(field.type, label if field.kind.json_type == "string" else None)


class Records(Family):
    """The records of an org: ``fake.records("Leads")`` are those of one module.

    Args:
        context: The org.
        users: Its users.
        tags: Its tags.
        roles: The roles of contacts in its deals.

    Attributes:
        database: All of them.
        writing: What changes them.
    """

    def __init__(self, context: OrgContext, users: Users, tags: Tags, roles: Collection) -> None:
        self._database = self.database = Database(context, users, tags, roles)
        tags.tagged = self._database.tagged
        self._reading = Reading(self._database)
        self._writing = self.writing = Writing(self._database)
        self._searching = Searching(self._database)
        self._tagging = Tagging(self._database)
        self._subforms = Subforms(self._database, self._reading)
        self._owners = Owners(self._database)
        self._related = Related(self._database, self._reading)
        self._notes = Notes(self._database, self._writing)
        self._converting = Converting(self._database, self._writing)
        self._mass = Mass(self._database, self._writing, self._owners, self._converting)
        self._merging = Merging(self._database)
        self.attachments: Attachments = Attachments(self._database, self._reading)
        self.photos: Photos = Photos(self._database)
        self.record_files: RecordFiles = RecordFiles(self._database)
        self._locking = Locking(self._database, self._reading)
        self._sharing = Sharing(self._database)
        self._blueprints = Blueprints(self._database)
        self.recycle_bin: RecycleBin = RecycleBin(self._database)
        self._timeline = Timeline(self._database, self._reading.tokens)
        self._coql = Coql(self._database)

    def __call__(self, module: str) -> ModuleRecords:
        """Return the records of a module.

        Raises:
            KeyError: If there is no such module.
        """
        store = self._database.store(module)
        return ModuleRecords(self._database, self._writing, self._blueprints, store)

    def expire_page_tokens(self) -> None:
        """Let every page token end now."""
        self._reading.tokens.expire()

    def seed(self, given: Any) -> Any:
        """Add records that are written down as data: by module, how many, or with what.

        Raises:
            TypeError: If it is something else.
        """
        if not isinstance(given, Mapping):
            raise TypeError("records are given by module")
        return {module: self._seed(self(module), rows) for module, rows in given.items()}

    def snapshot(self) -> Callable[[], None]:
        """Return what brings back the records that there are now."""
        return self._database.snapshot()

    def operations(self) -> tuple[Operation, ...]:
        """Return the calls about records."""
        one_actions, actions = "/{module}/{id}/actions", "/{module}/actions"
        lines: list[tuple[str, Callable[[Call], Answer], str]] = [
            (f"GET {_MODULE}", self._subforms.list, "list"),
            (f"POST {_MODULE}", self._writing.insert, "create"),
            (f"PUT {_MODULE}", self._writing.update_many, "update"),
            (f"DELETE {_MODULE}", self._writing.delete_many, "delete"),
            (f"POST {_MODULE}/upsert", self._writing.upsert, "upsert"),
            (f"GET {_MODULE}/search", self._searching.search, "search"),
            (f"GET {_MODULE}/deleted", self._reading.list_deleted, "deleted"),
            (f"GET {actions}/count", self._searching.count, "count"),
            (f"POST {actions}/add_tags", self._tagging.add, "add_tags"),
            (f"POST {actions}/remove_tags", self._tagging.remove, "remove_tags"),
            (f"POST {one_actions}/add_tags", self._tagging.add, "add_tags"),
            (f"POST {one_actions}/remove_tags", self._tagging.remove, "remove_tags"),
            (f"POST {actions}/change_owner", self._owners.change, "change_owner"),
            (f"POST {one_actions}/change_owner", self._owners.change, "change_owner"),
            ("POST /Leads/{id}/actions/convert", self._converting.convert_lead, "convert"),
            ("GET /Leads/{id}/__conversion_options", self._converting.options, "options"),
            (f"POST {one_actions}/convert", self._converting.convert_goods, "convert"),
            ("POST /{module}/{master_id}/actions/merge", self._merging.merge, "merge"),
            ("GET /{module}/{master_id}/actions/merge", self._merging.show_job, "merge"),
            *self._mass.lines(),
            (f"POST {one_actions}/clone", self._writing.clone, "clone"),
            (f"GET {one_actions}/fetch_full_data", self._reading.fetch_full_data, "get"),
            ("GET /{module}/{id}/__timeline", self._timeline.list, "timeline"),
            # Notes have paths of their own, to the same effect.
            ("GET /Notes", self._reading.list, "list"),
            ("POST /Notes", self._writing.insert, "create"),
            ("PUT /Notes", self._writing.update_many, "update"),
            ("DELETE /Notes", self._writing.delete_many, "delete"),
        ]
        for path in (*_ONE, "/Notes/{note_id}"):
            lines.append((f"GET {path}", self._reading.get, "get"))
            lines.append((f"PUT {path}", self._writing.update, "update"))
            lines.append((f"DELETE {path}", self._writing.delete, "delete"))
        lines += self._places()
        coql = Operation(line="POST /coql", run=self._coql.run, verb="query", family="coql")
        return (
            *(
                Operation(line=line, run=run, verb=verb, family=_family_in(line))
                for line, run, verb in lines
            ),
            coql,
        )

    def _places(self) -> Iterator[tuple[str, Callable[[Call], Answer], str]]:
        """Yield the calls about what belongs to one record."""
        related, notes = self._related, self._notes
        for many, one in _LISTS:
            yield f"GET {many}", related.list, "related"
            yield f"GET {one}", related.get, "related"
            yield f"PUT {one}", related.link, "link"
            yield f"DELETE {many}", related.unlink_many, "unlink"
            yield f"DELETE {one}", related.unlink, "unlink"
            if "Contact_Roles" not in many:
                yield f"PUT {many}", related.link_many, "link"
        locks, sharing, blueprints = self._locking, self._sharing, self._blueprints
        yield "GET /{module}/{id}/Locking_Information__s", locks.list, "locks"
        yield "POST /{module}/{id}/Locking_Information__s", locks.lock, "lock"
        yield "GET /{module}/{id}/Locking_Information__s/{lock_id}", locks.get, "locks"
        yield "PUT /{module}/{id}/Locking_Information__s/{lock_id}", locks.update, "lock"
        yield "DELETE /{module}/{id}/Locking_Information__s/{lock_id}", locks.unlock, "unlock"
        yield "GET /{module}/{id}/actions/share", sharing.show, "share"
        yield "POST /{module}/{id}/actions/share", sharing.share, "share"
        yield "PUT /{module}/{id}/actions/share", sharing.replace, "share"
        yield "DELETE /{module}/{id}/actions/share", sharing.revoke, "unshare"
        yield "GET /{module}/{id}/actions/blueprint", blueprints.show, "blueprint"
        yield "PUT /{module}/{id}/actions/blueprint", blueprints.take, "transition"
        yield "GET /{module}/deleted/{id}/{related_list}", related.list_of_deleted, "related"
        yield "GET /{module}/{id}/Notes", related.list, "list"
        yield "POST /{module}/{id}/Notes", notes.create, "create"
        yield "PUT /{module}/{id}/Notes", notes.update, "update"
        yield "DELETE /{module}/{id}/Notes/{note_id}", notes.delete, "delete"

    def _seed(self, records: ModuleRecords, rows: Any) -> list[str]:
        if isinstance(rows, int):
            return records.add_many(rows)
        return [records.add(**row) for row in rows]


def _family_in(line: str) -> str:
    """Return the module that a line names; nothing if it is a part of the path."""
    first = line.split("/")[1]
    return "Notes" if "/Notes" in line else "" if first.startswith("{") else first
