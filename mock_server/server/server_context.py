"""What the connections of one process share, and how long each may wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, Protocol

from mock_server.messages import Request, Response
from mock_server.server.log import Log

BUFFER_BYTES = 64 * 1024
"""The most that is read from a socket at a time."""

MAX_FOLLOWERS = 64
"""How many answers that do not end one process gives at a time; each asks the journal for more, five times a second."""

Answer = Callable[[Request], Response | None]
AnswerSlowly = Callable[[Request], Response]
Amend = Callable[[Request, Response], Response]


class Answers(NamedTuple):
    """What answers: at once or not at all; on a thread; who is told; what pages of other origins need."""

    find_answer: Answer
    answer_slowly: AnswerSlowly
    log: Log | None
    cross_origin: Amend | None = None


class Timeouts(NamedTuple):
    """After how many seconds a connection ends that only waits.

    `idle` between two requests; `request` for the rest of one that has begun; `write` while the client reads nothing
    of what it is sent; `drain` for what it still sends behind a refusal.
    """

    idle: float = 75.0
    request: float = 75.0
    write: float = 30.0
    drain: float = 5.0


class OpenConnection(Protocol):
    """What speaks with a client, whatever is spoken."""

    @property
    def transport(self) -> asyncio.Transport:
        """What it speaks over."""
        ...

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked and nothing is left to be sent."""
        ...

    def end_if_stuck(self, now: float) -> None:
        """End it if it has waited too long."""
        ...


class ServerContext:
    """What all connections of one process share.

    `find_answer` answers at once or gives None; then `answer_slowly` is run on a thread. `cross_origin` adds to answers
    what pages of other origins need, where they may read them.
    """

    def __init__(
        self,
        find_answer: Answer,
        answer_slowly: AnswerSlowly,
        log: Log | None,
        base: str,
        timeouts: Timeouts = Timeouts(),  # noqa: B008
        cross_origin: Amend | None = None,
    ) -> None:
        self.play(Answers(find_answer, answer_slowly, log, cross_origin))
        self.base, self.timeouts = base, timeouts
        self.loop = asyncio.get_running_loop()
        # One for all connections; asyncio would make 256 KiB for every read, which costs a twentieth of a request.
        self.buffer = memoryview(bytearray(BUFFER_BYTES))
        self.connections: set[OpenConnection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.followers = 0
        self.closing = False

    def play(self, answers: Answers) -> None:
        """Answer so from the next request on; those that are being answered end as they began."""
        self.find_answer, self.answer_slowly, self.log, self.cross_origin = answers

    def sweep(self) -> None:
        """End connections that have waited for too long."""
        now = self.loop.time()
        for connection in list(self.connections):
            connection.end_if_stuck(now)
