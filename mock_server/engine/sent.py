"""What a client says in the body of an annotated write: read as documented, without what only the server says."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.contract import Collection, Contract, Operation, find_pointer
from mock_server.errors import ApiError
from mock_server.inputs import ReadRequest, RequestValues, compile_request
from mock_server.messages import Request
from mock_server.openapi import Document, DocumentOperation, Validators

Nodes = Mapping[str, Mapping[str, Any]]


class SentBody:
    """The body of a write; its reader is compiled at the first request."""

    def __init__(self, contract: Contract, operation: Operation, kinds: Iterable[str]) -> None:
        self._contract, self._operation, self._kinds = contract, operation, frozenset(kinds)

    @functools.cached_property
    def _read(self) -> ReadRequest:
        document, pointer = self._contract.document, self._operation.pointer
        documented = DocumentOperation(self._operation.method, "", pointer, find_pointer(document, pointer), ())
        return compile_request(Document(self._contract.provider, document), documented, Validators(document))

    def read(self, request: Request) -> RequestValues:
        """What was sent. Raises: ApiError of the documented kind, with the field."""
        values = self._read(request, {})
        for kind, _, name, sentence in values.problems:
            field = name.strip("/").replace("/", ".")
            instead = "unprocessable" if kind == "invalid" else "invalid"
            documented = instead if kind not in self._kinds and instead in self._kinds else kind
            raise ApiError(documented, f"{field}: {sentence}" if field else f"the body {sentence}", field)
        return values


def find_sendable(operation: Operation, collection: Collection) -> Nodes:
    """The fields that a client says: those of the documented body that the record has and that are not `readOnly`."""
    fields: Nodes = {**collection.hidden, **collection.schema["properties"]}
    documented: Nodes = operation.body.get("properties", collection.schema["properties"])
    named = {name: {**fields[name], **documented[name]} for name in documented if name in fields}
    return {name: node for name, node in named.items() if not node.get("readOnly")}
