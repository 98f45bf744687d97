"""Who waits for Retry-After by the clock of a session is not blamed for it."""

from __future__ import annotations

import pytest

from tests.conftest import Served
from tests.sessions.test_sessions import admin, ask

HOUR = 3600
ROWS = [
    ("the clock stands still", [0], ["ignored_retry_after"]),
    ("an hour passes", [HOUR], []),
    ("the clock is put back", [-HOUR], ["ignored_retry_after"]),
    ("it goes and comes back", [HOUR, 0], ["ignored_retry_after"]),
]


@pytest.mark.parametrize(("says", "offsets", "rules"), ROWS, ids=[row[0] for row in ROWS])
def test_a_wait_is_judged_by_the_clock(says: str, offsets: list[int], rules: list[str], served: Served) -> None:
    session = says.replace(" ", "-")
    admin(served, "PUT", f"/sessions/{session}", {"scenarios": ["throttled-once"]})
    ask(served, session=session)
    for seconds in offsets:
        admin(served, "PUT", f"/sessions/{session}", {"clockOffsetSeconds": seconds})
    ask(served, session=session)
    admin(served, "PUT", f"/sessions/{session}", {"clockOffsetSeconds": 2 * HOUR})
    verdicts = admin(served, "GET", f"/verdicts?session={session}")["verdicts"]
    assert [each["rule"] for each in verdicts] == rules
