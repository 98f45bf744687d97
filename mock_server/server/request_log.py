"""The log on the terminal: a line a request, with what a person would look for in it.

14:03:22.512 bug-4711 GET     /fatora/v1/clients?page=2 500 0.4 ms scenario=third-call-fails;step=3 unknown=colour
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import TextIO

from mock_server.mappings import STUB_HEADER
from mock_server.messages import Request, Response
from mock_server.server.cors import is_refused_origin
from mock_server.server.log import Log, write_line
from mock_server.sessions import Player, find_unknown_parameters
from mock_server.state import Redaction

_COLOURS = {2: "32", 3: "36", 4: "33", 5: "31"}


def make_log(stream: TextIO, apis: Player) -> Log:
    """Writes time, session, method, target, status, milliseconds; then whatever was unusual.

    Secrets of path and query are redacted as in the journal.
    """
    redaction = Redaction.of_contracts((api.contract for api in apis.apis.values()), os.urandom(16))
    colours = stream.isatty() and "NO_COLOR" not in os.environ

    def log(request: Request, response: Response, seconds: float) -> None:
        session, api, aimed = apis.locate(request)
        unknown = find_unknown_parameters(api, aimed) if api else ()
        path, query = redaction.path(request.path, []), redaction.query(request.query, [])
        parts = (
            _render_time(time.time()),
            _printable(session),
            f"{_printable(request.method):<7}",
            _printable(f"{path}?{query}" if query else path),
            _coloured(response.status) if colours else str(response.status),
            f"{seconds * 1000:.1f} ms",
            *_notes(response, _printable(",".join(unknown)), api is not None and is_refused_origin(request, response)),
        )
        write_line(stream, " ".join(parts))

    return log


def _render_time(now: float) -> str:
    return f"{time.strftime('%H:%M:%S', time.localtime(now))}.{int(now * 1000) % 1000:03}"


def _coloured(status: int) -> str:
    return f"\x1b[{_COLOURS.get(status // 100, '0')}m{status}\x1b[0m"


def _printable(text: str) -> str:
    """What a client sent, without control characters: they would steer the terminal."""
    return text if text.isprintable() else ascii(text)[1:-1]


def _notes(response: Response, unknown: str, is_refused: bool) -> Iterator[str]:
    """What was unusual about an answer, each as `name=value`."""
    played = ",".join(value.replace(" ", "") for name, value in response.headers if name == "understudy-scenario")
    mapping = dict(response.headers).get(STUB_HEADER, "")
    fault = response.delivery.fault if response.delivery else ""
    cors = "refused" if is_refused else ""
    rows = (("scenario", played), ("mapping", mapping), ("fault", fault), ("unknown", unknown), ("cors", cors))
    yield from (f"{name}={value}" for name, value in rows if value)
