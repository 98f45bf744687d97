"""The servers of a plain document: the base path that it is played under, and its documented hosts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from mock_server.openapi import Document

LOOPBACK = re.compile(r"localhost|127\.[\d.]+|\[?::1?\]?|0\.0\.0\.0|\*?", re.IGNORECASE)
"""Hosts that are the mock's own machine, or any: not such as a client would ask by name."""


def read_servers(document: Document) -> tuple[str, tuple[str, ...]]:
    """The path of the first server, without a slash at its end, and the documented hosts; variables take defaults."""
    servers = document.root.get("servers")
    urls = [_fill_in(each) for each in servers if isinstance(each, Mapping)] if isinstance(servers, list) else []
    parts = [urlsplit(url) for url in urls]
    base_path = parts[0].path.rstrip("/") if parts else ""
    hosts = [each.netloc.rpartition("@")[2].lower() for each in parts]
    known = tuple(dict.fromkeys(host for host in hosts if not LOOPBACK.fullmatch(host.partition(":")[0])))
    return base_path if base_path.startswith("/") else "", known


def _fill_in(server: Mapping[str, Any]) -> str:
    url, variables = str(server.get("url", "")), server.get("variables")
    for name, variable in variables.items() if isinstance(variables, Mapping) else ():
        default = variable.get("default", "") if isinstance(variable, Mapping) else ""
        url = url.replace("{" + str(name) + "}", str(default))
    try:
        urlsplit(url)
    except ValueError:  # `http://[broken`
        return ""
    return re.sub(r"[{}]", "", url)
