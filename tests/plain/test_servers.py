"""The hosts that a plain document names: as they stand, and with a star for each variable."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mock_server.plain.servers import read_servers

SERVERS: list[tuple[str, dict[str, str], str, tuple[str, ...], str]] = [
    ("https://api.example.com/v1", {}, "/v1", ("api.example.com",), "a host and a base path"),
    ("https://{shop}.example.com", {"shop": "main"}, "", ("main.example.com", "*.example.com"), "any shop"),
    ("https://{a}-{b}.example.com", {"a": "x", "b": "y"}, "", ("x-y.example.com", "*-*.example.com"), "two variables"),
    ("https://{host}/v1", {"host": "api.example.com"}, "/v1", ("api.example.com",), "any host at all is none"),
    ("https://{name}.com", {"name": "example"}, "", ("example.com",), "nor is half of all names"),
    ("https://a.example.com:{port}", {"port": "8443"}, "", ("a.example.com:8443",), "a port is no part of a name"),
    ("http://localhost:3000/v1", {}, "/v1", (), "this machine"),
    ("/v1", {}, "/v1", (), "no host"),
    ("http://[broken", {}, "", (), "no URL"),
]


@pytest.mark.parametrize(("url", "values", "base_path", "hosts", "sentence"), SERVERS, ids=[row[4] for row in SERVERS])
def test_hosts_of_a_document(
    url: str,
    values: dict[str, str],
    base_path: str,
    hosts: tuple[str, ...],
    sentence: str,
) -> None:
    variables = {name: {"default": value} for name, value in values.items()}
    document = cast(Any, SimpleNamespace(root={"servers": [{"url": url, "variables": variables}]}))
    assert read_servers(document) == (base_path, hosts)
