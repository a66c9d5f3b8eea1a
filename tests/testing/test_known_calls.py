"""What the fake makes of calls that Zoho knows, or does not know."""

from typing import Any

import pytest

from aiozcrm.testing import FakeZoho, Fault
from aiozcrm.testing._wire._known_calls import known_calls
from aiozcrm.testing._wire._scopes import EVERYTHING, covers, split_scopes, unknown_scopes

LINKS = "settings/unsubscribe_links"


def test_finds_every_call_by_its_own_path() -> None:
    """Each of the reference's calls is found at its path, or one of the same path before it."""
    calls = known_calls()

    for known in calls.all:
        numbers = known.path
        for segment in known.path.split("/"):
            if segment.startswith("{"):
                text = {"{module}": "Leads", "{portal}": "acme", "{feature}": "tags"}
                numbers = numbers.replace(segment, text.get(segment, "12"))
        assert known.method in calls.find(known.base, numbers), known.line


def test_the_scope_of_everything_covers_every_call() -> None:
    """A fake that was told no scope lets its tokens do all there is, and Zoho has them all."""
    granted = split_scopes(EVERYTHING)

    assert unknown_scopes(granted) == []
    assert [k.line for k in known_calls().all if not covers(granted, k.scopes, "leads")] == []


@pytest.mark.parametrize(
    ("granted", "needed", "covered"),
    [
        ("ZohoCRM.settings.tags.READ", [["ZohoCRM.settings.tags.READ"]], True),
        ("ZohoCRM.settings.tags.ALL", [["ZohoCRM.settings.tags.READ"]], True),
        ("ZohoCRM.settings.ALL", [["ZohoCRM.settings.tags.READ"]], True),
        ("ZohoCRM.modules.READ", [["ZohoCRM.modules.{module}.READ"]], True),
        ("ZohoCRM.modules.READ", [["ZohoCRM.modules.{module}.UPDATE"]], False),
        ("ZohoCRM.modules.leads.ALL", [["ZohoCRM.modules.{module}.UPDATE"]], True),
        ("ZohoCRM.modules.contacts.ALL", [["ZohoCRM.modules.{module}.UPDATE"]], False),
        ("ZohoCRM.settings.tag.ALL", [["ZohoCRM.settings.tags.READ"]], False),
        ("ZohoCRM.coql.READ", [["ZohoCRM.coql.READ"], ["ZohoCRM.modules.ALL"]], False),
        ("ZohoCRM.coql.READ ZohoCRM.a.ALL", [["ZohoCRM.coql.READ"], ["ZohoCRM.a.ALL"]], True),
    ],
)
def test_broad_scopes_cover_narrow_ones(
    granted: str, needed: list[list[str]], covered: bool
) -> None:
    """ALL covers every verb and everything below; of each group one scope is needed."""
    assert covers(split_scopes(granted), needed, "leads") == covered


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("GET settings/scopes", ""),
        ("GET settings/roles", "GET /settings/roles"),
        ("POST settings/wizards/1/x", ""),
        ("PUT settings/user_groups", "PUT /settings/user_groups"),
        ("GET Leads/12/Emails", "GET /{module}/{id}/Emails"),
        ("PUT Leads/A-1/Notes_1", "PUT /{module}/{external_value}/{related_list}"),
        ("PUT Leads/A%2F1/Notes_1", "PUT /{module}/{external_value}/{related_list}"),
    ],
)
async def test_tells_what_it_does_not_support(
    fake: FakeZoho, ask: Any, line: str, known: str
) -> None:
    """What Zoho has and the fake has not is no wrong URL, and the nearest call is named."""
    fake.operations = {"GET /org": fake.operations["GET /org"]}
    method, path = line.split()
    status, told = await ask(f"{method} {path}")

    if not known:
        assert (status, told["code"]) == (404, "INVALID_URL_PATTERN")
        assert not fake.stats.unsupported
        return
    assert (status, told["code"]) == (501, "NOT_IN_THIS_FAKE")
    assert told["message"].startswith(f"known to Zoho, not to this fake: {known}.")
    assert told["details"] == {"call": known, "nearest": "GET /org"}
    assert "GET /org" in told["message"]
    assert fake.stats.unsupported == {known: 1}


async def test_needs_a_token_before_it_tells_that(fake: FakeZoho, caller: Any) -> None:
    """A call without a token learns nothing, as with any other path."""
    reply = await caller.send("GET", f"{fake.url}/crm/v7/settings/roles")

    assert (reply.status, reply.json["code"]) == (401, "AUTHENTICATION_FAILURE")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("crm/v6/org", 200),
        ("crm/v7/org", 200),
        ("crm/v8/org", 200),
        ("crm/v2/org", 501),
        ("crm/v2.1/org", 501),
        ("crm/v8/nothing", 404),
        ("crm/bulk/v7/read/12", 501),
        ("crm/bulk/v6/write/12", 501),
        ("crm/bulk/v7/org", 404),
        ("v2/crm/1/auditlog/2/AuditLog.zip", 501),
    ],
)
async def test_speaks_several_versions_and_bases(
    fake: FakeZoho, caller: Any, token: str, path: str, status: int
) -> None:
    """What v6 to v8 share is the same in each; other versions are known, not spoken."""
    fake.operations = {"GET /org": fake.operations["GET /org"]}
    headers = {"Authorization": f"Zoho-oauthtoken {token}"}
    reply = await caller.send("GET", f"{fake.url}/{path}", headers=headers)

    assert reply.status == status
    assert fake.stats.api_requests == 1


async def test_rejects_parameters_that_zoho_does_not_document(
    fake: FakeZoho, caller: Any, token: str
) -> None:
    """A misspelt parameter is told, with those that there are; v8 may have others."""
    reply = await caller.call(fake, "GET", "__apis?filter=x", token=token)
    newer = await caller.send(
        "GET",
        f"{fake.url}/crm/v8/org?include=x",
        headers={"Authorization": f"Zoho-oauthtoken {token}"},
    )
    fake.strict = False
    loose = await caller.call(fake, "GET", "__apis?filter=x", token=token)

    assert (reply.status, reply.json["code"]) == (400, "UNKNOWN_PARAMETER")
    assert reply.json["details"] == {"param_name": "filter"}
    assert "no parameter 'filter' of GET /__apis, but filters." in reply.json["message"]
    assert (newer.status, loose.status) == (200, 200)


DONE = {"code": "SUCCESS", "message": "done", "status": "success"}
NONE = {"per_page": 200, "count": 0, "page": 1, "more_records": False}
NEW = [{"id": f"415099900000000000{number}"} for number in range(1, 4)]


@pytest.mark.parametrize(
    ("line", "body", "status", "answer"),
    [
        ("GET settings/wizards", None, 200, {"wizards": [], "info": NONE}),
        ("GET settings/roles/12", None, 200, {"roles": [{"id": "12"}]}),
        ("GET settings/signals", None, 200, {"signals": [], "info": NONE}),
        ("GET org/photo", None, 200, {}),
        ("GET settings/fiscal_year", None, 200, {"fiscal_year": {}}),
        ("GET Leads/actions/count", None, 200, {"count": 0}),
        (
            "GET Leads/actions/mass_delete?job_id=7",
            None,
            200,
            {"data": [{"id": "7", "job_id": "7", "status": "COMPLETED", "Status": "COMPLETED"}]},
        ),
        (
            "DELETE settings/automation/scoring_rules?ids=1,2",
            None,
            200,
            {"scoring_rules": [{**DONE, "details": {"id": own}} for own in "12"]},
        ),
        (
            "PUT settings/automation/scoring_rules/8/actions/activate",
            None,
            200,
            {"scoring_rules": [{**DONE, "details": {"id": "8"}}]},
        ),
        (
            "PUT settings/roles",
            {"roles": [{"id": 5}, {"name": "x"}]},
            200,
            {"roles": [{**DONE, "details": {"id": "5"}}, {**DONE, "details": NEW[0]}]},
        ),
        ("POST Leads/12/Notes", {"data": [{}]}, 200, {"data": [{**DONE, "details": NEW[0]}]}),
        (
            "POST Leads/actions/mass_convert",
            {"ids": ["1"]},
            200,
            {**DONE, "details": {**NEW[1], "job_id": NEW[0]["id"]}},
        ),
        ("DELETE Leads/12/actions/share", None, 200, {"share": {**DONE, "details": {"id": "12"}}}),
    ],
)
async def test_a_loose_fake_answers_what_it_cannot_do_with_a_plain_success(
    fake: FakeZoho, ask: Any, line: str, body: Any, status: int, answer: Any
) -> None:
    """The answer has the form of its row in the table, and the call is counted all the same."""
    fake.operations = {"GET /org": fake.operations["GET /org"]}
    before = await ask(line, body)
    fake.loose = True
    after = await ask(line, body)

    assert before[0] == 501
    assert after == (status, answer)
    assert fake.stats.unsupported.total() == 2
    assert not fake.stats.done


async def test_a_loose_fake_still_rejects_what_no_fake_accepts(fake: FakeZoho, ask: Any) -> None:
    """Wrong URLs, missing and unknown parameters, and the rights of the token count."""
    fake.operations, fake.loose = {}, True
    url = await ask("GET settings/scopes")
    parameter = await ask("GET settings/roles", page=1)
    missing = await ask("GET settings/pipeline")
    fake.permission_denied = True
    right = await ask("GET settings/roles")

    assert [url[1]["code"], parameter[1]["code"]] == ["INVALID_URL_PATTERN", "UNKNOWN_PARAMETER"]
    assert [missing[1]["code"], right[1]["code"]] == ["REQUIRED_PARAM_MISSING", "NO_PERMISSION"]


async def test_faults_befall_what_a_loose_fake_answers(fake: FakeZoho, ask: Any) -> None:
    """A program's behaviour under faults can be tested there, too."""
    fake.operations, fake.loose = {}, True
    fake.faults.script(Fault.UNAVAILABLE)

    assert [(await ask("GET settings/roles"))[0] for _ in range(2)] == [503, 200]
