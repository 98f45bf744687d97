"""`understudy check`: contract tests from the command line."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import Console

from contract_tests.baseline import compare, load_baseline
from contract_tests.checks import COLUMNS, CheckContext
from contract_tests.deviations import accept, load_deviations
from contract_tests.outcomes import Run
from contract_tests.readings import ReadingDetection
from contract_tests.reports import print_report, progress, render_page, write_reports
from contract_tests.runner import RunOptions, run
from contract_tests.transport import (
    MOCK,
    TARGETS,
    Target,
    TargetOptions,
    is_searched,
    load_variables,
    make_target,
    started_mock,
)
from mock_server.contract import Contract
from mock_server.errors import UsageError, count_of
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


@dataclass(frozen=True)
class CheckOptions:
    """What was asked for on the command line, an attribute an option; None or empty where nothing was said."""

    providers: tuple[str, ...]
    target: str
    base_url: str
    dotenv: Path | None
    report: Path | None
    budget: int | None
    rate: float | None
    only: tuple[str, ...]
    detects_readings: bool | None
    write_readings: Path | None
    readings: tuple[str, ...]
    deviations: Path | None
    accepts: bool
    baseline: Path | None
    schemas: Path | None
    in_process: bool
    seed: str

    @property
    def starts_mock(self) -> bool:
        """Whether the run is against a mock of its own."""
        return self.target == MOCK and not self.base_url


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
    "detects_readings",
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
    sys.exit(_check(CheckOptions(**options)))


def _check(options: CheckOptions) -> int:
    settings = Settings(
        providers=options.providers,
        schemas=options.schemas,
        readings=parse_readings(options.readings),
    )
    contracts = load_contracts(settings)
    _require_sense(options, contracts)
    variables = load_variables(options.dotenv)
    target_options = TargetOptions(options.target, options.base_url, options.budget, options.rate, variables)
    folder = options.deviations or settings.schemas
    deviations = {name: load_deviations(find_folder(folder, name)) for name in contracts}
    baseline = load_baseline(options.baseline) if options.baseline else None
    console = Console(highlight=False)
    with _start_mock(options) as mock_url, progress(console) as show_progress:
        pairs = [(c, make_target(c, target_options, _find_base(mock_url, c))) for c in contracts.values()]
        _warn_of_short_secrets(console, [target for _, target in pairs])
        result = run(pairs, _make_run_options(options, settings), deviations, show_progress)
    report = result.as_dict()
    report["drift"] = compare(baseline, report) if baseline else None
    print_report(console, report)
    _keep_last(report)
    _write(options, result, report, folder, console)
    return result.exit_code


def _warn_of_short_secrets(console: Console, targets: list[Target]) -> None:
    for target in targets:
        if not all(is_searched(secret) for states in target.credentials.values() for secret in states.values()):
            console.print(
                f"A credential of {target.provider} is too short to be told from other text: it is hidden where it is "
                "sent, but not where the target repeats it.",
                soft_wrap=True,
            )


def _require_sense(options: CheckOptions, contracts: dict[str, Contract]) -> None:
    if options.base_url and len(contracts) > 1:
        raise UsageError("--base-url is for one provider: name it, or set ACME_BASE_URL for each.")
    if options.in_process and not options.starts_mock:
        raise UsageError("--in-process is for the mock that the run starts itself.")


@contextlib.contextmanager
def _start_mock(options: CheckOptions) -> Iterator[str]:
    """A mock for the run and its URL; an empty one where the options say where to go."""
    if not options.starts_mock:
        yield ""
        return
    arguments = [*options.providers, "--seed", options.seed]
    # The mock is a process of its own, and may not be started in this folder.
    arguments += ["--schemas", str(options.schemas.resolve())] if options.schemas else []
    for reading in options.readings:
        arguments += ["--reading", reading]
    with started_mock(*arguments) as url:
        yield url


def _find_base(mock_url: str, contract: Contract) -> str:
    return f"{mock_url}/{contract.provider}{contract.base_path}" if mock_url else ""


def _make_run_options(options: CheckOptions, settings: Settings) -> RunOptions:
    detects = options.target != MOCK if options.detects_readings is None else options.detects_readings

    def detect_readings(context: CheckContext) -> list[dict[str, Any]]:
        return ReadingDetection(context, find_folder(settings.schemas, context.contract.provider)).run()

    return RunOptions(
        in_process=options.in_process,
        detect_readings=detect_readings if detects or options.write_readings else None,
        only=frozenset(options.only),
    )


def _keep_last(report: dict[str, Any]) -> None:
    """The page of the last run, for the console to show; a machine without a cache folder goes without."""
    with contextlib.suppress(OSError):
        folder = default_cache()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "last-report.html").write_text(render_page(report), encoding="utf-8", errors="replace")


def _write(
    options: CheckOptions,
    result: Run,
    report: dict[str, Any],
    folder: Path | None,
    console: Console,
) -> None:
    try:
        if options.report:
            paths = write_reports(report, result.traffic, options.report)
            console.print(f"Written: {', '.join(str(path) for path in paths)}", soft_wrap=True)
        if options.write_readings:
            _write_readings(options.write_readings, result)
            console.print(f"Written: {options.write_readings}", soft_wrap=True)
        if options.accepts:
            for outcome in result.outcomes:
                place = find_folder(folder, outcome.context.contract.provider)
                added = accept(place, outcome.findings)
                console.print(
                    f"{count_of(added, 'deviation')} accepted for review in {place / 'deviations.yaml'}",
                    soft_wrap=True,
                )
    except OSError as error:
        path = error.filename or options.report
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from None


def _write_readings(path: Path, result: Run) -> None:
    """What each provider follows, by reading: what was found out and is not the contract's own."""
    followed = {
        outcome.context.contract.provider: {
            row["id"]: row["follows"] for row in outcome.readings if row["follows"] not in ("", row["default"])
        }
        for outcome in result.outcomes
    }
    path.write_text(yaml.safe_dump(followed, sort_keys=False), encoding="utf-8")
