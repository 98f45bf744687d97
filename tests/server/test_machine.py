"""What the machine does to the server: signals, killed processes, no descriptors, nobody who reads the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mock_server.messages import Request, Response
from mock_server.server.acceptor import Acceptor
from mock_server.server.connection_counts import ConnectionCounts
from mock_server.server.listening import base_url, open_socket
from mock_server.server.server_context import ServerContext
from mock_server.server.temporary_folder import ALIVE, runtime_folder
from mock_server.server.worker_pool import MOST_DELAY_SECONDS, Place, _find_delay
from tests.conftest import CREDENTIALS, ROOT, Start, wait_until_served
from tests.raw import Answer, read_answer, send

KEY = CREDENTIALS["fatora"]
QUICK = f"GET /fatora/v1/clients/1001 HTTP/1.1\r\nhost: x\r\napi_key: {KEY['api_key']}\r\n\r\n".encode()


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def is_free(port: int) -> bool:
    try:
        open_socket("127.0.0.1", port).close()
    except Exception:
        return False
    return True


def folders_of(pid: int) -> list[Path]:
    """The temporary folders that a process has files open in."""
    open_files = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
    return [Path(name).parent for name in open_files if name.endswith(f"/{ALIVE}")]


linux = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks into /proc")


@linux
def test_workers_end_with_a_parent_that_was_killed_and_the_next_server_tidies_up(start: Start) -> None:
    server = start("fatora", "--workers", "3")
    (folder,) = folders_of(server.process.pid)
    server.process.kill()
    server.process.wait(10)
    wait_for(lambda: is_free(server.port))
    assert folder.is_dir()

    def is_removed() -> bool:
        with runtime_folder():
            return not folder.exists()

    wait_for(is_removed)


@linux
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_terminal_that_is_closed_is_a_clean_end(workers: str, start: Start) -> None:
    server = start("fatora", "--workers", workers)
    assert send(server.port, "GET /fatora/v1/clients/1001", {"host": "x", **KEY}).status == 200
    (folder,) = folders_of(server.process.pid)
    server.process.send_signal(signal.SIGHUP)
    assert server.process.wait(20) == 0
    assert is_free(server.port) and not folder.exists()


def test_folders_that_are_in_use_or_not_ours_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    other, abandoned = tmp_path / "understudy-other", tmp_path / "understudy-abandoned"
    other.mkdir()
    abandoned.mkdir()
    (abandoned / ALIVE).touch()
    with runtime_folder() as first, runtime_folder() as second:
        assert first.is_dir() and second.is_dir() and other.is_dir() and not abandoned.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["understudy-other"]


@contextlib.contextmanager
def run_pool(body: str) -> Iterator[subprocess.Popen[str]]:
    """A pool of two workers, each of which does this; killed at the end with all its processes."""
    code = (
        "import os, signal, time\nfrom mock_server.server.worker_pool import WorkerPool\n"
        f"def play(place):\n    {body}\nWorkerPool(2, play).run()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    ) as pool:
        try:
            yield pool
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pool.pid, signal.SIGKILL)


def test_workers_that_die_at_once_are_started_ever_more_seldom_and_say_why() -> None:
    with run_pool("raise OSError('the folder is gone')") as pool:
        assert pool.stderr
        lines = [pool.stderr.readline() for _ in range(8)]
        pool.terminate()
        assert pool.wait(20) == 0
    assert [line for line in lines if "cannot serve: the folder is gone" in line]
    delays = [float(found[1]) for line in lines if (found := re.search(r"another one starts in ([\d.]+) s", line))]
    assert delays == sorted(delays) and set(delays) == {0.5, 1.0}
    assert [_find_delay(failures) for failures in (0, 1, 2, 3, 1000)] == [0.0, 0.5, 1.0, 2.0, MOST_DELAY_SECONDS]


def test_a_worker_that_is_killed_is_replaced(start: Start) -> None:
    server = start("fatora", "--workers", "2")
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    if not children.exists():
        pytest.skip("this system does not list the children of a process")
    wait_for(lambda: len(children.read_text().split()) == 2)
    before = children.read_text().split()
    os.kill(int(before[0]), signal.SIGKILL)
    wait_for(lambda: len(set(children.read_text().split()) - {before[0]}) == 2)
    assert send(server.port, "GET /fatora/v1/clients/1001", {"host": "x", **KEY}).status == 200


@linux
def test_connections_are_spread_over_the_workers(start: Start) -> None:
    server = start("fatora", "--workers", "2")
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    if not children.exists():
        pytest.skip("this system does not list the children of a process")
    assert send(server.port, "GET /fatora/v1/clients/1001", {"host": "x", **KEY}).status == 200
    wait_for(lambda: len(children.read_text().split()) == 2)
    workers = children.read_text().split()

    def links(worker: str) -> str:
        return subprocess.run(["ls", "-l", f"/proc/{worker}/fd"], capture_output=True, text=True).stdout

    def count(worker: str) -> int:
        return links(worker).count("socket:")

    # A worker that is still starting takes nothing: first, connections are made until each has some. (More than the
    # sockets that it makes for itself meanwhile.)
    wait_for(lambda: all("anon_inode:[eventpoll]" in links(worker) for worker in workers))
    empty, early = [count(worker) for worker in workers], []

    def each_takes_some() -> bool:
        early.append(socket.create_connection(("127.0.0.1", server.port), timeout=10))
        early[-1].sendall(QUICK)
        assert read_answer(early[-1])
        return all(count(worker) >= had + 5 for worker, had in zip(workers, empty))

    wait_for(each_takes_some)
    rest = sum(map(count, workers)) - len(early)
    for client in early:
        client.close()
    wait_for(lambda: sum(map(count, workers)) == rest)
    before = [count(worker) for worker in workers]
    clients = []
    for _ in range(32):
        clients.append(socket.create_connection(("127.0.0.1", server.port), timeout=10))
        clients[-1].sendall(QUICK)
        assert read_answer(clients[-1])
    spread = [count(worker) - had for worker, had in zip(workers, before)]
    for client in clients:
        client.close()
    assert sum(spread) == 32 and min(spread) >= 8


def test_a_worker_that_yields_takes_what_nobody_else_does() -> None:
    async def run() -> int:
        counts = ConnectionCounts(2)
        counts.set(1, 0)  # another worker, which has nothing to do and yet takes nothing
        listener = open_socket("127.0.0.1", 0)
        context = ServerContext(lambda request: None, render_never, None, "")
        acceptor = Acceptor(listener, context, Place(0, -1, counts))
        acceptor.start()
        clients = [await asyncio.open_connection(*listener.getsockname()) for _ in range(20)]
        while len(context.connections) < 20:
            await asyncio.sleep(0.01)
        acceptor.stop()
        for _, writer in clients:
            writer.close()
        return counts.least()

    assert asyncio.run(run()) == 0


def test_a_second_signal_ends_workers_that_are_stuck() -> None:
    stuck = "signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write(1, b'stuck\\n'); time.sleep(600)"
    with run_pool(stuck) as pool:
        assert pool.stdout
        assert [pool.stdout.readline() for _ in range(2)] == ["stuck\n"] * 2
        pool.terminate()
        time.sleep(0.2)
        pool.terminate()
        assert pool.wait(5) == 0


def test_a_second_signal_ends_a_server_that_is_answering(start: Start) -> None:
    server = start("fatora")
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET /fatora/v1/clients?__scenario=never-answers HTTP/1.1\r\nhost: x\r\n\r\n")
        time.sleep(0.2)
        server.process.terminate()
        time.sleep(0.2)
        server.process.terminate()
        assert server.process.wait(2) == -signal.SIGTERM


STUCK = """
import re, sys
from mock_server.messages import Request, Response
from mock_server.server.acceptor import Acceptor
from mock_server.server import open_socket, plain_door, serve
from mock_server.sessions import MockApis

class Stuck(MockApis):
    def __init__(self):
        super().__init__({})
    def find_answer(self, request):
        print("stuck", flush=True)
        re.match("(a+)+$", "a" * 40 + "!")
    def answer(self, request):
        return None

listener = open_socket("127.0.0.1", 0)
print(listener.getsockname()[1], flush=True)
serve([plain_door(listener)], lambda slot: Stuck(), log=False)
"""


def test_a_signal_ends_a_server_that_is_stuck_in_a_regular_expression() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout
        with socket.create_connection(("127.0.0.1", int(server.stdout.readline()))) as connection:
            connection.sendall(QUICK)
            assert server.stdout.readline() == "stuck\n"
            server.terminate()
            assert server.wait(20) == -signal.SIGALRM


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_asked_when_the_server_is_told_to_stop_is_answered(workers: str, start: Start) -> None:
    server = start("fatora", "--workers", workers)
    cut: list[object] = []

    def client() -> None:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            answer: Answer | None = None
            try:
                while answer is None or answer.headers.get("connection") != "close":
                    connection.sendall(QUICK)
                    answer = read_answer(connection)
                    if answer is None or answer.status != 200 or not answer.body.endswith(b"}"):
                        cut.append(answer)
                        return
            except OSError as error:
                cut.append(error)

    threads = [threading.Thread(target=client) for _ in range(16)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    server.process.terminate()
    for thread in threads:
        thread.join(30)
    assert cut == [] and server.process.wait(20) == 0


@contextlib.contextmanager
def serve_with(limit: str, *more: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`understudy serve` in a shell that sets a limit first; its process and port."""
    command = f"{limit}exec {sys.executable} -m mock_server serve fatora --port 0 {' '.join(more)}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "ascii"}
    with subprocess.Popen(
        ["sh", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    ) as server:
        try:
            yield server, wait_until_served(server).port
        finally:
            server.kill()


def flood(port: int, count: int) -> list[socket.socket]:
    """So many connections that ask nothing; those that the kernel refuses are left out."""
    return [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(count)]


def check_flood(server: subprocess.Popen[str], port: int) -> None:
    """A server under a flood answers those it has let in, lives, says so in few lines, and recovers."""
    clients = flood(port, 120)
    time.sleep(1.0)
    clients[0].sendall(QUICK)
    first = read_answer(clients[0])
    assert first and first.status == 200
    # One that waits is let in when others go.
    clients[-1].sendall(QUICK)
    for client in clients[:-1]:
        client.close()
    last = read_answer(clients[-1])
    clients[-1].close()
    assert last and last.status == 200
    assert send(port, "GET /fatora/v1/clients/1001", {"host": "x", **KEY}).status == 200
    assert send(port, "GET /docs/fatora", {"host": "localhost"}).status == 200
    server.terminate()
    _, errors = server.communicate(timeout=20)
    assert server.returncode == 0
    assert "new ones wait" in errors and len(errors.splitlines()) < 5 and "Traceback" not in errors


def test_few_descriptors_make_new_connections_wait(cache: Path) -> None:
    with serve_with("ulimit -n 64; ", "--no-log", "--cache", str(cache)) as (server, port):
        check_flood(server, port)


@linux
def test_no_descriptors_at_all_are_survived(cache: Path) -> None:
    with serve_with("", "--no-log", "--cache", str(cache)) as (server, port):
        highest = max(int(link.name) for link in Path(f"/proc/{server.pid}/fd").iterdir())
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (highest + 40, highest + 40))
        check_flood(server, port)


def test_a_path_that_the_terminal_cannot_print_is_answered_once_and_escaped(cache: Path) -> None:
    with serve_with("", "--cache", str(cache)) as (server, port):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            for _ in range(2):
                connection.sendall(b"GET /fatora/v1/%C3%A9 HTTP/1.1\r\nhost: x\r\n\r\n")
                answer = read_answer(connection)
                assert answer and answer.status == 404
            connection.sendall(QUICK)
            answer = read_answer(connection)
            assert answer and answer.status == 200
        server.terminate()
        printed, errors = server.communicate(timeout=20)
        assert "\\xe9" in printed and "Traceback" not in errors and server.returncode == 0


def test_a_terminal_that_nobody_reads_changes_no_answer(cache: Path) -> None:
    with serve_with("", "--cache", str(cache)) as (server, port):
        assert server.stdout and server.stderr
        assert send(port, "GET /fatora/v1/clients/1001", {"host": "x", **KEY}).status == 200
        server.stdout.close()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            for _ in range(5):
                connection.sendall(QUICK)
                answer = read_answer(connection)
                assert answer and answer.status == 200
        server.terminate()
        assert "Traceback" not in server.stderr.read() and server.wait(20) == 0
        server.stderr.close()


def test_connections_send_at_once() -> None:
    """Without Nagle's algorithm: the second of two answers would wait for the client's acknowledgement, 40 ms."""

    async def run() -> int:
        context = ServerContext(lambda request: None, render_never, None, "")
        listener = open_socket("127.0.0.1", 0)
        acceptor = Acceptor(listener, context)
        acceptor.start()
        _, writer = await asyncio.open_connection(*listener.getsockname())
        while not context.connections:
            await asyncio.sleep(0.01)
        (connection,) = context.connections
        option: int = connection.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
        acceptor.stop()
        return option

    assert asyncio.run(run()) != 0


def render_never(request: Request) -> Response:
    raise AssertionError("nothing is asked")


def test_listening_on_every_address_includes_ipv4(cache: Path) -> None:
    try:
        open_socket("::", 0).close()
    except Exception:
        pytest.skip("this machine has no IPv6")
    with serve_with("", "--host", "::", "--no-log", "--cache", str(cache)) as (server, port):
        assert send(port, "GET /fatora/v1/clients/1001", {"host": "x", **KEY}).status == 200
        # The address of an IPv4 client is an IPv4 one: this machine, so it may steer.
        assert send(port, "GET /__admin/health", {"host": "127.0.0.1"}).status == 200
        server.terminate()
        server.communicate(timeout=20)
        assert server.returncode == 0


def test_the_url_of_a_socket_on_every_address_leads_here() -> None:
    with open_socket("0.0.0.0", 0) as listener:
        assert base_url(listener).startswith("http://127.0.0.1:")
