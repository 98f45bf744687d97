"""What `understudy check` was asked for, and whether it makes sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contract_tests.reports import TEXT
from contract_tests.transport import MOCK, WRITES
from mock_server.contract import Contract
from mock_server.errors import UsageError, suggest


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
    checks: tuple[str, ...]
    operations: tuple[str, ...]
    max_time: float | None
    slow: float | None
    detects_readings: bool | None
    write_readings: Path | None
    readings: tuple[str, ...]
    deviations: Path | None
    accepts: bool
    baseline: Path | None
    history: Path | None
    schemas: Path | None
    in_process: bool
    seed: str
    hooks: Path | None
    plan: bool
    dry_run: bool
    writes: tuple[str, ...] = ()
    keep_created: bool = False
    overlays: tuple[str, ...] = ()
    form: str = TEXT

    @property
    def starts_mock(self) -> bool:
        """Whether the run is against a mock of its own."""
        return self.target == MOCK and not self.base_url


def choose_contracts(contracts: dict[str, Contract], operations: tuple[str, ...]) -> dict[str, Contract]:
    """The contracts that have one of these operations; all of them where none is named.

    Raises:
        UsageError: no contract has an operation of that name.
    """
    known = [operation.id for contract in contracts.values() for operation in (*contract.operations, *contract.nested)]
    for name in operations:
        if name not in known:
            hint = suggest(name, dict.fromkeys(known), "{}", else_all=True)
            raise UsageError(f"There is no operation {name!r} of {', '.join(contracts)}; {hint}")
    return {
        name: contract
        for name, contract in contracts.items()
        if not operations or any(operation.id in operations for operation in (*contract.operations, *contract.nested))
    }


def require_sense(options: CheckOptions, contracts: dict[str, Contract]) -> None:
    """Raise UsageError where options contradict each other, or ask for what their contracts do not have."""
    for name, contract in contracts.items():
        if not contract.operations:
            raise UsageError(
                f"Nothing of {name} can be asked without guessing: it has no list that stands below nothing, and no "
                "answer to a path without parameters. `understudy infer` shows what was understood.",
            )
    require_writes(options, contracts)
    if options.base_url and len(contracts) > 1:
        raise UsageError("--base-url is for one provider: name it, or set ACME_BASE_URL for each.")
    if (options.plan or options.dry_run) and (options.report or options.write_readings or options.accepts):
        raise UsageError("A plan asks nobody: there is nothing for --report, --write-readings or --accept to write.")
    if options.in_process and not options.starts_mock:
        raise UsageError("--in-process is for the mock that the run starts itself.")
    if options.in_process and any(contract.document.get("x-plain") for contract in contracts.values()):
        raise UsageError("--in-process is for annotated contracts: a plain document is asked over a socket.")
    if options.in_process and any(o.effect in WRITES for c in contracts.values() for o in c.operations):
        raise UsageError("--in-process is for contracts that are read: one with writes is asked over a socket.")


def read_writes(options: CheckOptions) -> frozenset[str]:
    """The operations that may write to a live target: each word of `--writes` is one, or several with commas."""
    return frozenset(name.strip() for word in options.writes for name in word.split(",") if name.strip())


def require_writes(options: CheckOptions, contracts: Mapping[str, Contract]) -> None:
    """Raise UsageError where what may be written makes no sense: only what the run created is changed or deleted."""
    named = read_writes(options)
    every = [o for c in contracts.values() for o in (*c.operations, *c.nested) if o.effect in WRITES]
    for name in sorted(named - {operation.id for operation in every}):
        hint = suggest(name, dict.fromkeys(o.id for o in every), "{}", else_all=True)
        raise UsageError(f"--writes {name}: no operation of that name changes records; {hint}")
    if named and options.target == MOCK and not (options.plan or options.dry_run):
        raise UsageError("--writes is for a live target: to a mock everything is written that its document has.")
    effects = {(o.collection, o.effect) for o in every if o.id in named}
    for operation in (o for o in every if o.id in named):
        if operation.effect != "create" and (operation.collection, "create") not in effects:
            raise UsageError(
                f"--writes {operation.id}: name the operation that creates {operation.collection} as well, for only "
                "records that the run itself created are changed.",
            )
        above = [r.collection for r in operation.parents.values() if (r.collection, "create") not in effects]
        if above:
            raise UsageError(
                f"--writes {operation.id}: name the operation that creates {above[0]} as well, for it writes below "
                "records alone that the run itself created.",
            )
        if (
            operation.effect == "create"
            and (operation.collection, "delete") not in effects
            and not options.keep_created
        ):
            raise UsageError(
                f"--writes {operation.id}: name the operation that deletes {operation.collection} as well; "
                "--keep-created leaves what the run creates where it is.",
            )
