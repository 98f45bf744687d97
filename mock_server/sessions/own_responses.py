"""Responses of a tester's own: which mapping answers a request in a session, and where its answer departs."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.contract import Contract
from mock_server.engine import MockApi
from mock_server.mappings import STARTED, STUB_HEADER, Asked, ContractCheck, StubMapping, World, in_order, read_mapping
from mock_server.messages import Request, Response
from mock_server.sessions.mounts import OWN
from mock_server.state import Entry, MappingRow, Session, SharedState

MAX_KEPT = 64
"""Of so many sessions one process keeps the mappings ready to be played."""


class Mapped(NamedTuple):
    """The answer of a mapping, and what the journal notes: the mapping's id, then each departure."""

    response: Response
    noted: tuple[str, ...]


class _Kept(NamedTuple):
    """The mappings of a session: as they rest, each read by its text, and in the order they are asked."""

    rows: tuple[MappingRow, ...]
    read: Mapping[str, StubMapping]
    mappings: tuple[StubMapping, ...]


class OwnResponses:
    """The mappings of files, with which every session begins, and those that testers made, as each session has them.

    `world` is what they may name; `state` is where those of sessions and the states of scenarios rest.
    """

    def __init__(self, world: World, files: Sequence[StubMapping], state: SharedState) -> None:
        self.world, self._state, self._store = world, state, state.mappings
        # Of files each is older than any that a tester makes.
        self._files = {each.id: (number - len(files), each) for number, each in enumerate(files)}
        self._all_of_files = in_order(self._files.values())
        self._kept: dict[str, _Kept] = {}
        self._checks: dict[str, tuple[Contract, ContractCheck]] = {}

    @property
    def are_there(self) -> bool:
        """Whether there is any mapping, of whatever session."""
        return bool(self._files) or (self._store is not None and self._store.are_there)

    def find_mappings(self, scope: str) -> tuple[StubMapping, ...]:
        """The mappings of a session in the order they are asked."""
        rows = self._store.find(scope) if self._store else ()
        if not rows:
            return self._all_of_files
        kept = self._kept.get(scope)
        if kept is None or kept.rows is not rows:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            known = kept.read if kept else {}
            texts = [row.content for row in rows if row.content is not None]
            read = {text: known.get(text) or read_mapping(json.loads(text), self.world)[0] for text in texts}
            kept = self._kept[scope] = _Kept(rows, read, self._lay_over(rows, read))
        return kept.mappings

    def _lay_over(self, rows: Sequence[MappingRow], read: Mapping[str, StubMapping]) -> tuple[StubMapping, ...]:
        """Those of files and of a session: one that the session wrote or took away is not a file's any more."""
        numbered = dict(self._files)
        for row in rows:
            numbered.pop(row.id, None)
            if row.content is not None:
                numbered[row.id] = row.number, read[row.content]
        return in_order(numbered.values())

    def is_of_file(self, identifier: str) -> bool:
        """Whether every session begins with a mapping of that id."""
        return identifier in self._files

    def is_strays(self, path: str) -> bool:
        """Whether a path that is no provider's may be a mapping's: it is none of the server's own pages."""
        return self.are_there and path[1:].partition("/")[0] not in OWN and not path.startswith("/__")

    def find_answer(
        self,
        session: Session,
        seed: str,
        api: MockApi | None,
        sent: Request,
        aimed: Request,
    ) -> Mapped | None:
        """The answer of the mapping that is due; None where none is.

        `api` plays what was asked for the session, None where no provider was; `sent` has the path as it came, without
        the session, `aimed` the path below the provider's mount.
        """
        match = api.find(aimed.method, aimed.path) if api else None
        operation = match.target.operation if match else None
        asked = make_asked(sent, aimed, api.contract.provider if api else "", operation.id if operation else "")
        mapping = self._choose(session.scope, asked)
        if mapping is None:
            return None
        response = mapping.response.render(self._find_chance(session, seed, mapping))
        if api and operation:
            noted = self._find_check(api.contract).find_departures(operation, response)
        else:
            noted = [f"nothing documents {sent.method} {sent.path}"]
        response = response._replace(headers=(*response.headers, (STUB_HEADER, mapping.id)))
        return Mapped(response, (mapping.id, *noted))

    def _choose(self, scope: str, asked: Asked) -> StubMapping | None:
        """The mapping that is due, its scenario gone on: of two requests at a time one alone takes a step."""
        mappings, store = self.find_mappings(scope), self._store
        while True:
            states = store.find_states(scope) if store and any(each.step for each in mappings) else {}
            chosen = next((each for each in mappings if _is_due(each, states) and each.matches(asked)), None)
            step = chosen.step if chosen else None
            if not store or not step or not step.following:
                return chosen
            if store.step(scope, step.scenario, step.required, step.following, STARTED):
                return chosen

    def _find_chance(self, session: Session, seed: str, mapping: StubMapping) -> random.Random:
        """Numbers for what looks random in an answer: by the session's seed and the number of the call."""
        is_by_chance = mapping.response.is_by_chance
        call = self._state.counts.count(f"{session.scope}mapping/{mapping.id}") if is_by_chance else 0
        return random.Random(f"{seed}/{mapping.id}/{call}")

    def _find_check(self, contract: Contract) -> ContractCheck:
        kept = self._checks.get(contract.provider)
        if kept is None or kept[0] is not contract:
            kept = self._checks[contract.provider] = contract, ContractCheck(contract)
        return kept[1]

    def find_content(self, scope: str, identifier: str) -> Mapping[str, Any] | None:
        """What its author wrote of a session's mapping, None where there is none of that id."""
        return next((each.content for each in self.find_mappings(scope) if each.id == identifier), None)

    def find_scenarios(self, scope: str) -> dict[str, tuple[str, list[str]]]:
        """The scenarios of a session's mappings: each with its state, and all that it may have."""
        steps = [each.step for each in self.find_mappings(scope) if each.step]
        states = self._store.find_states(scope) if self._store and steps else {}
        possible: dict[str, dict[str, None]] = {}
        for step in steps:
            known = possible.setdefault(step.scenario, {STARTED: None})
            known.update(dict.fromkeys(state for state in (step.required, step.following) if state))
        return {name: (states.get(name, STARTED), list(known)) for name, known in possible.items()}

    def forget_states(self, scope: str) -> None:
        """Every scenario of a session's mappings is in its first state again."""
        if self._store and self.are_there:
            self._store.forget_states(scope)


def _is_due(mapping: StubMapping, states: Mapping[str, str]) -> bool:
    step = mapping.step
    return not step or not step.required or states.get(step.scenario, STARTED) == step.required


def make_asked(sent: Request, aimed: Request, provider: str, operation: str) -> Asked:
    """A request as mappings see it. Its path has three names where a provider is asked.

    As it came, behind the provider's name, and as the documented host has it.
    """
    paths = (sent.path, f"/{provider}{aimed.path}", aimed.path) if provider else (sent.path,)
    return Asked(
        sent.method,
        tuple(dict.fromkeys(paths)),
        sent.query,
        sent.headers,
        sent.body.decode("utf-8", "surrogateescape"),
        provider,
        operation,
    )


def find_stub(own: OwnResponses, entry: Entry, session: Session | None) -> Mapping[str, Any]:
    """The mapping that answered an entry of the journal; only its id where it is there no more."""
    identifier = entry.mapped[0]
    content = own.find_content(session.scope, identifier) if session else None
    return content or {"id": identifier, "uuid": identifier}
