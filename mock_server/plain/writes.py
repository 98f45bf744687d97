"""What writes of a plain document do to its records, for the session that sends them, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import orjson

from mock_server.errors import ApiError
from mock_server.inputs import NOTHING, RequestValues
from mock_server.messages import Condition, Request, Tester
from mock_server.plain.collections import SampledRecords, write_parents
from mock_server.plain.effects import Act, Answered, Setting, find_below, find_key, find_location, find_mark
from mock_server.plain.places import find_at, find_property, nest, split_pointer
from mock_server.plain.scopes import as_key
from mock_server.plain.tables import PARENT

Values = dict[str, Any]


def compile_create(setting: Setting) -> Act:
    """A record of what was sent and of what only a server knows, at the end of its collection."""
    below = find_below(setting)

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        where, mark = below(values, tester.scope), find_mark(request, values)
        sent = {**_read_sent(setting, values), **_find_parents(setting, where)}
        with _changing(setting, tester.scope) as records:
            scope, _ = records.scopes.choose(where)
            table, wished = records.get_table(scope), sent.get(records.plan.key) if records.plan.key else None
            is_taken = str(wished) in table.by_key
            # A key that somebody has is replaced by a new one; if the answer cannot say so, the record is overwritten.
            is_kept = wished is not None and (not is_taken or setting.reply.body is None)
            key = wished if is_kept else scope.draw_new_key(mark, table)
            record = scope.merge(key, sent)
            _keep(setting, tester.scope, where, key, record, is_new=not (is_kept and is_taken))
        return _answer(setting, record, key, mark, find_location(setting, request, key))

    return act


def compile_replace(setting: Setting) -> Act:
    """A record as it was sent, but for what only the server writes."""
    return _compile_change(setting, lambda known, sent, kept: {**kept, **sent})


def compile_patch(setting: Setting) -> Act:
    """A record with what was sent in place of what it had (RFC 7396)."""
    return _compile_change(setting, lambda known, sent, kept: merge_patch(known, sent))


def merge_patch(known: Any, patch: Any) -> Any:
    """A value with a merge patch applied (RFC 7396, 2): null takes away, mappings go into each other."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(known) if isinstance(known, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


Change = Callable[[Values, Values, Values], Values]
"""From a record, what was sent, and what of the record only the server writes, to the record as it is then."""


def _compile_change(setting: Setting, change: Change) -> Act:
    below, key_name = find_below(setting), setting.plain.effect.key

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        where, key = below(values, tester.scope), find_key(values, key_name)
        with _changing(setting, tester.scope) as records:
            known = dict(_require(records, where, key, key_name))
            changed = change(known, _read_sent(setting, values), _find_kept(setting, known))
            scope, _ = records.scopes.choose(where)
            key = as_key(known.get(records.plan.key), key) if records.plan.key else key
            record = scope.complete(key, changed)
            _keep(setting, tester.scope, where, key, record)
        return _answer(setting, record, key, find_mark(request, values))

    return act


def compile_delete(setting: Setting) -> Act:
    """A record that is gone from then on."""
    below, key_name = find_below(setting), setting.plain.effect.key

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        where, key = below(values, tester.scope), find_key(values, key_name)
        with _changing(setting, tester.scope) as records:
            known = _require(records, where, key, key_name)
            _keep(setting, tester.scope, where, key, None)
        return _answer(setting, known, key, find_mark(request, values))

    return act


@contextmanager
def _changing(setting: Setting, session: str) -> Iterator[SampledRecords]:
    """The records as they are now, which nobody else changes meanwhile."""
    seen = setting.sources.get_seen(setting.plain.effect.collection)
    with seen.changes.changing() if seen.changes else nullcontext():
        yield seen.read(session)


def _require(records: SampledRecords, where: tuple[Condition, ...], key: Any, name: str) -> Mapping[str, Any]:
    record = records.find_record(where, key)
    if record is None:
        raise ApiError("not_found", f"{name}: there is no {key}", name)
    return record


def _keep(
    setting: Setting,
    session: str,
    where: tuple[Condition, ...],
    key: Any,
    record: Mapping[str, Any] | None,
    is_new: bool = False,
) -> None:
    """Write a record down as it is now; None: it is deleted."""
    seen = setting.sources.get_seen(setting.plain.effect.collection)
    if seen.changes:
        scope, _ = seen.scopes.choose(where)
        values = None if record is None else orjson.dumps(record).decode()
        seen.changes.put(session, seen.name, write_parents(scope.parents), str(key), values, is_new)


def _read_sent(setting: Setting, values: RequestValues) -> Values:
    """The body without what only the server writes; in the envelope of the answer, where it came in one."""
    body = values.body if isinstance(values.body, Mapping) else {}
    inside = find_at(body, setting.plain.effect.at) if split_pointer(setting.plain.effect.at) else None
    sent = inside if isinstance(inside, Mapping) else body
    return {name: value for name, value in sent.items() if not _is_read_only(setting, name)}


def _is_read_only(setting: Setting, name: str) -> bool:
    plan = setting.sources.get_seen(setting.plain.effect.collection).scopes.plan
    nodes = (setting.kit.document.resolve(find_property(setting.kit.document, each, name)) for each in plan.shapes)
    return any(isinstance(node, Mapping) and node.get("readOnly") is True for node in nodes)


def _find_kept(setting: Setting, known: Values) -> Values:
    return {name: value for name, value in known.items() if _is_read_only(setting, name)}


def _find_parents(setting: Setting, where: tuple[Condition, ...]) -> Values:
    """The fields in which a record says below which parents it lies."""
    parents = setting.sources.get_seen(setting.plain.effect.collection).scopes.plan.parents
    named = {c.fields[0]: c.value for c in where if c.test == PARENT}
    return {p.field: as_key(None, named[name]) for name, p in parents.items() if p.field and name in named}


def _answer(setting: Setting, record: Mapping[str, Any], key: Any, mark: str, headers: Any = ()) -> Answered:
    """The success body around a record, or its key where it tells that alone; where it has no place, what fits."""
    body, effect = setting.reply.body, setting.plain.effect
    if body is None:
        return Answered(NOTHING, headers)
    given: Any = key if effect.answers == "key" else record
    given = nest(effect.at, given) if split_pointer(effect.at) else given
    sampled = setting.kit.sampler.sample(body.node, f"{setting.operation.id}/{mark}", given=given)
    return Answered(sampled, headers)
