"""Requests in the journal found by a pattern in WireMock's words, as mappings are compared with requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_server.errors import Problem
from mock_server.mappings import OF_ANSWERED, PARTS, Asked, Place, describe_problems
from mock_server.mappings import compile_pattern as compile_request_pattern
from mock_server.sessions.analysis import find_inner_path
from mock_server.state import Entry


def compile_pattern(pattern: Any) -> Callable[[Entry], bool]:
    """A pattern (a JSON object of `PARTS` and `OF_ANSWERED`) as a function.

    Raises:
        Problem: 422 for what is no pattern; it lists what may stand in one.
    """
    place = Place()
    holds = compile_request_pattern(pattern, place, OF_ANSWERED)
    if place.problems:
        known = sorted({*PARTS, *OF_ANSWERED})
        raise Problem(422, "Not a pattern", describe_problems(place.problems, "The pattern"), known)
    return lambda entry: holds(_as_asked(entry))


def _as_asked(entry: Entry) -> Asked:
    """An entry as patterns see it: secrets are hidden in it as in the journal."""
    inner = find_inner_path(entry)
    unnamed = entry.path[entry.path.find("/", 2) :] if entry.path.startswith("/~") else entry.path
    paths = (entry.path, unnamed, f"/{entry.provider}{inner}", inner) if entry.provider else (entry.path, unnamed)
    return Asked(
        entry.method,
        tuple(dict.fromkeys(paths)),
        entry.query,
        entry.headers,
        entry.sent,
        entry.provider,
        session=entry.session,
        status=entry.status,
    )
