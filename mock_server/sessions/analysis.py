"""What the mock analysis of a request in the journal: which operation, which caller, which page, which faults."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from mock_server.engine import CompiledOperation, Match, MockApi, plan_page, split_query
from mock_server.errors import ApiError
from mock_server.messages import Request
from mock_server.sessions.session_apis import SessionApis
from mock_server.state import Entry

NEAR = 0.6
"""How alike a path must be to be a near miss, from 0 to 1."""


class Analysis(NamedTuple):
    """What the mock made of an entry; `match` is None where no documented operation was meant."""

    entry: Entry
    match: Match[CompiledOperation] | None
    caller: str
    page: Mapping[str, int] | None
    refused: str
    unknown: tuple[str, ...]


def analyze(apis: SessionApis, entry: Entry) -> Analysis:
    """What the mock made of an entry, worked out anew."""
    api = apis.find_api(entry.session, entry.provider)
    match = api.find(entry.method, inside(entry)) if api else None
    if not api or not match:
        return Analysis(entry, None, "", None, "", ())
    page, refused = _plan(match, entry)
    return Analysis(entry, match, find_caller(match.target, entry), page, refused, tuple(_unknown(api, match, entry)))


def inside(entry: Entry) -> str:
    """The path below the provider's mount."""
    path = entry.path
    if path.startswith("/~"):
        path = path[path.find("/", 2) :]
    mount = f"/{entry.provider}"
    return path.removeprefix(mount) or "/" if path == mount or path.startswith(f"{mount}/") else path


def _plan(match: Match[CompiledOperation], entry: Entry) -> tuple[Mapping[str, int] | None, str]:
    operation = match.target.operation
    try:
        inputs = match.target.read_inputs(entry.query, match.values)
    except ApiError as error:
        return None, error.detail
    if not operation.is_list:
        return None, ""
    plan = plan_page(inputs.page)
    return {"number": plan.number, "offset": plan.offset, **({"size": plan.size} if plan.size else {})}, ""


def find_caller(compiled: CompiledOperation, entry: Entry) -> str:
    """What the credential stands for: `valid`, `expired`, …, `unknown`, or `none`."""
    for schemes in compiled.operation.security:
        for scheme in schemes:
            query = split_query(entry.query).get(scheme.field, [""])[-1]
            text = query if scheme.where == "query" else entry.headers.get(scheme.field.lower(), "")
            if text:
                label = text.rpartition("[")[2].rstrip("]")
                return label if label in scheme.values else "unknown"
    return "none" if compiled.operation.security else "anonymous"


def _unknown(api: MockApi, match: Match[CompiledOperation], entry: Entry) -> Iterator[str]:
    """Parameters of the query that the contract does not know."""
    operation = match.target.operation
    fold = str.lower if "query" in api.contract.ignore_case else str
    known = {fold(name) for p in operation.parameters for name in (p.name, *p.aliases)}
    known |= {scheme.field for schemes in operation.security for scheme in schemes if scheme.where == "query"}
    yield from (name for name in split_query(entry.query) if fold(name) not in known and not name.startswith("__"))


def restore(apis: SessionApis, entry: Entry) -> Request:
    """The request as it was sent; a listed credential stands again where its label was written down."""
    headers = {name: _unlabel(apis, entry.provider, value) for name, value in entry.headers.items()}
    query = entry.query
    for state in ("valid", "expired", "inactive"):
        query = query.replace(f"[{state}]", _credential(apis, entry.provider, state))
    return Request(
        entry.method,
        unquote(entry.path),
        query,
        headers,
        entry.base,
        "",
        entry.address,
        entry.sent.encode(),
    )


def _unlabel(apis: SessionApis, provider: str, value: str) -> str:
    scheme, bracket, label = value.rpartition("[")
    known = _credential(apis, provider, label.rstrip("]")) if bracket and value.endswith("]") else ""
    return f"{scheme}{known}" if known else value


def _credential(apis: SessionApis, provider: str, state: str) -> str:
    api = apis.apis.get(provider)
    found = (s.values[state][0] for s in api.contract.schemes if state in s.values) if api else iter(())
    return next(found, "")


def body_of(apis: SessionApis, entry: Entry) -> bytes:
    """The body of an answer; where it was not written down, the same request gives it again."""
    if len(entry.body) >= entry.body_bytes or entry.body:
        return entry.body
    api = apis.apis.get(entry.provider)
    match = api.find(entry.method, inside(entry)) if api else None
    if not api or not match:
        return b""
    request = restore(apis, entry)
    mount = f"/{entry.provider}" if entry.path.startswith(f"/{entry.provider}/") else ""
    return api.again(match, request._replace(path=inside(entry), mount=mount)).body


def near_misses(apis: SessionApis, entry: Entry) -> list[tuple[float, str, str]]:
    """Documented methods and paths most like what was asked for: distance (0 to 1), method, path; the nearest first."""
    found = []
    for provider, api in apis.apis.items():
        for operation in api.contract.operations:
            path = f"/{provider}{operation.path}"
            asked = (entry.path, f"/{provider}{entry.path}")
            likeness = max(difflib.SequenceMatcher(None, each, path).ratio() for each in asked)
            if likeness >= NEAR:
                found.append((round(1 - likeness, 3), operation.method, path))
    return sorted(found)[:3]


def as_wiremock(apis: SessionApis, entry: Entry, whole: bool = False) -> dict[str, Any]:
    """An entry in WireMock's shape, with what the mock analysis beside it."""
    analysis = analyze(apis, entry)
    body = body_of(apis, entry).decode("utf-8", "replace") if whole else None
    told = {
        "id": entry.id,
        "request": {
            "url": entry.target,
            "absoluteUrl": entry.base + entry.target,
            "method": entry.method,
            "clientIp": entry.address,
            "headers": entry.headers,
            "body": entry.sent,
            "loggedDate": entry.time_ns // 1_000_000,
        },
        "responseDefinition": {"status": entry.status} | ({"fault": entry.fault} if entry.fault else {}),
        "response": {"status": entry.status, "headers": dict(entry.answered)},
        "wasMatched": analysis.match is not None,
        "timing": {"totalTime": entry.micros / 1000},
        "understudy": as_analysis(analysis),
    }
    if body is not None:
        told["response"] = {**told["response"], "body": body}  # type: ignore[dict-item]
    return told


def as_analysis(analysis: Analysis) -> dict[str, Any]:
    """A analysis as plain values."""
    entry = analysis.entry
    return {
        "session": entry.session,
        "provider": entry.provider,
        "operation": analysis.match.target.operation.id if analysis.match else "",
        "caller": analysis.caller,
        "page": analysis.page,
        "refused": analysis.refused,
        "faults": [{"scenario": name, "step": call} for name, call in entry.played],
        "unknownParameters": list(analysis.unknown),
    }
