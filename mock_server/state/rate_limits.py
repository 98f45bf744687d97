"""Rate limits: how many requests an address or a credential has spent in the running window."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from mock_server.contract import Limit
from mock_server.state.counters import Counts, open_counts


class Quota(NamedTuple):
    """Where a caller stands in the running window: the limit, what remains, when the window ends (epoch seconds)."""

    limit: int
    remaining: int
    reset_epoch: int
    now_epoch: int
    exceeded: bool

    @property
    def retry_after_seconds(self) -> int:
        """Whole seconds until the window ends, at least one."""
        return max(1, self.reset_epoch - self.now_epoch)


Clock = Callable[[], float]


class RateLimits:
    """Counts of one provider, in fixed windows that begin with a caller's first request."""

    def __init__(self, provider: str, counts: Counts | None = None, clock: Clock = time.time) -> None:
        self.provider, self._clock = provider, clock
        self._counts = counts or open_counts()

    def spend(self, caller: str, limit: Limit, scope: str = "", clock_seconds: float = 0) -> Quota:
        """Count one request of a caller against a limit, the documented one or a scenario's.

        `scope` begins the key of the count: a session's own. `clock_seconds` is how far off the session's clock is.
        """
        now = int(self._clock() + clock_seconds)
        used, end = self._counts.spend(f"{scope}{self.provider} {caller}", now, limit.window_seconds)
        return Quota(limit.requests, max(0, limit.requests - used), end, now, used > limit.requests)
