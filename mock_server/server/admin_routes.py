"""The routes of the admin API: method, path, and what answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
from flask import Flask

from mock_server.contract import load_document
from mock_server.server.admin import STATES, Admin, Plain
from mock_server.server.admin_mappings import Created, mapping_routes
from mock_server.server.admin_providers import ProviderAdmin
from mock_server.server.admin_records import register_records
from mock_server.server.admin_tokens import TokenAdmin
from mock_server.server.wsgi import EventStream
from mock_server.sessions import find_operations


def register_admin(app: Flask, admin: Admin) -> None:
    """Add the admin API to the application."""
    for method, path, view in (
        *_routes(admin),
        *mapping_routes(admin),
        *TokenAdmin(admin).routes(),
        *ProviderAdmin(admin).routes(),
    ):
        app.add_url_rule(f"/__admin{path}", f"admin {method} {path}", _as_view(view), methods=[method])
    register_records(app, admin)
    app.add_url_rule("/__admin/openapi.json", "admin openapi", lambda: _answer(publish_admin(admin)))


def publish_admin(admin: Admin) -> Plain:
    """The OpenAPI document of the admin API, with the scenarios and readings that there are."""
    document: Plain = load_document(Path(__file__).parent / "static" / "admin.openapi.yaml")
    settings = document["components"]["schemas"]["Settings"]["properties"]
    names = sorted(admin.apis.services.scenarios)
    narrowing = document["components"]["schemas"]["Narrowing"]["properties"]
    contracts = {name: api.contract for name, api in admin.apis.apis.items()}
    narrowing["provider"] = {"enum": list(contracts)}
    narrowing["operation"] = narrowing["operation"] | {"enum": find_operations(contracts)}
    narrowed = _closed({"name": {"enum": names}, "when": _WHEN}) | {"required": ["name"]}
    settings["scenarios"]["items"] = {"anyOf": [{"enum": names}, narrowed]}
    readings = {name: _readings(admin, name) for name in admin.apis.apis}
    dotted = {f"{name}.{reading}": schema for name, chosen in readings.items() for reading, schema in chosen.items()}
    settings["readings"] = _closed({name: _closed(chosen) for name, chosen in readings.items()} | dotted)
    _name_scenarios(document["paths"]["/__admin/scenarios/{name}/state"]["put"], admin)
    return {**document, "servers": [{"url": "/"}]}


def _name_scenarios(operation: Plain, admin: Admin) -> None:
    """The scenarios that a state can be set of, those of the default session's mappings too, and the states."""
    of_mappings = admin.apis.own.find_scenarios("")
    states = dict.fromkeys((*STATES, *(state for _, possible in of_mappings.values() for state in possible)))
    operation["parameters"][0]["schema"] = {"enum": [*sorted(admin.apis.services.scenarios), *of_mappings]}
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"]["state"] = {"enum": list(states)}


def _readings(admin: Admin, provider: str) -> Plain:
    """A schema for each reading of a provider: its alternatives, the contract's own first."""
    readings = admin.apis.find_readings(provider)
    return {each["id"]: {"enum": [each["reading"], *each["alternatives"]]} for each in readings}


_WHEN = {"$ref": "#/components/schemas/Narrowing"}


def _closed(properties: Plain) -> Plain:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _routes(admin: Admin) -> tuple[tuple[str, str, Callable[..., Any]], ...]:
    return (
        ("GET", "/health", admin.health),
        ("GET", "/version", admin.version),
        ("GET", "/requests", admin.list_requests),
        ("DELETE", "/requests", admin.delete_requests),
        ("POST", "/requests/reset", admin.delete_requests),
        ("GET", "/requests/<uuid:identifier>", admin.get_request),
        ("POST", "/requests/count", admin.count_requests),
        ("POST", "/requests/find", admin.find_requests),
        ("GET", "/requests/unmatched", admin.unmatched),
        ("GET", "/requests/unmatched/near-misses", admin.misses),
        ("GET", "/verdicts", admin.verdicts),
        ("GET", "/scenarios", admin.list_scenarios),
        ("PUT", "/scenarios/<name>/state", admin.put_scenario),
        ("POST", "/scenarios/reset", admin.reset_scenarios),
        ("GET", "/sessions", admin.list_sessions),
        ("GET", "/sessions/<name>", admin.show_session),
        ("PUT", "/sessions/<name>", admin.put_session),
        ("DELETE", "/sessions/<name>", admin.delete_session),
        ("POST", "/sessions/<name>/reset", admin.reset_session),
        ("GET", "/settings", admin.show_session),
        ("PUT", "/settings", admin.put_session),
        ("POST", "/reset", admin.reset),
        ("GET", "/events", admin.follow),
    )


def _as_view(view: Callable[..., Any]) -> Callable[..., Any]:
    def answer(**values: str) -> Any:
        content = view(**{name: str(value) for name, value in values.items()})
        return _stream(content) if callable(content) else _answer(content)

    return answer


def _stream(more: Callable[[], bytes]) -> flask.Response:
    # Passed through as it is, so that our own server finds the stream again behind Flask.
    return flask.Response(
        EventStream(more),
        headers=_NOT_STORED,
        content_type="text/event-stream",
        direct_passthrough=True,
    )


def _answer(content: Plain) -> flask.Response:
    text = json.dumps(content, ensure_ascii=False)
    status = 201 if isinstance(content, Created) else 200
    return flask.Response(text, status, _NOT_STORED, content_type="application/json")


_NOT_STORED = {"Cache-Control": "no-store"}
