"""Planted faults in what an answer holds: fields of records, and the envelope around them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from contract_tests.records import MISSING, Field, list_fields
from mock_server.contract import find_pointer
from mock_server.messages import Request, Response
from tests.mutation.operation_mock import OperationMock, replace_body, set_pointer

Record = dict[str, Any]


def find_fields(mock: OperationMock, wanted: Callable[[str, Mapping[str, Any]], bool]) -> list[str]:
    """Required fields of the record, the key left out, whose schema is as wanted."""
    schema = mock.item_schema
    collection = mock.contract.collections.get(mock.operation.collection)
    key = collection.key if collection else ""
    properties: Mapping[str, Any] = schema.get("properties", {})
    return [n for n in schema.get("required", ()) if n != key and n in properties and wanted(n, properties[n])]


def _types(schema: Mapping[str, Any]) -> list[str]:
    types = schema.get("type", [])
    return types if isinstance(types, list) else [types]


def _any(name: str, schema: Mapping[str, Any]) -> bool:
    return True


def is_text(name: str, schema: Mapping[str, Any]) -> bool:
    """Whether a field holds text and nothing else but null."""
    return "string" in _types(schema) and "integer" not in _types(schema)


def _is_solid(name: str, schema: Mapping[str, Any]) -> bool:
    return "null" not in _types(schema) and bool(_types(schema))


def _has_enum(name: str, schema: Mapping[str, Any]) -> bool:
    return "enum" in schema


def _has_members(name: str, schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("properties")) and bool(schema.get("required"))


def _records(
    wanted: Callable[[str, Mapping[str, Any]], bool],
    fault: Callable[[Record, str], object],
    last_only: bool = False,
) -> tuple[Callable[[OperationMock], bool], Callable[[OperationMock, Request], Response]]:
    """A fault in the last field that is as wanted, of every record or of the last one."""

    def applies(mock: OperationMock) -> bool:
        return bool(mock.operation.collection) and bool(find_fields(mock, wanted))

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        if not mock.is_success(clean):
            return clean
        body, name = json.loads(clean.body), find_fields(mock, wanted)[-1]
        records = mock.records_of(body)
        for record in records[-1:] if last_only else records:
            if name in record:
                fault(record, name)
        return replace_body(clean, body)

    return applies, play


def _rename(record: Record, name: str) -> None:
    record[f"{name}_new"] = record.pop(name)


def _retype(record: Record, name: str) -> None:
    record[name] = 12.5 if isinstance(record[name], str) else str(record[name])


def _drop_member(record: Record, name: str) -> None:
    if isinstance(record[name], dict) and record[name]:
        record[name].pop(next(iter(record[name])))


def _put(value: Any) -> Callable[[Record, str], None]:
    return lambda record, name: record.__setitem__(name, value)


def _body(fault: Callable[[OperationMock, Any], Any]) -> Callable[[OperationMock, Request], Response]:
    """A fault in the whole body of a success."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        return replace_body(clean, fault(mock, json.loads(clean.body))) if mock.is_success(clean) else clean

    return play


def _flatten(mock: OperationMock, body: Any) -> Any:
    """The records without what is around them."""
    records = mock.records_of(body)
    return records if mock.listing else (records[0] if records else body)


def _rename_items(mock: OperationMock, body: Any) -> Any:
    assert mock.listing
    *above, last = mock.listing.places["items"].pointer.split("/")
    parent = find_pointer(body, "/".join(above))
    parent["results"] = parent.pop(last)
    return body


def _find_format(schema: Any, pointer: str = "") -> str:
    """A place whose text has a format, through the first record of a list."""
    if not isinstance(schema, Mapping):
        return ""
    if schema.get("format") in ("email", "uuid", "uri", "date-time"):
        return pointer
    below = {**{n: schema["properties"][n] for n in schema.get("properties", {})}, "0": schema.get("items")}
    return next((place for name, child in below.items() if (place := _find_format(child, f"{pointer}/{name}"))), "")


def _break_format(mock: OperationMock, body: Any) -> Any:
    pointer = _find_format(mock.operation.success.schema)
    if find_pointer(body, pointer) is not None:
        set_pointer(body, pointer, "not of that form")
    return body


def _null_items(mock: OperationMock, body: Any) -> Any:
    assert mock.listing
    set_pointer(body, mock.listing.places["items"].pointer, None)
    return body


def _text_total(mock: OperationMock, body: Any) -> Any:
    assert mock.listing
    pointer = mock.listing.places["total"].pointer
    set_pointer(body, pointer, str(find_pointer(body, pointer)))
    return body


def _constants(mock: OperationMock) -> list[str]:
    """Members of the envelope that are always the same."""
    schema = mock.operation.success.schema or {}
    return [name for name, child in schema.get("properties", {}).items() if "const" in child]


def _always(mock: OperationMock) -> bool:
    return True


def _listed(mock: OperationMock) -> bool:
    return mock.listing is not None


def _bytes(body: bytes) -> Callable[[OperationMock, Request], Response]:
    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        return clean._replace(body=body) if mock.is_success(clean) else clean

    return play


def _text(fault: Callable[[bytes], bytes]) -> Callable[[OperationMock, Request], Response]:
    """A fault in how the JSON of a success is written."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        return clean._replace(body=fault(clean.body)) if mock.is_success(clean) else clean

    return play


def _double_first(body: bytes) -> bytes:
    """The first member stands once more at the end, with another value."""
    value = json.loads(body)
    name = next(iter(value))
    return body.rstrip()[:-1] + b"," + json.dumps(name).encode() + b":null}"


def _latin(body: bytes) -> bytes:
    return json.dumps({**json.loads(body), "understudied": "\u00e9"}, ensure_ascii=False).encode("latin-1", "replace")


def _made_by(*methods: str) -> Callable[[OperationMock], list[Field]]:
    """Fields of a record by the method that makes them."""
    return lambda mock: [field for field in list_fields(mock.item_schema) if field.method in methods]


def _called_unique(mock: OperationMock) -> list[Field]:
    fields = list_fields(mock.item_schema)
    return [f for f in fields if len(f.path) == 1 and "unique" in f.schema.get("description", "") and f.name != "id"]


def _of_sibling(part: str) -> Callable[[OperationMock], list[Field]]:
    """Fields that are one part of the same place, where there are two of them."""

    def find(mock: OperationMock) -> list[Field]:
        fields = [field for field in list_fields(mock.item_schema) if field.sibling.endswith(part)]
        return fields if len(fields) > 1 else []

    return find


def _chosen_alike(mock: OperationMock) -> list[Field]:
    """Fields that are chosen from literal values, where there are two of them."""
    chosen = [field for field in list_fields(mock.item_schema) if field.method == "choose"]
    literal = [f for f in chosen if not str(f.arguments.get("otherwise", "$")).startswith("$")]
    return literal if len(literal) > 1 else []


def _unless_shown(mock: OperationMock) -> list[Field]:
    """Fields that are missing unless a sibling that is shown has some value."""
    fields = list_fields(mock.item_schema)
    names = {field.name for field in fields}
    return [f for f in fields if names & set(f.schema.get("x-missing", {}).get("unless") or {})]


def _incoherent(
    choose: Callable[[OperationMock], list[Field]],
    fault: Callable[[list[Record], Field], object],
) -> tuple[Callable[[OperationMock], bool], Callable[[OperationMock, Request], Response]]:
    """A fault in the last chosen field of a page's records, whose schemas all still hold."""

    def applies(mock: OperationMock) -> bool:
        return mock.listing is not None and bool(choose(mock))

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        if not mock.is_success(clean):
            return clean
        body = json.loads(clean.body)
        fault(mock.records_of(body), choose(mock)[-1])
        return replace_body(clean, body)

    return applies, play


def _change(change: Callable[[str], str], every: int = 1) -> Callable[[list[Record], Field], None]:
    """Texts of a field changed, in one record of so many by their place on the page."""

    def fault(records: list[Record], field: Field) -> None:
        for record in records[::every]:
            if field.is_given(record):
                set_pointer(record, field.pointer, change(field.text(record)))

    return fault


def _repeat(records: list[Record], field: Field) -> None:
    for record in records[1:]:
        set_pointer(record, field.pointer, field.value(records[0]))


def _swap(records: list[Record], field: Field) -> None:
    """Each record shows the next one's value."""
    values = [field.value(record) for record in records]
    for record, value in zip(records, values[1:] + values[:1], strict=True):
        if MISSING not in (value, field.value(record)):
            set_pointer(record, field.pointer, value)


RECORD_MUTANTS: tuple[tuple[Any, ...], ...] = (
    # Records
    ("a field renamed", "schema", *_records(_any, _rename)),
    ("a field dropped", "schema", *_records(_any, lambda r, n: r.pop(n))),
    ("a field dropped from the last record", "schema", *_records(_any, lambda r, n: r.pop(n), last_only=True)),
    ("a field retyped", "schema", *_records(is_text, _retype)),
    ("a field null", "schema", *_records(_is_solid, _put(None))),
    ("a field null in the last record", "schema", *_records(_is_solid, _put(None), last_only=True)),
    ("a value that is not listed", "schema", *_records(_has_enum, _put("Understudied"))),
    ("a format broken", "schema", lambda s: bool(_find_format(s.operation.success.schema)), _body(_break_format)),
    ("a field turned into a list", "schema", *_records(is_text, lambda r, n: r.__setitem__(n, [r[n]]))),
    ("a field turned into an object", "schema", *_records(is_text, lambda r, n: r.__setitem__(n, {"value": r[n]}))),
    ("a nested member dropped", "schema", *_records(_has_members, _drop_member)),
    ("a field added", "audit.field", *_records(_any, lambda r, n: r.__setitem__("understudied", 1))),
    # Envelopes
    ("envelope flattened", "schema", lambda s: bool(s.operation.collection), _body(_flatten)),
    ("records under another name", "schema", _listed, _body(_rename_items)),
    ("records are null", "schema", _listed, _body(_null_items)),
    ("total as text", "schema", lambda s: s.listing is not None and "total" in s.listing.places, _body(_text_total)),
    (
        "a constant changed",
        "schema",
        lambda s: bool(_constants(s)),
        _body(lambda s, b: {**b, _constants(s)[0]: "understudied"}),
    ),
    (
        "a member added to the envelope",
        "audit.field",
        lambda s: bool(s.operation.collection),
        _body(lambda s, b: {**b, "understudied": True}),
    ),
    # Nothing in them is of the documented API: the run ends as not reached.
    ("a body that is no JSON", "reached", _always, _bytes(b'{"status": "SUCCESS",}')),
    ("an empty body", "reached", _always, _bytes(b"")),
    # Records that do not agree
    ("a unique field repeated", "coherence.unique", *_incoherent(_called_unique, _repeat)),
    ("tax numbers of other records", "coherence", *_incoherent(_made_by("gstin"), _swap)),
    ("a member given against its sibling", "coherence.missing", *_incoherent(_unless_shown, _swap)),
    ("a country of another record", "coherence.equal", *_incoherent(_of_sibling(".country_alpha3"), _swap)),
    ("chosen members of another record", "coherence.agree", *_incoherent(_chosen_alike, _swap)),
    (
        "e-mails with blanks behind",
        "coherence.email",
        *_incoherent(_made_by("email_of"), _change(lambda text: text.ljust(60), every=3)),
    ),
    (
        "names as HTML",
        "coherence.text",
        *_incoherent(_made_by("name", "gulf_name"), _change(lambda t: f"{t} &amp; Co")),
    ),
    (
        "phone numbers as a spreadsheet has them",
        "coherence",
        *_incoherent(_made_by("phone"), _change(lambda t: "9.74E+10")),
    ),
    (
        "one e-mail for all records",
        "coherence.constant",
        *_incoherent(_made_by("email_of"), _change(lambda t: "a@example.com")),
    ),
    # How the JSON is written
    ("a byte order mark before the body", "schema", _always, _text(lambda b: b"\xef\xbb\xbf" + b)),
    ("a script after the body", "schema", _always, _text(lambda b: b + b"<script src='/debugbar'></script>")),
    ("a warning before the body", "schema", _always, _text(lambda b: b"<br />Warning: undefined index<br />" + b)),
    ("a body in Latin-1", "schema", _always, _text(_latin)),
    ("a member twice", "schema", _always, _text(_double_first)),
    ("the last bytes of the body lost", "schema", _always, _text(lambda b: b.rstrip()[:-1])),
    (
        "NaN for a number of the last record",
        "schema",
        *_records(lambda n, s: "integer" in _types(s), _put(float("nan")), last_only=True),
    ),
    (
        "a whole number with a fraction",
        "schema",
        *_records(
            lambda n, s: _types(s) == ["integer"],
            lambda r, n: r.__setitem__(n, float(r[n])),
        ),
    ),
)
"""As in `mutants`: name, checks, where it applies, how it is played."""
