"""The session that a request names, and what an answer says of how it was played: session, seed, scenario, step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mock_server.messages import Headers, Request, Response
from mock_server.state import DEFAULT

HEADER = "understudy-session"
"""The header that names a session, in requests and in answers."""

Played = tuple[tuple[str, int], ...]
"""The scenarios whose faults were due, each with the number of its call."""


def split_session(request: Request) -> tuple[str, Request]:
    """The session's name, and the request without it: `/~name/acme/v1` or the header `Understudy-Session`."""
    if not request.path.startswith("/~"):
        return request.headers.get(HEADER, ""), request
    name, slash, rest = request.path[2:].partition("/")
    return name, request._replace(path=slash + rest)


class Explanation(NamedTuple):
    """What there is to say: `asked` are the preferences of the session, `scenarios` what played for the request."""

    session: str
    seed: str
    asked: Mapping[str, str]
    scenarios: tuple[str, ...]
    played: Played


def add_explanation(response: Response, explanation: Explanation) -> Response:
    """The answer with what it says of itself; the plain default session says nothing unless it is asked."""
    if response.delivery and response.delivery.fault:
        return response  # what is broken on the wire has no headers that a client reads
    asked = explanation.asked
    applied = ", ".join(f"{name}={_escape(value)}" for name, value in asked.items())
    headers: Headers = (("preference-applied", applied),) if applied else ()
    if explanation.session != DEFAULT or "explain" in asked:
        headers += ((HEADER, explanation.session), ("understudy-seed", _escape(explanation.seed)))
    steps = dict(explanation.played)
    headers += tuple(("understudy-scenario", _with_step(name, steps)) for name in dict.fromkeys(explanation.scenarios))
    return response._replace(headers=response.headers + headers) if headers else response


def _with_step(scenario: str, steps: Mapping[str, int]) -> str:
    return f"{scenario}; step={steps[scenario]}" if scenario in steps else scenario


def _escape(text: str) -> str:
    """Text as a header can carry it: a client chose it, and it may hold line ends."""
    return text if text.isascii() and text.isprintable() else ascii(text)[1:-1]
