"""Functions: code of the org's own that runs at Zoho."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from email.message import Message
from typing import Any, ClassVar, Final

from aiozcrm._protocol import (
    ApiCall,
    PlainForm,
    Reply,
    error_of,
    json_text,
    results_of,
)
from aiozcrm.errors import InvalidResponseError
from aiozcrm.resources._resource import Resource
from aiozcrm.resources._results import is_result

__all__ = ["Functions"]

_NOTHING: Final[Mapping[str, Any]] = {}


class Functions(Resource):
    """The functions that the org has written in Deluge and published as an API.

    Zoho's reference of the API does not show this call; its own clients have it, and many
    programs use it. It is authorized as all other calls, never by an API key, which would stand
    in the address.
    Calls need the scope ``ZohoCRM.functions.execute.CREATE``.
    """

    path = "functions"
    key = "details"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.functions.execute.CREATE",)

    async def execute(
        self, name: str, /, arguments: Mapping[str, Any] = _NOTHING, *, json: bool = False
    ) -> Any:
        """Run a function and return what it returns.

        It is sent once: after a lost answer, nobody knows whether it has run.

        Args:
            name: Its API name.
            arguments: Its arguments by name. They may hold what JSON does, dates, datetimes with
                an offset, and Decimals.
            json: Whether to decode the output. Functions often return JSON as text.

        Returns:
            The output, as text; decoded with *json*. A function that writes its answer by itself
            (``crmAPIResponse``) may have any type: then it is the whole body, as text.

        Raises:
            aiozcrm.errors.ApiError: If Zoho rejects the call, the function fails, or it answers
                with an HTTP status that stands for an error; ``data`` holds what came as JSON.
            aiozcrm.errors.InvalidInputError: If the name cannot be; nothing is sent.
            aiozcrm.errors.InvalidResponseError: If the output was to be decoded and is no JSON,
                or is longer than the client reads. The function has run.
            aiozcrm.errors.ZohoError: If the call failed; the class says why.
            TypeError: If the arguments are no mapping, or hold what JSON does not know; nothing
                is sent.
        """
        if not isinstance(arguments, Mapping):
            raise TypeError(f"arguments are a mapping, not {type(arguments).__name__}")

        output: Any = None

        def check(reply: Reply) -> None:
            nonlocal output
            output = _output_in(_text_of(reply), call, reply)

        call = self._api_call(
            "POST",
            name,
            "actions",
            "execute",
            query={"auth_type": "oauth"},
            # In the body, since addresses are written into logs.
            body=PlainForm({"arguments": json_text(arguments)}),
        ).replace(raw=True, check=check)
        reply = await self._api.transport.call(call)
        if not json or not isinstance(output, str):
            return output
        try:
            return json_module.loads(output) if output else None
        except (ValueError, RecursionError):
            excerpt = output[:200]
        # Outside, because what is raised there quotes the whole output.
        raise InvalidResponseError(
            "The function has run, but its output is no JSON.",
            status=reply.status,
            excerpt=excerpt,
            hint="Call it without json=True.",
        )


def _text_of(reply: Reply) -> str:
    """Return what a function has answered, as text, whatever it is."""
    kind = Message()
    kind["Content-Type"] = reply.headers.get("Content-Type", "")
    body: bytes = reply.data
    try:
        return body.decode(kind.get_content_charset("utf-8"), "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _output_in(text: str, call: ApiCall, reply: Reply) -> Any:
    """Return the output that an answer holds; all of it where the function has written it.

    Raises:
        aiozcrm.errors.ApiError: If it is an error of Zoho's.
    """
    try:
        data = json_module.loads(text)
    except (ValueError, RecursionError):
        return text
    if is_result(data, "error"):
        raise error_of(results_of(data)[0], call, reply, results=results_of(data))
    details = data.get("details") if isinstance(data, dict) else None
    # In lower case, and without a status.
    if isinstance(details, dict) and "output" in details and "code" in data:
        return details["output"]
    return text
