"""A mock in this process that plays one reading: what the target is compared with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from contract_tests.context import Listing
from contract_tests.readings.fingerprints import Observation
from contract_tests.readings.probes import Probe
from contract_tests.transport import NO_JSON, present, required_headers
from mock_server.contract import Contract, find_pointer
from mock_server.messages import Request
from mock_server.sessions import MockApis, Settings, make_apis

MAX_PAGES = 200


class ReadingMock:
    """A mock in process that plays one reading, asked by the same recipes as the target."""

    def __init__(self, contract: Contract, count: int | None, cache: Path | None) -> None:
        self.contract = contract
        self._credentials = {s.name: {"valid": s.values["valid"][0]} for s in contract.schemes}
        settings = Settings(limits="off", records=count, cache=cache)
        self._apis: MockApis = make_apis({contract.provider: contract}, settings)
        self.records = list(self._records())

    def _records(self) -> Iterator[Any]:
        """The records in the list's order, as its pages show them."""
        operation = next((o for o in self.contract.operations if o.is_list), None)
        if operation is None:
            return
        listing, number, is_page = Listing(self.contract, operation), 1, True
        while is_page and number <= MAX_PAGES:
            sizes = {"size": listing.max_size} if "size" in listing.parameters else {}
            where = {"number": number} if "number" in listing.parameters else {}
            # What a contract requires may be required by this very reading: without it there are no records at all.
            query, headers = listing.query(**sizes, **where), required_headers(operation)
            observation = self.answer(Probe(operation, query, headers=headers))
            page = find_pointer(observation.body, listing.places["items"].pointer) if observation.status < 300 else []
            is_page = isinstance(page, list) and bool(page)
            yield from page if is_page else ()
            number = number + 1 if where else MAX_PAGES + 1

    def answer(self, probe: Probe) -> Observation:
        """The mock's answer to a probe."""
        presented = present(self._credentials, probe.operation, probe.credential)
        headers = {"Accept": "*/*", **probe.headers, **presented.headers}
        query = "&".join(part for part in (query_of(probe), urlencode(presented.query)) if part)
        headers = {name.lower(): value for name, value in headers.items()}
        path = f"/{self.contract.provider}{path_of(probe)}"
        response = self._apis.answer(Request(probe.operation.method, path, query, headers, "http://reading"))
        assert response is not None
        received = dict(response.headers)
        media = received.get("content-type", "").partition(";")[0]
        prefix = f"/{self.contract.provider}{self.contract.base_path}"
        location = received.get("location", "")
        return Observation(response.status, response.reason, media, _json(response.body), prefix, location)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return NO_JSON


def path_of(probe: Probe) -> str:
    """The path that a probe asks for, in the spelling it wants to try."""
    path = probe.operation.path
    for name, value in probe.path_values.items():
        path = path.replace("{" + name + "}", quote(str(value), safe=""))
    head, _, last = path.rpartition("/")
    return f"{head}/{last.swapcase()}" if probe.change_path == "upper" else path + probe.change_path


def query_of(probe: Probe) -> str:
    """The query of a probe, encoded."""
    return urlencode(probe.query, doseq=True)


def describe(probe: Probe) -> str:
    """A probe in words: the method, the path with its query, and the credential where it is not the valid one."""
    query = query_of(probe)
    with_what = "" if probe.credential == "valid" else f" with {probe.credential} credential"
    return f"{probe.operation.method} {path_of(probe)}{'?' + query if query else ''}{with_what}"
