"""Correct variants: what the documents leave open is done another way than the mock does it. Nothing of them breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from contract_tests.context import find_roles
from contract_tests.findings import find_evidence, find_node
from mock_server.contract import find_pointer
from mock_server.messages import Request, Response
from tests.mutation.operation_mock import OperationMock, read_page_query, replace_body, set_pointer

Play = Callable[[OperationMock, Request], Response]
Applies = Callable[[OperationMock], bool]


class Variant(NamedTuple):
    """One way to be correct: `because` is why nobody may call it breaking, `provider` the one it is played as."""

    name: str
    because: str
    provider: str
    applies: Applies
    play: Play


def _always(mock: OperationMock) -> bool:
    return True


def _is_list(mock: OperationMock) -> bool:
    return mock.listing is not None


def _written(write: Callable[[Any], str]) -> Play:
    """Each JSON body written in another way."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        return clean._replace(body=write(json.loads(clean.body)).encode()) if clean.body else clean

    return play


def _headed(*more: tuple[str, str], media: str = "") -> Play:
    """Headers that a network adds, or a media type written in another way."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        kept = [(n, media if media and n.lower() == "content-type" else v) for n, v in clean.headers]
        return clean._replace(headers=(*kept, *more))

    return play


def _add_members(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    if not mock.is_success(clean):
        return clean
    body = json.loads(clean.body)
    for record in mock.records_of(body):
        record["added_later"] = {"since": "2024-05-01T00:00:00Z"}
    return replace_body(clean, {**body, "added_later": None})


def _count_in_fractions(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    if not mock.listing or not mock.is_success(clean):
        return clean
    body, place = json.loads(clean.body), mock.listing.places["total"].pointer
    set_pointer(body, place, float(find_pointer(body, place)))
    return replace_body(clean, body)


def _drop_reason(mock: OperationMock, request: Request) -> Response:
    return mock.answer(request)._replace(reason="")


def _say_other_words(mock: OperationMock, request: Request) -> Response:
    """Errors whose words stand in no document say something else."""
    clean = mock.answer(request)
    reply = next((r for r in mock.operation.errors.values() if r.status == clean.status), None)
    if reply is None or not find_evidence(find_node(mock.contract.document, reply.pointer), "words").assumed:
        return clean
    body = json.loads(clean.body)
    for role, place in find_roles(reply.schema, "x-error"):
        if role == "detail" and place.pointer:
            set_pointer(body, place.pointer, "This is refused.")
    return replace_body(clean, body)


def _serve_at_most(most: int) -> Play:
    def play(mock: OperationMock, request: Request) -> Response:
        size, page = mock.parameter("size"), read_page_query(mock, request) if mock.listing else None
        if size is None or page is None or page.size <= most:
            return mock.answer(request)
        query = {**mock.query_of(request), size.name: [str(most)]}
        return mock.answer(mock.with_query(request, query))

    return play


def _miss_past_the_end(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    page = read_page_query(mock, request) if mock.listing else None
    if not mock.is_success(clean) or page is None or not page.start or page.start < page.total:
        return clean
    return clean._replace(status=404, body=b'{"message": "There is no such page."}')


def _refuse_head(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    if request.method != "HEAD":
        return clean
    return Response(405, (("content-type", "application/json"), ("allow", "GET")), b"")


def _lose_assumed_headers(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    names = find_node(mock.contract.document, mock.operation.success.pointer).get("headers", {})
    assumed = {name.lower() for name, node in names.items() if find_evidence(node).assumed}
    return clean._replace(headers=tuple((n, v) for n, v in clean.headers if n.lower() not in assumed))


def _challenge(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    return Response(401, (("www-authenticate", "Bearer"),), b"") if clean.status == 401 else clean


def _is_unprocessable(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    return clean._replace(status=422) if clean.status == 400 else clean


VARIANTS: dict[str, Variant] = {
    variant.name: variant
    for variant in (
        Variant(
            "bodies escaped, spaced and in another order",
            "RFC 8259: an object is unordered, and any character may be escaped",
            "sourcehub",
            _always,
            _written(lambda body: json.dumps(body, sort_keys=True, indent=1, ensure_ascii=True)),
        ),
        Variant("members beyond the documented", "no document closes its objects", "fatora", _always, _add_members),
        Variant(
            "headers of a network and a charset in capitals",
            "RFC 9110: parameters of a media type have no case, and anybody may add fields",
            "yativo",
            _always,
            _headed(
                ("etag", '"a1"'),
                ("set-cookie", "lb=1; Path=/; HttpOnly"),
                ("vary", "Accept-Encoding"),
                media="application/json; charset=UTF-8",
            ),
        ),
        Variant(
            "totals with a fraction of zero",
            "JSON Schema: 57.0 is an integer",
            "fatora",
            _is_list,
            _count_in_fractions,
        ),
        Variant(
            "no reason phrases",
            "HTTP/2 has none, proxies lose them; the words stand in the body",
            "sellercloud",
            _always,
            _drop_reason,
        ),
        Variant(
            "other words of errors",
            "none are in the given documents",
            "fatora",
            _always,
            _say_other_words,
        ),
        Variant(
            "wrong parameters are unprocessable",
            '"an error response such as 400 status code"',
            "fatora",
            _always,
            _is_unprocessable,
        ),
        Variant("at most 25 records a page", "no maximum is documented", "fatora", _is_list, _serve_at_most(25)),
        Variant("at most 30 customers a page", "no maximum is documented", "yativo", _is_list, _serve_at_most(30)),
        Variant("past the end nothing is found", "no document says", "sourcehub", _is_list, _miss_past_the_end),
        Variant("HEAD is no method", "no document has it", "fatora", _always, _refuse_head),
        Variant("no rate limit is shown", "it was captured once", "yativo", _always, _lose_assumed_headers),
        Variant("a challenge without words", "the body of a 401 is assumed", "yativo", _always, _challenge),
    )
}
"""Every correct variant by its name."""
