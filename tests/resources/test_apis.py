"""What the API tells about itself, through real HTTP against a local Zoho."""

from aiozcrm.resources import Endpoint, Operation


async def test_each_call_has_its_scope_and_price(crm):
    """The scope of any call can be asked of the API itself."""
    endpoints = {endpoint.path: endpoint for endpoint in await crm.apis.list()}

    path = next(path for path in endpoints if path.endswith("unsubscribe_links/{{id}}"))
    (delete,) = [o for o in endpoints[path].operations if o.method == "DELETE"]
    assert "ZohoCRM.settings.unsubscribe.DELETE" in delete.oauth_scope
    assert (1, 1) == (delete.min_credits, delete.max_credits)


def test_an_endpoint_survives_nulls():
    """What is not told is None."""
    operation = Operation(method="GET", oauth_scope=None, min_credits=None, max_credits=None)

    assert Endpoint(path="/x", operations=(operation,)) == Endpoint.from_api(
        {"path": "/x", "operation_types": [{"method": "GET"}]},
    )
    assert () == Endpoint.from_api({"path": "/x", "operation_types": None}).operations


async def test_nothing_to_tell_is_an_empty_list(zoho, script):
    """204 says that there is nothing."""
    script.add(script.response(204))
    assert [] == list(await zoho.apis.list())
