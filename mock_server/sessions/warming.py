"""What was asked lately is asked once more before something new plays: whoever asks next need not wait for it."""

from __future__ import annotations

import contextlib
import itertools
import time

from mock_server.sessions.analysis import analyze, ask_again
from mock_server.sessions.session_apis import SessionApis

WARM_SECONDS = 3.0
MAX_LOOKED_AT = 200
"""So many entries of the journal are looked at, the newest first."""


def warm(apis: SessionApis) -> None:
    """Make what answers of documents compile when first asked: a second for each operation of a very large one.

    Nothing is counted, written or changed.
    """
    if not apis.services.journal:
        return
    end, asked = time.monotonic() + WARM_SECONDS, set()
    everybody = {session.name: 0 for session in apis.services.sessions.all()}
    for entry in itertools.islice(apis.services.journal.newest_first(everybody), MAX_LOOKED_AT):
        api = apis.apis.get(entry.provider)
        analysis = analyze(entry, api, {})
        if analysis.match and (entry.provider, analysis.match.target.operation.id) not in asked:
            asked.add((entry.provider, analysis.match.target.operation.id))
            with contextlib.suppress(Exception):  # who asks next meets it again, and is told
                ask_again(analysis)
        if time.monotonic() > end:
            break
