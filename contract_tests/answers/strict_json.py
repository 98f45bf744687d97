"""Bodies read as RFC 8259 has them: what a lenient reader forgives, and the strict reader of a client does not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from contract_tests.findings import BREAKING, NOTE
from mock_server.contract import escape_pointer

SHOWN = 60
"""Characters of a body that are shown at a fault."""

NO_JSON_WORDS = "The body is no JSON"


class JsonFault(NamedTuple):
    """What is wrong with a body's text: where (a JSON Pointer, stars for indexes), and what stands there."""

    place: str
    problem: str
    actual: str
    grade: str = BREAKING


class _Number(float):
    """What stands for NaN or Infinity, with the word as it was written."""

    word = ""


class _Doubled(dict[str, Any]):
    """An object in which names stand twice: `doubled` has whether the values of each differ."""

    doubled: Mapping[str, bool] = {}


def find_json_faults(body: bytes) -> list[JsonFault]:
    """Where a body departs from RFC 8259, its value's own faults last; nothing of a body that is as it should be."""
    text, faults = _decode(body)
    try:
        value = json.loads(text, parse_constant=_constant, object_pairs_hook=_object)
    except RecursionError:
        return [*faults, JsonFault("", f"{NO_JSON_WORDS}: it is nested deeper than can be read", text[:SHOWN])]
    except json.JSONDecodeError as error:
        return [*faults, _explain(text, error)]
    return [*faults, *dict.fromkeys(_walk(value, ""))]


def _decode(body: bytes) -> tuple[str, list[JsonFault]]:
    """The text of a body, and what is wrong with its bytes."""
    mark, encoding = next((pair for pair in _MARKS.items() if body.startswith(pair[0])), (b"", ""))
    if mark:
        said = f"{NO_JSON_WORDS}: a byte order mark (BOM) stands before the value"
        faults = [JsonFault("", said, f"the bytes {mark.hex(' ')}")]
        body = body if encoding != "utf-8" else body.removeprefix(mark)
        return body.decode(encoding, "replace"), faults
    try:
        return body.decode("utf-8"), []
    except UnicodeDecodeError as error:
        around = body[max(0, error.start - 20) : error.start + 20]
        said = f"{NO_JSON_WORDS}: its bytes are not UTF-8, as an encoding of one byte a character leaves them"
        return body.decode("latin-1"), [JsonFault("", said, f"{around!r} at byte {error.start}")]


_MARKS: Mapping[bytes, str] = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def _constant(word: str) -> _Number:
    number = _Number("nan")
    number.word = word
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    doubled = _Doubled(plain)
    names = [name for name, _ in pairs]
    doubled.doubled = {
        name: any(repr(value) != repr(plain[name]) for known, value in pairs if known == name)
        for name in names
        if names.count(name) > 1
    }
    return doubled


def _walk(value: Any, place: str) -> Iterator[JsonFault]:
    """Faults inside a value that could be read."""
    if isinstance(value, _Number):
        yield JsonFault(place, f"{NO_JSON_WORDS}: NaN or Infinity stands for a number", value.word)
    elif isinstance(value, str):
        yield from _judge_text(value, place)
    elif isinstance(value, list):
        for each in value:
            yield from _walk(each, f"{place}/*")
    elif isinstance(value, dict):
        for name, differs in value.doubled.items() if isinstance(value, _Doubled) else ():
            grade = BREAKING if differs else NOTE
            yield JsonFault(f"{place}/{escape_pointer(name)}", _DOUBLED, f"{name} twice, with {_HOW[differs]}", grade)
        for name, each in value.items():
            yield from _walk(each, f"{place}/{escape_pointer(name)}")


_HOW = {True: "two values", False: "one value"}
_DOUBLED = "A name stands twice in one JSON object (duplicate): readers take one value or the other"


def _judge_text(text: str, place: str) -> Iterator[JsonFault]:
    if any("\ud800" <= character <= "\udfff" for character in text):
        shown = text.encode("utf-8", "backslashreplace").decode()[:SHOWN]
        yield JsonFault(place, "A text holds half of a surrogate pair, which is no character", shown)


def _explain(text: str, error: json.JSONDecodeError) -> JsonFault:
    """The fault of a text that is no JSON, in the words of its cause."""
    around = text[max(0, error.pos - SHOWN // 2) : error.pos + SHOWN // 2]
    cause = next((cause for cause, holds in _CAUSES.items() if holds(text, error)), "it cannot be read")
    shown = text[:SHOWN] if cause.startswith("text stands before") else around
    return JsonFault("", f"{NO_JSON_WORDS}: {cause}", f"{shown!r} at character {error.pos}")


def _reads(text: str, **how: Any) -> bool:
    try:
        json.loads(text, **how)
    except (ValueError, RecursionError):
        return False
    return True


def _has_prefix(text: str, error: json.JSONDecodeError) -> bool:
    start = re.search(r"[{\[]", text[1:])
    return error.pos <= len(text) - len(text.lstrip()) and bool(start) and _starts_value(text)


def _starts_value(text: str) -> bool:
    """Whether the text from some bracket on is a whole value: what stands before it is not of it."""
    places = [match.start() for match in re.finditer(r"[{\[]", text)][:50]
    return any(_reads(text[place:]) for place in places if place)


_CAUSES: Mapping[str, Callable[[str, json.JSONDecodeError], bool]] = {
    "it is empty": lambda text, error: not text.strip(),
    "text stands after the value": lambda text, error: error.msg.startswith("Extra data"),
    "a control character stands in a text": lambda text, error: _reads(text, strict=False),
    "a comma stands before a closing bracket": lambda text, error: _reads(re.sub(r",(\s*[}\]])", r"\1", text)),
    "text stands before the value": _has_prefix,
    "it is HTML or XML": lambda text, error: text.lstrip().startswith("<"),
    "it ends before its value does": lambda text, error: (
        error.pos >= len(text.rstrip())
        or (error.msg.startswith("Unterminated string") and "\n" not in text[error.pos :])
    ),
}


def find_written(schema: Any, value: Any, place: str = "") -> Iterator[JsonFault]:
    """Whole numbers written with a fraction or an exponent where an integer is documented: not all read them."""
    schema = schema if isinstance(schema, Mapping) else {}
    if isinstance(value, float) and value.is_integer() and "integer" in _types(schema):
        yield JsonFault(place, "An integer is written as a number with a fraction or an exponent", repr(value), NOTE)
    elif isinstance(value, list):
        for each in value:
            yield from find_written(schema.get("items"), each, f"{place}/*")
    elif isinstance(value, dict):
        for name, child in (schema.get("properties") or {}).items():
            if name in value:
                yield from find_written(child, value[name], f"{place}/{escape_pointer(name)}")


def _types(schema: Mapping[str, Any]) -> list[str]:
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    return [] if "number" in types else types
