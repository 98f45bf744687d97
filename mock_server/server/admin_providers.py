"""What a server plays, for who asks by program: each provider's address, variables and operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask

from mock_server.contract import find_variables
from mock_server.engine import MockApi
from mock_server.server.admin import Admin

Plain = dict[str, Any]


class ProviderAdmin:
    """What the admin API answers of providers, as plain values."""

    def __init__(self, admin: Admin) -> None:
        self._apis = admin.apis.apis

    def list_providers(self) -> Plain:
        """`GET providers`: in the order they were named."""
        base = flask.request.host_url.rstrip("/")
        return {"providers": [_describe(name, api, base) for name, api in self._apis.items()]}

    def routes(self) -> tuple[tuple[str, str, Callable[..., Any]], ...]:
        """Method, path and what answers."""
        return (("GET", "/providers", self.list_providers),)


def _describe(name: str, api: MockApi, base: str) -> Plain:
    contract = api.contract
    return {
        "name": name,
        "title": contract.title,
        "path": f"/{name}{contract.base_path}",
        "hosts": list(contract.hosts),
        "variables": find_variables(contract, base),
        "operations": [
            {"id": each.id, "method": each.method, "path": each.path, "collection": each.collection}
            for each in contract.operations
        ],
    }
