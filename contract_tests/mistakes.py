"""Mistakes of ours: a check that crashes ends by itself alone, and the run says so."""

from __future__ import annotations

import traceback
from dataclasses import asdict, dataclass

from contract_tests.transport import Redactor


@dataclass(frozen=True)
class Mistake:
    """A check that crashed at an operation (empty: over all of them). `lines` is its traceback, redacted."""

    operation: str
    check: str
    error: str
    lines: str

    @property
    def sentence(self) -> str:
        """What happened, for whoever reads the report."""
        where = f" of {self.operation}" if self.operation else ""
        return (
            f"Our mistake: the check {self.check}{where} crashed ({self.error}); the other checks went on. "
            "The traceback stands on standard error and in report.json."
        )

    def as_dict(self) -> dict[str, str]:
        """As it stands in the JSON report."""
        return {**asdict(self), "sentence": self.sentence}


def describe_mistake(error: Exception, operation: str, check: str, redactor: Redactor) -> Mistake:
    """A crash as it may be written: of the error the type alone, for its message may quote anything."""
    lines = redactor.text("".join(traceback.format_exception(error)))
    return Mistake(operation, check, type(error).__name__, lines)
