"""What a rule finds that a client did wrong, and what all rules read of a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from mock_server.contract import Operation
from mock_server.sessions.analysis import Analysis, find_body


class Verdict(NamedTuple):
    """One thing a client did wrong: the rule, a sentence, and the ids of the requests that show it."""

    rule: str
    says: str
    requests: tuple[str, ...]


Judge = Callable[[Sequence[Analysis]], Iterator[Verdict]]
"""From a session's requests, oldest first, to what they did wrong."""


def find_operation(analysis: Analysis) -> Operation | None:
    """The documented operation that was meant, or None."""
    return analysis.match.target.operation if analysis.match else None


def read_answer(analysis: Analysis) -> Any:
    """The body of an answer as JSON, or None."""
    try:
        return json.loads(find_body(analysis))
    except ValueError:
        return None
