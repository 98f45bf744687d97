"""Who writes which field of a record: its client, or the server alone."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.engine import split_query
from mock_server.errors import ApiError
from mock_server.inputs import RequestValues
from mock_server.messages import Request
from mock_server.openapi import Document
from mock_server.plain.contract import PlainOperation
from mock_server.plain.places import find_at, find_names, find_property, split_pointer
from mock_server.writes import is_moment

Values = dict[str, Any]

ADDRESSES = frozenset(("url", "uri", "href", "self", "links", "_links", "uuid", "guid", "object"))
"""What fields are called that a server writes, also where one schema stands for what is sent and what is shown."""


class Authorship(NamedTuple):
    """What a body may say of a record, what only the server writes, and what stands where nobody says anything.

    `sendable` are the names that the documented body has; empty where it names none. `is_nullable` says whether a
    field may say that it has no value.
    """

    sendable: frozenset[str]
    is_read_only: Callable[[str], bool]
    is_nullable: Callable[[str], bool]
    is_known: Callable[[str], bool]
    defaults: Callable[[], Values]

    def is_of_server(self, name: str) -> bool:
        """Whether a field stays as it is where a client sends none: it cannot, or the server has one anyway."""
        is_closed = self.is_read_only(name) or bool(self.sendable and name not in self.sendable)
        return is_closed or name in ADDRESSES or is_moment(name)

    def find_left_out(self, values: Mapping[str, Any], sent: Mapping[str, Any]) -> Iterator[str]:
        """The fields that a client could have sent, and did not; the server has none for it."""
        return (name for name in values if name in self.sendable and name not in sent and not self.is_of_server(name))


def find_authorship(document: Document, plain: PlainOperation, shapes: Sequence[Any]) -> Authorship:
    """Who writes what, by the body of an operation and the shapes that records are shown in."""
    bodies = list(_find_bodies(document, plain, shapes))
    nodes = functools.cache(lambda name: [*_find_nodes(document, shapes, name)])
    sent_nodes = functools.cache(lambda name: [*_find_nodes(document, bodies, name)])
    sendable = frozenset(name for body in bodies for name in find_names(document, body))

    def find_defaults() -> Values:
        found: Values = {}
        for name in sorted(sendable):
            said = [*sent_nodes(name), *nodes(name)]
            default = next((node["default"] for node in said if "default" in node), None)
            if default is not None and not _says(said, "readOnly"):
                found[name] = copy.deepcopy(default)
        return found

    return Authorship(
        sendable,
        # What the body itself says of a field is the last word: `status` is shown only, and the patch may set it.
        lambda name: _says(sent_nodes(name) or nodes(name), "readOnly"),
        lambda name: any(map(_may_be_null, nodes(name))),
        lambda name: bool(nodes(name)),
        find_defaults,
    )


def find_sendable(document: Document, plain: PlainOperation) -> list[str]:
    """The names that the documented bodies of an operation have, in order."""
    return sorted({name for body in _find_bodies(document, plain, ()) for name in find_names(document, body)})


def read_sent(request: Request, values: RequestValues, author: Authorship, at: str) -> Values:
    """What a request says of a record, without what only the server writes.

    The body counts in whatever envelope it came; a query parameter that is called as a field says what the body does
    not: `POST /hooks?site_id=7`.
    """
    body = values.body if isinstance(values.body, Mapping) else {}
    named = split_query(request.query) if request.query else {}
    asked = {name: value for name, value in values.query.items() if name in named and author.is_known(name)}
    sent = {**asked, **_unwrap(body, author, at)}
    return {name: value for name, value in sent.items() if not author.is_read_only(name)}


def find_sent_key(values: RequestValues, author: Authorship, at: str, name: str, may_lack: bool) -> Any:
    """The key that a body bears. Raises: ApiError `invalid` where it bears none, and may not lack it."""
    key = _unwrap(values.body, author, at).get(name) if isinstance(values.body, Mapping) else None
    if key is None and may_lack:
        return None
    if not isinstance(key, str | int):
        raise ApiError("invalid", f"{name}: the body is to say which one it means", name)
    return key


def _unwrap(body: Mapping[str, Any], author: Authorship, at: str) -> Mapping[str, Any]:
    """A body without the envelope of the answer, or one of its own: `{"pet": {...}}` where no pet has a pet."""
    found = find_at(body, at) if split_pointer(at) else None
    if isinstance(found, Mapping):
        return found
    name, only = next(iter(body.items()), ("", None)) if len(body) == 1 else ("", None)
    return only if isinstance(only, Mapping) and not author.is_known(name) else body


def require_record(changed: Any) -> Values:
    """What a patch made of a record; raises ApiError `unprocessable` where that is no record any more."""
    if not isinstance(changed, Mapping):
        raise ApiError("unprocessable", "the patch leaves no record")
    return dict(changed)


def _find_bodies(document: Document, plain: PlainOperation, shapes: Sequence[Any]) -> Iterator[Any]:
    """The schemas of a record in the documented bodies; those of operations on places say nothing of its fields."""
    located = document.find_body(plain.documented)
    content = document.find_content(located) if located else {}
    for name, schema in content.items():
        if "json-patch" not in name:
            yield _find_inside(document, schema.node, shapes)


def _find_inside(document: Document, schema: Any, shapes: Sequence[Any]) -> Any:
    """The schema of a record in that of a body, which may hold it as its only property."""
    names = find_names(document, schema)
    only = next(iter(names)) if len(names) == 1 else ""
    if not only or any(_find_nodes(document, shapes, only)):
        return schema
    inside = find_property(document, schema, only)
    return inside if find_names(document, inside) else schema


def _find_nodes(document: Document, schemas: Sequence[Any], name: str) -> Iterator[Mapping[str, Any]]:
    """All that schemas say of a property, its `allOf` included."""
    for schema in schemas:
        node = document.resolve(find_property(document, schema, name))
        if isinstance(node, Mapping):
            yield node
            parts = node.get("allOf")
            inner = (document.resolve(each) for each in (parts if isinstance(parts, list) else ()))
            yield from (each for each in inner if isinstance(each, Mapping))


def _says(nodes: Sequence[Mapping[str, Any]], keyword: str) -> bool:
    return any(node.get(keyword) is True for node in nodes)


def _may_be_null(node: Mapping[str, Any]) -> bool:
    kinds = node.get("type")
    return node.get("nullable") is True or kinds == "null" or (isinstance(kinds, list) and "null" in kinds)
