"""What a server remembers of requests is bounded in bytes, not in number only."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.engine import MockApi
from mock_server.server import response_head
from mock_server.server.response_head import render_head
from mock_server.sessions.dispatch import MAX_BASES, Dispatcher
from tests.conftest import CREDENTIALS, Served, Start

LENGTH, TIMES = 30_000, 1_200
GROWTH_MIB = 16
"""Less than half of what one cache would hold that counted entries only."""


@pytest.fixture(scope="module")
def served(start: Start) -> Served:
    return start("fatora", "sourcehub", "--trust-proxy")


def memory_mib(served: Served) -> float:
    """The server's own memory: what it mapped of files, the journal among them, is not its."""
    if not Path("/proc").is_dir():
        pytest.skip("this system does not say what a process holds")
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    found = re.search(r"RssAnon:\s+(\d+)", status)
    assert found
    return int(found[1]) / 1024


def ask_often(served: Served, make: Callable[[str], tuple[str, dict[str, str]]], times: int) -> set[bytes]:
    """Ask with another long text each time, on one connection; the statuses."""
    statuses = set()
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        stream = connection.makefile("rb")
        for number in range(times):
            target, headers = make(f"{number:x}".rjust(LENGTH, "x"))
            lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
            connection.sendall("\r\n".join(lines).encode())
            statuses.add(stream.readline().split()[1])
            length = 0
            while (line := stream.readline().lower()) != b"\r\n":
                length = int(line[15:]) if line.startswith(b"content-length:") else length
            stream.read(length)
    return statuses


MINE = {"host": "127.0.0.1", **CREDENTIALS["fatora"]}
LIST = "/fatora/v1/clients"
LONG: list[tuple[str, Callable[[str], tuple[str, dict[str, str]]]]] = [
    ("explanations", lambda text: (f"{LIST}?page_size=1&__explain={text}", MINE)),
    ("keywords", lambda text: (f"{LIST}?page_size=1&keyword={text}", MINE)),
    ("parameters' names", lambda text: (f"{LIST}?page_size=1&{text}=1", MINE)),
    ("headers' names", lambda text: (f"{LIST}?page_size=1", {**MINE, f"x{text}": "1"})),
    ("forwarded hosts", lambda text: (f"{LIST}?page_size=1", {**MINE, "x-forwarded-host": text})),
    ("links", lambda text: (f"/sourcehub/api/v1/projects/?a={text}", {**MINE, **CREDENTIALS["sourcehub"]})),
    ("redirects", lambda text: (f"/sourcehub/nothing?a={text}", MINE)),
]


@pytest.mark.parametrize(("name", "make"), LONG, ids=[name for name, _ in LONG])
def test_long_texts_of_clients_are_not_remembered(
    name: str,
    make: Callable[[str], tuple[str, dict[str, str]]],
    served: Served,
) -> None:
    ask_often(served, make, 50)
    before = memory_mib(served)
    assert ask_often(served, make, TIMES) <= {b"200", b"400", b"404"}
    assert memory_mib(served) - before < GROWTH_MIB


def test_heads_with_a_long_value_are_rendered_and_not_kept() -> None:
    kept = response_head._render_head.cache_info().currsize
    long = render_head(200, "", (("location", "x" * 60_000),), 5, "")
    assert long.startswith(b"HTTP/1.1 200 OK\r\nlocation: xxx") and long.endswith(b"date: ")
    assert response_head._render_head.cache_info().currsize == kept


def test_the_hosts_that_are_remembered_are_bounded() -> None:
    apis: dict[str, MockApi] = {}
    dispatcher = Dispatcher(apis)
    for number in range(3 * MAX_BASES):
        assert dispatcher._find_base(f"http://{number}") == () == dispatcher._find_base(f"http://{number:0500}")
    assert len(dispatcher._bases) <= MAX_BASES and max(map(len, dispatcher._bases)) < 20
