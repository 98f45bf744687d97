"""What each effect of a plain operation answers: gets, writes that are answered by their schema, and the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from mock_server.contract import Operation
from mock_server.errors import ApiError
from mock_server.faults import MovedSource
from mock_server.inputs import NOTHING, RequestValues
from mock_server.messages import Condition, Headers, RecordSource, Request, Response, Tester
from mock_server.plain.collections import SampledRecords
from mock_server.plain.contract import PlainContract, PlainOperation
from mock_server.plain.envelopes import Envelope, Kit, Slot, compile_envelope, leave_out_errors
from mock_server.plain.replies import DocumentedReply
from mock_server.plain.sources import Sources
from mock_server.plain.tables import PARENT
from mock_server.plain.versions import find_versions
from mock_server.tokens import Issuer


class Answered(NamedTuple):
    """What an operation answers: a body as values (NOTHING for none; ready JSON in it as fragments), more headers.

    `etag` is that of the record. `secrets` are texts in it that nobody else may read; `whole` is an answer of another
    form, in place of all that. `reply` is the documented response, where it is not the one of success.
    """

    body: Any
    headers: Headers = ()
    etag: str = ""
    secrets: tuple[str, ...] = ()
    whole: Response | None = None
    reply: DocumentedReply | None = None


class Setting(NamedTuple):
    """What an effect is compiled with.

    `sources` are the collections by name, `view` the shape this one shows. `shown` is what this one shows of its own
    collection: that itself, or as it is after something happened to it. `issuer` is who issues tokens.
    """

    kit: Kit
    contract: PlainContract
    operation: Operation
    plain: PlainOperation
    reply: DocumentedReply
    sources: Sources
    view: int
    examples: str
    shown: RecordSource | None
    etags: str = "documented"
    issuer: Issuer | None = None


Act = Callable[[Request, RequestValues, Tester], Answered]
"""From a request, what was read of it and who it plays for to the answer."""


def find_below(setting: Setting) -> Callable[[RequestValues, str], tuple[Condition, ...]]:
    """The conditions that the parents in a path set; it raises ApiError `not_found` for none."""
    effect, notes = setting.plain.effect, setting.contract.notes.get(setting.plain.effect.collection)
    parents = notes.parents if notes else {}

    def find(values: RequestValues, session: str) -> tuple[Condition, ...]:
        where: tuple[Condition, ...] = ()
        for name, parent in effect.parents.items():
            value = values.path.get(name)
            known = parents.get(parent)
            is_known = known is not None and known.collection in setting.sources
            source = setting.sources.by(known.collection, session) if known and is_known else None
            above = _above(setting, known.collection, where) if known and source else ()
            if source is not None and not source.plan.is_nested and source.find_in(above, value) is None:
                raise ApiError("not_found", f"{name}: there is no {value}", name)
            where += (Condition(PARENT, (parent,), str(value)),)
        return where

    return find


def _above(setting: Setting, collection: str, where: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Of the conditions on parents, those that hold for a parent's collection as well."""
    notes = setting.contract.notes.get(collection)
    return tuple(c for c in where if notes and c.fields[0] in notes.parents)


def find_shown(setting: Setting, seen: SampledRecords) -> RecordSource:
    """The records of its own collection that an operation shows: as a session sees them, after what else happened."""
    return setting.shown.over(seen) if isinstance(setting.shown, MovedSource) else seen


def compile_get(setting: Setting) -> Act:
    """A record by the key in its path, below the parents in it."""
    effect, below, wrap = setting.plain.effect, find_below(setting), _compile_wrapper(setting)
    versions = find_versions(setting.contract, setting.operation, setting.etags)

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        key = find_key(values, effect.key)
        where, seen = below(values, tester.scope), setting.sources.by(effect.collection, tester.scope)
        shown = find_shown(setting, seen)
        record = seen.find_in(where, key, setting.view) if shown is seen else shown.find(key, setting.view)
        if record is None:
            raise ApiError("not_found", f"{effect.key}: there is no {key}", effect.key)
        return Answered(wrap(orjson.Fragment(record)), (), versions.tell(lambda: seen.find_record(where, key)))

    return act


def _compile_wrapper(setting: Setting) -> Envelope:
    """What a record stands in, in the success body: nothing, or an envelope that is the same for all."""
    effect, body = setting.plain.effect, setting.reply.body
    if effect.at == "" and not effect.is_list:
        return lambda record: record
    kit, source = setting.kit, setting.sources[effect.collection]
    _, first = source.page((), 0, 1, setting.view)
    specimen = [orjson.loads(each) for each in first]
    fill: Callable[[Any], Any] = (lambda record: [record]) if effect.is_list else (lambda record: record)
    if effect.at == "":
        return fill
    slot = Slot(effect.at, fill, (specimen if effect.is_list else next(iter(specimen), {}),))
    return compile_envelope(kit, body.node if body else {}, f"{setting.operation.id}/body", [slot])


def compile_answer(setting: Setting) -> Act:
    """What the response says by itself: an example where one obeys its schema, else values from seed and request."""
    reply, sampler = setting.reply, setting.kit.sampler
    example = next(iter(reply.examples.values()), NOTHING) if setting.examples != "never" else NOTHING

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        if reply.body is None:
            return Answered(NOTHING, find_location(setting, request))
        key = f"{setting.operation.id}/{find_mark(request, values)}"
        given = find_echo(values)
        if isinstance(example, Mapping):
            given = {**example, **{name: value for name, value in given.items() if name in example}}
        elif example is not NOTHING:
            return Answered(example)
        body = sampler.sample(reply.body.node, key, name=setting.operation.id, given=given)
        body = leave_out_errors(setting.kit, reply.body.node, body)
        return Answered(body, find_location(setting, request))

    return act


def find_mark(request: Request, values: RequestValues) -> str:
    """What decides the answer to a request beside the seed."""
    text = f"{request.path}?{request.query}".encode("utf-8", "replace")
    return hashlib.blake2b(text + request.body, digest_size=8).hexdigest()


def find_echo(values: RequestValues) -> dict[str, Any]:
    """What a client sent, by the names under which an answer may say it again: `petId` is also the `id` of the pet."""
    echo: dict[str, Any] = {}
    for name, value in values.path.items():
        for suffix in ("_id", "Id", "ID", "-id"):
            if name.endswith(suffix):
                echo["id"] = value
        echo[name] = value
    return {**echo, **(values.body if isinstance(values.body, Mapping) else {})}


def find_location(setting: Setting, request: Request, key: Any = None) -> Headers:
    """The address of what was made, where a `Location` is documented."""
    if not setting.reply.has("location"):
        return ()
    below = "" if key is None else f"/{quote(str(key), safe='')}"
    return (("location", f"{request.base}{request.mount}{request.path.rstrip('/')}{below}"),)


def find_key(values: RequestValues, name: str) -> Any:
    """The key that a path names; the first where it may name several."""
    key = values.path.get(name)
    return key[0] if isinstance(key, list) and key else key


def find_path_values(setting: Setting) -> dict[str, Any]:
    """A value for each parameter of a path: keys of first records where they are known, else what schemas give."""
    effect, notes = setting.plain.effect, setting.contract.notes.get(setting.plain.effect.collection)
    values = {
        parameter.name: setting.kit.sampler.sample(
            parameter.schema,
            f"{setting.operation.id}/path/{parameter.name}",
            name=parameter.name,
        )
        for parameter in setting.operation.parameters
        if parameter.where == "path"
    }
    where: tuple[Condition, ...] = ()
    for name, parent in effect.parents.items():
        known = notes.parents.get(parent) if notes else None
        source = setting.sources.get(known.collection) if known and known.collection else None
        keys = source.find_keys(_above(setting, known.collection, where)) if known and source else []
        values[name] = keys[0] if keys else values.get(name, "1")
        where += (Condition(PARENT, (parent,), str(values[name])),)
    if effect.collection and effect.key:
        keys = setting.sources[effect.collection].find_keys(where)
        values[effect.key] = keys[0] if keys else values.get(effect.key, "1")
    return values
