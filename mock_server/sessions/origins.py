"""Where a provider's document stands on disk: the file and the line of a place in it, for who is to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.contract import locate
from mock_server.errors import ContractError
from mock_server.openapi import PARTS, DocumentWarning, find_lines, find_written_lines
from mock_server.sessions.providers import Provider


class Origin(NamedTuple):
    """A line of a file; line 1 where the place itself does not stand in it."""

    file: Path
    line: int


def get_document(provider: Provider) -> Mapping[str, Any]:
    """The document of a provider as its author divided it: what is referred to stands where it is written."""
    return provider.understood.document.root if provider.understood else provider.contract.document


def find_origins(provider: Provider, pointers: Iterable[str]) -> dict[str, Origin]:
    """The origins of places (JSON Pointers) in a provider's document; none of a document that is no file."""
    wanted = tuple(dict.fromkeys(pointers))
    if provider.folder:
        return _find_in_folder(provider.folder, wanted)
    path = Path(provider.understood.place) if provider.understood else None
    if path is None or not path.is_file():
        return {}
    lines = find_written_lines(path, wanted)
    return {pointer: _find_in_part(path, pointer) or Origin(path, lines.get(pointer, 1)) for pointer in wanted}


def _find_in_part(path: Path, pointer: str) -> Origin | None:
    """A place of another file that the document refers to; None for one of its own."""
    if not pointer.startswith(f"/{PARTS}/"):
        return None
    name, _, inside = pointer.removeprefix(f"/{PARTS}/").partition("/")
    file = name.replace("~1", "/").replace("~0", "~")
    (located,) = find_lines([DocumentWarning(file, 0, f"/{inside}" if inside else "", "")], str(path))
    return Origin(path.parent / file, max(located.line, 1))


def _find_in_folder(folder: Path, pointers: tuple[str, ...]) -> dict[str, Origin]:
    try:
        places = locate(folder, pointers)
    except ContractError:
        return {}  # the files are others by now
    origins: dict[str, Origin] = {}
    for file in dict.fromkeys(file for file, _ in places.values()):
        mine = [(pointer, inside) for pointer, (path, inside) in places.items() if path == file]
        located = find_lines([DocumentWarning(str(file), 0, inside, "") for _, inside in mine], str(file))
        origins |= {pointer: Origin(file, max(place.line, 1)) for (pointer, _), place in zip(mine, located)}
    return origins
