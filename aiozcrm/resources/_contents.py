"""The table of contents: what the client has, and where it is.

A family is imported when it is first used, so that importing the client costs the same however
many there are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from aiozcrm._hiding import HidingFrames
from aiozcrm._protocol import check_record_id
from aiozcrm.resources._api import Api
from aiozcrm.resources._attributes import Lazy, OfModule, resource_class

if TYPE_CHECKING:
    from aiozcrm.channel_stores import ChannelStore
    from aiozcrm.resources.apis import Apis
    from aiozcrm.resources.appointment_preferences import AppointmentPreferences
    from aiozcrm.resources.assignment_rules import AssignmentRules
    from aiozcrm.resources.audit_log_exports import AuditLogExports
    from aiozcrm.resources.backup import Backup
    from aiozcrm.resources.bulk_read import BulkRead
    from aiozcrm.resources.bulk_write import BulkWrite
    from aiozcrm.resources.business_hours import BusinessHours
    from aiozcrm.resources.cadences import Cadences
    from aiozcrm.resources.channel import Channel
    from aiozcrm.resources.contact_roles import ContactRoles
    from aiozcrm.resources.currencies import Currencies
    from aiozcrm.resources.custom_views import CustomViews
    from aiozcrm.resources.data_enrichment import DataEnrichment
    from aiozcrm.resources.duplicate_check_preference import DuplicateCheckPreference
    from aiozcrm.resources.email_templates import EmailTemplates
    from aiozcrm.resources.features import Features
    from aiozcrm.resources.fields import Fields
    from aiozcrm.resources.files import Files
    from aiozcrm.resources.fiscal_year import FiscalYear
    from aiozcrm.resources.from_addresses import FromAddresses
    from aiozcrm.resources.functions import Functions
    from aiozcrm.resources.global_picklists import GlobalPicklists
    from aiozcrm.resources.holidays import Holidays
    from aiozcrm.resources.inventory_templates import InventoryTemplates
    from aiozcrm.resources.layouts import Layouts
    from aiozcrm.resources.map_dependencies import MapDependencies
    from aiozcrm.resources.modules import Modules
    from aiozcrm.resources.notifications import Notifications
    from aiozcrm.resources.org import Org
    from aiozcrm.resources.pages import Pages
    from aiozcrm.resources.pipelines import Pipelines
    from aiozcrm.resources.portals import Portals
    from aiozcrm.resources.profiles import Profiles
    from aiozcrm.resources.record_locking_configurations import RecordLockingConfigurations
    from aiozcrm.resources.records import Records
    from aiozcrm.resources.records._queries import RecordT
    from aiozcrm.resources.recycle_bin import RecycleBin
    from aiozcrm.resources.related_lists import RelatedLists
    from aiozcrm.resources.roles import Roles
    from aiozcrm.resources.schema import Schema
    from aiozcrm.resources.scoring_rules import ScoringRules
    from aiozcrm.resources.service_preferences import ServicePreferences
    from aiozcrm.resources.shift_hours import ShiftHours
    from aiozcrm.resources.signals import Signals
    from aiozcrm.resources.tags import Tags
    from aiozcrm.resources.territories import Territories
    from aiozcrm.resources.unsubscribe_links import UnsubscribeLinks
    from aiozcrm.resources.user_groups import UserGroups
    from aiozcrm.resources.users import Users
    from aiozcrm.resources.users_unavailability import UsersUnavailability
    from aiozcrm.resources.variable_groups import VariableGroups
    from aiozcrm.resources.variables import Variables
    from aiozcrm.resources.wizards import Wizards
    from aiozcrm.resources.zia_org_enrichments import ZiaOrgEnrichments
    from aiozcrm.resources.zia_people_enrichments import ZiaPeopleEnrichments

__all__ = ["Contents"]


def _ref(part: str | int, path: str) -> str:
    """Return what stands for a value of another part of a composite call."""
    stands_for: str = resource_class("composite_requests", "ref")(part, path)
    return stands_for


class Contents:
    """What a client has. See the class of each attribute for its calls, pages and scopes."""

    _api: Api

    apis: Lazy[Apis] = Lazy("Apis")
    appointment_preferences: Lazy[AppointmentPreferences] = Lazy("AppointmentPreferences")
    audit_log_exports: Lazy[AuditLogExports] = Lazy("AuditLogExports")
    backup: Lazy[Backup] = Lazy("Backup")
    bulk_read: Lazy[BulkRead] = Lazy("BulkRead")
    bulk_write: Lazy[BulkWrite] = Lazy("BulkWrite")
    assignment_rules: Lazy[AssignmentRules] = Lazy("AssignmentRules")
    business_hours: Lazy[BusinessHours] = Lazy("BusinessHours")
    cadences: Lazy[Cadences] = Lazy("Cadences")
    contact_roles: Lazy[ContactRoles] = Lazy("ContactRoles")
    currencies: Lazy[Currencies] = Lazy("Currencies")
    data_enrichment: Lazy[DataEnrichment] = Lazy("DataEnrichment")
    email_templates: Lazy[EmailTemplates] = Lazy("EmailTemplates")
    features: Lazy[Features] = Lazy("Features")
    files: Lazy[Files] = Lazy("Files")
    fiscal_year: Lazy[FiscalYear] = Lazy("FiscalYear")
    from_addresses: Lazy[FromAddresses] = Lazy("FromAddresses")
    functions: Lazy[Functions] = Lazy("Functions")
    global_picklists: Lazy[GlobalPicklists] = Lazy("GlobalPicklists")
    holidays: Lazy[Holidays] = Lazy("Holidays")
    inventory_templates: Lazy[InventoryTemplates] = Lazy("InventoryTemplates")
    modules: Lazy[Modules] = Lazy("Modules")
    notifications: Lazy[Notifications] = Lazy("Notifications")
    org: Lazy[Org] = Lazy("Org")
    portals: Lazy[Portals] = Lazy("Portals")
    profiles: Lazy[Profiles] = Lazy("Profiles")
    roles: Lazy[Roles] = Lazy("Roles")
    scoring_rules: Lazy[ScoringRules] = Lazy("ScoringRules")
    service_preferences: Lazy[ServicePreferences] = Lazy("ServicePreferences")
    shift_hours: Lazy[ShiftHours] = Lazy("ShiftHours")
    recycle_bin: Lazy[RecycleBin] = Lazy("RecycleBin")
    signals: Lazy[Signals] = Lazy("Signals")
    territories: Lazy[Territories] = Lazy("Territories")
    unsubscribe_links: Lazy[UnsubscribeLinks] = Lazy("UnsubscribeLinks")
    user_groups: Lazy[UserGroups] = Lazy("UserGroups")
    users: Lazy[Users] = Lazy("Users")
    users_unavailability: Lazy[UsersUnavailability] = Lazy("UsersUnavailability")
    variable_groups: Lazy[VariableGroups] = Lazy("VariableGroups")
    variables: Lazy[Variables] = Lazy("Variables")
    wizards: Lazy[Wizards] = Lazy("Wizards")
    zia_org_enrichments: Lazy[ZiaOrgEnrichments] = Lazy("ZiaOrgEnrichments")
    zia_people_enrichments: Lazy[ZiaPeopleEnrichments] = Lazy("ZiaPeopleEnrichments")

    # These take the API name of a module: ``zoho.fields("Leads")``.
    custom_views: OfModule[CustomViews] = OfModule("CustomViews")
    duplicate_check_preference: OfModule[DuplicateCheckPreference] = OfModule(
        "DuplicateCheckPreference"
    )
    fields: OfModule[Fields] = OfModule("Fields")
    layouts: OfModule[Layouts] = OfModule("Layouts")
    record_locking_configurations: OfModule[RecordLockingConfigurations] = OfModule(
        "RecordLockingConfigurations"
    )
    related_lists: OfModule[RelatedLists] = OfModule("RelatedLists")
    tags: OfModule[Tags] = OfModule("Tags")

    def pipelines(self, layout_id: str | int, /) -> Pipelines:
        """Return the pipelines of a layout.

        Args:
            layout_id: The id of the layout.
        """
        family = resource_class("pipelines", "Pipelines")
        made: Pipelines = family(self._api, layout_id=check_record_id(layout_id))
        return made

    def map_dependencies(self, module: str, layout_id: str | int, /) -> MapDependencies:
        """Return the map dependencies of a layout of a module.

        Args:
            module: The API name of the module.
            layout_id: The id of the layout.
        """
        family = resource_class("map_dependencies", "MapDependencies")
        made: MapDependencies = family(
            self._api, module=module, layout_id=check_record_id(layout_id)
        )
        return made

    @overload
    def records(
        self, module: str, /, *, external_id: str | Sequence[str] | None = None
    ) -> Records[dict[str, Any]]: ...
    @overload
    def records(
        self, module: str, /, *, row: type[RecordT], external_id: str | Sequence[str] | None = None
    ) -> Records[RecordT]: ...
    def records(
        self,
        module: str,
        /,
        *,
        row: type[Any] | None = None,  # noqa: ARG002  # it is for type checkers alone
        external_id: str | Sequence[str] | None = None,
    ) -> Records[Any]:
        """Return the records of a module.

        .. code-block:: python

            leads = zoho.records("Leads", row=Lead)  # as schema.to_source() has written it
            (await leads.get("5725767000000411001"))["Emial"]  # a type checker finds this

        Args:
            module: Its API name, such as ``Leads``.
            row: A TypedDict for its records; type checkers then know what is read and written.
                Nothing is checked when the program runs.
            external_id: The API name of the field whose values are to stand for ids; several, or
                those of other modules, with their module, as ``Contacts.External_Id``.

        Raises:
            aiozcrm.errors.InvalidInputError: If *module* cannot be a name.
        """
        made: Records[Any] = resource_class("records", "Records")(
            self._api, module=module, external_id=external_id
        )
        return made

    async def schema(self, module: str, /, *, refresh: bool = False) -> Schema:
        """Return what the records of a module consist of: its fields, picklists and layouts.

        It is read once and kept for as long as the client lives; lists of all fields, upserts and
        the change feed use the same. A change by ``zoho.fields(module)`` makes it read again.

        Scopes: those of :class:`~aiozcrm.resources.schema.Schema`.

        Args:
            module: Its API name, such as ``Leads``.
            refresh: Whether to read it again.

        Raises:
            aiozcrm.errors.NotFoundError: If there is no such module.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        read: Schema = await resource_class("schema", "read_schema")(
            self._api, module, refresh=refresh
        )
        return read

    async def query(self, text: str, /, **values: Any) -> list[dict[str, Any]]:
        """Return all rows of a query in COQL, Zoho's query language.

        https://www.zoho.com/crm/developer/docs/api/v7/Get-Records-through-COQL-Query.html

        Placeholders in braces become literals: a value is quoted by its type, and stays one value
        whatever it holds. Conditions get their brackets, and a query without a WHERE gets one.

        >>> await zoho.query("select Last_Name from Leads where City = {city}", city="L'Aquila")

        Rows are read up to 2,000 a call. Without an order, or ordered by ``id`` alone, there may be
        any number of them; in another order Zoho hands out the first 100,000 at most. A LIMIT
        in the query holds.

        Scopes: ``ZohoCRM.coql.READ`` and ``ZohoCRM.modules.READ``.

        Args:
            text: One SELECT. A placeholder stands for a value in a condition, without quotes
                around it: ``= {name}``, ``like {name}``, ``between {low} and {high}``,
                ``in {names}``; or for the number behind ``limit`` or ``offset``.
            values: The value for each placeholder: text, a number, a boolean, a date, a datetime
                with an offset (to the second), or a list of 1 to 100 of those behind ``in``.

        Returns:
            A dict for each row, with the columns as the query names them, or their aliases.
            Values are as Zoho sends them. ``id`` is there, too, unless rows are aggregates.

        Raises:
            KeyError: If a placeholder has no value, or a value has no placeholder.
            TypeError: If a value is of a type that cannot stand in its place; for None, write
                ``is null``.
            ValueError: If the text is no single SELECT, if a placeholder stands in the place of a
                name, or if COQL cannot hold a value.
            aiozcrm.errors.InvalidQueryError: If Zoho rejects the query; it shows the place.
            aiozcrm.errors.PaginationLimitError: If there are more rows than Zoho hands out.
            aiozcrm.errors.ZohoError: If a call failed; the class says why.
        """
        return [row async for page in self.iter_query(text, **values).pages() for row in page]

    def iter_query(self, text: str, /, **values: Any) -> Pages[dict[str, Any]]:
        """Return the rows of a query as they come. See :meth:`query`.

        The next page is on its way while you work on this one. What cannot be sent is raised at
        once, what Zoho says when you iterate.

        Args:
            text: One SELECT.
            values: The value for each placeholder.
        """
        rows: Pages[dict[str, Any]] = resource_class("query", "iter_query")(self._api, text, values)
        return rows

    @HidingFrames()
    def channel(
        self,
        events: Iterable[str],
        /,
        *,
        url: str,
        store: ChannelStore | None = None,
        token: str | None = None,
        channel_id: str | int | None = None,
        lifetime: float = 604_500.0,
        drop: bool = False,
        return_affected_field_values: bool = False,
        notify_on_related_action: bool = False,
        notification_condition: Sequence[Mapping[str, Any]] | None = None,
    ) -> Channel:
        """Return a channel by which Zoho tells your service when records change.

        https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html

        >>> async with zoho.channel(["Deals.all"], url=HOOK, store=store) as channel:
        ...     notification = channel.verify(await request.read())

        Within ``async with`` it exists at Zoho and is renewed in time. Workers that share a
        *store* share the channel of an address: one of them renews it for all, and the next run
        takes it up again. Without a store the client keeps it; then give a *token*, if several
        processes receive.

        Scopes: ``ZohoCRM.notifications.ALL``, or the operations of it.

        Args:
            events: What to tell, such as ``Deals.create``, ``Deals.edit``, ``Deals.delete`` or
                ``Deals.all``.
            url: Where to tell it. Zoho has to reach it from outside. Put no secret there.
            store: Keeps the channel for other workers and later runs: a
                :class:`~aiozcrm.channel_stores.FileChannelStore`, a
                :class:`~aiozcrm.channel_stores.RedisChannelStore`, or one of your own.
            token: The secret that Zoho sends with each notification, up to 50 characters. By
                default one is made up, and kept in the store.
            channel_id: The id of the channel, which you may choose: several channels to one
                address need it. By default it follows from the credentials and *url*.
            lifetime: How many seconds to ask for at a time, a week at most. Zoho's answer counts.
            drop: Whether to end the channel at the end of ``async with``. Another worker that
                still shares it opens it anew when it next renews it.
            return_affected_field_values: Whether notifications hold the new values.
            notify_on_related_action: Whether changes of related records are told, too.
            notification_condition: Fields of which one has to change, as Zoho's page has them.

        Returns:
            The channel, which opens when ``async with`` begins.

        Raises:
            aiozcrm.errors.InvalidInputError: If an event, the address, the token or the lifetime
                cannot be; nothing is sent.
            TypeError: If one is of a wrong type; nothing is sent.
        """
        made: Channel = resource_class("channel", "make_channel")(
            self._api,
            events,
            url=url,
            store=store,
            token=token,
            channel_id=channel_id,
            lifetime=lifetime,
            drop=drop,
            options={
                "return_affected_field_values": return_affected_field_values,
                "notify_on_related_action": notify_on_related_action,
                "notification_condition": notification_condition,
            },
        )
        return made

    @overload
    async def composite(
        self,
        parts: Mapping[str, Awaitable[Any]],
        /,
        *,
        parallel_execution: bool | None = None,
        rollback_on_fail: bool = False,
    ) -> dict[str, Any]: ...
    @overload
    async def composite(
        self,
        parts: Iterable[Awaitable[Any]],
        /,
        *,
        parallel_execution: bool | None = None,
        rollback_on_fail: bool = False,
    ) -> list[Any]: ...
    async def composite(
        self,
        parts: Mapping[str, Awaitable[Any]] | Iterable[Awaitable[Any]],
        /,
        *,
        parallel_execution: bool | None = None,
        rollback_on_fail: bool = False,
    ) -> dict[str, Any] | list[Any]:
        """Make up to five calls in one.

        https://www.zoho.com/crm/developer/docs/api/v7/composite-api.html

        >>> lead, users = await zoho.composite([zoho.records("Leads").get(id), zoho.users.list()])

        Give calls that have not been awaited, as to :func:`asyncio.gather`. Each makes one
        request; a list has up to 25 rows, a write has one. Parts may use values of one another:
        see :func:`aiozcrm.composite.ref`, which is also ``zoho.composite.ref``.

        It costs one credit, or two with a rollback that was not needed. It is sent again after a
        lost answer only if every part may be.

        Scopes: ``ZohoCRM.composite_requests.CUSTOM``, and those of each part.

        Args:
            parts: The calls, in a list, or by the names that references use.
            parallel_execution: Whether parts may run at the same time. By default they do, unless
                *rollback_on_fail* is true; then they run one after the other.
            rollback_on_fail: Whether nothing is kept if a part fails. The failed part has its own
                error then, and the others :class:`~aiozcrm.errors.RolledBackError`.

        Returns:
            A list of what each part returns, or the error that it raises, in the order of the
            parts; a dict of that if the parts have names.

        Raises:
            aiozcrm.errors.InvalidInputError: If there are not 1 to 5 parts, a part is not one
                call, writes several rows, or refers to a part that is not there, or both options
                are true; nothing is sent.
            aiozcrm.errors.ZohoError: If the call as a whole failed; the class says why.
            TypeError: If a part is no call that can be awaited; nothing is sent.
        """
        made: Sequence[Any] = await resource_class("composite_requests", "send_together")(
            self._api,
            parts,
            parallel_execution=parallel_execution,
            rollback_on_fail=rollback_on_fail,
        )
        return dict(zip(parts, made, strict=True)) if isinstance(parts, Mapping) else list(made)

    composite.ref = _ref  # type: ignore[attr-defined]  # saves an import

    @classmethod
    def scopes_for(
        cls,
        *names: str,
        operation: Literal["ALL", "READ", "CREATE", "UPDATE", "DELETE"] = "ALL",
    ) -> tuple[str, ...]:
        """Return the OAuth scopes that calls need, to ask for when you authorize.

        It needs no client: ``ZohoCRM.scopes_for("org", "records")``.

        Args:
            names: The attributes of the client that you use, such as ``users``, ``records`` or
                ``query``. The module may stand behind, as in ``records.Leads``; the scopes are
                those of all modules, which queries and custom modules need.
                An action that needs others than its module stands behind that, as in
                ``records.Leads.mass_update``.
            operation: What you do with them. Some scopes have one operation only.

        Returns:
            Each scope once, in the order of the names.

        Raises:
            aiozcrm.errors.InvalidInputError: If the client has no such attribute; the hint names
                the nearest.
            TypeError: If a name is no text.
        """
        # Rare, so it is not imported with the client.
        from aiozcrm.resources._scopes import scopes_of  # noqa: PLC0415

        return scopes_of(vars(Contents), names, operation=operation)
