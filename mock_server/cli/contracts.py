"""Commands about contracts, which need no server: `understudy env`, `readings`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mock_server.cli import options
from mock_server.cli.output import print_readings, quote
from mock_server.contract import find_variables, load_readings
from mock_server.sessions import Settings, load_alternatives, load_providers, parse_readings


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
    for provider in load_providers(Settings(providers=providers, schemas=schemas)).values():
        base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        variables |= find_variables(provider.contract, base)
        # Another reading may ask for another credential; the contract's own stands where both name one variable.
        for alternative in load_alternatives(provider.folder, "x-credentials") if provider.folder else ():
            more = find_variables(alternative, base)
            variables |= {name: more[name] for name in more if name not in variables}
    click.echo(_FORMATS[form](variables))


_FORMATS: Mapping[str, Callable[[dict[str, str]], str]] = {
    "shell": lambda variables: "\n".join(f"export {name}={quote(value)}" for name, value in variables.items()),
    "dotenv": lambda variables: "\n".join(f"{name}={value}" for name, value in variables.items()),
    "json": lambda variables: json.dumps(variables, indent=2),
}


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
    loaded = load_providers(Settings(providers=providers, schemas=schemas, readings=chosen))
    listed = {
        name: [_as_listed(reading, chosen.get(name, {})) for reading in load_readings(provider.folder)]
        for name, provider in loaded.items()
        if provider.folder  # a plain document has no other readings
    }
    if form == "json":
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
    else:
        print_readings({name: provider.contract.title for name, provider in loaded.items()}, listed)


def _as_listed(reading: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    """A reading without what its alternatives change in the contract, and with the one that is chosen."""
    alternatives = {name: alternative["says"] for name, alternative in reading["alternatives"].items()}
    return {**reading, "alternatives": alternatives, "chosen": chosen.get(reading["id"], reading["reading"])}
