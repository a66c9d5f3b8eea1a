"""Bodies as Zoho's pages show them: what comes back of each from the call that it answers."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from aiozcrm.errors import (
    AlreadyDoneError,
    DependentServiceError,
    DuplicateDataError,
    InvalidDataError,
    InvalidRequestError,
    LimitExceededError,
    NotAllowedError,
    NotFoundError,
    RecordLockedError,
    TooLargeError,
)

EXAMPLES = Path(__file__).parents[1] / "samples" / "examples"

USER = "6100001000000214002"
TAG = "6100001000000221003"
TERRITORY = "6100001000000217001"
LEAD = "6100001000000300001"
ATTACHMENT = "6100001000000401001"
ROLE = "6100001000000026008"
VIEW = "6100001000000087777"


def example(name: str) -> Any:
    """Return the body of an example."""
    return json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))


LETTER = example("mail_merge_download_request")["download_mail_merge"][0]
REQUEST = example("user_create_request")["users"][0]
TRANSFER = example("user_transfer_request")["transfer_and_delete"][0]

#: What reads return: the example, the call, and the key whose value comes back as it is.
READS = {
    "users_list": (lambda zoho: zoho.users.list(), "users"),
    "users_count": (lambda zoho: zoho.users.count(type="ActiveUsers"), "count"),
    "user_territories": (lambda zoho: zoho.users.territories(USER).list(), "territories"),
    "currencies": (lambda zoho: zoho.currencies.list(), "currencies"),
    "modules": (lambda zoho: zoho.modules.list(status="visible"), "modules"),
    "fields": (lambda zoho: zoho.fields("Leads").list(), "fields"),
    "picklist_values": (
        lambda zoho: zoho.fields("Leads").pick_list_values("6100001000000002609"),
        "pick_list_values",
    ),
    "tags": (lambda zoho: zoho.tags("Leads").list(my_tags=True), "tags"),
    "variables": (lambda zoho: zoho.variables.list(group="General"), "variables"),
    "watch_details": (lambda zoho: zoho.notifications.list(channel_id=880001), "watch"),
    "custom_views": (lambda zoho: zoho.custom_views("Leads").list(), "custom_views"),
    "features": (lambda zoho: zoho.features.list(), "__features"),
    "global_picklist_replaced": (
        lambda zoho: zoho.global_picklists.replaced_values("6100001000000224001"),
        "replaced_values",
    ),
    "business_hours": (lambda zoho: zoho.business_hours.get(), "business_hours"),
    "fiscal_year": (lambda zoho: zoho.fiscal_year.get(), "fiscal_year"),
    "shift_hours": (lambda zoho: zoho.shift_hours.list(), "shift_hours"),
    "from_addresses": (lambda zoho: zoho.from_addresses.list(), "from_addresses"),
}

READS |= {
    "attachments_list": (lambda zoho: zoho.records("Leads").attachments(LEAD).list(), "data"),
}

#: What writes return: the example, its HTTP status, the call, and status and id of the outcome.
WRITES = {
    "user_created": (201, lambda zoho: zoho.users.create(REQUEST), "created", USER),
    "user_updated": (200, lambda zoho: zoho.users.update(USER, REQUEST), "updated", USER),
    # The answer names nobody.
    "user_deleted": (200, lambda zoho: zoho.users.delete(USER), "deleted", USER),
    "user_territories_removed": (
        200,
        lambda zoho: zoho.users.territories(USER).delete(TERRITORY),
        "deleted",
        TERRITORY,
    ),
    "currency_created": (
        200,
        lambda zoho: zoho.currencies.create({"iso_code": "SEK"}),
        "created",
        "6100001000000218002",
    ),
    "base_currency_enabled": (
        200,
        lambda zoho: zoho.currencies.base_currency.create({"iso_code": "EUR"}),
        "created",
        "6100001000000218001",
    ),
    "module_created": (
        200,
        lambda zoho: zoho.modules.create({"plural_label": "Plots"}),
        "created",
        "6100001000000219001",
    ),
    "field_created": (
        201,
        lambda zoho: zoho.fields("Leads").create({"field_label": "Shade", "data_type": "text"}),
        "created",
        "6100001000000220001",
    ),
    "business_hours_saved": (
        201,
        lambda zoho: zoho.business_hours.create({"type": "24*7"}),
        "created",
        "6100001000000229001",
    ),
    # The answer names nothing.
    "fiscal_year_updated": (
        200,
        lambda zoho: zoho.fiscal_year.update({"start_month": "April"}),
        "updated",
        "",
    ),
    "duplicate_check_enabled": (
        200,
        lambda zoho: zoho.duplicate_check_preference("Leads").create({"type": "converted_records"}),
        "created",
        "",
    ),
    "profile_deleted_flat": (
        200,
        lambda zoho: zoho.profiles.delete("6100001000000026011", transfer_to=ROLE),
        "deleted",
        "6100001000000026011",
    ),
    "role_updated_flat": (
        200,
        lambda zoho: zoho.roles.update(ROLE, {"name": "Head"}),
        "updated",
        ROLE,
    ),
    "role_deleted_flat": (
        200,
        lambda zoho: zoho.roles.delete(ROLE, transfer_to_id="6100001000000026005"),
        "deleted",
        ROLE,
    ),
    "custom_view_sorted": (
        200,
        lambda zoho: zoho.custom_views("Leads").change_sort(VIEW, {"sort_order": "asc"}),
        "updated",
        VIEW,
    ),
    # The answers name only a job.
    "global_picklist_delete_scheduled": (
        200,
        lambda zoho: zoho.global_picklists.delete("6100001000000224001"),
        "deleted",
        "6100001000000224001",
    ),
    "pipeline_transfer_scheduled": (
        200,
        lambda zoho: zoho.pipelines("6100001000000226000").transfer({"pipeline": {}}),
        "done",
        "",
    ),
    "tags_created": (201, lambda zoho: zoho.tags("Leads").create({"name": "A"}), "created", TAG),
    "tag_deleted_object": (200, lambda zoho: zoho.tags("Leads").delete(TAG), "deleted", TAG),
    "tag_deleted_array": (200, lambda zoho: zoho.tags("Leads").delete(TAG), "deleted", TAG),
    "variables_created": (
        201,
        lambda zoho: zoho.variables.create({"name": "Rebate"}),
        "created",
        "6100001000000223002",
    ),
}

WRITES |= {
    "attachments_upload_ok": (
        200,
        lambda zoho: zoho.records("Leads").attachments(LEAD).upload(b"x", name="contract.pdf"),
        "created",
        ATTACHMENT,
    ),
    "attachments_delete_ok": (
        200,
        lambda zoho: zoho.records("Leads").attachments(LEAD).delete(ATTACHMENT),
        "deleted",
        ATTACHMENT,
    ),
    # The answers name nothing.
    "photo_upload_ok": (
        200,
        lambda zoho: zoho.records("Leads").photo(LEAD).upload(b"x", name="a.png"),
        "updated",
        LEAD,
    ),
    "photo_delete_ok": (
        200,
        lambda zoho: zoho.records("Leads").photo(LEAD).delete(),
        "deleted",
        LEAD,
    ),
}

#: What errors are raised: the example, its HTTP status, the call, the class and its details.
ERRORS = {
    "user_create_two": (
        400,
        lambda zoho: zoho.users.create(REQUEST),
        InvalidDataError,
        {"maximum_length": 1, "api_name": "users", "json_path": "$.users"},
    ),
    "user_create_duplicate": (
        400,
        lambda zoho: zoho.users.create(REQUEST),
        DuplicateDataError,
        {},
    ),
    "user_create_no_license": (
        400,
        lambda zoho: zoho.users.create(REQUEST),
        LimitExceededError,
        {},
    ),
    "user_already_deleted": (
        400,
        lambda zoho: zoho.users.delete(USER),
        AlreadyDoneError,
        {"id": USER, "json_path": "$.users[0].id"},
    ),
    "user_unknown_id": (
        400,
        lambda zoho: zoho.users.delete(USER),
        NotFoundError,
        {"resource_path_index": 1},
    ),
    "module_name_reserved": (
        403,
        lambda zoho: zoho.modules.create({"plural_label": "Users"}),
        InvalidDataError,
        {"api_name": "api_name", "json_path": "$.modules[0].api_name"},
    ),
    "field_in_use": (
        400,
        lambda zoho: zoho.fields("Leads").delete("6100001000000220001"),
        NotAllowedError,
        {"resource_path_index": 2},
    ),
    "tag_not_found": (
        400,
        lambda zoho: zoho.tags("Leads").delete("6100001000000221009"),
        NotFoundError,
        {"id": "6100001000000221009"},
    ),
    "variable_in_use": (
        400,
        lambda zoho: zoho.variables.delete("6100001000000223001"),
        NotAllowedError,
        {"id": "6100001000000223001"},
    ),
}

ERRORS |= {
    "files_upload_failure": (
        400,
        lambda zoho: zoho.files.upload(b"", name="a"),
        InvalidDataError,
        {},
    ),
    "files_upload_too_many": (
        400,
        lambda zoho: zoho.files.upload(b"x", name="a"),
        InvalidRequestError,
        {},
    ),
    "files_upload_too_large": (
        415,
        lambda zoho: zoho.files.upload(b"x", name="a"),
        TooLargeError,
        {},
    ),
    "files_get_missing_id": (
        400,
        lambda zoho: zoho.files.download("f1", io.BytesIO()),
        InvalidRequestError,
        {"param_name": "id"},
    ),
    "attachments_upload_bad_url": (
        400,
        lambda zoho: zoho.records("Leads").attachments(LEAD).create(attachment_url="x"),
        InvalidRequestError,
        {},
    ),
    "attachments_invalid_record": (
        400,
        lambda zoho: zoho.records("Leads").attachments(LEAD).list(),
        NotFoundError,
        {"resource_path_index": 1},
    ),
    "attachments_download_link": (
        400,
        lambda zoho: zoho.records("Leads").attachments(LEAD).download(ATTACHMENT, io.BytesIO()),
        NotAllowedError,
        {},
    ),
    "photo_too_large_v7": (
        415,
        lambda zoho: zoho.records("Leads").photo(LEAD).upload(b"x", name="a.png"),
        TooLargeError,
        {},
    ),
    "photo_too_large_v8": (
        413,
        lambda zoho: zoho.records("Leads").photo(LEAD).upload(b"x", name="a.png"),
        TooLargeError,
        {"size": 10485760},
    ),
    "photo_locked": (
        400,
        lambda zoho: zoho.records("Leads").photo(LEAD).download(io.BytesIO()),
        RecordLockedError,
        {"id": LEAD},
    ),
    "org_photo_two_files": (
        400,
        lambda zoho: zoho.org.photo.upload(b"x", name="a.png"),
        InvalidDataError,
        {},
    ),
    "mail_merge_too_slow": (
        400,
        lambda zoho: zoho.records("Leads").download_mail_merge(LEAD, LETTER, io.BytesIO()),
        DependentServiceError,
        {},
    ),
}

#: Examples with a test of their own below or in the file of their family, or which are sent.
OTHERS = {
    "custom_view_one",
    "enrichment_scheduled",
    "callback_delete",
    "callback_insert",
    "callback_update",
    "composite_ambiguous",
    "composite_bad_uri",
    "composite_ok",
    "composite_part_failed_but_200",
    "composite_partial",
    "composite_request",
    "composite_rollback",
    "composite_too_many",
    "files_upload_ok",
    "mail_merge_download_request",
    "watch_created",
    "watch_disabled",
    "watch_events_removed",
    "watch_item_error",
    "watch_not_subscribed",
    "watch_partial",
    "watch_request",
    "watch_request_condition",
    "watch_updated",
    "user_licenses",
    "mass_delete_tags_scheduled",
    "mass_delete_tags_status",
    "tag_records_count",
    "tags_partial",
    "user_create_request",
    "user_transfer_request",
    "user_transfer_started",
    "user_transfer_status",
    "user_transfer_status_done",
}


async def test_each_file_of_an_upload_has_the_id_that_the_example_tells(zoho, script):
    """In the order of the files."""
    script.add(script.response(200, example("files_upload_ok")))
    report = await zoho.files.upload_many([("offer.pdf", b"x"), ("plan.png", b"y")])
    ids = [item["details"]["id"] for item in example("files_upload_ok")["data"]]
    assert [outcome.id for outcome in report.outcomes] == ids


async def test_a_merged_document_is_asked_for_as_the_example_does(zoho, script):
    """The document is the answer."""
    script.add(script.response(200, b"%PDF-"))
    await zoho.records("Leads").download_mail_merge(LEAD, LETTER, file := io.BytesIO())
    assert file.getvalue() == b"%PDF-"
    assert json.loads(script.requests[0].body) == example("mail_merge_download_request")


def test_every_example_has_its_call():
    """None lies there unused."""
    names = {file.stem for file in EXAMPLES.glob("*.json")}
    bulk = {name for name in names if name.startswith(("bulk_", "backup_", "audit_"))}
    assert names - bulk == {*READS, *WRITES, *ERRORS, *OTHERS}


@pytest.mark.parametrize(("name", "call", "key"), [(name, *row) for name, row in READS.items()])
async def test_a_read_returns_what_the_example_holds(zoho, script, name, call, key):
    """Every key of every row, as Zoho sent it."""
    script.add(script.response(200, example(name)))
    assert await call(zoho) == example(name)[key]
    assert len(script.requests) == 1


@pytest.mark.parametrize("key", ["users", "territories", "currencies", "modules", "fields"])
async def test_a_get_returns_the_only_row_of_the_example(zoho, script, key):
    """One thing comes in a list of one, and is handed out alone."""
    families = {
        "users": ("users_list", zoho.users),
        "territories": ("user_territories", zoho.users.territories(USER)),
        "currencies": ("currencies", zoho.currencies),
        "modules": ("modules", zoho.modules),
        "fields": ("fields", zoho.fields("Leads")),
    }
    name, family = families[key]
    row = example(name)[key][0]
    script.add(script.response(200, {key: [row]}))
    assert await family.get(row["id"]) == row


@pytest.mark.parametrize(
    ("name", "http", "call", "status", "own"), [(name, *row) for name, row in WRITES.items()]
)
async def test_a_write_is_the_success_that_the_example_tells(
    zoho, script, name, http, call, status, own
):
    """With the id, from whatever shape it has, and with the details."""
    script.add(script.response(http, example(name)))
    outcome = await call(zoho)
    body = example(name)
    answered = body if "code" in body else next(iter(body.values()))
    item = answered[0] if isinstance(answered, list) else answered
    assert (outcome.status, outcome.id, outcome.kind) == (status, own, "done")
    assert outcome.details == item["details"]
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("name", "http", "call", "error", "details"), [(name, *row) for name, row in ERRORS.items()]
)
async def test_an_error_of_an_example_has_its_class(zoho, script, name, http, call, error, details):
    """With code, details and message, whether it stands alone or in a list."""
    script.add(script.response(http, example(name)))
    with pytest.raises(error) as caught:
        await call(zoho)
    body = example(name)
    said = body if "code" in body else next(iter(body.values()))[0]
    assert type(caught.value) is error
    assert (caught.value.code, caught.value.details) == (said["code"], details)
    assert said["message"] in str(caught.value)
    assert not caught.value.maybe_done
    assert len(script.requests) == 1


@pytest.mark.parametrize("name", ["user_unknown_id", "user_already_deleted", "tag_not_found"])
async def test_an_example_of_what_is_gone_proves_a_lost_delete(zoho, script, name):
    """After a send whose answer was lost, it says that the deletion has worked."""
    http, call, _, _ = ERRORS[name]
    script.add(script.response(502), script.response(http, example(name)))
    outcome = await call(zoho)
    assert (outcome.status, outcome.attempts) == ("already_gone", 2)


async def test_tags_that_are_created_in_part_are_told_apart(zoho, script):
    """The one that was there before has its id in the details of the error."""
    script.add(script.response(207, example("tags_partial")))
    report = await zoho.tags("Leads").create_many([{"name": "Pharma"}, {"name": "New"}])
    failed, created = report.outcomes
    assert (failed.status, created.status) == ("failed", "created")
    assert type(failed.error) is DuplicateDataError
    assert failed.error.details["id"] == "6100001000000221001"
    assert created.id == "6100001000000221004"


async def test_a_count_that_is_text_is_a_number(zoho, script):
    """That of a tag's records, unlike others."""
    script.add(script.response(200, example("tag_records_count")))
    assert await zoho.tags("Leads").records_count(TAG) == 28


async def test_the_job_that_deletes_tags_is_followed(zoho, script):
    """Its id is in an answer without a list."""
    script.add(
        script.response(202, example("mass_delete_tags_scheduled")),
        script.response(200, example("mass_delete_tags_status")),
    )
    job = await zoho.tags("Leads").mass_delete([TAG])
    assert job.id == "6100001000000222001"
    assert await job.wait() == example("mass_delete_tags_status")["mass_delete"][0]


@pytest.mark.parametrize("many", [False, True])
async def test_the_job_that_hands_over_a_user_is_followed(zoho, script, clock, many):
    """Its id is spelt in another way, and the body is what the page shows."""
    script.add(
        script.response(200, example("user_transfer_started")),
        script.response(200, example("user_transfer_status")),
        script.response(200, example("user_transfer_status_done")),
    )
    if many:
        job = await zoho.users.transfer_and_delete_many([TRANSFER])
    else:
        job = await zoho.users.transfer_and_delete(USER, TRANSFER)
    assert json.loads(script.requests[0].body) == example("user_transfer_request")
    assert job.id == "6100001000000216001"
    assert await job.wait() == {"status": "completed"}
    assert clock.slept == [2.0]


async def test_a_user_is_sent_as_the_example_shows(zoho, script):
    """Under the name of the family, in a list of one."""
    script.add(script.response(201, example("user_created")))
    await zoho.users.create(REQUEST)
    assert json.loads(script.requests[0].body) == example("user_create_request")


async def test_a_call_that_is_a_duplicate_as_a_whole_adds_nobody(zoho, script):
    """It does not say of whom it speaks, so all are in doubt after a lost answer."""
    error = {"code": "DUPLICATE_DATA", "details": {}, "message": "x", "status": "error"}
    script.add(script.response(502), script.response(400, error))
    report = await zoho.territories.users(TERRITORY).update_many([{"id": USER}, {"id": TAG}])
    assert report.counts == {"in_doubt": 2}


async def test_the_licenses_of_the_example_are_told(zoho, script):
    """They come in a list of one."""
    script.add(script.response(200, example("user_licenses")))
    assert await zoho.features.user_licenses() == example("user_licenses")["__features"][0]


async def test_the_view_of_the_example_is_read_alone(zoho, script):
    """With its criteria, whatever stands beside it."""
    script.add(script.response(200, example("custom_view_one")))
    assert (
        await zoho.custom_views("Leads").get(VIEW) == example("custom_view_one")["custom_views"][0]
    )


async def test_the_enrichment_of_the_example_is_followed(zoho, script):
    """Its id is that of the job, and the answer to it is asked for."""
    found = {"id": "6100001000000233001", "status": "COMPLETED", "enrich_based_on": {}}
    script.add(
        script.response(202, example("enrichment_scheduled")),
        script.response(200, {"__zia_org_enrichment": [found]}),
    )
    item = {"enrich_based_on": {"name": "Orchid"}}
    job = await zoho.zia_org_enrichments.create(item, module="Leads")
    assert job.id == "6100001000000233001"
    assert await job.wait() == found
