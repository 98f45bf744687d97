"""Values as the text of a media type, but for XML: JSON, one record a line, fields, parts, tables, plain text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

BOUNDARY = "understudy-7f1c0a52b9d84e63"
"""Stands between the parts of every answer in parts: long enough that no record holds it."""

SOME_BYTES = bytes(range(256))
"""A file of a media type that nothing is known of: every byte once."""


def render_json(value: Any) -> bytes:
    """A value as JSON in UTF-8; whole numbers of any size stay whole."""
    try:
        return orjson.dumps(value)
    # Numbers beyond 64 bits, half a surrogate pair, nesting beyond 254 levels.
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _records(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def render_lines(value: Any) -> bytes:
    """A list as a JSON text a line; anything else as one line."""
    return b"".join(render_json(each) + b"\n" for each in _records(value))


def render_sequence(value: Any) -> bytes:
    """A list as JSON texts, each behind a record separator (RFC 7464)."""
    return b"".join(b"\x1e" + render_json(each) + b"\n" for each in _records(value))


def render_events(value: Any) -> bytes:
    """A list as server-sent events, a record each; a text that is made of events already stays as it is."""
    if isinstance(value, str) and value.startswith(("data:", "event:", "id:", ":")):
        return value.encode("utf-8", "replace")
    return b"".join(_event(each) for each in _records(value))


def _event(record: Any) -> bytes:
    text = render_text(record) if isinstance(record, str) else render_json(record)
    return b"".join(b"data: " + line + b"\n" for line in text.splitlines() or [b""]) + b"\n"


def render_text(value: Any) -> bytes:
    """A scalar as text, no value as none; lists and objects as JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return b"" if value is None else render_json(value)


def render_bytes(value: Any) -> bytes:
    """A value in a media type that nothing is known of: texts as they are, what has a structure as JSON."""
    return render_text(value) if value is not None else SOME_BYTES


def render_form(value: Any) -> bytes:
    """An object as a form: an entry of a list a field, objects below as JSON."""
    return urlencode([(name, render_text(each)) for name, each in _fields(value)]).encode()


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    members = value if isinstance(value, Mapping) else {"value": value}
    for name, member in members.items():
        for each in member if isinstance(member, list) else [member]:
            yield str(name), each


def render_parts(value: Any) -> bytes:
    """An object as parts between `BOUNDARY` (RFC 7578): texts as they are, anything else as JSON."""
    parts = [
        b'Content-Disposition: form-data; name="%s"\r\nContent-Type: %s\r\n\r\n%s'
        % (
            _quote(name).encode("utf-8", "replace"),
            b"application/json" if isinstance(each, (dict, list)) else b"text/plain; charset=utf-8",
            render_text(each),
        )
        for name, each in _fields(value)
    ]
    mark = b"--" + BOUNDARY.encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def _quote(name: str) -> str:
    """The name of a part as browsers write it: nothing in it ends the quotation or the line."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def render_csv(value: Any) -> bytes:
    """A list of objects as a table with a row of names; a text as it is, a list of lists as its rows."""
    if isinstance(value, str):
        return render_text(value)
    rows = _records(value)
    # Dictionaries, so that the columns stand in the order in which they are first seen.
    columns = list(dict.fromkeys(name for row in rows if isinstance(row, Mapping) for name in row))
    out = io.StringIO()
    writer = csv.writer(out)
    if columns:
        writer.writerow(columns)
    for row in rows:
        cells = [row.get(name) for name in columns] if isinstance(row, Mapping) else _records(row)
        writer.writerow([render_text(cell).decode() for cell in cells])
    return out.getvalue().encode("utf-8", "replace")
