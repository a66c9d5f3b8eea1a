"""Composite calls, as the local Zoho carries them out."""

from typing import Any

import pytest

from aiozcrm.testing import Dialect, FakeZoho
from aiozcrm.testing._wire._answer import RejectedError
from aiozcrm.testing._wire._call import Call, InnerCall

LINE = "POST __composite_requests"
OK = "SUCCESS"


def part(method: str = "GET", uri: str = "/crm/v7/org", **more: Any) -> dict[str, Any]:
    """Return a part."""
    return {"method": method, "uri": uri, **more}


def body(*parts: Any, **switches: Any) -> dict[str, Any]:
    """Return the body of a call."""
    return {"__composite_requests": list(parts), **switches}


def insert(last_name: str | None = "Berg", **more: Any) -> dict[str, Any]:
    """Return a part that creates a lead."""
    row = {"Last_Name": last_name, "Company": "Orchid"}
    return part("POST", "/crm/v7/Leads", body={"data": [row]}, **more)


def answered(answer: Any) -> list[Any]:
    """Return the code of each part, and the status of those that were made."""
    return [
        (item["code"], item["details"].get("response", {}).get("status_code"))
        for item in answer["__composite_requests"]
    ]


async def test_parts_are_made_and_answered(ask: Any, fake: FakeZoho) -> None:
    """In their order; one that fails is a success that has failed."""
    status, answer = await ask(LINE, body(part(), insert(), insert(None)))

    assert status == 200
    assert answered(answer) == [(OK, 200), (OK, 201), (OK, 400)]
    response = answer["__composite_requests"][0]["details"]["response"]
    assert response["body"]["org"]
    assert response["headers"]["content-type"] == "application/json;charset=utf-8"
    assert len(fake.records("Leads").ids) == 1


async def test_references_lead_to_answers_of_other_parts(ask: Any, fake: FakeZoho) -> None:
    """In the path, in parameters and in the body."""
    own = "@{lead:$.data[0].details.id}"
    quoted = {"data": [{"Last_Name": own, "Company": 'A "B"'}]}
    parts = [
        part(uri="/crm/v7/Leads", params={"ids": own, "fields": "Last_Name"}),
        part(uri=f"/crm/v7/Leads/{own}", headers={"If-Modified-Since": None}),
        part("POST", "/crm/v7/Leads", body=quoted),
        insert(sub_request_id="lead"),
    ]
    status, answer = await ask(LINE, body(*parts))
    late = await ask(LINE, body(*parts, parallel_execution=False))

    assert status == 200
    assert answered(answer) == [(OK, 200), (OK, 200), (OK, 201), (OK, 201)]
    new, other = [fake.records("Leads").get(one) for one in fake.records("Leads").ids[:2]]
    assert other["Last_Name"] == new["id"]
    assert late[0] == 207
    assert answered(late[1]) == [("INVALID_REFERENCE", None)] * 3 + [(OK, 201)]


async def test_a_failed_part_is_nothing_to_refer_to(ask: Any) -> None:
    """Nor is what its answer does not hold."""
    parts = [
        insert(None, sub_request_id="lead"),
        part(uri="/crm/v7/Leads/@{lead:$.data[0].details.id}"),
        part(uri="/crm/v7/Leads/@{org:$.nothing[0]}"),
        part(sub_request_id="org"),
    ]
    status, answer = await ask(LINE, body(*parts))

    assert status == 207
    assert answered(answer)[1:3] == [("INVALID_REFERENCE", None)] * 2
    details = answer["__composite_requests"][1]["details"]
    assert details["reference"] == "@{lead:$.data[0].details.id}"


async def test_circles_are_found(ask: Any) -> None:
    """No part of one is made."""
    status, answer = await ask(
        LINE,
        body(
            part(uri="/crm/v7/Leads/@{b:$.id}", sub_request_id="a"),
            part(uri="/crm/v7/Leads/@{a:$.id}", sub_request_id="b"),
        ),
    )

    assert status == 400
    assert answered(answer)[0] == ("LOOPING_FOUND", None)


async def test_a_part_beyond_the_scopes_is_told_by_its_own_name(caller: Any) -> None:
    """Where a mismatch tells method and URL, they are those of the part."""
    scope = "ZohoCRM.composite_requests.CUSTOM,ZohoCRM.org.READ"
    async with FakeZoho(scope=scope, dialect=Dialect(scope_details=True)) as fake:
        token = await caller.token(fake)
        uri = "/crm/v7/settings/roles"
        reply = await caller.call(
            fake, "POST", "__composite_requests", token=token, json=body(part(uri=uri))
        )

    [told] = reply.json["__composite_requests"]
    mismatch = told["details"]["response"]["body"]
    assert mismatch["code"] == "OAUTH_SCOPE_MISMATCH"
    assert mismatch["details"] == {"method": "GET", "url": uri}


async def test_a_rollback_brings_everything_back(ask: Any, fake: FakeZoho) -> None:
    """Records, settings and channels; the first failure ends it."""
    lead = fake.records("Leads").add(Last_Name="Berg")
    fake.notifications.add(channel_id="880001")
    tag = part(
        "POST", "/crm/v7/settings/tags", params={"module": "Leads"}, body={"tags": [{"name": "a"}]}
    )
    end = part("DELETE", "/crm/v7/actions/watch", params={"channel_ids": "880001"})
    change = part("PUT", f"/crm/v7/Leads/{lead}", body={"data": [{"Last_Name": "Holm"}]})
    status, answer = await ask(
        LINE, body(tag, end, change, insert(None), part(), rollback_on_fail=True)
    )

    assert status == 400
    assert answered(answer) == [
        ("ROLLBACK_PERFORMED", None),
        ("ROLLBACK_PERFORMED", None),
        ("ROLLBACK_PERFORMED", None),
        (OK, 400),
        ("PROCESSING_STOPPED", None),
    ]
    items = answer["__composite_requests"]
    assert items[0]["details"] == {"rollbacked_by_sub_request_index": 3}
    assert fake.tags.ids == []
    assert fake.notifications.ids == ["880001"]
    assert fake.records("Leads").get(lead)["Last_Name"] == "Berg"
    assert fake.stats.done.of("create") == 0


async def test_a_rollback_brings_back_every_kind_of_thing(ask: Any, fake: FakeZoho) -> None:
    """Links, settings that are there once, members, files and shares alike."""
    lead, campaign = fake.records("Leads").add(), fake.records("Campaigns").add()
    user, link = fake.users.add(), fake.unsubscribe_links.ids[1]
    territory = fake.territories.add(name="North")
    fake.territories.members[territory] = [user]
    kind = fake.portal_user_types.add(portal="desk")
    fake.portals.add(name="desk")
    person = fake.portal_user_types.add_user(kind)
    attachment, photo = fake.attachments.add(lead), fake.photos.add(lead)
    settings, leads = "/crm/v7/settings", f"/crm/v7/Leads/{lead}"
    check, shared = {"type": "converted_records"}, {"id": user, "type": "users"}
    share = {"permission": "read_only", "shared_with": shared}
    people = f"{settings}/portals/desk/user_type/{kind}/users"
    week = {"week_starts_on": "Monday", "type": "24*7"}
    parts = {
        "a link": part("DELETE", f"{settings}/unsubscribe_links/{link}"),
        "a campaign": part("PUT", f"{leads}/Campaigns/{campaign}", body={"data": [{}]}),
        "the year": part(
            "PUT", f"{settings}/fiscal_year", body={"fiscal_year": {"start_month": "May"}}
        ),
        "the hours": part("POST", f"{settings}/business_hours", body={"business_hours": week}),
        "the check": part(
            "POST",
            f"{settings}/duplicate_check_preference",
            params={"module": "Leads"},
            body={"duplicate_check_preference": check},
        ),
        "the preferences": part(
            "PUT",
            f"{settings}/service_preferences",
            body={"service_preferences": {"job_sheet_enabled": True}},
        ),
        "an attachment": part("DELETE", f"{leads}/Attachments/{attachment}"),
        "a photo": part("DELETE", f"{leads}/photo"),
        "a member": part("DELETE", f"{settings}/territories/{territory}/users/{user}"),
        "a customer": part("DELETE", people, params={"personality_ids": person}),
        "a share": part("POST", f"{leads}/actions/share", body={"share": [share]}),
    }

    for name, each in parts.items():
        _, done = await ask(LINE, body(each, insert(None), rollback_on_fail=True))
        assert answered(done) == [("ROLLBACK_PERFORMED", None), (OK, 400)], name

    assert link in fake.unsubscribe_links.ids
    assert await ask(f"GET Leads/{lead}/Campaigns", fields="id") == (204, None)
    assert fake.fiscal_year.shown["start_month"] == "JANUARY"
    assert (fake.business_hours.shown, fake.duplicate_check_preference.shown) == (None, None)
    assert fake.service_preferences.shown == {"job_sheet_enabled": False}
    assert (fake.attachments.ids, fake.photos.get(photo).name) == ([attachment], "photo.png")
    assert fake.territories.members[territory] == [user]
    assert [each["personality_id"] for each in fake.portal_user_types.users[kind]] == [person]
    assert await ask(f"GET Leads/{lead}/actions/share") == (204, None)


async def test_nothing_is_brought_back_if_all_goes_well(ask: Any, fake: FakeZoho) -> None:
    """Nor if no rollback was asked for."""
    kept = await ask(LINE, body(insert(), part(), rollback_on_fail=True))
    also = await ask(LINE, body(insert(), insert(None), rollback_on_fail=False))

    assert [kept[0], also[0]] == [200, 200]
    assert len(fake.records("Leads").ids) == 2


ITEMS = {
    "no object": (5, "MANDATORY_NOT_FOUND", "method"),
    "no method": (part(""), "MANDATORY_NOT_FOUND", "method"),
    "an unknown method": (part("HEAD"), "INVALID_DATA", "method"),
    "no path": (part(uri=""), "MANDATORY_NOT_FOUND", "uri"),
    "a whole address": (part(uri="https://www.zohoapis.com/crm/v7/org"), "INVALID_DATA", "uri"),
    "a path that is a number": (part(uri=5), "INVALID_DATA", "uri"),  # type: ignore[arg-type]
    "parameters that are none": (part(params=[1]), "INVALID_DATA", "params"),
    "a token of its own": (part(headers={"Authorization": "x"}), "INVALID_DATA", "headers"),
    "a later version": (part(uri="/crm/v8/org"), "NOT_ALLOWED", "uri"),
    "files": (part(uri="/crm/v7/files"), "NOT_SUPPORTED", "uri"),
    "a bad name": (part(sub_request_id="a b"), "INVALID_DATA", "sub_request_id"),
    "a name that is a list": (part(sub_request_id=["a"]), "INVALID_DATA", "sub_request_id"),
    "a name that is an object": (part(sub_request_id={}), "INVALID_DATA", "sub_request_id"),
}


@pytest.mark.parametrize(("item", "code", "name"), ITEMS.values(), ids=ITEMS)
async def test_a_part_that_cannot_be_is_not_made(ask: Any, item: Any, code: str, name: str) -> None:
    """The others are."""
    alone = await ask(LINE, body(item))
    status, answer = await ask(LINE, body(item, part()))

    assert (alone[0], status) == (400, 207)
    assert answered(answer) == [(code, None), (OK, 200)]
    details = answer["__composite_requests"][0]["details"]
    assert details["api_name"] == name
    assert details["json_path"] == f"$.__composite_requests[0].{name}"


async def test_two_parts_of_one_name_are_not_made(ask: Any) -> None:
    """Each of them names both."""
    _, answer = await ask(LINE, body(part(sub_request_id="a"), part(sub_request_id="a")))

    assert answered(answer) == [("DUPLICATE_DATA", None)] * 2
    details = answer["__composite_requests"][0]["details"]
    assert details["sub_request_indexes"] == [0, 1]


COQL = {"select_query": "select Last_Name from Leads where id is not null"}
LIMITS = {
    "a list": (part(uri="/crm/v7/Leads", params={"fields": "Last_Name", "per_page": "26"}), 25),
    "users": (part(uri="/crm/v7/users", params={"per_page": "200"}), 25),
    "a query": (part("POST", "/crm/v7/coql", body=COQL), 25),
    "a query with a limit": (
        part("POST", "/crm/v7/coql", body={"select_query": f"{COQL['select_query']} limit 26"}),
        25,
    ),
    "two records": (
        part("POST", "/crm/v7/Leads", body={"data": [{"Last_Name": "A"}, {"Last_Name": "B"}]}),
        1,
    ),
}


@pytest.mark.parametrize(("item", "limit"), LIMITS.values(), ids=LIMITS)
async def test_a_part_is_about_few_rows(ask: Any, item: Any, limit: int) -> None:
    """25 of a list, one of a write; more is an error of the part itself."""
    status, answer = await ask(LINE, body(item))

    assert status == 200
    [told] = answer["__composite_requests"]
    response = told["details"]["response"]
    assert response["status_code"] == 400
    assert response["body"]["code"] == "LIMIT_EXCEEDED"
    assert response["body"]["details"] == {"by": "limit", "limit": limit}


async def test_a_list_has_25_rows_unless_it_asks_for_fewer(ask: Any, fake: FakeZoho) -> None:
    """As a part; alone it would have 200."""
    fake.records("Leads").add_many(30)
    uri, fields = "/crm/v7/Leads", {"fields": "Last_Name"}
    _, answer = await ask(
        LINE,
        body(
            part(uri=uri, params=fields),
            part(uri=uri, params={**fields, "per_page": 3}),
            *(part(uri=uri, params={**fields, "per_page": odd}) for odd in ("x", "²", "9" * 5000)),
        ),
    )

    rows, few, *wrong = (
        item["details"]["response"]["body"] for item in answer["__composite_requests"]
    )
    assert (len(rows["data"]), len(few["data"])) == (25, 3)
    assert [error["status"] for error in wrong] == ["error"] * 3


async def test_what_a_call_alone_is_answered_a_part_is_answered(ask: Any) -> None:
    """Wrong paths, wrong methods, what this fake does not know."""
    _, answer = await ask(
        LINE,
        body(
            part(uri="/crm/v7/nothing/at/all"),
            part("DELETE", "/crm/v7/org"),
            part(uri="/crm/x/v7/org"),
            part(uri="/crm/v7/settings/tags"),
        ),
    )

    codes = [item["details"]["response"]["body"]["code"] for item in answer["__composite_requests"]]
    assert codes == [
        "INVALID_URL_PATTERN",
        "INVALID_REQUEST_METHOD",
        "INVALID_URL_PATTERN",
        "REQUIRED_PARAM_MISSING",
    ]


@pytest.mark.parametrize(
    ("sent", "code", "details"),
    [
        ({}, "MANDATORY_NOT_FOUND", {}),
        (body(), "INVALID_DATA", {"minimum_length": 1}),
        ({"__composite_requests": 5}, "INVALID_DATA", {"expected_data_type": "jsonarray"}),
        (body(*[part()] * 6), "INVALID_DATA", {"maximum_length": 5}),
        (body(part(), rollback_on_fail=1), "INVALID_DATA", {"expected_data_type": "boolean"}),
        (
            body(part(), rollback_on_fail=True, parallel_execution=True),
            "AMBIGUITY_DURING_PROCESSING",
            {},
        ),
    ],
)
async def test_a_call_that_cannot_be_is_rejected_whole(
    ask: Any, sent: Any, code: str, details: Any
) -> None:
    """Before any part is looked at."""
    status, answer = await ask(LINE, sent)

    assert (status, answer["code"]) == (400, code)
    assert details.items() <= answer["details"].items()


async def test_parts_are_counted_as_calls_are(ask: Any, fake: FakeZoho) -> None:
    """What is asked and done has its place in the statistics."""
    await ask(LINE, body(insert(), part()))

    assert fake.stats.asked.of("create", "Leads") == 1
    assert fake.stats.asked.of("composite") == 1
    assert fake.stats.done.of("create", "Leads") == 1


def test_a_call_that_no_server_has_received_carries_no_other() -> None:
    """As where a program of tests makes one by hand."""
    call = Call(method="POST", path="/x", version="v7", params={}, query={}, headers={}, body=b"")
    inner = InnerCall(method="GET", path="/crm/v7/Leads", query={}, headers={}, body=b"")
    with pytest.raises(RejectedError):
        call.inside(inner)
