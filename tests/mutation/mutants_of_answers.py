"""Planted faults in single answers: statuses, headers, errors, credentials, one record by its key."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

from contract_tests.context import find_roles
from mock_server.contract import get_test_value, present_credentials
from mock_server.messages import Request, Response
from tests.mutation.mutants_of_records import find_fields, is_text
from tests.mutation.operation_mock import OperationMock, replace_body, set_pointer


def _response(**changed: Any) -> Callable[[OperationMock, Request], Response]:
    """A fault in status, headers or bytes of a success."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        return clean._replace(**changed) if mock.is_success(clean) else clean

    return play


def _header(
    fault: Callable[[OperationMock, tuple[tuple[str, str], ...]], Iterator[tuple[str, str]]],
    error: bool = False,
) -> Any:
    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        wanted = clean.status >= 400 if error else mock.is_success(clean)
        return clean._replace(headers=tuple(fault(mock, clean.headers))) if wanted else clean

    return play


def _documented(mock: OperationMock) -> list[str]:
    return [header.name for header in mock.operation.success.headers]


def _lose_header(mock: OperationMock, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for name, value in headers if name != _documented(mock)[-1])


def _fixed_headers(mock: OperationMock) -> list[str]:
    return [header.name for header in mock.operation.success.headers if header.value]


def _change_header(mock: OperationMock, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    yield from ((name, "other" if name in _fixed_headers(mock)[-1:] else value) for name, value in headers)


def _media(value: str) -> Any:
    def fault(mock: OperationMock, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
        for name, old in headers:
            if name != "content-type":
                yield name, old
        if value:
            yield "content-type", value

    return fault


def _add_header(mock: OperationMock, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    yield from (*headers, ("x-understudy-mutant", "1"))


def _errors(
    fault: Callable[[OperationMock, Response], Response],
    kinds: tuple[str, ...] = (),
) -> Callable[[OperationMock, Request], Response]:
    """A fault in what is refused; `kinds` narrows which errors."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        statuses = {reply.status for kind, reply in mock.operation.errors.items() if not kinds or kind in kinds}
        return fault(mock, clean) if clean.status >= 400 and (not kinds or clean.status in statuses) else clean

    return play


def _other_words(mock: OperationMock, response: Response) -> Response:
    body = json.loads(response.body)
    reply = next((r for r in mock.operation.errors.values() if r.status == response.status), None)
    for role, place in find_roles(reply.schema, "x-error") if reply else ():
        if role == "detail":
            set_pointer(body, place.pointer, "Something went wrong")
    return replace_body(response, body)


def _tells_words(mock: OperationMock) -> bool:
    """Whether a documented error that a reader can provoke has a documented text, and says where it stands."""
    return any(
        kind in ("unauthenticated", "not_found", "not_acceptable")
        and reply.detail
        and any(role == "detail" for role, _ in find_roles(reply.schema, "x-error"))
        for kind, reply in mock.operation.errors.items()
    )


def _rename_error(mock: OperationMock, response: Response) -> Response:
    body = json.loads(response.body)
    if not isinstance(body, dict):
        return replace_body(response, {"unexpected": body})
    return replace_body(response, {f"{name}_new": value for name, value in body.items()})


def _has(*kinds: str) -> Callable[[OperationMock], bool]:
    return lambda mock: any(kind in mock.operation.errors for kind in kinds)


def _lend_credential(only: str) -> Callable[[OperationMock, Request], Response]:
    """Requests that should be refused for their credential are answered as if they had a good one."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        schemes = mock.operation.security[0] if mock.operation.security else ()
        good = present_credentials(schemes, get_test_value("valid")).headers
        sent = any(name.lower() in request.headers for name in good)
        refused = clean.status in {r.status for k, r in mock.operation.errors.items() if k in _OF_CALLER}
        if not refused or sent != (only == "wrong"):
            return clean
        lower = {name.lower(): value for name, value in good.items()}
        return mock.answer(request._replace(headers={**request.headers, **lower}))

    return play


_OF_CALLER = ("unauthenticated", "forbidden")


def _refuse_all(mock: OperationMock, request: Request) -> Response:
    return mock.answer(request._replace(headers={}))


def _accept_bad(mock: OperationMock, request: Request) -> Response:
    """A wrong parameter is ignored."""
    clean = mock.answer(request)
    invalid = mock.operation.errors.get("invalid")
    if invalid is None or clean.status != invalid.status or not mock.listing:
        return clean
    return mock.answer(request._replace(query=""))


def _accept_all(mock: OperationMock, request: Request) -> Response:
    return mock.answer(request._replace(headers={**request.headers, "accept": "*/*"}))


def _fail_third(mock: OperationMock, request: Request) -> Response:
    """Every third call fails, as an overloaded server does."""
    mock.calls += 1
    clean = mock.answer(request)
    return clean._replace(status=503, body=b"{}") if mock.calls % 3 == 0 and mock.is_success(clean) else clean


def _other_record(mock: OperationMock, request: Request) -> Request:
    """The request for another record that the list shows, in place of the one that was asked for."""
    path = request.path.rpartition("/")[0]
    return request._replace(path=f"{path}/{mock.other_keys[0]}") if mock.other_keys else request


def _another(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    return mock.answer(_other_record(mock, request)) if mock.is_success(clean) else clean


def _never_unknown(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    return mock.answer(_other_record(mock, request)) if clean.status == 404 else clean


def _is_get(mock: OperationMock) -> bool:
    return bool(mock.operation.key)


def _old_value(mock: OperationMock, request: Request) -> Response:
    """A record by its key shows another value than the list."""
    clean = mock.answer(request)
    if not mock.is_success(clean):
        return clean
    body = json.loads(clean.body)
    for record in mock.records_of(body):
        name = next((n for n in find_fields(mock, is_text) if isinstance(record.get(n), str)), "")
        if name:
            record[name] += " (old)"
    return replace_body(clean, body)


def _by_key(change: Callable[[Any], Any]) -> Callable[[OperationMock, Request], Response]:
    """A record by its key has values that the list has otherwise."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        if not mock.is_success(clean):
            return clean
        body = json.loads(clean.body)
        for record in mock.records_of(body):
            record.update({name: change(value) for name, value in record.items()})
        return replace_body(clean, body)

    return play


def _may_be_null(mock: OperationMock) -> bool:
    """Whether it fetches a record that may have nulls where texts may stand."""
    properties = mock.item_schema.get("properties", {}).values()
    return _is_get(mock) and any(schema.get("type") == ["string", "null"] for schema in properties)


def _allow_any(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    return mock.answer(request._replace(method="GET")) if clean.status == 405 else clean


def _lose_allow(mock: OperationMock, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for name, value in headers if name != "allow")


def _refuses(mock: OperationMock) -> bool:
    """Whether some value of a parameter is refused: a number has a form that text has not."""
    numbers = ("integer", "number", "boolean")
    return any(p.schema.get("type") in numbers or "enum" in p.schema for p in mock.operation.parameters)


def _always(mock: OperationMock) -> bool:
    return True


def _listed(mock: OperationMock) -> bool:
    return mock.listing is not None


def _add(*pairs: tuple[str, str]) -> Any:
    """Headers beside those of a success, in place of others of the same name."""
    names = {name for name, _ in pairs}

    def fault(mock: OperationMock, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
        yield from ((name, value) for name, value in headers if name.lower() not in names)
        yield from pairs

    return _header(fault)


def _pack(data: bytes, cut: int = 0) -> Callable[[OperationMock, Request], Response]:
    """Successes are compressed, for whoever asks; `data` is put behind, `cut` bytes are lost at the end."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        if not mock.is_success(clean):
            return clean
        packed = gzip.compress(clean.body) + data
        headers = (*clean.headers, ("content-encoding", "gzip"))
        return clean._replace(body=packed[: len(packed) - cut], headers=headers)

    return play


def _answer_304(mock: OperationMock, request: Request) -> Response:
    """Whoever asks with an entity tag, whichever, is told that nothing changed."""
    clean = mock.answer(request)
    if "if-none-match" in request.headers:
        return clean._replace(status=304, body=b"", headers=(("etag", '"1"'),))
    return clean._replace(headers=(*clean.headers, ("etag", '"1"'))) if mock.is_success(clean) else clean


def _refuse_head(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    return clean._replace(status=500, body=b"") if request.method == "HEAD" else clean


def _declare_latin(mock: OperationMock, request: Request) -> Response:
    """A body in UTF-8 whose header says Latin-1."""
    clean = mock.answer(request)
    if not mock.is_success(clean):
        return clean
    headers = (("content-type", "application/json; charset=iso-8859-1"),)
    return replace_body(clean, {**json.loads(clean.body), "understudied": "\u00e9"})._replace(headers=headers)


HTML = b"<!doctype html><title>Error</title><h1>Bad gateway</h1>"

ANSWER_MUTANTS: tuple[tuple[Any, ...], ...] = (
    # Status, media type, headers
    ("status 201 in place of 200", "status", _always, _response(status=201)),
    ("status 500 every third time", "status", _always, _fail_third),
    ("media type text/html", "media_type", _always, _header(_media("text/html"))),
    ("media type lost", "media_type", _always, _header(_media(""))),
    ("a documented header lost", "headers", lambda s: bool(_documented(s)), _header(_lose_header)),
    ("a documented header changed", "headers", lambda s: bool(_fixed_headers(s)), _header(_change_header)),
    ("a header added", "audit.header", _always, _header(_add_header)),
    # The wire
    ("compressed for everybody", "wire.coding", _listed, _pack(b"")),
    ("compressed and cut", "wire.coding", _listed, _pack(b"", cut=8), "live"),
    ("another charset declared", "wire.charset", _listed, _declare_latin),
    ("two media types", "wire.headers", _listed, _header(lambda s, h: iter((*h, ("content-type", "text/html"))))),
    ("a public cache allowed", "wire.cache", _listed, _add(("cache-control", "public, max-age=300"))),
    ("a cache's age", "wire.cache", _listed, _header(lambda s, h: iter((*h, ("age", "37"))))),
    ("one entity tag for everything", "wire.etag", _listed, _add(("etag", '"1"'))),
    ("304 for everything", "wire.etag", _listed, _answer_304),
    ("an entity tag without quotes", "wire.etag", _listed, _add(("etag", "v1"))),
    ("HEAD fails", "wire.head", _listed, _refuse_head),
    (
        "calls left do not count",
        "wire.rate",
        _listed,
        _add(("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "57")),
    ),
    ("a date of another form", "wire.retry_after", _listed, _add(("retry-after", "in a minute"))),
    # Errors
    ("error members renamed", "schema", _has("unauthenticated"), _errors(_rename_error)),
    ("other words in errors", "errors.body", _tells_words, _errors(_other_words)),
    (
        "errors as HTML pages",
        "media_type",
        _has("unauthenticated"),
        _errors(lambda s, r: r._replace(body=HTML, headers=(("content-type", "text/html"),))),
    ),
    (
        "another reason phrase",
        "errors.body",
        lambda s: any(r.reason for r in s.operation.errors.values()),
        _errors(lambda s, r: r._replace(reason="Refused")),
    ),
    (
        "401 turned into 400",
        "status",
        _has("unauthenticated"),
        _errors(lambda s, r: r._replace(status=400), ("unauthenticated",)),
    ),
    (
        "400 turned into 422",
        "status errors.status",
        lambda s: _has("invalid")(s) and _refuses(s),
        _errors(lambda s, r: r._replace(status=422) if r.status == 400 else r, ("invalid",)),
    ),
    ("refusals turned into 500", "status", _has("unauthenticated"), _errors(lambda s, r: r._replace(status=500))),
    ("401 for everything", "reached", _has("unauthenticated"), _refuse_all),
    ("answers without credential", "errors.credential", _has("unauthenticated"), _lend_credential("none")),
    ("answers to a wrong credential", "errors.credential", _has("unauthenticated"), _lend_credential("wrong")),
    ("a wrong parameter accepted", "errors.parameter", lambda s: s.listing is not None and _refuses(s), _accept_bad),
    ("an excluding Accept ignored", "errors.accept", _has("not_acceptable"), _accept_all),
    ("405 without Allow", "errors.allow", _always, _header(_lose_allow, error=True), "mock"),
    (
        "405 turned into 404",
        "status",
        _always,
        _errors(lambda s, r: r._replace(status=404) if r.status == 405 else r),
        "mock",
    ),
    ("undocumented methods answered", "errors.method", _always, _allow_any, "mock"),
    # One record
    ("get answers another record", "records.same", _is_get, _another),
    ("get shows an old value", "records.same", _is_get, _old_value),
    ("nulls are empty texts by key", "records.same", _may_be_null, _by_key(lambda v: "" if v is None else v)),
    ("numbers are texts by key", "records.same", _is_get, _by_key(lambda v: str(v) if isinstance(v, int) else v)),
    ("an unknown id answered", "records.unknown", lambda s: _is_get(s) and _has("not_found")(s), _never_unknown),
    (
        "an unknown id is a 500",
        "status",
        lambda s: _is_get(s) and _has("not_found")(s),
        _errors(lambda s, r: r._replace(status=500), ("not_found",)),
    ),
)
"""Name, the checks of which one must tell, whether an operation can have it, how it is played, seen as which target."""
