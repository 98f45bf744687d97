"""One pytest run of the contract tests: its targets, and each provider's outcome."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.context import make_redactor
from contract_tests.findings import NOT_REACHED
from contract_tests.outcomes import Outcome
from contract_tests.run_options import RunOptions
from contract_tests.runner import run_provider
from contract_tests.transport import LIVE, MOCK, Redactor, TargetOptions, load_variables, make_target, started_mock
from mock_server.contract import Contract
from mock_server.errors import UsageError
from mock_server.sessions import Settings, load_contracts


def _option(config: pytest.Config, name: str) -> Any:
    """An option's value; None where it was not given, or where pytest was started without our options."""
    return config.getoption(f"understudy_{name}", default=None, skip=False)


class ContractRun:
    """The targets of one pytest run, and each provider's outcome, made when it is first asked for."""

    def __init__(self, config: pytest.Config) -> None:
        dotenv = _option(config, "dotenv")
        variables = load_variables(Path(dotenv) if dotenv else None)
        self.options = TargetOptions(
            _option(config, "target") or MOCK,
            _option(config, "base_url") or "",
            _option(config, "budget"),
            _option(config, "rate"),
            variables,
        )
        self.contracts = load_contracts(Settings(providers=tuple(_option(config, "provider") or ())))
        self._outcomes: dict[str, Outcome] = {}
        self._mock = started_mock(*self.contracts) if self.options.kind == MOCK and not self.options.base_url else None
        self._url = ""

    def outcome(self, provider: str) -> Outcome:
        """Every check of one provider, run once."""
        if provider not in self._outcomes:
            # Not before a test asks: `--collect-only` starts nothing.
            if self._mock and not self._url:
                self._url = self._mock.__enter__()
            contract = self.contracts[provider]
            base = f"{self._url}/{provider}{contract.base_path}" if self._url else ""
            target = make_target(contract, self.options, base)
            self._outcomes[provider] = run_provider(contract, target, RunOptions())
        return self._outcomes[provider]

    def redactors(self) -> Iterator[Redactor]:
        """One for each provider whose credential is known."""
        for contract in self.contracts.values():
            redactor = find_redactor(contract, self.options)
            if redactor:
                yield redactor

    def close(self) -> None:
        """Stop the mock that this run started."""
        if self._mock and self._url:
            self._mock.__exit__(None, None, None)


def find_redactor(contract: Contract, options: TargetOptions) -> Redactor | None:
    """Hides what the environment gave as credential; None where it gave nothing to hide."""
    try:
        # Of a mock the URL does not matter here, and it may not have started yet.
        return make_redactor(contract, make_target(contract, options, "" if options.kind == LIVE else "http://mock"))
    except UsageError:
        return None


_RUN: pytest.StashKey[ContractRun] = pytest.StashKey()


def find_run(config: pytest.Config) -> ContractRun | None:
    """The contract run of this pytest session, or None where none has begun."""
    return config.stash.get(_RUN, None)


def get_run(config: pytest.Config) -> ContractRun:
    """The contract run of this pytest session, begun when it is first asked for.

    Raises pytest.UsageError, a sentence without a traceback, where the options or variables do not suffice.
    """
    run = find_run(config)
    if run is None:
        try:
            run = config.stash[_RUN] = ContractRun(config)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
    return run


def require_reached(outcome: Outcome) -> None:
    """End the whole session where the target gives no answer or refuses the credential."""
    if outcome.unreached:
        pytest.exit(outcome.stopped, returncode=NOT_REACHED)
