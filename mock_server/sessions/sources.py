"""What a person asks to be played: words such as `fatora`, `petstore.yaml`, `shop=api.json`, a folder, a URL, `-`."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mock_server.contract import ERROR_KINDS
from mock_server.errors import UsageError, suggest
from mock_server.openapi import MAX_DOCUMENT_BYTES, Source
from mock_server.sessions.download import download

DOCUMENT = "openapi.yaml"
"""The file that makes a folder a provider's, if annotations stand in it."""

RESERVED = ("assets", "console", "docs", "openapi")
"""What the server itself has pages under."""

SUFFIXES = (".yaml", ".yml", ".json")
INPUT = "-"

_ANNOTATED = re.compile(
    r"""^\s*["']?x-collection["']?\s*:"""
    r"""|["']?x-error["']?\s*:\s*(?:\{|(?:["']?kind["']?\s*:\s*)?["']?(?:""" + "|".join(ERROR_KINDS) + r")\b)",
    re.MULTILINE,
)
"""What no document has by accident: a collection, or the kind of an error."""

_DOCUMENT = re.compile(rb"""(?:^|[{,])\s*["']?(?:openapi|swagger)["']?\s*:\s*["']?[1-9]""", re.MULTILINE)
_OTHER = re.compile(rb"""^\s*\{?\s*["']?overlay["']?\s*:""")


@dataclass(frozen=True)
class ProviderSource:
    """Where a provider comes from: the folder of its contract, or a plain document.

    `name` is the provider's, empty where its document is still to be asked for it. `place` is a file, a URL or `-`.
    """

    name: str
    folder: Path | None = None
    place: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether what it means is inferred."""
        return self.folder is None

    def load(self) -> Source:
        """The text of a plain document. Raises UsageError or ContractError where it cannot be had."""
        if self.place == INPUT:
            return Source(sys.stdin.buffer.read(MAX_DOCUMENT_BYTES + 1), "standard input")
        if _is_url(self.place):
            return Source(download(self.place, MAX_DOCUMENT_BYTES), self.place)
        return Source.of_file(Path(self.place))

    @property
    def path(self) -> Path | None:
        """The file of a plain document, None where it is none."""
        return None if self.folder or self.place == INPUT or _is_url(self.place) else Path(self.place)

    def list_overlays(self) -> list[Path]:
        """Where an overlay of a plain document's file is found by itself: `petstore.overlay.yaml` and the like."""
        path = self.path
        return [path.with_name(f"{path.stem}.overlay{suffix}") for suffix in SUFFIXES] if path else []

    def find_overlay(self) -> Path | None:
        """`petstore.overlay.yaml` beside `petstore.yaml`, where it is there."""
        return next((each for each in self.list_overlays() if each.is_file()), None)


def find_sources(words: Iterable[str], known: dict[str, Path]) -> list[ProviderSource]:
    """What each word names, in order; `known` are the folders of contracts by their names.

    Raises:
        UsageError: a word names nothing, or nothing that can be played; or what may not be a name.
    """
    return [source for word in words for source in _find(word, known)]


def split_word(word: str) -> tuple[str, str]:
    """The name that a word gives a document, or an empty text; and the file, folder or URL that it names."""
    name, equals, place = word.partition("=")
    return ("", word) if not equals or Path(word).exists() or _is_url(word) else (name, place)


def find_local(word: str, known: Collection[str]) -> Path | None:
    """The file or folder that a word names; None for a known provider, a URL and standard input."""
    place = split_word(word)[1]
    return None if word in known or place == INPUT or _is_url(place) else Path(place)


def _find(word: str, known: dict[str, Path]) -> Iterator[ProviderSource]:
    if word in known:
        yield ProviderSource(word, known[word])
        return
    name, place = split_word(word)
    if name or place != word:
        require_name(name)
    if place == INPUT or _is_url(place):
        yield ProviderSource(name, None, place)
    elif Path(place).is_dir():
        yield from _find_in_folder(name, Path(place))
    elif Path(place).exists() or name:
        yield ProviderSource(name, None, place)
    else:
        raise UsageError(_unknown(word, known))


def _is_url(word: str) -> bool:
    return word.startswith(("http://", "https://"))


def _unknown(word: str, known: dict[str, Path]) -> str:
    if not known or "/" in word or word.endswith(SUFFIXES):
        return f"There is no file or folder {word}."
    return f"There is no provider {word!r}; {suggest(word, known, '{}', else_all=True)}"


def _find_in_folder(name: str, place: Path) -> Iterator[ProviderSource]:
    """The contract of a folder, those of the folders in it, or the plain documents."""
    if is_contract(place):
        folder = place.resolve()  # so that `.` has a name
        require_name(name or folder.name)
        yield ProviderSource(name or folder.name, folder)
        return
    contracts = [path.parent for path in sorted(place.glob(f"*/{DOCUMENT}")) if is_contract(path.parent)]
    for folder in contracts:
        require_name(folder.name)
        yield ProviderSource(folder.name, folder)
    documents = _find_documents(place) or ([] if contracts else _find_documents_below(place))
    for path in documents:
        if path.stem == Path(DOCUMENT).stem and _is_annotated(path):
            raise UsageError(f"No contract was found in {place}. There is {path}: is it to be called {DOCUMENT}?")
    if name and len(documents) + len(contracts) != 1:
        raise UsageError(f"{name}={place}: one name for {len(documents) + len(contracts)} documents; name a file.")
    yield from (ProviderSource(name, None, str(path)) for path in documents)
    if not documents and not contracts:
        raise UsageError(f"No contract and no OpenAPI document was found in {place}.")


def _find_documents(place: Path) -> list[Path]:
    return [path for path in sorted(place.iterdir()) if path.suffix.lower() in SUFFIXES and _is_document(path)]


def _find_documents_below(place: Path) -> list[Path]:
    """The documents of the folders below, where each is called as documents are."""
    named = (path for stem in ("openapi", "swagger") for path in place.glob(f"*/{stem}.*"))
    return sorted(path for path in named if path.suffix.lower() in SUFFIXES and _is_document(path))


def _is_document(path: Path) -> bool:
    """Whether a file looks like a document of OpenAPI, and not like a part of one or an overlay."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return bool(_DOCUMENT.search(content)) and not _OTHER.search(content)


def is_contract(folder: Path) -> bool:
    """Whether a folder is an annotated contract's; so is one whose file is no document, for loading to say why."""
    path = folder / DOCUMENT
    return path.is_file() and (_is_annotated(path) or not _is_document(path))


def _is_annotated(path: Path) -> bool:
    try:
        return bool(_ANNOTATED.search(path.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return False


def require_name(name: str) -> None:
    """Refuse what a provider cannot be called. Raises: UsageError."""
    if name in RESERVED:
        raise UsageError(f"A provider cannot be called {name!r}: the server's own pages are there; rename its folder.")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise UsageError(
            f"A provider cannot be called {name!r}: it stands in URLs, variables and readings; "
            "name its folder with letters, digits, - and _, a letter first.",
        )
