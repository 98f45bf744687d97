"""What a session was asked and what it answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

MAX_TARGET = 120
"""So many characters of a path and its query are shown."""

SHOWN_AS_THEY_ARE = "/:,@!*()[]{}"


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as the journal has them: what is secret in them is replaced.

    `operation` is the documented operation that was asked, empty where none was; `scenarios` are those that played, and
    `fault` is what befell the connection (`CONNECTION_RESET_BY_PEER`), empty where nothing did.
    `query` has a list of values for each name; header names are in lower case.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)
    status: int
    response_headers: Mapping[str, str] = field(repr=False)
    response_body: str = field(repr=False)
    provider: str
    operation: str
    scenarios: tuple[str, ...]
    at: datetime = field(repr=False)
    id: str = field(repr=False, default="")
    fault: str = ""

    @property
    def json(self) -> Any:
        """The request's body as JSON. Raises: ValueError where it is none."""
        return json.loads(self.body)

    @property
    def response_json(self) -> Any:
        """The answer's body as JSON. Raises: ValueError where it is none."""
        return json.loads(self.response_body)

    def __str__(self) -> str:
        query = urlencode(self.query, doseq=True, safe=SHOWN_AS_THEY_ARE)
        target = f"{self.path}?{query}" if query else self.path
        if len(target) > MAX_TARGET:
            target = f"{target[: MAX_TARGET - 1]}…"
        status = f"{self.status} {self.fault}".rstrip()
        operation = f"{self.provider} {self.operation}" if self.operation else "documented nowhere"
        played = f"  (scenario {', '.join(self.scenarios)})" if self.scenarios else ""
        return f"{self.method} {target} -> {status}  {operation}{played}"


def read_exchange(entry: Mapping[str, Any]) -> Exchange:
    """An entry of `GET /__admin/requests`; without `bodies=true` the answer has none."""
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
        fault=entry["responseDefinition"].get("fault", ""),
    )
