"""A call as a curl line to copy."""

from __future__ import annotations

from mock_server.contract import Operation
from mock_server.mock_api import MockApi


def render_curl(api: MockApi, operation: Operation, base: str) -> str:
    """A curl line with a valid test credential."""
    url = f"{base}/{api.contract.provider}{api.find_sample_path(operation)}"
    parts = ["curl"]
    for scheme in operation.security[0] if operation.security else ():
        value = scheme.values["valid"][0]
        if scheme.where == "query":
            url += f"?{scheme.field}={value}"
        else:
            name = "Authorization" if scheme.prefix else scheme.field
            parts.append(f"-H '{name}: {scheme.prefix.title()}{value}'")
    return " ".join([*parts, f"'{url}'"])
