"""Requests that are not as documented: refused, or answered with a header that says what was wrong."""

from __future__ import annotations

from collections.abc import Sequence

from mock_server.errors import ApiError
from mock_server.inputs import InputProblem
from mock_server.messages import Headers

PROBLEMS_HEADER = "understudy-problems"
MAX_REPORTED = 5


def refuse(problems: Sequence[InputProblem]) -> ApiError:
    """The refusal of a request: its first problem, and how many more there are."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    name = f"{first.name}: " if first.name else ""
    return ApiError(first.kind, f"{name}{first.sentence}{more}", first.name)


def report(problems: Sequence[InputProblem]) -> Headers:
    """The problems of a request as a header of its answer."""
    text = "; ".join(f"{each.where} {each.name} {each.sentence}" for each in problems[:MAX_REPORTED])
    return ((PROBLEMS_HEADER, "".join(c if c.isprintable() and c.isascii() else "?" for c in text)),)
