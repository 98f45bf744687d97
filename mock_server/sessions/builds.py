"""Large collections are built on a thread of their own; who asks for them meanwhile is told when to come again.

Without this, a request for a million records would hold a thread of the server for a minute, and eight of them all
that it has: sessions, console and admin API would wait for records that they do not ask for.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mock_server.errors import Problem

WAIT_SECONDS = 3.0
"""How long a request waits for a build, from the build's beginning; after that it is answered at once."""

MAX_WAITING = 3
"""So many requests may wait at a time: fewer than a server has threads, so that the others are answered."""

MAX_BUILDS = 8
"""So many builds may be asked for at a time, one under way and the others in a queue: a request can ask for one, so a
flood of them must not fill the disk."""

MAX_RETRY_SECONDS = 60

Made = TypeVar("Made")
Progress = Callable[[str, int, int], None]
"""Called while records are built: what, how many are done, of how many."""


@dataclass
class _Build(Generic[Made]):
    what: str
    make: Callable[[Progress], Made]
    future: Future[Made] = field(default_factory=Future)
    asked: float = field(default_factory=time.monotonic)
    began: float = 0.0
    progress: tuple[str, int, int] = ("", 0, 0)

    def note(self, what: str, done: int, total: int) -> None:
        self.progress = (what, done, total)

    def describe(self) -> Problem:
        """503, with how far it is and when to ask again."""
        what, done, total = self.progress
        if not done:
            return Problem(503, "Records are being built", f"{self.what}: waits for its turn.", retry_after_seconds=5)
        left = (time.monotonic() - self.began) / done * (total - done)
        detail = f"{what}: {done:,} of {total:,} records are built."
        return Problem(503, "Records are being built", detail, retry_after_seconds=_seconds(left))


def _seconds(left: float) -> int:
    return max(1, min(MAX_RETRY_SECONDS, round(left)))


class Builds(Generic[Made]):
    """What is built for one server, one after the other."""

    def __init__(self) -> None:
        self._builds: dict[Hashable, _Build[Made]] = {}
        self._queue: deque[Hashable] = deque()
        self._lock = threading.Lock()
        self._is_running = False
        self._waiting = 0

    def __contains__(self, key: Hashable) -> bool:
        """Whether it was asked for and is not yet fetched."""
        with self._lock:
            return key in self._builds

    def fetch(self, key: Hashable, what: str, make: Callable[[Progress], Made]) -> Made:
        """What `make` makes; asked for once, whoever asks again meanwhile.

        Raises:
            Problem: 503 while it is being built, with the seconds after which to ask again.
            Exception: what `make` raised; the next to ask begins anew.
        """
        build = self._ask(key, what, make)
        self._wait(build)
        if not build.future.done():
            raise build.describe()
        with self._lock:
            if self._builds.get(key) is build:
                del self._builds[key]
        return build.future.result()

    def _ask(self, key: Hashable, what: str, make: Callable[[Progress], Made]) -> _Build[Made]:
        with self._lock:
            if key in self._builds:
                return self._builds[key]
            for old in [old for old, build in self._builds.items() if build.future.done()]:
                del self._builds[old]  # nobody came back for it; what was built rests in the cache
            if len(self._builds) >= MAX_BUILDS:
                detail = f"{MAX_BUILDS} collections are being built or wait for it already."
                raise Problem(503, "Too much is being built", detail, retry_after_seconds=MAX_RETRY_SECONDS)
            self._builds[key] = build = _Build(what, make)
            self._queue.append(key)
            if not self._is_running:
                self._is_running = True
                # A daemon: a server that is stopped does not wait for it, and half a build is cleared by the next one.
                threading.Thread(target=self._run, name="build", daemon=True).start()
            return build

    def _wait(self, build: _Build[Made]) -> None:
        """Wait for a young build, unless as many wait as may."""
        left = build.asked + WAIT_SECONDS - time.monotonic()
        with self._lock:
            if build.future.done() or left <= 0 or self._waiting >= MAX_WAITING:
                return
            self._waiting += 1
        try:
            build.future.exception(left)
        except TimeoutError:
            pass
        finally:
            with self._lock:
                self._waiting -= 1

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    self._is_running = False
                    return
                build = self._builds[self._queue.popleft()]
            build.began = time.monotonic()
            try:
                build.future.set_result(build.make(build.note))
            except BaseException as error:
                build.future.set_exception(error)
