"""Planted faults in single answers: statuses, headers, errors, credentials, one record by its key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from contract_tests.checks import find_roles
from mock_server.contract import get_test_value, present_credentials
from mock_server.messages import Request, Response
from tests.mutation.mutants_of_records import find_fields, is_text
from tests.mutation.stage import Stage, bend_body, set_pointer


def _response(**changed: Any) -> Callable[[Stage, Request], Response]:
    """A fault in status, headers or bytes of a success."""

    def play(stage: Stage, request: Request) -> Response:
        clean = stage.answer(request)
        return clean._replace(**changed) if stage.is_success(clean) else clean

    return play


def _header(
    bend: Callable[[Stage, tuple[tuple[str, str], ...]], Iterator[tuple[str, str]]],
    error: bool = False,
) -> Any:
    def play(stage: Stage, request: Request) -> Response:
        clean = stage.answer(request)
        wanted = clean.status >= 400 if error else stage.is_success(clean)
        return clean._replace(headers=tuple(bend(stage, clean.headers))) if wanted else clean

    return play


def _documented(stage: Stage) -> list[str]:
    return [header.name for header in stage.operation.success.headers]


def _lose_header(stage: Stage, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for name, value in headers if name != _documented(stage)[-1])


def _fixed_headers(stage: Stage) -> list[str]:
    return [header.name for header in stage.operation.success.headers if header.value]


def _change_header(stage: Stage, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    yield from ((name, "other" if name in _fixed_headers(stage)[-1:] else value) for name, value in headers)


def _media(value: str) -> Any:
    def bend(stage: Stage, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
        for name, old in headers:
            if name != "content-type":
                yield name, old
        if value:
            yield "content-type", value

    return bend


def _add_header(stage: Stage, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    yield from (*headers, ("x-understudy-mutant", "1"))


def _errors(
    bend: Callable[[Stage, Response], Response],
    kinds: tuple[str, ...] = (),
) -> Callable[[Stage, Request], Response]:
    """A fault in what is refused; `kinds` narrows which errors."""

    def play(stage: Stage, request: Request) -> Response:
        clean = stage.answer(request)
        statuses = {reply.status for kind, reply in stage.operation.errors.items() if not kinds or kind in kinds}
        return bend(stage, clean) if clean.status >= 400 and (not kinds or clean.status in statuses) else clean

    return play


def _other_words(stage: Stage, response: Response) -> Response:
    body = json.loads(response.body)
    reply = next((r for r in stage.operation.errors.values() if r.status == response.status), None)
    for role, place in find_roles(reply.schema, "x-error") if reply else ():
        if role == "detail":
            set_pointer(body, place.pointer, "Something went wrong")
    return bend_body(response, body)


def _tells_words(stage: Stage) -> bool:
    """Whether a documented error that a reader can provoke has a documented text, and says where it stands."""
    return any(
        kind in ("unauthenticated", "not_found", "not_acceptable")
        and reply.detail
        and any(role == "detail" for role, _ in find_roles(reply.schema, "x-error"))
        for kind, reply in stage.operation.errors.items()
    )


def _rename_error(stage: Stage, response: Response) -> Response:
    body = json.loads(response.body)
    if not isinstance(body, dict):
        return bend_body(response, {"unexpected": body})
    return bend_body(response, {f"{name}_new": value for name, value in body.items()})


def _has(*kinds: str) -> Callable[[Stage], bool]:
    return lambda stage: any(kind in stage.operation.errors for kind in kinds)


def _lend_credential(only: str) -> Callable[[Stage, Request], Response]:
    """Requests that should be refused for their credential are answered as if they had a good one."""

    def play(stage: Stage, request: Request) -> Response:
        clean = stage.answer(request)
        schemes = stage.operation.security[0] if stage.operation.security else ()
        good = present_credentials(schemes, get_test_value("valid")).headers
        sent = any(name.lower() in request.headers for name in good)
        refused = clean.status in {r.status for k, r in stage.operation.errors.items() if k in _OF_CALLER}
        if not refused or sent != (only == "wrong"):
            return clean
        lower = {name.lower(): value for name, value in good.items()}
        return stage.answer(request._replace(headers={**request.headers, **lower}))

    return play


_OF_CALLER = ("unauthenticated", "forbidden")


def _refuse_all(stage: Stage, request: Request) -> Response:
    return stage.answer(request._replace(headers={}))


def _accept_bad(stage: Stage, request: Request) -> Response:
    """A wrong parameter is ignored."""
    clean = stage.answer(request)
    invalid = stage.operation.errors.get("invalid")
    if invalid is None or clean.status != invalid.status or not stage.listing:
        return clean
    return stage.answer(request._replace(query=""))


def _accept_all(stage: Stage, request: Request) -> Response:
    return stage.answer(request._replace(headers={**request.headers, "accept": "*/*"}))


def _fail_third(stage: Stage, request: Request) -> Response:
    """Every third call fails, as an overloaded server does."""
    stage.calls += 1
    clean = stage.answer(request)
    return clean._replace(status=503, body=b"{}") if stage.calls % 3 == 0 and stage.is_success(clean) else clean


def _first_record(stage: Stage, request: Request) -> Request:
    """The request for the record that the list shows first, in place of the one that was asked for."""
    path = request.path.rpartition("/")[0]
    key = stage.kept.get("first", [None])[0]
    return request._replace(path=f"{path}/{key}") if key is not None else request


def _another(stage: Stage, request: Request) -> Response:
    clean = stage.answer(request)
    return stage.answer(_first_record(stage, request)) if stage.is_success(clean) else clean


def _never_unknown(stage: Stage, request: Request) -> Response:
    clean = stage.answer(request)
    return stage.answer(_first_record(stage, request)) if clean.status == 404 else clean


def _is_get(stage: Stage) -> bool:
    return bool(stage.operation.key)


def _old_value(stage: Stage, request: Request) -> Response:
    """A record by its key shows another value than the list."""
    clean = stage.answer(request)
    if not stage.is_success(clean):
        return clean
    body = json.loads(clean.body)
    for record in stage.records_of(body):
        name = next((n for n in find_fields(stage, is_text) if isinstance(record.get(n), str)), "")
        if name:
            record[name] += " (old)"
    return bend_body(clean, body)


def _allow_any(stage: Stage, request: Request) -> Response:
    clean = stage.answer(request)
    return stage.answer(request._replace(method="GET")) if clean.status == 405 else clean


def _lose_allow(stage: Stage, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for name, value in headers if name != "allow")


def _refuses(stage: Stage) -> bool:
    """Whether some value of a parameter is refused: a number has a form that text has not."""
    numbers = ("integer", "number", "boolean")
    return any(p.schema.get("type") in numbers or "enum" in p.schema for p in stage.operation.parameters)


def _always(stage: Stage) -> bool:
    return True


def _listed(stage: Stage) -> bool:
    return stage.listing is not None


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
        "status",
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
    ("an unknown id answered", "records.unknown", lambda s: _is_get(s) and _has("not_found")(s), _never_unknown),
    (
        "an unknown id is a 500",
        "status",
        lambda s: _is_get(s) and _has("not_found")(s),
        _errors(lambda s, r: r._replace(status=500), ("not_found",)),
    ),
)
"""Name, the checks of which one must tell, whether an operation can have it, how it is played, seen as which target."""
