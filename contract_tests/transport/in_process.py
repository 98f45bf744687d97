"""The mock without a socket: generated requests are answered in this process, so they go sooner."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from contract_tests.transport.exchanges import Answer, Exchange
from contract_tests.transport.guard import Refused
from contract_tests.transport.targets import Target
from mock_server.contract import Contract
from mock_server.messages import Request, decode_path
from mock_server.sessions import Settings, make_apis


class InProcessMock:
    """A mock of one contract that answers what would be sent to a target."""

    def __init__(self, contract: Contract, target: Target) -> None:
        self._apis = make_apis({contract.provider: contract}, Settings(limits="off"))
        self._provider = contract.provider
        self._mount = f"/{contract.provider}"
        self._host = target.host
        self._prefix = urlsplit(target.base_url).path.removesuffix(contract.base_path)

    def forward(self, method: str, url: str, headers: Mapping[str, str], body: bytes, check: str) -> Exchange:
        """The exchange with the mock of a request for a URL of the target. Raises Refused for any other."""
        parts = urlsplit(url)
        path = self._mount + decode_path(parts.path).removeprefix(self._prefix)
        lower = {name.lower(): value for name, value in headers.items()}
        request = Request(method, path, parts.query, lower, f"{parts.scheme}://{parts.netloc}", body=body)
        started = time.perf_counter()
        response = self._apis.answer(request) if parts.netloc == self._host else None
        if response is None:
            raise Refused(f"{url} was not asked for: the mock in this process plays {self._host}{self._prefix} only.")
        # The server writes the usual reason where none is documented, and no body for HEAD; so do we.
        reason = response.reason or http.client.responses.get(response.status, "")
        content = b"" if method == "HEAD" else response.body
        answer = Answer(response.status, reason, tuple(response.headers), content, time.perf_counter() - started)
        return Exchange(self._provider, "", check, method, url, tuple(headers.items()), answer)
