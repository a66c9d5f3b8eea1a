"""Records of the fake, read by calls: lists, pages, one, deleted ones."""

from typing import Any

import pytest

from aiozcrm.testing import Clock, Dialect, FakeZoho, Limits


async def test_lists_records(ask: Any, fake: FakeZoho) -> None:
    """The newest first, with the fields that are asked for, and the id."""
    leads = fake.records("Leads").add_many(2, Email="a@x.example")
    status, answer = await ask("GET Leads", fields="Last_Name,Email,Owner,Colour")

    assert status == 200
    assert [lead["id"] for lead in answer["data"]] == leads[::-1]
    assert answer["data"][0] == {
        "Last_Name": "Lead 2",
        "Email": "a@x.example",
        "Owner": {
            "name": "Mira Oldenkamp",
            "id": fake.users.current_id,
            "email": "mira@bindery.example",
        },
        "id": leads[1],
    }
    assert answer["info"] == {
        "call": False,
        "per_page": 200,
        "next_page_token": None,
        "count": 2,
        "sort_by": "id",
        "page": 1,
        "previous_page_token": None,
        "page_token_expiry": None,
        "sort_order": "desc",
        "email": False,
        "more_records": False,
    }


@pytest.mark.parametrize(
    ("params", "code", "details"),
    [
        ({}, "REQUIRED_PARAM_MISSING", {"param_name": "fields"}),
        ({"fields": ","}, "REQUIRED_PARAM_MISSING", {"param_name": "fields"}),
        ({"fields": ",".join("x" * 51)}, "LIMIT_EXCEEDED", {"limit": 50, "param_name": "fields"}),
        ({"fields": "id", "sort_by": "City"}, "INVALID_DATA", {"param_name": "sort_by"}),
        ({"fields": "id", "sort_order": "up"}, "PATTERN_NOT_MATCHED", {"param_name": "sort_order"}),
        ({"fields": "id", "converted": "no"}, "PATTERN_NOT_MATCHED", {"param_name": "converted"}),
        ({"fields": "id", "cvid": "7"}, "INVALID_DATA", {"param_name": "cvid"}),
        ({"fields": "id", "cvid": "7", "sort_by": "id"}, "AMBIGUITY_DURING_PROCESSING", {}),
        ({"fields": "id", "page": "11"}, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", {"limit": 2000}),
        ({"fields": "id", "page": "1", "page_token": "x"}, "AMBIGUITY_DURING_PROCESSING", {}),
        ({"fields": "id", "page_token": "x"}, "INVALID_DATA", {"param_name": "page_token"}),
        ({"fields": "id", "per_page": "201"}, "LIMIT_EXCEEDED", {"param_name": "per_page"}),
    ],
)
async def test_rejects_lists_that_cannot_be(
    ask: Any, fake: FakeZoho, params: dict[str, str], code: str, details: dict[str, Any]
) -> None:
    """Each mistake has its code, and names the parameter."""
    fake.records("Leads").add()
    status, error = await ask("GET Leads", **params)

    assert (status, error["code"]) == (400, code)
    assert details.items() <= error["details"].items()


async def test_pages_by_number_or_by_token(ask: Any, fake: FakeZoho) -> None:
    """Tokens lead through all records, each once; pages by their number do the same."""
    leads = fake.records("Leads").add_many(7)
    query = {"fields": "Last_Name", "per_page": 3, "sort_order": "asc"}
    by_number = [await ask("GET Leads", **query, page=number) for number in (1, 2, 3, 4)]
    by_token = [await ask("GET Leads", **query)]
    while token := by_token[-1][1]["info"]["next_page_token"]:
        by_token.append(await ask("GET Leads", **query, page_token=token))

    assert [lead["id"] for _, page in by_token for lead in page["data"]] == leads
    assert [page["data"] for _, page in by_number[:3]] == [page["data"] for _, page in by_token]
    assert by_number[3] == (204, None)
    assert [page["info"]["page"] for _, page in by_token] == [1, 2, 3]
    assert by_token[0][1]["info"]["page_token_expiry"]


async def test_a_token_belongs_to_its_call(caller: Any, clock: Any) -> None:
    """Other parameters, another module or another day, and it is worth nothing."""
    async with FakeZoho(clock=Clock(wall=clock)) as fake:
        token = await caller.token(fake)
        fake.records("Leads").add_many(4)

        async def get(path: str) -> Any:
            return (await caller.call(fake, "GET", path, token=token)).json

        first = await get("Leads?fields=City&per_page=2")
        page = f"&page_token={first['info']['next_page_token']}"
        changed = await get(f"Leads?fields=City,Phone&per_page=2{page}")
        elsewhere = await get(f"Contacts?fields=City&per_page=2{page}")
        again = [await get(f"Leads?per_page=2&fields=City{page}") for _ in range(2)]
        clock.advance(86_400)
        late = await get(f"Leads?fields=City&per_page=2{page}")

    assert changed["code"] == elsewhere["code"] == "TOKEN_BOUND_DATA_MISMATCH"
    assert again[0] == again[1]
    assert late["code"] == "EXPIRED_VALUE"
    assert late["details"] == {"api_name": "page_token", "json_path": "$.query.page_token"}


async def test_tokens_end_on_order(ask: Any, fake: FakeZoho) -> None:
    """A test need not wait a day."""
    fake.records("Leads").add_many(4)
    _, first = await ask("GET Leads", fields="City", per_page=2)
    fake.records.expire_page_tokens()
    token = first["info"]["next_page_token"]
    status, error = await ask("GET Leads", fields="City", per_page=2, page_token=token)

    assert (status, error["code"]) == (400, "EXPIRED_VALUE")


async def test_a_row_that_changes_moves_the_others(ask: Any, fake: FakeZoho, clock: Any) -> None:
    """Tokens count places: by the time of change, a list loses the row behind one that changes."""
    leads = fake.records("Leads")
    ids = leads.add_many(4)
    for number, each in enumerate(ids):
        fake.records("Leads")._store.update(
            each, {"Modified_Time": f"2026-01-01T00:00:0{number}+01:00"}
        )
    query = {"fields": "City", "per_page": 2, "sort_by": "Modified_Time", "sort_order": "asc"}
    _, first = await ask("GET Leads", **query)
    leads.change(ids[0], City="Delft")
    _, second = await ask("GET Leads", **query, page_token=first["info"]["next_page_token"])

    assert [lead["id"] for lead in first["data"]] == ids[:2]
    assert [lead["id"] for lead in second["data"]] == [ids[3], ids[0]]


async def test_reaches_only_so_far(caller: Any) -> None:
    """Both ceilings can be set, and are told when they are reached."""
    limits = Limits(pages=4, page_tokens=6)
    async with FakeZoho(limits=limits) as fake:
        token = await caller.token(fake)
        fake.records("Leads").add_many(9)

        async def get(query: str) -> Any:
            reply = await caller.call(
                fake, "GET", f"Leads?fields=City&per_page=2{query}", token=token
            )
            return reply.json

        numbered = [await get(f"&page={number}") for number in (1, 2, 3)]
        pages = [await get("")]
        while info := pages[-1].get("info"):
            pages.append(await get(f"&page_token={info['next_page_token']}"))
        searched = await caller.call(
            fake, "GET", "Leads/search?word=Lead&per_page=2&page=3", token=token
        )

    assert numbered[2]["code"] == "DISCRETE_PAGINATION_LIMIT_EXCEEDED"
    assert numbered[2]["details"] == {"limit": 4}
    assert len(pages) == 4
    assert pages[3]["code"] == "PAGINATION_LIMIT_EXCEEDED"
    assert (searched.json["code"], searched.json["details"]) == ("LIMIT_REACHED", {"limit": "4"})


async def test_leaves_out_what_is_not_asked_for(ask: Any, fake: FakeZoho) -> None:
    """By ids, by whether leads are converted, and by a custom view."""
    leads = fake.records("Leads")
    one = leads.add(City="Delft")
    two = leads.add(City="Gouda", Converted__s=True)
    view = leads.add_view("(City:equals:Delft)")
    asked = [
        {},
        {"converted": "true"},
        {"converted": "both"},
        {"ids": f"{one},7", "converted": "both"},
        {"cvid": view},
    ]
    found = [await ask("GET Leads", fields="City", **params) for params in asked]

    assert [[lead["id"] for lead in answer["data"]] for _, answer in found] == [
        [one],
        [two],
        [two, one],
        [one],
        [one],
    ]
    assert await ask("GET Leads", fields="City", ids="7") == (204, None)
    assert (await ask("GET Contacts", fields="City"))[0] == 204


@pytest.mark.parametrize(
    ("since", "status"), [("2001-01-01T00:00:00+01:00", 200), ("2100-01-01T00:00:00Z", 304)]
)
@pytest.mark.parametrize("path", ["Leads?fields=City", "Leads/{id}", "Leads/deleted"])
async def test_tells_what_is_new(
    fake: FakeZoho, caller: Any, token: str, since: str, status: int, path: str
) -> None:
    """Nothing modified since then is 304, in lists and elsewhere."""
    leads = fake.records("Leads")
    leads.remove(leads.add())
    path, headers = path.format(id=leads.add()), {"If-Modified-Since": since}
    reply = await caller.call(fake, "GET", path, token=token, headers=headers)

    assert reply.status == status


async def test_gets_one_record(ask: Any, fake: FakeZoho) -> None:
    """With everything about it, or with the fields that are asked for."""
    lead = fake.records("Leads").add(City="Delft")
    whole = await ask(f"GET Leads/{lead}")
    part = await ask(f"GET Leads/{lead}", fields="City")

    assert whole == (200, {"data": [fake.records("Leads").get(lead)]})
    assert {"$editable", "$has_more", "Tag", "Created_By"} <= set(whole[1]["data"][0])
    assert part[1] == {"data": [{"City": "Delft", "id": lead}]}
    assert await ask("GET Leads/7") == (204, None)


async def test_an_unknown_record_is_an_error_if_told_so(caller: Any) -> None:
    """Older answers say so."""
    async with FakeZoho(dialect=Dialect(unknown_record=400)) as fake:
        reply = await caller.call(fake, "GET", "Leads/7", token=await caller.token(fake))

    assert (reply.status, reply.json["code"]) == (400, "INVALID_DATA")
    assert reply.json["details"] == {"resource_path_index": 1}


async def test_lists_what_was_deleted(ask: Any, fake: FakeZoho) -> None:
    """The latest first; what is out of the bin has no name any more."""
    leads = fake.records("Leads")
    one, two = leads.add(Last_Name="Halden"), leads.add()
    leads.remove(one)
    leads.remove(two, permanently=True)
    found = {
        kind: await ask("GET Leads/deleted", type=kind) for kind in ("all", "recycle", "permanent")
    }
    wrong = await ask("GET Leads/deleted", type="gone")
    far = await ask("GET Leads/deleted", page=11)

    gone, binned = found["all"][1]["data"]
    user = {"name": "Mira Oldenkamp", "id": fake.users.current_id}
    assert (binned["id"], binned["display_name"], binned["type"]) == (one, "Halden", "recycle")
    assert (binned["deleted_by"], binned["created_by"]) == (user, user)
    assert gone == {
        "deleted_by": None,
        "id": two,
        "display_name": None,
        "type": "permanent",
        "created_by": None,
        "deleted_time": gone["deleted_time"],
    }
    assert found["all"][1]["info"]["count"] == 2
    assert [each["id"] for each in found["recycle"][1]["data"]] == [one]
    assert [each["id"] for each in found["permanent"][1]["data"]] == [two]
    assert wrong[1]["code"] == "PATTERN_NOT_MATCHED"
    assert far[1]["code"] == "DISCRETE_PAGINATION_LIMIT_EXCEEDED"
    assert await ask("GET Contacts/deleted") == (204, None)


async def test_fetches_long_texts(ask: Any, fake: FakeZoho) -> None:
    """All of a record, or those that are named."""
    lead = fake.records("Leads").add(Description="<p>Long</p>")
    all_of_it = await ask(f"GET Leads/{lead}/actions/fetch_full_data")
    named = await ask(f"GET Leads/{lead}/actions/fetch_full_data", fields="Description")
    unknown = await ask("GET Leads/7/actions/fetch_full_data")

    assert all_of_it == named == (200, {"data": [{"Description": "<p>Long</p>", "id": lead}]})
    assert unknown[1]["details"] == {"resource_path_index": 1}


async def test_tells_what_happened_to_a_record(ask: Any, fake: FakeZoho) -> None:
    """The latest first, with old and new values; a token leads on by itself."""
    await ask("POST Leads", {"data": [{"Last_Name": "Halden"}]})
    [lead] = fake.records("Leads").ids
    for phone in ("1", "2"):
        await ask(f"PUT Leads/{lead}", {"data": [{"Phone": phone, "Last_Name": "Halden"}]})
    path = f"GET Leads/{lead}/__timeline"
    _, whole = await ask(path)
    _, first = await ask(path, per_page=2)
    token = first["info"]["next_page_token"]
    _, second = await ask(path, page_token=token)
    both = await ask(path, page_token=token, per_page=2)
    unknown = await ask("GET Leads/7/__timeline")

    assert [event["action"] for event in whole["__timeline"]] == ["updated", "updated", "added"]
    assert [
        (change["api_name"], change["_value"]) for change in whole["__timeline"][0]["field_history"]
    ] == [("Phone", {"old": "1", "new": "2"})]
    assert whole["info"]["per_page"] == 25
    assert [*first["__timeline"], *second["__timeline"]] == whole["__timeline"]
    assert len({event["id"] for event in whole["__timeline"]}) == 3
    assert (second["info"]["page"], second["info"]["more_records"]) == (2, False)
    assert both[1]["code"] == "AMBIGUITY_DURING_PROCESSING"
    assert unknown[1]["details"] == {"resource_path_index": 1}


async def test_seeds_records_over_http(fake: FakeZoho, caller: Any) -> None:
    """By module: how many, or with what."""
    url = f"{fake.url}/__fake__/seed"
    body = {"records": {"Leads": 2, "Contacts": [{"Last_Name": "Halden"}]}}
    reply = await caller.send("POST", url, json=body)
    wrong = await caller.send("POST", url, json={"records": [1]})

    assert reply.json["records"] == {
        "Leads": fake.records("Leads").ids,
        "Contacts": fake.records("Contacts").ids,
    }
    assert fake.records("Contacts").all()[0]["Last_Name"] == "Halden"
    assert (wrong.status, wrong.json["error"]) == (400, "TypeError: records are given by module")


async def test_reset_forgets_records_and_modules(fake: FakeZoho) -> None:
    """Everything is as at first."""
    fake.modules.add("Projects")
    fake.records("Projects").add()
    fake.records("Leads").add()
    fake.reset()

    assert fake.records("Leads").ids == []
    assert "Projects" not in fake.modules.names
