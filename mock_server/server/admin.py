"""The admin API under `/__admin`, in WireMock's shapes: journal, scenarios, sessions, settings, events."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from mock_server import __version__
from mock_server.errors import Problem
from mock_server.faults import get_scenario, show_played, split_played
from mock_server.server.admin_input import (
    has_content,
    read_content,
    read_flag,
    read_number,
    read_session_name,
    read_since,
)
from mock_server.server.api_docs import current_mistake
from mock_server.sessions import (
    Analysis,
    SessionApis,
    as_wiremock,
    compile_pattern,
    describe_near_miss,
    find_verdicts,
    read_played,
)
from mock_server.state import DEFAULT, Entry, Session, SessionJournal, check_name

MAX_LISTED = 10_000
DEFAULT_LISTED = 100
COMMENT_SECONDS = 15.0
RETRY = b"retry: 300\n\n"
"""After so many milliseconds a browser opens a stream again that has ended: where something else plays."""

STATES = ("Started", "Playing")
"""A scenario's states: the first one is off."""

Plain = dict[str, Any]


class Admin:
    """What the admin API answers, as plain values; raises Problem."""

    def __init__(self, apis: SessionApis) -> None:
        self.apis = apis
        self.sessions = apis.services.sessions
        self.journal = SessionJournal(apis.services.journal, apis.services.sessions)

    # the journal

    def get_entry(self, identifier: str) -> Entry:
        """One entry; raises Problem."""
        journal = self.apis.services.journal
        entry = journal.find(identifier) if journal else None
        if entry is None:
            raise Problem(404, "Not Found", f"The journal holds no request {identifier!r}.")
        return entry

    def list_requests(self) -> Plain:
        """`GET requests`."""
        name, since_ns = read_session_name(), read_since()
        limit = read_number("limit", DEFAULT_LISTED, MAX_LISTED)
        whole, session = read_flag("bodies"), self.find_session()
        entries = itertools.islice(self.journal.newest_first(name, since_ns), limit)
        requests = [as_wiremock(self.apis.analyze(entry), whole) for entry in entries]
        total, settings = self.journal.count(name, since_ns), self.apis.describe(session)
        meta = {"total": total, **self.journal.totals(name), "settings": settings}
        return {"requests": requests, "meta": meta, **self._disabled()}

    def get_request(self, identifier: str) -> Plain:
        """`GET requests/{id}`."""
        return as_wiremock(self.apis.analyze(self.get_entry(identifier)), whole=True)

    def delete_requests(self) -> Plain:
        """`DELETE requests`: forget the journal of a session, or of all."""
        for session in self._chosen():
            self.sessions.save(session._replace(since_ns=time.time_ns()), f"The journal of {session.name} was emptied.")
        return {}

    def count_requests(self) -> Plain:
        """`POST requests/count`."""
        count = sum(1 for _ in self._matching(read_content()))
        return {"count": count, "meta": self.journal.totals(), **self._disabled()}

    def find_requests(self) -> Plain:
        """`POST requests/find`."""
        entries = itertools.islice(self._matching(read_content()), MAX_LISTED)
        requests = [_as_logged(self.apis.analyze(entry)) for entry in entries]
        return {"requests": requests, "meta": {"total": len(requests), **self.journal.totals()}, **self._disabled()}

    def unmatched(self) -> Plain:
        """`GET requests/unmatched`."""
        return {"requests": [_as_logged(each) for each in self._unmatched()], **self._disabled()}

    def misses(self) -> Plain:
        """`GET requests/unmatched/near-misses`."""
        return {
            "nearMisses": [
                {
                    "request": as_wiremock(analysis)["request"],
                    "stubMapping": {"request": {"method": near.method, "urlPath": near.path}},
                    "matchResult": {"distance": near.distance},
                    "says": f"no {analysis.entry.path}: {describe_near_miss(near)}",
                }
                for analysis in self._unmatched()
                for near in analysis.near_misses
            ],
        }

    def _unmatched(self) -> Iterator[Analysis]:
        """What nothing documents, the newest first."""
        analyses = (self.apis.analyze(entry) for entry in self.journal.newest_first(read_session_name()))
        return itertools.islice((each for each in analyses if each.is_unmatched), DEFAULT_LISTED)

    def verdicts(self) -> Plain:
        """`GET verdicts`."""
        verdicts = []
        for session in self._chosen():
            analyses = [self.apis.analyze(entry) for entry in self.journal.newest(session.name, MAX_LISTED)]
            verdicts += [{"session": session.name, **each._asdict()} for each in find_verdicts(analyses)]
        meta = {"total": len(verdicts), **self.journal.totals(read_session_name())}
        return {"verdicts": verdicts, "meta": meta}

    def _matching(self, pattern: Any) -> Iterator[Entry]:
        matches = compile_pattern(pattern)
        return (entry for entry in self.journal.newest_first(pattern.get("session", "")) if matches(entry))

    def _disabled(self) -> Plain:
        return {"requestJournalDisabled": self.apis.services.journal is None}

    # scenarios, sessions, settings

    def list_scenarios(self) -> Plain:
        """`GET scenarios`."""
        session = self.find_session()
        playing = {split_played(each)[0] for each in session.scenarios}
        of_mappings = self.apis.own.find_scenarios(session.scope)
        return {
            "scenarios": [
                *(_show_scenario(name, *states) for name, states in of_mappings.items()),
                *(
                    {
                        "id": each.name,
                        "name": each.name,
                        "state": STATES[each.name in playing],
                        "possibleStates": list(STATES),
                        "group": each.group,
                        "says": each.says,
                        "providers": [name for name, api in self.apis.apis.items() if each.suits(api.contract)],
                    }
                    for each in self.apis.services.scenarios.values()
                ),
            ],
        }

    def put_scenario(self, name: str) -> Plain:
        """`PUT scenarios/{name}/state`; without a body a scenario of mappings begins anew."""
        if self._put_state(name):
            return {}
        scenario, body = get_scenario(self.apis.services.scenarios, name), read_content()
        state = body.get("state") if isinstance(body, dict) else None
        if state not in STATES:
            raise Problem(422, "Not a state", "Expected a JSON object with a state.", list(STATES))
        session, narrows = self.get_session(), "when" in body
        # Narrowed in several ways it plays in all of them; whole, it plays for every request.
        stays = narrows and state == STATES[1]
        kept = [show_played(each) for each in session.scenarios if _stays(each, scenario.name, stays)]
        wanted = {"name": scenario.name, "when": body["when"]} if narrows else scenario.name
        read_played(self.apis.choices, wanted)
        self.apis.change(session, {"scenarios": [*kept, wanted] if state == STATES[1] else kept})
        return {}

    def _put_state(self, name: str) -> bool:
        """Set the state of a scenario of the session's mappings; whether there is one of that name."""
        session, store = self.get_session(), self.apis.services.state.mappings
        _, possible = self.apis.own.find_scenarios(session.scope).get(name, ("", []))
        if not possible or not store:
            return False
        body = read_content() if has_content() else {"state": STATES[0]}
        state = body.get("state") if isinstance(body, dict) else None
        if state not in possible:
            raise Problem(422, "Not a state", f"{name} has no state {state!r}.", possible)
        store.put_state(session.scope, name, state)
        return True

    def reset_scenarios(self) -> Plain:
        """`POST scenarios/reset`: none plays, and what they counted is forgotten."""
        for session in self._chosen():
            self.apis.services.state.counts.forget(f"{session.scope}fault/")
            self.apis.own.forget_states(session.scope)
            self.sessions.save(session._replace(scenarios=()), f"Session {session.name} plays no scenario.")
        return {}

    def get_session(self, name: str = "") -> Session:
        """The session that is named, or asked for, or the default one; made on its first use."""
        return self.sessions.get(check_name(name or read_session_name() or DEFAULT))

    def find_session(self, name: str = "") -> Session:
        """The same where nothing is to be made; raises Problem for a session that nobody has used."""
        wanted = check_name(name or read_session_name() or DEFAULT)
        session = self.sessions.find(wanted)
        if session is None:
            raise Problem(404, "Not Found", f"There is no session {wanted!r}.")
        return session

    def list_sessions(self) -> Plain:
        """`GET sessions`."""
        return {"sessions": [self.apis.describe(session) for session in self.sessions.all()]}

    def show_session(self, name: str = "") -> Plain:
        """`GET sessions/{name}` and `GET settings`."""
        return self.apis.describe(self.find_session(name))

    def put_session(self, name: str = "") -> Plain:
        """`PUT sessions/{name}` and `PUT settings`: what is named is changed, the rest stays."""
        return self.apis.describe(self.apis.change(self.get_session(name), read_content()))

    def delete_session(self, name: str) -> Plain:
        """`DELETE sessions/{name}`; the default one does not end, for every request without a name is its."""
        if name == DEFAULT:
            raise Problem(409, "Conflict", "The default session does not end; reset it.")
        if not self.sessions.delete(check_name(name)):
            raise Problem(404, "Not Found", f"There is no session {name!r}.")
        return {}

    def reset_session(self, name: str) -> Plain:
        """`POST sessions/{name}/reset`."""
        return self.apis.describe(self.sessions.reset(check_name(name)))

    def reset(self) -> Plain:
        """`POST reset`: everything to the start."""
        for session in self._chosen():
            self.sessions.reset(session.name)
        return {}

    def _chosen(self) -> list[Session]:
        return [self.find_session()] if read_session_name() else self.sessions.all()

    # the server

    def health(self) -> Plain:
        """`GET health`."""
        uptime = round(time.time() - self.sessions.started)
        mistake = {"mistake": said} if (said := current_mistake()) else {}
        known = {"message": "Understudy plays", "version": __version__, "uptimeInSeconds": uptime}
        return {"status": "healthy", **known, **mistake}

    def version(self) -> Plain:
        """`GET version`."""
        return {"version": __version__}

    def follow(self) -> Callable[[], bytes]:
        """What is written from now on, as server-sent events."""
        journal = self.apis.services.journal
        more = journal.follow() if journal else list
        newest = max((notice.number for notice in self.sessions.notices()), default=0)
        sent_at, first = time.monotonic(), RETRY

        def events() -> bytes:
            nonlocal newest, sent_at, first
            data, first = first, b""
            data += b"".join(_event("request", as_wiremock(self.apis.analyze(entry))) for entry in more())
            for notice in self.sessions.notices(newest):
                newest = notice.number
                data += _event("notice", {"time": notice.time, "text": notice.text})
            if not data and time.monotonic() - sent_at > COMMENT_SECONDS:
                data = b": still here\n\n"
            sent_at = time.monotonic() if data else sent_at
            return data

        return events


def _stays(played: str, name: str, stays: bool) -> bool:
    """Whether a scenario goes on when that name is switched; one that is narrowed otherwise may."""
    own, when = split_played(played)
    return own != name or (stays and bool(when))


def _as_logged(analysis: Analysis) -> Plain:
    """An entry as WireMock lists the requests that a pattern finds: what was sent stands beside the rest, too."""
    entry = as_wiremock(analysis)
    return {**entry["request"], **entry}


def _show_scenario(name: str, state: str, possible: list[str]) -> Plain:
    """A scenario that mappings name."""
    says = "A scenario of mappings: its states say which of them answers."
    states = {"state": state, "possibleStates": possible}
    return {"id": name, "name": name, **states, "group": "mappings", "says": says, "providers": []}


def _event(name: str, value: Plain) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(value))
