"""The table of everything that an org of a fake Zoho holds: a row for each family."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar, cast, overload

from aiozcrm.testing._bulk import AuditLogExports, Backup, BulkRead, BulkWrite
from aiozcrm.testing._families._apis import Apis
from aiozcrm.testing._families._collection import Collection, Plain
from aiozcrm.testing._families._composite import Composite
from aiozcrm.testing._families._contact_roles import CONTACT_ROLES
from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._families._currencies import Currencies
from aiozcrm.testing._families._custom_views import CustomViews
from aiozcrm.testing._families._duplicate_check import DuplicateCheck
from aiozcrm.testing._families._enrichments import ORGANIZATIONS, PEOPLE, Enrichments
from aiozcrm.testing._families._features import Features
from aiozcrm.testing._families._fields import Fields
from aiozcrm.testing._families._files import Files
from aiozcrm.testing._families._functions import Functions
from aiozcrm.testing._families._global_picklists import GlobalPicklists
from aiozcrm.testing._families._holidays import HOLIDAYS
from aiozcrm.testing._families._layouts import Layouts
from aiozcrm.testing._families._map_dependencies import MapDependencies
from aiozcrm.testing._families._modules import Modules
from aiozcrm.testing._families._notifications import Notifications
from aiozcrm.testing._families._org import Org
from aiozcrm.testing._families._org_hours import BusinessHours, FiscalYear, ShiftHours
from aiozcrm.testing._families._pipelines import Pipelines
from aiozcrm.testing._families._portals import Portals, PortalUserTypes
from aiozcrm.testing._families._preferences import APPOINTMENTS, SERVICES, Preferences
from aiozcrm.testing._families._profiles import Profiles
from aiozcrm.testing._families._read_only import (
    ASSIGNMENT_RULES,
    CADENCES,
    DATA_ENRICHMENT,
    EMAIL_TEMPLATES,
    INVENTORY_TEMPLATES,
    SIGNALS,
    WIZARDS,
)
from aiozcrm.testing._families._record_locking import RecordLocking
from aiozcrm.testing._families._related_lists import RelatedLists
from aiozcrm.testing._families._roles import Roles
from aiozcrm.testing._families._scoring_rules import ScoringRules
from aiozcrm.testing._families._tags import Tags
from aiozcrm.testing._families._territories import Territories
from aiozcrm.testing._families._unavailability import Unavailability
from aiozcrm.testing._families._unsubscribe_links import UnsubscribeLinks
from aiozcrm.testing._families._user_groups import UserGroups
from aiozcrm.testing._families._users import Users
from aiozcrm.testing._families._variables import VARIABLE_GROUPS, Variables
from aiozcrm.testing._records import Records
from aiozcrm.testing._records._attachments import Attachments
from aiozcrm.testing._records._bin import RecycleBin
from aiozcrm.testing._records._email_drafts import EmailDrafts
from aiozcrm.testing._records._mails import Mails
from aiozcrm.testing._records._photos import Photos
from aiozcrm.testing._records._record_files import RecordFiles
from aiozcrm.testing._wire._call import Family, Operation

__all__ = ["Contents"]

_Family = TypeVar("_Family", bound=Family)


class _Row(Generic[_Family]):
    """A row of the table: makes a family for an org, and finds it there.

    Args:
        make: Makes it, of the org's context and everything else that the org holds.
    """

    def __init__(self, make: Callable[[OrgContext, Contents], _Family]) -> None:
        self.make = make
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> _Row[_Family]: ...

    @overload
    def __get__(self, instance: Contents, owner: type) -> _Family: ...

    def __get__(self, instance: Contents | None, owner: type) -> _Row[_Family] | _Family:
        if instance is None:
            return self
        return cast(_Family, instance.families[self._name])


def _plain(row: Plain) -> _Row[Collection]:
    return _Row(lambda context, _: Collection(context, row))


class Contents:
    """Everything in an org, family by family.

    Attributes:
        families: The families, by name.
    """

    families: Mapping[str, Family]

    org: _Row[Org] = _Row(lambda context, _: Org(context))
    roles: _Row[Roles] = _Row(
        lambda context, contents: Roles(
            context, lambda old, new: contents.users.move("role", old, new)
        )
    )
    profiles: _Row[Profiles] = _Row(
        lambda context, contents: Profiles(
            context, lambda old, new: contents.users.move("profile", old, new)
        )
    )
    users: _Row[Users] = _Row(
        lambda context, contents: Users(context, contents.roles, contents.profiles)
    )
    modules: _Row[Modules] = _Row(lambda context, _: Modules(context))
    fields: _Row[Fields] = _Row(lambda context, _: Fields(context))
    tags: _Row[Tags] = _Row(lambda context, _: Tags(context))
    contact_roles: _Row[Collection] = _plain(CONTACT_ROLES)
    records: _Row[Records] = _Row(
        lambda context, contents: Records(
            context, contents.users, contents.tags, contents.contact_roles
        )
    )
    attachments: _Row[Attachments] = _Row(lambda _, contents: contents.records.attachments)
    photos: _Row[Photos] = _Row(lambda _, contents: contents.records.photos)
    record_files: _Row[RecordFiles] = _Row(lambda _, contents: contents.records.record_files)
    mails: _Row[Mails] = _Row(lambda _, contents: Mails(contents.records.database))
    email_drafts: _Row[EmailDrafts] = _Row(
        lambda _, contents: EmailDrafts(contents.records.database)
    )
    bulk_read: _Row[BulkRead] = _Row(lambda context, contents: BulkRead(context, contents.records))
    bulk_write: _Row[BulkWrite] = _Row(
        lambda context, contents: BulkWrite(context, contents.records, contents.org.id)
    )
    backup: _Row[Backup] = _Row(
        lambda context, contents: Backup(context, contents.records, contents.org.id)
    )
    audit_log_exports: _Row[AuditLogExports] = _Row(
        lambda context, contents: AuditLogExports(context, contents.org.id)
    )
    recycle_bin: _Row[RecycleBin] = _Row(lambda _, contents: contents.records.recycle_bin)
    files: _Row[Files] = _Row(lambda context, _: Files(context))
    holidays: _Row[Collection] = _plain(HOLIDAYS)
    variable_groups: _Row[Collection] = _plain(VARIABLE_GROUPS)
    variables: _Row[Variables] = _Row(
        lambda context, contents: Variables(context, contents.variable_groups)
    )
    currencies: _Row[Currencies] = _Row(lambda context, _: Currencies(context))
    functions: _Row[Functions] = _Row(lambda context, _: Functions(context))
    notifications: _Row[Notifications] = _Row(lambda context, _: Notifications(context))
    territories: _Row[Territories] = _Row(
        lambda context, contents: Territories(context, contents.users)
    )
    user_groups: _Row[UserGroups] = _Row(
        lambda context, contents: UserGroups(context, contents.users, contents.members)
    )
    scoring_rules: _Row[ScoringRules] = _Row(lambda context, _: ScoringRules(context))
    pipelines: _Row[Pipelines] = _Row(lambda context, _: Pipelines(context))
    map_dependencies: _Row[MapDependencies] = _Row(lambda context, _: MapDependencies(context))
    global_picklists: _Row[GlobalPicklists] = _Row(lambda context, _: GlobalPicklists(context))
    custom_views: _Row[CustomViews] = _Row(lambda context, _: CustomViews(context))
    portals: _Row[Portals] = _Row(lambda context, _: Portals(context))
    portal_user_types: _Row[PortalUserTypes] = _Row(
        lambda context, contents: PortalUserTypes(context, contents.portals)
    )
    zia_org_enrichments: _Row[Enrichments] = _Row(
        lambda context, _: Enrichments(context, ORGANIZATIONS)
    )
    zia_people_enrichments: _Row[Enrichments] = _Row(
        lambda context, _: Enrichments(context, PEOPLE)
    )
    layouts: _Row[Layouts] = _Row(lambda context, _: Layouts(context))
    business_hours: _Row[BusinessHours] = _Row(lambda context, _: BusinessHours(context))
    shift_hours: _Row[ShiftHours] = _Row(lambda context, _: ShiftHours(context))
    fiscal_year: _Row[FiscalYear] = _Row(lambda context, _: FiscalYear(context))
    duplicate_check_preference: _Row[DuplicateCheck] = _Row(
        lambda context, _: DuplicateCheck(context)
    )
    record_locking_configurations: _Row[RecordLocking] = _Row(
        lambda context, _: RecordLocking(context)
    )
    users_unavailability: _Row[Unavailability] = _Row(
        lambda context, contents: Unavailability(context, contents.users, contents.members)
    )
    features: _Row[Features] = _Row(
        lambda context, contents: Features(context, contents.users.count_active)
    )
    related_lists: _Row[RelatedLists] = _Row(lambda context, _: RelatedLists(context))
    wizards: _Row[Collection] = _plain(WIZARDS)
    assignment_rules: _Row[Collection] = _plain(ASSIGNMENT_RULES)
    email_templates: _Row[Collection] = _plain(EMAIL_TEMPLATES)
    inventory_templates: _Row[Collection] = _plain(INVENTORY_TEMPLATES)
    signals: _Row[Collection] = _plain(SIGNALS)
    cadences: _Row[Collection] = _plain(CADENCES)
    data_enrichment: _Row[Collection] = _plain(DATA_ENRICHMENT)
    service_preferences: _Row[Preferences] = _Row(lambda context, _: Preferences(context, SERVICES))
    appointment_preferences: _Row[Preferences] = _Row(
        lambda context, _: Preferences(context, APPOINTMENTS)
    )
    composite: _Row[Composite] = _Row(
        lambda context, contents: Composite(context, lambda: contents.families)
    )
    unsubscribe_links: _Row[UnsubscribeLinks] = _Row(lambda context, _: UnsubscribeLinks(context))
    apis: _Row[Apis] = _Row(lambda _, contents: Apis(contents.all_operations))

    def members(self, kind: str, own: str) -> Sequence[str] | None:
        """Return the ids of the users behind something; None if there is no such thing.

        Args:
            kind: What it is: ``users``, ``roles``, ``groups`` or ``territories``.
            own: Its id.
        """
        known = {
            "users": self.users,
            "roles": self.roles,
            "groups": self.user_groups,
            "territories": self.territories,
        }
        if kind not in known or own not in known[kind].ids:
            return None
        if kind == "users":
            return [own]
        if kind == "groups":
            return self.user_groups.users_in(own)
        if kind == "territories":
            return self.territories.members.get(own, [])
        return [user for user in self.users.ids if self.users.get(user)["role"]["id"] == own]

    def all_operations(self) -> Iterator[Operation]:
        """Yield every call that the org answers."""
        for family in self.families.values():
            yield from family.operations()


def fill(contents: Contents, context: OrgContext) -> None:
    """Make every family of *contents* anew."""
    made: dict[str, Family] = {}
    contents.families = made
    for name, row in vars(Contents).items():
        if isinstance(row, _Row):
            made[name] = row.make(context, contents)
