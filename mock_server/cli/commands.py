"""The command line: `understudy serve`, `env`, `validate`, `readings`."""

from __future__ import annotations

import json
import secrets
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from mock_server import __version__
from mock_server.cli import output as printing
from mock_server.cli.scenarios import play, replay_command, scenarios, scenarios_option
from mock_server.contract import find_variables, load_readings, load_specification_check
from mock_server.errors import ContractError, ContractErrors, Problem, UsageError, missing_extra
from mock_server.server import TOKEN_HEADER, Guard, base_url, open_socket, serve
from mock_server.sessions import (
    LIMIT_MODES,
    MAX_RECORDS,
    Settings,
    Setup,
    find_home,
    find_providers,
    load_checked,
    load_contracts,
    load_form,
    load_stock,
    load_vocabulary,
    make_session_apis,
    parse_readings,
)
from mock_server.state import MAX_SESSIONS

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class _Group(click.Group):
    """Turns our errors into sentences on the terminal and exit codes: 2 for wrong use and wrong data.

    `check` is the harness's own command, opened only when it is asked for: serving needs none of its libraries.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "check"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name != "check":
            return super().get_command(ctx, cmd_name)
        try:
            from contract_tests.cli import check_command
        except ModuleNotFoundError as error:
            if str(error.name).startswith(("contract_tests", "mock_server")):
                raise  # ours is missing: that is no question of extras
            return _refuse("check")
        return check_command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (UsageError, ContractError, ContractErrors) as error:
            click.echo(str(error), err=True)
            ctx.exit(2)
        except Problem as problem:
            click.echo(problem.detail, err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(130)


def _refuse(name: str) -> click.Command:
    """A command that is listed as always, but only says how its libraries are installed."""

    def refuse() -> None:
        raise missing_extra(name)

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    help_text = f"Needs more: pip install 'understudy[{name}]'."
    return click.Command(name, anything, refuse, help=help_text, add_help_option=False)


def _option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    return click.option(*names, show_default=True, **settings)


_providers = click.argument("providers", nargs=-1, metavar="[PROVIDER]...")
_schemas = click.option(
    "--schemas",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of your own contracts, one folder a provider.",
)
_reading = click.option(
    "--reading",
    "readings",
    multiple=True,
    metavar="PROVIDER.ID=ALTERNATIVE",
    help="Serve another reading of the documentation; see `understudy readings`. Several are allowed.",
)
_readings_file = click.option(
    "--readings",
    "readings_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of readings to serve, as `understudy check --write-readings` writes it.",
)
_host = _option("--host", default="127.0.0.1", help="The address to listen on.")
_port = _option("--port", default=8080, help="The port; 0 picks a free one.", type=click.IntRange(0, 65535))


@click.group(
    cls=_Group,
    commands=[scenarios, play, replay_command],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="understudy")
def main() -> None:
    """Plays documented REST APIs on your own machine, from annotated contracts."""


@main.command(name="serve")
@_providers
@_host
@_port
@_option("--seed", default="understudy", help="Another seed, other records; the same seed, the same records.")
@click.option("--records", type=click.IntRange(0, MAX_RECORDS), help="Records a collection; else the contract's count.")
@_reading
@_readings_file
@_schemas
@_option(
    "--limits",
    type=click.Choice(LIMIT_MODES),
    default="report",
    help="Show rate limits, refuse by them, or neither.",
)
@_option("--workers", default=1, type=click.IntRange(1, 64), help="Processes that answer.")
@_option("--trust-proxy", is_flag=True, help="Believe X-Forwarded-* headers.")
@_option("--log/--no-log", default=True, help="A line a request.")
@click.option("--cache", type=click.Path(file_okay=False, path_type=Path), help="Where built records are kept.")
@scenarios_option
@click.option("--scenario", multiple=True, metavar="NAME", help="Play a scenario from the start; several are allowed.")
@_option("--journal/--no-journal", default=True, help="Keep a journal of requests for the console and the admin API.")
@click.option("--admin-token", default="", envvar="UNDERSTUDY_TOKEN", help="Who sends it may steer from elsewhere.")
@_option("--sessions", default=MAX_SESSIONS, type=click.IntRange(1, 10_000), help="The most sessions at a time.")
def serve_command(
    providers: tuple[str, ...],
    host: str,
    port: int,
    seed: str,
    records: int | None,
    readings: tuple[str, ...],
    readings_file: Path | None,
    schemas: Path | None,
    limits: str,
    workers: int,
    trust_proxy: bool,
    log: bool,
    cache: Path | None,
    scenario: tuple[str, ...],
    scenarios_folder: Path | None,
    journal: bool,
    admin_token: str,
    sessions: int,
) -> None:
    """Play the documented APIs until Ctrl-C."""
    console = Console(soft_wrap=True, highlight=False)
    with tempfile.TemporaryDirectory(prefix="understudy-") as shared:
        settings = Settings(
            providers=providers,
            schemas=schemas,
            seed=seed,
            records=records,
            readings=parse_readings(readings, readings_file),
            limits=limits,
            cache=cache,
            shared=Path(shared) if workers > 1 else None,
            trust_proxy=trust_proxy,
        )
        contracts = load_contracts(settings)
        stock = load_stock(load_form(), [scenarios_folder] if scenarios_folder else [])
        listener = open_socket(host, port)
        with printing.progress(console) as told:
            setup = Setup(contracts, settings, stock, Path(shared), scenario, journal, sessions)
            apis = make_session_apis(setup, told)
        if host not in LOOPBACK:
            admin_token = admin_token or secrets.token_urlsafe(16)
            console.print(f"Listening on {host}: everyone who reaches this machine can use the mock.", style="yellow")
            console.print(
                f"To steer it from elsewhere: /?token={admin_token}, or the header {TOKEN_HEADER}.",
                style="yellow",
            )
        printing.print_programme(console, apis, base_url(listener))
        serve(
            listener,
            (lambda slot: make_session_apis(setup, slot=slot)) if workers > 1 else (lambda slot: apis),
            log,
            workers,
            Guard(host, admin_token),
        )
        console.print("Stopped.")


@main.command()
@_providers
@_host
@_port
@_schemas
@_option("--format", "form", type=click.Choice(["shell", "dotenv", "json"]), default="shell", help="How to print.")
def env(providers: tuple[str, ...], host: str, port: int, schemas: Path | None, form: str) -> None:
    """Print base URLs and test credentials as environment variables."""
    contracts = load_contracts(Settings(providers=providers, schemas=schemas))
    found: dict[str, str] = {}
    for contract in contracts.values():
        found |= find_variables(contract, f"http://{host}:{port}")
    click.echo(_FORMATS[form](found))


def _quote(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


_FORMATS: dict[str, Callable[[dict[str, str]], str]] = {
    "shell": lambda found: "\n".join(f"export {name}={_quote(value)}" for name, value in found.items()),
    "dotenv": lambda found: "\n".join(f"{name}={value}" for name, value in found.items()),
    "json": lambda found: json.dumps(found, indent=2),
}


@main.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]...")
def validate(folders: tuple[Path, ...]) -> None:
    """Check contracts: every problem with its file, place and what would be right."""
    check_specification = load_specification_check()
    vocabulary, failed = load_vocabulary(), False
    for folder in folders or tuple(find_home() / name for name in find_providers(find_home())):
        try:
            contract = load_checked(folder.resolve(), vocabulary, {})
            check_specification(folder.resolve(), contract)
            alternatives = _check_alternatives(folder.resolve())
            click.echo(f"{folder.name}: {len(contract.operations)} operations, {alternatives} readings, no problem")
        except (ContractError, ContractErrors, UsageError) as error:
            failed = True
            click.echo(str(error), err=True)
    sys.exit(2 if failed else 0)


def _check_alternatives(folder: Path) -> int:
    """Load the contract with each alternative of each reading; how many readings there are."""
    vocabulary, readings = load_vocabulary(), load_readings(folder)
    for reading in readings:
        for alternative in reading["alternatives"]:
            load_checked(folder, vocabulary, {reading["id"]: alternative})
    return len(readings)


@main.command()
@_providers
@_schemas
def readings(providers: tuple[str, ...], schemas: Path | None) -> None:
    """List where the documentation contradicts itself, and how each is read."""
    folder = schemas or find_home()
    for name in load_contracts(Settings(providers=providers, schemas=schemas)):
        for reading in load_readings(folder / name):
            click.echo(f"{name}.{reading['id']}={reading['reading']}  {reading['about']}")
            for alternative, told in reading["alternatives"].items():
                click.echo(f"    or {alternative}: {told['says']}")
