"""The mock without a socket: requests of a session are answered in this process, so generated cases go sooner."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from mock_server.contract import Contract
from mock_server.messages import Request, Response
from mock_server.sessions import MockApis, Settings, make_apis


class InProcessAdapter(HTTPAdapter):
    """Answers what a session sends from the mock of one contract."""

    def __init__(self, contract: Contract, base_url: str) -> None:
        super().__init__()
        self._apis: MockApis = make_apis({contract.provider: contract}, Settings(limits="off"))
        self._mount = f"/{contract.provider}"
        self._prefix = urlsplit(base_url).path.removesuffix(contract.base_path)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The mock's answer, as a session wants it."""
        parts = urlsplit(request.url or "")
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        path = self._mount + unquote(parts.path).removeprefix(self._prefix)
        asked = Request(
            request.method or "GET",
            path,
            parts.query,
            headers,
            f"{parts.scheme}://{parts.netloc}",
            body=body.encode() if isinstance(body := request.body or b"", str) else bytes(body),
        )
        answer = self._apis.answer(asked)
        assert answer is not None
        return self.build_response(request, _raw(answer))


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _raw(answer: Response) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(
        io.BytesIO(answer.body),
        urllib3.HTTPHeaderDict(answer.headers),
        answer.status,
        reason=answer.reason or None,
        preload_content=False,
    )
