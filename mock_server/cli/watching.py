"""The files of one's own that are served, and what tells that one changed; looking at them costs next to nothing."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.sessions import SUFFIXES, Provider, ProviderSource, find_local

MAX_WATCHED = 20_000
"""So many files of a folder are looked at."""

SETTLED_NS = 50_000_000
"""A file that was changed so shortly before it was read may have changed since, within one tick of the file system."""

Sign = tuple[int, int, int]
Recognized = tuple[tuple[Path, Sign | None], ...]


class WatchedFolder(NamedTuple):
    """A folder, how deep it is looked into, and the endings of files that matter; None for all of them."""

    path: Path
    depth: int
    suffixes: tuple[str, ...] | None


FOLDERS: Mapping[str, tuple[int, tuple[str, ...] | None]] = {
    "schemas": (2, SUFFIXES),
    "scenarios_folder": (1, (".yaml",)),
    "mappings_folder": (8, None),
    "data": (2, (*SUFFIXES, ".csv")),
}
"""Options that name a folder: how deep files lie in it, and how they end."""


def sign(path: Path) -> Sign | None:
    """What tells that a file is another one: when it was written, its size, which one it is. None for no file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


class Watched:
    """All that is served from files of one's own, by the words and options of a command line."""

    def __init__(self, given: Mapping[str, Any], known: Collection[str]) -> None:
        words = (find_local(word, known) for word in given["providers"])
        self._words = [path for path in words if path is not None]
        laid = (Path(word.partition("=")[2] or word) for word in given["overlays"])
        chosen = [given["readings_file"]] if given["readings_file"] else []
        self._files: dict[Path, None] = dict.fromkeys((*laid, *chosen))
        named = ((given[option], *how) for option, how in FOLDERS.items() if given[option])
        self._folders = [WatchedFolder(*each) for each in named]

    @property
    def is_any(self) -> bool:
        """Whether anything is served that its user may edit."""
        return bool(self._words or self._files or self._folders)

    def refer(self, providers: Iterable[Provider]) -> None:
        """Watch what documents refer to, too: once a file was, it may come back."""
        self._files.update(dict.fromkeys(path for provider in providers for path in _list_referred(provider)))

    def look(self) -> Mapping[str, Sign | None]:
        """What each file is like."""
        return {str(path): sign(path) for path in self._list()}

    def _list(self) -> Iterator[Path]:
        yield from self._files
        for folder in self._folders:
            yield from list_files(folder)
        for path in self._words:
            if _is_folder(path):
                yield from list_files(WatchedFolder(path, 2, SUFFIXES))
            else:
                yield path
                yield from ProviderSource("", None, str(path)).list_overlays()


def _is_folder(entry: Path | os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # one that nobody may look into
        return False


def list_files(folder: WatchedFolder) -> Iterator[Path]:
    """The files of a folder that matter, none of those that editors keep beside them."""
    return itertools.islice(_walk(folder), MAX_WATCHED)


def _walk(folder: WatchedFolder) -> Iterator[Path]:
    try:
        with os.scandir(folder.path) as scanned:
            entries = [entry for entry in scanned if not entry.name.startswith((".", "#", "~"))]
    except OSError:
        return
    for entry in entries:
        path = folder.path / entry.name
        if _is_folder(entry):
            if folder.depth > 1:
                yield from _walk(folder._replace(path=path, depth=folder.depth - 1))
        elif not entry.name.endswith("~") and (folder.suffixes is None or path.suffix.lower() in folder.suffixes):
            yield path


def _list_referred(provider: Provider) -> Iterator[Path]:
    known = provider.understood
    for file in known.document.files if known else ():
        yield Path(known.place).parent / file  # type: ignore[union-attr]


class _Kept(NamedTuple):
    provider: Provider
    files: Recognized
    is_settled: bool

    def is_current(self) -> bool:
        return self.is_settled and all(sign(path) == known for path, known in self.files)


class Remembered:
    """Providers whose files are as they were when they were loaded: they need not be loaded again."""

    def __init__(self, before: Remembered | None = None) -> None:
        self._before: Mapping[Hashable, _Kept] = before.kept if before else {}
        self.kept: dict[Hashable, _Kept] = {}

    def __call__(self, source: ProviderSource, case: Hashable, load: Callable[[], Provider]) -> Provider:
        """The provider of a source, loaded if it is new or has changed; raises what `load` does."""
        kept = self._before.get((source, case))
        if kept is None or not kept.is_current():
            start = time.time_ns()
            provider = load()
            files = tuple((path, sign(path)) for path in _list_files(source, provider))
            is_settled = all(known is None or known[0] < start - SETTLED_NS for _, known in files)
            kept = _Kept(provider, files, is_settled)
        self.kept[source, case] = kept
        return kept.provider


def _list_files(source: ProviderSource, provider: Provider) -> Iterator[Path]:
    """All files that a provider is made of, or would be if they were there."""
    if source.folder:
        yield from list_files(WatchedFolder(source.folder, 1, SUFFIXES))
    if source.path:
        yield source.path
        yield from source.list_overlays()
    if provider.understood:
        yield from provider.understood.overlays
        yield from _list_referred(provider)
