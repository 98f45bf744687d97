"""What a write of an annotated contract does to its collection, for the session that sends it, and what it answers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from mock_server.contract import Collection, Contract, Operation
from mock_server.engine.collections import StoredCollections
from mock_server.engine.parameters import Inputs
from mock_server.engine.rendering import RenderContext
from mock_server.engine.sent import Nodes, SentBody, find_sendable
from mock_server.engine.versions import FULLEST, Versions, tell_version
from mock_server.errors import ApiError
from mock_server.faults import MovedCollections
from mock_server.messages import Collections, Condition, Headers, Request, Tester
from mock_server.store import ChangedRecords, SeenRecords, Values
from mock_server.writes import apply_patch, is_changed

Play = Callable[[Request, Inputs, Tester], RenderContext]
"""From a request, what was read of it and who it plays for to what its answer renders; raises ApiError."""


class Write(NamedTuple):
    """What a write is compiled with: `sendable` are the fields that a client says, `kinds` the documented errors.

    `address` is the path of one record, with `{key}` in it.
    """

    operation: Operation
    collection: Collection
    seen: SeenRecords
    body: SentBody
    sendable: Nodes
    kinds: frozenset[str]
    address: str
    versions: Versions


def compile_write(contract: Contract, operation: Operation, sources: Collections, versions: Versions) -> Play:
    """What plays a write: a row of `ACTS`."""
    stored = sources.collections if isinstance(sources, MovedCollections) else sources
    assert isinstance(stored, StoredCollections), "the collections of annotated contracts are stored"
    collection = contract.collections[operation.collection]
    gets = (each for each in contract.operations if each.effect == "get" and each.collection == operation.collection)
    kinds = frozenset({*contract.errors, *operation.errors})
    write = Write(
        operation,
        collection,
        stored.get_seen(operation.collection),
        SentBody(contract, operation, kinds),
        find_sendable(operation, collection),
        kinds,
        next((each.path.replace("{" + each.key + "}", "{key}") for each in gets), operation.path + "/{key}"),
        versions,
    )
    return functools.partial(ACTS[operation.effect], write)


def _create(write: Write, request: Request, inputs: Inputs, tester: Tester) -> RenderContext:
    """A record of what was sent and of what only a server knows, at the end of its collection."""
    seen, name = write.seen, write.collection.key
    sent = _pick(write, write.body.read(request).body)
    with seen.changing(tester.scope) as records:
        ordinal, key = seen.draw(records)
        wished = sent.get(name)
        if wished is not None and seen.find_values(records, wished) is None:
            ordinal, key = -1, wished
        elif wished is not None and "conflict" in write.kinds:
            raise ApiError("conflict", f"{name}: there is one with {str(wished)[:100]!r} already", name)
        _require_unique(write, records, sent, None)
        given = {**sent, **_stamp(write, tester), name: key}
        made = seen.shape.complete(str(key), given, None if ordinal < 0 else ordinal)
        record = _settle(write, {n: v for n, v in made.items() if n in given or n not in write.sendable}, made)
        seen.put(tester.scope, str(key), record, is_new=True)
    return _answer(write, record, _find_location(write, request, key))


def _replace(write: Write, request: Request, inputs: Inputs, tester: Tester) -> RenderContext:
    """A record as it was sent, but for what only the server says."""
    sent = _pick(write, write.body.read(request).body)
    return _change(write, request, inputs, tester, lambda known: {**_keep(write, known), **sent})


def _patch(write: Write, request: Request, inputs: Inputs, tester: Tester) -> RenderContext:
    """A record with what was sent in place of what it had."""
    values = write.body.read(request)

    def change(known: Values) -> Values:
        patched = apply_patch(values.media_type, known, values.body)
        # A field that may be null is taken away by being null.
        return {**_keep(write, known), **_pick(write, patched)}

    return _change(write, request, inputs, tester, change)


def _change(
    write: Write,
    request: Request,
    inputs: Inputs,
    tester: Tester,
    change: Callable[[Values], Values],
) -> RenderContext:
    seen, name = write.seen, write.collection.key
    with seen.changing(tester.scope) as records:
        known = _require(write, records, inputs.key)
        write.versions.require(request, records, inputs.key)
        moments = {each: now for each, now in _stamp(write, tester).items() if is_changed(each)}
        changed = {**change(dict(known)), **moments, name: known[name]}
        _require_unique(write, records, changed, known[name])
        record = _settle(write, changed, None)
        seen.put(tester.scope, str(known[name]), record)
    return _answer(write, record)


def _delete(write: Write, request: Request, inputs: Inputs, tester: Tester) -> RenderContext:
    """A record that is gone from then on."""
    with write.seen.changing(tester.scope) as records:
        known = _require(write, records, inputs.key)
        write.versions.require(request, records, inputs.key)
        write.seen.put(tester.scope, str(known[write.collection.key]), None)
    return _answer(write, known)


ACTS: Mapping[str, Callable[[Write, Request, Inputs, Tester], RenderContext]] = {
    "create": _create,
    "replace": _replace,
    "patch": _patch,
    "delete": _delete,
}
"""What each effect does, by its name in `x-effect`."""


def _pick(write: Write, body: Any) -> Values:
    """What a client says, without fields that only the server says."""
    return {name: value for name, value in body.items() if name in write.sendable} if isinstance(body, Mapping) else {}


def _keep(write: Write, known: Values) -> Values:
    """What of a record no client says."""
    return {name: value for name, value in known.items() if name not in write.sendable}


def _settle(write: Write, values: Values, made: Values | None) -> Values:
    """A record in which what was left out has its default, is null, is made, or is not there.

    Raises: ApiError `invalid` for a field that must be there and cannot be `made`.
    """
    required, settled = write.collection.schema.get("required", ()), dict(values)
    for name, node in write.sendable.items():
        if name in values:
            continue
        if "default" in node:
            settled[name] = node["default"]
        elif "null" in node.get("type", ()):
            settled[name] = None
        elif made is not None and name in required:
            settled[name] = made[name]
        elif name in required and not node.get("writeOnly"):
            raise ApiError("invalid", f"{name}: is required", name)
    return settled


def _require(write: Write, records: ChangedRecords, key: Any) -> Values:
    known = write.seen.find_values(records, key)
    if known is None:
        name = write.operation.key
        raise ApiError("not_found", f"{name}: there is no {key}", name)
    return known


def _require_unique(write: Write, records: ChangedRecords, values: Values, own: Any) -> None:
    """Refuse a value that another record has in a field that is unique; `own` is the key of the record itself."""
    for name in write.collection.unique:
        value = values.get(name)
        if value in (None, "") or "conflict" not in write.kinds:
            continue
        _, others = records.page((Condition("equals_fold", (name,), value),), 0, 2)
        itself = None if own is None else records.find(own)
        if any(other != itself for other in others):
            raise ApiError("conflict", f"{name}: there is one with {str(value)[:100]!r} already", name)


def _stamp(write: Write, tester: Tester) -> Values:
    """The moments that only the server says, by the session's clock."""
    now = datetime.fromtimestamp(tester.now, UTC).replace(tzinfo=None, microsecond=0).isoformat()
    return {
        name: now[:10] if _find_moment(node).get("form") == "date" else now
        for name, node in write.collection.schema["properties"].items()
        if node.get("readOnly") and name not in write.sendable and "moment" in _find_method(node)
    }


def _find_method(node: Mapping[str, Any]) -> Mapping[str, Any]:
    annotation = node.get("x-faker", "")
    return {annotation: {}} if isinstance(annotation, str) else annotation


def _find_moment(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return _find_method(node)["moment"] or {}


def _find_location(write: Write, request: Request, key: Any) -> Headers:
    """The address of a new record, where a `Location` is documented."""
    if not any(header.name == "location" for header in write.operation.success.headers):
        return ()
    path = write.address.replace("{key}", quote(str(key), safe=""))
    return (("location", f"{request.base}{request.mount}{path}"),)


def _answer(write: Write, record: Values, headers: Headers = ()) -> RenderContext:
    shape = write.seen.shape
    version = tell_version(shape.render(record, FULLEST)) if write.versions.is_told else ()
    return RenderContext(shape.render(record, write.operation.view), record=record, headers=(*headers, *version))
