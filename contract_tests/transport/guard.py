"""What may leave for a target: reads, and writes of the run's own records, to its origin alone, paced and counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from contract_tests.transport.connections import origin_of
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.targets import Target
from mock_server.errors import count_of

READS = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110, 9.2.1); `TRACE` would show credentials to whoever stands between."""


AGAIN_SHARE = 10
"""Calls that may be sent again beside a budget: one for so many of it, so that a shaky target is checked as well."""


class Stopped(Exception):
    """No more requests may be sent to this provider: a sentence that says why."""


class Unreachable(Exception):
    """The target gave no answer: a sentence that says why."""


class Refused(Exception):
    """A request that must not be sent, a sentence: a write that nobody named, or to another origin."""


class Guard:
    """Lets a request out only if the target allows it; shared by everything that sends in one provider's run.

    `calls` counts what was let out, `again` those of them that were sent once more and are not paid by the budget;
    `reserved` calls of the budget are kept back. `stopped` says why nothing more is let out, `is_spent` that this is
    the person's own bound of calls or of time and no trouble of the target's. `ledger` knows which writes may leave;
    for each record that it will have deleted a call is kept back. While the guard `is_cleaning`, deletes of such
    records leave whatever has ended the run, and nothing else does.
    """

    def __init__(
        self,
        target: Target,
        pause: Callable[[float], None] = time.sleep,
        ledger: Ledger | None = None,
    ) -> None:
        self._target = target
        self.ledger = ledger or Ledger()
        self.is_cleaning = False
        self._origin = origin_of(target.base_url)
        self._pause = pause
        self._lock = threading.Lock()
        self._next = 0.0
        self.calls = 0
        self.again = 0
        self.reserved = 0
        self.stopped = ""
        self.is_spent = False

    @property
    def remaining(self) -> int | None:
        """Calls that the budget still pays for, but for those kept back; None where there is no budget."""
        budget = self._target.budget
        kept = self.reserved + self.ledger.reserved
        return None if budget is None else max(0, budget - kept - (self.calls - self.again))

    def admit(self, method: str, url: str, is_again: bool = False, operation: str = "", body: bytes = b"") -> None:
        """Count a request that may leave now, once its turn has come. Raises Refused or Stopped.

        `is_again`: it was sent before, and is sent once more for the sake of patience. `operation` is whose request it
        is, empty where somebody else made it up.
        """
        target = self._target
        self.require_origin(url)
        self.require_write(method, url, operation, body)
        is_own = self.ledger.deletes_own(operation, url)
        # Under one lock: two senders must not both take the last call or the same moment.
        with self._lock:
            self.require_open()
            is_free = is_again and target.budget is not None and self.again < target.budget // AGAIN_SHARE
            # What is created is deleted: a create takes two calls, and a delete has been paid for.
            needed = 0 if is_free or is_own else 2 if self.ledger.is_create(operation) else 1
            if target.budget is not None and (self.remaining or 0) < needed:
                self.stop(f"The budget of {count_of(target.budget, 'call')} is spent.", is_spent=True)
            wait = max(0.0, self._next - time.monotonic())
            self.require_time(wait)
            self.calls += 1
            self.again += is_free
            self._next = time.monotonic() + wait + (1 / target.rate if target.rate else 0.0)
        if wait:
            self._pause(wait)

    def require_write(self, method: str, url: str, operation: str, body: bytes) -> None:
        """Raise Refused for a write that must not be sent: at a live target any but those of the ledger."""
        if method in READS and not self.is_cleaning:
            return
        if self.is_cleaning and not self.ledger.deletes_own(operation, url):
            raise Refused(f"{method} was not sent: the run has ended, and only what it created is deleted.")
        why = self.ledger.why_not(operation, method, url, body) if self._target.is_live else ""
        if why:
            raise Refused(why)

    def require_origin(self, url: str) -> None:
        """Raise Refused where a URL is not the target's: another scheme, host or port."""
        origin, mine = origin_of(url), self._origin
        if origin is None or mine is None or origin.host != mine.host:
            raise Refused(f"A request to another host than {self._target.host} was not sent.")
        # Before the port: that of another scheme is another one without anybody saying so.
        if origin.scheme != mine.scheme:
            raise Refused(
                f"A request by {origin.scheme} was not sent: {self._target.host} is asked by {mine.scheme} only, and "
                "the credential would go another way.",
            )
        if origin.port != mine.port:
            raise Refused(f"A request to another port of {self._target.host} was not sent.")

    def require_time(self, wait: float) -> None:
        """Stop where the run's time would be over after so many seconds of waiting. Raises Stopped."""
        deadline = None if self.is_cleaning else self._target.deadline
        if deadline is not None and time.monotonic() + wait >= deadline:
            self.stop("The time of the run (--max-time) is over; nothing more was sent.", is_spent=True)

    def require_open(self) -> None:
        """Raise Stopped where no more requests may be sent."""
        if self.stopped and not self.is_cleaning:
            raise Stopped(self.stopped)

    def reopen(self) -> None:
        """Take back that a bound was reached: the next request that is over it reaches it again."""
        if self.is_spent:
            self.stopped, self.is_spent = "", False

    def stop(self, sentence: str, is_spent: bool = False) -> None:
        """Let nothing more out. Raises Stopped."""
        self.stopped, self.is_spent = sentence, is_spent
        raise Stopped(sentence)
