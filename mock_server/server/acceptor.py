"""Taking in connections: one at a time, and no more than there are file descriptors for."""

from __future__ import annotations

import asyncio
import functools
import os
import socket
from collections.abc import Callable

from mock_server.server.connection import Connection
from mock_server.server.log import warn_seldom
from mock_server.server.server_context import ServerContext
from mock_server.server.worker_pool import Place

RESERVED_DESCRIPTORS = 64
"""Kept for our own files, half of what there is at most: stores and journals are opened while serving."""

RETRY_SECONDS = 0.1
YIELD_SECONDS = 0.002
MOST_AT_ONCE = 4
"""What a worker takes, after it has yielded, of connections that no other one took in the meantime."""

WARN_SECONDS = 60.0

MakeProtocol = Callable[[], asyncio.BaseProtocol]
"""Makes what speaks with one client."""


class Acceptor:
    """Gives connections from a listening socket to the protocol; where descriptors run out, new clients wait.

    asyncio's own loop takes up to a hundred connections at a time, so that one worker of several gets most of a burst,
    and where there is no descriptor it writes as many tracebacks. This one takes one each time the listener is ready;
    and where another worker has fewer connections, it leaves that one a moment to be quicker.
    """

    def __init__(
        self,
        listener: socket.socket,
        context: ServerContext,
        place: Place | None = None,
        make_protocol: MakeProtocol | None = None,
    ) -> None:
        self._place, self._make_protocol = place, make_protocol or functools.partial(Connection, context)
        self._listener, self._context = listener, context
        free = _count_free_descriptors(listener)
        self._most = max(1, free - min(RESERVED_DESCRIPTORS, free // 2))
        self._tasks: set[asyncio.Task[tuple[asyncio.Transport, asyncio.BaseProtocol]]] = set()
        self._retry: asyncio.TimerHandle | None = None
        self._warn = warn_seldom(WARN_SECONDS)

    def start(self) -> None:
        """Take in connections whenever some wait."""
        self._context.loop.add_reader(self._listener, self._accept)

    def stop(self) -> None:
        """Take in what waits already, and no more: who was let in by the kernel gets an answer."""
        while self._take():
            pass
        if self._retry:
            self._retry.cancel()
        self._context.loop.remove_reader(self._listener)
        self._listener.close()

    @property
    def is_opening(self) -> bool:
        """Whether connections were taken that have no protocol yet."""
        return bool(self._tasks)

    def _accept(self) -> None:
        count = len(self._context.connections) + len(self._tasks)
        if count >= self._most:
            self._warn(f"{self._most} connections are open, as many as there are file descriptors for; new ones wait.")
            self._wait(RETRY_SECONDS, self.start)
        elif self._place and self._count(self._place, count) > self._place.counts.least():
            self._wait(YIELD_SECONDS, self._take_some)
        else:
            self._take()

    def _count(self, place: Place, count: int) -> int:
        place.counts.set(place.slot, count)
        return count

    def _take_some(self) -> None:
        """Take what still waits after a moment: whoever has fewer connections is busy."""
        self.start()
        for _ in range(min(MOST_AT_ONCE, self._most - len(self._context.connections) - len(self._tasks))):
            if not self._take():
                break

    def _take(self) -> bool:
        """Take one connection, if one waits."""
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return False  # another worker was quicker, or the client has gone
        except OSError as error:
            self._warn(f"No connection can be taken ({error.strerror}); new ones wait.")
            self._wait(RETRY_SECONDS, self.start)
            return False
        connection.setblocking(False)
        loop = self._context.loop
        task = loop.create_task(loop.connect_accepted_socket(self._make_protocol, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        """Leave new connections to the kernel's queue for a moment: asking at once again would only burn the core."""
        self._context.loop.remove_reader(self._listener)
        self._retry = self._context.loop.call_later(seconds, then)


def _count_free_descriptors(listener: socket.socket) -> int:
    """How many more files this process may open, as good as the lowest free number tells."""
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    except ImportError:
        limit = 512  # what the C library of Windows opens
    lowest_free = os.dup(listener.fileno())
    os.close(lowest_free)
    return limit - lowest_free
