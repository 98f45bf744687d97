"""The Flask application: every URL of the mock, under any WSGI server."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import flask
from flask import Flask
from werkzeug.exceptions import HTTPException

from mock_server.errors import Problem
from mock_server.messages import Request, Response
from mock_server.mock_api import render_problem
from mock_server.mock_apis import MockApis
from mock_server.pages_for_people import register_pages

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")

Environ = dict[str, Any]


def create_app(apis: MockApis) -> Flask:
    """The application that plays these mock APIs: one rule an operation, one for the rest of each provider."""
    app = Flask("mock_server", static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    play = _player(apis)
    for name, api in apis.apis.items():
        for operation in api.contract.operations:
            rule = f"/{name}{operation.path}".replace("{", "<").replace("}", ">")
            _add_rule(app, rule, f"{name}.{operation.id}", play, (operation.method,))
        _add_rule(app, f"/{name}/<path:rest>", f"{name}.rest", play, METHODS)
        _add_rule(app, f"/{name}/", f"{name}.root", play, METHODS)
    register_pages(app, apis)
    app.register_error_handler(HTTPException, _problem)
    app.wsgi_app = _by_host(app.wsgi_app, apis)  # type: ignore[method-assign]
    return app


def _add_rule(app: Flask, rule: str, endpoint: str, view: Callable[..., Any], methods: Iterable[str]) -> None:
    app.add_url_rule(rule, endpoint, view, methods=list(methods), provide_automatic_options=False)


def _player(apis: MockApis) -> Callable[..., flask.Response]:
    def play(**values: str) -> flask.Response:
        request = read_request(flask.request.environ)
        response = apis.answer(request) or render_problem(Problem(404, "Not Found", "No such provider."), request)
        return _flask_response(response)

    return play


def _by_host(inner: Callable[..., Any], apis: MockApis) -> Callable[..., Any]:
    """A request for a documented host gets the mount of its provider, for Flask to route by."""

    def wsgi_app(environ: Environ, start_response: Callable[..., Any]) -> Any:
        provider = apis.find_provider(environ.get("HTTP_HOST", ""))
        if provider:
            environ = {**environ, "PATH_INFO": f"/{provider}{environ['PATH_INFO']}", "understudy.provider": provider}
        return inner(environ, start_response)

    return wsgi_app


def read_request(environ: Environ) -> Request:
    """A WSGI environ as our own value. Most servers have dropped headers with `_` in their name by now."""
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    if provider := environ.get("understudy.provider"):
        path = path[len(provider) + 1 :]
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers |= {name: environ[key] for key, name in _BARE.items() if environ.get(key)}
    headers |= environ.get("understudy.headers", {})
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=environ.get("QUERY_STRING", ""),
        headers=_Headers(headers),
        base=f"{environ['wsgi.url_scheme']}://{host}",
        mount=environ.get("SCRIPT_NAME", ""),
        address=environ.get("REMOTE_ADDR", "127.0.0.1"),
        has_body=environ.get("CONTENT_LENGTH", "0") not in ("", "0"),
    )


_PHRASES = {int(status): status.phrase.upper() for status in HTTPStatus}
_BARE = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}


class _Headers(dict[str, str]):
    """Header names in which `_` and `-` are one, for WSGI cannot tell them apart (`api_key`)."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, super().get(name.replace("_", "-"), default))


def _flask_response(response: Response) -> flask.Response:
    status = f"{response.status} {response.reason}" if response.reason else response.status
    answer = flask.Response(response.body, status, list(response.headers))
    if not any(name == "content-type" for name, _ in response.headers):
        del answer.headers["content-type"]
    return answer


def _problem(error: HTTPException) -> flask.Response:
    request = read_request(flask.request.environ)
    allow = getattr(error, "valid_methods", None)
    problem = Problem(error.code or 500, error.name, error.description or error.name)
    response = render_problem(problem, request)
    if allow:
        response = response._replace(headers=(*response.headers, ("allow", ", ".join(sorted(allow)))))
    return _flask_response(response)


def call_wsgi(app: Flask, request: Request, body: bytes) -> Response:
    """Ask the application as a WSGI server would, with our values in and out."""
    host, _, port = request.base.rpartition("/")[2].partition(":")
    environ: Environ = {
        # HEAD is asked as GET, for a length is told too; the connection sends no body.
        "REQUEST_METHOD": "GET" if request.method == "HEAD" else request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": request.query,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.address,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.base.partition(":")[0],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "understudy.headers": dict(request.headers),
    }
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    environ["CONTENT_TYPE"] = request.headers.get("content-type", "")
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        told[:] = [status, headers]

    chunks = app.wsgi_app(environ, start_response)
    try:
        content = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    code, _, reason = told[0].partition(" ")
    reason = "" if reason.upper() == _PHRASES.get(int(code)) else reason  # WSGI wants one always; ours is the usual
    headers = tuple((name.lower(), value) for name, value in told[1] if name.lower() != "content-length")
    return Response(int(code), headers, content, reason)
