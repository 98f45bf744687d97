"""The text of one file as plain values: JSON, or YAML 1.2 with text as keys, whatever its author's tool made of it.

Only a text that says nothing is refused. A key that stands twice counts as it stands last, a number that no client
could read counts as the nearest one; both are noted. Size, nesting and what aliases stand for are bounded before
anything is built.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any, NamedTuple

import orjson

from mock_server.errors import ContractError
from mock_server.openapi.collector import without_collector
from mock_server.openapi.numbers import (
    MAX_DEPTH,
    MAX_VALUES,
    Oddities,
    RefusedError,
    is_shallow,
    read_integer,
    read_number,
)
from mock_server.openapi.yaml_text import YamlError, describe_yaml_error, read_yaml

MAX_BYTES = 64 * 1024 * 1024
MAX_CHECKED = 1024 * 1024
"""JSON up to this size is searched for keys that stand twice; it takes five times as long as reading."""


class Text(NamedTuple):
    """What a text holds, and what was odd in it: line (0: not known) and problem."""

    value: Any
    oddities: tuple[tuple[int, str], ...] = ()


def read_text(content: bytes, file: str) -> Text:
    """The value of a file's content; `file` stands in what is raised.

    Raises: ContractError with what is wrong and in which line.
    """
    if len(content) > MAX_BYTES:
        raise ContractError(file, "", f"is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        with without_collector():
            return _read(content)
    except json.JSONDecodeError as error:
        raise ContractError(file, "", f"is not JSON: {error.msg} in line {error.lineno}") from None
    except YamlError as error:
        raise ContractError(file, "", f"is not YAML: {describe_yaml_error(error)}") from None
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, RefusedError) else f"cannot be read: {error}"
        raise ContractError(file, "", reason) from None


def _read(content: bytes) -> Text:
    oddities: Oddities = []
    text = _decode(content, oddities)
    if text.lstrip()[:1] in ("{", "["):
        try:
            value = _read_json(text, oddities)
        except json.JSONDecodeError as error:
            # A flow of YAML begins as JSON does, and without quotes is none.
            value = _read_flow(text, oddities, error)
    else:
        value = read_yaml(text, oddities)
    return Text(value, tuple(oddities))


def _decode(content: bytes, oddities: Oddities) -> str:
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        oddities.append((line, "is not UTF-8; what cannot be read counts as a question mark"))
        return content.decode(encoding, "replace")


def _read_json(text: str, oddities: Oddities) -> Any:
    if text.count(",") > MAX_VALUES:
        raise RefusedError(f"holds more than {MAX_VALUES:,} values")
    if len(text) > MAX_CHECKED and is_shallow(text):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass  # A number or half a character that it does not take; the slow one says what, or takes it.
    _require_shallow(text)
    if _HALF.search(text):
        text = _HALF.sub(r"\1\\ufffd", text)
        oddities.append((0, "holds halves of characters; they count as question marks"))
    reader = _JsonReader(oddities)
    return json.loads(text, object_pairs_hook=reader.mapping, parse_int=reader.integer, parse_float=reader.number)


_HALF = re.compile(
    r"(?<!\\)((?:\\\\)*)(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})",
)
"""Half of a pair that stands for one character: JSON may write it, and nothing can send it."""


_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def _require_shallow(text: str) -> None:
    depth = 0
    for sign in _NESTING.findall(text):
        if sign in ("{", "["):
            depth += 1
            if depth > MAX_DEPTH:
                raise RefusedError(f"is nested deeper than {MAX_DEPTH} levels")
        elif sign in ("}", "]"):
            depth -= 1


class _JsonReader:
    """What a mapping and a number of JSON is, and the oddities met."""

    def __init__(self, oddities: Oddities) -> None:
        self.oddities = oddities

    def mapping(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in mapping if names.count(name) > 1)
            self.oddities.append((0, f"the key {twice!r} stands twice in one object; the last one counts"))
        return mapping

    def integer(self, digits: str) -> int | float:
        return read_integer(digits, 10, self.oddities, 0)

    def number(self, digits: str) -> float:
        return read_number(digits)


def _read_flow(text: str, oddities: Oddities, error: json.JSONDecodeError) -> Any:
    try:
        return read_yaml(text, oddities)
    except YamlError:
        raise error from None
