"""How patient a run is with a target in trouble: what is asked again, after how long, and when it is enough."""

from __future__ import annotations

import email.utils
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from contract_tests.transport.exchanges import CUT, Answer, Exchange

MAX_WAIT_SECONDS = 60.0
"""The longest `Retry-After` that is waited for; a longer one ends the provider's run."""

FIRST_PAUSE_SECONDS = 0.5
"""What is waited before the first second try; each one of a row waits twice as long as the one before it."""

MAX_PAUSE_SECONDS = 8.0
MAX_IN_A_ROW = 3
"""Requests in a row that fail twice each: then either the target is in trouble, or these requests are its trouble."""

SURE = 2
"""How often a second try must end as the first before the same failure is no longer asked about again."""

MIN_SHAKY, SHAKY_SHARE = 10, 1 / 3
"""How many requests, and what share of all, may need a second try before the run says that it proves nothing."""

SLOW_SECONDS, SLOW_TOTAL_SECONDS = 3.0, 90.0
"""Seconds an answer on average, and all in all, that end a run: its budget would take longer than anybody waits."""

LOST, GONE, CUT_SHORT, LIMITED = "lost", "gone", "cut", "429"
"""Kinds of failure: no answer, this time or for a reason that stays; half an answer; too many requests."""

_DETERMINISTIC = (501, 505, 511)
"""Statuses of the class 5xx that say something of the request, or of the network, and not of the moment."""


class Try(NamedTuple):
    """One sending of a request: what was recorded, why there is no answer, and the kind of failure."""

    exchange: Exchange
    failure: str
    kind: str


@dataclass
class Patience:
    """What went wrong so far. `streak` counts requests in a row that failed in their second try as well."""

    is_live: bool
    streak: int = 0
    recovered: int = 0
    answers: int = 0
    waited: float = 0.0
    _repeats: Counter[str] = field(default_factory=Counter)

    def kind_of(self, answer: Answer) -> str:
        """The kind of failure that an answer is, empty where it is none that another try might mend."""
        if CUT in answer.problems:
            return CUT_SHORT
        # A mock is asked for its limits and errors on purpose, and means them.
        if not self.is_live or answer.status in _DETERMINISTIC:
            return ""
        return str(answer.status) if answer.status == 429 or answer.status >= 500 else ""

    def asks_again(self, kind: str, answer: Answer) -> bool:
        """Whether a failure is worth a second try: not where the same one has been shown to stay."""
        return kind not in ("", GONE) and (self._repeats[kind] < SURE or find_retry_after(answer) is not None)

    def pause_before(self, answer: Answer) -> float:
        """Seconds until the second try: as the target asks, or a little longer each time."""
        asked = find_retry_after(answer)
        return asked if asked is not None else min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**self.streak)

    def note(self, first: str, last: str) -> None:
        """Note how a request went: the kind of its first failure and of its last, empty where there was none."""
        self.answers += 1
        self.recovered += bool(first) and not last
        if last:
            self._repeats[last] += first == last
            self.streak += last != CUT_SHORT
        else:
            self.streak = 0

    def took(self, seconds: float) -> None:
        """Note how long an answer took."""
        self.waited += seconds

    def why_enough(self, host: str, calls: int) -> str:
        """Why nothing more should be sent though there are answers: a sentence, or nothing."""
        if self.recovered >= MIN_SHAKY and self.recovered > SHAKY_SHARE * self.answers:
            return (
                f"{host} answered {self.recovered} of {self.answers} requests only when they were sent again; "
                "nothing more was sent."
            )
        if self.is_live and self.waited > SLOW_TOTAL_SECONDS and self.waited / max(1, calls) > SLOW_SECONDS:
            return f"{host} takes {self.waited / calls:.0f} seconds an answer; nothing more was sent."
        return ""


def describe(kind: str) -> str:
    """A kind of failure in words, as it is written beside an exchange that was sent again."""
    words = {LOST: "no answer came", CUT_SHORT: "the answer was cut short"}
    return words.get(kind, f"the answer was {kind}")


def find_retry_after(answer: Answer) -> float | None:
    """Seconds the target asks to wait, given as a number or a date; None where it does not ask."""
    if answer.status not in (429, 503):
        return None
    value = (answer.header("retry-after") or "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:12])
    try:
        moment = email.utils.parsedate_to_datetime(value) if value[-3:] == "GMT" else None
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment else None


def name_trouble(failure: str, kind: str, host: str, streak: int) -> str:
    """Why a run ends, by its last failure."""
    if failure:
        return f"{host} stopped answering; nothing more was sent. The last request: {failure}"
    if kind == LIMITED:
        return f"{host} limits how often it is asked (429, also after a pause); nothing more was sent. See --rate."
    return f"{host} answered {streak} requests in a row with {kind}, each also when asked again; nothing more was sent."
