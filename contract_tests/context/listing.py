"""What a list says of itself, read by the contract's annotations: its records and the facts of its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract_tests.transport import Exchange
from mock_server.contract import Contract, Operation, Parameter, find_pointer
from mock_server.engine import compile_inputs
from mock_server.errors import ApiError


@dataclass(frozen=True)
class Place:
    """Where a response's schema has a role: a JSON Pointer in the body, and the schema there."""

    pointer: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class ListPage:
    """One page as a target showed it: `facts` maps roles (`total`, `number`, `next_url`, …) to values."""

    exchange: Exchange
    records: list[Any]
    facts: Mapping[str, Any]

    @property
    def total(self) -> Any:
        """The total that the page tells, or None."""
        return self.facts.get("total")


def _has_effect(operation: Operation, parameter: Parameter) -> bool:
    """Whether two values of a parameter are read as two: some contracts have a size that changes nothing."""
    keys = {p.name: "1" for p in operation.parameters if p.where == "path"}
    read = compile_inputs(operation, False)
    try:
        one, other = (read(f"{parameter.name}={value}", keys).page.get("size") for value in (1, 3))
    except ApiError:
        return True
    return bool(one != other)


def find_roles(schema: Any, annotation: str, pointer: str = "") -> Iterator[tuple[str, Place]]:
    """Every role that properties of a response's schema have by an annotation, with its place."""
    if not isinstance(schema, Mapping):
        return
    role = schema.get(annotation)
    if role is not None:
        yield (role if isinstance(role, str) else role.get("role", "")), Place(pointer, schema)
    for name, child in schema.get("properties", {}).items():
        yield from find_roles(child, annotation, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")


class Listing:
    """How to ask a list operation for pages, and how to read them."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self.operation = operation
        self.key = contract.collections[operation.collection].key
        self.places = dict(find_roles(operation.success.schema, "x-page"))
        self.parameters = {p.page.role: p for p in operation.parameters if p.page}
        self._size = self.parameters.get("size")
        if self._size and not _has_effect(operation, self._size):
            del self.parameters["size"]
        self.filters = [p for p in operation.parameters if p.filter and p.where == "query"]
        item = self.places["items"].schema.get("items", {})
        self.item_schema: Mapping[str, Any] = item if isinstance(item, Mapping) else {}

    def read(self, exchange: Exchange) -> ListPage | None:
        """The page in an answer, or None where it is not the documented one."""
        body = exchange.answer.json
        records = find_pointer(body, self.places["items"].pointer) if isinstance(body, (dict, list)) else None
        if exchange.answer.status != self.operation.success.status or not isinstance(records, list):
            return None
        # A fact that the page lacks is None: what must be there is the schema's concern.
        facts = {r: find_pointer(body, place.pointer) for r, place in self.places.items() if r != "items"}
        return ListPage(exchange, records, facts)

    def key_of(self, record: Any) -> Any:
        """The value that identifies a record, or None."""
        return record.get(self.key) if isinstance(record, dict) else None

    def keys(self, page: ListPage) -> list[Any]:
        """The keys of a page's records, in order."""
        return [self.key_of(record) for record in page.records]

    def query(self, **asked: int | None) -> dict[str, Any]:
        """Query parameters for page roles (`number`, `size`, `offset`)."""
        return {self.parameters[role].name: value for role, value in asked.items() if value is not None}

    @property
    def style(self) -> str:
        """How pages are asked for: `number`, `offset`, or empty where they cannot be."""
        return next((role for role in ("number", "offset") if role in self.parameters), "")

    @property
    def default_size(self) -> int | None:
        """Records of a page when no size is asked for."""
        size = self._size.schema.get("default") if self._size else None
        return size if isinstance(size, int) else None

    @property
    def max_size(self) -> int:
        """The largest size that is served as asked."""
        size = self.parameters.get("size")
        if size is None or size.page is None:
            return self.default_size or 20
        # `x-page` first: a size above it is served cut, one above the schema's maximum is refused.
        return int(size.page.maximum or size.schema.get("maximum") or 100)

    def sized(self) -> Parameter | None:
        """The parameter that sets the page size."""
        return self.parameters.get("size")
