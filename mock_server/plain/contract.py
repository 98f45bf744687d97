"""A plain document as a contract: operations, replies and schemes, as far as that takes no resolving of schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from mock_server.contract import (
    ERROR_KINDS,
    Collection,
    Contract,
    FilterRule,
    Operation,
    PageRule,
    Parameter,
    Reply,
    Scheme,
)
from mock_server.inference import find_json, find_success
from mock_server.openapi import Document, DocumentOperation, Located
from mock_server.plain.annotations import (
    CONDITIONS,
    CollectionNotes,
    Effect,
    Filter,
    Paging,
    read_collections,
    read_effect,
    read_filters,
    read_paging,
)
from mock_server.plain.schemes import find_schemes, find_security
from mock_server.plain.servers import read_servers

RECORDS = 50
"""How many records a collection has where the document does not say."""


@dataclass(frozen=True)
class PlainOperation:
    """What is known of one operation before it is first asked: the document's own node, and its annotations."""

    documented: DocumentOperation
    effect: Effect
    paging: Paging
    filters: Mapping[str, Filter]


@dataclass(frozen=True)
class PlainContract(Contract):
    """A contract whose operations are compiled from the document itself, when they are first asked."""

    source: Document = field(default_factory=lambda: Document("", {}))
    plain: Mapping[str, PlainOperation] = field(default_factory=dict)
    notes: Mapping[str, CollectionNotes] = field(default_factory=dict)


def load_plain_contract(document: Document, credentials: str = "any") -> PlainContract:
    """The contract of an annotated plain document; nothing large is resolved or compiled."""
    base_path, hosts = read_servers(document)
    schemes = {name: scheme for name, scheme in find_schemes(document) if scheme}
    plain = {
        each.pointer + each.path: PlainOperation(each, read_effect(each), read_paging(each), read_filters(each))
        for each in document.operations
    }
    notes = read_collections(document)
    names = _Names()
    operations = tuple(_operation(document, each, base_path, schemes, names, notes) for each in plain.values())
    return PlainContract(
        provider=document.name,
        title=document.title or document.name,
        base_path=base_path,
        hosts=hosts,
        operations=operations,
        errors={kind: _default_error(document, kind) for kind in ERROR_KINDS},
        schemes=tuple(schemes.values()),
        limit=None,
        ignore_case=frozenset(),
        keep_query=frozenset(),
        collections={name: _collection(document.name, name, notes.get(name)) for name in _used(plain.values())},
        document=document.root,
        readings={},
        source=document,
        plain={operation.pointer: each for operation, each in zip(operations, plain.values())},
        notes=notes,
    )


def _used(operations: Any) -> list[str]:
    """The collections that operations name, in document order."""
    return list(dict.fromkeys(each.effect.collection for each in operations if each.effect.collection))


def _collection(provider: str, name: str, notes: CollectionNotes | None) -> Collection:
    records = notes.records if notes and notes.records is not None else RECORDS
    return Collection(provider, name, notes.key if notes else "", records, "en_US", {}, {}, ())


class _Names:
    """Names of operations, each given once: the document's own, else made of method and path."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def choose(self, each: DocumentOperation) -> str:
        written = each.node.get("operationId")
        name = written if isinstance(written, str) and written.strip() else ""
        name = name or re.sub(r"[^A-Za-z0-9]+", "-", f"{each.method.lower()} {each.path}").strip("-")
        number = 2
        chosen = name
        while chosen in self.taken:
            chosen, number = f"{name}-{number}", number + 1
        self.taken.add(chosen)
        return chosen


def _operation(
    document: Document,
    plain: PlainOperation,
    base_path: str,
    schemes: Mapping[str, Scheme],
    names: _Names,
    notes: Mapping[str, CollectionNotes],
) -> Operation:
    each, effect = plain.documented, plain.effect
    replies = list(_replies(document, each))
    return Operation(
        id=names.choose(each),
        method=each.method,
        path=base_path + each.path,
        summary=str(each.node.get("summary") or ""),
        parameters=tuple(_parameter(document, plain, located, notes) for located in each.parameters),
        success=_choose_success(document, each, replies),
        errors={reply.kind: reply for reply in reversed(replies) if reply.kind},
        security=find_security(document, each, schemes),
        effect=effect.name,
        collection=effect.collection,
        key=effect.key,
        pointer=each.pointer,
    )


def _choose_success(document: Document, each: DocumentOperation, replies: Sequence[Reply]) -> Reply:
    """The response an operation is played with: a success, else a redirection, else 200 without a body."""
    success = find_success(document, each)
    if success:
        return next(reply for reply in replies if reply.pointer == f"{each.pointer}/responses/{success.status}")
    others = [reply for reply in replies if not reply.kind and reply.status < 400]
    return min(others, key=lambda reply: reply.status, default=Reply(200, "", "", None))


def _replies(document: Document, each: DocumentOperation) -> Iterator[Reply]:
    for status, located in document.find_responses(each).items():
        yield read_reply(document, each.pointer, status, located)


def read_reply(document: Document, pointer: str, status: str, located: Located) -> Reply:
    """A documented response of the operation at a pointer; its schema is as it is written, nothing resolved."""
    media_type, schema = choose_json(document, located)
    number = int(status) if status.isdecimal() and len(status) == 3 else _range_start(status)
    kind = _kind_of(number) if number >= 400 else ""
    return Reply(number, kind, media_type, schema.node if schema else None, pointer=f"{pointer}/responses/{status}")


def _range_start(status: str) -> int:
    """`4XX` as 400; `default` and whatever else as 200, for it stands for what is not documented."""
    return int(status[0]) * 100 if re.fullmatch("[1-5][xX]{2}", status) else 200


def _kind_of(status: int) -> str:
    known = {usual: kind for kind, usual in ERROR_KINDS.items()}
    return known.get(status, "invalid" if status == 400 else f"status {status}")


def choose_json(document: Document, located: Located) -> tuple[str, Located | None]:
    """The media type of a body that is JSON, with its schema; else the first one there is."""
    return find_json(document, located) or next(iter(document.find_content(located).items()), ("", None))


def _parameter(
    document: Document,
    plain: PlainOperation,
    located: Located,
    notes: Mapping[str, CollectionNotes],
) -> Parameter:
    node = located.node
    schema = document.resolve(node.get("schema", {}))
    name, role = node["name"], plain.paging.parameters.get(node["name"], "")
    rule = plain.filters.get(name)
    known = notes.get(plain.effect.collection)
    filtering = FilterRule(CONDITIONS[rule.test], rule.fields) if rule and rule.test in CONDITIONS else None
    if node["in"] == "path" and name == plain.effect.key and known and known.key:
        filtering = FilterRule("equals", (known.key,))
    return Parameter(
        name=name,
        where=node["in"],
        required=node.get("required") is True,
        schema=schema if isinstance(schema, Mapping) else {},
        page=PageRule(role) if role and node["in"] == "query" else None,
        filter=filtering,
        pointer=located.pointer,
    )


PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string", "x-error": "title"},
        "status": {"type": "integer", "x-error": "status"},
        "detail": {"type": "string", "x-error": "detail"},
    },
}
"""RFC 9457: what an error looks like where a document shows none."""


def _default_error(document: Document, kind: str) -> Reply:
    """The error of a kind that an operation does not document: the document's commonest shape, else RFC 9457."""
    shape = document.root.get("x-error-shape")
    status = ERROR_KINDS[kind]
    if isinstance(shape, Mapping) and isinstance(shape.get("schema"), Mapping):
        return Reply(status, kind, str(shape.get("media_type") or "application/json"), shape["schema"])
    return Reply(status, kind, "application/problem+json", PROBLEM_SCHEMA)


def find_phrase(status: int) -> str:
    """The usual words for a status."""
    return HTTPStatus(status).phrase if status in set(map(int, HTTPStatus)) else "Error"
