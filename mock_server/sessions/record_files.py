"""Files of records that every session begins with: `PROVIDER/COLLECTION.yaml`, `.json` or `.csv` in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.contract import escape_pointer, load_document
from mock_server.engine import MockApi
from mock_server.errors import ContractError, ContractErrors, count_of, suggest
from mock_server.inputs import ReadCell
from mock_server.openapi import DocumentWarning, find_lines
from mock_server.sessions.own_records import OwnCollection, OwnRecord, open_collection
from mock_server.sessions.record_tables import Note, Row, about, read_table
from mock_server.state import EVERYONE, FIRST, LAST

MAX_GIVEN = 10_000
"""The most records of one file."""

MAX_PROBLEMS = 100
"""So many problems are shown; it is said how many there are."""

MAX_HINTED = 3
"""So many keys of parents are named that are there."""


class RecordFile(NamedTuple):
    """A file, the collection that its records belong to, and where they stand."""

    path: Path
    provider: str
    collection: OwnCollection
    place: str


class OwnRecords(NamedTuple):
    """The records of a folder, checked; `digest` is another one where any file is."""

    records: tuple[tuple[RecordFile, OwnRecord], ...]
    digest: str

    def give(self) -> None:
        """Put them in, for every session to begin with. Raises: Problem 507."""
        for file, record in self.records:
            file.collection.give(EVERYONE, record, file.place)


NO_RECORDS = OwnRecords((), "")


def load_own_records(folder: Path, apis: Mapping[str, MockApi], others: Collection[str] = ()) -> OwnRecords:
    """The records of a folder for these mock APIs; a folder of one of the `others`, who are not played, is left.

    Raises: ContractErrors with everything that is wrong in any file.
    """
    wrong: list[DocumentWarning] = []
    files = list(_find_files(folder, apis, others, wrong.append))
    rows = [(file, row) for file in files for row in _load_rows(file, wrong.append)]
    records = [(file, file.collection.prepare(row.values, row.key)) for file, row in rows]
    for (file, row), (_, record) in zip(rows, records):
        for pointer, problem, hint in record.problems:
            says = f"{problem} ({hint})" if hint else problem
            wrong.append(DocumentWarning(str(file.path), row.line, row.pointer + pointer, says))
    wrong += _find_doubled(rows, records)
    wrong += _find_orphans(rows, records, apis)
    if wrong:
        raise ContractErrors(list(_render_problems(wrong)))
    return OwnRecords(tuple(records), _digest(files))


def _find_files(
    folder: Path,
    apis: Mapping[str, MockApi],
    others: Collection[str],
    note: Note,
) -> Iterator[RecordFile]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or (path.name in others and path.name not in apis):
            continue
        if path.is_dir() and path.name in apis:
            yield from _find_collections(path, apis[path.name], note)
        elif path.is_dir():
            note(about(path, f"no provider {path.name!r} is played", suggest(path.name, apis, "{}", else_all=True)))
        elif path.suffix.lower() in READERS:
            note(about(path, "stands below no provider", f"move it to {folder / next(iter(apis)) / path.name}"))


def _find_collections(folder: Path, api: MockApi, note: Note) -> Iterator[RecordFile]:
    names = list(api.contract.collections)
    for path in sorted(path for path in folder.iterdir() if not path.name.startswith(".")):
        name, place = path.stem, FIRST
        if name not in names and name.endswith(f".{LAST}"):
            name, place = name.removesuffix(f".{LAST}"), LAST
        if path.suffix.lower() not in READERS:
            note(about(path, "is no file of records", f"known: {', '.join(READERS)}"))
        elif name not in names:
            hint = suggest(name, names, "{}" + path.suffix, else_all=True)
            note(about(path, f"{folder.name} has no collection {name!r}", hint))
        else:
            yield RecordFile(path, folder.name, open_collection(api, name), place)


def _load_rows(file: RecordFile, note: Note) -> list[Row]:
    """The records of a file; none of one that cannot be read."""
    try:
        rows = list(READERS[file.path.suffix.lower()](file.path, file.collection.read_cell, note))
    except ContractError as error:
        note(DocumentWarning(str(file.path), 0, error.pointer, error.problem))
        return []
    if len(rows) > MAX_GIVEN:
        note(about(file.path, f"holds {len(rows):,} records", f"at most {MAX_GIVEN:,} are taken"))
        return []
    return rows


def _read_document(path: Path, read_cell: ReadCell, note: Note) -> Iterator[Row]:
    """The records of a list, or of a mapping of keys to records."""
    document = load_document(path)
    if not isinstance(document, list | dict):
        problem = "is neither a list of records nor a mapping of keys to records"
        yield from _refuse(note, DocumentWarning(str(path), 0, "", problem))
        return
    listed = document.items() if isinstance(document, dict) else enumerate(document)
    for step, values in listed:
        pointer = f"/{escape_pointer(str(step))}"
        if not isinstance(values, dict):
            yield from _refuse(note, DocumentWarning(str(path), 0, pointer, "is no record: expected fields and values"))
        else:
            yield Row(pointer, 0, step if isinstance(step, str) else None, values)


def _refuse(note: Note, problem: DocumentWarning) -> Iterator[Row]:
    note(problem)
    return iter(())


Read = Callable[[Path, ReadCell, Note], Iterator[Row]]
READERS: Mapping[str, Read] = {
    ".yaml": _read_document,
    ".yml": _read_document,
    ".json": _read_document,
    ".csv": read_table,
}
"""The endings of files, and what reads them."""


def _find_doubled(
    rows: list[tuple[RecordFile, Row]],
    records: list[tuple[RecordFile, OwnRecord]],
) -> Iterator[DocumentWarning]:
    """Keys that are given twice in one collection."""
    first: dict[tuple[Any, ...], Path] = {}
    for (file, row), (_, record) in zip(rows, records):
        key = _find_given_key(file, record)
        if key is None:
            continue
        place = file.provider, file.collection.name, tuple(record.parents.items()), str(key)
        if place in first:
            yield about(file.path, f"gives the key {key} once more", f"{first[place]} has it", row.line, row.pointer)
        first.setdefault(place, file.path)


def _find_orphans(
    rows: list[tuple[RecordFile, Row]],
    records: list[tuple[RecordFile, OwnRecord]],
    apis: Mapping[str, MockApi],
) -> Iterator[DocumentWarning]:
    """Records below parents that are not there, neither by themselves nor by a file: nobody would ever see them."""
    given = {(file.provider, file.collection.name, str(_find_given_key(file, record))) for file, record in records}
    for (file, row), (_, record) in zip(rows, records):
        for name, collection in file.collection.above.items():
            key = record.parents.get(name)
            if key is None or (file.provider, collection, key) in given:
                continue
            above = open_collection(apis[file.provider], collection)
            further = {each: record.parents[each] for each in above.parents if each in record.parents}
            if above.check_parents(further) or above.find(EVERYONE, key, further) is not None:
                continue
            field = name if name in row.values else file.collection.parents[name]
            known = ", ".join(above.find_known(further, MAX_HINTED)) or "none yet"
            problem = (
                f"{collection} has no record with the key {key[:80]!r} (it has {known}, …; or give it one in a file)"
            )
            yield DocumentWarning(str(file.path), row.line, f"{row.pointer}/{escape_pointer(field)}", problem)


def _find_given_key(file: RecordFile, record: OwnRecord) -> Any:
    """The key that a record is given, in a field or beside it; None where it is given none."""
    return record.key if record.key is not None else record.values.get(file.collection.key)


def _render_problems(wrong: list[DocumentWarning]) -> Iterator[ContractError]:
    """The problems with their lines, those of a file together; one that several rows of a table have once."""
    for file in dict.fromkeys(each.file for each in wrong):
        lines: dict[tuple[str, str], list[int]] = {}
        for each in wrong:
            if each.file == file:
                lines.setdefault((each.pointer, each.problem), []).append(each.line)
        problems = [DocumentWarning(file, of[0], pointer, problem) for (pointer, problem), of in lines.items()]
        for located, of in zip(find_lines(problems[:MAX_PROBLEMS], file), lines.values()):
            line = f":{located.line}" if located.line else ""
            more = f"; so in {count_of(len(of) - 1, 'more line')}" if of[1:] else ""
            yield ContractError(f"{file}{line}", located.pointer, located.problem + more)
        if len(problems) > MAX_PROBLEMS:
            yield ContractError(file, "", f"{len(problems) - MAX_PROBLEMS:,} more problems")


def _digest(files: list[RecordFile]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        content = file.path.read_bytes()
        digest.update(f"{file.provider}/{file.path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
