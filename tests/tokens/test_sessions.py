"""Tokens over real sockets and two workers: scenarios, the admin API, the journal, and clients that go on without."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from tests.conftest import Served, Start
from tests.tokens.playing import SHOP


class Answer(NamedTuple):
    """A status and a body; JSON as values."""

    status: int
    body: Any


class Client(NamedTuple):
    """One session of a served document, over a connection for each request, so that any worker may get it."""

    served: Served
    name: str

    def ask(self, method: str, path: str, sent: Any = None, token: str = "") -> Answer:
        """The answer to a request: what is a mapping is sent as a form, bytes as JSON."""
        form = isinstance(sent, Mapping)
        headers = {"understudy-session": self.name}
        headers |= {"authorization": f"Bearer {token}"} if token else {}
        if sent is not None:
            headers["content-type"] = "application/x-www-form-urlencoded" if form else "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=20)
        connection.request(method, path, urlencode(sent) if form else sent, headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return Answer(response.status, json.loads(body) if body[:1] in (b"{", b"[") else body)

    def get_token(self, **more: str) -> str:
        """A token of the client credentials."""
        sent = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "secret", **more}
        return str(self.ask("POST", "/oauth/token", sent).body["access_token"])

    def change(self, **settings: Any) -> None:
        """Change the session."""
        assert self.ask("PUT", f"/__admin/sessions/{self.name}", json.dumps(settings)).status == 200

    def statuses(self, token: str, calls: int, path: str = "/v1/orders") -> list[int]:
        """The statuses of so many calls with a token."""
        return [self.ask("GET", path, token=token).status for _ in range(calls)]

    def rules(self) -> set[str]:
        """What the client did wrong."""
        verdicts = self.ask("GET", f"/__admin/verdicts?session={self.name}").body["verdicts"]
        return {verdict["rule"] for verdict in verdicts}


@pytest.fixture(scope="module")
def served(start: Start) -> Served:
    return start(str(SHOP), "--workers", "2")


def test_a_token_works_in_every_worker_and_in_its_session_alone(served: Served) -> None:
    ann, bob = Client(served, "ann"), Client(served, "bob")
    token = ann.get_token()
    assert ann.statuses(token, 8) == [200] * 8
    assert bob.statuses(token, 2) == [401] * 2
    assert ann.ask("POST", "/__admin/sessions/ann/reset").status == 200
    assert ann.statuses(token, 4) == [401] * 4


SCENARIOS = [
    ("credential-expires", 2, "/v1/orders"),
    ("credential-revoked", 0, "/v1/orders"),
    ("credential-expires-while-paging", 0, "/v1/orders?page=2"),
]


@pytest.mark.parametrize(("scenario", "before", "path"), SCENARIOS, ids=[row[0] for row in SCENARIOS])
def test_a_client_that_asks_again_gets_on(served: Served, scenario: str, before: int, path: str) -> None:
    client = Client(served, f"on-{scenario}")
    token = client.get_token()
    client.change(scenarios=[scenario])
    assert client.statuses(token, before + 1, path) == [*[200] * before, 401]
    again = client.get_token()
    assert client.statuses(again, 6, path) == [200] * 6
    assert client.rules() == set()


def test_a_client_that_goes_on_with_a_dead_token_is_named(served: Served) -> None:
    client = Client(served, "stubborn")
    token = client.get_token()
    client.change(scenarios=["credential-expires"])
    assert client.statuses(token, 5) == [200, 200, 401, 401, 401]
    assert client.rules() == {"used_dead_credential"}


def test_an_inactive_credential_is_no_matter_of_tokens(served: Served) -> None:
    client = Client(served, "inactive")
    client.change(scenarios=["credential-inactive"])
    assert [client.statuses(client.get_token(), 1) for _ in range(2)] == [[403], [403]]


def test_a_token_expires_by_the_clock_of_its_session(served: Served) -> None:
    client = Client(served, "late")
    token = client.get_token()
    client.change(clockOffsetSeconds=3700)
    assert client.statuses(token, 1) == [401]
    assert client.statuses(client.get_token(), 1) == [200]


def test_tokens_are_listed_and_revoked(served: Served) -> None:
    client, other = Client(served, "admin"), Client(served, "other")
    tokens, kept = [client.get_token(scope="orders:read") for _ in range(3)], other.get_token()
    listed = client.ask("GET", "/__admin/tokens?session=admin").body["tokens"]
    assert [each["ending"] for each in listed] == [token[-4:] for token in reversed(tokens)]
    first = listed[0]
    assert (first["kind"], first["client"], first["scopes"], first["ended"]) == ("access", "a", ["orders:read"], "")
    assert not any(token in json.dumps(listed) for token in tokens)
    assert client.ask("DELETE", f"/__admin/tokens/{first['id']}").body == {"revoked": 1}
    assert [client.statuses(token, 1) for token in tokens] == [[200], [200], [401]]
    assert client.ask("DELETE", "/__admin/tokens?session=admin").body == {"revoked": 2}
    assert [client.statuses(token, 1) for token in tokens] == [[401]] * 3
    assert other.statuses(kept, 1) == [200]
    assert client.ask("DELETE", "/__admin/tokens/0123456789abcdef").status == 404
    assert client.ask("GET", "/__admin/tokens?session=nobody").status == 404


def test_no_token_stands_in_the_journal_in_clear(served: Served) -> None:
    client = Client(served, "journal")
    sent = {"grant_type": "password", "username": "u", "password": "pass-word-1"}
    given = client.ask("POST", "/oauth/token", sent).body
    asked = urlencode({"response_type": "code", "client_id": "a", "redirect_uri": "http://localhost/cb"})
    client.ask("GET", f"/oauth/authorize?{asked}")
    client.statuses(given["access_token"], 1)
    client.ask("POST", "/oauth/token", {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]})
    text = json.dumps(client.ask("GET", "/__admin/requests?session=journal&bodies=true").body)
    for secret in (given["access_token"], given["refresh_token"], "pass-word-1"):
        assert secret not in text
    assert re.search(r"code=\[redacted", text) and len(set(re.findall(r"\[redacted ([0-9a-f]{8})", text))) >= 5
    # The mark of a token is the same where it is given and where it is shown, and the admin API tells it.
    listed = client.ask("GET", "/__admin/tokens?session=journal").body["tokens"]
    assert all(each["journal"] in text for each in listed)


def test_no_token_stands_in_a_file_in_clear(tmp_path: Path, start: Start) -> None:
    served = start(str(SHOP), "--keep", str(tmp_path / "kept"))
    token = Client(served, "ann").get_token()
    served.process.terminate()
    served.process.wait(10)
    assert all(token.encode() not in path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file())
    again = start(str(SHOP), "--keep", str(tmp_path / "kept"))
    assert Client(again, "ann").statuses(token, 2) == [200, 200]
