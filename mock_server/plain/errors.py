"""Errors of a plain document: in the shape that is documented, with the facts of what happened in their places."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mock_server.contract import ERROR_KINDS, Reply
from mock_server.engine import CompiledReply, ErrorReplies, RenderContext
from mock_server.messages import Headers
from mock_server.openapi import find_content_type, render_value
from mock_server.plain.contract import PlainContract, find_phrase
from mock_server.plain.envelopes import Kit, Slot, compile_envelope
from mock_server.plain.places import find_items, find_property

STAND_INS: Mapping[str, tuple[int, ...]] = {
    "invalid": (400, 422),
    "unauthenticated": (401, 403),
    "forbidden": (403, 401),
    "unprocessable": (422, 400),
    "unsupported_media": (415,),
    "not_acceptable": (406,),
}
"""The statuses that may answer a kind, the likeliest first; every other kind has its own alone."""

ADDRESS_SIGNS = "%:/?#[]@!$&'()*+,;=~"
"""What stands in an address as it is (RFC 3986, 2.2); a percent sign in a path was encoded and still is."""

FACTS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "status": lambda facts: facts["status"],
    "code": lambda facts: facts["code"],
    "detail": lambda facts: facts["detail"],
    "field": lambda facts: facts["field"],
    "url": lambda facts: quote(facts["url"], safe=ADDRESS_SIGNS, errors="replace"),
    "title": lambda facts: find_phrase(facts["status"]),
    "type": lambda facts: facts["type"],
}
"""What a property with `x-error` says."""

WORDS: Mapping[str, str] = {
    "unauthenticated": "a credential is missing, or is none that is accepted",
    "forbidden": "this credential may not do that",
    "not_found": "there is nothing at this path",
    "method_not_allowed": "this path has no such method",
    "fault": "the server failed",
}
"""What is said of an error where nothing more is known."""

FORMS: Mapping[str, Callable[[Any], Any]] = {
    "string": str,
    "integer": lambda value: int(value) if str(value).isdecimal() else value,
    "number": lambda value: int(value) if str(value).isdecimal() else value,
    "array": lambda value: [value],
}
"""A fact in the type of the property that says it."""

MAX_DEPTH = 4


def compile_errors(kit: Kit, replies: Sequence[Reply], key: str) -> dict[str, CompiledReply]:
    """The errors that an operation documents, by kind: its own statuses, then ranges and `default` for all others."""
    by_status = {reply.pointer.rpartition("/")[2].upper(): reply for reply in replies}
    compiled: dict[str, CompiledReply] = {}
    for kind, usual in ERROR_KINDS.items():
        statuses = STAND_INS.get(kind, (usual,))
        written = next((str(each) for each in statuses if str(each) in by_status), "")
        # A default that only stands beside nothing else is the success; find_success took it then.
        written = written or next((each for each in (f"{usual // 100}XX", "DEFAULT") if each in by_status), "")
        if written:
            reply = by_status[written]
            status = int(written) if written.isdecimal() else usual
            compiled[kind] = compile_error(kit, reply, kind, status, f"{key}/{written}")
    for written, reply in by_status.items():
        if written.isdecimal() and reply.kind and reply.kind not in compiled:
            compiled[reply.kind] = compile_error(kit, reply, reply.kind, reply.status, f"{key}/{written}")
    return compiled


def compile_error(kit: Kit, reply: Reply, kind: str, status: int, key: str) -> CompiledReply:
    """An error that is rendered with the facts of each occasion; its body is made when it first happens."""
    own = Reply(status, kind, reply.media_type, reply.schema, pointer=reply.pointer)
    sent = find_content_type(own.media_type) if own.media_type else ""
    headers: Headers = (("content-type", sent),) if sent else ()
    # A body without a schema says nothing that is known.
    schema = own.schema if own.schema else {"type": "object", "properties": {"detail": {"x-error": "detail"}}}

    @functools.cache
    def envelope() -> Callable[[Any], Any]:
        return compile_envelope(kit, schema, key, list(_find_slots(kit, schema, "", status)), is_error=True)

    # A problem's type is an address (RFC 9457, 3.1.1); elsewhere it is a word for the kind.
    type_word = "about:blank" if "problem" in own.media_type else kind.replace(" ", "_")

    def render(context: RenderContext) -> bytes:
        if not sent:
            return b""
        detail = context.error.get("detail") or WORDS.get(kind, find_phrase(status).lower())
        facts = {**context.error, "detail": detail, "type": type_word}
        return render_value(envelope()(facts), schema, sent, kit.document)

    return CompiledReply(own, render, lambda quota: headers)


def _find_slots(kit: Kit, schema: Any, pointer: str, status: int, depth: int = 0) -> Iterator[Slot]:
    """A slot for each property of an error schema that says a fact; of a list of errors, in its one entry."""
    if depth > MAX_DEPTH:
        return
    for name in _names(kit, schema):
        inside = find_property(kit.document, schema, name)
        node = kit.document.resolve(inside)
        if not isinstance(node, Mapping):
            continue
        here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        items = find_items(kit.document, inside)
        role = str(node.get("x-error"))
        if role == "type" and str(node.get("format")).startswith("uri"):
            yield Slot(here, lambda facts: "about:blank", ("about:blank",))
        elif role in FACTS:
            yield Slot(here, _fill(role, node.get("type")), _specimens(role, node.get("type"), status))
        elif items is None:
            yield from _find_slots(kit, inside, here, status, depth + 1)
        elif listed := list(_find_slots(kit, items, "", status, depth + 1)):
            yield _list_of_one(kit, items, here, listed)


def _list_of_one(kit: Kit, items: Any, pointer: str, slots: list[Slot]) -> Slot:
    entry = compile_envelope(kit, items, pointer, slots, is_error=True)
    facts = {"status": 400, "code": 400, "detail": "is wrong", "field": "name", "url": "/", "type": "invalid"}
    return Slot(pointer, lambda facts: [entry(facts)], ([entry(facts)],))


def _names(kit: Kit, schema: Any, depth: int = 0) -> list[str]:
    """The names of all properties of a schema and of what it is made of."""
    node = kit.document.resolve(schema)
    if not isinstance(node, Mapping) or depth > MAX_DEPTH:
        return []
    own = list(node["properties"]) if isinstance(node.get("properties"), Mapping) else []
    branches = [
        each for key in ("allOf", "oneOf", "anyOf") for each in node.get(key) or () if isinstance(each, Mapping)
    ]
    return list(dict.fromkeys(own + [name for each in branches for name in _names(kit, each, depth + 1)]))


def _form(kind: Any) -> Callable[[Any], Any]:
    kinds = kind if isinstance(kind, list) else [kind]
    return next((FORMS[each] for each in kinds if isinstance(each, str) and each in FORMS), lambda value: value)


def _fill(role: str, kind: Any) -> Callable[[Any], Any]:
    fact, form = FACTS[role], _form(kind)
    return lambda facts: form(fact(facts))


def _specimens(role: str, kind: Any, status: int) -> tuple[Any, ...]:
    detail, url = "is not as documented", "http://h/p"
    facts = {"status": status, "code": status, "detail": detail, "field": "name", "url": url, "type": "about:blank"}
    return (_form(kind)(FACTS[role](facts)),)


class PlainErrors(ErrorReplies):
    """The errors that a plain document has for what its operations do not document."""

    def __init__(self, contract: PlainContract, kit: Kit) -> None:
        compiled = {kind: compile_error(kit, r, kind, r.status, f"error/{kind}") for kind, r in contract.errors.items()}
        super().__init__(contract, compiled)
