"""Response schemas compiled to renderers: constants joined once, the rest filled in per answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from mock_server.engine.pagination import PAGE_FACTS, FetchedPage
from mock_server.messages import Headers
from mock_server.state import Quota


class RenderContext(NamedTuple):
    """What a response is rendered from: records as ready JSON, a page, an error's facts, the rate limit, a token's.

    Of a write `record` are all values of the record, and `headers` what it adds to the documented ones.
    """

    records: bytes = b""
    page: FetchedPage | None = None
    error: Mapping[str, Any] = {}
    quota: Quota | None = None
    token: Mapping[str, Any] = {}
    record: Mapping[str, Any] = {}
    headers: Headers = ()


Slot = Callable[[RenderContext], bytes]
Render = Callable[[RenderContext], bytes]


def compile_body(schema: Mapping[str, Any] | None, media_type: str) -> Render:
    """A function that renders a response body; without a schema the body is empty."""
    if schema is None:
        return lambda context: b""
    if "json" not in media_type:
        return _compile_text(schema)
    parts = list(_joined(_parts(schema)))
    if len(parts) == 1 and isinstance(parts[0], bytes):
        constant = parts[0]
        return lambda context: constant

    def render(context: RenderContext) -> bytes:
        # A class compared by identity and a list joined at once: this runs for every answer.
        return b"".join([part if part.__class__ is bytes else part(context) for part in parts])  # type: ignore[operator]

    return render


def _compile_text(schema: Mapping[str, Any]) -> Render:
    if "const" in schema:
        constant = str(schema["const"]).encode()
        return lambda context: constant
    role = schema["x-error"]
    return lambda context: str(context.error[role]).encode()


def _parts(schema: Mapping[str, Any]) -> Iterator[bytes | Slot]:
    """The pieces of one value: constant bytes, and slots."""
    for key, compile_slot in _SLOTS.items():
        if key in schema:
            yield compile_slot(schema)
            return
    yield b"{"
    for number, (name, child) in enumerate(schema["properties"].items()):
        yield (b"," if number else b"") + orjson.dumps(name) + b":"
        yield from _parts(child)
    yield b"}"


def _joined(parts: Iterator[bytes | Slot]) -> Iterator[bytes | Slot]:
    """Neighbouring constants become one."""
    constant = b""
    for part in parts:
        if isinstance(part, bytes):
            constant += part
        else:
            yield constant
            yield part
            constant = b""
    yield constant


def _constant(schema: Mapping[str, Any]) -> bytes:
    return orjson.dumps(schema["const"])


def _record(schema: Mapping[str, Any]) -> Slot:
    return lambda context: context.records


def _page_slot(schema: Mapping[str, Any]) -> Slot:
    role = schema["x-page"]
    if role == "items":
        return lambda context: b"[" + context.records + b"]"
    fact, write = PAGE_FACTS[role], _writer(schema)
    return lambda context: write(fact(context.page))  # type: ignore[arg-type]


def _error_slot(schema: Mapping[str, Any]) -> Slot:
    role, write = schema["x-error"], _writer(schema)
    return lambda context: write(context.error[role])


def _limit_slot(schema: Mapping[str, Any]) -> Slot:
    def write(context: RenderContext) -> bytes:
        ends = datetime.fromtimestamp(context.quota.reset_epoch if context.quota else 0, UTC)
        return orjson.dumps(ends.strftime("%Y-%m-%dT%H:%M:%S.0000000Z"))

    return write


def _token_slot(schema: Mapping[str, Any]) -> Slot:
    role, write = schema["x-token"], _writer(schema)
    if role in ("issued", "expires") and schema.get("format") != "date-time":  # a moment without its offset
        return lambda context: write(str(context.token.get(role) or "").removesuffix("Z"))
    return lambda context: write(context.token.get(role))


def _writer(schema: Mapping[str, Any]) -> Callable[[Any], bytes]:
    """Writes a value in the schema's type: text of a number, a number of text."""
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "integer" in kinds:
        return lambda value: b"%d" % value if value.__class__ is int else _number(value)
    if "string" in kinds:
        nothing = b"null" if "null" in kinds else b'""'
        return lambda value: nothing if value is None else orjson.dumps(str(value))
    return _json


def _number(value: Any) -> bytes:
    """A number of text that is one (`"404"`), else the value as it is."""
    return b"%d" % int(value) if isinstance(value, str) and value.isdecimal() else _json(value)


def _json(value: Any) -> bytes:
    # orjson writes whole numbers of 64 bits at most; a client may ask for a page beyond.
    return orjson.dumps(value) if not isinstance(value, int) or abs(value) < 2**63 else b"%d" % value


def _record_field(schema: Mapping[str, Any]) -> Slot:
    name, write = schema["x-record"], _writer(schema)
    return lambda context: write(context.record.get(name))


_SLOTS: Mapping[str, Callable[[Mapping[str, Any]], bytes | Slot]] = {
    "const": _constant,
    "x-page": _page_slot,
    "x-error": _error_slot,
    "x-limit": _limit_slot,
    "x-token": _token_slot,
    "x-record": _record_field,
    "x-collection": _record,
}
"""What may stand in a response schema in place of properties, and what it is compiled to."""
