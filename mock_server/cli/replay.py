"""A part of a server's journal sent to it again, request by request, and where its answers differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from mock_server.cli.admin_client import Server, read_json, send
from mock_server.contract import Contract
from mock_server.errors import UsageError

NOT_SENT_AGAIN = ("host", "content-length", "connection", "understudy-session", "transfer-encoding")
NOT_SET_AGAIN = ("name", "lastUsed")
MAX_SHOWN = 60


class Replayed(NamedTuple):
    """One request sent again: what it was answered then and now, and where the two differ (empty: nowhere)."""

    method: str
    url: str
    then: str
    now: str
    differs: str


class Excerpt(NamedTuple):
    """A part of a journal: its entries as the admin API gives them, oldest first, and the session's settings."""

    entries: tuple[Mapping[str, Any], ...]
    settings: Mapping[str, Any]


def load_excerpt(path: Path) -> Excerpt:
    """An excerpt from what `GET /__admin/requests?bodies=true` gave, or one entry of it; raises UsageError."""
    try:
        loaded: Any = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON: {error}.") from None
    listed = loaded.get("requests", [loaded]) if isinstance(loaded, dict) else loaded
    meta = loaded.get("meta", {}) if isinstance(loaded, dict) else {}
    settings = meta.get("settings", {}) if isinstance(meta, dict) else {}
    if not isinstance(listed, list) or not all(map(_is_entry, listed)) or not isinstance(settings, dict):
        raise UsageError(
            f"{path} is no excerpt of a journal: expected what GET /__admin/requests?bodies=true gives.",
        )
    oldest_first = list(reversed(listed))  # so that those of one millisecond keep their order
    oldest_first.sort(key=lambda entry: entry["request"].get("loggedDate", 0))
    return Excerpt(tuple(oldest_first), {name: settings[name] for name in settings if name not in NOT_SET_AGAIN})


REQUIRED = ("url", "absoluteUrl", "method", "headers")
TYPES: Mapping[str, Mapping[str, type]] = {
    "request": {"url": str, "absoluteUrl": str, "method": str, "headers": dict, "body": str, "loggedDate": int},
    "responseDefinition": {"status": int, "fault": str},
    "response": {"body": str},
    "understudy": {"provider": str},
}
"""What is read of an entry, and of which type each is where it is there."""


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    parts = {part: entry.get(part, {}) for part in TYPES}
    if not all(isinstance(value, dict) for value in parts.values()) or not set(REQUIRED) <= set(parts["request"]):
        return False
    fields = [(parts[part][name], kind) for part in TYPES for name, kind in TYPES[part].items() if name in parts[part]]
    if not all(isinstance(value, kind) for value, kind in fields):
        return False
    return all(isinstance(value, str) for value in parts["request"]["headers"].values())


def replay(server: Server, excerpt: Excerpt, contracts: Mapping[str, Contract], session: str) -> Iterator[Replayed]:
    """Send the requests of an excerpt again, in order, in a session of its own; raises UsageError."""
    server.ask("POST", f"/sessions/{quote(session, safe='')}/reset")
    if excerpt.settings:
        server.ask("PUT", f"/sessions/{quote(session, safe='')}", body=excerpt.settings)
    for entry in excerpt.entries:
        yield _send_again(server, entry, contracts, session)


def _send_again(
    server: Server,
    entry: Mapping[str, Any],
    contracts: Mapping[str, Contract],
    session: str,
) -> Replayed:
    request, then = entry["request"], entry.get("responseDefinition", {})
    url = _without_session(request["url"])
    credentials = _credentials(contracts.get(entry.get("understudy", {}).get("provider", "")))
    headers = {n: _unlabel(v, credentials) for n, v in request["headers"].items() if n.lower() not in NOT_SENT_AGAIN}
    headers["Understudy-Session"] = session
    target = quote(_unlabel(url, credentials), safe="/?&=%+~:,;@!$'()*#[]")
    before = then.get("fault") or str(then.get("status", "?"))
    try:
        status, body = send(server.url, request["method"], target, headers, request.get("body", "").encode())
    except OSError as error:
        reason = "" if then.get("fault") else error.strerror or str(error)
        return Replayed(request["method"], url, before, "no whole answer", reason)
    return Replayed(request["method"], url, before, str(status), _difference(entry, status, body, server.url))


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


def _difference(entry: Mapping[str, Any], status: int, body: bytes, base: str) -> str:
    """Where an answer is another than it was: its status, or the first place of its body."""
    then = entry.get("responseDefinition", {})
    if then.get("fault"):
        return f"{then['fault']} then, an answer now"
    if then.get("status") != status:
        return f"status {then.get('status')} then, {status} now"
    before = entry.get("response", {}).get("body")
    if before is None:
        return ""
    request = entry["request"]
    # Links in a body lead to the server that made it, at another port perhaps, and into its session.
    there = request["absoluteUrl"].removesuffix(request["url"])
    prefix = request["url"].removesuffix(_without_session(request["url"]))
    before = before.replace(there.replace("/", "\\/"), base).replace(there + prefix, base).replace(there, base)
    return _first(read_json(before.encode()) or before, read_json(body) or body.decode("utf-8", "replace"), "")


def _first(before: Any, now: Any, place: str) -> str:
    """The first place where two JSON values differ, in words; empty where they are one."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in {**before, **now}:
            if (before.get(name), name in before) != (now.get(name), name in now):
                return _first(before.get(name), now.get(name), f"{place}/{name}")
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (old, new) in enumerate(zip(before, now)):
            if old != new:
                return _first(old, new, f"{place}/{number}")
    return "" if before == now else f"{place or 'the body'}: {_shorten(before)} then, {_shorten(now)} now"


def _shorten(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}…"
