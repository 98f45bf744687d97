"""What a run does beside the checks that always run, and who hears of it as it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract_tests.checks import SCHEMATHESIS
from contract_tests.context import CheckContext, find_fixtures
from contract_tests.hooks import Hooks
from mock_server.contract import Contract

Progress = Callable[[str, str, int], None]
"""Called as a run goes on: provider, what is being checked, calls so far."""


def keep_silent(provider: str, what: str, calls: int) -> None:
    """The progress of a run that nobody watches."""


def _keep_quiet(sentence: str) -> None:
    """What is left behind where nobody listens."""


DetectReadings = Callable[[CheckContext, int | None], tuple[list[dict[str, Any]], Contract | None]]
"""Finds out which readings a target follows, in so many calls of its own (None: no bound): a row for each, and the
contract under them where it is another one than the context's."""


@dataclass(frozen=True)
class RunOptions:
    """What a run does beside the checks that always run.

    `only` are the names of the chosen checks, empty for all; `detect_readings` finds out which readings a provider
    follows, a row for each; None leaves it out. `operations` are the ids of the chosen operations, empty for all;
    `slow_seconds` is how long an answer may take, None where nobody said. `announce` is told in a sentence of each
    record that the run created and left.
    """

    schemathesis: bool = True
    in_process: bool = False
    fixtures: Path = field(default_factory=find_fixtures)
    detect_readings: DetectReadings | None = None
    only: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    slow_seconds: float | None = None
    hooks: Hooks = field(default_factory=Hooks)
    announce: Callable[[str], None] = _keep_quiet

    def wants_column(self, check: str) -> bool:
        """Whether the matrix shows what came of a check."""
        return self.wants(check) and (self.schemathesis or check != SCHEMATHESIS)

    def wants(self, check: str) -> bool:
        """Whether a check was chosen; none chosen means all."""
        return not self.only or check in self.only
