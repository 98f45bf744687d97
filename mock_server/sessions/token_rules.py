"""What a client did wrong with tokens that it was issued: one that goes on with a dead one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mock_server.sessions.analysis import Analysis, find_token
from mock_server.sessions.verdicts import Verdict
from mock_server.state import IssuedToken

MAX_NAMED = 10
"""So many requests of one verdict are named."""


def judge_dead_tokens(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    """Tokens that were shown again after they had been refused."""
    refused: dict[str, list[str]] = {}
    for analysis in analyses:
        token = find_dead_token(analysis)
        if token:
            refused.setdefault(token.id, []).append(analysis.entry.id)
    for requests in refused.values():
        if len(requests) > 1:  # the first refusal tells a client that it needs another one
            says = f"A token was of no use any more, and was sent {len(requests) - 1:,} more times after its refusal."
            yield Verdict("used_dead_credential", says, tuple(requests[:MAX_NAMED]))


def find_dead_token(analysis: Analysis) -> IssuedToken | None:
    """The token that a refused request showed; None where it showed another credential, or was not refused."""
    if analysis.api is None or analysis.match is None or analysis.entry.status != 401:
        return None
    return find_token(analysis.api, analysis.match.target, analysis.entry)
