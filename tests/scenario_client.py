"""A client that plays one scenario with one provider over raw sockets, and sees every byte."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from contract_tests.context.listing import Listing
from mock_server.contract.documents import find_pointer
from mock_server.contract.model import Contract, Operation
from tests.conftest import CREDENTIALS
from tests.raw import Answer, parse, read_all


@dataclass
class Seen:
    """What came over the wire: every byte, how the connection ended (`closed`, `reset`, `open`), and how long it took."""

    data: bytes
    ended: str
    seconds: float
    arrivals: list[float] = field(default_factory=list)

    @property
    def answer(self) -> Answer:
        """The response that the bytes are."""
        return parse(self.data)

    @property
    def status(self) -> int:
        """Its status."""
        return self.answer.status

    @property
    def json(self) -> Any:
        """Its body as JSON."""
        return json.loads(self.answer.body)

    def header(self, name: str) -> str:
        """One header, or an empty text."""
        return self.answer.headers.get(name, "")


class ScenarioClient:
    """Requests of one session, each of which asks for a scenario."""

    def __init__(self, port: int, contract: Contract, scenario: str, session: str, patience: float = 20) -> None:
        self.port, self.contract, self.scenario, self.session = port, contract, scenario, session
        self.patience = patience
        self.list = next(operation for operation in contract.operations if operation.is_list)
        self.record = next((operation for operation in contract.operations if operation.key), None)
        self.listing = Listing(contract, self.list)

    def status_of(self, kind: str) -> int:
        """The documented status of an error kind."""
        documented = self.list.errors.get(kind) or self.contract.errors.get(kind)
        return (
            documented.status
            if documented
            else {"forbidden": self.status_of("unauthenticated")}.get(kind, 429)
            if kind in ("forbidden", "throttled")
            else 0
        )

    def ask(self, operation: Operation | None = None, scenario: str | None = None, key: Any = "", **roles: Any) -> Seen:
        """One request, by default for the first page of the list."""
        operation = operation or self.list
        query: dict[str, Any] = self.listing.query(**roles) if operation.is_list else {}
        wanted = self.scenario if scenario is None else scenario
        path = f"/{self.contract.provider}{operation.path}".replace("{" + operation.key + "}", str(key))
        target = f"{path}?{urlencode({**query, **({'__scenario': wanted} if wanted else {})})}"
        headers = {**CREDENTIALS[self.contract.provider], "understudy-session": self.session}
        return send_raw(self.port, f"GET {target}", headers, self.patience)

    def clean(self, **roles: Any) -> Seen:
        """The same request without the scenario."""
        return self.ask(scenario="", **roles)

    def records(self, seen: Seen) -> list[dict[str, Any]]:
        """The records of a page."""
        records: list[dict[str, Any]] = find_pointer(seen.json, self.listing.places["items"].pointer)
        return records

    def keys(self, seen: Seen) -> list[Any]:
        """Their keys."""
        return [record[self.listing.key] for record in self.records(seen)]

    def total(self, seen: Seen) -> int:
        """How many records the page says there are."""
        place = self.listing.places.get("total") or self.listing.places["unfiltered_total"]
        return int(find_pointer(seen.json, place.pointer))


def send_raw(port: int, line: str, headers: Mapping[str, str], patience: float = 20, body: bytes = b"") -> Seen:
    """Send one request and take in what comes, how it ends and when."""
    head = "\r\n".join(
        [
            f"{line} HTTP/1.1",
            *(f"{n}: {v}" for n, v in headers.items()),
            "host: 127.0.0.1",
            "connection: close",
            "",
            "",
        ],
    )
    started, data, arrivals, ended = time.monotonic(), b"", [], "closed"
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        connection.sendall(head.encode("latin-1") + body)
        try:
            while chunk := connection.recv(65536):
                data += chunk
                arrivals.append(time.monotonic() - started)
        except ConnectionResetError:
            ended = "reset"
        except TimeoutError:
            ended = "open"
    return Seen(data, ended, time.monotonic() - started, arrivals)


__all__ = ["ScenarioClient", "Seen", "read_all", "send_raw"]
