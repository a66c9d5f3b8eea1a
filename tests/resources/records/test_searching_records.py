"""Searches, against the local Zoho: whatever a value holds, and however much is found."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aiozcrm import ZohoCRM
from aiozcrm._criteria import bind_criteria
from aiozcrm.errors import InvalidInputError, InvalidQueryError, PaginationLimitError
from aiozcrm.testing import FakeZoho, Limits

#: What criteria are made of, and what might end a value.
TEXTS = st.text(st.sampled_from("ab \\(),:{}and'\"%\n\u00e9"), min_size=1).filter(str.strip)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(value="\\")
@example(value="x\\) or (Company:equals:Other")
@example(value="\\\\(\\\\")
@example(value="{other}")
@given(value=TEXTS)
async def test_a_value_is_found_whatever_it_holds(fake, crm, value):
    """It stays one value: it ends neither itself nor the brackets around it."""
    leads = fake.records("Leads")
    own = leads.add(Last_Name="Burns", Company=value)
    leads.add(Last_Name="Burns", Company="Other")
    found = await crm.records("Leads").find(Last_Name="Burns", Company=value)
    assert own in {row["id"] for row in found}
    assert {row["Company"] for row in found} == {value}
    searched = await crm.records("Leads").search(
        criteria="((Company:in:{those})and(Last_Name:equals:Burns))", those=["nobody", value]
    )
    assert own in {row["id"] for row in searched}
    assert "Other" not in {row["Company"] for row in searched}


@pytest.mark.parametrize(
    ("value", "inside"),
    [
        ("a\\b", "a\\b"),
        ("a\\", "a\\\\"),
        ("a\\\\", "a\\\\\\\\"),
        ("a\\(", "a\\\\\\("),
        ("a\\\n", "a\\\n"),
        ("", ""),
    ],
)
def test_backslashes_count_only_where_they_would_escape(value, inside):
    """Before what is special and at the end they are doubled, and left alone elsewhere."""
    assert bind_criteria("{it}", {"it": value}) == inside


async def test_the_values_of_criteria_may_be_called_as_ways_to_search(fake, crm):
    """Beside criteria, ``email``, ``phone`` and ``word`` stand for values that these name."""
    fake.records("Leads").add(Email="burns@example.org", Last_Name="Burns")
    leads = crm.records("Leads")
    criteria = "((Email:equals:{email})and(Last_Name:equals:{word}))"
    found = await leads.search(criteria=criteria, email="burns@example.org", word="Burns")
    assert [row["Last_Name"] for row in found] == ["Burns"]
    count = await leads.count(criteria="(Email:equals:{email})", email="burns@example.org")
    assert count == 1
    with pytest.raises(InvalidInputError):
        leads.iter_search(criteria="(Email:equals:{email})", email="a@example.org", phone="555")


async def test_more_fields_than_criteria_are_compared_here(fake, crm):
    """Zoho takes ten criteria; the other fields of a find are compared all the same."""
    leads = fake.records("Leads")
    names = ("Last_Name", "First_Name", "Company", "Email", "Phone", "Mobile", "Website")
    names += ("City", "State", "Street", "Country")
    leads.add(**{**dict.fromkeys(names, "same@example.org"), names[-1]: "other"})
    own = leads.add(**dict.fromkeys(names, "same@example.org"))
    found = await crm.records("Leads").find(**dict.fromkeys(names, "same@example.org"))
    assert [row["id"] for row in found] == [own]


async def test_an_empty_text_is_not_searched_for(fake, crm):
    """Zoho would reject the criteria."""
    with pytest.raises(InvalidInputError):
        await crm.records("Leads").find(Last_Name="")
    assert fake.stats.api_requests == 0


async def test_a_search_hands_out_2000_records_and_then_names_the_query(fake, crm):
    """So does a find, which compares what a search finds."""
    leads = crm.records("Leads")
    fake.records("Leads").add_many(2_001, Last_Name="Burns")
    found = leads.iter_search(word="Burns")
    for _ in range(2_000):
        assert (await anext(found))["Last_Name"] == "Burns"
    with pytest.raises(PaginationLimitError, match=r"zoho\.query\(\)"):
        await anext(found)
    with pytest.raises(PaginationLimitError, match=r"zoho\.query\(\)"):
        await leads.find(Last_Name="Burns")


async def test_an_end_that_zoho_tells_names_the_query_as_well(quick):
    """Whoever counts the records, the error is the same."""
    async with (
        FakeZoho(limits=Limits(pages=200)) as fake,
        ZohoCRM(fake.credentials(), retries=quick) as crm,
    ):
        fake.records("Leads").add_many(201, Last_Name="Burns")
        with pytest.raises(PaginationLimitError, match=r"zoho\.query\(\)") as caught:
            await crm.records("Leads").search(word="Burns")
    assert caught.value.code == "LIMIT_REACHED"


async def test_other_limits_of_a_search_are_told_as_they_are(crm):
    """Such as criteria that are too long, or that mean nothing."""
    leads = crm.records("Leads")
    with pytest.raises(InvalidQueryError):
        await leads.search(criteria="(Nothing:equals:x)")
    with pytest.raises(Exception, match="LIMIT_EXCEEDED") as caught:
        await leads.search(criteria="(Last_Name:equals:{name})", name="x" * 3_000)
    assert not isinstance(caught.value, PaginationLimitError)


@pytest.mark.parametrize("own", [{"a": 1}, ["7"], 7.5, None])
async def test_what_is_found_may_have_an_id_that_is_none(zoho, script, own):
    """It is compared with no other then."""
    rows = [{"id": own, "City": "Cork"}, {"id": own, "City": "Cork"}]
    script.add(script.response(200, {"data": rows, "info": {"more_records": False}}))

    assert rows == await zoho.records("Leads").find(City="Cork")
