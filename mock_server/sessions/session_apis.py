"""The mock APIs as each session sees them: scenarios, settings and the journal around every request."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.contract import Contract
from mock_server.engine import (
    CompiledOperation,
    Match,
    MockApi,
    PlayContext,
    Preferences,
    find_page_number,
    read_preferences,
    render_problem,
    split_query,
)
from mock_server.errors import ContractError, ContractErrors, Problem, UsageError
from mock_server.faults import (
    NO_OVERRIDES,
    Asked,
    Effects,
    Scenario,
    Situation,
    choose_played,
    find_effects,
    find_played,
)
from mock_server.mappings import StubMapping, World
from mock_server.messages import ANYBODY, NEVER_WRITTEN, RecordSource, Request, Response, Tester
from mock_server.sessions.analysis import Analysis, analyze
from mock_server.sessions.dispatch import Dispatcher
from mock_server.sessions.explanation import HEADER, Explanation, Played, add_explanation, split_session
from mock_server.sessions.other_writers import find_shown, write_meanwhile
from mock_server.sessions.own_responses import Mapped, OwnResponses, find_stub
from mock_server.sessions.providers import Understanding
from mock_server.sessions.settings import Choices, describe_session, find_readings, read_changes
from mock_server.sessions.variants import Variant, Variants
from mock_server.state import DEFAULT, Entry, Journal, Session, Sessions, SharedState, open_counts
from mock_server.store import StorageError


class SessionServices(NamedTuple):
    """What sessions are played with: scenarios by name, sessions, their variants, what they change, the journal.

    `mappings` are those of files, with which every session begins.
    """

    scenarios: Mapping[str, Scenario]
    sessions: Sessions
    variants: Variants
    state: SharedState
    journal: Journal | None
    mappings: Sequence[StubMapping] = ()


class SessionApis:
    """The mock APIs of one server with everything that testers change while it serves."""

    def __init__(
        self,
        apis: Mapping[str, MockApi],
        services: SessionServices,
        trust_proxy: bool = False,
        mounts: Mapping[str, str] | None = None,
        understood: Mapping[str, Understanding] | None = None,
    ) -> None:
        self.understood = understood or {}
        self.dispatcher = Dispatcher(apis, trust_proxy, mounts)
        self.apis, self.services = self.dispatcher.apis, services
        contracts = {name: api.contract for name, api in self.apis.items()}
        self.choices = Choices(services.variants.settings, contracts, services.scenarios)
        self.own = OwnResponses(World(contracts, services.scenarios), services.mappings, services.state)
        self._note = services.journal.note if services.journal else None
        self._write = services.journal.write if services.journal else None
        self._changes = services.sessions.changes
        changes = services.state.changes
        self._written = changes.version if changes else NEVER_WRITTEN
        self._seen, self._is_plain = -1, False

    @property
    def sessions(self) -> SessionApis:
        """These mock APIs: they have sessions."""
        return self

    def find_answer(self, request: Request) -> Response | None:
        """The quick answer of the default session while it is plain, or None: the rest is `answer`'s."""
        if self._seen != self._changes[0]:
            self._look_again()
        headers = request.headers
        if not self._is_plain or HEADER in headers or "prefer" in headers or "__" in request.query:
            return None
        started = time.time_ns()
        api, aimed = self.dispatcher.aim(request)
        match = api.find(aimed.method, aimed.path) if api else None
        if not api or not match:
            return None
        if (is_slow := match.target.is_slow) and is_slow(aimed, match.values):
            return None
        response = api.answer(match, aimed)
        if self._note and not (self._written[0] and self._has_written()):
            self._note(api.contract.provider, request, response, started)
        elif self._write:  # the same request may be answered otherwise later: this body is kept
            self._write(DEFAULT, api.contract.provider, request, response, started)
        return response

    def _has_written(self) -> bool:
        """Whether the default session has changes."""
        changes = self.services.state.changes
        return changes is not None and changes.has_any(ANYBODY.scope)

    def _look_again(self) -> None:
        """Something changed: see whether the default session is still plain."""
        seen, self._is_plain = self._changes[0], False
        try:
            session = self.services.sessions.get()
            self._is_plain = session.is_plain and not self.own.find_mappings(session.scope)
        except Problem:
            return  # the store cannot be read; `answer` meets that again and says so
        self._seen = seen

    def answer(self, request: Request) -> Response | None:
        """The answer in the session that the request names, or None where no provider is asked."""
        started = time.time_ns()
        name, unnamed = split_session(request)
        api, aimed = self.dispatcher.aim(unnamed)
        if api is None and not self.own.is_strays(unnamed.path):
            return None
        if unnamed.path != request.path:
            # Links in the answer lead back into the session.
            aimed = aimed._replace(mount=f"/~{name}{aimed.mount}")
        played: Played = ()
        noted: tuple[str, ...] = ()
        try:
            session = self.services.sessions.get(name or DEFAULT)
            own = self._find_own(session, api, unnamed, aimed)
            if own:
                response, noted = own
            elif api is None:
                return None
            else:
                response, played = self._play(session, api, aimed)
        except Problem as problem:
            response = render_problem(problem, request)
        if self.services.journal:
            provider = api.contract.provider if api else ""
            self.services.journal.write(name or DEFAULT, provider, request, response, started, played, noted)
        return response

    def _find_own(self, session: Session, api: MockApi | None, sent: Request, aimed: Request) -> Mapped | None:
        """The answer of a mapping of the session, before anything of the contract is asked."""
        if not self.own.find_mappings(session.scope):
            return None
        playing = self.get_api(session, api) if api else None
        return self.own.find_answer(session, self._seed_of(session), playing, sent, aimed)

    def locate(self, request: Request) -> tuple[str, MockApi | None, Request]:
        """Whom a request is for: the session that it names, the mock API or None, the request with its path there."""
        name, rest = split_session(request)
        return name or DEFAULT, *self.dispatcher.aim(rest)

    def note_stray(self, request: Request, response: Response, started_ns: int) -> None:
        """Write down a request that no provider was found for."""
        if self.services.journal:
            self.services.journal.write(DEFAULT, "", request, response, started_ns)

    def _play(self, session: Session, api: MockApi, request: Request) -> tuple[Response, Played]:
        """The answer as the session sees it, and the faults that were played."""
        preferences, asked = read_preferences(request)
        scenarios = self._choose_scenarios(session, preferences)
        # The session's own readings may route otherwise than the server's: they are chosen before anything is matched.
        api = self.get_api(session, api)
        match = api.find(asked.method, asked.path)
        effects = Effects()
        if match:
            effects = self._find_effects(session, api.contract, match, asked, scenarios)
            if effects.data_overrides != NO_OVERRIDES:
                # The same operation over other records, or another contract that may have it no more.
                api = self.get_api(session, api, effects)
                match = api.find_same(match)
        if match:
            context = PlayContext(effects, preferences, session.scope, session.clock_seconds)
            context = context._replace(shown=find_shown(self.services.state.lags, match, context))
            write_meanwhile(api, match, asked, context)
            response = api.answer(match, asked, context)
        else:
            response = api.answer_unmatched(request)
        for change in effects.changes:
            response = change(response)
        names = tuple(scenario.name for scenario in scenarios)
        seed, wanted = self._seed_of(session), preferences.of_session
        explanation = Explanation(session.name, seed, wanted, names, effects.played)
        return add_explanation(response, explanation), effects.played

    def _choose_scenarios(self, session: Session, preferences: Preferences) -> list[Scenario]:
        """The scenarios that play: the one that the request asks for, else the session's own."""
        return choose_played(self.services.scenarios, session.scenarios, preferences.of_session.get("scenario"))

    def _find_effects(
        self,
        session: Session,
        contract: Contract,
        match: Match[CompiledOperation],
        request: Request,
        scenarios: Iterable[Scenario],
    ) -> Effects:
        if not scenarios:
            return Effects()
        seed, counts = self._seed_of(session), self.services.state.counts
        tester = Tester(session.scope, session.clock_seconds)
        asked = Asked(
            contract,
            match.target.operation,
            request,
            split_query(request.query),
            lambda: find_page_number(match, request, tester),
            lambda: str(match.values.get(match.target.operation.key, "")),
        )
        return find_effects(scenarios, Situation(asked, seed, session.scope, counts))

    def _seed_of(self, session: Session) -> str:
        return session.seed or self.services.variants.settings.seed

    def get_api(self, session: Session, api: MockApi, effects: Effects = Effects()) -> MockApi:  # noqa: B008
        """The mock API that plays for a session: the server's own, or a variant of it.

        Raises:
            Problem: 409 where the settings do not go together, 503 while records are built, 507 without room for them.
        """
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
        except StorageError as error:
            raise Problem(507, "Insufficient Storage", str(error)) from None
        except (UsageError, ContractError, ContractErrors) as error:
            raise Problem(409, "Cannot be played together", str(error)) from None

    def find_api(self, session: str, provider: str) -> MockApi | None:
        """What plays a provider for a session, without what scenarios change; None where nobody plays it."""
        api, known = self.apis.get(provider), self.services.sessions.peek(session)
        return self.get_api(known, api) if api and known else api

    def analyze(self, entry: Entry) -> Analysis:
        """What the mock made of an entry of the journal."""
        analysis = analyze(entry, self.find_api(entry.session, entry.provider), self.apis)
        session = self.services.sessions.peek(entry.session)
        analysis = analysis._replace(clock_seconds=session.find_clock(entry.time_ns)) if session else analysis
        return analysis._replace(stub=find_stub(self.own, entry, session)) if entry.mapped else analysis

    def find_readings(self, provider: str) -> list[dict[str, Any]]:
        """The contradictions of a provider's documentation."""
        return find_readings(self.choices.server, provider)

    def describe(self, session: Session) -> dict[str, Any]:
        """A session as plain values."""
        return describe_session(self.choices, session)

    def change(self, session: Session, changes: Any) -> Session:
        """The session with its changes (a JSON object of settings) written down.

        Raises:
            Problem: what is wrong with one of them; then nothing is changed.
        """
        changed = read_changes(self.choices, session, changes)
        # Open what it will play, so that records are built now and what cannot be is said now.
        for api in self.apis.values():
            self.get_api(changed, api)
        notice = f"Session {session.name} changed: {', '.join(changes) or 'nothing'}."
        return self.services.sessions.save(changed, notice)

    def find_records(self, session: Session, api: MockApi, collection: str) -> RecordSource:
        """The records of a collection as the session's next list shows them, its changes among them."""
        return self.preview(session, api, collection).sources.by(collection, session.scope)

    def preview(self, session: Session, api: MockApi, collection: str) -> MockApi:
        """The mock API that plays the session's next list of a collection; nothing is counted."""
        scenarios = find_played(self.services.scenarios, session.scenarios)
        operation = next((o for o in api.contract.operations if o.collection == collection), None)
        if operation is None or not scenarios:
            return self.get_api(session, api)
        seed, counts = self._seed_of(session), open_counts()
        asked = Asked(api.contract, operation, Request("GET", operation.path), {}, lambda: 1, str)
        return self.get_api(session, api, find_effects(scenarios, Situation(asked, seed, session.scope, counts)))
