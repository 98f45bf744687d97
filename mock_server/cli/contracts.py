"""Commands about contracts, which need no server: `understudy env`, `validate`, `readings`."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from mock_server.cli import options
from mock_server.cli.output import print_readings, quote
from mock_server.contract import SpecificationCheck, Vocabulary, find_specification_check, find_variables, load_readings
from mock_server.errors import ContractError, ContractErrors, UsageError, count_of
from mock_server.sessions import (
    Settings,
    find_folder,
    find_folders,
    load_alternatives,
    load_checked,
    load_contracts,
    load_vocabulary,
    parse_readings,
)


@click.command()
@options.providers
@options.host
@options.port
@options.schemas
@options.option(
    "--format",
    "form",
    type=click.Choice(["shell", "dotenv", "json"]),
    default="shell",
    help="How to print.",
)
def env(providers: tuple[str, ...], host: str, port: int, schemas: Path | None, form: str) -> None:
    """Print base URLs and test credentials as environment variables."""
    variables: dict[str, str] = {}
    for name, contract in load_contracts(Settings(providers=providers, schemas=schemas)).items():
        base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        variables |= find_variables(contract, base)
        # Another reading may ask for another credential; the contract's own stands where both name one variable.
        for alternative in load_alternatives(find_folder(schemas, name), "x-credentials"):
            more = find_variables(alternative, base)
            variables |= {name: more[name] for name in more if name not in variables}
    click.echo(_FORMATS[form](variables))


_FORMATS: Mapping[str, Callable[[dict[str, str]], str]] = {
    "shell": lambda variables: "\n".join(f"export {name}={quote(value)}" for name, value in variables.items()),
    "dotenv": lambda variables: "\n".join(f"{name}={value}" for name, value in variables.items()),
    "json": lambda variables: json.dumps(variables, indent=2),
}


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]...")
def validate(folders: tuple[Path, ...]) -> None:
    """Check contracts: every problem with its file, place and what would be right.

    A FOLDER is a provider's own, or one that holds a folder for each provider.
    """
    check_specification = find_specification_check()
    check = functools.partial(_validate, load_vocabulary(), check_specification)
    failed = False
    for line, problem in _validate_all(folders or (None,), check):
        failed = failed or problem
        click.echo(line, err=problem)
    if check_specification is None:
        click.echo("Not checked by the specification of OpenAPI itself: pip install 'understudy[validate]'", err=True)
    sys.exit(2 if failed else 0)


def _validate_all(places: tuple[Path | None, ...], check: Callable[[Path], str]) -> Iterator[tuple[str, bool]]:
    """A line for each provider, and whether it tells of a problem; one that is wrong does not hide the next."""
    for place in places:
        try:
            folders = find_folders(place)
        except UsageError as error:
            yield str(error), True
            continue
        for name, folder in folders.items():
            try:
                yield f"{name}: {check(folder)}, no problem", False
            except (ContractError, ContractErrors, UsageError) as error:
                yield str(error), True


def _validate(vocabulary: Vocabulary, check_specification: SpecificationCheck | None, folder: Path) -> str:
    """Load a contract as it is and with each alternative; what it holds, in words. Raises what loading raises."""
    contract = load_checked(folder, vocabulary, {})
    if check_specification:
        check_specification(folder, contract)
    for _ in load_alternatives(folder):
        pass
    return f"{count_of(len(contract.operations), 'operation')}, {count_of(len(load_readings(folder)), 'reading')}"


@click.command()
@options.providers
@options.schemas
@options.reading
@options.readings_file
@options.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print.")
def readings(
    providers: tuple[str, ...],
    schemas: Path | None,
    readings: tuple[str, ...],
    readings_file: Path | None,
    form: str,
) -> None:
    """List where the documentation contradicts itself, and how each is read."""
    chosen = parse_readings(readings, readings_file)
    contracts = load_contracts(Settings(providers=providers, schemas=schemas, readings=chosen))
    listed = {
        name: [_as_listed(reading, chosen.get(name, {})) for reading in load_readings(find_folder(schemas, name))]
        for name in contracts
    }
    if form == "json":
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
    else:
        print_readings({name: contract.title for name, contract in contracts.items()}, listed)


def _as_listed(reading: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    """A reading without what its alternatives change in the contract, and with the one that is chosen."""
    alternatives = {name: alternative["says"] for name, alternative in reading["alternatives"].items()}
    return {**reading, "alternatives": alternatives, "chosen": chosen.get(reading["id"], reading["reading"])}
