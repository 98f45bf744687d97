"""Commands about contracts, which need no server: `understudy env`, `readings`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mock_server.cli import options
from mock_server.cli.doors import PROXY_PORT
from mock_server.cli.output import print_readings, quote
from mock_server.contract import base_url_variable, find_variables, load_readings
from mock_server.server import find_authority_folder, get_authority, make_proxy_variables
from mock_server.sessions import Settings, load_alternatives, load_providers, parse_readings


@click.command(cls=options.command_with({"--proxy": str(PROXY_PORT)}, "[0-9]+|[a-z]+://.*"))
@options.providers
@options.host
@options.port
@click.option(
    "--proxy",
    metavar="[PORT|URL]",
    help=f"Also where the proxy is, and whom to trust; on {PROXY_PORT} unless it is said.",
)
@options.schemas
@options.option(
    "--format",
    "form",
    type=click.Choice(["shell", "dotenv", "json"]),
    default="shell",
    help="How to print.",
)
def env(
    providers: tuple[str, ...],
    host: str,
    port: int,
    proxy: str | None,
    schemas: Path | None,
    form: str,
) -> None:
    """Print base URLs and test credentials as environment variables."""
    variables: dict[str, str] = {}
    for provider in load_providers(Settings(providers=providers, schemas=schemas)).values():
        base = _url(host, port)
        variables |= find_variables(provider.contract, base)
        # Another reading may ask for another credential; the contract's own stands where both name one variable.
        for alternative in load_alternatives(provider.folder, "x-credentials") if provider.folder else ():
            more = find_variables(alternative, base)
            variables |= {name: more[name] for name in more if name not in variables}
        if proxy is not None:  # who plays through the proxy asks the documented URL
            variables.pop(base_url_variable(provider.contract), None)
    if proxy is not None:
        url, folder = _url(host, int(proxy)) if proxy.isdecimal() else proxy, find_authority_folder()
        variables = make_proxy_variables(url, folder, get_authority(folder)) | variables
    click.echo(_FORMATS[form](variables))


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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
