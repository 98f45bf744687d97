"""Which provider a request is for, by path or by documented host."""

from __future__ import annotations

import tracemalloc

import pytest

from mock_server.messages import Request
from mock_server.sessions.dispatch import MAX_BASES, MockApis

HOSTS: list[tuple[str, str]] = [
    ("api.fatora.io", "fatora"),
    ("API.FATORA.IO:8080", "fatora"),
    ("anyone.api.sellercloud.com", "sellercloud"),
    (".api.sellercloud.com", ""),
    ("evil/api.fatora.io", ""),
    ("api.fatora.io.evil.test", ""),
    ("127.0.0.1:8080", ""),
]


@pytest.mark.parametrize(("host", "provider"), HOSTS)
def test_a_documented_host_is_its_provider(host: str, provider: str, apis: MockApis) -> None:
    api, _ = apis.dispatcher.aim(Request("GET", "/v1", "", {}, f"http://{host}"))
    assert (api.contract.provider if api else "") == provider


def test_hosts_without_end_take_no_memory(apis: MockApis) -> None:
    tracemalloc.start()
    for number in range(MAX_BASES):
        apis.dispatcher.aim(Request("GET", "/v1", "", {}, f"http://{number}{'x' * 50_000}"))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 5_000_000
