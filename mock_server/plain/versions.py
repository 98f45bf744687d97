"""Versions of records as a document has them: which operations tell an ETag, and which writes depend on one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from mock_server.contract import Operation
from mock_server.messages import Request
from mock_server.openapi import Document, DocumentOperation
from mock_server.plain.contract import PlainContract
from mock_server.plain.replies import has_header
from mock_server.writes import make_etag, require_match

CONDITIONAL = frozenset(("if-match", "if-none-match"))
OF_VERSIONS = ("412", "428", "304")
"""The statuses that only somebody who knows versions answers."""


class Versions(NamedTuple):
    """What an operation does about versions: it knows them (`is_on`), and refuses a write that names none."""

    is_on: bool = False
    is_required: bool = False

    def require(self, request: Request, record: Mapping[str, Any] | None) -> None:
        """Let a write through that means the record as it is; None: there is none. Raises: ApiError."""
        if self.is_on:
            require_match(request.headers, None if record is None else find_etag(record), self.is_required)

    def tell(self, make_record: Callable[[], Mapping[str, Any] | None]) -> str:
        """The ETag of a record; empty where nobody asks for it, or there is no record."""
        record = make_record() if self.is_on else None
        return "" if record is None else find_etag(record)


def find_etag(record: Mapping[str, Any]) -> str:
    """The entity tag of a record, the same in whichever shape it is shown."""
    return make_etag(orjson.dumps(record, option=orjson.OPT_SORT_KEYS))


def find_versions(contract: PlainContract, operation: Operation, mode: str) -> Versions:
    """What an operation does about versions: where it, or another one of the same records, speaks of them.

    With the mode `always` every record has one.
    """
    document, documented = contract.source, contract.plain[operation.pointer].documented
    kin = _find_kin(contract, operation)
    is_on = bool(kin) and (mode == "always" or any(_speaks(document, each) for each in kin))
    is_required = "428" in document.find_responses(documented) or _requires(documented)
    return Versions(is_on, is_on and is_required)


def _find_kin(contract: PlainContract, operation: Operation) -> list[DocumentOperation]:
    """The operations that show or write the same records one by one; none where an operation does neither."""
    if operation.effect == "singleton":
        alike: Iterable[Operation] = (each for each in contract.operations if each.path == operation.path)
    elif operation.collection and operation.effect != "list":
        alike = (e for e in contract.operations if e.collection == operation.collection and e.effect != "list")
    else:
        return []
    return [contract.plain[each.pointer].documented for each in alike]


def _speaks(document: Document, documented: DocumentOperation) -> bool:
    if any(_is_conditional(located.node) for located in documented.parameters):
        return True
    responses = document.find_responses(documented)
    return any(status in responses for status in OF_VERSIONS) or any(
        has_header(located.node, "etag") for status, located in responses.items() if status.startswith("2")
    )


def _requires(documented: DocumentOperation) -> bool:
    return any(_is_conditional(each.node) and each.node.get("required") is True for each in documented.parameters)


def _is_conditional(parameter: Mapping[str, Any]) -> bool:
    return parameter.get("in") == "header" and str(parameter.get("name")).lower() in CONDITIONAL
