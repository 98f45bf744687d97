"""A plain document as an annotated contract, for who asks a target what it promises: the harness knows that form alone.

Only what can be asked without guessing is in it: lists, records of those lists by their keys, answers to paths
without parameters, and writes of the records that these show. What stands below records of another list is apart, for
it is asked once one of them is known. What was inferred bears `x-assumed`, for no document says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mock_server.contract import ERROR_KINDS, Contract, Operation, ParentRule, compile_contract
from mock_server.openapi import Direction, Document, clean_schema
from mock_server.plain.checkable_parameters import TESTS, choose_type, write_filter, write_page
from mock_server.plain.checkable_writes import (
    INFERRED,
    WRITES,
    find_nested_reads,
    find_parents,
    find_writes,
    mark_unique,
    write_change,
)
from mock_server.plain.contract import PlainContract, PlainOperation
from mock_server.plain.directions import require_no_hidden
from mock_server.plain.pages import MAX_PAGE_SIZE, find_roles
from mock_server.plain.places import find_property, split_pointer

MAX_NODES = 3_000
"""So many values of one schema are written out; what lies deeper allows anything."""

ROLES = frozenset(("total", "number", "size", "last", "next_url", "prev_url", "first_url", "last_url", "url"))
"""The facts of a page that contracts know."""

KEPT = ("readOnly", "writeOnly", "default")
"""What a written-out schema says beside what is valid: who may write a value, and what it is where nobody does."""


def make_checkable(contract: PlainContract) -> Contract:
    """The contract that a target of this document is asked by."""
    writer = _Writer(contract.source)
    chosen = [o for o in contract.operations if _is_askable(contract, o) and writer.shows_something(o)]
    nested = [o for o in find_nested_reads(contract, chosen) if _shows_json(o) and writer.shows_something(o)]
    writes = find_writes(contract, [*chosen, *nested])
    chosen += [*nested, *writes]
    below = _find_below(contract, chosen)
    paths: dict[str, dict[str, Any]] = {}
    for operation in chosen:
        path = operation.path.removeprefix(contract.base_path)
        written = writer.write_operation(contract, operation)
        if operation in writes:
            write_change(contract, operation, [o for o in chosen if o.id not in below], written, writer.resolve)
        paths.setdefault(path, {})[operation.method.lower()] = written
    for operation in contract.operations:
        # Not asked, but documented: a method that is no mistake.
        item = paths.get(operation.path.removeprefix(contract.base_path))
        if item is not None:
            item.setdefault(operation.method.lower(), {"operationId": operation.id, "responses": {"200": {}}})
    document = {
        "openapi": "3.1.0",
        "info": {"title": contract.title, "version": "1"},
        "servers": [{"url": f"https://localhost{contract.base_path}"}],
        "paths": paths,
        "components": {"schemas": {}, "responses": writer.write_errors(contract)},
        "x-plain": True,
    }
    made = compile_contract(document, contract.provider)
    known = {operation.id: operation for operation in chosen}
    every = (_keep_known(each, known[each.id]) for each in made.operations if each.id in known)
    operations = tuple(each for each in every if each.effect not in WRITES or each.collection in made.collections)
    # An operation may ask for a credential by a parameter alone, which no scheme of the document says.
    named = {s.name: s for each in operations for listed in each.security for s in listed}
    schemes = tuple({**named, **{s.name: s for s in contract.schemes}}.values())
    nested_ones = tuple(replace(o, parents=below[o.id]) for o in operations if o.id in below)
    asked = tuple(o for o in operations if o.id not in below)
    return replace(made, operations=asked, nested=nested_ones, schemes=schemes, hosts=contract.hosts)


def _find_below(contract: PlainContract, chosen: Sequence[Operation]) -> dict[str, Mapping[str, ParentRule]]:
    """The parents of each operation that is asked once a record above it is known, by its id.

    A record without parents in its path is shown by the lists below them alone, where no other list shows it.
    """
    parents = {o.id: find_parents(contract, o) for o in chosen}
    listed = {o.collection for o in chosen if o.is_list and not parents[o.id]}
    nested = {o.collection for o in chosen if o.is_list} - listed
    return {o.id: parents[o.id] for o in chosen if parents[o.id] or o.collection in nested}


def _keep_known(made: Operation, known: Operation) -> Operation:
    """An operation as it was compiled, with what a contract of reads has no words for."""
    made = replace(made, security=known.security)
    if known.effect not in WRITES:
        return made
    return replace(made, effect=known.effect, collection=known.collection, key=known.key)


def _is_askable(contract: PlainContract, operation: Operation) -> bool:
    """Whether a request for an operation can be made of the document and of what its lists show."""
    effect = contract.plain[operation.pointer].effect
    if not _shows_json(operation):
        return False
    in_path = [parameter for parameter in operation.parameters if parameter.where == "path"]
    if not in_path:
        return True
    lists = (o for o in contract.operations if o.effect == "list" and o.collection == operation.collection)
    is_listed = any(not contract.plain[each.pointer].effect.parents for each in lists)
    return (
        operation.effect == "get" and len(in_path) == 1 and bool(in_path[0].filter) and is_listed and not effect.is_list
    )


def _shows_json(operation: Operation) -> bool:
    """Whether an operation reads, and answers JSON with 200."""
    is_json = "json" in operation.success.media_type
    return operation.method == "GET" and is_json and operation.success.status == 200


class _Writer:
    """Writes out the parts of a document without references."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def shows_something(self, operation: Operation) -> bool:
        """Whether a success is an object or a list: of a bare text nothing could be told from another API's."""
        schema = self.resolve(operation.success.schema or {})
        return schema.get("type") in ("object", "array") or "properties" in schema

    def write_operation(self, contract: PlainContract, operation: Operation) -> dict[str, Any]:
        """An operation with its annotations."""
        plain = contract.plain[operation.pointer]
        documented = self._document.find_responses(plain.documented)
        responses = {
            status: self._write_response(contract, operation, status, located.node)
            for status, located in documented.items()
            if status.isdecimal() and (int(status) >= 400 or int(status) == operation.success.status)
        }
        if operation.effect in WRITES:
            # Any success that is documented will do; the one that is played comes first.
            others = {s: {"description": ""} for s in documented if s.isdecimal() and 200 <= int(s) < 300}
            # Who documents no refusal of a write promises none: any will do.
            refusals = {} if any(s.startswith("4") for s in documented) else {"4XX": {"description": ""}}
            responses = {str(operation.success.status): {}, **others, **responses, **refusals}
        if "default" in documented and not operation.success.pointer.endswith("/default"):
            # It documents whatever else goes wrong, so that no refusal is one that is not documented.
            missing = {"400", "404", "500"} - responses.keys()
            responses |= {s: self._write_response(contract, operation, s, documented["default"].node) for s in missing}
        return {
            "operationId": operation.id,
            "parameters": list(self._write_parameters(contract, operation)),
            "responses": responses or {"200": {"description": ""}},
        }

    def write_errors(self, contract: PlainContract) -> dict[str, Any]:
        """What a provider answers to what it does not document: assumed, each of it."""
        return {
            kind: {"x-error": {"kind": kind, "status": reply.status}, "x-assumed": INFERRED, "description": ""}
            for kind, reply in contract.errors.items()
            if kind in ("not_found", "method_not_allowed", "fault")
        }

    def _write_parameters(self, contract: PlainContract, operation: Operation) -> Iterator[dict[str, Any]]:
        plain = contract.plain[operation.pointer]
        for parameter in operation.parameters:
            if parameter.where == "cookie":
                continue
            written: dict[str, Any] = {"name": parameter.name, "in": parameter.where, "required": parameter.required}
            written["schema"] = choose_type(self.resolve(parameter.schema))
            written["schema"] |= {"default": parameter.schema["default"]} if "default" in parameter.schema else {}
            rule = plain.filters.get(parameter.name)
            if parameter.page and (rule_of_page := write_page(operation, plain, parameter)):
                written |= {"x-page": rule_of_page, "x-assumed": INFERRED}
                if parameter.page.role == "size":
                    roles = find_roles(plain.paging, operation.parameters, MAX_PAGE_SIZE)
                    written["schema"].setdefault("default", roles.default_size)
            elif parameter.where == "path" and parameter.filter:
                written["x-filter"] = {"equals": parameter.filter.fields[0]}
            elif rule and rule.test in TESTS and operation.is_list:
                written |= {"x-filter": write_filter(rule, written["schema"]), "x-assumed": INFERRED}
            yield written

    def _write_response(self, contract: PlainContract, operation: Operation, status: str, node: Any) -> dict[str, Any]:
        media_type = operation.success.media_type if int(status) < 400 else "application/json"
        media = node.get("content", {}).get(media_type) if isinstance(node, Mapping) else None
        written: dict[str, Any] = {"description": ""}
        schema = self.resolve(media.get("schema", {})) if isinstance(media, Mapping) else None
        if int(status) >= 400:
            known = {usual: kind for kind, usual in ERROR_KINDS.items()}
            written["x-error"] = {"kind": known.get(int(status), "fault"), "status": int(status)}
        elif schema is not None and operation.method == "GET":
            self._annotate(contract, operation, schema)
        headers = node.get("headers") if isinstance(node, Mapping) else None
        if isinstance(headers, Mapping):
            written["headers"] = {str(name): {"schema": {}, "required": False} for name in headers}
        if schema is not None:
            written["content"] = {media_type: {"schema": schema}}
        return written

    def _annotate(self, contract: PlainContract, operation: Operation, schema: dict[str, Any]) -> None:
        """Say in a written-out schema where records and the facts of a page stand."""
        plain, notes = contract.plain[operation.pointer], contract.notes.get(operation.collection)
        place = _find(schema, plain.effect.at)
        if place is None or not notes or not notes.key or plain.effect.record:
            return
        record = place.get("items") if operation.is_list else place
        if not isinstance(record, dict) or not isinstance(record.get("properties"), Mapping):
            return
        if notes.key not in record["properties"]:
            return
        record["x-collection"] = {"name": operation.collection, "key": notes.key}
        mark_unique(record["properties"], notes)
        if operation.is_list:
            place["x-page"] = "items"
            self._annotate_page(plain, schema)

    def _annotate_page(self, plain: PlainOperation, schema: dict[str, Any]) -> None:
        for pointer, fact in plain.paging.body.items():
            place = _find(schema, pointer)
            # A contract counts pages from 1.
            is_counted = fact not in ("number", "last") or plain.paging.first == 1
            if place is not None and fact in ROLES and is_counted:
                place |= {"x-page": fact, "x-assumed": INFERRED}

    def resolve(self, schema: Any, direction: Direction = "response") -> dict[str, Any]:
        """A schema with its references written out; where one leads back into itself, or too far, anything goes.

        What a request does not say, or a response does not show, is required of none.
        """
        left = [MAX_NODES]
        written = require_no_hidden(self._write(schema, (), left), direction)
        return written if isinstance(written, dict) else {}

    def _write(self, node: Any, above: tuple[int, ...], left: list[int]) -> Any:
        left[0] -= 1
        if left[0] < 0:
            return {}
        if isinstance(node, list):
            return [self._write(each, above, left) for each in node]
        if not isinstance(node, Mapping):
            return node
        located = self._document.resolve(node)
        if located is not node:
            if id(located) in above or not isinstance(located, Mapping):
                return {}
            above = (*above, id(located))
        cleaned = clean_schema(located)
        if not isinstance(cleaned, dict):
            return cleaned
        written = {key: self._write_part(key, each, above, left) for key, each in cleaned.items()}
        written |= {key: located[key] for key in KEPT if key in located}
        kinds = written.get("type")
        if isinstance(kinds, list) and len(kinds) == 1:
            written["type"] = kinds[0]
        if "allOf" in written and "properties" not in written:
            self._gather(located, written, above, left)
        return written

    def _write_part(self, key: str, node: Any, above: tuple[int, ...], left: list[int]) -> Any:
        """What a keyword says: schemas written out, any other value as it is."""
        if key in _NAMED:
            return self._write_named(node, above, left)
        return self._write(node, above, left) if key in _SCHEMAS else node

    def _write_named(self, node: Any, above: tuple[int, ...], left: list[int]) -> Any:
        """Schemas by names, which may be any word."""
        named = node.items() if isinstance(node, Mapping) else ()
        return {name: self._write(each, above, left) for name, each in named}

    def _gather(self, node: Any, written: dict[str, Any], above: tuple[int, ...], left: list[int]) -> None:
        """The properties of all parts beside them: places are looked for among properties alone."""
        names = [
            name
            for part in node["allOf"]
            if isinstance(self._document.resolve(part), Mapping)
            for name in self._document.resolve(part).get("properties", {})
        ]
        gathered = {name: find_property(self._document, node, name) for name in names}
        written["properties"] = {name: self._write(each, above, left) for name, each in gathered.items()}


_NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs")
_SCHEMAS = (
    *("items", "prefixItems", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems"),
    *("propertyNames", "not", "if", "then", "else", "allOf", "anyOf", "oneOf"),
)


def _find(schema: dict[str, Any], pointer: str) -> dict[str, Any] | None:
    """The part of a written-out schema that a JSON Pointer leads to by properties, or None."""
    for step in split_pointer(pointer):
        inside = schema.get("properties", {}).get(step)
        if not isinstance(inside, dict):
            return None
        schema = inside
    return schema
