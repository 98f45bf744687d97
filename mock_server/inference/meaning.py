"""Whether annotations that people wrote fit the document: collections, parameters, pointers and fields that exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mock_server.contract import escape_pointer
from mock_server.errors import suggest
from mock_server.inference.counts import KINDS
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView
from mock_server.inference.vocabulary import Finding

OWN_FIELDS = ("equals", "one_of", "contains", "starts", "from", "to", "above", "below", "search", "sort")
"""The tests of a filter that name fields of the record."""


def check_meaning(schemas: Schemas, view: OperationView, collections: Mapping[str, Any]) -> Iterator[Finding]:
    """What an operation's annotations name that is not there, as pointers below the operation."""
    node = view.operation.node
    effect, paging, filters = (node.get(name) for name in ("x-effect", "x-paging", "x-filters"))
    if isinstance(effect, Mapping):
        yield from _check_effect(schemas, view, effect, collections)
    if isinstance(paging, Mapping):
        yield from _check_paging(schemas, view, paging)
    if isinstance(filters, Mapping):
        yield from _check_filters(schemas, view, filters)


def _check_effect(
    schemas: Schemas,
    view: OperationView,
    effect: Mapping[str, Any],
    collections: Mapping[str, Any],
) -> Iterator[Finding]:
    if "token" in effect:
        yield from _check_token(schemas, view, effect)
        return
    kinds = [kind for kind in KINDS if kind in effect]
    if len(kinds) != 1:
        yield "/x-effect", "must name exactly one collection", f"one of {', '.join(KINDS)}"
        return
    name = effect[kinds[0]]
    yield from _require(name, collections, f"/x-effect/{kinds[0]}", "there is no collection {!r}")
    if "key" in effect:
        yield from _require(effect["key"], view.slots, "/x-effect/key", "the path has no parameter {!r}")
    parents = _mapping(_mapping(collections.get(name)).get("parents"))
    for slot, parent in _mapping(effect.get("parents")).items():
        here = f"/x-effect/parents/{escape_pointer(slot)}"
        missing = list(_require(slot, view.slots, here, "the path has no parameter {!r}"))
        yield from missing or _require(parent, parents, here, f"the collection {name!r} has no parent {{!r}}")
    at = str(effect.get("at") or "")
    if kinds[0] == "list" and schemas.kind(schemas.at(view.schema, at)) not in ("array", ""):
        yield (
            "/x-effect/at",
            f"{at!r} is no array in the answer",
            "a JSON Pointer such as '/data'; '' is the whole body",
        )


def _check_token(schemas: Schemas, view: OperationView, effect: Mapping[str, Any]) -> Iterator[Finding]:
    yield from _require(effect["token"], schemas.schemes, "/x-effect/token", "there is no security scheme {!r}")
    facts = _mapping(effect.get("body"))
    if "token" not in facts.values():
        yield "/x-effect/body", "does not say where the token stands", "a JSON Pointer, such as '/access_token': token"
    for pointer in facts:
        if schemas.properties(view.schema) and not schemas.resolve(schemas.at(view.schema, pointer)):
            yield f"/x-effect/body/{escape_pointer(pointer)}", f"the answer has no {pointer!r}", ""


def _check_paging(schemas: Schemas, view: OperationView, paging: Mapping[str, Any]) -> Iterator[Finding]:
    for name in _mapping(paging.get("parameters")):
        here = f"/x-paging/parameters/{escape_pointer(name)}"
        yield from _require(name, view.query, here, "there is no query parameter {!r}")
    for pointer in _mapping(paging.get("body")):
        if schemas.properties(view.schema) and not schemas.resolve(schemas.at(view.schema, pointer)):
            yield f"/x-paging/body/{escape_pointer(pointer)}", f"the answer has no {pointer!r}", ""


def _check_filters(schemas: Schemas, view: OperationView, filters: Mapping[str, Any]) -> Iterator[Finding]:
    effect = _mapping(view.given)
    array = schemas.at(view.schema, str(effect.get("at") or ""))
    item = schemas.at(schemas.items(array), str(effect.get("record") or ""))
    for name, test in filters.items():
        here = f"/x-filters/{escape_pointer(name)}"
        yield from _require(name, view.query, here, "there is no query parameter {!r}")
        for kind, named in _mapping(test).items():
            fields = [named] if isinstance(named, str) else named if isinstance(named, list) else []
            if kind == "direction":
                yield from _require(named, filters, f"{here}/direction", "no parameter {!r} sorts")
            for field in fields if kind in OWN_FIELDS else ():
                if not _has_field(schemas, item, str(field)):
                    yield f"{here}/{kind}", f"the record has no {field!r}", suggest(field, schemas.properties(item))


def _has_field(schemas: Schemas, item: Any, path: str) -> bool:
    properties = schemas.properties(item)
    # Where nothing is documented of the record, anything may be its field.
    first, _, rest = path.partition(".")
    if not properties or path in properties:
        return True
    return first in properties and (not rest or _has_field(schemas, properties[first], rest))


def _require(word: Any, known: Iterable[str], pointer: str, problem: str) -> Iterator[Finding]:
    names = list(known)
    if word not in names:
        yield pointer, problem.format(word), suggest(word, names, else_all=0 < len(names) <= 10)


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}
