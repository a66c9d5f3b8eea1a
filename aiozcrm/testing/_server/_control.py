"""Control of a fake Zoho over HTTP, for programs in any language and in any container."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
from aiohttp import web

from aiozcrm.testing._server._replies import respond
from aiozcrm.testing._server._requests import read_body
from aiozcrm.testing._wire._answer import Answer, RejectedError
from aiozcrm.testing._wire._json import read_json
from aiozcrm.testing.faults import Fault, FaultPlan
from aiozcrm.testing.stats import Tally

if TYPE_CHECKING:
    from aiozcrm.testing.fake_org import FakeOrg
    from aiozcrm.testing.fake_zoho import FakeZoho

__all__ = ["CONTROL", "Control"]

CONTROL: Final = "/__fake__/"

_OF_SERVER: Final = ("latency", "cookies", "strict", "loose")
_OF_ORG: Final = ("credits", "max_concurrency", "max_heavy", "permission_denied")
_OF_PLAN: Final = ("retry_after", "hang", "slow", "late")


class Control:
    """Carries out requests for control.

    Args:
        fake: What is controlled.
    """

    def __init__(self, fake: FakeZoho) -> None:
        self._fake = fake
        self._actions: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "GET ": self._show_help,
            "GET orgs": self._show_orgs,
            "POST orgs": self._add_org,
            "POST reset": self._reset,
            "POST seed": self._seed,
            "GET faults": self._show_faults,
            "POST faults": self._plan_faults,
            "DELETE faults": self._clear_faults,
            "POST expire": self._expire,
            "GET requests": self._show_requests,
            "GET stats": self._show_stats,
            "GET settings": self._show_settings,
            "PATCH settings": self._set,
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Reply to *request*."""
        line = f"{request.method} {request.path.removeprefix(CONTROL)}"
        action = self._actions.get(line)
        if action is None:
            return respond(_mistake(404, f"There is no {line}; {CONTROL} says what there is."))
        try:
            body = await read_body(request)
            given = read_json(body) if body else {}
            if not isinstance(given, dict):
                return respond(_mistake(400, "The body has to be a JSON object."))
            return respond(Answer(200, action(given)))
        except RejectedError as rejected:
            return respond(rejected.answer)
        except (LookupError, TypeError, ValueError) as error:
            return respond(_mistake(400, f"{type(error).__name__}: {error}"))

    def _show_help(self, _given: Mapping[str, Any]) -> Any:
        return {
            "actions": [line.replace(" ", f" {CONTROL}", 1) for line in self._actions],
            "settings": [*_OF_SERVER, *_OF_ORG],
            "faults": [*Fault],
            "families": [*self._fake.families],
        }

    def _show_orgs(self, _given: Mapping[str, Any]) -> Any:
        return {"orgs": [_shown(org) for org in self._fake.orgs]}

    def _add_org(self, given: Mapping[str, Any]) -> Any:
        return _shown(self._fake.add_org(**given))

    def _reset(self, _given: Mapping[str, Any]) -> Any:
        self._fake.reset()
        return self._show_orgs({})

    def _seed(self, given: Mapping[str, Any]) -> Any:
        org = self._org(given)
        return {
            name: org.families[name].seed(items) for name, items in given.items() if name != "org"
        }

    def _show_faults(self, _given: Mapping[str, Any]) -> Any:
        return {
            name: {"injected": plan.injected, "unused": plan.unused}
            for name, plan in self._plans().items()
        }

    def _plan_faults(self, given: Mapping[str, Any]) -> Any:
        plan = self._plans()[given.get("of", "api")]
        for name in _OF_PLAN:
            if name in given:
                setattr(plan, name, given[name])
        script = [None if name is None else Fault(name) for name in given.get("script", ())]
        plan.script(*script)
        if "mix" in given:
            rates = {Fault(name): rate for name, rate in given["mix"].items()}
            plan.mix(rates, seed=given.get("seed", 0))
        return self._show_faults({})

    def _clear_faults(self, _given: Mapping[str, Any]) -> Any:
        for plan in self._plans().values():
            plan.clear()
        return self._show_faults({})

    def _expire(self, given: Mapping[str, Any]) -> Any:
        org = self._org(given)
        org.expire_tokens()
        if given.get("refresh_token"):
            org.revoke_refresh_token()
        return {}

    def _show_requests(self, _given: Mapping[str, Any]) -> Any:
        requests = self._fake.stats.requests
        return {"requests": [{"method": method, "path": path} for method, path in requests]}

    def _show_stats(self, _given: Mapping[str, Any]) -> Any:
        shown = {
            name: _countable(value)
            for name, value in attrs.asdict(self._fake.stats, recurse=False).items()
            if name not in {"requests", "last_headers", "faulty", "callbacks"}
        }
        faulty = [attrs.asdict(call) for call in self._fake.stats.faulty]
        shown["callbacks"] = [attrs.asdict(sent) for sent in self._fake.stats.callbacks]
        return {**shown, "last_headers": dict(self._fake.stats.last_headers), "faulty": faulty}

    def _show_settings(self, given: Mapping[str, Any]) -> Any:
        org = self._org(given)
        return {
            **{name: getattr(self._fake, name) for name in _OF_SERVER},
            **{name: getattr(org, name) for name in _OF_ORG},
        }

    def _set(self, given: Mapping[str, Any]) -> Any:
        org = self._org(given)
        if unknown := given.keys() - {"org", *_OF_SERVER, *_OF_ORG}:
            raise LookupError(f"there is no setting {min(unknown)}")
        for name, value in given.items():
            if name != "org":
                setattr(self._fake if name in _OF_SERVER else org, name, value)
        return self._show_settings(given)

    def _org(self, given: Mapping[str, Any]) -> FakeOrg:
        wanted = given.get("org", self._fake.id)
        for org in self._fake.orgs:
            if org.id == wanted:
                return org
        raise LookupError(f"there is no org {wanted}")

    def _plans(self) -> Mapping[str, FaultPlan]:
        return {"api": self._fake.faults, "token": self._fake.token_faults}


def _shown(org: FakeOrg) -> Mapping[str, Any]:
    return {
        "id": org.id,
        "name": org.name,
        "environment": org.environment,
        "environ": org.environ(),
    }


def _countable(value: Any) -> Any:
    if isinstance(value, Tally):
        return [
            {"verb": verb, "family": family, "id": thing_id, "count": count}
            for (verb, family, thing_id), count in value.items()
        ]
    return dict(value) if isinstance(value, Counter) else value


def _mistake(status: int, message: str) -> Answer:
    return Answer(status, {"error": message})
