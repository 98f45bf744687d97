"""What the mock made of a request in the journal: which operation, which caller, which page, which faults."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.contract import Operation
from mock_server.engine import CREDENTIAL_STATES, CompiledOperation, Match, MockApi, plan_page, split_query
from mock_server.errors import ApiError, find_likeness
from mock_server.messages import Request, Response
from mock_server.state import Entry, IssuedToken

NEAR = 0.6
"""How alike a path must be to be a near miss, from 0 to 1."""

MAX_COMPARED = 300
"""So many operations of a provider are compared with what was asked."""

WRITES = ("create", "replace", "patch", "delete", "token")
"""The effects of operations that change something: records, or which tokens there are."""

MAX_NEAR = 3
"""How many near misses are named."""


class NearMiss(NamedTuple):
    """A documented operation that a request may have meant; `distance` from 0 (the same path) to 1."""

    distance: float
    method: str
    path: str


class Analysis(NamedTuple):
    """What the mock made of an entry.

    `api` is what plays the entry's provider for its session, None where no provider was asked. `match` is None where
    no documented operation was meant; then `near_misses` are the operations that may have been, the nearest first.
    `page` holds `number`, `offset` and, unless all records were asked for, `size`. `refused` says why the input was.
    `stub` is the mapping that answered, as its author wrote it. `clock_seconds` is how far off the session's clock was.
    """

    entry: Entry
    api: MockApi | None
    match: Match[CompiledOperation] | None
    caller: str = ""
    page: Mapping[str, int] | None = None
    refused: str = ""
    unknown: tuple[str, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    stub: Mapping[str, Any] | None = None
    clock_seconds: float = 0.0

    @property
    def time(self) -> float:
        """When it came, in epoch seconds by the session's clock."""
        return self.entry.time_ns / 1e9 + self.clock_seconds

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asked by itself what a page may send; what that page asks for comes behind it."""
        is_asked = self.entry.method == "OPTIONS" and "access-control-request-method" in self.entry.headers
        return is_asked and self.match is None and self.api is not None

    @property
    def is_unmatched(self) -> bool:
        """Whether nothing documents what was asked, nor a mapping; `OPTIONS` is answered for every documented path."""
        if self.entry.mapped or self.is_preflight:
            return False
        if self.match or not self.api:
            return not self.match
        return self.entry.method != "OPTIONS" or not self.api.routes.allowed(find_inner_path(self.entry))


def analyze(entry: Entry, api: MockApi | None, apis: Mapping[str, MockApi]) -> Analysis:
    """What the mock made of an entry, worked out anew.

    `api` plays the entry's provider for its session; `apis` are all that the client may have meant.
    """
    match = api.find(entry.method, find_inner_path(entry)) if api else None
    if not api or not match:
        analysis = Analysis(entry, api, None)
        near_misses = find_near_misses(entry, apis) if analysis.is_unmatched else ()
        return analysis._replace(near_misses=near_misses)
    page, refused = _plan(match, entry)
    return Analysis(
        entry,
        api,
        match,
        "issued" if find_token(api, match.target, entry) else find_caller(match.target, entry),
        page,
        refused,
        tuple(_unknown(api, match, entry.query)),
    )


def find_inner_path(entry: Entry) -> str:
    """The path below the provider's mount, without the session in front of it."""
    path = entry.path
    if path.startswith("/~"):
        path = path[path.find("/", 2) :]
    mount = f"/{entry.provider}"
    return path.removeprefix(mount) or "/" if path == mount or path.startswith(f"{mount}/") else path


def _plan(match: Match[CompiledOperation], entry: Entry) -> tuple[Mapping[str, int] | None, str]:
    """The page that was asked for, and why the input was refused; one of them is empty."""
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


_MARK = re.compile(r"\[redacted ([0-9a-f]{8})\]")


def find_token(api: MockApi, compiled: CompiledOperation, entry: Entry) -> IssuedToken | None:
    """The token that an entry's request showed, as far as the journal's marks tell; None for any other credential."""
    tokens = api.issuer.tokens if api.issuer else None
    if tokens is None or not tokens.are_there:
        return None
    for scheme in (scheme for schemes in compiled.operation.security for scheme in schemes):
        field = "cookie" if scheme.where == "cookie" else scheme.field.lower()
        text = entry.query if scheme.where == "query" else entry.headers.get(field, "")
        for mark in _MARK.findall(text):
            if token := tokens.find_marked(entry.provider, mark):
                return token
    return None


def find_unknown_parameters(api: MockApi, request: Request) -> tuple[str, ...]:
    """Parameters of a query that the operation asked does not know; the path is below the mount."""
    match = api.find(request.method, request.path)
    return tuple(_unknown(api, match, request.query)) if match and request.query else ()


def _unknown(api: MockApi, match: Match[CompiledOperation], query: str) -> Iterator[str]:
    """Parameters of the query that the contract does not know."""
    operation = match.target.operation
    fold = str.lower if "query" in api.contract.ignore_case else str
    known = {fold(name) for p in operation.parameters for name in (p.name, *p.aliases)}
    known |= {scheme.field for schemes in operation.security for scheme in schemes if scheme.where == "query"}
    yield from (name for name in split_query(query) if fold(name) not in known and not name.startswith("__"))


def restore(analysis: Analysis) -> Request:
    """The request as it was sent; a listed credential stands again where its label was written down."""
    entry = analysis.entry
    # The journal holds `[valid]` in place of a listed credential: which one it was, and not what.
    credentials = {state: _find_credential(analysis.api, state) for state in CREDENTIAL_STATES}
    headers = {name: _unlabel(value, credentials) for name, value in entry.headers.items()}
    query = entry.query
    for state, credential in credentials.items():
        query = query.replace(f"[{state}]", credential)
    return Request(
        entry.method,
        entry.path,
        query,
        headers,
        entry.base,
        "",
        entry.address,
        entry.sent.encode(),
    )


def _unlabel(value: str, credentials: Mapping[str, str]) -> str:
    """`Bearer [valid]` with the credential that the label stands for; any other value as it is."""
    scheme, bracket, label = value.rpartition("[")
    known = credentials.get(label.rstrip("]"), "") if bracket and value.endswith("]") else ""
    return f"{scheme}{known}" if known else value


def _find_credential(api: MockApi | None, state: str) -> str:
    values = (s.values[state][0] for s in api.contract.schemes if state in s.values) if api else iter(())
    return next(values, "")


def find_body(analysis: Analysis) -> bytes:
    """The body of an answer; where it was not written down, the same request gives it again."""
    entry = analysis.entry
    if entry.body or not entry.body_bytes:
        return entry.body
    response = ask_again(analysis)
    return response.body if response else b""


def ask_again(analysis: Analysis) -> Response | None:
    """What the same request is answered now, without counting it; None where it writes, or nothing documents it."""
    entry, api, match = analysis.entry, analysis.api, analysis.match
    if not api or not match or _writes(match.target.operation):
        return None  # what writes would write again
    mount = f"/{entry.provider}" if entry.path.startswith(f"/{entry.provider}/") else ""
    return api.again(match, restore(analysis)._replace(path=find_inner_path(entry), mount=mount))


def _writes(operation: Operation) -> bool:
    return operation.effect in WRITES or (operation.effect == "singleton" and operation.method != "GET")


def _choose_likely(entry: Entry, operations: Sequence[Operation]) -> Iterable[Operation]:
    """All operations, or of very many those that share a word of the path: comparing takes its time."""
    if len(operations) <= MAX_COMPARED:
        return operations
    words = {word for word in entry.path.lower().split("/") if word}
    likely = (operation for operation in operations if words.intersection(operation.path.lower().split("/")))
    return itertools.islice(likely, MAX_COMPARED)


def find_near_misses(entry: Entry, apis: Mapping[str, MockApi]) -> tuple[NearMiss, ...]:
    """Documented methods and paths most like what was asked for, the nearest first."""
    near_misses = []
    for provider, api in apis.items():
        for operation in _choose_likely(entry, api.contract.operations):
            path = f"/{provider}{operation.path}"
            # The path may have come without the provider's mount, to its documented host.
            likeness = max(find_likeness(asked, path) for asked in (entry.path, f"/{provider}{entry.path}"))
            if likeness >= NEAR:
                near_misses.append(NearMiss(round(1 - likeness, 3), operation.method, path))
    return tuple(sorted(near_misses)[:MAX_NEAR])


def describe_near_miss(near: NearMiss) -> str:
    """The question whether an operation was meant; where the path is the very one, its method is what is near."""
    meant = near.path if near.distance else f"{near.method} {near.path}"
    return f"did you mean {meant}?"


def as_wiremock(analysis: Analysis, whole: bool = False) -> dict[str, Any]:
    """An entry in WireMock's shape, with what the mock made of it beside it; `whole` with the answer's body."""
    entry = analysis.entry
    response = {"status": entry.status, "headers": dict(entry.answered)}
    body = {"body": find_body(analysis).decode("utf-8", "replace")} if whole else {}
    return {
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
        "response": response | body,
        "wasMatched": not analysis.is_unmatched,
        "timing": {"totalTime": entry.micros / 1000},
        "understudy": as_plain(analysis),
        **({"stubMapping": analysis.stub} if analysis.stub else {}),
    }


def as_plain(analysis: Analysis) -> dict[str, Any]:
    """An analysis as plain values."""
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
        **({"mapping": entry.mapped[0], "departures": list(entry.mapped[1:])} if entry.mapped else {}),
    }
