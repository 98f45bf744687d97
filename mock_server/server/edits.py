"""What is edited while it is served: looked at several times a second, and taken up once it is whole.

A file with a mistake changes nothing: what was loaded before plays on, and the mistake is said until it is mended.
"""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from mock_server.engine import MockApi
from mock_server.messages import Request, Response
from mock_server.sessions import Dispatcher, Player, SessionApis

POLL_SECONDS = 0.1
SETTLED_SECONDS = 0.2
"""How often files are looked at; and how long one that changed must be the same, so that no half of it is read."""

MOST_LOOKING = 0.02
"""The most of a core that looking takes: where it takes long, it is done less often."""

JOIN_SECONDS = 2.0
MAX_NAMED = 3

Seen = Mapping[str, Hashable]
"""Of each file by its path what tells whether it changed."""


class CurrentPlayer:
    """A player for who must not keep one: always the one that plays now."""

    def __init__(self, player: Player) -> None:
        self.player = player

    def turn_to(self, player: Player) -> None:
        """This one plays from now on."""
        self.player = player

    @property
    def apis(self) -> Mapping[str, MockApi]:
        """The server's own mock APIs, by provider."""
        return self.player.apis

    @property
    def dispatcher(self) -> Dispatcher:
        """Which of them a request is for."""
        return self.player.dispatcher

    @property
    def sessions(self) -> SessionApis | None:
        """What the admin API and the console steer."""
        return self.player.sessions

    def find_answer(self, request: Request) -> Response | None:
        """The answer where it takes no time."""
        return self.player.find_answer(request)

    def answer(self, request: Request) -> Response | None:
        """The answer, or None where no provider is asked."""
        return self.player.answer(request)

    def locate(self, request: Request) -> tuple[str, MockApi | None, Request]:
        """Whom a request is for."""
        return self.player.locate(request)


class Edits(NamedTuple):
    """How what is edited is taken up.

    `look` says what the files are like now, `seen` what they were like when they were first loaded. `load` gives what
    plays in a worker (its number) instead of what does; whatever it raises is `describe`d in a sentence. `say` tells it
    to people; the last argument says whether it is a mistake.
    """

    look: Callable[[], Seen]
    seen: Seen
    load: Callable[[SessionApis, int], SessionApis]
    describe: Callable[[Exception], str]
    say: Callable[[str, bool], None]


class Editing:
    """Watches the files of one process on a thread of its own; `mistake` is what is wrong with them now."""

    def __init__(self, edits: Edits, apis: SessionApis, slot: int) -> None:
        self.mistake = ""
        self._edits, self._apis, self._slot = edits, apis, slot
        self._stopping = threading.Event()

    def find_mistake(self) -> str:
        """What is wrong with the files as they are now; an empty text for nothing."""
        return self.mistake

    @contextlib.contextmanager
    def watching(self, swap: Callable[[SessionApis], None]) -> Iterator[None]:
        """Watch meanwhile; `swap` is given what plays from now on, on another thread."""
        # A daemon: a server that is stopped does not wait for what is just being loaded.
        thread = threading.Thread(target=self._watch, args=(swap,), name="edits", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join(JOIN_SECONDS)

    def _watch(self, swap: Callable[[SessionApis], None]) -> None:
        taken = last = self._edits.seen
        settled, pause, is_fresh = 0.0, POLL_SECONDS, False
        while not self._stopping.wait(pause):
            if is_fresh:
                _free()
            start, now = time.monotonic(), self._edits.look()
            pause = max(POLL_SECONDS, (time.monotonic() - start) / MOST_LOOKING)
            settled = settled if now == last else start + SETTLED_SECONDS
            is_fresh = now != taken and start >= settled
            if is_fresh:
                self._take_up(find_changed(taken, now), swap)
                taken = now = extend(now, self._edits.look())
            last = now

    def _take_up(self, changed: list[str], swap: Callable[[SessionApis], None]) -> None:
        """Load and play what changed, or say what is wrong with it."""
        started, names = time.monotonic(), _join(changed)
        try:
            apis = self._edits.load(self._apis, self._slot)
        except Exception as error:
            self.mistake = self._edits.describe(error)
            self._say(f"Not taken up: {names}. What was there before plays on.\n{self.mistake}", is_mistake=True)
            return
        is_mended, self.mistake = bool(self.mistake), ""
        with contextlib.suppress(RuntimeError):  # the server has stopped meanwhile
            swap(apis)
        self._apis = apis
        seconds = time.monotonic() - started
        self._say(f"{'Mended and taken' if is_mended else 'Taken'} up: {names} ({seconds:.1f} s)", is_mistake=False)

    def _say(self, sentence: str, is_mistake: bool) -> None:
        """Say it once for all workers, on the terminal and to who watches in the console."""
        if self._slot == 0:
            self._edits.say(sentence, is_mistake)
            self._apis.services.sessions.announce(sentence)


def extend(seen: Seen, later: Seen) -> Seen:
    """What was seen, with files that are only known of since."""
    return {**later, **seen}


def find_changed(before: Seen, now: Seen) -> list[str]:
    """The files that were changed, made or removed."""
    return sorted(path for path in {*before, *now} if before.get(path) != now.get(path))


def _join(names: list[str]) -> str:
    more, here = len(names) - MAX_NAMED, f"{Path.cwd()}/"
    names = [name.removeprefix(here) for name in names]
    return ", ".join(names[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _free() -> None:
    """Let go of what played before; what plays now is not looked through again."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
