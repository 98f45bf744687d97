"""A document of any version as a `Document`: read, bundled with its files, lifted to OpenAPI 3.1, what is odd noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mock_server.contract import find_pointer, upgrade_document, upgrade_part
from mock_server.errors import ContractError
from mock_server.openapi.bundle import Bundler, Note
from mock_server.openapi.document import Document, DocumentWarning
from mock_server.openapi.naming import find_name, fit_name
from mock_server.openapi.oddities import find_oddities
from mock_server.openapi.source import Source
from mock_server.openapi.text import read_text


def read_document(source: Source | Path, name: str = "") -> Document:
    """One document of Swagger 2.0, OpenAPI 3.0, 3.1 or 3.2, in JSON or YAML, with the files it refers to.

    `name` is the provider's; without one it is what the file, its folder or the title is called. Whatever can be played
    somehow is a warning of the document.

    Raises:
        ContractError: the text cannot be read, or is no document of OpenAPI.
    """
    source = Source.of_file(source) if isinstance(source, Path) else source
    text = read_text(source.content, source.file)
    root = _require_document(text.value, source.file)
    bundler = Bundler(root, source)
    bundler.notes.extend(Note("", "", problem, line) for line, problem in text.oddities)
    bundler.notes.extend(Note("", pointer, problem) for pointer, problem in find_oddities(root))
    bundler.bundle()
    lifted = _lift(root, bundler)
    title = find_pointer(lifted, "/info/title")
    return Document(
        fit_name(name) if name else find_name(source.file, source.folder, lifted),
        lifted,
        title if isinstance(title, str) else "",
        tuple(_find_warnings(bundler.notes, source)),
        bundler.files,
    )


def _require_document(value: Any, file: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ContractError(file, "", "is no OpenAPI document", "expected a mapping with `openapi` or `swagger`")
    if not any(key in value for key in ("openapi", "swagger", "paths", "webhooks")):
        raise ContractError(file, "", "is no OpenAPI document", "it has neither `openapi` nor `swagger` nor `paths`")
    return value


def _lift(root: dict[str, Any], bundler: Bundler) -> dict[str, Any]:
    """The document as 3.1, and of the files below it what is referred to: each part once, by what it stands for."""
    lifted = upgrade_document(root)
    if lifted is root:
        return root
    for part in bundler.parts:
        above, _, last = part.pointer.rpartition("/")
        holder = find_pointer(lifted, above)
        key: Any = last.replace("~1", "/").replace("~0", "~")
        key = int(key) if isinstance(holder, list) and key.isdecimal() else key
        if find_pointer(lifted, part.pointer) is not None:  # one of Swagger 2.0 may be elsewhere by now
            holder[key] = upgrade_part(holder[key], part.kind, root)
    return lifted


def _find_warnings(notes: list[Note], source: Source) -> Iterator[DocumentWarning]:
    """The warnings; what is wrong with a reference is said once a file, at the first place it was seen."""
    seen: set[tuple[str, str]] = set()
    for note in notes:
        said = (note.file, note.problem if note.pointer.endswith("/$ref") else f"{note.pointer} {note.line}")
        if said not in seen or not note.pointer:
            seen.add(said)
            yield DocumentWarning(note.file or source.file, note.line, note.pointer, note.problem)


def is_document(value: Any) -> bool:
    """Whether a value looks like a document of OpenAPI."""
    return isinstance(value, Mapping) and any(key in value for key in ("openapi", "swagger"))
