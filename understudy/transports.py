"""A mock in this process, as transports of clients: no socket, no second process."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any, Unpack

from understudy.admin import Admin
from understudy.errors import UnderstudyError
from understudy.mock import Mock
from understudy.sessions import Session
from understudy.starting import Options, write_words

if TYPE_CHECKING:
    from understudy.over_httpx import Transport
    from understudy.over_requests import Adapter

Played = str | os.PathLike[str] | Mock | Session


def transport(*what: Played, **options: Unpack[Options]) -> Transport:
    """A transport for `httpx.Client` and `httpx.AsyncClient` that leads to a mock in this process.

    `what` and `options` are those of `serve`; or `what` is a server or a session that there is. Raises:
    UnderstudyError.
    """
    session = find_session(what, options)
    made: Transport = _open("httpx").Transport(session)
    return made


def requests_adapter(*what: Played, **options: Unpack[Options]) -> Adapter:
    """The same for requests: an adapter to mount in a `requests.Session`. Raises: UnderstudyError."""
    session = find_session(what, options)
    made: Adapter = _open("requests").Adapter(session)
    return made


def find_session(what: tuple[Played, ...], options: Options) -> Session:
    """The session that is named, a server's default one, or that of a new mock in this process.

    Raises:
        UnderstudyError: it cannot be played, or several things are named of which one is there already.
    """
    there = [each for each in what if isinstance(each, Mock | Session)]
    if not there:
        return _play([each for each in what if not isinstance(each, Mock | Session)], options).default
    if len(what) > 1 or options:
        raise UnderstudyError("Name one server, one session, or what is to be played with its options.")
    return there[0].default if isinstance(there[0], Mock) else there[0]


def _play(what: list[str | os.PathLike[str]], options: Options) -> Mock:
    from understudy.local import Local

    local = Local(write_words(what, options))
    return Mock(Admin(local.url, local=local), local)


def _open(library: str) -> Any:
    try:
        return importlib.import_module(f"understudy.over_{library}")
    except ModuleNotFoundError as error:
        if str(error.name).startswith(("understudy", "mock_server")):
            raise
        raise UnderstudyError(f"{library} is not installed: pip install {library}") from None
