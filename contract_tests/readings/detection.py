"""Which reading of a contradictory documentation a target follows, by the cheapest call that tells.

Each alternative is played by a mock of its own, in process, over as many records as the target tells. Where
two of these mocks answer a request differently, the target's answer to the same request decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contract_tests.checks import CheckContext, get_walk
from contract_tests.readings.fingerprints import (
    Fingerprint,
    Observation,
    Precision,
    agreement,
    choose,
    find_differences,
    take_fingerprint,
)
from contract_tests.readings.probes import Names, Probe, plan_probes
from contract_tests.readings.reading_mock import ReadingMock, path_of, query_of
from contract_tests.transport import Refused, Stopped, Unreachable
from mock_server.contract import Contract, load_readings
from mock_server.errors import ContractError, ContractErrors, UsageError
from mock_server.sessions import load_checked, load_vocabulary

MAX_MOCK_RECORDS = 20_000
MIN_RECORDS = 20
"""Fewer records do not show what records are like: what depends on them is not compared."""

MAX_PASSES = 4
MAX_PROBES = 5
"""Requests to the target for one reading, most of them sent before for another reading."""

Answers = list[Fingerprint | None]
"""What a mock answers to each probe, in their order; None where the probe cannot be compared."""


@dataclass
class ReadingDetection:
    """The finding-out for one provider: what the target answered, by probe."""

    context: CheckContext
    folder: Path
    cache: Path | None = None
    answers: dict[int, Observation] = field(default_factory=dict)
    probes: list[Probe] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.readings = load_readings(self.folder)
        self._names: Names = {}

    def run(self) -> list[dict[str, Any]]:
        """One row per reading: what it is about, what the target follows, and by which answer.

        Where the target follows another reading than the contract, the others are looked at again from there:
        an answer that one reading explains must not be taken for a sign of another.
        """
        defaults = {reading["id"]: reading["reading"] for reading in self.readings}
        base = {name: r for name, r in self.context.contract.readings.items() if r != defaults.get(name)}
        evidence: dict[str, str] = {}
        rows = self._pass(base)
        for _ in range(MAX_PASSES):
            others = [row for row in rows if row["follows"] not in ("", {**defaults, **base}[row["id"]])]
            if not others:
                break
            # One reading a pass, the one that explains most: the next pass shows what it explains of the others.
            best = max(others, key=lambda row: row["agreement"])
            evidence[best["id"]] = best["by"]
            base = {**base, best["id"]: best["follows"]}
            rows = self._pass(base)
        return [
            {k: v for k, v in {**row, "by": evidence.get(row["id"], row["by"])}.items() if k != "agreement"}
            for row in rows
        ]

    def _pass(self, base: dict[str, str]) -> list[dict[str, Any]]:
        options = {reading["id"]: self._options(reading, base) for reading in self.readings}
        every_contract = [contract for contracts in options.values() for contract in contracts.values()]
        names = _parameter_names(every_contract)
        if not self.probes:
            self.probes = list(plan_probes(self.context.contract, names, self._records()))
            self._names = names
        count = self._count()
        # Most alternatives share the mock that plays all defaults: one a set of readings.
        mocks: dict[str, Answers] = {}
        for contract in every_contract:
            key = _readings_key(contract)
            mocks[key] = mocks.get(key) or self._ask_mock(contract, count)
        return [self._row(reading, options[reading["id"]], mocks) for reading in self.readings]

    def _options(self, reading: Mapping[str, Any], base: Mapping[str, str]) -> dict[str, Contract]:
        """The contract under each reading; those that exclude what is chosen already are left out."""
        contracts = {}
        for name in (reading["reading"], *reading["alternatives"]):
            wanted = {reading_id: chosen for reading_id, chosen in base.items() if reading_id != reading["id"]}
            if name != reading["reading"]:
                wanted[reading["id"]] = name
            try:
                contracts[name] = load_checked(self.folder, load_vocabulary(), wanted)
            except (ContractError, ContractErrors, UsageError):
                continue
        return contracts

    def _records(self) -> list[Any]:
        """The target's records in the list's order, as far as its walk saw them."""
        operation = next((o for o in self.context.contract.operations if o.is_list), None)
        walk = get_walk(self.context, operation) if operation else None
        return (walk.records or walk.seen) if walk else []

    def _count(self) -> int | None:
        operation = next((o for o in self.context.contract.operations if o.is_list), None)
        total = get_walk(self.context, operation).total if operation else None
        # As many records as the target has, so that totals, last pages and links compare; within reason.
        return total if total is not None and 0 < total <= MAX_MOCK_RECORDS else None

    def _ask_mock(self, contract: Contract, count: int | None) -> Answers:
        """What a mock of that contract answers to each probe, with its own records in the recipe."""
        mock = ReadingMock(contract, count, self.cache)
        order = _order(mock.records, self._key())
        probes = plan_probes(self.context.contract, self._names, mock.records)
        few = len(self._records()) < MIN_RECORDS
        return [
            None if p.void or (few and p.coarse) else take_fingerprint(mock.answer(p), self._precision(p, order))
            for p in probes
        ]

    def _key(self) -> str:
        return next((listing.key for listing in self.context.listings.values()), "")

    def _precision(self, probe: Probe, order: Mapping[str, int]) -> Precision:
        many = len(self._records()) >= MIN_RECORDS
        return Precision(probe.close and many, not probe.operation.key, probe.coarse, self._key(), order)

    def _row(
        self,
        reading: Mapping[str, Any],
        options: Mapping[str, Contract],
        mocks: Mapping[str, Answers],
    ) -> dict[str, Any]:
        mine = {name: mocks[_readings_key(contract)] for name, contract in options.items()}
        follows, by = self._decide(mine)
        says = reading["alternatives"].get(follows, {}).get("says", reading.get("because", ""))
        return {
            "id": reading["id"],
            "about": reading["about"],
            "default": reading["reading"],
            "follows": follows,
            "says": says if follows else "",
            "by": by,
            "agreement": self._agreement(mine[follows]) if follows else 0.0,
        }

    def _fingerprint(self, number: int) -> Fingerprint:
        """What the target answered to a probe."""
        order = _order(self._records(), self._key())
        return take_fingerprint(self.answers[number], self._precision(self.probes[number], order))

    def _agreement(self, mock: Answers) -> float:
        """How much of all that the target answered a mock answers the same."""
        shares = [agreement(self._fingerprint(n), facts) for n in self.answers if (facts := mock[n]) is not None]
        return sum(shares) / max(1, len(shares))

    def _decide(self, mocks: Mapping[str, Answers]) -> tuple[str, str]:
        left, facts = list(mocks), []
        for _ in range(MAX_PROBES):
            telling = [pair for pair in self._telling({name: mocks[name] for name in left}) if pair[0] not in facts]
            if len(left) < 2 or not telling:
                break
            number, fingerprints = telling[0]
            facts.append(number)
            try:
                self._ask(number)
            except (Unreachable, Refused):
                continue
            except Stopped as stop:
                return "", str(stop)
            choice = choose(self._fingerprint(number), fingerprints)
            left = choice.left or left
            if len(left) == 1:
                return left[0], f"{_describe(self.probes[number])}: {choice.fact}"
        if not facts:
            return "", "no request was found that the readings answer differently"
        return "", "the target answers as none of the readings, or as several"

    def _telling(self, mocks: Mapping[str, Answers]) -> Iterator[tuple[int, dict[str, Fingerprint]]]:
        """Probes that the readings answer differently: those that tell most apart, of these the ones asked already."""
        telling = []
        for number, probe in enumerate(self.probes):
            fingerprints = {name: facts for name, answers in mocks.items() if (facts := answers[number]) is not None}
            if not probe.void and len(fingerprints) == len(mocks) and find_differences(list(fingerprints.values())):
                apart = len({repr(sorted(map(repr, facts.items()))) for facts in fingerprints.values()})
                telling.append((-apart, number not in self.answers, number, fingerprints))
        yield from ((number, fingerprints) for _, _, number, fingerprints in sorted(telling, key=lambda f: f[:3]))

    def _ask(self, number: int) -> Observation:
        if number not in self.answers:
            probe, context = self.probes[number], self.context
            url = context.sender.url(path_of(probe))
            query = query_of(probe)
            sent = context.sender.send(
                probe.operation,
                "readings",
                url=f"{url}?{query}" if query else url,
                headers=probe.headers,
                credential=probe.credential,
            )
            prefix = urlsplit(context.target.base_url).path
            body = sent.answer.json
            answer = sent.answer
            location = answer.header("location") or ""
            self.answers[number] = Observation(answer.status, answer.reason, answer.media_type, body, prefix, location)
        return self.answers[number]


def _order(records: list[Any], key: str) -> dict[str, int]:
    """The place of each record in the list, by its key."""
    return {repr(record.get(key)): number for number, record in enumerate(records) if isinstance(record, dict)}


def _readings_key(contract: Contract) -> str:
    return repr(sorted(contract.readings.items()))


def _describe(probe: Probe) -> str:
    query = query_of(probe)
    with_what = "" if probe.credential == "valid" else f" with {probe.credential} credential"
    return f"{probe.operation.method} {path_of(probe)}{'?' + query if query else ''}{with_what}"


def _parameter_names(contracts: list[Contract]) -> Names:
    names: dict[str, dict[str, bool]] = {}
    for contract in contracts:
        for operation in contract.operations:
            filters = names.setdefault(operation.id, {})
            for parameter in operation.parameters:
                if parameter.where == "query":
                    aliases = () if parameter.filter else parameter.aliases
                    filters.update(dict.fromkeys((parameter.name, *aliases), parameter.filter is not None))
    return names
