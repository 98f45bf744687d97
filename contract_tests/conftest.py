"""Contract tests under pytest: the options of a run, and secrets kept out of what pytest prints."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from contract_tests.pytest_run import find_run

OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("target", {"choices": ("mock", "live"), "help": "the mock (started for the run) or the real API"}),
    ("base-url", {"help": "where the provider is, in place of ACME_BASE_URL"}),
    ("dotenv", {"help": "a file of base URLs and credentials"}),
    ("budget", {"type": int, "help": "calls to a provider at most (live: 60)"}),
    ("rate", {"type": float, "help": "calls a second at most (live: 2)"}),
    ("provider", {"action": "append", "help": "only this provider; several are allowed"}),
)
"""Those of `understudy check`, each with our prefix: pytest and other plug-ins have a `--target` of their own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, but for those that the installed plug-in has added already."""
    group = parser.getgroup("understudy", "contract tests")
    for name, settings in OPTIONS:
        with contextlib.suppress(ValueError):
            group.addoption(f"--understudy-{name}", **settings)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the mock that the run has started."""
    run = find_run(config)
    if run:
        run.close()


def _redact(config: pytest.Config, report: Any) -> None:
    """No credential in a traceback, in captured output, or in a failure's text."""
    run = find_run(config)
    for redactor in run.redactors() if run else ():
        text = str(getattr(report, "longreprtext", "") or "")
        if text and redactor.text(text) != text:
            report.longrepr = redactor.text(text)
        report.sections = [(redactor.text(name), redactor.text(content)) for name, content in report.sections]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Redact each report before anything writes it."""
    outcome: Any = yield
    _redact(item.config, outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_exception_interact(node: pytest.Item, report: Any) -> Iterator[None]:
    """Redact again: other plug-ins write their own text into the report here."""
    yield
    _redact(node.config, report)
