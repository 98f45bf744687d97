"""Mock APIs for what sessions and scenarios change: another seed, other records, another reading, another contract."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from mock_server.contract import Contract, load_contract
from mock_server.engine import DEFAULT_SIZE, MockApi, RecordSource
from mock_server.faults import NO_OVERRIDES, DataOverrides, Moving, find_actions, move
from mock_server.generation import find_overrides
from mock_server.sessions.factory import NOW, Settings, default_cache, find_folder, load_vocabulary, make_api
from mock_server.state import Counts
from mock_server.store import Recipe, StoredRecords, open_records

MAX_OPEN = 128
"""How many variants one process keeps open; the least recently used one is closed."""


class Variant(NamedTuple):
    """Which mock API plays: the settings of a session, and the data_overrides of a scenario."""

    provider: str
    seed: str
    records: int | None
    readings: tuple[tuple[str, str], ...]
    limits: str
    data_overrides: DataOverrides = NO_OVERRIDES


class Variants:
    """Opens mock APIs as they are asked for; records are built once and then come from the cache."""

    def __init__(self, contracts: Mapping[str, Contract], settings: Settings, counts: Counts) -> None:
        self.settings, self._contracts, self._counts = settings, contracts, counts
        self._open: OrderedDict[Variant, MockApi] = OrderedDict()
        self._making: dict[Variant, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, variant: Variant) -> MockApi:
        """The mock API of a variant; raises UsageError or ContractErrors where there cannot be one."""
        with self._lock:
            if variant in self._open:
                self._open.move_to_end(variant)
                return self._open[variant]
            making = self._making.setdefault(variant, threading.Lock())
        with making:  # a million records keep those waiting who asked for them, and nobody else
            try:
                return self._open.get(variant) or self._keep(variant, self._make(variant))
            finally:
                self._making.pop(variant, None)

    def _keep(self, variant: Variant, api: MockApi) -> MockApi:
        with self._lock:
            self._open[variant] = api
            while len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
        return api

    def _make(self, variant: Variant) -> MockApi:
        contract = self._contract(variant)
        data_overrides, settings = variant.data_overrides, self._settings(variant)
        if data_overrides.edges:
            contract = _with_edges(contract, data_overrides.edges)
        if data_overrides.pages:
            settings = replace(settings, records=data_overrides.pages * find_page_size(contract))
        if data_overrides.records is not None:
            settings = replace(settings, records=data_overrides.records)
        api = make_api(contract, settings, None, self._counts)
        return self._moved(api, contract, settings, data_overrides.motions) if data_overrides.motions else api

    def _settings(self, variant: Variant) -> Settings:
        readings = {variant.provider: dict(variant.readings)}
        return replace(
            self.settings,
            seed=variant.seed,
            records=variant.records,
            limits=variant.limits,
            readings=readings,
        )

    def _contract(self, variant: Variant) -> Contract:
        known = self._contracts[variant.provider]
        data_overrides, readings = variant.data_overrides, dict(variant.readings)
        if readings == dict(known.readings) and not data_overrides.drifts and not data_overrides.overlays:
            return known
        folder = find_folder(self.settings.schemas, variant.provider)
        actions = [action for text in data_overrides.overlays for action in json.loads(text)]
        contract = load_contract(folder, load_vocabulary(), readings, actions)
        drifting = [action for drift in data_overrides.drifts for action in find_actions(contract.document, drift)]
        if not drifting:
            return contract
        return _drifted(contract, load_contract(folder, load_vocabulary(), readings, [*actions, *drifting]))

    def _moved(self, api: MockApi, contract: Contract, settings: Settings, motions: tuple[str, ...]) -> MockApi:
        sources: dict[str, RecordSource] = {}
        for name, collection in contract.collections.items():
            source: StoredRecords = api.sources[name]  # type: ignore[assignment]
            folder = settings.cache or default_cache()
            more = open_records(Recipe(collection, settings.seed, source.total + 1, NOW), folder)
            for motion in motions:
                moving = Moving(motion, more, collection.key, find_page_size(contract))
                source = move(source, moving)  # type: ignore[assignment]
            sources[name] = source
        return api.over(sources)


def _drifted(old: Contract, new: Contract) -> Contract:
    """The new contract over the old one's records: what the drift does not touch keeps its values."""
    collections = {
        name: replace(
            collection,
            schema=old.collections[name].schema,
            hidden=old.collections[name].hidden,
            overrides=find_overrides(old.collections[name], collection),
        )
        for name, collection in new.collections.items()
    }
    return replace(new, collections=collections)


def _with_edges(contract: Contract, edges: tuple[str, ...]) -> Contract:
    bent = {name: replace(collection, edges=edges) for name, collection in contract.collections.items()}
    return replace(contract, collections=bent)


def find_page_size(contract: Contract) -> int:
    """The usual size of a page: the default of the first list that has one."""
    sizes = (
        parameter.schema.get("default")
        for operation in contract.operations
        if operation.is_list
        for parameter in operation.parameters
        if parameter.page and parameter.page.role == "size"
    )
    return next((size for size in sizes if isinstance(size, int)), DEFAULT_SIZE)
