"""The published document leads to the mock for tokens, so that a client generated from it is given some that work."""

from __future__ import annotations

import httpx
import pytest

from tests.conftest import Served, Start
from tests.tokens.playing import SHOP


@pytest.fixture(scope="module")
def served(start: Start) -> Served:
    return start(str(SHOP))


def test_every_url_of_a_scheme_is_the_mocks_and_answers(served: Served) -> None:
    schemes = httpx.get(f"{served.url}/openapi/shop.json", timeout=20).json()["components"]["securitySchemes"]
    flows = schemes["oauth"]["flows"]
    (token,) = {flow["tokenUrl"] for flow in flows.values()}
    given = httpx.post(token, data={"grant_type": "client_credentials"}, auth=("ann", "s"), timeout=20).json()
    shown = {"authorization": f"Bearer {given['access_token']}"}
    assert httpx.get(f"{served.url}/v1/orders", headers=shown, timeout=20).status_code == 200
    found = httpx.get(schemes["openid"]["openIdConnectUrl"], timeout=20).json()
    assert schemes["openid"]["openIdConnectUrl"].startswith(found["issuer"])
    pages = (
        flows["authorizationCode"]["authorizationUrl"],
        schemes["implicit"]["flows"]["implicit"]["authorizationUrl"],
    )
    assert [httpx.get(page, timeout=20).status_code for page in pages] == [400, 400], "asked for nothing"
    assert schemes["jwt"]["bearerFormat"] == "JWT"
    assert flows["password"]["scopes"] == {"orders:read": "Read orders", "orders:write": "Write orders"}
