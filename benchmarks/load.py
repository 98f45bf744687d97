"""Servers pinned to one core, and wrk on the other."""

from __future__ import annotations

import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mock_server.contract import get_test_value, present_credentials
from mock_server.sessions import Settings, load_contracts

ROOT = Path(__file__).parents[1]

COUNT = "request = function() n = (n or 0) + 1; return wrk.format('GET', "
LIST = COUNT + "'{path}?page=' .. n % {turns} + 1 .. '&page_size=20') end"
GET = COUNT + "'{path}/' .. n % {turns} + 1000) end"


@functools.cache
def fatora_headers() -> dict[str, str]:
    """The headers of a request that Fatora's contract admits, by its test credential."""
    contract = load_contracts(Settings(providers=("fatora",)))["fatora"]
    return dict(present_credentials(contract.schemes, get_test_value("valid")).headers)


class Figures(NamedTuple):
    """What wrk saw: requests a second, the median and the 99th percentile in milliseconds, and what went wrong.

    `errors` counts timeouts, broken connections and answers that were not 2xx: a peer that has some is still measured.
    """

    requests: float
    p50_ms: float
    p99_ms: float
    errors: float = 0


def require(*programs: str) -> None:
    """End with a sentence when a program is missing."""
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        sys.exit(f"The benchmark needs {', '.join(missing)} (Debian: apt-get install wrk nodejs npm util-linux).")


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """The command, held to one core where there are two."""
    return ["taskset", "-c", str(core), *command] if (os.cpu_count() or 1) > 1 else list(command)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], port: int) -> Iterator[None]:
    """A server in a process group of its own, ended with all its children."""
    process = subprocess.Popen(
        pinned(0, command),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=ROOT,
    )
    try:
        _wait_for(port, process)
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            # The port is open before the records are built; the first answer is what counts.
            with socket.create_connection(("127.0.0.1", port), timeout=180) as connection:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                if connection.recv(1):
                    return
        except OSError:
            time.sleep(0.1)
    sys.exit("A server did not start.")


def understudy(port: int, *arguments: str) -> list[str]:
    """The command of this server, one process, no log."""
    return [sys.executable, "-m", "mock_server", "serve", "fatora", "--port", str(port), "--no-log", *arguments]


def load(port: int, script: str, connections: int, seconds: float, *, signed: bool = True) -> Figures:
    """Ask with wrk and read what it saw; `signed` with the test credential that Fatora lists."""
    known = fatora_headers() if signed else {}
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        headers = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in known.items())
        file.write(f"{headers}{script}")
        file.flush()
        wrk = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "--latency",
            "-s",
            file.name,
            f"http://127.0.0.1:{port}",
        ]
        return read_figures(subprocess.run(pinned(1, wrk), capture_output=True, text=True, check=True).stdout)


_ERRORS = (r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", r"Non-2xx or 3xx responses: (\d+)")


def read_figures(printed: str) -> Figures:
    """The figures in what wrk printed.

    Raises:
        ValueError: a figure is missing.
    """
    rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    if not rate:
        raise ValueError(f"wrk printed no rate:\n{printed}")
    lines = (re.search(pattern, printed) for pattern in _ERRORS)
    errors = sum(int(number) for line in lines if line for number in line.groups())
    return Figures(float(rate[1]), _percentile(printed, "50%"), _percentile(printed, "99%"), errors)


_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def _percentile(printed: str, name: str) -> float:
    figure = re.search(rf"{name}\s+([\d.]+)(us|ms|s)", printed)
    if not figure:
        raise ValueError(f"wrk printed no {name}:\n{printed}")
    return float(figure[1]) * _UNITS_MS[figure[2]]
