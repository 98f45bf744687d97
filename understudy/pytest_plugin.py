"""The pytest plug-in: the options of the contract tests, and nothing else until they are asked for.

Every pytest of an environment with Understudy loads this module. It imports nothing but pytest, because a project may
have folders that are named as our packages are; and each option has our prefix, because pytest ends with "conflicting
option string" where two plug-ins share one.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

PREFIX = "--understudy-"

OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("target", {"choices": ("mock", "live"), "help": "the mock (started for the run) or the real API"}),
    ("base-url", {"help": "where the provider is, in place of ACME_BASE_URL"}),
    ("dotenv", {"help": "a file of base URLs and credentials"}),
    ("budget", {"type": int, "help": "calls to a provider at most (live: 60)"}),
    ("rate", {"type": float, "help": "calls a second at most (live: 2)"}),
    ("provider", {"action": "append", "help": "only this provider; several are allowed"}),
)
"""Those of `understudy check` that a pytest run takes, for `pytest --pyargs contract_tests`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; what they mean is known to `contract_tests` alone."""
    group = parser.getgroup("understudy", "contract tests of Understudy")
    for name, settings in OPTIONS:
        group.addoption(f"{PREFIX}{name}", **settings)


def pytest_configure(config: pytest.Config) -> None:
    """Say which line installs the harness where it is asked for and not installed; raises pytest.UsageError."""
    wanted = config.option.pyargs and any(str(argument).startswith("contract_tests") for argument in config.args)
    if wanted and importlib.util.find_spec("schemathesis") is None:
        line = "pip install 'understudy[check]'"
        raise pytest.UsageError(f"The contract tests need more than serving does: {line}")
