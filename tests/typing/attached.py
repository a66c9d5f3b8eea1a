# pyright: reportUnnecessaryTypeIgnoreComment=true
"""What belongs to records as a user types it; checked by the type checkers, never run.

Each mistake is marked with the error that mypy has to find there, and pyright has to find one,
too; a mark without a mistake is an error of its own.
"""

from typing import assert_type

from aiozcrm import BatchReport, Outcome, ZohoCRM
from aiozcrm.resources.contact_roles import ContactRole
from aiozcrm.resources.jobs import Job
from aiozcrm.resources.records.notes import Note


async def use(zoho: ZohoCRM) -> None:
    """Make a call of each kind."""
    leads = zoho.records("Leads")
    related = leads.related("7", "Products", external_id="Products.Code")
    assert_type(await related.update_many([{"Code": "A/1"}]), BatchReport)
    assert_type(await related.delete("A/1"), Outcome)
    for note in await leads.notes(7).list(fields=["Note_Title"]):
        assert_type(note, Note)
    assert_type(await leads.add_tags("7", tags=["a", {"id": "5"}]), Outcome)
    assert_type(await leads.change_owner_many(["7"], owner="5"), BatchReport)
    assert_type(await leads.convert("7"), Outcome)
    assert_type(await leads.merge("7", {"data": [{"id": "8"}]}), Job)
    assert_type(await leads.locking_information("7").create({"Locked_Reason__s": "a"}), Outcome)
    assert_type((await zoho.contact_roles.list())[0], ContactRole)
    assert_type(await zoho.recycle_bin.delete_many(["7"]), BatchReport)
    assert_type(await zoho.recycle_bin.delete_many(filters={"group": []}), Job)
    await leads.share("7").update(
        [{"shared_with": {"id": "5", "type": "users"}, "permission": "read_only"}]
    )


async def make_mistakes(zoho: ZohoCRM) -> None:
    """Leave out what is needed, misspell a key, and mistake a type."""
    leads = zoho.records("Leads")
    await leads.related("7", "Products").list()  # type: ignore[call-arg]
    await leads.notes("7").create({"Note_Contents": "a"})  # type: ignore[typeddict-unknown-key]
    await leads.notes(7.0)  # type: ignore[arg-type, misc]
    await leads.add_tags("7")  # type: ignore[call-arg]
    await leads.add_tags("7", tags=[5])  # type: ignore[list-item]
    await leads.convert("7", "Deals")  # type: ignore[arg-type]
    await leads.share("7").create({"permission": "all"})  # type: ignore[arg-type]
    await leads.locking_information("7").create({"Reason": "a"})  # type: ignore[typeddict-unknown-key]
    await zoho.recycle_bin.delete_many()  # type: ignore[call-overload]
