"""Where an answer of somebody's own departs from the contract: it is sent all the same, and the journal says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract import Contract, Operation, find_pointer
from mock_server.messages import Response
from mock_server.openapi import Document, DocumentOperation, Located, Validators, is_json

MAX_DEPARTURES = 5
"""How many departures of one answer are noted."""


BODILESS = (204, 304)
"""Statuses whose answers have no body, whatever is documented."""


class ContractCheck:
    """One contract, as answers are compared with it."""

    def __init__(self, contract: Contract) -> None:
        self._document = Document(contract.provider, contract.document)
        self._validators = Validators(contract.document)

    def find_departures(self, operation: Operation, response: Response) -> list[str]:
        """What of a response to an operation is not as documented, as sentences."""
        return list(self._find(operation, response))[:MAX_DEPARTURES]

    def _find(self, operation: Operation, response: Response) -> Iterator[str]:
        node = find_pointer(self._document.root, operation.pointer)
        asked = DocumentOperation(operation.method, operation.path, operation.pointer, node or {}, ())
        documented = self._document.find_responses(asked)
        located = find_status(documented, response.status)
        if located is None:
            known = ", ".join(documented) or "none"
            yield f"the status {response.status} is not documented for {operation.id} (documented: {known})"
            return
        content = self._document.find_content(located)
        if content and response.body:
            yield from self._find_in_body(content, response)
        elif content and response.status not in BODILESS:
            yield f"the body of {response.status} is empty, and one is documented"

    def _find_in_body(self, content: Mapping[str, Located], response: Response) -> Iterator[str]:
        sent = dict(response.headers).get("content-type", "").partition(";")[0].strip().lower()
        schema = find_media_type(content, sent)
        if schema is None:
            known = ", ".join(content)
            yield f"the content type {sent or 'none'} is not documented for {response.status} (documented: {known})"
            return
        if not is_json(sent):
            return
        try:
            value = json.loads(response.body)
        except (ValueError, RecursionError):
            yield f"the body of {response.status} is no JSON"
            return
        for pointer, problem in self._validators.find_problems(schema.node, value):
            yield f"the body of {response.status} does not fit its schema: {pointer or 'it'} {problem}"


def find_status(documented: Mapping[str, Any], status: int) -> Any:
    """What is documented for a status: by its number, by its range (`4XX`), or by `default`; else None."""
    written = {key.upper(): value for key, value in documented.items()}
    return written.get(str(status)) or written.get(f"{status // 100}XX") or written.get("DEFAULT")


def find_media_type(content: Mapping[str, Located], sent: str) -> Located | None:
    """What is documented for a media type, by itself or by a range (`text/*`); else None."""
    written = {key.partition(";")[0].strip().lower(): value for key, value in content.items()}
    return written.get(sent) or written.get(f"{sent.partition('/')[0]}/*") or written.get("*/*")
