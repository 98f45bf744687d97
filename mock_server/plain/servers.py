"""The servers of a plain document: the base path that it is played under, and its documented hosts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from mock_server.openapi import Document

LOOPBACK = re.compile(r"localhost|127\.[\d.]+|\[?::1?\]?|0\.0\.0\.0|\*?", re.IGNORECASE)
"""Hosts that are the mock's own machine, or any: not such as a client would ask by name."""

_TWO_LABELS = re.compile(r"\.[a-z0-9-]+\.[a-z0-9-]+$")


def read_servers(document: Document) -> tuple[str, tuple[str, ...]]:
    """The path of the first server, without a slash at its end, and the documented hosts.

    Variables take their defaults; behind those hosts come the ones that another value would give, a star for each
    variable (`*.example.com`), where two labels of the name stay fixed.
    """
    servers = document.root.get("servers")
    listed = [each for each in servers if isinstance(each, Mapping)] if isinstance(servers, list) else []
    parts = [_split(_fill_in(each)) for each in listed]
    base_path = parts[0].path.rstrip("/") if parts else ""
    hosts = [each.netloc.rpartition("@")[2].lower() for each in parts]
    known = [host for host in hosts if not LOOPBACK.fullmatch(host.partition(":")[0])]
    wide = [host for each in listed if (host := _find_wide(str(each.get("url", ""))))]
    return base_path if base_path.startswith("/") else "", tuple(dict.fromkeys((*known, *wide)))


def _find_wide(url: str) -> str:
    """The host of a server with stars for its variables; an empty text where there are none, or hardly more."""
    host = _split(re.sub(r"\{[^{}]*\}", "*", url)).netloc.lower().partition(":")[0]
    return host if "*" in host and _TWO_LABELS.search(host) else ""


def _fill_in(server: Mapping[str, Any]) -> str:
    url, variables = str(server.get("url", "")), server.get("variables")
    for name, variable in variables.items() if isinstance(variables, Mapping) else ():
        default = variable.get("default", "") if isinstance(variable, Mapping) else ""
        url = url.replace("{" + str(name) + "}", str(default))
    return re.sub(r"[{}]", "", url)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # `http://[broken`
        return urlsplit("")
