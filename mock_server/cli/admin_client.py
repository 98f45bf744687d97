"""A running server asked over its admin API, and a part of its journal sent to it again."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from mock_server.contract import Contract
from mock_server.errors import UsageError

TIMEOUT_SECONDS = 10.0
NOT_SENT_AGAIN = ("host", "content-length", "connection", "understudy-session", "transfer-encoding")


class Server(NamedTuple):
    """Where a server is, and the token it wants from afar."""

    url: str
    token: str = ""

    def ask(self, method: str, path: str, told: Any = None) -> Any:
        """One call of the admin API; raises UsageError with what the server says."""
        headers = {"Content-Type": "application/json"} if told is not None else {}
        headers |= {"Understudy-Token": self.token} if self.token else {}
        body = json.dumps(told).encode() if told is not None else b""
        try:
            status, _, content = send(self.url, method, f"/__admin{path}", headers, body)
        except OSError as error:
            raise UsageError(f"No server answers at {self.url} ({error}); `understudy serve` starts one.") from None
        answer = _read(content)
        if status >= 400 or answer is None:
            detail = answer.get("detail", "") if isinstance(answer, dict) else ""
            raise UsageError(detail or f"{self.url} answered {status}: is it Understudy?")
        return answer


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def send(url: str, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any, bytes]:
    """Send one request; status, headers and body, or an OSError where the connection broke."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise UsageError(f"{url!r} is no URL of a server; expected http://127.0.0.1:8080 or the like.")
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(method, target, body or None, dict(headers))
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    except http.client.HTTPException as error:
        raise ConnectionError(str(error) or type(error).__name__) from None
    finally:
        connection.close()


class Replayed(NamedTuple):
    """One request sent again: what it was answered then and now, and where the two differ (empty: nowhere)."""

    method: str
    url: str
    then: str
    now: str
    differs: str


def replay(server: Server, excerpt: Any, contracts: Mapping[str, Contract], session: str) -> Iterator[Replayed]:
    """Send the requests of an excerpt of the journal again, oldest first, in a session of its own."""
    listed = excerpt.get("requests", [excerpt]) if isinstance(excerpt, dict) else excerpt
    if not isinstance(listed, list) or not all(isinstance(each, dict) and "request" in each for each in listed):
        raise UsageError("This is no excerpt of a journal: expected what GET /__admin/requests?bodies=true gives.")
    settings = excerpt.get("meta", {}).get("settings", {}) if isinstance(excerpt, dict) else {}
    server.ask("POST", f"/sessions/{session}/reset")
    if settings:
        told = {name: value for name, value in settings.items() if name not in ("name", "lastUsed")}
        server.ask("PUT", f"/sessions/{session}", told)
    oldest_first = list(reversed(listed))  # so that those of one millisecond keep their order
    oldest_first.sort(key=lambda each: each["request"].get("loggedDate", 0))
    for entry in oldest_first:
        yield _again(server, entry, contracts, session)


def _again(server: Server, entry: Mapping[str, Any], contracts: Mapping[str, Contract], session: str) -> Replayed:
    asked = entry["request"]
    url = _without_session(asked["url"])
    credentials = _credentials(contracts.get(entry.get("understudy", {}).get("provider", "")))
    headers = {n: _unlabel(v, credentials) for n, v in asked["headers"].items() if n.lower() not in NOT_SENT_AGAIN}
    headers["Understudy-Session"] = session
    target = quote(_unlabel(url, credentials), safe="/?&=%+~:,;@!$'()*#[]")
    then = entry.get("responseDefinition", {})
    was = then.get("fault") or str(then.get("status", "?"))
    try:
        status, _, content = send(server.url, asked["method"], target, headers, asked.get("body", "").encode())
    except OSError as error:
        return Replayed(asked["method"], url, was, "no whole answer", "" if then.get("fault") else str(error))
    differs = _difference(entry, status, content, server.url)
    return Replayed(asked["method"], url, was, str(status), differs)


def _without_session(url: str) -> str:
    return url[url.find("/", 2) :] if url.startswith("/~") else url


def _credentials(contract: Contract | None) -> dict[str, str]:
    """The listed credentials by the label that the journal writes for them."""
    schemes = contract.schemes if contract else ()
    return {f"[{state}]": values[0] for scheme in schemes for state, values in scheme.values.items()}


def _unlabel(text: str, credentials: Mapping[str, str]) -> str:
    for label, value in credentials.items():
        text = text.replace(label, value)
    return text


def _difference(entry: Mapping[str, Any], status: int, content: bytes, base: str) -> str:
    """Where an answer is another than it was: its status, or the first place of its body."""
    then = entry.get("responseDefinition", {})
    if then.get("fault"):
        return f"{then['fault']} then, an answer now"
    if then.get("status") != status:
        return f"status {then.get('status')} then, {status} now"
    before = entry.get("response", {}).get("body")
    if before is None:
        return ""
    asked = entry["request"]
    there = asked["absoluteUrl"].removesuffix(asked["url"])
    prefix = asked["url"].removesuffix(_without_session(asked["url"]))
    before = before.replace(there.replace("/", "\\/"), base).replace(there + prefix, base).replace(there, base)
    return _first(_read(before.encode()) or before, _read(content) or content.decode("utf-8", "replace"), "")


def _first(before: Any, now: Any, place: str) -> str:
    if isinstance(before, dict) and isinstance(now, dict):
        for name in {**before, **now}:
            if (before.get(name), name in before) != (now.get(name), name in now):
                return _first(before.get(name), now.get(name), f"{place}/{name}")
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (old, new) in enumerate(zip(before, now)):
            if old != new:
                return _first(old, new, f"{place}/{number}")
    return "" if before == now else f"{place or 'the body'}: {_short(before)} then, {_short(now)} now"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
