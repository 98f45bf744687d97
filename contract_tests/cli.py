"""`understudy check`: contract tests from the command line."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import Console

from contract_tests.baseline import compare, load_baseline
from contract_tests.checks import COLUMNS
from contract_tests.deviations import accept, load_deviations
from contract_tests.readings import ReadingDetection
from contract_tests.reports import print_report, progress, render_page, write_reports
from contract_tests.runner import Plan, Run, run
from contract_tests.transport import (
    MOCK,
    TARGETS,
    Choice,
    Target,
    is_searched,
    load_variables,
    make_target,
    started_mock,
)
from mock_server.contract import Contract
from mock_server.errors import UsageError
from mock_server.sessions import (
    Settings,
    complete_provider,
    complete_reading,
    default_cache,
    find_folder,
    load_contracts,
    parse_readings,
)

_path = click.Path(path_type=Path)


@click.command(name="check")
@click.argument(
    "providers",
    nargs=-1,
    metavar="[PROVIDER]...",
    shell_complete=lambda ctx, _, incomplete: complete_provider(incomplete, ctx.params.get("schemas")),
)
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    default=MOCK,
    show_default=True,
    help="The mock (started for the run), or the real API: read only, paced, within a budget.",
)
@click.option("--base-url", default="", help="Where the provider is; else ACME_BASE_URL. For one provider at a time.")
@click.option(
    "--dotenv",
    type=_path,
    help="A file of variables: base URLs and credentials, as `understudy env` names them.",
)
@click.option("--report", type=_path, help="A folder for report.html, report.json, junit.xml and traffic.har.")
@click.option("--budget", type=click.IntRange(1, 1_000_000), help="Calls to a provider at most (live: 60).")
@click.option("--rate", type=click.FloatRange(0.01, 10_000), help="Calls a second at most (live: 2).")
@click.option(
    "--check",
    "only",
    multiple=True,
    type=click.Choice([c.name for c in COLUMNS]),
    metavar="NAME",
    help="Only this check; several are allowed.",
)
@click.option(
    "--readings/--no-readings",
    "sound",
    default=None,
    help="Find out which readings are followed (live: yes).",
)
@click.option(
    "--write-readings",
    type=_path,
    help="Keep the readings found in a file for `understudy serve --readings`.",
)
@click.option(
    "--reading",
    "readings",
    multiple=True,
    metavar="PROVIDER.ID=ALTERNATIVE",
    help="Check against another reading.",
    shell_complete=lambda ctx, _, incomplete: complete_reading(incomplete, ctx.params.get("schemas")),
)
@click.option("--deviations", type=_path, help="Folder with <provider>/deviations.yaml; else beside the contracts.")
@click.option("--accept", "accepts", is_flag=True, help="Write what breaks into deviations.yaml, for review.")
@click.option("--baseline", type=_path, help="An earlier report.json: say what is new, gone, unchanged.")
@click.option(
    "--schemas",
    type=_path,
    metavar="FOLDER",
    help="Your own contracts: a provider's folder, or a folder of such folders.",
)
@click.option("--in-process", is_flag=True, help="Generated cases go to the mock without a socket: sooner.")
@click.option("--seed", default="understudy", show_default=True, help="The mock's records.")
def check_command(**options: Any) -> None:
    """Ask a target whether it behaves as documented, and where not.

    Ends with 0: as documented, 1: findings that break, 2: wrong use, 3: not reached, or the credential refused.
    """
    sys.exit(_check(options))


def _check(options: dict[str, Any]) -> int:
    settings = Settings(
        providers=options["providers"],
        schemas=options["schemas"],
        readings=parse_readings(options["readings"]),
    )
    contracts = load_contracts(settings)
    _require_sense(options, contracts)
    choice = Choice(
        options["target"],
        options["base_url"],
        options["budget"],
        options["rate"],
        load_variables(options["dotenv"]),
    )
    folder = options["deviations"] or settings.schemas
    deviations = {name: load_deviations(find_folder(folder, name)) for name in contracts}
    baseline = load_baseline(options["baseline"]) if options["baseline"] else None
    console = Console(highlight=False)
    with _mock(options) as url, progress(console) as told:
        pairs = [(contract, make_target(contract, choice, _base(url, contract))) for contract in contracts.values()]
        _warn_of_short_secrets(console, [target for _, target in pairs])
        done = run(pairs, _plan(options, settings), deviations, told)
    report = done.as_dict()
    drift = compare(baseline, report) if baseline else None
    print_report(console, report, drift)
    report = {**report, "drift": drift}
    _keep_last(report)
    _write(options, done, report, folder, console)
    return done.exit_code


def _warn_of_short_secrets(console: Console, targets: list[Target]) -> None:
    for target in targets:
        if not all(is_searched(secret) for states in target.credentials.values() for secret in states.values()):
            console.print(
                f"A credential of {target.provider} is too short to be told from other text: it is hidden where it is "
                "sent, but not where the target repeats it.",
                soft_wrap=True,
            )


def _require_sense(options: dict[str, Any], contracts: dict[str, Contract]) -> None:
    if options["base_url"] and len(contracts) > 1:
        raise UsageError("--base-url is for one provider: name it, or set ACME_BASE_URL for each.")
    if options["in_process"] and (options["target"] != MOCK or options["base_url"]):
        raise UsageError("--in-process is for the mock that the run starts itself.")


@contextlib.contextmanager
def _mock(options: dict[str, Any]) -> Iterator[str]:
    """A mock for the run, unless a URL says where to go."""
    if options["target"] != MOCK or options["base_url"]:
        yield ""
        return
    arguments = [*options["providers"], "--seed", options["seed"]]
    arguments += ["--schemas", str(options["schemas"].resolve())] if options["schemas"] else []
    for reading in options["readings"]:
        arguments += ["--reading", reading]
    with started_mock(*arguments) as url:
        yield url


def _base(url: str, contract: Contract) -> str:
    return f"{url}/{contract.provider}{contract.base_path}" if url else ""


def _plan(options: dict[str, Any], settings: Settings) -> Plan:
    sounds = options["sound"] if options["sound"] is not None else options["target"] != MOCK
    return Plan(
        in_process=options["in_process"],
        sound=(
            lambda context: ReadingDetection(context, find_folder(settings.schemas, context.contract.provider)).run()
        )
        if sounds or options["write_readings"]
        else None,
        only=frozenset(options["only"]),
    )


def _keep_last(report: dict[str, Any]) -> None:
    """The page of the last run, for the console to show; a machine without a cache folder goes without."""
    with contextlib.suppress(OSError):
        folder = default_cache()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "last-report.html").write_text(render_page(report), encoding="utf-8", errors="replace")


def _write(
    options: dict[str, Any],
    done: Run,
    report: dict[str, Any],
    folder: Path | None,
    console: Console,
) -> None:
    try:
        if options["report"]:
            paths = write_reports(report, done.traffic, options["report"])
            console.print(f"Written: {', '.join(str(path) for path in paths)}", soft_wrap=True)
        if options["write_readings"]:
            _write_readings(options["write_readings"], done)
            console.print(f"Written: {options['write_readings']}", soft_wrap=True)
        if options["accepts"]:
            for outcome in done.outcomes:
                place = find_folder(folder, outcome.context.contract.provider)
                added = accept(place, outcome.findings)
                console.print(f"{added} deviations accepted for review in {place / 'deviations.yaml'}", soft_wrap=True)
    except OSError as error:
        raise UsageError(
            f"{error.filename or options['report']} cannot be written: {error.strerror or error}.",
        ) from None


def _write_readings(path: Path, done: Run) -> None:
    """What each provider follows, by reading: what was found out and is not the contract's own."""
    found = {
        outcome.context.contract.provider: {
            row["id"]: row["follows"] for row in outcome.readings if row["follows"] not in ("", row["default"])
        }
        for outcome in done.outcomes
    }
    path.write_text(yaml.safe_dump(found, sort_keys=False), encoding="utf-8")
