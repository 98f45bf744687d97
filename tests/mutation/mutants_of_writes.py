"""Planted faults of a server that writes: what it answers and what it keeps are not what was sent."""

from __future__ import annotations

import json
from typing import NamedTuple

from mock_server.messages import Request, Response
from tests.mutation.mutants_of_conflicts import CONFLICTS
from tests.mutation.mutants_of_nested import NESTED
from tests.mutation.written_mock import COLLECTION, Spoil, WrittenMock, with_body


class WriteMutant(NamedTuple):
    """One planted fault of writes; `caught_by` are the checks of which one must tell, `document` is what is played."""

    name: str
    caught_by: tuple[str, ...]
    spoil: Spoil
    document: str


def is_of_record(request: Request) -> bool:
    """Whether a request is of one record."""
    return request.path.startswith(f"{COLLECTION}/")


def lose_updates(method: str) -> Spoil:
    """A change is answered as if it were kept, and is not."""

    def spoil(mock: WrittenMock, request: Request) -> Response:
        known = mock.find(request.path) if request.method == method else None
        response = mock.answer(request)
        if known and response.status == 200:
            mock.ask("PUT", request.path, known)
        return response

    return spoil


def create_twice(mock: WrittenMock, request: Request) -> Response:
    """Each create makes two records."""
    response = mock.answer(request)
    if request.method == "POST" and response.status == 201:
        mock.answer(request)
    return response


def keep_deleted(mock: WrittenMock, request: Request) -> Response:
    """A delete is answered and deletes nothing."""
    is_there = request.method == "DELETE" and mock.find(request.path)
    return Response(204, (), b"") if is_there else mock.answer(request)


def keep_total(mock: WrittenMock, request: Request) -> Response:
    """What is deleted is counted still."""
    response = mock.answer(request)
    if request.method == "DELETE" and response.status == 204:
        mock.kept["deleted"] = mock.kept.get("deleted", 0) + 1
    if request.method == "GET" and request.path == COLLECTION and response.status == 200:
        body = json.loads(response.body)
        return with_body(response, {**body, "total": body["total"] + mock.kept.get("deleted", 0)})
    return response


def merge_replacements(mock: WrittenMock, request: Request) -> Response:
    """A replacement changes what it names, and keeps the rest."""
    known = mock.find(request.path) if request.method == "PUT" else None
    if known is None:
        return mock.answer(request)
    return mock.ask("PUT", request.path, {**known, **json.loads(request.body)})


def clear_by_patch(mock: WrittenMock, request: Request) -> Response:
    """A patch is taken for the whole record, but for what it must have."""
    known = mock.find(request.path) if request.method == "PATCH" else None
    response = mock.answer(request)
    if known is None or response.status != 200:
        return response
    needed = {name: known[name] for name in ("title", "isbn")}
    return mock.ask("PUT", request.path, {**needed, **json.loads(request.body)})


def lead_elsewhere(mock: WrittenMock, request: Request) -> Response:
    """`Location` leads to another record."""
    response = mock.answer(request)
    if response.status != 201:
        return response
    others = tuple((name, value) for name, value in response.headers if name.lower() != "location")
    return response._replace(headers=(*others, ("location", f"{COLLECTION}/1")))


def show_late(mock: WrittenMock, request: Request) -> Response:
    """The first read after a write shows what was before it."""
    if request.method == "GET" and is_of_record(request) and request.path in mock.kept:
        return mock.kept.pop(request.path)  # type: ignore[no-any-return]
    before = mock.ask("GET", request.path) if request.method in ("PUT", "PATCH", "DELETE") else None
    response = mock.answer(request)
    if before and response.status < 300:
        mock.kept[request.path] = before
    return response


def create_late(mock: WrittenMock, request: Request) -> Response:
    """The first read of a new record does not find it."""
    response = mock.answer(request)
    if request.method == "POST" and response.status == 201:
        mock.kept[f"{COLLECTION}/{json.loads(response.body)['id']}"] = mock.ask("GET", f"{COLLECTION}/0")
    elif request.method == "GET" and request.path in mock.kept:
        return mock.kept.pop(request.path)  # type: ignore[no-any-return]
    return response


def take_read_only(method: str) -> Spoil:
    """What only the server writes is taken from the client."""

    def spoil(mock: WrittenMock, request: Request) -> Response:
        response = mock.answer(request)
        sent = json.loads(request.body) if request.method == method and request.body else {}
        if method == "POST" and response.status == 201:
            path = f"{COLLECTION}/{json.loads(response.body)['id']}"
        else:
            path = request.path
        if isinstance(sent, dict) and "shelfmark" in sent and response.status < 300:
            mock.kept[path] = sent["shelfmark"]
        if request.method == "GET" and path in mock.kept and response.status == 200:
            return with_body(response, {**json.loads(response.body), "shelfmark": mock.kept[path]})
        return response

    return spoil


def reuse_keys(mock: WrittenMock, request: Request) -> Response:
    """The next record gets the key of the last one that was deleted."""
    alias: dict[str, str] = mock.kept.setdefault("alias", {})
    free: list[str] = mock.kept.setdefault("free", [])
    key = request.path.removeprefix(f"{COLLECTION}/") if is_of_record(request) else ""
    response = mock.answer(request._replace(path=f"{COLLECTION}/{alias[key]}") if key in alias else request)
    if request.method == "DELETE" and response.status == 204:
        alias.pop(key, None)
        free.append(key)
    if request.method == "POST" and response.status == 201 and free:
        alias[free.pop()] = str(json.loads(response.body)["id"])
    named = {own: given for given, own in alias.items()}
    text = response.body.decode()
    for own, given in named.items():
        text = text.replace(f'"id":{own},', f'"id":{given},')
    headers = tuple((n, v) for n, v in response.headers if n.lower() != "location")
    return response._replace(body=text.encode(), headers=headers)


def leave_unlisted(mock: WrittenMock, request: Request) -> Response:
    """A new record can be got, and is on no page."""
    response = mock.answer(request)
    if request.method == "GET" and request.path == COLLECTION and response.status == 200:
        body = json.loads(response.body)
        return with_body(response, {**body, "data": [each for each in body["data"] if each["id"] <= 50]})
    return response


def keep_nulls(mock: WrittenMock, request: Request) -> Response:
    """Null in a patch changes nothing."""
    if request.method != "PATCH":
        return mock.answer(request)
    sent = json.loads(request.body)
    left = {name: value for name, value in sent.items() if value is not None} if isinstance(sent, dict) else sent
    if left == sent:
        return mock.answer(request)
    return mock.ask("PATCH", request.path, left) if left else mock.ask("GET", request.path)


_ROWS: tuple[tuple[str, str, Spoil], ...] = (
    ("a replacement is lost", "replace.lost", lose_updates("PUT")),
    ("a change is lost", "patch.lost", lose_updates("PATCH")),
    ("a record is created twice", "create.twice", create_twice),
    ("a new record is on no page", "create.listed", leave_unlisted),
    ("a delete deletes nothing", "delete.stays", keep_deleted),
    ("the total is not lowered", "delete.total", keep_total),
    ("a replacement is merged", "replace.merged", merge_replacements),
    ("a patch clears what it does not say", "patch.kept", clear_by_patch),
    ("null in a patch clears nothing", "patch.null", keep_nulls),
    ("Location leads to another record", "create.location", lead_elsewhere),
    ("a read after a write is stale", "replace.stale patch.stale delete.stale", show_late),
    ("a new record is found late", "create.stale", create_late),
    ("a replacement writes what is read-only", "replace.read_only", take_read_only("PUT")),
    ("a patch writes what is read-only", "patch.read_only", take_read_only("PATCH")),
    ("a create writes what is read-only", "create.read_only", take_read_only("POST")),
    ("the key of a deleted record is given again", "delete.reused", reuse_keys),
)

WRITE_MUTANTS: dict[str, WriteMutant] = {
    name: WriteMutant(name, tuple(caught_by.split()), spoil, document)
    for document, rows in (("books", _ROWS), ("members", CONFLICTS), ("stores", NESTED))
    for name, caught_by, spoil in rows
}
"""Every planted fault of writes by its name."""


def play_clean(mock: WrittenMock, request: Request) -> Response:
    """Nothing is wrong."""
    return mock.answer(request)
