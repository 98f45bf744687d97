"""When a fault is due: its conditions as a scenario's file writes them, and whether a request meets them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from mock_server.contract import Contract, Operation, escape_pointer, find_matches
from mock_server.faults.kinds import is_operation_meant
from mock_server.messages import Request


class When(NamedTuple):
    """When a fault is due. Calls are counted for each operation, from 1; an empty condition always holds.

    `query` and `headers` are names and the values they must have, `body` places of it (JSONPath or JSON Pointer) and
    theirs; `record` is the key of the record that is asked for, or that is created. `page` is the number of the page
    that must be asked for, however the request says which: calls and pages are two things, for a client may ask for
    one page twice. `also` is what else a request must meet.
    """

    provider: str = ""
    operation: str = ""
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[tuple[str, Any], ...] = ()
    record: str = ""
    page: int = 0
    calls: frozenset[int] = frozenset()
    first: int = 1
    last: int = 0
    every: int = 1
    probability: float = 1.0
    after: bool = False
    latched: bool = False
    also: When | None = None

    @property
    def counts(self) -> bool:
        """Whether the number of the call matters."""
        return bool(self.calls or self.last or self.first > 1 or self.every > 1 or self.latched or self.probability < 1)


class Asked(NamedTuple):
    """What a request asks of an operation. What takes reading is read when a condition wants it.

    `find_page` gives the number of the page that is asked for, from 1, or 0 where none is; `find_key` the key of the
    record that the path names, as text, or an empty one.
    """

    contract: Contract
    operation: Operation
    request: Request
    query: Mapping[str, list[str]]
    find_page: Callable[[], int]
    find_key: Callable[[], str]


def read_when(node: Mapping[str, Any]) -> When:
    """The conditions of a fault, from a file whose form is checked."""
    calls = node.get("call", [])
    return When(
        provider=node.get("provider", ""),
        operation=node.get("operation", ""),
        query=tuple(node.get("query", {}).items()),
        headers=tuple((name.lower(), value) for name, value in node.get("header", {}).items()),
        body=tuple(node.get("body", {}).items()),
        record=str(node.get("record", "")),
        page=node.get("page", 0),
        calls=frozenset(calls if isinstance(calls, list) else [calls]),
        first=node.get("from", 1),
        last=node.get("to", 0),
        every=node.get("every", 1),
        probability=node.get("probability", 1.0),
        after=node.get("moment") == "after",
        latched=node.get("until") == "reset",
    )


def check_places(node: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Pointer, problem and hint of each place of a body that is neither a JSONPath nor a JSON Pointer."""
    for place in node.get("body", {}):
        pointer = f"/body/{escape_pointer(place)}"
        if not place.startswith("$"):
            if place and not place.startswith("/"):
                yield pointer, f"{place!r} is no place of a body", f"expected $.{place} or /{place}"
            continue
        try:
            find_matches({}, place)
        except ValueError as error:
            yield pointer, f"{place!r} is no JSONPath: {error}", "expected one as RFC 9535 has it"


def is_meant(when: When, asked: Asked) -> bool:
    """Whether a request is one that a fault is meant for; what takes longest is looked at last."""
    if when.provider and when.provider != asked.contract.provider:
        return False
    if not is_operation_meant(when.operation, asked.contract, asked.operation):
        return False
    headers = asked.request.headers
    return (
        all(value in asked.query.get(name, ()) for name, value in when.query)
        and all(headers.get(name) == value for name, value in when.headers)
        and (not when.page or when.page == asked.find_page())
        and (not (when.body or when.record) or _is_content_meant(when, asked))
        and (when.also is None or is_meant(when.also, asked))
    )


def _is_content_meant(when: When, asked: Asked) -> bool:
    body = read_body(asked.request)
    if when.record and when.record not in (asked.find_key(), _find_own_key(asked, body)):
        return False
    return all(any(_is_equal(each, value) for each in find_values(body, place)) for place, value in when.body)


def read_body(request: Request) -> Any:
    """What a body says: JSON, or the fields of a form as texts; None for anything else."""
    if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        return json.loads(request.body) if request.body else None
    except (ValueError, RecursionError):
        return None


def find_values(body: Any, place: str) -> list[Any]:
    """What stands at a place of a body, a JSONPath or a JSON Pointer; nothing where there is no such place."""
    if place.startswith("$"):
        return [match.value for match in find_matches(body, place)]
    for step in place.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        inside = dict(enumerate(body)) if isinstance(body, list) else body
        key = int(name) if isinstance(body, list) and name.isdecimal() else name
        if not isinstance(inside, dict) or key not in inside:
            return []
        body = inside[key]
    return [body]


def _is_equal(value: Any, wanted: Any) -> bool:
    """Equality as JSON has it: true is not 1."""
    return bool(value == wanted) and isinstance(value, bool) is isinstance(wanted, bool)


def _find_own_key(asked: Asked, body: Any) -> str:
    """The key that a record to be created says itself; an envelope around it is looked through."""
    collection = asked.contract.collections.get(asked.operation.collection)
    if asked.operation.effect != "create" or collection is None or not isinstance(body, dict):
        return ""
    records = [body, *(value for value in body.values() if isinstance(value, dict))]
    return next((str(each[collection.key]) for each in records if collection.key in each), "")
