"""Planted faults of a server that writes below parents: the wrong parent has what happens to the right one."""

from __future__ import annotations

import json

from mock_server.messages import Request, Response
from tests.mutation.written_mock import Spoil, WrittenMock, with_body


def find_store(request: Request) -> str:
    """The store whose orders a request is about; empty for none."""
    steps = request.path.split("/")
    return steps[3] if len(steps) in (5, 6) and steps[4] == "orders" else ""


def move(request: Request) -> Request:
    """A request on another store's orders."""
    store = find_store(request)
    return request._replace(path=request.path.replace(f"/stores/{store}/", f"/stores/{int(store) % 9 + 1}/"))


def delete_elsewhere(mock: WrittenMock, request: Request) -> bool:
    """Delete an order of the next store."""
    path = move(request).path.rpartition("/")[0]
    first = json.loads(mock.ask("GET", path).body)["data"][0]["id"]
    return mock.ask("DELETE", f"{path}/{first}").status == 204


def count_elsewhere(mock: WrittenMock, request: Request) -> Response:
    """What is created below one store is counted below the others."""
    response, store = mock.answer(request), find_store(request)
    made: list[str] = mock.kept.setdefault("made", [])
    if store and request.method == "POST" and response.status == 201:
        made.append(store)
    if not store or request.method != "GET" or not request.path.endswith("/orders"):
        return response
    body = json.loads(response.body)
    return with_body(response, {**body, "total": body["total"] + len([each for each in made if each != store])})


def create_elsewhere(mock: WrittenMock, request: Request) -> Response:
    """What is created below one store lies below another one."""
    return mock.answer(move(request) if request.method == "POST" and find_store(request) else request)


def delete_from_another(mock: WrittenMock, request: Request) -> Response:
    """An order of another store is deleted."""
    is_meant = request.method == "DELETE" and find_store(request) and mock.find(request.path)
    return Response(204, (), b"") if is_meant and delete_elsewhere(mock, request) else mock.answer(request)


def delete_from_both(mock: WrittenMock, request: Request) -> Response:
    """An order of another store is deleted as well."""
    response = mock.answer(request)
    if request.method == "DELETE" and find_store(request) and response.status == 204:
        delete_elsewhere(mock, request)
    return response


NESTED: tuple[tuple[str, str, Spoil], ...] = (
    ("what is created below a record is counted below others", "create.sibling", count_elsewhere),
    ("what is created below a record lies below another one", "create.sibling create.lost", create_elsewhere),
    ("what is deleted below a record is deleted below another one", "delete.stays", delete_from_another),
    ("a delete below a record deletes below another one as well", "delete.sibling", delete_from_both),
)
"""Name, the checks of which one must tell, and the fault: of the document `stores`."""
