"""Pages for people: the contract as OpenAPI, and its documentation to try out.

Nothing here asks an outside address, and every page forbids its own scripts to do so.
"""

from __future__ import annotations

import importlib.util
import json
import mimetypes
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import flask
import orjson
from flask import Flask
from werkzeug.exceptions import NotFound

from mock_server.engine import MockApi
from mock_server.server.published import make_publishable
from mock_server.sessions import is_plain
from mock_server.tokens import publish_schemes

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Swagger UI sets styles on its elements, which only 'unsafe-inline' permits.
DOCS_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

OWN_PREFIX = "UNDERSTUDY_OWN_PREFIX"
"""The key of the application's configuration under which the prefix of the server's own pages stands."""

MISTAKE = "UNDERSTUDY_MISTAKE"
"""The key of what says the mistake there is in edited files, if any; None where nobody edits any."""

FindMistake = Callable[[], str]

ASSETS = {
    "console.css": "own",
    "console.js": "own",
    "htmx.min.js": "own",
    "docs.js": "own",
    "swagger-ui.css": "swagger",
    "swagger-ui-bundle.js": "swagger",
}
"""Every file that can be asked for below `/assets/`, and which folder it is in."""


def register_pages(app: Flask, apis: Mapping[str, MockApi], root: str = "") -> None:
    """Add `/openapi/<provider>.json`, `/docs/<provider>` and `/assets/<file>` to the application.

    `root` names the provider that answers at the root as well.
    """

    def find(provider: str) -> MockApi:
        if provider not in apis:
            raise NotFound(f"No provider {provider!r} is played here; known: {', '.join(apis)}.")
        return apis[provider]

    def openapi(provider: str) -> flask.Response:
        document = publish(find(provider), flask.request.host_url.rstrip("/"), "" if provider == root else None)
        return flask.Response(_render(document), content_type="application/json")

    def docs(provider: str) -> flask.Response:
        api = find(provider)
        return render_page("docs.html", DOCS_POLICY, api=api.contract, credentials=json.dumps(_credentials(api)))

    app.add_url_rule("/openapi/<provider>.json", "openapi", openapi)
    app.add_url_rule("/docs/<provider>", "docs", docs)
    app.add_url_rule("/assets/<name>", "assets", _asset)
    # Browsers ask for it beside every JSON answer; nothing is an answer, 404 an error in their console.
    app.add_url_rule("/favicon.ico", "favicon", lambda: flask.Response(status=204))


def render_page(template: str, policy: str, **values: Any) -> flask.Response:
    """A page that forbids itself whatever the policy does not allow."""
    page = flask.render_template(template, own=find_own_prefix(), **values)
    response = flask.Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    # With "no-referrer" a browser sends a plain form with "Origin: null", which the guard must refuse.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def find_own_prefix() -> str:
    """What stands before links among the server's own pages: they are where the current one is.

    Where a document has operations at paths of ours, all of them lead below `/__understudy`.
    """
    return flask.request.script_root or str(flask.current_app.config.get(OWN_PREFIX, ""))


def current_mistake() -> str:
    """What is wrong with the files that are edited; an empty text for nothing."""
    find_mistake: FindMistake | None = flask.current_app.config.get(MISTAKE)
    return find_mistake() if find_mistake else ""


def redirect(path: str, status: int = 303) -> Any:
    """A redirect to a page of ours."""
    return flask.redirect(find_own_prefix() + path, status)


def _render(document: Mapping[str, Any]) -> bytes:
    """A document as JSON; the fast writer takes no deep nesting."""
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:
        return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def _asset(name: str) -> flask.Response:
    if name not in ASSETS:
        raise NotFound(f"There is no asset {name!r}.")
    folder = Path(__file__).parent / "static" if ASSETS[name] == "own" else _swagger_folder()
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = flask.Response((folder / name).read_bytes(), mimetype=content_type)
    response.cache_control.max_age = 3600
    response.add_etag()
    response.make_conditional(flask.request)
    return response


def _swagger_folder() -> Path:
    spec = importlib.util.find_spec("flask_swagger_ui")
    assert spec and spec.origin, "flask-swagger-ui is a dependency of this package"
    return Path(spec.origin).parent / "dist"


def publish(api: MockApi, base: str, prefix: str | None = None) -> dict[str, Any]:
    """The contract as an OpenAPI document whose server is this mock, and that generators of clients take.

    `prefix` is where the provider is mounted, by default at its name. A plain document is published as its author wrote
    it, but for the server, where tokens are had, and what was inferred.
    """
    contract = api.contract
    prefix = f"/{contract.provider}" if prefix is None else prefix
    servers = [{"url": f"{base}{prefix}{contract.base_path}", "description": "Understudy"}]
    document = contract.document if is_plain(contract) else make_publishable(contract.document)
    published = {**document, "servers": servers}
    # Who authorizes in the pages, or with a generated client, does so here and not at the real provider.
    if schemes := publish_schemes(contract, f"{base}{prefix}"):
        published["components"] = {**document["components"], "securitySchemes": schemes}
    return published


def _credentials(api: MockApi) -> dict[str, str]:
    """The valid test credential of each security scheme, as Swagger UI wants it."""
    return {scheme.name: scheme.values["valid"][0] for scheme in api.contract.schemes if scheme.values.get("valid")}
