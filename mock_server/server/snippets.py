"""A request as code to copy: curl, Python with requests and httpx, JavaScript."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping

from mock_server.contract import Operation, get_test_value, present_credentials
from mock_server.engine import MockApi
from mock_server.messages import Request

QUIET = ("host", "user-agent", "accept-encoding", "connection", "content-length")
"""Headers that a client sends by itself."""


def _headers(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name not in QUIET}


def _url(request: Request) -> str:
    return f"{request.base}{request.path}" + (f"?{request.query}" if request.query else "")


def _curl(request: Request) -> str:
    parts = ["curl"] if request.method == "GET" else ["curl", "-X", request.method]
    for name, value in _headers(request).items():
        parts += ["-H", shlex.quote(f"{name}: {value}")]
    parts += ["--data-binary", shlex.quote(request.body.decode("utf-8", "replace"))] if request.body else []
    return " ".join([*parts, shlex.quote(_url(request))])


def _python(library: str) -> Callable[[Request], str]:
    def render(request: Request) -> str:
        headers = json.dumps(_headers(request), ensure_ascii=False, indent=4)
        body = f", {'data' if library == 'requests' else 'content'}={request.body!r}" if request.body else ""
        return (
            f"import {library}\n\nheaders = {headers}\n"
            f"response = {library}.request({request.method!r}, {_url(request)!r}, headers=headers{body})\n"
            "print(response.status_code, response.json())"
        )

    return render


def _javascript(request: Request) -> str:
    options: dict[str, object] = {"method": request.method, "headers": _headers(request)}
    if request.body:
        options["body"] = request.body.decode("utf-8", "replace")
    literal = json.dumps(options, ensure_ascii=False, indent=2)
    call = f"const response = await fetch({json.dumps(_url(request))}, {literal});"
    return f"{call}\nconsole.log(response.status, await response.json());"


SNIPPETS: Mapping[str, Callable[[Request], str]] = {
    "curl": _curl,
    "Python, requests": _python("requests"),
    "Python, httpx": _python("httpx"),
    "JavaScript": _javascript,
}
"""Each language, and what writes a request in it."""


def render_snippets(request: Request) -> dict[str, str]:
    """A request (its path with the mount) in every language."""
    return {name: render(request) for name, render in SNIPPETS.items()}


def render_curl(api: MockApi, operation: Operation, base: str, prefix: str | None = None) -> str:
    """A curl line with a valid test credential; `prefix` is where the provider is mounted, by default at its name."""
    prefix = f"/{api.contract.provider}" if prefix is None else prefix
    url = f"{base}{prefix}{api.find_sample_path(operation)}"
    headers, query = present_credentials(operation.security[0] if operation.security else (), get_test_value("valid"))
    search = "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else ""
    parts = ["curl", *(f"-H '{name}: {value}'" for name, value in headers.items())]
    return " ".join([*parts, f"'{url}{search}'"])
