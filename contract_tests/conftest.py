"""Contract tests under pytest: what was started is stopped, and secrets are kept out of what pytest prints.

The options of a run are those of the installed plug-in, `understudy.pytest_plugin`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from contract_tests.pytest_run import find_run


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
