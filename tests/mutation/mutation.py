"""Is the harness worth trusting? Every planted fault is played, and must be told by the check that names it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from contract_tests.findings import GRADES
from contract_tests.runner import Outcome, RunOptions, run_provider
from contract_tests.transport import Target
from mock_server.contract import Contract
from mock_server.sessions import Settings, load_contracts
from tests.mutation.mutant_server import CLEAN, slug
from tests.mutation.mutants import MUTANTS, Mutant
from tests.mutation.stage import Stage


@dataclass(frozen=True)
class Verdict:
    """What the harness made of one mutant at one provider.

    `told` are the checks that told, `named` whether the right one did, `grade` the worst grade it gave.
    """

    mutant: str
    provider: str
    told: tuple[str, ...]
    named: bool
    grade: str
    calls: int
    seconds: float


@contextlib.contextmanager
def serving(seed: str = "understudy") -> Iterator[str]:
    """A mutant server in a process of its own; its base URL."""
    command = [sys.executable, "-m", "tests.mutation.mutant_server", seed]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait()
        # A fault that fails by itself is no planted fault.
        said.seek(0)
        if trouble := said.read().strip():
            raise RuntimeError(f"The mutant server failed: {trouble[-2000:]}")


def applies(mutant: Mutant, contract: Contract) -> bool:
    """Whether some operation of a provider can have the fault."""

    def nobody(request: object) -> object:
        raise AssertionError("nothing is asked while applicability is looked at")

    return any(mutant.applies(Stage(contract, operation, nobody)) for operation in contract.operations)  # type: ignore[arg-type]


def check_mutant(base: str, mutant: str, contract: Contract, schemathesis: bool = True) -> Outcome:
    """Run the harness against one mutant, as if it were somebody's server."""
    kind = MUTANTS[mutant].profile if mutant in MUTANTS else "live"
    url = f"{base}/~{slug(mutant)}/{contract.provider}{contract.base_path}"
    credentials = {s.name: {state: values[0] for state, values in s.values.items()} for s in contract.schemes}
    target = Target(contract.provider, kind, url, credentials)
    return run_provider(contract, target, RunOptions(schemathesis=schemathesis))


def judge(mutant: Mutant, outcome: Outcome) -> Verdict:
    """Whether a check that names the fault told of it."""
    names = [finding.check for finding in outcome.findings]
    telling = [f for f in outcome.findings if any(_under(f.check, name) for name in mutant.caught_by)]
    grade = min((f.grade for f in telling), key=GRADES.index, default="")
    visit = outcome.context
    told = tuple(dict.fromkeys(names))
    calls = visit.sender.adapter.calls
    return Verdict(mutant.name, visit.contract.provider, told, bool(telling), grade, calls, outcome.seconds)


def _under(check: str, name: str) -> bool:
    return check == name or check.startswith(f"{name}.")


Job = tuple[str, str, str]


def _run(job: Job) -> Verdict:
    base, mutant, provider = job
    contract = load_contracts(Settings(providers=(provider,)))[provider]
    return judge(MUTANTS[mutant], check_mutant(base, mutant, contract))


def run_all(base: str, names: list[str] | None = None, workers: int = 2) -> Iterator[Verdict]:
    """Every mutant at every provider that can have it, in the order of the table."""
    contracts = load_contracts(Settings())
    jobs = [
        (base, name, provider)
        for name in names or MUTANTS
        for provider, contract in contracts.items()
        if applies(MUTANTS[name], contract)
    ]
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_run, jobs, chunksize=4)


def find_false_alarms(base: str, schemathesis: bool = True) -> list[str]:
    """What the harness tells of a server on which nothing is bent."""
    found = []
    for provider, contract in load_contracts(Settings()).items():
        outcome = check_mutant(base, CLEAN, contract, schemathesis)
        found += [f"{provider}: {f.operation} {f.check} {f.place} {f.problem}" for f in outcome.findings]
        found += [f"{provider}: {outcome.stopped}"] if outcome.stopped else []
    return found
