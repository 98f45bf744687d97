"""Is the harness worth trusting? Every planted fault is played, and must be reported by the check that names it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from unittest import mock

from contract_tests.findings import GRADES, Finding
from contract_tests.outcomes import Outcome
from contract_tests.run_options import RunOptions
from contract_tests.runner import run_provider
from contract_tests.transport import Target, patience
from mock_server.contract import Contract
from mock_server.sessions import Settings, load_contracts
from tests.mutation.mutant_server import CLEAN, slug
from tests.mutation.mutants import MUTANTS, Mutant
from tests.mutation.operation_mock import OperationMock


@dataclass(frozen=True)
class MutantResult:
    """What the harness made of one mutant at one provider.

    `reported` are the checks with a finding, `caught` whether the right one is among them, `grade` the worst grade it gave.
    """

    mutant: str
    provider: str
    reported: tuple[str, ...]
    caught: bool
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

    return any(mutant.applies(OperationMock(contract, operation, nobody)) for operation in contract.operations)  # type: ignore[arg-type]


def check_mutant(base: str, mutant: str, contract: Contract, schemathesis: bool = True) -> Outcome:
    """Run the harness against one mutant, as if it were somebody's server."""
    kind = MUTANTS[mutant].profile if mutant in MUTANTS else "live"
    url = f"{base}/~{slug(mutant)}/{contract.provider}{contract.base_path}"
    credentials = {s.name: {state: values[0] for state, values in s.values.items()} for s in contract.schemes}
    target = Target(contract.provider, kind, url, credentials)
    # A server of ours is asked again as a live one is, but needs no time to come round.
    with mock.patch.object(patience, "FIRST_PAUSE_SECONDS", 0.0):
        return run_provider(contract, target, RunOptions(schemathesis=schemathesis))


def judge(mutant: Mutant, outcome: Outcome) -> MutantResult:
    """Whether a check that names the fault reported it."""
    names = [check for finding in outcome.findings for check in _checks_of(finding)]
    telling = [f for f in outcome.findings if any(_under(c, name) for c in _checks_of(f) for name in mutant.caught_by)]
    grade = min((f.grade for f in telling), key=GRADES.index, default="")
    context = outcome.context
    reported = tuple(dict.fromkeys(names))
    calls = context.sender.calls
    return MutantResult(mutant.name, context.contract.provider, reported, bool(telling), grade, calls, outcome.seconds)


def _checks_of(finding: Finding) -> list[str]:
    """The checks that reported a fault, those that were merged too."""
    return [finding.check, *(line.partition(" ")[0] for line in finding.also)]


def _under(check: str, name: str) -> bool:
    return check == name or check.startswith(f"{name}.")


Job = tuple[str, str, str]


def _run(job: Job) -> MutantResult:
    base, mutant, provider = job
    contract = load_contracts(Settings(providers=(provider,)))[provider]
    return judge(MUTANTS[mutant], check_mutant(base, mutant, contract))


def run_all(base: str, names: list[str] | None = None, workers: int = 2) -> Iterator[MutantResult]:
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
    """What the harness reports of a server on which nothing is wrong."""
    alarms = []
    for provider, contract in load_contracts(Settings()).items():
        outcome = check_mutant(base, CLEAN, contract, schemathesis)
        alarms += [f"{provider}: {f.operation} {f.check} {f.place} {f.problem}" for f in outcome.findings]
        alarms += [f"{provider}: {outcome.stopped}"] if outcome.stopped else []
    return alarms
