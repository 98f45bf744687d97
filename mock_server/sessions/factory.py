"""From folders of data to mock APIs that can play: contracts, records, limits."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from mock_server.contract import Collection, Contract, Vocabulary, load_contract, load_readings
from mock_server.engine import MockApi, StoredCollections, choose_compiler, make_once
from mock_server.errors import ContractError, ContractErrors, UsageError, suggest
from mock_server.generation import check_collection
from mock_server.messages import Collections
from mock_server.plain import PlainContract, PlainOptions, make_plain_api
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.mounts import read_mounts
from mock_server.sessions.providers import Provider, choose_overlays, is_plain, load_plain
from mock_server.sessions.sources import DOCUMENT, ProviderSource, find_sources, require_name
from mock_server.state import RateLimits, SharedState, open_state
from mock_server.store import Recipe, open_records
from mock_server.tokens import make_issuer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment records are grown at: an argument and not the clock, so that tomorrow's records are today's."""

MAX_RECORDS = 10_000_000
"""The most records of a collection, whoever asks: command line, contract, session, console or scenario.

They take four to six gigabytes and several minutes to build."""

Recall = Callable[[ProviderSource, Hashable, Callable[[], Provider]], Provider]
"""Gives what was loaded of a source before, under the same circumstances, if it is as it was; else loads it."""

Progress = Callable[[str, int, int], None]
"""Called while records are built: what, how many are done, of how many."""


def find_home() -> Path:
    """The folder of the contracts that come with Understudy."""
    inside = Path(__file__).parents[1] / "schemas"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "schemas"


@functools.cache
def load_vocabulary() -> Vocabulary:
    """The annotations that contracts may use."""
    return Vocabulary((find_home() / "annotations.schema.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Settings:
    """How a server plays: which providers, from which seed, with how many records.

    `providers` are words as people type them: names, files, folders, URLs. `records` of None means the contract's own
    count; `readings` maps provider to reading to alternative; `shared` is a folder that several worker processes count
    their limits in. The rest is of plain documents: `overlays` are words `FILE` or `NAME=FILE`, `mounts` words `/PATH`
    or `NAME=/PATH`; `strict` makes errors of their warnings. The words of `limits`, `examples`, `requests`,
    `credentials`, `etags` and `idempotency` are in `modes`.
    """

    providers: tuple[str, ...] = ()
    schemas: Path | None = None
    seed: str = "understudy"
    records: int | None = None
    readings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    limits: str = "report"
    cache: Path | None = None
    shared: Path | None = None
    trust_proxy: bool = False
    overlays: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()
    strict: bool = False
    examples: str = "records"
    requests: str = "refuse"
    credentials: str = "any"
    etags: str = "documented"
    idempotency: str = "documented"


def find_folders(schemas: Path | None = None) -> dict[str, Path]:
    """Each provider's folder by the provider's name.

    `schemas` is a provider's own folder or one that holds a folder for each; None: those that come with Understudy.
    Raises UsageError where no contract is in either place.
    """
    place = schemas or find_home()
    if place.is_file():
        raise UsageError(f"{place} is a file; expected the folder that it is in ({place.parent}).")
    if (place / DOCUMENT).is_file():
        place = place.resolve()  # so that `.` has a name
        folders = {place.name: place}
    else:
        folders = {path.parent.name: path.parent for path in sorted(place.glob(f"*/{DOCUMENT}"))}
    if not folders:
        raise UsageError(_nothing_in(place))
    for name in folders:
        require_name(name)
    return folders


def _nothing_in(place: Path) -> str:
    """What was looked for in a folder without contracts, and a file that may have been meant."""
    if not place.is_dir():
        return f"There is no folder {place}."
    near = sorted([*place.glob("openapi.*"), *place.glob("*/openapi.*")])
    hint = f" There is {near[0]}: is it to be called {DOCUMENT}?" if near else ""
    return f"No contract was found in {place}: neither {place / DOCUMENT} nor {place / '*' / DOCUMENT} exists.{hint}"


def find_folder(schemas: Path | None, provider: str) -> Path:
    """The folder of one provider's files: `schemas` itself where it is the provider's own, else the one below it."""
    place = schemas or find_home()
    return place.resolve() if (place / DOCUMENT).is_file() else place / provider


def find_own_folder(settings: Settings, provider: str) -> Path | None:
    """The folder of a provider that these settings play, or None for one of a plain document."""
    known = find_folders(settings.schemas)
    sources = find_sources(settings.providers or known, known)
    return next((source.folder for source in sources if source.name == provider), None)


def load_contracts(settings: Settings) -> dict[str, Contract]:
    """The contracts of the chosen providers, or of all, by name; raises UsageError, ContractError, ContractErrors."""
    return {name: provider.contract for name, provider in load_providers(settings).items()}


def load_checkable(settings: Settings) -> dict[str, Provider]:
    """The same providers for who asks a target what they promise: of plain documents, what can be asked."""
    return {name: provider.as_checkable() for name, provider in load_providers(settings).items()}


def load_providers(settings: Settings, recall: Recall = lambda source, case, load: load()) -> dict[str, Provider]:
    """The chosen providers, or all, by name and in order.

    Raises:
        UsageError: one is not known, cannot be had or cannot be called so; ContractError, ContractErrors: one is wrong.
    """
    known = find_folders(settings.schemas)
    sources = find_sources(settings.providers or known, known)
    names = {source.name for source in sources if source.folder}
    _require_known(settings.readings, {*names, *known})
    overlays = choose_overlays(settings.overlays, sources)
    providers: dict[str, Provider] = {}
    for number, source in enumerate(sources):
        if source.folder:
            readings = settings.readings.get(source.name, {})
            case: Hashable = tuple(readings.items())
            load = functools.partial(_load_annotated, source.name, source.folder, readings)
        else:
            taken, laid = {*providers, *names}, overlays.get(number, ())
            case = frozenset(taken), laid
            load = functools.partial(load_plain, source, taken, laid, settings.credentials, settings.strict)
        provider = recall(source, case, load)
        providers[provider.contract.provider] = provider
    return providers


def _load_annotated(name: str, folder: Path, readings: Mapping[str, str]) -> Provider:
    return Provider(replace(load_checked(folder, load_vocabulary(), readings), provider=name), folder)


def _require_known(wanted: Iterable[str], known: Iterable[str]) -> None:
    for name in wanted:
        if name not in known:
            raise UsageError(f"There is no provider {name!r}; {suggest(name, known, '{}', else_all=True)}")


def load_checked(folder: Path, vocabulary: Vocabulary, readings: Mapping[str, str]) -> Contract:
    """One contract whose records can be grown as well."""
    contract = load_contract(folder, vocabulary, readings)
    problems = [
        _placed(folder, contract, name, problem)
        for name, collection in contract.collections.items()
        for problem in check_collection(collection)
    ]
    if problems:
        raise ContractErrors(problems)
    return contract


def load_alternatives(folder: Path, mentions: str = "") -> Iterator[Contract]:
    """The contract as each alternative of each of its readings makes it; raises what load_checked raises.

    With `mentions`, only of alternatives that name it in what they change.
    """
    vocabulary = load_vocabulary()
    for reading in load_readings(folder):
        for name, alternative in reading["alternatives"].items():
            if mentions in json.dumps(alternative["actions"]):
                yield load_checked(folder, vocabulary, {reading["id"]: name})


def list_readings(schemas: Path | None = None) -> list[str]:
    """Every reading that can be chosen, as `parse_readings` takes it; raises UsageError or ContractError."""
    return [
        f"{provider}.{reading['id']}={alternative}"
        for provider, folder in find_folders(schemas).items()
        for reading in load_readings(folder)
        for alternative in reading["alternatives"]
    ]


def _placed(folder: Path, contract: Contract, collection: str, problem: ContractError) -> ContractError:
    """The problem with the file its item schema stands in."""
    schemas = contract.document["components"]["schemas"]
    stems = (s for s, node in schemas.items() if node.get("x-collection", {}).get("name") == collection)
    stem = next(stems, "")
    file = f"{folder.name}/{stem}.schema.json"
    return ContractError(file, problem.pointer, problem.problem, problem.hint)


def make_apis(
    contracts: Mapping[str, Contract],
    settings: Settings,
    progress: Progress | None = None,
    state: SharedState | None = None,
) -> MockApis:
    """The mock APIs of these contracts, their records built or cached; `state` is what requests change."""
    state = state or open_state()
    apis = {name: make_api(contract, settings, progress, state) for name, contract in contracts.items()}
    return MockApis(apis, settings.trust_proxy, find_mounts(contracts, settings))


def make_api(
    contract: Contract,
    settings: Settings,
    progress: Progress | None = None,
    state: SharedState | None = None,
) -> MockApi:
    """One mock API over its sources of records; those of a plain document are made when they are asked."""
    state = state or open_state()
    limits = RateLimits(contract.provider, state.counts)
    issuer = make_issuer(contract, settings.seed, state, settings.credentials == "listed")
    if isinstance(contract, PlainContract):
        options = PlainOptions(**{name: getattr(settings, name) for name in PlainOptions._fields})
        return make_plain_api(contract, settings.seed, limits, options, state.changes, issuer)
    once = make_once(contract, state.changes, settings.idempotency)
    sources = open_sources(contract, settings, state, progress)
    return MockApi(contract, sources, limits, settings.limits, choose_compiler(settings.etags), issuer, once)


def open_sources(
    contract: Contract,
    settings: Settings,
    state: SharedState,
    progress: Progress | None = None,
    more: int = 0,
) -> Collections:
    """The collections of a contract, with so many more records than the settings say; raises StorageError."""
    if isinstance(contract, PlainContract):
        return _open_plain(contract, settings, state, more)
    stored = {}
    for name, collection in contract.collections.items():
        report = _for_collection(progress, f"{contract.provider}/{name}") if progress else None
        recipe = find_recipe(collection, settings, more)
        stored[name] = open_records(recipe, settings.cache or default_cache(), report)
    return StoredCollections(contract, stored, state.changes)


def _open_plain(contract: PlainContract, settings: Settings, state: SharedState, more: int) -> Collections:
    collections = {name: replace(each, records=each.records + more) for name, each in contract.collections.items()}
    settings = settings if settings.records is None else replace(settings, records=settings.records + more)
    return make_api(replace(contract, collections=collections), settings, state=state).sources


def find_mounts(contracts: Mapping[str, Contract], settings: Settings) -> dict[str, str]:
    """Where providers answer beside their name: a path, and the provider there; raises UsageError."""
    plain = [name for name, contract in contracts.items() if is_plain(contract)]
    return read_mounts(settings.mounts, plain, contracts)


def find_recipe(collection: Collection, settings: Settings, more: int = 0) -> Recipe:
    """What the records of a collection are made of under these settings."""
    count = collection.records if settings.records is None else settings.records
    return Recipe(collection, settings.seed, count + more, NOW)


def _for_collection(progress: Progress, what: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(what, done, total)


def default_cache() -> Path:
    """The user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("understudy")
