"""What the console's pages show, as plain values: nothing here knows of HTML."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from mock_server.contract import Operation, Parameter
from mock_server.engine import MockApi, present
from mock_server.faults import GROUPS, Scenario, split_played
from mock_server.messages import RecordSource, Request, Response
from mock_server.server.snippets import render_snippets
from mock_server.sessions import (
    HEADER,
    Analysis,
    Understanding,
    as_plain,
    find_body,
    restore,
)
from mock_server.state import DEFAULT, Session

MAX_SHOWN = 64 * 1024
PAGE = 25
SCANNED = 50_000
"""So many records of a collection are looked through for a word."""


def show_provider(api: MockApi, base: str, understood: Understanding | None = None) -> dict[str, Any]:
    """One provider with its operations, credentials and base URL; of a plain document also what was understood."""
    contract = api.contract
    reasons = understood.reasons if understood else {}
    return {
        "name": contract.provider,
        "title": contract.title,
        "host": ", ".join(contract.hosts),
        "base": f"{base}/{contract.provider}{contract.base_path}",
        "operations": [
            {
                "id": o.id,
                "method": o.method,
                "path": o.path,
                "summary": o.summary,
                "is_list": o.is_list,
                "effect": o.effect if understood else "",
                "reasons": reasons.get(f"{o.method} {o.path.removeprefix(contract.base_path)}", ()),
            }
            for o in contract.operations
        ],
        "understood": understood,
        "collections": list(contract.collections),
        "credentials": [
            (scheme.field, state, scheme.prefix.title() + values[0])
            for scheme in contract.schemes
            for state, values in scheme.values.items()
            if values
        ],
    }


def find_operation(api: MockApi, name: str) -> Operation | None:
    """The operation of that name."""
    return next((operation for operation in api.contract.operations if operation.id == name), None)


def show_parameters(api: MockApi, operation: Operation, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The fields of a form for an operation, with the values asked for before."""
    sample = api.find_sample_path(operation).rpartition("/")[2] if operation.key else ""
    return [
        {
            "name": p.name,
            "where": p.where,
            "required": p.required,
            "options": _options(p),
            "value": values.get(p.name, sample if p.name == operation.key else ""),
            "placeholder": _placeholder(p),
            "role": _role(p),
        }
        for p in operation.parameters
    ]


ROLES: Mapping[str, str] = {
    "number": "page number",
    "size": "records a page",
    "offset": "records before the page",
    "equals": "equals",
    "equals_fold": "equals, in any case",
    "contains": "contains",
    "starts": "begins with",
    "search": "a word anywhere in the searched fields",
    "one_of": "one of several",
    "at_least": "from, inclusive",
    "at_most": "to, inclusive",
}
"""What a parameter does, for people: by its role in paging, or the test of its filter."""


def _role(parameter: Parameter) -> str:
    name = parameter.page.role if parameter.page else parameter.filter.test if parameter.filter else ""
    return ROLES.get(name, name.replace("_", " "))


def _options(parameter: Parameter) -> list[str]:
    allowed = parameter.schema.get("enum", ())
    return [str(value) for value in allowed] if isinstance(allowed, list | tuple) else []


def _placeholder(parameter: Parameter) -> str:
    schema = parameter.schema
    kind = schema.get("type", "")
    kind = " or ".join(map(str, kind)) if isinstance(kind, list) else str(kind)
    return f"{kind}, {schema['default']} unless given" if "default" in schema else kind


def make_request(
    operation: Operation,
    values: Mapping[str, str],
    base: str,
    provider: str,
    session: str,
    state: str,
    scenario: str,
) -> Request:
    """The request that a form asks for."""
    path, query, headers = operation.path, [], {"accept": "*/*"}
    for p in operation.parameters:
        value = values.get(p.name, "")
        if p.where == "path":
            path = path.replace("{" + p.name + "}", value or "none")
        elif value and p.where == "query":
            query.append((p.name, value))
        elif value and p.where == "header":
            headers[p.name.lower()] = value
    if scenario:
        query.append(("__scenario", scenario))
    if session != DEFAULT:
        headers[HEADER] = session
    request = Request(
        "GET" if operation.method == "HEAD" else operation.method,
        f"/{provider}{path}",
        urlencode(query),
        headers,
        base,
    )
    return (present(request, operation.security, state) if state else request) or request


def show_answer(request: Request, answer: Callable[[Request], Response | None]) -> dict[str, Any]:
    """Play a request and show what came, and the same call as code."""
    started = time.perf_counter()
    response = answer(request)
    assert response is not None
    return {
        "target": f"{request.path}?{request.query}" if request.query else request.path,
        "method": request.method,
        "sent": list(request.headers.items()),
        "status": response.status,
        "reason": response.reason,
        "headers": response.headers,
        "body": show_body(response.body),
        "ms": round((time.perf_counter() - started) * 1000, 1),
        "wire": _on_the_wire(response),
        "snippets": render_snippets(request),
    }


def _on_the_wire(response: Response) -> str:
    """What a client would see that a page cannot show."""
    delivery = response.delivery
    if delivery is None:
        return ""
    late = f"after {delivery.wait_seconds:.2f} s" if delivery.wait_seconds else ""
    pieces = f"in {delivery.chunks} pieces over {delivery.spread_seconds:.1f} s" if delivery.chunks else ""
    return ", ".join(text for text in (delivery.fault, late, pieces) if text)


def show_body(body: bytes) -> str:
    """A body to read: JSON with indents, else as text; cut when it is long."""
    text = body.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False) if len(text) <= MAX_SHOWN else text
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}\n… {len(text) - MAX_SHOWN:,} characters more"


def show_entry(analysis: Analysis) -> dict[str, Any]:
    """One line of the journal."""
    entry = analysis.entry
    return {
        "id": entry.id,
        "time": time.strftime("%H:%M:%S", time.localtime(entry.time_ns / 1e9)),
        "session": entry.session,
        "method": entry.method,
        "target": entry.target,
        "status": entry.status,
        "fault": entry.fault,
        "ms": round(entry.micros / 1000, 1),
        "analysis": as_plain(analysis),
    }


def show_whole_entry(analysis: Analysis) -> dict[str, Any]:
    """One request and its answer, with what the mock made of it."""
    entry = analysis.entry
    return {
        **show_entry(analysis),
        "sent": list(entry.headers.items()),
        "content": entry.sent,
        "headers": entry.answered,
        "reason": entry.reason,
        "body": show_body(find_body(analysis)),
        "snippets": render_snippets(restore(analysis)),
        "near": [near.path for near in analysis.near_misses],
    }


def show_scenarios(scenarios: Mapping[str, Scenario], session: Session) -> list[tuple[str, list[dict[str, Any]]]]:
    """Every scenario by group, and whether the session plays it."""
    playing = {split_played(each)[0] for each in session.scenarios}
    listed = [
        {
            "name": scenario.name,
            "says": scenario.says,
            "group": scenario.group,
            "whom": scenario.whom,
            "playing": scenario.name in playing,
            "faults": [json.dumps(dict(fault), ensure_ascii=False) for fault in scenario.source["faults"]],
        }
        for scenario in scenarios.values()
    ]
    return [(title, [s for s in listed if s["group"] == group]) for group, title in GROUPS.items()]


def show_records(source: RecordSource, word: str, page: int) -> dict[str, Any]:
    """A page of the records of a source, or of those that hold a word."""
    if word:
        matching = list(_holding(source, word.casefold()))
        total, records = len(matching), matching[(page - 1) * PAGE : page * PAGE]
    else:
        total, raw = source.page((), (page - 1) * PAGE, PAGE)
        records = [json.loads(each) for each in raw]
    names = list(dict.fromkeys(name for record in records for name in record))
    return {
        "total": total,
        "page": page,
        "last": max(1, -(-total // PAGE)),
        "names": names,
        "searched": min(source.total, SCANNED),
        "everything": source.total,
        "rows": [[_cell(record.get(name, "")) for name in names] for record in records],
    }


def _holding(source: RecordSource, word: str) -> Iterator[dict[str, Any]]:
    for offset in range(0, min(source.total, SCANNED), 1000):
        for raw in source.page((), offset, 1000)[1]:
            record: dict[str, Any] = json.loads(raw)
            if word in json.dumps(record, ensure_ascii=False).casefold():
                yield record


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def show_readings(api: MockApi, readings: Iterable[Mapping[str, Any]], chosen: Mapping[str, str]) -> dict[str, Any]:
    """Where a documentation contradicts itself: the quotes, the ways to read them, and the one that is chosen."""
    return {
        "provider": api.contract.provider,
        "title": api.contract.title,
        "readings": [
            {
                **reading,
                "chosen": chosen.get(reading["id"], reading["reading"]),
                "choices": _choices(reading),
            }
            for reading in readings
        ],
    }


def _choices(reading: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each way to read a contradiction, and why; the contract's own first."""
    others = [(key, alternative["says"]) for key, alternative in reading["alternatives"].items()]
    return [(reading["reading"], reading["because"]), *others]
