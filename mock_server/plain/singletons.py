"""Objects of a path of their own, such as `/me` and `/settings`: what is written to them stays, for the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, NamedTuple

import orjson

from mock_server.contract import Operation
from mock_server.errors import ApiError
from mock_server.inputs import NOTHING, RequestValues
from mock_server.messages import Request, Tester
from mock_server.plain.authorship import Authorship, Values, find_authorship, read_sent, require_record
from mock_server.plain.effects import Act, Answered, Setting, compile_answer, find_echo, find_mark
from mock_server.plain.envelopes import Kit, leave_out_errors
from mock_server.plain.places import find_at, find_names, find_schema_at, put, split_pointer
from mock_server.plain.replies import DocumentedReply
from mock_server.plain.versions import find_versions
from mock_server.state import Change as Written
from mock_server.writes import CHANGED, apply_patch, stamp

COLLECTION = "singletons"
"""What the changes of such objects are kept as; a collection's name has no path in it."""


class Singleton(NamedTuple):
    """The object of a path: the GET that shows it, and where in its body it stands."""

    name: str
    operation: Operation
    reply: DocumentedReply
    at: str

    @property
    def schema(self) -> Any:
        """The schema of the GET's body."""
        return self.reply.body.node if self.reply.body else {}


def compile_singleton(setting: Setting) -> Act:
    """What the method does to the object of its path; a document without a GET that shows it has none."""
    singleton = _find_singleton(setting)
    compile_act = ACTS.get(setting.operation.method)
    return compile_act(setting, singleton) if compile_act and singleton else compile_answer(setting)


def _find_singleton(setting: Setting) -> Singleton | None:
    contract, document = setting.contract, setting.kit.document
    alike = [each for each in contract.operations if each.path == setting.operation.path and each.effect == "singleton"]
    shown = next((each for each in alike if each.method == "GET"), None)
    if shown is None:
        return None
    plain, success = contract.plain[shown.pointer], shown.success
    reply = DocumentedReply(setting.kit, shown, plain, success.pointer.rpartition("/")[2], success.status)
    if reply.body is None:
        return None
    name = f"{contract.provider}/{COLLECTION}{contract.plain[shown.pointer].documented.path}"
    sent = {name for each in alike for name in find_authorship(document, contract.plain[each.pointer], ()).sendable}
    return Singleton(name, shown, reply, find_place(setting.kit, reply.body.node, sent))


def find_place(kit: Kit, schema: Any, names: set[str]) -> str:
    """Where in a body an object with these names stands: the body itself, or the property that has most of them."""
    tops = find_names(kit.document, schema)
    inside = {
        f"/{top}": find_names(kit.document, find_schema_at(kit.document, schema, f"/{top}")) for top in sorted(tops)
    }
    best = max(inside, key=lambda at: len(inside[at] & names), default="")
    is_inside = (
        bool(best) and "~" not in best and best.count("/") == 1 and len(inside[best] & names) > len(tops & names)
    )
    return best if is_inside else ""


def _compile_show(setting: Setting, singleton: Singleton) -> Act:
    make, versions = (
        _compile_base(setting, singleton),
        find_versions(setting.contract, setting.operation, setting.etags),
    )

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        written, base = _find_change(setting, singleton, request, tester), make(request, values)
        record = _see(singleton, base, written)
        if record is None:
            raise _refuse_missing()
        body = put(base, split_pointer(singleton.at), record) if written else base
        return Answered(body, (), versions.tell(lambda: record))

    return act


def _compile_base(setting: Setting, singleton: Singleton) -> Callable[[Request, RequestValues], Any]:
    """The body of the GET as nobody changed it; it depends on the path alone."""
    examples = singleton.reply.examples if setting.examples != "never" else {}
    example = next((each for each in examples.values() if isinstance(each, Mapping)), {})

    def make(request: Request, values: RequestValues) -> Any:
        echo = find_echo(values._replace(body=NOTHING))
        given = {**example, **{name: value for name, value in echo.items() if not example or name in example}}
        key = f"{singleton.operation.id}/{request.path}"
        body = setting.kit.sampler.sample(singleton.schema, key, name=singleton.operation.id, given=given)
        return leave_out_errors(setting.kit, singleton.schema, body)

    return make


Change = Callable[[Values | None, Request, RequestValues], Values | None]
"""From an object, None where it was deleted, and what was sent to the object as it is then."""


def _compile_replace(setting: Setting, singleton: Singleton) -> Act:
    author = _find_author(setting, singleton)
    defaults = author.defaults()

    def replace(known: Values | None, request: Request, values: RequestValues) -> Values:
        kept = {name: value for name, value in (known or {}).items() if author.is_of_server(name)}
        return {**kept, **defaults, **read_sent(request, values, author, singleton.at)}

    return _compile_write(setting, singleton, replace)


def _compile_patch(setting: Setting, singleton: Singleton) -> Act:
    author = _find_author(setting, singleton)

    def patch(known: Values | None, request: Request, values: RequestValues) -> Values:
        if known is None:
            raise _refuse_missing()
        sent = values.body if isinstance(values.body, list) else read_sent(request, values, author, singleton.at)
        media_type = "application/json-patch+json" if isinstance(sent, list) else values.media_type
        kept = {name: value for name, value in known.items() if author.is_read_only(name)}
        return {**require_record(apply_patch(media_type, known, sent)), **kept}

    return _compile_write(setting, singleton, patch)


def _compile_delete(setting: Setting, singleton: Singleton) -> Act:
    def delete(known: Values | None, request: Request, values: RequestValues) -> None:
        if known is None:
            raise _refuse_missing()

    return _compile_write(setting, singleton, delete)


def _compile_write(setting: Setting, singleton: Singleton, change: Change) -> Act:
    make, answer = _compile_base(setting, singleton), _compile_answer(setting, singleton)
    versions = find_versions(setting.contract, setting.operation, setting.etags)
    changes = setting.sources.changes

    def act(request: Request, values: RequestValues, tester: Tester) -> Answered:
        with changes.changing() if changes else nullcontext():
            written = _find_change(setting, singleton, request, tester, is_changing=True)
            known = _see(singleton, make(request, values), written)
            versions.require(request, known)
            changed = change(known, request, values)
            record = None if changed is None else _fit(setting, singleton, request, stamp(changed, CHANGED, tester.now))
            if changes:
                text = None if record is None else orjson.dumps(record).decode()
                changes.put(tester.scope, singleton.name, "", request.path, text)
        return answer(request, values, tester, record, "" if record is None else versions.tell(lambda: record))

    return act


def _compile_answer(setting: Setting, singleton: Singleton) -> Callable[..., Answered]:
    """What a write answers: the object where its body has a place for it, else what the response says by itself."""
    body, otherwise = setting.reply.body, compile_answer(setting)
    names = find_names(setting.kit.document, find_schema_at(setting.kit.document, singleton.schema, singleton.at))
    at = find_place(setting.kit, body.node, names) if body else ""
    shown = find_names(setting.kit.document, find_schema_at(setting.kit.document, body.node, at)) if body else set()

    def answer(request: Request, values: RequestValues, tester: Tester, record: Any, etag: str) -> Answered:
        if body is None or record is None or not shown & names:
            return otherwise(request, values, tester)._replace(etag=etag)
        key, kit = f"{setting.operation.id}/{find_mark(request, values)}", setting.kit
        sampled = kit.sampler.sample(body.node, key, given=put({}, split_pointer(at), record))
        exact = put(sampled, split_pointer(at), {name: record[name] for name in record if name in shown})
        return Answered(exact if kit.validators.is_valid(body.node, exact) else sampled, (), etag)

    return answer


def _find_author(setting: Setting, singleton: Singleton) -> Authorship:
    document = setting.kit.document
    shapes = (find_schema_at(document, singleton.schema, singleton.at),)
    return find_authorship(document, setting.plain, shapes)


def _fit(setting: Setting, singleton: Singleton, request: Request, record: Values) -> Values:
    """An object as its GET can show it: without what that has not, and with what that must have."""
    kit, schema = setting.kit, find_schema_at(setting.kit.document, singleton.schema, singleton.at)
    shape = kit.sampler.sample(schema, f"{singleton.operation.id}/{request.path}", given=record)
    if not isinstance(shape, dict):
        return record
    written = {name: value for name, value in shape.items() if name in record}
    return written if kit.validators.is_valid(schema, written) else shape


def _find_change(
    setting: Setting,
    singleton: Singleton,
    request: Request,
    tester: Tester,
    is_changing: bool = False,
) -> Written | None:
    """What a session made of an object, None where it left it alone."""
    changes = setting.sources.changes
    if changes is None:
        return None
    look = changes.read if is_changing else changes.find
    return look(tester.scope, singleton.name).find("", request.path)


def _see(singleton: Singleton, base: Any, written: Written | None) -> Values | None:
    """An object as a session left it, or as nobody changed it; None where it was deleted."""
    if written:
        return orjson.loads(written.values) if written.values else None
    record = find_at(base, singleton.at)
    return dict(record) if isinstance(record, Mapping) else {}


def _refuse_missing() -> ApiError:
    return ApiError("not_found", "there is none any more")


ACTS: Mapping[str, Callable[[Setting, Singleton], Act]] = {
    "GET": _compile_show,
    "PUT": _compile_replace,
    "PATCH": _compile_patch,
    "DELETE": _compile_delete,
}
"""What a method does to such an object."""
