"""What tests of sessions share."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.sessions.factory import Settings, load_contracts
from mock_server.sessions.session_apis import SessionApis
from mock_server.sessions.setup import Setup, load_form, load_stock, make_session_apis


@pytest.fixture
def session_apis(cache: Path, tmp_path: Path) -> SessionApis:
    """The mock APIs of one worker, rate limits reported."""
    settings = Settings(cache=cache)
    return make_session_apis(Setup(load_contracts(settings), settings, load_stock(load_form()), tmp_path))
