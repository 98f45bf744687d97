"""What a session was asked and what it answered, and what a test says of that."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

MAX_SHOWN = 20
"""So many requests are shown where a test fails; the last ones."""

MAX_LINE = 160


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as the journal has them: what is secret in them is replaced.

    `operation` is the documented operation that was asked, empty where none was; `scenarios` are those that played.
    `query` has a list of values for each name; header names are in lower case.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: str
    status: int
    response_headers: Mapping[str, str]
    response_body: str
    provider: str
    operation: str
    scenarios: tuple[str, ...]
    at: datetime
    id: str = field(repr=False, default="")

    @property
    def json(self) -> Any:
        """The request's body as JSON. Raises: ValueError where it is none."""
        return json.loads(self.body)

    @property
    def response_json(self) -> Any:
        """The answer's body as JSON. Raises: ValueError where it is none."""
        return json.loads(self.response_body)

    def __str__(self) -> str:
        target = self.path + (
            "?" + "&".join(f"{k}={v}" for k, vs in self.query.items() for v in vs) if self.query else ""
        )
        played = f"  (scenario {', '.join(self.scenarios)})" if self.scenarios else ""
        operation = f"  {self.provider} {self.operation}" if self.operation else "  documented nowhere"
        return f"{self.method} {target} -> {self.status}{operation}{played}"[:MAX_LINE]


def read_exchange(entry: Mapping[str, Any]) -> Exchange:
    """An entry of `GET /__admin/requests?bodies=true`."""
    request, response, made = entry["request"], entry["response"], entry["understudy"]
    parts = urlsplit(request["url"])
    path = parts.path
    if path.startswith("/~"):  # the session's own URL: the test knows which session it is
        path = "/" + path[2:].partition("/")[2]
    return Exchange(
        method=request["method"],
        path=path,
        query=parse_qs(parts.query, keep_blank_values=True),
        headers={name.lower(): value for name, value in request["headers"].items()},
        body=request["body"] or "",
        status=response["status"],
        response_headers={name.lower(): value for name, value in response["headers"].items()},
        response_body=response.get("body", ""),
        provider=made["provider"],
        operation=made["operation"],
        scenarios=tuple(dict.fromkeys(each["scenario"] for each in made["faults"])),
        at=datetime.fromtimestamp(request["loggedDate"] / 1000, UTC),
        id=entry["id"],
    )


def is_meant(
    exchange: Exchange,
    query: Mapping[str, Any] | None = None,
    json: Any = None,
    status: int | None = None,
) -> bool:
    """Whether an exchange has these values: of its query, in its JSON body, its status."""
    if status is not None and exchange.status != status:
        return False
    if any(str(value) not in exchange.query.get(name, ()) for name, value in (query or {}).items()):
        return False
    return json is None or _contains(_find_json(exchange), json)


def _find_json(exchange: Exchange) -> Any:
    try:
        return exchange.json
    except ValueError:
        return None


def _contains(value: Any, wanted: Any) -> bool:
    """Whether a value has all that is wanted of it; mappings may have more members."""
    if isinstance(wanted, Mapping):
        return isinstance(value, Mapping) and all(n in value and _contains(value[n], w) for n, w in wanted.items())
    return bool(value == wanted)


def render_exchanges(exchanges: Iterable[Exchange]) -> str:
    """The last requests, a line each."""
    lines = [f"  {exchange}" for exchange in exchanges]
    hidden = [f"  … {len(lines) - MAX_SHOWN} more before"] if len(lines) > MAX_SHOWN else []
    return "\n".join([*hidden, *lines[-MAX_SHOWN:]]) or "  nothing"
