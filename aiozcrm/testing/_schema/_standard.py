"""The modules that every org has, with their standard fields.

Source: https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html and field-meta.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from aiozcrm.testing._schema._field import Field

__all__ = ["STANDARD", "SYSTEM", "Standard"]


@attrs.frozen(kw_only=True)
class Standard:
    """A module that every org has.

    Attributes:
        singular: What one of its records is called.
        fields: What its records have beside the fields of all modules.
        name: The field that stands for a record where others name it.
        checks: The field by which an upsert finds a record unless told otherwise; empty if the
            module has no upsert.
        id: The id of the module, within the org.
        first_field: The id of its first field, within the org.
    """

    singular: str
    fields: Sequence[Field]
    name: str
    checks: str = ""
    id: int
    first_field: int


def _field(
    name: str, kind: str = "text", length: int | None = None, *, must: bool = False
) -> Field:
    return Field(api_name=name, type=kind, length=length, mandatory=must)


def _choice(name: str, *values: str, must: bool = False, kind: str = "picklist") -> Field:
    choices = ("-None-", *values)
    return Field(api_name=name, type=kind, mandatory=must, values=choices, open_values=True)


def _lookup(name: str, module: str) -> Field:
    return Field(api_name=name, type="lookup", lookup=module)


def _address(prefix: str = "") -> tuple[Field, ...]:
    parts = {"Street": 250, "City": 100, "State": 100, "Country": 100}
    code = f"{prefix}Code" if prefix else "Zip_Code"
    return (
        *(_field(f"{prefix}{part}", length=size) for part, size in parts.items()),
        _field(code, length=30),
    )


def _inventory(singular: str, lines: str, *, id: int, first_field: int) -> Standard:
    """Return a module of goods: its records have lines, one a product."""
    return Standard(
        singular=singular,
        name="Subject",
        checks="Subject",
        id=id,
        first_field=first_field,
        fields=(
            _field("Subject", length=50, must=True),
            _lookup("Account_Name", "Accounts"),
            _lookup("Contact_Name", "Contacts"),
            _lookup("Deal_Name", "Deals"),
            _field(lines, "subform", must=True),
            _field("Terms_and_Conditions", "textarea"),
            _field("Description", "textarea"),
        ),
    )


_SOURCES: Final = (
    *("Advertisement", "Cold Call", "Employee Referral", "External Referral", "Online Store"),
    *("Partner", "Public Relations", "Seminar Partner", "Trade Show", "Web Download", "Chat"),
)
_INDUSTRIES: Final = (
    *("ASP (Application Service Provider)", "Data/Telecom OEM", "ERP", "Government/Military"),
    *("Large Enterprise", "ManagementISV", "MSP (Management Service Provider)", "Retail"),
    *("Small/Medium Enterprise", "Systems Integrator", "Manufacturing", "Education"),
)
_RATINGS: Final = ("Acquired", "Active", "Market Failed", "Project Cancelled", "Shut Down")
_STAGES: Final = (
    *("Qualification", "Needs Analysis", "Value Proposition", "Identify Decision Makers"),
    *("Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost"),
)

#: What records of every module have.
SYSTEM: Final = (
    Field(api_name="Owner", type="ownerlookup"),
    Field(api_name="Created_By", type="userlookup", read_only=True),
    Field(api_name="Modified_By", type="userlookup", read_only=True),
    Field(api_name="Created_Time", type="datetime", read_only=True),
    Field(api_name="Modified_Time", type="datetime", read_only=True),
    Field(api_name="Last_Activity_Time", type="datetime", read_only=True),
    Field(api_name="Tag", type="text", read_only=True),
    Field(api_name="Record_Image", type="profileimage"),
    Field(api_name="Locked__s", type="boolean", read_only=True),
    Field(api_name="Record_Status__s", type="picklist", read_only=True),
)

_PERSON: Final = (
    _choice("Salutation", "Mr.", "Mrs.", "Ms.", "Dr.", "Prof."),
    _field("First_Name", length=40),
    _field("Last_Name", length=80, must=True),
    Field(api_name="Full_Name", read_only=True),
    _field("Email", "email"),
    _field("Secondary_Email", "email"),
    _field("Email_Opt_Out", "boolean"),
    _field("Phone", "phone"),
    _field("Mobile", "phone"),
    _field("Fax", "phone"),
    _choice("Lead_Source", *_SOURCES),
    _field("Skype_ID", length=50),
    _field("Twitter", length=50),
    _field("Description", "textarea"),
)

STANDARD: Final[Mapping[str, Standard]] = MappingProxyType(
    {
        "Leads": Standard(
            singular="Lead",
            name="Full_Name",
            checks="Email",
            id=2175,
            first_field=2501,
            fields=(
                _field("Company", length=200),
                *_PERSON,
                _field("Designation", length=100),
                _field("Website", "website"),
                _choice(
                    "Lead_Status",
                    *("Attempted to Contact", "Contact in Future", "Contacted", "Junk Lead"),
                    *("Lost Lead", "Not Contacted", "Pre-Qualified", "Not Qualified"),
                ),
                _choice("Industry", *_INDUSTRIES),
                _choice("Rating", *_RATINGS),
                _field("No_of_Employees", "integer"),
                _field("Annual_Revenue", "currency"),
                *_address(),
                Field(api_name="Converted__s", type="boolean", read_only=True),
                Field(api_name="Converted_Date_Time", type="datetime", read_only=True),
            ),
        ),
        "Accounts": Standard(
            singular="Account",
            name="Account_Name",
            checks="Account_Name",
            id=2177,
            first_field=2401,
            fields=(
                _field("Account_Name", length=200, must=True),
                _field("Account_Number", "bigint"),
                _field("Account_Site", length=80),
                _choice("Account_Type", "Analyst", "Competitor", "Customer", "Partner", "Vendor"),
                _choice("Industry", *_INDUSTRIES),
                _choice("Ownership", "Private", "Public", "Subsidiary", "Partnership"),
                _choice("Rating", *_RATINGS),
                _lookup("Parent_Account", "Accounts"),
                _field("Annual_Revenue", "currency"),
                _field("Employees", "integer"),
                _field("SIC_Code", "integer"),
                _field("Ticker_Symbol", length=30),
                _field("Phone", "phone"),
                _field("Fax", "phone"),
                _field("Website", "website"),
                *_address("Billing_"),
                *_address("Shipping_"),
                _field("Description", "textarea"),
            ),
        ),
        "Contacts": Standard(
            singular="Contact",
            name="Full_Name",
            checks="Email",
            id=2179,
            first_field=2601,
            fields=(
                *_PERSON,
                _lookup("Account_Name", "Accounts"),
                _lookup("Reporting_To", "Contacts"),
                _field("Title", length=100),
                _field("Department", length=50),
                _field("Date_of_Birth", "date"),
                _field("Home_Phone", "phone"),
                _field("Other_Phone", "phone"),
                _field("Assistant", length=50),
                _field("Asst_Phone", "phone"),
                *_address("Mailing_"),
                *_address("Other_"),
            ),
        ),
        "Deals": Standard(
            singular="Deal",
            name="Deal_Name",
            checks="Deal_Name",
            id=2181,
            first_field=2701,
            fields=(
                _field("Deal_Name", length=120, must=True),
                _choice("Stage", *_STAGES, must=True),
                _field("Amount", "currency"),
                _field("Closing_Date", "date"),
                _choice("Pipeline", "Standard (Standard)"),
                _lookup("Account_Name", "Accounts"),
                _lookup("Contact_Name", "Contacts"),
                _choice("Type", "Existing Business", "New Business"),
                _choice("Lead_Source", *_SOURCES),
                _field("Probability", "integer", 3),
                Field(api_name="Expected_Revenue", type="currency", read_only=True),
                _field("Next_Step", length=100),
                _field("Description", "textarea"),
            ),
        ),
        "Tasks": Standard(
            singular="Task",
            name="Subject",
            id=2193,
            first_field=2801,
            fields=(
                _field("Subject", length=300, must=True),
                _field("Due_Date", "date"),
                _choice(
                    "Status",
                    *("Not Started", "Deferred", "In Progress", "Completed"),
                    "Waiting on someone else",
                ),
                _choice("Priority", "High", "Highest", "Low", "Lowest", "Normal"),
                _lookup("Who_Id", "Contacts"),
                Field(api_name="What_Id", type="multi_module_lookup"),
                _field("Closed_Time", "datetime"),
                _field("Send_Notification_Email", "boolean"),
                Field(api_name="Remind_At", type="any"),
                Field(api_name="Recurring_Activity", type="any"),
                _field("Description", "textarea"),
            ),
        ),
        "Products": Standard(
            singular="Product",
            name="Product_Name",
            checks="Product_Name",
            id=2183,
            first_field=3001,
            fields=(
                _field("Product_Name", length=200, must=True),
                _field("Product_Code", length=120),
                _field("Product_Active", "boolean"),
                _field("Unit_Price", "currency"),
                _field("Qty_in_Stock", "double"),
                _field("Description", "textarea"),
            ),
        ),
        "Campaigns": Standard(
            singular="Campaign",
            name="Campaign_Name",
            checks="Campaign_Name",
            id=2199,
            first_field=3101,
            fields=(
                _field("Campaign_Name", length=100, must=True),
                _choice("Type", "Conference", "Webinar", "Trade Show", "Email", "Other"),
                _choice("Status", "Planning", "Active", "Inactive", "Complete"),
                _field("Start_Date", "date"),
                _field("End_Date", "date"),
                _field("Description", "textarea"),
            ),
        ),
        "Quotes": _inventory("Quote", "Quoted_Items", id=2223, first_field=3201),
        "Sales_Orders": _inventory("Sales Order", "Ordered_Items", id=2221, first_field=3301),
        "Invoices": _inventory("Invoice", "Invoiced_Items", id=2225, first_field=3401),
        "Notes": Standard(
            singular="Note",
            name="Note_Title",
            id=2197,
            first_field=2901,
            fields=(
                _field("Note_Title", length=120),
                _field("Note_Content", "textarea", must=True),
                Field(api_name="Parent_Id", type="multi_module_lookup", mandatory=True),
            ),
        ),
    }
)
