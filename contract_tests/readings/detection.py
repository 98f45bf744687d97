"""Which reading of a contradictory documentation a target follows, by the cheapest call that tells.

Each alternative is played by a mock of its own, in process, over as many records as the target tells. Where
two of these mocks answer a request differently, the target's answer to the same request decides: what other checks
asked already costs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contract_tests.context import CheckContext, Doubt, get_walk
from contract_tests.readings.choices import MORE_FIT, Choice, Grounds, find_pair, has_rival
from contract_tests.readings.evidence import (
    Answers,
    Verdict,
    compare,
    find_left,
    find_proof,
    find_telling,
)
from contract_tests.readings.fingerprints import Fingerprint, Observation, find_spellings, rename_members
from contract_tests.readings.mocks import AlternativeMocks
from contract_tests.readings.probes import Names, Probe, find_names
from contract_tests.readings.reading_mock import describe, path_of, query_of
from contract_tests.transport import Answer, Refused, Stopped, Unreachable, required_headers
from mock_server.contract import Contract, load_readings

MAX_MOCK_RECORDS = 20_000
MAX_CALLS = 30
"""Calls of its own where no budget bounds them."""

MAX_TRIES = 5
"""Calls that may tell of one reading, most of which tell of others as well."""


@dataclass
class ReadingDetection:
    """The finding-out for one provider; `given` are readings that somebody chose, which are not asked about."""

    context: CheckContext
    folder: Path
    cache: Path | None = None
    given: Collection[str] = ()
    observed: dict[int, Fingerprint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.readings = load_readings(self.folder)
        self._defaults = {reading["id"]: reading["reading"] for reading in self.readings}
        chosen = self.context.contract.readings.items()
        self.base = {name: r for name, r in chosen if r != self._defaults.get(name, r)}
        self._mocks = self._make_mocks()
        self._proofs: dict[str, Grounds] = {}
        self._kept = frozenset(self.base)
        self._stopped = ""
        self._tried: Counter[str] = Counter()

    def detect(self, calls: int | None = None) -> tuple[list[dict[str, Any]], Contract | None]:
        """A row per reading, and the contract that the target follows where it is not the one it was asked by.

        `calls` bounds the calls that are made for this alone. None: as many as tell.
        """
        before = dict(self.base)
        self._ask(MAX_CALLS if calls is None else calls)
        # One reading a pass, the one that explains most: what it explains is no sign of another.
        for _ in self.readings:
            choice = self._choose(is_loose=False) or self._choose(is_loose=True)
            choices = [choice] if choice else self._choose_pair()
            if not choices:
                break
            for each in choices:
                self._believe(*each)
        rows = [self._row(reading) for reading in self.readings]
        self.context.doubts[:] = self._find_doubts({row["id"] for row in rows if not row["follows"]})
        return rows, None if self.base == before else self._load()

    def _believe(self, identifier: str, name: str) -> None:
        self.base = self._with(identifier, name)
        reading = next(reading for reading in self.readings if reading["id"] == identifier)
        self._proofs[identifier] = self._find_grounds(self._options(reading), name) or MORE_FIT

    def _choose_pair(self) -> list[Choice]:
        open_ones = [r for r in self.readings if r["id"] not in {*self.given, *self._kept, *self._proofs}]
        others = {
            (reading["id"], name): answers
            for reading in open_ones
            for name, answers in self._options(reading).items()
            if name != self._believed(reading["id"])
        }
        believed = self._mocks.ask(self.base) or ()
        return find_pair(
            self.observed,
            believed,
            others,
            lambda one, other: self._mocks.ask({**self._with(*one), other[0]: other[1]}),
        )

    def run(self) -> list[dict[str, Any]]:
        """One row per reading: what it is about, what the target follows, and by which answer."""
        return self.detect()[0]

    def _make_mocks(self) -> AlternativeMocks:
        records = self._records()
        mocks = AlternativeMocks(self.context.contract, self.folder, self.cache, self._count(), len(records))
        contracts = [c for r in self.readings for a in self._names_of(r) if (c := mocks.load(self._with(r["id"], a)))]
        mocks.names = find_names(contracts)
        self._spellings = find_spellings(contract.document for contract in contracts)
        records = rename_members(records, self._spellings)
        mocks.plan(records, self._free_probes(mocks.names))
        self._order = mocks.order(records)
        for number, probe in enumerate(mocks.probes):
            answer = None if probe.void else self._find_answer(probe)
            if answer is not None:
                self._keep(number, probe, answer, mocks)
        self._forget_moved(mocks)
        return mocks

    def _forget_moved(self, mocks: AlternativeMocks) -> None:
        """Leave out what the sender would send elsewhere: that a path redirects is seen by the redirect alone."""
        detours = self.context.sender.detours.paths
        for number, probe in enumerate(mocks.probes):
            if number not in self.observed and urlsplit(self._url(probe)).path in detours:
                mocks.forget(number)

    def _names_of(self, reading: Mapping[str, Any]) -> list[str]:
        return [reading["reading"], *reading["alternatives"]]

    def _with(self, identifier: str, name: str) -> dict[str, str]:
        """The readings that are believed, and one more."""
        others = {known: chosen for known, chosen in self.base.items() if known != identifier}
        return others if name == self._defaults[identifier] else {**others, identifier: name}

    def _load(self) -> Contract | None:
        contract = self._mocks.load(self.base)
        known = self.context.target.credentials
        # Under other schemes the target's credentials would have no place.
        return contract if contract and all(scheme.name in known for scheme in contract.schemes) else None

    def _find_doubts(self, undecided: Collection[str]) -> Iterator[Doubt]:
        """The alternatives that nothing speaks against."""
        for reading in self.readings:
            options = self._options(reading) if reading["id"] in undecided else {}
            believed = self._believed(reading["id"])
            for name in sorted(find_left(self.observed, options, believed)) if believed in options else ():
                contract = self._mocks.load(self._with(reading["id"], name))
                if contract is not None:
                    yield Doubt(reading["about"], contract)

    def _records(self) -> list[Any]:
        """The target's records in the list's order, as far as its walk saw them."""
        operation = next((o for o in self.context.contract.operations if o.is_list), None)
        walk = get_walk(self.context, operation) if operation else None
        return (walk.records or walk.seen) if walk else []

    def _count(self) -> int | None:
        operation = next((o for o in self.context.contract.operations if o.is_list), None)
        total = get_walk(self.context, operation).total if operation else None
        # As many records as the target has, so that totals, last pages and links compare; within reason.
        return total if total is not None and 0 <= total <= MAX_MOCK_RECORDS else None if self._records() else 0

    def _free_probes(self, names: Names) -> Iterator[Probe]:
        """Pages that other checks asked for: of any records, so they compare."""
        for exchange in self.context.sender.exchanges:
            operation = next((o for o in self.context.operations if o.id == exchange.operation and o.is_list), None)
            parts = urlsplit(exchange.url)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            if operation and query and exchange.url.startswith(self.context.sender.url(operation.path) + "?"):
                filters = names.get(operation.id, {})
                if all(name in filters and not filters[name] for name in query):
                    yield Probe(operation, query, headers=required_headers(operation))

    def _find_answer(self, probe: Probe) -> Answer | None:
        return self.context.sender.find_answer(
            probe.operation,
            url=self._url(probe),
            headers=probe.headers,
            credential=probe.credential,
        )

    def _url(self, probe: Probe) -> str:
        query = query_of(probe)
        return f"{self.context.sender.url(path_of(probe))}{'?' + query if query else ''}"

    def _keep(self, number: int, probe: Probe, answer: Answer, mocks: AlternativeMocks) -> None:
        prefix = urlsplit(self.context.target.base_url).path
        location = answer.header("location") or ""
        body = rename_members(answer.json, self._spellings)
        if answer.status < 500 and answer.status != 429:
            observation = Observation(answer.status, answer.reason, answer.media_type, body, prefix, location)
            self.observed[number] = mocks.read(probe, observation, self._order)

    def _ask(self, calls: int) -> None:
        """Spend calls on the probes that tell of most readings of which nothing is known."""
        while calls > 0 and (number := self._find_next()) is not None:
            probe = self._mocks.probes[number]
            calls -= 1
            try:
                sent = self.context.sender.send(
                    probe.operation,
                    "readings",
                    url=self._url(probe),
                    headers=probe.headers,
                    credential=probe.credential,
                    why="which reading of the documentation the target follows",
                    is_bare=True,
                )
            except (Unreachable, Refused):
                self._mocks.forget(number)
                continue
            except Stopped as stop:
                self._stopped = str(stop)
                return
            self._keep(number, probe, sent.answer, self._mocks)
            if number not in self.observed:
                self._mocks.forget(number)

    def _find_next(self) -> int | None:
        """The probe, of those not answered, that tells of most readings that are open after those answered."""
        count: Counter[int] = Counter()
        for reading in self.readings:
            options = self._options(reading)
            believed = self._believed(reading["id"])
            # Several answers that left it open: one more is not the one that tells.
            if believed not in options or self._tried[reading["id"]] >= MAX_TRIES:
                continue
            left = find_left(self.observed, options, believed)
            pair = {name: options[name] for name in (believed, *sorted(left))}
            telling = [n for n in self._open_probes() if len(pair) > 1 and find_telling(pair, n)]
            count.update(telling)
        number = max(count, key=lambda n: (count[n], -n), default=None)
        for reading in self.readings if number is not None else ():
            self._tried[reading["id"]] += bool(find_telling(self._options(reading), number or 0))
        return number

    def _open_probes(self) -> list[int]:
        return [n for n, probe in enumerate(self._mocks.probes) if n not in self.observed and not probe.void]

    def _options(self, reading: Mapping[str, Any]) -> dict[str, Answers]:
        """What the contract answers under each alternative of a reading, the others as they are believed."""
        asked = {name: self._mocks.ask(self._with(reading["id"], name)) for name in self._names_of(reading)}
        return {name: answers for name, answers in asked.items() if answers is not None}

    def _believed(self, identifier: str) -> str:
        return self.base.get(identifier) or str(self._defaults[identifier])

    def _choose(self, is_loose: bool) -> Choice | None:
        """The alternative that something speaks for and nothing against; of several the one that explains most."""
        believed = self._mocks.ask(self.base)
        sound: dict[Choice, Verdict] = {}
        for reading in self.readings if believed is not None else ():
            # What was decided stays so, lest two explanations take turns.
            is_open = reading["id"] not in {*self.given, *self._kept, *self._proofs}
            others = self._options(reading) if is_open else {}
            for name, answers in others.items():
                verdict = compare(self.observed, believed or (), answers, is_loose)
                if name != self._believed(reading["id"]) and verdict.is_sound:
                    sound[reading["id"], name] = verdict
        best = sorted(sound, key=lambda choice: -sound[choice].agreement)
        return next((choice for choice in best if not has_rival(choice, sound)), None)

    def _find_grounds(self, options: Mapping[str, Answers], name: str) -> Grounds | None:
        proof = find_proof(self.observed, options, name)
        if proof is None:
            return None
        probe = self._mocks.probes[proof.number]
        return Grounds(f"{describe(probe)}: {proof.fact}", probe.operation.id, proof.name)

    def _row(self, reading: Mapping[str, Any]) -> dict[str, Any]:
        believed, options = self._believed(reading["id"]), self._options(reading)
        grounds = self._proofs.get(reading["id"]) or self._find_grounds(options, believed)
        is_chosen = reading["id"] in self.given or believed != reading["reading"]
        follows: str = believed if grounds or is_chosen else ""
        grounds = grounds or Grounds("it was chosen" if is_chosen else self._why_open(options))
        alternative = reading["alternatives"].get(follows, {})
        return {
            "id": reading["id"],
            "about": reading["about"],
            "default": reading["reading"],
            "follows": follows,
            "says": alternative.get("says", reading.get("because", "")) if follows else "",
            **grounds._asdict(),
        }

    def _why_open(self, options: Mapping[str, Answers]) -> str:
        if any(find_telling(options, number) for number in self.observed):
            return "the target answers as none of the readings, or as several"
        if self._stopped or any(find_telling(options, number) for number in range(len(self._mocks.probes))):
            return self._stopped or "the calls for readings were spent on others"
        return "no request was found that the readings answer differently"
