"""Regular expressions and JSONPath of a tester's mapping: what they take is bounded, whatever they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mock_server.contract import find_matches
from mock_server.mappings.json_equality import read_json
from mock_server.openapi import Validators, find_pattern

MAX_EXPRESSION = 2_000
"""The longest expression, in characters."""


def compile_expression(pattern: str) -> Callable[[str], bool]:
    """A function that says whether a whole text is what a regular expression says; a dot is a line end as well.

    It takes time linear in the text; with look-around or back-references so many steps at most.
    Raises: ValueError with why a text is no expression.
    """
    whole = f"^(?s:{pattern})$"
    # By itself too: `a)|(b` would be an expression only between the parentheses.
    if len(pattern) > MAX_EXPRESSION or find_pattern(pattern) is None or find_pattern(whole) is None:
        raise ValueError(f"is no regular expression of at most {MAX_EXPRESSION:,} characters")
    validators, schema = Validators({}), {"type": "string", "pattern": whole}
    return lambda text: validators.is_valid(schema, text)


def compile_path(path: str) -> Callable[[str], list[str]]:
    """A function from a JSON text to what a JSONPath (RFC 9535) names in it, as texts; none for what is no JSON.

    What is null, or an empty object or array, is not there. Raises: ValueError with why a text is no JSONPath.
    """
    if len(path) > MAX_EXPRESSION:
        raise ValueError(f"is longer than {MAX_EXPRESSION:,} characters")
    try:
        find_matches({}, path)
    except ValueError as error:
        raise ValueError(f"is no JSONPath: {error}") from None

    def find(text: str) -> list[str]:
        try:
            values = [match.value for match in find_matches(read_json(text), path)]
        except ValueError:
            return []
        return [_as_text(value) for value in values if value is not None and value not in ({}, [])]

    return find


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
