"""What of two contracts breaks a client: their operations compared by a table of rules, schemas by their direction."""

from __future__ import annotations

from contract_tests.diff.contracts import compare_contracts
from contract_tests.diff.rules import RULES, Rule

__all__ = ["RULES", "Rule", "compare_contracts"]
