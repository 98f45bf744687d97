"""Annotations that people wrote, looked over: in a document they become warnings, in an overlay they are refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.contract import escape_pointer
from mock_server.errors import ContractError, ContractErrors
from mock_server.inference.draft import Draft
from mock_server.inference.meaning import check_meaning
from mock_server.inference.overlays import Applied, Overlay, Steps
from mock_server.inference.schemas import Schemas
from mock_server.inference.targets import steps_of_pointer
from mock_server.inference.views import view_operation
from mock_server.inference.vocabulary import DOCUMENT, NAMES, OPERATION, Finding, check_form
from mock_server.openapi import Document, DocumentOperation, DocumentWarning


class Touched(NamedTuple):
    """An operation that an overlay's action wrote to; `()` as its place is the document itself."""

    overlay: Overlay
    number: int
    action: Mapping[str, Any]
    place: Steps


def drop_misformed(document: Document) -> Document:
    """The document without annotations of its own that are none by their form; each is a warning."""
    own = [operation for operation in document.operations if is_annotated(operation)]
    found: list[tuple[Steps, Finding]] = [((), finding) for finding in check_form(DOCUMENT, document.root)]
    found += [(_place_of(each), finding) for each in own for finding in check_form(OPERATION, each.node)]
    if not found:
        return document
    draft = Draft(document.root, document.resolve)
    for place, (pointer, _, _) in found:
        draft.open(place).pop(steps_of_pointer(pointer)[0], None)
    warnings = (_warn(place, finding) for place, finding in found)
    return dataclasses.replace(document, root=draft.root, warnings=(*document.warnings, *warnings))


def is_annotated(operation: DocumentOperation) -> bool:
    """Whether an operation says itself what it does."""
    return any(name in operation.node for name in NAMES[OPERATION])


def _place_of(operation: DocumentOperation) -> Steps:
    return ("paths", operation.path, operation.method.lower())


def _warn(place: Steps, finding: Finding, file: str = "") -> DocumentWarning:
    pointer, problem, hint = finding
    above = "".join(f"/{escape_pointer(step)}" for step in place)
    return DocumentWarning(file, 0, f"{above}{pointer}", f"{problem} ({hint})" if hint else problem)


def find_touched(overlay: Overlay, applied: Applied) -> Iterator[Touched]:
    """The operations, and the document, that carried-out actions wrote annotations to."""
    for number, action, steps in applied.places:
        for place in _find_places(steps, action.get("update")):
            yield Touched(overlay, number, action, place)


def _find_places(steps: Steps, update: Any) -> Iterator[Steps]:
    if len(steps) >= 3 and steps[0] == "paths":
        yield steps[:3]
    elif not steps or steps[0] in NAMES[DOCUMENT]:
        yield ()
    if len(steps) < 3 and isinstance(update, Mapping) and (steps or "paths" in update):
        inside = update if steps else {"paths": update["paths"]}
        for key, value in inside.items() if not steps or steps[0] == "paths" else ():
            yield from (place for place in _find_places((*steps, key), value) if place)


def require_form(document: Document, touched: Iterable[Touched]) -> None:
    """Refuse annotations that an overlay wrote in a wrong form. Raises: ContractErrors with file and action of each."""
    problems = [
        _refuse(each, finding)
        for each in _last_of_each(touched)
        for finding in check_form(OPERATION if each.place else DOCUMENT, _find_node(document, each.place))
    ]
    if problems:
        raise ContractErrors(problems)


def _last_of_each(touched: Iterable[Touched]) -> Sequence[Touched]:
    """Of several actions at one place, the last."""
    return list({each.place: each for each in touched}.values())


def _find_node(document: Document, place: Steps) -> Mapping[str, Any]:
    node = Draft(document.root, document.resolve).find(place)
    return node if isinstance(node, Mapping) else {}


def _refuse(touched: Touched, finding: Finding) -> ContractError:
    pointer, problem, hint = finding
    update = touched.action.get("update")
    is_there = isinstance(update, Mapping) and steps_of_pointer(pointer)[:1] and steps_of_pointer(pointer)[0] in update
    inside = f"/update{pointer}" if is_there else ""
    return ContractError(touched.overlay.file, f"/actions/{touched.number}{inside}", problem, hint)


def review_meaning(document: Document, own: Iterable[str], touched: Iterable[Touched]) -> Document:
    """The document with a warning for each annotation of its `own` operations that names what is not there.

    So does a saved inference, for the document may have changed since. Raises: ContractErrors for an overlay that a
    person wrote.
    """
    schemas, collections = Schemas(document), document.root.get("x-collections")
    operations = {_place_of(each): each for each in document.operations}
    known = collections if isinstance(collections, Mapping) else {}
    problems, warnings = [], []

    def check(place: Steps) -> Iterator[Finding]:
        return check_meaning(schemas, view_operation(document, operations[place]), known)

    names = set(own)
    for place, operation in operations.items():
        warnings += [_warn(place, finding) for finding in check(place)] if operation.name in names else []
    for each in (each for each in _last_of_each(touched) if each.place in operations):
        is_saved = "x-inferred" in each.action
        warnings += [_warn(each.place, finding, each.overlay.file) for finding in check(each.place) if is_saved]
        problems += [_refuse(each, finding) for finding in check(each.place) if not is_saved]
    if problems:
        raise ContractErrors(problems)
    return dataclasses.replace(document, warnings=(*document.warnings, *warnings)) if warnings else document
