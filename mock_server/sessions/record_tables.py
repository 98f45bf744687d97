"""Tables of records: a header of names of fields, a row a record, each cell read as its field's value."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.errors import ContractError, count_of
from mock_server.inputs import ReadCell
from mock_server.openapi import DocumentWarning

MAX_BYTES = 8 * 1024 * 1024
MAX_STEPS = 10
"""How deep a dotted name may lead."""

SEPARATORS = ",;\t"


class Row(NamedTuple):
    """A record of a file: the place it has there (a JSON Pointer), its line where that is known, what is given."""

    pointer: str
    line: int
    key: str | None
    values: Mapping[str, Any]


Note = Callable[[DocumentWarning], object]
"""Takes down a problem."""


def about(path: Path, problem: str, hint: str = "", line: int = 0, pointer: str = "") -> DocumentWarning:
    """A problem of a file, with what would be right."""
    return DocumentWarning(str(path), line, pointer, f"{problem} ({hint})" if hint else problem)


def read_table(path: Path, read_cell: ReadCell, note: Note) -> Iterator[Row]:
    """The records of a table whose header names fields, nested ones with dots; an empty cell says nothing.

    Raises: ContractError where it cannot be read; what is wrong inside is noted.
    """
    text = _load_text(path)
    header_line = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=header_line.count), strict=True)
    start = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        for problem in _check_header(header):
            note(about(path, problem, line=1))
            return
        start = reader.line_num + 1
        for cells in reader:
            if len(cells) > len(header):
                note(about(path, f"has {count_of(len(cells), 'cell')}, and the header {len(header)}", line=start))
            elif any(cells):
                yield Row("", start, None, _nest(header, cells, read_cell))
            start = reader.line_num + 1
    except csv.Error as error:
        note(about(path, f"is no table: {error}", line=start))


def _load_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ContractError(str(path), "", f"is larger than {MAX_BYTES // 2**20} MiB")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ContractError(str(path), "", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ContractError(str(path), "", "is not UTF-8; save it as such") from None


def _check_header(header: list[str]) -> Iterator[str]:
    if not any(header):
        yield "has no header: expected the names of fields"
    for name in header:
        steps = name.split(".")
        if not all(steps) or len(steps) > MAX_STEPS:
            yield f"{name!r} is no name of a field"
        elif header.count(name) > 1:
            yield f"the column {name!r} stands twice"
        elif any(other.startswith(f"{name}.") for other in header):
            yield f"the column {name!r} is a field, and others are fields of it"


def _nest(header: list[str], cells: list[str], read_cell: ReadCell) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in zip(header, cells):
        if text == "":
            continue
        (*above, last), value = read_cell(name, text)
        inside = values
        for step in above:
            inside = inside.setdefault(step, {})
        inside[last] = value
    return values
