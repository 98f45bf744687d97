"""Requests that may tell readings apart: recipes that work with whatever records a target has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contract_tests.filters import find_value
from contract_tests.records import UNKNOWN, key_parameter, unknown_key
from contract_tests.transport import required_headers
from mock_server.contract import Contract, Operation, Parameter

MODERATE, HUGE = 3, 1_000_000

PAGED: Mapping[str, int] = {"number": 2, "size": MODERATE, "offset": MODERATE}
"""What is asked of each role of a page where all are asked for together."""


FIRST: Mapping[str, int] = {"number": 1, "size": MODERATE, "offset": 0}
"""What is asked of each role of the first page."""

Names = Mapping[str, Mapping[str, bool]]
"""Per operation, every name that a parameter of the query has in any reading, and whether it filters."""


@dataclass(frozen=True)
class Probe:
    """One request of an operation.

    `coarse`: its answer depends on the records, so only none or some is compared; `close`: it shows many records,
    so their forms are compared; `void`: the records give no value for it, and it is not sent.
    """

    operation: Operation
    query: Mapping[str, Any] = field(default_factory=dict)
    path_values: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    credential: str = "valid"
    coarse: bool = False
    close: bool = False
    void: bool = False
    change_path: str = ""


def plan_probes(contract: Contract, names: Names, records: list[Any]) -> Iterator[Probe]:
    """Every request worth trying, the usual ones first, each with the headers that the contract requires.

    `records` are those of the target (or of a mock, which then gives the same requests with its own values).
    """
    for probe in _plan(contract, names, records):
        yield replace(probe, headers={**required_headers(probe.operation), **probe.headers})


def _plan(contract: Contract, names: Names, records: list[Any]) -> Iterator[Probe]:
    for operation in contract.operations:
        if operation.key:
            yield from _of_one(operation, records)
        elif operation.is_list:
            yield from _of_list(operation, sorted(names.get(operation.id, {}).items()), records)


def _of_one(operation: Operation, records: list[Any]) -> Iterator[Probe]:
    parameter = key_parameter(operation)
    # A record with a null shows whether empty fields are sent or left out.
    with_null = [r for r in records if isinstance(r, dict) and None in r.values()]
    path = parameter.filter.fields[0] if parameter.filter else parameter.name
    for chosen in (records[:1], with_null[:1]):
        key = find_value(chosen[0], path) if chosen else None
        yield Probe(operation, path_values={parameter.name: key}, void=key is None)
    yield Probe(operation, path_values={parameter.name: unknown_key(parameter)}, credential="wrong")
    yield Probe(operation, path_values={parameter.name: unknown_key(parameter)})
    yield Probe(operation, path_values={parameter.name: UNKNOWN["string"]})


def _of_list(operation: Operation, names: list[tuple[str, bool]], records: list[Any]) -> Iterator[Probe]:
    size = next((p for p in operation.parameters if p.page and p.page.role == "size"), None)
    largest = int((size.page.maximum if size.page else 0) or size.schema.get("maximum") or 100) if size else 0
    yield Probe(operation, close=True)
    if size:
        # What a reading requires beside the size is given too: else no answer would show what records are like.
        needed = {p.name: FIRST[p.page.role] for p in operation.parameters if p.page and p.required}
        yield Probe(operation, {**needed, size.name: largest}, close=True)
    yield Probe(operation, credential="wrong")
    yield Probe(operation, credential="none")
    # All at once, under each of their names: what must be given together answers nothing alone.
    for prefix in sorted({name.rpartition(".")[0] for name, filters in names if not filters and "." in name}):
        yield Probe(operation, {f"{prefix}.{p.name}": PAGED[p.page.role] for p in operation.parameters if p.page})
    yield Probe(operation, {p.name: PAGED[p.page.role] for p in operation.parameters if p.page})
    paging = [p.name for p in operation.parameters if p.page]
    for name, filters in names:
        yield Probe(operation, {name: MODERATE}, coarse=filters)
    for name in paging:
        for value in (0, -1, "understudy-wrong", *([largest + 1, HUGE] if size and name == size.name else [HUGE])):
            yield Probe(operation, {name: value})
        yield Probe(operation, {name.swapcase(): MODERATE})
    # Routers differ in what they make of a slash at the end and of capitals.
    yield Probe(operation, change_path="/")
    yield Probe(operation, change_path="upper")
    json_headers = {"Content-Type": "application/json", "Accept": "application/json"}
    yield Probe(operation, headers=json_headers)
    for parameter in operation.parameters:
        if parameter.filter and parameter.where == "query":
            yield from _of_filter(operation, parameter, records)


def _of_filter(operation: Operation, parameter: Parameter, records: list[Any]) -> Iterator[Probe]:
    rule, name = parameter.filter, parameter.name
    assert rule
    values: list[Any] = ["understudy-nothing", ""]
    if rule.values is not None:
        values += [*list(rule.values)[:8], *[word for word in rule.values if word.isdecimal()][:4]]
    elif rule.dates:
        values += ["2020-01-31", "2020-01-31T00:00:00", "2020-01-31T00:00:00Z", "01/31/2020", "01/31/2020 10:30"]
    elif rule.test == "one_of":
        keys = [find_value(record, rule.fields[0]) for record in records[:2]]
        values += [keys, ",".join(map(str, keys))]
    else:
        values += list(_texts(rule.fields, records))
    for value in values:
        yield Probe(operation, {name: "" if value is None else value}, coarse=True, void=value is None)


def _texts(fields: tuple[str, ...], records: list[Any]) -> Iterator[str | None]:
    """Of each field of one record: the whole, in capitals, its beginning, its end, its middle."""
    for path in fields:
        # Not the first record: it is first in many wrong answers too.
        text = next((str(v) for r in records[1:] if isinstance(v := find_value(r, path), str) and len(v) > 6), "")
        cuts = (text, text.upper(), text[:4].strip(), text[-5:].strip(), text[1:6].strip())
        yield from (cut or None for cut in cuts)


def find_names(contracts: list[Contract]) -> Names:
    """The names of parameters under any of the contracts."""
    names: dict[str, dict[str, bool]] = {}
    for contract in contracts:
        for operation in contract.operations:
            filters = names.setdefault(operation.id, {})
            for parameter in operation.parameters:
                if parameter.where == "query":
                    aliases = () if parameter.filter else parameter.aliases
                    filters.update(dict.fromkeys((parameter.name, *aliases), parameter.filter is not None))
    return names
