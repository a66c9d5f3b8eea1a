"""What the API tells about itself, through real HTTP against a local Zoho."""


async def test_each_call_has_its_scope_and_price(crm):
    """The scope of any call can be asked of the API itself."""
    endpoints = {endpoint["path"]: endpoint for endpoint in await crm.apis.list()}

    path = next(path for path in endpoints if path.endswith("unsubscribe_links/{{id}}"))
    (delete,) = [o for o in endpoints[path]["operation_types"] if o["method"] == "DELETE"]
    assert "ZohoCRM.settings.unsubscribe.DELETE" in delete["oauth_scope"]
    assert (1, 1) == (delete["min_credits"], delete["max_credits"])


async def test_filters_are_sent_as_they_are(zoho, script):
    """Without one there is no query."""
    script.add(script.response(204), script.response(204))

    await zoho.apis.list(filters='{"comparator":"equal"}')
    await zoho.apis.list()

    sent = ["filters=%7B%22comparator%22%3A%22equal%22%7D", ""]
    assert sent == [request.query for request in script.requests]


async def test_nothing_to_tell_is_an_empty_list(zoho, script):
    """204 says that there is nothing."""
    script.add(script.response(204))
    assert [] == list(await zoho.apis.list())
