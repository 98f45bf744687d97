"""The Flask application: every URL of the mock, under any WSGI server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import flask
from flask import Flask
from werkzeug.exceptions import HTTPException

from mock_server.engine import render_problem
from mock_server.errors import Problem
from mock_server.messages import MAX_BODY_BYTES, Request, Response
from mock_server.server.access import Guard, open_to_everyone
from mock_server.server.admin import Admin
from mock_server.server.admin_routes import register_admin
from mock_server.server.api_docs import MISTAKE, OWN_PREFIX, FindMistake, register_pages
from mock_server.server.console import Console, register_console
from mock_server.server.wsgi import Environ, call_wsgi, read_request
from mock_server.sessions import Player, find_shadowed, is_plain

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")

OWN_PATHS = ("/__", "/console", "/assets/", "/docs/", "/openapi/", "/favicon.ico")
"""Where the server's own pages are; what is asked elsewhere was meant for a provider."""

CONSOLE, OWN = "/__console", "/__understudy"
"""Where the console and all pages of the server's own are as well: no document has operations there."""


def create_app(apis: Player, guard: Guard | None = None, find_mistake: FindMistake | None = None) -> Flask:
    """The application that plays these mock APIs: one rule an operation, one for the rest of each provider.

    A plain document has paths that no rule can say, and thousands of them: all of it is the rest. With sessions the
    application also has the admin API and the console, behind a guard; these say the mistake in what is edited.
    """
    app = Flask("mock_server.server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config[MISTAKE] = find_mistake
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    play = _player(apis)
    for name, api in apis.apis.items():
        for operation in () if is_plain(api.contract) else api.contract.operations:
            rule = f"/{name}{operation.path}".replace("{", "<").replace("}", ">")
            _add_rule(app, rule, f"{name}.{operation.id}", play, (operation.method,))
        _add_rule(app, f"/{name}/<path:rest>", f"{name}.rest", play, METHODS)
        _add_rule(app, f"/{name}/", f"{name}.root", play, METHODS)
    _add_rule(app, "/~<session>/<path:rest>", "session", play, METHODS)
    root = apis.dispatcher.mounts.root
    register_pages(app, apis.apis, root)
    app.config[OWN_PREFIX] = OWN if root and find_shadowed(apis.apis[root]) else ""
    if apis.sessions:
        admin = Admin(apis.sessions)
        register_admin(app, admin)
        register_console(app, Console(admin))
        app.before_request((guard or Guard()).check)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Problem, _problem)
    app.wsgi_app = _aimed(app.wsgi_app, apis)  # type: ignore[method-assign]
    return app


def _add_rule(app: Flask, rule: str, endpoint: str, view: Callable[..., Any], methods: Iterable[str]) -> None:
    app.add_url_rule(rule, endpoint, view, methods=list(methods), provide_automatic_options=False)


def _player(apis: Player) -> Callable[..., flask.Response]:
    @open_to_everyone
    def play(**values: str) -> flask.Response:
        request = read_request(flask.request.environ)
        response = apis.answer(request) or render_problem(Problem(404, "Not Found", "No such provider."), request)
        return _flask_response(response)

    return play


def _aimed(inner: Callable[..., Any], apis: Player) -> Callable[..., Any]:
    """A request for a documented host, or for where a document is mounted, gets its provider's name to be routed by.

    What is asked below `/__understudy` is one of the server's own pages, whatever documents say.
    """

    def wsgi_app(environ: Environ, start_response: Callable[..., Any]) -> Any:
        path = environ["PATH_INFO"]
        own = "/" if path == CONSOLE else path.removeprefix(OWN) or "/" if f"{path}/".startswith(f"{OWN}/") else ""
        if own:
            environ = {**environ, "PATH_INFO": own, "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + OWN}
        elif provider := _find_provider(apis, environ):
            environ = {**environ, "PATH_INFO": f"/{provider}{path}", "understudy.provider": provider}
        return inner(environ, start_response)

    return wsgi_app


def _find_provider(apis: Player, environ: Environ) -> str:
    """The provider that a request is for, though its path does not begin with the name; else an empty text."""
    mounts, path = apis.dispatcher.mounts, environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    place = mounts.find(environ["REQUEST_METHOD"], path) if mounts else None
    return place.name if place else apis.dispatcher.find_provider(environ.get("HTTP_HOST", ""), path)


def _flask_response(response: Response) -> flask.Response:
    if response.delivery:
        # Our own connection delivers such an answer before Flask is asked; another server cannot, and says so.
        problem = Problem(501, "Not Implemented", "Only Understudy's own server can deliver this answer.")
        response = render_problem(problem, read_request(flask.request.environ))
    status = f"{response.status} {response.reason}" if response.reason else response.status
    answer = flask.Response(response.body, status, list(response.headers))
    if not any(name == "content-type" for name, _ in response.headers):
        del answer.headers["content-type"]
    return answer


def _http_problem(error: HTTPException) -> flask.Response:
    response = _problem(Problem(error.code or 500, error.name, error.description or error.name))
    allow = getattr(error, "valid_methods", None)
    if allow:
        response.headers["allow"] = ", ".join(sorted(allow))
    return response


def _problem(problem: Problem) -> flask.Response:
    return _flask_response(render_problem(problem, read_request(flask.request.environ)))


def make_slow_way(
    apis: Player,
    guard: Guard | None = None,
    find_mistake: FindMistake | None = None,
) -> Callable[[Request], Response]:
    """What answers where there is no quick answer: a provider's own way, or the application for everything else."""
    app = create_app(apis, guard, find_mistake)

    def answer(request: Request) -> Response:
        started = time.time_ns()
        response = apis.answer(request)
        if response is None:
            response = call_wsgi(app.wsgi_app, request)
            if apis.sessions and not request.path.startswith(OWN_PATHS) and request.path != "/":
                apis.sessions.note_stray(request, response, started)
        return response

    return answer
