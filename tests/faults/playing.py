"""A small shop that writes, played in process by a worker with scenarios."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mock_server.contract import load_document
from mock_server.messages import Request, Response
from mock_server.openapi import Document
from mock_server.plain import load_plain_contract
from mock_server.sessions.factory import Settings
from mock_server.sessions.session_apis import SessionApis
from mock_server.sessions.setup import Setup, load_form, load_stock, make_session_apis

SHOP = Path(__file__).parent / "shop.yaml"


def write_scenarios(folder: Path, scenarios: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
    """A folder of scenarios of these names and faults."""
    written = folder / "scenarios"
    written.mkdir(exist_ok=True)
    for name, faults in scenarios.items():
        scenario = {"name": name, "group": "status", "says": "Some calls fail.", "faults": list(faults)}
        (written / f"{name}.yaml").write_text(yaml.safe_dump(scenario))
    return written


def open_shop(folder: Path, scenarios: Mapping[str, Sequence[Mapping[str, Any]]] | None = None) -> SessionApis:
    """The shop, with scenarios of these names and faults beside the stock's; what changes rests in the folder."""
    written = write_scenarios(folder, scenarios or {})
    contracts = {"shop": load_plain_contract(Document("shop", load_document(SHOP), "Shop"))}
    settings = Settings(cache=folder / "cache")
    return make_session_apis(Setup(contracts, settings, load_stock(load_form(), [written]), folder))


class Shop(NamedTuple):
    """One session's client of the shop; `scenario` is asked for with every request."""

    apis: SessionApis
    scenario: str = ""
    session: str = "tester"

    def ask(
        self,
        method: str,
        target: str,
        sent: Any = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Response:
        """One request; what is sent is JSON unless it is bytes."""
        body = sent if isinstance(sent, bytes) else b"" if sent is None else json.dumps(sent).encode()
        named = {"understudy-session": self.session}
        if self.scenario:
            named["prefer"] = f"scenario={self.scenario}"
        if body:
            named["content-type"] = "application/json"
        path, _, query = target.partition("?")
        request = Request(method, f"/shop{path}", query, {**named, **(headers or {})}, "http://mock.test", body=body)
        response = self.apis.answer(request._replace(**more))
        assert response
        return response

    def get(self, target: str) -> Any:
        """The body of a GET, or its status where it fails."""
        response = self.ask("GET", target)
        return json.loads(response.body) if response.status == 200 else response.status

    def clean(self) -> Shop:
        """The same session's client without the scenario."""
        return self._replace(scenario="")
