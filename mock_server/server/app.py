"""The Flask application: every URL of the mock, under any WSGI server."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import flask
from flask import Flask
from werkzeug.exceptions import HTTPException

from mock_server.engine import render_problem
from mock_server.errors import Problem
from mock_server.messages import MAX_BODY_BYTES, Request, Response
from mock_server.server.access import Guard
from mock_server.server.admin import Admin
from mock_server.server.admin_routes import register_admin
from mock_server.server.api_docs import register_pages
from mock_server.server.console import Console, register_console
from mock_server.sessions import Player

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")

Environ = dict[str, Any]

OWN_PATHS = ("/__admin", "/console", "/assets/", "/docs/", "/openapi/", "/favicon.ico")
"""Where the server's own pages are; what is asked elsewhere was meant for a provider."""


def create_app(apis: Player, guard: Guard | None = None) -> Flask:
    """The application that plays these mock APIs: one rule an operation, one for the rest of each provider.

    With sessions it also has the admin API and the console, behind a guard.
    """
    app = Flask("mock_server.server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    play = _player(apis)
    for name, api in apis.apis.items():
        for operation in api.contract.operations:
            rule = f"/{name}{operation.path}".replace("{", "<").replace("}", ">")
            _add_rule(app, rule, f"{name}.{operation.id}", play, (operation.method,))
        _add_rule(app, f"/{name}/<path:rest>", f"{name}.rest", play, METHODS)
        _add_rule(app, f"/{name}/", f"{name}.root", play, METHODS)
    _add_rule(app, "/~<session>/<path:rest>", "session", play, METHODS)
    register_pages(app, apis.apis)
    if apis.sessions:
        admin = Admin(apis.sessions)
        register_admin(app, admin, _flask_response)
        register_console(app, Console(admin))
        app.before_request((guard or Guard()).check)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Problem, _problem)
    app.wsgi_app = _by_host(app.wsgi_app, apis)  # type: ignore[method-assign]
    return app


def _add_rule(app: Flask, rule: str, endpoint: str, view: Callable[..., Any], methods: Iterable[str]) -> None:
    app.add_url_rule(rule, endpoint, view, methods=list(methods), provide_automatic_options=False)


def _player(apis: Player) -> Callable[..., flask.Response]:
    def play(**values: str) -> flask.Response:
        request = read_request(flask.request.environ)
        response = apis.answer(request) or render_problem(Problem(404, "Not Found", "No such provider."), request)
        return _flask_response(response)

    return play


def _by_host(inner: Callable[..., Any], apis: Player) -> Callable[..., Any]:
    """A request for a documented host gets the mount of its provider, for Flask to route by."""

    def wsgi_app(environ: Environ, start_response: Callable[..., Any]) -> Any:
        provider = apis.dispatcher.find_provider(environ.get("HTTP_HOST", ""))
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
        body=_read_body(environ),
    )


def _read_body(environ: Environ) -> bytes:
    """The body, up to a mebibyte; the view may read it once more."""
    length = environ.get("CONTENT_LENGTH") or "0"
    body: bytes = environ["wsgi.input"].read(min(int(length), MAX_BODY_BYTES)) if length.isdecimal() else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


_PHRASES = {int(status): status.phrase.upper() for status in HTTPStatus}
_BARE = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}


class _Headers(dict[str, str]):
    """Header names in which `_` and `-` are one, for WSGI cannot tell them apart (`api_key`)."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, super().get(name.replace("_", "-"), default))


def _flask_response(response: Response) -> flask.Response:
    if response.delivery:
        response = _over_to_wire(response)
    status = f"{response.status} {response.reason}" if response.reason else response.status
    answer = flask.Response(response.body, status, list(response.headers))
    if not any(name == "content-type" for name, _ in response.headers):
        del answer.headers["content-type"]
    return answer


def _over_to_wire(response: Response) -> Response:
    """An answer that only our own connection can deliver goes there; another server cannot, and says so."""
    own: list[Response] | None = flask.request.environ.get("understudy.told")
    if own is None:
        problem = Problem(501, "Not Implemented", "Only Understudy's own server can deliver this answer.")
        return render_problem(problem, read_request(flask.request.environ))
    own.append(response)
    return response


def _http_problem(error: HTTPException) -> flask.Response:
    response = _problem(Problem(error.code or 500, error.name, error.description or error.name))
    allow = getattr(error, "valid_methods", None)
    if allow:
        response.headers["allow"] = ", ".join(sorted(allow))
    return response


def _problem(problem: Problem) -> flask.Response:
    return _flask_response(render_problem(problem, read_request(flask.request.environ)))


def make_slow_way(apis: Player, guard: Guard | None = None) -> Callable[[Request], Response]:
    """What answers where there is no quick answer: a provider's own way, or the application for everything else."""
    app = create_app(apis, guard)

    def answer(request: Request) -> Response:
        started = time.time_ns()
        response = apis.answer(request)
        if response is None:
            response = call_wsgi(app, request)
            if apis.sessions and not request.path.startswith(OWN_PATHS) and request.path != "/":
                apis.sessions.note_stray(request, response, started)
        return response

    return answer


def _make_environ(request: Request, own: list[Response]) -> Environ:
    """The WSGI environ of our own value; an answer that WSGI cannot carry goes into `own`."""
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
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.base.partition(":")[0],
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "understudy.headers": dict(request.headers),
        "understudy.told": own,
    }
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    environ["CONTENT_TYPE"] = request.headers.get("content-type", "")
    return environ


def call_wsgi(app: Flask, request: Request) -> Response:
    """Ask the application as a WSGI server would, with our values in and out."""
    own: list[Response] = []
    environ = _make_environ(request, own)
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        told[:] = [status, headers]

    chunks = app.wsgi_app(environ, start_response)
    try:
        content = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    if own:
        return own[0]  # an answer of ours, with what WSGI cannot carry: how it is delivered
    code, _, reason = told[0].partition(" ")
    reason = "" if reason.upper() == _PHRASES.get(int(code)) else reason  # WSGI wants one always; ours is the usual
    headers = tuple((name.lower(), value) for name, value in told[1] if name.lower() != "content-length")
    return Response(int(code), headers, content, reason)
