"""The server: a listening socket, one process or several, a clean end."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TextIO

from mock_server.errors import UsageError
from mock_server.messages import Request
from mock_server.server.access import Guard
from mock_server.server.app import make_slow_way
from mock_server.server.connection import Log, ServerContext
from mock_server.sessions import Player

STOP_SECONDS = 3.0
SWEEP_SECONDS = 15.0
THREADS = 8


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. A port in use is a sentence for the user."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"Port {port} on {host} is in use. Choose another one, or --port 0 for a free one.",
            ) from None
        raise UsageError(f"Cannot listen on {host}:{port}: {error.strerror or error}.") from None
    except OverflowError:
        listener.close()
        raise UsageError(f"{port} is no port: choose one from 0 to 65535.") from None
    listener.listen(1024)
    listener.setblocking(False)
    return listener


def base_url(listener: socket.socket) -> str:
    """The address to reach a listening socket at, as a URL."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{host}:{port}"


def serve(
    listener: socket.socket,
    make_apis: Callable[[int], Player],
    log: bool = True,
    workers: int = 1,
    guard: Guard | None = None,
) -> None:
    """Answer on the socket until SIGINT or SIGTERM; several workers share it."""
    _raise_descriptors()
    if workers > 1:
        _Crew(listener, make_apis, log, workers, guard).run()
    else:
        _play(listener, make_apis, log, guard)


def _raise_descriptors() -> None:
    """Use as many descriptors as the system allows: each variant of records that a thread reads holds one."""
    try:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (ImportError, ValueError, OSError):
        pass


def _play(
    listener: socket.socket,
    make_apis: Callable[[int], Player],
    log: bool,
    guard: Guard | None,
    slot: int = 0,
) -> None:
    asyncio.run(_play_until_told(listener, make_apis(slot), make_log(sys.stdout) if log else None, guard))


async def _play_until_told(listener: socket.socket, apis: Player, log: Log | None, guard: Guard | None) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "page"))
    context = ServerContext(apis.find_answer, make_slow_way(apis, guard), log, base_url(listener))
    server = await loop.create_server(context, sock=listener)
    while not told.is_set():
        try:
            await asyncio.wait_for(told.wait(), SWEEP_SECONDS)
        except TimeoutError:
            context.sweep()
    server.close()
    await _close(context)


async def _close(context: ServerContext) -> None:
    """Let what is being answered finish, for a moment; close what is idle at once."""
    context.closing = True
    for connection in [each for each in context.connections if not each.busy]:
        connection.transport.close()
    deadline = context.loop.time() + STOP_SECONDS
    while context.connections and context.loop.time() < deadline:
        await asyncio.sleep(0.01)
    for connection in list(context.connections):
        connection.transport.abort()


_COLOURS = {2: "32", 3: "36", 4: "33", 5: "31"}


def make_log(stream: TextIO) -> Log:
    """Writes a line a request: method, path, status, milliseconds."""
    colours = stream.isatty() and "NO_COLOR" not in os.environ

    def log(request: Request, status: int, seconds: float) -> None:
        shown = f"\x1b[{_COLOURS.get(status // 100, '0')}m{status}\x1b[0m" if colours else str(status)
        target = f"{request.path}?{request.query}" if request.query else request.path
        # A path may hold anything the client sent: control characters must not reach the terminal.
        target = target if target.isprintable() else ascii(target)[1:-1]
        stream.write(f"{request.method:<7} {target} {shown} {seconds * 1000:.1f} ms\n")
        stream.flush()

    return log


class _Crew:
    """Worker processes that share one listening socket; one that dies is replaced."""

    def __init__(
        self,
        listener: socket.socket,
        make_apis: Callable[[int], Player],
        log: bool,
        workers: int,
        guard: Guard | None,
    ) -> None:
        self.listener, self.make_apis, self.log, self.workers = listener, make_apis, log, workers
        self.guard = guard
        self.slots: dict[int, int] = {}
        self.stopping = False

    def run(self) -> None:
        """Fork the workers and wait until all have ended."""
        if not hasattr(os, "fork"):
            raise UsageError("Several workers need a system with fork; use --workers 1 here.")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        for slot in range(self.workers):
            self._fork(slot)
        while self.slots:
            pid, status = os.wait()
            slot = self.slots.pop(pid, 0)
            if not self.stopping:
                print(f"Worker {pid} ended ({os.waitstatus_to_exitcode(status)}); another one takes its place.")
                self._fork(slot)

    def _stop(self, number: int, frame: object) -> None:
        self.stopping = True
        for pid in list(self.slots):
            os.kill(pid, signal.SIGTERM)

    def _fork(self, slot: int) -> None:
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            self.slots[pid] = slot
            return
        status = 1
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            _play(self.listener, self.make_apis, self.log, self.guard, slot)
            status = 0
        except KeyboardInterrupt:
            status = 0
        finally:
            sys.stdout.flush()
            os._exit(status)
