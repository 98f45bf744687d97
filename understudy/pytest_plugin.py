"""Contract tests under pytest: the options of a run, and secrets kept out of what pytest prints.

Every pytest of an environment with Understudy loads this module, so it imports nothing but pytest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "--target",
        {"choices": ("mock", "live"), "default": "mock", "help": "the mock (started for the run) or the real API"},
    ),
    ("--base-url", {"default": None, "help": "where the provider is, in place of ACME_BASE_URL"}),
    ("--dotenv", {"default": None, "help": "a file of base URLs and credentials"}),
    ("--budget", {"type": int, "default": None, "help": "calls to a provider at most (live: 60)"}),
    ("--rate", {"type": float, "default": None, "help": "calls a second at most (live: 2)"}),
    ("--provider", {"action": "append", "default": [], "help": "only this provider; several are allowed"}),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `understudy check`; one that another plug-in has already is that plug-in's, and is read."""
    group = parser.getgroup("understudy", "contract tests")
    for name, settings in OPTIONS:
        try:
            group.addoption(name, **settings)
        except ValueError:
            continue


RUN: pytest.StashKey[Any] = pytest.StashKey()
"""The contract run of a pytest session, where there is one."""


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    if RUN in config.stash:
        config.stash[RUN].close()


def _scrub(config: pytest.Config, report: Any) -> None:
    """No credential in a traceback, in captured output, or in a failure's text."""
    if RUN not in config.stash:
        return
    for redactor in config.stash[RUN].redactors():
        text = str(getattr(report, "longreprtext", "") or "")
        if text and redactor.text(text) != text:
            report.longrepr = redactor.text(text)
        report.sections = [(redactor.text(name), redactor.text(content)) for name, content in report.sections]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Scrub each report before anything writes it."""
    outcome: Any = yield
    _scrub(item.config, outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_exception_interact(node: pytest.Item, report: Any) -> Iterator[None]:
    """Scrub again: other plug-ins write their own text into the report here."""
    yield
    _scrub(node.config, report)
