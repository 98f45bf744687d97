"""What the properties of error bodies mean, and which error body is the commonest of a document (E2 and E3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.inference.conclusions import LIKELY, SURE, Conclusion
from mock_server.inference.schemas import COMPOSITIONS, Schemas
from mock_server.inference.targets import render_target, steps_of_pointer
from mock_server.inference.views import OperationView, find_json
from mock_server.inference.words import normalize
from mock_server.openapi import Document, Located

DETAILS = (
    "message",
    "detail",
    "errormessage",
    "errordescription",
    "description",
    "msg",
    "reason",
    "error",
    "details",
    "text",
    "title",
    "errormsg",
    "usermessage",
    "fault",
    "faultstring",
    "info",
    "errmsg",
)
"""Names of the property that says what is wrong, likeliest first."""

_TEXTS = {
    "status": "status",
    "statuscode": "status",
    "httpstatus": "status",
    "httpstatuscode": "status",
    "httpcode": "status",
    "http_status": "status",
    "title": "title",
    "type": "type",
    "errortype": "type",
    "field": "field",
    "param": "field",
    "parameter": "field",
    "property": "field",
    "pointer": "field",
    "fieldname": "field",
    "instance": "url",
    "path": "url",
    "code": "code",
    "errorcode": "code",
    "error": "code",
    "errorid": "code",
    "errcode": "code",
    "errno": "code",
}
"""Normalized names of other properties of an error to what they mean."""

INSIDE = ("error", "errors", "fault", "data", "detail", "details", "meta", "status", "result")
"""Names of properties that hold the error itself, or the list of them."""


@dataclass(frozen=True)
class ErrorBody:
    """The JSON body of a documented error: where its schema stands, without references, and its media type."""

    located: Located
    media_type: str


def find_error_bodies(document: Document, views: Iterable[OperationView]) -> Iterator[ErrorBody]:
    """The JSON body of every documented error of every operation."""
    known: dict[int, ErrorBody | None] = {}
    for view in views:
        for status, located in document.find_responses(view.operation).items():
            if not _is_error(status, view):
                continue
            # Operations share their error responses.
            if id(located.node) not in known:
                known[id(located.node)] = _read_body(document, located)
            body = known[id(located.node)]
            if body:
                yield body


def _is_error(status: str, view: OperationView) -> bool:
    played = view.success.status if view.success else ""
    return status[:1] in ("4", "5") or (status == "default" and played != "default")


def _read_body(document: Document, located: Located) -> ErrorBody | None:
    json = find_json(document, located)
    if json is None or not isinstance(json[1].node, Mapping):
        return None
    schema = document.locate(json[1].node, json[1].pointer)
    return ErrorBody(schema, json[0]) if isinstance(schema.node, Mapping) and schema.node else None


def find_error_shape(bodies: Iterable[ErrorBody]) -> Conclusion | None:
    """The commonest error body, for errors that an operation does not document."""
    counts = Counter((body.located.pointer, body.media_type) for body in bodies)
    if not counts:
        return None
    (pointer, media_type), count = counts.most_common(1)[0]
    because = f"{count} of {sum(counts.values())} documented errors have this body"
    shape = {"schema": {"$ref": f"#{pointer}"}, "media_type": media_type}
    return Conclusion("E3", "", "$", {"x-error-shape": shape}, because, LIKELY)


def find_error_roles(document: Document, schemas: Schemas, bodies: Iterable[ErrorBody]) -> Iterator[Conclusion]:
    """What the properties of each error body mean: one conclusion for each place that declares some."""
    reader, done = _RoleReader(document, schemas), set[str]()
    for body in bodies:
        if body.located.pointer not in done:
            done.add(body.located.pointer)
            reader.read(body.located, 0, None)
    for pointer, roles in reader.roles.items():
        update = {"properties": {name: {"x-error": role} for name, role in roles.items()}}
        named = ", ".join(f"`{name}` is its {role}" for name, role in roles.items())
        confidence = SURE if "detail" in roles.values() else LIKELY
        yield Conclusion(
            "E2",
            "",
            render_target(_steps(document, pointer)),
            update,
            f"by their names: {named}",
            confidence,
        )


def _steps(document: Document, pointer: str) -> tuple[str | int, ...]:
    """The steps of a pointer, with numbers where lists are."""
    steps: list[str | int] = []
    node: Any = document.root
    for step in steps_of_pointer(pointer):
        is_index = isinstance(node, list) and step.isdecimal() and int(step) < len(node)
        steps.append(int(step) if is_index else step)
        node = node[int(step)] if is_index else node.get(step) if isinstance(node, Mapping) else None
    return tuple(steps)


class _RoleReader:
    """Collects the roles of properties, by the place of the schema that declares them."""

    def __init__(self, document: Document, schemas: Schemas) -> None:
        self._document, self._schemas = document, schemas
        self.roles: dict[str, dict[str, str]] = {}
        self._seen: set[str] = set()

    def read(self, located: Located, depth: int, above: Iterable[str] | None) -> None:
        """Roles of the schema at a place, of what it is composed of, and of the error inside it, two levels down."""
        pointer, node = located
        if pointer in self._seen or depth > 4 or not isinstance(node, Mapping):
            return
        self._seen.add(pointer)
        names = [*self._schemas.properties(node), *(above or ())]
        for composition in COMPOSITIONS:
            listed = node.get(composition)
            for n, each in enumerate(listed if isinstance(listed, list) else ()):
                self.read(self._document.locate(each, f"{pointer}/{composition}/{n}"), depth + 1, names)
        own = node.get("properties")
        if isinstance(own, Mapping) and self._document.at(f"{pointer}/properties") is not None:
            self._read_properties(pointer, own, names, depth)
        if self._schemas.kind(node) == "array" and "items" in node:
            self.read(self._document.locate(node["items"], f"{pointer}/items"), depth + 1, None)

    def _find_kind(self, schema: Any) -> str:
        kind = self._schemas.kind(schema)
        is_texts = kind == "array" and self._schemas.kind(self._schemas.items(schema)) == "string"
        return "texts" if is_texts else kind

    def _read_properties(self, pointer: str, own: Mapping[str, Any], names: list[str], depth: int) -> None:
        fixed = {str(name) for name in own if _is_fixed(self._schemas.resolve(own[name]))}
        open_names = [name for name in names if name not in fixed]
        detail = _choose_detail(open_names, {name: self._find_kind(own.get(name)) for name in names})
        roles: dict[str, str] = {}
        for name, schema in own.items():
            kind = "fixed" if str(name) in fixed else self._schemas.kind(schema)
            role = "detail" if name == detail else _find_role(str(name), kind, names)
            if role and isinstance(schema, Mapping) and role not in roles.values() and "x-error" not in schema:
                roles[str(name)] = role
            elif kind in ("object", "array") and normalize(str(name)) in INSIDE:
                step = str(name).replace("~", "~0").replace("/", "~1")
                self.read(self._document.locate(schema, f"{pointer}/properties/{step}"), depth + 1, None)
        if roles:
            self.roles[pointer] = roles


def _is_fixed(schema: Mapping[str, Any]) -> bool:
    """Whether a property has the same value in every error, such as `"status": "failed"`."""
    words = schema.get("enum")
    return "const" in schema or (isinstance(words, list) and len(words) == 1)


def _choose_detail(names: Iterable[str], kinds: Mapping[str, str]) -> str:
    """The property that says what is wrong: the likeliest name among those that hold text, else a list of texts."""
    texts = {normalize(name): name for name in names if kinds[name] in ("string", "")}
    lists = {normalize(name): name for name in names if kinds[name] == "texts"}
    chosen = (texts[name] for name in DETAILS if name in texts)
    return next(chosen, next((lists[name] for name in LISTS if name in lists), ""))


LISTS = ("errors", "messages", "details", "error", "message", "errormessages")
"""Names of lists of texts that say what is wrong."""


def _find_role(name: str, kind: str, beside: Iterable[str]) -> str:
    role = _TEXTS.get(normalize(name), "")
    if normalize(name) == "status" and kind == "string" and not {"title", "detail"} & set(beside):
        return ""  # such as `"status": "error"`
    if kind not in ("string", "integer", "number", "") or (
        role in ("title", "type", "field", "url") and kind == "integer"
    ):
        return ""
    return role
