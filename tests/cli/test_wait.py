"""`understudy wait`: a server that is there, comes late, never comes, wants a token, or is something else."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.cli.in_process import run
from tests.conftest import ROOT, Served, Start


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def answering(act: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does something with each connection; its URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        ended = threading.Event()

        def run() -> None:
            while True:
                connection, _ = listener.accept()
                with connection:
                    if ended.is_set():
                        return
                    act(connection)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()
            socket.create_connection(listener.getsockname()).close()
            thread.join(5)


def drip(connection: socket.socket) -> None:
    """Answer byte by byte, without an end."""
    connection.recv(4096)
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(30):
            connection.sendall(b"x")
            time.sleep(0.05)
    except OSError:
        return


def say(answer: bytes) -> Callable[[socket.socket], None]:
    def act(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    return act


def test_a_server_that_plays_is_reported_in_a_line(served: Served) -> None:
    done = run("wait", served.url)
    assert done.returncode == 0 and done.stdout.startswith(f"{served.url} plays: Understudy ")
    assert run("wait", f"{served.url}/").returncode == 0


def test_a_server_that_comes_late_is_waited_for(cache: object) -> None:
    port = find_free_port()
    words = [sys.executable, "-m", "mock_server", "wait", f"http://127.0.0.1:{port}", "--timeout", "30"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as waiting:
        time.sleep(0.7)
        assert waiting.poll() is None
        serve = [sys.executable, "-m", "mock_server", "serve", "fatora", "--port", str(port), "--no-log"]
        server = subprocess.Popen([*serve, "--cache", str(cache)], stdout=subprocess.DEVNULL, cwd=ROOT)
        try:
            assert waiting.wait(30) == 0
        finally:
            server.terminate()
            server.wait(10)
            waiting.communicate()


OTHERS = [
    ("nobody", None, "no server answers (Connection refused)"),
    (
        "another server",
        say(b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno"),
        "it answers 404, as Understudy does not",
    ),
    ("another API", say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), "it answers 200, as Understudy does not"),
    ("no HTTP", say(b"220 mail ready\r\n"), "no server answers (220 mail ready"),
    ("an end at once", lambda connection: None, "no server answers ("),
    ("a drip", drip, "no whole answer came within"),
]


@pytest.mark.parametrize(("act", "cause"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS])
def test_what_does_not_play_in_time_is_a_sentence_with_the_last_cause(
    act: Callable[[socket.socket], None] | None,
    cause: str,
) -> None:
    began = time.monotonic()
    if act is None:
        done = run("wait", f"http://127.0.0.1:{find_free_port()}", "--timeout", "0.3")
    else:
        with answering(act) as url:
            done = run("wait", url, "--timeout", "0.3")
    assert done.returncode == 1 and done.stdout == "" and cause in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1 and time.monotonic() - began < 20


def test_a_server_that_wants_a_token_is_not_waited_for() -> None:
    body = b'{"detail": "Only this machine may do that, or who sends the token in Understudy-Token."}'
    with answering(say(b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n" % len(body) + body)) as url:
        done = run("wait", url, "--timeout", "60")
    assert done.returncode == 1 and "wants its token from another machine (--token, or UNDERSTUDY_TOKEN)" in done.stderr


def test_a_token_is_sent(start: Start) -> None:
    served = start("fatora", "--host", "0.0.0.0", "--admin-token", "secret")
    host = f"http://127.0.0.1:{served.port}"
    assert run("wait", host, "--token", "secret", "--timeout", "5").returncode == 0


@pytest.mark.parametrize("url", ["nonsense", "https://127.0.0.1:1", "http://127.0.0.1:99999", "http://"])
def test_what_is_no_url_is_wrong_use(url: str) -> None:
    done = run("wait", url)
    assert done.returncode == 2 and "is no URL of a server" in done.stderr


def test_a_timeout_that_is_none_is_wrong_use() -> None:
    assert run("wait", "--timeout", "-1").returncode == 2
