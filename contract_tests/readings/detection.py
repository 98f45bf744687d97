"""Which reading of a contradictory documentation a target follows, by the cheapest call that tells.

Each alternative is played by a mock of its own, in process, over as many records as the target tells. Where
two of these mocks answer a request differently, the target's answer to the same request decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from contract_tests.checks import CheckContext, Listing, get_walk
from contract_tests.readings.fingerprints import Seen, Signature, View, agreement, choose, differing, sign
from contract_tests.readings.probes import Names, Probe, plan_probes
from contract_tests.transport import NO_JSON, WRONG, Refused, Stopped, Unreachable
from mock_server.contract import Contract, find_pointer, get_test_value, load_readings, present_credentials
from mock_server.errors import ContractError, ContractErrors, UsageError
from mock_server.messages import Request
from mock_server.sessions import MockApis, Settings, load_checked, load_vocabulary, make_apis

MAX_TWIN_RECORDS = 20_000
MIN_RECORDS = 20
"""Fewer records do not show what records are like: what depends on them is not compared."""

MAX_PAGES = 200
MAX_PASSES = 4
MAX_PROBES = 5
"""Requests to the target for one reading, most of them sent before for another reading."""

Twins = Mapping[tuple[str, str], tuple[Mapping[str, str], list[Any]]]
"""By reading and alternative: the readings a mock plays, and what it answers to each probe."""


class Twin:
    """A mock in process that plays one reading, asked by the same recipes as the target."""

    def __init__(self, contract: Contract, count: int | None, cache: Path | None) -> None:
        self.contract = contract
        settings = Settings(limits="off", records=count, cache=cache)
        self._apis: MockApis = make_apis({contract.provider: contract}, settings)
        self.records = list(self._records())

    def _records(self) -> Iterator[Any]:
        """The records in the list's order, as its pages show them."""
        operation = next((o for o in self.contract.operations if o.is_list), None)
        if operation is None:
            return
        listing, number, shown = Listing(self.contract, operation), 1, True
        while shown and number <= MAX_PAGES:
            sizes = {"size": listing.max_size} if "size" in listing.parameters else {}
            where = {"number": number} if "number" in listing.parameters else {}
            seen = self.answer(Probe(operation, listing.query(**sizes, **where)))
            found = find_pointer(seen.body, listing.places["items"].pointer) if seen.status < 300 else []
            shown = isinstance(found, list) and bool(found)
            yield from found if shown else ()
            number = number + 1 if where else MAX_PAGES + 1

    def answer(self, probe: Probe) -> Seen:
        """The mock's answer to a probe."""
        headers = {name.lower(): value for name, value in {"Accept": "*/*", **probe.headers}.items()}
        schemes = probe.operation.security[0] if probe.operation.security and probe.credential != "none" else ()
        value = (lambda scheme: WRONG) if probe.credential == "wrong" else get_test_value("valid")
        presented = present_credentials(schemes, value)
        headers |= {name.lower(): text for name, text in presented.headers.items()}
        query = "&".join([_query(probe), *(f"{name}={text}" for name, text in presented.query.items())])
        path = f"/{self.contract.provider}{_path(probe)}"
        response = self._apis.answer(Request(probe.operation.method, path, query, headers, "http://twin"))
        assert response is not None
        told = dict(response.headers)
        media = told.get("content-type", "").partition(";")[0]
        prefix = f"/{self.contract.provider}{self.contract.base_path}"
        return Seen(response.status, response.reason, media, _json(response.body), prefix, told.get("location", ""))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return NO_JSON


def _path(probe: Probe) -> str:
    path = probe.operation.path
    for name, value in probe.path_values.items():
        path = path.replace("{" + name + "}", quote(str(value), safe=""))
    head, _, last = path.rpartition("/")
    return f"{head}/{last.swapcase()}" if probe.change_path == "upper" else path + probe.change_path


def _query(probe: Probe) -> str:
    return urlencode(probe.query, doseq=True)


@dataclass
class ReadingDetection:
    """The finding-out for one provider: what the target answered, by probe."""

    context: CheckContext
    folder: Path
    cache: Path | None = None
    answers: dict[int, Seen] = field(default_factory=dict)
    probes: list[Probe] = field(default_factory=list)

    def run(self) -> list[dict[str, Any]]:
        """One row per reading: what it is about, what the target follows, and by which answer.

        Where the target follows another reading than the contract, the others are looked at again from there:
        an answer that one reading explains must not be taken for a sign of another.
        """
        self.readings = load_readings(self.folder)
        defaults = {reading["id"]: reading["reading"] for reading in self.readings}
        base = {name: r for name, r in self.context.contract.readings.items() if r != defaults.get(name)}
        found: dict[str, str] = {}
        rows = self._pass(base)
        for _ in range(MAX_PASSES):
            others = [row for row in rows if row["follows"] not in ("", {**defaults, **base}[row["id"]])]
            if not others:
                break
            best = max(others, key=lambda row: row["agreement"])
            found[best["id"]] = best["by"]
            base = {**base, best["id"]: best["follows"]}
            rows = self._pass(base)
        return [
            {k: v for k, v in {**row, "by": found.get(row["id"], row["by"])}.items() if k != "agreement"}
            for row in rows
        ]

    def _pass(self, base: dict[str, str]) -> list[dict[str, Any]]:
        options = {reading["id"]: self._options(reading, base) for reading in self.readings}
        everyone = [contract for found in options.values() for contract in found.values()]
        names = _parameter_names(everyone)
        if not self.probes:
            self.probes = list(plan_probes(self.context.contract, names, self._records()))
            self._names = names
        count = self._count()
        twins: dict[tuple[str, str], tuple[Mapping[str, str], list[Any]]] = {}
        for reading in self.readings:
            for name, contract in options[reading["id"]].items():
                if contract.readings not in [known for known, _ in twins.values()]:
                    twins[reading["id"], name] = contract.readings, self._twin(contract, count)
        return [self._row(reading, options[reading["id"]], twins) for reading in self.readings]

    def _options(self, reading: Mapping[str, Any], base: Mapping[str, str]) -> dict[str, Contract]:
        """The contract under each reading; those that exclude what is chosen already are left out."""
        found = {}
        for name in (reading["reading"], *reading["alternatives"]):
            wanted = {known: chosen for known, chosen in base.items() if known != reading["id"]}
            if name != reading["reading"]:
                wanted[reading["id"]] = name
            try:
                found[name] = load_checked(self.folder, load_vocabulary(), wanted)
            except (ContractError, ContractErrors, UsageError):
                continue
        return found

    def _records(self) -> list[Any]:
        """The target's records in the list's order, as far as its walk saw them."""
        operation = next((o for o in self.context.contract.operations if o.is_list), None)
        walk = get_walk(self.context, operation) if operation else None
        return (walk.records or walk.seen) if walk else []

    def _count(self) -> int | None:
        operation = next((o for o in self.context.contract.operations if o.is_list), None)
        total = get_walk(self.context, operation).total if operation else None
        return total if total is not None and 0 < total <= MAX_TWIN_RECORDS else None

    def _twin(self, contract: Contract, count: int | None) -> list[Signature | None]:
        """What a mock of that contract answers to each probe, with its own records in the recipe."""
        twin = Twin(contract, count, self.cache)
        order = _order(twin.records, self._key())
        probes = plan_probes(self.context.contract, self._names, twin.records)
        few = len(self._records()) < MIN_RECORDS
        return [None if p.void or (few and p.coarse) else sign(twin.answer(p), self._view(p, order)) for p in probes]

    def _key(self) -> str:
        return next((listing.key for listing in self.context.listings.values()), "")

    def _view(self, probe: Probe, order: Mapping[str, int]) -> View:
        many = len(self._records()) >= MIN_RECORDS
        return View(probe.close and many, not probe.operation.key, probe.coarse, self._key(), order)

    def _row(self, reading: Mapping[str, Any], options: Mapping[str, Contract], twins: Twins) -> dict[str, Any]:
        mine = {name: self._find(contract, twins) for name, contract in options.items()}
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

    @staticmethod
    def _find(contract: Contract, twins: Twins) -> list[Signature | None]:
        return next(answers for readings, answers in twins.values() if readings == contract.readings)

    def _sign(self, number: int) -> Signature:
        """What the target answered to a probe."""
        return sign(self.answers[number], self._view(self.probes[number], _order(self._records(), self._key())))

    def _agreement(self, twin: list[Signature | None]) -> float:
        """How much of all that the target answered a mock answers the same."""
        shares = [agreement(self._sign(n), facts) for n in self.answers if (facts := twin[n]) is not None]
        return sum(shares) / max(1, len(shares))

    def _decide(self, twins: Mapping[str, list[Signature | None]]) -> tuple[str, str]:
        left, facts = list(twins), []
        for _ in range(MAX_PROBES):
            telling = [pair for pair in self._telling({name: twins[name] for name in left}) if pair[0] not in facts]
            if len(left) < 2 or not telling:
                break
            number, signatures = telling[0]
            facts.append(number)
            try:
                self._ask(number)
            except (Unreachable, Refused):
                continue
            except Stopped as stop:
                return "", str(stop)
            choice = choose(self._sign(number), signatures)
            left = choice.left or left
            if len(left) == 1:
                return left[0], f"{_told(self.probes[number])}: {choice.fact}"
        if not facts:
            return "", "no request was found that the readings answer differently"
        return "", "the target answers as none of the readings, or as several"

    def _telling(self, twins: Mapping[str, list[Signature | None]]) -> Iterator[tuple[int, dict[str, Signature]]]:
        """Probes that the readings answer differently: those that tell most apart, of these the ones asked already."""
        found = []
        for number, probe in enumerate(self.probes):
            signatures = {name: facts for name, answers in twins.items() if (facts := answers[number]) is not None}
            if not probe.void and len(signatures) == len(twins) and differing(list(signatures.values())):
                apart = len({repr(sorted(map(repr, facts.items()))) for facts in signatures.values()})
                found.append((-apart, number not in self.answers, number, signatures))
        yield from ((number, signatures) for _, _, number, signatures in sorted(found, key=lambda f: f[:3]))

    def _ask(self, number: int) -> Seen:
        if number not in self.answers:
            probe, context = self.probes[number], self.context
            url = context.sender.url(_path(probe))
            query = _query(probe)
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
            self.answers[number] = Seen(answer.status, answer.reason, answer.media_type, body, prefix, location)
        return self.answers[number]


def _order(records: list[Any], key: str) -> dict[str, int]:
    """The place of each record in the list, by its key."""
    return {repr(record.get(key)): number for number, record in enumerate(records) if isinstance(record, dict)}


def _told(probe: Probe) -> str:
    query = _query(probe)
    with_what = "" if probe.credential == "valid" else f" with {probe.credential} credential"
    return f"{probe.operation.method} {_path(probe)}{'?' + query if query else ''}{with_what}"


def _parameter_names(contracts: list[Contract]) -> Names:
    names: dict[str, dict[str, bool]] = {}
    for contract in contracts:
        for operation in contract.operations:
            found = names.setdefault(operation.id, {})
            for parameter in operation.parameters:
                if parameter.where == "query":
                    aliases = () if parameter.filter else parameter.aliases
                    found.update(dict.fromkeys((parameter.name, *aliases), parameter.filter is not None))
    return names
