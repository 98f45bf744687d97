"""What a request must bring along by its contract, so that nothing but what is tried can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mock_server.contract import Operation, Parameter

FIRST_PAGE: Mapping[str, int] = {"number": 1, "offset": 0, "size": 10}
"""What is asked of a page where something must be: a size without a default is as large as most have it."""

MEDIA_HEADERS = ("content-type", "accept")


def required_query(operation: Operation, query: str) -> str:
    """A query with the parameters that the contract requires and it lacks."""
    given = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
    missing = {p.name: _value(p) for p in _required(operation, "query") if not _names(p) & given}
    return "&".join(part for part in (query, urlencode(missing)) if part)


def required_headers(operation: Operation) -> dict[str, str]:
    """The headers that an operation requires beside a credential."""
    media = operation.success.media_type or "application/json"
    required = {p.name: str(_value(p)) for p in _required(operation, "header")}
    return {name: media if name.lower() in MEDIA_HEADERS else value for name, value in required.items()}


def _required(operation: Operation, where: str) -> Iterator[Parameter]:
    return (parameter for parameter in operation.parameters if parameter.where == where and parameter.required)


def _value(parameter: Parameter) -> Any:
    schema = parameter.schema
    usual = FIRST_PAGE.get(parameter.page.role) if parameter.page else None
    listed = schema.get("enum") or [usual if usual is not None else 1 if schema.get("type") == "integer" else "text"]
    return next((schema[name] for name in ("const", "default", "example") if name in schema), listed[0])


def _names(parameter: Parameter) -> set[str]:
    return {name.lower() for name in (parameter.name, *parameter.aliases)}
