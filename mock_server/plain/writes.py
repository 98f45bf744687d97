"""What writes of a plain document do to its records, for the session that sends them, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import orjson

from mock_server.errors import ApiError
from mock_server.inputs import RequestValues
from mock_server.messages import Condition, Request, Tester
from mock_server.plain.authorship import Authorship, Values, find_authorship, find_sent_key, read_sent, require_record
from mock_server.plain.collections import SampledRecords, write_parents
from mock_server.plain.confirmations import confirm
from mock_server.plain.effects import Act, Answered, Setting, find_below, find_key, find_location, find_mark
from mock_server.plain.replies import DocumentedReply
from mock_server.plain.scopes import Scope, as_key
from mock_server.plain.tables import PARENT, Table
from mock_server.plain.versions import find_versions
from mock_server.writes import CHANGED, MADE, apply_patch, require_unique, stamp

JSON_PATCH = "application/json-patch+json"
"""What a list of operations is, as whatever it was sent: many a document says `application/json`."""

CREATED = "201"
"""The status that a PUT documents which makes a record that is not there."""

CONFLICT = "conflict"
"""The kind of error that answers what another record has already, where it is documented."""


def compile_create(setting: Setting) -> Act:
    """A record of what was sent and of what only a server knows, at the end of its collection."""
    below, author = find_below(setting), _find_author(setting)
    versions = find_versions(setting.contract, setting.operation, setting.etags)
    defaults = author.defaults()

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        where, mark = below(values, tester.scope), find_mark(request, values)
        sent = {**read_sent(request, values, author, setting.plain.effect.at), **_find_parents(setting, where)}
        with _changing(setting, tester.scope) as records:
            scope, _ = records.scopes.choose(where)
            table, wished = records.get_table(scope), _find_wished(records.plan.key, sent)
            is_taken = wished is not None and str(wished) in table.by_key
            _require_free(setting, table, sent, wished if is_taken else None)
            # A key that somebody has is replaced by a new one; if the answer cannot say so, the record is overwritten.
            is_kept = wished is not None and (not is_taken or setting.reply.body is None)
            key = wished if is_kept else scope.draw_new_key(mark, table)
            record = _make(scope, author, key, {**defaults, **sent}, tester)
            _keep(setting, tester.scope, scope, key, record, is_new=not (is_kept and is_taken))
        headers = find_location(setting, request, key)
        return confirm(setting, scope, record, key, mark, headers, versions.tell(lambda: record))

    return act


def _find_wished(name: str, sent: Values) -> Any:
    """The key that a client wishes for; none of more than 64 bits, which no path would say as the answer does."""
    wished = sent.get(name) if name else None
    return None if isinstance(wished, float) and abs(wished) >= 2**63 else wished


def _make(scope: Scope, author: Authorship, key: Any, sent: Values, tester: Tester) -> Values:
    """The values of a new record: what was sent, what a server adds, nothing where a client said nothing."""
    made = scope.merge(key, sent)
    for name in list(author.find_left_out(made, sent)):
        if name == scope.plan.key:
            continue
        if author.is_nullable(name):
            made[name] = None
        else:
            del made[name]
    return scope.complete(key, stamp(made, MADE, tester.now, sent.__contains__))


def _require_free(setting: Setting, table: Table, sent: Values, taken: Any, own: Any = None) -> None:
    """Let a record through that has nothing of which another one is the only owner; `own` is its key.

    Raises: ApiError `conflict`, where the operation documents that.
    """
    if CONFLICT not in setting.operation.errors:
        return
    notes = setting.contract.notes.get(setting.plain.effect.collection)
    if taken is not None:
        name = notes.key if notes else ""
        raise ApiError(CONFLICT, f"{name}: there is one with {str(taken)[:100]!r} already", name)
    unique = notes.unique if notes else ()
    if unique:
        own_place = None if own is None else table.by_key.get(str(own))
        others = (table.rows.get_record(place) for place in table.order if place != own_place)
        require_unique(unique, sent, others)


def compile_replace(setting: Setting) -> Act:
    """A record as it was sent, but for what only the server writes."""
    author = _find_author(setting)
    defaults = author.defaults()

    def replace(known: Values, request: Request, values: RequestValues) -> Values:
        kept = {name: value for name, value in known.items() if author.is_of_server(name)}
        return {**kept, **defaults, **read_sent(request, values, author, setting.plain.effect.at)}

    def make(scope: Scope, key: Any, request: Request, values: RequestValues, tester: Tester) -> Values:
        sent = read_sent(request, values, author, setting.plain.effect.at)
        return _make(scope, author, key, {**defaults, **sent}, tester)

    responses = setting.kit.document.find_responses(setting.plain.documented)
    is_made = CREATED in responses or (not setting.plain.effect.key and "404" not in responses)
    return _compile_change(setting, author, replace, make if is_made or not setting.plain.effect.key else None, is_made)


def compile_patch(setting: Setting) -> Act:
    """A record with what was sent in place of what it had (RFC 7396, RFC 6902)."""
    author = _find_author(setting)

    def patch(known: Values, request: Request, values: RequestValues) -> Values:
        if isinstance(values.body, list):
            return _apply_operations(setting, author, known, values)
        sent = read_sent(request, values, author, setting.plain.effect.at)
        return require_record(apply_patch(values.media_type, known, sent))

    return _compile_change(setting, author, patch)


def _apply_operations(setting: Setting, author: Authorship, known: Values, values: RequestValues) -> Values:
    """A record after operations on its places; what only the server writes stays, whatever they say.

    Raises: ApiError, `unprocessable` where it is no valid record any more.
    """
    changed = require_record(apply_patch(JSON_PATCH, known, values.body))
    changed = {name: value for name, value in changed.items() if not author.is_read_only(name)}
    changed |= {name: value for name, value in known.items() if author.is_read_only(name)}
    schema = setting.sources[setting.plain.effect.collection].plan.shapes[setting.view]
    validators = setting.kit.validators
    problems = list(validators.find_problems(schema, changed)) if validators.is_valid(schema, known) else []
    for pointer, sentence in problems:
        raise ApiError("unprocessable", f"{pointer}: {sentence}", pointer)
    return changed


Make = Callable[[Scope, Any, Request, RequestValues, Tester], Values]
"""From a key that no record has and what was sent to the record of that key."""

Change = Callable[[Values, Request, RequestValues], Values]
"""From a record and what was sent to the record as it is then."""


def _compile_change(
    setting: Setting,
    author: Authorship,
    change: Change,
    make: Make | None = None,
    is_made: bool = False,
) -> Act:
    """What changes a record; with `make` one without a key is made, and where it `is_made` any that is not there."""
    reply = DocumentedReply(setting.kit, setting.operation, setting.plain, CREATED, int(CREATED))
    made = setting._replace(reply=reply) if reply.located.node else setting
    below, key_name = find_below(setting), setting.plain.effect.key
    versions = find_versions(setting.contract, setting.operation, setting.etags)

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        where = below(values, tester.scope)
        with _changing(setting, tester.scope) as records:
            name, at = key_name or records.plan.key, setting.plain.effect.at
            key = find_key(values, key_name) if key_name else find_sent_key(values, author, at, name, bool(make))
            scope, _ = records.choose(where, key)
            if make and (key is None or (is_made and records.find_record(where, key) is None)):
                versions.require(request, None)
                new = scope.draw_new_key(find_mark(request, values), records.get_table(scope)) if key is None else key
                key = scope.type_key(str(new))
                record = make(scope, key, request, values, tester)
                _require_free(setting, records.get_table(scope), record, None)
                _keep(setting, tester.scope, scope, key, record, is_new=True)
                mark, etag = find_mark(request, values), versions.tell(lambda: record)
                return confirm(made, scope, record, key, mark, (), etag)._replace(reply=made.reply)
            known = dict(_require(records, where, key, name))
            versions.require(request, known)
            changed = change(known, request, values)
            _require_free(setting, records.get_table(scope), changed, None, own=key)
            key = as_key(known.get(records.plan.key), key) if records.plan.key else key
            record = scope.complete(key, _stamp_changed(changed, known, author, tester))
            _keep(setting, tester.scope, scope, key, record)
        mark = find_mark(request, values)
        return confirm(setting, scope, record, key, mark, (), versions.tell(lambda: record))

    return act


def _stamp_changed(changed: Values, known: Values, author: Authorship, tester: Tester) -> Values:
    """A changed record whose moment of change is now, unless the client wrote another one."""
    return stamp(
        changed,
        CHANGED,
        tester.now,
        lambda name: not author.is_read_only(name) and changed.get(name) != known.get(name),
    )


def compile_delete(setting: Setting) -> Act:
    """A record that is gone from then on."""
    below, key_name = find_below(setting), setting.plain.effect.key
    versions = find_versions(setting.contract, setting.operation, setting.etags)

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        where, key = below(values, tester.scope), find_key(values, key_name)
        with _changing(setting, tester.scope) as records:
            known = _require(records, where, key, key_name)
            versions.require(request, known)
            scope, _ = records.choose(where, key)
            _keep(setting, tester.scope, scope, key, None)
        return confirm(setting, scope, known, key, find_mark(request, values))

    return act


def _find_author(setting: Setting) -> Authorship:
    shapes = setting.sources.get_seen(setting.plain.effect.collection).scopes.plan.shapes
    return find_authorship(setting.kit.document, setting.plain, shapes)


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
    scope: Scope,
    key: Any,
    record: Mapping[str, Any] | None,
    is_new: bool = False,
) -> None:
    """Write a record down as it is now; None: it is deleted."""
    seen = setting.sources.get_seen(setting.plain.effect.collection)
    if seen.changes:
        values = None if record is None else orjson.dumps(record).decode()
        seen.changes.put(session, seen.name, write_parents(scope.parents), str(key), values, is_new)


def _find_parents(setting: Setting, where: tuple[Condition, ...]) -> Values:
    """The fields in which a record says below which parents it lies."""
    parents = setting.sources.get_seen(setting.plain.effect.collection).scopes.plan.parents
    named = {c.fields[0]: c.value for c in where if c.test == PARENT}
    return {p.field: as_key(None, named[name]) for name, p in parents.items() if p.field and name in named}
