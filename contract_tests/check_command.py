"""`understudy check`, from its options to its reports and its exit code."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rich.console import Console

from contract_tests.baseline import compare, load_baseline
from contract_tests.check_options import CheckOptions, choose_contracts, read_writes, require_sense
from contract_tests.context import CheckContext
from contract_tests.deviations import accept, load_deviations
from contract_tests.findings import AS_DOCUMENTED
from contract_tests.history import find_last, find_trends, keep, load_history
from contract_tests.hooks import Hooks, load_hooks
from contract_tests.outcomes import Run
from contract_tests.planning import find_place, make_planned_target, render_plan, render_requests
from contract_tests.readings import ReadingDetection
from contract_tests.reports import (
    GITLAB,
    Checked,
    print_for_pipeline,
    print_report,
    progress,
    quoted,
    render_page,
    write_reports,
)
from contract_tests.run_options import RunOptions
from contract_tests.runner import run, run_provider
from contract_tests.transport import (
    MOCK,
    Target,
    TargetOptions,
    is_searched,
    load_variables,
    make_target,
    started_mock,
    tracebacks_without,
)
from mock_server.contract import Contract
from mock_server.errors import UsageError, count_of
from mock_server.sessions import (
    Settings,
    default_cache,
    find_folder,
    load_checkable,
    parse_readings,
)


def run_check(options: CheckOptions) -> int:
    """Run the checks, print and write what came of them; the exit code.

    Raises:
        UsageError: the options make no sense, or a file cannot be read or written; a ContractError for wrong data.
        SystemExit: a mistake of ours; its traceback is printed without secrets.
    """
    secrets: list[str] = []
    with tracebacks_without(secrets):
        with quoted(options.form):
            done = _run_check(options, secrets)
        if done.report:
            print_for_pipeline(options.form, done.report, done.checked)
        return done.exit_code


class _Done(NamedTuple):
    """How a run ended, its report, and the contracts it is about; nothing of these where none was made."""

    exit_code: int
    report: dict[str, Any]
    checked: dict[str, Checked]


def _run_check(options: CheckOptions, secrets: list[str]) -> _Done:
    """The run itself; `secrets` is given every credential of its targets."""
    settings = Settings(
        providers=options.providers,
        schemas=options.schemas,
        readings=parse_readings(options.readings),
        overlays=options.overlays,
    )
    providers = load_checkable(settings)
    contracts = choose_contracts({name: each.contract for name, each in providers.items()}, options.operations)
    require_sense(options, contracts)
    target_options = _make_target_options(options)
    console = Console(highlight=False, stderr=options.form == GITLAB)  # there, standard output is for the machine
    if options.plan or options.dry_run:
        return _Done(_print_plan(options, settings, contracts, target_options, console), {}, {})
    folder = options.deviations or settings.schemas
    deviations = {name: load_deviations(find_folder(folder, name)) for name in contracts}
    earlier = load_history(options.history) if options.history else []
    baseline = load_baseline(options.baseline) if options.baseline else find_last(earlier, options.target)
    run_options = _make_run_options(options, settings, options.target != MOCK)
    run_options = replace(run_options, hooks=_load_hooks(options, console), announce=_say_left)
    with (
        ending_orderly(),
        _start_mock(options) if options.starts_mock else contextlib.nullcontext("") as mock_url,
        progress(console) as show_progress,
    ):
        pairs = [(c, make_target(c, target_options, _find_base(mock_url, c))) for c in contracts.values()]
        secrets += [value for _, target in pairs for states in target.credentials.values() for value in states.values()]
        _warn_of_short_secrets(console, [target for _, target in pairs])
        result = run(pairs, run_options, deviations, show_progress)
    run_options.hooks.require_success()
    report = result.as_dict()
    kept = dict(report)
    report["drift"] = compare(baseline, report) if baseline else None
    report["trends"] = find_trends(earlier, report) if options.history else {}
    print_report(console, report)
    for mistake in (mistake for outcome in result.outcomes for mistake in outcome.mistakes):
        print(mistake.lines, file=sys.stderr)
    _keep_last(report)
    _write(options, result, report, folder, console)
    _keep_among(options.history, kept, console)
    return _Done(result.exit_code, report, {n: Checked(providers[n], find_folder(folder, n)) for n in contracts})


def _make_target_options(options: CheckOptions) -> TargetOptions:
    return TargetOptions(
        options.target,
        options.base_url,
        options.budget,
        options.rate,
        load_variables(options.dotenv),
        time.monotonic() + options.max_time if options.max_time else None,
        read_writes(options),
        options.keep_created,
    )


def _say_left(sentence: str) -> None:
    """Name what a run created and left, wherever its reports go."""
    print(f"Not deleted: {sentence}.", file=sys.stderr)


@contextlib.contextmanager
def ending_orderly() -> Iterator[None]:
    """While this lasts, SIGTERM ends the program as an interrupt does: what was created is deleted first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)


def _load_hooks(options: CheckOptions, console: Console) -> Hooks:
    hooks = load_hooks(options.hooks)
    if hooks.functions:  # nobody should wonder what a file of this folder did to a run
        console.print(f"Hooks of {hooks.file}: {', '.join(hooks.functions)}", soft_wrap=True, markup=False)
    return hooks


def _print_plan(
    options: CheckOptions,
    settings: Settings,
    contracts: dict[str, Contract],
    target_options: TargetOptions,
    console: Console,
) -> int:
    """Print what a live run would ask, having asked a mock; nothing leaves for the target."""
    run_options = _make_run_options(options, settings, is_live=True)
    with _start_mock(options) as mock_url, progress(console) as show_progress:
        for contract in contracts.values():
            target = make_planned_target(contract, _find_base(mock_url, contract), target_options)
            outcome = run_provider(contract, target, run_options, progress=show_progress)
            place = find_place(contract, target_options)
            lines = render_requests(outcome, place) if options.dry_run else render_plan(outcome, place, target_options)
            for line in (*lines, *([] if options.dry_run else [""])):
                console.print(line, markup=False, emoji=False, soft_wrap=True)
    return AS_DOCUMENTED


def _warn_of_short_secrets(console: Console, targets: list[Target]) -> None:
    for target in targets:
        if not all(is_searched(secret) for states in target.credentials.values() for secret in states.values()):
            console.print(
                f"A credential of {target.provider} is too short to be told from other text: it is hidden where it is "
                "sent, but not where the target repeats it.",
                soft_wrap=True,
            )


@contextlib.contextmanager
def _start_mock(options: CheckOptions) -> Iterator[str]:
    """A mock for the run, and its URL."""
    # The mock is a process of its own, and may not be started in this folder.
    arguments = [*map(_with_whole_path, options.providers), "--seed", options.seed]
    # Of a plain document any credential would do, and none would be seen to be refused.
    arguments += ["--credentials", "listed"]
    arguments += ["--schemas", str(options.schemas.resolve())] if options.schemas else []
    arguments += [word for reading in options.readings for word in ("--reading", reading)]
    arguments += [word for overlay in options.overlays for word in ("--overlay", _with_whole_path(overlay))]
    with started_mock(*arguments) as url:
        yield url


def _with_whole_path(word: str) -> str:
    """A provider as it was named; a file (`petstore.yaml`, `pets=petstore.yaml`) with its whole path."""
    name, equals, place = word.rpartition("=")
    return f"{name}{equals}{Path(place).resolve()}" if Path(place).exists() else word


def _find_base(mock_url: str, contract: Contract) -> str:
    return f"{mock_url}/{contract.provider}{contract.base_path}" if mock_url else ""


def _make_run_options(options: CheckOptions, settings: Settings, is_live: bool) -> RunOptions:
    # Readings are told by requests of every operation: a run of some does without, unless it is asked for them.
    usual = is_live and not options.operations
    detects = usual if options.detects_readings is None else options.detects_readings

    def detect_readings(context: CheckContext, calls: int | None) -> tuple[list[dict[str, Any]], Contract | None]:
        name = context.contract.provider
        given = settings.readings.get(name, {})
        return ReadingDetection(context, find_folder(settings.schemas, name), given=given).detect(calls)

    return RunOptions(
        in_process=options.in_process,
        detect_readings=detect_readings if detects or options.write_readings else None,
        only=frozenset(options.checks),
        operations=frozenset(options.operations),
        slow_seconds=options.slow,
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


def _keep_among(history: Path | None, report: dict[str, Any], console: Console) -> None:
    try:
        if history:
            console.print(f"Written: {keep(history, report)}", soft_wrap=True)
    except OSError as error:
        raise UsageError(f"{error.filename or history} cannot be written: {error.strerror or error}.") from None


def _write_readings(path: Path, result: Run) -> None:
    """What each provider follows, by reading: what was found out and is not the contract's own."""
    followed = {
        outcome.context.contract.provider: {
            row["id"]: row["follows"] for row in outcome.readings if row["follows"] not in ("", row["default"])
        }
        for outcome in result.outcomes
    }
    path.write_text(yaml.safe_dump(followed, sort_keys=False), encoding="utf-8")
