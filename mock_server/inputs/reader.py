"""One operation's reader: a request to all it says, and all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.inputs.bodies import compile_body
from mock_server.inputs.parameters import Slot, compile_parameter
from mock_server.inputs.places import EMPTY, compile_cookie, compile_header, compile_path, compile_query
from mock_server.inputs.shapes import Shapes
from mock_server.inputs.values import (
    MAX_PROBLEMS,
    NOTHING,
    Problems,
    ReadRequest,
    RequestValues,
)
from mock_server.inputs.whole_query import compile_whole_query
from mock_server.messages import Request
from mock_server.openapi import Document, DocumentOperation, Validators


def compile_request(document: Document, operation: DocumentOperation, validators: Validators) -> ReadRequest:
    """A function from a request to an operation to its values and its problems; it raises nothing.

    Parameters that the document does not name have no effect; a body where none is documented is not read.
    """
    shapes = Shapes(document)
    places: dict[str, list[Slot]] = {"path": [], "query": [], "header": [], "cookie": []}
    for located in operation.parameters:
        if located.node["in"] in places:
            places[located.node["in"]].append(_compile(located.node, operation, shapes, validators))
    whole = [
        compile_whole_query(located.node, shapes, validators)
        for located in operation.parameters
        if located.node["in"] == "querystring"
    ]
    read_path, read_query = compile_path(places["path"]), compile_query(places["query"], whole)
    read_header, read_cookie = compile_header(places["header"]), compile_cookie(places["cookie"])
    read_body = compile_body(document, operation, shapes, validators)
    has_path, has_query = bool(places["path"]), bool(places["query"] or whole)
    has_header, has_cookie = bool(places["header"]), bool(places["cookie"])

    def read(request: Request, path_texts: Mapping[str, str]) -> RequestValues:
        problems: Problems = []
        path = read_path(path_texts, problems) if has_path else path_texts
        query = read_query(request, problems) if has_query else EMPTY
        header = read_header(request, problems) if has_header else EMPTY
        cookie = read_cookie(request, problems) if has_cookie else EMPTY
        body, media_type = NOTHING, ""
        if read_body:
            body, media_type = read_body(request.body, request.headers.get("content-type", ""), problems)
        return RequestValues(path, query, header, cookie, body, media_type, tuple(problems[:MAX_PROBLEMS]))

    return read


def _compile(node: Mapping[str, object], operation: DocumentOperation, shapes: Shapes, validators: Validators) -> Slot:
    slot = compile_parameter(node, shapes, validators)
    credential = operation.node.get("x-credential")
    is_credential = isinstance(credential, Mapping) and (credential.get("in"), credential.get("name")) == (
        slot.where,
        slot.name,
    )
    # Whoever brings no credential is told so by its own error.
    return slot._replace(required=False) if is_credential else slot
