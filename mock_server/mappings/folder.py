"""A folder of mappings as WireMock has it: `mappings/*.json` with bodies in `__files/`, or the files themselves."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mock_server.contract import load_document
from mock_server.errors import ContractError, ContractErrors, UsageError
from mock_server.mappings.places import Place
from mock_server.mappings.stub import StubMapping, World, read_mapping

MAX_FILES, MAX_MAPPINGS = 10_000, 10_000
"""So many files, and mappings, are read of one folder."""


def load_mappings(folder: Path, world: World) -> tuple[StubMapping, ...]:
    """Every mapping below a folder, in the order of the files' names; of two with one id the later one.

    Raises:
        ContractErrors: every problem of every file; UsageError: there is no file of mappings.
    """
    inner = folder / "mappings" if (folder / "mappings").is_dir() else folder
    # Of the folder that holds the files themselves, the bodies lie beside it or inside it.
    homes = [folder] if inner != folder else [folder, folder.resolve().parent]
    bodies = next((home / "__files" for home in homes if (home / "__files").is_dir()), folder / "__files")
    paths = [path for path in sorted(inner.rglob("*.json")) if "__files" not in path.relative_to(inner).parts]
    if not paths:
        raise UsageError(
            f"There is no mapping in {folder}: neither {folder / 'mappings' / '*.json'} nor {folder / '*.json'}.",
        )
    if len(paths) > MAX_FILES:
        raise UsageError(f"{folder} holds {len(paths):,} files; {MAX_FILES:,} at most are read.")
    problems: list[ContractError] = []
    mappings: dict[str, StubMapping] = {}
    for path in paths:
        try:
            for each in _load_file(path, str(path.relative_to(folder)), world._replace(files=bodies)):
                mappings.pop(each.id, None)
                mappings[each.id] = each
        except ContractErrors as errors:
            problems += errors.problems
        except ContractError as error:
            problems.append(error)
    if problems:
        raise ContractErrors(problems)
    if len(mappings) > MAX_MAPPINGS:
        raise UsageError(f"{folder} holds {len(mappings):,} mappings; {MAX_MAPPINGS:,} at most are played.")
    return tuple(mappings.values())


def _load_file(path: Path, name: str, world: World) -> list[StubMapping]:
    """The mappings of one file: one, or several in a list called `mappings`."""
    value = load_document(path)
    read = [
        # The same id after each start, where the file says none: it is what a test may ask for.
        (above, read_mapping(each, world, otherwise=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}#{above}"))))
        for above, each in _find_written(value)
    ]
    problems = [
        ContractError(name, f"{above}{each.pointer}", each.problem, each.hint)
        for above, (_, of_one) in read
        for each in of_one
    ]
    if isinstance(value, dict) and "mappings" in value:
        place = Place()
        list(place.read_members(value, ("mappings", "meta", "importOptions")))
        problems += [ContractError(name, *each) for each in place.problems]
    if problems:
        raise ContractErrors(problems)
    return [mapping for _, (mapping, _) in read]


def _find_written(value: Any) -> Iterator[tuple[str, Any]]:
    """Each mapping of a file with its place in it."""
    if isinstance(value, dict) and isinstance(value.get("mappings"), list):
        yield from ((f"/mappings/{number}", each) for number, each in enumerate(value["mappings"]))
    else:
        yield "", value
