"""From an annotated plain document to the mock API that plays it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_server.contract import Operation
from mock_server.engine import CompiledOperation, Compiler, MockApi
from mock_server.messages import RecordSource
from mock_server.openapi import Validators
from mock_server.plain.collections import SampledRecords
from mock_server.plain.contract import PlainContract
from mock_server.plain.envelopes import Kit
from mock_server.plain.errors import PlainErrors
from mock_server.plain.operation import CompiledPlainOperation, PlainOptions, fits_path
from mock_server.plain.plans import PlannedCollection, plan_collection
from mock_server.plain.routing import PlainRoutes
from mock_server.samples import Sampler
from mock_server.state import RateLimits

MAX_RECORDS = 10_000
"""The most records of a plain document's collection: they are kept in memory."""


class Sources(Mapping[str, SampledRecords]):
    """The collections of a plain document by name, each made when it is first asked."""

    def __init__(self, contract: PlainContract, kit: Kit, records: int | None) -> None:
        self._contract, self._kit = contract, kit
        self._records = records if records is None else min(records, MAX_RECORDS)
        self._planned: dict[str, PlannedCollection] = {}
        self._made: dict[str, SampledRecords] = {}
        self._lock = threading.RLock()

    def __getitem__(self, name: str) -> SampledRecords:
        """The records of a collection; raises KeyError."""
        if name not in self._made:
            with self._lock:
                plan = self._plan(name).plan
                self._made.setdefault(name, SampledRecords(plan, self._kit.sampler, self._find_keys))
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contract.collections)

    def __len__(self) -> int:
        return len(self._contract.collections)

    def find_view(self, operation: Operation) -> int:
        """The shape in which an operation shows records."""
        return self._plan(operation.collection).views.get(operation.pointer, 0) if operation.collection else 0

    def _plan(self, name: str) -> PlannedCollection:
        with self._lock:
            if name not in self._planned:
                if name not in self._contract.collections:
                    raise KeyError(name)
                self._planned[name] = plan_collection(self._contract, self._kit, name, self._records)
            return self._planned[name]

    def _find_keys(self, name: str) -> Sequence[Any]:
        return self[name].keys if name in self._contract.collections else ()


def make_plain_api(
    contract: PlainContract,
    seed: str,
    limits: RateLimits,
    options: PlainOptions = PlainOptions(),  # noqa: B008
) -> MockApi:
    """The mock API of a plain document; nothing is sampled or compiled before it is asked."""
    validators = Validators(contract.source.root)
    kit = Kit(contract.source, Sampler(contract.source.root, seed, validators), validators, seed)
    sources = Sources(contract, kit, options.records)

    def compile_operation(_: object, operation: Operation, shown: Mapping[str, RecordSource]) -> CompiledOperation:
        return CompiledPlainOperation(contract, operation, kit, sources, shown, sources.find_view, options)

    compiler = Compiler(
        compile_operation,
        lambda _: PlainErrors(contract, kit),
        functools.partial(_make_routes, contract.base_path),
    )
    return MockApi(contract, sources, limits, "off", compiler)


def _make_routes(base_path: str, rows: Any, ignore_case: bool) -> PlainRoutes:
    below = ((method, path.removeprefix(base_path), target) for method, path, target in rows)
    return PlainRoutes(below, base_path, fits_path)
