"""Writes of a plain document as a contract for the harness says them: which can be asked, their effects and links."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mock_server.contract import Operation, ParentRule, escape_pointer
from mock_server.openapi import Direction, Document, Located, is_json
from mock_server.plain.annotations import CollectionNotes
from mock_server.plain.contract import PlainContract, PlainOperation

INFERRED = "inferred from the form of the document, which does not say it"

WRITES = ("create", "replace", "patch", "delete")
"""Effects that change a collection."""

MAX_DEPTH = 4
"""So many collections lie below each other at most."""

PATCHES = ("application/merge-patch+json", "application/json", "application/json-patch+json")
"""Media types in which a change is said, the plainest first."""


def find_nested_reads(contract: PlainContract, reads: Sequence[Operation]) -> list[Operation]:
    """Lists below records that other lists show, and the records of these lists by their keys.

    Of records that are listed below nothing as well, no document says which of them lie where.
    """
    whole = {o.collection for o in reads if o.is_list}
    lists = list[Operation]()
    for each in [*contract.operations] * MAX_DEPTH:
        below = {o.collection for o in lists}
        is_new = each.is_list and each not in lists and each.collection not in whole
        if is_new and _lies_below(contract, each, whole | below):
            lists.append(each)
    below = {o.collection for o in lists}
    gets = (o for o in contract.operations if o.effect == "get" and o.collection in below and o not in reads)
    return [*lists, *(o for o in gets if not contract.plain[o.pointer].effect.is_list and _is_placed(contract, o))]


def _lies_below(contract: PlainContract, operation: Operation, shown: set[str]) -> bool:
    """Whether the records of a list have a key, and lie below records that lists show by theirs."""
    above, notes = find_parents(contract, operation), contract.notes.get(operation.collection)
    names = {rule.collection for rule in above.values()}
    has_keys = all((known := contract.notes.get(name)) and known.key for name in names)
    return bool(notes and notes.key and above) and _is_placed(contract, operation) and has_keys and names <= shown


def find_parents(contract: PlainContract, operation: Operation) -> dict[str, ParentRule]:
    """What the path parameters above an operation's records name, by the parameters; without those of nothing known."""
    notes, slots = contract.notes.get(operation.collection), contract.plain[operation.pointer].effect.parents
    known = {name: parent for name, parent in notes.parents.items() if parent.collection} if notes else {}
    named = {slot: known[name] for slot, name in slots.items() if name in known}
    return {slot: ParentRule(parent.collection, parent.field) for slot, parent in named.items()}


def _is_placed(contract: PlainContract, operation: Operation) -> bool:
    """Whether every value in an operation's path is that of its record or of one above it."""
    in_path = {parameter.name for parameter in operation.parameters if parameter.where == "path"}
    own = set() if operation.effect in ("list", "create") else {operation.key}
    return in_path == {*find_parents(contract, operation), *own}


def find_writes(contract: PlainContract, reads: Sequence[Operation]) -> list[Operation]:
    """The writes of records that the reads show: a body that is JSON, and only keys of records in the path."""
    shown = {o.collection for o in reads if o.effect in ("list", "get")}
    return [o for o in contract.operations if o.effect in WRITES and o.collection in shown and _is_askable(contract, o)]


def _is_askable(contract: PlainContract, operation: Operation) -> bool:
    plain, notes = contract.plain[operation.pointer], contract.notes.get(operation.collection)
    if not notes or not notes.key or not _is_placed(contract, operation):
        return False
    is_json_answer = not operation.success.media_type or is_json(operation.success.media_type)
    has_body = operation.effect == "delete" or find_body(contract.source, plain)[1] is not None
    is_documented = operation.success.pointer.endswith(f"/{operation.success.status}")
    return has_body and is_json_answer and is_documented and 200 <= operation.success.status < 300


def find_body(document: Document, plain: PlainOperation) -> tuple[str, Located | None]:
    """The media type in which a write is said, and its schema; None where it has no body of JSON."""
    body = document.find_body(plain.documented)
    content = document.find_content(body) if body else {}
    spoken = [name for name in content if is_json(name)]
    ranked = sorted(spoken, key=lambda name: PATCHES.index(name) if name in PATCHES else len(PATCHES))
    chosen = (ranked if plain.effect.name == "patch" else spoken)[:1]
    return (chosen[0], content[chosen[0]]) if chosen else ("", None)


Resolve = Callable[[Any, Direction], dict[str, Any]]
"""Writes out a schema of the document, as a request or a response has it."""


def write_change(
    contract: PlainContract,
    operation: Operation,
    chosen: Sequence[Operation],
    written: dict[str, Any],
    resolve: Resolve,
) -> None:
    """Say in a written-out operation what a write says beside what any does: its effect, its body, its links."""
    plain, notes = contract.plain[operation.pointer], contract.notes[operation.collection]
    effect = plain.effect
    said = {effect.name: effect.collection, "answers": effect.answers, "at": effect.at, "key": effect.key}
    written |= {"x-effect": {name: value for name, value in said.items() if value}, "x-assumed": INFERRED}
    media_type, located = find_body(contract.source, plain)
    if located is not None:
        body = contract.source.find_body(plain.documented)
        content = {media_type: {"schema": resolve(located.node, "request")}}
        written["requestBody"] = {"required": bool(body and body.node.get("required") is True), "content": content}
    if links := find_links(plain, notes, chosen):
        written["responses"][str(operation.success.status)]["links"] = links


def find_links(
    plain: PlainOperation,
    notes: CollectionNotes,
    operations: Sequence[Operation],
) -> dict[str, dict[str, Any]]:
    """OpenAPI links from what a create answers to every operation on the record that it made."""
    effect = plain.effect
    if effect.name != "create":
        return {}
    if effect.answers == "key":
        expression = f"$response.body#{effect.at}"
    elif effect.answers == "record":
        expression = f"$response.body#{effect.at}/{escape_pointer(notes.key)}"
    else:
        return {}
    mine = (o for o in operations if o.collection == effect.collection and o.key)
    return {o.id: {"operationId": o.id, "parameters": {o.key: expression}} for o in mine}


def mark_unique(properties: Mapping[str, Any], notes: CollectionNotes) -> None:
    """Say of the fields of a written-out record which no two records share."""
    for name in notes.unique:
        field = properties.get(name)
        if isinstance(field, dict):
            field["x-unique"] = True
