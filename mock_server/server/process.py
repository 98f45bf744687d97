"""The server: a listening socket, one process or several, a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import os
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from mock_server.errors import UsageError
from mock_server.server.acceptor import Acceptor
from mock_server.server.access import Guard
from mock_server.server.app import make_slow_way
from mock_server.server.cors import Allows, CrossOrigin, answer_with
from mock_server.server.request_log import make_log
from mock_server.server.server_context import ServerContext
from mock_server.server.worker_pool import KILL_SECONDS, STOP_SECONDS, STOP_SIGNALS, Place, WorkerPool
from mock_server.sessions import Player

GRACE_SECONDS = 0.3
"""How long idle connections may still ask when the server stops: what is on its way is answered, not cut."""

SWEEP_SECONDS = 5.0
THREADS = 8

MakePlayer = Callable[[int], Player]


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises UsageError, a sentence for the user, where it cannot listen.

    `::` listens on IPv4 as well. The protocol number is named, for sockets are made like their listener, and asyncio
    switches Nagle's algorithm off for those alone that say they are TCP: answers in a row took 40 ms.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        with contextlib.suppress(OSError):
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
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
    make_apis: MakePlayer,
    log: bool = True,
    workers: int = 1,
    guard: Guard | None = None,
    allows: Allows | None = None,
) -> None:
    """Answer on the socket until SIGINT, SIGTERM or SIGHUP; several workers share it.

    Told once more, it ends at once; and so it does some seconds after the first time, whatever it is doing.
    """
    _raise_descriptors()
    play = functools.partial(_play, listener, make_apis, log, guard, allows)
    if workers > 1:
        WorkerPool(workers, play).run()
    else:
        play(None)


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
    make_apis: MakePlayer,
    log: bool,
    guard: Guard | None,
    allows: Allows | None,
    place: Place | None,
) -> None:
    """One process, alone or at its place in a pool: serve until a signal, or until the parent is gone."""
    apis = make_apis(place.slot if place else 0)

    async def run() -> None:
        stop = asyncio.Event()
        # Before anything that takes time: who presses Ctrl-C as soon as the start is printed gets a clean end too.
        _catch_signals(asyncio.get_running_loop(), stop, is_alone=place is None)
        slowly, write = make_slow_way(apis, guard), make_log(sys.stdout, apis) if log else None
        cross = CrossOrigin(apis, allows) if allows else None
        slowly = answer_with(cross, slowly) if cross else slowly
        context = ServerContext(
            apis.find_answer,
            slowly,
            write,
            base_url(listener),
            cross_origin=cross.add if cross else None,
        )
        await _serve_until_stopped(context, listener, place, stop)

    asyncio.run(run())


async def _serve_until_stopped(
    context: ServerContext,
    listener: socket.socket,
    place: Place | None,
    stop: asyncio.Event,
) -> None:
    if place:
        context.loop.add_reader(place.lifeline, _end_with_parent, context.loop, place.lifeline, stop)
    context.loop.set_default_executor(ThreadPoolExecutor(THREADS, "page"))
    acceptor = Acceptor(listener, context, place)
    acceptor.start()
    while not stop.is_set():
        try:
            await asyncio.wait_for(stop.wait(), SWEEP_SECONDS)
        except TimeoutError:
            context.sweep()
    acceptor.stop()
    await _close(context, acceptor)
    signal.setitimer(signal.ITIMER_REAL, 0)


def _catch_signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, is_alone: bool) -> None:
    """Stop at a signal; and let the kernel end a process that is too busy to."""
    caught = [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]

    def arm(number: int, frame: object) -> None:
        # The loop may be stuck in one answer. SIGALRM has no handler: it ends the process without asking Python.
        signal.setitimer(signal.ITIMER_REAL, KILL_SECONDS)
        if is_alone:  # a worker's second signal comes from its parent, or SIGTERM was sent to the whole group
            for each in caught:
                signal.signal(each, signal.SIG_DFL)

    for number in caught:
        loop.add_signal_handler(number, stop.set)
        signal.signal(number, arm)  # in place of asyncio's own, which does nothing; the loop is woken all the same


def _end_with_parent(loop: asyncio.AbstractEventLoop, lifeline: int, stop: asyncio.Event) -> None:
    loop.remove_reader(lifeline)
    os.close(lifeline)
    stop.set()


async def _close(context: ServerContext, acceptor: Acceptor) -> None:
    """Answer what was asked, for a moment; then close."""
    context.closing = True
    start = context.loop.time()
    while (context.connections or acceptor.is_opening) and context.loop.time() < start + STOP_SECONDS:
        if context.loop.time() >= start + GRACE_SECONDS:
            for connection in [each for each in context.connections if each.is_idle]:
                connection.transport.close()
        await asyncio.sleep(0.01)
    for connection in list(context.connections):
        connection.transport.abort()
