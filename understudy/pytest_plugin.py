"""The pytest plug-in: fixtures and options, and nothing else until they are asked for.

Every pytest of an environment with Understudy loads this module. It imports pytest and what stands beside it here,
because a project may have folders that are named as our other packages are; and each option has our prefix, because
pytest ends with "conflicting option string" where two plug-ins share one.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Generator
from typing import Any

import pytest

from understudy.fixtures import (
    MARK,
    check_marks,
    check_strictly,
    describe_failure,
    session_of_test,
    understudy_server,
)
from understudy.pytest_options import add_settings

__all__ = ["session_of_test", "understudy_server"]

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
    """Add the options; what those of the contract tests mean is known to `contract_tests` alone."""
    group = parser.getgroup("understudy", "mock server and contract tests of Understudy")
    for name, settings in OPTIONS:
        group.addoption(f"{PREFIX}{name}", **settings)
    add_settings(parser, group)


def pytest_configure(config: pytest.Config) -> None:
    """Say which line installs the harness where it is asked for and not installed; raises pytest.UsageError."""
    config.addinivalue_line("markers", f"{MARK}(provider, **settings): what plays for the `understudy` of this test")
    wanted = config.option.pyargs and any(str(argument).startswith("contract_tests") for argument in config.args)
    if wanted and importlib.util.find_spec("schemathesis") is None:
        line = "pip install 'understudy[check]'"
        raise pytest.UsageError(f"The contract tests need more than serving does: {line}")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that passed fails where its mark did nothing, or its client something wrong."""
    outcome = yield
    check_marks(item)
    check_strictly(item)
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what its session received."""
    report = yield
    if not report.failed or call.excinfo is None or report.when == "teardown":
        return report
    if said := describe_failure(item, call.excinfo.value):
        # With the failure itself, where it has a place for it: junit's XML has that, and not a report's sections.
        add = getattr(report.longrepr, "addsection", None)
        add("understudy", said, "-") if add else report.sections.append(("understudy", said))
    return report
