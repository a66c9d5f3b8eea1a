"""Reading records: complete lists of all fields, one record, searches."""

import datetime as dt
import json
from decimal import Decimal
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest

from aiozcrm.errors import (
    ApiError,
    InvalidInputError,
    InvalidResponseError,
    MultipleFoundError,
    NotFoundError,
    PaginationLimitError,
)

#: Where clocks go back by an hour on 25 October 2026.
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def rows(*ids, **fields):
    """Return records."""
    return [{"id": str(number), **fields} for number in ids]


def page(records, **info):
    """Return the body of a page."""
    return {"data": records, "info": {"more_records": False, "next_page_token": None, **info}}


def query_of(request):
    """Return what stands behind the path."""
    return {name: value[0] for name, value in parse_qs(request.query).items()}


def statement(request):
    """Return the COQL statement that a request carried."""
    return json.loads(request.body)["select_query"]


async def test_a_list_follows_page_tokens_with_all_else_unchanged(zoho, script):
    """The token stands beside the same parameters, and page is never sent."""
    script.add(
        script.response(200, page(rows(9, 8), more_records=True, next_page_token="t1")),
        script.response(200, page(rows(7), more_records=True, next_page_token="t2")),
        script.response(200, page(rows(6))),
    )
    leads = zoho.records("Leads")
    found = await leads.list(fields=["Last_Name"], converted="both")
    assert [row["id"] for row in found] == ["9", "8", "7", "6"]
    same = {"fields": "Last_Name", "converted": "both", "per_page": "200"}
    assert [query_of(request) for request in script.requests] == [
        same,
        {**same, "page_token": "t1"},
        {**same, "page_token": "t2"},
    ]


async def test_nothing_new_is_no_record(zoho, script):
    """304 is an answer to If-Modified-Since, and 204 to a list without records."""
    script.add(script.response(304), script.response(204))
    leads = zoho.records("Leads")
    since = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert await leads.list(fields=["Last_Name"], if_modified_since=since) == []
    assert script.requests[0].headers["If-Modified-Since"] == "2026-01-02T03:04:05+01:00"
    assert await leads.list(fields=["Last_Name"]) == []


@pytest.mark.parametrize(
    "body",
    [
        {"data": None, "info": {"more_records": False}},
        {"data": rows(1)},
        {"data": rows(1), "info": None},
        {"data": rows(1), "info": {"more_records": 1}},
        {"data": rows(1), "info": []},
        {"data": rows(*range(1, 201)), "info": {"count": 200}},
        {"data": [{"Last_Name": "x"}], "info": {"more_records": False}},
        {"data": [{"id": None}], "info": {"more_records": False}},
        {"data": [{"id": "7"}, {"id": "x"}], "info": {"more_records": False}},
    ],
)
async def test_an_unclear_page_is_an_error(zoho, script, body):
    """A list is complete or raises."""
    script.add(script.response(200, body))
    with pytest.raises(InvalidResponseError):
        await zoho.records("Leads").list(fields=["Last_Name"])


@pytest.mark.parametrize("info", [{}, {"info": None}, {"info": {"count": 200}}])
async def test_a_full_page_that_does_not_tell_whether_there_is_more_is_an_error(zoho, script, info):
    """In all kinds of lists; one that is not full is the last."""
    full, last = ({"data": rows(*ids), **info} for ids in (range(1, 201), [7]))
    script.add(script.response(200, full), script.response(200, last))
    leads = zoho.records("Leads")
    with pytest.raises(InvalidResponseError, match="whether the list goes on"):
        await leads.search(word="x")
    assert [row["id"] for row in await leads.deleted.list()] == ["7"]


@pytest.mark.parametrize(
    ("order", "sign"), [({}, "<"), ({"sort_order": "asc", "sort_by": "id"}, ">")]
)
async def test_behind_an_expired_token_the_list_goes_on_by_coql(zoho, script, order, sign):
    """In the order of the list, from the last id on, until there is nothing more."""
    ids = (9, 8) if sign == "<" else (1, 2)
    last = ids[-1]
    script.add(
        script.response(200, page(rows(*ids), more_records=True, next_page_token="t1")),
        script.error(400, "EXPIRED_VALUE", details={"api_name": "page_token"}),
        script.response(200, {"data": rows(5), "info": {"more_records": True}}),
        script.response(204),
    )
    found = await zoho.records("Leads").list(fields=["Last_Name", "Email"], **order)
    assert [row["id"] for row in found] == [*map(str, ids), "5"]
    way = "desc" if sign == "<" else "asc"
    assert statement(script.requests[2]) == (
        f"select Last_Name, Email from Leads where id {sign} '{last}' order by id {way} limit 2000"
    )
    assert "id " + sign + " '5'" in statement(script.requests[3])


@pytest.mark.parametrize("more", [True, False])
@pytest.mark.parametrize(
    "records",
    [[{"Last_Name": "x"}], [{"id": 7.0}], rows(7, 6, 6), rows(6, 7), rows(8, 7), rows(12)],
    ids=["no id", "a number that may have lost digits", "twice", "back", "again", "before"],
)
async def test_what_comes_by_coql_is_behind_what_was_read(zoho, script, records, more):
    """In order, and nothing twice: else it is the answer to something else."""
    script.add(
        script.response(200, page(rows(9, 8), more_records=True, next_page_token="t1")),
        script.error(400, "EXPIRED_VALUE", details={"api_name": "page_token"}),
        script.response(200, {"data": records, "info": {"more_records": more}}),
    )
    with pytest.raises(InvalidResponseError, match=r"no id|order of their ids"):
        await zoho.records("Leads").list(fields=["Last_Name"])


async def test_an_empty_page_by_coql_that_goes_on_is_an_error(zoho, script):
    """It leads nowhere."""
    script.add(
        script.response(200, page(rows(9, 8), more_records=True, next_page_token="t1")),
        script.error(400, "EXPIRED_VALUE", details={"api_name": "page_token"}),
        script.response(200, {"data": [], "info": {"more_records": True}}),
    )
    with pytest.raises(InvalidResponseError, match="not get any further"):
        await zoho.records("Leads").list(fields=["Last_Name"])


@pytest.mark.parametrize("token", [5, ["t"], {}, True])
async def test_a_page_token_that_is_no_text_leads_nowhere(zoho, script, token):
    """In all kinds of lists; an empty one is none."""
    more = {"more_records": True, "next_page_token": token}
    script.add(*[script.response(200, {"data": rows(7), "info": more})] * 2)
    leads = zoho.records("Leads")
    with pytest.raises(InvalidResponseError, match="where the list goes on"):
        await leads.list(fields=["Last_Name"])
    with pytest.raises(InvalidResponseError, match="where the list goes on"):
        await leads.related(1, "Notes").list(fields=["id"])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (page(rows(2, 9, F59="b")), "record 9 was not asked for"),
        (page(rows(2, F59="b"), more_records=True, next_page_token="t"), "not all of 2 records"),
    ],
)
async def test_further_fields_come_from_the_records_of_the_page_alone(zoho, script, answer, why):
    """An answer about others, or about some of them, is none."""
    script.add(script.response(200, page(rows(2, 1, F0="a"))), script.response(200, answer))
    with pytest.raises(InvalidResponseError, match=why):
        await zoho.records("Leads").list(fields=[f"F{n}" for n in range(60)])


@pytest.mark.parametrize("body", [{"share": []}, {"data": [{}]}, {"data": {}}])
async def test_the_answer_to_a_write_is_none_to_a_read(zoho, script, body):
    """Its connection is not used again, since all that come on it may be those of other calls."""
    if "data" in body:
        made = {"code": "SUCCESS", "details": {"id": "7"}, "message": "", "status": "success"}
        body = {"data": [made] if isinstance(body["data"], list) else made}
    distrusted = []
    script.distrust_connections = lambda: distrusted.append(len(script.requests))
    script.add(*[script.response(201, body)] * 2)
    leads = zoho.records("Leads")
    with pytest.raises(InvalidResponseError):
        await leads.get(7)
    with pytest.raises(InvalidResponseError):
        await leads.related(7, "Products").list(fields=["Product_Name"])
    assert distrusted == [1, 2]


async def test_a_list_by_ids_has_no_other_records(zoho, script):
    """They would be those of another call; external ids are not told."""
    script.add(*[script.response(200, page(rows(1, 9)))] * 2)
    with pytest.raises(InvalidResponseError, match="record 9 was not asked for"):
        await zoho.records("Leads").list(fields=["Last_Name"], ids=["1", 2])
    leads = zoho.records("Leads", external_id="Ext")
    assert len(await leads.list(fields=["Last_Name"], ids=["a", "b"])) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"data": rows(*range(2001, 1, -1))},
        {"data": rows(*range(2001, 1, -1)), "info": {"count": 2000}},
        {"data": rows(5), "info": [True]},
        {"data": rows(5), "info": {"more_records": "true"}},
    ],
    ids=["no info", "info of the count alone", "info of another kind", "another word"],
)
async def test_a_list_that_goes_on_by_coql_ends_only_where_zoho_says_so(zoho, script, body):
    """An answer that does not tell whether there is more is an error, not the end."""
    script.add(
        script.response(200, page(rows(9999, 9998), more_records=True, next_page_token="t1")),
        script.error(400, "EXPIRED_VALUE", details={"api_name": "page_token"}),
        script.response(200, body),
    )
    with pytest.raises(InvalidResponseError, match="whether the list goes on"):
        await zoho.records("Leads").list(fields=["Last_Name"])


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"sort_by": "Modified_Time"}, (9, 8)),
        ({"approved": "both"}, (9, 8)),
        ({"territory_id": "1"}, (9, 8)),
        ({"if_modified_since": "2026-01-01T00:00:00+00:00"}, (9, 8)),
        ({"cvid": "1"}, (9, 3, 8)),
    ],
)
async def test_where_coql_would_give_other_rows_the_list_raises(zoho, script, query, ids):
    """The error names the last id that was read."""
    script.add(
        script.response(200, page(rows(*ids), more_records=True, next_page_token="t1")),
        script.error(400, "PAGINATION_LIMIT_EXCEEDED"),
    )
    leads = zoho.records("Leads").iter(fields=["Last_Name"], **query)
    for _ in ids:
        await anext(leads)
    with pytest.raises(PaginationLimitError) as caught:
        await anext(leads)
    assert caught.value.details["last_id"] == "8"


async def test_a_custom_view_goes_on_within_the_view(zoho, script):
    """COQL names the view behind the module."""
    script.add(
        script.response(200, page(rows(9, 8), more_records=True, next_page_token="t1")),
        script.error(400, "EXPIRED_VALUE"),
        script.response(204),
    )
    await zoho.records("Leads").list(fields=["Last_Name"], cvid="77")
    assert "from Leads#77 where id < '8'" in statement(script.requests[2])


async def test_another_error_of_a_page_is_raised(zoho, script):
    """Only a spent token is worked around."""
    script.add(
        script.response(200, page(rows(9), more_records=True, next_page_token="t1")),
        script.error(400, "TOKEN_BOUND_DATA_MISMATCH"),
    )
    with pytest.raises(ApiError):
        await zoho.records("Leads").list(fields=["Last_Name"])


async def test_all_fields_are_read_in_sets_of_fifty(zoho, script):
    """Their names come from the module; each further set is read for the ids of the page."""
    names = [{"api_name": f"F{n}", "data_type": "text"} for n in range(60)]
    names.append({"api_name": "Rows", "data_type": "subform"})
    script.add(
        script.response(200, {"fields": names}),
        script.response(200, page(rows(2, 1, F0="a"))),
        # Record 1 was deleted between the two.
        script.response(200, page(rows(2, F59="b"))),
    )
    leads = zoho.records("Leads")
    assert await leads.list() == [{"id": "2", "F0": "a", "F59": "b"}]
    _, first, second = map(query_of, script.requests)
    assert len(first["fields"].split(",")) == 50
    assert second["ids"] == "2,1"
    assert second["fields"].split(",") == [f"F{n}" for n in range(50, 60)]
    # The names are read once.
    script.add(script.response(204))
    assert await leads.list() == []
    assert len(script.requests) == 4


async def test_full_reads_each_record_by_itself(zoho, script):
    """Subforms come with a record alone; one that is gone by then is left out."""
    script.add(script.response(200, page(rows(2, 1))))

    async def one(request):
        own = request.path.rpartition("/")[2]
        if own == "1":
            return script.response(204)
        return script.response(200, {"data": rows(own, Rows=[{"id": "5"}])})

    script.add(one, one)
    found = await zoho.records("Leads").list(fields=["Last_Name"], full=True)
    assert found == [{"id": "2", "Rows": [{"id": "5"}]}]


async def test_full_leaves_out_what_zoho_does_not_know_any_more(zoho, script):
    """Whichever way it says so; an answer about another record is an error."""
    script.add(script.response(200, page(rows(2, 1))))

    async def one(request):
        if request.path.endswith("/1"):
            return script.error(400, "INVALID_DATA", details={"resource_path_index": 1})
        return script.response(200, {"data": rows(2)})

    leads = zoho.records("Leads")
    script.add(one, one)
    assert [row["id"] for row in await leads.list(fields=["Last_Name"], full=True)] == ["2"]
    script.add(script.response(200, page(rows(1))), script.response(200, {"data": rows(9)}))
    with pytest.raises(InvalidResponseError):
        await leads.list(fields=["Last_Name"], full=True)


async def test_a_list_by_external_ids_takes_no_comma(zoho, script):
    """It would stand for two of them."""
    contacts = zoho.records("Contacts", external_id="Ledger__c")
    with pytest.raises(InvalidInputError, match="comma"):
        contacts.iter(fields=["Last_Name"], ids=["A,1"])
    script.add(script.response(200, page(rows(7))))
    assert len(await contacts.list(fields=["Last_Name"], ids=["A/1"])) == 1


@pytest.mark.parametrize("count", [None, True, 7.5, "many", -1, [7]])
async def test_a_count_that_is_none_is_an_error(zoho, script, count):
    """It is a whole number, which some calls write as text."""
    script.add(script.response(200, {"count": count}), script.response(200, {"count": "28"}))
    with pytest.raises(InvalidResponseError):
        await zoho.records("Leads").count()
    assert await zoho.records("Leads").count() == 28


@pytest.mark.parametrize(
    ("fields", "query", "error"),
    [
        ("Last_Name", {}, TypeError),
        ([1], {}, TypeError),
        ([], {}, InvalidInputError),
        (["a,b"], {}, InvalidInputError),
        ([" a"], {}, InvalidInputError),
        (["a"], {"cvid": "1", "sort_by": "id"}, InvalidInputError),
        (["a"], {"sort_by": "Last_Name"}, InvalidInputError),
        (["a"], {"ids": ["x"]}, InvalidInputError),
        (["a"], {"ids": []}, InvalidInputError),
        (["a"], {"ids": "123"}, TypeError),
        (["a"], {"cvid": "x"}, InvalidInputError),
        (["a"], {"if_modified_since": dt.datetime(2026, 1, 1)}, ValueError),  # noqa: DTZ001
        (["a"], {"if_modified_since": 5}, TypeError),
        (["a"], {"unknown": 1}, TypeError),
        ([f"F{n}" for n in range(51)], {"cvid": "1"}, InvalidInputError),
        ([f"F{n}" for n in range(51)], {"sort_by": "id"}, InvalidInputError),
    ],
)
async def test_what_cannot_be_right_is_not_sent(zoho, script, fields, query, error):
    """It raises at once, before anything is sent."""
    with pytest.raises(error):
        zoho.records("Leads").iter(fields=fields, **query)
    assert script.requests == []


@pytest.mark.parametrize("module", ["", "a/b", "Leads?x", "../org", "Le ads", "1x", "Ünits"])
async def test_what_is_no_module_is_not_sent(zoho, module):
    """The name of a module is one word."""
    with pytest.raises(InvalidInputError):
        zoho.records(module)
    with pytest.raises(TypeError):
        zoho.records(None)


async def test_one_record_comes_with_all_that_it_has(zoho, script):
    """As Zoho sent it; an unknown one is not found."""
    script.add(script.response(200, {"data": rows(7, Rows=[])}), script.response(204))
    leads = zoho.records("Leads")
    assert await leads.get("007") == {"id": "7", "Rows": []}
    with pytest.raises(NotFoundError):
        await leads.get("8")


async def test_an_external_id_stands_for_the_id(zoho, script):
    """Its value is one segment of the path, and a header names the field."""
    script.add(script.response(200, {"data": rows(7)}))
    contacts = zoho.records("Contacts", external_id="Ledger__c")
    assert (await contacts.get("A/1 50%"))["id"] == "7"
    (request,) = script.requests
    assert request.path.endswith("/Contacts/A%2F1%2050%25")
    assert request.headers["X-EXTERNAL"] == "Contacts.Ledger__c"


async def test_find_compares_exactly(zoho, script):
    """Zoho's equals finds what contains a text, so what is found is compared once more."""
    found = [
        {"id": "1", "Company": "ABC", "Amount": 5, "Owner": {"id": "9"}},
        {"id": "2", "Company": "ABC Inc", "Amount": 5, "Owner": {"id": "9"}},
        {"id": "3", "Company": "ABC", "Amount": 6, "Owner": {"id": "9"}},
        {"id": "4", "Company": "ABC", "Amount": 5, "Owner": {"id": "8"}},
    ]
    script.add(script.response(200, page(found)))
    match = await zoho.records("Leads").find(Company="ABC", Amount=5.0, Owner=9)
    assert [row["id"] for row in match] == ["1"]
    criteria = query_of(script.requests[0])["criteria"]
    assert criteria == "((Company:equals:ABC)and((Amount:equals:5.0)and(Owner:equals:9)))"


@pytest.mark.parametrize(
    ("value", "inside", "same"),
    [
        ("a(b),c", r"a\(b\)\,c", "a(b),c"),
        ("C:\\", "C:\\\\", "C:\\"),
        (True, "true", True),
        (dt.date(2026, 5, 4), "2026-05-04", "2026-05-04"),
        (
            dt.datetime(2026, 5, 4, 3, tzinfo=dt.UTC),
            "2026-05-04T03:00:00+00:00",
            "2026-05-04T05:00:00+02:00",
        ),
        (
            dt.datetime(2026, 10, 25, 2, 30, tzinfo=AMSTERDAM, fold=1),
            "2026-10-25T02:30:00+01:00",
            "2026-10-25T01:30:00+00:00",
        ),
        (
            dt.datetime(2026, 5, 4, 3, 0, 0, 999_999, tzinfo=dt.UTC),
            "2026-05-04T03:00:00+00:00",
            "2026-05-04T03:00:00+00:00",
        ),
        (12345678901234567, "12345678901234567", "12345678901234567"),
        (Decimal("1E+3"), "1000", "1000"),
        ("5", "5", 5),
        ("5.0", "5.0", 5),
        ("true", "true", True),
        ("007", "007", {"id": "7", "name": "Halden"}),
        (7, "7", {"id": 7}),
    ],
)
async def test_values_are_escaped_and_compared_by_what_they_mean(zoho, script, value, inside, same):
    """Brackets and commas are text, moments are compared as moments, numbers as numbers."""
    others = ("other", None, [same], 6, 6.5, False, {"id": "8"}, {"name": "Halden"})
    records = [{"id": "1", "F": same}, *({"id": "2", "F": each} for each in others)]
    script.add(script.response(200, page(records)))
    found = await zoho.records("Leads").find(F=value)
    assert query_of(script.requests[0])["criteria"] == f"(F:equals:{inside})"
    assert [row["id"] for row in found] == ["1"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, InvalidInputError),
        ({"a b": 1}, InvalidInputError),
        ({"Owner.id": 1}, InvalidInputError),
        ({"F": None}, TypeError),
        ({"F": ["a"]}, TypeError),
        ({"F": object()}, TypeError),
        ({"F": float("nan")}, ValueError),
        ({"F": dt.datetime(2026, 1, 1)}, ValueError),  # noqa: DTZ001
    ],
)
async def test_what_cannot_be_found_by_is_not_sent(zoho, script, fields, error):
    """It raises before anything is sent."""
    with pytest.raises(error):
        await zoho.records("Leads").find(**fields)
    assert script.requests == []


async def test_a_record_that_is_found_twice_is_one(zoho, script):
    """Records may move to the next page of a search while it is read."""
    script.add(
        script.response(200, page(rows(1, 2, F="x"), more_records=True)),
        script.response(200, page(rows(2, 3, F="x"))),
        script.response(200, page(rows(1, F="x"), more_records=True)),
        script.response(200, page(rows(1, F="x"))),
    )
    leads = zoho.records("Leads")
    assert [row["id"] for row in await leads.find(F="x")] == ["1", "2", "3"]
    assert (await leads.find_one(F="x"))["id"] == "1"


async def test_find_one_is_one_none_or_an_error(zoho, script):
    """Several are an error that has them all."""
    for ids in ((), (1,), (1, 2)):
        script.add(script.response(200, page(rows(*ids, F="x"))))
    leads = zoho.records("Leads")
    assert await leads.find_one(F="x") is None
    assert (await leads.find_one(F="x"))["id"] == "1"
    with pytest.raises(MultipleFoundError) as caught:
        await leads.find_one(F="x")
    assert len(caught.value.records) == 2


async def test_search_criteria_take_values(zoho, script):
    """They are escaped; a list is joined for the operator in."""
    script.add(script.response(200, page(rows(1))))
    leads = zoho.records("Leads")
    found = await leads.search(
        criteria="(Company:in:{names})", names=["A,B", "C"], fields=["Company"]
    )
    assert [row["id"] for row in found] == ["1"]
    query = query_of(script.requests[0])
    assert query["criteria"] == r"(Company:in:A\,B,C)"
    assert query["fields"] == "Company"


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({}, InvalidInputError),
        ({"word": "a", "email": "b"}, InvalidInputError),
        ({"word": "a", "name": "b"}, TypeError),
        ({"criteria": "(a:equals:{x})"}, KeyError),
        ({"criteria": "(a:equals:b)", "x": 1}, KeyError),
        ({"criteria": "(a:in:{x})", "x": []}, ValueError),
        ({"criteria": "(a:in:{x})", "x": ["a"] * 101}, ValueError),
    ],
)
async def test_a_search_is_for_one_thing(zoho, script, query, error):
    """Anything else raises before anything is sent."""
    with pytest.raises(error):
        zoho.records("Leads").iter_search(**query)
    assert script.requests == []


async def test_a_count_counts_by_one_thing(zoho, script):
    """All, a view, or what a search would find."""
    script.add(script.response(200, {"count": 7}), script.response(200, {"count": 7}))
    leads = zoho.records("Leads")
    assert await leads.count() == 7
    assert await leads.count(criteria="(a:equals:{x})", x="(") == 7
    assert query_of(script.requests[1]) == {"criteria": r"(a:equals:\()"}
    with pytest.raises(InvalidInputError):
        await leads.count(cvid="1", word="x")


async def test_deleted_records_are_listed(zoho, script):
    """With the moment since which, as a header."""
    script.add(script.response(200, page(rows(1))))
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    found = await zoho.records("Leads").deleted.list(type="permanent", if_modified_since=since)
    assert [row["id"] for row in found] == ["1"]
    (request,) = script.requests
    assert request.path.endswith("/Leads/deleted")
    assert query_of(request)["type"] == "permanent"
    assert request.headers["If-Modified-Since"] == "2026-01-01T00:00:00+00:00"


async def test_a_timeline_sends_its_token_alone(zoho, script):
    """The token stands for all the rest."""
    script.add(
        script.response(
            200,
            {"__timeline": [{"id": "1"}], "info": {"more_records": True, "next_page_token": "t"}},
        ),
        script.response(200, {"__timeline": [{"id": "2"}], "info": {"more_records": False}}),
    )
    filters = {"field": {"api_name": "source"}, "comparator": "equal", "value": "crm_ui"}
    events = await zoho.records("Leads").timeline("7", filters=filters)
    assert [event["id"] for event in events] == ["1", "2"]
    assert json.loads(query_of(script.requests[0])["filters"]) == filters
    assert query_of(script.requests[1]) == {"page_token": "t"}


async def test_rich_text_is_read_whole(zoho, script):
    """By a call of its own."""
    script.add(script.response(200, {"data": rows(7, Notes="<p>long</p>")}))
    record = await zoho.records("Leads").fetch_full_data("7", fields=["Notes"])
    assert record["Notes"] == "<p>long</p>"
    assert script.requests[0].path.endswith("/Leads/7/actions/fetch_full_data")


async def test_a_search_by_a_word_takes_no_values(zoho, script):
    """One of the four, with fields."""
    script.add(script.response(200, page(rows(1))))
    assert len(await zoho.records("Leads").search(word="burns", approved="both")) == 1
    assert query_of(script.requests[0]) == {"word": "burns", "approved": "both", "per_page": "200"}


async def test_lists_by_external_ids_are_whole(fake, crm):
    """What is read for the rows of a page is read by Zoho's own ids."""
    fake.fields.add("Contacts", "Ledger__c", external="org")
    names = [f"Text_{number}" for number in range(60)]
    for name in names:
        fake.fields.add("Contacts", name)
    own = fake.records("Contacts").add(Ledger__c="A/1", Text_59="x")
    contacts = crm.records("Contacts", external_id="Ledger__c")
    (row,) = await contacts.list(fields=names)
    assert (row["id"], row["Text_59"]) == (own, "x")
    (row,) = await contacts.list(fields=["Ledger__c"], full=True)
    assert row["Text_59"] == "x"


async def test_a_record_that_is_not_there_is_told_with_its_module(crm):
    """Not by the word for the part of an answer that would have held it."""
    with pytest.raises(NotFoundError, match=r"There is no 99 in Leads\."):
        await crm.records("Leads").get("99")
    with pytest.raises(NotFoundError, match=r"There is no Nope in settings/modules\."):
        await crm.modules.get("Nope")


async def test_the_rows_of_a_view_keep_all_their_fields_whatever_their_state(zoho, script):
    """A view may show what a list leaves out, and the other fields are read outside of it."""
    names = [f"F{number}" for number in range(60)]
    script.add(
        script.response(200, {"fields": [{"api_name": name} for name in names]}),
        script.response(200, {"data": [{"id": "1", "F0": "a"}], "info": {"more_records": False}}),
        script.response(200, {"data": [{"id": "1", "F55": "b"}], "info": {"more_records": False}}),
    )
    rows = await zoho.records("Leads").list(cvid="5", fields=None)

    assert [{"id": "1", "F0": "a", "F55": "b"}] == rows
    last = parse_qs(script.requests[-1].query)
    assert (["both"], ["both"]) == (last["converted"], last["approved"])
