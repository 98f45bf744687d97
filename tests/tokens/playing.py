"""A document with OAuth 2 and OpenID Connect, played in process for any session, at any time."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from mock_server.contract import load_document
from mock_server.engine import MockApi, PlayContext
from mock_server.inference import annotate
from mock_server.messages import Request, Response
from mock_server.openapi import Document
from mock_server.plain import load_plain_contract
from mock_server.sessions import Settings
from mock_server.sessions.factory import make_api
from mock_server.state import open_state

SHOP = Path(__file__).parent / "shop.yaml"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
CALLBACK = "https://client.example/callback"


class Shop(NamedTuple):
    """A mock API to ask, in a session by a clock."""

    api: MockApi
    context: PlayContext = PlayContext()

    def later(self, seconds: float) -> Shop:
        """The same when the session's clock has gone on."""
        return self._replace(context=self.context._replace(clock_seconds=self.context.clock_seconds + seconds))

    def of(self, session: str) -> Shop:
        """The same for another session."""
        return self._replace(context=self.context._replace(scope=f"~{session}/1/" if session else ""))

    def ask(
        self,
        target: str,
        sent: Mapping[str, Any] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "",
        media_type: str = FORM,
    ) -> Response:
        """The answer to a request; what is sent makes it a POST, as a form or as JSON."""
        path, _, query = target.partition("?")
        body = b"" if sent is None else sent if isinstance(sent, bytes) else _write(sent, media_type)
        written = {"content-type": media_type} if sent is not None else {}
        method = method or ("GET" if sent is None else "POST")
        request = Request(method, path, query, {**written, **(headers or {})}, "http://mock", "/shop", body=body)
        match = self.api.find(method, path)
        return self.api.answer(match, request, self.context) if match else self.api.answer_unmatched(request)

    def get_tokens(self, path: str = "/oauth/token", client: str = "ann:secret", **sent: str) -> dict[str, Any]:
        """The tokens of a grant that succeeds."""
        headers = {"authorization": basic(client)} if client else {}
        response = self.ask(path, sent, headers)
        assert response.status == 200, response
        return dict(json.loads(response.body))

    def get_code(self, **more: str) -> str:
        """A code from the authorize page."""
        asked = {"response_type": "code", "client_id": "ann", "redirect_uri": CALLBACK, **more}
        response = self.ask(f"/oauth/authorize?{urlencode(asked)}")
        assert response.status == 302, response
        return parse_qs(urlsplit(dict(response.headers)["location"]).query)["code"][0]

    def status(self, token: str, path: str = "/v1/orders", method: str = "GET") -> int:
        """The status of a call with a token."""
        sent = {"id": 1} if method == "POST" else None
        return self.ask(path, sent, bearer(token), method, JSON).status


def basic(client: str) -> str:
    """A client's name and secret as `Authorization` carries them."""
    return f"Basic {base64.b64encode(client.encode()).decode()}"


def bearer(token: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"authorization": f"Bearer {token}"}


def _write(sent: Mapping[str, Any], media_type: str) -> bytes:
    return json.dumps(sent).encode() if media_type == JSON else urlencode(sent).encode()


def open_shop(folder: Path, credentials: str = "any", seed: str = "s", root: Any = None) -> Shop:
    """The document beside these tests, or another one, over the state in a folder."""
    document, _ = annotate(Document("shop", root or load_document(SHOP), "Shop"))
    contract = load_plain_contract(document, credentials)
    return Shop(make_api(contract, Settings(seed=seed, credentials=credentials), state=open_state(folder)))
