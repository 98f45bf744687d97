"""`understudy validate`: every problem of a contract, every warning of a plain document, each with its place."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from mock_server.cli import options
from mock_server.cli.terminal import as_line
from mock_server.contract import SpecificationCheck, Vocabulary, find_specification_check, load_readings
from mock_server.errors import ContractError, ContractErrors, UsageError, count_of
from mock_server.openapi import find_contradictions, find_lines
from mock_server.sessions import (
    ProviderSource,
    find_folders,
    find_sources,
    load_alternatives,
    load_checked,
    load_plain,
    load_vocabulary,
)

Line = tuple[str, bool]
"""What is said, and whether it is a problem."""


@click.command()
@click.argument("places", nargs=-1, metavar="[FILE|FOLDER|URL|PROVIDER|-]...")
@options.schemas
@options.overlays
@options.strict
def validate(places: tuple[str, ...], schemas: Path | None, overlays: tuple[str, ...], strict: bool) -> None:
    """Check contracts and documents: every problem with its file, place and what would be right.

    A FOLDER is a provider's own, or one that holds a folder or a document for each provider. What is wrong in a plain
    document is a warning, for it plays nevertheless.
    """
    check_specification = find_specification_check()
    check = functools.partial(_check, load_vocabulary(), check_specification, strict)
    failed = False
    for line, problem in _check_all(places, schemas, check):
        failed = failed or problem
        click.echo(line, err=problem)
    if check_specification is None:
        click.echo("Not checked by the specification of OpenAPI itself: pip install 'understudy[validate]'", err=True)
    sys.exit(2 if failed else 0)


def _check_all(
    places: tuple[str, ...],
    schemas: Path | None,
    check: Callable[[ProviderSource], Iterator[Line]],
) -> Iterator[Line]:
    """The lines of each provider; one that is wrong does not hide the next."""
    for place in places or ("",):
        try:
            sources = _find_sources(place, schemas)
        except UsageError as error:
            yield str(error), True
            continue
        for source in sources:
            try:
                yield from check(source)
            except (ContractError, ContractErrors, UsageError) as error:
                yield from ((as_line(line), True) for line in str(error).split("\n"))


def _find_sources(place: str, schemas: Path | None) -> list[ProviderSource]:
    """What a word names, every contract where it is empty; a file or a folder before a provider of that name."""
    is_here = place and Path(place).exists()
    named = {} if is_here else find_folders(schemas)
    known = [ProviderSource(name, folder) for name, folder in named.items() if place in ("", name)]
    return known or find_sources((place,), {})


def _check(
    vocabulary: Vocabulary,
    check_specification: SpecificationCheck | None,
    strict: bool,
    source: ProviderSource,
) -> Iterator[Line]:
    """What there is to say of one provider. Raises what loading raises."""
    if source.folder is None:
        yield from _check_plain(source, strict)
        return
    contract = load_checked(source.folder, vocabulary, {})
    if check_specification:
        check_specification(source.folder, contract)
    for _ in load_alternatives(source.folder):
        pass
    readings = count_of(len(load_readings(source.folder)), "reading")
    yield f"{source.name}: {count_of(len(contract.operations), 'operation')}, {readings}, no problem", False


def _check_plain(source: ProviderSource, strict: bool) -> Iterator[Line]:
    """The warnings of a plain document, then what was understood of it."""
    provider = load_plain(source, set())
    assert provider.understood
    document = provider.understood.document
    warnings = find_lines((*document.warnings, *find_contradictions(document, source.place)), source.place)
    yield from ((as_line(str(warning)), strict) for warning in warnings)
    said = count_of(len(warnings), "warning") if warnings else "no warning"
    yield f"{document.name}: {provider.understood.inference.summary()}; {said}", False
