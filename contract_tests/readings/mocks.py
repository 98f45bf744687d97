"""The mocks that play alternatives of a documentation, each made once, and what they answer to the probes."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from contract_tests.readings.evidence import Answers
from contract_tests.readings.fingerprints import Fingerprint, Observation, Precision, take_fingerprint
from contract_tests.readings.probes import Names, Probe, plan_probes
from contract_tests.readings.reading_mock import ReadingMock
from mock_server.contract import Contract
from mock_server.errors import ContractError, ContractErrors, UsageError
from mock_server.sessions import load_checked, load_vocabulary

MIN_RECORDS = 20
"""Fewer records do not show what records are like: what depends on them is not compared."""


class AlternativeMocks:
    """What the contract under any set of readings answers to the probes, asked once a set.

    `count` is how many records the target has (None: not known), `seen` how many of them are known, `key` the field
    that identifies one.
    """

    def __init__(self, contract: Contract, folder: Path, cache: Path | None, count: int | None, seen: int) -> None:
        self._contract, self._folder, self._cache = contract, folder, cache
        self._count, self._few = count, seen < MIN_RECORDS
        self._contracts: dict[str, Contract | None] = {}
        self._answers: dict[str, Answers | None] = {}
        self._key = next(iter(c.key for c in contract.collections.values()), "")
        self.names: Names = {}
        self.probes: list[Probe] = []
        self._planned = 0

    def plan(self, records: list[object], free: Iterable[Probe]) -> None:
        """Plan the probes: those of the target's records, and those that somebody has sent already."""
        planned = list(plan_probes(self._contract, self.names, records))
        known = {(probe.operation.id, repr(probe.query)) for probe in planned}
        extra = {(p.operation.id, repr(p.query)): p for p in free}
        self._planned = len(planned)
        self.probes = [*planned, *(probe for key, probe in extra.items() if key not in known)]

    def forget(self, number: int) -> None:
        """Leave a probe out: it gets no answer that could be compared."""
        self.probes[number] = replace(self.probes[number], void=True)
        self._answers = {
            key: [*answers[:number], None, *answers[number + 1 :]] if answers else answers
            for key, answers in self._answers.items()
        }

    def load(self, readings: Mapping[str, str]) -> Contract | None:
        """The contract under some readings; None where they exclude each other."""
        key = _key(readings)
        if key not in self._contracts:
            # A reading that renames parameters comes after those that know them by their documented names.
            orders = [[*readings], *([*(n for n in readings if n != last), last] for last in readings)]
            files = _stamp(self._folder)
            loaded = (_load(self._folder, files, tuple((name, readings[name]) for name in order)) for order in orders)
            self._contracts[key] = next((contract for contract in loaded if contract), None)
        return self._contracts[key]

    def ask(self, readings: Mapping[str, str]) -> Answers | None:
        """What that contract answers to each probe, with records of its own in the recipes."""
        key = _key(readings)
        if key not in self._answers:
            contract = self.load(readings)
            self._answers[key] = self._ask(contract) if contract else None
        return self._answers[key]

    def _ask(self, contract: Contract) -> Answers:
        mock = ReadingMock(contract, self._count, self._cache)
        order = self.order(mock.records)
        # The free probes are the target's own requests: they need no records.
        planned = list(plan_probes(self._contract, self.names, mock.records))
        probes = zip(self.probes, (*planned, *self.probes[self._planned :]), strict=True)
        return [None if own.void else self._read(probe, mock, order) for own, probe in probes]

    def _read(self, probe: Probe, mock: ReadingMock, order: Mapping[str, int]) -> Fingerprint | None:
        if probe.void or (self._few and probe.coarse):
            return None
        return self.read(probe, mock.answer(probe), order)

    def read(self, probe: Probe, observation: Observation, order: Mapping[str, int]) -> Fingerprint:
        """The facts of an answer that compare between servers with other records."""
        is_close = probe.close and not self._few
        precision = Precision(is_close, not probe.operation.key, probe.coarse, self._key, order)
        facts = take_fingerprint(observation, precision)
        if self._few and probe.operation.key and observation.status < 400:
            # What one record of a few holds says nothing of the others: its members are compared, not their values.
            return {name: fact for name, fact in facts.items() if "/" not in name or name.endswith("{}")}
        return facts

    def order(self, records: list[object]) -> dict[str, int]:
        """The place of each record in the list, by its key."""
        return {repr(r.get(self._key)): number for number, r in enumerate(records) if isinstance(r, dict)}


def _key(readings: Mapping[str, str]) -> str:
    return repr(sorted(readings.items()))


Stamp = tuple[tuple[str, int, int], ...]
"""Names of files, and when each was changed and its size: as long as these stay, the files do."""


def _stamp(folder: Path) -> Stamp:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple((str(path), (status := path.stat()).st_mtime_ns, status.st_size) for path in files)


@functools.lru_cache(maxsize=256)
def _load(folder: Path, files: Stamp, readings: tuple[tuple[str, str], ...]) -> Contract | None:
    """The contract under readings, in their order: checking it costs more than anything that is asked of it."""
    try:
        return load_checked(folder, load_vocabulary(), dict(readings))
    except (ContractError, ContractErrors, UsageError):
        return None
