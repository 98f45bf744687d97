"""The server: a listening socket, one process or several, a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from mock_server.server.acceptor import Acceptor
from mock_server.server.access import Guard
from mock_server.server.app import make_slow_way
from mock_server.server.cors import Allows, CrossOrigin, answer_with
from mock_server.server.doors import Door
from mock_server.server.edits import CurrentPlayer, Editing, Edits
from mock_server.server.request_log import make_log
from mock_server.server.server_context import Answers, ServerContext
from mock_server.server.worker_pool import KILL_SECONDS, STOP_SECONDS, STOP_SIGNALS, Place, WorkerPool
from mock_server.sessions import Player

GRACE_SECONDS = 0.3
"""How long idle connections may still ask when the server stops: what is on its way is answered, not cut."""

SWEEP_SECONDS = 5.0
THREADS = 8

MakePlayer = Callable[[int], Player]


def serve(
    doors: Sequence[Door],
    make_apis: MakePlayer,
    log: bool = True,
    workers: int = 1,
    guard: Guard | None = None,
    allows: Allows | None = None,
    edits: Edits | None = None,
) -> None:
    """Answer at these doors until SIGINT, SIGTERM or SIGHUP; several workers share them.

    Told once more, it ends at once; and so it does some seconds after the first time, whatever it is doing.
    """
    _raise_descriptors()
    play = functools.partial(_play, doors, make_apis, log, guard, allows, edits)
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
    doors: Sequence[Door],
    make_apis: MakePlayer,
    log: bool,
    guard: Guard | None,
    allows: Allows | None,
    edits: Edits | None,
    place: Place | None,
) -> None:
    """One process, alone or at its place in a pool: serve until a signal, or until the parent is gone."""
    slot = place.slot if place else 0

    async def run() -> None:
        stop = asyncio.Event()
        # Before anything that takes time: who presses Ctrl-C as soon as the start is printed gets a clean end too.
        _catch_signals(asyncio.get_running_loop(), stop, is_alone=place is None)
        apis = CurrentPlayer(make_apis(slot))
        editing = Editing(edits, apis.sessions, slot) if edits and apis.sessions else None
        make = functools.partial(_make_answers, log=log, guard=guard, allows=allows, editing=editing)
        find_answer, slowly, write, cross = make(apis.player)
        context = ServerContext(find_answer, slowly, write, doors[0].url, cross_origin=cross)
        del find_answer, slowly, write, cross  # what plays is the context's alone: it ends when something else does

        def play(player: Player) -> None:
            context.loop.call_soon_threadsafe(context.play, make(player))
            apis.turn_to(player)

        acceptors = [Acceptor(door.listener, context, place, door.open(context, apis)) for door in doors]
        with editing.watching(play) if editing else contextlib.nullcontext():
            await _serve_until_stopped(context, acceptors, place, stop)

    asyncio.run(run())


def _make_answers(
    apis: Player,
    log: bool,
    guard: Guard | None,
    allows: Allows | None,
    editing: Editing | None,
) -> Answers:
    """What answers a request, from what plays."""
    slowly = make_slow_way(apis, guard, editing.find_mistake if editing else None)
    cross = CrossOrigin(apis, allows) if allows else None
    return Answers(
        apis.find_answer,
        answer_with(cross, slowly) if cross else slowly,
        make_log(sys.stdout, apis) if log else None,
        cross.add if cross else None,
    )


async def _serve_until_stopped(
    context: ServerContext,
    acceptors: Sequence[Acceptor],
    place: Place | None,
    stop: asyncio.Event,
) -> None:
    if place:
        context.loop.add_reader(place.lifeline, _end_with_parent, context.loop, place.lifeline, stop)
    context.loop.set_default_executor(ThreadPoolExecutor(THREADS, "page"))
    for acceptor in acceptors:
        acceptor.start()
    while not stop.is_set():
        try:
            await asyncio.wait_for(stop.wait(), SWEEP_SECONDS)
        except TimeoutError:
            context.sweep()
    for acceptor in acceptors:
        acceptor.stop()
    await _close(context, acceptors)
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


async def _close(context: ServerContext, acceptors: Sequence[Acceptor]) -> None:
    """Answer what was asked, for a moment; then close."""
    context.closing = True
    start = context.loop.time()
    while _is_open(context, acceptors) and context.loop.time() < start + STOP_SECONDS:
        if context.loop.time() >= start + GRACE_SECONDS:
            for connection in [each for each in context.connections if each.is_idle]:
                connection.transport.close()
        await asyncio.sleep(0.01)
    for connection in list(context.connections):
        connection.transport.abort()


def _is_open(context: ServerContext, acceptors: Sequence[Acceptor]) -> bool:
    return bool(context.connections) or any(acceptor.is_opening for acceptor in acceptors)
