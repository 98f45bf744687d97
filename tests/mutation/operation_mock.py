"""Where a planted fault is played: one operation of a clean mock, its pages and records open to be changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from contract_tests.context import Listing
from contract_tests.records import find_record
from mock_server.contract import Contract, Operation, Parameter, find_pointer, find_record_place
from mock_server.messages import Request, Response

Answer = Callable[[Request], Response]


@dataclass
class OperationMock:
    """One operation of a mock: `answer` is the clean mock's own; `calls` counts the requests that were played.

    `selected` remembers the records that each set of filters selects; `other_keys` the key of a record that nobody asked for, `kept` answers that a fault keeps, by what it likes."""

    contract: Contract
    operation: Operation
    answer: Answer
    calls: int = 0
    selected: dict[str, list[Any]] = field(default_factory=dict)
    other_keys: list[object] = field(default_factory=list)
    kept: dict[str, Response] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.listing = Listing(self.contract, self.operation) if self.operation.is_list else None

    @property
    def item_schema(self) -> Mapping[str, Any]:
        """The schema of a record as this operation shows it."""
        if self.listing:
            return self.listing.item_schema
        place = find_record_place(self.operation.success.schema)
        return place.schema if place else {}

    def is_success(self, response: Response) -> bool:
        """Whether a response is the documented success with a JSON body."""
        return response.status == self.operation.success.status

    def records_of(self, body: Any) -> list[dict[str, Any]]:
        """The records in a body: those of a page, or the one."""
        if self.listing:
            records = find_pointer(body, self.listing.places["items"].pointer)
            return records if isinstance(records, list) else []
        record = find_record(self.operation, body)
        return [record] if isinstance(record, dict) else []

    def parameter(self, role: str) -> Parameter | None:
        """The parameter with a page role."""
        return self.listing.parameters.get(role) if self.listing else None

    def query_of(self, request: Request) -> dict[str, list[str]]:
        """Names to values of the query; names as documented, whatever alias or case was sent."""
        known = {}
        for parameter in self.operation.parameters:
            for name in (parameter.name, *parameter.aliases):
                known[name.lower() if "query" in self.contract.ignore_case else name] = parameter.name
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(request.query, keep_blank_values=True):
            folded = name.lower() if "query" in self.contract.ignore_case else name
            query.setdefault(known.get(folded, name), []).append(value)
        return query

    def with_query(self, request: Request, query: Mapping[str, list[str]]) -> Request:
        """The request with another query."""
        return request._replace(query=urlencode(query, doseq=True))


@dataclass(frozen=True)
class PageQuery:
    """A page as it was asked for: `records` are all that match, `start` and `size` the slice that was asked for."""

    mock: OperationMock
    request: Request
    records: list[Any]
    number: int
    start: int
    size: int
    filters: Mapping[str, list[str]]

    @property
    def total(self) -> int:
        """How many records match."""
        return len(self.records)

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def default_size(self) -> int:
        """Records of a page where no size is asked for."""
        return (self.mock.listing.default_size if self.mock.listing else None) or 20

    @property
    def clean(self) -> list[Any]:
        """What the clean mock would show."""
        return self.cut(self.start, self.size)

    def cut(self, start: int, size: int) -> list[Any]:
        """Records from `start` on."""
        return self.records[max(0, start) : max(0, start + size)]


def read_page_query(mock: OperationMock, request: Request) -> PageQuery | None:
    """What page a request asks for, or None where it is refused or asks for what is no number."""
    listing = mock.listing
    assert listing
    query = mock.query_of(request)
    paging = {parameter.name for parameter in listing.parameters.values()}
    filters = {name: values for name, values in query.items() if name not in paging}
    try:
        roles = {role: int(query[p.name][-1]) for role, p in listing.parameters.items() if p.name in query}
    except ValueError:
        return None
    size = min(roles.get("size") or listing.default_size or 20, listing.max_size)
    number = roles.get("number", 1)
    if size < 1 or number < 1:
        return None
    start = roles["offset"] if "offset" in roles else (number - 1) * size
    records = find_matching(mock, request, filters)
    return PageQuery(mock, request, records, start // size + 1, start, size, filters)


def find_matching(mock: OperationMock, request: Request, filters: Mapping[str, list[str]]) -> list[Any]:
    """Every record that the filters select, in order, from the clean mock's pages."""
    key = json.dumps(sorted(filters.items()))
    if key not in mock.selected:
        mock.selected[key] = list(_pages(mock, request, filters))
    return mock.selected[key]


def _pages(mock: OperationMock, request: Request, filters: Mapping[str, list[str]]) -> list[Any]:
    listing, records, number = mock.listing, [], 1
    assert listing
    while True:
        paging = {role: number for role in ("number",) if role in listing.parameters}
        sized = {"size": listing.max_size} if "size" in listing.parameters else {}
        query = {**{k: [str(v)] for k, v in listing.query(**paging, **sized).items()}, **filters}
        response = mock.answer(mock.with_query(request._replace(method="GET"), query))
        page = mock.records_of(json.loads(response.body)) if mock.is_success(response) else []
        records += page
        number += 1
        if not page or not paging:
            return records


def replace_body(response: Response, body: Any) -> Response:
    """The response with another JSON body."""
    return response._replace(body=json.dumps(body, ensure_ascii=False).encode())


def replace_page(mock: OperationMock, request: Request, records: list[Any], facts: Mapping[str, Any]) -> Response:
    """The clean answer with other records, and with other facts of the page by role."""
    clean = mock.answer(request)
    if mock.listing is None or not mock.is_success(clean):
        return clean
    body = json.loads(clean.body)
    set_pointer(body, mock.listing.places["items"].pointer, records)
    for role, value in facts.items():
        if role in mock.listing.places:
            set_pointer(body, mock.listing.places[role].pointer, value)
    return replace_body(clean, body)


def set_pointer(body: Any, pointer: str, value: Any) -> None:
    """Put a value at a JSON Pointer whose parent is there."""
    *above, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in above:
        body = body[int(part)] if isinstance(body, list) else body[part]
    body[last] = value
