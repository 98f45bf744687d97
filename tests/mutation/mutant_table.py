"""`make mutants`: every planted fault, what reported it, and whether plain Schemathesis would have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console

from contract_tests.findings import GRADES
from mock_server.contract import Contract, get_test_value, present_credentials
from mock_server.sessions import Settings, load_contracts
from tests.mutation.mutant_server import slug
from tests.mutation.mutants import MUTANTS
from tests.mutation.mutation import MutantResult, find_false_alarms, run_all, serving
from tests.mutation.write_table import find_write_alarms, render_writes, run_writes

SEEDS = tuple(f"seed {number}" for number in range(1, 11))
"""Records the clean server is checked with for false alarms."""

PLAIN_EXAMPLES = 25
PLAIN_SECONDS = 60


def run_plain(base: str, mutant: str, contract: Contract, folder: Path) -> bool:
    """Whether `st run` with all its checks and phases reports anything of a mutant."""
    document = folder / f"{contract.provider}.json"
    if not document.exists():
        document.write_text(json.dumps(contract.document), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "run",
        str(document),
        "--no-color",
        "--seed",
        "1",
        "--url",
        f"{base}/~{slug(mutant)}/{contract.provider}{contract.base_path}",
        "--max-examples",
        str(PLAIN_EXAMPLES),
        "--continue-on-failure",
        "--generation-database",
        "none",
    ]
    for name, value in present_credentials(contract.schemes, get_test_value("valid")).headers.items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=PLAIN_SECONDS,
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return done.returncode == 1


def _plain(base: str, results: list[MutantResult]) -> dict[tuple[str, str], bool]:
    """The same mutants under `st run`, two at a time."""
    contracts = load_contracts(Settings())
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        jobs = {
            (v.mutant, v.provider): pool.submit(run_plain, base, v.mutant, contracts[v.provider], Path(folder))
            for v in results
        }
        return {pair: job.result() for pair, job in jobs.items()}


def render_table(results: list[MutantResult], plain: Mapping[tuple[str, str], bool]) -> str:
    """The table in Markdown: a row for each planted fault."""
    rows = defaultdict(list)
    for result in results:
        rows[result.mutant].append(result)
    lines = [
        "| planted fault | named by | caught | grade | `st run` |",
        "| --- | --- | --- | --- | --- |",
    ]
    for mutant, of_mutant in rows.items():
        named = ", ".join(f"`{name}`" for name in MUTANTS[mutant].caught_by)
        caught = f"{sum(v.caught for v in of_mutant)} of {len(of_mutant)}"
        grades = sorted({v.grade for v in of_mutant if v.grade}, key=GRADES.index)
        reported = f"{sum(plain[mutant, v.provider] for v in of_mutant)} of {len(of_mutant)}" if plain else "not run"
        lines.append(f"| {mutant} | {named} | {caught} | {', '.join(grades) or 'none'} | {reported} |")
    return "\n".join(lines)


def summarize(results: list[MutantResult], plain: Mapping[tuple[str, str], bool], alarms: list[str]) -> str:
    """The figures in sentences."""
    caught, reported = sum(v.caught for v in results), sum(plain.values())
    calls = sum(v.calls for v in results) / max(1, len(results))
    sentences = [
        f"{len({v.mutant for v in results})} planted faults, played at every provider that can have them: "
        f"{caught} of {len(results)} caught by the check that names them, with {calls:.0f} calls on average.",
        f"Plain `st run` (all checks, all phases) reports {reported} of {len(plain)}." if plain else "",
        f"A server on which nothing is wrong, {len(SEEDS)} seeds: {len(alarms)} false alarms.",
    ]
    return "\n\n".join(sentence for sentence in sentences if sentence)


def renew_writes(path: Path) -> int:
    """Write the part of a table that is about writes anew, the rest as it is; 1 where a fault was missed."""
    written, alarms = list(run_writes()), find_write_alarms(SEEDS)
    kept = path.read_text(encoding="utf-8").partition(WRITES)[0]
    path.write_text(f"{kept}{WRITES}{render_writes(written, alarms, len(SEEDS))}\n", encoding="utf-8")
    return 1 if alarms or not all(result.caught for result in written) else 0


def main() -> int:
    """Print the table, and write it where an argument says; 1 where a fault was missed or a false alarm given.

    With `--writes` only the part about writes is made, and written among the rest.
    """
    console = Console(soft_wrap=True, highlight=False)
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if "--writes" in sys.argv:
        return renew_writes(Path(arguments[0]))
    alarms: list[str] = []
    for seed in SEEDS:
        with serving(seed) as base:
            alarms += [f"{seed}: {alarm}" for alarm in find_false_alarms(base)]
    with serving() as base:
        results = list(run_all(base))
        plain = {} if "--quick" in sys.argv else _plain(base, results)
    written, write_alarms = list(run_writes()), find_write_alarms(SEEDS)
    text = f"{summarize(results, plain, alarms)}\n\n{render_table(results, plain)}\n\n"
    text += f"{WRITES}{render_writes(written, write_alarms, len(SEEDS))}\n"
    results, alarms = [*results, *written], [*alarms, *write_alarms]
    console.print(text, markup=False)
    for alarm in alarms:
        console.print(f"false alarm: {alarm}", markup=False)
    missed = [result for result in results if not result.caught]
    for result in missed:
        console.print(
            f"missed: {result.mutant} at {result.provider} (reported: {', '.join(result.reported)})",
            markup=False,
        )
    if arguments:
        Path(arguments[0]).write_text(f"{HEAD}{text}", encoding="utf-8")
    return 1 if missed or alarms else 0


WRITES = """## Writes

"""

HEAD = """# Planted faults

Made by `make mutants`. Each row spoils one thing that a mock does right, made from the contract alone and played by a
real server that stands in for the real API. *Caught* counts the providers at which the harness reported it by the
check that names it; *grade* is the worst it gave it (a note where the contract assumes what was spoilt); the last
column says what plain Schemathesis, `st run` with all checks and phases, reports of the same servers.

"""


if __name__ == "__main__":
    sys.exit(main())
