"""Files that are edited while they are served: loaded once more, of documents those alone that changed."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.cli.mistakes import describe_mistake
from mock_server.cli.terminal import Terminal
from mock_server.cli.watching import Remembered, Watched
from mock_server.server import Edits, extend, note
from mock_server.sessions import (
    OwnRecords,
    Provider,
    ProviderSource,
    Recall,
    SessionApis,
    Setup,
    find_folders,
    load_plain,
    make_session_apis,
    warm,
)
from mock_server.state import EVERYONE

OWN_RECORDS = "own records"
"""What a kept folder notes of the records of files."""

AT_ONCE = 500
"""So many records of files are put in as one change; more, one after the other."""


class Loaded(NamedTuple):
    """Everything that is served, as its files are now."""

    providers: Mapping[str, Provider]
    setup: Setup


Load = Callable[[bool, Recall], Loaded]
"""Loads everything; the first argument says whether it may be edited."""


class Reloading:
    """What is loaded at the start and, where files are edited, again; `is_on` says whether they are looked at."""

    def __init__(self, watched: Watched, is_on: bool, load: Load) -> None:
        self._watched, self.is_on, self._load = watched, is_on, load
        self._remembered = Remembered()
        self._seen: Mapping[str, Any] = {}
        self._providers: Mapping[str, Provider] = {}
        self._given: tuple[Any, ...] = ()

    def start(self) -> Loaded:
        """What is served first; raises what loading does."""
        if not self.is_on:
            return self._load(False, lambda source, case, load: load())
        seen = self._watched.look()
        loaded = self._load(True, self._remembered)
        self._keep(loaded)
        self._seen = extend(seen, self._watched.look())
        return loaded

    def _keep(self, loaded: Loaded) -> None:
        self._providers = loaded.providers
        self._watched.refer(loaded.providers.values())

    def find_edits(self, load_own: Callable[[SessionApis], OwnRecords]) -> Edits | None:
        """How edited files are taken up, None where nobody looks at them; `load_own` checks the records of files."""
        if not self.is_on:
            return None

        def load(before: SessionApis, slot: int) -> SessionApis:
            remembered = Remembered(self._remembered)
            loaded = self._load(True, remembered)
            _require_whole(self._providers.values(), loaded.providers.values())
            apis = make_session_apis(loaded.setup, slot=slot, before=before)
            own = load_own(apis)
            self._remembered = remembered
            self._keep(loaded)
            warm(apis)
            if slot == 0:
                self._give(own, apis, loaded)
            return apis

        return Edits(self._watched.look, self._seen, load, _describe, _say)

    def _give(self, own: OwnRecords, apis: SessionApis, loaded: Loaded) -> None:
        """Put in the records of files in place of those before, if any are others, or made by other contracts."""
        changes, given = apis.services.state.changes, (own.digest, *map(id, loaded.providers.values()))
        if given == self._given or not changes:
            return
        self._given = given
        note(loaded.setup.folder, OWN_RECORDS, "put in while serving")
        with changes.loading(), changes.changing() if len(own.records) <= AT_ONCE else contextlib.nullcontext():
            changes.forget(EVERYONE)
            own.give()


def _require_whole(before: Iterable[Provider], now: Iterable[Provider]) -> None:
    """Refuse what a document of a folder became that is none any more; one that is gone was taken away.

    Raises: ContractError that says what is wrong with it.
    """
    places = {provider.understood.place for provider in now if provider.understood}
    for known in (provider.understood for provider in before):
        if known and known.place not in places and Path(known.place).is_file():
            load_plain(ProviderSource("", None, known.place), set())


def make_reloading(given: Mapping[str, Any], load: Load) -> Reloading:
    """What loads what a command line names. By itself it looks at files of one's own, on a terminal."""
    watched = Watched(given, find_folders(given["schemas"]))
    by_itself = watched.is_any and sys.stdout.isatty()
    return Reloading(watched, by_itself if given["reload"] is None else given["reload"], load)


def _describe(error: Exception) -> str:
    says = describe_mistake(error)
    if not says:
        traceback.print_exception(error)
    return says or "Understudy failed; the traceback stands where it was started."


def _say(sentence: str, is_mistake: bool) -> None:
    with contextlib.suppress(OSError, ValueError):  # nobody reads any more
        stream = sys.stderr if is_mistake else sys.stdout
        Terminal(stream, is_terminal=False, coloured=False).print(sentence)
