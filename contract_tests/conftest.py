"""Makes the options known where the package is run from its folder and its plug-in is not installed."""

from __future__ import annotations

import pytest

from understudy import pytest_plugin as plugin


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, unless the installed plug-in brought them."""
    plugin.pytest_addoption(parser)


def pytest_configure(config: pytest.Config) -> None:
    """The hooks, unless the installed plug-in brought them."""
    if not any(known is plugin for _, known in config.pluginmanager.list_name_plugin()):
        config.pluginmanager.register(plugin, "understudy")
