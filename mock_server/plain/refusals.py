"""Requests that are not as documented: refused, or answered with a header that says what was wrong."""

from __future__ import annotations

from collections.abc import Container, Sequence

from mock_server.errors import ApiError
from mock_server.inputs import InputProblem
from mock_server.messages import Headers

PROBLEMS_HEADER = "understudy-problems"
MAX_REPORTED = 5


def refuse(problems: Sequence[InputProblem], errors: Container[str] = (), is_read: bool = False) -> ApiError:
    """The refusal of a request: its first problem, and how many more there are.

    Of the kinds of `errors` that the operation documents, the nearest: a body that was read and is not as its schema
    says is `unprocessable`, a missing If-Match is a precondition that is required, and a path that no record can have
    is not found.
    """
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    name = f"{first.name}: " if first.name else ""
    return ApiError(_find_kind(first, errors, is_read), f"{name}{first.sentence}{more}", first.name)


def _find_kind(problem: InputProblem, errors: Container[str], is_read: bool) -> str:
    if problem.kind != "invalid":
        return problem.kind
    if problem.where == "body" and is_read and "unprocessable" in errors:
        return "unprocessable"
    if problem.where == "path" and "not_found" in errors and "invalid" not in errors:
        return "not_found"
    is_missing = problem.where == "header" and problem.name.lower() == "if-match"
    return "precondition_required" if is_missing and "precondition_required" in errors else problem.kind


def report(problems: Sequence[InputProblem]) -> Headers:
    """The problems of a request as a header of its answer."""
    text = "; ".join(f"{each.where} {each.name} {each.sentence}" for each in problems[:MAX_REPORTED])
    return ((PROBLEMS_HEADER, "".join(c if c.isprintable() and c.isascii() else "?" for c in text)),)
