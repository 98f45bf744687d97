"""What others do to a session's records while it looks: changes that come between, and changes that are seen late."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_server.contract import Operation
from mock_server.engine import CompiledOperation, Match, MockApi, PlayContext
from mock_server.faults import is_write
from mock_server.messages import Request, Response
from mock_server.state import Lags

MAX_TRIED = 24
"""So many changes of a record are tried until the API takes one."""

OWN = ("if-match", "if-none-match", "idempotency-key", "content-type", "content-length", "prefer")
"""Headers that are about the client's own write, and not the other one's."""


def find_shown(lags: Lags | None, match: Match[CompiledOperation], context: PlayContext) -> str | None:
    """The scope of the changes that a read sees where it lags; None where it sees them all. A write begins to wait."""
    lag = context.effects.lag
    if lag is None or lags is None:
        return None
    if is_write(match.target.operation):
        lags.begin(context.scope, context.clock_seconds)
        return None
    return lags.show(context.scope, lag.calls, lag.seconds, context.clock_seconds)


def write_meanwhile(api: MockApi, match: Match[CompiledOperation], request: Request, context: PlayContext) -> None:
    """Before a request is played, somebody else changes the record that it is about, as the API lets anybody do."""
    if context.effects.meanwhile and match.target.operation.key:
        foreign = PlayContext(scope=context.scope, clock_seconds=context.clock_seconds, counts=False)
        MEANWHILE[context.effects.meanwhile](_Other(api, match, request, foreign))


class _Other:
    """Somebody else who writes the record that a request is about, with that request's credential."""

    def __init__(self, api: MockApi, match: Match[CompiledOperation], request: Request, context: PlayContext) -> None:
        self.api, self.context, self.operation, self._match = api, context, match.target.operation, match
        headers = {name: value for name, value in request.headers.items() if name not in OWN}
        self.sent = request.body.decode("utf-8", "replace")
        self._request = request._replace(headers=headers, body=b"", query="")

    def find(self, *effects: str) -> Iterator[Match[CompiledOperation]]:
        """The operations with these effects on the same record."""
        for effect, each in itertools.product(effects, self.api.contract.operations):
            if each.effect == effect and each.collection == self.operation.collection and each.key:
                path = self._fill(each)
                match = self.api.find(each.method, path) if path else None
                if match and match.target.operation is each:
                    yield match

    def _fill(self, operation: Operation) -> str:
        """The path of another operation on the record; empty where it asks for what the request's path does not say."""
        values = {**self._match.values, operation.key: self._match.values[self.operation.key]}
        path = operation.path
        for name, value in values.items():
            path = path.replace("{" + name + "}", value.replace("%", "%25").replace("/", "%2F"))
        return "" if "{" in path else path

    def ask(self, match: Match[CompiledOperation], headers: Mapping[str, str], body: bytes = b"") -> Response:
        """The answer to a request of somebody else."""
        operation = match.target.operation
        sent = {**self._request.headers, **headers}
        request = self._request._replace(method=operation.method, path=self._fill(operation), headers=sent, body=body)
        return self.api.answer(match, request, self.context)


def _delete(other: _Other) -> None:
    for match in other.find("delete"):
        if other.ask(match, {}).status < 300:
            return
    sources, key = other.api.sources, next(iter(other.find("get")), None)
    if key:
        sources.take(other.operation.collection, other.context.scope, key.values[key.target.operation.key])


def _update(other: _Other) -> None:
    """One field of the record, another value: the first change that takes, of what the client is to write if it may."""
    read = next(iter(other.find("get")), None)
    collection = other.api.contract.collections.get(other.operation.collection)
    response = other.ask(read, {}) if read else None
    record = _find_record(response.body, collection.key) if response and collection else None
    if read and response and collection and record:
        names = sorted(record.keys() - {collection.key}, key=lambda name: (name not in other.sent, name))
        changes = [{name: each} for name in names for each in _change(record[name])]
        etag = dict(response.headers).get("etag")
        condition = {"if-match": etag} if etag else {}
        for match, change in itertools.islice(itertools.product(other.find("patch", "replace"), changes), MAX_TRIED):
            _write(other, match, condition, record, change)
            # Some say yes to what they do not take.
            if other.ask(read, {}).body != response.body:
                return


def _write(
    other: _Other,
    match: Match[CompiledOperation],
    condition: Mapping[str, str],
    record: Mapping[str, Any],
    change: Mapping[str, Any],
) -> None:
    """A change of a record, as a patch or as the whole of it."""
    is_patch = match.target.operation.effect == "patch"
    body = json.dumps(change if is_patch else {**record, **change}).encode()
    types = ("application/merge-patch+json", "application/json") if is_patch else ("application/json",)
    any(other.ask(match, {**condition, "content-type": each}, body).status < 300 for each in types)


def _find_record(body: bytes, key: str) -> dict[str, Any] | None:
    """The record in an answer: the body itself, or what it wraps."""
    try:
        whole = json.loads(body)
    except ValueError:
        return None
    wrapped = list(whole.values()) if isinstance(whole, dict) else []
    return next((each for each in [whole, *wrapped] if isinstance(each, dict) and key in each), None)


def _change(value: Any) -> Iterator[Any]:
    """Other values of the same type, for whoever documents which."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, str):
        yield from (f"{value} (changed by somebody else)", f"{value}2", value[::-1])
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1)


MEANWHILE: Mapping[str, Callable[[_Other], None]] = {"RECORD_UPDATED": _update, "RECORD_DELETED": _delete}
"""What somebody else does, by the name a scenario gives it."""
