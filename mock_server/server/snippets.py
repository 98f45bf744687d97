"""A request as code to copy: curl, Python with requests and httpx, JavaScript."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from mock_server.contract import Operation, get_test_value, present_credentials
from mock_server.engine import MockApi
from mock_server.messages import Request
from mock_server.samples import Sampler

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
    """A curl line with a valid test credential, a body, and each parameter of query and header that must be there.

    `prefix` is where the provider is mounted, by default at its name.
    """
    prefix = f"/{api.contract.provider}" if prefix is None else prefix
    url = f"{base}{prefix}{api.find_sample_path(operation)}"
    headers, query = present_credentials(operation.security[0] if operation.security else (), get_test_value("valid"))
    required = [(p.where, p.name, _find_sample(p.schema)) for p in operation.parameters if p.required]
    headers = {**{name: value for where, name, value in required if where == "header"}, **headers}
    query = {**{name: value for where, name, value in required if where == "query"}, **query}
    search = "?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in query.items()) if query else ""
    body = _find_body(operation)
    headers |= {"Content-Type": "application/json"} if body else {}
    parts = ["curl"] if operation.method == "GET" else ["curl", "-X", operation.method]
    parts += [f"-H {_quote(f'{name}: {value}')}" for name, value in headers.items()]
    return " ".join([*parts, *(["-d", _quote(body)] if body else []), _quote(f"{url}{search}")])


def _find_body(operation: Operation) -> str:
    """What an operation may be sent, as JSON; nothing where it is sent nothing."""
    if not operation.body:
        return ""
    sampler = Sampler(operation.body, "understudy")
    return json.dumps(sampler.sample(operation.body, operation.id, direction="request"), ensure_ascii=False)


SAMPLES: Mapping[str, str] = {
    "integer": "1",
    "number": "1",
    "boolean": "true",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
}
"""A value of each type or format."""


def _find_sample(schema: Mapping[str, Any]) -> str:
    """A value that a schema of a parameter allows, as far as that is to be seen at a glance."""
    examples, allowed = schema.get("examples"), schema.get("enum")
    for listed in (examples, allowed):
        if isinstance(listed, list) and listed and isinstance(listed[0], str | int | float):
            return str(listed[0])
    if isinstance(schema.get("default"), str | int | float):
        return str(schema["default"])
    words = [str(schema.get("format")), str(schema.get("type"))]
    return next((SAMPLES[word] for word in words if word in SAMPLES), "a")


def _quote(text: str) -> str:
    """A word as a shell takes it as it stands, whatever a document put in it."""
    return "'" + text.replace("'", "'\\''") + "'"
