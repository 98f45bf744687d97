"""The fixtures of pytest: a server for the run, and a session for each test."""

from __future__ import annotations

import contextlib
import os
import re
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from understudy.errors import UnderstudyError
from understudy.pytest_options import find_setting, read_configuration, read_session_settings

if TYPE_CHECKING:
    from understudy.mock import Mock
    from understudy.sessions import Session

MARK = "understudy"

_SESSION: pytest.StashKey[Session] = pytest.StashKey()
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
MAX_NAME = 40


@contextlib.contextmanager
def as_sentence() -> Iterator[None]:
    """What Understudy says is all that a test says; where in our code it was said is of no use to anybody."""
    try:
        yield
    except UnderstudyError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture(scope="session")
def understudy_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    """The server of the run: one for all workers of pytest-xdist, or the one that `--understudy-url` names."""
    with as_sentence():
        mock = _open_server(request.config, tmp_path_factory)
    yield mock
    mock.close()


def _open_server(config: pytest.Config, folders: pytest.TempPathFactory) -> Mock:
    from understudy.mock import connect, serve, share

    if url := find_setting(config, "url"):
        return connect(url, os.environ.get("UNDERSTUDY_TOKEN", ""))
    what, given = read_configuration(config)
    if hasattr(config, "workerinput"):
        return share(folders.getbasetemp().parent / "understudy", *what, **given)
    return serve(*what, **given)


@pytest.fixture(name="understudy")
def session_of_test(request: pytest.FixtureRequest, understudy_server: Mock) -> Iterator[Session]:
    """A session for this test alone, called after it; the mark `understudy` says of which provider and what plays."""
    with as_sentence():
        session = _open_session(request, understudy_server)
    request.node.stash[_SESSION] = session
    yield session
    with contextlib.suppress(UnderstudyError):  # the test has ended it, or the server
        session.close()


def _open_session(request: pytest.FixtureRequest, server: Mock) -> Session:
    provider, settings = read_marks(request.node)
    server.default.of(provider)  # before there is a session: a slip in its name leaves none behind
    settings = {**read_session_settings(request.config), **settings}
    settings.pop("strict", None)
    return server.session(make_name(request.node.name), **settings).of(provider)


def read_marks(node: pytest.Item) -> tuple[str, dict[str, Any]]:
    """Provider and settings as the marks say: those of the module, over them the class's, over them the test's.

    Raises: UnderstudyError where a mark names several providers.
    """
    provider, settings = "", dict[str, Any]()
    for mark in reversed(list(node.iter_markers(MARK))):
        if len(mark.args) > 1 or not all(isinstance(each, str) for each in mark.args):
            raise UnderstudyError(
                f"The mark `understudy` names one provider, that of calls that name none, and not "
                f"{', '.join(map(repr, mark.args))}.",
            )
        provider, settings = next(iter(mark.args), provider), {**settings, **mark.kwargs}
    return provider, settings


def make_name(test: str) -> str:
    """A session's name that a person knows a test by, and that no other test has, or another run of this one."""
    digits = uuid.uuid4().hex[:8]
    readable = _UNFIT.sub("-", test)[:MAX_NAME].strip("-._")
    return f"{readable}-{digits}" if readable else f"test-{digits}"


def check_marks(item: pytest.Item) -> None:
    """A test that passed says where its own mark did nothing. Raises: pytest.fail.Exception."""
    marked = any(mark.name == MARK for mark in item.own_markers)
    if marked and _SESSION not in item.stash and MARK not in getattr(item, "fixturenames", ()):
        pytest.fail(
            "This test has the mark `understudy` and does not ask for the fixture `understudy`, which it is for.",
            pytrace=False,
        )


def check_strictly(item: pytest.Item) -> None:
    """A test that passed fails where it is wanted that its client does nothing wrong. Raises: pytest.fail.Exception."""
    session = item.stash.get(_SESSION, None)
    if session is None or not read_marks(item)[1].get("strict", find_setting(item.config, "strict")):
        return
    with as_sentence():
        try:
            session.assert_no_verdicts()
        except AssertionError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None


def describe_failure(item: pytest.Item, error: BaseException) -> str:
    """What a failed test's session received and what its client did wrong, unless the error says it already."""
    session = item.stash.get(_SESSION, None)
    try:
        return session.report(str(error)) if session else ""
    except UnderstudyError as unknown:
        return f"What its session received is not known: {unknown}"
