"""JSON from a client, read as RFC 8259 and I-JSON have it: no name twice, no NaN, nothing that cannot be sent on."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

MAX_DEPTH = 100
"""Deeper values are refused: what validates and renders them follows them level by level."""


def read_json(text: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises ValueError with a sentence that reads on from the place: `is no JSON: ... at line 2, column 7`.
    """
    if text.startswith(b"\xef\xbb\xbf"):
        raise ValueError("begins with a byte order mark, which JSON has not")
    try:
        value = json.loads(
            text.decode(),
            object_pairs_hook=_read_members,
            parse_constant=_refuse_constant,
            parse_float=_read_float,
        )
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise ValueError(f"is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        # Python's own sentence about whole numbers of thousands of digits names a function of Python's.
        raise ValueError("holds a number of too many digits" if "int_max_str" in str(error) else str(error)) from None
    _require_depth(text, value)
    _require_characters(text, value)
    return value


def find_json(text: str) -> Any:
    """The array or object that a text is in JSON, or None."""
    try:
        value = read_json(text.encode("utf-8", "replace")) if text[:1] in ("{", "[") else None
    except ValueError:
        return None
    return value if isinstance(value, (list, dict)) else None


def _read_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name, times in Counter(names).items() if times > 1)
        raise ValueError(f"has the name {twice[:100]!r} twice in one object")
    return members


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"holds {name}, which is no JSON")


def _read_float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"holds the number {text[:30]}, which is too large")
    return value


def _require_depth(text: bytes, value: Any) -> None:
    if text.count(b"[") + text.count(b"{") <= MAX_DEPTH:
        return
    level, depth = [value], 0
    while level:
        level = [
            child
            for each in level
            if isinstance(each, (list, dict))
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"is nested deeper than {MAX_DEPTH} levels")


def _require_characters(text: bytes, value: Any) -> None:
    """Half a surrogate pair is no character: no answer could repeat it."""
    if b"\\ud" in text.lower():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("holds half a surrogate pair") from None
