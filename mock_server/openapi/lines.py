"""The lines of places in the files of a document: worked out when somebody is to read them, by a second look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mock_server.contract import find_original
from mock_server.errors import ContractError
from mock_server.openapi.document import DocumentWarning
from mock_server.openapi.source import Source, load_bytes
from mock_server.openapi.text import read_text
from mock_server.openapi.yaml_text import YamlError, find_yaml_lines

MAX_BYTES = 8 * 1024 * 1024
"""In a larger file nobody waits for the line."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|\n|[^\s\[\]{},:"]+', re.DOTALL)


def find_lines(warnings: Iterable[DocumentWarning], file: str) -> tuple[DocumentWarning, ...]:
    """The warnings with the lines they are about; `file` is the document, other files are named relative to it.

    A place that does not stand in its file (what is missing, what only OpenAPI 3.1 has) is where the way to it ends.
    """
    listed = tuple(warnings)
    wanted: dict[str, list[str]] = {}
    for each in listed:
        if not each.line:
            wanted.setdefault(each.file, []).append(each.pointer)
    lines = {(name, p): line for name, all_of in wanted.items() for p, line in _find(file, name, all_of).items()}
    return tuple(each._replace(line=each.line or lines.get((each.file, each.pointer), 0)) for each in listed)


def _find(file: str, name: str, pointers: list[str]) -> Mapping[str, int]:
    path = Path(file) if name == file else Path(file).parent / name
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return {}
        text = load_bytes(path, name).decode("utf-8-sig", "replace")
        if text.lstrip()[:1] == "{":
            return dict(find_json_lines(text, pointers))
        return find_yaml_lines(text, pointers)
    except (OSError, ValueError, ContractError, YamlError, RecursionError):
        return {}  # the file is another one by now; the warning stands without a line


def find_written_lines(path: Path, pointers: Iterable[str]) -> Mapping[str, int]:
    """The lines of a document in which places of it stand, as its form of OpenAPI 3.1 calls them.

    One that the document does not have has the line where the way to it ends; without a file there are none.
    """
    try:
        written = read_text(Source.of_file(path).content, path.name).value
    except ContractError:
        return {}
    original = {p: find_original(written, p) if isinstance(written, Mapping) else p for p in pointers}
    lines = _find(str(path), str(path), list(original.values()))
    return {pointer: lines[inside] for pointer, inside in original.items() if inside in lines}


def find_json_lines(text: str, pointers: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each pointer and the line of the last step that stands in the text."""
    best: dict[str, tuple[int, int]] = dict.fromkeys(pointers, (0, 1))
    steps = {pointer: [s.replace("~1", "/").replace("~0", "~") for s in pointer.split("/")[1:]] for pointer in best}
    for path, line in _find_places(text, max((len(each) for each in steps.values()), default=0)):
        for pointer, wanted in steps.items():
            if len(path) > best[pointer][0] and wanted[: len(path)] == path:
                best[pointer] = len(path), line
    yield from ((pointer, line) for pointer, (_, line) in best.items())


def _find_places(text: str, deepest: int) -> Iterator[tuple[list[str], int]]:
    """Every place of a text of JSON down to a depth, as its steps, with its line."""
    path: list[str] = []
    counts: list[int] = []  # of each open bracket how many entries it has; -1 for a mapping
    line, text_before = 1, ""
    for token in _TOKEN.findall(text):
        if token == "\n":
            line += 1
        elif token in "[{":
            if counts and counts[-1] >= 0:
                path[len(counts) - 1 :] = [str(counts[-1])]
                yield from [(list(path), line)] if len(path) <= deepest else ()
            counts.append(0 if token == "[" else -1)
        elif token in "]}":
            counts.pop()
            del path[max(len(counts) - 1, 0) + 1 :]
        elif token == ":" and counts and counts[-1] < 0:
            path[len(counts) - 1 :] = [text_before]
            yield from [(list(path), line)] if len(path) <= deepest else ()
        elif token == "," and counts and counts[-1] >= 0:
            counts[-1] += 1
        elif token[0] == '"':
            text_before = re.sub(r"\\(.)", r"\1", token[1:-1])
