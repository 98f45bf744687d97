"""`understudy serve`: from the command line's words to a server that plays."""

from __future__ import annotations

import functools
import gc
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mock_server.cli import doors, options, output
from mock_server.cli.announcing import announce
from mock_server.cli.overview import print_plain
from mock_server.cli.reloading import OWN_RECORDS, Loaded, make_reloading
from mock_server.cli.terminal import Terminal, open_terminal, styled
from mock_server.mappings import World, load_mappings
from mock_server.server import (
    TOKEN_HEADER,
    Door,
    Guard,
    is_noted,
    kept_folder,
    note,
    read_origins,
    require_same_keys,
    runtime_folder,
    serve,
)
from mock_server.sessions import (
    LIMIT_MODES,
    MAX_RECORDS,
    NO_RECORDS,
    OwnRecords,
    Provider,
    Recall,
    SessionApis,
    Settings,
    Setup,
    find_folders,
    load_form,
    load_own_records,
    load_providers,
    load_stock,
    make_session_apis,
    parse_readings,
)
from mock_server.state import EVERYONE, MAX_SESSIONS, reserve_journal

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command(name="serve", cls=options.command_with(doors.DEFAULT_PORTS, "[0-9]+"))
@options.providers
@options.host
@options.port
@doors.options_of_serve
@options.option(
    "--seed",
    default="understudy",
    help="Another seed, other records; the same seed, the same records.",
    callback=options.require_text,
)
@click.option("--records", type=options.Number(0, MAX_RECORDS), help="Records a collection; else the contract's count.")
@options.reading
@options.readings_file
@options.schemas
@options.option(
    "--limits",
    type=click.Choice(LIMIT_MODES),
    default="report",
    help="Show rate limits, refuse by them, or neither.",
)
@options.option("--workers", default=1, type=options.Number(1, 64), help="Processes that answer.")
@options.option("--trust-proxy", is_flag=True, help="Believe X-Forwarded-* headers.")
@click.option(
    "--cors",
    multiple=True,
    metavar="ORIGIN",
    help="Whose pages may read too, beside this machine's own; * for everyone's, off for none.",
)
@click.option(
    "--reload/--no-reload",
    default=None,
    help="Take up files of your own that are edited; by itself on a terminal.",
)
@options.option("--log/--no-log", default=True, help="A line a request.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Records of your own: PROVIDER/COLLECTION.yaml, .json or .csv.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep sessions, what was written and the journal there, for the next start.",
)
@click.option("--cache", type=click.Path(file_okay=False, path_type=Path), help="Where built records are kept.")
@options.scenarios_folder
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME",
    help="Play a scenario from the start; several are allowed.",
    shell_complete=options.complete_scenario,
)
@options.mappings_folder
@options.option("--journal/--no-journal", default=True, help="Keep a journal for the console and the admin API.")
@click.option("--admin-token", default="", envvar="UNDERSTUDY_TOKEN", help="Who sends it may steer from elsewhere.")
@options.option("--sessions", default=MAX_SESSIONS, type=options.Number(1, 10_000), help="The most sessions at a time.")
@options.plain_documents
@click.option("--announce", is_flag=True, hidden=True)
@click.option("--verbose", is_flag=True, help="Say of each operation of a document what was understood, and why.")
def serve_command(**given: Any) -> None:
    """Play the documented APIs until Ctrl-C: shipped ones by name, any OpenAPI document by its file, folder or URL."""
    terminal, allows = open_terminal(), read_origins(given["cors"])
    with kept_folder(given["keep"]) if given["keep"] else runtime_folder() as folder:
        reloading = make_reloading(given, functools.partial(_load, given, folder))
        loaded = reloading.start()
        with doors.open_doors(given) as opened:
            guard, make_apis = _open(given, terminal, folder, loaded, opened)
            if reloading.is_on and not given["announce"]:
                terminal.print("Edited files are taken up; --no-reload leaves them.\n")
            del loaded  # what plays is the server's alone: it ends when something else plays
            # What was loaded stays: looking through a million values of a large document again and again costs answers.
            gc.freeze()
            serve(
                [*opened.values()],
                make_apis,
                given["log"] and not given["announce"],
                given["workers"],
                guard,
                allows,
                reloading.find_edits(functools.partial(_load_own_records, given)),
            )
            if not given["announce"]:
                terminal.print("Stopped.")


def _open(
    given: Mapping[str, Any],
    terminal: Terminal,
    folder: Path,
    loaded: Loaded,
    opened: Mapping[str, Door],
) -> tuple[Guard, Callable[[int], SessionApis]]:
    """Who may steer, and what plays in each worker; it was said where."""
    setup, several = loaded.setup, given["workers"] > 1
    reserve_journal(folder, given["workers"] if given["journal"] else 0)
    with output.progress(terminal) as progress:
        apis = [make_session_apis(setup, progress)]
    put_own_records(given, folder, apis[0])
    guard = Guard(given["host"], _choose_token(terminal, given["host"], given["admin_token"]))
    doors.warn_of_passing(terminal, given, given["host"] in LOOPBACK)
    _say_where(given, terminal, apis[0], opened, loaded.providers)
    # Each worker opens records, counters and its part of the journal itself: none survives a fork.
    return guard, (lambda slot: make_session_apis(setup, slot=slot)) if several else (lambda slot: apis.pop())


def _load(given: Mapping[str, Any], folder: Path, is_edited: bool, recall: Recall) -> Loaded:
    """Everything that is served, from its files."""
    settings = read_settings(given, folder)
    providers = load_providers(settings, recall)
    setup = make_setup(given, folder, settings, providers, is_edited)
    if given["keep"]:
        require_same_keys(folder, setup.contracts)
    return Loaded(providers, setup)


def _say_where(
    given: Mapping[str, Any],
    terminal: Terminal,
    apis: SessionApis,
    opened: Mapping[str, Door],
    providers: Mapping[str, Provider],
) -> None:
    """What plays and where: in one line for the program that started us, else for people."""
    if given["announce"]:
        announce(doors.find_urls(opened))
        return
    base = opened["url"].url
    plain = {name: provider.understood for name, provider in providers.items() if provider.understood}
    output.print_heading(terminal, apis, base)
    doors.print_doors(terminal, opened)
    print_plain(terminal, apis, base, plain, given["verbose"])
    output.print_overview(terminal, apis, base, plain)
    output.print_ending(terminal, given["scenarios"])


def read_settings(given: Mapping[str, Any], folder: Path) -> Settings:
    """What is played and how, from the command's options; `folder` is where workers share what changes."""
    return Settings(
        providers=given["providers"],
        schemas=given["schemas"],
        seed=given["seed"],
        records=given["records"],
        readings=parse_readings(given["readings"], given["readings_file"]),
        limits=given["limits"],
        cache=given["cache"],
        shared=folder if given["workers"] > 1 or given["keep"] else None,
        trust_proxy=given["trust_proxy"],
        overlays=given["overlays"],
        mounts=given["mounts"],
        strict=given["strict"],
        examples=given["examples"],
        requests=given["requests"],
        credentials=given["credentials"],
        etags=given["etags"],
        idempotency=given["idempotency"],
    )


def make_setup(
    given: Mapping[str, Any],
    folder: Path,
    settings: Settings,
    providers: Mapping[str, Provider],
    is_edited: bool = False,
) -> Setup:
    """How the server is started; what is wrong with scenarios and mappings is said before anything opens."""
    own, mappings = given["scenarios_folder"], given["mappings_folder"]
    contracts = {name: provider.contract for name, provider in providers.items()}
    scenarios = load_stock(load_form(), [own] if own else [])
    return Setup(
        contracts,
        settings,
        scenarios,
        folder,
        given["scenarios"],
        given["journal"],
        given["sessions"],
        {name: each.understood.explain() for name, each in providers.items() if each.understood},
        load_mappings(mappings, World(contracts, scenarios)) if mappings else (),
        is_edited,
    )


def _load_own_records(given: Mapping[str, Any], apis: SessionApis) -> OwnRecords:
    return load_own_records(given["data"], apis.apis, find_folders(given["schemas"])) if given["data"] else NO_RECORDS


def put_own_records(given: Mapping[str, Any], folder: Path, apis: SessionApis) -> None:
    """Put in the records of files, once for all workers; what a kept folder has of them as they are now, stays."""
    own = _load_own_records(given, apis)
    mark = f"{own.digest} {given['seed']} {given['records']} {given['examples']}" if own.records else ""
    changes = apis.services.state.changes
    if changes and not is_noted(folder, OWN_RECORDS, mark):
        note(folder, OWN_RECORDS, "being put in")
        with changes.loading():
            changes.forget(EVERYONE)
            own.give()
        note(folder, OWN_RECORDS, mark)


def _choose_token(terminal: Terminal, host: str, token: str) -> str:
    """The admin token: where the server can be reached from elsewhere there is one, shown on the terminal only."""
    if host in LOOPBACK:
        return token
    token = token or secrets.token_urlsafe(16)
    terminal.print(styled(f"Listening on {host}: everyone who reaches this machine can use the mock.", "yellow"))
    terminal.print(styled(f"To steer it from elsewhere: /?token={token}, or the header {TOKEN_HEADER}.", "yellow"))
    return token
