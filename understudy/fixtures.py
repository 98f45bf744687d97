"""The fixtures of pytest: a server for the run, a session for each test, and what it received where a test fails."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from understudy.exchanges import render_exchanges

if TYPE_CHECKING:
    from understudy.mock import Mock
    from understudy.sessions import Session

MARK = "understudy"

_SESSION: pytest.StashKey[Session] = pytest.StashKey()
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
MAX_NAME = 40


@pytest.fixture(scope="session")
def understudy_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    """The server of the run: one for all workers of pytest-xdist, or the one that `--understudy-url` names."""
    from understudy.mock import connect, serve, share

    config = request.config
    if url := config.getoption("--understudy-url"):
        yield connect(url)
        return
    what, given = read_configuration(config)
    is_worker = hasattr(config, "workerinput")
    shared = tmp_path_factory.getbasetemp().parent / "understudy" if is_worker else None
    with share(shared, *what, **given) if shared else serve(*what, **given) as mock:
        yield mock


def read_configuration(config: pytest.Config) -> tuple[list[str], dict[str, Any]]:
    """What a server is started with, as the ini options of a project say."""
    root = config.rootpath
    what = [_as_path(root, word) for word in config.getini("understudy_serve")]
    folders = {name: config.getini(f"understudy_{name}") for name in ("data", "mappings", "schemas")}
    given: dict[str, Any] = {name: str(root / folder) for name, folder in folders.items() if folder}
    return what, {**given, "seed": config.getini("understudy_seed") or None}


def _as_path(root: Path, word: str) -> str:
    """A word as it is from the root of the project: a file or a folder there, or a provider's name."""
    name, equals, file = word.rpartition("=")
    return f"{name}{equals}{root / file}" if (root / file).exists() else word


@pytest.fixture(name="understudy")
def session_of_test(request: pytest.FixtureRequest, understudy_server: Mock) -> Iterator[Session]:
    """A session for this test alone, called after it; the mark `understudy` says of which provider and what plays."""
    mark = request.node.get_closest_marker(MARK)
    provider, settings = (mark.args[:1], dict(mark.kwargs)) if mark else ((), {})
    session = understudy_server.session(find_name(request.node.nodeid), **settings).of(*provider)
    request.node.stash[_SESSION] = session
    yield session
    session.close()


def find_name(node: str) -> str:
    """A session's name that only this test has, and that a person knows it by: its own name, and a few digits."""
    digits = hashlib.blake2b(node.encode(), digest_size=4).hexdigest()
    readable = _UNFIT.sub("-", node.rpartition("::")[2])[:MAX_NAME].strip("-._")
    return f"{readable}-{digits}" if readable else f"test-{digits}"


def check_strictly(item: pytest.Item) -> None:
    """Raises: AssertionError where the test's client did something wrong by the contract."""
    if _SESSION in item.stash and item.config.getoption("--understudy-strict"):
        item.stash[_SESSION].assert_no_verdicts()


def describe_failure(item: pytest.Item) -> str:
    """What a failed test's session received, and what its client did wrong; nothing where it has none."""
    session = item.stash.get(_SESSION, None)
    if session is None:
        return ""
    verdicts = "".join(f"\n  {each}" for each in session.verdicts())
    said = f"\nBy the contract the client did wrong:{verdicts}" if verdicts else ""
    return f"The session {session.name} received:\n{render_exchanges(session.requests())}{said}"
