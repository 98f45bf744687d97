"""The mock APIs as each session sees them: scenarios, settings and the journal around every request."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mock_server.contract import Operation
from mock_server.engine import MockApi, View, find_forced, render_problem, split_query
from mock_server.errors import ContractError, ContractErrors, Problem, UsageError
from mock_server.faults import Effects, Scenario, Situation, find_effects, get_scenario
from mock_server.messages import Headers, Request, Response
from mock_server.sessions.analysis import Analysis, analyze
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.settings import Choices, describe_session, find_readings, read_changes
from mock_server.sessions.variants import Variant, Variants
from mock_server.state import DEFAULT, Counts, Entry, Journal, Session, Sessions, open_counts

HEADER = "understudy-session"

OURS = ("scenario", "explain")
"""What a request may ask of its session; the rest it asks of the mock API."""


class SessionServices(NamedTuple):
    """What sessions are played with: the scenarios by name, the sessions, their variants, their counts, the journal."""

    scenarios: Mapping[str, Scenario]
    sessions: Sessions
    variants: Variants
    counts: Counts
    journal: Journal | None


class SessionApis(MockApis):
    """The mock APIs of one server with everything that testers change while it serves."""

    def __init__(self, apis: Mapping[str, MockApi], services: SessionServices, trust_proxy: bool = False) -> None:
        super().__init__(apis, trust_proxy)
        self.services = services
        contracts = {name: api.contract for name, api in self.apis.items()}
        self.choices = Choices(services.variants.settings, contracts, services.scenarios)
        self._note = services.journal.note if services.journal else None
        self._changes = services.sessions.changes
        self._seen, self._is_plain = -1, False

    def find_answer(self, request: Request) -> Response | None:
        """The quick answer of the default session while nothing is bent, or None: the rest is `answer`'s."""
        if self._seen != self._changes[0]:
            self._look_again()
        headers = request.headers
        if not self._is_plain or HEADER in headers or "prefer" in headers or "__" in request.query:
            return None
        started = time.time_ns()
        api, aimed = self._aim(request)
        match = api.find(aimed.method, aimed.path) if api else None
        if not api or not match:
            return None
        response = api.answer(match, aimed)
        if self._note:
            self._note(api.contract.provider, request, response, started)
        return response

    def _look_again(self) -> None:
        """Something changed: see whether the default session is still plain."""
        seen, self._is_plain = self._changes[0], False
        try:
            self._is_plain = self.services.sessions.get().is_plain
        except Problem:
            return  # the store cannot be read; `answer` meets that again and says so
        self._seen = seen

    def answer(self, request: Request) -> Response | None:
        """The answer in the session that the request names, or None where no provider is asked."""
        started = time.time_ns()
        name, told = _split_session(request)
        api, aimed = self._aim(told)
        if api is None:
            return None
        aimed = aimed._replace(mount=f"/~{name}{aimed.mount}") if told.path != request.path else aimed
        effects = Effects()
        try:
            session = self.services.sessions.get(name or DEFAULT)
            response, effects = self._play(session, api, aimed)
        except Problem as problem:
            response = render_problem(problem, request)
        if self.services.journal:
            provider = api.contract.provider
            self.services.journal.write(name or DEFAULT, provider, request, response, started, effects.played)
        return response

    def note_stray(self, request: Request, response: Response, started_ns: int) -> None:
        """Write down a request that no provider was found for."""
        if self.services.journal:
            self.services.journal.write(DEFAULT, "", request, response, started_ns)

    def _play(self, session: Session, api: MockApi, request: Request) -> tuple[Response, Effects]:
        match = api.find(request.method, request.path)
        scenarios, asked, request = self._scenarios(session, request)
        effects = self._effects(session, api, match.target.operation, request, scenarios) if match else Effects()
        api = self.get_api(session, api, effects)
        match = api.find(request.method, request.path) if match else None
        if match is None:
            response = api.answer_unmatched(request)
        else:
            response = api.answer(match, request, View(effects, session.scope, session.clock_seconds))
        for after in effects.after:
            response = after(response)
        return self._told(response, session, effects, scenarios, asked), effects

    def _scenarios(self, session: Session, request: Request) -> tuple[list[Scenario], dict[str, str], Request]:
        """The scenarios that play: the session's own, or the one that this request asks for; what it asks for here."""
        own = [get_scenario(self.services.scenarios, name) for name in session.scenarios]
        forced = find_forced(request)
        asked = {name: value for name, value in forced.wanted.items() if name in OURS} if forced else {}
        if not forced or not asked:
            return own, {}, request
        rest = {name: value for name, value in forced.wanted.items() if name not in OURS}
        headers = {name: value for name, value in request.headers.items() if name != "prefer"}
        if rest:
            headers["prefer"] = ", ".join(f"{name}={value}" for name, value in rest.items())
        chosen = [get_scenario(self.services.scenarios, asked["scenario"])] if "scenario" in asked else own
        return chosen, asked, forced.request._replace(headers=headers)

    def _effects(
        self,
        session: Session,
        api: MockApi,
        operation: Operation,
        request: Request,
        scenarios: Iterable[Scenario],
    ) -> Effects:
        if not scenarios:
            return Effects()
        seed = session.seed or self.services.variants.settings.seed
        query = split_query(request.query)
        situation = Situation(api.contract.provider, operation, query, seed, session.scope, self.services.counts)
        return find_effects(scenarios, situation)

    def get_api(self, session: Session, api: MockApi, effects: Effects = Effects()) -> MockApi:  # noqa: B008
        """The mock API that plays for a session: the server's own, or a variant of it."""
        settings = self.services.variants.settings
        provider = api.contract.provider
        chosen = {key: value for name, key, value in session.readings if name == provider}
        readings = tuple(sorted({**api.contract.readings, **chosen}.items()))
        limits = session.limits or settings.limits
        own = Variant(
            provider,
            settings.seed,
            settings.records,
            tuple(sorted(api.contract.readings.items())),
            settings.limits,
        )
        records = session.records if session.records is not None else settings.records
        variant = Variant(provider, session.seed or settings.seed, records, readings, limits, effects.data_overrides)
        try:
            return api if variant == own else self.services.variants.get(variant)
        except (UsageError, ContractError, ContractErrors) as error:
            raise Problem(409, "Cannot be played together", str(error)) from None

    def find_api(self, session: str, provider: str) -> MockApi | None:
        """The mock API that plays a provider for a session while no scenario effects it; nobody's provider is None."""
        api, found = self.apis.get(provider), self.services.sessions.peek(session)
        return self.get_api(found, api) if api and found else api

    def analyze(self, entry: Entry) -> Analysis:
        """What the mock made of an entry of the journal."""
        return analyze(entry, self.find_api(entry.session, entry.provider), self.apis)

    def find_readings(self, provider: str) -> list[dict[str, Any]]:
        """The contradictions of a provider's documentation."""
        return find_readings(self.choices.server, provider)

    def describe(self, session: Session) -> dict[str, Any]:
        """A session as plain values."""
        return describe_session(self.choices, session)

    def change(self, session: Session, changes: Any) -> Session:
        """The session with its changes written down; raises Problem, and then nothing is changed."""
        changed = read_changes(self.choices, session, changes)
        # Open what it will play, so that records are built now and what cannot be is said now.
        for api in self.apis.values():
            self.get_api(changed, api)
        notice = f"Session {session.name} changed: {', '.join(changes) or 'nothing'}."
        return self.services.sessions.save(changed, notice)

    def preview(self, session: Session, api: MockApi, collection: str) -> MockApi:
        """The mock API that plays the session's next list of a collection; nothing is counted."""
        scenarios = [self.services.scenarios[name] for name in session.scenarios if name in self.services.scenarios]
        operation = next((o for o in api.contract.operations if o.collection == collection), None)
        if operation is None or not scenarios:
            return self.get_api(session, api)
        seed = session.seed or self.services.variants.settings.seed
        situation = Situation(api.contract.provider, operation, {}, seed, session.scope, open_counts())
        return self.get_api(session, api, find_effects(scenarios, situation))

    def _told(
        self,
        response: Response,
        session: Session,
        effects: Effects,
        scenarios: list[Scenario],
        asked: Mapping[str, str],
    ) -> Response:
        """The answer with what it says of itself: what was applied, session, seed, scenario and step."""
        if response.delivery and response.delivery.fault:
            return response
        applied = ", ".join(f"{name}={_safe(value)}" for name, value in asked.items())
        told: Headers = (("preference-applied", applied),) if applied else ()
        if session.name != DEFAULT or "explain" in asked:
            seed = session.seed or self.services.variants.settings.seed
            told += ((HEADER, session.name), ("understudy-seed", _safe(seed)))
        steps = dict(effects.played)
        told += tuple(("understudy-scenario", _step(scenario.name, steps)) for scenario in scenarios)
        return response._replace(headers=response.headers + told) if told else response


def _step(name: str, steps: Mapping[str, int]) -> str:
    return f"{name}; step={steps[name]}" if name in steps else name


def _safe(text: str) -> str:
    return text if text.isascii() and text.isprintable() else ascii(text)[1:-1]


def _split_session(request: Request) -> tuple[str, Request]:
    """The session's name, and the request without it: `/~name/acme/v1` or the header `Understudy-Session`."""
    if not request.path.startswith("/~"):
        return request.headers.get(HEADER, ""), request
    name, slash, rest = request.path[2:].partition("/")
    return name, request._replace(path=slash + rest)
