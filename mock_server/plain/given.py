"""Records of a tester's own: what is wrong in one, and what is made for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import orjson

from mock_server.errors import refuse_taken, suggest
from mock_server.messages import Condition, FieldProblem
from mock_server.openapi import Document
from mock_server.plain.collections import SampledRecords, SeenRecords, write_parents
from mock_server.plain.envelopes import Kit
from mock_server.plain.places import find_names, find_property
from mock_server.plain.scopes import merge_shapes
from mock_server.plain.tables import PARENT

MAX_PROBLEMS = 20


def check_given(kit: Kit, seen: SeenRecords, record: Mapping[str, Any]) -> list[FieldProblem]:
    """What is wrong in a record of a tester's own: fields that nobody documents, values that are not as documented."""
    plan, scope = seen.scopes.plan, seen.scopes.get(())
    unknown = list(_find_unknown(kit.document, plan.shapes, record))
    known = {name: value for name, value in record.items() if f"/{_escape(name)}" not in {p.pointer for p in unknown}}
    # What is made for a record may lack nothing; where a value was not taken, it is put back for its fault to show.
    whole = _put_back(merge_shapes(scope.make_given(known.get(plan.key, "given"), 0, known)), known)
    wrong: dict[str, FieldProblem] = {}
    for shape in plan.shapes:
        shown = {name: value for name, value in whole.items() if find_property(kit.document, shape, name) is not None}
        for pointer, problem in kit.validators.find_problems(shape, shown):
            if pointer.split("/")[1:2] and _unescape(pointer.split("/")[1]) in known:
                wrong.setdefault(pointer, FieldProblem(pointer, problem))
    return [*unknown, *wrong.values()][:MAX_PROBLEMS]


def _find_unknown(document: Document, shapes: tuple[Any, ...], record: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Fields that no shape of a record has; where none names any, there are no wrong ones."""
    names = sorted({name for shape in shapes for name in find_names(document, shape)})
    for name in record:
        if names and all(find_property(document, shape, name) is None for shape in shapes):
            hint = suggest(name, names, else_all=True)
            yield FieldProblem(f"/{_escape(name)}", "is no field of these records", hint)


def _put_back(made: Any, given: Any) -> Any:
    """What was made with all that was given in its place."""
    if not isinstance(made, Mapping) or not isinstance(given, Mapping):
        return given
    return {**made, **{name: _put_back(made.get(name), value) for name, value in given.items()}}


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _unescape(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def give(
    seen: SeenRecords,
    session: str,
    record: Mapping[str, Any],
    place: str,
    parents: Mapping[str, str],
    key: str | None,
    is_new: bool,
) -> str:
    """Put in a record of a tester's own; its key as text. Raises: Problem 409 where that must be new and is not."""
    plan, where = seen.scopes.plan, _find_where(parents)
    scope, _ = seen.scopes.choose(where)
    with changing(seen, session) as records:
        own = record.get(plan.key) if plan.key else None
        if own is None:
            own = (
                scope.type_key(key) if key is not None else scope.draw_new_key(_mark(record), records.get_table(scope))
            )
        if is_new and str(own) in records.get_table(scope).by_key:
            raise refuse_taken(plan.name, own)
        values = {**record, plan.key: own} if plan.key else dict(record)
        if seen.changes:
            text = orjson.dumps(values).decode()
            seen.changes.put(session, seen.name, write_parents(scope.parents), str(own), text, place=place)
    return str(own)


def take(seen: SeenRecords, session: str, key: str, parents: Mapping[str, str]) -> bool:
    """Take a record away; whether there was one."""
    where = _find_where(parents)
    scope, _ = seen.scopes.choose(where)
    with changing(seen, session) as records:
        if records.find_in(where, key) is None:
            return False
        if seen.changes:
            seen.changes.put(session, seen.name, write_parents(scope.parents), key, None)
    return True


@contextmanager
def changing(seen: SeenRecords, session: str) -> Iterator[SampledRecords]:
    """The records as a session has them now, which nobody else changes meanwhile."""
    with seen.changes.changing() if seen.changes else nullcontext():
        yield seen.read(session)


def _find_where(parents: Mapping[str, str]) -> tuple[Condition, ...]:
    return tuple(Condition(PARENT, (name,), key) for name, key in parents.items())


def _mark(record: Mapping[str, Any]) -> str:
    """What decides the key of a record that has none."""
    return hashlib.blake2b(orjson.dumps(record), digest_size=8).hexdigest()
