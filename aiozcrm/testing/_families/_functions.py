"""Functions: code of the org's own, which tests write in Python."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import attrs

from aiozcrm.testing._families._context import OrgContext
from aiozcrm.testing._wire._answer import Answer, rejected
from aiozcrm.testing._wire._call import Call, Family, Operation
from aiozcrm.testing._wire._json import read_json

__all__ = ["FunctionAnswer", "Functions"]

_LINE = "POST /functions/{function}/actions/execute"


@attrs.frozen(kw_only=True)
class FunctionAnswer:
    """What a function answers that writes its answer by itself (``crmAPIResponse``).

    Attributes:
        status: The HTTP status.
        body: The body.
        content_type: Its media type.
    """

    status: int = 200
    body: str | bytes = ""
    content_type: str = "text/plain;charset=utf-8"


class Functions(Family):
    """The functions of an org; at first there are none.

    Args:
        context: The org.
    """

    def __init__(self, context: OrgContext) -> None:
        self._context = context
        self._functions: dict[str, Callable[[dict[str, Any]], Any]] = {}

    def register(self, name: str, run: Callable[[dict[str, Any]], Any]) -> None:
        """Let calls run a function.

        Args:
            name: Its API name.
            run: Takes the arguments by name. It returns the output, a :class:`FunctionAnswer`, or
                anything else, which becomes JSON. What it raises is Zoho's trouble, a 500.
        """
        self._functions[name] = run

    def operations(self) -> tuple[Operation, ...]:
        """Return the one call."""
        return (Operation(line=_LINE, run=self._execute, verb="execute", family="functions"),)

    def _execute(self, call: Call) -> Answer:
        name = call.params["function"]
        if call.query["auth_type"] != "oauth":
            raise rejected(400, "INVALID_DATA", "invalid data", param_name="auth_type")
        if name not in self._functions:
            message = "the function name given seems to be invalid"
            raise rejected(400, "INVALID_DATA", message, resource_path_index=1)
        output = self._functions[name](_arguments_of(call))
        self._context.stats.note_done("execute", "functions", name)
        if isinstance(output, FunctionAnswer):
            body = output.body.encode() if isinstance(output.body, str) else output.body
            return Answer(output.status, body, {"Content-Type": output.content_type})
        text = output if isinstance(output, str) else json.dumps(output)
        details = {
            "output": text,
            "output_type": "string",
            "userMessage": [],
            "id": self._context.id(226001 + list(self._functions).index(name)),
        }
        # In lower case, and without a status.
        said = {"code": "success", "details": details, "message": "function executed successfully"}
        return Answer(200, said)


def _arguments_of(call: Call) -> dict[str, Any]:
    """Return the arguments of a call, wherever they stand.

    Raises:
        RejectedError: If they are no object.
    """
    form: Mapping[str, Any] = {part.name: part.text for part in call.parts}
    text = call.query.get("arguments") or form.get("arguments")
    if text is None:
        given = parse_qs(call.body.decode(errors="replace")).get("arguments", [None])[0]
        text = given or call.body.decode(errors="replace") or "{}"
    arguments = read_json(text)
    if not isinstance(arguments, dict):
        raise rejected(400, "INVALID_DATA", "invalid data", param_name="arguments")
    return arguments
