"""Mock APIs for what sessions and scenarios change: another seed, other records, another reading, another contract."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from mock_server.contract import Contract, load_contract
from mock_server.engine import DEFAULT_SIZE, MockApi
from mock_server.errors import UsageError
from mock_server.faults import NO_OVERRIDES, DataOverrides, Motions, MovedCollections, find_actions
from mock_server.generation import find_overrides
from mock_server.plain import PlainContract
from mock_server.sessions.builds import Builds
from mock_server.sessions.factory import (
    MAX_RECORDS,
    Progress,
    Settings,
    default_cache,
    find_own_folder,
    find_recipe,
    load_vocabulary,
    make_api,
    open_sources,
)
from mock_server.sessions.providers import change_plain
from mock_server.state import SharedState
from mock_server.store import has_records

MAX_OPEN = 128
"""How many variants one process keeps open; the least recently used one is closed."""

QUICK_RECORDS = 10_000
"""Up to so many records are built while the request waits, for half a second; more are built elsewhere."""


class Variant(NamedTuple):
    """Which mock API plays: the settings of a session, and the data_overrides of a scenario."""

    provider: str
    seed: str
    records: int | None
    readings: tuple[tuple[str, str], ...]
    limits: str
    data_overrides: DataOverrides = NO_OVERRIDES


class _Plan(NamedTuple):
    """What a variant is made of."""

    contract: Contract
    settings: Settings
    motions: tuple[str, ...]


class Variants:
    """Opens mock APIs as they are asked for; records are built once and then come from the cache."""

    def __init__(
        self,
        contracts: Mapping[str, Contract],
        settings: Settings,
        state: SharedState,
    ) -> None:
        self.settings, self._contracts, self._state = settings, contracts, state
        self._open: OrderedDict[Variant, MockApi] = OrderedDict()
        self._making: dict[Variant, threading.Lock] = {}
        self._builds: Builds[MockApi] = Builds()
        self._lock = threading.Lock()

    def get(self, variant: Variant) -> MockApi:
        """The mock API of a variant.

        Raises:
            Problem: 503 while many records are being built for it.
            UsageError: there cannot be one; a StorageError where its records cannot be kept.
            ContractErrors: there cannot be one, for its contract would be wrong.
        """
        with self._lock:
            if variant in self._open:
                self._open.move_to_end(variant)
                return self._open[variant]
        quick = None if variant in self._builds else self._open_quickly(variant)
        return quick or self._keep(
            variant,
            self._builds.fetch(variant, variant.provider, lambda progress: self._make(self._plan(variant), progress)),
        )

    def _open_quickly(self, variant: Variant) -> MockApi | None:
        """The mock API where its records are there or few; None where many would have to be built."""
        with self._lock:
            making = self._making.setdefault(variant, threading.Lock())
        with making:  # who asks for the same waits for it, and nobody else
            try:
                if variant in self._open:
                    return self._open[variant]
                plan = self._plan(variant)
                return self._keep(variant, self._make(plan)) if self._is_quick(plan) else None
            finally:
                self._making.pop(variant, None)

    def _is_quick(self, plan: _Plan) -> bool:
        if isinstance(plan.contract, PlainContract):
            return True  # nothing is built before it is asked
        folder = plan.settings.cache or default_cache()
        # A collection in motion needs itself with one record more as well.
        counts = (0, 1) if plan.motions else (0,)
        collections = plan.contract.collections.values()
        recipes = [find_recipe(collection, plan.settings, more) for collection in collections for more in counts]
        return all(recipe.count <= QUICK_RECORDS or has_records(recipe, folder) for recipe in recipes)

    def _keep(self, variant: Variant, api: MockApi) -> MockApi:
        with self._lock:
            self._open[variant] = api
            while len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
        return api

    def _plan(self, variant: Variant) -> _Plan:
        contract = self._contract(variant)
        overrides, settings = variant.data_overrides, self._settings(variant)
        if overrides.edges:
            contract = _with_edges(contract, overrides.edges)
        if overrides.pages:
            settings = replace(settings, records=overrides.pages * find_page_size(contract))
        if overrides.records is not None:
            settings = replace(settings, records=overrides.records)
        if settings.records is not None and settings.records > MAX_RECORDS:
            raise UsageError(
                f"{settings.records:,} records are more than the {MAX_RECORDS:,} that a collection may have.",
            )
        return _Plan(contract, settings, overrides.motions)

    def _make(self, plan: _Plan, progress: Progress | None = None) -> MockApi:
        api = make_api(plan.contract, plan.settings, progress, self._state)
        return self._moved(api, plan, progress) if plan.motions else api

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
        actions = [action for text in data_overrides.overlays for action in json.loads(text)]
        if isinstance(known, PlainContract):
            # A drift changes what an author marked as the schema of records; nothing is marked so in a plain document.
            return change_plain(known, actions, self.settings.credentials)
        folder = find_own_folder(self.settings, variant.provider)
        if folder is None:
            raise UsageError(f"The folder of {variant.provider} is not known here.")
        contract = load_contract(folder, load_vocabulary(), readings, actions)
        drifting = [action for drift in data_overrides.drifts for action in find_actions(contract.document, drift)]
        if not drifting:
            return contract
        return _drifted(contract, load_contract(folder, load_vocabulary(), readings, [*actions, *drifting]))

    def _moved(self, api: MockApi, plan: _Plan, progress: Progress | None) -> MockApi:
        """The same with its collections in motion."""
        more = open_sources(plan.contract, plan.settings, self._state, progress, more=1)
        keys = {name: collection.key for name, collection in plan.contract.collections.items()}
        motions = Motions(plan.motions, keys, find_page_size(plan.contract))
        return api.over(MovedCollections(api.sources, more, motions))


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
    collections = {name: replace(collection, edges=edges) for name, collection in contract.collections.items()}
    return replace(contract, collections=collections)


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
